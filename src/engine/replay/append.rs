//! Messages of files on their way to the server, by APPEND, one at a time: a crash leaves at most one in doubt, which is
//! looked for before it is sent again.

use std::sync::Arc;

use super::{CarriedOut, Step, transfer};
use crate::domain::id::{AccountId, MessageId, Uid};
use crate::engine::Result;
use crate::engine::session::OpenSession;
use crate::engine::sync::remote;
use crate::engine::work::with_store;
use crate::imap;
use crate::store::FolderState;

/// Files the messages of a step. What is filed is written down at once and leaves the step; what the server refuses is
/// alone in it afterwards.
pub(super) async fn carry_out(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    state: &FolderState,
    step: &mut Step,
) -> Result<imap::Result<Option<CarriedOut>>> {
    let again: Vec<_> = step
        .intentions
        .iter()
        .filter(|i| i.started)
        .filter_map(|i| Some((i.message?, i.uid_next?)))
        .collect();
    let mut arrived = match transfer::look_for(session, imap, account, state, again).await? {
        Ok(arrived) => arrived,
        Err(error) => return Ok(Err(error)),
    };
    let uid_next = match imap.status(&remote(state)).await {
        Ok(status) => status.uid_next,
        Err(error) => return Ok(Err(error)),
    };
    for intention in std::mem::take(&mut step.intentions) {
        let Some(id) = intention.message else { continue };
        let number = intention.id;
        let uid = match arrived.remove(&id) {
            Some(uid) => Some(uid),
            None => {
                step.intentions = vec![intention];
                transfer::start(session, account, step, uid_next).await?;
                // taken back meanwhile
                let Some(intention) = step.intentions.pop() else { continue };
                match append(session, imap, account, state, id).await? {
                    Ok(uid) => uid,
                    Err(error) => {
                        step.intentions = vec![intention];
                        return Ok(Err(error));
                    }
                }
            }
        };
        with_store(session, move |s, _| s.intention_done(number, uid), account).await?;
    }
    Ok(Ok(Some(CarriedOut::default())))
}

async fn append(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    state: &FolderState,
    id: MessageId,
) -> Result<imap::Result<Option<Uid>>> {
    let known = with_store(session, move |s, _| Ok((s.row(id)?, s.raw(id)?)), account).await?;
    let (row, Some(raw)) = known else { return Ok(Ok(None)) };
    // one that was deleted for good meanwhile goes there all the same: its deletion waits for the number it gets
    let (flags, date) = row.map(|row| (row.flags, Some(row.date))).unwrap_or_default();
    let appended = imap.append(&remote(state), &flags, date, &raw).await;
    let is_ours = |validity| state.uid_validity.is_none_or(|known| known == validity);
    Ok(appended.map(|went| went.filter(|(validity, _)| is_ours(*validity)).map(|(_, uid)| uid)))
}
