//! What listeners are told: that something changed, by identifier, never the data itself.

use tokio::sync::broadcast;

use crate::domain::id::{AccountId, FolderId, MessageId, OutboxId};

/// A fact from the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Folders or their counts changed.
    FoldersChanged(AccountId),
    /// Rows of a folder changed.
    MailboxChanged(FolderId),
    /// Messages arrived in an inbox.
    NewMail(Vec<MessageId>),
    /// One message changed (flags, body arrived).
    MessageChanged(MessageId),
    /// The outbox changed.
    OutboxChanged(OutboxId),
    /// Drafts changed.
    DraftsChanged,
    /// The connection of an account changed; read `health`.
    ConnectionChanged(AccountId),
    /// The card changed; read `card`.
    CardChanged,
    /// A session was opened or closed; read `session`.
    SessionChanged,
    /// The annuaire was replaced; read `annuaire_status`.
    AnnuaireChanged,
    /// An import of the annuaire began, went on or failed; read `annuaire_import`.
    AnnuaireProgress,
    /// What the user keeps about correspondents changed; read `contacts` or `groups`.
    ContactsChanged,
    /// Patients, or what names them, changed; read `patients`, `patient` or `mentions`.
    PatientsChanged,
    /// Destinations, rules, or what they failed on changed; read `destinations`, `rules` or `rule_troubles`.
    FilingChanged,
    /// Something needs the user; read `health`.
    Trouble,
    /// The server refused local changes of an account, and they were undone: read `refusals`.
    ChangeRefused(AccountId),
    /// Events were missed: read again what is shown.
    Lagged,
}

/// The stream of events from the moment it was asked for.
#[derive(Debug)]
pub struct Events(pub(super) broadcast::Receiver<Event>);

impl Events {
    /// The next event; `None` when the engine has stopped. Cancel-safe.
    pub async fn next(&mut self) -> Option<Event> {
        match self.0.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Event::Lagged),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
