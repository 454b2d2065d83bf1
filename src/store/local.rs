//! What the user does to messages: effective here at once, and written down for the server in the same transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::insert::add;
use super::list::flags as read_flags;
use super::message::{Mark, has, set, write_flags};
use super::search::{Columns, index};
use super::value::{from_json, from_word};
use super::{Error, NewMessage, Result, Store, folder};
use crate::domain::UnixTime;
use crate::domain::folder::Rights;
use crate::domain::id::{AccountId, FolderId, MessageId};
use crate::domain::message::{Envelope, Flag, Keyword};
use crate::domain::triage::Triage;

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

/// Refuses a change the user has no right to, as far as the rights are known.
fn allow(sql: &Connection, folder: i64, has_right: impl Fn(Rights) -> bool) -> Result<()> {
    if has_right(folder::rights(sql, FolderId(folder))?) { Ok(()) } else { Err(Error::ReadOnly) }
}

/// Sets or clears a flag of one message; false when it was so already or the message is gone.
pub(super) fn flag_one(sql: &Connection, id: MessageId, flag: Flag, on: bool) -> Result<bool> {
    mark_one(sql, id, &Mark::Flag(flag), on)
}

fn mark_one(sql: &Connection, id: MessageId, mark: &Mark, on: bool) -> Result<bool> {
    let Some(place) = place(sql, id)? else { return Ok(false) };
    let mut flags = sql
        .prepare_cached(
            "SELECT seen, answered, flagged, deleted, draft, keywords FROM message WHERE id = ?1",
        )?
        .query_row([id.0], |row| read_flags(row, 0))?;
    if has(&flags, mark) == on {
        return Ok(false);
    }
    allow(sql, place.folder, |r| if *mark == Mark::Flag(Flag::Seen) { r.seen } else { r.flags })?;
    set(&mut flags, mark, on);
    write_flags(sql, id, &flags)?;
    let (what, word) = mark.columns()?;
    sql.prepare_cached("DELETE FROM local_keyword WHERE message = ?1 AND keyword = ?2 COLLATE NOCASE")?
        .execute(params![id.0, word])?;
    sql.prepare_cached(
        "INSERT INTO intention (account, message, folder, uid, what, flag, set_to)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![place.account, id.0, place.folder, place.uid, what, word, on])?;
    Ok(true)
}

/// Moves one message; false when it is there already or gone. `account` is that of the folder.
pub(super) fn move_one(sql: &Connection, id: MessageId, to: FolderId, account: i64) -> Result<bool> {
    let Some(place) = place(sql, id)? else { return Ok(false) };
    if place.account != account {
        return Err(Error::OtherAccount);
    }
    if place.folder == to.0 {
        return Ok(false);
    }
    allow(sql, place.folder, |r| r.remove)?;
    sql.prepare_cached("UPDATE message SET folder = ?1, uid = NULL WHERE id = ?2")?
        .execute(params![to.0, id.0])?;
    sql.prepare_cached(
        "INSERT INTO intention (account, message, folder, uid, what, target)
         VALUES (?1, ?2, ?3, ?4, 'move', ?5)",
    )?
    .execute(params![place.account, id.0, place.folder, place.uid, to.0])?;
    Ok(true)
}

/// The account of a folder that messages can be put into.
pub(super) fn open_folder(sql: &Connection, to: FolderId) -> Result<i64> {
    let account: i64 = sql
        .prepare_cached("SELECT account FROM folder WHERE id = ?1 AND removed = 0")?
        .query_row([to.0], |row| row.get(0))?;
    allow(sql, to.0, |r| r.insert)?;
    Ok(account)
}

impl Store {
    /// Sets or clears a flag. Messages that have it so already, or that are gone, are passed over.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] where the user may not: nothing is changed then.
    pub fn change_flag(&self, ids: &[MessageId], flag: Flag, on: bool) -> Result<()> {
        self.change_mark(ids, &Mark::Flag(flag), on)
    }

    /// Sets or clears a keyword, as [`Store::change_flag`].
    ///
    /// # Errors
    /// As [`Store::change_flag`].
    pub fn change_keyword(&self, ids: &[MessageId], keyword: &Keyword, on: bool) -> Result<()> {
        self.change_mark(ids, &Mark::Keyword(keyword.clone()), on)
    }

    /// Sets where messages stand, or that they stand nowhere: one keyword takes the place of the others.
    ///
    /// # Errors
    /// As [`Store::change_flag`].
    pub fn change_triage(&self, ids: &[MessageId], triage: Option<Triage>) -> Result<()> {
        self.write(|sql| {
            for id in ids {
                // taken off first: other stations never see two
                for other in Triage::ALL.into_iter().filter(|t| Some(*t) != triage) {
                    if let Some(keyword) = other.keyword() {
                        mark_one(sql, *id, &Mark::Keyword(keyword), false)?;
                    }
                }
                if let Some(keyword) = triage.and_then(Triage::keyword) {
                    mark_one(sql, *id, &Mark::Keyword(keyword), true)?;
                }
            }
            Ok(())
        })
    }

    fn change_mark(&self, ids: &[MessageId], mark: &Mark, on: bool) -> Result<()> {
        self.write(|sql| {
            for id in ids {
                mark_one(sql, *id, mark, on)?;
            }
            Ok(())
        })
    }

    /// Moves messages to another folder of the same account.
    ///
    /// # Errors
    /// [`Error::OtherAccount`], [`Error::NotFound`] for an unknown folder, [`Error::ReadOnly`] where the user may not
    /// take them out or put them in: nothing is moved then.
    pub fn move_local(&self, ids: &[MessageId], to: FolderId) -> Result<()> {
        self.write(|sql| {
            let account = open_folder(sql, to)?;
            for id in ids {
                move_one(sql, *id, to, account)?;
            }
            Ok(())
        })
    }

    /// Copies messages to another folder of the same account. Answers each message with its copy, whose body is not
    /// here yet.
    ///
    /// # Errors
    /// As [`Store::move_local`].
    pub fn copy_local(&self, ids: &[MessageId], to: FolderId) -> Result<Vec<(MessageId, MessageId)>> {
        self.write(|sql| {
            let account = open_folder(sql, to)?;
            let mut copies = Vec::new();
            let mut entries = Vec::new();
            for id in ids {
                let Some(place) = place(sql, *id)? else { continue };
                if place.account != account {
                    return Err(Error::OtherAccount);
                }
                let message = twin(sql, *id)?;
                let next: i64 = sql
                    .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'message'")?
                    .query_row([], |row| row.get(0))?;
                let copy = MessageId(next + 1);
                let key = add(sql, AccountId(account), to, copy, &message, true)?;
                entries.push((key, Columns::of(&message.envelope), None));
                sql.prepare_cached(
                    "INSERT INTO intention (account, message, folder, uid, what, target, source)
                     VALUES (?1, ?2, ?3, ?4, 'copy', ?5, ?6)",
                )?
                .execute(params![account, copy.0, place.folder, place.uid, to.0, id.0])?;
                copies.push((*id, copy));
            }
            index(sql, entries)?;
            Ok(copies)
        })
    }

    /// Deletes messages for good.
    ///
    /// # Errors
    /// [`Error::ReadOnly`]: nothing is deleted then.
    pub fn delete_local(&self, ids: &[MessageId]) -> Result<()> {
        self.delete_later(ids, None)
    }

    /// Deletes messages for good; the server is not asked before `hold_until`.
    ///
    /// # Errors
    /// As [`Store::delete_local`].
    pub fn delete_later(&self, ids: &[MessageId], hold_until: Option<UnixTime>) -> Result<()> {
        self.write(|sql| {
            for id in ids {
                let Some(place) = place(sql, *id)? else { continue };
                allow(sql, place.folder, |r| r.remove)?;
                sql.prepare_cached("UPDATE message SET folder = NULL, uid = NULL WHERE id = ?1")?
                    .execute([id.0])?;
                sql.prepare_cached(
                    "INSERT INTO intention (account, message, folder, uid, what, hold_until)
                     VALUES (?1, ?2, ?3, ?4, 'delete', ?5)",
                )?
                .execute(params![
                    place.account,
                    id.0,
                    place.folder,
                    place.uid,
                    hold_until
                ])?;
            }
            Ok(())
        })
    }
}

/// What a copy of a message begins with.
fn twin(sql: &Connection, id: MessageId) -> Result<NewMessage> {
    let envelope: String =
        sql.query_row("SELECT json FROM envelope WHERE message = ?1", [id.0], |row| row.get(0))?;
    let envelope: Envelope = from_json(&envelope)?;
    let (flags, date, size, kind, has_attachment) = sql.query_row(
        "SELECT seen, answered, flagged, deleted, draft, keywords, date, size, kind, has_attachment
         FROM message WHERE id = ?1",
        [id.0],
        |row| {
            let size: i64 = row.get(7)?;
            Ok((read_flags(row, 0)?, row.get(6)?, size.unsigned_abs(), row.get::<_, String>(8)?, row.get(9)?))
        },
    )?;
    let kind = from_word(&kind)?;
    Ok(NewMessage { uid: None, envelope, flags, internal_date: date, size, kind, has_attachment })
}
