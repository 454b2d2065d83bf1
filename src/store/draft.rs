//! Local drafts, and what is known of their copies in the Drafts folders. Files are rows of their own, so that saving a
//! text again does not write its attachments again.

use ring::digest;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{from_json, json};
use super::{Error, Result, Store};
use crate::domain::UnixTime;
use crate::domain::draft::{Draft, DraftAttachment, DraftRow, Recipient};
use crate::domain::id::{AccountId, DraftId, MessageId, Uid, UidValidity};

/// How long a draft that was sent or thrown away is remembered: a copy that comes to light later is a draft again.
const REMEMBERED: i64 = 90 * 24 * 3600;
/// Words shown in the list.
const EXCERPT_WORDS: usize = 16;

/// Bytes of text and files of a draft.
const SIZE: &str = "length(json) + ifnull(
    (SELECT sum(length(content)) FROM draft_file WHERE draft_file.draft = draft.id), 0)";

/// What synchronisation needs to know of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftHead {
    /// Identifier.
    pub id: DraftId,
    /// Name on every machine; `None` until its first copy is made.
    pub identity: Option<String>,
    /// Digest of what is here.
    pub revision: String,
    /// Revision the server had last.
    pub base: Option<String>,
    /// Revision on its way to the server.
    pub pending: Option<String>,
    /// Last saved.
    pub saved_at: UnixTime,
    /// Bytes of text and files.
    pub size: u64,
    /// Nothing was written in it.
    pub is_blank: bool,
}

/// A message of the Drafts folder that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCopy {
    /// Its number.
    pub uid: Uid,
    /// What it is a copy of; `None` for one that is left alone or whose draft is gone.
    pub draft: Option<DraftId>,
    /// To be deleted on the server.
    pub is_doomed: bool,
}

/// A draft that was sent or thrown away here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneDraft {
    /// Name on every machine.
    pub identity: String,
    /// Revisions a copy of it may have.
    pub revisions: Vec<String>,
}

/// The drafts of an account and the copies known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftFolder {
    /// Drafts, oldest first.
    pub heads: Vec<DraftHead>,
    /// Copies, by number.
    pub copies: Vec<KnownCopy>,
    /// Drafts that are no more.
    pub gone: Vec<GoneDraft>,
}

/// Where a copy lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyPlace {
    /// Account.
    pub account: AccountId,
    /// UIDVALIDITY of its Drafts folder.
    pub validity: UidValidity,
    /// Number there.
    pub uid: Uid,
}

/// A draft from the Drafts folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingDraft {
    /// Name on every machine.
    pub identity: String,
    /// Digest of its content.
    pub revision: String,
    /// It was kept beside another version.
    pub conflict: bool,
    /// When it was written.
    pub saved_at: UnixTime,
    /// Content.
    pub draft: Draft,
}

/// A draft to be put into the Drafts folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftUpload {
    /// Name on every machine.
    pub identity: String,
    /// Digest of this content.
    pub revision: String,
    /// Revision the server had last.
    pub base: Option<String>,
    /// It is kept beside another version.
    pub conflict: bool,
    /// Content.
    pub draft: Draft,
}

/// Digest of the content of a draft: equal on every machine, whatever number messages and accounts have there.
pub fn revision(draft: &Draft) -> Result<String> {
    let mut context = digest::Context::new(&digest::SHA256);
    let people: [&[Recipient]; 3] = [&draft.to, &draft.cc, &draft.bcc];
    let body = draft.body.replace("\r\n", "\n");
    let text = json(&(people, &draft.subject, body.trim_end(), draft.read_receipt))?;
    context.update(text.as_bytes());
    for file in &draft.attachments {
        let content = digest::digest(&digest::SHA256, &file.content);
        context.update(json(&(&file.name, &file.media_type, content.as_ref()))?.as_bytes());
    }
    let digest = context.finish();
    let short = digest.as_ref().get(..16).unwrap_or_default();
    Ok(short.iter().map(|b| format!("{b:02x}")).collect())
}

impl Store {
    /// Keeps what is being written; `None`, or a draft that is gone, makes a new one. One that another machine replaced
    /// meanwhile is kept beside the other version.
    ///
    /// # Errors
    /// [`Error::Full`]: the draft remains as it was saved before.
    pub fn save_draft(&self, id: Option<DraftId>, draft: &Draft, now: UnixTime) -> Result<DraftId> {
        self.write(|sql| {
            let Some(id) = id else { return add(sql, draft, now, false) };
            let known: Option<String> = sql
                .prepare_cached("SELECT json FROM draft WHERE id = ?1 AND queued = 0")?
                .query_row([id.0], |row| row.get(0))
                .optional()?;
            let Some(known) = known else {
                let new = add(sql, draft, now, false)?;
                let was_replaced = sql
                    .prepare_cached(
                        "UPDATE draft SET conflict = 1 WHERE id = ?1
                                     AND EXISTS (SELECT 1 FROM draft_replaced WHERE draft = ?2)",
                    )?
                    .execute(params![new.0, id.0])?;
                if was_replaced > 0 {
                    sql.execute("DELETE FROM draft_replaced WHERE draft = ?1", [id.0])?;
                }
                return Ok(new);
            };
            if from_json::<Draft>(&known)?.account != draft.account {
                leave_account(sql, id, now)?;
            }
            sql.prepare_cached("UPDATE draft SET saved_at = ?1, json = ?2, revision = ?3 WHERE id = ?4")?
                .execute(params![now, without_files(draft)?, revision(draft)?, id.0])?;
            save_files(sql, id, &draft.attachments)?;
            Ok(id)
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

    /// Drafts as the list shows them, last saved first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn draft_rows(&self) -> Result<Vec<DraftRow>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(&format!(
                "SELECT id, json, saved_at, conflict, ifnull(revision = base, 0),
                         EXISTS (SELECT 1 FROM draft_file WHERE draft_file.draft = draft.id), {SIZE}
                     FROM draft WHERE queued = 0 ORDER BY saved_at DESC, id DESC"
            ))?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let draft: Draft = from_json(row.get_ref(1)?.as_str().map_err(|_| Error::Damaged)?)?;
                let name = |r: &&Recipient| r.name.clone().unwrap_or_else(|| r.address.to_string());
                found.push(DraftRow {
                    id: DraftId(row.get(0)?),
                    account: draft.account,
                    recipients: draft.recipients().iter().map(name).collect(),
                    excerpt: draft.body.split_whitespace().take(EXCERPT_WORDS).collect::<Vec<_>>().join(" "),
                    subject: draft.subject,
                    has_attachment: row.get(5)?,
                    saved_at: row.get(2)?,
                    conflict: row.get(3)?,
                    is_on_server: row.get(4)?,
                    is_too_large: row.get::<_, i64>(6)?.unsigned_abs() > Draft::MOST_TRAVELLING,
                });
            }
            Ok(found)
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

    /// When a draft was saved last, and the bytes of its text and files; `None` when it is gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn draft_saved(&self, id: DraftId) -> Result<Option<(UnixTime, u64)>> {
        self.read(|sql| {
            Ok(sql
                .query_row(
                    &format!("SELECT saved_at, {SIZE} FROM draft WHERE id = ?1 AND queued = 0"),
                    [id.0],
                    |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())),
                )
                .optional()?)
        })
    }

    /// Throws a draft away, here and, with the next synchronisation, on the server; one that is gone already is no
    /// error.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn delete_draft(&self, id: DraftId, now: UnixTime) -> Result<()> {
        self.write(|sql| forget(sql, id, now))
    }

    // --- copies on the server ---

    /// The drafts of an account and the copies known; copies of another UIDVALIDITY are forgotten.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn draft_folder(&self, account: AccountId, validity: Option<UidValidity>) -> Result<DraftFolder> {
        self.write(|sql| {
            if let Some(validity) = validity {
                sql.prepare_cached("DELETE FROM draft_copy WHERE account = ?1 AND validity <> ?2")?
                    .execute(params![account.0, validity.0])?;
            }
            let mut copies = sql.prepare_cached(
                "SELECT uid, draft, doomed FROM draft_copy WHERE account = ?1 ORDER BY uid",
            )?;
            let copies = copies.query_map([account.0], |row| {
                let draft: Option<i64> = row.get(1)?;
                Ok(KnownCopy { uid: Uid(row.get(0)?), draft: draft.map(DraftId), is_doomed: row.get(2)? })
            })?;
            let mut gone =
                sql.prepare_cached("SELECT identity, revisions FROM draft_gone WHERE account = ?1")?;
            let gone = gone.query_map([account.0], |row| {
                let revisions: String = row.get(1)?;
                let revisions = revisions.split_whitespace().map(str::to_owned).collect();
                Ok(GoneDraft { identity: row.get(0)?, revisions })
            })?;
            Ok(DraftFolder {
                heads: heads(sql, account)?,
                copies: copies.collect::<rusqlite::Result<_>>()?,
                gone: gone.collect::<rusqlite::Result<_>>()?,
            })
        })
    }

    /// A message of the Drafts folder that is left alone, or that is to be deleted.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_copy(&self, place: CopyPlace, is_doomed: bool) -> Result<()> {
        self.write(|sql| write_copy(sql, place, None, is_doomed))
    }

    /// The server has this revision of a draft, there; older copies of it are to be deleted, and this one too when the
    /// draft went meanwhile.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn agree_on_copy(&self, place: CopyPlace, draft: DraftId, revision: &str) -> Result<()> {
        self.write(|sql| {
            doom_copies(sql, draft)?;
            let is_there: bool = sql
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM draft WHERE id = ?1 AND queued = 0)")?
                .query_row([draft.0], |row| row.get(0))?;
            write_copy(sql, place, is_there.then_some(draft), !is_there)?;
            sql.prepare_cached("UPDATE draft SET base = ?1, pending = NULL WHERE id = ?2")?
                .execute(params![revision, draft.0])?;
            Ok(())
        })
    }

    /// Takes a draft from the server in: as a new one, or instead of one that still has the revision `seen`. It gets a
    /// number of its own, so that an editor that has the old content does not write over it. `None`, and nothing
    /// happens, when the other was changed meanwhile.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn take_draft(
        &self,
        place: CopyPlace,
        incoming: &IncomingDraft,
        replaces: Option<(DraftId, &str)>,
    ) -> Result<Option<DraftId>> {
        self.write(|sql| {
            if let Some((old, seen)) = replaces {
                let is_as_seen: bool = sql
                    .prepare_cached(
                        "SELECT EXISTS (SELECT 1 FROM draft WHERE id = ?1 AND queued = 0 AND revision = ?2)",
                    )?
                    .query_row(params![old.0, seen], |row| row.get(0))?;
                if !is_as_seen {
                    return Ok(None);
                }
                doom_copies(sql, old)?;
                sql.execute("DELETE FROM draft WHERE id = ?1", [old.0])?;
                sql.execute("INSERT OR IGNORE INTO draft_replaced (draft) VALUES (?1)", [old.0])?;
            }
            let id = add(sql, &incoming.draft, incoming.saved_at, false)?;
            sql.prepare_cached(
                "UPDATE draft SET identity = ?1, revision = ?2, base = ?2, conflict = ?3 WHERE id = ?4",
            )?
            .execute(params![incoming.identity, incoming.revision, incoming.conflict, id.0])?;
            write_copy(sql, place, Some(id), false)?;
            Ok(Some(id))
        })
    }

    /// A draft that was changed here and elsewhere goes on under a name of its own, beside the other version: its next
    /// copy is a first one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_draft_apart(&self, id: DraftId) -> Result<()> {
        self.write(|sql| {
            doom_copies(sql, id)?;
            sql.prepare_cached(
                "UPDATE draft SET identity = NULL, base = NULL, pending = NULL, conflict = 1 WHERE id = ?1",
            )?
            .execute([id.0])?;
            Ok(())
        })
    }

    /// A draft whose copy stays goes on under another name.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn rename_draft(&self, id: DraftId, identity: &str) -> Result<()> {
        self.write(|sql| {
            sql.prepare_cached("UPDATE draft SET identity = ?1, conflict = 1 WHERE id = ?2")?
                .execute(params![identity, id.0])?;
            Ok(())
        })
    }

    /// Copies that are no longer on the server. A draft that has none left was deleted elsewhere: it goes, unless it
    /// was changed here since. Answers whether any went.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn copies_gone(&self, account: AccountId, uids: &[Uid]) -> Result<bool> {
        self.write(|sql| {
            let mut drafts = Vec::new();
            for uid in uids {
                let of: Option<i64> = sql
                    .prepare_cached(
                        "DELETE FROM draft_copy WHERE account = ?1 AND uid = ?2
                         RETURNING CASE doomed WHEN 0 THEN draft END",
                    )?
                    .query_row(params![account.0, uid.0], |row| row.get(0))
                    .optional()?
                    .flatten();
                drafts.extend(of);
            }
            let mut went = false;
            for draft in drafts {
                let has_copy: bool = sql
                    .prepare_cached(
                        "SELECT EXISTS (SELECT 1 FROM draft_copy WHERE draft = ?1 AND doomed = 0)",
                    )?
                    .query_row([draft], |row| row.get(0))?;
                if has_copy {
                    continue;
                }
                went |= sql
                    .prepare_cached("DELETE FROM draft WHERE id = ?1 AND queued = 0 AND revision = base")?
                    .execute([draft])?
                    > 0;
                sql.prepare_cached("UPDATE draft SET base = NULL, pending = NULL WHERE id = ?1")?
                    .execute([draft])?;
            }
            Ok(went)
        })
    }

    /// Notes that a draft is about to be put into the Drafts folder, under `fresh` when it has no name yet. `None` when
    /// it is gone.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn begin_upload(&self, id: DraftId, fresh: &str) -> Result<Option<DraftUpload>> {
        self.write(|sql| {
            let noted = sql
                .prepare_cached(
                    "UPDATE draft SET identity = ifnull(identity, ?1), pending = revision
                     WHERE id = ?2 AND queued = 0 RETURNING identity, revision, base, conflict",
                )?
                .query_row(params![fresh, id.0], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })
                .optional()?;
            let Some((identity, revision, base, conflict)) = noted else { return Ok(None) };
            Ok(Some(DraftUpload { identity, revision, base, conflict, draft: load(sql, id)? }))
        })
    }

    /// The newest message of an account with this Message-ID.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn message_named(&self, account: AccountId, message_id: &str) -> Result<Option<MessageId>> {
        self.read(|sql| {
            Ok(sql
                .prepare_cached(
                    "SELECT id FROM message WHERE message_id = ?1 AND account = ?2 AND folder IS NOT NULL
                     ORDER BY id DESC LIMIT 1",
                )?
                .query_row(params![message_id, account.0], |row| Ok(MessageId(row.get(0)?)))
                .optional()?)
        })
    }
}

fn heads(sql: &Connection, account: AccountId) -> Result<Vec<DraftHead>> {
    let mut statement = sql.prepare_cached(&format!(
        "SELECT id, json, identity, revision, base, pending, saved_at, {SIZE}
             FROM draft WHERE queued = 0 ORDER BY id"
    ))?;
    let mut rows = statement.query([])?;
    let mut heads = Vec::new();
    while let Some(row) = rows.next()? {
        let draft: Draft = from_json(row.get_ref(1)?.as_str().map_err(|_| Error::Damaged)?)?;
        if draft.account == account {
            heads.push(head(sql, row, &draft)?);
        }
    }
    Ok(heads)
}

fn head(sql: &Connection, row: &Row<'_>, draft: &Draft) -> Result<DraftHead> {
    let id = DraftId(row.get(0)?);
    let size: i64 = row.get(7)?;
    let revision = match row.get(3)? {
        Some(revision) => revision,
        // of a version of the program that kept none
        None => {
            let revision = revision(&load(sql, id)?)?;
            sql.execute("UPDATE draft SET revision = ?1 WHERE id = ?2", params![revision, id.0])?;
            revision
        }
    };
    let has_file: bool = sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM draft_file WHERE draft = ?1)")?
        .query_row([id.0], |row| row.get(0))?;
    Ok(DraftHead {
        id,
        identity: row.get(2)?,
        revision,
        base: row.get(4)?,
        pending: row.get(5)?,
        saved_at: row.get(6)?,
        size: size.unsigned_abs(),
        is_blank: draft.is_blank() && !has_file,
    })
}

fn write_copy(sql: &Connection, place: CopyPlace, draft: Option<DraftId>, is_doomed: bool) -> Result<()> {
    sql.prepare_cached(
        "INSERT OR REPLACE INTO draft_copy (account, validity, uid, draft, doomed) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![place.account.0, place.validity.0, place.uid.0, draft.map(|d| d.0), is_doomed])?;
    Ok(())
}

fn doom_copies(sql: &Connection, draft: DraftId) -> Result<()> {
    sql.prepare_cached("UPDATE draft_copy SET doomed = 1 WHERE draft = ?1")?.execute([draft.0])?;
    Ok(())
}

/// Remembers that copies of a draft are to be deleted, those of which nothing is known yet included.
fn bury(sql: &Connection, id: DraftId, now: UnixTime) -> Result<()> {
    doom_copies(sql, id)?;
    let (text, identity, revisions): (String, Option<String>, String) = sql.query_row(
        "SELECT json, identity, ifnull(base, '') || ' ' || ifnull(pending, '') || ' ' || ifnull(revision, '')
         FROM draft WHERE id = ?1",
        [id.0],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let account = from_json::<Draft>(&text)?.account;
    if let Some(identity) = identity {
        sql.prepare_cached(
            "INSERT OR REPLACE INTO draft_gone (account, identity, revisions, at)
             SELECT id, ?2, ?3, ?4 FROM account WHERE id = ?1",
        )?
        .execute(params![account.0, identity, revisions, now])?;
    }
    sql.execute("DELETE FROM draft_gone WHERE at < ?1", [now - REMEMBERED])?;
    Ok(())
}

/// The draft is to be sent from another account: its copies in the Drafts folder of the first go.
fn leave_account(sql: &Connection, id: DraftId, now: UnixTime) -> Result<()> {
    bury(sql, id, now)?;
    sql.execute("UPDATE draft SET identity = NULL, base = NULL, pending = NULL WHERE id = ?1", [id.0])?;
    sql.execute("UPDATE draft_copy SET draft = NULL WHERE draft = ?1", [id.0])?;
    Ok(())
}

/// Removes a draft that is the user's, and has its copies deleted; one that is gone is no error.
pub(super) fn forget(sql: &Connection, id: DraftId, now: UnixTime) -> Result<()> {
    let known: bool =
        sql.query_row("SELECT EXISTS (SELECT 1 FROM draft WHERE id = ?1 AND queued = 0)", [id.0], |row| {
            row.get(0)
        })?;
    if known {
        bury(sql, id, now)?;
        sql.execute("DELETE FROM draft WHERE id = ?1", [id.0])?;
    }
    Ok(())
}

/// Adds a draft, either the user's or that of a queued message.
pub(super) fn add(sql: &Connection, draft: &Draft, now: UnixTime, queued: bool) -> Result<DraftId> {
    sql.prepare_cached("INSERT INTO draft (saved_at, queued, json, revision) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![now, queued, without_files(draft)?, revision(draft)?])?;
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
        answers: draft.answers.clone(),
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
