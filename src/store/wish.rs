//! Large messages: they wait until somebody asks for them.

use rusqlite::{Connection, params};

use super::{Error, Result, Store};
use crate::domain::id::{AccountId, FolderId, MessageId};
use crate::domain::tally::Missing;

/// The smallest size, in bytes, above which a message may have to wait for a wish. Part of the schema: the index that
/// finds large messages holds those above it only.
pub const LEAST_LIMIT: u64 = 1_000_000;

/// Sizes of messages, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Larger ones are fetched only when somebody asks; at least [`LEAST_LIMIT`].
    pub unasked: u64,
    /// Larger ones are never fetched.
    pub most: u64,
}

impl Bounds {
    /// As columns, in order.
    fn columns(self) -> (i64, i64) {
        let bytes = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let unasked = bytes(self.unasked.max(LEAST_LIMIT));
        (unasked, bytes(self.most).max(unasked))
    }
}

impl Store {
    /// Asks for one message, whatever its size. One that is here or gone is passed over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn wish(&self, id: MessageId) -> Result<()> {
        self.write(|sql| {
            sql.prepare_cached(
                "INSERT OR IGNORE INTO wish SELECT id FROM message WHERE id = ?1 AND downloaded = 0",
            )?
            .execute([id.0])?;
            Ok(())
        })
    }

    /// Asks for every large message an account has now; answers how many wait for the wish to be granted.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn wish_all(&self, account: AccountId, bounds: Bounds) -> Result<u64> {
        let (unasked, most) = bounds.columns();
        self.write(|sql| wish_where(sql, "true", params![account.0, unasked, most]))
    }

    /// The same for one folder.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn wish_folder(&self, folder: FolderId, bounds: Bounds) -> Result<u64> {
        let (unasked, most) = bounds.columns();
        self.write(|sql| {
            let account: i64 = sql
                .query_row("SELECT account FROM folder WHERE id = ?1", [folder.0], |row| row.get(0))
                .map_err(|error| match error {
                    rusqlite::Error::QueryReturnedNoRows => Error::NotFound,
                    error => error.into(),
                })?;
            wish_where(sql, "folder = ?4", params![account, unasked, most, folder.0])
        })
    }

    /// Messages of an account that were asked for and can be fetched, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn wished(&self, account: AccountId, limit: u32) -> Result<Vec<MessageId>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT id FROM wish CROSS JOIN message ON message.id = wish.message
                 WHERE account = ?1 AND downloaded = 0 AND uid IS NOT NULL AND folder IS NOT NULL
                 ORDER BY order_key DESC LIMIT ?2",
            )?;
            let rows = statement.query_map(params![account.0, limit], |row| Ok(MessageId(row.get(0)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// What is not here of an account, and why. None is counted as failed: the store does not know.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn missing(&self, account: AccountId, bounds: Bounds) -> Result<Missing> {
        let (unasked, most) = bounds.columns();
        self.read(|sql| {
            let all: i64 = sql
                .prepare_cached("SELECT ifnull(sum(total - downloaded), 0) FROM folder WHERE account = ?1")?
                .query_row([account.0], |row| row.get(0))?;
            // over the index of large messages: a search asks this at every key
            let (large, bytes, too_large): (i64, i64, i64) = sql
                .prepare_cached(
                    "SELECT ifnull(sum(size <= ?3), 0), ifnull(sum(CASE WHEN size <= ?3 THEN size END), 0),
                         ifnull(sum(size > ?3), 0)
                     FROM message INDEXED BY message_large
                     WHERE account = ?1 AND downloaded = 0 AND size > 1000000 AND size > ?2
                     AND folder IS NOT NULL
                     AND (size > ?3 OR NOT EXISTS (SELECT 1 FROM wish WHERE wish.message = message.id))",
                )?
                .query_row(params![account.0, unasked, most], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?;
            let count = |n: i64| u64::try_from(n).unwrap_or(0);
            Ok(Missing {
                coming: count(all - large - too_large),
                large: count(large),
                large_bytes: count(bytes),
                too_large: count(too_large),
                failed: 0,
                unindexed: 0,
            })
        })
    }

    /// Messages of an account that are here and have attachments: the words in these are not searched, their names are.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn with_attachments(&self, account: AccountId) -> Result<u64> {
        self.read(|sql| {
            let count: i64 = sql
                .prepare_cached(
                    "SELECT count(*) FROM message WHERE account = ?1 AND has_attachment = 1 AND downloaded = 1
                     AND folder IS NOT NULL",
                )?
                .query_row([account.0], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }
}

/// Asks for large messages of account ?1 above ?2 and not above ?3, `which` narrowing them; answers how many wait now.
fn wish_where(sql: &Connection, which: &str, values: &[&dyn rusqlite::ToSql]) -> Result<u64> {
    let large = format!(
        "FROM message INDEXED BY message_large WHERE account = ?1 AND downloaded = 0 AND size > 1000000
         AND size > ?2 AND size <= ?3 AND folder IS NOT NULL AND {which}"
    );
    sql.prepare_cached(&format!("INSERT OR IGNORE INTO wish SELECT id {large}"))?.execute(values)?;
    let waiting: i64 =
        sql.prepare_cached(&format!("SELECT count(*) {large}"))?.query_row(values, |row| row.get(0))?;
    Ok(waiting.unsigned_abs())
}
