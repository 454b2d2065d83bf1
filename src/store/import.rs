//! Messages that come from a file: here at once with their content, and written down for the server.

use rusqlite::{Connection, OptionalExtension, params};

use super::body::{NewBody, save};
use super::insert::{NewMessage, add};
use super::{Result, Store};
use crate::domain::UnixTime;
use crate::domain::id::{AccountId, FolderId, MessageId};

/// A message of a file.
pub struct NewImport {
    /// Its row; without UID.
    pub message: NewMessage,
    /// Its content, prepared for any message.
    pub body: NewBody,
}

impl Store {
    /// Puts messages into a folder, all in one transaction, and writes down that its server is to get them.
    ///
    /// # Errors
    /// [`super::Error::ReadOnly`] where the user may not put messages in; [`super::Error::NotFound`]; [`super::Error::Full`]: nothing is
    /// stored then.
    pub fn import(&self, folder: FolderId, messages: Vec<NewImport>) -> Result<Vec<MessageId>> {
        self.write(|sql| {
            let account = super::local::open_folder(sql, folder)?;
            let mut next: i64 = sql
                .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'message'")?
                .query_row([], |row| row.get(0))
                .optional()?
                .unwrap_or(0);
            let mut ids = Vec::with_capacity(messages.len());
            let mut bodies = Vec::with_capacity(messages.len());
            for NewImport { message, body } in messages {
                next += 1;
                let id = MessageId(next);
                add(sql, AccountId(account), folder, id, &message, false)?;
                sql.prepare_cached(
                    "INSERT INTO intention (account, message, folder, what, target)
                     VALUES (?1, ?2, ?3, 'append', ?3)",
                )?
                .execute(params![account, id.0, folder.0])?;
                bodies.push(body.of_message(id));
                ids.push(id);
            }
            // not placed: the server has them not yet, and the database waits for the disk
            save(sql, &bodies)?;
            Ok(ids)
        })
    }

    /// Messages of a folder, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn ids_of(&self, folder: FolderId) -> Result<Vec<MessageId>> {
        self.read(|sql| ids(sql, "SELECT id FROM message WHERE folder = ?1 ORDER BY order_key", folder.0))
    }

    /// Those of these messages whose content is not here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn not_here(&self, messages: &[MessageId]) -> Result<Vec<MessageId>> {
        self.read(|sql| {
            let mut statement =
                sql.prepare_cached("SELECT downloaded FROM message WHERE id = ?1 AND folder IS NOT NULL")?;
            let mut missing = Vec::new();
            for id in messages {
                let here: Option<bool> = statement.query_row([id.0], |row| row.get(0)).optional()?;
                if here == Some(false) {
                    missing.push(*id);
                }
            }
            Ok(missing)
        })
    }

    /// Messages of an account that may be the same as one of a file: those of its Message-ID, else those without one
    /// of its date or size, give or take a last line end. Each with its size on the server and whether its content is
    /// here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn twins(
        &self,
        account: AccountId,
        message_id: Option<&str>,
        date: UnixTime,
        size: u64,
    ) -> Result<Vec<(MessageId, u64, bool)>> {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        self.read(|sql| {
            let condition = match message_id {
                Some(_) => "message_id = ?2 AND ?3 IS NOT NULL AND ?4 IS NOT NULL",
                None => "message_id IS NULL AND ?2 IS NULL AND (date = ?3 OR size BETWEEN ?4 - 2 AND ?4 + 2)",
            };
            let mut statement = sql.prepare_cached(&format!(
                "SELECT id, size, downloaded FROM message
                 WHERE account = ?1 AND folder IS NOT NULL AND {condition} LIMIT 50"
            ))?;
            let rows = statement.query_map(params![account.0, message_id, date, size], |row| {
                let size: i64 = row.get(1)?;
                Ok((MessageId(row.get(0)?), size.unsigned_abs(), row.get(2)?))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn ids(sql: &Connection, query: &str, of: i64) -> Result<Vec<MessageId>> {
    let mut statement = sql.prepare_cached(query)?;
    let rows = statement.query_map([of], |row| Ok(MessageId(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
