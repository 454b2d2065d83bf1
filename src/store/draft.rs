//! Local drafts. Files are rows of their own, so that saving a text again does not write its attachments again.

use ring::digest;
use rusqlite::{Connection, OptionalExtension, params};

use super::value::{from_json, json};
use super::{Error, Result, Store};
use crate::domain::UnixTime;
use crate::domain::draft::{Draft, DraftAttachment};
use crate::domain::id::DraftId;

impl Store {
    /// Keeps what is being written; `None`, or a draft that is gone, makes a new one.
    ///
    /// # Errors
    /// [`Error::Full`]: the draft remains as it was saved before.
    pub fn save_draft(&self, id: Option<DraftId>, draft: &Draft, now: UnixTime) -> Result<DraftId> {
        self.write(|sql| {
            if let Some(id) = id {
                let known = sql
                    .prepare_cached("UPDATE draft SET saved_at = ?1, json = ?2 WHERE id = ?3 AND queued = 0")?
                    .execute(params![now, without_files(draft)?, id.0])?;
                if known > 0 {
                    save_files(sql, id, &draft.attachments)?;
                    return Ok(id);
                }
            }
            add(sql, draft, now, false)
        })
    }

    /// Drafts, last saved first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn drafts(&self) -> Result<Vec<(DraftId, Draft)>> {
        self.read(|sql| {
            let mut statement =
                sql.prepare_cached("SELECT id FROM draft WHERE queued = 0 ORDER BY saved_at DESC, id DESC")?;
            let ids = statement
                .query_map([], |row| Ok(DraftId(row.get(0)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            ids.into_iter().map(|id| Ok((id, load(sql, id)?))).collect()
        })
    }

    /// One draft; `None` when it is gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn draft(&self, id: DraftId) -> Result<Option<Draft>> {
        self.read(|sql| {
            let known = sql
                .prepare_cached("SELECT 1 FROM draft WHERE id = ?1 AND queued = 0")?
                .query_row([id.0], |_| Ok(()))
                .optional()?;
            known.map(|()| load(sql, id)).transpose()
        })
    }

    /// Forgets a draft; one that is gone already is no error.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn delete_draft(&self, id: DraftId) -> Result<()> {
        self.write(|sql| {
            sql.execute("DELETE FROM draft WHERE id = ?1 AND queued = 0", [id.0])?;
            Ok(())
        })
    }
}

/// Adds a draft, either the user's or that of a queued message.
pub(super) fn add(sql: &Connection, draft: &Draft, now: UnixTime, queued: bool) -> Result<DraftId> {
    sql.prepare_cached("INSERT INTO draft (saved_at, queued, json) VALUES (?1, ?2, ?3)")?
        .execute(params![now, queued, without_files(draft)?])?;
    let id = DraftId(sql.last_insert_rowid());
    save_files(sql, id, &draft.attachments)?;
    Ok(id)
}

/// Reads a draft with its files.
pub(super) fn load(sql: &Connection, id: DraftId) -> Result<Draft> {
    let text: String =
        sql.prepare_cached("SELECT json FROM draft WHERE id = ?1")?.query_row([id.0], |row| row.get(0))?;
    let mut draft: Draft = from_json(&text)?;
    let mut statement = sql.prepare_cached(
        "SELECT name, media_type, content FROM draft_file WHERE draft = ?1 ORDER BY position",
    )?;
    let files = statement.query_map([id.0], |row| {
        Ok(DraftAttachment { name: row.get(0)?, media_type: row.get(1)?, content: row.get(2)? })
    })?;
    draft.attachments = files.collect::<rusqlite::Result<_>>()?;
    Ok(draft)
}

/// Removes the drafts of queued messages that are gone.
pub(super) fn drop_orphans(sql: &Connection) -> Result<()> {
    sql.execute("DELETE FROM draft WHERE queued = 1 AND id NOT IN (SELECT draft FROM outbox)", [])?;
    Ok(())
}

fn without_files(draft: &Draft) -> Result<String> {
    let bare = Draft {
        account: draft.account,
        to: draft.to.clone(),
        cc: draft.cc.clone(),
        bcc: draft.bcc.clone(),
        subject: draft.subject.clone(),
        body: draft.body.clone(),
        attachments: Vec::new(),
        read_receipt: draft.read_receipt,
        origin: draft.origin,
    };
    json(&bare)
}

fn save_files(sql: &Connection, id: DraftId, files: &[DraftAttachment]) -> Result<()> {
    let count = i64::try_from(files.len()).map_err(|_| Error::TooLarge)?;
    sql.prepare_cached("DELETE FROM draft_file WHERE draft = ?1 AND position >= ?2")?
        .execute(params![id.0, count])?;
    for (position, file) in (0i64..).zip(files) {
        let digest = digest::digest(&digest::SHA256, &file.content);
        sql.prepare_cached(
            "INSERT INTO draft_file (draft, position, name, media_type, digest, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (draft, position) DO UPDATE SET name = excluded.name, media_type = excluded.media_type,
                 digest = excluded.digest, content = excluded.content
             WHERE (name, media_type, digest) IS NOT (excluded.name, excluded.media_type, excluded.digest)",
        )?
        .execute(params![id.0, position, file.name, file.media_type, digest.as_ref(), file.content])?;
    }
    Ok(())
}
