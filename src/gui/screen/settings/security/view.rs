//! How the section of security and its dialogs look.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::{Dialog, Message, Purpose, Saving, Section};
use crate::engine::{KeySlot, KeySlotKind, Security};
use crate::gui::font::Icon;
use crate::gui::screen::settings::Message as Outer;
use crate::gui::screen::settings::code::code_to_copy;
use crate::gui::theme::{Tone, space as gap};
use crate::gui::{Element, platform, screen::Context, ui};

/// Choices of the idle time, in minutes.
const IDLE: [u32; 5] = [5, 15, 30, 60, 120];

pub(in super::super) fn section<'a>(
    section: &'a Section,
    idle_minutes: u32,
    context: Context<'a>,
) -> Element<'a, Outer> {
    let look = context.look;
    let minutes = |n: u32| (n, context.with("settings-minutes", &[("n", &n.to_string())]));
    let idle = ui::segmented(look, IDLE.map(minutes), idle_minutes, Outer::IdleMinutes);
    let mut content = column![
        ui::strong(look, context.text("security-title")),
        ui::labelled(look, context.text("settings-idle"), idle, None),
    ]
    .spacing(gap::S);
    if platform::IS_TOLD {
        content = content.push(ui::caption(look, context.text("security-idle-detail")));
    }
    if let Some(error) = &section.failure {
        let sentence = context.wording.error(error);
        content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
    }
    match &section.security {
        None => {}
        Some(Err(error)) => {
            let sentence = context.wording.error(error);
            content = content.push(ui::caption(look, sentence.what));
        }
        Some(Ok(security)) => content = content.push(ways(section, security, context)),
    }
    content.into()
}

fn ways<'a>(section: &Section, security: &Security, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let say = Outer::Security;
    let is_free = section.busy.is_none();
    let mut content = column![].spacing(gap::S);
    // where no card has a way in, reading without one is the only way
    if security.card {
        let choices = [(true, context.text("security-yes")), (false, context.text("security-no"))];
        let choice = ui::segmented(look, choices, security.offline, move |on| say(Message::Offline(on)));
        let detail = if security.offline { "security-offline-detail" } else { "security-offline-off-detail" };
        content = content
            .push(ui::labelled(look, context.text("security-offline"), choice, None))
            .push(ui::caption(look, context.text(detail)));
    }
    content = content.push(ui::caption(look, context.text("security-slots")));
    for slot in &security.slots {
        content = content.push(slot_line(slot, is_free, context));
    }
    let make = |key| {
        ui::secondary(look, context.text(key))
            .id("recovery-make")
            .on_press_maybe(is_free.then(|| say(Message::MakeCode)))
    };
    content = if security.recovery {
        content.push(row![make("security-recovery-replace")])
    } else {
        let (what, detail) =
            (context.text("security-recovery-none"), context.text("security-recovery-none-detail"));
        let make = make("security-recovery-make").into();
        content.push(ui::banner(look, Tone::Warning, what, detail, vec![make]))
    };
    let rotate = ui::secondary(look, context.text("security-rotate"))
        .on_press_maybe(is_free.then(|| say(Message::Rotate)));
    content = content.push(ui::divider(look)).push(
        row![ui::caption(look, context.text("security-rotate-detail")).width(Length::Fill), rotate]
            .spacing(gap::L)
            .align_y(Alignment::Center),
    );
    if section.busy == Some(true) {
        content = content
            .push(ui::caption(look, context.text("security-rotate-running")))
            .push(ui::progress(look, None));
    }
    content.into()
}

fn slot_line<'a>(slot: &KeySlot, is_free: bool, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let (icon, key) = match slot.kind {
        KeySlotKind::Keyring => (Icon::Lock, "security-slot-keyring"),
        KeySlotKind::Card => (Icon::Card, "security-slot-card"),
        KeySlotKind::ThisCard => (Icon::Card, "security-slot-this-card"),
        KeySlotKind::OtherCard => (Icon::Card, "security-slot-other-card"),
        KeySlotKind::Recovery => (Icon::File, "security-slot-recovery"),
    };
    let since = context.with("security-slot-since", &[("day", &context.wording.day(slot.created))]);
    let words = row![
        ui::icon(look, icon, 16.0, look.palette.soft),
        ui::body(look, context.text(key)),
        ui::caption(look, since),
    ];
    let line = row![words.spacing(gap::S).align_y(Alignment::Center).width(Length::Fill)];
    // the keyring's goes by the choice above, the card in use stays
    let can_go = matches!(slot.kind, KeySlotKind::Card | KeySlotKind::OtherCard | KeySlotKind::Recovery);
    let remove = can_go.then(|| {
        let ask = Outer::Security(Message::Remove(slot.clone()));
        ui::secondary(look, context.text("security-remove")).on_press_maybe(is_free.then_some(ask)).into()
    });
    let line = line.extend(remove).spacing(gap::S).align_y(Alignment::Center);
    container(line).center_y(look.px(34.0)).into()
}

/// What is asked or shown above the page.
pub(in super::super) fn dialog<'a>(
    section: &'a Section,
    dialog: &'a Dialog,
    context: Context<'a>,
) -> Element<'a, Outer> {
    match dialog {
        Dialog::Code { code, purpose, saving } => {
            let shown = code.grouped();
            let replaces = *purpose == Purpose::WayIn && section.has_recovery();
            code_dialog(&shown, replaces, saving, context)
        }
        Dialog::Remove(slot) => {
            let is_recovery = slot.kind == KeySlotKind::Recovery;
            let (question, detail) = if is_recovery {
                ("security-remove-recovery-question", "security-remove-recovery-detail")
            } else {
                ("security-remove-card-question", "security-remove-card-detail")
            };
            let yes = ui::danger(context.look, context.text("security-remove"));
            ask(question, detail, yes, context)
        }
        Dialog::Rotate => {
            let yes = ui::primary(context.look, context.text("security-rotate"));
            ask("security-rotate-question", "security-rotate-detail", yes, context)
        }
    }
}

fn ask<'a>(question: &str, detail: &str, yes: ui::Button<Outer>, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let no = ui::secondary(look, context.text("settings-cancel")).on_press(Outer::Security(Message::Leave));
    column![
        ui::title(look, context.text(question)),
        ui::body(look, context.text(detail)),
        ui::answers([no.into(), yes.on_press(Outer::Security(Message::Confirm)).into()]),
    ]
    .spacing(gap::L)
    .into()
}

fn code_dialog<'a>(code: &str, replaces: bool, saving: &Saving, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let say = Outer::Security;
    let shown = code_to_copy(look, code);
    let mut content = column![
        ui::title(look, context.text("security-recovery-shown")),
        shown,
        ui::body(look, context.text("security-recovery-once")),
    ]
    .spacing(gap::L);
    if replaces {
        content = content.push(ui::caption(look, context.text("security-recovery-replaces")));
    }
    match saving {
        Saving::Not => {}
        Saving::Running => {
            content = content.push(ui::caption(look, context.text("security-recovery-saving")))
        }
        Saving::Done => {
            let saved = context.text("security-recovery-saved");
            content = content.push(ui::banner(look, Tone::Good, saved, String::new(), vec![]));
        }
        Saving::Failed(error) => {
            let sentence = context.wording.error(error);
            content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
        }
    }
    let buttons = [
        ui::secondary(look, context.text("settings-cancel")).on_press(say(Message::Leave)).into(),
        ui::secondary(look, context.text("security-recovery-save"))
            .icon(Icon::Download)
            .on_press(say(Message::SaveCode))
            .into(),
        ui::primary(look, context.text("security-recovery-kept"))
            .id("recovery-kept")
            .on_press(say(Message::KeptCode))
            .into(),
    ];
    content.push(ui::answers(buttons)).into()
}
