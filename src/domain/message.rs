//! Messages as the program shows them.

mod subject;

pub use subject::{named_in_subject, split_subject};

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::address::Mailbox;
use super::document::Warning;
use super::id::{AccountId, FolderId, MessageId};
use super::patient::PatientHint;

/// Flags of a message (RFC 3501 §2.3.2) and keywords.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags {
    /// `\Seen`.
    pub seen: bool,
    /// `\Answered`.
    pub answered: bool,
    /// `\Flagged`.
    pub flagged: bool,
    /// `\Deleted`.
    pub deleted: bool,
    /// `\Draft`.
    pub draft: bool,
    /// Keywords such as `$Forwarded`, sorted.
    pub keywords: Vec<String>,
}

/// The keyword of [`Flag::MdnSent`] (RFC 3503).
pub const MDN_SENT: &str = "$MDNSent";

/// A flag a command can set or clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flag {
    /// `\Seen`.
    Seen,
    /// `\Answered`.
    Answered,
    /// `\Flagged`.
    Flagged,
    /// `$Forwarded`.
    Forwarded,
    /// `$MDNSent`: a request for a read receipt was answered or declined (RFC 3503).
    MdnSent,
}

/// A keyword other programs see too (RFC 3501 §2.3.2), such as `$Label1`: letters, digits and signs an atom may have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keyword(String);

impl Keyword {
    /// Longest keyword, in bytes.
    const LONGEST: usize = 64;

    /// `None` when servers could not carry it.
    pub fn parse(text: &str) -> Option<Self> {
        let is_atom = |b: u8| b.is_ascii_graphic() && !b"(){%*\"\\]".contains(&b);
        let fits = !text.is_empty() && text.len() <= Self::LONGEST && text.bytes().all(is_atom);
        fits.then(|| Self(text.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The header fields the program works with, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Message-ID without angle brackets.
    pub message_id: Option<String>,
    /// First identifier of In-Reply-To.
    pub in_reply_to: Option<String>,
    /// References, oldest first.
    pub references: Vec<String>,
    /// Date header.
    pub date: Option<UnixTime>,
    /// From.
    pub from: Vec<Mailbox>,
    /// Reply-To.
    pub reply_to: Vec<Mailbox>,
    /// To.
    pub to: Vec<Mailbox>,
    /// Cc.
    pub cc: Vec<Mailbox>,
    /// Subject as received, decoded; may start with the XDM prefix.
    pub subject: String,
    /// The sender asks for a read receipt (Disposition-Notification-To).
    pub receipt_to: Option<Mailbox>,
}

/// Which kind of health message this looks like; decides the badge in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    /// Ordinary letter.
    Letter,
    /// Carries an `IHE_XDM` archive.
    Xdm,
    /// Laboratory results in HPRIM.
    Hprim,
    /// Delivery status or read receipt.
    Receipt,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// Identifier.
    pub id: MessageId,
    /// Account.
    pub account: AccountId,
    /// Folder.
    pub folder: FolderId,
    /// Whom it comes from (first From).
    pub from: Mailbox,
    /// Whom it goes to (first To), for Sent and Drafts.
    pub to: Mailbox,
    /// Subject without the XDM prefix, reply prefixes kept.
    pub subject: String,
    /// Patient named in the subject.
    pub patient: Option<PatientHint>,
    /// Date of the message, else of its arrival.
    pub date: UnixTime,
    /// Flags.
    pub flags: Flags,
    /// Kind.
    pub kind: MessageKind,
    /// It has at least one attachment, as far as known.
    pub has_attachment: bool,
    /// Size on the server in bytes.
    pub size: u64,
    /// The body is in the local store.
    pub downloaded: bool,
    /// It holds a critical result (LL, HH, AA) that nobody has acknowledged.
    #[serde(default)]
    pub alarm: bool,
    /// Its state ([`Triage`](super::triage::Triage)) is kept on this station only: its server keeps no keywords.
    #[serde(default)]
    pub state_is_local: bool,
}

/// A run of text with one style.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Text, white space already collapsed.
    pub text: String,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Target of a link, shown before opening.
    pub link: Option<String>,
    /// Underlined.
    #[serde(default, skip_serializing_if = "is_false")]
    pub underline: bool,
    /// Struck out: a later version deleted it, and it must still be seen.
    #[serde(default, skip_serializing_if = "is_false")]
    pub struck: bool,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// A cell of a [`Grid`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Text; a `\n` is a line break.
    pub spans: Vec<Span>,
    /// Columns it covers, at least 1.
    pub columns: u16,
    /// Rows it covers, at least 1.
    pub rows: u16,
    /// It heads a column or a row.
    pub heads: bool,
    /// Aligned to the right, as numbers are.
    pub right: bool,
    /// Pictures in it, numbered as [`Block::Image`] does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<usize>,
}

/// A table whose cells may cover several columns or rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// Caption.
    pub caption: Vec<Span>,
    /// Rows of cells; a cell covered from above is not in its row.
    pub rows: Vec<Vec<Cell>>,
}

/// A block of readable text: what remains of HTML after everything active or remote is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// Running text.
    Paragraph(Vec<Span>),
    /// Heading of level 1 to 6.
    Heading(u8, Vec<Span>),
    /// Item of a list: nesting depth from 1, marker such as `•` or `2.`, text.
    Item(u8, String, Vec<Span>),
    /// Quoted text of an earlier message, depth from 1.
    Quote(u8, Vec<Span>),
    /// Text whose spaces and line ends matter (HPRIM, plain text).
    Preformatted(String),
    /// Table: rows of cells.
    Table(Vec<Vec<Vec<Span>>>),
    /// Table of a health document.
    Grid(Grid),
    /// Horizontal rule.
    Rule,
    /// Inline image of the message itself, by attachment index.
    Image(usize),
}

impl Block {
    /// Its styled runs in reading order; none for preformatted text, rules and pictures.
    pub fn spans(&self) -> Vec<&Span> {
        match self {
            Self::Paragraph(spans)
            | Self::Heading(_, spans)
            | Self::Item(_, _, spans)
            | Self::Quote(_, spans) => spans.iter().collect(),
            Self::Table(rows) => rows.iter().flatten().flatten().collect(),
            Self::Grid(grid) => {
                let cells = grid.rows.iter().flatten().flat_map(|cell| &cell.spans);
                grid.caption.iter().chain(cells).collect()
            }
            Self::Preformatted(_) | Self::Rule | Self::Image(_) => Vec::new(),
        }
    }
}

/// An attachment, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Position among the attachments of the message, from 0.
    pub index: usize,
    /// File name, made safe: no path, no control character; never empty.
    pub name: String,
    /// Media type in lower case.
    pub media_type: String,
    /// Decoded size in bytes.
    pub size: u64,
    /// Shown inside the text.
    pub inline: bool,
}

/// A message opened for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its row.
    pub row: MessageRow,
    /// Header fields.
    pub envelope: Envelope,
    /// Readable blocks; empty while the body is not downloaded.
    pub blocks: Vec<Block>,
    /// The same as plain text, for copying and quoting.
    pub text: String,
    /// Attachments.
    pub attachments: Vec<Attachment>,
    /// What is wrong with it.
    pub defects: Vec<Warning>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_what_every_server_can_carry() {
        assert_eq!(Keyword::parse("$Label1").unwrap().as_str(), "$Label1");
        for bad in ["", "à-rappeler", "a b", "\\Seen", "x)", &"k".repeat(65)] {
            assert_eq!(Keyword::parse(bad), None, "{bad}");
        }
    }
}
