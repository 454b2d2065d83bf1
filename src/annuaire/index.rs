//! Writes people, their words and the vocabulary of one data file.
//!
//! Row numbers are the order of results: a full-text query gives rows by number, so that a limit stops it early. The
//! index holds folded words only; what the words were is not stored again (`content=''`).

use std::collections::HashMap;

use rusqlite::{Connection, Statement, params};

use super::Error;
use super::extraction::{Field, Record};
use super::fold::{address_words, fold, glued, words};
use super::near::sound;
use super::synonyms;

// One merge at the end (`optimize`) instead of many on the way: faster, and a smaller file.
const SCHEMA: &str = "
    CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE person(id INTEGER PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE lookup(hash INTEGER, person INTEGER, PRIMARY KEY(hash, person)) WITHOUT ROWID;
    CREATE TABLE vocabulary(term TEXT PRIMARY KEY, names INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE sound(key TEXT, term TEXT, PRIMARY KEY(key, term)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE idx USING fts5(n, p, s, l, o, content='', detail='column', columnsize=0,
        prefix='1 2 3 4', tokenize='ascii');
    INSERT INTO idx(idx, rank) VALUES('hashsize', 25165824);
    INSERT INTO idx(idx, rank) VALUES('automerge', 0);
    INSERT INTO idx(idx, rank) VALUES('crisismerge', 256);
    BEGIN;";

/// Before a word of a name, beside the word itself: names are then looked for without reading through every other
/// use of the word (`médecin` is in 200,000 rows, and a name in few). No folded word holds it.
pub(super) const NAME: char = '\u{b7}';
/// Between the fields of a person or mailbox.
pub(super) const FIELD: char = '\u{1f}';
/// Between mailboxes.
pub(super) const RECORD: char = '\u{1e}';

/// What people are ordered by: titled professionals, others, organisations; then name; the key settles homonyms.
pub(super) fn sort_key(record: &Record, key: &str) -> String {
    let tier = match (record.get(Field::Identifier), record.get(Field::Title)) {
        ("", _) => '3',
        (_, "") => '2',
        _ => '1',
    };
    let name = match record.get(Field::FamilyName) {
        "" => fold(structure(record)),
        family => format!("{} {}", fold(family), fold(record.get(Field::GivenName))),
    };
    format!("{tier}{name} {key}")
}

/// Name of the structure: the legal one, else the trade name.
fn structure(record: &Record) -> &str {
    match record.get(Field::Structure) {
        "" => record.get(Field::TradeName),
        name => name,
    }
}

/// Stable 64-bit hash (FNV-1a) of a key or address, told apart by `kind`.
pub(super) fn hash(kind: u8, text: &str) -> i64 {
    let step = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(step(0xcbf2_9ce4_8422_2325, kind), step).cast_signed()
}

/// `kind` of [`hash`] for a person's key.
pub(super) const KEY: u8 = b'k';
/// `kind` of [`hash`] for an address in lower case.
pub(super) const ADDRESS: u8 = b'a';

/// Words of one person by column of the index.
#[derive(Default)]
struct Terms {
    columns: [Vec<String>; 5],
}

/// Columns of the index.
#[derive(Clone, Copy)]
enum Column {
    Names,
    Profession,
    Specialty,
    Place,
    Other,
}

impl Terms {
    fn add(&mut self, column: Column, word: &str) {
        if let Some(list) = self.columns.get_mut(column as usize)
            && !list.iter().any(|w| w == word)
        {
            list.push(word.to_owned());
        }
    }

    fn names(&mut self, column: Column, text: &str) {
        let words = words(text);
        glued(&words).iter().chain(&words).for_each(|w| self.add(column, w));
    }

    fn labels(&mut self, column: Column, text: &str) {
        for word in words(text) {
            self.add(column, &word);
            synonyms::of_word(&word, &mut |w| self.add(column, w));
        }
    }

    fn record(&mut self, record: &Record) {
        self.names(Column::Names, record.get(Field::FamilyName));
        self.names(Column::Names, record.get(Field::GivenName));
        self.labels(Column::Profession, record.get(Field::Profession));
        self.labels(Column::Specialty, record.get(Field::Specialty));
        let code = record.get(Field::SpecialtyCode);
        if !code.is_empty() {
            self.add(Column::Specialty, &fold(code));
            synonyms::of_code(code).iter().for_each(|w| self.add(Column::Specialty, w));
        }
        self.names(Column::Place, record.get(Field::City));
        let postal = fold(record.get(Field::PostalCode));
        if !postal.is_empty() {
            self.add(Column::Place, &postal);
            self.add(Column::Place, &department(&postal));
        }
        self.names(Column::Place, record.get(Field::Department));
        let structure_column =
            if record.get(Field::FamilyName).is_empty() { Column::Names } else { Column::Other };
        self.labels(structure_column, record.get(Field::Structure));
        self.labels(structure_column, record.get(Field::TradeName));
        self.labels(Column::Other, record.get(Field::Service));
        address_words(record.get(Field::Address)).iter().for_each(|w| self.add(Column::Other, w));
        let identifier = record.get(Field::Identifier);
        if !identifier.is_empty() {
            // The first digit is the type of number, 8 for RPPS.
            self.add(Column::Other, &fold(identifier.strip_prefix('8').unwrap_or(identifier)));
        }
    }
}

/// Department of a postal code: two digits, three overseas. Corsica's is 20 here; `2a` and `2b` are in the column
/// of departments.
fn department(postal: &str) -> String {
    let digits = if postal.starts_with("97") || postal.starts_with("98") { 3 } else { 2 };
    postal.chars().take(digits).collect()
}

/// Writes one data file.
pub(super) struct Writer<'c> {
    connection: &'c Connection,
    person: Statement<'c>,
    words: Statement<'c>,
    next: i64,
    lookup: Vec<(i64, i64)>,
    addresses: u64,
    vocabulary: HashMap<String, u32>,
}

impl<'c> Writer<'c> {
    pub(super) fn new(connection: &'c Connection) -> Result<Self, Error> {
        connection.execute_batch(SCHEMA)?;
        Ok(Self {
            connection,
            person: connection.prepare("INSERT INTO person VALUES(?1, ?2)")?,
            words: connection
                .prepare("INSERT INTO idx(rowid, n, p, s, l, o) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?,
            next: 1,
            lookup: Vec::new(),
            addresses: 0,
            vocabulary: HashMap::new(),
        })
    }

    /// Writes the lines of one person or organisation.
    pub(super) fn person(&mut self, records: &[Record]) -> Result<(), Error> {
        let Some(first) = records.first() else { return Ok(()) };
        let id = self.next;
        self.next += 1;
        let mut terms = Terms::default();
        records.iter().for_each(|r| terms.record(r));
        self.person.execute(params![id, data(records)])?;
        let [mut n, p, s, l, o] = terms.columns.each_ref().map(|c| c.join(" "));
        for word in terms.columns.first().into_iter().flatten() {
            n.push(' ');
            n.push(NAME);
            n.push_str(word);
        }
        self.words.execute(params![id, n, p, s, l, o])?;
        self.lookup.push((hash(KEY, &first.key()), id));
        for record in records {
            self.lookup.push((hash(ADDRESS, &record.get(Field::Address).to_lowercase()), id));
        }
        self.count(&terms);
        Ok(())
    }

    fn count(&mut self, terms: &Terms) {
        for (column, words) in terms.columns.iter().enumerate() {
            for word in words {
                let number = word.len() >= 9 && word.bytes().all(|b| b.is_ascii_digit());
                if number {
                    continue;
                }
                let in_names = u32::from(column == Column::Names as usize);
                match self.vocabulary.get_mut(word) {
                    Some(count) => *count += in_names,
                    None => {
                        self.vocabulary.insert(word.clone(), in_names);
                    }
                }
            }
        }
    }

    /// Writes the rest and gives the number of distinct addresses.
    pub(super) fn finish(
        mut self,
        still_wanted: &mut dyn FnMut() -> Result<(), Error>,
    ) -> Result<u64, Error> {
        still_wanted()?;
        self.lookup.sort_unstable();
        self.lookup.dedup();
        let mut insert = self.connection.prepare("INSERT INTO lookup VALUES(?1, ?2)")?;
        let mut last = None;
        for (hash, id) in &self.lookup {
            insert.execute([hash, id])?;
            self.addresses += u64::from(last != Some(*hash));
            last = Some(*hash);
        }
        // Every person has one key beside the addresses.
        let people = u64::try_from(self.next - 1).unwrap_or(0);
        still_wanted()?;
        self.write_vocabulary()?;
        still_wanted()?;
        self.connection.execute_batch("INSERT INTO idx(idx) VALUES('optimize')")?;
        still_wanted()?;
        self.connection.execute_batch("COMMIT")?;
        Ok(self.addresses.saturating_sub(people))
    }

    fn write_vocabulary(&mut self) -> Result<(), Error> {
        let mut terms: Vec<(String, u32)> = std::mem::take(&mut self.vocabulary).into_iter().collect();
        terms.sort_unstable();
        let mut sounds = Vec::new();
        let mut insert = self.connection.prepare("INSERT INTO vocabulary VALUES(?1, ?2)")?;
        for (term, names) in &terms {
            insert.execute(params![term, names])?;
            if *names > 0 && term.len() >= 3 {
                sounds.push((sound(term), term));
            }
        }
        sounds.sort_unstable();
        let mut insert = self.connection.prepare("INSERT INTO sound VALUES(?1, ?2)")?;
        for (key, term) in sounds.iter().filter(|(key, _)| !key.is_empty()) {
            insert.execute(params![key, term])?;
        }
        Ok(())
    }
}

/// A person as stored: key, title, names, profession and specialties; then each mailbox.
fn data(records: &[Record]) -> String {
    let Some(first) = records.first() else { return String::new() };
    let mut specialties: Vec<&str> = Vec::new();
    let mut boxes: Vec<(String, &Record)> = Vec::new();
    for record in records {
        let specialty = record.get(Field::Specialty);
        if !specialty.is_empty() && !specialties.contains(&specialty) {
            specialties.push(specialty);
        }
        let address = record.get(Field::Address).to_lowercase();
        if !boxes.iter().any(|(known, _)| *known == address) {
            boxes.push((address, record));
        }
    }
    let family = match first.get(Field::FamilyName) {
        "" => match structure(first) {
            "" => first.get(Field::Address),
            name => name,
        },
        name => name,
    };
    let mut out = [
        &first.key(),
        first.get(Field::Title),
        family,
        first.get(Field::GivenName),
        first.get(Field::Profession),
        &specialties.join("\u{1d}"),
    ]
    .join("\u{1f}");
    for (_, record) in boxes {
        out.push(RECORD);
        let fields = [
            record.get(Field::Address),
            record.get(Field::Kind),
            structure(record),
            record.get(Field::Service),
            record.get(Field::City),
            record.get(Field::PostalCode),
            record.get(Field::Paperless),
        ];
        out.push_str(&fields.join("\u{1f}"));
    }
    out
}
