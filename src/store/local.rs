//! What the user does to messages: effective here at once, and written down for the server in the same transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::list::flags as read_flags;
use super::message::{has, set, write_flags};
use super::value::word;
use super::{Error, Result, Store};
use crate::domain::id::{FolderId, MessageId};
use crate::domain::message::Flag;

/// Where a message is before a change.
struct Place {
    account: i64,
    folder: i64,
    uid: Option<u32>,
}

/// The place of a message; `None` when it is gone or being deleted, so that there is nothing to change.
fn place(sql: &Connection, id: MessageId) -> Result<Option<Place>> {
    Ok(sql
        .prepare_cached("SELECT account, folder, uid FROM message WHERE id = ?1 AND folder IS NOT NULL")?
        .query_row([id.0], |row| Ok(Place { account: row.get(0)?, folder: row.get(1)?, uid: row.get(2)? }))
        .optional()?)
}

/// Sets or clears a flag of one message; false when it was so already or the message is gone.
pub(super) fn flag_one(sql: &Connection, id: MessageId, flag: Flag, on: bool) -> Result<bool> {
    let Some(place) = place(sql, id)? else { return Ok(false) };
    let mut flags = sql
        .prepare_cached(
            "SELECT seen, answered, flagged, deleted, draft, keywords FROM message WHERE id = ?1",
        )?
        .query_row([id.0], |row| read_flags(row, 0))?;
    if has(&flags, flag) == on {
        return Ok(false);
    }
    set(&mut flags, flag, on);
    write_flags(sql, id, &flags)?;
    sql.prepare_cached(
        "INSERT INTO intention (account, message, folder, uid, what, flag, set_to)
         VALUES (?1, ?2, ?3, ?4, 'flag', ?5, ?6)",
    )?
    .execute(params![place.account, id.0, place.folder, place.uid, word(&flag)?, on])?;
    Ok(true)
}

impl Store {
    /// Sets or clears a flag. Messages that have it so already, or that are gone, are passed over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn change_flag(&self, ids: &[MessageId], flag: Flag, on: bool) -> Result<()> {
        self.write(|sql| {
            for id in ids {
                flag_one(sql, *id, flag, on)?;
            }
            Ok(())
        })
    }

    /// Moves messages to another folder of the same account.
    ///
    /// # Errors
    /// [`Error::OtherAccount`], [`Error::NotFound`] for an unknown folder: nothing is moved then.
    pub fn move_local(&self, ids: &[MessageId], to: FolderId) -> Result<()> {
        self.write(|sql| {
            let account: i64 = sql
                .prepare_cached("SELECT account FROM folder WHERE id = ?1")?
                .query_row([to.0], |row| row.get(0))?;
            for id in ids {
                let Some(place) = place(sql, *id)? else { continue };
                if place.account != account {
                    return Err(Error::OtherAccount);
                }
                if place.folder == to.0 {
                    continue;
                }
                sql.prepare_cached("UPDATE message SET folder = ?1, uid = NULL WHERE id = ?2")?
                    .execute(params![to.0, id.0])?;
                sql.prepare_cached(
                    "INSERT INTO intention (account, message, folder, uid, what, target)
                     VALUES (?1, ?2, ?3, ?4, 'move', ?5)",
                )?
                .execute(params![place.account, id.0, place.folder, place.uid, to.0])?;
            }
            Ok(())
        })
    }

    /// Deletes messages for good.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn delete_local(&self, ids: &[MessageId]) -> Result<()> {
        self.write(|sql| {
            for id in ids {
                let Some(place) = place(sql, *id)? else { continue };
                sql.prepare_cached("UPDATE message SET folder = NULL, uid = NULL WHERE id = ?1")?
                    .execute([id.0])?;
                sql.prepare_cached(
                    "INSERT INTO intention (account, message, folder, uid, what) VALUES (?1, ?2, ?3, ?4, 'delete')",
                )?
                .execute(params![place.account, id.0, place.folder, place.uid])?;
            }
            Ok(())
        })
    }
}
