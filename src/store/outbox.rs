//! Messages on their way out.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{from_json, from_word, json, word};
use super::{Error, Result, Store, draft, receipt};
use crate::domain::UnixTime;
use crate::domain::address::EmailAddress;
use crate::domain::draft::{Draft, Recipient};
use crate::domain::id::{AccountId, DraftId, FolderId, OutboxId, Uid, UidValidity};
use crate::domain::outbox::{OutboxEntry, OutboxRecipient, OutboxState, RecipientState};

/// A message to send, complete.
pub struct NewOutbox {
    /// Sending account.
    pub account: AccountId,
    /// Message-ID without brackets.
    pub message_id: String,
    /// Subject.
    pub subject: String,
    /// The message as it will be handed to the server.
    pub raw: Vec<u8>,
    /// Everyone it goes to, Bcc included.
    pub recipients: Vec<Recipient>,
    /// Not to be sent before.
    pub not_before: UnixTime,
    /// When the user sent it.
    pub queued_at: UnixTime,
    /// What it was made from, to be given back when it is cancelled.
    pub draft: Draft,
}

/// A message in Sent that we filed, and that the server filed as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledTwice {
    /// Which.
    pub id: OutboxId,
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// Where our copy went.
    pub ours: (UidValidity, Uid),
}

const COLUMNS: &str =
    "id, account, message_id, subject, queued_at, not_before, state, trouble, server_reply, length(raw)";

impl Store {
    /// Writes a message to be sent. When this returns, it is on disk.
    ///
    /// # Errors
    /// [`Error::Exists`] when a message with this Message-ID is there.
    pub fn queue(&self, new: NewOutbox) -> Result<OutboxId> {
        self.write(|sql| enqueue(sql, &new))
    }

    /// As [`Store::queue`], and the draft it was written in leaves the drafts in the same step.
    ///
    /// # Errors
    /// As [`Store::queue`].
    pub fn queue_draft(&self, from: DraftId, new: NewOutbox) -> Result<OutboxId> {
        self.write(|sql| {
            let id = enqueue(sql, &new)?;
            draft::forget(sql, from, new.queued_at)?;
            Ok(id)
        })
    }

    /// Every message, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox(&self) -> Result<Vec<OutboxEntry>> {
        self.read(|sql| entries(sql, "1 ORDER BY queued_at DESC, id DESC", params![]))
    }

    /// One message; `None` when it is gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox_entry(&self, id: OutboxId) -> Result<Option<OutboxEntry>> {
        self.read(|sql| Ok(entries(sql, "id = ?1", params![id.0])?.pop()))
    }

    /// The message as it is handed to the server.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn outbox_raw(&self, id: OutboxId) -> Result<Vec<u8>> {
        self.read(|sql| Ok(sql.query_row("SELECT raw FROM outbox WHERE id = ?1", [id.0], |row| row.get(0))?))
    }

    /// The draft it was made from.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn outbox_draft(&self, id: OutboxId) -> Result<Draft> {
        self.read(|sql| draft::load(sql, draft_of(sql, id)?))
    }

    /// Records where a message stands. `trouble` is an error code with the server's words where there are any; `None`
    /// clears both.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn set_outbox_state(
        &self,
        id: OutboxId,
        state: OutboxState,
        trouble: Option<(&str, Option<&str>)>,
    ) -> Result<()> {
        let state = word(&state)?;
        let (code, reply) = trouble.map_or((None, None), |(code, reply)| (Some(code), reply));
        self.write(|sql| {
            let changed = sql.execute(
                "UPDATE outbox SET state = ?1, trouble = ?2, server_reply = ?3 WHERE id = ?4",
                params![state, code, reply, id.0],
            )?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
    }

    /// Takes a queued message for sending: true when it was still queued and is now `Sending`. After this it can no
    /// longer be taken back; the trouble of an earlier attempt is forgotten, so that what stands there is of this one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn begin_sending(&self, id: OutboxId) -> Result<bool> {
        self.write(|sql| {
            let taken = sql.execute(
                "UPDATE outbox SET state = 'sending', trouble = NULL, server_reply = NULL, handed = 0
                     WHERE id = ?1 AND state = 'queued'",
                [id.0],
            )?;
            Ok(taken > 0)
        })
    }

    /// The server has the whole message but its end: from now on it may have left. False when it is no longer being
    /// sent.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn hand_over(&self, id: OutboxId) -> Result<bool> {
        self.write(|sql| {
            let changed =
                sql.execute("UPDATE outbox SET handed = 1 WHERE id = ?1 AND state = 'sending'", [id.0])?;
            Ok(changed > 0)
        })
    }

    /// At start: what was being sent when the program ended is queued again, due now, when its end was not handed over;
    /// else nobody knows whether it left, and its trouble becomes `unknown`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn recover_sending(&self, now: UnixTime, unknown: &str) -> Result<()> {
        self.write(|sql| {
            sql.execute(
                "UPDATE outbox SET state = 'queued', not_before = ?1 WHERE state = 'sending' AND handed = 0",
                [now],
            )?;
            sql.execute("UPDATE outbox SET trouble = ?1 WHERE state = 'sending'", [unknown])?;
            Ok(())
        })
    }

    /// The user knows that a message arrived: it counts as sent to everybody it was not refused for, and its copy is
    /// filed. False when that was no question.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle(&self, id: OutboxId, now: UnixTime) -> Result<bool> {
        self.write(|sql| {
            let known = entries(sql, "id = ?1", params![id.0])?.pop().ok_or(Error::NotFound)?;
            if !known.can_settle() {
                return Ok(false);
            }
            for recipient in known.recipients.iter().filter(|r| matches!(r.state, RecipientState::Waiting)) {
                write_recipient(sql, id, &recipient.address, &RecipientState::Accepted)?;
            }
            sql.execute(
                "UPDATE outbox SET state = 'sent-unfiled', trouble = NULL, server_reply = NULL, sent_at = ?1
                 WHERE id = ?2",
                params![now, id.0],
            )?;
            Ok(true)
        })
    }

    /// When the server took a message; `None` when that is not known.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn sent_at(&self, id: OutboxId) -> Result<Option<UnixTime>> {
        self.read(|sql| {
            Ok(sql.query_row("SELECT sent_at FROM outbox WHERE id = ?1", [id.0], |row| row.get(0))?)
        })
    }

    /// Notes that a copy is about to be filed; answers whether that was noted before, by an attempt whose end is not
    /// known.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn begin_filing(&self, id: OutboxId, now: UnixTime) -> Result<bool> {
        self.write(|sql| {
            let begun = sql.execute(
                "UPDATE outbox SET filed_at = ?1 WHERE id = ?2 AND filed_at IS NULL",
                params![now, id.0],
            )?;
            Ok(begun == 0)
        })
    }

    /// A copy was to be filed, here or in an earlier run.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn has_begun_filing(&self, id: OutboxId) -> Result<bool> {
        self.read(|sql| {
            Ok(sql.query_row("SELECT filed_at IS NOT NULL FROM outbox WHERE id = ?1", [id.0], |row| {
                row.get(0)
            })?)
        })
    }

    /// The message is filed, in one step with where our copy went; `None` when it is not ours or the server did not
    /// say.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn filed(&self, id: OutboxId, ours: Option<(UidValidity, Uid)>) -> Result<()> {
        let (validity, uid) = ours.map_or((None, None), |(validity, uid)| (Some(validity.0), Some(uid.0)));
        self.write(|sql| {
            let changed = sql.execute(
                "UPDATE outbox SET state = 'done', trouble = NULL, server_reply = NULL, filed_validity = ?1,
                     filed_uid = ?2 WHERE id = ?3",
                params![validity, uid, id.0],
            )?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
    }

    /// Messages filed by us since `since` of which the Sent folder, as last synchronised, holds another copy.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn filed_twice(
        &self,
        account: AccountId,
        sent: FolderId,
        since: UnixTime,
    ) -> Result<Vec<FiledTwice>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT id, message_id, filed_validity, filed_uid FROM outbox
                 WHERE account = ?1 AND state = 'done' AND filed_at >= ?3 AND filed_uid IS NOT NULL
                 AND EXISTS (SELECT 1 FROM message WHERE message.message_id = outbox.message_id
                             AND message.folder = ?2 AND message.uid <> outbox.filed_uid)",
            )?;
            let rows = statement.query_map(params![account.0, sent.0, since], |row| {
                Ok(FiledTwice {
                    id: OutboxId(row.get(0)?),
                    message_id: row.get(1)?,
                    ours: (UidValidity(row.get(2)?), Uid(row.get(3)?)),
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Our copy in Sent is gone, or no longer counts as ours.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn unfiled(&self, id: OutboxId) -> Result<()> {
        self.write(|sql| {
            sql.execute("UPDATE outbox SET filed_validity = NULL, filed_uid = NULL WHERE id = ?1", [id.0])?;
            Ok(())
        })
    }

    /// Puts a message back in the queue, due now, by the user's order: false when a server has it or it is being sent at
    /// this moment.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn requeue(&self, id: OutboxId, now: UnixTime) -> Result<bool> {
        self.write(|sql| {
            let changed = sql.execute(
                "UPDATE outbox SET state = 'queued', trouble = NULL, server_reply = NULL, not_before = ?1
                 WHERE id = ?2 AND (state IN ('queued', 'refused', 'needs-user')
                                    OR (state = 'sending' AND trouble = 'answer-unknown'))",
                params![now, id.0],
            )?;
            Ok(changed > 0)
        })
    }

    /// Ends an attempt that sent nothing: the message waits until `not_before`, or for the user where `to` says so,
    /// with the code of what was wrong and the server's words. One that is no longer in state `from` is left alone (it
    /// was taken back, or sent by another): false then.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn end_attempt(
        &self,
        id: OutboxId,
        (from, to): (OutboxState, OutboxState),
        not_before: UnixTime,
        (code, reply): (&str, Option<&str>),
    ) -> Result<bool> {
        let (from, to) = (word(&from)?, word(&to)?);
        self.write(|sql| {
            let changed = sql.execute(
                "UPDATE outbox SET state = ?1, trouble = ?2, server_reply = ?3, not_before = ?4
                 WHERE id = ?5 AND state = ?6",
                params![to, code, reply, not_before, id.0, from],
            )?;
            Ok(changed > 0)
        })
    }

    /// The server took the message for these recipients: one step, so that no crash leaves half of it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn sent(&self, id: OutboxId, accepted: &[EmailAddress], now: UnixTime) -> Result<()> {
        self.write(|sql| {
            for address in accepted {
                write_recipient(sql, id, address, &RecipientState::Accepted)?;
            }
            let changed = sql.execute(
                "UPDATE outbox SET state = 'sent-unfiled', trouble = NULL, server_reply = NULL, sent_at = ?2
                 WHERE id = ?1",
                params![id.0, now],
            )?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
    }

    /// Makes every postponed message due now: the card, the network or the password is back.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn hurry(&self, account: AccountId, now: UnixTime) -> Result<bool> {
        self.write(|sql| {
            let changed = sql.execute(
                "UPDATE outbox SET not_before = ?1
                 WHERE account = ?2 AND state = 'queued' AND trouble IS NOT NULL AND not_before > ?1",
                params![now, account.0],
            )?;
            Ok(changed > 0)
        })
    }

    /// Takes a message back that no server has: it leaves the outbox and its draft returns to the drafts, in one step.
    ///
    /// # Errors
    /// [`Error::TooLate`] when it is being sent or was sent; [`Error::NotFound`].
    pub fn take_back(&self, id: OutboxId, now: UnixTime) -> Result<DraftId> {
        self.write(|sql| {
            let entry = entries(sql, "id = ?1", params![id.0])?.pop().ok_or(Error::NotFound)?;
            if !entry.can_cancel() {
                return Err(Error::TooLate);
            }
            let draft = draft_of(sql, id)?;
            sql.execute("DELETE FROM outbox WHERE id = ?1", [id.0])?;
            sql.execute("UPDATE draft SET queued = 0, saved_at = ?1 WHERE id = ?2", params![now, draft.0])?;
            Ok(draft)
        })
    }

    /// Sets the time before which a message is not sent: later after a failure, now when the user asks.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn set_not_before(&self, id: OutboxId, at: UnixTime) -> Result<()> {
        self.write(|sql| {
            let changed =
                sql.execute("UPDATE outbox SET not_before = ?1 WHERE id = ?2", params![at, id.0])?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
    }

    /// Records what became of one recipient.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn set_recipient(&self, id: OutboxId, address: &EmailAddress, state: &RecipientState) -> Result<()> {
        self.write(|sql| {
            let changed = write_recipient(sql, id, address, state)?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
    }

    /// Forgets a message and its draft, whatever its state.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_outbox(&self, id: OutboxId) -> Result<()> {
        self.write(|sql| {
            sql.execute("DELETE FROM outbox WHERE id = ?1", [id.0])?;
            draft::drop_orphans(sql)
        })
    }

    /// The queued messages whose time has come, longest waiting first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due(&self, now: UnixTime) -> Result<Vec<OutboxEntry>> {
        self.read(|sql| {
            entries(sql, "state = 'queued' AND not_before <= ?1 ORDER BY not_before, id", params![now])
        })
    }

    /// The queued message whose time has come, longest waiting first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_due(&self, now: UnixTime) -> Result<Option<OutboxEntry>> {
        self.read(|sql| {
            let which = "state = 'queued' AND not_before <= ?1 ORDER BY not_before, id LIMIT 1";
            Ok(entries(sql, which, params![now])?.pop())
        })
    }

    /// When the next queued message is due; it may be past.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_due_time(&self) -> Result<Option<UnixTime>> {
        self.read(|sql| {
            Ok(sql.query_row("SELECT min(not_before) FROM outbox WHERE state = 'queued'", [], |row| {
                row.get(0)
            })?)
        })
    }
}

/// See [`Store::queue`].
pub(super) fn enqueue(sql: &Connection, new: &NewOutbox) -> Result<OutboxId> {
    let taken = sql
        .query_row("SELECT 1 FROM outbox WHERE message_id = ?1", [&new.message_id], |_| Ok(()))
        .optional()?;
    if taken.is_some() {
        return Err(Error::Exists);
    }
    let draft = draft::add(sql, &new.draft, new.queued_at, true)?;
    sql.execute(
        "INSERT INTO outbox (account, message_id, subject, queued_at, not_before, state, draft, raw)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            new.account.0,
            new.message_id,
            new.subject,
            new.queued_at,
            new.not_before,
            word(&OutboxState::Queued)?,
            draft.0,
            new.raw
        ],
    )?;
    let id = OutboxId(sql.last_insert_rowid());
    let waiting = json(&RecipientState::Waiting)?;
    for (position, recipient) in (0i64..).zip(&new.recipients) {
        sql.prepare_cached(
            "INSERT INTO outbox_recipient (outbox, position, address, name, state)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id.0, position, recipient.address.as_str(), recipient.name, waiting])?;
    }
    Ok(id)
}

fn write_recipient(
    sql: &Connection,
    id: OutboxId,
    address: &EmailAddress,
    state: &RecipientState,
) -> Result<usize> {
    let mut statement =
        sql.prepare_cached("UPDATE outbox_recipient SET state = ?1 WHERE outbox = ?2 AND address = ?3")?;
    Ok(statement.execute(params![json(state)?, id.0, address.as_str()])?)
}

fn draft_of(sql: &Connection, id: OutboxId) -> Result<DraftId> {
    Ok(DraftId(sql.query_row("SELECT draft FROM outbox WHERE id = ?1", [id.0], |row| row.get(0))?))
}

fn entries(sql: &Connection, which: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<OutboxEntry>> {
    let mut statement = sql.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE {which}"))?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut entry = entry(row)?;
        entry.recipients = recipients(sql, entry.id)?;
        found.push(entry);
    }
    Ok(found)
}

fn entry(row: &Row<'_>) -> Result<OutboxEntry> {
    let size: i64 = row.get(9)?;
    Ok(OutboxEntry {
        id: OutboxId(row.get(0)?),
        account: AccountId(row.get(1)?),
        message_id: row.get(2)?,
        subject: row.get(3)?,
        queued_at: row.get(4)?,
        not_before: row.get(5)?,
        state: from_word(&row.get::<_, String>(6)?)?,
        recipients: Vec::new(),
        trouble: row.get(7)?,
        server_reply: row.get(8)?,
        size: size.unsigned_abs(),
    })
}

fn recipients(sql: &Connection, id: OutboxId) -> Result<Vec<OutboxRecipient>> {
    let mut statement = sql.prepare_cached(
        "SELECT address, name, state FROM outbox_recipient WHERE outbox = ?1 ORDER BY position",
    )?;
    let mut rows = statement.query([id.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let address = EmailAddress::parse(&row.get::<_, String>(0)?).map_err(|_| Error::Damaged)?;
        found.push(OutboxRecipient {
            follow_up: receipt::follow_up(sql, id, &address)?,
            address,
            name: row.get(1)?,
            state: from_json(&row.get::<_, String>(2)?)?,
        });
    }
    Ok(found)
}
