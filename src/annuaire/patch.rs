//! A new day's data from yesterday's: a day changes a thousandth of the people, and only those are written again. What
//! comes out answers every question as a whole import does.

use rusqlite::{Connection, OptionalExtension, params};

use super::Error;
use super::activity::Places;
use super::extraction::Record;
use super::index::{INSERT_PERSON, INSERT_WORDS, Terms, addresses, heard, sort_key};
use super::reading::{Kept, Read, mark};
use super::row;

/// A whole import is made when more than one person in this many changed.
const FEW: usize = 20;

/// What must be written again.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Numbers of people to take out: gone, or said otherwise now.
    remove: Vec<i64>,
    /// Their lines to put in, by the range in [`Read::lines`].
    add: Vec<std::ops::Range<usize>>,
}

impl Plan {
    /// Compares what the lines say with the data before. `None` when so much changed that a whole import is better.
    pub(super) fn new(old: &Connection, read: &Read) -> Result<Option<Self>, Error> {
        let mut plan = Self::default();
        let mut statement = old.prepare("SELECT hash, person, mark FROM mark ORDER BY hash")?;
        let mut rows = statement.query([])?;
        let mut before: Option<(i64, i64, i64)> = None;
        let mut next = || -> Result<Option<(i64, i64, i64)>, Error> {
            let Some(row) = rows.next()? else { return Ok(None) };
            Ok(Some((row.get(0)?, row.get(1)?, row.get(2)?)))
        };
        let (mut at, mut people) = (0, 0usize);
        let mut is_first = true;
        for group in read.groups() {
            let range = at..at + group.len();
            at = range.end;
            people += 1;
            let Some(key) = group.first().map(|line| line.key) else { continue };
            if std::mem::take(&mut is_first) {
                before = next()?;
            }
            while let Some((_, person, _)) = before.filter(|(hash, _, _)| *hash < key) {
                plan.remove.push(person);
                before = next()?;
            }
            match before.filter(|(hash, _, _)| *hash == key) {
                Some((_, _, known)) if known == mark(group) => {}
                Some((_, person, _)) => {
                    plan.remove.push(person);
                    plan.add.push(range);
                }
                None => plan.add.push(range),
            }
            if before.is_some_and(|(hash, _, _)| hash == key) {
                before = next()?;
            }
        }
        while let Some((_, person, _)) = before {
            plan.remove.push(person);
            before = next()?;
        }
        Ok((plan.remove.len() + plan.add.len() < people / FEW).then_some(plan))
    }

    /// Writes the plan into a copy of the data before; false when there was no room for somebody between two others.
    pub(super) fn write(
        &self,
        data: &Connection,
        read: &mut Read,
        report: &mut dyn FnMut(u64, u64) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        let total = (self.remove.len() + self.add.len()) as u64;
        data.execute_batch("BEGIN")?;
        // the places of those who are written again are in the rows about to be taken out
        let mut entries = Vec::with_capacity(self.add.len());
        let mut places = Places::Before(Some(data));
        for range in &self.add {
            let lines: Vec<Kept> = read.lines.get(range.clone()).unwrap_or_default().to_vec();
            let records = lines
                .iter()
                .map(|line| Ok(Record::from_text(read.spool.get(line.place)?)))
                .collect::<Result<Vec<Record>, Error>>()?;
            let key = lines.first().map_or(0, |line| line.key);
            entries.push((key, mark(&lines), records, places.of(key)?));
        }
        for (done, person) in (0u64..).zip(&self.remove) {
            remove(data, *person)?;
            report(done, total)?;
        }
        for (done, (key, mark, records, places)) in (self.remove.len() as u64..).zip(&entries) {
            let Some(id) = free_number(data, records)? else { return Ok(false) };
            add(data, id, (*key, *mark), records, places)?;
            report(done, total)?;
        }
        // every part of the index is asked at every search: without this there would be one more a day
        data.execute_batch("INSERT INTO idx(idx) VALUES('optimize')")?;
        Ok(true)
    }
}

/// Takes a person out of every table.
fn remove(data: &Connection, id: i64) -> Result<(), Error> {
    let row: String =
        data.prepare_cached("SELECT data FROM person WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    let (records, places) = row::decode(&row);
    let terms = Terms::of(&records, &places);
    let [n, p, s, l, o] = terms.columns();
    data.prepare_cached(
        "INSERT INTO idx(idx, rowid, n, p, s, l, o) VALUES('delete', ?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![id, n, p, s, l, o])?;
    data.prepare_cached("DELETE FROM person WHERE id = ?1")?.execute([id])?;
    let key = records.first().map(Record::key).unwrap_or_default();
    data.prepare_cached("DELETE FROM mark WHERE hash = ?1 AND person = ?2")?
        .execute([super::index::hash(super::index::KEY, &key), id])?;
    for address in addresses(&records) {
        data.prepare_cached("DELETE FROM lookup WHERE hash = ?1 AND person = ?2")?.execute([address, id])?;
    }
    // a word nobody has any more stays: it finds nobody
    for (word, _) in terms.vocabulary().filter(|(_, named)| *named) {
        data.prepare_cached("UPDATE vocabulary SET names = max(names - 1, 0) WHERE term = ?1")?
            .execute([word])?;
    }
    Ok(())
}

/// Puts a person in.
fn add(
    data: &Connection,
    id: i64,
    (key, mark): (i64, i64),
    records: &[Record],
    places: &[crate::domain::person::Practice],
) -> Result<(), Error> {
    let terms = Terms::of(records, places);
    data.prepare_cached(INSERT_PERSON)?.execute(params![id, row::encode(records, places)])?;
    let [n, p, s, l, o] = terms.columns();
    data.prepare_cached(INSERT_WORDS)?.execute(params![id, n, p, s, l, o])?;
    data.prepare_cached("INSERT INTO mark VALUES(?1, ?2, ?3)")?.execute([key, id, mark])?;
    for address in addresses(records) {
        data.prepare_cached("INSERT OR IGNORE INTO lookup VALUES(?1, ?2)")?.execute([address, id])?;
    }
    for (word, named) in terms.vocabulary() {
        data.prepare_cached(
            "INSERT INTO vocabulary VALUES(?1, ?2) ON CONFLICT(term) DO UPDATE SET names = names + excluded.names",
        )?
        .execute(params![word, u32::from(named)])?;
        if let Some(key) = heard(word).filter(|_| named) {
            data.prepare_cached("INSERT OR IGNORE INTO sound VALUES(?1, ?2)")?.execute(params![key, word])?;
        }
    }
    Ok(())
}

/// A number between the neighbours in the order of results; `None` when they are one apart.
fn free_number(data: &Connection, records: &[Record]) -> Result<Option<i64>, Error> {
    let Some(first) = records.first() else { return Ok(None) };
    let wanted = sort_key(first, &first.key());
    let last: i64 =
        data.prepare_cached("SELECT ifnull(max(id), 0) FROM person")?.query_row([], |row| row.get(0))?;
    // everybody up to `low` sorts before, everybody from `high` on after
    let (mut low, mut high) = (0i64, last + 32);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let found: Option<(i64, String)> = data
            .prepare_cached("SELECT id, data FROM person WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 1")?
            .query_row([middle, high], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match found {
            None => {
                // nobody from the middle on: the neighbour above is `high`, and below it there is room
                let below: i64 = data
                    .prepare_cached("SELECT ifnull(max(id), 0) FROM person WHERE id < ?1")?
                    .query_row([middle], |row| row.get(0))?;
                if below <= low {
                    return Ok(Some(low + (high - low) / 2).filter(|id| *id > low && *id < high));
                }
                high = match before(data, below, &wanted)? {
                    true => return Ok(Some(below + (high - below) / 2).filter(|id| *id > below)),
                    false => below,
                };
            }
            Some((id, row)) => match sorts_before(&row, &wanted) {
                true => low = id,
                false => high = id,
            },
        }
    }
    Ok(None)
}

fn before(data: &Connection, id: i64, wanted: &str) -> Result<bool, Error> {
    let row: String =
        data.prepare_cached("SELECT data FROM person WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    Ok(sorts_before(&row, wanted))
}

fn sorts_before(row: &str, wanted: &str) -> bool {
    let (records, _) = row::decode(row);
    records.first().is_some_and(|first| sort_key(first, &first.key()).as_str() < wanted)
}

/// True of data whose words were made by this program's rules: others cannot be taken out word by word.
pub(super) fn is_possible(data: &Connection, version: &str) -> Result<bool, Error> {
    let terms: Option<String> =
        data.query_row("SELECT value FROM meta WHERE name = 'terms'", [], |row| row.get(0)).optional()?;
    Ok(terms.as_deref() == Some(version))
}
