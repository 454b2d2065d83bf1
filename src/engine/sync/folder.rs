//! One folder: what changed on the server, into the store.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::Passed;
use super::body::fetch_wanted;
use super::first::list_all;
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, FolderId, Uid};
use crate::domain::message::Flags;
use crate::engine::replay::passes;
use crate::engine::session::OpenSession;
use crate::engine::work::with_store;
use crate::engine::{Event, Result, SyncReport, clock};
use crate::imap::{self, MailboxStatus, UidRange};
use crate::mime;
use crate::store::{FolderState, NewMessage};

/// Headers asked for in one command.
const HEADER_BATCH: usize = 500;

/// Synchronises a folder, and remembers when it ends the connection. One whose counters the listing gave along, and that
/// is as we left it, is not even selected.
pub(super) async fn sync_counted(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    (folder, status): &(FolderState, Option<MailboxStatus>),
    passed: &mut Passed,
) -> Result<()> {
    passed.report.folders += 1;
    let result = match status {
        Some(status) if is_as_left(session, account, folder, status).await? => {
            session.line(account).counts().compared(folder, status.messages.unwrap_or_default());
            forget_unclaimed(session, account, folder.folder.id, &mut passed.report).await
        }
        _ => sync_folder(session, imap, account, folder, &mut passed.report).await,
    };
    let result = passed.bear(result);
    session.line(account).note_folder(folder.folder.id, result.is_err());
    result
}

/// Nothing moved on the server since the folder was synchronised: no number, no modification sequence, no count.
async fn is_as_left(
    session: &Arc<OpenSession>,
    account: AccountId,
    folder: &FolderState,
    status: &MailboxStatus,
) -> Result<bool> {
    let same = |ours: Option<u64>, theirs: Option<u64>| ours.is_some() && ours == theirs;
    let same_point = folder.uid_validity.is_some()
        && folder.uid_validity == status.uid_validity
        && same(folder.highest_modseq, status.highest_modseq);
    let Some(messages) = status.messages.filter(|_| same_point) else { return Ok(false) };
    let id = folder.folder.id;
    Ok(with_store(session, move |s, _| s.known_count(id), account).await? == messages)
}

/// What one folder has here and what changed on the server.
struct Difference {
    new: Vec<Uid>,
    gone: Vec<Uid>,
    flags: Vec<(Uid, Flags)>,
}

pub(super) async fn sync_folder(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    folder: &FolderState,
    report: &mut SyncReport,
) -> Result<()> {
    let id = folder.folder.id;
    // what is asked for with the selection costs no round trip of its own
    let point = folder.uid_validity.zip(folder.highest_modseq);
    let (selected, told) = match imap.select_since(&remote(folder), point).await {
        Ok(selected) => selected,
        // gone or closed to us: the next listing tells; what was read of it stays, and nothing can be changed
        Err(imap::Error::Refused { code, .. }) => {
            if !passes(code.as_deref()) {
                with_store(session, move |s, _| s.set_read_only(id, true), account).await?;
            }
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    if with_store(session, move |s, _| s.set_read_only(id, selected.read_only), account).await? {
        session.tell(Event::FoldersChanged(account));
    }
    let is_known = folder.uid_validity == Some(selected.uid_validity);
    if !is_known {
        if folder.uid_validity.is_some() || folder.highest_uid.is_some() {
            with_store(session, move |s, _| s.reset_folder(id), account).await?;
        }
        // before any UID is kept: an interrupted pass must not leave UIDs of unknown validity
        let validity = selected.uid_validity;
        with_store(session, move |s, _| s.set_sync_state(id, validity, None), account).await?;
        if selected.exists > 0 {
            report.new += list_all(session, imap, id, selected.exists).await?;
            session.tell(Event::MailboxChanged(id));
            session.tell(Event::FoldersChanged(account));
            // what is not all there is compared like any other folder
            if with_store(session, move |s, _| s.known_count(id), account).await? == selected.exists {
                forget_unclaimed(session, account, id, report).await?;
                let modseq = selected.highest_modseq;
                with_store(session, move |s, _| s.set_sync_state(id, validity, modseq), account).await?;
                session.line(account).counts().compared(folder, selected.exists);
                return Ok(());
            }
        }
    }
    // a server that was restored, or keeps none any more, has no common point with us
    let since = folder
        .highest_modseq
        .filter(|since| is_known && selected.highest_modseq.is_some_and(|now| now >= *since));
    let unchanged = selected.highest_modseq.is_some()
        && since == selected.highest_modseq
        && with_store(session, move |s, _| s.known_count(id), account).await? == selected.exists;
    if unchanged {
        session.line(account).counts().compared(folder, selected.exists);
        return forget_unclaimed(session, account, id, report).await;
    }
    let told = told.filter(|_| since.is_some());
    let difference = compare(session, imap, account, id, since, told, selected.exists).await?;
    let changed = !difference.new.is_empty() || !difference.gone.is_empty() || !difference.flags.is_empty();
    let place = Place { account, folder, selected: &selected, is_known };
    if !apply(session, imap, place, difference, report).await? {
        return Ok(());
    }
    let (validity, modseq) = (selected.uid_validity, selected.highest_modseq);
    with_store(session, move |s, _| s.set_sync_state(id, validity, modseq), account).await?;
    session.line(account).counts().compared(folder, selected.exists);
    if changed {
        session.tell(Event::MailboxChanged(id));
        session.tell(Event::FoldersChanged(account));
    }
    Ok(())
}

/// Flags and removals since the common point, when the server and we have one: `told` with the selection (QRESYNC), else
/// asked for (CONDSTORE). The count must come out right then, or everything is compared, as it is without such a point.
async fn compare(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    folder: FolderId,
    since: Option<u64>,
    told: Option<imap::Changes>,
    exists: u32,
) -> Result<Difference> {
    let all = Uid(0)..=Uid(u32::MAX);
    if exists == 0 {
        let gone = known(session, account, folder, all).await?.into_keys().collect();
        return Ok(Difference { new: Vec::new(), gone, flags: Vec::new() });
    }
    let changes = match told {
        Some(changes) => changes,
        None => imap::Changes { flags: imap.flags(UidRange::ALL, since).await?, vanished: None },
    };
    let fetched: HashSet<Uid> = changes.flags.iter().map(|f| f.uid).collect();
    if since.is_some() {
        // of a large folder only what is named
        let known = known(session, account, folder, span(&changes)).await?;
        let vanished = within(&known, changes.vanished.as_deref().unwrap_or_default());
        let new = fetched.iter().filter(|uid| !known.contains_key(uid)).count();
        let count = with_store(session, move |s, _| s.known_count(folder), account).await? as usize;
        if count + new == exists as usize + vanished.len() {
            let gone = vanished.difference(&fetched).copied().collect();
            return Ok(Difference::of(&known, &fetched, gone, changes.flags));
        }
    }
    let remote = if since.is_none() { fetched } else { imap.all_uids().await?.into_iter().collect() };
    let known = known(session, account, folder, all).await?;
    let gone = known.keys().filter(|uid| !remote.contains(uid)).copied().collect();
    Ok(Difference::of(&known, &remote, gone, changes.flags))
}

async fn known(
    session: &Arc<OpenSession>,
    account: AccountId,
    folder: FolderId,
    uids: RangeInclusive<Uid>,
) -> Result<HashMap<Uid, Flags>> {
    let known = with_store(session, move |s, _| s.known_within(folder, uids), account).await?;
    Ok(known.into_iter().collect())
}

impl Difference {
    fn of(
        known: &HashMap<Uid, Flags>,
        remote: &HashSet<Uid>,
        gone: Vec<Uid>,
        fetched: Vec<imap::FetchedFlags>,
    ) -> Self {
        let mut new: Vec<Uid> = remote.iter().filter(|uid| !known.contains_key(uid)).copied().collect();
        new.sort_unstable_by(|a, b| b.cmp(a));
        let flags = fetched
            .into_iter()
            .filter(|f| known.get(&f.uid).is_some_and(|flags| *flags != f.flags))
            .map(|f| (f.uid, f.flags))
            .collect();
        Self { new, gone, flags }
    }
}

/// From the first to the last message that the server named.
fn span(changes: &imap::Changes) -> RangeInclusive<Uid> {
    let flags = changes.flags.iter().map(|f| (f.uid, f.uid));
    let vanished =
        changes.vanished.iter().flatten().map(|range| (range.first, range.last.unwrap_or(Uid(u32::MAX))));
    let (first, last) = flags
        .chain(vanished)
        .fold((Uid(u32::MAX), Uid(0)), |(first, last), (a, b)| (first.min(a), last.max(b)));
    first..=last
}

/// The messages known here that lie in one of the ranges, which may name any number of others.
fn within(known: &HashMap<Uid, Flags>, ranges: &[UidRange]) -> HashSet<Uid> {
    if ranges.is_empty() {
        return HashSet::new();
    }
    let mut ranges = ranges.to_vec();
    ranges.sort_unstable_by_key(|range| range.first);
    let in_range = |uid: &&Uid| {
        let before = ranges.partition_point(|range| range.first <= **uid);
        before.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|range| range.contains(**uid))
    };
    known.keys().filter(in_range).copied().collect()
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
    forget_unclaimed(session, account, id, report).await?;
    Ok(true)
}

/// Removes what is not in a folder whose every message is known: a message moved here that another program had moved
/// elsewhere before.
async fn forget_unclaimed(
    session: &Arc<OpenSession>,
    account: AccountId,
    folder: FolderId,
    report: &mut SyncReport,
) -> Result<()> {
    let forgotten = with_store(session, move |s, _| s.forget_unclaimed(folder), account).await?;
    if !forgotten.is_empty() {
        report.removed += forgotten.len() as u32;
        session.tell(Event::MailboxChanged(folder));
        session.tell(Event::FoldersChanged(account));
    }
    Ok(())
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
    let is_inbox = place.folder.folder.role == FolderRole::Inbox;
    let (fresh, old) = with_store(
        session,
        move |s, _| {
            let old = if old.is_empty() { Vec::new() } else { s.insert_unindexed(id, &new_messages(old))? };
            let fresh = match fresh.is_empty() {
                true => Vec::new(),
                false if is_inbox => s.insert_arrived(id, &new_messages(fresh))?,
                false => s.insert_unindexed(id, &new_messages(fresh))?,
            };
            Ok((fresh, old))
        },
        place.account,
    )
    .await?;
    report.new += (fresh.len() + old.len()) as u32;
    session.tell(Event::MailboxChanged(id));
    if is_inbox && !fresh.is_empty() {
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

pub(super) fn new_messages(headers: Vec<imap::FetchedHeader>) -> Vec<NewMessage> {
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

/// The server's name of a folder.
pub(in crate::engine) fn remote(folder: &FolderState) -> imap::RemoteName {
    imap::RemoteName::from_bytes(folder.remote.clone())
}
