//! Full-text search: words in any order, each a prefix; accents, ligatures and case are ignored.

use std::collections::HashSet;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::list::{COLUMNS, row};
use super::value::from_json;
use super::{Error, Result, Store};
use crate::domain::message::{Envelope, MessageRow, split_subject};

/// Most text of one message that is indexed, in bytes: what follows is found by reading, not by searching.
const MOST_TEXT: usize = 4 << 20;
/// Pages of the index written by one step of merging.
const MERGED_AT_ONCE: u32 = 500;
/// Most words of a query that count.
const MOST_WORDS: usize = 32;

/// Text as the index takes it.
pub(super) struct Folded(String);

impl Folded {
    /// The text of a body; what is beyond [`MOST_TEXT`] is left out.
    pub(super) fn of(text: &str) -> Self {
        Self(fold(text.get(..text.floor_char_boundary(MOST_TEXT)).unwrap_or_default()))
    }
}

/// The text of one message, by column of the index.
pub(super) struct Indexed<'a> {
    subject: String,
    people: String,
    body: &'a str,
}

impl<'a> Indexed<'a> {
    /// What the headers give.
    pub(super) fn headers(envelope: &Envelope) -> Self {
        let (mut subject, patient) = split_subject(&envelope.subject);
        if let Some(patient) = patient {
            subject = format!("{subject} {} {}", patient.name, patient.birth_date.unwrap_or_default());
        }
        let mut people = String::new();
        for mailbox in [&envelope.from, &envelope.reply_to, &envelope.to, &envelope.cc].into_iter().flatten()
        {
            people.push_str(mailbox.name.as_deref().unwrap_or_default());
            people.push(' ');
            people.push_str(&mailbox.address);
            people.push('\n');
        }
        Self { subject: fold(&subject), people: fold(&people), body: "" }
    }

    /// Adds the body's text.
    pub(super) fn with_body(self, text: &'a Folded) -> Self {
        Self { body: &text.0, ..self }
    }
}

/// Writes entries in the order of their keys: FTS5 flushes its buffer whenever a key is smaller than the one before.
pub(super) fn index(sql: &Connection, mut entries: Vec<(i64, Indexed<'_>)>) -> Result<()> {
    entries.sort_unstable_by_key(|(key, _)| *key);
    let mut insert =
        sql.prepare_cached("INSERT INTO search (rowid, subject, people, body) VALUES (?1, ?2, ?3, ?4)")?;
    for (key, text) in entries {
        insert.execute(params![key, text.subject, text.people, text.body])?;
    }
    Ok(())
}

/// Takes an entry out, before another one of the same message.
pub(super) fn unindex(sql: &Connection, key: i64) -> Result<()> {
    sql.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([key])?;
    Ok(())
}

impl Store {
    /// Indexes the headers of listed messages that are not in the index, at most `most`; answers how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn index_listed(&self, most: u32) -> Result<u32> {
        self.write_refetchable(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT order_key, json FROM message JOIN envelope ON envelope.message = message.id
                 WHERE indexed = 0 ORDER BY order_key DESC LIMIT ?1",
            )?;
            let mut rows = statement.query([most])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let envelope = from_json(row.get_ref(1)?.as_str().map_err(|_| Error::Damaged)?)?;
                entries.push((row.get::<_, i64>(0)?, Indexed::headers(&envelope)));
            }
            for (key, _) in &entries {
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

    /// Messages that hold every word of `text` as the start of one of their words, and every phrase in double quotes as
    /// it stands; newest first. Answers how many there are and the rows asked for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn search(&self, text: &str, window: Range<u32>) -> Result<(u32, Vec<MessageRow>)> {
        let terms = Term::all(text);
        let Some(query) = query(&terms) else { return Ok((0, Vec::new())) };
        self.read(|sql| {
            // one pass over the index gives both the count and the window: matching is what costs
            let mut keys = sql
                .prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid DESC")?
                .query_map([query], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()?;
            let listed = unindexed(sql, &terms)?;
            if !listed.is_empty() {
                keys.extend(listed);
                keys.sort_unstable_by(|a, b| b.cmp(a));
            }
            // what is being deleted here stays in the index until the server agrees
            let hidden = sql
                .prepare_cached("SELECT order_key FROM message WHERE folder IS NULL")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<HashSet<i64>>>()?;
            keys.retain(|key| !hidden.contains(key));
            let total = u32::try_from(keys.len()).unwrap_or(u32::MAX);
            let keys = keys.into_iter().skip(window.start as usize).take(window.len());
            let mut one =
                sql.prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE order_key = ?1"))?;
            let mut rows = Vec::new();
            for key in keys {
                if let Some(found) = one.query_row([key], |r| Ok(row(r))).optional()? {
                    rows.push(found?);
                }
            }
            Ok((total, rows))
        })
    }
}

/// Text without accents, ligatures and case, so that "oedeme" finds "Œdème". FTS5's own folding leaves œ and æ.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
            continue;
        }
        // marks are dropped, so their order, which full normalisation would mend, does not matter
        decompose_compatible(c, |part| {
            for part in part.to_lowercase().filter(|p| !is_combining_mark(*p)) {
                match part {
                    'œ' => folded.push_str("oe"),
                    'æ' => folded.push_str("ae"),
                    'ß' => folded.push_str("ss"),
                    'ø' => folded.push('o'),
                    'ł' => folded.push('l'),
                    part => folded.push(part),
                }
            }
        });
    }
    folded
}

/// A word or a phrase of a query, folded.
#[derive(Debug, PartialEq, Eq)]
enum Term {
    /// The start of a word.
    Word(String),
    /// Words as they stand.
    Phrase(String),
}

impl Term {
    /// What a person typed, at most [`MOST_WORDS`] terms.
    fn all(text: &str) -> Vec<Self> {
        let text = fold(text.get(..text.floor_char_boundary(2_000)).unwrap_or_default());
        let mut terms = Vec::new();
        for (n, part) in text.split('"').enumerate() {
            if n % 2 == 1 {
                terms.push(Self::Phrase(part.to_owned()));
            } else {
                terms.extend(part.split_whitespace().map(|word| Self::Word(word.to_owned())));
            }
        }
        terms.retain(|term| term.text().chars().any(char::is_alphanumeric));
        terms.truncate(MOST_WORDS);
        terms
    }

    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Phrase(text) => text,
        }
    }

    /// Inside an FTS5 string nothing has a meaning but the double quote, which cannot be inside.
    fn quoted(&self) -> String {
        match self {
            Self::Word(word) => format!("\"{word}\" *"),
            Self::Phrase(phrase) => format!("\"{phrase}\""),
        }
    }

    /// The term is in a text as FTS5 would find it: by whole words, but for the end of the last one of a [`Term::Word`].
    fn is_in(&self, words: &[&str]) -> bool {
        let wanted: Vec<&str> = split(self.text()).collect();
        let Some((last, before)) = wanted.split_last() else { return true };
        words.windows(wanted.len()).any(|found| {
            let Some((end, start)) = found.split_last() else { return false };
            let ends = match self {
                Self::Word(_) => end.starts_with(last),
                Self::Phrase(_) => end == last,
            };
            ends && start == before
        })
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The FTS5 query; `None` without a term.
fn query(terms: &[Term]) -> Option<String> {
    let quoted = terms.iter().map(Term::quoted).collect::<Vec<_>>();
    (!quoted.is_empty()).then(|| quoted.join(" AND ").replace('\0', " "))
}

/// Keys of the messages that are not in the index yet and whose headers hold every term.
fn unindexed(sql: &Connection, terms: &[Term]) -> Result<Vec<i64>> {
    let mut statement = sql.prepare_cached(
        "SELECT order_key, json FROM message JOIN envelope ON envelope.message = message.id WHERE indexed = 0",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let envelope = from_json(row.get_ref(1)?.as_str().map_err(|_| Error::Damaged)?)?;
        let Indexed { subject, people, .. } = Indexed::headers(&envelope);
        let columns = [split(&subject).collect::<Vec<_>>(), split(&people).collect()];
        if terms.iter().all(|term| columns.iter().any(|words| term.is_in(words))) {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_ligatures_and_case_are_folded() {
        assert_eq!(fold("Œdème CÆCUM Ça straße ŁØ ﬁ"), "oedeme caecum ca strasse lo fi");
        assert_eq!(fold("e\u{301}"), "e");
    }

    #[test]
    fn typed_text_never_becomes_query_syntax() {
        let query = |text: &str| query(&Term::all(text));
        assert_eq!(query("foo OR bar*").unwrap(), "\"foo\" * AND \"or\" * AND \"bar*\" *");
        assert_eq!(query("subject: -x").unwrap(), "\"subject:\" * AND \"-x\" *");
        assert_eq!(query("\"sortie d'hospitalisation").unwrap(), "\"sortie d'hospitalisation\"");
        assert_eq!(query("\"\" * ( ) ^ --"), None);
    }
}
