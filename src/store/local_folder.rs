//! What the user does to folders: effective here at once, and written down for the server in the same transaction.
//!
//! A folder made here has a stand-in for its name until the server has it; messages can be moved into it meanwhile.

use rusqlite::{Connection, OptionalExtension, params};

use super::intention::{self, take};
use super::local::move_one;
use super::value::word;
use super::{Error, Result, Store, folder};
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, FolderId, MessageId};

impl Store {
    /// Makes a folder; `path` is separated by `/`.
    ///
    /// # Errors
    /// [`Error::Exists`]; [`Error::ReadOnly`] when the folder above it does not allow it.
    pub fn create_folder(&self, account: AccountId, path: &str) -> Result<FolderId> {
        self.write(|sql| {
            free(sql, account.0, path)?;
            if let Some((above, _)) = path.rsplit_once('/') {
                let above: Option<i64> = sql
                    .query_row(
                        "SELECT id FROM folder WHERE account = ?1 AND path = ?2",
                        params![account.0, above],
                        |row| row.get(0),
                    )
                    .optional()?;
                if let Some(above) = above
                    && !folder::rights_of_node(sql, FolderId(above))?.create
                {
                    return Err(Error::ReadOnly);
                }
            }
            sql.execute(
                "INSERT INTO folder (account, remote, path, role, selectable) VALUES (?1, ?2, ?3, ?4, 1)",
                params![account.0, stand_in(path), path, word(&FolderRole::Other)?],
            )?;
            let id = sql.last_insert_rowid();
            wait(sql, account.0, id, "create", None, None)?;
            Ok(FolderId(id))
        })
    }

    /// Gives a folder another name, or another place among the folders; those below it come along.
    ///
    /// # Errors
    /// [`Error::Exists`]; [`Error::ReadOnly`] where the user may not; [`Error::Special`] for the inbox and the other
    /// folders that have a role; [`Error::NotFound`].
    pub fn rename_folder(&self, id: FolderId, path: &str) -> Result<()> {
        self.write(|sql| {
            let node = ordinary(sql, id)?;
            if node.path == path {
                return Ok(());
            }
            free(sql, node.account, path)?;
            if path.starts_with(&format!("{}/", node.path)) {
                return Err(Error::Exists);
            }
            set_path(sql, id, &node.path, path)?;
            let is_made: bool = sql.query_row(
                "SELECT NOT EXISTS (SELECT 1 FROM intention WHERE folder = ?1 AND what = 'create' AND started = 0)",
                [id.0],
                |row| row.get(0),
            )?;
            // one that is still to be made is made under its new name
            if is_made { wait(sql, node.account, id.0, "rename", Some(&node.path), Some(path)) } else { Ok(()) }
        })
    }

    /// Removes a folder. Its messages go to the bin first, `trash`; without one only an empty folder is removed.
    /// Answers the messages that were moved.
    ///
    /// # Errors
    /// [`Error::NotEmpty`] without a bin, or when there are folders below; the others as [`Store::rename_folder`].
    pub fn remove_folder(&self, id: FolderId, trash: Option<FolderId>) -> Result<Vec<MessageId>> {
        self.write(|sql| {
            let node = ordinary(sql, id)?;
            let has_children: bool = sql.query_row(
                "SELECT EXISTS (SELECT 1 FROM folder WHERE account = ?1 AND removed = 0
                 AND substr(path, 1, length(?2) + 1) = ?2 || '/')",
                params![node.account, node.path],
                |row| row.get(0),
            )?;
            let inside = messages_in(sql, id)?;
            if has_children || (trash.is_none() && !inside.is_empty()) {
                return Err(Error::NotEmpty);
            }
            if let Some(trash) = trash {
                for message in &inside {
                    move_one(sql, *message, trash, node.account)?;
                }
            }
            sql.execute("UPDATE folder SET removed = 1 WHERE id = ?1", [id.0])?;
            wait(sql, node.account, id.0, "remove", None, None)?;
            Ok(inside)
        })
    }

    /// The server has made a folder, under this name. What a listing has told of it meanwhile becomes one with it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn folder_made(&self, intention: i64, id: FolderId, remote: &[u8]) -> Result<()> {
        self.write(|sql| {
            take(sql, intention)?;
            let listed: Option<i64> = sql
                .query_row(
                    "SELECT id FROM folder WHERE remote = ?1 AND id <> ?2
                     AND account = (SELECT account FROM folder WHERE id = ?2)",
                    params![remote, id.0],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(listed) = listed {
                become_one(sql, listed, id)?;
            }
            sql.execute("UPDATE folder SET remote = ?1 WHERE id = ?2", params![remote, id.0])?;
            Ok(())
        })
    }

    /// The server has renamed a folder, to this name, and those below it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn folder_renamed(&self, intention: i64, id: FolderId, remote: &[u8]) -> Result<()> {
        self.write(|sql| {
            take(sql, intention)?;
            let (account, path, before): (i64, String, Vec<u8>) = sql.query_row(
                "SELECT account, path, remote FROM folder WHERE id = ?1",
                [id.0],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?;
            let below = {
                let mut statement = sql.prepare(
                    "SELECT id, remote FROM folder WHERE account = ?1 AND substr(path, 1, length(?2) + 1) = ?2 || '/'",
                )?;
                let rows = statement.query_map(params![account, path], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
                })?;
                rows.collect::<rusqlite::Result<Vec<_>>>()?
            };
            let mut set = sql.prepare("UPDATE OR IGNORE folder SET remote = ?1 WHERE id = ?2")?;
            set.execute(params![remote, id.0])?;
            for (child, name) in below {
                if let Some(rest) = name.strip_prefix(before.as_slice()) {
                    set.execute(params![[remote, rest].concat(), child])?;
                }
            }
            Ok(())
        })
    }

    /// A folder that other programs have removed, with local changes waiting on it: messages moved or copied into it
    /// return to where they were, changes of messages that went with it are dropped, each with a trace; then it goes.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_folder(&self, id: FolderId, reason: &str) -> Result<()> {
        self.write(|sql| {
            abandon(sql, id, reason)?;
            sql.execute("DELETE FROM folder WHERE id = ?1", [id.0])?;
            Ok(())
        })
    }

    /// A folder that can no longer be selected: changes waiting on it are undone with a trace, what was read of it
    /// stays readable.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn close_folder(&self, id: FolderId, reason: &str) -> Result<()> {
        self.write(|sql| {
            for waiting in
                ids(sql, "SELECT id FROM intention WHERE target = ?1 OR folder = ?1 ORDER BY id", id)?
            {
                intention::fail(sql, waiting, reason)?;
            }
            Ok(())
        })
    }
}

/// Undoes what waits on a folder that is gone.
fn abandon(sql: &Connection, id: FolderId, reason: &str) -> Result<()> {
    for waiting in ids(sql, "SELECT id FROM intention WHERE target = ?1 ORDER BY id", id)? {
        intention::fail(sql, waiting, reason)?;
    }
    // what was in it is gone with it, wherever it was to go
    for waiting in
        ids(sql, "SELECT id FROM intention WHERE folder = ?1 AND message IS NOT NULL ORDER BY id", id)?
    {
        intention::fail(sql, waiting, reason)?;
    }
    sql.execute("DELETE FROM intention WHERE folder = ?1 OR target = ?1", [id.0])?;
    Ok(())
}

/// A refused creation: what was put into the folder goes back, and it is gone.
pub(super) fn not_made(sql: &Connection, id: FolderId) -> Result<()> {
    for waiting in ids(sql, "SELECT id FROM intention WHERE target = ?1 ORDER BY id", id)? {
        if let Some(waiting) = take(sql, waiting)? {
            intention::undo(sql, &waiting)?;
        }
    }
    sql.execute("DELETE FROM intention WHERE folder = ?1 OR target = ?1", [id.0])?;
    sql.execute("DELETE FROM folder WHERE id = ?1", [id.0])?;
    Ok(())
}

/// A refused removal: the folder is shown again; its messages are in the bin.
pub(super) fn not_removed(sql: &Connection, id: FolderId) -> Result<()> {
    sql.execute("UPDATE folder SET removed = 0 WHERE id = ?1", [id.0])?;
    Ok(())
}

/// The server has removed the folder.
pub(super) fn removed(sql: &Connection, id: FolderId) -> Result<()> {
    sql.execute("DELETE FROM intention WHERE folder = ?1 OR target = ?1", [id.0])?;
    sql.execute("DELETE FROM folder WHERE id = ?1 AND removed = 1", [id.0])?;
    Ok(())
}

/// Changes the shown name of a folder and of those below it.
pub(super) fn set_path(sql: &Connection, id: FolderId, from: &str, to: &str) -> Result<()> {
    sql.execute(
        "UPDATE folder SET path = ?3 || substr(path, length(?2) + 1)
         WHERE account = (SELECT account FROM folder WHERE id = ?1)
         AND (id = ?1 OR substr(path, 1, length(?2) + 1) = ?2 || '/')",
        params![id.0, from, to],
    )?;
    Ok(())
}

/// The name of a folder the server does not have yet: none of a server can be the same.
fn stand_in(path: &str) -> Vec<u8> {
    [&[0], path.as_bytes()].concat()
}

/// What a listing told of a folder made here goes into it.
pub(super) fn become_one(sql: &Connection, listed: i64, made: FolderId) -> Result<()> {
    sql.execute("UPDATE message SET folder = ?1 WHERE folder = ?2", params![made.0, listed])?;
    sql.execute("UPDATE intention SET folder = ?1 WHERE folder = ?2", params![made.0, listed])?;
    sql.execute("UPDATE intention SET target = ?1 WHERE target = ?2", params![made.0, listed])?;
    sql.execute("UPDATE marked SET folder = ?1 WHERE folder = ?2", params![made.0, listed])?;
    sql.execute(
        "UPDATE folder SET (uid_validity, highest_modseq) =
             (SELECT uid_validity, highest_modseq FROM folder WHERE id = ?2) WHERE id = ?1",
        params![made.0, listed],
    )?;
    sql.execute("DELETE FROM folder WHERE id = ?1", [listed])?;
    Ok(())
}

struct Node {
    account: i64,
    path: String,
}

/// A folder the user may rename and remove.
fn ordinary(sql: &Connection, id: FolderId) -> Result<Node> {
    let (account, path, role): (i64, String, String) = sql.query_row(
        "SELECT account, path, role FROM folder WHERE id = ?1 AND removed = 0",
        [id.0],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if role != word(&FolderRole::Other)? {
        return Err(Error::Special);
    }
    if !folder::rights_of_node(sql, id)?.delete {
        return Err(Error::ReadOnly);
    }
    Ok(Node { account, path })
}

/// Refuses a name that is taken.
fn free(sql: &Connection, account: i64, path: &str) -> Result<()> {
    let taken: bool = sql.query_row(
        "SELECT EXISTS (SELECT 1 FROM folder WHERE account = ?1 AND path = ?2)",
        params![account, path],
        |row| row.get(0),
    )?;
    if taken { Err(Error::Exists) } else { Ok(()) }
}

fn wait(
    sql: &Connection,
    account: i64,
    folder: i64,
    what: &str,
    was: Option<&str>,
    path: Option<&str>,
) -> Result<()> {
    sql.execute(
        "INSERT INTO intention (account, folder, what, flag, path) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![account, folder, what, was, path],
    )?;
    Ok(())
}

fn messages_in(sql: &Connection, id: FolderId) -> Result<Vec<MessageId>> {
    Ok(ids(sql, "SELECT id FROM message WHERE folder = ?1 ORDER BY id", id)?
        .into_iter()
        .map(MessageId)
        .collect())
}

fn ids(sql: &Connection, query: &str, folder: FolderId) -> Result<Vec<i64>> {
    let mut statement = sql.prepare_cached(query)?;
    let rows = statement.query_map([folder.0], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
