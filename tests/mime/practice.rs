//! The fictitious mailbox reads as it was meant.

use std::collections::HashMap;
use std::io::Read as _;

use estafette::domain::document::Warning;
use estafette::domain::message::{Block, MessageKind, split_subject};
use estafette::mime;
use estafette::practice::corpus::{CorpusFolder, CorpusMessage, mailbox};
use estafette::practice::{Persona, Role, annuaire, answer};

/// 2026-11-21T09:42:00+01:00
const NOW: i64 = 1_795_250_520;

fn owner() -> Persona {
    Persona::holder()
}

fn newest(count: usize) -> Vec<CorpusMessage> {
    let mut all = mailbox(&owner(), 60, 7, NOW);
    all.retain(|m| m.folder == CorpusFolder::Inbox);
    all.reverse();
    all.truncate(count);
    all
}

#[test]
fn the_mailbox_has_the_size_asked_for_and_is_the_same_twice() {
    for count in [0, 3, 60, 400] {
        let messages = mailbox(&owner(), count, 1, NOW);
        assert_eq!(messages.len(), count);
        assert!(messages.is_sorted_by_key(|m| m.date));
        assert!(messages.iter().all(|m| m.date <= NOW));
    }
    assert!(mailbox(&owner(), 200, 5, NOW) == mailbox(&owner(), 200, 5, NOW));
    assert!(mailbox(&owner(), 200, 5, NOW) != mailbox(&owner(), 200, 6, NOW));
}

#[test]
fn every_role_has_a_mailbox_whose_messages_all_read() {
    for role in
        [Role::GeneralPractitioner, Role::Cardiologist, Role::Pharmacist, Role::Hospital, Role::Laboratory]
    {
        let owner = Persona { role, ..owner() };
        let mut kinds = HashMap::new();
        for message in mailbox(&owner, 300, 3, NOW) {
            let parsed = mime::parse(&message.raw);
            *kinds.entry(parsed.kind).or_insert(0) += 1;
            assert!(!parsed.envelope.from.is_empty());
            assert!(!parsed.envelope.subject.is_empty());
            if parsed.envelope.date.is_some() {
                assert_eq!(parsed.envelope.date, Some(message.date));
                assert!(!parsed.text.trim().is_empty(), "{:?}", parsed.envelope.subject);
                assert!(!parsed.text.contains('\u{FFFD}'), "{}", parsed.text);
            }
        }
        assert!(kinds.len() >= 2, "{role:?}: {kinds:?}");
    }
}

#[test]
fn the_newest_messages_are_those_of_the_lessons() {
    let expected = [
        ("Laboratoire BIOVAL", "Biologie · NFS, CRP, ionogramme", Some("DUPONT Lea"), MessageKind::Hprim),
        ("Dr Marie MARTIN", "CR de consultation", Some("DURAND Paul"), MessageKind::Xdm),
        (
            "CH de Vienne – Urgences",
            "Lettre de liaison · annule et remplace",
            Some("MOREAU Ines"),
            MessageKind::Xdm,
        ),
        ("Pharmacie des Cèdres", "Intervention pharmaceutique", None, MessageKind::Letter),
        ("Paul DURAND", "Question après la consultation", None, MessageKind::Letter),
        ("Dr Karim BENALI", "IRM du genou gauche", Some("ROUX Camille"), MessageKind::Xdm),
        ("Dr Sophie LE GALL", "Avis demandé", Some("MOREAU Ines"), MessageKind::Xdm),
        ("Cabinet infirmier Roche", "Suivi de plaie, photos", None, MessageKind::Letter),
    ];
    for (message, (from, subject, patient, kind)) in newest(8).iter().zip(expected) {
        let parsed = mime::parse(&message.raw);
        let (shown, hint) = split_subject(&parsed.envelope.subject);
        assert_eq!(parsed.envelope.from[0].label(), from);
        assert!(shown.starts_with(subject), "{shown}");
        assert_eq!(hint.map(|h| h.name).as_deref(), patient);
        assert_eq!(parsed.kind, kind, "{subject}");
        assert!(parsed.defects.is_empty(), "{subject}: {:?}", parsed.defects);
    }
    let laboratory = mime::parse(&newest(1)[0].raw);
    assert!(laboratory.text.contains("RES|Potassium|K|N|6.4|mmol/L|3.5|5.1|HH|F"), "{}", laboratory.text);
    let nurse = mime::parse(&newest(8)[7].raw);
    assert_eq!(nurse.attachments.iter().filter(|a| a.media_type == "image/jpeg").count(), 3);
}

#[test]
fn xdm_archives_hold_a_document_with_the_hash_and_size_its_metadata_give() {
    let mut seen = 0;
    for message in mailbox(&owner(), 200, 11, NOW) {
        let parsed = mime::parse(&message.raw);
        let Some(zip) = parsed.attachments.iter().find(|a| a.name == "IHE_XDM.zip") else { continue };
        let content = mime::attachment(&message.raw, zip.index).unwrap();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(content.bytes)).unwrap();
        let mut read = |name: &str| {
            let mut text = String::new();
            archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let metadata = read("IHE_XDM/SUBSET01/METADATA.XML");
        let cda = read("IHE_XDM/SUBSET01/DOC0001.XML");
        assert!(read("README.TXT").contains("Emetteur") && read("INDEX.HTM").contains("README.TXT"));
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, cda.as_bytes());
        let hex: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        assert!(metadata.contains(&format!("<Value>{hex}</Value>")));
        assert!(metadata.contains(&format!("<Value>{}</Value>", cda.len())));
        well_formed(&metadata);
        well_formed(&cda);
        let (_, hint) = split_subject(&parsed.envelope.subject);
        assert!(hint.is_some() && parsed.attachments.iter().any(|a| a.name.ends_with(".pdf")));
        seen += 1;
    }
    assert!(seen >= 10, "{seen}");
}

fn well_formed(xml: &str) {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut depth = 0_i32;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
}

#[test]
fn the_rare_messages_are_there() {
    let parsed: Vec<_> =
        mailbox(&owner(), 60, 7, NOW).iter().map(|m| (m.raw.len(), mime::parse(&m.raw))).collect();
    let big = parsed.iter().find(|(size, _)| *size > 11_000_000).unwrap();
    assert_eq!(big.1.attachments[0].media_type, "application/pdf");
    let malformed = parsed.iter().find(|(_, p)| p.envelope.subject == "Compte rendu de réunion").unwrap();
    assert!(malformed.1.defects.contains(&Warning::GuessedCharset));
    assert!(malformed.1.defects.contains(&Warning::BadDate));
    assert!(malformed.1.text.contains("Désolé pour le retard"), "{}", malformed.1.text);
    let name = |p: &mime::Parsed| p.envelope.from.first().map(|m| m.label().to_owned());
    let martins: std::collections::HashSet<_> = parsed
        .iter()
        .filter(|(_, p)| name(p).as_deref() == Some("Dr Marie MARTIN"))
        .map(|(_, p)| p.envelope.from[0].address.clone())
        .collect();
    assert!(martins.contains("dr.marie.martin@medecin-mssante.example"), "{martins:?}");
}

#[test]
fn newsletters_lose_their_spy_and_keep_their_logo() {
    let parsed = mailbox(&owner(), 400, 2, NOW)
        .iter()
        .map(|m| mime::parse(&m.raw))
        .find(|p| p.envelope.subject.starts_with("Lettre d'information"))
        .unwrap();
    assert!(parsed.defects.contains(&Warning::ActiveContentRemoved));
    assert!(parsed.blocks.contains(&Block::Image(0)));
    assert!(parsed.blocks.iter().any(|b| matches!(b, Block::Table(rows) if rows.len() == 3)));
    assert!(!format!("{:?}", parsed.blocks).contains("suivi"));
    assert!(!parsed.text.contains("Aperçu caché"));
}

#[test]
fn pdf_readers_read_the_pdf() {
    let found = mailbox(&owner(), 60, 7, NOW).into_iter().find_map(|m| {
        let parsed = mime::parse(&m.raw);
        let pdf =
            parsed.attachments.iter().find(|a| a.media_type == "application/pdf" && a.size < 100_000)?;
        parsed.envelope.date?;
        mime::attachment(&m.raw, pdf.index)
    });
    let bytes = found.unwrap().bytes;
    assert!(bytes.starts_with(b"%PDF-1.4"));
    let start: usize = {
        let tail = String::from_utf8_lossy(&bytes[bytes.len() - 40..]).into_owned();
        tail.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap()
    };
    assert!(bytes[start..].starts_with(b"xref\n"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    // where the tool is installed
    if let Ok(out) = std::process::Command::new("pdftotext").arg(file.path()).arg("-").output() {
        assert!(out.status.success());
        assert!(String::from_utf8_lossy(&out.stdout).contains(['é', 'à', 'Ï', '·']), "{out:?}");
    }
}

#[test]
fn the_extraction_has_31_columns_and_homonyms() {
    let text = annuaire::extraction(2_000, 9);
    assert!(text.lines().all(|line| line.split('|').count() == 31));
    let mut names = HashMap::new();
    for line in text.lines().skip(1).filter(|l| l.starts_with("PER")) {
        let columns: Vec<&str> = line.split('|').collect();
        assert!(columns[3].starts_with("999") && columns[1].ends_with(".mssante.example"), "{line}");
        names
            .entry((columns[9], columns[10]))
            .or_insert_with(std::collections::HashSet::new)
            .insert(columns[3]);
    }
    assert!(names[&("MARTIN", "Marie")].len() >= 2);
    assert!(text.contains("|LEROY|Anne|"));
    assert_eq!(text, annuaire::extraction(2_000, 9));
}

#[test]
fn a_colleague_answers_in_the_thread() {
    let original = mime::parse(&newest(1)[0].raw).envelope;
    let reply = mime::parse(&answer(&original, &Persona { name: "Dr Élise ROUSSET".into(), ..owner() }, NOW));
    assert_eq!(reply.envelope.in_reply_to, original.message_id);
    assert_eq!(reply.envelope.references.last(), original.message_id.as_ref());
    assert_eq!(reply.envelope.to, original.from);
    assert_eq!(reply.envelope.date, Some(NOW));
    assert_eq!(reply.envelope.from[0].label(), "Dr Élise ROUSSET");
}

#[test]
fn files_that_are_decoded_already_change_nothing_in_what_is_read() {
    let mut decoded = 0;
    for message in mailbox(&Persona::holder(), 400, 3, 1_795_254_120) {
        let packed = estafette::store::Packed::of(&message.raw).unwrap();
        let source = mime::Source::with_decoded(&message.raw, packed.decoded());
        decoded += source.decoded();
        assert_eq!(mime::parse(&message.raw), mime::parse_source(&source));
        let files = |source: &mime::Source<'_>| {
            let mut files = Vec::new();
            mime::each_attachment(source, |listed, bytes| {
                files.push((listed.clone(), bytes.to_vec()));
                true
            });
            files
        };
        assert!(files(&mime::Source::of(&message.raw)) == files(&source));
    }
    assert!(decoded > 20, "{decoded}");
}
