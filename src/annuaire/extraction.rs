//! Lines of the extraction `Extraction_Correspondance_MSSante`: 31 columns found by name, `|` between fields, no
//! quoting. The text is taken as it comes: BOM, CRLF, a final `|`, other order, missing or further columns.

use std::borrow::Cow;
use std::io::{self, BufRead};

use super::fold::{fold, without_cedex};
use crate::domain::address::EmailAddress;
use crate::domain::directory::LineFault;

/// Longest line read, in bytes; real lines have about 170.
const MAX_LINE: usize = 16 << 10;
/// Longest national identifier, in bytes: real ones have 10 or 12.
const MAX_IDENTIFIER: usize = 20;

/// Between the fields of a record put aside: a control character, which no field holds.
const SEPARATOR: &str = "\u{1f}";

/// The fields kept, in the order of [`Record`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Kind,
    Address,
    Identifier,
    Service,
    Title,
    FamilyName,
    GivenName,
    Profession,
    SpecialtyCode,
    Specialty,
    Paperless,
    Structure,
    TradeName,
    City,
    PostalCode,
    Department,
    StructureId,
}

/// How many fields are kept.
pub(super) const FIELDS: usize = 17;

/// Field, its column's name, needed for the file to be an extraction.
const COLUMNS: [(Field, &str, bool); FIELDS] = [
    (Field::Kind, "Type de BAL", true),
    (Field::Address, "Adresse BAL", true),
    (Field::Identifier, "Identification nationale PP", true),
    (Field::Service, "Service de rattachement", false),
    (Field::Title, "Civilité d'exercice", false),
    (Field::FamilyName, "Nom d'exercice", true),
    (Field::GivenName, "Prénom d'exercice", true),
    (Field::Profession, "Libellé Profession", false),
    (Field::SpecialtyCode, "Code savoir-faire", false),
    (Field::Specialty, "Libellé savoir-faire", false),
    (Field::Paperless, "Dématérialisation", false),
    (Field::Structure, "Raison Sociale structure BAL", false),
    (Field::TradeName, "Enseigne commerciale structure BAL", false),
    (Field::City, "L6LIGNEACHEMINEMENT structure BAL", false),
    (Field::PostalCode, "Code postal structure BAL", false),
    (Field::Department, "Département structure BAL", false),
    (Field::StructureId, "Identification Structure", false),
];

/// Where the columns are in a file.
#[derive(Debug)]
pub(super) struct Header {
    positions: Vec<Option<usize>>,
    columns: usize,
}

fn loose(name: &str) -> String {
    let name: String =
        fold(name).split(' ').filter(|w| !matches!(*w, "de" | "d" | "la" | "l" | "coord")).collect();
    let name = name.strip_suffix("bal").filter(|n| n.ends_with("structure")).unwrap_or(&name);
    name.strip_suffix("structure").unwrap_or(name).to_owned()
}

impl Header {
    /// Finds the columns of the extraction, or gives the names of the needed ones that are missing.
    pub(super) fn parse(line: &str) -> Result<Self, Vec<&'static str>> {
        Self::find(line, COLUMNS.iter().map(|(_, name, needed)| (*name, *needed)))
    }

    /// Finds columns by name, each with whether it is needed, or gives the names of the needed ones that are missing.
    pub(super) fn find(
        line: &str,
        wanted: impl Iterator<Item = (&'static str, bool)>,
    ) -> Result<Self, Vec<&'static str>> {
        let names: Vec<String> = line.trim_start_matches('\u{feff}').split('|').map(loose).collect();
        let columns = names.iter().rposition(|n| !n.is_empty()).map_or(0, |i| i + 1);
        let (mut positions, mut missing) = (Vec::new(), Vec::new());
        for (name, needed) in wanted {
            let at = names.iter().position(|n| *n == loose(name));
            if needed && at.is_none() {
                missing.push(name);
            }
            positions.push(at);
        }
        if missing.is_empty() { Ok(Self { positions, columns }) } else { Err(missing) }
    }

    /// The wanted fields of a line, cleaned, in the order they were asked for; `Err` is the reason it cannot be used.
    pub(super) fn fields<'l>(
        &self,
        line: &'l str,
    ) -> Result<impl Iterator<Item = Cow<'l, str>> + use<'_, 'l>, LineFault> {
        let raw: Vec<&str> = line.split('|').collect();
        let extra = raw.get(self.columns..).unwrap_or_default();
        if raw.len() < self.columns || extra.iter().any(|f| !f.trim().is_empty()) {
            return Err(LineFault::Fields { found: raw.len(), expected: self.columns });
        }
        Ok(self
            .positions
            .iter()
            .map(move |at| clean(at.and_then(|i| raw.get(i).copied()).unwrap_or_default())))
    }
}

/// One line, checked: a mailbox with its holder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    fields: [String; FIELDS],
}

impl Record {
    /// The text of a field, empty when not given.
    pub(super) fn get(&self, field: Field) -> &str {
        self.fields.get(field as usize).map_or("", String::as_str)
    }

    pub(super) fn set(&mut self, field: Field, value: String) {
        if let Some(slot) = self.fields.get_mut(field as usize) {
            *slot = value;
        }
    }

    /// All fields as one text, for [`Record::from_text`].
    pub(super) fn text(&self) -> String {
        self.fields.join(SEPARATOR)
    }

    /// The record of such a text.
    pub(super) fn from_text(text: &str) -> Self {
        let mut record = Self::default();
        for (slot, text) in record.fields.iter_mut().zip(text.split(SEPARATOR)) {
            text.clone_into(slot);
        }
        record
    }

    /// Checks a line. `Err` is the reason it cannot be used.
    pub(super) fn parse(header: &Header, line: &str) -> Result<Self, LineFault> {
        let mut record = Self::default();
        for (slot, text) in record.fields.iter_mut().zip(header.fields(line)?) {
            *slot = text.into_owned();
        }
        record.check()?;
        Ok(record)
    }

    fn check(&mut self) -> Result<(), LineFault> {
        let kind = self.get(Field::Kind).to_ascii_uppercase();
        if !matches!(kind.as_str(), "PER" | "ORG" | "APP" | "CAB") {
            return Err(LineFault::UnknownKind);
        }
        self.set(Field::Kind, kind);
        let address = EmailAddress::parse(self.get(Field::Address)).map_err(|_| LineFault::NotAnAddress)?;
        self.set(Field::Address, address.into());
        if self.get(Field::Identifier).len() > MAX_IDENTIFIER {
            return Err(LineFault::LongIdentifier);
        }
        if !self.get(Field::Identifier).is_empty() && self.get(Field::FamilyName).is_empty() {
            return Err(LineFault::Nameless);
        }
        self.settle_place();
        Ok(())
    }

    /// Takes the postal code from the delivery line where its own column is empty, and leaves the town's name.
    fn settle_place(&mut self) {
        let line = self.get(Field::City).to_owned();
        let (code, town) = match line.split_once(' ') {
            Some((code, town)) if code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit()) => (code, town),
            _ => ("", line.as_str()),
        };
        if self.get(Field::PostalCode).is_empty() {
            self.set(Field::PostalCode, code.to_owned());
        }
        self.set(Field::City, without_cedex(town).to_owned());
    }

    /// What makes the lines of one person: the national identifier, else the address.
    pub(super) fn key(&self) -> String {
        match self.get(Field::Identifier) {
            "" => self.get(Field::Address).to_lowercase(),
            identifier => identifier.to_owned(),
        }
    }
}

/// Control characters (NUL, tab) become blanks; runs of blanks one.
fn clean(field: &str) -> Cow<'_, str> {
    let field = field.trim();
    let odd = |c: char| c != ' ' && (c.is_whitespace() || c.is_control());
    if !field.contains(odd) && !field.contains("  ") {
        return Cow::Borrowed(field);
    }
    let words = field.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// A whole line is in the buffer.
    Whole,
    /// The line is longer than any can be; the buffer holds its beginning.
    TooLong,
    /// The input ended without a line end; the buffer holds what there was.
    Unended,
    /// Nothing more.
    End,
}

/// Reads a line without its end into `buffer`, never holding more than the longest line.
pub(super) fn read_line(input: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<Line> {
    buffer.clear();
    let (mut long, mut any) = (false, false);
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if chunk.is_empty() {
            return Ok(match (any, long) {
                (false, _) => Line::End,
                (true, true) => Line::TooLong,
                (true, false) => Line::Unended,
            });
        }
        any = true;
        let end = memchr::memchr(b'\n', chunk);
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        let room = MAX_LINE - buffer.len().min(MAX_LINE);
        long |= part.len() > room;
        buffer.extend_from_slice(part.get(..room).unwrap_or(part));
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            if buffer.last() == Some(&b'\r') {
                buffer.pop();
            }
            return Ok(if long { Line::TooLong } else { Line::Whole });
        }
    }
}

/// The line as text. Not UTF-8 is read as Latin-1: the name stays legible and nobody is lost.
pub(super) fn text(line: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(line) {
        Ok(text) => text.into(),
        Err(_) => line.iter().map(|b| char::from(*b)).collect::<String>().into(),
    }
}
