//! Replays local changes on the server, in order, and keeps them until the server agreed.

use std::sync::Arc;

use super::session::OpenSession;
use super::sync::remote;
use super::work::with_store;
use super::{Event, Result};
use crate::domain::id::{AccountId, FolderId, Uid};
use crate::imap;
use crate::store::{FolderState, Intention, Store, What};

/// Intentions of one command: same folder, same change.
struct Step {
    folder: FolderId,
    change: What,
    intentions: Vec<Intention>,
}

/// Rounds in one run: a change may wait for the UID an earlier one gives.
const ROUNDS: u32 = 10;

/// Replays everything that waits for this account.
pub(super) async fn run(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<()> {
    for _ in 0..ROUNDS {
        let waiting = with_store(session, |s, id| s.intentions(id), account).await?;
        let mut progress = false;
        for step in steps(waiting.into_iter().filter(|i| i.uid.is_some()).collect()) {
            progress |= replay(session, imap, account, step).await?;
        }
        if !progress {
            break;
        }
        session.tell(Event::ConnectionChanged(account));
    }
    Ok(())
}

/// Consecutive intentions that one command can carry out.
fn steps(waiting: Vec<Intention>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for intention in waiting {
        match steps.last_mut() {
            Some(step) if step.folder == intention.folder && step.change == intention.what => {
                step.intentions.push(intention);
            }
            _ => steps.push(Step {
                folder: intention.folder,
                change: intention.what,
                intentions: vec![intention],
            }),
        }
    }
    steps
}

/// Carries one step out; false when it has to wait.
async fn replay(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    step: Step,
) -> Result<bool> {
    let Step { folder, change, intentions } = step;
    let uids: Vec<Uid> = intentions.iter().filter_map(|i| i.uid).collect();
    let state = with_store(session, move |s, _| s.folder(folder), account).await?;
    let target = match change {
        What::Move { to } => Some(with_store(session, move |s, _| s.folder(to), account).await?),
        _ => None,
    };
    match carry_out(imap, &state, &uids, change, target.as_ref()).await {
        Ok(None) => Ok(false),
        Ok(Some(pairs)) => {
            let new_uid =
                move |i: &Intention| pairs.iter().find(|(old, _)| Some(*old) == i.uid).map(|(_, new)| *new);
            let done =
                move |s: &Store, _| intentions.iter().try_for_each(|i| s.intention_done(i.id, new_uid(i)));
            with_store(session, done, account).await?;
            Ok(true)
        }
        Err(imap::Error::Refused { code, .. }) if passes(code.as_deref()) => Ok(false),
        Err(imap::Error::Refused { reason, .. }) => {
            let messages: Vec<_> = intentions.iter().map(|i| i.message).collect();
            let failed =
                move |s: &Store, _| intentions.iter().try_for_each(|i| s.intention_failed(i.id, &reason));
            with_store(session, failed, account).await?;
            messages.into_iter().for_each(|id| session.tell(Event::MessageChanged(id)));
            for folder in [Some(folder), target.map(|t| t.folder.id)].into_iter().flatten() {
                session.tell(Event::MailboxChanged(folder));
            }
            session.tell(Event::FoldersChanged(account));
            session.tell(Event::Trouble);
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

/// `None` when the folder was renumbered since it was synchronised: these UIDs would hit other messages. The next
/// synchronisation gives the changes their new UIDs.
async fn carry_out(
    imap: &mut imap::Session,
    folder: &FolderState,
    uids: &[Uid],
    change: What,
    target: Option<&FolderState>,
) -> imap::Result<Option<Vec<(Uid, Uid)>>> {
    let selected = imap.select(&remote(folder)).await?;
    if folder.uid_validity != Some(selected.uid_validity) {
        return Ok(None);
    }
    match (change, target) {
        (What::Flag { flag, on }, _) => imap.store(uids, flag, on).await?,
        (What::Delete, _) => imap.delete(uids).await?,
        (What::Move { .. }, Some(target)) => return imap.move_to(uids, &remote(target)).await.map(Some),
        (What::Move { .. }, None) => {}
    }
    Ok(Some(Vec::new()))
}

/// The server can do it later (RFC 5530): the change is kept.
fn passes(code: Option<&str>) -> bool {
    matches!(code, Some("UNAVAILABLE" | "INUSE" | "LIMIT"))
}
