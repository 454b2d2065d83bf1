//! Messages out of the program: as they came (EML), in one file (mbox), or sorted by patient (ZIP).

mod patient;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::job::Job;
use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Result, clock};
use crate::domain::UnixTime;
use crate::domain::id::{FolderId, MessageId, PatientId};
use crate::domain::message::MessageRow;
use crate::export::{self, NewFile, NewFolder, mbox};
use crate::mime;

/// Most messages of one patient.
const MOST_OF_A_PATIENT: usize = 100_000;

/// Which messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These, in this order.
    Messages(Vec<MessageId>),
    /// Those of a folder, oldest first.
    Folder(FolderId),
    /// Those attached to a patient, oldest first.
    Patient(PatientId),
}

/// As what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// One message as a file, byte for byte as the server has it.
    Eml,
    /// A new folder with one such file a message.
    Folder,
    /// One file of messages (mboxrd).
    Mbox,
    /// A ZIP archive with a folder for each patient, their messages and documents in it, and a table of contents.
    Patients,
}

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Messages written.
    pub messages: u64,
    /// Messages whose content is not on this computer and could not be fetched: they are missing.
    pub missing: u64,
    /// Documents written beside them.
    pub documents: u64,
    /// Bytes of the messages.
    pub bytes: u64,
    /// The file or folder.
    pub path: PathBuf,
}

/// A place that messages are written to, one after the other.
trait Writer {
    fn add(&mut self, row: &MessageRow, raw: &[u8]) -> Result<u64>;
    fn finish(self: Box<Self>) -> Result<PathBuf>;
}

impl Engine {
    /// Writes messages to a file or folder that is not there yet. What is not here yet is fetched first where that is
    /// possible. A cancelled or failed export leaves nothing behind.
    ///
    /// # Errors
    /// `export-exists`, `export-place` for a folder that is not there, `export-denied`, `disk-full`; `cancelled`;
    /// `export-nothing` when there is no message whose content is here.
    pub async fn export(
        &self,
        selection: Selection,
        form: ExportForm,
        to: PathBuf,
        job: Job,
    ) -> Result<Exported> {
        let ids = match selection {
            Selection::Messages(ids) => ids,
            Selection::Folder(folder) => self.with_store(move |s| s.ids_of(folder)).await?,
            Selection::Patient(patient) => {
                let file = self.with_store(move |s| s.patient_file(patient, MOST_OF_A_PATIENT)).await?;
                // a message that names the patient in two ways is two entries
                let mut seen = HashSet::new();
                let ids = file.entries.into_iter().rev().map(|entry| entry.message.id);
                ids.filter(|id| seen.insert(*id)).collect()
            }
        };
        job.begin(ids.len());
        let session = self.opened()?;
        for id in self
            .with_store({
                let ids = ids.clone();
                move |s| s.not_here(&ids)
            })
            .await?
        {
            job.check(Some(&session))?;
            // what cannot be fetched now is counted as missing
            let _ = self.fetch(id).await;
        }
        self.on_runtime(blocking(move || write(&session, &ids, form, &to, &job))).await
    }
}

fn write(
    session: &Arc<OpenSession>,
    ids: &[MessageId],
    form: ExportForm,
    to: &Path,
    job: &Job,
) -> Result<Exported> {
    let mut writer: Box<dyn Writer> = match form {
        ExportForm::Eml => Box::new(One(NewFile::new(to)?)),
        ExportForm::Folder => Box::new(Many(NewFolder::new(to)?)),
        ExportForm::Mbox => Box::new(Mbox(NewFile::new(to)?)),
        ExportForm::Patients => Box::new(patient::Sorted::new(session, to)?),
    };
    let mut exported = Exported { messages: 0, missing: 0, documents: 0, bytes: 0, path: PathBuf::new() };
    for id in ids {
        job.check(Some(session))?;
        match (session.store.row(*id)?, session.store.raw(*id)?) {
            (Some(row), Some(raw)) => {
                exported.documents += writer.add(&row, &raw)?;
                exported.messages += 1;
                exported.bytes += raw.len() as u64;
            }
            (Some(_), None) => exported.missing += 1,
            // deleted meanwhile
            (None, _) => {}
        }
        job.step();
    }
    if exported.messages == 0 {
        return Err(Error::new(ErrorKind::NeedsUser, "export-nothing"));
    }
    exported.path = writer.finish()?;
    session.store.add_trace(clock::now(), "exported", None, None)?;
    Ok(exported)
}

struct One(NewFile);

impl Writer for One {
    fn add(&mut self, _row: &MessageRow, raw: &[u8]) -> Result<u64> {
        put(&mut self.0, raw)?;
        Ok(0)
    }

    fn finish(self: Box<Self>) -> Result<PathBuf> {
        Ok(self.0.finish()?)
    }
}

struct Many(NewFolder);

impl Writer for Many {
    fn add(&mut self, row: &MessageRow, raw: &[u8]) -> Result<u64> {
        self.0.add(&file_name(row.date, row.from.label(), &row.subject), raw)?;
        Ok(0)
    }

    fn finish(self: Box<Self>) -> Result<PathBuf> {
        Ok(self.0.finish()?)
    }
}

struct Mbox(NewFile);

impl Writer for Mbox {
    fn add(&mut self, row: &MessageRow, raw: &[u8]) -> Result<u64> {
        mbox::write(&mut self.0, &row.from.address, row.date, raw).map_err(export::Error::from)?;
        Ok(0)
    }

    fn finish(self: Box<Self>) -> Result<PathBuf> {
        Ok(self.0.finish()?)
    }
}

fn put(file: &mut NewFile, bytes: &[u8]) -> Result<()> {
    Ok(std::io::Write::write_all(file, bytes).map_err(export::Error::from)?)
}

/// `2026-11-26 Dr Marie MARTIN - CR de consultation.eml`
pub(super) fn file_name(date: UnixTime, from: &str, subject: &str) -> String {
    let from: String = from.chars().take(40).collect();
    let subject: String = subject.chars().take(60).collect();
    mime::safe_name(&format!("{} {from} - {subject}.eml", day(date)))
}

/// `2026-11-26`, in UTC so that the same message has the same name everywhere.
fn day(date: UnixTime) -> String {
    let time = jiff::Timestamp::from_second(date).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
