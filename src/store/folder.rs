//! Folders and their state of synchronisation.

use rusqlite::{Connection, OptionalExtension, Row, params};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::value::{from_word, word};
use super::{Error, Result, Store};
use crate::domain::UnixTime;
use crate::domain::folder::{Folder, FolderRole, Namespace, Rights};
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
    /// Whose it is.
    pub namespace: Namespace,
    /// The server's identifier that outlives a rename (MAILBOXID, RFC 8474), where it gives one.
    pub mailbox_id: Option<String>,
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
    /// When the rights were asked for; `None` when never.
    pub rights_at: Option<UnixTime>,
}

impl FolderState {
    /// The server has it; false for a folder made here that it was not told of yet.
    pub fn is_on_server(&self) -> bool {
        self.remote.first() != Some(&0)
    }
}

const COLUMNS: &str = "id, account, path, role, selectable, total, unread, namespace, rights, read_only, remote, uid_validity, \
     highest_modseq, rights_at, \
     EXISTS (SELECT 1 FROM watched_folder WHERE watched_folder.folder = folder.id)";

impl Store {
    /// Stores the server's listing. Folders it lacks are removed with their messages, unless local changes wait on
    /// them.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn save_folders(&self, account: AccountId, listing: &[FolderRecord]) -> Result<FolderChanges> {
        self.write_refetchable(|sql| {
            let mut changes = FolderChanges::default();
            let mut known = known_folders(sql, account)?;
            let renaming = names_being_changed(sql, account)?;
            for record in listing {
                let role = word(&record.role)?;
                let namespace = word(&record.namespace)?;
                let here = known.iter().position(|k| k.remote == record.remote);
                // made here and there under one name
                let here =
                    here.or_else(|| known.iter().position(|k| k.is_stand_in() && k.path == record.path));
                if let Some(at) = here {
                    let folder = known.swap_remove(at);
                    let keeps_path = renaming.iter().any(|n| is_at_or_below(&folder.path, n));
                    let path = if keeps_path { &folder.path } else { &record.path };
                    sql.prepare_cached(
                        "UPDATE folder SET remote = ?1, path = ?2, role = ?3, selectable = ?4, namespace = ?5,
                         mailbox_id = ifnull(?6, mailbox_id) WHERE id = ?7",
                    )?
                    .execute(params![
                        record.remote,
                        path,
                        role,
                        record.selectable,
                        namespace,
                        record.mailbox_id,
                        folder.id.0
                    ])?;
                    continue;
                }
                // a server that lists a name twice means one folder
                let added = sql
                    .prepare_cached(
                        "INSERT INTO folder (account, remote, path, role, selectable, namespace, mailbox_id)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (account, remote) DO NOTHING",
                    )?
                    .execute(params![
                        account.0,
                        record.remote,
                        record.path,
                        role,
                        record.selectable,
                        namespace,
                        record.mailbox_id
                    ])?;
                if added > 0 {
                    changes.added.push(FolderId(sql.last_insert_rowid()));
                }
            }
            known.retain(|folder| !folder.is_stand_in());
            for Known { id, .. } in known {
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

    /// Folders of every account with their counts, in display order: account, own and shared, role,
    /// path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn folders(&self) -> Result<Vec<Folder>> {
        self.read(|sql| {
            let mut statement =
                sql.prepare_cached(&format!("SELECT {COLUMNS} FROM folder WHERE removed = 0"))?;
            let mut rows = statement.query([])?;
            let mut folders = Vec::new();
            while let Some(row) = rows.next()? {
                folders.push(folder(row)?);
            }
            folders.sort_by_cached_key(|f| {
                (f.account, f.namespace, display_rank(f.role), sort_key(&f.path), f.id)
            });
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
            state(
                sql,
                "account = ?1 AND role = ?2 AND removed = 0 ORDER BY path LIMIT 1",
                params![account.0, role],
            )
        })
    }

    /// The folders of an account a new listing lacks, and what it has that is not known here: one may be the other
    /// under a new name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn compare_folders(
        &self,
        account: AccountId,
        listing: &[FolderRecord],
    ) -> Result<(Vec<FolderState>, Vec<FolderRecord>)> {
        self.read(|sql| {
            let known = known_folders(sql, account)?;
            let is_listed = |k: &Known| listing.iter().any(|record| record.remote == k.remote);
            let mut missing = Vec::new();
            for folder in known.iter().filter(|k| !k.is_stand_in() && !is_listed(k)) {
                missing.extend(state(sql, "id = ?1", params![folder.id.0])?);
            }
            let is_known = |r: &FolderRecord| {
                known.iter().any(|k| k.remote == r.remote || (k.is_stand_in() && k.path == r.path))
            };
            let new = listing.iter().filter(|r| !is_known(r)).cloned().collect();
            Ok((missing, new))
        })
    }

    /// The MAILBOXID a folder had when it was last listed.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn mailbox_id(&self, id: FolderId) -> Result<Option<String>> {
        self.read(|sql| {
            Ok(sql.query_row("SELECT mailbox_id FROM folder WHERE id = ?1", [id.0], |row| row.get(0))?)
        })
    }

    /// Another program gave the folder this name.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn follow_rename(&self, id: FolderId, record: &FolderRecord) -> Result<()> {
        self.write(|sql| {
            sql.execute(
                "UPDATE folder SET remote = ?1, path = ?2 WHERE id = ?3",
                params![record.remote, record.path, id.0],
            )?;
            Ok(())
        })
    }

    /// Some messages of a folder, newest first, with UID, Message-ID and size: enough to recognise it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sample(&self, id: FolderId, most: u32) -> Result<Vec<(Uid, Option<String>, u64)>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT uid, message_id, size FROM message WHERE folder = ?1 AND uid IS NOT NULL
                 ORDER BY uid DESC LIMIT ?2",
            )?;
            let rows = statement.query_map(params![id.0, most], |row| {
                let size: i64 = row.get(2)?;
                Ok((Uid(row.get(0)?), row.get(1)?, size.unsigned_abs()))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Records what MYRIGHTS answered (RFC 4314), and when.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_rights(&self, id: FolderId, letters: &str, at: UnixTime) -> Result<()> {
        self.write_refetchable(|sql| {
            sql.execute(
                "UPDATE folder SET rights = ?1, rights_at = ?2 WHERE id = ?3",
                params![letters, at, id.0],
            )?;
            Ok(())
        })
    }

    /// Records whether SELECT said READ-ONLY; true when that is new.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_read_only(&self, id: FolderId, read_only: bool) -> Result<bool> {
        let is_so: bool = self.read(|sql| {
            Ok(sql.query_row("SELECT read_only FROM folder WHERE id = ?1", [id.0], |row| row.get(0))?)
        })?;
        if is_so == read_only {
            return Ok(false);
        }
        self.write(|sql| {
            sql.execute("UPDATE folder SET read_only = ?1 WHERE id = ?2", params![read_only, id.0])?;
            Ok(true)
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
        self.write_refetchable(|sql| {
            let changed = sql.execute(
                "UPDATE folder SET uid_validity = ?1, highest_modseq = ?2 WHERE id = ?3",
                params![uid_validity.0, modseq, id.0],
            )?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
    }

    /// The server renumbered the folder (new UIDVALIDITY): forgets every UID. Messages and bodies stay; [`Store::insert`]
    /// recognises them by Message-ID (by the header, where there is none) and size, and [`Store::forget_unclaimed`] removes those that did not come back.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn reset_folder(&self, id: FolderId) -> Result<()> {
        self.write(|sql| {
            sql.execute("UPDATE message SET uid = NULL WHERE folder = ?1", [id.0])?;
            sql.execute("UPDATE intention SET uid = NULL WHERE folder = ?1", [id.0])?;
            // where a copy may have gone must be looked for everywhere
            sql.execute(
                "UPDATE intention SET uid_next = 1 WHERE target = ?1 AND uid_next IS NOT NULL",
                [id.0],
            )?;
            sql.execute("DELETE FROM marked WHERE folder = ?1", [id.0])?;
            sql.execute(
                "UPDATE folder SET uid_validity = NULL, highest_modseq = NULL WHERE id = ?1",
                [id.0],
            )?;
            Ok(())
        })
    }
}

struct Known {
    id: FolderId,
    remote: Vec<u8>,
    path: String,
}

impl Known {
    fn is_stand_in(&self) -> bool {
        self.remote.first() == Some(&0)
    }
}

fn known_folders(sql: &Connection, account: AccountId) -> Result<Vec<Known>> {
    let mut statement = sql.prepare_cached("SELECT id, remote, path FROM folder WHERE account = ?1")?;
    let rows = statement.query_map([account.0], |row| {
        Ok(Known { id: FolderId(row.get(0)?), remote: row.get(1)?, path: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Names of folders the server still has under another one.
fn names_being_changed(sql: &Connection, account: AccountId) -> Result<Vec<String>> {
    let mut statement = sql.prepare_cached(
        "SELECT folder.path FROM intention JOIN folder ON folder.id = intention.folder
         WHERE intention.account = ?1 AND what = 'rename'",
    )?;
    let rows = statement.query_map([account.0], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What the user may do in a folder.
pub(super) fn rights(sql: &Connection, id: FolderId) -> Result<Rights> {
    let (selectable, letters, read_only): (bool, Option<String>, bool) = sql
        .prepare_cached("SELECT selectable, rights, read_only FROM folder WHERE id = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rights_from(selectable, letters.as_deref(), read_only))
}

/// What the user may do to a folder and below it, whether it holds messages or not.
pub(super) fn rights_of_node(sql: &Connection, id: FolderId) -> Result<Rights> {
    let letters: Option<String> =
        sql.prepare_cached("SELECT rights FROM folder WHERE id = ?1")?.query_row([id.0], |row| row.get(0))?;
    Ok(rights_from(true, letters.as_deref(), false))
}

fn rights_from(selectable: bool, letters: Option<&str>, read_only: bool) -> Rights {
    let rights = letters.map_or(Rights::ALL, Rights::from_letters);
    if selectable && !read_only {
        return rights;
    }
    Rights { create: rights.create, delete: rights.delete, ..Rights::NONE }
}

fn folder(row: &Row<'_>) -> Result<Folder> {
    let selectable = row.get(4)?;
    let letters: Option<String> = row.get(8)?;
    Ok(Folder {
        id: FolderId(row.get(0)?),
        account: AccountId(row.get(1)?),
        path: row.get(2)?,
        role: from_word(row.get_ref(3)?.as_str().map_err(|_| Error::Damaged)?)?,
        selectable,
        total: row.get(5)?,
        unread: row.get(6)?,
        namespace: from_word(row.get_ref(7)?.as_str().map_err(|_| Error::Damaged)?)?,
        rights: rights_from(selectable, letters.as_deref(), row.get(9)?),
        watched: row.get(14)?,
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
        remote: row.get(10)?,
        rights_at: row.get(13)?,
        uid_validity: row.get::<_, Option<u32>>(11)?.map(UidValidity),
        highest_modseq: row.get::<_, Option<i64>>(12)?.and_then(|m| u64::try_from(m).ok()),
        highest_uid: highest.map(Uid),
        folder,
    }))
}

/// As a French reader looks for a name: "À classer" under A.
fn sort_key(path: &str) -> (String, String) {
    let lower = path.to_lowercase();
    (lower.nfd().filter(|c| !is_combining_mark(*c)).collect(), lower)
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
