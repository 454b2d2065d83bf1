//! What the server says about messages we have: flags, removals, numbers.

use rusqlite::{Connection, OptionalExtension, params};

use super::list::flags as read_flags;
use super::{Result, Store};
use crate::domain::id::{FolderId, MessageId, Uid};
use crate::domain::message::{Flag, Flags, MDN_SENT};

/// Keyword of a forwarded message (RFC 5788).
const FORWARDED: &str = "$Forwarded";

impl Store {
    /// Every UID known in a folder with the flags held here, ascending; messages that local changes have taken out of
    /// it are included as long as the server has not agreed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn known(&self, folder: FolderId) -> Result<Vec<(Uid, Flags)>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT uid, seen, answered, flagged, deleted, draft, keywords FROM message
                 WHERE folder = ?1 AND uid IS NOT NULL
                 UNION
                 SELECT intention.uid, seen, answered, flagged, deleted, draft, keywords
                 FROM intention JOIN message ON message.id = intention.message
                 WHERE intention.folder = ?1 AND intention.uid IS NOT NULL AND message.folder IS NOT ?1
                 ORDER BY 1",
            )?;
            let rows = statement.query_map([folder.0], |row| Ok((Uid(row.get(0)?), read_flags(row, 1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Takes over the server's flags, except each flag a local change waits on. Answers the messages that changed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn apply_flags(&self, folder: FolderId, flags: &[(Uid, Flags)]) -> Result<Vec<MessageId>> {
        self.write(|sql| {
            let mut changed = Vec::new();
            for (uid, flags) in flags {
                let id: Option<i64> = sql
                    .prepare_cached("SELECT id FROM message WHERE folder = ?1 AND uid = ?2")?
                    .query_row(params![folder.0, uid.0], |row| row.get(0))
                    .optional()?;
                let Some(id) = id.map(MessageId) else { continue };
                if overwrite_flags(sql, id, flags)? {
                    changed.push(id);
                }
            }
            Ok(changed)
        })
    }

    /// Removes messages the server no longer has. Answers those that were here.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_uids(&self, folder: FolderId, uids: &[Uid]) -> Result<Vec<MessageId>> {
        self.write(|sql| {
            let mut removed = Vec::new();
            let mut statement =
                sql.prepare_cached("DELETE FROM message WHERE folder = ?1 AND uid = ?2 RETURNING id")?;
            for uid in uids {
                let id: Option<i64> =
                    statement.query_row(params![folder.0, uid.0], |row| row.get(0)).optional()?;
                removed.extend(id.map(MessageId));
            }
            Ok(removed)
        })
    }

    /// Gives a message the number it has on the server. A second copy that was inserted under this number meanwhile is
    /// dropped.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_uid(&self, id: MessageId, uid: Uid) -> Result<()> {
        self.write(|sql| number(sql, id, uid))
    }
}

/// See [`Store::set_uid`].
pub(super) fn number(sql: &Connection, id: MessageId, uid: Uid) -> Result<()> {
    sql.prepare_cached(
        "DELETE FROM message WHERE uid = ?1 AND id <> ?2 AND folder = (SELECT folder FROM message WHERE id = ?2)",
    )?
    .execute(params![uid.0, id.0])?;
    sql.prepare_cached("UPDATE message SET uid = ?1 WHERE id = ?2")?.execute(params![uid.0, id.0])?;
    Ok(())
}

/// Sets flags to what the server says, but for those a local change waits on. True when anything changed.
pub(super) fn overwrite_flags(sql: &Connection, id: MessageId, server: &Flags) -> Result<bool> {
    let mine = sql
        .prepare_cached(
            "SELECT seen, answered, flagged, deleted, draft, keywords FROM message WHERE id = ?1",
        )?
        .query_row([id.0], |row| read_flags(row, 0))?;
    let mut new = server.clone();
    for flag in waiting_flags(sql, id)? {
        set(&mut new, flag, has(&mine, flag));
    }
    new.keywords.sort();
    new.keywords.dedup();
    let changed = new != mine;
    if changed {
        write_flags(sql, id, &new)?;
    }
    Ok(changed)
}

fn waiting_flags(sql: &Connection, id: MessageId) -> Result<Vec<Flag>> {
    let mut statement =
        sql.prepare_cached("SELECT DISTINCT flag FROM intention WHERE message = ?1 AND what = 'flag'")?;
    let words = statement.query_map([id.0], |row| row.get::<_, String>(0))?;
    words.map(|word| super::value::from_word(&word?)).collect()
}

/// Writes all flags of a message.
pub(super) fn write_flags(sql: &Connection, id: MessageId, flags: &Flags) -> Result<()> {
    sql.prepare_cached(
        "UPDATE message SET seen = ?1, answered = ?2, flagged = ?3, deleted = ?4, draft = ?5, keywords = ?6
         WHERE id = ?7",
    )?
    .execute(params![
        flags.seen,
        flags.answered,
        flags.flagged,
        flags.deleted,
        flags.draft,
        flags.keywords.join(" "),
        id.0
    ])?;
    Ok(())
}

/// Whether `flag` is set.
pub(super) fn has(flags: &Flags, flag: Flag) -> bool {
    match flag {
        Flag::Seen => flags.seen,
        Flag::Answered => flags.answered,
        Flag::Flagged => flags.flagged,
        Flag::Forwarded => has_keyword(flags, FORWARDED),
        Flag::MdnSent => has_keyword(flags, MDN_SENT),
    }
}

/// Sets or clears `flag`.
pub(super) fn set(flags: &mut Flags, flag: Flag, on: bool) {
    match flag {
        Flag::Seen => flags.seen = on,
        Flag::Answered => flags.answered = on,
        Flag::Flagged => flags.flagged = on,
        Flag::Forwarded => set_keyword(flags, FORWARDED, on),
        Flag::MdnSent => set_keyword(flags, MDN_SENT, on),
    }
}

fn has_keyword(flags: &Flags, keyword: &str) -> bool {
    flags.keywords.iter().any(|k| k.eq_ignore_ascii_case(keyword))
}

fn set_keyword(flags: &mut Flags, keyword: &str, on: bool) {
    flags.keywords.retain(|k| !k.eq_ignore_ascii_case(keyword));
    if on {
        flags.keywords.push(keyword.to_owned());
        flags.keywords.sort();
    }
}
