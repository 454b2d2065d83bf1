//! Full-text search: words in any order, each a prefix; accents, ligatures and case are ignored.

use std::collections::HashSet;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::list::{COLUMNS, row};
use super::{Result, Store};
use crate::domain::message::{Envelope, MessageRow, split_subject};

/// Most text of one message that is indexed, in bytes: what follows is found by reading, not by searching.
const MOST_TEXT: usize = 4 << 20;
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
pub(super) fn index(sql: &Connection, mut entries: Vec<(i64, Indexed<'_>)>, replace: bool) -> Result<()> {
    entries.sort_unstable_by_key(|(key, _)| *key);
    if replace {
        let mut delete = sql.prepare_cached("DELETE FROM search WHERE rowid = ?1")?;
        for (key, _) in &entries {
            delete.execute([key])?;
        }
    }
    let mut insert =
        sql.prepare_cached("INSERT INTO search (rowid, subject, people, body) VALUES (?1, ?2, ?3, ?4)")?;
    for (key, text) in entries {
        insert.execute(params![key, text.subject, text.people, text.body])?;
    }
    Ok(())
}

impl Store {
    /// Messages that hold every word of `text` as the start of one of their words, and every phrase in double quotes as
    /// it stands; newest first. Answers how many there are and the rows asked for.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn search(&self, text: &str, window: Range<u32>) -> Result<(u32, Vec<MessageRow>)> {
        let Some(query) = query(text) else { return Ok((0, Vec::new())) };
        self.read(|sql| {
            // one pass over the index gives both the count and the window: matching is what costs
            let mut keys = sql
                .prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid DESC")?
                .query_map([query], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()?;
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

/// The FTS5 query for what a person typed; `None` when it has no word. Every word goes inside an FTS5 string, where
/// nothing has a meaning but the double quote, which cannot be inside.
fn query(text: &str) -> Option<String> {
    let text = fold(text.get(..text.floor_char_boundary(2_000)).unwrap_or_default());
    let mut terms = Vec::new();
    for (n, part) in text.split('"').enumerate() {
        let quoted = n % 2 == 1;
        if quoted {
            terms.push(format!("\"{part}\""));
        } else {
            terms.extend(part.split_whitespace().map(|word| format!("\"{word}\" *")));
        }
    }
    terms.retain(|term| term.chars().any(char::is_alphanumeric));
    terms.truncate(MOST_WORDS);
    (!terms.is_empty()).then(|| terms.join(" AND ").replace('\0', " "))
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
        assert_eq!(query("foo OR bar*").unwrap(), "\"foo\" * AND \"or\" * AND \"bar*\" *");
        assert_eq!(query("subject: -x").unwrap(), "\"subject:\" * AND \"-x\" *");
        assert_eq!(query("\"sortie d'hospitalisation").unwrap(), "\"sortie d'hospitalisation\"");
        assert_eq!(query("\"\" * ( ) ^ --"), None);
    }
}
