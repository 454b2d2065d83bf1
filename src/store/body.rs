//! Bodies: kept compressed, with their text in the index.

use rusqlite::{Connection, OptionalExtension, params};

use super::search::{Indexed, index};
use super::value::{from_json, word};
use super::{Error, Result, Store};
use crate::domain::id::{AccountId, FolderId, MessageId, Uid};
use crate::domain::message::MessageKind;

/// A fetched message.
pub struct NewBody {
    /// Which.
    pub id: MessageId,
    /// The whole message as the server gave it.
    pub raw: Vec<u8>,
    /// Text to search in, names of attachments included.
    pub text: String,
    /// Kind, now that the content is known.
    pub kind: MessageKind,
    /// It has an attachment.
    pub has_attachment: bool,
}

/// Favours speed: mail is fetched faster than it can be compressed harder.
const LEVEL: i32 = 1;

impl Store {
    /// Stores bodies, all in one transaction: hand over many at a time. Messages removed meanwhile are passed over.
    ///
    /// # Errors
    /// [`Error::Full`], with nothing of this call stored.
    pub fn save_body(&self, bodies: &[NewBody]) -> Result<()> {
        // outside the transaction: the writer is not held while compressing
        let packed = bodies
            .iter()
            .map(|body| Ok(zstd::bulk::compress(&body.raw, LEVEL)?))
            .collect::<Result<Vec<_>>>()?;
        self.write(|sql| {
            let mut entries = Vec::with_capacity(bodies.len());
            for (body, packed) in bodies.iter().zip(&packed) {
                let known: Option<(i64, String)> = sql
                    .prepare_cached(
                        "SELECT order_key, json FROM message JOIN envelope ON envelope.message = message.id
                         WHERE id = ?1",
                    )?
                    .query_row([body.id.0], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                let Some((key, envelope)) = known else { continue };
                keep(sql, body, packed)?;
                entries.push((key, Indexed::headers(&from_json(&envelope)?).with_body(&body.text)));
            }
            index(sql, entries, true)
        })
    }

    /// The raw message; `None` while it is not downloaded.
    ///
    /// # Errors
    /// [`Error::Damaged`] when it cannot be unpacked.
    pub fn raw(&self, id: MessageId) -> Result<Option<Vec<u8>>> {
        let packed: Option<(u32, Vec<u8>)> = self.read(|sql| {
            Ok(sql
                .prepare_cached("SELECT size, raw FROM body WHERE message = ?1")?
                .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?)
        })?;
        packed
            .map(|(size, raw)| zstd::bulk::decompress(&raw, size as usize).map_err(|_| Error::Damaged))
            .transpose()
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

fn keep(sql: &Connection, body: &NewBody, packed: &[u8]) -> Result<()> {
    let size = i64::try_from(body.raw.len()).map_err(|_| Error::TooLarge)?;
    sql.prepare_cached(
        "INSERT INTO body (message, size, raw) VALUES (?1, ?2, ?3)
         ON CONFLICT (message) DO UPDATE SET size = excluded.size, raw = excluded.raw",
    )?
    .execute(params![body.id.0, size, packed])?;
    sql.prepare_cached("UPDATE message SET downloaded = 1, kind = ?1, has_attachment = ?2 WHERE id = ?3")?
        .execute(params![word(&body.kind)?, body.has_attachment, body.id.0])?;
    Ok(())
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
