//! The picture of the mailbox: folders, list, reader.

mod blocks;
mod folders;
mod reading;
mod rows;

pub(in crate::gui::screen) use rows::trade;

use iced::Length;
use iced::widget::{column, container, row};

use super::{Mailbox, Message, Question, SEARCH_FIELD};
use crate::gui::screen::Context;
use crate::gui::theme::space;
use crate::gui::{Element, ui};

/// Width of the folders, in pixels before text size.
const FOLDERS: f32 = 188.0;
/// Width of the list, in pixels before text size.
const LIST: f32 = 392.0;

impl Mailbox {
    /// The whole screen.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        // on a narrow window the list gives way before the reader does
        let list_width = look.px(LIST).min(context.window.width * 0.34);
        let panes = row![
            container(folders::view(self, context)).width(look.px(FOLDERS)).height(Length::Fill),
            ui::vertical_divider(look),
            container(self.list_pane(context)).width(list_width).height(Length::Fill).style(ui::panel(look)),
            ui::vertical_divider(look),
            container(reading::view(self, context)).width(Length::Fill).height(Length::Fill),
        ];
        match &self.question {
            Some(question) => ui::modal(look, panes, self.dialog(context, question), Message::Dismiss),
            None => panes.into(),
        }
    }

    fn list_pane<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let search = ui::search_field(
            look,
            SEARCH_FIELD,
            &context.text("mailbox-search-hint"),
            &self.query,
            Message::Search,
        );
        let mut pane = column![container(search).padding([10.0, space::M])];
        if let Some(line) = rows::search_line(self, context) {
            pane = pane.push(container(line).padding([space::XS, space::M]));
        }
        pane.push(ui::divider(look)).push(rows::view(self, context)).into()
    }

    fn dialog<'a>(&'a self, context: Context<'a>, question: &'a Question) -> Element<'a, Message> {
        let look = context.look;
        let (title, detail, yes) = match question {
            Question::DeleteForGood(ids) => (
                context.with("mailbox-delete-title", &[("count", &ids.len().to_string())]),
                context.text("mailbox-delete-detail"),
                context.text("mailbox-delete-yes"),
            ),
            Question::Replace { path, .. } => (
                context.text("mailbox-replace-title"),
                context.with("mailbox-replace-detail", &[("path", &path.display().to_string())]),
                context.text("mailbox-replace-yes"),
            ),
        };
        let buttons = row![
            iced::widget::space().width(Length::Fill),
            ui::secondary(look, context.text("mailbox-cancel")).on_press(Message::Dismiss),
            ui::danger(look, yes).on_press(Message::Confirm),
        ]
        .spacing(space::S);
        column![ui::title(look, title), ui::body(look, detail), buttons].spacing(space::L).into()
    }
}
