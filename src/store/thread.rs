//! Conversations: messages that go back to the same one, by `References` and `In-Reply-To` (RFC 5322 §3.6.4). A subject
//! makes none: "Re: Résultats" would put patients together.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use super::list::{COLUMNS, row};
use super::{Result, Store};
use crate::domain::id::{FolderId, MessageId};
use crate::domain::message::{Envelope, MessageRow};

/// Most messages of one conversation that are shown.
const MOST: u32 = 200;
/// Longest Message-ID that is followed, in bytes.
const LONGEST: usize = 998;

/// A conversation in the list of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Its newest message in the folder.
    pub newest: MessageRow,
    /// Its messages in the folder.
    pub messages: u32,
    /// Those of them that are not read.
    pub unread: u32,
}

/// A message has no later one of its conversation in its folder.
const IS_NEWEST: &str = "(thread = '' OR NOT EXISTS (SELECT 1 FROM message later
    WHERE later.thread = message.thread AND later.thread <> '' AND later.folder = message.folder
    AND later.order_key > message.order_key))";

/// What a new message goes back to. Those that wait for it because they only name it follow it there.
pub(super) fn of(sql: &Connection, envelope: &Envelope) -> Result<String> {
    let own = envelope.message_id.as_deref().unwrap_or_default();
    let named =
        envelope.references.first().or(envelope.in_reply_to.as_ref()).filter(|id| id.len() <= LONGEST);
    let Some(named) = named else { return Ok(own.get(..LONGEST).unwrap_or(own).to_owned()) };
    // a program that gives no references names only the message before
    let known: Option<String> = sql
        .prepare_cached("SELECT thread FROM message WHERE message_id = ?1 AND thread <> '' LIMIT 1")?
        .query_row([named], |row| row.get(0))
        .optional()?;
    let thread = known.unwrap_or_else(|| named.clone());
    if !own.is_empty() && thread != own {
        sql.prepare_cached("UPDATE message SET thread = ?2 WHERE thread = ?1 AND thread <> ''")?
            .execute(params![own, thread])?;
    }
    Ok(thread)
}

impl Store {
    /// The conversations `window` of a folder, that with the newest message first, and how many there are in all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list_threads(&self, folder: FolderId, window: Range<u32>) -> Result<(u32, Vec<Thread>)> {
        self.read(|sql| {
            let total: u32 = sql
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM message WHERE folder = ?1 AND thread = '')
                     + (SELECT count(DISTINCT thread) FROM message WHERE folder = ?1 AND thread <> '')",
                )?
                .query_row([folder.0], |row| row.get(0))?;
            let mut heads = sql.prepare_cached(&format!(
                "SELECT {COLUMNS}, thread FROM message INDEXED BY message_list
                 WHERE folder = ?1 AND {IS_NEWEST} ORDER BY order_key DESC LIMIT ?2 OFFSET ?3"
            ))?;
            let mut count = sql.prepare_cached(
                "SELECT count(*), total(seen = 0) FROM message WHERE thread = ?1 AND thread <> '' AND folder = ?2",
            )?;
            let mut found = heads.query(params![folder.0, window.len() as u32, window.start])?;
            let mut threads = Vec::with_capacity(window.len());
            while let Some(next) = found.next()? {
                let newest = row(next)?;
                let thread: String = next.get(21)?;
                let (messages, unread) = if thread.is_empty() {
                    (1, u32::from(!newest.flags.seen))
                } else {
                    count.query_row(params![thread, folder.0], |row| Ok((row.get(0)?, row.get::<_, f64>(1)? as u32)))?
                };
                threads.push(Thread { newest, messages, unread });
            }
            Ok((total, threads))
        })
    }

    /// The messages of the conversation a message belongs to, in every folder of its account but those of drafts, the
    /// bin and unwanted mail, oldest first; each Message-ID once. Empty when the message is alone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn conversation(&self, id: MessageId) -> Result<Vec<MessageRow>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(&format!(
                "SELECT {COLUMNS}, message_id FROM message
                 WHERE thread <> '' AND thread = (SELECT thread FROM message WHERE id = ?1)
                 AND account = (SELECT account FROM message WHERE id = ?1)
                 AND (id = ?1 OR folder IN (SELECT id FROM folder WHERE role NOT IN ('drafts', 'trash', 'junk')))
                 ORDER BY order_key LIMIT ?2"
            ))?;
            let mut found = statement.query(params![id.0, MOST])?;
            let (mut rows, mut known): (Vec<MessageRow>, Vec<Option<String>>) = (Vec::new(), Vec::new());
            while let Some(next) = found.next()? {
                let (one, name): (MessageRow, Option<String>) = (row(next)?, next.get(21)?);
                match known.iter().position(|other| name.is_some() && *other == name) {
                    // of copies the one asked about
                    Some(at) if one.id == id => {
                        if let Some(copy) = rows.get_mut(at) {
                            *copy = one;
                        }
                    }
                    Some(_) => {}
                    None => {
                        rows.push(one);
                        known.push(name);
                    }
                }
            }
            Ok(if rows.len() > 1 { rows } else { Vec::new() })
        })
    }
}
