//! Bodies: what the user opened first, then every missing one, newest first.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::folder::{remote, sync_folder};
use super::{MOST_FAILURES, Passed};
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, FolderId, MessageId, Uid};
use crate::engine::session::OpenSession;
use crate::engine::work::{blocking, joined, with_store};
use crate::engine::{Error, ErrorKind, Event, Result, outbox, receipt, replay};
use crate::store::NewBody;
use crate::{imap, mime};

/// Bodies asked for in one command, by number and by size.
const BODY_BATCH: u32 = 60;
const BODY_BATCH_BYTES: u64 = 8 << 20;
/// While bodies are fetched, new mail and local changes are looked at this often.
pub(super) const BREATH: Duration = Duration::from_secs(20);

/// Bodies on their way to the store while the next are fetched.
struct Saving {
    ids: Vec<MessageId>,
    task: tokio::task::JoinHandle<Result<()>>,
}

/// Every missing body, newest first. Parsing, compression and indexing of one batch overlap with the fetch of the
/// next. What ended a connection before comes last and alone, and after some times no more.
pub(super) async fn fetch_bodies(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    passed: &mut Passed,
) -> Result<()> {
    let (suspects, mut tried) = session.line(account).suspects(MOST_FAILURES);
    let mut saving: Option<Saving> = None;
    let mut breath = Instant::now();
    // larger ones wait until somebody asks for them
    let limit = session.unasked_limit().await?;
    loop {
        fetch_wanted(session, imap, account).await?;
        imap.compress_if_slow().await?;
        if breath.elapsed() >= BREATH {
            catch_up(session, imap, account, passed).await?;
            breath = Instant::now();
        }
        let skip = u32::try_from(tried.len()).unwrap_or(u32::MAX - BODY_BATCH);
        let missing =
            with_store(session, move |s, id| s.missing_bodies(id, BODY_BATCH + skip, limit), account).await?;
        let Some(batch) = next_batch(missing, &tried) else { break };
        tried.extend(batch.ids.values());
        let bodies = match fetch_batch(session, imap, account, &batch).await {
            Ok(bodies) => bodies,
            Err(error) => {
                passed.bear(Err(error))?;
                continue;
            }
        };
        passed.report.bytes += bodies.iter().map(|(_, raw)| raw.len() as u64).sum::<u64>();
        finish_saving(session, account, saving.take(), &mut tried, passed).await?;
        let ids = bodies.iter().map(|(id, _)| *id).collect();
        let owner = Arc::clone(session);
        saving = Some(Saving { ids, task: tokio::task::spawn_blocking(move || save(&owner, bodies)) });
    }
    finish_saving(session, account, saving, &mut tried, passed).await?;
    for id in suspects {
        match fetch_one(session, imap, account, id).await {
            // gone meanwhile
            Err(error) if error.code() == "not-found" => {}
            result => passed.bear(result)?,
        }
    }
    Ok(())
}

/// Waits until bodies are stored; they are no longer missing then.
async fn finish_saving(
    session: &Arc<OpenSession>,
    account: AccountId,
    saving: Option<Saving>,
    tried: &mut HashSet<MessageId>,
    passed: &mut Passed,
) -> Result<()> {
    let Some(Saving { ids, task }) = saving else { return Ok(()) };
    let saved = joined(task.await);
    if saved.is_ok() {
        tried.retain(|id| !ids.contains(id));
    } else {
        session.line(account).count_fetches(ids.into_iter());
    }
    passed.bear(saved)
}

/// Between bodies, which may take hours: local changes go out, sent messages are filed, new mail comes in.
pub(super) async fn catch_up(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    passed: &mut Passed,
) -> Result<()> {
    replay::run(session, imap, account).await?;
    outbox::file_sent(session, imap, account).await?;
    let inbox = with_store(session, |s, id| s.folder_by_role(id, FolderRole::Inbox), account).await?;
    let Some(inbox) = inbox else { return Ok(()) };
    let synced = sync_folder(session, imap, account, &inbox, &mut passed.report).await;
    passed.bear(synced)
}

struct Batch {
    folder: FolderId,
    ids: HashMap<Uid, MessageId>,
}

/// The next messages of one folder, within the limits of a batch.
fn next_batch(missing: Vec<(MessageId, FolderId, Uid, u64)>, tried: &HashSet<MessageId>) -> Option<Batch> {
    let mut waiting = missing.into_iter().filter(|(id, ..)| !tried.contains(id)).peekable();
    let folder = waiting.peek()?.1;
    let (mut ids, mut bytes) = (HashMap::new(), 0);
    for (id, of, uid, size) in waiting {
        if of != folder || ids.len() == BODY_BATCH as usize || (bytes > 0 && bytes + size > BODY_BATCH_BYTES)
        {
            break;
        }
        bytes += size;
        ids.insert(uid, id);
    }
    Some(Batch { folder, ids })
}

async fn fetch_batch(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    batch: &Batch,
) -> Result<Vec<(MessageId, Vec<u8>)>> {
    let fetched = fetch_selected(session, imap, account, batch).await;
    match &fetched {
        Ok(bodies) => session.line(account).forget_fetches(bodies.iter().map(|(id, _)| *id)),
        // one of these may be what the server or we cannot bear
        Err(error) if error.kind() == ErrorKind::Offline => {
            session.line(account).count_fetches(batch.ids.values().copied());
        }
        Err(_) => {}
    }
    fetched
}

async fn fetch_selected(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    batch: &Batch,
) -> Result<Vec<(MessageId, Vec<u8>)>> {
    let folder = batch.folder;
    let state = with_store(session, move |s, _| s.folder(folder), account).await?;
    let selected = imap.select(&remote(&state)).await?;
    // renumbered since the folder was looked at: these UIDs would give the content of other messages
    if state.uid_validity != Some(selected.uid_validity) {
        return Ok(Vec::new());
    }
    let mut uids: Vec<Uid> = batch.ids.keys().copied().collect();
    uids.sort_unstable();
    let mut bodies = Vec::with_capacity(uids.len());
    imap.bodies(&uids, |uid, raw| {
        if let Some(id) = batch.ids.get(&uid) {
            bodies.push((*id, raw));
        }
    })
    .await?;
    Ok(bodies)
}

/// Parses and stores fetched messages; blocking.
fn save(session: &OpenSession, bodies: Vec<(MessageId, Vec<u8>)>) -> Result<()> {
    let ids: Vec<MessageId> = bodies.iter().map(|(id, _)| *id).collect();
    let parsed: Vec<NewBody> = bodies.into_iter().map(|(id, raw)| new_body(id, raw)).collect();
    // before the bodies count as here: a crash in between reads them again
    receipt::take_in(session, &parsed);
    session.store.save_body(&parsed)?;
    for id in ids {
        session.tell(Event::MessageChanged(id));
    }
    Ok(())
}

pub(in crate::engine) fn new_body(id: MessageId, raw: Vec<u8>) -> NewBody {
    let parsed = mime::parse(&raw);
    NewBody {
        id,
        kind: parsed.kind,
        has_attachment: parsed.attachments.iter().any(|a| !a.inline),
        text: parsed.search_text,
        raw,
    }
}

/// The bodies somebody is waiting for.
pub(super) async fn fetch_wanted(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<()> {
    let line = session.line(account);
    while let Some((id, done)) = line.next_wanted() {
        let result = fetch_one(session, imap, account, id).await;
        let fatal = result.as_ref().err().filter(|e| e.kind() == ErrorKind::Offline).cloned();
        let _ = done.send(result);
        if let Some(error) = fatal {
            return Err(error);
        }
    }
    Ok(())
}

/// Fetches and stores one body.
pub(in crate::engine) async fn fetch_one(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    id: MessageId,
) -> Result<()> {
    let not_found = || Error::new(ErrorKind::NeedsUser, "not-found");
    let (folder, uid, _) =
        with_store(session, move |s, _| s.location(id), account).await?.ok_or_else(not_found)?;
    let uid = uid.ok_or_else(not_found)?;
    let batch = Batch { folder, ids: HashMap::from([(uid, id)]) };
    let bodies = fetch_batch(session, imap, account, &batch).await?;
    if bodies.is_empty() {
        return Err(not_found());
    }
    let owner = Arc::clone(session);
    blocking(move || save(&owner, bodies)).await
}
