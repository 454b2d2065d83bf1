//! Messages of the archive that no mailbox holds any more: found without its disk, read and put back with it.

use std::ops::Range;
use std::path::PathBuf;

use serde::Serialize;

use super::own;
use crate::archive::Archive;
use crate::domain::address::Mailbox;
use crate::domain::archived::{ArchivedId, ArchivedRow};
use crate::domain::id::FolderId;
use crate::domain::message::{Attachment, Block};
use crate::engine::import::source::Coming;
use crate::engine::import::{Imported, Importer};
use crate::engine::job::Job;
use crate::engine::session::OpenSession;
use crate::engine::work::blocking;
use crate::engine::{Engine, Error, ErrorKind, Result};
use crate::export::{self, NewFile};
use crate::mime;

/// What a search finds in the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ArchivedFound {
    /// How many messages.
    pub total: u32,
    /// Those asked for, newest first.
    pub rows: Vec<ArchivedRow>,
}

/// A message of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedMessage {
    /// Its row.
    pub row: ArchivedRow,
    /// To whom.
    pub to: Vec<Mailbox>,
    /// Readable blocks.
    pub blocks: Vec<Block>,
    /// The same as plain text.
    pub text: String,
    /// Attachments.
    pub attachments: Vec<Attachment>,
}

impl Engine {
    /// Messages of the archive that no mailbox holds any more and that answer a search, with the operators of
    /// [`Engine::search`]; all of them for an empty one. The archive's disk is not needed.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn search_archive(&self, text: &str, window: Range<u32>) -> Result<ArchivedFound> {
        let query = Self::query(text);
        self.with_store(move |s| {
            let (total, rows) = s.search_archive(&query, window)?;
            Ok(ArchivedFound { total, rows })
        })
        .await
    }

    /// Reads a message of the archive.
    ///
    /// # Errors
    /// `archive-none`; `archive-place` without its disk; `archive-truncated`, `archive-altered`, `archive-missing`;
    /// `not-found`.
    pub async fn archived_message(&self, id: ArchivedId) -> Result<ArchivedMessage> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let (_, archive) = own(&session)?;
            let (row, raw) = source(&session, &archive, id)?;
            let parsed = mime::parse(&raw);
            Ok(ArchivedMessage {
                row,
                to: parsed.envelope.to,
                blocks: parsed.blocks,
                text: parsed.text,
                attachments: parsed.attachments,
            })
        }))
        .await
    }

    /// Puts messages of the archive into a folder of a mailbox, as [`Engine::import`] does. They stay in the archive.
    ///
    /// # Errors
    /// Those of [`Engine::archived_message`] and of [`Engine::import`].
    pub async fn restore_archived(
        &self,
        ids: Vec<ArchivedId>,
        folder: FolderId,
        job: Job,
    ) -> Result<Imported> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let (_, archive) = own(&session)?;
            let mut importer = Importer::new(&session, folder, &job)?;
            job.begin(ids.len());
            for id in ids {
                let (row, raw) = source(&session, &archive, id)?;
                importer.take(Coming { raw, flags: row.flags, date: Some(row.date) })?;
                job.step();
            }
            importer.finish()
        }))
        .await
    }

    /// Writes a message of the archive to a new file, to the byte; answers where.
    ///
    /// # Errors
    /// Those of [`Engine::archived_message`]; `export-exists`, `disk-full`.
    pub async fn save_archived(&self, id: ArchivedId, path: PathBuf) -> Result<PathBuf> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let (_, archive) = own(&session)?;
            let (_, raw) = source(&session, &archive, id)?;
            let mut file = NewFile::new(&path)?;
            std::io::Write::write_all(&mut file, &raw).map_err(export::Error::from)?;
            Ok(file.finish()?)
        }))
        .await
    }
}

fn source(session: &OpenSession, archive: &Archive, id: ArchivedId) -> Result<(ArchivedRow, Vec<u8>)> {
    let (row, digest, segment) = session.store.archived_row(id)?;
    let raw = archive.source(segment, &digest)?;
    // known here, and not where it was: the next run says what is wrong
    let raw = raw.ok_or_else(|| {
        Error::new(ErrorKind::Corrupt, "archive-altered").with("segment", segment.to_string())
    })?;
    Ok((row, raw))
}
