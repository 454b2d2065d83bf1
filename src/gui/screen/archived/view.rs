//! How the dialog looks.

use iced::widget::{column, container, row, space as gap};
use iced::{Alignment, Length};

use super::{Archived, FIELD, Message, Opened, Step};
use crate::domain::archived::ArchivedRow;
use crate::engine::{ArchivedFound, ArchivedMessage, Error};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::{RowContent, list};
use crate::gui::{Element, ui};

/// Height of a row, in pixels before text size.
const ROW: f32 = 72.0;
/// Height of the list or of the text, in pixels before text size.
const HEIGHT: f32 = 320.0;
/// Most of a message's text that is drawn, in bytes: the whole of it is read in the mailbox.
const MOST_TEXT: usize = 40_000;

pub(super) fn dialog<'a>(archived: &'a Archived, context: Context<'a>) -> Element<'a, Message> {
    match &archived.opened {
        None => search(archived, context),
        Some(Opened::Coming(found)) => {
            let coming = ui::caption(context.look, context.text("archived-reading"));
            framed(found, context, coming.into(), column![])
        }
        Some(Opened::Failed(found, error)) => {
            framed(found, context, failure(error, context), column![back(context)])
        }
        Some(Opened::Shown(message, step)) => shown(message, step, context),
    }
}

fn failure<'a>(error: &Error, context: Context<'a>) -> Element<'a, Message> {
    let sentence = context.wording.error(error);
    ui::banner(context.look, Tone::Warning, sentence.what, sentence.advice, vec![])
}

fn search<'a>(archived: &'a Archived, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let field =
        ui::search_field(look, FIELD, &context.text("archived-search-hint"), &archived.query, Message::Typed);
    let results: Element<'a, Message> = match &archived.found {
        None => gap().height(look.px(HEIGHT)).into(),
        Some(Err(error)) => failure(error, context),
        Some(Ok(found)) => results(archived, found, context),
    };
    let close = ui::secondary(look, context.text("transfer-close")).on_press(Message::Close);
    column![
        ui::title(look, context.text("archived-title")),
        ui::caption(look, context.text("archived-detail")),
        field,
        results,
        row![gap().width(Length::Fill), close],
    ]
    .spacing(space::M)
    .into()
}

fn results<'a>(
    archived: &'a Archived,
    found: &'a ArchivedFound,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    if found.total == 0 {
        let key = if archived.query.trim().is_empty() { "archived-none" } else { "archived-found-none" };
        return container(ui::caption(look, context.text(key))).height(look.px(HEIGHT)).into();
    }
    let count = context.with("archived-found", &[("count", &found.total.to_string())]);
    let row = move |index: u32| found.rows.get(index as usize).map(|entry| content(entry, context));
    let cursor = archived.cursor;
    let rows = list(look, found.total, row, Message::List)
        .row_height(ROW)
        .selected(move |index| cursor == Some(index))
        .cursor(cursor)
        .key(archived.round)
        .follows_keys(true)
        .id("archived-list");
    let rows = container(rows).height(look.px(HEIGHT)).width(Length::Fill);
    column![ui::caption(look, count), rows, ui::caption(look, context.text("archived-open-hint"))]
        .spacing(space::XS)
        .into()
}

fn patient(entry: &ArchivedRow) -> String {
    match &entry.patient {
        Some(patient) => match &patient.birth_date {
            Some(date) => format!("{} · {date}", patient.name),
            None => patient.name.clone(),
        },
        None => String::new(),
    }
}

fn subject(entry: &ArchivedRow, context: Context<'_>) -> String {
    if entry.subject.is_empty() { context.text("mailbox-no-subject") } else { entry.subject.clone() }
}

fn content(entry: &ArchivedRow, context: Context<'_>) -> RowContent {
    RowContent {
        title: entry.from.label().to_owned(),
        corner: context.wording.when(entry.date, context.now),
        corner_icons: entry.has_attachment.then_some(Icon::Paperclip).into_iter().collect(),
        line: subject(entry, context),
        detail: patient(entry),
        ..RowContent::default()
    }
}

/// The head of a message, what is under it, and the buttons.
fn framed<'a>(
    entry: &'a ArchivedRow,
    context: Context<'a>,
    middle: Element<'a, Message>,
    foot: iced::widget::Column<'a, Message>,
) -> Element<'a, Message> {
    let look = context.look;
    let moment = context.wording.moment(entry.date, context.now);
    let mut head = column![
        ui::title(look, subject(entry, context)),
        ui::body(look, entry.from.label().to_owned()),
        ui::caption(look, moment),
    ]
    .spacing(2.0);
    let patient = patient(entry);
    if !patient.is_empty() {
        head = head.push(ui::strong(look, patient));
    }
    let values = [("folder", entry.folder.as_str()), ("account", entry.account.as_str())];
    let was = if entry.account.is_empty() { "archived-was-file" } else { "archived-was" };
    head = head.push(ui::caption(look, context.with(was, &values)));
    column![head, middle, foot].spacing(space::M).into()
}

fn back(context: Context<'_>) -> Element<'_, Message> {
    ui::secondary(context.look, context.text("archived-back")).on_press(Message::Back).into()
}

fn shown<'a>(message: &'a ArchivedMessage, step: &'a Step, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let text = message.text.trim();
    let text = text.get(..text.floor_char_boundary(MOST_TEXT)).unwrap_or_default();
    let mut content = column![ui::body(look, text)].spacing(space::M).width(Length::Fill);
    let files: Vec<&str> =
        message.attachments.iter().filter(|a| !a.inline).map(|a| a.name.as_str()).collect();
    if !files.is_empty() {
        let names = context.with("archived-files", &[("names", &files.join(", "))]);
        content = content.push(ui::caption(look, names));
    }
    let text = ui::scroll(look, content).width(Length::Fill).height(look.px(HEIGHT * 0.6));
    let text = container(text).padding(space::M).width(Length::Fill).style(ui::sunk(look)).into();
    let free = !matches!(step, Step::Working);
    let buttons = row![
        back(context),
        ui::secondary(look, context.text("archived-save"))
            .icon(Icon::Download)
            .on_press_maybe(free.then_some(Message::Save)),
        ui::primary(look, context.text("archived-put-back"))
            .icon(Icon::Inbox)
            .id("archived-put-back")
            .on_press_maybe(free.then_some(Message::PutBack)),
    ]
    .spacing(space::S)
    .align_y(Alignment::Center)
    .wrap()
    .vertical_spacing(space::S);
    let told: Option<Element<'a, Message>> = match step {
        Step::Looking => None,
        Step::Working => Some(ui::progress(look, None)),
        Step::Choosing(choice) => Some(
            column![ui::strong(look, context.text("archived-where")), choice.view(context, Message::Into)]
                .spacing(space::S)
                .into(),
        ),
        Step::Put(imported) => {
            let key = if imported.added > 0 { "archived-put" } else { "archived-put-known" };
            let detail = context.text("archived-put-detail");
            Some(ui::banner(look, Tone::Good, context.text(key), detail, vec![]))
        }
        Step::Saved(path) => {
            let path = path.display().to_string();
            Some(ui::banner(look, Tone::Good, context.text("archived-saved"), path, vec![]))
        }
        Step::Failed(error) => Some(failure(error, context)),
    };
    let foot = column![].extend(told).push(buttons).spacing(space::M);
    framed(&message.row, context, text, foot)
}
