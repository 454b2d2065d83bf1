//! Replays local changes on the server, in order, and keeps them until the server agreed.

use std::sync::Arc;

use super::session::OpenSession;
use super::sync::{remote, with_store};
use super::{Event, Result};
use crate::domain::id::{AccountId, FolderId, Uid};
use crate::imap;
use crate::store::{Intention, What};

/// Intentions of one command: same folder, same change.
struct Step {
    folder: FolderId,
    change: What,
    intentions: Vec<Intention>,
}

/// Replays everything that waits for this account, and what an earlier change of the same message has made possible:
/// a message moved twice gets the number that the second move needs from the first.
pub(super) async fn run(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<()> {
    loop {
        let waiting = with_store(session, |s, id| s.intentions(id), account).await?;
        // what has a number is gone after its turn, done or refused
        if !waiting.iter().any(|i| i.uid.is_some()) {
            return Ok(());
        }
        for step in steps(waiting) {
            replay(session, imap, account, step).await?;
        }
        session.tell(Event::ConnectionChanged(account));
    }
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

async fn replay(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    step: Step,
) -> Result<()> {
    let Step { folder, change, intentions } = step;
    // a message the server does not know yet under a UID: its earlier intention comes first, this one next time
    let (ready, waiting): (Vec<Intention>, Vec<Intention>) =
        intentions.into_iter().partition(|i| i.uid.is_some());
    if !waiting.is_empty() {
        tracing::debug!(count = waiting.len(), "changes wait for a message identifier");
    }
    let uids: Vec<Uid> = ready.iter().filter_map(|i| i.uid).collect();
    if uids.is_empty() {
        return Ok(());
    }
    let state = with_store(session, move |s, _| s.folder(folder), account).await?;
    let outcome = async {
        imap.select(&remote(&state)).await?;
        match &change {
            What::Flag { flag, on } => imap.store(&uids, *flag, *on).await.map(|()| Vec::new()),
            What::Delete => imap.delete(&uids).await.map(|()| Vec::new()),
            What::Move { to } => {
                let to = *to;
                let target = with_store(session, move |s, _| s.folder(to), account).await;
                match target {
                    Ok(target) => imap.move_to(&uids, &remote(&target)).await,
                    Err(_) => Ok(Vec::new()),
                }
            }
        }
    }
    .await;
    match outcome {
        Ok(pairs) => {
            with_store(
                session,
                move |s, _| {
                    for intention in ready {
                        let moved =
                            pairs.iter().find(|(old, _)| Some(*old) == intention.uid).map(|(_, new)| *new);
                        s.intention_done(intention.id, moved)?;
                    }
                    Ok(())
                },
                account,
            )
            .await
        }
        Err(imap::Error::Refused { reason, .. }) => {
            with_store(
                session,
                move |s, _| {
                    for intention in ready {
                        s.intention_failed(intention.id, &reason)?;
                    }
                    Ok(())
                },
                account,
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}
