//! How the dialog looks.

use iced::widget::column;

use super::{Message, Purpose, State, Transfer};
use crate::engine::{ExportForm, Exported, Imported, Job, Selection};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::{Element, ui};

pub(super) fn dialog<'a>(transfer: &'a Transfer, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let title = match &transfer.purpose {
        Purpose::Export(Selection::Messages(ids), _) => {
            context.with("transfer-export", &[("count", &ids.len().to_string())])
        }
        Purpose::Export(Selection::Patient(_), name) => {
            context.with("transfer-export-patient", &[("patient", name)])
        }
        Purpose::Export(Selection::Folder(_), name) => {
            context.with("transfer-export-folder", &[("folder", name)])
        }
        Purpose::Import(_, name) => context.with("transfer-import", &[("folder", name)]),
    };
    let content = column![ui::title(look, title)].spacing(space::L);
    match &transfer.state {
        State::Choosing => content.push(choices(&transfer.purpose, context)),
        State::Running(job) => content.push(running(job, context)),
        State::Exported(exported) => content.push(exported_part(exported, context)).push(closing(context)),
        State::Imported(imported) => content.push(imported_part(imported, context)).push(closing(context)),
        State::Failed(error) => {
            let sentence = context.wording.error(error);
            let banner = ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]);
            content.push(banner).push(closing(context))
        }
    }
    .into()
}

fn choices<'a>(purpose: &Purpose, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let choice = |key: &str, icon, message| {
        let button = ui::secondary(look, context.text(key)).icon(icon).id(key.to_owned()).on_press(message);
        column![button, ui::caption(look, context.text(&format!("{key}-detail")))].spacing(2.0).into()
    };
    let mut list: Vec<Element<'a, Message>> = match purpose {
        Purpose::Export(selection, _) => {
            let one = matches!(selection, Selection::Messages(ids) if ids.len() == 1);
            let first = if one {
                choice("transfer-eml", Icon::Mail, Message::Form(ExportForm::Eml))
            } else {
                choice("transfer-eml-folder", Icon::Folder, Message::Form(ExportForm::Folder))
            };
            vec![
                first,
                choice("transfer-mbox", Icon::Archive, Message::Form(ExportForm::Mbox)),
                choice("transfer-patients", Icon::People, Message::Form(ExportForm::Patients)),
            ]
        }
        Purpose::Import(..) => vec![
            choice("transfer-files", Icon::File, Message::ChooseFiles),
            choice("transfer-folder", Icon::Folder, Message::ChooseFolder),
        ],
    };
    if matches!(purpose, Purpose::Export(..)) {
        list.push(ui::caption(look, context.text("transfer-clear")).into());
    }
    let cancel = ui::secondary(look, context.text("settings-cancel")).on_press(Message::Close);
    column(list).push(ui::answers([cancel.into()])).spacing(space::M).into()
}

#[allow(clippy::cast_precision_loss, reason = "a share of a bar")]
fn running<'a>(job: &Job, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let (done, total) = job.progress();
    let share = (total > 0).then(|| done as f32 / total as f32);
    let values = [("done", context.wording.count(done)), ("total", context.wording.count(total))];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    column![
        ui::progress(look, share),
        ui::caption(look, context.with("transfer-progress", &values)),
        ui::answers([ui::secondary(look, context.text("settings-cancel")).on_press(Message::Cancel).into()]),
    ]
    .spacing(space::M)
    .into()
}

fn exported_part<'a>(exported: &Exported, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let values = [
        ("count", exported.messages.to_string()),
        ("size", context.wording.size(exported.bytes)),
        ("path", exported.path.display().to_string()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let done = context.with("transfer-exported", &values);
    let place = context.with("transfer-exported-detail", &values);
    let mut content = column![ui::banner(look, Tone::Good, done, place, vec![])].spacing(space::M);
    if exported.missing > 0 {
        let missing = context.with("cli-export-missing", &[("count", &exported.missing.to_string())]);
        let advice = context.text("rec-export-nothing");
        content = content.push(ui::banner(look, Tone::Warning, missing, advice, vec![]));
    }
    content.into()
}

fn imported_part<'a>(imported: &Imported, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let done = context.with("transfer-imported", &[("count", &imported.added.to_string())]);
    let tone = if imported.added > 0 { Tone::Good } else { Tone::Neutral };
    let mut content = column![ui::banner(look, tone, done, context.text("transfer-imported-detail"), vec![])]
        .spacing(space::S);
    for (key, count) in [
        ("transfer-duplicates", imported.duplicates),
        ("transfer-unreadable", imported.unreadable),
        ("transfer-too-large", imported.too_large),
    ] {
        if count > 0 {
            content = content.push(ui::body(look, context.with(key, &[("count", &count.to_string())])));
        }
    }
    content.into()
}

fn closing<'a>(context: Context<'a>) -> Element<'a, Message> {
    ui::answers([ui::primary(context.look, context.text("transfer-close")).on_press(Message::Close).into()])
}
