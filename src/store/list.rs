//! Rows of lists.

use std::ops::Range;

use rusqlite::{OptionalExtension, Row, params};

use super::value::{from_json, from_word};
use super::{Error, Result, Store};
use crate::domain::address::Mailbox;
use crate::domain::id::{AccountId, FolderId, MessageId, Uid};
use crate::domain::message::{Envelope, Flags, MessageRow, split_subject};
use crate::domain::triage::Triage;

/// Columns [`row`] reads.
pub(super) const COLUMNS: &str = "id, account, folder, from_name, from_address, to_name, to_address, subject, date, \
     seen, answered, flagged, deleted, draft, keywords, kind, has_attachment, size, downloaded, \
     EXISTS (SELECT 1 FROM alarm WHERE alarm.message = message.id AND acknowledged IS NULL), \
     EXISTS (SELECT 1 FROM local_keyword WHERE local_keyword.message = message.id)";

impl Store {
    /// The rows `window` of a folder, newest first by date then arrival, and how many there are in all.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown folder.
    pub fn list(&self, folder: FolderId, window: Range<u32>) -> Result<(u32, Vec<MessageRow>)> {
        self.read(|sql| {
            let total: u32 = sql
                .prepare_cached("SELECT total FROM folder WHERE id = ?1")?
                .query_row([folder.0], |row| row.get(0))?;
            let start = window.start.min(total);
            let count = window.end.min(total).saturating_sub(start);
            // the inner query walks the index alone, from the nearer end
            let from_oldest = start > total / 2;
            let (direction, offset) =
                if from_oldest { ("ASC", total - start - count) } else { ("DESC", start) };
            let mut statement = sql.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM message WHERE id IN (SELECT id FROM message INDEXED BY message_list
                     WHERE folder = ?1 ORDER BY order_key {direction} LIMIT ?2 OFFSET ?3)
                 ORDER BY order_key DESC"
            ))?;
            let mut found = statement.query(params![folder.0, count, offset])?;
            let mut rows = Vec::with_capacity(count as usize);
            while let Some(next) = found.next()? {
                rows.push(row(next)?);
            }
            Ok((total, rows))
        })
    }

    /// As [`Store::list`], of the messages of one state only.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list_triage(
        &self,
        folder: FolderId,
        triage: Triage,
        window: Range<u32>,
    ) -> Result<(u32, Vec<MessageRow>)> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT id, keywords FROM message INDEXED BY message_keyword
                 WHERE folder = ?1 AND keywords <> '' ORDER BY order_key DESC",
            )?;
            let mut found = statement.query([folder.0])?;
            let mut ids: Vec<i64> = Vec::new();
            while let Some(next) = found.next()? {
                let keywords: String = next.get(1)?;
                let keywords = keywords.split_whitespace().map(str::to_owned).collect();
                if Triage::of(&Flags { keywords, ..Flags::default() }) == Some(triage) {
                    ids.push(next.get(0)?);
                }
            }
            let total = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let mut one = sql.prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE id = ?1"))?;
            let rows = ids.iter().skip(window.start as usize).take(window.len());
            let rows = rows.map(|id| one.query_row([id], |found| Ok(row(found)))?).collect::<Result<_>>()?;
            Ok((total, rows))
        })
    }

    /// How many messages of its folder are listed before this one; `None` when it is gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn position(&self, id: MessageId) -> Result<Option<u32>> {
        self.read(|sql| {
            Ok(sql
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM message newer
                             WHERE newer.folder = message.folder AND newer.order_key > message.order_key)
                     FROM message WHERE id = ?1 AND folder IS NOT NULL",
                )?
                .query_row([id.0], |row| row.get(0))
                .optional()?)
        })
    }

    /// One row; `None` when the message is gone or being deleted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn row(&self, id: MessageId) -> Result<Option<MessageRow>> {
        self.read(|sql| {
            sql.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM message WHERE id = ?1 AND folder IS NOT NULL"
            ))?
            .query_row([id.0], |found| Ok(row(found)))
            .optional()?
            .transpose()
        })
    }

    /// The size on the server in bytes, also of a message that is being deleted; `None` when it is gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn size(&self, id: MessageId) -> Result<Option<u64>> {
        self.read(|sql| {
            let size: Option<i64> = sql
                .prepare_cached("SELECT size FROM message WHERE id = ?1")?
                .query_row([id.0], |row| row.get(0))
                .optional()?;
            Ok(size.map(i64::unsigned_abs))
        })
    }

    /// The header fields; `None` when the message is gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn envelope(&self, id: MessageId) -> Result<Option<Envelope>> {
        self.read(|sql| {
            sql.prepare_cached("SELECT json FROM envelope WHERE message = ?1")?
                .query_row([id.0], |row| row.get::<_, String>(0))
                .optional()?
                .map(|text| from_json(&text))
                .transpose()
        })
    }

    /// Where a message is: folder, UID when the server's number is known, account. `None` when it is gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn location(&self, id: MessageId) -> Result<Option<(FolderId, Option<Uid>, AccountId)>> {
        self.read(|sql| {
            Ok(sql
                .prepare_cached(
                    "SELECT folder, uid, account FROM message WHERE id = ?1 AND folder IS NOT NULL",
                )?
                .query_row([id.0], |row| {
                    let uid: Option<u32> = row.get(1)?;
                    Ok((FolderId(row.get(0)?), uid.map(Uid), AccountId(row.get(2)?)))
                })
                .optional()?)
        })
    }

    /// Messages of an account with this Message-ID (without brackets), in any folder.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find_message_id(&self, account: AccountId, message_id: &str) -> Result<Vec<MessageId>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT id FROM message WHERE message_id = ?1 AND account = ?2 AND folder IS NOT NULL ORDER BY id",
            )?;
            let ids = statement.query_map(params![message_id, account.0], |row| Ok(MessageId(row.get(0)?)))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Reads one row of [`COLUMNS`].
pub(super) fn row(row: &Row<'_>) -> Result<MessageRow> {
    let subject: String = row.get(7)?;
    let (subject, patient) = split_subject(&subject);
    let kind = row.get_ref(15)?.as_str().map_err(|_| Error::Damaged)?;
    let size: i64 = row.get(17)?;
    Ok(MessageRow {
        id: MessageId(row.get(0)?),
        account: AccountId(row.get(1)?),
        folder: FolderId(row.get(2)?),
        from: Mailbox { name: row.get(3)?, address: row.get(4)? },
        to: Mailbox { name: row.get(5)?, address: row.get(6)? },
        subject,
        patient,
        date: row.get(8)?,
        flags: flags(row, 9)?,
        kind: from_word(kind)?,
        has_attachment: row.get(16)?,
        size: size.unsigned_abs(),
        downloaded: row.get(18)?,
        alarm: row.get(19)?,
        state_is_local: row.get(20)?,
    })
}

/// Reads flags from six columns beginning at `first`.
pub(super) fn flags(row: &Row<'_>, first: usize) -> rusqlite::Result<Flags> {
    let keywords: String = row.get(first + 5)?;
    Ok(Flags {
        seen: row.get(first)?,
        answered: row.get(first + 1)?,
        flagged: row.get(first + 2)?,
        deleted: row.get(first + 3)?,
        draft: row.get(first + 4)?,
        keywords: keywords.split_whitespace().map(str::to_owned).collect(),
    })
}
