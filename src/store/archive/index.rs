//! What is in the archive, to be found without its disk: rows as those of a list, and the same full-text index as for
//! messages, with keys below zero, which no search of the mailboxes reaches.

use std::collections::HashSet;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::insert::order_key;
use super::super::search::{Columns, Folded, archived_keys, index};
use super::super::value::{from_json, from_word, json, word};
use super::super::{Result, Store};
use crate::domain::UnixTime;
use crate::domain::address::Mailbox;
use crate::domain::archived::{ArchivedId, ArchivedRow};
use crate::domain::fold::fold;
use crate::domain::message::{Envelope, Flags, MessageKind, split_subject};
use crate::domain::search::{Fact, Query, Topic};

/// A message of the archive that is not known yet.
pub struct NewArchived {
    /// SHA-256 of its source.
    pub digest: [u8; 32],
    /// Number of the segment it is in.
    pub segment: u32,
    /// Address of the mailbox.
    pub account: String,
    /// Folder it was in.
    pub folder: String,
    /// Date of the message, else of its arrival.
    pub date: UnixTime,
    /// Flags it had.
    pub flags: Flags,
    /// Header fields.
    pub envelope: Envelope,
    /// Kind.
    pub kind: MessageKind,
    /// It has an attachment.
    pub has_attachment: bool,
    /// What it is about.
    pub topic: Topic,
    /// A result is out of its bounds.
    pub abnormal: bool,
    /// Names, birth dates and INS of its patients.
    pub names: String,
    /// Text of the message and of its documents.
    pub text: String,
}

const COLUMNS: &str =
    "id, date, account, folder, sender, subject, topic, kind, abnormal, has_attachment, flags";

/// No message of a mailbox is the same one: by its source as archived, or by its Message-ID, for another station may have
/// moved it since; without one by its date and subject.
const NOT_HERE: &str = "digest NOT IN (SELECT digest FROM archived)
    AND (message_id IS NULL OR NOT EXISTS (SELECT 1 FROM message WHERE message.message_id = archive_entry.message_id
        AND message.folder IS NOT NULL))
    AND (message_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM message
        WHERE order_key BETWEEN archive_entry.date << 28 AND (archive_entry.date << 28) + (1 << 28) - 1
        AND message.message_id IS NULL AND message.subject = archive_entry.subject AND message.folder IS NOT NULL))";

impl Store {
    /// Digests of the messages of the archive that can be found.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn archive_index(&self) -> Result<HashSet<[u8; 32]>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached("SELECT digest FROM archive_entry")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Makes messages of the archive findable; one that is known only gets its segment.
    ///
    /// # Errors
    /// [`super::super::Error::Full`]: nothing of this call is stored then.
    pub fn index_archived(&self, found: &[NewArchived]) -> Result<()> {
        let texts: Vec<Folded> = found.iter().map(|entry| Folded::of(&entry.text)).collect();
        self.write_refetchable(|sql| {
            let mut entries = Vec::with_capacity(found.len());
            for (entry, text) in found.iter().zip(&texts) {
                if let Some(key) = add(sql, entry)? {
                    let columns = Columns::of(&entry.envelope).with_patients(&entry.names);
                    entries.push((key, columns, Some(text)));
                }
            }
            index(sql, entries)
        })
    }

    /// Forgets messages that turned out not to be in the archive.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn unindex_archived(&self, gone: &[[u8; 32]]) -> Result<()> {
        self.write(|sql| {
            let mut statement = sql.prepare_cached("DELETE FROM archive_entry WHERE digest = ?1")?;
            gone.iter().try_for_each(|digest| statement.execute([digest]).map(drop))?;
            Ok(())
        })
    }

    /// Messages of the archive that no mailbox holds any more and that answer a search, newest first; all of them for an
    /// empty one. Answers how many there are and the rows asked for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn search_archive(&self, query: &Query, window: Range<u32>) -> Result<(u32, Vec<ArchivedRow>)> {
        self.read(|sql| {
            let mut one = sql.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM archive_entry WHERE key = ?1 AND {NOT_HERE}"
            ))?;
            let (mut total, mut rows) = (0_u32, Vec::new());
            for key in archived_keys(sql, query)? {
                let Some(found) = one.query_row([key], |r| Ok(row(r))).optional()? else { continue };
                let found = found?;
                if !query.filters.iter().all(|f| has(&found, &f.fact) != f.is_excluded) {
                    continue;
                }
                if window.contains(&total) {
                    rows.push(found);
                }
                total = total.saturating_add(1);
            }
            Ok((total, rows))
        })
    }

    /// One message of the archive, with its digest and segment.
    ///
    /// # Errors
    /// [`super::super::Error::NotFound`].
    pub fn archived_row(&self, id: ArchivedId) -> Result<(ArchivedRow, [u8; 32], u32)> {
        self.read(|sql| {
            let mut one = sql.prepare_cached(&format!(
                "SELECT {COLUMNS}, digest, segment FROM archive_entry WHERE id = ?1"
            ))?;
            let (found, digest, segment) = one.query_row([id.0], |r| Ok((row(r), r.get(11)?, r.get(12)?)))?;
            Ok((found?, digest, segment))
        })
    }

    /// A message of this Message-ID and date is in the archive.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_in_archive(&self, message_id: &str, date: UnixTime) -> Result<bool> {
        self.read(|sql| {
            Ok(sql
                .prepare_cached("SELECT 1 FROM archive_entry WHERE message_id = ?1 AND date = ?2")?
                .exists(params![message_id, date])?)
        })
    }
}

/// The key of an entry that is new.
fn add(sql: &Connection, entry: &NewArchived) -> Result<Option<i64>> {
    let known = sql
        .prepare_cached("UPDATE archive_entry SET segment = ?2 WHERE digest = ?1")?
        .execute(params![entry.digest, entry.segment])?;
    if known > 0 {
        return Ok(None);
    }
    let sender = entry.envelope.from.first().cloned().unwrap_or_default();
    let id: i64 = sql
        .prepare_cached(
            "INSERT INTO archive_entry (key, digest, segment, account, folder, date, sender, subject, message_id,
                 topic, kind, abnormal, has_attachment, flags)
             VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) RETURNING id",
        )?
        .query_row(
            params![
                entry.digest,
                entry.segment,
                entry.account,
                entry.folder,
                entry.date,
                json(&sender)?,
                entry.envelope.subject,
                entry.envelope.message_id,
                entry.topic.word(),
                word(&entry.kind)?,
                entry.abnormal,
                entry.has_attachment,
                json(&entry.flags)?,
            ],
            |row| row.get(0),
        )?;
    let key = i64::MIN + order_key(entry.date, id);
    sql.prepare_cached("UPDATE archive_entry SET key = ?2 WHERE id = ?1")?.execute(params![id, key])?;
    Ok(Some(key))
}

fn row(row: &Row<'_>) -> Result<ArchivedRow> {
    let (sender, subject): (String, String) = (row.get(4)?, row.get(5)?);
    let (topic, kind, flags): (String, String, String) = (row.get(6)?, row.get(7)?, row.get(10)?);
    let (subject, patient) = split_subject(&subject);
    Ok(ArchivedRow {
        id: ArchivedId(row.get(0)?),
        date: row.get(1)?,
        account: row.get(2)?,
        folder: row.get(3)?,
        from: from_json::<Mailbox>(&sender)?,
        subject,
        patient,
        topic: Topic::of_word(&topic).unwrap_or_default(),
        kind: from_word(&kind)?,
        abnormal: row.get(8)?,
        has_attachment: row.get(9)?,
        flags: from_json(&flags)?,
    })
}

fn has(row: &ArchivedRow, fact: &Fact) -> bool {
    match fact {
        Fact::Unread => !row.flags.seen,
        Fact::Flagged => row.flags.flagged,
        Fact::Abnormal => row.abnormal,
        Fact::Attachment => row.has_attachment,
        Fact::Topic(topic) => row.topic == *topic,
        Fact::Folder(name) => {
            let path = fold(&row.folder);
            path.starts_with(name) || path.rsplit('/').next().is_some_and(|last| last.starts_with(name))
        }
        Fact::Dated { from, before } => {
            from.is_none_or(|from| row.date >= from) && before.is_none_or(|before| row.date < before)
        }
    }
}
