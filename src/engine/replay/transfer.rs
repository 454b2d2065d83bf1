//! Messages that go to another folder: by MOVE where the server has it, else by COPY, and then out of the old folder.

use std::collections::HashMap;
use std::sync::Arc;

use super::{CarriedOut, Step};
use crate::domain::id::{AccountId, MessageId, Uid};
use crate::domain::message::Envelope;
use crate::engine::Result;
use crate::engine::session::OpenSession;
use crate::engine::sync::remote;
use crate::engine::work::with_store;
use crate::store::{FolderState, Intention, What};
use crate::{imap, mime};

/// Writes down that the server is about to be asked; what was taken back meanwhile leaves the step.
pub(super) async fn start(
    session: &Arc<OpenSession>,
    account: AccountId,
    step: &mut Step,
    uid_next: Option<Uid>,
) -> Result<()> {
    let ids: Vec<i64> = step.intentions.iter().map(|i| i.id).collect();
    let waiting = with_store(session, move |s, _| s.intentions_started(&ids, uid_next), account).await?;
    step.intentions.retain(|i| waiting.contains(&i.id));
    Ok(())
}

/// Moves or copies; the old folder is selected.
pub(super) async fn carry_out(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    state: &FolderState,
    target: &FolderState,
    step: &mut Step,
) -> Result<imap::Result<Option<CarriedOut>>> {
    let is_move = matches!(step.change, What::Move { .. });
    if is_move && imap.moves() {
        start(session, account, step, None).await?;
        let moved = imap.move_to(&uids(step), &remote(target)).await;
        return Ok(moved
            .map(|pairs| Some(CarriedOut { pairs: pairs.into_iter().collect(), ..CarriedOut::default() })));
    }
    let mut pairs = HashMap::new();
    let again: Vec<(MessageId, Uid)> = step
        .intentions
        .iter()
        .filter(|i| i.started)
        .filter_map(|i| Some((i.message?, i.uid_next?)))
        .collect();
    if !again.is_empty() {
        match look_for(session, imap, account, target, again).await? {
            Ok(found) => {
                let old = |i: &Intention| Some((i.uid?, *found.get(&i.message?)?));
                pairs.extend(step.intentions.iter().filter_map(old));
            }
            Err(error) => return Ok(Err(error)),
        }
        if let Err(error) = imap.select(&remote(state)).await {
            return Ok(Err(error));
        }
    }
    let uid_next = match imap.status(&remote(target)).await {
        Ok(status) => status.uid_next,
        Err(error) => return Ok(Err(error)),
    };
    start(session, account, step, uid_next).await?;
    let missing: Vec<Uid> = uids(step).into_iter().filter(|uid| !pairs.contains_key(uid)).collect();
    if !missing.is_empty() {
        match imap.copy_to(&missing, &remote(target)).await {
            Ok(copied) => pairs.extend(copied),
            Err(error) => return Ok(Err(error)),
        }
    }
    if !is_move {
        return Ok(Ok(Some(CarriedOut { pairs, stays: false })));
    }
    let stays = !imap.expunges();
    Ok(imap.delete(&uids(step)).await.map(|()| Some(CarriedOut { pairs, stays })))
}

fn uids(step: &Step) -> Vec<Uid> {
    step.intentions.iter().filter_map(|i| i.uid).collect()
}

/// Which of these messages, asked to be filed before, have arrived, with their numbers: by Message-ID and size, by the
/// whole header where there is no Message-ID, among what came since the number each is given with.
pub(super) async fn look_for(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    target: &FolderState,
    again: Vec<(MessageId, Uid)>,
) -> Result<imap::Result<HashMap<MessageId, Uid>>> {
    let Some(first) = again.iter().map(|(_, next)| next.0).min() else { return Ok(Ok(HashMap::new())) };
    let wanted = again;
    let known = with_store(
        session,
        move |s, _| {
            let mut known = Vec::new();
            for (id, _) in wanted {
                known.extend(s.envelope(id)?.zip(s.size(id)?).map(|(envelope, size)| (id, envelope, size)));
            }
            Ok(known)
        },
        account,
    )
    .await?;
    let arrived = async {
        imap.select(&remote(target)).await?;
        let uids = imap.uids_after(Uid(first.saturating_sub(1))).await?;
        imap.headers(&uids).await
    };
    let mut arrived: Vec<_> = match arrived.await {
        Ok(headers) => headers
            .into_iter()
            .map(|fetched| (fetched.uid, mime::parse_header(&fetched.header).envelope, fetched.size))
            .collect(),
        Err(error) => return Ok(Err(error)),
    };
    let mut pairs = HashMap::new();
    for (id, envelope, size) in known {
        let is_it = |(_, other, its): &(Uid, Envelope, u64)| *its == size && is_same(other, &envelope);
        if let Some(at) = arrived.iter().position(is_it) {
            pairs.insert(id, arrived.swap_remove(at).0);
        }
    }
    Ok(Ok(pairs))
}

fn is_same(a: &Envelope, b: &Envelope) -> bool {
    match (&a.message_id, &b.message_id) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a == b,
        _ => false,
    }
}
