//! The folders of every mailbox, and what is being written.

use iced::widget::{column, container};
use iced::{Length, Padding};

use super::super::listing::Source;
use super::super::{Mailbox, Message};
use crate::domain::account::Account;
use crate::domain::folder::{Folder, FolderRole};
use crate::gui::screen::Context;
use crate::gui::theme::space;
use crate::gui::widget::elided;
use crate::gui::{Element, ui};

pub(super) fn view<'a>(mailbox: &'a Mailbox, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![].spacing(2.0).padding([space::M, space::S]).width(Length::Fill);
    for account in &mailbox.accounts {
        content = content.push(heading(context, account.config.address.as_str()));
        for folder in folders_of(mailbox, account) {
            content = content.push(entry(mailbox, context, folder));
        }
        content = content.push(iced::widget::space().height(space::M));
    }
    let count = u32::try_from(mailbox.drafts.len()).unwrap_or(u32::MAX);
    content = content.push(heading(context, &context.text("mailbox-here"))).push(ui::nav_item(
        look,
        None,
        context.text("mailbox-drafts"),
        count,
        *mailbox.listing.source() == Source::Drafts,
        Message::OpenDrafts,
    ));
    ui::scroll(look, content).height(Length::Fill).into()
}

fn folders_of<'a>(mailbox: &'a Mailbox, account: &'a Account) -> impl Iterator<Item = &'a Folder> {
    mailbox.folders.iter().filter(|folder| folder.account == account.id)
}

fn heading<'a>(context: Context<'a>, text: &str) -> Element<'a, Message> {
    let padding = Padding { top: space::XS, right: space::S, bottom: space::XS, left: 10.0 };
    container(elided(context.look.caption(), text).width(Length::Fill)).padding(padding).into()
}

fn entry<'a>(mailbox: &'a Mailbox, context: Context<'a>, folder: &'a Folder) -> Element<'a, Message> {
    let name = context.wording.folder(folder);
    // folders of a role stand at the first level whatever the server calls them
    let depth = if folder.role == FolderRole::Other { folder.path.matches('/').count().min(4) } else { 0 };
    let indent = Padding::ZERO.left(depth as f32 * space::M);
    if !folder.selectable {
        return container(heading(context, &name)).padding(indent).into();
    }
    let is_chosen = *mailbox.listing.source() == Source::Folder(folder.id);
    let item =
        ui::nav_item(context.look, None, name, folder.unread, is_chosen, Message::OpenFolder(folder.id));
    container(item).padding(indent).into()
}
