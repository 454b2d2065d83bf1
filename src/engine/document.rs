//! Health documents in files and messages, without a session.

mod kind;
mod pack;
mod send;
mod viewing;

pub use kind::document_kinds;
pub use pack::{Pack, pack};
pub use send::{DOCUMENT_TYPES, xdm_draft};
pub(super) use viewing::fetch as fetch_pdf;
pub use viewing::{PageImage, PdfFile, PdfPlace};

use std::time::{Duration, Instant};

use super::{Error, ErrorKind, Result};
use crate::domain::document::{Author, Document, DocumentKind, Reading, Refusal, Warning};
use crate::domain::message::{Block, Envelope, MessageKind, named_in_subject, split_subject};
use crate::domain::moment;
use crate::domain::patient::Patient;
use crate::domain::plain;
use crate::health::identity::{self, Comparison};
use crate::health::{Patience, file, hprim, markup, sniff, xdm};
use crate::mime::{self, Parsed, Source, smime, tnef};

/// How long the reading of one file may take.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Messages inside messages that are opened.
const MAX_DEPTH: usize = 6;
/// Most documents of one file or message.
const MAX_DOCUMENTS: usize = 500;

/// Reads a file or message of any kind with all documents in it. Nothing is fetched, run or written.
///
/// # Errors
/// `input-hostile` for XML with entities of its own or beyond all bounds, `input-malformed` for broken XML,
/// `input-unreadable` when nothing can be read.
pub fn read_document(raw: &[u8], name: &str) -> Result<Reading> {
    let reading = read(raw, name)?;
    // of an S/MIME object that cannot be opened nothing is left
    let is_opened = reading.kind == DocumentKind::Smime && !reading.warnings.contains(&Warning::Unreadable);
    let is_message = matches!(reading.kind, DocumentKind::Letter | DocumentKind::Receipt) || is_opened;
    let is_named = |d: &Document| d.unique_id.is_some() || d.patient.is_some() || d.kind == DocumentKind::Cda;
    let is_lost = |d: &Document| d.warnings.contains(&Warning::Unreadable) || d.kind == DocumentKind::Other;
    let nothing = !is_message
        && reading.text.trim().is_empty()
        && reading.patient.is_none()
        && reading.documents.iter().all(|d| is_lost(d) && !is_named(d));
    if raw.is_empty() || nothing && !reading.warnings.contains(&Warning::Encrypted) {
        return Err(Error::new(ErrorKind::Corrupt, "input-unreadable"));
    }
    Ok(reading)
}

/// As [`read_document`], of a file that may be unreadable.
fn read(raw: &[u8], name: &str) -> Result<Reading> {
    let started = Instant::now();
    let is_over = move || started.elapsed() > PATIENCE;
    let reader = Reader { patience: Patience::new(&is_over), is_over: &is_over };
    reader.any(raw, name, "", 0)
}

/// The documents of a message; `None` when it cannot be read.
pub(super) fn of_message(raw: &[u8]) -> Option<Reading> {
    let source = Source::of(raw);
    of_parsed(&source, mime::parse_source(&source))
}

/// The documents of a message that is already read; `None` when it cannot be.
pub(super) fn of_parsed(source: &Source<'_>, parsed: Parsed) -> Option<Reading> {
    let started = Instant::now();
    let is_over = move || started.elapsed() > PATIENCE;
    let reader = Reader { patience: Patience::new(&is_over), is_over: &is_over };
    reader.message(source, parsed, 0).ok()
}

/// Its documents are worth a look, or its subject names a patient.
pub(super) fn has_something(kind: MessageKind, has_attachment: bool, envelope: &Envelope) -> bool {
    has_attachment || kind == MessageKind::Hprim || named_in_subject(envelope).is_some()
}

/// As [`of_message`] for the screen: the text of pages, which are drawn, is left out.
pub(super) fn of_message_to_show(raw: &[u8]) -> Option<Reading> {
    let started = Instant::now();
    let is_over = move || started.elapsed() > PATIENCE;
    let reader = Reader { patience: Patience::new(&is_over).without_pages(), is_over: &is_over };
    reader.raw_message(raw, 0).ok()
}

fn refused(error: markup::Error) -> Error {
    let code = match error {
        markup::Error::Malformed => "input-malformed",
        markup::Error::Declarations | markup::Error::TooLarge => "input-hostile",
    };
    Error::new(ErrorKind::Corrupt, code).caused_by(error)
}

struct Reader<'r> {
    patience: Patience<'r>,
    is_over: &'r dyn Fn() -> bool,
}

impl Reader<'_> {
    fn any(&self, raw: &[u8], name: &str, declared: &str, depth: usize) -> Result<Reading> {
        match sniff::kind(raw, name, declared) {
            DocumentKind::Message => self.raw_message(raw, depth),
            DocumentKind::Tnef => Ok(self.tnef(raw, name, depth)),
            DocumentKind::Smime => self.smime(raw, name, depth),
            _ => {
                let mut reading = file::read(raw, name, declared, self.patience).map_err(refused)?;
                if (self.is_over)() {
                    note(&mut reading.warnings, Warning::Truncated);
                }
                Ok(reading)
            }
        }
    }

    fn raw_message(&self, raw: &[u8], depth: usize) -> Result<Reading> {
        let source = Source::of(raw);
        self.message(&source, mime::parse_source(&source), depth)
    }

    /// A message: its text, and every document attached or in its text.
    fn message(&self, source: &Source<'_>, parsed: Parsed, depth: usize) -> Result<Reading> {
        if parsed.defects.contains(&Warning::Unreadable) {
            return Err(Error::new(ErrorKind::Corrupt, "input-unreadable"));
        }
        let (title, _) = split_subject(&parsed.envelope.subject);
        let subject = named_in_subject(&parsed.envelope).as_ref().map(Patient::from);
        let refusal = refusal(source, &parsed);
        let from = parsed.envelope.from.into_iter().next().unwrap_or_default();
        let mut reading = Reading {
            kind: match parsed.kind {
                // whose block ends as a file of results does
                MessageKind::Letter | MessageKind::Hprim if parsed.defects.contains(&Warning::Apicrypt) => {
                    DocumentKind::Apicrypt
                }
                MessageKind::Letter => DocumentKind::Letter,
                MessageKind::Xdm => DocumentKind::Xdm,
                MessageKind::Hprim => DocumentKind::Hprim,
                MessageKind::Receipt => DocumentKind::Receipt,
            },
            title,
            patient: None,
            author: Some(Author {
                name: from.label().to_owned(),
                address: from.address.clone(),
                ..Author::default()
            }),
            refusal,
            documents: Vec::new(),
            text: parsed.text,
            warnings: parsed.defects,
        };
        for block in &parsed.blocks {
            if let Block::Preformatted(text) = block
                && hprim::is_hprim(text)
            {
                // the charset was settled when the text was read
                let found = file::documents(text.as_bytes(), "", "text/plain; charset=utf-8", self.patience);
                reading.documents.extend(found.map_err(refused)?);
            }
        }
        // a gateway may have made a page of it
        let may_be = reading.documents.is_empty() && reading.kind != DocumentKind::Apicrypt;
        if may_be && hprim::is_hprim(&reading.text) {
            let found =
                file::documents(reading.text.as_bytes(), "", "text/plain; charset=utf-8", self.patience);
            reading.documents.extend(found.map_err(refused)?);
        }
        let mut named: Option<Patient> = None;
        mime::each_attachment(source, |listed, bytes| {
            if is_machine_part(&listed.media_type) {
                return true;
            }
            if listed.inline || (self.is_over)() || reading.documents.len() >= MAX_DOCUMENTS {
                if !listed.inline {
                    note(&mut reading.warnings, Warning::Truncated);
                }
                return true;
            }
            self.attachment(&mut reading, &mut named, listed, bytes, depth);
            true
        });
        duplicate_names(&mut reading);
        pair(&mut reading.documents);
        xdm::duplicates(&mut reading.documents);
        settle(&mut reading, named, subject);
        Ok(reading)
    }

    fn attachment(
        &self,
        reading: &mut Reading,
        named: &mut Option<Patient>,
        listed: &crate::domain::message::Attachment,
        bytes: &[u8],
        depth: usize,
    ) {
        let nested = if depth < MAX_DEPTH {
            self.any(bytes, &listed.name, &listed.media_type, depth + 1)
        } else {
            Err(Error::new(ErrorKind::Corrupt, "input-too-deep"))
        };
        let found = match nested {
            Ok(found) => found,
            Err(error) => {
                let mut document = Document::new(DocumentKind::Other, &listed.media_type);
                document.name.clone_from(&listed.name);
                document.title.clone_from(&listed.name);
                document.size = bytes.len() as u64;
                document.attachment = Some(listed.index);
                document.warn(if error.code() == "input-hostile" {
                    Warning::Dangerous
                } else {
                    Warning::Unreadable
                });
                reading.documents.push(document);
                return;
            }
        };
        if found.kind == DocumentKind::Xdm {
            if let Some(patient) = &found.patient {
                match named {
                    Some(other) if identity::compare(other, patient) == Comparison::Different => {
                        note(&mut reading.warnings, Warning::SeveralPatients);
                    }
                    Some(_) => {}
                    None => *named = Some(patient.clone()),
                }
            }
            if reading.kind == DocumentKind::Letter {
                reading.kind = DocumentKind::Xdm;
            }
        }
        // a message inside is a document of its own, before those it brings
        let is_message = match sniff::kind(bytes, &listed.name, &listed.media_type) {
            DocumentKind::Message => true,
            DocumentKind::Smime => found.documents.iter().all(|d| d.kind != DocumentKind::Smime),
            _ => false,
        };
        if is_message {
            let mut inner = Document::new(DocumentKind::Message, "message/rfc822");
            inner.title.clone_from(&found.title);
            inner.name.clone_from(&listed.name);
            inner.size = bytes.len() as u64;
            inner.authors.extend(found.author.clone());
            inner.patient.clone_from(&found.patient);
            inner.text.clone_from(&found.text);
            inner.blocks = vec![Block::Preformatted(found.text.clone())];
            inner.warnings.clone_from(&found.warnings);
            inner.attachment = Some(listed.index);
            reading.documents.push(inner);
        } else {
            // what an archive as a whole has to say
            for warning in &found.warnings {
                let of_document = found.documents.iter().any(|d| d.warnings.contains(warning));
                if !of_document || matches!(warning, Warning::PatientDiffersFromMetadata) {
                    note(&mut reading.warnings, *warning);
                }
            }
            if reading.text.trim().is_empty() && found.kind == DocumentKind::Tnef {
                reading.text.clone_from(&found.text);
            }
        }
        for mut document in found.documents {
            if document.inside.is_empty() && document.name != listed.name {
                document.inside.clone_from(&listed.name);
            }
            document.attachment = Some(listed.index);
            reading.documents.push(document);
        }
    }

    fn tnef(&self, raw: &[u8], name: &str, depth: usize) -> Reading {
        let mut reading = Reading::new(DocumentKind::Tnef, name.to_owned());
        let Some(packed) = tnef::read(raw) else {
            reading.warnings.push(Warning::Unreadable);
            return reading;
        };
        if packed.truncated {
            reading.warnings.push(Warning::Truncated);
        }
        if !packed.subject.is_empty() {
            reading.title = packed.subject;
        }
        reading.text = packed.text;
        let mut named = None;
        for (index, file) in packed.files.into_iter().enumerate() {
            let listed = crate::domain::message::Attachment {
                index,
                name: file.name,
                media_type: file.media_type,
                size: file.bytes.len() as u64,
                inline: false,
            };
            if (self.is_over)() || reading.documents.len() >= MAX_DOCUMENTS {
                note(&mut reading.warnings, Warning::Truncated);
                break;
            }
            self.attachment(&mut reading, &mut named, &listed, &file.bytes, depth);
        }
        for document in &mut reading.documents {
            name.clone_into(&mut document.inside);
            document.attachment = None;
        }
        pair(&mut reading.documents);
        settle(&mut reading, named, None);
        reading
    }

    /// An S/MIME object as a file: what is signed is read as a message; what is encrypted is said to be.
    fn smime(&self, raw: &[u8], name: &str, depth: usize) -> Result<Reading> {
        let alone = |warning| {
            let mut document = Document::new(DocumentKind::Smime, "application/pkcs7-mime");
            name.clone_into(&mut document.name);
            name.clone_into(&mut document.title);
            document.size = raw.len() as u64;
            document.warn(warning);
            Reading {
                warnings: document.warnings.clone(),
                documents: vec![document],
                ..Reading::new(DocumentKind::Smime, name.to_owned())
            }
        };
        match smime::open(raw) {
            smime::Envelope::Signed(content) if depth < MAX_DEPTH => {
                // a MIME entity has only Content fields
                let mut reading = match self.raw_message(&content, depth + 1) {
                    Ok(reading) => reading,
                    Err(_) => self.any(&content, "", "", depth + 1)?,
                };
                reading.kind = DocumentKind::Smime;
                if reading.title.is_empty() {
                    name.clone_into(&mut reading.title);
                }
                reading.author = reading.author.filter(|a| !a.name.is_empty());
                reading.warnings.retain(|w| *w != Warning::BadDate);
                note(&mut reading.warnings, Warning::SignatureNotVerified);
                Ok(reading)
            }
            smime::Envelope::Encrypted => Ok(alone(Warning::Encrypted)),
            smime::Envelope::Detached => Ok(alone(Warning::SignatureNotVerified)),
            _ => Ok(alone(Warning::Unreadable)),
        }
    }
}

/// Parts of a report for programs; what they say is told otherwise.
fn is_machine_part(media_type: &str) -> bool {
    matches!(
        media_type,
        "message/delivery-status"
            | "message/global-delivery-status"
            | "message/disposition-notification"
            | "message/global-disposition-notification"
            | "text/rfc822-headers"
    )
}

fn note(warnings: &mut Vec<Warning>, warning: Warning) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}

/// The answer of a platform: by its subject, its code and words by its notice where it is one.
fn refusal(source: &Source<'_>, parsed: &Parsed) -> Option<Refusal> {
    let (subject, text) = (&parsed.envelope.subject, &parsed.text);
    let by_subject = Refusal::from_subject(subject);
    // of any other message there is none, and reading it once more takes time
    let is_notice = parsed.kind == MessageKind::Receipt;
    let notice = is_notice.then(|| mime::notice_of_source(source)).flatten();
    let rejected = notice
        .as_ref()
        .and_then(|n| n.statuses.iter().find(|s| s.kind == crate::domain::receipt::ReceiptKind::Rejected));
    let mut refusal = match (by_subject, rejected) {
        (Some(refusal), _) => refusal,
        (None, Some(status)) => Refusal { code: status.code.clone(), reason: String::new(), original: None },
        (None, None) => return None,
    };
    if let Some(status) = rejected {
        refusal.reason.clone_from(&status.reason);
        if refusal.code.is_empty() {
            refusal.code.clone_from(&status.code);
        }
    }
    if refusal.reason.is_empty() {
        let line = text.lines().find(|l| !refusal.code.is_empty() && l.contains(&refusal.code));
        refusal.reason = line.map(|l| l.trim().chars().take(300).collect()).unwrap_or_default();
    }
    refusal.original = notice.and_then(|n| n.message_id);
    Some(refusal)
}

/// Attachments of one name: both are listed, and it is said.
fn duplicate_names(reading: &mut Reading) {
    let mut names: Vec<(&str, Option<usize>)> = Vec::new();
    let mut twice = false;
    for document in reading.documents.iter().filter(|d| d.inside.is_empty() && !d.name.is_empty()) {
        twice |= names.iter().any(|(name, n)| *name == document.name && *n != document.attachment);
        names.push((&document.name, document.attachment));
    }
    if twice {
        note(&mut reading.warnings, Warning::DuplicateName);
    }
}

/// Pairs the PDFs attached beside an archive with the CDAs in it: the same bytes, else the name the rules give them
/// (date of the act, type, name), else the only one of each.
fn pair(documents: &mut Vec<Document>) {
    let is_pdf = |d: &Document| d.kind == DocumentKind::Pdf && d.inside.is_empty();
    // the archive may hold a copy of the PDF too: the one beside it is the one people see
    let open = |d: &Document| d.kind == DocumentKind::Cda && d.twin_attachment.is_none();
    let (pdfs, cdas) =
        (documents.iter().filter(|d| is_pdf(d)).count(), documents.iter().filter(|d| open(d)).count());
    if pdfs == 0 || cdas == 0 {
        return;
    }
    let only = pdfs == 1 && cdas == 1;
    let mut at = 0;
    while at < documents.len() {
        let owner = documents.get(at).filter(|d| is_pdf(d)).and_then(|pdf| {
            let same = |cda: &Document| only || is_named_after(&pdf.name, cda) || has_text_of(pdf, cda);
            documents.iter().position(|cda| open(cda) && same(cda))
        });
        match owner {
            Some(owner) => {
                let pdf = documents.remove(at);
                let owner = if owner > at { owner - 1 } else { owner };
                if let Some(cda) = documents.get_mut(owner) {
                    cda.twin_attachment = pdf.attachment;
                    cda.pages = cda.pages.or(pdf.pages);
                    cda.twin = Some(pdf.name);
                }
            }
            None => at += 1,
        }
    }
}

/// `<AAAAMMJJ of the act>_<type, 40 characters>_<NOM>_<prénom>[_<number>].pdf` (ECO.2.1.6).
fn is_named_after(name: &str, cda: &Document) -> bool {
    let mut parts = name.split('_');
    let (Some(date), Some(kind)) = (parts.next(), parts.next()) else { return false };
    let act = cda.act_date.as_deref().map(moment::local).unwrap_or_default();
    let act: String = act.chars().filter(char::is_ascii_digit).take(8).collect();
    let label = cda.code.as_ref().map(|c| c.label.chars().take(40).collect::<String>()).unwrap_or_default();
    !act.is_empty() && date == act && identity::folded(kind) == identity::folded(&label)
}

/// The PDF of a level 1 CDA has the same bytes; their sizes and texts are what is left of them here.
fn has_text_of(pdf: &Document, cda: &Document) -> bool {
    cda.media.iter().any(|m| m.media_type == "application/pdf" && m.size == pdf.size)
        && cda.blocks.is_empty()
        && cda.text == pdf.text
}

/// Whom the message is about: the metadata's patient, else the one all its documents name, else the one of the subject;
/// and what contradicts.
fn settle(reading: &mut Reading, named: Option<Patient>, subject: Option<Patient>) {
    let mut patients: Vec<&Patient> = reading.documents.iter().filter_map(|d| d.patient.as_ref()).collect();
    let first = named.as_ref().or_else(|| patients.first().copied()).cloned();
    patients.retain(|p| first.as_ref().is_some_and(|f| identity::compare(f, p) == Comparison::Different));
    let several = !patients.is_empty();
    if several && !reading.warnings.contains(&Warning::PatientDiffersFromMetadata) {
        note(&mut reading.warnings, Warning::SeveralPatients);
    }
    let several = several || reading.warnings.contains(&Warning::SeveralPatients);
    match (&first, &subject) {
        (Some(patient), Some(subject))
            if identity::fits_subject(patient, subject) == Comparison::Different =>
        {
            note(&mut reading.warnings, Warning::PatientDiffersFromSubject);
        }
        _ => {}
    }
    reading.patient = if several && named.is_none() { None } else { first.or(subject) };
}

/// Everything of a message's documents that can be searched for: text, titles, names of patients and analyses.
pub(super) fn search_text(reading: &Reading, most: usize) -> String {
    let mut out = String::new();
    let mut add = |text: &str| {
        if !text.is_empty() && out.len() < most {
            out.push('\n');
            out.push_str(text.get(..text.floor_char_boundary(most - out.len())).unwrap_or_default());
        }
    };
    // what is in the message's own text is in the index with it
    for document in reading.documents.iter().filter(|d| d.attachment.is_some()) {
        add(&document.title);
        if let Some(patient) = &document.patient {
            add(&format!("{} {} {}", patient.birth_name, patient.used_name, patient.given_names));
            if let Some(ins) = &patient.ins {
                add(&ins.matricule);
            }
        }
        for author in &document.authors {
            add(&format!("{} {}", author.name, author.organisation));
        }
        add(if document.text.is_empty() { "" } else { &document.text });
        if document.text.is_empty() {
            add(&plain::text(&document.blocks));
        }
        for result in &document.results {
            add(&result.label);
        }
    }
    out
}

/// What names the patients of a message's documents, as a search for `patient:` finds it: names, birth dates as French
/// people write them, INS.
pub(super) fn patients_text(reading: &Reading) -> String {
    let mut lines: Vec<String> = Vec::new();
    let patients = reading.documents.iter().filter_map(|d| d.patient.as_ref()).chain(&reading.patient);
    for patient in patients.take(MAX_DOCUMENTS) {
        let ins = patient.ins.as_ref().map(|ins| ins.matricule.as_str()).unwrap_or_default();
        let birth = patient.birth_date.as_deref().map(french_date).unwrap_or_default();
        let (name, birth_name, used) = (&patient.name, &patient.birth_name, &patient.used_name);
        let (given, called) = (&patient.given_names, &patient.used_first_name);
        let first = &patient.first_name;
        let line = format!("{name} {birth_name} {used} {first} {given} {called} {birth} {ins}");
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// `1978-11-26` as 26/11/1978; what is less precise stays so.
fn french_date(iso: &str) -> String {
    match iso.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] => format!("{day}/{month}/{year}"),
        _ => iso.to_owned(),
    }
}

/// Media type by the ending of a file name; octets when unknown.
pub fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, e)| e.to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "xml" => "text/xml",
        "txt" | "hpr" | "hpm" => "text/plain",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "tif" | "tiff" => "image/tiff",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "odt" => "application/vnd.oasis.opendocument.text",
        "rtf" => "application/rtf",
        _ => "application/octet-stream",
    }
}
