//! One file of any kind to a [`Document`] or a [`Reading`].

use super::{Patience, cda, charset, dicom, hprim, hprim_sante, markup, pdf, rtf, sniff, text, vobject, xdm};
use crate::domain::document::{Document, DocumentKind, Reading, Warning};
use crate::domain::message::Block;
use crate::domain::text::{is_deceptive, without_deceptive};

/// Most bytes of text shown of one file, and most blocks.
const MAX_TEXT: usize = 2 << 20;
const MAX_BLOCKS: usize = 20_000;

/// Files every archive has beside its documents.
pub(super) fn is_furniture(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let ending = upper.rsplit_once('.').map_or("", |(_, e)| e);
    matches!(upper.as_str(), "README.TXT" | "INDEX.HTM" | "INDEX.HTML" | "METADATA.XML" | "DICOMDIR")
        || matches!(ending, "XSL" | "XSLT" | "CSS" | "DTD" | "XSD" | "HTM" | "HTML" | "SWP")
}

/// Office documents are archives of known names.
pub(super) fn kind_of_names<'n>(mut names: impl Iterator<Item = &'n str>) -> DocumentKind {
    let office = names.any(|n| n == "[Content_Types].xml" || n == "content.xml" || n == "mimetype");
    if office { DocumentKind::Office } else { DocumentKind::Archive }
}

fn shown(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    name.chars().filter(|c| !is_deceptive(*c)).take(200).collect()
}

/// Reads one document of any kind but messages and archives, which are only named.
///
/// # Errors
/// XML that is refused: entities of its own, depth or size beyond bounds.
pub fn document(
    bytes: &[u8],
    name: &str,
    declared: &str,
    patience: Patience<'_>,
) -> Result<Document, markup::Error> {
    let mut all = documents(bytes, name, declared, patience)?;
    let several = all.len() > 1 && hprim::differ(&all);
    if all.is_empty() {
        let mut nothing = Document::new(DocumentKind::Other, declared);
        nothing.warn(Warning::Unreadable);
        return Ok(nothing);
    }
    let mut first = all.remove(0);
    if !all.is_empty() {
        for other in all {
            first.results.extend(other.results);
            first.text = format!("{}\n\n{}", first.text, other.text);
            first.blocks.push(Block::Rule);
            first.blocks.extend(other.blocks);
        }
        if several {
            first.patient = None;
            first.warn(Warning::SeveralPatients);
        }
    }
    Ok(first)
}

/// Reads every document of one file: HPRIM files hold several.
///
/// # Errors
/// As [`document`].
pub fn documents(
    bytes: &[u8],
    name: &str,
    declared: &str,
    patience: Patience<'_>,
) -> Result<Vec<Document>, markup::Error> {
    let kind = sniff::kind(bytes, name, declared);
    let mut found = match kind {
        DocumentKind::Cda | DocumentKind::Xml => vec![xml(bytes, patience)?],
        DocumentKind::Pdf => vec![of_pdf(bytes, patience)],
        DocumentKind::Text | DocumentKind::Hprim | DocumentKind::HprimSante | DocumentKind::Apicrypt => {
            written(kind, bytes, declared)
        }
        DocumentKind::Rtf => vec![plain(kind, "application/rtf", &rtf::text(bytes))],
        DocumentKind::Calendar | DocumentKind::Contact => {
            let cut = bytes.get(..MAX_TEXT).unwrap_or(bytes);
            vec![vobject::read(kind, &charset::decode(cut, None).text)]
        }
        DocumentKind::Image => {
            let mut document = Document::new(kind, &sniff::media_type(bytes, declared));
            document.blocks.push(Block::Image(0));
            vec![document]
        }
        DocumentKind::Dicom => vec![dicom::read(bytes)],
        DocumentKind::Active | DocumentKind::Program => {
            let mut document = Document::new(kind, &sniff::media_type(bytes, declared));
            document.warn(Warning::Dangerous);
            vec![document]
        }
        kind => vec![Document::new(kind, &sniff::media_type(bytes, declared))],
    };
    let mismatch = mismatch(kind, name, declared);
    for document in &mut found {
        document.name = shown(name);
        document.size = bytes.len() as u64;
        if document.title.is_empty() {
            document.title.clone_from(&document.name);
        }
        if mismatch {
            document.warn(Warning::TypeMismatch);
        }
        if sniff::is_program(name.to_ascii_lowercase().rsplit('.').next().unwrap_or_default())
            && name.contains('.')
        {
            document.warn(Warning::Dangerous);
        }
    }
    Ok(found)
}

/// Name or declared type promise one thing and the bytes are another that matters.
fn mismatch(kind: DocumentKind, name: &str, declared: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let by_name = match lower.rsplit_once('.').map_or("", |(_, e)| e) {
        "pdf" => Some(DocumentKind::Pdf),
        "zip" => Some(DocumentKind::Archive),
        "jpg" | "jpeg" | "png" | "tif" | "tiff" | "gif" => Some(DocumentKind::Image),
        "rtf" => Some(DocumentKind::Rtf),
        "txt" | "hpr" => Some(DocumentKind::Text),
        _ => None,
    };
    let same = |promised: DocumentKind| {
        promised == kind
            || matches!(
                (promised, kind),
                (DocumentKind::Archive, DocumentKind::Xdm | DocumentKind::Office)
                    | (
                        DocumentKind::Text,
                        DocumentKind::Hprim
                            | DocumentKind::HprimSante
                            | DocumentKind::Apicrypt
                            | DocumentKind::Cda
                            | DocumentKind::Xml
                            | DocumentKind::Message
                            | DocumentKind::Calendar
                            | DocumentKind::Contact
                    )
            )
    };
    let by_type = sniff::by_media_type(&declared.to_ascii_lowercase());
    by_name.is_some_and(|promised| !same(promised)) || by_type.is_some_and(|promised| !same(promised))
}

fn plain(kind: DocumentKind, media_type: &str, content: &str) -> Document {
    let mut document = Document::new(kind, media_type);
    let (blocks, cut) = text::blocks(content, MAX_BLOCKS);
    document.blocks = blocks;
    document.text = without_deceptive(content);
    if cut {
        document.warn(Warning::Truncated);
    }
    document
}

fn written(kind: DocumentKind, bytes: &[u8], declared: &str) -> Vec<Document> {
    let set = declared.to_ascii_lowercase();
    let set = set
        .split_once("charset=")
        .map(|(_, rest)| rest.trim_matches('"').split(';').next().unwrap_or_default().to_owned());
    let cut = bytes.len() > MAX_TEXT;
    let decoded = charset::decode(bytes.get(..MAX_TEXT).unwrap_or(bytes), set.as_deref());
    let mut found = match kind {
        DocumentKind::HprimSante => hprim_sante::read(&decoded.text),
        DocumentKind::Hprim => hprim::read(&decoded.text),
        DocumentKind::Apicrypt => {
            let mut document = Document::new(kind, "text/plain");
            document.warn(Warning::Apicrypt);
            return vec![document];
        }
        _ => vec![plain(kind, "text/plain", &decoded.text)],
    };
    if found.is_empty() {
        found.push(plain(DocumentKind::Text, "text/plain", &decoded.text));
    }
    for document in &mut found {
        if decoded.guessed {
            document.warn(Warning::GuessedCharset);
        }
        if cut {
            document.warn(Warning::Truncated);
        }
    }
    found
}

fn xml(bytes: &[u8], patience: Patience<'_>) -> Result<Document, markup::Error> {
    if let Some(mut document) = cda::read(bytes)? {
        embedded_text(&mut document, patience);
        return Ok(document);
    }
    // HPRIM XML and others: their words, as they stand
    let (decoded, guessed) = markup::decode(bytes)?;
    let tree = markup::Tree::parse(&decoded)?;
    let mut words = String::new();
    for element in tree.root().descendants() {
        if let Some(own) = element.own_text() {
            if words.len() > MAX_TEXT {
                break;
            }
            words.push_str(&format!(
                "{} : {}\n",
                element.name(),
                own.split_whitespace().collect::<Vec<_>>().join(" ")
            ));
        }
    }
    let mut document = plain(DocumentKind::Xml, "text/xml", words.trim());
    document.title = shown(tree.root().name()).chars().take(100).collect();
    if guessed {
        document.warn(Warning::GuessedCharset);
    }
    if tree.has_dtd {
        document.warn(Warning::DtdIgnored);
    }
    if tree.has_stylesheet || tree.root().space() == markup::XSL {
        document.warn(Warning::StylesheetIgnored);
    }
    Ok(document)
}

/// The PDF of a level 1 CDA, or the copy in a level 3 one: its pages, and its text where there is no narrative.
fn embedded_text(document: &mut Document, patience: Patience<'_>) {
    let Some(media) = document.media.iter().find(|m| m.media_type == "application/pdf") else { return };
    match pdf::read(&media.bytes, patience) {
        Ok(content) => {
            document.pages = Some(content.pages);
            if document.blocks.is_empty() {
                document.text = content.texts.join("\n\n").trim().to_owned();
                if content.truncated {
                    document.warn(Warning::Truncated);
                }
            }
        }
        Err(refusal) => document.warn(refused(refusal)),
    }
}

fn refused(refusal: pdf::Refusal) -> Warning {
    match refusal {
        pdf::Refusal::Encrypted => Warning::Encrypted,
        pdf::Refusal::Unreadable => Warning::Unreadable,
    }
}

fn of_pdf(bytes: &[u8], patience: Patience<'_>) -> Document {
    let mut document = Document::new(DocumentKind::Pdf, "application/pdf");
    match pdf::read(bytes, patience) {
        Ok(content) => {
            document.pages = Some(content.pages);
            document.title = content.title;
            document.text = content.texts.join("\n\n").trim().to_owned();
            if content.truncated {
                document.warn(Warning::Truncated);
            }
        }
        Err(refusal) => document.warn(refused(refusal)),
    }
    document
}

/// Reads a file that is no message: what it is and every document in it.
///
/// # Errors
/// As [`document`].
pub fn read(
    bytes: &[u8],
    name: &str,
    declared: &str,
    patience: Patience<'_>,
) -> Result<Reading, markup::Error> {
    let kind = sniff::kind(bytes, name, declared);
    if kind == DocumentKind::Archive
        && let Some(reading) = xdm::read(bytes, &shown(name), patience)?
    {
        return Ok(reading);
    }
    let mut documents = documents(bytes, name, declared, patience)?;
    if kind == DocumentKind::Archive {
        // cut off on its way, or made to be endless: whatever was in it is not here
        documents.iter_mut().for_each(|document| document.warn(Warning::Unreadable));
    }
    Ok(of_documents(documents))
}

/// A reading of the documents of one file.
fn of_documents(documents: Vec<Document>) -> Reading {
    let several = hprim::differ(&documents);
    let first = documents.first();
    let mut warnings: Vec<Warning> = Vec::new();
    for warning in documents.iter().flat_map(|d| &d.warnings) {
        if !warnings.contains(warning) {
            warnings.push(*warning);
        }
    }
    if several {
        warnings.push(Warning::SeveralPatients);
    }
    Reading {
        kind: first.map_or(DocumentKind::Other, |d| d.kind),
        title: first.map(|d| d.title.clone()).unwrap_or_default(),
        patient: first.and_then(|d| d.patient.clone()).filter(|_| !several),
        author: first.and_then(|d| d.authors.first().cloned()),
        refusal: None,
        text: documents.iter().map(|d| d.text.as_str()).collect::<Vec<_>>().join("\n\n"),
        warnings,
        documents,
    }
}

/// The content of the first file of this name in an archive, whatever its folder.
pub fn in_archive(bytes: &[u8], name: &str) -> Option<Vec<u8>> {
    let is_it = |entry: &str| entry.rsplit('/').next().is_some_and(|file| file.eq_ignore_ascii_case(name));
    let archive = super::archive::read(bytes, is_it)?;
    archive.entries.into_iter().filter(|e| is_it(&e.name)).find_map(|e| e.bytes)
}
