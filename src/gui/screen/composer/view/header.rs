//! From, recipients with what is known of each, subject.

use iced::widget::{column, container, row};
use iced::{Alignment, Border, Length};

use super::super::recipients::{Chip, Proposals};
use super::super::{Composer, Field, Message};
use super::arrows::arrows;
use crate::domain::contact::{Choice, Group, Mark};
use crate::domain::person::Person;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::screen::mailbox::Standing;
use crate::gui::theme::{RADIUS, Tone, space};
use crate::gui::widget::{Badge, PressStatus, PressStyle, press};
use crate::gui::{Element, ui};

/// Width of the names of the fields.
const LABEL: f32 = 56.0;

pub(super) fn view<'a>(composer: &'a Composer, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut lines =
        column![from(composer, context), ui::divider(look), recipients(composer, Field::To, context)];
    if composer.copies {
        lines = lines
            .push(ui::divider(look))
            .push(recipients(composer, Field::Cc, context))
            .push(ui::divider(look))
            .push(recipients(composer, Field::Bcc, context));
    }
    lines = lines.push(ui::divider(look)).push(subject(composer, context));
    ui::card(look, lines).padding(1.0).width(Length::Fill).into()
}

fn line<'a>(
    context: Context<'a>,
    key: &str,
    content: impl Into<Element<'a, Message>>,
) -> Element<'a, Message> {
    let label = container(ui::caption(context.look, context.text(key))).width(context.look.px(LABEL));
    row![label, container(content).width(Length::Fill)]
        .align_y(Alignment::Center)
        .padding([3.0, space::M])
        .into()
}

fn from<'a>(composer: &'a Composer, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let accounts = composer.accounts.iter().map(|account| {
        let is_chosen = account.id == composer.account;
        let address = account.config.address.to_string();
        if composer.accounts.len() == 1 {
            let name = ui::body(look, account.config.display_name.replace('_', " "));
            return row![name, ui::caption(look, address)]
                .spacing(space::S)
                .align_y(Alignment::Center)
                .into();
        }
        ui::quiet(look, address).chosen(is_chosen).height(28.0).on_press(Message::SendFrom(account.id)).into()
    });
    let content =
        container(row(accounts).spacing(space::XS)).height(look.px(32.0)).align_y(Alignment::Center);
    line(context, "composer-from", content)
}

fn subject<'a>(composer: &'a Composer, context: Context<'a>) -> Element<'a, Message> {
    let field = bare(context, "", &composer.subject).id("composer-subject").on_input(Message::Subject);
    line(context, "composer-subject", field)
}

/// A field without border: the card around it is its frame.
fn bare<'a>(context: Context<'a>, hint: &str, value: &str) -> iced::widget::TextInput<'a, Message> {
    let look = context.look;
    let style = ui::input_style(look);
    ui::field(look, hint, value).padding([6.0, 0.0]).style(move |theme, status| {
        iced::widget::text_input::Style { border: Border::default(), ..style(theme, status) }
    })
}

fn recipients<'a>(composer: &'a Composer, field: Field, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let key = field.name();
    let content_line = composer.line(field);
    let hint =
        if content_line.chips.is_empty() { context.text("composer-recipient-hint") } else { String::new() };
    let input = bare(context, &hint, &content_line.typed)
        .id(key)
        .on_input(move |text| Message::Type(field, text))
        .on_submit(Message::Accept(field))
        .width(look.px(280.0));
    let content = row(content_line.chips.iter().map(|chip| chip_view(chip, composer, context)))
        .spacing(space::S)
        .align_y(Alignment::Center)
        .push(input);
    let mut whole = row![container(content.wrap().vertical_spacing(space::XS)).width(Length::Fill)];
    if field == Field::To && !composer.copies {
        whole = whole.push(ui::link(look, context.text("composer-copies")).on_press(Message::ShowCopies));
    }
    // the same tree with and without proposals: the field would else lose its cursor when they come
    let mut lines = column![line(context, key, whole.align_y(Alignment::Center))];
    if composer.field == field && composer.proposals.is_open() {
        let list = container(proposals(composer, context)).padding([space::XS, space::M]);
        lines = lines.push(list).push(arrows());
    }
    let indent = look.px(LABEL) + space::M;
    let hints = content_line.chips.iter().filter_map(|chip| super::preference::hint(chip, composer, context));
    let hints = hints.map(|hint| {
        container(hint).padding(iced::Padding::ZERO.left(indent).right(space::M).bottom(space::XS)).into()
    });
    lines.extend(hints).into()
}

fn chip_view<'a>(chip: &'a Chip, composer: &'a Composer, context: Context<'a>) -> Element<'a, Message> {
    let recipient = &chip.recipient;
    let name = recipient.name.clone().unwrap_or_else(|| recipient.address.to_string());
    let badge = match &chip.standing {
        Standing::Asked => Badge::new(Tone::Neutral, name).icon(Icon::History),
        Standing::Verified(person) => {
            let known = crate::gui::screen::mailbox::trade(person, recipient.address.as_str(), context);
            let why = super::preference::reason(chip, composer, context).unwrap_or_default();
            let label: Vec<String> = [name, known, why].into_iter().filter(|part| !part.is_empty()).collect();
            let label = label.join(" · ");
            Badge::new(Tone::Accent, label).icon(Icon::Verified)
        }
        Standing::Patient => {
            Badge::new(Tone::Accent, format!("{name} · {}", context.text("composer-patient")))
                .icon(Icon::Person)
        }
        Standing::Unlisted => {
            Badge::new(Tone::Neutral, format!("{name} · {}", context.text("composer-unlisted")))
                .icon(Icon::Help)
        }
        Standing::Outside => {
            Badge::new(Tone::Warning, format!("{name} · {}", context.text("composer-outside-chip")))
                .icon(Icon::Warning)
        }
    };
    let remove = context.with("composer-remove-one", &[("address", recipient.address.as_str())]);
    let other = chip.has_other_mailboxes().then(|| Message::OtherMailbox(recipient.address.clone()));
    let chip =
        ui::chip(context.look, &badge, other, Some((remove, Message::Remove(recipient.address.clone()))));
    ui::tooltip(context.look, chip, recipient.address.to_string())
}

fn proposals<'a>(composer: &'a Composer, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let content: Element<'a, Message> = match &composer.proposals {
        Proposals::Closed => iced::widget::space().into(),
        Proposals::Failed(error) => ui::caption(look, context.wording.error(error).what).into(),
        Proposals::People { found, .. }
            if found.people.is_empty() && found.near.is_empty() && found.groups.is_empty() =>
        {
            ui::caption(look, context.text("composer-nobody")).into()
        }
        Proposals::People { found, cursor } => {
            let groups = found.groups.len();
            let exact = groups + found.people.len();
            let mut list = column![];
            for (at, group) in found.groups.iter().enumerate() {
                let (title, detail) = group_texts(group, context);
                list = list.push(option(at, *cursor == Some(at), title, detail, context));
            }
            let people = found.people.iter().chain(&found.near);
            for (at, person) in (groups..).zip(people) {
                if at == exact {
                    let near = ui::caption(look, context.text("annuaire-near"));
                    list = list.push(container(near).padding([space::XS, space::S]));
                }
                let (title, mut detail) = person_texts(person, context);
                if let Some(mark) = found.marks.get(&person.key).map(|mark| mark_text(mark, context))
                    && !mark.is_empty()
                {
                    detail = [detail, mark].join(" · ");
                }
                list = list.push(option(at, *cursor == Some(at), title, detail, context));
            }
            if exact + found.near.len() > 1 {
                list = list.push(
                    container(ui::caption(look, context.text("composer-choose")))
                        .padding([space::XS, space::S]),
                );
            }
            list.into()
        }
        Proposals::Mailboxes { contact, cursor, .. } => {
            let person = &contact.person;
            let question = context.with("composer-which-mailbox", &[("name", &person.display_name())]);
            let boxes = person.mailboxes.iter().enumerate().map(|(at, mailbox)| {
                let place = [&mailbox.structure, &mailbox.service, &mailbox.city];
                let mut facts: Vec<String> =
                    place.into_iter().filter(|part| !part.is_empty()).cloned().collect();
                let preferred = contact.preferred.each().filter(|(_, address)| **address == mailbox.address);
                facts.extend(preferred.map(|(kind, _)| super::preference::preferred_for(kind, context)));
                option(at, *cursor == Some(at), mailbox.address.to_string(), facts.join(" · "), context)
            });
            let mut list =
                column![container(ui::caption(look, question)).padding([space::XS, space::S]), column(boxes)];
            if let Choice::Gone { address, kind } = contact.mailbox_for(&composer.kinds.of) {
                let gone = super::preference::gone(person, kind, address.as_str(), context);
                let colours = look.palette.tone(Tone::Warning);
                let icon = ui::icon(look, Icon::Warning, 14.0, colours.text);
                let line = row![icon, ui::caption(look, gone)].spacing(space::S).align_y(Alignment::Center);
                list = list.push(container(line).padding([space::XS, space::S]));
            }
            list.into()
        }
    };
    ui::card(look, content).padding(space::XS).width(Length::Fill).into()
}

fn group_texts(group: &Group, context: Context<'_>) -> (String, String) {
    let count = context.with("annuaire-members", &[("count", &group.members.len().to_string())]);
    (group.name.clone(), count)
}

/// What the user knows of somebody, in words.
fn mark_text(mark: &Mark, context: Context<'_>) -> String {
    let key = match mark {
        mark if !mark.gone.is_empty() => "annuaire-gone",
        Mark { used: true, .. } => "annuaire-used",
        Mark { favourite: true, .. } => "annuaire-favourite",
        // a note, a group or a preferred mailbox alone says nothing here
        _ => return String::new(),
    };
    context.text(key)
}

/// Name, then what tells homonyms apart: trade, town, mailboxes, end of the RPPS.
fn person_texts(person: &Person, context: Context<'_>) -> (String, String) {
    let address = person.mailboxes.first().map_or("", |mailbox| mailbox.address.as_str());
    let boxes = context.with("annuaire-mailboxes", &[("count", &person.mailboxes.len().to_string())]);
    let end = person.rpps().and_then(|rpps| rpps.get(rpps.len().saturating_sub(4)..));
    let end = end.map(|end| context.with("annuaire-rpps-end", &[("end", end)])).unwrap_or_default();
    let structure = person.mailboxes.iter().map(|m| &m.structure).find(|name| !name.is_empty());
    let first_town = person.mailboxes.first().is_some_and(|m| !m.city.is_empty());
    let town = person.town().filter(|_| !first_town).map(|(city, _)| city.to_owned());
    let place = [structure.cloned(), town].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let trade = crate::gui::screen::mailbox::trade(person, address, context);
    let detail: Vec<String> =
        [trade, place, boxes, end].into_iter().filter(|part| !part.is_empty()).collect();
    (person.display_name(), detail.join(" · "))
}

fn option<'a>(
    at: usize,
    is_pointed: bool,
    title: String,
    detail: String,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let p = look.palette;
    let content =
        row![ui::strong(look, title), ui::caption(look, detail)].spacing(space::S).align_y(Alignment::Center);
    press(content.wrap(), move |status| PressStyle {
        background: match status {
            _ if is_pointed => Some(p.selection),
            PressStatus::Hovered | PressStatus::Pressed => Some(p.hover),
            _ => None,
        },
        border: Border { radius: RADIUS.into(), ..Border::default() },
        text: p.text,
        ring: p.accent,
    })
    .padding([6.0, space::S])
    .width(Length::Fill)
    .on_press(Message::Choose(at))
    .into()
}
