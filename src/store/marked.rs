//! Messages that left a folder here but stay in it on the server, marked `\Deleted`: it cannot expunge one message
//! alone (no UIDPLUS), and a plain EXPUNGE would take what others marked too. They are known and not shown.

use rusqlite::{Connection, OptionalExtension, params};

use super::Result;
use super::list::flags as read_flags;
use super::value::{from_json, json};
use crate::domain::id::{FolderId, MessageId, Uid};
use crate::domain::message::Flags;

/// Remembers that we marked a message.
pub(super) fn add(sql: &Connection, folder: FolderId, uid: Uid, message: MessageId) -> Result<()> {
    let flags = sql
        .prepare_cached(
            "SELECT seen, answered, flagged, deleted, draft, keywords FROM message WHERE id = ?1",
        )?
        .query_row([message.0], |row| read_flags(row, 0))
        .optional()?
        .unwrap_or_default();
    put(sql, folder, uid, &Flags { deleted: true, ..flags })
}

fn put(sql: &Connection, folder: FolderId, uid: Uid, flags: &Flags) -> Result<()> {
    sql.prepare_cached("INSERT OR REPLACE INTO marked (folder, uid, flags) VALUES (?1, ?2, ?3)")?
        .execute(params![folder.0, uid.0, json(flags)?])?;
    Ok(())
}

/// Those of a folder, with the flags they have there.
pub(super) fn all(sql: &Connection, folder: FolderId) -> Result<Vec<(Uid, Flags)>> {
    let mut statement = sql.prepare_cached("SELECT uid, flags FROM marked WHERE folder = ?1 ORDER BY uid")?;
    let mut rows = statement.query([folder.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((Uid(row.get(0)?), from_json(&row.get::<_, String>(1)?)?));
    }
    Ok(found)
}

pub(super) fn contains(sql: &Connection, folder: FolderId, uid: Uid) -> Result<bool> {
    Ok(sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM marked WHERE folder = ?1 AND uid = ?2)")?
        .query_row(params![folder.0, uid.0], |row| row.get(0))?)
}

/// Takes over the server's flags; one that another program has taken the mark off is live mail again.
pub(super) fn update(sql: &Connection, folder: FolderId, uid: Uid, flags: &Flags) -> Result<()> {
    if !contains(sql, folder, uid)? {
        return Ok(());
    }
    if flags.deleted { put(sql, folder, uid, flags) } else { remove(sql, folder, uid) }
}

/// The server has expunged it.
pub(super) fn remove(sql: &Connection, folder: FolderId, uid: Uid) -> Result<()> {
    sql.prepare_cached("DELETE FROM marked WHERE folder = ?1 AND uid = ?2")?
        .execute(params![folder.0, uid.0])?;
    Ok(())
}
