//! The readers of what strangers send, each with what must hold whatever it is given: used by the fuzzers and by the
//! test that replays what they found.

// each fuzzer calls one of them
#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken promise ends the run")]

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{Cursor, Write};

use estafette::domain::contact::exchange::{self, Imported};
use estafette::domain::contact::{Contact, Preferred, unlisted};
use estafette::domain::document::{Document, Reading};
use estafette::domain::id::AccountId;
use estafette::domain::message::Block;
use estafette::domain::text::is_deceptive;
use estafette::health::{Patience, cda, charset, hprim, hprim_sante, xdm};
use estafette::mime;
use estafette::{engine, health};
use serde_json::Value;

/// One reader: name, and what is done with the bytes.
pub type Reader = (&'static str, fn(&[u8]));

/// Every reader by the name of its fuzzer.
pub const ALL: [Reader; 8] = [
    ("message", message),
    ("html", html),
    ("xdm", xdm),
    ("cda", cda),
    ("hprim", hprim),
    ("tnef", tnef),
    ("rtf", rtf),
    ("contact", contact),
];

/// Blocks of readable text a reader may make, with some room for what it adds itself.
const MOST_BLOCKS: usize = 30_000;

/// A message: its header, its text, its attachments, its documents, and as a draft and a notice.
pub fn message(bytes: &[u8]) {
    let parsed = mime::parse(bytes);
    blocks(&parsed.blocks);
    assert!(parsed.text.len() <= mime::MAX_TEXT + 4096, "text of {} bytes", parsed.text.len());
    assert!(parsed.search_text.len() <= mime::MAX_SEARCH_TEXT + 4096);
    assert!(parsed.attachments.len() <= mime::MAX_ATTACHMENTS);
    let mut listed = 0;
    mime::each_attachment(&mime::Source::of(bytes), |attachment, content| {
        assert!(is_safe_name(&attachment.name), "{:?}", attachment.name);
        assert_eq!(mime::attachment(bytes, attachment.index).map(|c| c.bytes.len()), Some(content.len()));
        listed += 1;
        // each one is decoded anew: some are enough
        listed < 8
    });
    let header = mime::parse_header(bytes);
    assert_eq!(header.envelope.subject, parsed.envelope.subject);
    let _ = mime::notice(bytes);
    let _ = mime::read_draft(bytes, AccountId(1));
    if let Ok(reading) = engine::read_document(bytes, "message.eml") {
        self::reading(&reading);
    }
}

/// An HTML body.
pub fn html(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let pictures = HashMap::from([("logo@example.org".to_owned(), 0)]);
    let safe = mime::html::blocks(&text, &pictures);
    blocks(&safe.blocks);
    if !safe.truncated {
        // the same words again, whatever was read before
        assert_eq!(safe, mime::html::blocks(&text, &pictures));
    }
}

/// An archive; bytes that are none are taken as the metadata of one that holds two files.
pub fn xdm(bytes: &[u8]) {
    let packed = if bytes.starts_with(b"PK") { bytes.to_vec() } else { around(bytes) };
    bounded(|patience| {
        if let Ok(Some(reading)) = xdm::read(&packed, "IHE_XDM.zip", patience) {
            self::reading(&reading);
        }
    });
    let _ = health::file::in_archive(&packed, "DOC0001.XML");
}

/// A CDA document of either level.
pub fn cda(bytes: &[u8]) {
    if let Ok(Some(read)) = cda::read(bytes) {
        document(&read);
    }
    bounded(|patience| {
        let _ = health::file::read(bytes, "document.xml", "text/xml", patience);
    });
}

/// HPRIM as text of whatever character set.
pub fn hprim(bytes: &[u8]) {
    let decoded = charset::decode(bytes, None);
    let _ = hprim::is_hprim(&decoded.text);
    hprim::read(&decoded.text).iter().for_each(document);
    hprim_sante::read(&decoded.text).iter().for_each(document);
    bounded(|patience| {
        let _ = health::file::read(bytes, "resultats.hpr", "", patience);
    });
}

/// What Outlook packs.
pub fn tnef(bytes: &[u8]) {
    // without its mark nothing is read: the fuzzer need not find it
    let marked = [b"\x78\x9F\x3E\x22", bytes].concat();
    for bytes in [bytes, &marked] {
        if let Some(packed) = mime::tnef::read(bytes) {
            let inside: usize = packed.files.iter().map(|f| f.bytes.len()).sum();
            assert!(inside <= bytes.len(), "{inside} bytes out of {}", bytes.len());
            assert!(packed.files.iter().all(|f| is_safe_name(&f.name)), "{:?}", packed.files);
        }
        if let Ok(reading) = engine::read_document(bytes, "winmail.dat") {
            self::reading(&reading);
        }
    }
}

/// RTF, with or without its beginning.
pub fn rtf(bytes: &[u8]) {
    let begun = [b"{\\rtf1 ", bytes].concat();
    for bytes in [bytes, &begun] {
        let text = health::rtf::text(bytes);
        // a byte of another code page has at most three in UTF-8
        assert!(text.len() <= 3 * bytes.len(), "{} bytes out of {}", text.len(), bytes.len());
        bounded(|patience| {
            if let Ok(reading) = health::file::read(bytes, "lettre.rtf", "application/rtf", patience) {
                self::reading(&reading);
            }
        });
    }
}

/// A file of contacts, imported or shown; what was imported comes back from an export.
pub fn contact(bytes: &[u8]) {
    if let Ok(reading) = exchange::read(bytes) {
        assert!(reading.contacts.len() <= exchange::MAX_CONTACTS);
        reading.contacts.iter().take(20).for_each(exported);
    }
    bounded(|patience| {
        for (name, media_type) in [("a.vcf", "text/vcard"), ("a.ics", "text/calendar")] {
            if let Ok(reading) = health::file::read(bytes, name, media_type, patience) {
                self::reading(&reading);
            }
        }
    });
}

fn exported(imported: &Imported) {
    let [first, ..] = imported.addresses.as_slice() else { panic!("no address") };
    assert!(imported.addresses.len() <= 50 && imported.groups.len() <= 50);
    assert!(imported.name.len() <= 300 && !imported.name.chars().any(is_deceptive), "{:?}", imported.name);
    let mut person = unlisted(first.clone(), Some(&imported.name).filter(|n| !n.is_empty()).map(|n| &**n));
    for other in &imported.addresses {
        if person.mailbox(other.as_str()).is_none() {
            person.mailboxes.extend(unlisted(other.clone(), None).mailboxes);
        }
    }
    let contact = Contact {
        person,
        favourite: imported.favourite,
        note: imported.note.clone(),
        preferred: Preferred { any: Some(first.clone()), ..Preferred::default() },
        groups: imported.groups.clone(),
        ..Contact::default()
    };
    let addresses = contact.person.mailboxes.len();
    let vcard = exchange::to_vcard(std::slice::from_ref(&contact));
    assert!(vcard.lines().all(|line| line.len() <= 75), "{vcard:?}");
    for text in [vcard, exchange::to_csv(std::slice::from_ref(&contact))] {
        let read = exchange::read(text.as_bytes()).expect("what was exported");
        let [again] = read.contacts.as_slice() else { panic!("{text:?}") };
        assert_eq!(again.addresses.first(), Some(first), "{text:?}");
        assert_eq!(again.addresses.len(), addresses, "{text:?}");
        assert_eq!(again.favourite, imported.favourite, "{text:?}");
        // a table trims its cells and parts groups at commas
        if text.starts_with("BEGIN") {
            assert_eq!(again.note, imported.note, "{text:?}");
            assert_eq!(again.groups, imported.groups, "{text:?}");
        }
    }
}

/// Reads with a patience that ends after a number of questions and not after a time: the same bytes, the same run.
fn bounded(read: impl FnOnce(Patience<'_>)) {
    let asked = Cell::new(0_u32);
    let is_over = move || {
        asked.set(asked.get() + 1);
        asked.get() > 2_000
    };
    read(Patience::new(&is_over));
}

fn reading(reading: &Reading) {
    reading.documents.iter().for_each(document);
    clean(&Value::from(vec![reading.title.as_str(), &reading.text]));
}

/// Nothing that turns the direction of writing, hides or controls, in whatever is shown.
fn clean(value: &Value) {
    match value {
        Value::String(text) => {
            assert!(!text.contains(|c| is_deceptive(c) && !matches!(c, '\n' | '\t')), "{text:?}");
        }
        Value::Array(values) => values.iter().for_each(clean),
        Value::Object(fields) => fields.values().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn document(document: &Document) {
    clean(&serde_json::to_value(document).expect("a value"));
    blocks(&document.blocks);
    assert!(document.text.len() <= 8 << 20, "text of {} bytes", document.text.len());
    assert!(document.name.chars().all(|c| !c.is_control()), "{:?}", document.name);
    assert!(document.results.len() <= 100_000);
    assert!(document.warnings.iter().all(|w| !w.word().is_empty()));
}

/// No link but those that may be opened, no picture from elsewhere, bounded length.
fn blocks(blocks: &[Block]) {
    assert!(blocks.len() <= MOST_BLOCKS, "{} blocks", blocks.len());
    for block in blocks {
        for link in block.spans().into_iter().filter_map(|span| span.link.as_deref()) {
            let lower = link.to_ascii_lowercase();
            assert!(
                lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("mailto:"),
                "{link:?}"
            );
            assert!(!link.contains(['\n', '\r', '\0']), "{link:?}");
        }
    }
}

fn is_safe_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '\\', '\0']) && name != "." && name != ".."
}

/// An archive whose metadata are these bytes, with a small document and a picture.
fn around(metadata: &[u8]) -> Vec<u8> {
    const DOCUMENT: &[u8] =
        b"<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><title>Lettre</title></ClinicalDocument>";
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in [
        ("IHE_XDM/SUBSET01/METADATA.XML", metadata),
        ("IHE_XDM/SUBSET01/DOC0001.XML", DOCUMENT),
        ("IHE_XDM/SUBSET01/DOC0002.TXT", b"Texte"),
    ] {
        archive.start_file(name, options).expect("a name");
        archive.write_all(content).expect("memory");
    }
    archive.finish().expect("memory").into_inner()
}
