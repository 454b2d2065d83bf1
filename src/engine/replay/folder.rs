//! Changes of folders themselves.

use std::sync::Arc;

use super::{CarriedOut, Step};
use crate::domain::id::AccountId;
use crate::engine::session::OpenSession;
use crate::engine::sync::remote;
use crate::engine::work::with_store;
use crate::engine::{Event, Result};
use crate::imap;
use crate::store::{FolderState, What};

/// Makes, renames or removes a folder, and records it: the name the server gave has to be kept.
pub(super) async fn carry_out(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    state: &FolderState,
    step: &Step,
) -> Result<imap::Result<Option<CarriedOut>>> {
    let id = state.folder.id;
    for intention in &step.intentions {
        let number = intention.id;
        match &step.change {
            What::Create => match imap.create(&state.folder.path).await {
                Ok(name) => {
                    let made = move |s: &crate::store::Store, _| s.folder_made(number, id, name.as_bytes());
                    with_store(session, made, account).await?;
                }
                Err(error) => return Ok(Err(error)),
            },
            What::Rename { path } => match imap.rename(&remote(state), path).await {
                Ok(name) => {
                    let renamed =
                        move |s: &crate::store::Store, _| s.folder_renamed(number, id, name.as_bytes());
                    with_store(session, renamed, account).await?;
                }
                Err(error) => return Ok(Err(error)),
            },
            _ => {
                if let Err(error) = imap.remove_folder(&remote(state)).await {
                    return Ok(Err(error));
                }
            }
        }
    }
    session.tell(Event::FoldersChanged(account));
    Ok(Ok(Some(CarriedOut::default())))
}
