//! What can be written out of a message, in each form, as it came.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::domain::document::{Document, DocumentKind, Reading};
use crate::domain::filing::Format;
use crate::domain::filing::name::{Facts, Field};
use crate::domain::message::{Attachment, MessageRow};
use crate::domain::moment;
use crate::domain::patient::{Patient, Sex};
use crate::health::{Patience, file, sniff, xdm};
use crate::mime::{self, Source, smime, tnef};

/// Messages inside messages that are opened.
const MAX_DEPTH: usize = 6;
/// How long one archive may take.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Most characters of a type (ECO.2.1.6).
const LABEL: usize = 40;

/// Something to be written.
pub(super) struct Item {
    pub(super) format: Format,
    pub(super) facts: Facts,
    pub(super) bytes: Vec<u8>,
    pub(super) unique_id: Option<String>,
    /// Numbers of the documents it shows.
    pub(super) covers: Vec<usize>,
}

/// A message taken apart once for all destinations.
pub(super) struct Parts<'m> {
    raw: &'m [u8],
    row: &'m MessageRow,
    reading: Option<&'m Reading>,
    files: HashMap<usize, (Attachment, Vec<u8>)>,
}

impl<'m> Parts<'m> {
    pub(super) fn of(raw: &'m [u8], row: &'m MessageRow, reading: Option<&'m Reading>) -> Self {
        let mut files = HashMap::new();
        mime::each_attachment(&Source::of(raw), |listed, bytes| {
            if !listed.inline {
                files.insert(listed.index, (listed.clone(), bytes.to_vec()));
            }
            true
        });
        Self { raw, row, reading, files }
    }

    fn documents(&self) -> &[Document] {
        self.reading.map_or(&[], |reading| &reading.documents)
    }

    /// Everything there is in these forms.
    pub(super) fn items(&self, formats: &[Format]) -> Vec<Item> {
        let mut items = Vec::new();
        for format in formats {
            match format {
                Format::Pdf => self.each_document(Format::Pdf, &mut items, |d| self.pdf(d)),
                Format::Cda => self.each_document(Format::Cda, &mut items, |d| {
                    (d.kind == DocumentKind::Cda).then(|| self.content(d)).flatten()
                }),
                Format::Hprim => self.each_document(Format::Hprim, &mut items, |d| self.hprim(d)),
                Format::Xdm => self.archives(&mut items),
                Format::Eml => items.push(Item {
                    format: Format::Eml,
                    facts: self.facts(None),
                    bytes: self.raw.to_vec(),
                    unique_id: None,
                    covers: (0..self.documents().len()).collect(),
                }),
            }
        }
        items
    }

    /// Titles of documents none of these items shows. What only describes or signs others is no document here.
    pub(super) fn left(&self, covered: &[usize]) -> Vec<String> {
        let matters = |d: &Document| {
            !matches!(
                d.kind,
                DocumentKind::Smime | DocumentKind::Tnef | DocumentKind::Calendar | DocumentKind::Contact
            )
        };
        let all = self.documents().iter().enumerate();
        all.filter(|(n, d)| matters(d) && !covered.contains(n)).map(|(_, d)| title(d)).collect()
    }

    /// One item a content: HPRIM files hold several documents, and a document can be there twice.
    fn each_document(
        &self,
        format: Format,
        items: &mut Vec<Item>,
        content: impl Fn(&Document) -> Option<Vec<u8>>,
    ) {
        for (number, document) in self.documents().iter().enumerate() {
            let Some(bytes) = content(document) else { continue };
            match items.iter_mut().find(|item| item.format == format && item.bytes == bytes) {
                Some(same) => same.covers.push(number),
                None => items.push(Item {
                    format,
                    facts: self.facts(Some(document)),
                    bytes,
                    unique_id: document.unique_id.clone(),
                    covers: vec![number],
                }),
            }
        }
    }

    fn archives(&self, items: &mut Vec<Item>) {
        let mut numbers: Vec<&usize> = self.files.keys().collect();
        numbers.sort_unstable();
        for index in numbers {
            let Some((listed, bytes)) = self.files.get(index) else { continue };
            if !is_xdm(bytes, &listed.name) {
                continue;
            }
            let is_of = |d: &&Document| d.attachment == Some(*index);
            let all = self.documents().iter().enumerate();
            let only: Vec<&Document> = self.documents().iter().filter(is_of).collect();
            // an archive with one document is that document for whoever looks for it
            let (named, unique_id) = match only.as_slice() {
                [one] => (Some(*one), one.unique_id.clone()),
                several => (several.first().copied(), None),
            };
            items.push(Item {
                format: Format::Xdm,
                facts: self.facts(named),
                bytes: bytes.clone(),
                unique_id,
                covers: all.filter(|(_, d)| is_of(d)).map(|(n, _)| n).collect(),
            });
        }
    }

    /// The file a document is.
    fn content(&self, document: &Document) -> Option<Vec<u8>> {
        let (listed, bytes) = self.files.get(&document.attachment?)?;
        if document.inside.is_empty() {
            return Some(bytes.clone());
        }
        within(bytes, listed, &document.name, document.size, 0)
    }

    fn pdf(&self, document: &Document) -> Option<Vec<u8>> {
        if document.kind == DocumentKind::Pdf {
            return self.content(document);
        }
        if let Some(twin) = document.twin_attachment {
            return self.files.get(&twin).map(|(_, bytes)| bytes.clone());
        }
        let own = document.media.iter().find(|m| m.media_type == "application/pdf" && !m.bytes.is_empty());
        own.map(|m| m.bytes.clone()).or_else(|| {
            let (listed, bytes) = self.files.get(&document.attachment?)?;
            within(bytes, listed, document.twin.as_deref()?, 0, 0)
        })
    }

    fn hprim(&self, document: &Document) -> Option<Vec<u8>> {
        if !matches!(document.kind, DocumentKind::Hprim | DocumentKind::HprimSante) {
            return None;
        }
        match document.attachment {
            Some(_) => self.content(document),
            None => self.reading.map(|reading| as_hprim_file(&reading.text)),
        }
    }

    /// What names can hold of a document, or of the message as a whole.
    fn facts(&self, document: Option<&Document>) -> Facts {
        let mut facts = Facts::default();
        let only = match self.documents() {
            [one] => Some(one),
            _ => None,
        };
        let about = document.or(only);
        let patient =
            about.and_then(|d| d.patient.as_ref()).or(self.reading.and_then(|r| r.patient.as_ref()));
        match patient {
            Some(patient) => of_patient(patient, &mut facts),
            None => {
                let hint = self.row.patient.as_ref().map(Patient::from).unwrap_or_default();
                of_patient(&hint, &mut facts);
            }
        }
        let received = local_day(self.row.date);
        facts.set(Field::Received, &received);
        facts.set(Field::Date, &received);
        facts.set(Field::Title, &document.map_or_else(|| self.row.subject.clone(), title));
        facts.set(Field::Kind, &document.map_or_else(|| self.row.subject.clone(), title));
        facts.set(Field::Author, self.row.from.label());
        if let Some(document) = about {
            of_document(document, &mut facts);
        }
        facts
    }
}

fn of_patient(patient: &Patient, facts: &mut Facts) {
    let birth_name = if patient.birth_name.is_empty() { &patient.name } else { &patient.birth_name };
    let first_name =
        if patient.first_name.is_empty() { &patient.used_first_name } else { &patient.first_name };
    facts.set(Field::Patient, &patient.name);
    if !patient.birth_name.is_empty() {
        facts.set(Field::Patient, &format!("{birth_name} {first_name}"));
    }
    facts.set(Field::BirthName, birth_name);
    facts.set(Field::FirstName, first_name);
    facts.set(Field::UsedName, if patient.used_name.is_empty() { birth_name } else { &patient.used_name });
    facts.set(Field::BirthDate, &digits(patient.birth_date.as_deref().unwrap_or_default()));
    if let Some(ins) = &patient.ins {
        facts.set(Field::Ins, &ins.matricule);
    }
    match patient.sex {
        Some(Sex::F) => facts.set(Field::Sex, "F"),
        Some(Sex::M) => facts.set(Field::Sex, "M"),
        Some(Sex::U) | None => {}
    }
}

fn of_document(document: &Document, facts: &mut Facts) {
    if let Some(code) = &document.code {
        facts.set(Field::Kind, &code.label.chars().take(LABEL).collect::<String>());
        facts.set(Field::Code, &code.code);
    }
    let date = document.act_date.as_ref().or(document.date.as_ref());
    facts.set(Field::Date, &digits(date.map_or("", String::as_str)));
    if let Some(author) = document.authors.first() {
        facts.set(Field::Author, &author.name);
        facts.set(Field::Organisation, &author.organisation);
    }
    facts.set(Field::Id, document.unique_id.as_deref().unwrap_or_default());
}

/// Title without the ending of a file name.
fn title(document: &Document) -> String {
    let title = if document.title.is_empty() { &document.name } else { &document.title };
    match title.rsplit_once('.') {
        Some((stem, ending)) if *title == document.name && ending.len() <= 4 => stem.to_owned(),
        _ => title.clone(),
    }
}

/// `AAAAMMJJ` of an ISO 8601 date, shorter where it is less precise.
fn digits(date: &str) -> String {
    moment::local(date)
        .split('T')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .take(8)
        .collect()
}

fn local_day(time: i64) -> String {
    let time = jiff::Timestamp::from_second(time).unwrap_or_default();
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y%m%d").to_string()
}

/// Only its metadata make an archive one.
fn is_xdm(bytes: &[u8], name: &str) -> bool {
    let started = Instant::now();
    let is_over = move || started.elapsed() > PATIENCE;
    matches!(xdm::read(bytes, name, Patience::new(&is_over)), Ok(Some(found)) if found.kind == DocumentKind::Xdm)
}

/// The file of this name inside an archive, a message or what Outlook packed; `size` tells two of one name apart, 0
/// where it is not known.
fn within(bytes: &[u8], listed: &Attachment, name: &str, size: u64, depth: usize) -> Option<Vec<u8>> {
    let fits = |found: &[u8]| size == 0 || found.len() as u64 == size;
    let in_message = |raw: &[u8]| {
        let mut found = None;
        mime::each_attachment(&Source::of(raw), |inner, content| {
            if inner.name == name && fits(content) {
                found = Some(content.to_vec());
            } else if depth < MAX_DEPTH && !inner.inline {
                found = within(content, inner, name, size, depth + 1);
            }
            found.is_none()
        });
        found
    };
    match sniff::kind(bytes, &listed.name, &listed.media_type) {
        DocumentKind::Message => in_message(bytes),
        DocumentKind::Smime => match smime::open(bytes) {
            smime::Envelope::Signed(content) => in_message(&content),
            _ => None,
        },
        DocumentKind::Tnef => {
            let packed = tnef::read(bytes)?;
            packed.files.into_iter().find(|f| f.name == name && fits(&f.bytes)).map(|f| f.bytes)
        }
        _ => file::in_archive(bytes, name).filter(|found| fits(found)),
    }
}

/// HPRIM of a message's text as practice software reads files: CRLF, and Windows-1252 wherever that can be written, since
/// the format declares no character set (digest of the formats, §4).
fn as_hprim_file(text: &str) -> Vec<u8> {
    let lines = text.replace("\r\n", "\n").replace('\n', "\r\n");
    match encoding_rs::WINDOWS_1252.encode(&lines) {
        (bytes, _, false) => bytes.into_owned(),
        _ => lines.into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hprim_of_a_text_is_written_as_practice_software_reads_it() {
        assert_eq!(as_hprim_file("Créat\n12\r\n"), b"Cr\xE9at\r\n12\r\n");
        assert_eq!(as_hprim_file("Ж\n"), "Ж\r\n".as_bytes());
    }

    #[test]
    fn dates_are_as_precise_as_they_are_known() {
        for (date, shown) in [
            ("2026-03-02T10:00:00+01:00", "20260302"),
            ("2026-03-02", "20260302"),
            ("2026-03", "202603"),
            ("1985", "1985"),
            ("", ""),
        ] {
            assert_eq!(digits(date), shown);
        }
    }
}
