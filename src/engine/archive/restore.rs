//! Messages out of an archive: into files, or back into a mailbox. Everything is verified before anything is written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::{opened, own};
use crate::archive::{Archive, Entry, Stored};
use crate::domain::id::FolderId;
use crate::domain::recovery::RecoveryCode;
use crate::engine::export::file_name;
use crate::engine::import::Importer;
use crate::engine::import::source::Coming;
use crate::engine::job::Job;
use crate::engine::session::OpenSession;
use crate::engine::work::blocking;
use crate::engine::{Engine, Error, ErrorKind, Result};
use crate::export::{self, NewFile, NewFolder, mbox};
use crate::health::identity::folded;

/// Where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestoreTo {
    /// Nowhere: it is only verified.
    Nothing,
    /// A new file of messages (mboxrd).
    Mbox(PathBuf),
    /// A new folder with a file a message.
    Folder(PathBuf),
    /// A folder of a mailbox, which gets what it does not have.
    Mailbox(FolderId),
}

/// What came out of an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Messages in it, all verified.
    pub messages: u64,
    /// Bytes of their sources.
    pub bytes: u64,
    /// Messages written.
    pub written: u64,
    /// Messages the mailbox had already.
    pub duplicates: u64,
    /// What is wrong with it, as codes with the number of the segment; only where that was to be passed over.
    pub damage: Vec<(String, u32)>,
}

impl Engine {
    /// Reads an archive, checks all of it, and writes its messages somewhere; `code` is not needed for the archive of this
    /// session. With `salvages`, what is damaged is passed over and told; otherwise nothing is written of a damaged
    /// archive.
    ///
    /// # Errors
    /// `archive-none`, `archive-code-wrong`, `archive-place`; `archive-truncated`, `archive-altered`,
    /// `archive-missing`, `archive-newer`; those of [`Engine::export`] and [`Engine::import`]; `cancelled`.
    pub async fn restore_archive(
        &self,
        place: PathBuf,
        code: Option<RecoveryCode>,
        to: RestoreTo,
        salvages: bool,
        job: Job,
    ) -> Result<Restored> {
        let session = match (&code, &to) {
            (Some(_), RestoreTo::Nothing | RestoreTo::Mbox(_) | RestoreTo::Folder(_)) => self.opened().ok(),
            _ => Some(self.opened()?),
        };
        self.on_runtime(blocking(move || {
            let archive = at(&place, code.as_ref(), session.as_ref())?;
            let session = session.as_ref();
            let mut restored = verified(&archive, salvages, || {
                job.step();
                job.check(session)
            })?;
            job.begin(usize::try_from(restored.messages).unwrap_or(0));
            let check = || {
                job.step();
                job.check(session)
            };
            match (to, session) {
                (RestoreTo::Nothing, _) => {}
                (RestoreTo::Mbox(path), _) => restored.written = to_mbox(&archive, &path, check)?,
                (RestoreTo::Folder(path), _) => restored.written = to_folder(&archive, &path, check)?,
                (RestoreTo::Mailbox(folder), Some(session)) => {
                    let mut importer = Importer::new(session, folder, &job)?;
                    archive.salvage(|stored| {
                        check()?;
                        importer.take(Coming::archived(stored))
                    })?;
                    let imported = importer.finish()?;
                    (restored.written, restored.duplicates) = (imported.added, imported.duplicates);
                }
                (RestoreTo::Mailbox(_), None) => return Err(super::none()),
            }
            Ok(restored)
        }))
        .await
    }

    /// What an archive holds, newest first: messages whose sender, subject, mailbox and folder have all of these words, in
    /// any case and with or without accents.
    ///
    /// # Errors
    /// As [`Engine::restore_archive`].
    pub async fn archive_contents(
        &self,
        place: PathBuf,
        code: Option<RecoveryCode>,
        words: String,
    ) -> Result<Vec<Entry>> {
        let session = if code.is_some() { self.opened().ok() } else { Some(self.opened()?) };
        self.on_runtime(blocking(move || {
            let archive = at(&place, code.as_ref(), session.as_ref())?;
            let words: Vec<String> = words.split_whitespace().map(folded).collect();
            let mut found = Vec::new();
            archive.read(|Stored { entry, .. }| {
                let text =
                    [&entry.from, &entry.subject, &entry.account, &entry.folder].map(|t| folded(t)).join(" ");
                if words.iter().all(|word| text.contains(word)) {
                    found.push(entry);
                }
                Ok::<(), Error>(())
            })?;
            found.sort_by_key(|entry| std::cmp::Reverse(entry.date));
            Ok(found)
        }))
        .await
    }

    /// The source of one message of an archive, by the beginning of its digest.
    ///
    /// # Errors
    /// As [`Engine::restore_archive`]; `not-found`.
    pub async fn archive_source(
        &self,
        place: PathBuf,
        code: Option<RecoveryCode>,
        digest: String,
    ) -> Result<Vec<u8>> {
        let session = if code.is_some() { self.opened().ok() } else { Some(self.opened()?) };
        self.on_runtime(blocking(move || {
            let archive = at(&place, code.as_ref(), session.as_ref())?;
            let mut found = None;
            archive.read(|Stored { entry, raw, .. }| {
                if digest.len() >= 8 && entry.digest.starts_with(&digest) {
                    found = Some(raw);
                }
                Ok::<(), Error>(())
            })?;
            found.ok_or_else(crate::engine::mail::not_found)
        }))
        .await
    }
}

/// The archive of a folder: by its code, else the session's own.
fn at(place: &Path, code: Option<&RecoveryCode>, session: Option<&Arc<OpenSession>>) -> Result<Archive> {
    match (code, session) {
        (Some(code), _) => Ok(Archive::new(place, opened(place, code)?)),
        (None, None) => Err(super::none()),
        (None, Some(session)) => {
            let (plan, archive) = own(session)?;
            let needed = || Error::new(ErrorKind::NeedsUser, "archive-code-needed");
            (plan.place == place).then_some(archive).ok_or_else(needed)
        }
    }
}

fn verified(archive: &Archive, salvages: bool, mut check: impl FnMut() -> Result<()>) -> Result<Restored> {
    let (summary, wrong) =
        if salvages { archive.salvage(|_| check())? } else { (archive.read(|_| check())?, Vec::new()) };
    let damage = wrong.into_iter().map(Error::from).map(|error| {
        let segment = error.facts().iter().find(|(name, _)| *name == "segment");
        (error.code().to_owned(), segment.and_then(|(_, n)| n.parse().ok()).unwrap_or(0))
    });
    let damage = damage.collect();
    Ok(Restored { messages: summary.messages, bytes: summary.bytes, damage, ..Restored::default() })
}

fn to_mbox(archive: &Archive, path: &Path, check: impl Fn() -> Result<()>) -> Result<u64> {
    let mut file = NewFile::new(path)?;
    let mut count = 0;
    archive.salvage(|Stored { entry, raw, .. }| {
        check()?;
        count += 1;
        let sender = crate::mime::parse_header(&raw).envelope.from.first().map(|f| f.address.clone());
        mbox::write(&mut file, &sender.unwrap_or_default(), entry.date, &raw).map_err(export::Error::from)?;
        Ok::<(), Error>(())
    })?;
    file.finish()?;
    Ok(count)
}

fn to_folder(archive: &Archive, path: &Path, check: impl Fn() -> Result<()>) -> Result<u64> {
    let mut folder = NewFolder::new(path)?;
    let mut count = 0;
    archive.salvage(|Stored { entry, raw, .. }| {
        check()?;
        count += 1;
        folder.add(&file_name(entry.date, &entry.from, &entry.subject), &raw)?;
        Ok::<(), Error>(())
    })?;
    folder.finish()?;
    Ok(count)
}
