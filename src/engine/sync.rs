//! One loop an account: keep the store and the server the same.
//!
//! A pass replays local changes, files sent copies, refreshes the folders, then fetches bodies newest first; what the
//! user opens overtakes them. Between passes the connection idles on the inbox.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::link::Link;
use super::report::Connection;
use super::session::{OpenSession, Running};
use super::{Error, ErrorKind, Event, Result, SyncReport, clock, outbox, receipt, replay};
use crate::domain::account::Account;
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, FolderId, MessageId, Uid};
use crate::domain::message::Flags;
use crate::imap::{self, Idled, UidRange};
use crate::net::Backoff;
use crate::store::{FolderRecord, FolderState, NewBody, NewMessage};
use crate::{mime, store};

/// Headers asked for in one command.
const HEADER_BATCH: usize = 500;
/// Bodies asked for in one command, by number and by size.
const BODY_BATCH: u32 = 60;
const BODY_BATCH_BYTES: u64 = 8 << 20;
/// Larger messages wait until they are opened.
const BODY_LIMIT: u64 = 24 << 20;
/// Pauses after a lost connection; a refusal that trying again does not cure waits the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Shortest time between a wait for changes and the next pass, after a change and after a wait without one.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const SHORTEST_IDLE: Duration = Duration::from_secs(30);
/// While bodies are fetched, new mail and local changes are looked at this often.
const BREATH: Duration = Duration::from_secs(20);
/// A folder or a body that ended the connection this often no longer stands before the others.
const MOST_FAILURES: u32 = 3;
/// IDLE is renewed before servers cut it (RFC 2177 says 29 minutes; many routers forget sooner).
const IDLE_LIMIT: Duration = Duration::from_secs(9 * 60);

/// Starts the loop of an account, once. From this call on the loop alone talks to the server: a pass beside it could
/// file a second copy of a sent message.
pub(super) fn start(handle: &tokio::runtime::Handle, session: &Arc<OpenSession>, account: Account) {
    if let Some(running) = session.line(account.id).start() {
        handle.spawn(run(Arc::clone(session), account, running));
    }
}

/// Runs until the session ends or the account is removed.
async fn run(session: Arc<OpenSession>, account: Account, _running: Running) {
    let line = session.line(account.id);
    let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    while !line.cancel.is_cancelled() {
        line.set_connected(true);
        let served = tokio::select! {
            biased;
            () = line.cancel.cancelled() => break,
            served = serve(&session, &account, &mut backoff) => served,
        };
        line.set_connected(false);
        let Err(error) = served else { continue };
        if line.cancel.is_cancelled() {
            break;
        }
        line.answer_passes(&Err(error.clone()));
        line.fail_wanted(&error);
        tracing::info!(code = error.code(), "connection ended");
        // an answer that was lost cannot be looked for now
        if let Err(error) = outbox::ask_user_for_all(&session, account.id).await {
            tracing::warn!(code = error.code(), "the outbox could not be read");
        }
        let pause = if error.kind() == ErrorKind::Offline { backoff.next() } else { LONGEST_PAUSE };
        session.set_connection(account.id, Connection::Waiting(error));
        tokio::select! {
            () = line.cancel.cancelled() => break,
            () = line.wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// One connection, from login to its end.
async fn serve(session: &Arc<OpenSession>, account: &Account, backoff: &mut Backoff) -> Result<()> {
    session.set_connection(account.id, Connection::Working);
    let mut imap = connect(session, account).await?;
    outbox::hurry(session, account.id).await?;
    let line = session.line(account.id);
    let mut behind = false;
    loop {
        // a request that comes during the pass is answered by the next one
        let asked = line.take_passes();
        session.set_connection(account.id, Connection::Working);
        let passed = pass_on(session, &mut imap, account.id).await;
        let answer = passed.clone().and_then(Passed::told);
        asked.into_iter().for_each(|request| drop(request.send(answer.clone())));
        let trouble = passed?.trouble;
        backoff.reset();
        let limit = if trouble.is_some() { LONGEST_PAUSE } else { IDLE_LIMIT };
        match trouble {
            None => session.succeeded(account.id, clock::now()),
            Some(trouble) => session.set_connection(account.id, Connection::Waiting(trouble)),
        }
        if line.has_pass_request() {
            continue;
        }
        if !select_inbox(session, &mut imap, account.id).await? && !behind {
            // mail came while the other folders were looked at: one more pass before waiting for changes
            behind = true;
            continue;
        }
        behind = false;
        let start = Instant::now();
        let idled = imap.idle(limit, line.wake.notified()).await?;
        if idled == Idled::Woken {
            fetch_wanted(session, &mut imap, account.id).await?;
        }
        // a server that ends every wait at once must not make the loop spin
        let shortest = match idled {
            Idled::Woken => Duration::ZERO,
            Idled::Changed => SHORTEST_WAIT,
            Idled::TimedOut => SHORTEST_IDLE,
        };
        tokio::select! {
            () = tokio::time::sleep(shortest.saturating_sub(start.elapsed())) => {}
            () = line.wake.notified() => {}
        }
    }
}

/// Selects the inbox for idling; answers whether it is still as the pass left it.
async fn select_inbox(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<bool> {
    let inbox = with_store(session, |s, id| s.folder_by_role(id, FolderRole::Inbox), account).await?;
    let Some(inbox) = inbox else { return Ok(true) };
    let selected = match imap.select(&remote(&inbox)).await {
        Ok(selected) => selected,
        Err(imap::Error::Refused { .. }) => return Ok(true),
        Err(error) => return Err(error.into()),
    };
    Ok(match selected.highest_modseq {
        Some(modseq) => inbox.highest_modseq == Some(modseq),
        None => inbox.folder.total == selected.exists,
    })
}

/// Logs in.
pub(super) async fn connect(session: &Arc<OpenSession>, account: &Account) -> Result<imap::Session> {
    let (owner, config) = (Arc::clone(session), account.config.clone());
    let link = blocking(move || Link::prepare(&owner, &config)).await?;
    link.imap().await
}

/// What a pass did, and what the server refused in it: the rest was done all the same.
#[derive(Clone, Default)]
struct Passed {
    report: SyncReport,
    trouble: Option<Error>,
}

impl Passed {
    /// A pass with a refusal was not complete.
    fn told(self) -> Result<SyncReport> {
        self.trouble.map_or(Ok(self.report), Err)
    }

    /// Goes on after what the server refused, or what is wrong with one message; any other error ends the connection.
    fn bear(&mut self, result: Result<()>) -> Result<()> {
        match result {
            Err(error) if is_borne(&error) => {
                tracing::info!(code = error.code(), "part of a synchronisation failed");
                self.trouble.get_or_insert(error);
                Ok(())
            }
            result => result,
        }
    }
}

/// The connection and the store can be used after this error.
fn is_borne(error: &Error) -> bool {
    matches!((error.kind(), error.code()), (ErrorKind::Refused, "server-refused") | (ErrorKind::Bug, _))
}

/// One complete synchronisation over a connection.
///
/// # Errors
/// What ended it, or the first thing the server refused, when everything else is done.
pub(super) async fn pass(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<SyncReport> {
    pass_on(session, imap, account).await?.told()
}

async fn pass_on(session: &Arc<OpenSession>, imap: &mut imap::Session, account: AccountId) -> Result<Passed> {
    let start = Instant::now();
    let mut passed = Passed::default();
    fetch_wanted(session, imap, account).await?;
    replay::run(session, imap, account).await?;
    outbox::file_sent(session, imap, account).await?;
    let line = session.line(account);
    let folders = refresh_folders(session, imap, account).await?;
    // a folder that ended the last connections comes after everything else
    let (last, first): (Vec<_>, Vec<_>) =
        folders.into_iter().partition(|f| line.folder_failures(f.folder.id) >= MOST_FAILURES);
    for folder in &first {
        sync_counted(session, imap, account, folder, &mut passed).await?;
    }
    fetch_bodies(session, imap, account, &mut passed).await?;
    for folder in &last {
        sync_counted(session, imap, account, folder, &mut passed).await?;
    }
    passed.report.seconds = start.elapsed().as_secs_f64();
    Ok(passed)
}

/// Synchronises a folder, and remembers when it ends the connection.
async fn sync_counted(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    folder: &FolderState,
    passed: &mut Passed,
) -> Result<()> {
    passed.report.folders += 1;
    let result = sync_folder(session, imap, account, folder, &mut passed.report).await;
    let result = passed.bear(result);
    session.line(account).note_folder(folder.folder.id, result.is_err());
    result
}

/// The server's folders into the store; answers the selectable ones, inbox first.
async fn refresh_folders(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<Vec<FolderState>> {
    let records: Vec<FolderRecord> = imap
        .folders()
        .await?
        .into_iter()
        .map(|f| FolderRecord {
            remote: f.name.as_bytes().to_vec(),
            path: f.path,
            role: f.role,
            selectable: f.selectable,
        })
        .collect();
    with_store(session, move |s, id| s.save_folders(id, &records), account).await?;
    session.tell(Event::FoldersChanged(account));
    with_store(
        session,
        move |s, id| {
            let folders = s.folders()?;
            folders.iter().filter(|f| f.account == id && f.selectable).map(|f| s.folder(f.id)).collect()
        },
        account,
    )
    .await
}

/// What one folder has here and what changed on the server.
struct Difference {
    new: Vec<Uid>,
    gone: Vec<Uid>,
    flags: Vec<(Uid, Flags)>,
}

async fn sync_folder(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    folder: &FolderState,
    report: &mut SyncReport,
) -> Result<()> {
    let id = folder.folder.id;
    let selected = match imap.select(&remote(folder)).await {
        Ok(selected) => selected,
        // gone or closed to us since it was listed: the next listing tells
        Err(imap::Error::Refused { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let is_known = folder.uid_validity == Some(selected.uid_validity);
    if !is_known {
        if folder.uid_validity.is_some() || folder.highest_uid.is_some() {
            with_store(session, move |s, _| s.reset_folder(id), account).await?;
        }
        // before any UID is kept: an interrupted pass must not leave UIDs of unknown validity
        let validity = selected.uid_validity;
        with_store(session, move |s, _| s.set_sync_state(id, validity, None), account).await?;
    }
    // a server that was restored, or keeps none any more, has no common point with us
    let since = folder
        .highest_modseq
        .filter(|since| is_known && selected.highest_modseq.is_some_and(|now| now >= *since));
    let known: HashMap<Uid, Flags> =
        with_store(session, move |s, _| s.known(id), account).await?.into_iter().collect();
    let unchanged = selected.highest_modseq.is_some()
        && since == selected.highest_modseq
        && known.len() as u64 == u64::from(selected.exists);
    if unchanged {
        return Ok(());
    }
    let difference = compare(imap, &known, since, selected.exists).await?;
    let changed = !difference.new.is_empty() || !difference.gone.is_empty() || !difference.flags.is_empty();
    let place = Place { account, folder, selected: &selected, is_known };
    if !apply(session, imap, place, difference, report).await? {
        return Ok(());
    }
    let (validity, modseq) = (selected.uid_validity, selected.highest_modseq);
    with_store(session, move |s, _| s.set_sync_state(id, validity, modseq), account).await?;
    if changed {
        session.tell(Event::MailboxChanged(id));
        session.tell(Event::FoldersChanged(account));
    }
    Ok(())
}

/// Flags and removals: by CONDSTORE when the server and we have a common point, else by comparing everything. The
/// count after the shortcut must be right, or everything is compared.
async fn compare(
    imap: &mut imap::Session,
    known: &HashMap<Uid, Flags>,
    since: Option<u64>,
    exists: u32,
) -> Result<Difference> {
    if exists == 0 {
        return Ok(Difference { new: Vec::new(), gone: known.keys().copied().collect(), flags: Vec::new() });
    }
    let fetched = imap.flags(UidRange::ALL, since).await?;
    let new = fetched.iter().filter(|f| !known.contains_key(&f.uid)).count();
    let remote: HashSet<Uid> = if since.is_none() {
        fetched.iter().map(|f| f.uid).collect()
    } else if known.len() + new == exists as usize {
        known.keys().copied().chain(fetched.iter().map(|f| f.uid)).collect()
    } else {
        imap.all_uids().await?.into_iter().collect()
    };
    let mut new: Vec<Uid> = remote.iter().filter(|uid| !known.contains_key(uid)).copied().collect();
    new.sort_unstable_by(|a, b| b.cmp(a));
    let gone = known.keys().filter(|uid| !remote.contains(uid)).copied().collect();
    let flags = fetched
        .into_iter()
        .filter(|f| known.get(&f.uid).is_some_and(|flags| *flags != f.flags))
        .map(|f| (f.uid, f.flags))
        .collect();
    Ok(Difference { new, gone, flags })
}

/// The folder that is being synchronised.
#[derive(Clone, Copy)]
struct Place<'a> {
    account: AccountId,
    folder: &'a FolderState,
    selected: &'a imap::Selected,
    /// It was synchronised before, under the same UIDVALIDITY.
    is_known: bool,
}

/// Writes the difference to the store; false when the folder changed under us and has to be looked at again.
async fn apply(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    place: Place<'_>,
    difference: Difference,
    report: &mut SyncReport,
) -> Result<bool> {
    let (id, account) = (place.folder.folder.id, place.account);
    let Difference { new, gone, flags } = difference;
    let (changed, removed) = with_store(
        session,
        move |s, _| {
            let removed = if gone.is_empty() { Vec::new() } else { s.remove_uids(id, &gone)? };
            let changed = if flags.is_empty() { Vec::new() } else { s.apply_flags(id, &flags)? };
            Ok((changed, removed))
        },
        account,
    )
    .await?;
    report.changed += changed.len() as u32;
    report.removed += removed.len() as u32;
    for batch in new.chunks(HEADER_BATCH) {
        insert_batch(session, imap, place, batch, report).await?;
        if session.line(account).has_wanted() && !look_aside(session, imap, place).await? {
            return Ok(false);
        }
    }
    with_store(session, move |s, _| s.forget_unclaimed(id), account).await?;
    Ok(true)
}

async fn insert_batch(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    place: Place<'_>,
    batch: &[Uid],
    report: &mut SyncReport,
) -> Result<()> {
    let id = place.folder.folder.id;
    let headers = imap.headers(batch).await?;
    // what a first synchronisation that was interrupted brings later is not new mail
    let highest = place.folder.highest_uid;
    let (fresh, old): (Vec<_>, Vec<_>) =
        headers.into_iter().partition(|h| place.is_known && highest.is_none_or(|highest| h.uid > highest));
    let (fresh, old) = with_store(
        session,
        move |s, _| {
            let old = if old.is_empty() { Vec::new() } else { s.insert(id, &new_messages(old))? };
            let fresh = if fresh.is_empty() { Vec::new() } else { s.insert(id, &new_messages(fresh))? };
            Ok((fresh, old))
        },
        place.account,
    )
    .await?;
    report.new += (fresh.len() + old.len()) as u32;
    session.tell(Event::MailboxChanged(id));
    if place.folder.folder.role == FolderRole::Inbox && !fresh.is_empty() {
        session.tell(Event::NewMail(fresh));
    }
    Ok(())
}

/// Fetches what the user opened, then comes back to the folder; false when it was renumbered meanwhile.
async fn look_aside(session: &Arc<OpenSession>, imap: &mut imap::Session, place: Place<'_>) -> Result<bool> {
    fetch_wanted(session, imap, place.account).await?;
    let again = imap.select(&remote(place.folder)).await?;
    Ok(again.uid_validity == place.selected.uid_validity)
}

fn new_messages(headers: Vec<imap::FetchedHeader>) -> Vec<NewMessage> {
    headers
        .into_iter()
        .map(|fetched| {
            let header = mime::parse_header(&fetched.header);
            NewMessage {
                uid: Some(fetched.uid),
                envelope: header.envelope,
                flags: fetched.flags,
                internal_date: fetched.internal_date.unwrap_or_else(clock::now),
                size: fetched.size,
                kind: header.kind,
                has_attachment: header.has_attachment,
            }
        })
        .collect()
}

/// Bodies on their way to the store while the next are fetched.
struct Saving {
    ids: Vec<MessageId>,
    task: tokio::task::JoinHandle<Result<()>>,
}

/// Every missing body, newest first. Parsing, compression and indexing of one batch overlap with the fetch of the
/// next. What ended a connection before comes last and alone, and after some times no more.
async fn fetch_bodies(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    passed: &mut Passed,
) -> Result<()> {
    let (suspects, mut tried) = session.line(account).suspects(MOST_FAILURES);
    let mut saving: Option<Saving> = None;
    let mut breath = Instant::now();
    loop {
        fetch_wanted(session, imap, account).await?;
        if breath.elapsed() >= BREATH {
            catch_up(session, imap, account, passed).await?;
            breath = Instant::now();
        }
        let skip = u32::try_from(tried.len()).unwrap_or(u32::MAX - BODY_BATCH);
        let missing =
            with_store(session, move |s, id| s.missing_bodies(id, BODY_BATCH + skip, BODY_LIMIT), account)
                .await?;
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
async fn catch_up(
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

pub(super) fn new_body(id: MessageId, raw: Vec<u8>) -> NewBody {
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
async fn fetch_wanted(
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
pub(super) async fn fetch_one(
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

/// The server's name of a folder.
pub(super) fn remote(folder: &FolderState) -> imap::RemoteName {
    imap::RemoteName::from_bytes(folder.remote.clone())
}

/// Runs store work on a blocking thread.
pub(super) async fn with_store<T: Send + 'static>(
    session: &Arc<OpenSession>,
    work: impl FnOnce(&store::Store, AccountId) -> std::result::Result<T, store::Error> + Send + 'static,
    account: AccountId,
) -> Result<T> {
    let owner = Arc::clone(session);
    blocking(move || work(&owner.store, account).map_err(Error::from)).await
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    joined(tokio::task::spawn_blocking(work).await)
}

fn joined<T>(result: std::result::Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    result.unwrap_or_else(|error| Err(Error::new(ErrorKind::Bug, "bug").caused_by(error)))
}
