//! Messages arriving from the server: headers first.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::intention::number_changes;
use super::search::{Columns, index};
use super::value::{json, word};
use super::{Error, Result, Store};
use crate::domain::UnixTime;
use crate::domain::address::Mailbox;
use crate::domain::id::{AccountId, FolderId, MessageId, Uid};
use crate::domain::message::{Envelope, Flags, MessageKind};
use crate::domain::search::Topic;

/// A message whose headers are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// UID in the folder; `None` for a message the server has not numbered for us yet.
    pub uid: Option<Uid>,
    /// Header fields.
    pub envelope: Envelope,
    /// Flags on the server.
    pub flags: Flags,
    /// When the server received it (INTERNALDATE).
    pub internal_date: UnixTime,
    /// Size on the server in bytes.
    pub size: u64,
    /// Kind, as far as headers tell.
    pub kind: MessageKind,
    /// It has an attachment, as far as headers tell.
    pub has_attachment: bool,
}

/// Bits of `order_key` below the date.
pub(super) const ID_BITS: u32 = 28;

/// Newest first by date, then by identifier, in one integer. Dates outside 1970 to about 3058 are brought inside.
pub(super) fn order_key(date: UnixTime, id: i64) -> i64 {
    (date.clamp(0, (1 << 35) - 1) << ID_BITS) | (id & ((1 << ID_BITS) - 1))
}

impl Store {
    /// Stores messages of a folder and indexes their headers. Answers those that are new here, in the given order; a
    /// UID known already, or one a local change waits on, is left as it is. A message whose UID was forgotten, or
    /// that was moved here without the server telling its UID, is recognised by Message-ID and size, by its whole
    /// header and size where it has no Message-ID, and takes the UID.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown folder.
    pub fn insert(&self, folder: FolderId, messages: &[NewMessage]) -> Result<Vec<MessageId>> {
        self.insert_with(folder, messages, true, |_, _| Ok(()))
    }

    /// As [`Store::insert`] of messages whose bodies are fetched next: the index takes each with its body, once, or later
    /// by [`Store::index_listed`]. Until then a search reads the headers themselves.
    ///
    /// # Errors
    /// As [`Store::insert`].
    pub fn insert_unindexed(&self, folder: FolderId, messages: &[NewMessage]) -> Result<Vec<MessageId>> {
        self.insert_with(folder, messages, false, |_, _| Ok(()))
    }

    /// Inserts, and in the same step does `also` with what is new.
    pub(super) fn insert_with(
        &self,
        folder: FolderId,
        messages: &[NewMessage],
        indexed: bool,
        also: impl FnOnce(&Connection, &[MessageId]) -> Result<()>,
    ) -> Result<Vec<MessageId>> {
        self.write_refetchable(|sql| {
            let account: i64 = sql
                .prepare_cached("SELECT account FROM folder WHERE id = ?1")?
                .query_row([folder.0], |row| row.get(0))?;
            let mut next: i64 = sql
                .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'message'")?
                .query_row([], |row| row.get(0))
                .optional()?
                .unwrap_or(0);
            let mut new = Vec::new();
            let mut entries = Vec::new();
            for message in messages {
                if already_here(sql, folder, message)? {
                    continue;
                }
                next += 1;
                let id = MessageId(next);
                let key = add(sql, AccountId(account), folder, id, message, indexed)?;
                if indexed {
                    entries.push((key, Columns::of(&message.envelope), None));
                }
                new.push(id);
            }
            index(sql, entries)?;
            also(sql, &new)?;
            Ok(new)
        })
    }

    /// Removes messages of a folder that have no UID and that no local change waits on: what a renumbered folder did
    /// not bring back. To be called when the whole folder has been listed and inserted.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_unclaimed(&self, folder: FolderId) -> Result<Vec<MessageId>> {
        self.write(|sql| {
            sql.execute(
                "DELETE FROM intention WHERE folder = ?1 AND uid IS NULL AND what <> 'append' AND NOT EXISTS (
                     SELECT 1 FROM intention earlier WHERE earlier.message IN (intention.message, intention.source)
                     AND earlier.id < intention.id AND earlier.target = ?1)
                 AND message IS NOT NULL",
                [folder.0],
            )?;
            let mut statement = sql.prepare_cached(
                "DELETE FROM message WHERE uid IS NULL AND (folder = ?1 OR folder IS NULL) AND NOT EXISTS (
                     SELECT 1 FROM intention WHERE intention.message = message.id
                     AND (message.folder IS NULL OR intention.target = ?1))
                 RETURNING id",
            )?;
            let ids = statement.query_map([folder.0], |row| Ok(MessageId(row.get(0)?)))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Whether a message from the server is one we have, giving it its UID where that was missing.
fn already_here(sql: &Connection, folder: FolderId, message: &NewMessage) -> Result<bool> {
    let Some(uid) = message.uid else { return Ok(false) };
    let known: bool = sql
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM message WHERE folder = ?1 AND uid = ?2)
             OR EXISTS (SELECT 1 FROM intention WHERE folder = ?1 AND uid = ?2)
             OR EXISTS (SELECT 1 FROM marked WHERE folder = ?1 AND uid = ?2)",
        )?
        .query_row(params![folder.0, uid.0], |row| row.get(0))?;
    if known {
        return Ok(true);
    }
    let same = Same::of(message)?;
    Ok(claim_by_intention(sql, folder, uid, &same)? || claim(sql, folder, uid, &same, message)?)
}

/// What a message is recognised by: Message-ID and size, or the whole header and size where it has no Message-ID.
struct Same {
    /// The SQL condition, with the word as `?1` and the size as `?2`.
    condition: &'static str,
    word: String,
    size: i64,
}

impl Same {
    fn of(message: &NewMessage) -> Result<Self> {
        let (condition, word) = match &message.envelope.message_id {
            Some(id) => ("message.message_id = ?1 AND message.size = ?2", id.clone()),
            None => (
                "message.message_id IS NULL AND message.size = ?2
                 AND EXISTS (SELECT 1 FROM envelope WHERE envelope.message = message.id AND envelope.json = ?1)",
                json(&message.envelope)?,
            ),
        };
        Ok(Self { condition, word, size: size(message.size)? })
    }
}

/// Gives its UID to a message of this folder that lacks one.
fn claim(sql: &Connection, folder: FolderId, uid: Uid, same: &Same, message: &NewMessage) -> Result<bool> {
    let found: Option<i64> = sql
        .prepare_cached(&format!(
            "SELECT id FROM message WHERE {} AND folder = ?3 AND uid IS NULL
             AND NOT EXISTS (SELECT 1 FROM intention WHERE intention.message = message.id AND target = ?3)
             ORDER BY id LIMIT 1",
            same.condition
        ))?
        .query_row(params![same.word, same.size, folder.0], |row| row.get(0))
        .optional()?;
    let Some(id) = found else { return Ok(false) };
    sql.prepare_cached("UPDATE message SET uid = ?1 WHERE id = ?2")?.execute(params![uid.0, id])?;
    number_changes(sql, MessageId(id), folder, uid)?;
    super::message::overwrite_flags(sql, MessageId(id), &message.flags)?;
    Ok(true)
}

/// Gives its UID to a change that waits for it, of a message that has left this folder locally.
fn claim_by_intention(sql: &Connection, folder: FolderId, uid: Uid, same: &Same) -> Result<bool> {
    let found: Option<i64> = sql
        .prepare_cached(&format!(
            "SELECT message.id FROM intention JOIN message ON message.id = intention.message
             WHERE intention.folder = ?3 AND intention.uid IS NULL
             AND (message.folder IS NOT ?3 OR EXISTS (SELECT 1 FROM intention back
                  WHERE back.message = message.id AND back.id > intention.id AND back.target = ?3))
             AND intention.what NOT IN ('copy', 'append') AND {}
             AND NOT EXISTS (SELECT 1 FROM intention earlier WHERE earlier.message = message.id
                             AND earlier.id < intention.id AND earlier.target = ?3)
             ORDER BY intention.id LIMIT 1",
            same.condition
        ))?
        .query_row(params![same.word, same.size, folder.0], |row| row.get(0))
        .optional()?;
    let Some(id) = found else { return Ok(false) };
    number_changes(sql, MessageId(id), folder, uid)?;
    Ok(true)
}

/// Writes one message and answers its key in the search index.
pub(super) fn add(
    sql: &Transaction<'_>,
    account: AccountId,
    folder: FolderId,
    id: MessageId,
    message: &NewMessage,
    indexed: bool,
) -> Result<i64> {
    let envelope = &message.envelope;
    let date = envelope.date.unwrap_or(message.internal_date);
    let key = order_key(date, id.0);
    let nobody = Mailbox::default();
    let from = envelope.from.first().unwrap_or(&nobody);
    let to = envelope.to.first().unwrap_or(&nobody);
    let flags = &message.flags;
    let thread = super::thread::of(sql, envelope)?;
    sql.prepare_cached(
        "INSERT INTO message (id, account, folder, uid, order_key, date, size, seen, answered, flagged, deleted,
             draft, keywords, kind, has_attachment, message_id, from_name, from_address, to_name, to_address, subject,
             indexed, topic, thread)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
             ?22, ?23, ?24)",
    )?
    .execute(params![
        id.0,
        account.0,
        folder.0,
        message.uid.map(|u| u.0),
        key,
        date,
        size(message.size)?,
        flags.seen,
        flags.answered,
        flags.flagged,
        flags.deleted,
        flags.draft,
        flags.keywords.join(" "),
        word(&message.kind)?,
        message.has_attachment,
        envelope.message_id,
        from.name,
        from.address,
        to.name,
        to.address,
        envelope.subject,
        indexed,
        Topic::of(message.kind, &[]).word(),
        thread,
    ])?;
    // not by a trigger: for the sake of one SQLite keeps a copy of every page that an insertion changes
    sql.prepare_cached("UPDATE folder SET total = total + 1, unread = unread + ?2 WHERE id = ?1")?
        .execute(params![folder.0, !flags.seen])?;
    sql.prepare_cached("INSERT INTO envelope (message, json) VALUES (?1, ?2)")?
        .execute(params![id.0, json(envelope)?])?;
    Ok(key)
}

/// A size as a column.
fn size(bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(|_| Error::TooLarge)
}
