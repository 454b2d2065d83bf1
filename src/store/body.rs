//! Bodies: kept compressed, with their text in the index.

use rusqlite::{Connection, OptionalExtension, Row, params};
use zeroize::Zeroizing;

use super::content::{Files, Ticket};
use super::pack::{PACKING, Packed};
use super::search::{Columns, Folded, index, unindex};
use super::value::{from_json, word};
use super::{NewMention, Result, Store, content, patient};
use crate::domain::UnixTime;
use crate::domain::id::{AccountId, FolderId, MessageId, Uid};
use crate::domain::message::MessageKind;
use crate::domain::search::Topic;

/// A fetched message, made ready outside the store: the writer is not held while compressing and folding.
pub struct NewBody {
    id: MessageId,
    packed: Packed,
    text: Folded,
    kind: MessageKind,
    has_attachment: bool,
    opened: Option<Opened>,
    /// Its file, once it has one: then `packed` is empty.
    file: Option<Ticket>,
}

/// What the documents of a message say, once they were looked into.
#[derive(Default)]
pub struct Opened {
    /// Digest of the source: the same for copies of the message, and when it is fetched again. Asked for with mentions only.
    pub source: [u8; 32],
    /// There is a critical result among them.
    pub alarm: bool,
    /// A result is out of its bounds.
    pub abnormal: bool,
    /// What they are about.
    pub topic: Topic,
    /// Names, birth dates and INS of the patients they name, to search in.
    pub names: String,
    /// The patients they name.
    pub mentions: Vec<NewMention>,
}

impl NewBody {
    /// Prepares a message: `raw` as the server gave it, `text` to search in with the names of attachments, kind and
    /// whether it has an attachment now that the content is known.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above 4 GB; [`Error::Io`] when memory is short.
    pub fn new(
        id: MessageId,
        raw: &[u8],
        text: &str,
        kind: MessageKind,
        has_attachment: bool,
    ) -> Result<Self> {
        Ok(Self::packed(id, Packed::of(raw)?, text, kind, has_attachment))
    }

    /// As [`NewBody::new`] of a source packed before.
    pub fn packed(
        id: MessageId,
        packed: Packed,
        text: &str,
        kind: MessageKind,
        has_attachment: bool,
    ) -> Self {
        let packed = packed.without_decoded();
        Self { id, packed, text: Folded::of(text), kind, has_attachment, opened: None, file: None }
    }

    /// Its documents were looked into. A critical result stays an alarm until it is acknowledged.
    #[must_use]
    pub fn opened(mut self, opened: Option<Opened>) -> Self {
        self.opened = opened;
        self
    }

    /// Its critical results were seen elsewhere.
    #[must_use]
    pub fn without_alarm(mut self) -> Self {
        if let Some(opened) = &mut self.opened {
            opened.alarm = false;
        }
        self
    }

    /// The same content, of this message.
    pub(super) fn of_message(self, id: MessageId) -> Self {
        Self { id, ..self }
    }

    /// Bytes it takes in the store.
    pub fn weight(&self) -> usize {
        self.packed.bytes.len()
    }
}

impl Store {
    /// Writes a large content to its file, which frees its memory; of a small one, or in memory, nothing is done. To be
    /// saved, or given up, by [`Store::save_body`].
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Io`].
    pub fn place(&self, body: &mut NewBody) -> Result<()> {
        let Some(files) = &self.0.files else { return Ok(()) };
        if body.file.is_none() && body.packed.bytes.len() >= content::LEAST {
            body.file = Some(files.write(std::mem::take(&mut body.packed.bytes))?);
        }
        Ok(())
    }

    /// Stores bodies, all in one transaction: hand over many at a time. Messages removed meanwhile are passed over.
    ///
    /// # Errors
    /// [`Error::Full`], with nothing of this call stored.
    pub fn save_body(&self, mut bodies: Vec<NewBody>) -> Result<()> {
        let placed = bodies.iter_mut().try_for_each(|body| self.place(body));
        let saved = placed.and_then(|()| self.write_refetchable(|sql| save(sql, &bodies)));
        if let Some(files) = &self.0.files {
            files.settle(bodies.iter().filter_map(|body| body.file.as_ref()), saved.is_ok());
        }
        saved
    }

    /// Keeps what a later look into the documents of messages found, with the text to search in: see
    /// [`Store::unopened`]. Messages removed meanwhile are passed over.
    ///
    /// # Errors
    /// [`Error::Full`], with nothing of this call stored.
    pub fn save_opened(&self, found: &[(MessageId, String, Option<Opened>)]) -> Result<()> {
        let folded: Vec<Folded> = found.iter().map(|(_, text, _)| Folded::of(text)).collect();
        self.write_refetchable(|sql| {
            let mut entries = Vec::with_capacity(found.len());
            for ((id, _, opened), text) in found.iter().zip(&folded) {
                let known: Option<(i64, String, bool)> = sql
                    .prepare_cached(
                        "SELECT order_key, json, indexed FROM message JOIN envelope ON envelope.message = message.id
                         WHERE id = ?1",
                    )?
                    .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .optional()?;
                let Some((key, envelope, indexed)) = known else { continue };
                match opened {
                    Some(opened) => keep_opened(sql, *id, opened)?,
                    // they cannot be read: nor will they be next time
                    None => patient::opened(sql, *id)?,
                }
                if indexed {
                    unindex(sql, key)?;
                }
                sql.prepare_cached("UPDATE message SET indexed = 1 WHERE id = ?1")?.execute([id.0])?;
                let names = opened.as_ref().map_or("", |opened| opened.names.as_str());
                let columns = Columns::of(&from_json(&envelope)?).with_patients(names);
                entries.push((key, columns, Some(text)));
            }
            index(sql, entries)
        })
    }

    /// The raw message; `None` while it is not downloaded. One whose file was lost counts as not downloaded from then on.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it cannot be unpacked; [`Error::Io`] when its file cannot be read.
    pub fn raw(&self, id: MessageId) -> Result<Option<Vec<u8>>> {
        let kept = self.read(|sql| {
            Ok(sql
                .prepare_cached("SELECT size, raw, packing, file, file_key FROM body WHERE message = ?1")?
                .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, ticket(row)?)))
                .optional()?)
        })?;
        let Some((size, mut packed, packing, ticket)): Option<(u32, Vec<u8>, u32, Option<Ticket>)> = kept
        else {
            return Ok(None);
        };
        if let (Some(ticket), Some(files)) = (&ticket, &self.0.files) {
            match files.read(ticket, Packed::longest(size))? {
                Some(content) => packed = content,
                None => {
                    self.write_refetchable(|sql| forget(sql, &ticket.name))?;
                    return Ok(None);
                }
            }
        }
        Packed::open(&packed, size, packing).map(Some)
    }

    /// Compares the files of large contents with the database: those it does not know are removed, and messages whose
    /// file is missing count as not downloaded. After a crash either may be.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn tidy_contents(&self) -> Result<()> {
        let Some(files) = &self.0.files else { return Ok(()) };
        self.write_refetchable(|sql| {
            let mut found = files.names()?;
            let known = sql
                .prepare_cached("SELECT file FROM body INDEXED BY body_file WHERE file IS NOT NULL")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<[u8; 16]>>>()?;
            for name in known {
                if !found.remove(&name) {
                    forget(sql, &name)?;
                }
            }
            files.remove_strays(found)
        })
    }

    /// Somebody says that they saw the critical results of a message; answers whether there was an alarm. Traced.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn acknowledge(&self, id: MessageId, at: UnixTime) -> Result<bool> {
        self.write(|sql| {
            let changed = sql.execute(
                "UPDATE alarm SET acknowledged = ?2 WHERE message = ?1 AND acknowledged IS NULL",
                params![id.0, at],
            )?;
            if changed > 0 {
                sql.execute(
                    "INSERT INTO trace (at, kind, account, message_id)
                     SELECT ?2, 'alarm-acknowledged', account, message_id FROM message WHERE id = ?1",
                    params![id.0, at],
                )?;
            }
            Ok(changed > 0)
        })
    }

    /// Messages whose body is not here and which are at most `max_size` bytes: the inbox first, newest first. Each with
    /// its folder, UID and size.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn missing_bodies(
        &self,
        account: AccountId,
        limit: u32,
        max_size: u64,
    ) -> Result<Vec<(MessageId, FolderId, Uid, u64)>> {
        let largest = i64::try_from(max_size).unwrap_or(i64::MAX);
        self.read(|sql| {
            let inbox: Option<i64> = sql
                .prepare_cached(
                    "SELECT id FROM folder WHERE account = ?1 AND role = 'inbox' ORDER BY path LIMIT 1",
                )?
                .query_row([account.0], |row| row.get(0))
                .optional()?;
            let inbox = inbox.unwrap_or(-1);
            let mut found = missing(sql, "folder = ?1 AND ?2 > 0", (inbox, inbox), largest, limit)?;
            let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            let elsewhere = "account = ?1 AND folder <> ?2";
            found.extend(missing(sql, elsewhere, (account.0, inbox), largest, left)?);
            Ok(found)
        })
    }

    /// Messages of an account and how many of them have their body here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn body_counts(&self, account: AccountId) -> Result<(u64, u64)> {
        self.read(|sql| {
            let (total, downloaded): (i64, i64) = sql
                .prepare_cached(
                    "SELECT ifnull(sum(total), 0), ifnull(sum(downloaded), 0) FROM folder WHERE account = ?1",
                )?
                .query_row([account.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok((total.unsigned_abs(), downloaded.unsigned_abs()))
        })
    }
}

/// See [`Store::save_body`].
pub(super) fn save(sql: &Connection, bodies: &[NewBody]) -> Result<()> {
    let mut entries = Vec::with_capacity(bodies.len());
    for body in bodies {
        let known: Option<(i64, String, bool)> = sql
            .prepare_cached(
                "SELECT order_key, json, indexed FROM message JOIN envelope ON envelope.message = message.id
                 WHERE id = ?1",
            )?
            .query_row([body.id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((key, envelope, indexed)) = known else {
            if let Some(file) = &body.file {
                sql.execute("INSERT INTO doomed_file (name) VALUES (?1)", [file.name])?;
            }
            continue;
        };
        if indexed {
            unindex(sql, key)?;
        }
        keep(sql, body)?;
        let names = body.opened.as_ref().map_or("", |opened| opened.names.as_str());
        let columns = Columns::of(&from_json(&envelope)?).with_patients(names);
        entries.push((key, columns, Some(&body.text)));
    }
    index(sql, entries)
}

fn keep(sql: &Connection, body: &NewBody) -> Result<()> {
    // not as one statement: for the sake of what it might have to take back SQLite keeps a copy of every page it changes;
    // an error in any of these takes back the whole transaction
    sql.prepare_cached("DELETE FROM body WHERE message = ?1")?.execute([body.id.0])?;
    sql.prepare_cached(
        "INSERT INTO body (message, size, raw, packing, file, file_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        body.id.0,
        body.packed.size,
        body.packed.bytes,
        PACKING,
        body.file.as_ref().map(|file| file.name),
        body.file.as_ref().map(|file| *file.key)
    ])?;
    let opened = body.opened.as_ref();
    sql.prepare_cached(
        "UPDATE OR ROLLBACK message SET downloaded = 1, kind = ?1, has_attachment = ?2, indexed = 1, topic = ?3,
             abnormal = ?4
         WHERE id = ?5",
    )?
    .execute(params![
        word(&body.kind)?,
        body.has_attachment,
        opened.map_or(Topic::of(body.kind, &[]), |opened| opened.topic).word(),
        opened.is_some_and(|opened| opened.abnormal),
        body.id.0
    ])?;
    opened.map_or(Ok(()), |opened| keep_found(sql, body.id, opened))
}

/// The file of a row of `body`, in its fourth and fifth columns.
fn ticket(row: &Row<'_>) -> rusqlite::Result<Option<Ticket>> {
    let Some(name) = row.get(3)? else { return Ok(None) };
    Ok(Some(Ticket { name, key: Zeroizing::new(row.get(4)?) }))
}

/// Messages whose content was in a file that is lost are to be fetched again.
fn forget(sql: &Connection, name: &[u8; 16]) -> Result<()> {
    let gone = sql
        .prepare_cached("DELETE FROM body WHERE file = ?1 RETURNING message")?
        .query_map([name], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    for message in gone {
        sql.prepare_cached("UPDATE message SET downloaded = 0 WHERE id = ?1")?.execute([message])?;
    }
    Ok(())
}

/// Removes the files of rows that are gone, and then the memory of them.
pub(super) fn remove_doomed(sql: &Connection, files: &Files) -> Result<()> {
    loop {
        let names = sql
            .prepare_cached("SELECT name FROM doomed_file LIMIT 500")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<Vec<[u8; 16]>>>()?;
        if names.is_empty() {
            return Ok(());
        }
        names.iter().try_for_each(|name| files.remove(name))?;
        let transaction = sql.unchecked_transaction()?;
        for name in &names {
            transaction.prepare_cached("DELETE FROM doomed_file WHERE name = ?1")?.execute([name])?;
        }
        transaction.commit()?;
    }
}

fn keep_opened(sql: &Connection, id: MessageId, opened: &Opened) -> Result<()> {
    sql.prepare_cached("UPDATE message SET topic = ?1, abnormal = ?2 WHERE id = ?3")?.execute(params![
        opened.topic.word(),
        opened.abnormal,
        id.0
    ])?;
    keep_found(sql, id, opened)
}

fn keep_found(sql: &Connection, id: MessageId, opened: &Opened) -> Result<()> {
    if opened.alarm {
        // read again, it is no new alarm
        sql.prepare_cached("INSERT OR IGNORE INTO alarm (message) VALUES (?1)")?.execute([id.0])?;
    }
    patient::keep(sql, id, &opened.source, &opened.mentions)
}

fn missing(
    sql: &Connection,
    which: &str,
    place: (i64, i64),
    largest: i64,
    limit: u32,
) -> Result<Vec<(MessageId, FolderId, Uid, u64)>> {
    let mut statement = sql.prepare_cached(&format!(
        "SELECT id, folder, uid, size FROM message
         WHERE {which} AND downloaded = 0 AND uid IS NOT NULL AND size <= ?3 ORDER BY order_key DESC LIMIT ?4"
    ))?;
    let rows = statement.query_map(params![place.0, place.1, largest, limit], |row| {
        let size: i64 = row.get(3)?;
        Ok((MessageId(row.get(0)?), FolderId(row.get(1)?), Uid(row.get(2)?), size.unsigned_abs()))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
