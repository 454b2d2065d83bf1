//! What a composer edits, and the checks before sending.

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::address::EmailAddress;
use super::id::{AccountId, DraftId, MessageId};

/// A recipient chosen or typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Name to show, when known.
    pub name: Option<String>,
    /// Address.
    pub address: EmailAddress,
}

/// A file to send.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftAttachment {
    /// File name as the recipient sees it.
    pub name: String,
    /// Media type, `application/octet-stream` when unknown.
    pub media_type: String,
    /// Content.
    pub content: Vec<u8>,
}

impl std::fmt::Debug for DraftAttachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DraftAttachment({} bytes)", self.content.len())
    }
}

/// What the new message is to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Written from scratch.
    New,
    /// Answer to a stored message.
    Reply(MessageId),
    /// Forward of a stored message.
    Forward(MessageId),
}

/// A message being written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Sending account.
    pub account: AccountId,
    /// To.
    pub to: Vec<Recipient>,
    /// Cc.
    pub cc: Vec<Recipient>,
    /// Bcc: in the envelope only, never in a header.
    pub bcc: Vec<Recipient>,
    /// Subject as typed.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// Files.
    pub attachments: Vec<DraftAttachment>,
    /// Ask for a read receipt (ECO.2.3.2).
    pub read_receipt: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// Message-IDs of the conversation it answers, oldest first, without brackets: for a draft begun on another machine
    /// whose original is not here. `origin` goes before it.
    #[serde(default)]
    pub answers: Vec<String>,
}

/// A draft as the list shows it, without its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRow {
    /// Identifier.
    pub id: DraftId,
    /// Account it will be sent from.
    pub account: AccountId,
    /// Names or addresses of its recipients.
    pub recipients: Vec<String>,
    /// Subject as typed.
    pub subject: String,
    /// The first words of the text.
    pub excerpt: String,
    /// It has files.
    pub has_attachment: bool,
    /// Last saved.
    pub saved_at: UnixTime,
    /// Another machine changed it at the same time: both versions are in the list, this is the one written here.
    pub conflict: bool,
    /// The Drafts folder of the server holds what is here.
    pub is_on_server: bool,
    /// More than [`Draft::MOST_TRAVELLING`]: it never goes to the Drafts folder.
    pub is_too_large: bool,
}

impl Draft {
    /// Bytes of text and files above which a draft stays on this machine: no operator takes such a message.
    pub const MOST_TRAVELLING: u64 = 40 << 20;

    /// An empty message from `account`.
    pub fn new(account: AccountId) -> Self {
        Self {
            account,
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: String::new(),
            body: String::new(),
            attachments: Vec::new(),
            read_receipt: false,
            origin: Origin::New,
            answers: Vec::new(),
        }
    }

    /// Every recipient once, in To, Cc, Bcc order.
    pub fn recipients(&self) -> Vec<&Recipient> {
        let mut seen = std::collections::HashSet::new();
        self.to
            .iter()
            .chain(&self.cc)
            .chain(&self.bcc)
            .filter(|r| seen.insert(r.address.as_str().to_lowercase()))
            .collect()
    }

    /// What stands in the way of sending, in the order a user mends it. Empty means ready.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.recipients().is_empty() {
            problems.push(Problem::NoRecipient);
        }
        if self.subject.trim().is_empty() {
            problems.push(Problem::NoSubject);
        }
        if self.body.trim().is_empty() && self.attachments.is_empty() {
            problems.push(Problem::Empty);
        }
        problems
    }

    /// True when nothing was typed: closing the window needs no question.
    pub fn is_blank(&self) -> bool {
        self.recipients().is_empty()
            && self.subject.trim().is_empty()
            && self.body.trim().is_empty()
            && self.attachments.is_empty()
    }
}

/// A reason not to send yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// Nobody to send to.
    NoRecipient,
    /// No subject: allowed after confirmation.
    NoSubject,
    /// Neither text nor file.
    Empty,
}
