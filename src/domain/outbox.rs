//! Messages on their way out.

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::address::EmailAddress;
use super::id::{AccountId, OutboxId};
use super::receipt::FollowUp;

/// Code of the trouble of a message whose answer was lost.
pub const ANSWER_UNKNOWN: &str = "answer-unknown";

/// Where a message to be sent stands. It leaves the outbox only as `Done` or by the user's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutboxState {
    /// Written to disk, waiting for its time, the network or the card.
    Queued,
    /// Being handed to the server; the answer is not in yet.
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

/// Where a message stands, as people understand it: finer than [`OutboxState`], and derived from the whole entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Its time has not come: it can be taken back.
    Held,
    /// Leaves at the next occasion.
    Queued,
    /// Waits for the card.
    WaitingCard,
    /// Waits for the network or for a server that does not answer.
    WaitingNetwork,
    /// The server put it, or a recipient, off.
    WaitingServer,
    /// Waits for something else; `trouble` says what.
    WaitingOther,
    /// Being handed to the server.
    Sending,
    /// It cannot be known whether it left.
    Unknown,
    /// Refused; nothing was sent.
    Refused,
    /// Sent; the copy in Sent is to be made.
    Sent,
    /// Sent and filed.
    Filed,
    /// In the mailbox of every recipient.
    Delivered,
    /// Displayed to every recipient.
    Read,
    /// Not delivered to a recipient.
    Undelivered,
}

impl Stage {
    /// The word it is written with, in texts' keys and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Queued => "queued",
            Self::WaitingCard => "waiting-card",
            Self::WaitingNetwork => "waiting-network",
            Self::WaitingServer => "waiting-server",
            Self::WaitingOther => "waiting-other",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Sent => "sent",
            Self::Filed => "filed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Undelivered => "undelivered",
        }
    }

    /// Why a queued message waits, by the code of what stopped the last attempt.
    fn waiting(code: &str) -> Self {
        match code {
            "card-locked" | "card-removed" | "card-timeout" | "card-unreadable" | "no-card" | "no-module"
            | "pin-needed" => Self::WaitingCard,
            "offline" | "name-not-found" | "timeout" | "connection-lost" | "server-bye" | "protocol"
            | "revocation-unknown" => Self::WaitingNetwork,
            "recipients-refused" | "message-refused" | "server-refused" => Self::WaitingServer,
            _ => Self::WaitingOther,
        }
    }
}

impl OutboxEntry {
    /// Where it stands at `now`.
    pub fn stage(&self, now: UnixTime) -> Stage {
        let all = |told: fn(&FollowUp) -> bool| {
            !self.recipients.is_empty() && self.recipients.iter().all(|r| told(&r.follow_up))
        };
        match self.state {
            OutboxState::Queued => match &self.trouble {
                Some(code) => Stage::waiting(code),
                None if self.not_before > now => Stage::Held,
                None => Stage::Queued,
            },
            OutboxState::Sending => Stage::Sending,
            OutboxState::NeedsUser => Stage::Unknown,
            OutboxState::Refused => Stage::Refused,
            OutboxState::SentUnfiled | OutboxState::Done
                if self.recipients.iter().any(|r| r.follow_up.has_failed()) =>
            {
                Stage::Undelivered
            }
            OutboxState::SentUnfiled => Stage::Sent,
            OutboxState::Done if all(|f| f.read.is_some()) => Stage::Read,
            OutboxState::Done if all(|f| f.read.is_some() || f.delivered.is_some()) => Stage::Delivered,
            OutboxState::Done => Stage::Filed,
        }
    }

    /// It cannot be known whether it left, and the user may say so: it waits for that, or for the Sent folder.
    pub fn can_settle(&self) -> bool {
        self.state == OutboxState::NeedsUser
            || (self.state == OutboxState::Sending && self.trouble.as_deref() == Some(ANSWER_UNKNOWN))
    }

    /// The user may still take it back.
    pub fn can_cancel(&self) -> bool {
        matches!(self.state, OutboxState::Queued | OutboxState::Refused | OutboxState::NeedsUser)
    }
}
