//! Thinking better of it: the last change of some messages is taken back.

use rusqlite::{Connection, OptionalExtension, params};

use super::intention::{self, take};
use super::local::move_one;
use super::{Error, Result, Store};
use crate::domain::id::{FolderId, MessageId};

impl Store {
    /// Takes the move or deletion of messages back. Each is named with the folder it was in. What the server was not
    /// asked for yet is as if it had never been; what it has got is moved back.
    ///
    /// # Errors
    /// [`Error::GoneForGood`] when a message was deleted for good: the others are back nevertheless.
    pub fn take_back_moves(&self, moved: &[(MessageId, FolderId)]) -> Result<()> {
        let gone = self.write(|sql| {
            let mut gone = false;
            for (id, from) in moved {
                gone |= !back(sql, *id, *from)?;
            }
            Ok(gone)
        })?;
        if gone { Err(Error::GoneForGood) } else { Ok(()) }
    }
}

/// Brings one message back; false when it is gone for good.
fn back(sql: &Connection, id: MessageId, from: FolderId) -> Result<bool> {
    let waiting: Option<(i64, bool)> = sql
        .prepare_cached(
            "SELECT id, started FROM intention WHERE message = ?1 AND what IN ('move', 'delete')
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((last, false)) = waiting
        && let Some(last) = take(sql, last)?
    {
        intention::undo(sql, &last)?;
    }
    let place: Option<(Option<i64>, i64)> = sql
        .prepare_cached("SELECT folder, account FROM message WHERE id = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match place {
        Some((Some(folder), _)) if folder == from.0 => Ok(true),
        Some((Some(_), account)) => {
            let exists: bool = sql.query_row(
                "SELECT EXISTS (SELECT 1 FROM folder WHERE id = ?1 AND removed = 0)",
                params![from.0],
                |row| row.get(0),
            )?;
            Ok(exists && move_one(sql, id, from, account)?)
        }
        _ => Ok(false),
    }
}
