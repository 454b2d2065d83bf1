//! Opening SQLCipher connections and the lock that keeps a second process out.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ring::hmac;
use rusqlite::{Connection, ErrorCode};
use zeroize::Zeroizing;

use super::Error;
use crate::domain::secret::StoreKey;

/// `path` with `suffix` appended to its file name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// The lock file: held as long as the store is open. It also keeps a keyed fingerprint of the key, because a wrong key
/// and a damaged first page look the same to the cipher.
pub(super) struct Lock(File);

impl Lock {
    /// Takes the lock of the store at `path`.
    pub(super) fn take(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(beside(path, ".lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Error::Locked),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Whether the store was last opened with this key; `None` when no fingerprint was kept.
    pub(super) fn key_is_known(&mut self, key: &StoreKey) -> Option<bool> {
        let mut kept = Vec::new();
        self.0.seek(SeekFrom::Start(0)).ok()?;
        Read::by_ref(&mut self.0).take(64).read_to_end(&mut kept).ok()?;
        (!kept.is_empty()).then(|| kept == fingerprint(key))
    }

    /// Forgets which key opened the store: it is about to be given another.
    pub(super) fn forget_key(&mut self) -> Result<(), Error> {
        self.0.set_len(0)?;
        Ok(self.0.sync_all()?)
    }

    /// Keeps the fingerprint of the key that opened the store.
    pub(super) fn remember_key(&mut self, key: &StoreKey) -> Result<(), Error> {
        if self.key_is_known(key) == Some(true) {
            return Ok(());
        }
        self.0.set_len(0)?;
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(&fingerprint(key))?;
        Ok(())
    }
}

impl Drop for Lock {
    /// Given back by name: closing the file is not enough while a child being started still holds a copy of it.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Tells two keys apart without telling anything about either.
fn fingerprint(key: &StoreKey) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
    hmac::sign(&key, b"estafette store key fingerprint").as_ref().to_vec()
}

/// How pages are encrypted: large ones with a digest the processor computes itself, because what a page costs beside its
/// encryption is the larger part. AES-256-CBC and HMAC either way.
const CIPHER: &str = "PRAGMA cipher_page_size = 16384; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;";

/// Opens one connection with the cipher key, in WAL mode.
pub(super) fn open(path: &Path, key: &StoreKey) -> Result<Connection, Error> {
    let connection = match unlocked(path, key, CIPHER) {
        // a store begun with the library's own settings
        Err(Error::Damaged) => unlocked(path, key, "")?,
        opened => opened?,
    };
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // every commit reaches the disk: a queued message survives a power cut
    connection.pragma_update(None, "synchronous", "FULL")?;
    // in pages: a large transaction is not copied into the file at once
    connection.pragma_update(None, "wal_autocheckpoint", 1000)?;
    prepare(&connection)?;
    Ok(connection)
}

/// A statement that gives the cipher a key: the bytes themselves, no passphrase.
fn pragma(name: &str, key: &StoreKey) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(96));
    text.push_str("PRAGMA ");
    text.push_str(name);
    text.push_str(" = \"x'");
    for byte in key.expose() {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text.push_str("'\"");
    text
}

/// Encrypts the whole store anew in one transaction: after a crash it has the one key or the other, whole. No other
/// connection may be open.
pub(super) fn rekey(connection: &Connection, key: &StoreKey) -> Result<(), Error> {
    fold(connection)?;
    connection.query_row(&pragma("rekey", key), [], |_| Ok(()))?;
    // pages under the old key leave the disk now; the statement above says "ok" also when there was no room for its
    // transaction, which then still stands
    fold(connection).map_err(|error| match error {
        Error::Sql(rusqlite::Error::SqliteFailure(failure, _))
            if failure.code == ErrorCode::DatabaseLocked =>
        {
            Error::Full
        }
        other => other,
    })
}

/// Writes the journal into the file and empties it.
pub(super) fn fold(connection: &Connection) -> Result<(), Error> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

fn unlocked(path: &Path, key: &StoreKey, cipher: &str) -> Result<Connection, Error> {
    let connection = Connection::open(path)?;
    // the library would write to standard error
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.execute_batch(&pragma("key", key))?;
    connection.execute_batch(cipher)?;
    // the first read tells whether the key fits
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Settings every connection needs, encrypted or in memory.
pub(super) fn prepare(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(96);
    connection.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;
         PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -40000;",
    )?;
    Ok(())
}

/// Moves a store's files out of the way, keeping them openable under the new name.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, Error> {
    let _lock = Lock::take(path)?;
    let aside = (1u32..)
        .map(|n| beside(path, &format!(".damaged-{n}")))
        .find(|candidate| !candidate.exists())
        .ok_or(Error::Exists)?;
    for suffix in [".contents", "-wal", "-shm", ""] {
        let file = beside(path, suffix);
        if file.exists() {
            std::fs::rename(file, beside(&aside, suffix))?;
        }
    }
    Ok(aside)
}
