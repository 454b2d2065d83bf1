//! What can go wrong in the store.

use rusqlite::{ErrorCode, ffi};

/// A failure of the store. Nothing of a failed call remains: each call is one transaction.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has this store open.
    #[error("the store is in use by another process")]
    Locked,
    /// The store was written by a newer version of the program; it is left untouched.
    #[error("the store has schema {found}, this program knows {known}")]
    Newer {
        /// Schema of the file.
        found: u32,
        /// Newest schema this program knows.
        known: u32,
    },
    /// The key does not open this store.
    #[error("the key does not open the store")]
    WrongKey,
    /// The file is damaged: see [`super::Store::set_aside`].
    #[error("the store is damaged")]
    Damaged,
    /// The disk is full; what was stored before is unharmed.
    #[error("the disk is full")]
    Full,
    /// It is already there.
    #[error("already there")]
    Exists,
    /// No such row.
    #[error("not found")]
    NotFound,
    /// Messages cannot be moved to a folder of another account.
    #[error("the folder belongs to another account")]
    OtherAccount,
    /// The user has not the right to change this folder.
    #[error("the folder can only be read")]
    ReadOnly,
    /// The folder has a role and stays as it is.
    #[error("the folder has a role")]
    Special,
    /// The folder still holds messages or folders.
    #[error("the folder is not empty")]
    NotEmpty,
    /// The message has been handed to a server and cannot be taken back.
    #[error("too late to take back")]
    TooLate,
    /// The message was deleted for good.
    #[error("gone for good")]
    GoneForGood,
    /// Messages of this account are still on their way out.
    #[error("the account has messages in the outbox")]
    Busy,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The content is larger than a store can hold.
    #[error("too large")]
    TooLarge,
    /// The file system failed.
    #[error("input or output failed")]
    Io(#[from] std::io::Error),
    /// Any other failure of the database.
    #[error("the database failed")]
    Sql(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match &error {
            E::QueryReturnedNoRows => Self::NotFound,
            E::FromSqlConversionFailure(..)
            | E::InvalidColumnType(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..) => Self::Damaged,
            // a full disk also shows as no room for the index of the log, whose file is made before anything is written
            E::SqliteFailure(failure, _) if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => Self::Full,
            E::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged,
                ErrorCode::TooBig => Self::TooLarge,
                ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly => {
                    Self::Io(std::io::Error::other(error))
                }
                _ => Self::Sql(error),
            },
            _ => Self::Sql(error),
        }
    }
}
