//! The picture of the directory: the field, the results, one person in detail.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::{Annuaire, Message, Results};
use crate::domain::address::EmailAddress;
use crate::domain::person::{DirectoryMailbox, MailboxKind, Person};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::{Badge, RowContent, list};
use crate::gui::{Element, ui};

/// Name of the search field, to focus it when the panel opens.
pub const FIELD: &str = "annuaire-search";

impl Annuaire {
    /// The panel.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let search = ui::field(look, &context.text("annuaire-hint"), &self.query)
            .id(FIELD)
            .on_input(Message::Typed)
            .on_submit(Message::Accept);
        let top = column![self.heading(context), search].spacing(space::S).padding(space::L);
        let results = container(self.results_view(context)).height(Length::FillPortion(3));
        let mut panel = column![top, results, ui::divider(look)].height(Length::Fill);
        panel = match &self.detail {
            Some(person) => {
                panel.push(container(self.detail_view(person, context)).height(Length::FillPortion(2)))
            }
            None => panel.push(foot(context)),
        };
        container(panel).width(Length::Fill).height(Length::Fill).style(ui::panel(look)).into()
    }

    fn heading<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let date = self.status.as_ref().map(|status| match &status.data_date {
            _ if status.mailboxes == 0 => context.text("annuaire-none-loaded"),
            Some(date) => context.with("annuaire-data-date", &[("date", date)]),
            None => context.text("annuaire-data-undated"),
        });
        row![
            ui::title(look, context.text("annuaire-title")).width(Length::Fill),
            ui::caption(look, date.unwrap_or_default()),
        ]
        .spacing(space::S)
        .align_y(Alignment::Center)
        .into()
    }

    fn results_view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        match &self.results {
            Results::Blank => ui::empty(
                look,
                Icon::Directory,
                context.text("annuaire-blank"),
                context.text("annuaire-blank-detail"),
            ),
            Results::Searching => iced::widget::space().height(Length::Fill).into(),
            Results::Failed(error) => {
                let sentence = context.wording.error(error);
                let banner = ui::banner(look, Tone::Warning, sentence.what, sentence.advice, Vec::new());
                container(banner).padding(space::L).height(Length::Fill).into()
            }
            Results::Found(found) if found.people.is_empty() && found.near.is_empty() => self.nobody(context),
            Results::Found(found) => {
                let (exact, near) = (found.people.len(), found.near.len());
                let rows = exact + near + usize::from(near > 0);
                let total = u32::try_from(rows).unwrap_or(u32::MAX);
                let cursor = self.cursor.and_then(|at| u32::try_from(at).ok());
                let content = move |index: u32| {
                    let index = index as usize;
                    if index == exact && near > 0 {
                        return Some(RowContent::heading(context.text("annuaire-near")));
                    }
                    self.entry(index).map(|person| person_row(person, context))
                };
                let people = list(look, total, content, Message::List)
                    .selected(move |index| cursor == Some(index))
                    .cursor(cursor)
                    .key(self.generation)
                    .follows_keys(true)
                    .id("annuaire-list");
                let mut results = column![ui::divider(look), people].height(Length::Fill);
                if found.more {
                    let more = ui::caption(look, context.text("annuaire-more"));
                    results = results.push(container(more).padding([space::S, space::L]));
                }
                results.into()
            }
        }
    }

    /// Nobody: the person may be on the red list, so an address can be typed.
    fn nobody<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let empty = ui::empty(
            look,
            Icon::Search,
            context.text("annuaire-nobody"),
            context.text("annuaire-nobody-detail"),
        );
        let Some(address) = self.typed_address() else { return empty };
        let label = context.with("annuaire-write-to", &[("address", address.as_str())]);
        let write = ui::primary(look, label).icon(Icon::Compose).on_press(Message::WriteTyped(address));
        column![container(write).padding(space::L), empty].height(Length::Fill).into()
    }

    fn detail_view<'a>(&'a self, person: &'a Person, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let close = ui::icon_button(look, Icon::Close, context.text("annuaire-close"), Some(Message::Back));
        let mut who = column![ui::title(look, person.display_name()), ui::body(look, trade(person, context))];
        if person.specialties.len() > 1 {
            who = who.push(ui::caption(look, person.specialties.join(", ")));
        }
        if let Some(rpps) = person.rpps() {
            who = who.push(ui::caption(look, context.with("annuaire-rpps", &[("rpps", rpps)])));
        }
        let mut content =
            column![row![who.spacing(2.0).width(Length::Fill), close]].spacing(space::M).padding(space::L);
        for (index, mailbox) in person.mailboxes.iter().enumerate() {
            content = content.push(self.mailbox_card(index, mailbox, context));
        }
        ui::scroll(look, content).width(Length::Fill).height(Length::Fill).into()
    }

    fn mailbox_card<'a>(
        &'a self,
        index: usize,
        mailbox: &'a DirectoryMailbox,
        context: Context<'a>,
    ) -> Element<'a, Message> {
        let look = context.look;
        let kind = Badge::new(Tone::Neutral, context.text(kind_key(mailbox.kind)));
        let place = join([&mailbox.structure, &mailbox.service]);
        let town = [mailbox.postal_code.as_str(), &mailbox.city].join(" ").trim().to_owned();
        let mut lines = column![row![ui::badge(look, &kind)].spacing(space::S)].spacing(2.0);
        if !place.is_empty() {
            lines = lines.push(ui::body(look, place));
        }
        if !town.is_empty() {
            lines = lines.push(ui::caption(look, town));
        }
        lines = lines.push(ui::caption(look, mailbox.address.to_string()));
        if mailbox.paperless == Some(true) {
            lines = lines.push(ui::caption(look, context.text("annuaire-paperless")));
        }
        let is_copied = self.copied.as_ref() == Some(&mailbox.address);
        let copy = context.text(if is_copied { "annuaire-copied" } else { "annuaire-copy" });
        let buttons = row![
            ui::primary(look, context.text("annuaire-write"))
                .icon(Icon::Compose)
                .on_press(Message::Write(index)),
            ui::secondary(look, copy).icon(Icon::Copy).on_press(Message::Copy(mailbox.address.clone())),
        ];
        ui::card(look, column![lines, buttons.spacing(space::S)].spacing(space::M)).width(Length::Fill).into()
    }
}

fn foot<'a>(context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let keys = row![
        ui::key_cap(look, "↑"),
        ui::key_cap(look, "↓"),
        ui::key_cap(look, context.text("annuaire-key-enter")),
    ];
    let content =
        column![ui::caption(look, context.text("annuaire-foot")), keys.spacing(space::XS)].spacing(space::XS);
    container(content).padding([space::M, space::L]).into()
}

/// One result: who, what trade, where and how many mailboxes, and the end of the national identifier.
fn person_row(person: &Person, context: Context<'_>) -> RowContent {
    let first = person.mailboxes.first();
    let place = first.map(|mailbox| join([&mailbox.structure, &mailbox.city])).unwrap_or_default();
    let boxes = context.with("annuaire-mailboxes", &[("count", &person.mailboxes.len().to_string())]);
    RowContent {
        is_strong: true,
        title: person.display_name(),
        line: trade(person, context),
        detail: [place, boxes, rpps_end(person, context)]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        ..RowContent::default()
    }
}

/// `RPPS …4417`: enough to tell homonyms apart.
fn rpps_end(person: &Person, context: Context<'_>) -> String {
    let end = person.rpps().and_then(|rpps| rpps.get(rpps.len().saturating_sub(4)..));
    end.map(|end| context.with("annuaire-rpps-end", &[("end", end)])).unwrap_or_default()
}

fn trade(person: &Person, context: Context<'_>) -> String {
    if person.is_organisation() {
        return context.text("annuaire-organisation");
    }
    let specialty = person.specialties.first().cloned().unwrap_or_default();
    join([&person.profession, &specialty])
}

fn join(parts: [&String; 2]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · ")
}

fn kind_key(kind: MailboxKind) -> &'static str {
    match kind {
        MailboxKind::Per => "annuaire-kind-personal",
        MailboxKind::Org => "annuaire-kind-organisation",
        MailboxKind::App => "annuaire-kind-application",
        MailboxKind::Cab => "annuaire-kind-practice",
    }
}

/// The typed address as an entry nobody vouches for, so that it travels as the others do.
pub(super) fn unlisted(address: EmailAddress) -> Person {
    let mailbox = DirectoryMailbox {
        address: address.clone(),
        kind: MailboxKind::Per,
        structure: String::new(),
        service: String::new(),
        city: String::new(),
        postal_code: String::new(),
        paperless: None,
        structure_id: String::new(),
    };
    Person {
        key: address.to_string(),
        title: String::new(),
        family_name: address.to_string(),
        given_name: String::new(),
        profession: String::new(),
        specialties: Vec::new(),
        mailboxes: vec![mailbox],
        places: Vec::new(),
    }
}
