//! The picture of the directory: the field, the results, one person in detail.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::{Annuaire, Entry, Message, Only, Results, card};
use crate::domain::contact::{Contact, Group, Mark};
use crate::domain::directory::STALE_AFTER_DAYS;
use crate::domain::person::Person;
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
        let top = column![self.heading(context), search, self.filters(context)]
            .spacing(space::S)
            .padding(space::L)
            .extend(self.trades(context))
            .extend(self.import_view(context));
        let results = container(self.results_view(context)).height(Length::FillPortion(2));
        let mut panel = column![top, results, ui::divider(look)].height(Length::Fill);
        let below = match (&self.detail, &self.me) {
            (Some(detail), _) => Some(card::view(self, detail, context)),
            (None, Some(me)) => Some(card::me(self, me, context)),
            (None, None) => None,
        };
        panel = match below {
            Some(below) => panel.push(container(below).height(Length::FillPortion(3))),
            None => panel.push(foot(context)),
        };
        container(panel).width(Length::Fill).height(Length::Fill).style(ui::panel(look)).into()
    }

    fn heading<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let me = ui::quiet(look, context.text("annuaire-me")).icon(Icon::Person).on_press(Message::Me);
        let title = row![ui::title(look, context.text("annuaire-title")).width(Length::Fill), me]
            .spacing(space::S)
            .align_y(Alignment::Center);
        column![title, self.date(context)].spacing(2.0).into()
    }

    /// Of when the data are; a warning once they may mislead.
    fn date<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let Some(status) = &self.status else { return ui::caption(look, "").into() };
        let date = match &status.data_date {
            _ if status.mailboxes == 0 => context.text("annuaire-none-loaded"),
            Some(date) => context.with("annuaire-data-date", &[("date", date)]),
            None => context.text("annuaire-data-undated"),
        };
        let age = status.age_in_days(context.now).filter(|days| *days > STALE_AFTER_DAYS);
        match age {
            Some(days) => {
                let old = context.with("annuaire-data-old", &[("days", &days.to_string())]);
                let badge = Badge::new(Tone::Warning, old).icon(Icon::Warning);
                row![ui::caption(look, date), ui::badge(look, &badge)]
                    .spacing(space::S)
                    .align_y(Alignment::Center)
                    .wrap()
                    .into()
            }
            None => ui::caption(look, date).into(),
        }
    }

    fn filters<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let kinds = [
            (Only::Everybody, context.text("annuaire-only-everybody")),
            (Only::People, context.text("annuaire-only-people")),
            (Only::Services, context.text("annuaire-only-services")),
        ];
        row![
            ui::segmented(look, kinds, self.only, Message::Only),
            ui::checkbox(look, context.text("annuaire-near-me"), self.near_me, Message::NearMe),
        ]
        .spacing(space::M)
        .align_y(Alignment::Center)
        .wrap()
        .vertical_spacing(space::S)
        .into()
    }

    /// The import under way; searches go on with the old data.
    fn import_view<'a>(&'a self, context: Context<'a>) -> Option<Element<'a, Message>> {
        let look = context.look;
        let import = self.import?;
        let percent = import.percent.map_or_else(|| "unknown".to_owned(), |percent| percent.to_string());
        let key = match import.phase {
            crate::engine::ImportPhase::Receiving => "annuaire-import-receiving",
            crate::engine::ImportPhase::Reading => "annuaire-import-reading",
            crate::engine::ImportPhase::Indexing => "annuaire-import-indexing",
        };
        let words = ui::caption(look, context.with(key, &[("percent", &percent)])).width(Length::Fill);
        let stop = ui::link(look, context.text("annuaire-import-cancel")).on_press(Message::CancelImport);
        let line = row![words, stop].spacing(space::S).align_y(Alignment::Center);
        let share = import.percent.map(|percent| f32::from(percent) / 100.0);
        Some(column![line, ui::progress(look, share)].spacing(space::XS).into())
    }

    fn results_view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let entries = self.entries();
        match &self.results {
            Results::Blank if entries.is_empty() => self.blank(context),
            Results::Searching => iced::widget::space().height(Length::Fill).into(),
            Results::Failed(error) => {
                let sentence = context.wording.error(error);
                let banner = ui::banner(look, Tone::Warning, sentence.what, sentence.advice, Vec::new());
                container(banner).padding(space::L).height(Length::Fill).into()
            }
            Results::Found(_) if entries.is_empty() => self.nobody(context),
            Results::Found(_) | Results::Blank => {
                let total = u32::try_from(entries.len()).unwrap_or(u32::MAX);
                let cursor = self.cursor.and_then(|at| u32::try_from(at).ok());
                let content = move |index: u32| {
                    entries.get(index as usize).map(|entry| match entry {
                        Entry::Heading(key) => RowContent::heading(context.text(key)),
                        Entry::Group(group) => group_row(group, context),
                        Entry::Person(person) => person_row(person, self.mark(person), context),
                        Entry::LdapHeading => RowContent::heading(
                            context.with("annuaire-ldap-heading", &[("server", self.ldap.server())]),
                        ),
                        Entry::Ldap(person, is_confirmed) => ldap_row(person, *is_confirmed, context),
                    })
                };
                let people = list(look, total, content, Message::List)
                    .selected(move |index| cursor == Some(index))
                    .cursor(cursor)
                    .key(self.generation)
                    .follows_keys(true)
                    .whole()
                    .id("annuaire-list");
                let mut results = column![ui::divider(look), people].height(Length::Fill);
                if matches!(&self.results, Results::Found(found) if found.more) {
                    let more = ui::caption(look, context.text("annuaire-more"));
                    results = results.push(container(more).padding([space::S, space::L]));
                }
                results.extend(self.ldap_view(context)).into()
            }
        }
    }

    /// Nothing typed and nobody known; or no directory at all, and where to get one.
    fn blank<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        if self.status.as_ref().is_some_and(|status| status.mailboxes == 0) {
            let settings = ui::primary(look, context.text("annuaire-load")).on_press(Message::OpenSettings);
            let empty = ui::empty(
                look,
                Icon::Directory,
                context.text("annuaire-not-loaded"),
                context.text("annuaire-not-loaded-detail"),
            );
            return column![container(settings).padding(space::L), empty].height(Length::Fill).into();
        }
        ui::empty(
            look,
            Icon::Directory,
            context.text("annuaire-blank"),
            context.text("annuaire-blank-detail"),
        )
    }

    /// What the user knows of somebody.
    fn mark(&self, person: &Person) -> Mark {
        let of = |contact: &Contact| Mark {
            favourite: contact.favourite,
            used: contact.last_used.is_some(),
            gone: contact.gone.clone(),
            preferred: contact.preferred.clone(),
        };
        let known = self.contacts.iter().find(|contact| contact.person.key == person.key);
        known.map(of).unwrap_or_default()
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
        let Some(address) = self.typed_address() else {
            return column![].extend(self.ldap_view(context)).push(empty).height(Length::Fill).into();
        };
        let label = context.with("annuaire-write-to", &[("address", address.as_str())]);
        let write = ui::primary(look, label).icon(Icon::Compose).on_press(Message::WriteTyped(address));
        column![container(write).padding(space::L)]
            .extend(self.ldap_view(context))
            .push(empty)
            .height(Length::Fill)
            .into()
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

fn group_row(group: &Group, context: Context<'_>) -> RowContent {
    let names: Vec<String> = group.members.iter().take(4).map(|m| m.person.display_name()).collect();
    let gone = group.members.iter().filter(|member| member.gone.is_some()).count();
    let badges =
        (gone > 0).then(|| Badge::new(Tone::Warning, context.text("annuaire-gone")).icon(Icon::Warning));
    RowContent {
        is_strong: true,
        title: group.name.clone(),
        line: context.with("annuaire-members", &[("count", &group.members.len().to_string())]),
        detail: names.join(", "),
        badges: badges.into_iter().collect(),
        ..RowContent::default()
    }
}

/// One result: who and the end of the national identifier, what trade, where and how many mailboxes.
fn person_row(person: &Person, mark: Mark, context: Context<'_>) -> RowContent {
    let structure = person.mailboxes.iter().map(|m| &m.structure).find(|name| !name.is_empty());
    let town = person.town().map(|(city, _)| city.to_owned()).unwrap_or_default();
    let place = join([&town, &structure.cloned().unwrap_or_default()]);
    let boxes = context.with("annuaire-mailboxes", &[("count", &person.mailboxes.len().to_string())]);
    let mut badges = Vec::new();
    if !mark.gone.is_empty() {
        badges.push(Badge::new(Tone::Warning, context.text("annuaire-gone")).icon(Icon::Warning));
    } else if mark.used {
        badges.push(Badge::new(Tone::Neutral, context.text("annuaire-used")).icon(Icon::History));
    }
    RowContent {
        is_strong: true,
        title: person.display_name(),
        line: trade(person, context),
        detail: join([&place, &boxes]),
        // where no label is put over it: without it homonyms of one town are the same
        corner: rpps_end(person, context),
        corner_icons: mark.favourite.then_some(Icon::Star).into_iter().collect(),
        badges,
        ..RowContent::default()
    }
}

/// Somebody of the LDAP directory: nothing the user knows of somebody else with that number is said of them.
fn ldap_row(person: &Person, is_confirmed: bool, context: Context<'_>) -> RowContent {
    let badge = match is_confirmed {
        true => Badge::new(Tone::Neutral, context.text("annuaire-ldap-confirmed")).icon(Icon::Verified),
        false => Badge::new(Tone::Warning, context.text("annuaire-unlisted")).icon(Icon::Warning),
    };
    RowContent { badges: vec![badge], ..person_row(person, Mark::default(), context) }
}

/// `RPPS …4417`: enough to tell homonyms apart.
fn rpps_end(person: &Person, context: Context<'_>) -> String {
    let end = person.rpps().and_then(|rpps| rpps.get(rpps.len().saturating_sub(4)..));
    end.map(|end| context.with("annuaire-rpps-end", &[("end", end)])).unwrap_or_default()
}

pub(super) fn trade(person: &Person, context: Context<'_>) -> String {
    if person.is_organisation() {
        let service = person.mailboxes.first().map(|m| m.service.clone()).unwrap_or_default();
        return join([&context.text("annuaire-organisation"), &service]);
    }
    if person.profession.is_empty() && person.rpps().is_none() {
        return context.text("annuaire-unlisted");
    }
    let specialty = person.specialties.first().cloned().unwrap_or_default();
    join([&person.profession, &specialty])
}

pub(super) fn join(parts: [&String; 2]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · ")
}
