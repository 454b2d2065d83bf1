//! Bodies: what the user opened first, then every missing one, newest first.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::folder::{remote, sync_folder};
use super::saver::{Saver, new_body};
use super::{MOST_FAILURES, Passed};
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, FolderId, MessageId, Uid};
use crate::engine::session::{Line, OpenSession};
use crate::engine::work::{blocking, with_store};
use crate::engine::{Error, ErrorKind, Event, Result, outbox, patient, receipt, replay};
use crate::imap;
use crate::store::FolderState;

/// Messages of one folder that are looked up at once.
const RUN: u32 = 10_000;
/// Messages asked for in one command, and how long its answer may take on this line: what the user opens waits behind
/// the commands that are on their way.
const COMMAND: usize = 100;
const COMMAND_TIME: Duration = Duration::from_millis(400);
/// Bytes asked for in one command: the least, the most, and while the line is not known yet.
const COMMAND_BYTES: std::ops::RangeInclusive<u64> = (64 << 10)..=(8 << 20);
const FIRST_BYTES: u64 = 1 << 20;
/// Headers that go into the index in one transaction.
const INDEXED_AT_ONCE: u32 = 1000;
/// While bodies are fetched, new mail and local changes are looked at this often.
pub(super) const BREATH: Duration = Duration::from_secs(20);

/// Every missing body, newest first, by `saver`, on which some may be. Reading, packing and indexing overlap with the
/// fetch of the next. What ended a connection before comes last and alone, and after some times no more.
pub(super) async fn fetch_bodies(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    saver: Saver,
    passed: &mut Passed,
) -> Result<()> {
    let (suspects, mut skip) = session.line(account).suspects(MOST_FAILURES);
    let fetched = fetch_runs(session, imap, account, &saver, &mut skip, passed).await;
    let (unsaved, saved) = saver.finish().await;
    session.line(account).count_fetches(unsaved.into_iter());
    passed.bear(saved)?;
    fetched?;
    index_listed(session, account).await?;
    for id in suspects {
        match fetch_one(session, imap, account, id).await {
            // gone meanwhile
            Err(error) if error.code() == "not-found" => {}
            result => passed.bear(result)?,
        }
    }
    Ok(())
}

/// Runs of messages of one folder, until nothing is missing but what is in `skip`, which grows by what did not come.
async fn fetch_runs(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    saver: &Saver,
    skip: &mut HashSet<MessageId>,
    passed: &mut Passed,
) -> Result<()> {
    let mut breath = Instant::now();
    while !saver.has_failed() {
        fetch_wanted(session, imap, account).await?;
        if breath.elapsed() >= BREATH {
            catch_up(session, imap, account, passed).await?;
            // bodies take their time on this line: what is listed must be found before they are here
            index_listed(session, account).await?;
            breath = Instant::now();
        }
        let until = Until { time: breath + BREATH, end: session.line(account).cancel.clone() };
        let (received, fetched) = fetch_run(session, imap, account, saver, skip, until).await?;
        passed.report.bytes += received;
        match fetched {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => passed.bear(Err(error))?,
        }
    }
    Ok(())
}

/// One run; answers the bytes that came, and whether anything was missing that is not in `skip`, or how it ended.
///
/// # Errors
/// When there was nothing to be done with this connection or the store.
pub(super) async fn fetch_run(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    saver: &Saver,
    skip: &mut HashSet<MessageId>,
    until: Until,
) -> Result<(u64, Result<bool>)> {
    imap.compress_if_slow().await?;
    // larger ones wait until somebody asks for them
    let limit = session.unasked_limit().await?;
    // before the store is asked: what is saved meanwhile is in neither
    let unsaved = saver.unsaved();
    let most = RUN.saturating_add(u32::try_from(skip.len() + unsaved.len()).unwrap_or(u32::MAX));
    let missing = with_store(session, move |s, id| s.missing_bodies(id, most, limit), account).await?;
    let waiting = missing.into_iter().filter(|(id, ..)| !skip.contains(id) && !unsaved.contains(id));
    let line = session.line(account);
    let Some(mut run) = Run::of(waiting, Arc::clone(&line), saver, until) else { return Ok((0, Ok(false))) };
    let fetched = stream(session, imap, account, &mut run).await;
    line.forget_fetches(run.came.iter().copied());
    let missed: Vec<MessageId> = run.asked.into_values().collect();
    // one of these may be what the server or we cannot bear
    if fetched.as_ref().is_err_and(|error| error.kind() == ErrorKind::Offline) {
        line.count_fetches(missed.iter().copied());
    }
    skip.extend(missed);
    Ok((run.received, fetched.map(|()| true)))
}

/// Puts the headers of every listed message into the index.
async fn index_listed(session: &Arc<OpenSession>, account: AccountId) -> Result<()> {
    while with_store(session, |s, _| s.index_listed(INDEXED_AT_ONCE), account).await? > 0 {}
    Ok(())
}

/// When the connection is wanted for something else.
pub(super) struct Until {
    pub(super) time: Instant,
    pub(super) end: CancellationToken,
}

/// Messages of one folder on their way.
struct Run<'a> {
    folder: FolderId,
    /// Still to be asked for, the next one last.
    waiting: Vec<(MessageId, Uid, u64)>,
    /// Asked for, and not here yet.
    asked: HashMap<Uid, MessageId>,
    came: Vec<MessageId>,
    received: u64,
    begun: Instant,
    until: Until,
    line: Arc<Line>,
    saver: &'a Saver,
}

impl<'a> Run<'a> {
    /// The next messages of one folder: all of those looked up, though others may lie between them in time, because a
    /// change of folder costs more than their order is worth.
    fn of(
        missing: impl Iterator<Item = (MessageId, FolderId, Uid, u64)>,
        line: Arc<Line>,
        saver: &'a Saver,
        until: Until,
    ) -> Option<Self> {
        let mut missing = missing.peekable();
        let folder = missing.peek()?.1;
        let mut waiting: Vec<_> =
            missing.filter(|(_, of, ..)| *of == folder).map(|(id, _, uid, size)| (id, uid, size)).collect();
        waiting.reverse();
        Some(Self {
            folder,
            waiting,
            asked: HashMap::new(),
            came: Vec::new(),
            received: 0,
            begun: Instant::now(),
            until,
            line,
            saver,
        })
    }

    /// Bytes of a command whose answer takes the wanted time on this line.
    fn command_bytes(&self) -> u64 {
        if self.received < FIRST_BYTES {
            return FIRST_BYTES;
        }
        let rate = self.received as f64 / self.begun.elapsed().as_secs_f64().max(0.001);
        let bytes = rate * COMMAND_TIME.as_secs_f64();
        (bytes as u64).clamp(*COMMAND_BYTES.start(), *COMMAND_BYTES.end())
    }

    /// Something else has to be done on this connection first.
    fn is_interrupted(&self) -> bool {
        self.line.has_wanted()
            || self.saver.has_failed()
            || Instant::now() >= self.until.time
            || self.until.end.is_cancelled()
    }
}

impl imap::Bodies for Run<'_> {
    fn next(&mut self) -> Option<Vec<Uid>> {
        if self.is_interrupted() {
            return None;
        }
        let most = self.command_bytes();
        let (mut uids, mut bytes) = (Vec::new(), 0);
        while let Some((id, uid, size)) =
            self.waiting.pop_if(|(.., size)| bytes == 0 || bytes + *size <= most)
        {
            bytes += size;
            uids.push(uid);
            self.asked.insert(uid, id);
            if uids.len() >= COMMAND {
                break;
            }
        }
        (!uids.is_empty()).then_some(uids)
    }

    async fn take(&mut self, uid: Uid, raw: Vec<u8>) {
        let Some(id) = self.asked.remove(&uid) else { return };
        self.received += raw.len() as u64;
        self.came.push(id);
        self.saver.push(self.folder, id, raw).await;
    }
}

/// Fetches a run; nothing when the folder was renumbered since it was looked at: these UIDs would give the content of
/// other messages.
async fn stream(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    run: &mut Run<'_>,
) -> Result<()> {
    let folder = run.folder;
    let state = with_store(session, move |s, _| s.folder(folder), account).await?;
    let selected = imap.select(&remote(&state)).await?;
    if state.uid_validity != Some(selected.uid_validity) {
        run.asked.extend(run.waiting.drain(..).map(|(id, uid, _)| (uid, id)));
        return Ok(());
    }
    imap.stream_bodies(run).await?;
    Ok(())
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
    let state = with_store(session, move |s, _| s.folder(folder), account).await?;
    let fetched = fetch_uid(imap, &state, uid).await;
    let line = session.line(account);
    match &fetched {
        Ok(Some(_)) => line.forget_fetches(std::iter::once(id)),
        Err(error) if error.kind() == ErrorKind::Offline => line.count_fetches(std::iter::once(id)),
        _ => {}
    }
    let raw = fetched?.ok_or_else(not_found)?;
    let owner = Arc::clone(session);
    blocking(move || {
        let body = new_body(id, &raw, |notice| receipt::take_in(&owner, id, notice))?;
        owner.store.save_body(vec![body])?;
        patient::settle_soon(&owner);
        owner.tell(Event::MessageChanged(id));
        Ok(())
    })
    .await
}

/// One message; `None` when it is gone, or when the folder was renumbered since it was looked at.
async fn fetch_uid(imap: &mut imap::Session, folder: &FolderState, uid: Uid) -> Result<Option<Vec<u8>>> {
    let selected = imap.select(&remote(folder)).await?;
    if folder.uid_validity != Some(selected.uid_validity) {
        return Ok(None);
    }
    let mut found = None;
    imap.bodies(&[uid], |_, raw| found = Some(raw)).await?;
    Ok(found)
}
