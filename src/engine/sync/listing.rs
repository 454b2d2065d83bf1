//! The server's folders into the store: names, roles, rights, and what became of those that are gone.

use std::sync::Arc;

use super::folder::remote;
use crate::domain::folder::{FolderRole, Namespace};
use crate::domain::id::AccountId;
use crate::engine::session::OpenSession;
use crate::engine::work::with_store;
use crate::engine::{Event, Result, clock};
use crate::imap::{self, MailboxStatus, RemoteFolder, RemoteName};
use crate::mime;
use crate::store::{FolderRecord, FolderState, Store};

/// Rights of shared folders are asked for this often, in seconds.
const RIGHTS_AGE: i64 = 24 * 3600;
/// Messages compared before a folder counts as another one renamed.
const SAMPLE: u32 = 5;
/// Reasons in the traces for what no server said.
const GONE: &str = "NONEXISTENT";
const CLOSED: &str = "NOSELECT";

/// Takes the server's folders over; answers the selectable ones, inbox first, each with its counters where the server
/// gave them along.
pub(in crate::engine) async fn refresh_folders(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<Vec<(FolderState, Option<MailboxStatus>)>> {
    let listed = imap.folders().await?;
    session.line(account).counts().listed(&listed);
    let records: Vec<FolderRecord> = listed.iter().map(record).collect();
    if !records.iter().any(|r| r.role == FolderRole::Inbox) && has_inbox(session, account).await? {
        // INBOX is always there (RFC 3501 §5.1): believed, such a listing would take with it what waits there
        return Err(imap::Error::Protocol { what: "folders without INBOX" }.into());
    }
    follow_renames(session, imap, account, &listed, &records).await?;
    with_store(session, move |s, id| take_over(s, id, &records), account).await?.then(|| {
        session.tell(Event::ChangeRefused(account));
    });
    let folders = with_store(session, selectable, account).await?;
    let folders = ask_rights(session, imap, account, folders).await?;
    session.tell(Event::FoldersChanged(account));
    let status =
        |f: &FolderState| listed.iter().find(|l| l.name.as_bytes() == f.remote).and_then(|l| l.status);
    Ok(folders.into_iter().map(|f| (f.clone(), status(&f))).collect())
}

async fn has_inbox(session: &Arc<OpenSession>, account: AccountId) -> Result<bool> {
    with_store(session, |s, id| Ok(s.folder_by_role(id, FolderRole::Inbox)?.is_some()), account).await
}

fn record(folder: &RemoteFolder) -> FolderRecord {
    FolderRecord {
        remote: folder.name.as_bytes().to_vec(),
        path: folder.path.clone(),
        role: folder.role,
        selectable: folder.selectable,
        namespace: folder.namespace,
        mailbox_id: folder.mailbox_id.clone(),
    }
}

/// Stores a listing; true when local changes had to be undone, because their folder is gone or closed.
fn take_over(
    store: &Store,
    account: AccountId,
    records: &[FolderRecord],
) -> std::result::Result<bool, crate::store::Error> {
    let changes = store.save_folders(account, records)?;
    for gone in &changes.kept {
        store.forget_folder(*gone, GONE)?;
    }
    let mut undone = !changes.kept.is_empty();
    let waiting = store.intentions(account)?;
    if waiting.is_empty() {
        return Ok(undone);
    }
    for folder in store.folders()?.into_iter().filter(|f| f.account == account && !f.selectable) {
        let concerns = |i: &crate::store::Intention| {
            i.message.is_some() && (i.folder == folder.id || i.target() == Some(folder.id))
        };
        if waiting.iter().any(concerns) {
            store.close_folder(folder.id, CLOSED)?;
            undone = true;
        }
    }
    Ok(undone)
}

/// What can be synchronised: what the server has and lets be selected.
fn selectable(
    store: &Store,
    account: AccountId,
) -> std::result::Result<Vec<FolderState>, crate::store::Error> {
    let folders = store.folders()?;
    let mut found = Vec::new();
    for folder in folders.iter().filter(|f| f.account == account && f.selectable) {
        found.push(store.folder(folder.id)?);
    }
    found.retain(FolderState::is_on_server);
    Ok(found)
}

/// Asks what may be done in folders that are not the user's own, now and then.
async fn ask_rights(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    mut folders: Vec<FolderState>,
) -> Result<Vec<FolderState>> {
    let now = clock::now();
    for state in &mut folders {
        let is_fresh = state.rights_at.is_some_and(|at| (now - RIGHTS_AGE..=now).contains(&at));
        if state.folder.namespace == Namespace::Personal || is_fresh {
            continue;
        }
        let letters = match imap.my_rights(&remote(state)).await {
            Ok(Some(letters)) => letters,
            Ok(None) => break,
            Err(imap::Error::Refused { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let id = state.folder.id;
        *state = with_store(
            session,
            move |s, _| {
                s.set_rights(id, &letters, now)?;
                s.folder(id)
            },
            account,
        )
        .await?;
    }
    Ok(folders)
}

/// A folder that is gone and one that is new may be the same, renamed by another program: then what is known of it
/// stays, and what waits on it goes on.
async fn follow_renames(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    listed: &[RemoteFolder],
    records: &[FolderRecord],
) -> Result<()> {
    let all = records.to_vec();
    let (missing, mut new) = with_store(session, move |s, id| s.compare_folders(id, &all), account).await?;
    new.retain(|record| record.selectable);
    for state in missing {
        if new.is_empty() {
            break;
        }
        let Some(at) = renamed_to(session, imap, account, &state, &new, listed).await? else { continue };
        let record = new.swap_remove(at);
        let id = state.folder.id;
        with_store(session, move |s, _| s.follow_rename(id, &record), account).await?;
    }
    Ok(())
}

/// Which of the new folders is the missing one.
async fn renamed_to(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    missing: &FolderState,
    new: &[FolderRecord],
    listed: &[RemoteFolder],
) -> Result<Option<usize>> {
    let id = missing.folder.id;
    let (mailbox_id, sample) =
        with_store(session, move |s, _| Ok((s.mailbox_id(id)?, s.sample(id, SAMPLE)?)), account).await?;
    if let Some(wanted) = mailbox_id
        && new.iter().all(|record| record.mailbox_id.is_some())
    {
        return Ok(new.iter().position(|record| record.mailbox_id.as_ref() == Some(&wanted)));
    }
    let Some(validity) = missing.uid_validity else { return Ok(None) };
    for (at, record) in new.iter().enumerate() {
        let name = RemoteName::from_bytes(record.remote.clone());
        let known = listed.iter().find(|l| l.name == name).and_then(|l| l.status);
        let status = match known {
            Some(status) => status,
            None => match imap.status(&name).await {
                Ok(status) => status,
                Err(imap::Error::Refused { .. }) => continue,
                Err(error) => return Err(error.into()),
            },
        };
        let is_plausible = status.uid_validity == Some(validity)
            && missing.highest_uid.is_none_or(|highest| status.uid_next.is_none_or(|next| next > highest));
        if is_plausible && holds(imap, &name, &sample, missing).await? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Whether a folder holds these messages under these numbers: those that are there are the same, and at least one is.
/// One that was empty has nothing that could be taken for something else.
async fn holds(
    imap: &mut imap::Session,
    name: &RemoteName,
    sample: &[(crate::domain::id::Uid, Option<String>, u64)],
    missing: &FolderState,
) -> Result<bool> {
    let uids: Vec<_> = sample.iter().map(|(uid, _, _)| *uid).collect();
    let headers = async {
        let selected = imap.select(name).await?;
        if Some(selected.uid_validity) != missing.uid_validity {
            return Ok(None);
        }
        Ok(Some(if uids.is_empty() { Vec::new() } else { imap.headers(&uids).await? }))
    };
    let headers = match headers.await {
        Ok(Some(headers)) => headers,
        Ok(None) | Err(imap::Error::Refused { .. }) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let is_same = |fetched: &imap::FetchedHeader| {
        let known = sample.iter().find(|(uid, _, _)| *uid == fetched.uid);
        let message_id = mime::parse_header(&fetched.header).envelope.message_id;
        known.is_some_and(|(_, id, size)| *id == message_id && *size == fetched.size)
    };
    Ok((uids.is_empty() || !headers.is_empty()) && headers.iter().all(is_same))
}
