//! Counts compared with the server's, its quota, and what waits: what the health page tells.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::connection::beside;
use super::content::Files;
use super::{Result, Store};
use crate::domain::UnixTime;
use crate::domain::id::{AccountId, FolderId};
use crate::domain::tally::{Quota, Tally};

/// What the server said of a folder that was just compared with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Which.
    pub folder: FolderId,
    /// Messages there.
    pub total: u32,
    /// Of these, without `\Seen`, when the server told.
    pub unread: Option<u32>,
}

impl Store {
    /// Keeps the server's counts of folders that were just compared with it, beside ours at this moment. A folder that is
    /// gone is passed over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn reconciled(&self, counted: &[Counted], at: UnixTime) -> Result<()> {
        if counted.is_empty() {
            return Ok(());
        }
        self.write_refetchable(|sql| {
            let mut keep = sql.prepare_cached(
                "INSERT INTO tally (folder, server_total, server_unread, here_total, here_unread, at)
                 SELECT id, ?2, ?3, ?4, ?5, ?6 FROM folder WHERE id = ?1
                 ON CONFLICT (folder) DO UPDATE SET server_total = excluded.server_total,
                     server_unread = excluded.server_unread, here_total = excluded.here_total,
                     here_unread = excluded.here_unread, at = excluded.at",
            )?;
            for Counted { folder, total, unread } in counted {
                let (here, here_unread) = as_on_server(sql, *folder)?;
                keep.execute(params![folder.0, total, unread, here, here_unread, at])?;
            }
            Ok(())
        })
    }

    /// The last comparison of each folder of an account that had one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tallies(&self, account: AccountId) -> Result<HashMap<FolderId, Tally>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT folder, server_total, server_unread, here_total, here_unread, at
                 FROM tally JOIN folder ON folder.id = tally.folder WHERE account = ?1",
            )?;
            let rows = statement.query_map([account.0], tally)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Keeps an account's quota; `None` when its server has none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_quota(&self, account: AccountId, quota: Option<Quota>) -> Result<()> {
        self.write_refetchable(|sql| {
            let Some(quota) = quota else {
                sql.execute("DELETE FROM quota WHERE account = ?1", [account.0])?;
                return Ok(());
            };
            let bytes = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            sql.execute(
                "INSERT INTO quota (account, used, allowed, at) SELECT id, ?2, ?3, ?4 FROM account WHERE id = ?1
                 ON CONFLICT (account) DO UPDATE SET used = excluded.used, allowed = excluded.allowed, at = excluded.at",
                params![account.0, bytes(quota.used), bytes(quota.allowed), quota.at],
            )?;
            Ok(())
        })
    }

    /// An account's quota when its server last told.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn quota(&self, account: AccountId) -> Result<Option<Quota>> {
        self.read(|sql| {
            Ok(sql
                .prepare_cached("SELECT used, allowed, at FROM quota WHERE account = ?1")?
                .query_row([account.0], |row| {
                    let bytes = |n: i64| u64::try_from(n).unwrap_or(0);
                    Ok(Quota { used: bytes(row.get(0)?), allowed: bytes(row.get(1)?), at: row.get(2)? })
                })
                .optional()?)
        })
    }

    /// How many local changes of an account wait for its server, by kind (`flag`, `move`, `delete`…), sorted by kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting_changes(&self, account: AccountId) -> Result<Vec<(String, u32)>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT what, count(*) FROM intention WHERE account = ?1 GROUP BY what ORDER BY what",
            )?;
            let rows = statement.query_map([account.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Bytes the store takes on disk, its journal and the files beside it included; 0 in memory.
    ///
    /// # Errors
    /// When the store is closed.
    pub fn size_on_disk(&self) -> Result<u64> {
        self.read(|sql| {
            let Some(path) = sql.path().filter(|path| !path.is_empty()) else { return Ok(0) };
            let file =
                |suffix| std::fs::metadata(beside(Path::new(path), suffix)).map_or(0, |meta| meta.len());
            Ok(file("") + file("-wal") + self.0.files.as_ref().map_or(0, Files::bytes))
        })
    }
}

fn tally(row: &Row<'_>) -> rusqlite::Result<(FolderId, Tally)> {
    Ok((
        FolderId(row.get(0)?),
        Tally {
            server_total: row.get(1)?,
            server_unread: row.get(2)?,
            here_total: row.get(3)?,
            here_unread: row.get(4)?,
            at: row.get(5)?,
        },
    ))
}

/// Messages of a folder, and those of them that are unread, as the server has to see them: what waits to leave it is
/// there, what waits to come in is not, and a flag that waits is as it was.
fn as_on_server(sql: &Connection, folder: FolderId) -> Result<(u32, u32)> {
    let (mut total, mut unread): (i64, i64) = sql
        .prepare_cached("SELECT total, unread FROM folder WHERE id = ?1")?
        .query_row([folder.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .unwrap_or_default();
    let (coming, coming_unread): (i64, i64) = sql
        .prepare_cached(
            "SELECT count(*), total(seen = 0) FROM message INDEXED BY message_unnumbered
             WHERE folder = ?1 AND uid IS NULL",
        )?
        .query_row([folder.0], |row| Ok((row.get(0)?, row.get::<_, f64>(1)? as i64)))?;
    let (leaving, leaving_unread): (i64, i64) = sql
        .prepare_cached(
            "SELECT count(*), total(seen = 0) FROM message WHERE folder IS NOT ?1 AND id IN (
                 SELECT message FROM intention WHERE folder = ?1 AND uid IS NOT NULL)",
        )?
        .query_row([folder.0], |row| Ok((row.get(0)?, row.get::<_, f64>(1)? as i64)))?;
    total += leaving - coming;
    unread += leaving_unread - coming_unread;
    // of several changes of one flag the first tells what the server has
    unread += sql
        .prepare_cached(
            "SELECT ifnull(sum(CASE WHEN set_to = 1 THEN 1 ELSE -1 END), 0)
             FROM (SELECT min(intention.id), set_to, seen FROM intention
                   JOIN message ON message.id = intention.message
                   WHERE intention.folder = ?1 AND intention.uid IS NOT NULL AND what = 'flag' AND flag = 'seen'
                   GROUP BY intention.message)
             WHERE set_to = seen",
        )?
        .query_row([folder.0], |row| row.get::<_, i64>(0))?;
    let count = |n: i64| u32::try_from(n.max(0)).unwrap_or(u32::MAX);
    Ok((count(total), count(unread)))
}
