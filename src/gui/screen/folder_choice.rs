//! A choice of folders messages may be put into.

use iced::widget::{column, row};

use super::Context;
use crate::domain::account::Account;
use crate::domain::folder::{Folder, FolderRole};
use crate::domain::id::FolderId;
use crate::engine::{Engine, Error};
use crate::gui::font::Icon;
use crate::gui::theme::space;
use crate::gui::{Element, ui};

/// Height of the choice before it scrolls, in pixels before text size.
const HEIGHT: f32 = 220.0;

/// Folders, by mailbox.
#[derive(Debug, Clone, Default)]
pub struct FolderChoice {
    accounts: Vec<Account>,
    folders: Vec<Folder>,
}

impl FolderChoice {
    /// Reads what there is to choose from.
    pub(super) async fn read(engine: Engine) -> Result<Self, Error> {
        let (accounts, mut folders) = (engine.accounts().await?, engine.folders().await?);
        // messages put among drafts would be taken for something to be sent
        folders.retain(|f| f.selectable && f.rights.insert && f.role != FolderRole::Drafts);
        Ok(Self { accounts, folders })
    }

    /// A button a folder, under the address of its mailbox where there are several.
    pub(super) fn view<'a, Message: Clone + 'a>(
        &'a self,
        context: Context<'a>,
        choose: impl Fn(FolderId) -> Message,
    ) -> Element<'a, Message> {
        let look = context.look;
        let mut list = column![].spacing(space::S);
        for account in &self.accounts {
            if self.accounts.len() > 1 {
                list = list.push(ui::caption(look, account.config.address.as_str()));
            }
            let own = self.folders.iter().filter(|folder| folder.account == account.id);
            let buttons = own.map(|folder| {
                let label = match folder.role {
                    // two folders of one name are told apart by where they are
                    FolderRole::Other => folder.path.clone(),
                    _ => context.wording.folder(folder),
                };
                ui::secondary(look, label).icon(Icon::Folder).on_press(choose(folder.id)).into()
            });
            list = list.push(row(buttons).spacing(space::S).wrap().vertical_spacing(space::S));
        }
        iced::widget::container(ui::scroll(look, list)).max_height(look.px(HEIGHT)).into()
    }
}
