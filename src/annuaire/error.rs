//! What can go wrong with the directory.

use std::io;

/// An error of the directory. An import that fails leaves the old data in use.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The first line is not the header of an extraction: these columns are missing.
    #[error("not an extraction: no column {}", .missing.join(", "))]
    NotAnExtraction {
        /// Names of the missing columns.
        missing: Vec<&'static str>,
    },
    /// Too many lines are bad for the file to be right.
    #[error("{bad} of {lines} lines are bad; first: {first}")]
    MostlyBad {
        /// Bad lines.
        bad: u64,
        /// Lines read.
        lines: u64,
        /// `line number: reason` of the first.
        first: String,
    },
    /// The file ends too early or is damaged inside.
    #[error("truncated or damaged file")]
    Truncated,
    /// The file is larger, once unpacked, than any extraction can be.
    #[error("file larger than {limit} bytes")]
    TooLarge {
        /// The bound, in bytes.
        limit: u64,
    },
    /// Far fewer mailboxes than in the data before: perhaps a file cut at the end of a line.
    #[error("{now} mailboxes where there were {before}")]
    Shrunk {
        /// Mailboxes of the data in use.
        before: u64,
        /// Mailboxes of the file.
        now: u64,
    },
    /// Activities were given before any extraction: there is nobody to join them to.
    #[error("no extraction is loaded")]
    NoExtraction,
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
    /// Another import is running.
    #[error("another import is running")]
    Busy,
    /// The zip archive cannot be read or holds no extraction.
    #[error("zip archive: {0}")]
    Zip(String),
    /// The address cannot be used: neither https nor http on this machine.
    #[error("address not allowed")]
    Url,
    /// The server refused.
    #[error("HTTP status {0}")]
    Http(u16),
    /// The server cannot be reached or stopped answering.
    #[error("network: {0}")]
    Network(String),
    /// The API answered with something else than it documents.
    #[error("unexpected answer of the API: {0}")]
    Api(&'static str),
    /// A directory server cannot be asked, or refuses.
    #[error("LDAP: {0}")]
    Ldap(#[from] crate::net::Error),
    /// The white list is not the expected XML.
    #[error("not a white list: {0}")]
    WhiteList(&'static str),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
}
