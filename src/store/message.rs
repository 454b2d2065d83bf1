//! What the server says about messages we have: flags, removals, numbers.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension, params};

use super::list::flags as read_flags;
use super::value::word;
use super::{Result, Store, marked};
use crate::domain::id::{FolderId, MessageId, Uid};
use crate::domain::message::{Flag, Flags, Keyword, MDN_SENT};

/// Keyword of a forwarded message (RFC 5788).
const FORWARDED: &str = "$Forwarded";

impl Store {
    /// Every UID known in a folder with the flags held here, ascending; messages that local changes have taken out of
    /// it are included as long as the server has not agreed, or has them still, marked `\Deleted`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn known(&self, folder: FolderId) -> Result<Vec<(Uid, Flags)>> {
        self.known_within(folder, Uid(0)..=Uid(u32::MAX))
    }

    /// Those of [`Store::known`] within these.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn known_within(&self, folder: FolderId, uids: RangeInclusive<Uid>) -> Result<Vec<(Uid, Flags)>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT uid, seen, answered, flagged, deleted, draft, keywords FROM message
                 WHERE folder = ?1 AND uid BETWEEN ?2 AND ?3
                 UNION
                 SELECT intention.uid, seen, answered, flagged, deleted, draft, keywords
                 FROM intention JOIN message ON message.id = intention.message
                 WHERE intention.folder = ?1 AND intention.uid BETWEEN ?2 AND ?3
                 AND message.folder IS NOT ?1 AND intention.what <> 'copy'",
            )?;
            let rows = statement.query_map(params![folder.0, uids.start().0, uids.end().0], |row| {
                Ok((Uid(row.get(0)?), read_flags(row, 1)?))
            })?;
            let mut known = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            known.extend(marked::all(sql, folder)?.into_iter().filter(|(uid, _)| uids.contains(uid)));
            known.sort_by_key(|(uid, _)| *uid);
            Ok(known)
        })
    }

    /// How many UIDs [`Store::known`] holds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn known_count(&self, folder: FolderId) -> Result<u32> {
        self.read(|sql| {
            Ok(sql
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM message WHERE folder = ?1 AND uid IS NOT NULL)
                     + (SELECT count(DISTINCT intention.uid) FROM intention
                        JOIN message ON message.id = intention.message
                        WHERE intention.folder = ?1 AND intention.uid IS NOT NULL AND message.folder IS NOT ?1
                        AND intention.what <> 'copy')
                     + (SELECT count(*) FROM marked WHERE folder = ?1)",
                )?
                .query_row([folder.0], |row| row.get(0))?)
        })
    }

    /// Takes over the server's flags, except each flag a local change waits on. Answers the messages that changed.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn apply_flags(&self, folder: FolderId, flags: &[(Uid, Flags)]) -> Result<Vec<MessageId>> {
        self.write_refetchable(|sql| {
            let mut changed = Vec::new();
            for (uid, flags) in flags {
                let id: Option<i64> = sql
                    .prepare_cached("SELECT id FROM message WHERE folder = ?1 AND uid = ?2")?
                    .query_row(params![folder.0, uid.0], |row| row.get(0))
                    .optional()?;
                let Some(id) = id.map(MessageId) else {
                    marked::update(sql, folder, *uid, flags)?;
                    continue;
                };
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
        self.write_refetchable(|sql| {
            let mut removed = Vec::new();
            let mut statement =
                sql.prepare_cached("DELETE FROM message WHERE folder = ?1 AND uid = ?2 RETURNING id")?;
            for uid in uids {
                let id: Option<i64> =
                    statement.query_row(params![folder.0, uid.0], |row| row.get(0)).optional()?;
                removed.extend(id.map(MessageId));
                marked::remove(sql, folder, *uid)?;
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
    new.keywords.extend(local_keywords(sql, id)?);
    for mark in waiting_marks(sql, id)? {
        set(&mut new, &mark, has(&mine, &mark));
    }
    new.keywords.sort();
    new.keywords.dedup();
    let changed = new != mine;
    if changed {
        write_flags(sql, id, &new)?;
    }
    Ok(changed)
}

/// Keywords the server does not keep: see [`Store::keep_keywords_here`].
fn local_keywords(sql: &Connection, id: MessageId) -> Result<Vec<String>> {
    let mut statement = sql.prepare_cached("SELECT keyword FROM local_keyword WHERE message = ?1")?;
    let keywords = statement.query_map([id.0], |row| row.get(0))?;
    Ok(keywords.collect::<rusqlite::Result<_>>()?)
}

/// A flag or a keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    Flag(Flag),
    Keyword(Keyword),
}

impl Mark {
    /// Columns `what` and `flag` of its intentions.
    pub(super) fn columns(&self) -> Result<(&'static str, String)> {
        Ok(match self {
            Self::Flag(flag) => ("flag", word(flag)?),
            Self::Keyword(keyword) => ("keyword", keyword.as_str().to_owned()),
        })
    }
}

fn waiting_marks(sql: &Connection, id: MessageId) -> Result<Vec<Mark>> {
    let mut statement = sql.prepare_cached(
        "SELECT DISTINCT what, flag FROM intention WHERE message = ?1 AND what IN ('flag', 'keyword')",
    )?;
    let mut rows = statement.query([id.0])?;
    let mut marks = Vec::new();
    while let Some(row) = rows.next()? {
        let (what, word): (String, String) = (row.get(0)?, row.get(1)?);
        if what == "flag" {
            marks.push(Mark::Flag(super::value::from_word(&word)?));
        } else {
            marks.extend(Keyword::parse(&word).map(Mark::Keyword));
        }
    }
    Ok(marks)
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

/// Whether `mark` is set.
pub(super) fn has(flags: &Flags, mark: &Mark) -> bool {
    match mark {
        Mark::Flag(Flag::Seen) => flags.seen,
        Mark::Flag(Flag::Answered) => flags.answered,
        Mark::Flag(Flag::Flagged) => flags.flagged,
        Mark::Flag(Flag::Forwarded) => has_keyword(flags, FORWARDED),
        Mark::Flag(Flag::MdnSent) => has_keyword(flags, MDN_SENT),
        Mark::Keyword(keyword) => has_keyword(flags, keyword.as_str()),
    }
}

/// Sets or clears `mark`.
pub(super) fn set(flags: &mut Flags, mark: &Mark, on: bool) {
    match mark {
        Mark::Flag(Flag::Seen) => flags.seen = on,
        Mark::Flag(Flag::Answered) => flags.answered = on,
        Mark::Flag(Flag::Flagged) => flags.flagged = on,
        Mark::Flag(Flag::Forwarded) => set_keyword(flags, FORWARDED, on),
        Mark::Flag(Flag::MdnSent) => set_keyword(flags, MDN_SENT, on),
        Mark::Keyword(keyword) => set_keyword(flags, keyword.as_str(), on),
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
