//! Messages of the archive, as they are found without the disk it lies on.

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::address::Mailbox;
use super::message::{Flags, MessageKind};
use super::patient::PatientHint;
use super::search::Topic;

/// A message of the archive; holds until another archive is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ArchivedId(pub i64);

/// What a row of the archive's list needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArchivedRow {
    /// Identifier.
    pub id: ArchivedId,
    /// Date of the message, else of its arrival.
    pub date: UnixTime,
    /// Address of the mailbox it was in.
    pub account: String,
    /// Folder it was in, levels separated by `/`.
    pub folder: String,
    /// Whom it came from.
    pub from: Mailbox,
    /// Subject as shown, without the marks of XDM.
    pub subject: String,
    /// The patient the subject names.
    pub patient: Option<PatientHint>,
    /// What it is about.
    pub topic: Topic,
    /// Kind.
    pub kind: MessageKind,
    /// A result is out of its bounds.
    pub abnormal: bool,
    /// It has an attachment.
    pub has_attachment: bool,
    /// Flags it had when it was archived.
    pub flags: Flags,
}
