//! The picture of one person: mailboxes, places, what was exchanged, and what the user keeps.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::detail::{Detail, Message as Change};
use super::view::{join, trade};
use super::{Annuaire, Message, api, preference};
use crate::domain::contact::{History, OwnEntry};
use crate::domain::person::{DirectoryMailbox, MailboxKind, Person, Practice};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::Badge;
use crate::gui::{Element, ui};

/// Somebody in detail.
pub(super) fn view<'a>(
    annuaire: &'a Annuaire,
    detail: &'a Detail,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let person = detail.person();
    let favourite = detail.contact.favourite;
    let star = context.text(if favourite { "annuaire-unfavour" } else { "annuaire-favour" });
    let star = ui::quiet(look, star)
        .icon(Icon::Star)
        .chosen(favourite)
        .on_press(Message::Detail(Change::Favourite(!favourite)));
    let mut content = column![who(person, context), star].spacing(space::M).padding(space::L);
    if let Some(server) = &detail.only_by {
        let what = context.with("annuaire-ldap-only", &[("server", server)]);
        let advice = context.text("annuaire-ldap-only-detail");
        content = content.push(ui::banner(look, Tone::Warning, what, advice, Vec::new()));
    }
    for (address, gone) in &detail.contact.gone {
        let date = match &gone.data_date {
            Some(date) => date.clone(),
            None => context.wording.day(gone.at),
        };
        let what = context.with("annuaire-gone-address", &[("address", address.as_str())]);
        let advice = context.with("annuaire-gone-since", &[("date", &date)]);
        content = content.push(ui::banner(look, Tone::Warning, what, advice, Vec::new()));
    }
    content = content.extend(preference::gone(&detail.contact, context));
    for (index, mailbox) in person.mailboxes.iter().enumerate() {
        content = content.push(mailbox_card(annuaire, Some(detail), (index, mailbox), context));
    }
    content = content.extend(person.places.iter().map(|place| place_view(place, context)));
    content = content.extend(api::view(&detail.api, person, context));
    if let Some(history) = &detail.history {
        content = content.push(ui::caption(look, history_words(history, context)));
    }
    let note = ui::field(look, &context.text("annuaire-note-hint"), &detail.note)
        .id("annuaire-note")
        .on_input(|text| Message::Detail(Change::Note(text)))
        .on_submit(Message::Detail(Change::KeepNote));
    let group = ui::field(look, &context.text("annuaire-group-hint"), &detail.group)
        .id("annuaire-group")
        .on_input(|text| Message::Detail(Change::Group(text)))
        .on_submit(Message::Detail(Change::Join));
    let chips = detail.contact.groups.iter().map(|name| {
        let remove = context.with("annuaire-leave", &[("name", name)]);
        let leave = Message::Detail(Change::Leave(name.clone()));
        ui::chip(
            look,
            &Badge::new(Tone::Accent, name.clone()).icon(Icon::People),
            None,
            Some((remove, leave)),
        )
    });
    let chips = row(chips).spacing(space::S).wrap().vertical_spacing(space::XS);
    content = content.push(ui::labelled(look, context.text("annuaire-note"), note, None)).push(
        column![ui::labelled(look, context.text("annuaire-groups"), group, None), chips].spacing(space::S),
    );
    ui::scroll(look, content).width(Length::Fill).height(Length::Fill).into()
}

/// One's own entry: what the directory says, what is wrong in it and where it is corrected.
pub(super) fn me<'a>(
    annuaire: &'a Annuaire,
    entry: &'a OwnEntry,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![].spacing(space::M).padding(space::L);
    match &entry.person {
        Some(person) => content = content.push(who(person, context)),
        None => {
            let close = close(context);
            let title = ui::title(look, context.text("annuaire-me")).width(Length::Fill);
            content = content.push(row![title, close].align_y(Alignment::Center));
        }
    }
    if entry.flaws.is_empty() {
        let right = context.text("annuaire-me-right");
        let advice = context.text("annuaire-me-right-detail");
        content = content.push(ui::banner(look, Tone::Good, right, advice, Vec::new()));
    }
    for flaw in &entry.flaws {
        let sentence = context.wording.flaw(flaw);
        content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, Vec::new()));
    }
    if let Some(person) = &entry.person {
        for (index, mailbox) in person.mailboxes.iter().enumerate() {
            content = content.push(mailbox_card(annuaire, None, (index, mailbox), context));
        }
        content = content.extend(person.places.iter().map(|place| place_view(place, context)));
    }
    ui::scroll(look, content).width(Length::Fill).height(Length::Fill).into()
}

fn close<'a>(context: Context<'a>) -> Element<'a, Message> {
    ui::icon_button(context.look, Icon::Close, context.text("annuaire-close"), Some(Message::Back))
}

fn who<'a>(person: &'a Person, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut who = column![ui::title(look, person.display_name()), ui::body(look, trade(person, context))];
    if person.specialties.len() > 1 {
        who = who.push(ui::caption(look, person.specialties.join(", ")));
    }
    if let Some(rpps) = person.rpps() {
        who = who.push(ui::caption(look, context.with("annuaire-rpps", &[("rpps", rpps)])));
    }
    row![who.spacing(2.0).width(Length::Fill), close(context)].into()
}

fn mailbox_card<'a>(
    annuaire: &'a Annuaire,
    detail: Option<&'a Detail>,
    (index, mailbox): (usize, &'a DirectoryMailbox),
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let kind = Badge::new(Tone::Neutral, context.text(kind_key(mailbox.kind)));
    let place = join([&mailbox.structure, &mailbox.service]);
    let town = [mailbox.postal_code.as_str(), &mailbox.city].join(" ").trim().to_owned();
    let badges = row![ui::badge(look, &kind)].spacing(space::S);
    let preferred = detail.map(|detail| preference::badges(&detail.contact, &mailbox.address, context));
    let badges = badges.extend(preferred.into_iter().flatten()).wrap().vertical_spacing(space::XS);
    let mut lines = column![badges].spacing(2.0);
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
    let is_copied = annuaire.copied.as_ref() == Some(&mailbox.address);
    let copy = context.text(if is_copied { "annuaire-copied" } else { "annuaire-copy" });
    let mut buttons = row![
        ui::primary(look, context.text("annuaire-write")).icon(Icon::Compose).on_press(Message::Write(index)),
        ui::secondary(look, copy).icon(Icon::Copy).on_press(Message::Copy(mailbox.address.clone())),
    ]
    .spacing(space::S);
    let detail = detail.filter(|detail| detail.person().mailboxes.len() > 1);
    if let Some(detail) = detail {
        buttons = buttons.push(preference::button(detail, &mailbox.address, context));
    }
    let buttons = buttons.wrap().vertical_spacing(space::S);
    let kinds = detail.and_then(|detail| preference::kinds(detail, &mailbox.address, context));
    let content = column![lines, buttons].spacing(space::M).extend(kinds);
    ui::card(look, content).width(Length::Fill).into()
}

pub(super) fn place_view<'a>(place: &'a Practice, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let town = [place.postal_code.as_str(), &place.city].join(" ").trim().to_owned();
    let mut lines = column![].spacing(2.0);
    for (is_first, text) in [(true, &place.structure), (false, &place.street), (false, &town)] {
        if !text.is_empty() {
            lines = lines.push(if is_first {
                ui::body(look, text.clone())
            } else {
                ui::caption(look, text.clone())
            });
        }
    }
    if !place.phone.is_empty() {
        lines =
            lines.push(ui::body(look, context.with("annuaire-phone", &[("number", &grouped(&place.phone))])));
    }
    let icon = ui::icon(look, Icon::Building, 16.0, look.palette.soft);
    container(row![icon, lines].spacing(space::S)).into()
}

/// A French telephone number in pairs, as it is read aloud.
fn grouped(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != 10 {
        return number.to_owned();
    }
    digits.chunks(2).map(|pair| pair.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

fn history_words(history: &History, context: Context<'_>) -> String {
    let side = |key, none, count: u32, last: Option<crate::domain::UnixTime>| match last {
        Some(last) => {
            let day = context.wording.day(last);
            context.with(key, &[("count", &count.to_string()), ("date", &day)])
        }
        None => context.text(none),
    };
    [
        side("annuaire-received", "annuaire-received-none", history.received, history.last_received),
        side("annuaire-sent", "annuaire-sent-none", history.sent, history.last_sent),
    ]
    .join(" · ")
}

fn kind_key(kind: MailboxKind) -> &'static str {
    match kind {
        MailboxKind::Per => "annuaire-kind-personal",
        MailboxKind::Org => "annuaire-kind-organisation",
        MailboxKind::App => "annuaire-kind-application",
        MailboxKind::Cab => "annuaire-kind-practice",
    }
}
