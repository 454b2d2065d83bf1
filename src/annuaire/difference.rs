//! What changed between two extractions: the file itself has neither dates nor numbers of mailboxes, so that a creation
//! or a deletion only shows by comparing.

use std::collections::HashMap;

use rusqlite::Connection;

use super::Error;
use super::extraction::{Field, Record};
use super::reading::Read;
use super::row::decode;

/// Most addresses kept by name of each side; the counts are always whole.
const MOST_NAMED: usize = 100_000;

/// An address that came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) address: String,
    /// Key of the person or service.
    pub(super) key: String,
    pub(super) is_gone: bool,
}

/// Addresses that came and went.
#[derive(Debug, Default)]
pub(super) struct Difference {
    pub(super) new: u64,
    pub(super) gone: u64,
    pub(super) changes: Vec<Change>,
}

impl Difference {
    /// Compares the data before with a file just read.
    pub(super) fn between(old: &Connection, read: &mut Read) -> Result<Self, Error> {
        let now = read.addresses();
        let mut gone: HashMap<i64, i64> = HashMap::new();
        let mut new: Vec<i64> = Vec::new();
        let mut statement = old.prepare("SELECT DISTINCT hash, person FROM lookup ORDER BY hash")?;
        let mut rows = statement.query([])?;
        let mut ahead = now.iter().peekable();
        while let Some(row) = rows.next()? {
            let (hash, person): (i64, i64) = (row.get(0)?, row.get(1)?);
            while let Some(later) = ahead.next_if(|h| **h < hash) {
                new.push(*later);
            }
            // one address may be of several people: it comes again, and is in the file still
            if now.binary_search(&hash).is_err() {
                gone.insert(hash, person);
            } else {
                ahead.next_if(|h| **h == hash);
            }
        }
        new.extend(ahead);
        let mut changes = Vec::new();
        let mut statement = old.prepare("SELECT data FROM person WHERE id = ?1")?;
        for (hash, person) in gone.iter().take(MOST_NAMED) {
            let row: String = statement.query_row([person], |row| row.get(0))?;
            let (records, _) = decode(&row);
            changes.extend(records.iter().find(|r| address_hash(r) == *hash).map(|r| change(r, true)));
        }
        let mut named = 0;
        for at in 0..read.lines.len() {
            let Some(line) = read.lines.get(at).copied() else { break };
            if named >= MOST_NAMED.min(new.len()) {
                break;
            }
            if new.binary_search(&line.address).is_ok() {
                named += 1;
                changes.push(change(&Record::from_text(read.spool.get(line.place)?), false));
            }
        }
        Ok(Self { new: new.len() as u64, gone: gone.len() as u64, changes })
    }
}

fn address_hash(record: &Record) -> i64 {
    super::index::addresses(std::slice::from_ref(record)).next().unwrap_or_default()
}

fn change(record: &Record, is_gone: bool) -> Change {
    Change { address: record.get(Field::Address).to_lowercase(), key: record.key(), is_gone }
}
