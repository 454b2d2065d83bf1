//! What the archive holds of the messages here, and the key it is written with.

mod index;

pub use index::NewArchived;

use rusqlite::params;
use zeroize::{Zeroize, Zeroizing};

use super::{Result, Store};
use crate::domain::UnixTime;
use crate::domain::id::MessageId;
use crate::domain::secret::StoreKey;

/// Name of the setting that holds the key, in hexadecimal: it lies in the encrypted store like passwords do.
const KEY: &str = "archive-key";

/// How much of the messages here is in the archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArchiveCount {
    /// Messages in it.
    pub archived: u64,
    /// Messages that are here with their content and not in it.
    pub waiting: u64,
    /// Messages whose content is not here.
    pub not_here: u64,
    /// Of those two, messages of before the day asked for.
    pub overdue: u64,
}

impl Store {
    /// The key of the archive.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn archive_key(&self) -> Result<Option<StoreKey>> {
        let Some(text) = self.setting(KEY)?.map(Zeroizing::new) else { return Ok(None) };
        let mut bytes = [0; 32];
        let (pairs, _) = text.as_bytes().as_chunks::<2>();
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|v| u8::try_from(v).ok());
        for (to, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (Some(high), Some(low)) = (value(*high), value(*low)) else { return Ok(None) };
            *to = high << 4 | low;
        }
        let key = (pairs.len() == 32).then(|| StoreKey::new(bytes));
        bytes.zeroize();
        Ok(key)
    }

    /// Keeps the key of another archive, or of none: nothing here is in it as far as is known.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_archive_key(&self, key: Option<&StoreKey>) -> Result<()> {
        let mut text = Zeroizing::new(String::with_capacity(64));
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
        for byte in key.iter().flat_map(|key| key.expose()) {
            text.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        self.write(|sql| {
            sql.execute("DELETE FROM archived", [])?;
            sql.execute("DELETE FROM archive_entry", [])?;
            sql.execute("DELETE FROM setting WHERE name = ?1", [KEY])?;
            if key.is_some() {
                sql.execute(
                    "INSERT INTO setting (name, value) VALUES (?1, ?2)",
                    params![KEY, text.as_str()],
                )?;
            }
            Ok(())
        })
    }

    /// Messages with content here that are not in the archive, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unarchived(&self) -> Result<Vec<MessageId>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT id FROM message WHERE downloaded = 1 AND folder IS NOT NULL AND draft = 0
                 AND id NOT IN (SELECT message FROM archived) ORDER BY order_key",
            )?;
            let rows = statement.query_map([], |row| Ok(MessageId(row.get(0)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The digests of the messages that are said to be in the archive.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn archived(&self) -> Result<Vec<(MessageId, [u8; 32])>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached("SELECT message, digest FROM archived")?;
            let rows = statement.query_map([], |row| Ok((MessageId(row.get(0)?), row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Writes down which messages are in the archive, and which are not after all.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_archived(&self, inside: &[(MessageId, [u8; 32])], outside: &[MessageId]) -> Result<()> {
        self.write(|sql| {
            for id in outside {
                sql.prepare_cached("DELETE FROM archived WHERE message = ?1")?.execute([id.0])?;
            }
            // one that was deleted meanwhile is in the archive and no longer here
            let mut statement = sql.prepare_cached(
                "INSERT OR REPLACE INTO archived (message, digest) SELECT id, ?2 FROM message WHERE id = ?1",
            )?;
            for (id, digest) in inside {
                statement.execute(params![id.0, digest])?;
            }
            Ok(())
        })
    }

    /// Counts messages in and out of the archive; those of before `day` that are not in it are overdue.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn archive_count(&self, day: UnixTime) -> Result<ArchiveCount> {
        self.read(|sql| {
            let count = sql
                .prepare_cached(
                    "SELECT count(archived.message), total(archived.message IS NULL AND downloaded = 1),
                     total(archived.message IS NULL AND downloaded = 0),
                     total(archived.message IS NULL AND date < ?1)
                     FROM message LEFT JOIN archived ON archived.message = message.id
                     WHERE folder IS NOT NULL AND draft = 0",
                )?
                .query_row([day], |row| {
                    let number = |at: usize| row.get::<_, f64>(at).map(|n| n as u64);
                    Ok(ArchiveCount {
                        archived: row.get::<_, i64>(0)?.unsigned_abs(),
                        waiting: number(1)?,
                        not_here: number(2)?,
                        overdue: number(3)?,
                    })
                })?;
            Ok(count)
        })
    }
}
