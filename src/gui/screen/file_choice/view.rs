//! How the choice looks.

use iced::widget::{column, container, row};
use iced::{Length, Padding};

use super::{Entry, FIELD, FileChoice, Message, Problem};
use crate::gui::font::Icon;
use crate::gui::platform::Wanted;
use crate::gui::screen::Context;
use crate::gui::theme::space;
use crate::gui::{Element, ui};

/// Height of the entries, in pixels before text size.
const HEIGHT: f32 = 220.0;

pub(super) fn dialog<'a>(choice: &'a FileChoice, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let (title, label, yes) = match choice.question.wanted {
        Wanted::File => ("file-choice-file", "file-choice-path", "file-choice-take"),
        Wanted::Folder => ("file-choice-folder", "file-choice-path", "file-choice-take-folder"),
        Wanted::Place(_) => ("file-choice-place", "file-choice-new", "file-choice-save"),
    };
    let title = match choice.question.title.as_str() {
        "" => context.text(title),
        title => title.to_owned(),
    };
    let problem = choice.problem.map(|problem| {
        context.text(match problem {
            Problem::NoFolder => "file-choice-no-folder",
            Problem::NoFile => "file-choice-no-file",
            Problem::Taken => "file-choice-taken",
            Problem::NoName => "file-choice-no-name",
        })
    });
    let field =
        ui::field(look, "", &choice.typed).id(FIELD).on_input(Message::Typed).on_submit(Message::Confirm);
    let beginnings = choice.beginnings.iter().map(|folder| {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
        ui::secondary(look, name).icon(Icon::Folder).on_press(Message::Take(folder.clone(), true)).into()
    });
    let buttons = [
        ui::secondary(look, context.text("settings-cancel")).on_press(Message::Leave).into(),
        ui::primary(look, context.text(yes)).id("file-choice-yes").on_press(Message::Confirm).into(),
    ];
    column![
        ui::title(look, title),
        ui::caption(look, context.text("file-choice-why")),
        ui::labelled(look, context.text(label), field, problem),
        row(beginnings).spacing(space::S).wrap().vertical_spacing(space::S),
        entries(choice, context),
        ui::answers(buttons),
    ]
    .spacing(space::M)
    .into()
}

/// What is in the folder, with the way up.
fn entries<'a>(choice: &'a FileChoice, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let line = |icon, name: String, path: &std::path::Path, is_folder| {
        ui::nav_item(look, Some(icon), name, 0, false, Message::Take(path.to_owned(), is_folder))
    };
    let up =
        choice.folder.parent().map(|parent| line(Icon::Up, context.text("file-choice-up"), parent, true));
    let listed = choice.entries.iter().map(|Entry { path, is_folder }| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        line(if *is_folder { Icon::Folder } else { Icon::File }, name, path, *is_folder)
    });
    let list = column(up.into_iter().chain(listed)).padding(Padding::ZERO.right(14.0));
    let list = container(ui::scroll(look, list)).height(look.px(HEIGHT)).width(Length::Fill);
    ui::card(look, list).padding(space::XS).width(Length::Fill).into()
}
