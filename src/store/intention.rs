//! Local changes on their way to the server: kept until it agreed or refused.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::list::flags as read_flags;
use super::message::{number, set, write_flags};
use super::trace::add_refusal;
use super::value::from_word;
use super::{Error, Result, Store};
use crate::domain::id::{AccountId, FolderId, MessageId, Uid};
use crate::domain::message::Flag;

/// What is to be done on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Set or clear a flag.
    Flag {
        /// Which.
        flag: Flag,
        /// Set or clear.
        on: bool,
    },
    /// Move to another folder.
    Move {
        /// Where to.
        to: FolderId,
    },
    /// Delete for good.
    Delete,
}

/// A local change the server has not got yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intention {
    /// Identifier, for [`Store::intention_done`] and [`Store::intention_failed`].
    pub id: i64,
    /// Which message.
    pub message: MessageId,
    /// Folder it is in on the server.
    pub folder: FolderId,
    /// Its UID there; `None` while an earlier move has not told the new one: the change has to wait for it.
    pub uid: Option<Uid>,
    /// What to do.
    pub what: What,
}

const COLUMNS: &str = "id, message, folder, uid, what, flag, set_to, target";

impl Store {
    /// Changes of an account the server has not got, in the order they were made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn intentions(&self, account: AccountId) -> Result<Vec<Intention>> {
        self.read(|sql| {
            let mut statement = sql
                .prepare_cached(&format!("SELECT {COLUMNS} FROM intention WHERE account = ?1 ORDER BY id"))?;
            let mut rows = statement.query([account.0])?;
            let mut intentions = Vec::new();
            while let Some(row) = rows.next()? {
                intentions.push(intention(row)?);
            }
            Ok(intentions)
        })
    }

    /// The server carried a change out. `new_uid` is the message's number in the folder it was moved to, when told
    /// (UIDPLUS). A change that is no longer waiting is passed over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn intention_done(&self, id: i64, new_uid: Option<Uid>) -> Result<()> {
        self.write(|sql| {
            let Some(done) = take(sql, id)? else { return Ok(()) };
            match done.what {
                What::Flag { .. } => {}
                What::Delete => {
                    sql.prepare_cached("DELETE FROM message WHERE id = ?1 AND folder IS NULL")?
                        .execute([done.message.0])?;
                }
                What::Move { to } => {
                    if let Some(uid) = new_uid {
                        arrived(sql, done.message, to, uid)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// The server refused a change for good: it is undone here, and its later changes apply to where the message
    /// really is. The server's words are kept in the traces.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn intention_failed(&self, id: i64, reason: &str) -> Result<()> {
        self.write(|sql| {
            let Some(failed) = take(sql, id)? else { return Ok(()) };
            let (account, message_id): (i64, Option<String>) = sql.query_row(
                "SELECT account, message_id FROM message WHERE id = ?1",
                [failed.message.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            add_refusal(sql, account, message_id.as_deref(), reason)?;
            match failed.what {
                What::Flag { flag, on } => undo_flag(sql, failed.message, flag, on),
                What::Move { to } => put_back(sql, &failed, Some(to)),
                What::Delete => put_back(sql, &failed, None),
            }
        })
    }
}

fn intention(row: &Row<'_>) -> Result<Intention> {
    let what: String = row.get(4)?;
    let what = match what.as_str() {
        "flag" => What::Flag { flag: from_word(&row.get::<_, String>(5)?)?, on: row.get(6)? },
        "move" => What::Move { to: FolderId(row.get(7)?) },
        "delete" => What::Delete,
        _ => return Err(Error::Damaged),
    };
    Ok(Intention {
        id: row.get(0)?,
        message: MessageId(row.get(1)?),
        folder: FolderId(row.get(2)?),
        uid: row.get::<_, Option<u32>>(3)?.map(Uid),
        what,
    })
}

/// Removes an intention and answers it.
fn take(sql: &Connection, id: i64) -> Result<Option<Intention>> {
    sql.prepare_cached(&format!("DELETE FROM intention WHERE id = ?1 RETURNING {COLUMNS}"))?
        .query_row([id], |row| Ok(intention(row)))
        .optional()?
        .transpose()
}

/// The message has got a number in the folder it was moved to; it may have been moved on here meanwhile.
fn arrived(sql: &Connection, message: MessageId, to: FolderId, uid: Uid) -> Result<()> {
    // a synchronisation may have seen it arrive before the answer to the move came in
    sql.prepare_cached("DELETE FROM message WHERE folder = ?1 AND uid = ?2 AND id <> ?3")?
        .execute(params![to.0, uid.0, message.0])?;
    sql.prepare_cached("UPDATE intention SET uid = ?1 WHERE message = ?2 AND folder = ?3 AND uid IS NULL")?
        .execute(params![uid.0, message.0, to.0])?;
    let still_there: bool = sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM message WHERE id = ?1 AND folder = ?2)")?
        .query_row(params![message.0, to.0], |row| row.get(0))?;
    let comes_back: bool = sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM intention WHERE message = ?1 AND target = ?2)")?
        .query_row(params![message.0, to.0], |row| row.get(0))?;
    if still_there && !comes_back { number(sql, message, uid) } else { Ok(()) }
}

/// A refused flag returns to what it was, unless the user has changed it again since.
fn undo_flag(sql: &Connection, message: MessageId, flag: Flag, on: bool) -> Result<()> {
    let later: bool = sql.query_row(
        "SELECT EXISTS (SELECT 1 FROM intention WHERE message = ?1 AND flag = ?2)",
        params![message.0, super::value::word(&flag)?],
        |row| row.get(0),
    )?;
    if later {
        return Ok(());
    }
    let mut flags = sql.query_row(
        "SELECT seen, answered, flagged, deleted, draft, keywords FROM message WHERE id = ?1",
        [message.0],
        |row| read_flags(row, 0),
    )?;
    set(&mut flags, flag, !on);
    write_flags(sql, message, &flags)
}

/// A refused move or deletion: the message is still in its folder on the server.
fn put_back(sql: &Connection, failed: &Intention, to: Option<FolderId>) -> Result<()> {
    let uid = failed.uid.map(|u| u.0);
    sql.execute(
        "UPDATE intention SET folder = ?1, uid = ?2 WHERE message = ?3 AND folder = ?4 AND uid IS NULL AND id > ?5",
        params![failed.folder.0, uid, failed.message.0, to.map(|f| f.0), failed.id],
    )?;
    // a later move back to where it is has come true by itself
    sql.execute(
        "DELETE FROM intention WHERE message = ?1 AND what = 'move' AND folder = target",
        [failed.message.0],
    )?;
    let moved_on: bool = sql.query_row(
        "SELECT EXISTS (SELECT 1 FROM intention WHERE message = ?1 AND what <> 'flag')",
        [failed.message.0],
        |row| row.get(0),
    )?;
    if moved_on {
        return Ok(());
    }
    if let Some(uid) = uid {
        sql.execute(
            "DELETE FROM message WHERE folder = ?1 AND uid = ?2 AND id <> ?3",
            params![failed.folder.0, uid, failed.message.0],
        )?;
    }
    sql.execute(
        "UPDATE message SET folder = ?1, uid = ?2 WHERE id = ?3",
        params![failed.folder.0, uid, failed.message.0],
    )?;
    Ok(())
}
