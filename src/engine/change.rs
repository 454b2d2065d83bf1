//! What the user does to messages and folders: written to the store, told to listeners, and taken back when asked.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::session::OpenSession;
use super::sync::new_body;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Event, Kind, Result, clock, patient};
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, FolderId, MessageId};
use crate::domain::message::{Flag, Keyword};
use crate::domain::text::is_deceptive;
use crate::domain::triage::Triage;
use crate::store;

/// What is deleted for good goes to the server after this time: until then it can be taken back.
const SECOND_THOUGHTS: Duration = Duration::from_secs(8);
/// Changes that can be taken back, at most.
const MOST_DEEDS: usize = 20;
/// Longest name of a folder, in bytes.
const LONGEST_NAME: usize = 200;

/// What a change did to messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// They went to another folder.
    Moved,
    /// They went to the bin.
    Deleted,
    /// They were deleted for good; taken back within some seconds only.
    DeletedForGood,
}

/// A change that [`Engine::undo`] can take back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undoable {
    /// Which.
    pub id: u64,
    /// What it did.
    pub deed: Deed,
    /// To how many messages.
    pub count: u32,
    /// Each message with the folder it was in.
    #[serde(skip)]
    messages: Vec<(MessageId, FolderId)>,
}

/// The last changes that can be taken back, oldest first.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    last: u64,
    kept: VecDeque<Undoable>,
}

impl Deeds {
    fn add(&mut self, deed: Deed, messages: Vec<(MessageId, FolderId)>) {
        if messages.is_empty() {
            return;
        }
        self.last += 1;
        let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        self.kept.push_back(Undoable { id: self.last, deed, count, messages });
        if self.kept.len() > MOST_DEEDS {
            self.kept.pop_front();
        }
    }

    fn take(&mut self, id: Option<u64>) -> Option<Undoable> {
        match id {
            None => self.kept.pop_back(),
            Some(id) => self.kept.iter().position(|deed| deed.id == id).and_then(|at| self.kept.remove(at)),
        }
    }
}

impl Engine {
    /// Sets or clears a flag, here at once and on the server when it can be reached.
    ///
    /// # Errors
    /// `folder-read-only` where the user may not: nothing is changed then.
    pub async fn set_flag(&self, ids: &[MessageId], flag: Flag, on: bool) -> Result<()> {
        self.change(ids, move |s, ids| s.change_flag(ids, flag, on).map(|()| None)).await
    }

    /// Sets or clears a keyword, as [`Engine::set_flag`]. A server that keeps no new keywords refuses it later: then it
    /// is undone here and told.
    ///
    /// # Errors
    /// As [`Engine::set_flag`].
    pub async fn set_keyword(&self, ids: &[MessageId], keyword: Keyword, on: bool) -> Result<()> {
        self.change(ids, move |s, ids| s.change_keyword(ids, &keyword, on).map(|()| None)).await
    }

    /// Sets where messages stand, or that they stand nowhere, for every station. On a server that keeps no keywords it
    /// stays on this one, and [`MessageRow::state_is_local`](crate::domain::message::MessageRow) says so.
    ///
    /// # Errors
    /// As [`Engine::set_flag`].
    pub async fn set_triage(&self, ids: &[MessageId], triage: Option<Triage>) -> Result<()> {
        self.change(ids, move |s, ids| s.change_triage(ids, triage).map(|()| None)).await
    }

    /// Moves messages to another folder of the same account.
    ///
    /// # Errors
    /// `folder-read-only`, `other-account`: nothing is moved then.
    pub async fn move_to(&self, ids: &[MessageId], folder: FolderId) -> Result<()> {
        self.change(ids, move |s, ids| s.move_local(ids, folder).map(|()| Some(Deed::Moved))).await
    }

    /// Copies messages to another folder of the same account; what is downloaded of them is not downloaded again.
    ///
    /// # Errors
    /// As [`Engine::move_to`].
    pub async fn copy_to(&self, ids: &[MessageId], folder: FolderId) -> Result<()> {
        let (session, ids) = (self.opened()?, ids.to_vec());
        self.on_runtime(blocking(move || {
            for (original, copy) in session.store.copy_local(&ids, folder)? {
                if let Some(raw) = session.store.raw(original)? {
                    session.store.save_body(vec![new_body(copy, &raw, |_| {})?])?;
                }
            }
            patient::settle(&session)?;
            session.tell(Event::MailboxChanged(folder));
            let account = session.store.folder(folder)?.folder.account;
            session.tell(Event::FoldersChanged(account));
            session.line(account).wake.notify_one();
            Ok(())
        }))
        .await
    }

    /// Moves to the bin; from the bin, or where the account has none, deletes for good. With the loops running, the
    /// server is asked to delete for good after a few seconds only.
    ///
    /// # Errors
    /// `folder-read-only`.
    pub async fn delete(&self, ids: &[MessageId]) -> Result<()> {
        let delays = match &self.inner.kind {
            Kind::Real { background, .. } => *background,
            Kind::Practice => true,
        };
        let hold = delays.then(|| clock::now() + SECOND_THOUGHTS.as_secs().cast_signed());
        self.change(ids, move |s, ids| delete(s, ids, hold).map(Some)).await?;
        if delays {
            let session = self.opened()?;
            self.inner.handle.spawn(async move {
                tokio::select! {
                    () = session.cancel.cancelled() => {}
                    // a second more: the store counts in whole ones
                    () = tokio::time::sleep(SECOND_THOUGHTS + Duration::from_secs(1)) => wake_all(&session).await,
                }
            });
        }
        Ok(())
    }

    /// The last change that can be taken back.
    pub fn undoable(&self) -> Option<Undoable> {
        let session = self.opened().ok()?;
        session.deeds().kept.back().cloned()
    }

    /// Takes a move or a deletion back: the one given, else the last. What the server has got already is moved back.
    ///
    /// # Errors
    /// `nothing-to-undo`; `too-late` when messages were deleted for good meanwhile: the others are back.
    pub async fn undo(&self, id: Option<u64>) -> Result<Undoable> {
        let session = self.opened()?;
        let nothing = || Error::new(ErrorKind::NeedsUser, "nothing-to-undo");
        let deed = session.deeds().take(id).ok_or_else(nothing)?;
        let (ids, moved): (Vec<_>, _) =
            (deed.messages.iter().map(|(id, _)| *id).collect(), deed.messages.clone());
        let origins: Vec<FolderId> = moved.iter().map(|(_, from)| *from).collect();
        self.change_and_tell(&ids, origins, move |s, _| s.take_back_moves(&moved).map(|()| None)).await?;
        Ok(deed)
    }

    /// Makes a folder of the user's own; `path` is separated by `/`. It can be used at once, also offline.
    ///
    /// # Errors
    /// `folder-name` when it cannot be a name, `folder-exists`, `folder-read-only`.
    pub async fn create_folder(&self, account: AccountId, path: &str) -> Result<FolderId> {
        let path = folder_name(path)?;
        let made = self.with_store(move |s| s.create_folder(account, &path)).await.map_err(exists)?;
        self.folders_changed(account)?;
        Ok(made)
    }

    /// Gives a folder another name, or another place among the folders, with those below it.
    ///
    /// # Errors
    /// As [`Engine::create_folder`]; `folder-special` for the inbox and other folders with a role.
    pub async fn rename_folder(&self, folder: FolderId, path: &str) -> Result<()> {
        let path = folder_name(path)?;
        let renamed = move |s: &store::Store| {
            s.rename_folder(folder, &path)?;
            s.folder(folder)
        };
        let state = self.with_store(renamed).await.map_err(exists)?;
        self.folders_changed(state.folder.account)
    }

    /// Deletes a folder; its messages go to the bin. On the server it is deleted once it is empty there: what came in
    /// meanwhile keeps it.
    ///
    /// # Errors
    /// `folder-not-empty` when there are folders below it, or messages and no bin; `folder-special`,
    /// `folder-read-only`.
    pub async fn delete_folder(&self, folder: FolderId) -> Result<()> {
        let removed = move |s: &store::Store| {
            let account = s.folder(folder)?.folder.account;
            let trash = s.folder_by_role(account, FolderRole::Trash)?.map(|t| t.folder.id);
            s.remove_folder(folder, trash)?;
            Ok((account, trash))
        };
        let (account, trash) = self.with_store(removed).await?;
        if let Some(trash) = trash {
            self.opened()?.tell(Event::MailboxChanged(trash));
        }
        self.folders_changed(account)
    }

    /// What servers refused since a time, newest first, in their words or as a response code (RFC 5530).
    pub async fn refusals(&self, since: crate::domain::UnixTime) -> Result<Vec<String>> {
        let refused = move |s: &store::Store| {
            let traces = s.traces(since)?.into_iter().rev();
            Ok(traces.filter(|t| t.kind == "change-refused").map(|t| t.detail.unwrap_or_default()).collect())
        };
        self.with_store(refused).await
    }

    fn folders_changed(&self, account: AccountId) -> Result<()> {
        let session = self.opened()?;
        session.tell(Event::FoldersChanged(account));
        session.line(account).wake.notify_one();
        Ok(())
    }

    async fn change(
        &self,
        ids: &[MessageId],
        work: impl FnOnce(&store::Store, &[MessageId]) -> std::result::Result<Option<Deed>, store::Error>
        + Send
        + 'static,
    ) -> Result<()> {
        self.change_and_tell(ids, Vec::new(), work).await
    }

    async fn change_and_tell(
        &self,
        ids: &[MessageId],
        others: Vec<FolderId>,
        work: impl FnOnce(&store::Store, &[MessageId]) -> std::result::Result<Option<Deed>, store::Error>
        + Send
        + 'static,
    ) -> Result<()> {
        let (session, ids) = (self.opened()?, ids.to_vec());
        self.on_runtime(blocking(move || apply(&session, &ids, others, work))).await
    }
}

/// Applies a local change, tells listeners and wakes the loops concerned, of `others` too: blocking.
pub(super) fn apply(
    session: &OpenSession,
    ids: &[MessageId],
    others: Vec<FolderId>,
    work: impl FnOnce(&store::Store, &[MessageId]) -> std::result::Result<Option<Deed>, store::Error>,
) -> Result<()> {
    let before = places(session, ids)?;
    let worked = work(&session.store, ids);
    let after = places(session, ids)?;
    if let Ok(Some(deed)) = worked {
        let stays: HashSet<_> = after.iter().map(|(id, folder, _)| (*id, *folder)).collect();
        let all = before.iter().map(|(id, folder, _)| (*id, *folder));
        session.deeds().add(deed, all.filter(|place| !stays.contains(place)).collect());
    }
    let places = || before.iter().chain(&after);
    let mut folders: Vec<FolderId> = places().map(|(_, folder, _)| *folder).chain(others).collect();
    folders.sort_unstable();
    folders.dedup();
    for id in ids {
        session.tell(Event::MessageChanged(*id));
    }
    for folder in folders {
        session.tell(Event::MailboxChanged(folder));
    }
    let mut accounts: Vec<_> = places().map(|(_, _, account)| *account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    for account in accounts {
        session.tell(Event::FoldersChanged(account));
        session.line(account).wake.notify_one();
    }
    worked.map(drop).map_err(Error::from)
}

/// To the bin of each account, else for good.
fn delete(s: &store::Store, ids: &[MessageId], hold: Option<i64>) -> std::result::Result<Deed, store::Error> {
    let mut to_bin: Vec<(FolderId, Vec<MessageId>)> = Vec::new();
    let mut for_good = Vec::new();
    for id in ids {
        let Some((folder, _, account)) = s.location(*id)? else { continue };
        let trash = match to_bin
            .iter()
            .position(|(of, _)| s.folder(*of).is_ok_and(|f| f.folder.account == account))
        {
            Some(at) => to_bin.get(at).map(|(trash, _)| *trash),
            None => s.folder_by_role(account, FolderRole::Trash)?.map(|t| t.folder.id),
        };
        match trash.filter(|trash| *trash != folder) {
            Some(trash) => match to_bin.iter_mut().find(|(of, _)| *of == trash) {
                Some((_, ids)) => ids.push(*id),
                None => to_bin.push((trash, vec![*id])),
            },
            None => for_good.push(*id),
        }
    }
    let deed = if for_good.is_empty() { Deed::Deleted } else { Deed::DeletedForGood };
    for (trash, ids) in to_bin {
        s.move_local(&ids, trash)?;
    }
    s.delete_later(&for_good, hold)?;
    Ok(deed)
}

/// Wakes the loop of every account that has something waiting.
async fn wake_all(session: &Arc<OpenSession>) {
    let owner = Arc::clone(session);
    let Ok(accounts) = blocking(move || Ok(owner.store.accounts()?)).await else { return };
    for account in accounts {
        session.line(account.id).wake.notify_one();
    }
}

/// Message, folder and account of each message that is still there.
fn places(session: &OpenSession, ids: &[MessageId]) -> Result<Vec<(MessageId, FolderId, AccountId)>> {
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        places.extend(session.store.location(*id)?.map(|(folder, _, account)| (*id, folder, account)));
    }
    Ok(places)
}

/// A name a folder can have: levels separated by `/`, none empty, nothing that cannot be seen.
pub(super) fn folder_name(path: &str) -> Result<String> {
    let levels: Vec<&str> = path.split('/').map(str::trim).collect();
    let is_sound =
        |level: &&str| !level.is_empty() && !level.chars().any(|c| c.is_control() || is_deceptive(c));
    if path.len() <= LONGEST_NAME && levels.iter().all(is_sound) {
        Ok(levels.join("/"))
    } else {
        Err(Error::new(ErrorKind::NeedsUser, "folder-name"))
    }
}

/// "Already there" said of a folder.
fn exists(error: Error) -> Error {
    if error.code() == "account-exists" { Error::new(ErrorKind::NeedsUser, "folder-exists") } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders_are_seen_and_whole() {
        assert_eq!(folder_name(" Biologie / 2026 ").unwrap(), "Biologie/2026");
        for bad in ["", "/", "a//b", "a\u{202e}b", "a\nb", &"x".repeat(201)] {
            assert_eq!(folder_name(bad).unwrap_err().code(), "folder-name", "{bad}");
        }
    }
}
