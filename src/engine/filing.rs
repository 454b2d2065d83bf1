//! Filing: what a message brings is written out to the folders of the practice software, once, and taken back when asked.

mod item;
mod rule;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Event, Result};
use crate::deposit::{self, Withdrawn};
use crate::domain::filing::name::NamePattern;
use crate::domain::filing::{Destination, Filed, Format, Mistake, Outcome};
use crate::domain::id::{DestinationId, FolderId, MessageId};
use crate::domain::triage::Triage;
use item::Parts;

pub use rule::{RulePreview, RuleTrouble};
pub(super) use rule::{pass, run};

/// How long a folder may take to answer: a network drive whose server is gone can hang for ever.
const PATIENCE: Duration = Duration::from_secs(20);
/// The setting of the store that holds the folder messages go to once they are filed.
const FOLDER_SETTING: &str = "filed-folder";
/// Longest path of a folder.
const LONGEST_FOLDER: usize = 1000;

/// What is asked of a filing.
#[derive(Debug, Clone, Default)]
pub struct FilingWish {
    /// Where to; the usual destinations when empty.
    pub destinations: Vec<DestinationId>,
    /// Write again what was filed before.
    pub again: bool,
}

/// A filing as it ended.
#[derive(Debug, Clone, Serialize)]
pub struct Filing {
    /// For [`Engine::undo_filing`].
    pub gesture: i64,
    /// What became of each message, in the order given.
    pub outcomes: Vec<Outcome>,
    /// The move of the filed messages, for [`Engine::undo`].
    pub moved: Option<u64>,
    /// Messages that were marked as filed, each with where it stood before.
    pub marked: Vec<(MessageId, Option<Triage>)>,
}

/// What became of files that were to be taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Unfiled {
    /// Removed.
    pub removed: u32,
    /// Gone before: the practice software has most likely taken them in.
    pub gone: u32,
    /// Changed by somebody, and left alone.
    pub changed: u32,
}

/// The name a destination would give, for a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NameExample {
    /// The file's name.
    pub name: String,
    /// Subject of the message it was made from; `None` for invented facts.
    pub subject: Option<String>,
}

impl Engine {
    /// Destinations in the order they were made.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn destinations(&self) -> Result<Vec<(DestinationId, Destination)>> {
        self.with_store(|s| s.destinations()).await
    }

    /// Keeps a destination; `None` makes a new one. Its folder is tried first.
    ///
    /// # Errors
    /// `filing-name`, `filing-no-format`; `deposit-missing`, `deposit-denied`, `deposit-full`, `deposit-gone`,
    /// `deposit-relative` or `deposit-slow` for a folder nothing can be written to.
    pub async fn save_destination(
        &self,
        id: Option<DestinationId>,
        mut destination: Destination,
    ) -> Result<DestinationId> {
        let session = self.opened()?;
        destination.folder = destination.folder.trim().to_owned();
        match destination.mistake() {
            None if destination.folder.len() <= LONGEST_FOLDER => {}
            Some(Mistake::NoFormat) => return Err(Error::new(ErrorKind::NeedsUser, "filing-no-format")),
            _ => return Err(Error::new(ErrorKind::NeedsUser, "filing-name")),
        }
        self.on_runtime(async move {
            let folder = destination.folder.clone();
            write::patiently(&destination, move || deposit::check(Path::new(&folder))).await?;
            let owner = Arc::clone(&session);
            let id = blocking(move || Ok(owner.store.save_destination(id, &destination)?)).await?;
            session.tell(Event::FilingChanged);
            Ok(id)
        })
        .await
    }

    /// Forgets a destination. Files that lie there stay.
    ///
    /// # Errors
    /// `destination-in-use` while a rule writes to it.
    pub async fn remove_destination(&self, id: DestinationId) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            if let Some((_, rule)) = session.store.rules()?.into_iter().find(|(_, r)| r.then.file == Some(id))
            {
                return Err(Error::new(ErrorKind::NeedsUser, "destination-in-use").with("rule", rule.name));
            }
            session.store.remove_destination(id)?;
            session.tell(Event::FilingChanged);
            Ok(())
        }))
        .await
    }

    /// The name a pattern gives to the last document that came, else to an invented one.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn name_example(&self, pattern: NamePattern, format: Format) -> Result<NameExample> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || example(&session, &pattern, format))).await
    }

    /// Folder filed messages are moved to in their mailbox; `None` leaves them where they are.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn filed_folder(&self) -> Result<Option<String>> {
        Ok(self.with_store(|s| s.setting(FOLDER_SETTING)).await?.filter(|folder| !folder.is_empty()))
    }

    /// Another such folder, made at the first filing.
    ///
    /// # Errors
    /// `folder-name` when it cannot be a name.
    pub async fn set_filed_folder(&self, folder: Option<String>) -> Result<()> {
        let folder = folder.map(|f| super::change::folder_name(&f)).transpose()?.unwrap_or_default();
        self.with_store(move |s| s.set_setting(FOLDER_SETTING, &folder)).await
    }

    /// What was written out of a message, newest first.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn filed(&self, id: MessageId) -> Result<Vec<Filed>> {
        self.with_store(move |s| s.filed_of(id)).await
    }

    /// Files messages: what each brings is written to the destinations, it is marked as filed, and moved where the user
    /// has so chosen. Without any destination it is marked and moved only. What was filed before is not written again
    /// unless asked for; a message of which everything was is told as such. One that fails holds up no other.
    ///
    /// # Errors
    /// No session; the store cannot be read. What goes wrong with one message is in its outcome.
    pub async fn file(&self, ids: &[MessageId], wish: FilingWish) -> Result<Filing> {
        let session = self.opened()?;
        for id in ids {
            // what is not here yet is fetched; when it cannot be, its outcome tells
            if !self
                .with_store({
                    let id = *id;
                    move |s| s.row(id)
                })
                .await?
                .is_some_and(|row| row.downloaded)
            {
                let _ = self.fetch(*id).await;
            }
        }
        let (owner, all) = (Arc::clone(&session), ids.to_vec());
        let (gesture, outcomes) = self
            .on_runtime(async move {
                let store = Arc::clone(&owner);
                let (gesture, known) =
                    blocking(move || Ok((store.store.next_gesture()?, store.store.destinations()?))).await?;
                let meant: Vec<_> = known
                    .into_iter()
                    .filter(|(id, d)| {
                        if wish.destinations.is_empty() { d.usual } else { wish.destinations.contains(id) }
                    })
                    .collect();
                if meant.len() < wish.destinations.len() {
                    return Err(Error::new(ErrorKind::NeedsUser, "destination-gone"));
                }
                let manner = write::Manner { gesture, again: wish.again, rule: None };
                let mut outcomes = Vec::with_capacity(all.len());
                for id in all {
                    outcomes.push(write::file(&owner, id, &meant, manner).await?);
                }
                Ok((gesture, outcomes))
            })
            .await?;
        let done: Vec<MessageId> = outcomes.iter().filter_map(is_done).collect();
        let (marked, moved) = self.conclude(&done).await?;
        session.tell(Event::FilingChanged);
        Ok(Filing { gesture, outcomes, moved, marked })
    }

    /// Marks messages as filed, and moves them where the user has so chosen.
    async fn conclude(&self, done: &[MessageId]) -> Result<(Vec<(MessageId, Option<Triage>)>, Option<u64>)> {
        if done.is_empty() {
            return Ok((Vec::new(), None));
        }
        let asked = done.to_vec();
        let stood = move |s: &crate::store::Store| {
            let mut stood = Vec::with_capacity(asked.len());
            for id in asked {
                stood.extend(s.row(id)?.map(|row| (id, Triage::of(&row.flags))));
            }
            Ok(stood)
        };
        let marked = self.with_store(stood).await?;
        match self.set_triage(done, Some(Triage::Filed)).await {
            // the files lie where they belong; the folder of others stays as it is
            Err(error) if error.code() == "folder-read-only" => return Ok((Vec::new(), None)),
            marked => marked?,
        }
        let Some(path) = self.filed_folder().await? else { return Ok((marked, None)) };
        let session = self.opened()?;
        let all = done.to_vec();
        let groups = self
            .on_runtime(blocking(move || {
                let mut groups: Vec<(FolderId, Vec<MessageId>)> = Vec::new();
                for id in all {
                    let Some(target) = folder_for(&session, id, &path)? else { continue };
                    match groups.iter_mut().find(|(folder, _)| *folder == target) {
                        Some((_, ids)) => ids.push(id),
                        None => groups.push((target, vec![id])),
                    }
                }
                Ok(groups)
            }))
            .await?;
        let mut moved = None;
        for (folder, ids) in groups {
            self.move_to(&ids, folder).await?;
            moved = self.undoable().map(|deed| deed.id);
        }
        Ok((marked, moved))
    }

    /// Takes a filing back: its files are removed where they still are as they were written, and the messages stand where
    /// they stood before by `marked`, which the filing told; others are to be filed again.
    ///
    /// # Errors
    /// `nothing-to-undo`; a folder that does not answer: what could be taken back is.
    pub async fn undo_filing(
        &self,
        gesture: i64,
        marked: Vec<(MessageId, Option<Triage>)>,
    ) -> Result<Unfiled> {
        let session = self.opened()?;
        let owner = Arc::clone(&session);
        let files = self.on_runtime(blocking(move || Ok(owner.store.filed_by(gesture)?))).await?;
        if files.is_empty() && marked.is_empty() {
            return Err(Error::new(ErrorKind::NeedsUser, "nothing-to-undo"));
        }
        let mut messages: Vec<MessageId> = files.iter().filter_map(|(filed, _)| filed.message).collect();
        messages.sort_unstable();
        messages.dedup();
        let owner = Arc::clone(&session);
        let unfiled = self.on_runtime(async move { write::take_back(&owner, files).await }).await?;
        messages.retain(|id| !marked.iter().any(|(known, _)| known == id));
        self.set_triage(&messages, Some(Triage::ToFile)).await?;
        for (id, stood) in marked {
            self.set_triage(&[id], stood).await?;
        }
        session.tell(Event::FilingChanged);
        Ok(unfiled)
    }
}

/// Everything of a message is where it belongs.
fn is_done(outcome: &Outcome) -> Option<MessageId> {
    match outcome {
        Outcome::Filed { message, left, .. } if left.is_empty() => Some(*message),
        _ => None,
    }
}

/// The folder of this path in a message's mailbox, made when missing; `None` when it is there already.
fn folder_for(session: &OpenSession, id: MessageId, path: &str) -> Result<Option<FolderId>> {
    let Some((current, _, account)) = session.store.location(id)? else { return Ok(None) };
    let known = session.store.folders()?.into_iter().find(|f| f.account == account && f.path == path);
    let target = match known {
        Some(folder) => folder.id,
        None => {
            let made = session.store.create_folder(account, path)?;
            session.tell(Event::FoldersChanged(account));
            made
        }
    };
    Ok((target != current).then_some(target))
}

/// The newest message with a document that has this form, else what the form always has.
fn example(session: &OpenSession, pattern: &NamePattern, format: Format) -> Result<NameExample> {
    /// Newest messages looked at.
    const MOST: u32 = 30;
    for folder in session.store.folders()? {
        if folder.role != crate::domain::folder::FolderRole::Inbox {
            continue;
        }
        let (_, rows) = session.store.list(folder.id, 0..MOST)?;
        for row in rows.iter().filter(|row| row.downloaded && (row.has_attachment || format == Format::Eml)) {
            let Some(raw) = session.store.raw(row.id)? else { continue };
            let reading = super::document::of_message(&raw);
            let parts = Parts::of(&raw, row, reading.as_ref());
            if let Some(item) = parts.items(&[format]).first() {
                let name = pattern.name(&item.facts, format.ending());
                return Ok(NameExample { name, subject: Some(row.subject.clone()) });
            }
        }
    }
    Ok(NameExample { name: pattern.name(&invented(), format.ending()), subject: None })
}

/// Facts of nobody, where there is no document yet.
fn invented() -> crate::domain::filing::name::Facts {
    use crate::domain::filing::name::{Facts, Field};
    let mut facts = Facts::default();
    for (field, value) in [
        (Field::Patient, "DURAND Paul"),
        (Field::BirthName, "DURAND"),
        (Field::UsedName, "DURAND"),
        (Field::FirstName, "Paul"),
        (Field::BirthDate, "19781126"),
        (Field::Sex, "M"),
        (Field::Ins, "178112912345674"),
        (Field::Kind, "CR d'examens biologiques"),
        (Field::Code, "11502-2"),
        (Field::Title, "CR d'examens biologiques"),
        (Field::Date, "20260302"),
        (Field::Received, "20260303"),
        (Field::Author, "Marie MARTIN"),
        (Field::Organisation, "Laboratoire BIOVAL"),
        (Field::Id, "1.2.250.1.999.9.2.101"),
    ] {
        facts.set(field, value);
    }
    facts
}
