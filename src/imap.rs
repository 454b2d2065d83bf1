//! IMAP: a guard between TLS and async-imap, and sessions that speak in the field's terms.
//!
//! async-imap tags commands and reads their tagged answers; every other response is framed, bounded and read here,
//! because imap-proto panics, overflows the stack or closes the stream on input a server may send.

mod connection;
mod error;
mod fetched;
#[cfg(test)]
mod fuzz;
mod guard;
mod limits;
mod login;
mod mailbox;
mod read;
mod session;
mod uid_set;
mod unsolicited;

pub use error::Error;
pub use fetched::{Changes, FetchedFlags, FetchedHeader, Unsolicited};
pub use limits::Limits;
pub use mailbox::{Capabilities, MailboxStatus, Quota, RemoteFolder, RemoteName, Selected};
pub use session::{Bodies, ChangedFolders, Headers, Idled, NOT_EMPTY, Session};
pub use uid_set::UidRange;

/// Result of this module.
pub type Result<T> = std::result::Result<T, Error>;
