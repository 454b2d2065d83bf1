//! One folder: what changed on the server, into the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Passed;
use super::body::fetch_wanted;
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, FolderId, Uid};
use crate::domain::message::Flags;
use crate::engine::replay::passes;
use crate::engine::session::OpenSession;
use crate::engine::work::with_store;
use crate::engine::{Event, Result, SyncReport, clock};
use crate::imap::{self, UidRange};
use crate::mime;
use crate::store::{FolderState, NewMessage};

/// Headers asked for in one command.
const HEADER_BATCH: usize = 500;

/// Synchronises a folder, and remembers when it ends the connection.
pub(super) async fn sync_counted(
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
    let selected = match imap.select(&remote(folder)).await {
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
        return forget_unclaimed(session, account, id, report).await;
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

/// The server's name of a folder.
pub(in crate::engine) fn remote(folder: &FolderState) -> imap::RemoteName {
    imap::RemoteName::from_bytes(folder.remote.clone())
}
