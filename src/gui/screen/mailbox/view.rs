//! The picture of the mailbox: folders, list, reader.

mod biology;
mod blocks;
mod columns;
mod conversation;
mod document;
mod drafts;
mod facets;
mod folders;
mod identity;
mod pages;
mod reading;
mod rows;

pub(in crate::gui::screen) use rows::trade;

use iced::widget::{column, container, responsive, row};
use iced::{Alignment, Length, Padding};

use super::folder::{FolderForm, NAME_FIELD, Target};
use super::{FolderMessage, Mailbox, Message, Question, SEARCH_FIELD};
use crate::domain::folder::{Folder, FolderRole};
use crate::domain::triage::Triage;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::{Element, ui};

/// Width of the folders, in pixels before text size.
const FOLDERS: f32 = 188.0;
/// Below this width the folders are not shown, in pixels before text size.
const NARROW: f32 = 900.0;
/// Width of the list, in pixels before text size.
const LIST: f32 = 392.0;

impl Mailbox {
    /// The whole screen.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let panes = responsive(move |size| self.panes(context, size.width));
        match &self.question {
            Some(question) => ui::modal(look, panes, self.dialog(context, question), Message::Dismiss),
            None => panes.into(),
        }
    }

    /// Folders, list and reader in `width`; in a narrow one (the directory is open beside) the folders give way first,
    /// then the list, never the reader.
    fn panes<'a>(&'a self, context: Context<'a>, width: f32) -> Element<'a, Message> {
        let look = context.look;
        let is_narrow = width < look.px(NARROW);
        let list_width = if is_narrow { width * 0.4 } else { look.px(LIST).min(width * 0.36) };
        let mut panes = row![];
        if !is_narrow {
            let write = ui::primary(look, context.text("mailbox-write"))
                .icon(Icon::Pencil)
                .width(Length::Fill)
                .on_press(Message::Write);
            let write = container(write).padding(Padding::from([10.0, space::S]).bottom(0));
            let side = facets::view(self, context).unwrap_or_else(|| folders::view(self, context));
            let folders = column![write, side];
            let folders = container(folders).width(look.px(FOLDERS)).height(Length::Fill);
            panes = panes.push(folders).push(ui::vertical_divider(look));
        }
        let list = if is_narrow && self.shows_folders {
            let side = facets::view(self, context).unwrap_or_else(|| folders::view(self, context));
            column![self.tools(context, true), ui::divider(look), side].into()
        } else {
            self.list_pane(context, is_narrow)
        };
        let list = container(list).width(list_width).height(Length::Fill);
        let reader = container(reading::view(self, context)).width(Length::Fill).height(Length::Fill);
        panes.push(list.style(ui::panel(look))).push(ui::vertical_divider(look)).push(reader).into()
    }

    /// Searching; in a narrow window also the folders and writing, which have no column of their own.
    fn tools<'a>(&'a self, context: Context<'a>, is_narrow: bool) -> Element<'a, Message> {
        let look = context.look;
        let search = ui::search_field(
            look,
            SEARCH_FIELD,
            &context.text("mailbox-search-hint"),
            &self.query,
            Message::Search,
        );
        let mut tools = row![].spacing(space::XS).align_y(Alignment::Center);
        if is_narrow {
            let folders = context.text("mailbox-folders");
            tools = tools.push(ui::icon_button(look, Icon::Folder, folders, Some(Message::ToggleFolders)));
        }
        tools = tools.push(search);
        let label = context.text("triage-menu");
        tools = tools.push(ui::icon_button(look, Icon::Flag, label, Some(Message::ChooseShown)));
        let help = ui::icon(look, Icon::Help, 15.0, look.palette.soft);
        tools = tools.push(ui::tooltip(look, help, context.text("search-operators")));
        if is_narrow {
            let write = context.text("cmd-new");
            tools = tools.push(ui::icon_button(look, Icon::Pencil, write, Some(Message::Write)));
        }
        container(tools).padding([10.0, space::M]).into()
    }

    /// Which states are shown.
    fn states<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let all = std::iter::once((None, context.text("triage-all")));
        let states = Triage::ALL.into_iter().map(|state| (Some(state), context.wording.triage(state)));
        let buttons = all.chain(states).map(|(state, label)| {
            let button = ui::secondary(context.look, label).chosen(state == self.state);
            button.on_press(Message::ShowState(state)).into()
        });
        // a state picks out single messages: conversations are for all of them
        let group = ui::secondary(context.look, context.text("conversation-group"))
            .icon(Icon::Conversation)
            .chosen(self.groups && self.state.is_none())
            .on_press_maybe(self.state.is_none().then_some(Message::Group(!self.groups)));
        let buttons = buttons.chain(std::iter::once::<Element<'a, Message>>(group.into()));
        row(buttons).spacing(space::XS).wrap().vertical_spacing(space::XS).into()
    }

    fn list_pane<'a>(&'a self, context: Context<'a>, is_narrow: bool) -> Element<'a, Message> {
        let look = context.look;
        let mut pane = column![self.tools(context, is_narrow)];
        if self.narrowing {
            pane = pane.push(
                container(self.states(context)).padding(Padding::from([0.0, space::M]).bottom(space::S)),
            );
        }
        if let Some(line) = rows::search_line(self, context) {
            pane = pane.push(container(line).padding([space::XS, space::M]));
        }
        pane.push(ui::divider(look)).push(rows::view(self, context)).into()
    }

    fn dialog<'a>(&'a self, context: Context<'a>, question: &'a Question) -> Element<'a, Message> {
        let look = context.look;
        let (title, detail, yes) = match question {
            Question::Folder(form) => return self.folder_form(context, form),
            Question::DeleteForGood(ids) => (
                context.with("mailbox-delete-title", &[("count", &ids.len().to_string())]),
                context.text("mailbox-delete-detail"),
                context.text("mailbox-delete-yes"),
            ),
            Question::FileAgain(again) => {
                let moment = context.wording.moment(again.earlier.at, context.now);
                let values = [
                    ("count", again.ids.len().to_string()),
                    ("moment", moment),
                    ("path", again.earlier.path.clone()),
                ];
                let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
                let yes = ui::primary(look, context.text("mailbox-file-again")).on_press(Message::Confirm);
                let no = ui::secondary(look, context.text("mailbox-cancel")).on_press(Message::Dismiss);
                return column![
                    ui::title(look, context.with("mailbox-file-again-title", &values)),
                    ui::body(look, context.with("mailbox-file-again-detail", &values)),
                    ui::answers([no.into(), yes.into()]),
                ]
                .spacing(space::L)
                .into();
            }
            Question::DeleteFolder(id) => {
                let name = self.folder(*id).map(|f| context.wording.folder(f)).unwrap_or_default();
                (
                    context.with("mailbox-folder-delete-title", &[("name", &name)]),
                    context.text("mailbox-folder-delete-detail"),
                    context.text("mailbox-folder-delete"),
                )
            }
            Question::Replace { path, .. } => (
                context.text("mailbox-replace-title"),
                context.with("mailbox-replace-detail", &[("path", &path.display().to_string())]),
                context.text("mailbox-replace-yes"),
            ),
        };
        let buttons = ui::answers([
            ui::secondary(look, context.text("mailbox-cancel")).on_press(Message::Dismiss).into(),
            ui::danger(look, yes).on_press(Message::Confirm).into(),
        ]);
        column![ui::title(look, title), ui::body(look, detail), buttons].spacing(space::L).into()
    }

    /// The name of a new folder, or what can be done with one.
    fn folder_form<'a>(&'a self, context: Context<'a>, form: &'a FolderForm) -> Element<'a, Message> {
        let look = context.look;
        let known = match form.target {
            Target::New(_) => None,
            Target::Known(id) => self.folder(id),
        };
        let can_name = known.is_none_or(Self::can_manage);
        let title = match known {
            None => context.text("mailbox-folder-new"),
            Some(folder) => {
                context.with("mailbox-folder-title", &[("name", &context.wording.folder(folder))])
            }
        };
        let problem = form.error.as_ref().map(|error| {
            let sentence = context.wording.error(error);
            format!("{} {}", sentence.what, sentence.advice)
        });
        let mut content = column![ui::title(look, title)].spacing(space::L);
        if can_name {
            let field = ui::field(look, &context.text("mailbox-folder-name"), &form.name)
                .id(NAME_FIELD)
                .on_input(|name| Message::Folder(FolderMessage::Name(name)))
                .on_submit(Message::Confirm);
            let named = ui::labelled(look, context.text("mailbox-folder-name"), field, problem);
            let hint = ui::caption(look, context.text("mailbox-folder-name-hint"));
            content = content.push(column![named, hint].spacing(space::XS));
        } else if let Some(problem) = problem {
            content = content.push(ui::toned(look, Tone::Alarm, problem));
        }
        // the inbox is watched anyway
        if let Some(folder) = known.filter(|folder| folder.role != FolderRole::Inbox) {
            let watch = ui::checkbox(look, context.text("mailbox-folder-watch"), folder.watched, |on| {
                Message::Folder(FolderMessage::Watch(on))
            });
            let hint = ui::caption(look, context.text("mailbox-folder-watch-hint"));
            content = content.push(column![watch, hint].spacing(space::XS));
        }
        if let Some(folder) = known {
            let export = ui::secondary(look, context.text("mailbox-folder-export"))
                .icon(Icon::Download)
                .on_press(Message::Folder(FolderMessage::Export));
            let may = folder.rights.insert.then_some(Message::Folder(FolderMessage::Import));
            let import = ui::secondary(look, context.text("mailbox-folder-import"))
                .icon(Icon::Upload)
                .on_press_maybe(may);
            content = content.push(row![export, import].spacing(space::S).wrap().vertical_spacing(space::S));
        }
        content.push(self.folder_buttons(context, form, known, can_name)).into()
    }

    fn folder_buttons<'a>(
        &self,
        context: Context<'a>,
        form: &FolderForm,
        known: Option<&Folder>,
        can_name: bool,
    ) -> Element<'a, Message> {
        let look = context.look;
        let mut buttons = row![].spacing(space::S);
        if known.is_some() && can_name {
            let delete = Message::Folder(FolderMessage::Delete);
            buttons = buttons.push(ui::danger(look, context.text("mailbox-folder-delete")).on_press(delete));
        }
        buttons = buttons.push(iced::widget::space().width(Length::Fill));
        // the mark is kept at once: there is nothing left to cancel
        let leave = if known.is_some() { "app-close" } else { "mailbox-cancel" };
        buttons = buttons.push(ui::secondary(look, context.text(leave)).on_press(Message::Dismiss));
        if can_name {
            let yes = if known.is_some() { "mailbox-folder-rename" } else { "mailbox-folder-create" };
            let is_new = known.is_none_or(|folder| folder.path != form.name.trim());
            let confirm = (is_new && !form.name.trim().is_empty()).then_some(Message::Confirm);
            buttons = buttons.push(ui::primary(look, context.text(yes)).on_press_maybe(confirm));
        }
        buttons.into()
    }
}
