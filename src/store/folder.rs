//! Folders and their state of synchronisation.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{from_word, word};
use super::{Error, Result, Store};
use crate::domain::folder::{Folder, FolderRole};
use crate::domain::id::{AccountId, FolderId, Uid, UidValidity};

/// A folder as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderRecord {
    /// Name exactly as the server sends it.
    pub remote: Vec<u8>,
    /// Decoded name, components separated by `/`.
    pub path: String,
    /// What it is for.
    pub role: FolderRole,
    /// False for a node that only holds other folders.
    pub selectable: bool,
}

/// What a new listing changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderChanges {
    /// New here.
    pub added: Vec<FolderId>,
    /// Gone from the server, removed with their messages.
    pub removed: Vec<FolderId>,
    /// Gone from the server, kept because local changes wait on them.
    pub kept: Vec<FolderId>,
}

/// A folder with what synchronisation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderState {
    /// As shown.
    pub folder: Folder,
    /// Name exactly as the server sends it.
    pub remote: Vec<u8>,
    /// UIDVALIDITY the stored UIDs belong to; `None` before the first synchronisation.
    pub uid_validity: Option<UidValidity>,
    /// HIGHESTMODSEQ (RFC 7162) of the last complete synchronisation.
    pub highest_modseq: Option<u64>,
    /// Highest UID known here, local changes included.
    pub highest_uid: Option<Uid>,
}

const COLUMNS: &str = "id, account, path, role, selectable, total, unread, remote, uid_validity, highest_modseq, \
     EXISTS (SELECT 1 FROM watched_folder WHERE watched_folder.folder = folder.id)";

impl Store {
    /// Stores the server's listing. Folders it lacks are removed with their messages, unless local changes wait on
    /// them.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn save_folders(&self, account: AccountId, listing: &[FolderRecord]) -> Result<FolderChanges> {
        self.write(|sql| {
            let mut changes = FolderChanges::default();
            let mut known = known_folders(sql, account)?;
            for record in listing {
                let role = word(&record.role)?;
                if let Some(at) = known.iter().position(|(_, remote)| *remote == record.remote) {
                    let (id, _) = known.swap_remove(at);
                    sql.prepare_cached("UPDATE folder SET path = ?1, role = ?2, selectable = ?3 WHERE id = ?4")?
                        .execute(params![record.path, role, record.selectable, id.0])?;
                    continue;
                }
                // a server that lists a name twice means one folder
                let added = sql
                    .prepare_cached(
                        "INSERT INTO folder (account, remote, path, role, selectable) VALUES (?1, ?2, ?3, ?4, ?5)
                         ON CONFLICT (account, remote) DO NOTHING",
                    )?
                    .execute(params![account.0, record.remote, record.path, role, record.selectable])?;
                if added > 0 {
                    changes.added.push(FolderId(sql.last_insert_rowid()));
                }
            }
            for (id, _) in known {
                let awaited: bool = sql.query_row(
                    "SELECT EXISTS (SELECT 1 FROM intention WHERE folder = ?1 OR target = ?1)
                     OR EXISTS (SELECT 1 FROM message JOIN intention ON intention.message = message.id
                                WHERE message.folder = ?1)",
                    [id.0],
                    |row| row.get(0),
                )?;
                if awaited {
                    changes.kept.push(id);
                } else {
                    sql.execute("DELETE FROM folder WHERE id = ?1", [id.0])?;
                    changes.removed.push(id);
                }
            }
            Ok(changes)
        })
    }

    /// Folders of every account with their counts, in display order: account, role, path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn folders(&self) -> Result<Vec<Folder>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(&format!("SELECT {COLUMNS} FROM folder"))?;
            let mut rows = statement.query([])?;
            let mut folders = Vec::new();
            while let Some(row) = rows.next()? {
                folders.push(folder(row)?);
            }
            folders.sort_by_cached_key(|f| (f.account, display_rank(f.role), f.path.to_lowercase(), f.id));
            Ok(folders)
        })
    }

    /// One folder.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn folder(&self, id: FolderId) -> Result<FolderState> {
        self.read(|sql| state(sql, "id = ?1", params![id.0])?.ok_or(Error::NotFound))
    }

    /// The folder of an account with this role; the first by path where there are several.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn folder_by_role(&self, account: AccountId, role: FolderRole) -> Result<Option<FolderState>> {
        let role = word(&role)?;
        self.read(|sql| {
            state(sql, "account = ?1 AND role = ?2 ORDER BY path LIMIT 1", params![account.0, role])
        })
    }

    /// Marks a folder as one the user wants to be told of at once, or no more.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn watch_folder(&self, id: FolderId, on: bool) -> Result<()> {
        self.write(|sql| {
            let known: bool =
                sql.query_row("SELECT EXISTS (SELECT 1 FROM folder WHERE id = ?1)", [id.0], |row| {
                    row.get(0)
                })?;
            if !known {
                return Err(Error::NotFound);
            }
            let change = if on {
                "INSERT OR IGNORE INTO watched_folder (folder) VALUES (?1)"
            } else {
                "DELETE FROM watched_folder WHERE folder = ?1"
            };
            sql.execute(change, [id.0])?;
            Ok(())
        })
    }

    /// Records how far a synchronisation got.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn set_sync_state(
        &self,
        id: FolderId,
        uid_validity: UidValidity,
        highest_modseq: Option<u64>,
    ) -> Result<()> {
        // a mod-sequence has 63 bits (RFC 7162 §3.1)
        let modseq = highest_modseq.and_then(|m| i64::try_from(m).ok());
        self.write(|sql| {
            let changed = sql.execute(
                "UPDATE folder SET uid_validity = ?1, highest_modseq = ?2 WHERE id = ?3",
                params![uid_validity.0, modseq, id.0],
            )?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
    }

    /// The server renumbered the folder (new UIDVALIDITY): forgets every UID. Messages and bodies stay; [`Store::insert`]
    /// recognises them by Message-ID and size, and [`Store::forget_unclaimed`] removes those that did not come back.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn reset_folder(&self, id: FolderId) -> Result<()> {
        self.write(|sql| {
            sql.execute("UPDATE message SET uid = NULL WHERE folder = ?1", [id.0])?;
            sql.execute("UPDATE intention SET uid = NULL WHERE folder = ?1", [id.0])?;
            sql.execute(
                "UPDATE folder SET uid_validity = NULL, highest_modseq = NULL WHERE id = ?1",
                [id.0],
            )?;
            Ok(())
        })
    }
}

fn known_folders(sql: &Connection, account: AccountId) -> Result<Vec<(FolderId, Vec<u8>)>> {
    let mut statement = sql.prepare_cached("SELECT id, remote FROM folder WHERE account = ?1")?;
    let rows = statement.query_map([account.0], |row| Ok((FolderId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn folder(row: &Row<'_>) -> Result<Folder> {
    Ok(Folder {
        id: FolderId(row.get(0)?),
        account: AccountId(row.get(1)?),
        path: row.get(2)?,
        role: from_word(row.get_ref(3)?.as_str().map_err(|_| Error::Damaged)?)?,
        selectable: row.get(4)?,
        total: row.get(5)?,
        unread: row.get(6)?,
        watched: row.get(10)?,
    })
}

fn state(sql: &Connection, which: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Option<FolderState>> {
    let mut statement = sql.prepare_cached(&format!("SELECT {COLUMNS} FROM folder WHERE {which}"))?;
    let mut rows = statement.query(values)?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let folder = folder(row)?;
    let highest: Option<u32> = sql
        .prepare_cached(
            "SELECT max(uid) FROM (SELECT max(uid) AS uid FROM message WHERE folder = ?1 AND uid IS NOT NULL
                 UNION ALL SELECT max(uid) FROM intention WHERE folder = ?1)",
        )?
        .query_row([folder.id.0], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(Some(FolderState {
        remote: row.get(7)?,
        uid_validity: row.get::<_, Option<u32>>(8)?.map(UidValidity),
        highest_modseq: row.get::<_, Option<i64>>(9)?.and_then(|m| u64::try_from(m).ok()),
        highest_uid: highest.map(Uid),
        folder,
    }))
}

fn display_rank(role: FolderRole) -> u8 {
    match role {
        FolderRole::Inbox => 0,
        FolderRole::Other => 1,
        FolderRole::Drafts => 2,
        FolderRole::Sent => 3,
        FolderRole::Archive => 4,
        FolderRole::Junk => 5,
        FolderRole::Trash => 6,
    }
}
