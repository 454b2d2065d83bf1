//! How the section of the archive and its dialogs look.

use iced::Length;
use iced::widget::{column, row};

use super::{Dialog, Message, Section};
use crate::engine::{ArchiveStatus, Imported, Job, Restored, Rhythm};
use crate::gui::font::Icon;
use crate::gui::screen::settings::Message as Outer;
use crate::gui::screen::settings::code::code_to_copy;
use crate::gui::theme::{Tone, space as gap};
use crate::gui::{Element, screen::Context, ui};

/// Choices of the time after which an operator deletes, in days; 0 for never or unknown.
const RETENTIONS: [(u32, &str); 4] = [
    (0, "archive-retention-none"),
    (90, "archive-retention-90"),
    (180, "archive-retention-180"),
    (365, "archive-retention-365"),
];

fn say(message: Message) -> Outer {
    Outer::Archive(message)
}

pub(in super::super) fn section<'a>(section: &'a Section, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let mut content = column![
        ui::strong(look, context.text("archive-title")),
        ui::caption(look, context.text("archive-detail")),
    ]
    .spacing(gap::S);
    if let Some(error) = &section.failure {
        let sentence = context.wording.error(error);
        content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
    }
    match &section.status {
        None => {}
        Some(Err(error)) => {
            let sentence = context.wording.error(error);
            content = content.push(ui::caption(look, sentence.what));
        }
        Some(Ok(None)) => content = content.push(beginnings(context)),
        Some(Ok(Some(status))) => content = content.push(known(section, status, context)),
    }
    content.into()
}

fn beginnings<'a>(context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    row![
        ui::secondary(look, context.text("archive-create"))
            .icon(Icon::Archive)
            .id("archive-create")
            .on_press(say(Message::Create)),
        ui::secondary(look, context.text("archive-join")).icon(Icon::Folder).on_press(say(Message::Join)),
    ]
    .spacing(gap::S)
    .wrap()
    .vertical_spacing(gap::S)
    .into()
}

fn known<'a>(section: &'a Section, status: &ArchiveStatus, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let mut content = column![].spacing(gap::S);
    if let Some(sentence) = context.wording.archive_warning(status).filter(|_| section.failure.is_none()) {
        content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
    }
    let lines = context.wording.archive(status, context.now);
    content = content.extend(lines.into_iter().map(|line| ui::body(look, line).into()));
    if let Some(restored) = &section.restored {
        content = content.push(restored_part(restored, context));
    }
    if let Some(imported) = &section.imported {
        content = content.push(imported_part(imported, context));
    }
    if let Some(job) = &section.running {
        return content.push(running(job, context)).into();
    }
    let free = |message| section.is_free().then_some(say(message));
    let rhythms = [
        (Rhythm::Daily, context.text("archive-rhythm-daily")),
        (Rhythm::Weekly, context.text("archive-rhythm-weekly")),
        (Rhythm::Never, context.text("archive-rhythm-never")),
    ];
    let retentions = RETENTIONS.map(|(days, key)| (days, context.text(key)));
    content
        .push(ui::labelled(
            look,
            context.text("archive-rhythm"),
            ui::segmented(look, rhythms, status.rhythm, |rhythm| say(Message::Rhythm(rhythm))),
            None,
        ))
        .push(ui::labelled(
            look,
            context.text("archive-retention"),
            ui::segmented(look, retentions, status.retention, |days| say(Message::Retention(days))),
            None,
        ))
        .push(
            row![
                ui::primary(look, context.text("archive-run"))
                    .id("archive-run")
                    .on_press_maybe(free(Message::Run)),
                ui::secondary(look, context.text("archive-search"))
                    .icon(Icon::Search)
                    .id("archive-search")
                    .on_press(say(Message::Search)),
                ui::secondary(look, context.text("archive-restore"))
                    .icon(Icon::Download)
                    .id("archive-restore")
                    .on_press_maybe(free(Message::Restore)),
                ui::secondary(look, context.text("archive-import"))
                    .icon(Icon::Upload)
                    .id("archive-import")
                    .on_press_maybe(free(Message::Import)),
                ui::secondary(look, context.text("archive-forget")).on_press_maybe(free(Message::Forget)),
            ]
            .spacing(gap::S)
            .wrap()
            .vertical_spacing(gap::S),
        )
        .into()
}

fn restored_part<'a>(restored: &Restored, context: Context<'a>) -> Element<'a, Outer> {
    let values = [("count", restored.written.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (done, detail) = (context.with("archive-restored", &values), context.text("archive-restored-detail"));
    ui::banner(context.look, Tone::Good, done, detail, vec![])
}

fn imported_part<'a>(imported: &Imported, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let done = context.with("transfer-imported", &[("count", &imported.added.to_string())]);
    let tone = if imported.added > 0 { Tone::Good } else { Tone::Neutral };
    let detail = context.text("archive-imported-detail");
    let mut content = column![ui::banner(look, tone, done, detail, vec![])].spacing(gap::S);
    for (key, count) in [
        ("archive-duplicates", imported.duplicates),
        ("transfer-unreadable", imported.unreadable),
        ("transfer-too-large", imported.too_large),
    ] {
        if count > 0 {
            content = content.push(ui::body(look, context.with(key, &[("count", &count.to_string())])));
        }
    }
    content.into()
}

#[allow(clippy::cast_precision_loss, reason = "a share of a bar")]
fn running<'a>(job: &Job, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let (done, total) = job.progress();
    let share = (total > 0).then(|| (done as f32 / total as f32).min(1.0));
    column![
        ui::caption(look, context.text("archive-running")),
        ui::progress(look, share),
        row![ui::secondary(look, context.text("settings-cancel")).on_press(say(Message::Cancel))],
    ]
    .spacing(gap::S)
    .into()
}

/// Ways to go on, each with what it means.
fn ways<'a>(
    context: Context<'a>,
    ways: impl IntoIterator<Item = (&'static str, Icon, Message)>,
) -> Element<'a, Outer> {
    let look = context.look;
    let each = ways.into_iter().map(|(key, icon, message)| {
        let button = ui::secondary(look, context.text(key)).icon(icon).id(key.to_owned());
        let detail = ui::caption(look, context.text(&format!("{key}-detail")));
        column![button.on_press(say(message)), detail].spacing(2.0).into()
    });
    column(each).spacing(gap::M).into()
}

/// What is asked or shown above the page.
pub(in super::super) fn dialog<'a>(dialog: &'a Dialog, context: Context<'a>) -> Element<'a, Outer> {
    let look = context.look;
    let leave = ui::secondary(look, context.text("settings-cancel")).on_press(say(Message::Leave));
    match dialog {
        Dialog::Code { code, is_saved, problem, .. } => {
            let shown = code_to_copy(look, &code.grouped());
            let mut content = column![
                ui::title(look, context.text("archive-code-title")),
                shown,
                ui::body(look, context.text("archive-code-once")),
            ]
            .spacing(gap::L);
            if *is_saved {
                let saved = context.text("security-recovery-saved");
                content = content.push(ui::banner(look, Tone::Good, saved, String::new(), vec![]));
            }
            if let Some(error) = problem {
                let sentence = context.wording.error(error);
                content =
                    content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
            }
            let buttons = [
                leave.into(),
                ui::secondary(look, context.text("security-recovery-save"))
                    .icon(Icon::Download)
                    .on_press(say(Message::SaveCode))
                    .into(),
                ui::primary(look, context.text("security-recovery-kept"))
                    .id("archive-kept")
                    .on_press(say(Message::KeptCode))
                    .into(),
            ];
            content.push(ui::answers(buttons)).into()
        }
        Dialog::Join { place, typed, problem } => {
            let problem = problem.as_ref().map(|error| {
                let sentence = context.wording.error(error);
                format!("{} {}", sentence.what, sentence.advice)
            });
            let field = ui::field(look, "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX", typed.text())
                .id("archive-code")
                .on_input(|text| say(Message::Typed(text.into())))
                .on_submit(say(Message::JoinNow));
            column![
                ui::title(look, context.text("archive-join-title")),
                ui::caption(look, place.display().to_string()),
                ui::labelled(look, context.text("archive-code-label"), field.width(Length::Fill), problem),
                ui::answers([
                    leave.into(),
                    ui::primary(look, context.text("archive-join-now"))
                        .on_press(say(Message::JoinNow))
                        .into(),
                ]),
            ]
            .spacing(gap::L)
            .into()
        }
        Dialog::Restore => column![
            ui::title(look, context.text("archive-restore-title")),
            ui::body(look, context.text("archive-restore-detail")),
            ways(
                context,
                [
                    ("archive-restore-mailbox", Icon::Inbox, Message::RestoreBack),
                    ("archive-restore-mbox", Icon::File, Message::RestoreAs(true)),
                    ("archive-restore-eml", Icon::Folder, Message::RestoreAs(false)),
                ]
            ),
            ui::answers([leave.into()]),
        ]
        .spacing(gap::L)
        .into(),
        Dialog::RestoreInto(choice) => column![
            ui::title(look, context.text("archived-where")),
            ui::body(look, context.text("archive-restore-into-detail")),
            choice.view(context, |folder| say(Message::RestoreInto(folder))),
            ui::answers([leave.into()]),
        ]
        .spacing(gap::L)
        .into(),
        Dialog::Import => column![
            ui::title(look, context.text("archive-import-title")),
            ui::body(look, context.text("archive-import-detail")),
            ways(
                context,
                [
                    ("transfer-files", Icon::File, Message::ImportFrom(false)),
                    ("transfer-folder", Icon::Folder, Message::ImportFrom(true)),
                ]
            ),
            ui::answers([leave.into()]),
        ]
        .spacing(gap::L)
        .into(),
        Dialog::Forget => column![
            ui::title(look, context.text("archive-forget-question")),
            ui::body(look, context.text("archive-forget-detail")),
            ui::answers([
                leave.into(),
                ui::primary(look, context.text("archive-forget")).on_press(say(Message::ForgetNow)).into(),
            ]),
        ]
        .spacing(gap::L)
        .into(),
    }
}
