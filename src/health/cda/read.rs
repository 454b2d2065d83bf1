//! A CDA to a [`Document`]: header, narrative, coded results, pictures and files inside.

use std::collections::HashMap;

use super::{biology, header, narrative};
use crate::domain::document::{Document, DocumentKind, Media, Warning};
use crate::domain::message::Block;
use crate::domain::text::one_line;
use crate::health::base64::decode;
use crate::health::markup::{self, Element, HL7, Tree, XSL};
use crate::health::{charset, rtf, sniff};

/// Most sections, blocks, bytes of text, pictures and files of one document, and most bytes of pictures and files.
const MAX_SECTIONS: usize = 2_000;
const MAX_BLOCKS: usize = 20_000;
const MAX_TEXT: usize = 2 << 20;
const MAX_MEDIA: usize = 200;
const MAX_MEDIA_BYTES: usize = 40 << 20;
/// Longest title of a section, in bytes.
const MAX_TITLE: usize = 500;

/// Reads a CDA, be it alone or inside a style sheet ("autoprésentable"); never runs the sheet, fetches nothing.
/// `None` when the XML holds no CDA.
///
/// # Errors
/// As the XML reader.
pub fn read(bytes: &[u8]) -> Result<Option<Document>, markup::Error> {
    let (text, guessed) = markup::decode(bytes)?;
    let tree = Tree::parse(&text)?;
    let Some(root) = clinical_document(tree.root()) else { return Ok(None) };
    let mut document = Document::new(DocumentKind::Cda, "text/xml");
    document.size = bytes.len() as u64;
    if guessed {
        document.warn(Warning::GuessedCharset);
    }
    if tree.has_dtd {
        document.warn(Warning::DtdIgnored);
    }
    if tree.has_stylesheet || tree.root().space() == XSL {
        document.warn(Warning::StylesheetIgnored);
    }
    header::read(root, &mut document);
    body(root, &mut document);
    if document.title.is_empty() {
        document.title = document.code.as_ref().map(|c| c.label.clone()).unwrap_or_default();
    }
    Ok(Some(document))
}

/// The CDA in a tree: the root, or what a style sheet carries. A document without namespace is taken for one.
fn clinical_document(root: Element<'_>) -> Option<Element<'_>> {
    let is_cda = |e: &Element<'_>| e.name() == "ClinicalDocument" && matches!(e.space(), HL7 | "");
    if is_cda(&root) {
        return Some(root);
    }
    (root.space() == XSL).then(|| root.descendants().find(is_cda)).flatten()
}

fn body(root: Element<'_>, document: &mut Document) {
    for component in root.all("component") {
        if let Some(text) = component.path(&["nonXMLBody", "text"]) {
            unstructured(text, document);
        }
        if let Some(body) = component.first("structuredBody") {
            structured(root, body, document);
        }
    }
    if document.blocks.is_empty()
        && document.media.is_empty()
        && document.warnings.iter().all(|w| *w != Warning::RemoteContent)
    {
        document.warn(Warning::Unreadable);
    }
    if document.blocks.len() > MAX_BLOCKS {
        document.blocks.truncate(MAX_BLOCKS);
        document.warn(Warning::Truncated);
    }
    document.text = crate::domain::plain::text(&document.blocks);
}

/// Level 1: one file of any kind.
fn unstructured(text: Element<'_>, document: &mut Document) {
    let declared = text.attribute("mediaType").unwrap_or("text/plain").to_ascii_lowercase();
    let Some(content) = text.own_text() else {
        let remote = text.first("reference").is_some();
        document.warn(if remote { Warning::RemoteContent } else { Warning::Unreadable });
        return;
    };
    let encoded = text.attribute("representation").is_some_and(|r| r.eq_ignore_ascii_case("B64"));
    if text.attribute("compression").is_some() {
        document.warn(Warning::Unreadable);
        return;
    }
    let bytes = if encoded {
        let (bytes, whole) = decode(content, MAX_MEDIA_BYTES);
        if !whole {
            document.warn(Warning::Truncated);
        }
        bytes
    } else {
        content.as_bytes().to_vec()
    };
    let kind = sniff::kind(&bytes, "", &declared);
    let expected = sniff::by_media_type(&declared);
    if expected.is_some_and(|expected| expected != kind) {
        document.warn(Warning::TypeMismatch);
    }
    match kind {
        DocumentKind::Text | DocumentKind::Hprim => {
            if bytes.len() > MAX_TEXT {
                document.warn(Warning::Truncated);
            }
            let decoded = charset::decode(bytes.get(..MAX_TEXT).unwrap_or(&bytes), None);
            if decoded.guessed && encoded {
                document.warn(Warning::GuessedCharset);
            }
            document.blocks.extend(crate::health::text::blocks(&decoded.text, MAX_BLOCKS).0);
        }
        DocumentKind::Rtf => {
            let text = rtf::text(&bytes);
            document.blocks.extend(crate::health::text::blocks(&text, MAX_BLOCKS).0);
        }
        DocumentKind::Image => {
            document.blocks.push(Block::Image(document.media.len()));
            push(document, sniff::media_type(&bytes, &declared), bytes);
        }
        DocumentKind::Pdf => push(document, "application/pdf".to_owned(), bytes),
        DocumentKind::Active | DocumentKind::Program => {
            document.warn(Warning::Dangerous);
            push(document, declared, bytes);
        }
        _ => push(document, declared, bytes),
    }
}

fn push(document: &mut Document, media_type: String, bytes: Vec<u8>) {
    let media_type = one_line(&media_type);
    document.media.push(Media { media_type, caption: String::new(), size: bytes.len() as u64, bytes });
}

fn structured<'t>(root: Element<'t>, body: Element<'t>, document: &mut Document) {
    let sections = sections(body, document);
    let mut numbers = HashMap::new();
    let mut texts = HashMap::new();
    collect(body, document, &mut numbers, &mut texts);
    let mut writer = narrative::Writer::new(&numbers);
    for (section, title, level) in &sections {
        writer.heading(*level, title);
        if let Some(text) = section.first("text") {
            writer.text(text);
        }
    }
    let captions = std::mem::take(&mut writer.captions);
    if writer.truncated {
        document.warn(Warning::Truncated);
    }
    document.blocks.extend(writer.finish());
    for (number, caption) in captions {
        if let Some(media) = document.media.get_mut(number) {
            media.caption = caption;
        }
    }
    let titled: Vec<(Element<'t>, String)> = sections.into_iter().map(|(s, title, _)| (s, title)).collect();
    document.results.extend(biology::results(root, &titled, &texts));
    if document.results.len() >= biology::MAX_RESULTS {
        document.results.truncate(biology::MAX_RESULTS);
        document.warn(Warning::Truncated);
    }
}

/// Sections in document order with their title and level of heading.
fn sections<'t>(body: Element<'t>, document: &mut Document) -> Vec<(Element<'t>, String, u8)> {
    let mut found = Vec::new();
    let nested = |e: Element<'t>| e.all("component").filter_map(|c| c.first("section")).collect::<Vec<_>>();
    let mut waiting: Vec<(Element<'t>, u8)> = nested(body).into_iter().rev().map(|s| (s, 2)).collect();
    while let Some((section, level)) = waiting.pop() {
        if found.len() >= MAX_SECTIONS {
            document.warn(Warning::Truncated);
            break;
        }
        let title = section.first("title").map(|t| one_line(&t.text(MAX_TITLE))).unwrap_or_default();
        found.push((section, title, level));
        waiting.extend(nested(section).into_iter().rev().map(|s| (s, (level + 1).min(4))));
    }
    found
}

/// Pictures and files by the IDs the narrative refers to, and narrative elements by the IDs entries refer to.
fn collect<'t>(
    body: Element<'t>,
    document: &mut Document,
    numbers: &mut HashMap<&'t str, usize>,
    texts: &mut HashMap<&'t str, Element<'t>>,
) {
    let mut left = MAX_MEDIA_BYTES;
    let mut regions = Vec::new();
    for element in body.descendants() {
        let id = element.attribute("ID");
        match element.name() {
            "observationMedia" => {
                if document.media.len() >= MAX_MEDIA {
                    document.warn(Warning::Truncated);
                    continue;
                }
                if let Some(id) = id {
                    numbers.entry(id).or_insert(document.media.len());
                }
                media(element, document, &mut left);
            }
            "regionOfInterest" => regions.extend(id.map(|id| (id, element))),
            _ => {
                if let Some(id) = id {
                    texts.entry(id).or_insert(element);
                }
            }
        }
    }
    // a region is shown as the whole picture it lies in
    for (id, region) in regions.into_iter().take(MAX_MEDIA) {
        let inner =
            region.descendants().find(|e| e.name() == "observationMedia").and_then(|m| m.attribute("ID"));
        if let Some(number) = inner.and_then(|inner| numbers.get(inner).copied()) {
            numbers.entry(id).or_insert(number);
        }
    }
}

fn media(element: Element<'_>, document: &mut Document, left: &mut usize) {
    let value = element.first("value");
    let declared = value
        .and_then(|v| v.attribute("mediaType"))
        .unwrap_or("application/octet-stream")
        .to_ascii_lowercase();
    let content = value.and_then(Element::own_text);
    if content.is_none() && value.and_then(|v| v.first("reference")).is_some() {
        document.warn(Warning::RemoteContent);
    }
    let (bytes, whole) = content.map_or((Vec::new(), true), |content| decode(content, *left));
    if !whole {
        document.warn(Warning::Truncated);
    }
    *left = left.saturating_sub(bytes.len());
    let media_type = sniff::media_type(&bytes, &declared);
    push(document, media_type, bytes);
}
