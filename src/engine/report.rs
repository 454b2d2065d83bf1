//! What the engine answers with.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ArchiveStatus, Error};
use crate::domain::UnixTime;
use crate::domain::account::{AccountConfig, AuthMethod};
use crate::domain::address::EmailAddress;
use crate::domain::card::Holder;
use crate::domain::contact::{Group, Mark};
pub use crate::domain::directory::{AnnuaireStatus, PeopleQuery};
use crate::domain::folder::Folder;
use crate::domain::id::AccountId;
use crate::domain::message::MessageRow;
use crate::domain::outbox::OutboxState;
use crate::domain::person::Person;
use crate::domain::tally::{Missing, Quota, Tally};
use crate::net::Chain;

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The card's holder; `None` for accounts without a card.
    pub holder: Option<Holder>,
    /// The card is unlocked: mail can be fetched and sent with it.
    pub online: bool,
}

/// A mailbox found for the holder.
#[derive(Debug, Clone, PartialEq)]
pub struct MailboxProposal {
    /// The address.
    pub address: EmailAddress,
    /// Structure or service the annuaire gives, to tell several mailboxes apart.
    pub place: String,
    /// The complete configuration, when the servers of this domain are known.
    pub config: Option<AccountConfig>,
}

/// What a check of an account found.
#[derive(Debug, Clone, Serialize)]
pub struct AccountCheck {
    /// Seconds until the IMAP login was accepted.
    pub imap_seconds: f64,
    /// Seconds until the SMTP login was accepted.
    pub smtp_seconds: f64,
    /// What the IMAP server says it can do.
    pub capabilities: Vec<String>,
    /// Largest message the SMTP server takes, in bytes, when it says so.
    pub size_limit: Option<u64>,
    /// Storage of the mailbox, when the IMAP server tells.
    pub quota: Option<Quota>,
    /// Certificates of the IMAP and of the SMTP server, and how they were checked.
    pub chains: [Chain; 2],
}

/// Rows of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Rows in the folder.
    pub total: u32,
    /// Position of the first row given.
    pub first: u32,
    /// The rows.
    pub rows: Vec<MessageRow>,
}

/// Result of a search.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Found {
    /// Messages that match.
    pub total: u32,
    /// Time taken.
    pub seconds: f64,
    /// False when the content of some messages is not here: it may hold the words too.
    pub complete: bool,
    /// What is not here, by account; empty when the search was complete.
    pub gaps: Vec<Gap>,
    /// How many of them hold only another form of a word (plural, feminine…): they come last.
    pub near: u32,
    /// The rows asked for, newest first.
    pub messages: Vec<MessageRow>,
}

/// What a search cannot see of an account: of these messages it knows the headers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Account.
    pub account: AccountId,
    /// Its address.
    pub address: EmailAddress,
    /// How many, and why.
    #[serde(flatten)]
    pub missing: Missing,
}

/// Answer of the annuaire.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct People {
    /// Matching people and services, best first.
    pub people: Vec<Person>,
    /// Near spellings, never mixed with the exact ones; empty while there are enough of those.
    pub near: Vec<Person>,
    /// There are more than were asked for.
    pub more: bool,
    /// The user's groups whose name answers.
    pub groups: Vec<Group>,
    /// What the user knows of them, by key.
    pub marks: BTreeMap<String, Mark>,
    /// Time taken.
    pub seconds: f64,
}

/// Where an import of the annuaire is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ImportProgress {
    /// What is done now.
    pub phase: ImportPhase,
    /// Share of it done, 0 to 100, when the whole is known.
    pub percent: Option<u8>,
}

/// A part of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportPhase {
    /// An archive is received; it is read once it is whole.
    Receiving,
    /// The file is received and read.
    #[default]
    Reading,
    /// People and their index are written.
    Indexing,
}

/// What a synchronisation did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SyncReport {
    /// Folders looked at.
    pub folders: u32,
    /// Messages that are new here.
    pub new: u32,
    /// Messages whose flags changed.
    pub changed: u32,
    /// Messages that are gone.
    pub removed: u32,
    /// Bytes of bodies fetched.
    pub bytes: u64,
    /// Time taken.
    pub seconds: f64,
}

/// State of an account's connection.
#[derive(Debug, Clone)]
pub enum Connection {
    /// Not started, or closed on purpose.
    Idle,
    /// Connecting or synchronising.
    Working,
    /// Connected and up to date.
    UpToDate,
    /// Waiting to try again.
    Waiting(Error),
}

/// A folder and its last comparison with the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FolderHealth {
    /// The folder with its counts here, local changes included.
    #[serde(flatten)]
    pub folder: Folder,
    /// The last comparison; `None` before the first.
    pub tally: Option<Tally>,
}

/// State of one account.
#[derive(Debug, Clone)]
pub struct AccountHealth {
    /// Account.
    pub id: AccountId,
    /// Its address.
    pub address: EmailAddress,
    /// How it logs in.
    pub auth: AuthMethod,
    /// Last second of its software certificate, where it has one.
    pub certificate_end: Option<UnixTime>,
    /// Connection now.
    pub connection: Connection,
    /// Last complete synchronisation.
    pub last_success: Option<UnixTime>,
    /// Logged in without a break since.
    pub connected_since: Option<UnixTime>,
    /// Connections that are logged in.
    pub connections: u32,
    /// Messages known here.
    pub messages: u64,
    /// Of these, with their body.
    pub downloaded: u64,
    /// Why the others are not.
    pub missing: Missing,
    /// Local changes the server has not got yet.
    pub pending_changes: u32,
    /// The same by kind (`flag`, `move`, `delete`…).
    pub pending: Vec<(String, u32)>,
    /// Storage on the server, when it last told.
    pub quota: Option<Quota>,
    /// Folders that hold messages, in display order.
    pub folders: Vec<FolderHealth>,
}

impl AccountHealth {
    /// Folders whose counts were not those of the server.
    pub fn disagreeing(&self) -> usize {
        self.folders.iter().filter(|f| f.tally.is_some_and(|t| !t.agrees())).count()
    }
}

/// Messages of the outbox that wait for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SendingsHealth {
    /// Where they stand.
    pub state: OutboxState,
    /// An error code of the engine, when something is in the way.
    pub trouble: Option<String>,
    /// How many.
    pub count: u32,
}

/// State of everything.
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// Accounts.
    pub accounts: Vec<AccountHealth>,
    /// Messages waiting in the outbox.
    pub waiting: u32,
    /// Messages refused or waiting for a decision.
    pub refused: u32,
    /// Messages that left and did not reach a recipient.
    pub undelivered: u32,
    /// Those that wait and those that were refused, by reason.
    pub sendings: Vec<SendingsHealth>,
    /// Size of the store on this machine, in bytes.
    pub store_bytes: u64,
    /// When the whole store was last checked.
    pub checked_at: Option<UnixTime>,
    /// It was found damaged then.
    pub check_failed: bool,
    /// The encrypted archive, where there is one.
    pub archive: Option<ArchiveStatus>,
    /// Path of the PKCS#11 module in use.
    pub module: Option<String>,
    /// Names of the readers seen.
    pub readers: Vec<String>,
}

/// A decoded attachment.
pub struct AttachmentContent {
    /// Safe file name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Content.
    pub bytes: Vec<u8>,
}
