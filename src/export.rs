//! Mail out of the program and into it as files: EML, mbox, ZIP.
//!
//! A file is written beside its place and put there whole, never over another one. What is read comes from strangers:
//! messages are handed on one by one and every size is counted as it comes.

pub mod bundle;
pub mod mbox;
mod place;

pub use place::{NewFile, NewFolder};

use std::io::ErrorKind;

/// Largest message that is read from a file, in bytes: more than any operator takes.
pub const LARGEST_MESSAGE: u64 = 64 << 20;

/// Result of this module.
pub type Result<T> = std::result::Result<T, Error>;

/// Why files could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder of this name is there; it was left as it is.
    #[error("the name is taken")]
    Exists,
    /// No room is left.
    #[error("the disk is full")]
    Full,
    /// The folder is not there, or was taken away.
    #[error("the folder is missing")]
    Missing,
    /// The system does not let the user write or read there.
    #[error("not allowed")]
    Denied,
    /// It is no file of messages.
    #[error("not a file of messages")]
    Format,
    /// Any other failure of the disk.
    #[error("reading or writing failed")]
    Io(#[source] std::io::Error),
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::AlreadyExists => Self::Exists,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::Full,
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Missing,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Denied,
            _ => Self::Io(error),
        }
    }
}
