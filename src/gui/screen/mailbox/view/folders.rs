//! The folders of every mailbox, and what is being written.

use iced::widget::{column, container, row};
use iced::{Alignment, Length, Padding};

use super::super::listing::Source;
use super::super::{FolderMessage, Mailbox, Message};
use crate::domain::folder::{Folder, FolderRole, Namespace};
use crate::domain::id::AccountId;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::space;
use crate::gui::widget::elided;
use crate::gui::{Element, ui};

pub(super) fn view<'a>(mailbox: &'a Mailbox, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![].spacing(2.0).padding([space::M, space::S]).width(Length::Fill);
    for account in &mailbox.accounts {
        let new = context.text("mailbox-folder-new");
        let add = Message::Folder(FolderMessage::New(account.id));
        let title = heading(context, account.config.address.as_str());
        content = content
            .push(row![title, ui::icon_button(look, Icon::Plus, new, Some(add))].align_y(Alignment::Center));
        let folders = mailbox.folders.iter().filter(|folder| folder.account == account.id);
        let (mut namespace, mut has_drafts) = (Namespace::Personal, false);
        for folder in folders {
            if folder.namespace != namespace {
                namespace = folder.namespace;
                let key = if namespace == Namespace::Shared { "mailbox-shared" } else { "mailbox-others" };
                content = content.push(heading(context, &context.text(key)));
            }
            // the first Drafts folder is the one drafts are kept in
            let is_drafts = folder.role == FolderRole::Drafts && !std::mem::replace(&mut has_drafts, true);
            content = content.push(if is_drafts {
                drafts(mailbox, context, Some(account.id))
            } else {
                entry(mailbox, context, folder)
            });
        }
        if !has_drafts && mailbox.drafts_of(Some(account.id)).next().is_some() {
            content = content.push(drafts(mailbox, context, Some(account.id)));
        }
        content = content.push(iced::widget::space().height(space::M));
    }
    if mailbox.drafts_of(None).next().is_some() {
        let heading = heading(context, &context.text("mailbox-here"));
        content = content.push(heading).push(drafts(mailbox, context, None));
    }
    ui::scroll(look, content).height(Length::Fill).into()
}

/// The drafts of an account, with their number.
fn drafts<'a>(
    mailbox: &'a Mailbox,
    context: Context<'a>,
    account: Option<AccountId>,
) -> Element<'a, Message> {
    let count = u32::try_from(mailbox.drafts_of(account).count()).unwrap_or(u32::MAX);
    let is_chosen = *mailbox.listing.source() == Source::Drafts(account);
    let name = context.text("folder-drafts");
    ui::nav_item(context.look, None, name, count, is_chosen, Message::OpenDrafts(account))
}

fn heading<'a>(context: Context<'a>, text: &str) -> Element<'a, Message> {
    let padding = Padding { top: space::XS, right: space::S, bottom: space::XS, left: 10.0 };
    container(elided(context.look.caption(), text).width(Length::Fill))
        .width(Length::Fill)
        .padding(padding)
        .into()
}

fn entry<'a>(mailbox: &'a Mailbox, context: Context<'a>, folder: &'a Folder) -> Element<'a, Message> {
    let name = context.wording.folder(folder);
    // folders of a role stand at the first level whatever the server calls them
    let depth = if folder.role == FolderRole::Other { folder.path.matches('/').count().min(4) } else { 0 };
    let indent = Padding::ZERO.left(depth as f32 * space::M);
    if !folder.selectable && folder.total == 0 {
        return container(heading(context, &name)).padding(indent).into();
    }
    let is_chosen = mailbox.listing.source().folder() == Some(folder.id);
    let is_read_only = folder.rights.is_read_only();
    let mark = is_read_only.then_some(Icon::Lock);
    let item =
        ui::nav_item(context.look, mark, name, folder.unread, is_chosen, Message::OpenFolder(folder.id));
    let item = if is_read_only {
        ui::tooltip(context.look, item, context.text("mailbox-folder-read-only"))
    } else {
        item
    };
    if !(is_chosen && Mailbox::has_choices(folder)) {
        return container(item).padding(indent).into();
    }
    let change = Message::Folder(FolderMessage::Manage(folder.id));
    let more = ui::icon_button(context.look, Icon::More, context.text("mailbox-folder-change"), Some(change));
    container(row![item, more].align_y(Alignment::Center)).padding(indent).into()
}
