//! What notices told of the recipients of sent messages, and receipts given for received ones.

use rusqlite::{Connection, OptionalExtension, params};

use super::local::flag_one;
use super::outbox::enqueue;
use super::value::{from_word, word};
use super::{Error, NewOutbox, Result, Store};
use crate::domain::address::EmailAddress;
use crate::domain::id::{AccountId, MessageId, OutboxId};
use crate::domain::message::Flag;
use crate::domain::receipt::{FollowUp, Receipt};

impl Store {
    /// The message of this account that was sent under this Message-ID.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sent_as(&self, account: AccountId, message_id: &str) -> Result<Option<OutboxId>> {
        self.read(|sql| {
            Ok(sql
                .prepare_cached("SELECT id FROM outbox WHERE account = ?1 AND message_id = ?2")?
                .query_row(params![account.0, message_id], |row| Ok(OutboxId(row.get(0)?)))
                .optional()?)
        })
    }

    /// Records facts about a sent message; answers whether anything was new. One fact of each kind is kept for a
    /// recipient, the earliest: the same notice in two folders, or read again, changes nothing. Nothing else about the
    /// message changes.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add_receipts(&self, id: OutboxId, receipts: &[Receipt]) -> Result<bool> {
        self.write(|sql| {
            let mut changed = 0;
            for receipt in receipts {
                changed += sql
                    .prepare_cached(
                        "INSERT INTO receipt (outbox, address, kind, at, code, reason)
                         SELECT ?1, ?2, ?3, ?4, ?5, ?6
                         FROM outbox_recipient WHERE outbox = ?1 AND address = ?2 LIMIT 1
                         ON CONFLICT (outbox, address, kind)
                         DO UPDATE SET at = excluded.at, code = excluded.code, reason = excluded.reason
                         WHERE excluded.at < receipt.at",
                    )?
                    .execute(params![
                        id.0,
                        receipt.address.as_str(),
                        word(&receipt.kind)?,
                        receipt.at,
                        receipt.code,
                        receipt.reason
                    ])?;
            }
            Ok(changed > 0)
        })
    }

    /// Settles the request for a read receipt of a received message, once and for all, in one step: marks it (RFC 3503)
    /// and queues the receipt, if one is given. `None` when nothing was queued.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle_receipt(&self, id: MessageId, answer: Option<NewOutbox>) -> Result<Option<OutboxId>> {
        self.write(|sql| {
            if !flag_one(sql, id, Flag::MdnSent, true)? {
                return Ok(None);
            }
            match answer.map(|new| enqueue(sql, &new)) {
                // a server that keeps no keywords made us forget that it was answered
                Some(Err(Error::Exists)) | None => Ok(None),
                Some(queued) => queued.map(Some),
            }
        })
    }
}

/// Everything known about one recipient.
pub(super) fn follow_up(sql: &Connection, id: OutboxId, address: &EmailAddress) -> Result<FollowUp> {
    let mut statement = sql.prepare_cached(
        "SELECT kind, at, code, reason FROM receipt WHERE outbox = ?1 AND address = ?2 ORDER BY at, kind",
    )?;
    let mut rows = statement.query(params![id.0, address.as_str()])?;
    let mut found = FollowUp::default();
    while let Some(row) = rows.next()? {
        found.add(from_word(&row.get::<_, String>(0)?)?, row.get(1)?, row.get(2)?, row.get(3)?);
    }
    Ok(found)
}
