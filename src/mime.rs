//! Messages: parse, build, HTML to safe blocks, attachments.
//!
//! What is read comes from strangers: nothing here fails, runs or fetches anything; every list has a limit, and what
//! could not be shown is named as a [`Warning`]. What is written is 7-bit safe and cannot carry a line break into a
//! header.

mod build;
mod charset;
mod date;
mod draft;
mod envelope;
pub mod html;
mod kind;
mod name;
mod outside;
mod part;
mod receipt;
mod reply;
pub mod smime;
mod source;
pub mod tnef;

pub use build::{Built, Error, Identity, Ids, build};
pub use draft::{DraftCopy, DraftTag, build_draft, draft_message_id, read_draft};
pub use part::{attachment, each_attachment, parse, parse_source};
pub use receipt::{ReceiptWords, build_receipt, notice, notice_of_source};
pub use reply::{forward, reply};
pub use source::Source;

use crate::domain::document::Warning;
use crate::domain::message::{Attachment, Block, Envelope, MessageKind};

/// What the header section alone tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Header fields.
    pub envelope: Envelope,
    /// Kind as far as subject and Content-Type tell; [`parse`] knows better.
    pub kind: MessageKind,
    /// Guess from Content-Type: `multipart/mixed` and non-text types have attachments.
    pub has_attachment: bool,
    /// The message was written by a machine (RFC 3834 `Auto-Submitted` other than `no`): never answer it by one.
    pub auto_submitted: bool,
}

/// A message read as far as it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// Header fields.
    pub envelope: Envelope,
    /// Kind by content.
    pub kind: MessageKind,
    /// Readable blocks. A `\n` inside a span is a line break.
    pub blocks: Vec<Block>,
    /// The same as plain text, for copying and quoting.
    pub text: String,
    /// Text and attachment names for the search index, at most [`MAX_SEARCH_TEXT`] bytes.
    pub search_text: String,
    /// Attachments, those inside the text included.
    pub attachments: Vec<Attachment>,
    /// What is wrong with it, each once.
    pub defects: Vec<Warning>,
}

/// A decoded attachment.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// Safe file name.
    pub name: String,
    /// Media type in lower case.
    pub media_type: String,
    /// Bytes after transfer decoding; the character set of text is untouched.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

/// Most bytes of a message that are read; the rest is cut and named as [`Warning::Truncated`].
pub const MAX_MESSAGE: usize = 256 << 20;
/// Most attachments listed.
pub const MAX_ATTACHMENTS: usize = 500;
/// Most bytes of readable text kept.
pub const MAX_TEXT: usize = 2 << 20;
/// Most bytes of text for the search index.
pub const MAX_SEARCH_TEXT: usize = 1 << 20;

/// A file name made safe on any system: no path, control or reserved characters, bounded, never empty.
pub fn safe_name(name: &str) -> String {
    name::safe(Some(&name.replace(['/', '\\'], "-")), "message/rfc822", 0)
}

/// Reads the header section; `raw` may end with it or go on. Never fails.
pub fn parse_header(raw: &[u8]) -> Header {
    envelope::header(raw)
}
