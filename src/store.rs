//! The local cache: the only module that knows SQL.
//!
//! One SQLCipher database holds mail, local changes waiting for the server, the outbox, drafts and traces; large contents
//! of messages lie in files beside it. All methods are synchronous and may wait for the disk: call them on a blocking
//! thread. Each call is one transaction. There is one writer and a few readers (WAL), so that a long read never holds up
//! a write.

mod account;
mod archive;
mod body;
mod connection;
mod contact;
mod content;
mod draft;
mod error;
mod filing;
mod folder;
mod import;
mod insert;
mod intention;
mod list;
mod local;
mod local_folder;
mod marked;
mod message;
mod migration;
mod outbox;
mod pack;
mod patient;
mod receipt;
mod search;
mod secret;
mod tally;
mod thread;
mod trace;
mod undo;
mod value;
mod wish;

pub use archive::{ArchiveCount, NewArchived};
pub use body::{NewBody, Opened};
pub use contact::{Correspondent, KeptContact, Membership};
pub use draft::{
    CopyPlace, DraftFolder, DraftHead, DraftUpload, GoneDraft, IncomingDraft, KnownCopy, revision,
};
pub use error::Error;
pub use filing::{Arrival, NewFiled};
pub use folder::{FolderChanges, FolderRecord, FolderState};
pub use import::NewImport;
pub use insert::NewMessage;
pub use intention::{Intention, What};
pub use outbox::{FiledTwice, NewOutbox};
pub use pack::Packed;
pub use patient::{Choice, NewMention, Verdict, Waiting};
pub use search::Matches;
pub use tally::Counted;
pub use thread::Thread;
pub use trace::Trace;
pub use wish::{Bounds, LEAST_LIMIT};

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::domain::secret::StoreKey;
use connection::Lock;
use content::Files;

/// Result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// Memory for pages of each reader; negative means KiB.
const READER_CACHE: i32 = -8_000;
/// Connections for reading beside the writer.
const READERS: usize = 3;

/// The store. Clones are cheap and share the connections.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    writer: Mutex<Option<Connection>>,
    /// Empty in memory: there the writer reads too.
    readers: Vec<Mutex<Option<Connection>>>,
    next_reader: AtomicUsize,
    lock: Mutex<Option<Lock>>,
    /// Large contents; in memory there is no place for them.
    files: Option<Files>,
}

impl Store {
    /// Opens the store at `path`, made when missing, and brings it to the newest schema.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::WrongKey`], [`Error::Newer`], [`Error::Damaged`]: in all of these the files are
    /// left as they are.
    pub fn open(path: &Path, key: &StoreKey) -> Result<Self> {
        let mut lock = Lock::take(path)?;
        let fits = lock.key_is_known(key);
        let mut writer = connection::open(path, key).map_err(|error| match error {
            // unreadable with the key that opened it before: the file is at fault, not the key
            Error::Damaged if fits != Some(true) => Error::WrongKey,
            other => other,
        })?;
        lock.remember_key(key)?;
        migration::migrate(&mut writer, migration::MIGRATIONS)?;
        Ok(Self::from_parts(writer, all_readers(path, key)?, Some((lock, Files::of(path)))))
    }

    /// Encrypts the store anew under another key. All other calls wait; it takes about as long as copying the file.
    /// Killed at any moment, the store has the old key or the new one, whole: who calls keeps both until this has
    /// answered, and tries both after a crash.
    ///
    /// # Errors
    /// [`Error::Closed`], [`Error::Full`] (as much room is needed as the store takes). When the store still has its old
    /// key it goes on with it; when it cannot be read again it is closed.
    pub fn rekey(&self, path: &Path, old: &StoreKey, new: &StoreKey) -> Result<()> {
        let mut readers: Vec<_> = self.0.readers.iter().map(guard).collect();
        let mut writer = guard(&self.0.writer);
        let mut lock = guard(&self.0.lock);
        let lock = lock.as_mut().ok_or(Error::Closed)?;
        let connection = writer.take().ok_or(Error::Closed)?;
        readers.iter_mut().for_each(|reader| drop(reader.take()));
        let done = lock.forget_key().and_then(|()| connection::rekey(&connection, new));
        // after a failure the library may hold either key for writing: begin anew
        drop(connection);
        let (first, second) = if done.is_ok() { (new, old) } else { (old, new) };
        let (key, opened) = match connection::open(path, first) {
            Ok(opened) => (first, opened),
            Err(Error::Damaged) => (second, connection::open(path, second)?),
            Err(error) => return Err(error),
        };
        // what a change given up has written fills the disk no longer
        let _ = connection::fold(&opened);
        *writer = Some(opened);
        for place in &mut readers {
            **place = Some(reader(path, key)?);
        }
        if let Err(error) = lock.remember_key(key) {
            tracing::warn!(%error, "a damaged store will look like a wrong key");
        }
        if std::ptr::eq(key, new) { Ok(()) } else { Err(done.err().unwrap_or(Error::Full)) }
    }

    /// An empty store that lives in memory: practice mode and tests.
    ///
    /// # Errors
    /// When the database cannot be made.
    pub fn in_memory() -> Result<Self> {
        let mut writer = Connection::open_in_memory()?;
        connection::prepare(&writer)?;
        migration::migrate(&mut writer, migration::MIGRATIONS)?;
        Ok(Self::from_parts(writer, Vec::new(), None))
    }

    fn from_parts(
        writer: Connection,
        readers: Vec<Mutex<Option<Connection>>>,
        place: Option<(Lock, Files)>,
    ) -> Self {
        let (lock, files) = place.unzip();
        Self(Arc::new(Inner {
            writer: Mutex::new(Some(writer)),
            readers,
            next_reader: AtomicUsize::new(0),
            lock: Mutex::new(lock),
            files,
        }))
    }

    /// Closes the connections, which wipes their key, and lets other processes in. Waits for calls under way; later
    /// calls, on every clone, answer [`Error::Closed`].
    pub fn close(&self) {
        for reader in &self.0.readers {
            drop(guard(reader).take());
        }
        drop(guard(&self.0.writer).take());
        drop(guard(&self.0.lock).take());
    }

    /// Moves a damaged store out of the way, with its journal, and tells where it went. Nothing is deleted.
    ///
    /// # Errors
    /// [`Error::Locked`] while it is open, [`Error::Io`] when it cannot be renamed.
    pub fn set_aside(path: &Path) -> Result<PathBuf> {
        connection::set_aside(path)
    }

    /// Checks the whole file and the counters against the messages; slow, for the diagnosis.
    ///
    /// # Errors
    /// [`Error::Damaged`] when anything is wrong.
    pub fn check(&self) -> Result<()> {
        self.read(|sql| {
            let sound: String = sql.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            let wrong_counters: i64 = sql.query_row(
                "SELECT count(*) FROM folder WHERE (total, unread, downloaded) IS NOT (
                     SELECT count(*), total(seen = 0), total(downloaded) FROM message WHERE folder = folder.id)",
                [],
                |row| row.get(0),
            )?;
            if sound == "ok" && wrong_counters == 0 { Ok(()) } else { Err(Error::Damaged) }
        })
    }

    /// Runs `work` in one writing transaction: all of it happens or none.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut writer = guard(&self.0.writer);
        let connection = writer.as_mut().ok_or(Error::Closed)?;
        let done = run(connection, work)?;
        self.remove_doomed(connection);
        Ok(done)
    }

    /// As [`Store::write`] for what the server has too: the disk is not waited for. A power cut may undo it as a whole,
    /// together with later writes of this kind; an ordinary write makes it durable with itself.
    fn write_refetchable<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut writer = guard(&self.0.writer);
        let connection = writer.as_mut().ok_or(Error::Closed)?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let done = run(connection, work);
        connection.pragma_update(None, "synchronous", "FULL")?;
        let done = done?;
        self.remove_doomed(connection);
        Ok(done)
    }

    /// Removes the files whose rows are gone. What cannot be removed now is tried again after the next write.
    fn remove_doomed(&self, connection: &Connection) {
        let Some(files) = &self.0.files else { return };
        if let Err(error) = body::remove_doomed(connection, files) {
            tracing::warn!(%error, "files of removed messages stay for now");
        }
    }

    /// Runs `work` on one consistent picture of the store.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let connection = self.free_reader();
        let connection = connection.as_ref().ok_or(Error::Closed)?;
        let transaction = connection.unchecked_transaction()?;
        let answer = work(&transaction)?;
        transaction.finish()?;
        Ok(answer)
    }

    /// A reader that is free, else the next in turn.
    fn free_reader(&self) -> MutexGuard<'_, Option<Connection>> {
        for reader in &self.0.readers {
            match reader.try_lock() {
                Ok(free) => return free,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let turn = self.0.next_reader.fetch_add(1, Ordering::Relaxed) % READERS;
        guard(self.0.readers.get(turn).unwrap_or(&self.0.writer))
    }
}

/// All at the same time: each reads the schema for itself, which takes as long as everything else of an opening.
fn all_readers(path: &Path, key: &StoreKey) -> Result<Vec<Mutex<Option<Connection>>>> {
    std::thread::scope(|scope| {
        let open = || std::thread::Builder::new().spawn_scoped(scope, || reader(path, key));
        let opening = (0..READERS).map(|_| open()).collect::<io::Result<Vec<_>>>()?;
        let opened = opening.into_iter().map(|opening| match opening.join() {
            Ok(opened) => Ok(Mutex::new(Some(opened?))),
            Err(panicked) => std::panic::resume_unwind(panicked),
        });
        opened.collect()
    })
}

fn reader(path: &Path, key: &StoreKey) -> Result<Connection> {
    let reader = connection::open(path, key)?;
    reader.pragma_update(None, "query_only", true)?;
    reader.pragma_update(None, "cache_size", READER_CACHE)?;
    Ok(reader)
}

fn run<T>(connection: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answer = work(&transaction)?;
    transaction.commit()?;
    Ok(answer)
}

/// A lock whatever became of the last holder: a transaction cut short by a panic was rolled back.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_and_loses_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mail.db");
        let key = StoreKey::new([1; 32]);
        let store = Store::open(&path, &key).unwrap();
        store.set_setting("a", "kept").unwrap();
        let limit = |pages: u32| {
            let writer = guard(&store.0.writer);
            writer.as_ref().unwrap().pragma_update(None, "max_page_count", pages).unwrap();
        };
        limit(1);
        let large = "x".repeat(1 << 20);
        assert!(matches!(store.set_setting("a", &large), Err(Error::Full)));
        assert_eq!(store.setting("a").unwrap().as_deref(), Some("kept"));
        limit(1 << 30);
        store.set_setting("a", &large).unwrap();
        store.check().unwrap();
    }

    #[test]
    fn a_store_of_a_newer_program_is_refused_untouched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mail.db");
        let key = StoreKey::new([1; 32]);
        let store = Store::open(&path, &key).unwrap();
        guard(&store.0.writer).as_ref().unwrap().pragma_update(None, "user_version", 99).unwrap();
        store.close();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(Store::open(&path, &key).err(), Some(Error::Newer { found: 99, .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}
