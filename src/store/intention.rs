//! Local changes on their way to the server: kept until it agreed or refused.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::list::flags as read_flags;
use super::message::{Mark, number, set, write_flags};
use super::trace::add_refusal;
use super::value::from_word;
use super::{Error, Result, Store, local_folder, marked};
use crate::domain::UnixTime;
use crate::domain::id::{AccountId, FolderId, MessageId, Uid};
use crate::domain::message::{Flag, Keyword};

/// What is to be done on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Set or clear a flag.
    Flag {
        /// Which.
        flag: Flag,
        /// Set or clear.
        on: bool,
    },
    /// Set or clear a keyword.
    Keyword {
        /// Which.
        keyword: Keyword,
        /// Set or clear.
        on: bool,
    },
    /// Move to another folder.
    Move {
        /// Where to.
        to: FolderId,
    },
    /// Copy to another folder; the intention's message is the copy.
    Copy {
        /// Where to.
        to: FolderId,
    },
    /// Put a message into the intention's folder that the server has not got at all.
    Append,
    /// Delete for good.
    Delete,
    /// Make the intention's folder.
    Create,
    /// Give the intention's folder another name.
    Rename {
        /// The new name, as shown.
        path: String,
    },
    /// Remove the intention's folder, which must be empty.
    Remove,
}

/// A local change the server has not got yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intention {
    /// Identifier, for [`Store::intention_done`] and [`Store::intention_failed`].
    pub id: i64,
    /// Which message; `None` for a change of the folder itself.
    pub message: Option<MessageId>,
    /// Folder the message is in on the server, or the folder that is to be changed.
    pub folder: FolderId,
    /// Its UID there; `None` while an earlier move has not told the new one: the change has to wait for it.
    pub uid: Option<Uid>,
    /// What to do.
    pub what: What,
    /// The server was asked before, and whether it agreed is not known.
    pub started: bool,
    /// The first UID the target could give when the server was asked.
    pub uid_next: Option<Uid>,
    /// Until then the user may think better of it, and the server is not asked.
    pub hold_until: Option<UnixTime>,
    /// The name of a folder before it was renamed.
    was: Option<String>,
}

impl Intention {
    /// The folder a message is to go to.
    pub fn target(&self) -> Option<FolderId> {
        match self.what {
            What::Move { to } | What::Copy { to } => Some(to),
            _ => None,
        }
    }
}

const COLUMNS: &str =
    "id, message, folder, uid, what, flag, set_to, target, path, started, uid_next, hold_until";

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

    /// Writes down that the server is about to be asked: from now on nobody can say that it was not. `uid_next` is the
    /// first UID the target of copies can give. Answers those that still wait: the others were taken back meanwhile.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn intentions_started(&self, ids: &[i64], uid_next: Option<Uid>) -> Result<Vec<i64>> {
        self.write(|sql| {
            let mut statement = sql.prepare_cached(
                "UPDATE intention SET started = 1, uid_next = ifnull(uid_next, ?2) WHERE id = ?1",
            )?;
            let mut waiting = Vec::with_capacity(ids.len());
            for id in ids {
                if statement.execute(params![id, uid_next.map(|u| u.0)])? > 0 {
                    waiting.push(*id);
                }
            }
            Ok(waiting)
        })
    }

    /// The server carried a change out. `new_uid` is the message's number in the folder it was moved to, when told
    /// (UIDPLUS). A change that is no longer waiting is passed over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn intention_done(&self, id: i64, new_uid: Option<Uid>) -> Result<()> {
        self.write(|sql| finish(sql, id, new_uid, false))
    }

    /// The server keeps no keywords: those these changes set stay true here only.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn keep_keywords_here(&self, ids: &[i64]) -> Result<()> {
        self.write(|sql| {
            for id in ids {
                let Some(kept) = take(sql, *id)? else { continue };
                if let (What::Keyword { keyword, on: true }, Some(message)) = (kept.what, kept.message) {
                    sql.prepare_cached(
                        "INSERT OR IGNORE INTO local_keyword (message, keyword) VALUES (?1, ?2)",
                    )?
                    .execute(params![message.0, keyword.as_str()])?;
                }
            }
            Ok(())
        })
    }

    /// As [`Store::intention_done`] for a message that stays in its old folder marked `\Deleted`, because the server
    /// cannot expunge it alone: it is not shown there again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn intention_done_marked(&self, id: i64, new_uid: Option<Uid>) -> Result<()> {
        self.write(|sql| finish(sql, id, new_uid, true))
    }

    /// The server refused a change for good: it is undone here, and its later changes apply to where the message
    /// really is. The server's words are kept in the traces.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn intention_failed(&self, id: i64, reason: &str) -> Result<()> {
        self.write(|sql| fail(sql, id, reason))
    }
}

fn finish(sql: &Connection, id: i64, new_uid: Option<Uid>, stays: bool) -> Result<()> {
    let Some(done) = take(sql, id)? else { return Ok(()) };
    if stays && let (Some(uid), Some(message)) = (done.uid, done.message) {
        marked::add(sql, done.folder, uid, message)?;
    }
    match (done.what, done.message) {
        (What::Delete, Some(message)) => {
            sql.prepare_cached("DELETE FROM message WHERE id = ?1 AND folder IS NULL")?
                .execute([message.0])?;
        }
        (What::Move { to } | What::Copy { to }, Some(message)) => {
            if let Some(uid) = new_uid {
                arrived(sql, message, to, uid)?;
            }
        }
        (What::Append, Some(message)) => {
            if let Some(uid) = new_uid {
                arrived(sql, message, done.folder, uid)?;
            }
        }
        (What::Remove, _) => local_folder::removed(sql, done.folder)?,
        _ => {}
    }
    Ok(())
}

/// See [`Store::intention_failed`].
pub(super) fn fail(sql: &Connection, id: i64, reason: &str) -> Result<()> {
    let Some(failed) = take(sql, id)? else { return Ok(()) };
    let message_id: Option<String> = match failed.message {
        Some(message) => {
            sql.query_row("SELECT message_id FROM message WHERE id = ?1", [message.0], |row| row.get(0))?
        }
        None => None,
    };
    let account: i64 =
        sql.query_row("SELECT account FROM folder WHERE id = ?1", [failed.folder.0], |row| row.get(0))?;
    add_refusal(sql, account, message_id.as_deref(), reason)?;
    undo(sql, &failed)
}

/// Takes the local effect of a change back that was taken out of the list.
pub(super) fn undo(sql: &Connection, failed: &Intention) -> Result<()> {
    match (&failed.what, failed.message) {
        (What::Flag { flag, on }, Some(message)) => undo_mark(sql, message, &Mark::Flag(*flag), *on),
        (What::Keyword { keyword, on }, Some(message)) => {
            undo_mark(sql, message, &Mark::Keyword(keyword.clone()), *on)
        }
        (What::Move { to }, Some(message)) => put_back(sql, failed, message, Some(*to)),
        (What::Delete, Some(message)) => put_back(sql, failed, message, None),
        (What::Copy { .. } | What::Append, Some(message)) => {
            sql.execute("DELETE FROM message WHERE id = ?1", [message.0])?;
            Ok(())
        }
        (What::Create, _) => local_folder::not_made(sql, failed.folder),
        (What::Rename { path }, _) => {
            local_folder::set_path(sql, failed.folder, path, failed.was.as_deref().unwrap_or(path))
        }
        (What::Remove, _) => local_folder::not_removed(sql, failed.folder),
        _ => Err(Error::Damaged),
    }
}

fn intention(row: &Row<'_>) -> Result<Intention> {
    let what: String = row.get(4)?;
    let flag: Option<String> = row.get(5)?;
    let word = || flag.as_deref().ok_or(Error::Damaged);
    let what = match what.as_str() {
        "flag" => What::Flag { flag: from_word(word()?)?, on: row.get(6)? },
        "keyword" => {
            What::Keyword { keyword: Keyword::parse(word()?).ok_or(Error::Damaged)?, on: row.get(6)? }
        }
        "move" => What::Move { to: FolderId(row.get(7)?) },
        "copy" => What::Copy { to: FolderId(row.get(7)?) },
        "append" => What::Append,
        "delete" => What::Delete,
        "create" => What::Create,
        "rename" => What::Rename { path: row.get(8)? },
        "remove" => What::Remove,
        _ => return Err(Error::Damaged),
    };
    Ok(Intention {
        id: row.get(0)?,
        message: row.get::<_, Option<i64>>(1)?.map(MessageId),
        folder: FolderId(row.get(2)?),
        uid: row.get::<_, Option<u32>>(3)?.map(Uid),
        was: if matches!(what, What::Rename { .. }) { flag } else { None },
        what,
        started: row.get(9)?,
        uid_next: row.get::<_, Option<u32>>(10)?.map(Uid),
        hold_until: row.get(11)?,
    })
}

/// Removes an intention and answers it.
pub(super) fn take(sql: &Connection, id: i64) -> Result<Option<Intention>> {
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
    number_changes(sql, message, to, uid)?;
    let still_there: bool = sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM message WHERE id = ?1 AND folder = ?2)")?
        .query_row(params![message.0, to.0], |row| row.get(0))?;
    let comes_back: bool = sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM intention WHERE message = ?1 AND target = ?2)")?
        .query_row(params![message.0, to.0], |row| row.get(0))?;
    if still_there && !comes_back { number(sql, message, uid) } else { Ok(()) }
}

/// Gives changes of a message in a folder the number it has there: those before it comes back to the folder, when it
/// will have another.
pub(super) fn number_changes(sql: &Connection, message: MessageId, folder: FolderId, uid: Uid) -> Result<()> {
    sql.prepare_cached(
        "UPDATE intention SET uid = ?1 WHERE (message = ?2 OR source = ?2) AND folder = ?3 AND uid IS NULL
         AND NOT EXISTS (SELECT 1 FROM intention back
                         WHERE back.message = ?2 AND back.target = ?3 AND back.id < intention.id)",
    )?
    .execute(params![uid.0, message.0, folder.0])?;
    Ok(())
}

/// A refused flag returns to what it was, unless the user has changed it again since.
fn undo_mark(sql: &Connection, message: MessageId, mark: &Mark, on: bool) -> Result<()> {
    let (what, word) = mark.columns()?;
    let later: bool = sql.query_row(
        "SELECT EXISTS (SELECT 1 FROM intention WHERE message = ?1 AND what = ?2 AND flag = ?3)",
        params![message.0, what, word],
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
    set(&mut flags, mark, !on);
    write_flags(sql, message, &flags)
}

/// A refused move or deletion: the message is still in its folder on the server.
fn put_back(sql: &Connection, failed: &Intention, message: MessageId, to: Option<FolderId>) -> Result<()> {
    let uid = failed.uid.map(|u| u.0);
    sql.execute(
        "UPDATE intention SET folder = ?1, uid = ?2
         WHERE (message = ?3 OR source = ?3) AND folder = ?4 AND uid IS NULL AND id > ?5
         -- after it comes back there by a later move, it is in that folder after all
         AND NOT EXISTS (SELECT 1 FROM intention back
                         WHERE back.message = ?3 AND back.target = ?4 AND back.id > ?5 AND back.id < intention.id)",
        params![failed.folder.0, uid, message.0, to.map(|f| f.0), failed.id],
    )?;
    // a later move back to where it is has come true by itself
    sql.execute(
        "DELETE FROM intention WHERE message = ?1 AND what = 'move' AND folder = target",
        [message.0],
    )?;
    let moved_on: bool = sql.query_row(
        "SELECT EXISTS (SELECT 1 FROM intention WHERE message = ?1 AND what IN ('move', 'delete'))",
        [message.0],
        |row| row.get(0),
    )?;
    if moved_on {
        return Ok(());
    }
    if let Some(uid) = uid {
        sql.execute(
            "DELETE FROM message WHERE folder = ?1 AND uid = ?2 AND id <> ?3",
            params![failed.folder.0, uid, message.0],
        )?;
    }
    sql.execute(
        "UPDATE message SET folder = ?1, uid = ?2 WHERE id = ?3",
        params![failed.folder.0, uid, message.0],
    )?;
    Ok(())
}
