//! The rows of the list: who, what, which patient, which kind.

use iced::widget::{column, container};
use iced::{Length, Padding};

use super::super::listing::Source;
use super::super::{Mailbox, Message, shown_name};
use super::drafts;
use crate::domain::message::{MessageKind, MessageRow};
use crate::domain::patient::PatientHint;
use crate::domain::person::Person;
use crate::domain::triage::Triage;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::{Badge, RowContent, list};
use crate::gui::{Element, ui};

/// Height of a row, and of one that shows a line of its text, in pixels before text size.
const ROW: f32 = 84.0;
const FOUND_ROW: f32 = 104.0;

pub(super) fn view<'a>(mailbox: &'a Mailbox, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let listing = &mailbox.listing;
    if let Some(error) = &listing.failed {
        let sentence = context.wording.error(error);
        let banner = ui::banner(look, Tone::Warning, sentence.what, sentence.advice, Vec::new());
        return container(banner).padding(space::M).into();
    }
    if matches!(listing.source(), Source::Drafts(_)) {
        return drafts::view(mailbox, context);
    }
    match listing.total() {
        None if mailbox.knows_accounts && mailbox.accounts.is_empty() => {
            let sentence = context.wording.code("no-account", &[]);
            let add = ui::secondary(look, context.text("settings-account-add")).id("add-mailbox");
            let add = add.on_press(Message::AddMailbox).into();
            ui::empty_with(look, Icon::Inbox, sentence.what, sentence.advice, Some(add))
        }
        None => iced::widget::space().into(),
        Some(0) => nothing(listing.source(), context),
        Some(total) => list(look, total, move |index| row(mailbox, context, index), Message::List)
            .row_height(if matches!(listing.source(), Source::Search(_)) { FOUND_ROW } else { ROW })
            .selected(move |index| listing.row(index).is_some_and(|row| listing.is_selected(row.id)))
            .cursor(listing.cursor().map(|cursor| cursor.index))
            .key(listing.epoch())
            .follows_keys(context.follows_keys)
            .id("mailbox-list")
            .into(),
    }
}

fn nothing<'a>(source: &Source, context: Context<'a>) -> Element<'a, Message> {
    let (icon, title, detail) = match source {
        Source::Search(_) => (Icon::Search, "mailbox-found-none", "mailbox-found-none-detail"),
        Source::State(..) => (Icon::Check, "triage-empty", "triage-empty-detail"),
        Source::Folder(_) | Source::Threads(_) | Source::Nothing | Source::Drafts(_) => {
            (Icon::Inbox, "mailbox-folder-empty", "mailbox-folder-empty-detail")
        }
    };
    ui::empty(context.look, icon, context.text(title), context.text(detail))
}

/// What a search found, and whether it could look everywhere.
pub(super) fn search_line<'a>(mailbox: &'a Mailbox, context: Context<'a>) -> Option<Element<'a, Message>> {
    let (Source::Search(_), Some(total)) = (mailbox.listing.source(), mailbox.listing.total()) else {
        return None;
    };
    let look = context.look;
    let mut found = context.with("mailbox-found", &[("count", &total.to_string())]);
    if mailbox.listing.near > 0 {
        let near = context.with("found-near", &[("count", &mailbox.listing.near.to_string())]);
        found = format!("{found}, {near}");
    }
    let mut lines = column![ui::caption(look, found)];
    if let Some(count) = mailbox.listing.archived.filter(|count| *count > 0) {
        let label = context.with("mailbox-found-archived", &[("count", &count.to_string())]);
        let show = ui::link(look, label).icon(Icon::Archive).height(24.0).id("show-archived");
        lines = lines.push(show.on_press(Message::ShowArchived));
    }
    let gaps = &mailbox.listing.gaps;
    let warning = look.caption().coloured(look.palette.warning.text);
    for line in context.wording.gaps(gaps, mailbox.accounts.len() > 1) {
        lines = lines.push(ui::text(warning, line));
    }
    if gaps.iter().any(|gap| gap.missing.large > 0) {
        let download = ui::link(look, context.text("mailbox-download-all")).height(24.0);
        lines = lines.push(download.on_press(Message::DownloadAll));
    }
    Some(container(lines).padding(Padding::ZERO.bottom(space::XS)).width(Length::Fill).into())
}

fn row(mailbox: &Mailbox, context: Context<'_>, index: u32) -> Option<RowContent> {
    let row = mailbox.listing.row(index)?;
    let correspondent = mailbox.correspondent(row);
    let person = mailbox.person(&correspondent.address);
    let (line, named) = row.subject_and_patient();
    let mut icons = Vec::new();
    if row.flags.flagged {
        icons.push(Icon::Star);
    }
    if row.has_attachment {
        icons.push(Icon::Paperclip);
    }
    let excerpt = mailbox.listing.excerpt(row.id);
    let thread = mailbox.listing.thread(row.id);
    let mut badges = badges(row, context);
    if let Some((count, _)) = thread.filter(|(count, _)| *count > 1) {
        let label = context.with("conversation-count", &[("count", &count.to_string())]);
        badges.insert(0, Badge::new(Tone::Neutral, label));
    }
    Some(RowContent {
        is_marked: !row.flags.seen || thread.is_some_and(|(_, unread)| unread > 0),
        title: person.map_or_else(|| shown_name(correspondent), Person::display_name),
        note: person.map(|person| trade(person, &correspondent.address, context)).unwrap_or_default(),
        corner: context.wording.when(row.date, context.now),
        corner_icons: icons,
        line: subject(line, context),
        detail: named.as_ref().map(patient).unwrap_or_default(),
        badges,
        excerpt: excerpt.map(|found| found.line.clone()).unwrap_or_default(),
        marks: excerpt.map(|found| found.places.clone()).unwrap_or_default(),
        ..RowContent::default()
    })
}

/// The subject, or that there is none.
pub(super) fn subject(subject: &str, context: Context<'_>) -> String {
    if subject.is_empty() { context.text("mailbox-no-subject") } else { subject.to_owned() }
}

/// `DURAND Paul · 26/11/1978`.
fn patient(patient: &PatientHint) -> String {
    match &patient.birth_date {
        Some(date) => format!("{} · {date}", patient.name),
        None => patient.name.clone(),
    }
}

/// Specialty or profession, and the town of this mailbox.
pub(in crate::gui::screen) fn trade(person: &Person, address: &str, context: Context<'_>) -> String {
    let mailbox =
        person.mailboxes.iter().find(|mailbox| mailbox.address.as_str().eq_ignore_ascii_case(address));
    let trade = match person.specialties.first() {
        _ if person.is_organisation() => context.text(kind_of_organisation(&person.family_name)),
        Some(specialty) => specialty.to_lowercase(),
        None => person.profession.to_lowercase(),
    };
    let city = mailbox.map(|mailbox| mailbox.city.clone()).unwrap_or_default();
    [trade, city].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// What an organisation is, where its name begins with it; the annuaire has no column for that.
fn kind_of_organisation(name: &str) -> &'static str {
    match name.split_whitespace().next().unwrap_or_default().to_uppercase().as_str() {
        "LABORATOIRE" | "LABO" | "LBM" => "mailbox-laboratory",
        "PHARMACIE" => "mailbox-pharmacy",
        "CH" | "CHU" | "CHRU" | "HOPITAL" | "HÔPITAL" | "CENTRE" if is_hospital(name) => "mailbox-hospital",
        "CLINIQUE" | "POLYCLINIQUE" => "mailbox-clinic",
        _ => "mailbox-organisation",
    }
}

fn is_hospital(name: &str) -> bool {
    let mut words = name.split_whitespace().map(str::to_uppercase);
    words.next().is_some_and(|first| first != "CENTRE") || words.next().is_some_and(|w| w == "HOSPITALIER")
}

/// Where a message stands, in a word and an icon.
pub(super) fn state_badge(state: Triage, context: Context<'_>) -> Badge {
    let (tone, icon) = match state {
        Triage::ToDo => (Tone::Warning, Icon::Flag),
        Triage::ToFile => (Tone::Accent, Icon::Archive),
        Triage::ToRead => (Tone::Accent, Icon::Eye),
        Triage::Filed => (Tone::Good, Icon::Check),
    };
    Badge::new(tone, context.wording.triage(state)).icon(icon)
}

fn badges(row: &MessageRow, context: Context<'_>) -> Vec<Badge> {
    let mut badges = Vec::new();
    if row.alarm {
        badges.push(Badge::new(Tone::Alarm, context.text("mailbox-alarm")).icon(Icon::Alarm));
    }
    if let Some(state) = Triage::of(&row.flags) {
        badges.push(state_badge(state, context));
    }
    if row.flags.deleted {
        badges.push(Badge::new(Tone::Warning, context.text("mailbox-marked-deleted")).icon(Icon::Trash));
    }
    if row.flags.answered {
        badges.push(Badge::new(Tone::Neutral, context.text("mailbox-answered")).icon(Icon::Reply));
    }
    match row.kind {
        MessageKind::Letter => {}
        MessageKind::Xdm => badges.push(Badge::new(Tone::Neutral, context.text("mailbox-kind-document"))),
        MessageKind::Hprim => badges.push(Badge::new(Tone::Neutral, context.text("mailbox-kind-hprim"))),
        MessageKind::Receipt => badges.push(Badge::new(Tone::Neutral, context.text("mailbox-kind-receipt"))),
    }
    badges
}
