//! Why a recipient is written to at this mailbox, and the way to another.

use iced::Alignment;
use iced::widget::row;

use super::super::recipients::{Chip, Source};
use super::super::{Composer, Message};
use crate::domain::contact::Choice;
use crate::domain::filing::rule::Subject;
use crate::domain::person::Person;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::shortcut::Command;
use crate::gui::theme::space;
use crate::gui::{Element, ui};

/// A kind of document as a person names it.
pub(super) fn kind_name(kind: Subject, context: Context<'_>) -> String {
    context.text(&format!("rule-subject-{}", kind.word()))
}

/// A mailbox is preferred, for a kind or whatever is written.
pub(super) fn preferred_for(kind: Option<Subject>, context: Context<'_>) -> String {
    match kind {
        Some(kind) => context.with("annuaire-preferred-for", &[("kind", &kind_name(kind, context))]),
        None => context.text("annuaire-preferred"),
    }
}

/// Why the preferences chose the address of a chip, in a few words.
pub(super) fn reason(chip: &Chip, composer: &Composer, context: Context<'_>) -> Option<String> {
    let Source::Followed { .. } = chip.source else { return None };
    match chip.contact.as_ref()?.mailbox_for(&composer.kinds.of) {
        Choice::Mailbox { address, kind } if chip.is_at(&address) => Some(match kind {
            Some(kind) => context.with("composer-chip-for", &[("kind", &kind_name(kind, context))]),
            None => context.text("composer-chip-preferred"),
        }),
        _ => None,
    }
}

/// The text of a person, an address and a kind; the second one without a kind.
fn named(
    (with, without): (&str, &str),
    person: &Person,
    kind: Option<Subject>,
    address: &str,
    context: Context<'_>,
) -> String {
    let (name, kind) = (person.display_name(), kind.map(|kind| kind_name(kind, context)));
    match &kind {
        Some(kind) => context.with(with, &[("name", &name), ("address", address), ("kind", kind)]),
        None => context.with(without, &[("name", &name), ("address", address)]),
    }
}

/// The mailbox preferred for what is written is gone.
pub(super) fn gone(person: &Person, kind: Option<Subject>, address: &str, context: Context<'_>) -> String {
    named(("composer-mailbox-gone", "composer-mailbox-gone-any"), person, kind, address, context)
}

/// What there is to know of a recipient's mailbox, and what can be done about it.
pub(super) fn hint<'a>(
    chip: &'a Chip,
    composer: &'a Composer,
    context: Context<'a>,
) -> Option<Element<'a, Message>> {
    let look = context.look;
    let contact = chip.contact.as_deref()?;
    let here = chip.recipient.address.clone();
    let name = contact.person.display_name();
    let is_given = chip.source == Source::Given;
    let other = || {
        ui::link(look, context.text("composer-mailbox-other"))
            .key(Command::OtherMailbox.key())
            .on_press(Message::OtherMailbox(here.clone()))
    };
    let remember = || {
        let kind = composer.kind().map(|kind| kind_name(kind, context));
        let label = match &kind {
            Some(kind) => context.with("composer-mailbox-remember", &[("kind", kind)]),
            None => context.text("composer-mailbox-remember-any"),
        };
        ui::link(look, label).on_press(Message::Prefer(here.clone()))
    };
    let is_chosen = chip.source == Source::Chosen && chip.has_other_mailboxes();
    let (icon, words, link) = match contact.mailbox_for(&composer.kinds.of) {
        Choice::Mailbox { address, kind } if chip.is_at(&address) => {
            if is_given || !chip.has_other_mailboxes() {
                return None;
            }
            let keys = ("composer-mailbox-for", "composer-mailbox-any");
            let mut words = named(keys, &contact.person, kind, here.as_str(), context);
            if let Source::Followed { instead_of: Some(before) } = &chip.source {
                let before = context.with("composer-mailbox-instead", &[("address", before.as_str())]);
                words = format!("{words}, {before}");
            }
            (Icon::Check, words, Some(other()))
        }
        Choice::Mailbox { address, kind: Some(kind) } => {
            let keys = ("composer-mailbox-suggested", "");
            let words = named(keys, &contact.person, Some(kind), address.as_str(), context);
            let use_it = ui::link(look, context.text("composer-mailbox-use"))
                .on_press(Message::UseMailbox(here.clone(), address));
            (Icon::Info, words, Some(use_it))
        }
        Choice::Gone { address, kind } if kind.is_some() || !is_given => {
            let words = gone(&contact.person, kind, address.as_str(), context);
            let link = if is_chosen { Some(remember()) } else { chip.has_other_mailboxes().then(other) };
            (Icon::Warning, words, link)
        }
        _ if is_chosen => {
            let words =
                context.with("composer-mailbox-chosen", &[("name", &name), ("address", here.as_str())]);
            (Icon::Info, words, Some(remember()))
        }
        _ => return None,
    };
    let colour = if icon == Icon::Warning {
        look.palette.tone(crate::gui::theme::Tone::Warning).text
    } else {
        look.palette.soft
    };
    let line =
        row![ui::icon(look, icon, 14.0, colour), ui::caption(look, words)].extend(link.map(Element::from));
    Some(line.spacing(space::S).align_y(Alignment::Center).wrap().into())
}
