//! The encrypted archive of a session: what it holds, when it was last verified, and how messages come back out of it.

mod found;
mod index;
mod intake;
mod restore;
mod run;

pub use found::{ArchivedFound, ArchivedMessage};
pub use restore::{RestoreTo, Restored};
pub(super) use run::run;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::job::Job;
use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Event, Result, clock};
use crate::archive::{Archive, KEY_FILE};
use crate::domain::UnixTime;
use crate::domain::recovery::RecoveryCode;
use crate::domain::secret::StoreKey;
use crate::vault::{self, KeyFile, Opener, Slots};

/// Name of the setting that holds the plan.
const PLAN: &str = "archive";
const DAY: i64 = 24 * 3600;
/// How long before the operator deletes a message it must be in the archive.
const NOTICE: i64 = 14 * DAY;

/// How often the program archives by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rhythm {
    /// Only when asked.
    Never,
    /// Every day.
    Daily,
    /// Every week.
    #[default]
    Weekly,
}

impl Rhythm {
    fn seconds(self) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::Daily => Some(DAY),
            Self::Weekly => Some(7 * DAY),
        }
    }
}

/// What is kept of an archive between two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Plan {
    place: PathBuf,
    rhythm: Rhythm,
    /// Days after which the operator deletes messages; 0 when it does not, or nobody knows.
    retention: u32,
    verified: Option<UnixTime>,
    segments: u32,
    messages: u64,
    bytes: u64,
    /// Code of what went wrong in the last run.
    trouble: Option<String>,
}

/// The archive as the user is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArchiveStatus {
    /// Its folder.
    pub place: PathBuf,
    /// How often it is added to.
    pub rhythm: Rhythm,
    /// Days after which the operator deletes messages; 0 for never or unknown.
    pub retention: u32,
    /// When all of it was last read again and found whole.
    pub verified: Option<UnixTime>,
    /// Messages in it.
    pub messages: u64,
    /// Bytes of their sources.
    pub bytes: u64,
    /// Messages on this computer that are not in it yet.
    pub waiting: u64,
    /// Messages of the mailboxes whose content is not on this computer: they cannot be archived.
    pub not_here: u64,
    /// Messages not in it that the operator deletes within two weeks.
    pub due: u64,
    /// Code of what went wrong in the last run.
    pub trouble: Option<String>,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Archived {
    /// Messages added.
    pub added: u64,
    /// Messages in the archive now, all verified.
    pub messages: u64,
    /// Bytes of their sources.
    pub bytes: u64,
    /// Messages whose content is not on this computer.
    pub not_here: u64,
}

impl Engine {
    /// Makes an archive in a folder, which this code opens from then on, and archives to it from now on.
    ///
    /// # Errors
    /// `archive-exists` when the folder holds one; `archive-place`, `archive-denied`, `disk-full`.
    pub async fn create_archive(&self, place: PathBuf, code: RecoveryCode) -> Result<ArchiveStatus> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            if !place.is_dir() {
                return Err(Error::new(ErrorKind::NeedsUser, "archive-place"));
            }
            let mut file = KeyFile::new(place.join(KEY_FILE)).map_err(of_vault)?;
            let key = vault::new_key()?;
            let slot = file.blank(Opener::recovery(), clock::now())?.fill_by_code(&code, &key)?;
            file.create(vec![slot]).map_err(of_vault)?;
            keep(&session, place, &key)?;
            status(&session)?.ok_or_else(none)
        }))
        .await
    }

    /// Archives to an archive that is there already, as of another computer, from now on.
    ///
    /// # Errors
    /// `archive-none` when the folder holds none, `archive-code-wrong`, `archive-place`.
    pub async fn join_archive(&self, place: PathBuf, code: RecoveryCode) -> Result<ArchiveStatus> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let key = opened(&place, &code)?;
            keep(&session, place, &key)?;
            status(&session)?.ok_or_else(none)
        }))
        .await
    }

    /// The archive; `None` when there is none.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn archive_status(&self) -> Result<Option<ArchiveStatus>> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || status(&session))).await
    }

    /// How often to archive, and after how many days the operator deletes messages (0: never, or unknown).
    ///
    /// # Errors
    /// `archive-none`.
    pub async fn set_archive_rhythm(&self, rhythm: Rhythm, retention: u32) -> Result<ArchiveStatus> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let plan = plan(&session)?.ok_or_else(none)?;
            set_plan(&session, &Plan { rhythm, retention: retention.min(36_500), ..plan })?;
            status(&session)?.ok_or_else(none)
        }))
        .await
    }

    /// Archives to no archive any more. The archive itself stays as it is.
    ///
    /// # Errors
    /// The store cannot be written.
    pub async fn forget_archive(&self) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            session.store.set_setting(PLAN, "")?;
            Ok(session.store.set_archive_key(None)?)
        }))
        .await
    }

    /// Adds what is not in the archive yet, then reads back what was written. Everything that was in it before is
    /// verified first.
    ///
    /// # Errors
    /// `archive-none`, `archive-busy`; `archive-place` when the disk is not there; `disk-full`; `archive-truncated`,
    /// `archive-altered`, `archive-missing` or `archive-shorter` when it is damaged: nothing is added then;
    /// `cancelled`.
    pub async fn archive_now(&self, job: Job) -> Result<Archived> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || run::once(&session, &job))).await
    }
}

fn none() -> Error {
    Error::new(ErrorKind::NeedsUser, "archive-none")
}

fn of_vault(error: vault::Error) -> Error {
    match error {
        vault::Error::Exists => Error::new(ErrorKind::NeedsUser, "archive-exists"),
        vault::Error::DoesNotOpen => Error::new(ErrorKind::NeedsUser, "archive-code-wrong"),
        vault::Error::KeyFileDamaged => Error::new(ErrorKind::Corrupt, "archive-keys-damaged"),
        vault::Error::Newer => Error::new(ErrorKind::Corrupt, "archive-newer"),
        vault::Error::Io(error) => crate::archive::Error::from(error).into(),
        other => other.into(),
    }
}

/// The key of the archive in a folder, by its code; slow by design.
fn opened(place: &Path, code: &RecoveryCode) -> Result<StoreKey> {
    if !place.is_dir() {
        return Err(Error::new(ErrorKind::NeedsUser, "archive-place"));
    }
    let file = KeyFile::read(&place.join(KEY_FILE)).map_err(of_vault)?.ok_or_else(none)?;
    let is_code = |slot: &&vault::Slot| matches!(slot.opener(), Opener::Recovery { .. });
    let slot = file.slots(Slots::Present).iter().find(is_code).ok_or_else(none)?;
    file.open_by_code(slot, code).map_err(of_vault)
}

fn keep(session: &OpenSession, place: PathBuf, key: &StoreKey) -> Result<()> {
    let before = plan(session)?;
    session.store.set_archive_key(Some(key))?;
    let plan = Plan {
        place,
        rhythm: before.as_ref().map(|p| p.rhythm).unwrap_or_default(),
        retention: before.map_or(0, |p| p.retention),
        verified: None,
        segments: 0,
        messages: 0,
        bytes: 0,
        trouble: None,
    };
    set_plan(session, &plan)
}

fn plan(session: &OpenSession) -> Result<Option<Plan>> {
    let text = session.store.setting(PLAN)?.unwrap_or_default();
    Ok(serde_json::from_str(&text).ok())
}

fn set_plan(session: &OpenSession, plan: &Plan) -> Result<()> {
    let text = serde_json::to_string(plan).map_err(|e| Error::new(ErrorKind::Bug, "bug").caused_by(e))?;
    session.store.set_setting(PLAN, &text)?;
    session.tell(Event::Trouble);
    Ok(())
}

pub(super) fn status(session: &OpenSession) -> Result<Option<ArchiveStatus>> {
    let Some(plan) = plan(session)? else { return Ok(None) };
    // what the operator deletes two weeks from now
    let day = match plan.retention {
        0 => 0,
        days => clock::now() - i64::from(days) * DAY + NOTICE,
    };
    let count = session.store.archive_count(day)?;
    Ok(Some(ArchiveStatus {
        place: plan.place,
        rhythm: plan.rhythm,
        retention: plan.retention,
        verified: plan.verified,
        messages: plan.messages,
        bytes: plan.bytes,
        waiting: count.waiting,
        not_here: count.not_here,
        due: count.overdue,
        trouble: plan.trouble,
    }))
}

/// The archive of this session, as far as it has one.
fn own(session: &Arc<OpenSession>) -> Result<(Plan, Archive)> {
    let plan = plan(session)?.ok_or_else(none)?;
    let key = session.store.archive_key()?.ok_or_else(none)?;
    let archive = Archive::new(&plan.place, key);
    Ok((plan, archive))
}
