//! Writes one data file from its beginning: people, their words and the vocabulary.
//!
//! Row numbers are the order of results: a full-text query gives rows by number, so that a limit stops it early. Between
//! two people there is room for those of later days. The index holds folded words only; what the words were is not
//! stored again (`content=''`).
//!
//! Words are made on the caller's thread and rows written on another: each takes about half of the time.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::{Connection, params};

use super::Error;
use super::extraction::Record;
use super::index::{INSERT_PERSON, INSERT_WORDS, Terms, addresses, heard};
use super::row;
use crate::domain::person::Practice;

// One merge at the end (`optimize`) instead of many on the way: faster, and a smaller file.
const SCHEMA: &str = "
    CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE person(id INTEGER PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE mark(hash INTEGER, person INTEGER, mark INTEGER NOT NULL, PRIMARY KEY(hash, person)) WITHOUT ROWID;
    CREATE TABLE lookup(hash INTEGER, person INTEGER, PRIMARY KEY(hash, person)) WITHOUT ROWID;
    CREATE TABLE vocabulary(term TEXT PRIMARY KEY, names INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE sound(key TEXT, term TEXT, PRIMARY KEY(key, term)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE idx USING fts5(n, p, s, l, o, content='', detail='column', columnsize=0,
        prefix='1 2 3 4', tokenize='ascii');
    INSERT INTO idx(idx, rank) VALUES('hashsize', 25165824);
    INSERT INTO idx(idx, rank) VALUES('automerge', 0);
    INSERT INTO idx(idx, rank) VALUES('crisismerge', 256);
    BEGIN;";

/// Difference of the numbers of two people in a row of a new data file.
const STEP: i64 = 16;
/// People handed over together, and groups of them that wait to be written.
const GROUP: usize = 256;
const AHEAD: usize = 4;

/// A person ready to be written.
struct Row {
    key: i64,
    mark: i64,
    data: String,
    columns: [String; 5],
    addresses: Vec<i64>,
}

/// Takes people in the order of results.
pub(super) struct People {
    sender: SyncSender<Vec<Row>>,
    group: Vec<Row>,
    vocabulary: HashMap<String, u32>,
}

impl People {
    /// Takes the next person: hash and mark, lines, places of practice.
    ///
    /// # Errors
    /// When nothing can be written any more; [`write`] then tells why.
    pub(super) fn push(
        &mut self,
        (key, mark): (i64, i64),
        records: &[Record],
        places: &[Practice],
    ) -> Result<(), Error> {
        let terms = Terms::of(records, places);
        for (word, named) in terms.vocabulary() {
            match self.vocabulary.get_mut(word) {
                Some(count) => *count += u32::from(named),
                None => {
                    self.vocabulary.insert(word.to_owned(), u32::from(named));
                }
            }
        }
        self.group.push(Row {
            key,
            mark,
            data: row::encode(records, places),
            columns: terms.columns(),
            addresses: addresses(records).collect(),
        });
        if self.group.len() >= GROUP { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> Result<(), Error> {
        let group = std::mem::replace(&mut self.group, Vec::with_capacity(GROUP));
        self.sender.send(group).map_err(|_| Error::Cancelled)
    }
}

/// What is written when everybody is.
pub(super) struct Rest {
    written: Written,
    vocabulary: HashMap<String, u32>,
}

#[derive(Default)]
struct Written {
    marks: Vec<[i64; 3]>,
    lookup: Vec<(i64, i64)>,
}

/// Writes everybody that `give` pushes into a new data file, in one transaction that stays open.
pub(super) fn write(
    connection: &mut Connection,
    give: impl FnOnce(&mut People) -> Result<(), Error>,
) -> Result<Rest, Error> {
    connection.execute_batch(SCHEMA)?;
    let (sender, groups) = sync_channel(AHEAD);
    let (given, written) = std::thread::scope(|scope| {
        let writing = scope.spawn(move || write_rows(connection, groups));
        let mut people = People { sender, group: Vec::new(), vocabulary: HashMap::new() };
        let given = give(&mut people).and_then(|()| people.hand_over());
        let People { sender, vocabulary, .. } = people;
        // ends the other thread
        drop(sender);
        (given.map(|()| vocabulary), writing.join())
    });
    let written = written.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(Rest { written, vocabulary: given? })
}

fn write_rows(connection: &Connection, groups: Receiver<Vec<Row>>) -> Result<Written, Error> {
    let mut person = connection.prepare(INSERT_PERSON)?;
    let mut words = connection.prepare(INSERT_WORDS)?;
    let mut written = Written::default();
    let mut id = 0;
    for row in groups.into_iter().flatten() {
        id += STEP;
        person.execute(params![id, row.data])?;
        let [n, p, s, l, o] = row.columns;
        words.execute(params![id, n, p, s, l, o])?;
        written.marks.push([row.key, id, row.mark]);
        written.lookup.extend(row.addresses.into_iter().map(|address| (address, id)));
    }
    Ok(written)
}

impl Rest {
    /// Writes the rest.
    ///
    /// # Errors
    /// What `still_wanted` answers, asked between steps.
    pub(super) fn write(
        self,
        connection: &Connection,
        still_wanted: &mut dyn FnMut() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Self { written: Written { mut marks, mut lookup }, vocabulary } = self;
        still_wanted()?;
        lookup.sort_unstable();
        lookup.dedup();
        let mut insert = connection.prepare("INSERT INTO lookup VALUES(?1, ?2)")?;
        for (hash, id) in &lookup {
            insert.execute([hash, id])?;
        }
        drop(lookup);
        marks.sort_unstable();
        let mut insert = connection.prepare("INSERT INTO mark VALUES(?1, ?2, ?3)")?;
        for mark in &marks {
            insert.execute(*mark)?;
        }
        drop(marks);
        still_wanted()?;
        write_vocabulary(connection, vocabulary)?;
        still_wanted()?;
        connection.execute_batch("INSERT INTO idx(idx) VALUES('optimize')")?;
        still_wanted()
    }
}

fn write_vocabulary(connection: &Connection, vocabulary: HashMap<String, u32>) -> Result<(), Error> {
    let mut terms: Vec<(String, u32)> = vocabulary.into_iter().collect();
    terms.sort_unstable();
    let mut sounds = Vec::new();
    let mut insert = connection.prepare("INSERT INTO vocabulary VALUES(?1, ?2)")?;
    for (term, names) in &terms {
        insert.execute(params![term, names])?;
        sounds.extend(heard(term).filter(|_| *names > 0).into_iter().map(|key| (key, term)));
    }
    sounds.sort_unstable();
    let mut insert = connection.prepare("INSERT INTO sound VALUES(?1, ?2)")?;
    for (key, term) in &sounds {
        insert.execute(params![key, term])?;
    }
    Ok(())
}
