//! The words people are found by, and what orders them.

use super::extraction::{Field, Record};
use super::fold::{address_words, fold, glued, words};
use super::near::sound;
use super::row::structure;
use super::synonyms;
use crate::domain::person::Practice;

/// Before a word of a name, beside the word itself: names are then looked for without reading through every other
/// use of the word (`médecin` is in 200,000 rows, and a name in few). No folded word holds it.
pub(super) const NAME: char = '\u{b7}';
/// Before a whole family name in one word: whoever is called MARTIN comes before ANDRE-MARTIN.
pub(super) const FAMILY: &str = "\u{b7}\u{b7}";
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
pub(super) struct Terms {
    columns: [Vec<String>; 5],
    /// Family names, each in one word.
    families: Vec<String>,
}

/// Columns of the index.
#[derive(Clone, Copy)]
pub(super) enum Column {
    Names,
    Profession,
    Specialty,
    Place,
    Other,
}

impl Terms {
    /// The words of the lines and places of one person.
    pub(super) fn of(records: &[Record], places: &[Practice]) -> Self {
        let mut terms = Self::default();
        records.iter().for_each(|record| terms.record(record));
        for place in places {
            terms.labels(Column::Other, &place.structure);
            terms.place(&place.city, &place.postal_code);
        }
        terms
    }

    /// The words of each column as the index takes them; those of names twice, and family names as one word too.
    pub(super) fn columns(&self) -> [String; 5] {
        let mut columns = self.columns.each_ref().map(|c| c.join(" "));
        let ([names, ..], [words, ..]) = (&mut columns, &self.columns);
        for word in words {
            names.push(' ');
            names.push(NAME);
            names.push_str(word);
        }
        for family in &self.families {
            names.push(' ');
            names.push_str(FAMILY);
            names.push_str(family);
        }
        columns
    }

    /// The words of a column and whether it has one of them, or one that begins so.
    pub(super) fn has(&self, columns: &[Column], word: &str, begun: bool) -> bool {
        let of = |column: &Column| self.columns.get(*column as usize).into_iter().flatten();
        columns.iter().flat_map(of).any(|w| w == word || (begun && w.starts_with(word)))
    }

    /// The words that go into the vocabulary, each with whether it is of a name.
    pub(super) fn vocabulary(&self) -> impl Iterator<Item = (&str, bool)> {
        let is_number = |word: &&String| word.len() >= 9 && word.bytes().all(|b| b.is_ascii_digit());
        self.columns.iter().enumerate().flat_map(move |(column, words)| {
            words
                .iter()
                .filter(move |word| !is_number(word) && !word.starts_with(NAME))
                .map(move |word| (word.as_str(), column == Column::Names as usize))
        })
    }

    fn place(&mut self, city: &str, postal_code: &str) {
        self.names(Column::Place, city);
        let postal = fold(postal_code);
        if !postal.is_empty() {
            self.add(Column::Place, &department(&postal));
            self.add(Column::Place, &postal);
        }
    }

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
        let family = words(record.get(Field::FamilyName)).concat();
        if !family.is_empty() && !self.families.contains(&family) {
            self.families.push(family);
        }
        self.names(Column::Names, record.get(Field::GivenName));
        self.labels(Column::Profession, record.get(Field::Profession));
        self.labels(Column::Specialty, record.get(Field::Specialty));
        let code = record.get(Field::SpecialtyCode);
        if !code.is_empty() {
            self.add(Column::Specialty, &fold(code));
            synonyms::of_code(code).iter().for_each(|w| self.add(Column::Specialty, w));
        }
        self.place(record.get(Field::City), record.get(Field::PostalCode));
        self.names(Column::Place, record.get(Field::Department));
        let structure_column =
            if record.get(Field::FamilyName).is_empty() { Column::Names } else { Column::Other };
        self.labels(structure_column, record.get(Field::Structure));
        self.labels(structure_column, record.get(Field::TradeName));
        self.labels(Column::Other, record.get(Field::Service));
        address_words(record.get(Field::Address)).iter().for_each(|w| self.add(Column::Other, w));
        self.add(Column::Other, &kind_word(record.get(Field::Kind)));
        structure_numbers(record.get(Field::StructureId)).for_each(|n| self.add(Column::Other, &n));
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

/// The word of the index for a type of mailbox: nobody can type it.
pub(super) fn kind_word(kind: &str) -> String {
    format!("{NAME}{}", kind.to_ascii_lowercase())
}

/// A structure's number as written, and without the digit of its type: `1` before nine of a FINESS, `3` before fourteen
/// of a SIRET.
fn structure_numbers(written: &str) -> impl Iterator<Item = String> + use<> {
    let number: String = fold(written).split(' ').collect();
    let bare = match (number.len(), number.as_bytes().first()) {
        (10, Some(b'1')) | (15, Some(b'3')) => number.get(1..).map(str::to_owned),
        _ => None,
    };
    [Some(number).filter(|n| !n.is_empty()), bare].into_iter().flatten()
}

/// Puts a person between others of the index.
pub(super) const INSERT_PERSON: &str = "INSERT INTO person VALUES(?1, ?2)";
/// Puts a person's words into the index.
pub(super) const INSERT_WORDS: &str = "INSERT INTO idx(rowid, n, p, s, l, o) VALUES(?1, ?2, ?3, ?4, ?5, ?6)";

/// Hashes of the addresses of some lines.
pub(super) fn addresses(records: &[Record]) -> impl Iterator<Item = i64> {
    records.iter().map(|record| hash(ADDRESS, &record.get(Field::Address).to_lowercase()))
}

/// How a word of a name sounds, when it is long enough to be looked for by that.
pub(super) fn heard(term: &str) -> Option<String> {
    (term.len() >= 3).then(|| sound(term)).filter(|key| !key.is_empty())
}
