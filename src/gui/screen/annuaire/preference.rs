//! Which mailbox of a person the user writes to with what: shown on the mailboxes, set and cleared there.

use iced::widget::{column, row};

use super::Message;
use super::detail::{Detail, Message as Change};
use crate::domain::address::EmailAddress;
use crate::domain::contact::Contact;
use crate::domain::filing::rule::Subject;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::Badge;
use crate::gui::{Element, ui};

fn kind_name(kind: Subject, context: Context<'_>) -> String {
    context.text(&format!("rule-subject-{}", kind.word()))
}

/// What a mailbox is preferred for.
pub(super) fn badges<'a>(
    contact: &Contact,
    address: &EmailAddress,
    context: Context<'a>,
) -> Vec<Element<'a, Message>> {
    let here = contact.preferred.each().filter(|(_, preferred)| *preferred == address);
    here.map(|(kind, _)| {
        let label = match kind {
            Some(kind) => context.with("annuaire-preferred-for", &[("kind", &kind_name(kind, context))]),
            None => context.text("annuaire-preferred"),
        };
        ui::badge(context.look, &Badge::new(Tone::Accent, label).icon(Icon::Check))
    })
    .collect()
}

/// Opens what the mailbox can be preferred for.
pub(super) fn button<'a>(
    detail: &'a Detail,
    address: &EmailAddress,
    context: Context<'a>,
) -> Element<'a, Message> {
    ui::quiet(context.look, context.text("annuaire-prefer"))
        .chosen(detail.kinds.as_ref() == Some(address))
        .on_press(Message::Detail(Change::ShowKinds(address.clone())))
        .into()
}

/// Everything a mailbox can be preferred for, each on or off.
pub(super) fn kinds<'a>(
    detail: &'a Detail,
    address: &EmailAddress,
    context: Context<'a>,
) -> Option<Element<'a, Message>> {
    let look = context.look;
    if detail.kinds.as_ref() != Some(address) {
        return None;
    }
    let all = std::iter::once(None).chain(Subject::ALL.into_iter().map(Some));
    let boxes = all.map(|kind| {
        let label = match kind {
            Some(kind) => kind_name(kind, context),
            None => context.text("annuaire-prefer-any"),
        };
        let is_here = detail.contact.preferred.of(kind) == Some(address);
        let address = address.clone();
        ui::checkbox(look, label, is_here, move |on| {
            Message::Detail(Change::Prefer(kind, on.then(|| address.clone())))
        })
    });
    let boxes = row(boxes).spacing(space::M).wrap().vertical_spacing(space::XS);
    Some(column![ui::caption(look, context.text("annuaire-prefer-detail")), boxes].spacing(space::S).into())
}

/// Preferred mailboxes the person no longer has, each with the way to forget it.
pub(super) fn gone<'a>(contact: &'a Contact, context: Context<'a>) -> Vec<Element<'a, Message>> {
    let look = context.look;
    let banner = |(kind, address): (Option<Subject>, &EmailAddress)| {
        let what = match kind {
            Some(kind) => context.with("annuaire-preferred-gone", &[("kind", &kind_name(kind, context))]),
            None => context.text("annuaire-preferred-gone-any"),
        };
        let forget = ui::secondary(look, context.text("annuaire-preferred-forget"))
            .on_press(Message::Detail(Change::Prefer(kind, None)));
        let advice = context.with("annuaire-preferred-gone-detail", &[("address", address.as_str())]);
        ui::banner(look, Tone::Warning, what, advice, vec![forget.into()])
    };
    contact.gone_preferences().map(banner).collect()
}
