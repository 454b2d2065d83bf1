//! The only door for the interface, the command line and the tests: a cheap handle with typed async methods.
//!
//! *Queries* read the local store only. *Commands* write an intention to the store, return at once and wake a loop.
//! *Events* tell listeners what to read again. No method needs a particular async runtime: the engine owns its own.

mod error;
mod event;
mod report;

pub use error::{Error, ErrorKind};
pub use event::{Event, Events};
pub use report::*;

use std::ops::Range;
use std::path::PathBuf;

use crate::domain::account::{Account, AccountConfig};
use crate::domain::card::CardState;
use crate::domain::draft::Draft;
use crate::domain::folder::Folder;
use crate::domain::id::{AccountId, DraftId, FolderId, MessageId, OutboxId};
use crate::domain::message::{Flag, MessageView};
use crate::domain::outbox::OutboxEntry;
use crate::domain::person::Person;
use crate::domain::secret::Secret;

/// Result of the engine.
pub type Result<T> = std::result::Result<T, Error>;

/// Where the store's key and passwords are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The keyring of the operating system.
    Keyring,
    /// A private file, for machines without a keyring.
    File(PathBuf),
}

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The profile folder; made when missing.
    pub profile: PathBuf,
    /// Where keys are kept.
    pub keys: KeySource,
    /// PKCS#11 module to use instead of the ones found on the system.
    pub module: Option<PathBuf>,
    /// Delay before a queued message leaves, in seconds (0 to 30).
    pub send_delay: u32,
}

/// The handle. Clones are cheap and share one engine.
#[derive(Clone)]
pub struct Engine {}

impl Engine {
    /// Starts on a profile: watches the card, opens nothing yet.
    pub fn open(_options: Options) -> Result<Self> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Starts on a fictitious mailbox, card (PIN 1234) and annuaire held in memory.
    pub fn practice() -> Result<Self> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// True in practice mode: the interface marks it on every screen.
    pub fn is_practice(&self) -> bool {
        false
    }
    /// Stops loops, closes connections and the store.
    pub async fn shutdown(&self) {}
    /// Events from now on.
    pub fn events(&self) -> Events {
        Events(tokio::sync::broadcast::channel(1).1)
    }

    // --- card and session ---
    /// The card now.
    pub fn card(&self) -> CardState {
        CardState::NoService
    }
    /// The open session, if any.
    pub fn session(&self) -> Option<Session> {
        None
    }
    /// Verifies the PIN once, opens the holder's store and starts the loops. Never retried by the program.
    /// With no account yet in this store, the mailboxes `my_mailboxes` proposed as ready are added.
    pub async fn unlock(&self, _pin: Secret) -> Result<Session> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Opens the store without the card, for reading what was fetched: the store of the inserted card's holder, else
    /// the only one of the profile, else the one for accounts without a card.
    pub async fn open_offline(&self) -> Result<Session> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Closes connections and store, forgets keys.
    pub async fn lock(&self) {}
    /// The mailboxes the annuaire lists for the inserted card's holder, with the servers found for each.
    pub async fn my_mailboxes(&self) -> Result<Vec<MailboxProposal>> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }

    // --- accounts ---
    /// Accounts of the session.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Adds an account; the password, when the method needs one, goes to the key source.
    pub async fn add_account(&self, _config: AccountConfig, _password: Option<Secret>) -> Result<AccountId> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Logs in to both servers and out again.
    pub async fn check_account(&self, _account: AccountId) -> Result<AccountCheck> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Removes the account, its mail and its password from this machine; nothing on the server.
    pub async fn remove_account(&self, _account: AccountId) -> Result<()> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }

    // --- queries: the local store only ---
    /// Folders of every account, in display order: role, then name.
    pub async fn folders(&self) -> Result<Vec<Folder>> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// The rows `window` of a folder, newest first.
    pub async fn list(&self, _folder: FolderId, _window: Range<u32>) -> Result<Page> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// One message; marks nothing as read. A body not yet here is fetched first when online.
    pub async fn message(&self, _id: MessageId) -> Result<MessageView> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// The raw source.
    pub async fn source(&self, _id: MessageId) -> Result<Vec<u8>> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// One attachment, decoded.
    pub async fn attachment(&self, _id: MessageId, _index: usize) -> Result<AttachmentContent> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Full-text search over everything downloaded: words in any order, each a prefix, accents ignored.
    pub async fn search(&self, _query: &str, _window: Range<u32>) -> Result<Found> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// People and services of the annuaire: words in any order, each a prefix, accents ignored.
    pub async fn people(&self, _query: PeopleQuery) -> Result<People> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Who an address belongs to, by the annuaire.
    pub async fn person_by_address(&self, _address: &str) -> Result<Option<Person>> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Messages on their way, newest first, sent ones included.
    pub async fn outbox(&self) -> Result<Vec<OutboxEntry>> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// State of everything, for the trouble screen and the status bar.
    pub async fn health(&self) -> Result<Health> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }

    // --- commands: written to the store, carried out by the loops ---
    /// Sets or clears a flag, here at once and on the server when it can be reached.
    pub async fn set_flag(&self, _ids: &[MessageId], _flag: Flag, _on: bool) -> Result<()> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Moves messages to another folder of the same account.
    pub async fn move_to(&self, _ids: &[MessageId], _folder: FolderId) -> Result<()> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Moves to the bin; from the bin, deletes for good.
    pub async fn delete(&self, _ids: &[MessageId]) -> Result<()> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Writes the message to disk with its final Message-ID and hands it to the outbox loop.
    pub async fn queue(&self, _draft: Draft) -> Result<OutboxId> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Takes a message back that has not been handed to a server; its content returns as a draft.
    pub async fn cancel(&self, _id: OutboxId) -> Result<DraftId> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Tries again now.
    pub async fn retry(&self, _id: OutboxId) -> Result<()> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Keeps what is being written; `None` makes a new draft.
    pub async fn save_draft(&self, _id: Option<DraftId>, _draft: Draft) -> Result<DraftId> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Local drafts, newest first.
    pub async fn drafts(&self) -> Result<Vec<(DraftId, Draft)>> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Forgets a draft.
    pub async fn delete_draft(&self, _id: DraftId) -> Result<()> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// A draft that answers a message, to the sender or to everyone but oneself.
    pub async fn reply_draft(&self, _id: MessageId, _all: bool) -> Result<Draft> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// A draft that forwards a message with its attachments.
    pub async fn forward_draft(&self, _id: MessageId) -> Result<Draft> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Synchronises now and answers when done.
    pub async fn sync(&self, _account: Option<AccountId>) -> Result<SyncReport> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }

    // --- annuaire ---
    /// What is loaded and of which date.
    pub async fn annuaire_status(&self) -> Result<AnnuaireStatus> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
    /// Imports the national extraction from a file path or an `https:`/`http:` URL; the old data stay until the new
    /// ones are complete.
    pub async fn import_annuaire(&self, _source: &str) -> Result<AnnuaireStatus> {
        Err(Error::new(ErrorKind::Bug, "not-ready"))
    }
}
