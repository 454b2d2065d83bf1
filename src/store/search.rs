//! Full-text search: words in any order, each a prefix; accents, ligatures and case are ignored. Other forms of a word
//! are found too, after what holds the word itself.

mod expression;
mod facet;
mod fact;
mod start;

use std::collections::HashSet;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use self::expression::Reach;
use self::fact::Facts;
use super::list::{COLUMNS, row};
use super::value::from_json;
use super::{Error, Result, Store};
use crate::domain::address::Mailbox;
use crate::domain::fold::fold;
use crate::domain::id::{AccountId, MessageId};
use crate::domain::message::{Envelope, MessageRow, split_subject};
use crate::domain::search::{Age, Facets, Place, Query};

/// Most text of one message that is indexed, in bytes: what follows is found by reading, not by searching.
const MOST_TEXT: usize = 4 << 20;
/// Pages of the index written by one step of merging.
const MERGED_AT_ONCE: u32 = 500;
/// Messages found above which their facts are read in one pass over all messages.
const LOOKED_UP: usize = 2_000;

/// Text as the index takes it, and the beginnings of its words.
pub(super) struct Folded {
    text: String,
    starts: String,
}

impl Folded {
    /// The text of a body; what is beyond [`MOST_TEXT`] is left out.
    pub(super) fn of(text: &str) -> Self {
        let text = fold(text.get(..text.floor_char_boundary(MOST_TEXT)).unwrap_or_default());
        let mut starts = String::new();
        start::add(Place::Anywhere, [text.as_str()], &mut starts);
        Self { text, starts }
    }
}

/// The text of one message, by column of the index; folded.
#[derive(Default)]
pub(super) struct Columns {
    subject: String,
    sender: String,
    recipients: String,
    patient: String,
}

impl Columns {
    /// What the headers give.
    pub(super) fn of(envelope: &Envelope) -> Self {
        let (mut subject, hint) = split_subject(&envelope.subject);
        let mut patient = String::new();
        if let Some(hint) = hint {
            patient = format!("{} {}", hint.name, hint.birth_date.unwrap_or_default());
            subject = format!("{subject} {patient}");
        }
        Self {
            subject: fold(&subject),
            sender: names(&[&envelope.from, &envelope.reply_to]),
            recipients: names(&[&envelope.to, &envelope.cc]),
            patient: fold(&patient),
        }
    }

    /// Adds those the documents are about.
    pub(super) fn with_patients(mut self, names: &str) -> Self {
        self.patient.push('\n');
        self.patient.push_str(&fold(names));
        self
    }

    fn all(&self) -> [&str; 4] {
        [&self.subject, &self.sender, &self.recipients, &self.patient]
    }

    /// The beginnings of their words.
    fn starts(&self) -> String {
        const PLACES: [Place; 4] = [Place::Subject, Place::Sender, Place::Recipient, Place::Patient];
        let mut starts = String::new();
        start::add(Place::Anywhere, self.all(), &mut starts);
        for (place, text) in PLACES.into_iter().zip(self.all()) {
            start::add(place, [text], &mut starts);
        }
        starts
    }
}

fn names(lists: &[&Vec<Mailbox>]) -> String {
    let mut names = String::new();
    for mailbox in lists.iter().copied().flatten() {
        names.push_str(mailbox.name.as_deref().unwrap_or_default());
        names.push(' ');
        names.push_str(&mailbox.address);
        names.push('\n');
    }
    fold(&names)
}

/// One message for the index: its key, its headers and the text of its body.
pub(super) type Entry<'a> = (i64, Columns, Option<&'a Folded>);

/// Writes entries in the order of their keys: FTS5 flushes its buffer whenever a key is smaller than the one before.
pub(super) fn index(sql: &Connection, mut entries: Vec<Entry<'_>>) -> Result<()> {
    entries.sort_unstable_by_key(|(key, ..)| *key);
    let mut insert = sql.prepare_cached(
        "INSERT INTO search (rowid, subject, sender, recipients, patient, body, starts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (key, columns, body) in entries {
        let mut starts = columns.starts();
        starts.push_str(body.map_or("", |body| &body.starts));
        let text = body.map_or("", |body| &body.text);
        insert.execute(params![
            key,
            columns.subject,
            columns.sender,
            columns.recipients,
            columns.patient,
            text,
            starts
        ])?;
    }
    Ok(())
}

/// Takes an entry out, before another one of the same message.
pub(super) fn unindex(sql: &Connection, key: i64) -> Result<()> {
    sql.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([key])?;
    Ok(())
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches {
    /// Messages found.
    pub total: u32,
    /// How many of them hold another form of a word only; they come last.
    pub near: u32,
    /// The rows asked for: newest first, then newest first of the others.
    pub rows: Vec<MessageRow>,
}

impl Store {
    /// Messages whose content is here and not in the index, newest first: an older version made their index. Until they
    /// are saved again a search finds them by their headers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unindexed_bodies(&self, most: u32) -> Result<Vec<MessageId>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT id FROM message WHERE indexed = 0 AND downloaded = 1 ORDER BY order_key DESC LIMIT ?1",
            )?;
            let ids = statement.query_map([most], |row| Ok(MessageId(row.get(0)?)))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// How many messages of an account [`Store::unindexed_bodies`] would give in all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_unindexed_bodies(&self, account: AccountId) -> Result<u64> {
        self.read(|sql| {
            let count: i64 = sql
                .prepare_cached(
                    "SELECT count(*) FROM message WHERE indexed = 0 AND downloaded = 1 AND account = ?1",
                )?
                .query_row([account.0], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }

    /// Indexes the headers of listed messages that are not in the index, at most `most`; answers how many. Those whose
    /// content is here are left to [`Store::unindexed_bodies`].
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn index_listed(&self, most: u32) -> Result<u32> {
        self.write_refetchable(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT order_key, json FROM message JOIN envelope ON envelope.message = message.id
                 WHERE indexed = 0 AND downloaded = 0 ORDER BY order_key DESC LIMIT ?1",
            )?;
            let mut rows = statement.query([most])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let envelope = from_json(row.get_ref(1)?.as_str().map_err(|_| Error::Damaged)?)?;
                entries.push((row.get::<_, i64>(0)?, Columns::of(&envelope), None));
            }
            for (key, ..) in &entries {
                sql.prepare_cached("UPDATE message SET indexed = 1 WHERE order_key = ?1")?.execute([key])?;
            }
            let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
            index(sql, entries)?;
            Ok(count)
        })
    }

    /// Merges some segments of the index, which makes searches faster; false when there is nothing left to merge. To be
    /// called again and again while nothing else is to be done.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn tend_index(&self) -> Result<bool> {
        self.write_refetchable(|sql| {
            let before = sql.total_changes();
            sql.prepare_cached("INSERT INTO search (search, rank) VALUES ('merge', ?1)")?
                .execute([MERGED_AT_ONCE])?;
            // the statement itself counts for one
            Ok(sql.total_changes() - before > 1)
        })
    }

    /// Messages that answer a search: those that hold every word as the start of one of theirs and every phrase as it
    /// stands, newest first; then those that hold another form of a word. Answers how many there are and the rows asked
    /// for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn search(&self, query: &Query, window: Range<u32>) -> Result<Matches> {
        self.read(|sql| {
            let (keys, near) = keys(sql, query)?;
            let total = u32::try_from(keys.len() + near.len()).unwrap_or(u32::MAX);
            let near_count = u32::try_from(near.len()).unwrap_or(u32::MAX);
            let asked = keys.into_iter().chain(near).skip(window.start as usize).take(window.len());
            let mut one =
                sql.prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE order_key = ?1"))?;
            let mut rows = Vec::new();
            for key in asked {
                if let Some(found) = one.query_row([key], |r| Ok(row(r))).optional()? {
                    rows.push(found?);
                }
            }
            Ok(Matches { total, near: near_count, rows })
        })
    }

    /// Counts of the messages that answer a search, of the newest ones where they are many; `ages` are the times whose
    /// messages are counted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn facets(&self, query: &Query, ages: Vec<Age>) -> Result<Facets> {
        self.read(|sql| {
            let (mut found, near) = keys(sql, query)?;
            found.extend(near);
            found.truncate(Facets::MOST as usize);
            facet::count(sql, &found, ages)
        })
    }
}

/// Keys of the messages found, and of those found by another form of a word only; both newest first.
fn keys(sql: &Connection, query: &Query) -> Result<(Vec<i64>, Vec<i64>)> {
    if query.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let facts = Facts::of(sql, &query.filters)?;
    let typed = reached(sql, query, &facts, Reach::Typed)?;
    if !expression::has_forms(query) {
        return Ok((typed, Vec::new()));
    }
    let mut near = reached(sql, query, &facts, Reach::Forms)?;
    if !near.is_empty() {
        let known: HashSet<i64> = typed.iter().copied().collect();
        near.retain(|key| !known.contains(key));
    }
    Ok((typed, near))
}

/// With [`Reach::Forms`] those only that hold a form of some word: what is typed is in all the others.
fn reached(sql: &Connection, query: &Query, facts: &Facts, reach: Reach) -> Result<Vec<i64>> {
    let (first, last) = facts.keys;
    let expression = match reach {
        Reach::Typed => expression::wanted(query, reach),
        Reach::Forms => expression::near(query),
    };
    let mut found = match expression {
        // one pass over the index gives both the count and the window: matching is what costs
        Some(wanted) => {
            let mut found = matching(sql, &wanted, facts.keys)?;
            let listed = unindexed(sql, query, reach)?;
            if !listed.is_empty() {
                found.extend(listed.into_iter().filter(|key| (first..=last).contains(key)));
                found.sort_unstable_by(|a, b| b.cmp(a));
            }
            if facts.asks { having(sql, found, facts)? } else { shown(sql, found)? }
        }
        None => all(sql, facts)?,
    };
    if let Some(unwanted) = expression::unwanted(query) {
        let mut left_out: HashSet<i64> = matching(sql, &unwanted, facts.keys)?.into_iter().collect();
        let kept: HashSet<i64> = unindexed(sql, query, reach)?.into_iter().collect();
        left_out.extend(waiting(sql)?.into_iter().filter(|key| !kept.contains(key)));
        found.retain(|key| !left_out.contains(key));
    }
    found.retain(|key| facts.allows(*key));
    Ok(found)
}

const MATCHING: &str =
    "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid";

/// Newest first. The index is read from its start: backwards FTS5 decodes every page twice.
fn matching(sql: &Connection, expression: &str, (first, last): (i64, i64)) -> Result<Vec<i64>> {
    let mut found = sql
        .prepare_cached(MATCHING)?
        .query_map(params![expression, first, last], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    found.reverse();
    Ok(found)
}

/// Keys of the messages of the archive that answer a search by their words, newest first; other forms of words count.
pub(super) fn archived_keys(sql: &Connection, query: &Query) -> Result<Vec<i64>> {
    // those of messages are not below zero
    const ARCHIVED: (i64, i64) = (i64::MIN, -1);
    let mut found = match expression::wanted(query, Reach::Forms) {
        Some(wanted) => matching(sql, &wanted, ARCHIVED)?,
        None => sql
            .prepare_cached("SELECT key FROM archive_entry ORDER BY key DESC")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?,
    };
    if let Some(unwanted) = expression::unwanted(query) {
        let left_out: HashSet<i64> = matching(sql, &unwanted, ARCHIVED)?.into_iter().collect();
        found.retain(|key| !left_out.contains(key));
    }
    Ok(found)
}

/// Without those that are being deleted here, which stay in the index until the server agrees.
fn shown(sql: &Connection, mut keys: Vec<i64>) -> Result<Vec<i64>> {
    let hidden = sql
        .prepare_cached("SELECT order_key FROM message WHERE folder IS NULL")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<HashSet<i64>>>()?;
    keys.retain(|key| !hidden.contains(key));
    Ok(keys)
}

/// Those of `keys` that have the facts: asked one by one, or by one pass where they are many.
fn having(sql: &Connection, mut keys: Vec<i64>, facts: &Facts) -> Result<Vec<i64>> {
    if keys.len() > LOOKED_UP {
        let all: HashSet<i64> = all(sql, facts)?.into_iter().collect();
        keys.retain(|key| all.contains(key));
        return Ok(keys);
    }
    let mut one = sql.prepare_cached(&format!(
        "SELECT 1 FROM message INDEXED BY message_fact WHERE order_key = ?1 AND {}",
        facts.condition
    ))?;
    let mut kept = Vec::with_capacity(keys.len());
    for key in keys {
        if one.exists([key])? {
            kept.push(key);
        }
    }
    Ok(kept)
}

fn all_having(condition: &str) -> String {
    format!(
        "SELECT order_key FROM message INDEXED BY message_fact
         WHERE order_key BETWEEN ?1 AND ?2 AND {condition} ORDER BY order_key DESC"
    )
}

/// Every message that has the facts.
fn all(sql: &Connection, facts: &Facts) -> Result<Vec<i64>> {
    Ok(sql
        .prepare_cached(&all_having(&facts.condition))?
        .query_map(params![facts.keys.0, facts.keys.1], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?)
}

/// Keys of the messages that are not in the index yet.
fn waiting(sql: &Connection) -> Result<Vec<i64>> {
    Ok(sql
        .prepare_cached("SELECT order_key FROM message WHERE indexed = 0")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?)
}

/// Of those not in the index yet, the ones whose headers answer.
fn unindexed(sql: &Connection, query: &Query, reach: Reach) -> Result<Vec<i64>> {
    let mut statement = sql.prepare_cached(
        "SELECT order_key, json FROM message JOIN envelope ON envelope.message = message.id WHERE indexed = 0",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let envelope = from_json(row.get_ref(1)?.as_str().map_err(|_| Error::Damaged)?)?;
        if expression::holds(query, &Columns::of(&envelope), reach) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::search::{Fact, Filter, Topic};

    fn plan(sql: &Connection, statement: &str, params: impl rusqlite::Params) -> String {
        let mut explain = sql.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
        let lines = explain.query_map(params, |row| row.get::<_, String>(3)).unwrap();
        lines.map(|line| line.unwrap()).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn words_and_facts_are_each_read_in_order_from_their_index() {
        let store = Store::in_memory().unwrap();
        let facts = [Fact::Unread, Fact::Abnormal, Fact::Attachment, Fact::Topic(Topic::Biology)];
        let filters: Vec<Filter> =
            facts.into_iter().map(|fact| Filter { fact, is_excluded: false }).collect();
        store
            .read(|sql| {
                let facts = Facts::of(sql, &filters)?;
                let of_facts = plan(sql, &all_having(&facts.condition), (0, i64::MAX));
                assert!(of_facts.contains("USING COVERING INDEX message_fact"), "{of_facts}");
                let of_words = plan(sql, MATCHING, ("bilan", 0, i64::MAX));
                assert!(of_words.contains("SCAN search VIRTUAL TABLE INDEX"), "{of_words}");
                for plan in [of_facts, of_words] {
                    assert!(!plan.contains("TEMP B-TREE"), "sorted anew: {plan}");
                }
                Ok(())
            })
            .unwrap();
    }
}
