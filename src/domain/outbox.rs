//! Messages on their way out.

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::address::EmailAddress;
use super::id::{AccountId, OutboxId};
use super::receipt::FollowUp;

/// Where a message to be sent stands. It leaves the outbox only as `Done` or by the user's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutboxState {
    /// Written to disk, waiting for its time, the network or the card.
    Queued,
    /// Handed to the server; the answer is not in yet. Found at start, this means the answer is unknown.
    Sending,
    /// The server took it; the copy in Sent is still to be made.
    SentUnfiled,
    /// Sent and filed.
    Done,
    /// The server refused the message or every recipient.
    Refused,
    /// It cannot be known whether the server took it: the user decides.
    NeedsUser,
}

/// What became of one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum RecipientState {
    /// Not tried yet.
    Waiting,
    /// The server took the message for this recipient.
    Accepted,
    /// The server refused this recipient for good.
    Refused {
        /// SMTP code.
        code: u16,
        /// The server's words.
        reason: String,
    },
    /// Refused for now; tried again.
    Delayed {
        /// SMTP code.
        code: u16,
        /// The server's words.
        reason: String,
    },
}

/// One recipient of a message in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRecipient {
    /// Address.
    pub address: EmailAddress,
    /// Name shown, when known.
    pub name: Option<String>,
    /// What the submission server said of it.
    #[serde(flatten)]
    pub state: RecipientState,
    /// What notices told after that: delivered, read, or why not.
    #[serde(flatten)]
    pub follow_up: FollowUp,
}

/// A message in the outbox, as the sendings screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Identifier.
    pub id: OutboxId,
    /// Sending account.
    pub account: AccountId,
    /// Message-ID without brackets, fixed before anything is sent.
    pub message_id: String,
    /// Subject.
    pub subject: String,
    /// When the user sent it.
    pub queued_at: UnixTime,
    /// Not sent before this time ("Annuler l'envoi").
    pub not_before: UnixTime,
    /// State.
    pub state: OutboxState,
    /// Recipients and what became of each.
    pub recipients: Vec<OutboxRecipient>,
    /// Why it waits or was refused: an error code of the engine, with the server's words when there are any.
    pub trouble: Option<String>,
    /// The server's words for `trouble`.
    pub server_reply: Option<String>,
    /// Size in bytes.
    pub size: u64,
}

impl OutboxEntry {
    /// The user may still take it back.
    pub fn can_cancel(&self) -> bool {
        matches!(self.state, OutboxState::Queued | OutboxState::Refused | OutboxState::NeedsUser)
    }
}
