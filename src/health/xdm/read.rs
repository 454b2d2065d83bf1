//! Reads `IHE_XDM` archives. Layout and field sloppiness: digest §1.1 and §1.5.

use std::fmt::Write as _;

use super::metadata::{self, Entry, Refusal, Set};
use crate::domain::document::{Change, Document, DocumentKind, Mask, Reading, Warning};
use crate::domain::patient::Patient;
use crate::domain::text::is_deceptive;
use crate::health::Patience;
use crate::health::archive::{self, Archive};
use crate::health::file;
use crate::health::identity::{self, Comparison};
use crate::health::markup;

/// Most documents of one archive.
const MAX_DOCUMENTS: usize = 200;
/// Most bytes of text read out of an archive of another kind.
const MAX_WORDS: usize = 1 << 20;

/// Reads an archive. `None` when it is no archive at all. Without metadata it is another kind of archive, whose names
/// are told.
///
/// # Errors
/// Metadata that no real program writes: entities of their own, depth beyond bounds.
pub fn read(bytes: &[u8], name: &str, patience: Patience<'_>) -> Result<Option<Reading>, markup::Error> {
    let Some(archive) = archive::read(bytes, is_content) else { return Ok(None) };
    let sets: Vec<usize> = metadata_entries(&archive);
    let mut warnings = Vec::new();
    let mut warn = |wrong: bool, warning: Warning| {
        if wrong && !warnings.contains(&warning) {
            warnings.push(warning);
        }
    };
    warn(archive.truncated, Warning::Truncated);
    warn(archive.encrypted, Warning::Encrypted);
    warn(archive.unsafe_name, Warning::UnsafeName);
    warn(archive.duplicate, Warning::DuplicateName);
    let bare = if sets.is_empty() { bare_folders(&archive) } else { Vec::new() };
    if sets.is_empty() && bare.is_empty() {
        return Ok(Some(other(bytes, name, &archive, warnings, patience)));
    }
    let mut reading = Reading::new(DocumentKind::Xdm, String::new());
    for folder in bare {
        warn(true, Warning::MetadataUnreadable);
        submission(&archive, None, &format!("{folder}/"), Set::default(), name, &mut reading, patience)?;
    }
    for index in sets {
        let Some(entry) = archive.entries.get(index) else { continue };
        let Some(content) = &entry.bytes else {
            warn(true, Warning::MetadataUnreadable);
            continue;
        };
        let set = match metadata::read(content) {
            Ok(set) => set,
            Err(Refusal::Xml(error @ (markup::Error::Declarations | markup::Error::TooLarge))) => {
                return Err(error);
            }
            Err(Refusal::Xml(markup::Error::Malformed)) => {
                warn(true, Warning::MetadataUnreadable);
                Set::default()
            }
            Err(Refusal::Unsupported) => {
                warn(true, Warning::MetadataUnsupported);
                Set::default()
            }
        };
        warn(set.guessed, Warning::GuessedCharset);
        warn(set.has_dtd, Warning::DtdIgnored);
        let metadata = entry.name.as_str();
        submission(&archive, Some(index), metadata, set, name, &mut reading, patience)?;
    }
    for warning in warnings {
        if !reading.warnings.contains(&warning) {
            reading.warnings.push(warning);
        }
    }
    if reading.documents.iter().all(|d| d.kind != DocumentKind::Cda) && reading.documents.is_empty() {
        reading.warnings.push(Warning::Unreadable);
    }
    duplicates(&mut reading.documents);
    let texts: Vec<&str> =
        reading.documents.iter().map(|d| d.text.as_str()).filter(|t| !t.is_empty()).collect();
    reading.text = texts.join("\n\n");
    Ok(Some(reading))
}

/// Leftovers of other systems are never content.
fn is_content(name: &str) -> bool {
    let mut parts = name.split('/');
    let file = parts.next_back().unwrap_or_default();
    !name.split('/').any(|p| p == "__MACOSX")
        && !file.starts_with('.')
        && !file.ends_with('~')
        && !file.eq_ignore_ascii_case("Thumbs.db")
        && !file.eq_ignore_ascii_case("desktop.ini")
}

/// `IHE_XDM/*/METADATA.XML`, any case, whatever stands before; else a METADATA.XML anywhere.
fn metadata_entries(archive: &Archive) -> Vec<usize> {
    let found = |strict: bool| -> Vec<usize> {
        let of = |name: &str| {
            let upper = name.to_ascii_uppercase();
            let parts: Vec<&str> = upper.split('/').collect();
            is_content(name)
                && parts.last() == Some(&"METADATA.XML")
                && (!strict || parts.iter().rev().nth(2) == Some(&"IHE_XDM"))
        };
        archive.entries.iter().enumerate().filter(|(_, e)| of(&e.name)).map(|(n, _)| n).collect()
    };
    let strict = found(true);
    if strict.is_empty() { found(false) } else { strict }
}

/// Folders of submission sets whose metadata were left out: the documents in them are read all the same.
fn bare_folders(archive: &Archive) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for entry in archive.entries.iter().filter(|e| is_content(&e.name) && e.bytes.is_some()) {
        let folder = folder(&entry.name);
        let parent = folder.rsplit('/').nth(1).unwrap_or_default();
        if parent.eq_ignore_ascii_case("IHE_XDM") && !found.iter().any(|known| known == folder) {
            found.push(folder.to_owned());
        }
    }
    found
}

/// An archive of another kind: only its names are shown. Its text holds what can be read in it too, so that a search
/// finds it.
fn other(
    bytes: &[u8],
    name: &str,
    archive: &Archive,
    warnings: Vec<Warning>,
    patience: Patience<'_>,
) -> Reading {
    let mut document = Document::new(
        file::kind_of_names(archive.entries.iter().map(|e| e.name.as_str())),
        "application/zip",
    );
    if has_macros(name, archive) {
        document.warn(Warning::Dangerous);
    }
    document.title = name.to_owned();
    document.name = name.to_owned();
    document.size = bytes.len() as u64;
    let shown = |name: &String| name.chars().filter(|c| !is_deceptive(*c)).collect::<String>();
    document.entries = archive.entries.iter().map(|e| shown(&e.name)).take(archive::MAX_ENTRIES).collect();
    document.text = document.entries.join("\n");
    if document.kind == DocumentKind::Archive {
        words_inside(archive, &mut document.text, patience);
    }
    for warning in &warnings {
        document.warn(*warning);
    }
    Reading {
        kind: document.kind,
        title: document.title.clone(),
        patient: None,
        author: None,
        refusal: None,
        text: document.text.clone(),
        warnings: document.warnings.clone(),
        documents: vec![document],
    }
}

/// An office document with programs in it, whatever it is called.
fn has_macros(name: &str, archive: &Archive) -> bool {
    const ENDINGS: [&str; 8] = ["docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppam"];
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
        || archive.entries.iter().any(|e| file_name(&e.name).eq_ignore_ascii_case("vbaProject.bin"))
}

/// Adds the text of every file that can be read; archives and messages inside stay closed.
fn words_inside(archive: &Archive, text: &mut String, patience: Patience<'_>) {
    for entry in &archive.entries {
        let Some(bytes) = &entry.bytes else { continue };
        if text.len() > MAX_WORDS || patience.is_over() {
            return;
        }
        let Ok(found) = file::documents(bytes, file_name(&entry.name), "", patience) else { continue };
        for document in found.iter().filter(|d| !d.text.trim().is_empty()) {
            text.push_str("\n\n");
            let room = MAX_WORDS.saturating_sub(text.len());
            text.push_str(document.text.get(..document.text.floor_char_boundary(room)).unwrap_or_default());
        }
    }
}

fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn file_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, file)| file)
}

/// Name without its ending, in lower case.
fn base(name: &str) -> String {
    let file = file_name(name);
    file.rsplit_once('.').map_or(file, |(base, _)| base).to_lowercase()
}

/// The entry a URI names: relative to its metadata, else to the archive, else by the file's name alone; case differs.
fn find(archive: &Archive, metadata: &str, uri: &str) -> Option<usize> {
    let uri = uri.trim().replace('\\', "/");
    let uri = uri.trim_start_matches("./").trim_start_matches('/');
    if uri.is_empty() {
        return None;
    }
    let near = match folder(metadata) {
        "" => uri.to_owned(),
        folder => format!("{folder}/{uri}"),
    };
    let position = |wanted: &str| archive.entries.iter().position(|e| e.name.eq_ignore_ascii_case(wanted));
    let by_file = || {
        let same = |e: &archive::Entry| {
            is_content(&e.name) && file_name(&e.name).eq_ignore_ascii_case(file_name(uri))
        };
        archive
            .entries
            .iter()
            .position(|e| same(e) && folder(&e.name) == folder(metadata))
            .or_else(|| archive.entries.iter().position(same))
    };
    position(&near).or_else(|| position(uri)).or_else(by_file)
}

/// The documents of one submission set; `metadata_name` says where it lies.
fn submission(
    archive: &Archive,
    metadata: Option<usize>,
    metadata_name: &str,
    set: Set,
    archive_name: &str,
    reading: &mut Reading,
    patience: Patience<'_>,
) -> Result<(), markup::Error> {
    let mut used: Vec<usize> = metadata.into_iter().collect();
    let first = reading.documents.len();
    for entry in &set.entries {
        if reading.documents.len() >= MAX_DOCUMENTS {
            reading.warnings.push(Warning::Truncated);
            break;
        }
        let index = find(archive, metadata_name, &entry.uri);
        let content = index.and_then(|n| archive.entries.get(n));
        used.extend(index);
        let bytes = content.and_then(|c| c.bytes.as_deref());
        if bytes.is_some() && is_read_out(reading) {
            reading.warnings.push(Warning::Truncated);
            break;
        }
        let mut document = match bytes {
            Some(bytes) => {
                let name = content.map_or("", |c| file_name(&c.name));
                let mut document = file::document(bytes, name, &entry.media_type, patience)?;
                check(&mut document, entry, bytes);
                document
            }
            None => {
                let mut missing = Document::new(DocumentKind::Other, &entry.media_type);
                missing.name = shown(&entry.uri);
                missing.warn(Warning::FileMissing);
                missing
            }
        };
        document.inside = archive_name.to_owned();
        describe(&mut document, entry, &set);
        reading.documents.push(document);
    }
    undeclared(archive, metadata_name, &mut used, set.entries.is_empty(), archive_name, reading, patience)?;
    pair(&mut reading.documents, first);
    if reading.title.is_empty() {
        let titled = reading.documents.get(first).map(|d| d.title.clone()).filter(|t| !t.is_empty());
        reading.title = Some(set.title.clone()).filter(|t| !t.is_empty()).or(titled).unwrap_or_default();
    }
    if reading.author.is_none() {
        let written = reading.documents.iter().find_map(|d| d.authors.first().cloned());
        reading.author = written.or(set.author);
    }
    let ours = reading.documents.get(first..).unwrap_or_default();
    let merged = merged(set.patient, ours.iter().filter_map(|d| d.patient.as_ref()));
    let conflict = |p: &Patient| {
        ours.iter()
            .filter_map(|d| d.patient.as_ref())
            .any(|other| identity::compare(p, other) == Comparison::Different)
    };
    if merged.as_ref().is_some_and(conflict) {
        reading.warnings.push(Warning::PatientDiffersFromMetadata);
    }
    reading.patient = match (reading.patient.take(), merged) {
        (Some(a), Some(b)) if identity::compare(&a, &b) == Comparison::Different => {
            reading.warnings.push(Warning::SeveralPatients);
            None
        }
        (a, b) => a.or(b),
    };
    Ok(())
}

/// The patient of the metadata with the traits a document that names the same one adds.
fn merged<'d>(set: Option<Patient>, mut documents: impl Iterator<Item = &'d Patient>) -> Option<Patient> {
    let Some(set) = set else { return documents.next().cloned() };
    // an identifier alone names nobody: the document says who it is, unless it contradicts
    let fitting = documents.find(|p| identity::compare(&set, p) != Comparison::Different);
    Some(fitting.cloned().unwrap_or(set))
}

/// As much was read as an archive may hold: metadata that name one file over and over would make it grow without end.
fn is_read_out(reading: &Reading) -> bool {
    reading.documents.iter().map(|d| d.size).sum::<u64>() > archive::MAX_TOTAL
}

fn shown(name: &str) -> String {
    name.chars().filter(|c| !is_deceptive(*c)).take(200).collect()
}

/// Size and SHA-1 of the file as it lies in the archive.
fn check(document: &mut Document, entry: &Entry, bytes: &[u8]) {
    if entry.size.is_some_and(|size| size != bytes.len() as u64) {
        document.warn(Warning::SizeWrong);
    }
    if entry.hash.len() == 40
        && entry.hash.bytes().all(|b| b.is_ascii_hexdigit())
        && entry.hash != sha1(bytes)
    {
        document.warn(Warning::HashWrong);
    }
}

pub(super) fn sha1(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest.as_ref().iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// What the metadata add, and where they contradict the document itself.
fn describe(document: &mut Document, entry: &Entry, set: &Set) {
    if let (Some(mine), Some(theirs)) = (&document.patient, entry.patient.as_ref().or(set.patient.as_ref()))
        && identity::compare(mine, theirs) == Comparison::Different
    {
        document.warn(Warning::PatientDiffersFromMetadata);
    }
    if document.patient.is_none() {
        document.patient.clone_from(&entry.patient);
    }
    let fill = |mine: &mut Option<String>, theirs: &Option<String>| {
        if mine.is_none() {
            mine.clone_from(theirs);
        }
    };
    fill(&mut document.unique_id, &entry.unique_id);
    fill(&mut document.date, &entry.created);
    fill(&mut document.act_date, &entry.act);
    document.class.clone_from(&entry.class);
    if document.code.is_none() {
        document.code.clone_from(&entry.code);
    }
    if document.title.is_empty() || document.title == document.name {
        let label = entry.code.as_ref().map(|c| c.label.clone());
        document.title = Some(entry.title.clone()).filter(|t| !t.is_empty()).or(label).unwrap_or_default();
    }
    if document.title.is_empty() {
        document.title.clone_from(&document.name);
    }
    if document.authors.is_empty() {
        document.authors.extend(entry.author.clone());
    }
    for mask in &entry.masks {
        if !document.masks.contains(mask) {
            document.masks.push(*mask);
        }
    }
    for (mask, warning) in [
        (Mask::Professionals, Warning::MaskedProfessionals),
        (Mask::Patient, Warning::MaskedPatient),
        (Mask::Guardians, Warning::MaskedGuardians),
    ] {
        if document.masks.contains(&mask) {
            document.warn(warning);
        }
    }
    change(document, entry, set);
}

fn change(document: &mut Document, entry: &Entry, set: &Set) {
    if entry.action == "D" || entry.action.ends_with(":D") {
        document.change = Some(Change::Deletes);
        return;
    }
    // an association names the entry it replaces by an identifier of the receiving registry, which says nothing here
    let named = set.replaces.iter().any(|target| *target != entry.id);
    if document.change.is_none() && (entry.action == "C" || (named && set.entries.len() == 1)) {
        document.change = Some(Change::Replaces);
    }
}

/// Files the metadata do not name: PDF twins, and everything where the metadata cannot be read.
fn undeclared(
    archive: &Archive,
    metadata: &str,
    used: &mut Vec<usize>,
    nothing_declared: bool,
    archive_name: &str,
    reading: &mut Reading,
    patience: Patience<'_>,
) -> Result<(), markup::Error> {
    for (index, entry) in archive.entries.iter().enumerate() {
        if used.contains(&index) || folder(&entry.name) != folder(metadata) || !is_content(&entry.name) {
            continue;
        }
        let Some(bytes) = &entry.bytes else { continue };
        let name = file_name(&entry.name);
        if file::is_furniture(name) || reading.documents.len() >= MAX_DOCUMENTS || is_read_out(reading) {
            continue;
        }
        used.push(index);
        let mut document = file::document(bytes, name, "", patience)?;
        document.inside = archive_name.to_owned();
        if document.title.is_empty() {
            document.title = shown(name);
        }
        // a twin beside its CDA is how vendors do it
        let is_twin = document.kind == DocumentKind::Pdf
            && reading.documents.iter().any(|d| d.kind == DocumentKind::Cda && base(&d.name) == base(name));
        if !is_twin && !nothing_declared {
            document.warn(Warning::Undeclared);
        }
        reading.documents.push(document);
    }
    Ok(())
}

/// A CDA and the PDF of the same base name are one document: the PDF becomes its twin and comes first.
fn pair(documents: &mut Vec<Document>, first: usize) {
    let mut at = first;
    while at < documents.len() {
        let is_pdf = documents
            .get(at)
            .filter(|d| d.kind == DocumentKind::Pdf)
            .map(|d| (base(&d.name), d.name.clone()));
        if let Some((pdf_base, name)) = is_pdf {
            let whose = documents
                .iter()
                .skip(first)
                .position(|d| d.kind == DocumentKind::Cda && d.twin.is_none() && base(&d.name) == pdf_base);
            if let Some(owner) = whose.map(|n| n + first) {
                let pdf = documents.remove(at);
                let owner = if owner > at { owner - 1 } else { owner };
                if let Some(cda) = documents.get_mut(owner) {
                    cda.twin = Some(name);
                    for warning in pdf.warnings {
                        cda.warn(warning);
                    }
                    cda.pages = cda.pages.or(pdf.pages);
                }
                continue;
            }
        }
        at += 1;
    }
}

/// Marks each document that came before, by its unique identifier.
pub fn duplicates(documents: &mut [Document]) {
    let mut seen: Vec<String> = Vec::new();
    for document in documents {
        if let Some(id) = document.unique_id.clone() {
            if seen.contains(&id) {
                document.warn(Warning::DuplicateDocument);
            } else {
                seen.push(id);
            }
        }
    }
}
