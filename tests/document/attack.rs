//! Hostile documents, numbered as in the list of attacks a mail client must resist.

use std::fmt::Write as _;

use estafette::domain::document::{Document, DocumentKind, Reading, Warning};
use estafette::domain::message::Block;
use estafette::engine::{Error, read_document};

use crate::sloppy::zip;

fn read(bytes: &[u8], name: &str) -> Result<Reading, Error> {
    read_document(bytes, name)
}

fn code(bytes: &[u8], name: &str) -> &'static str {
    read(bytes, name).map(|r| format!("{r:?}")).unwrap_err().code()
}

fn mail(parts: &[(&str, &str, &[u8])]) -> Vec<u8> {
    use base64::Engine as _;
    let mut out =
        "From: a@b.example\r\nSubject: x\r\nDate: Mon, 2 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nBonjour\r\n"
            .to_owned();
    for (name, kind, bytes) in parts {
        let body = base64::engine::general_purpose::STANDARD.encode(bytes);
        let _ = write!(
            out,
            "--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n"
        );
    }
    out.push_str("--b--\r\n");
    out.into_bytes()
}

#[test]
fn attack_17_base64_with_junk_in_it_gives_what_can_be_read_and_says_so() {
    let cda = String::from_utf8(
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/cda/rtf-n1.xml")).unwrap(),
    )
    .unwrap();
    let broken = cda.replace("ZGVmZjB7", "ZGVmZjB7!!");
    assert_ne!(cda, broken);
    let reading = read(broken.as_bytes(), "a.xml").unwrap();
    assert!(reading.warnings.contains(&Warning::Truncated));
}

#[test]
fn attack_18_names_in_archives_and_attachments_are_labels_only() {
    let bytes =
        zip(&[("../../etc/cron.d/x", b"a"), ("C:\\Windows\\x.exe", b"b"), ("a\u{202E}fdp.exe", b"c")]);
    let reading = read(&bytes, "x.zip").unwrap();
    assert!(reading.warnings.contains(&Warning::UnsafeName));
    assert!(reading.documents[0].entries.iter().all(|n| !n.contains('\u{202E}')));
}

#[test]
fn attack_19_content_decides_and_what_may_run_is_named_dangerous() {
    for (name, kind, bytes, expected) in [
        ("cr.pdf", "application/pdf", b"<html><script>1</script>".as_slice(), DocumentKind::Active),
        ("cr.pdf", "application/pdf", b"MZ\x90\0", DocumentKind::Program),
        ("cr.pdf.exe", "application/pdf", b"MZ\x90\0", DocumentKind::Program),
        (
            "image.png",
            "image/png",
            b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
            DocumentKind::Active,
        ),
        ("a.txt", "text/plain", b"  <!-- x --><HTML>%PDF-1.4", DocumentKind::Active),
        ("raccourci.pdf.lnk", "application/pdf", b"L\0\0\0\x01\x14\x02\0", DocumentKind::Program),
        ("a.js", "text/plain", b"WScript.Shell", DocumentKind::Program),
    ] {
        let reading = read(&mail(&[(name, kind, bytes)]), "m.eml").unwrap();
        let document = &reading.documents[0];
        assert_eq!(document.kind, expected, "{name}");
        assert!(document.warnings.contains(&Warning::Dangerous), "{name}");
        if name != "a.js" {
            assert!(
                document.warnings.contains(&Warning::TypeMismatch) || name.ends_with(".lnk"),
                "{name}: {:?}",
                document.warnings
            );
        }
    }
}

#[test]
fn attack_20_archives_that_swell_nest_or_repeat_are_bounded() {
    let zeros = vec![0_u8; 64 << 20];
    let bomb = zip(&[("IHE_XDM/SUBSET01/METADATA.XML", b"<a/>"), ("IHE_XDM/SUBSET01/DOC0001.XML", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    assert!(
        read(&bomb, "IHE_XDM.zip")
            .map_or_else(|e| e.code() == "input-unreadable", |r| r.warnings.contains(&Warning::Truncated))
    );
    let names: Vec<String> = (0..12_000).map(|n| format!("{n}.xml")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), b"".as_slice())).collect();
    assert!(read(&zip(&many), "a.zip").map_or(true, |r| r.documents[0].entries.len() <= 2_000));
    // messages inside messages
    let mut nested = mail(&[]);
    for _ in 0..200 {
        let mut outer = b"From: a@b.example\r\nSubject: x\r\nContent-Type: message/rfc822\r\n\r\n".to_vec();
        outer.extend_from_slice(&nested);
        nested = outer;
    }
    assert!(read(&nested, "a.eml").unwrap().documents.len() < 20);
}

#[test]
fn attack_20_what_is_unpacked_in_vain_counts_and_what_is_too_long_is_not_unpacked() {
    let zeros = vec![0_u8; 49 << 20];
    let words = b"Le mot de la fin".as_slice();
    let reading = read(&zip(&[("1.bin", &zeros), ("2.bin", &zeros), ("3.txt", words)]), "a.zip").unwrap();
    assert!(reading.warnings.contains(&Warning::Truncated) && reading.text.contains("mot de la fin"));
    let zeros = &zeros[..48 << 20];
    let mut bytes = zip(&[("1.bin", zeros), ("2.bin", zeros), ("3.txt", words)]);
    // check sums in the directory at the end
    let records: Vec<usize> =
        (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(b"PK\x01\x02")).collect();
    records[..2].iter().for_each(|record| bytes[record + 16] ^= 1);
    let reading = read(&bytes, "a.zip").unwrap();
    assert!(reading.warnings.contains(&Warning::Truncated) && !reading.text.contains("mot de la fin"));
}

#[test]
fn attack_20_metadata_that_name_a_file_over_and_over_do_not_make_it_grow() {
    let entry = "<rim:ExtrinsicObject mimeType='text/plain'><rim:Slot name='URI'><rim:ValueList>\
                 <rim:Value>DOC.TXT</rim:Value></rim:ValueList></rim:Slot></rim:ExtrinsicObject>";
    let metadata = format!(
        "<rim:RegistryObjectList xmlns:rim='urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'>{}</rim:RegistryObjectList>",
        entry.repeat(150)
    );
    let long = vec![b'a'; 20 << 20];
    let bytes =
        zip(&[("IHE_XDM/SUBSET01/METADATA.XML", metadata.as_bytes()), ("IHE_XDM/SUBSET01/DOC.TXT", &long)]);
    let reading = read(&bytes, "IHE_XDM.zip").unwrap();
    assert!((2..10).contains(&reading.documents.len()), "{}", reading.documents.len());
    assert!(reading.warnings.contains(&Warning::Truncated));
}

#[test]
fn attack_20_a_long_sender_is_not_repeated_for_every_patient() {
    let long = "x".repeat(100_000);
    let text = format!(
        "H|~^\\&|1||{long}~{long}|ORU||||{long}\r{}L|1\r",
        format!("P|1||||NOM~A\rOBR|1|||C~{}\rOBX|1|TX|C~L||4,8\r", "y".repeat(2_000)).repeat(600)
    );
    let reading = read(text.as_bytes(), "a.hpr").unwrap();
    assert_eq!(reading.documents.len(), 500);
    assert!(reading.documents[499].warnings.contains(&Warning::Truncated));
    let kept =
        |d: &Document| d.authors[0].name.len() + d.recipients.concat().len() + d.results[0].chapter.len();
    assert!(reading.documents.iter().all(|d| kept(d) <= 1_500 && d.results[0].value == "4,8"));
}

#[test]
fn attack_20_a_pdf_whose_pages_swell_is_refused_before_they_do() {
    use std::io::Write as _;
    let mut page = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let line = b"0 0 m ".repeat(1 << 14);
    for _ in 0..600 {
        page.write_all(&line).unwrap();
    }
    let page = page.finish().unwrap();
    let head = format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[4 0 R]>>endobj\n\
         4 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 3 0 R>>endobj\n\
         3 0 obj<</Filter/FlateDecode/Length {}>>stream\n",
        page.len()
    );
    let pdf = [head.as_bytes(), &page, b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n"].concat();
    assert!(pdf.len() < 1 << 20, "{}", pdf.len());
    assert_eq!(code(&pdf, "cr.pdf"), "input-unreadable");
}

#[test]
fn attack_19_an_office_document_with_programs_in_it_is_named_dangerous() {
    let plain = zip(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]);
    let programs = zip(&[("[Content_Types].xml", b"<x/>"), ("word/vbaProject.bin", b"x")]);
    let dangerous =
        |bytes: &[u8], name: &str| read(bytes, name).unwrap().warnings.contains(&Warning::Dangerous);
    assert!(!dangerous(&plain, "courrier.docx"));
    assert!(dangerous(&programs, "courrier.docx") && dangerous(&plain, "courrier.docm"));
}

#[test]
fn attack_21_xml_that_asks_for_files_growth_or_servers_is_refused() {
    let cda = |inner: &str, front: &str| {
        format!(
            "<?xml version='1.0'?>{front}<ClinicalDocument xmlns='urn:hl7-org:v3'><title>{inner}</title></ClinicalDocument>"
        )
    };
    for front in [
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;&x;&x;&x;'>]>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://x.example/a.dtd'>%p;]>",
    ] {
        let bytes = cda("&x;", front);
        assert_eq!(code(bytes.as_bytes(), "a.xml"), "input-hostile");
        let archive = zip(&[("IHE_XDM/SUBSET01/METADATA.XML", bytes.as_bytes())]);
        assert_eq!(code(&archive, "IHE_XDM.zip"), "input-hostile");
        // in a mail the rest is read, and the attachment is said to be dangerous
        let reading = read(&mail(&[("a.xml", "text/xml", bytes.as_bytes())]), "m.eml").unwrap();
        assert!(reading.documents[0].warnings.contains(&Warning::Dangerous));
        assert!(reading.text.contains("Bonjour"));
    }
    assert_eq!(code(cda("&x;", "").as_bytes(), "a.xml"), "input-malformed");
    let deep = format!("<ClinicalDocument>{}", "<section>".repeat(60_000));
    assert_eq!(code(deep.as_bytes(), "a.xml"), "input-hostile");
    let sheet = cda("x", "<?xml-stylesheet type='text/xsl' href='http://x.example/a.xsl'?>");
    assert!(read(sheet.as_bytes(), "a.xml").unwrap().warnings.contains(&Warning::StylesheetIgnored));
}

#[test]
fn attack_33_links_of_a_document_lead_to_the_web_or_nowhere() {
    let section = |text: &str| {
        format!(
            "<component><structuredBody><component><section><text>{text}</text></section></component></structuredBody></component>"
        )
    };
    let cda = format!(
        "<ClinicalDocument xmlns='urn:hl7-org:v3'>{}{}</ClinicalDocument>",
        section(
            "<linkHtml href='java&#10;script:x()'>un</linkHtml> <linkHtml href='file:///etc/passwd'>deux</linkHtml>"
        ),
        section(
            "<linkHtml href='https://x.example/wado?a=1&#10;  b=2'>trois</linkHtml> <linkHtml href='#n'>quatre</linkHtml>"
        ),
    );
    let reading = read(cda.as_bytes(), "a.xml").unwrap();
    let links: Vec<&str> =
        reading.documents[0].blocks.iter().flat_map(Block::spans).filter_map(|s| s.link.as_deref()).collect();
    assert_eq!(links, ["https://x.example/wado?a=1b=2"]);
    // of two bodies, which no real document has, neither hides the other
    assert_eq!(reading.text, "un deux\n\ntrois quatre");
}

#[test]
fn attack_23_attachments_of_one_name_are_both_there() {
    let reading =
        read(&mail(&[("a.txt", "text/plain", b"un"), ("a.txt", "text/plain", b"deux")]), "m.eml").unwrap();
    let texts: Vec<&str> = reading.documents.iter().map(|d| d.text.as_str()).collect();
    assert_eq!(texts, ["un", "deux"]);
    assert!(reading.warnings.contains(&Warning::DuplicateName));
}

#[test]
fn attack_24_a_character_set_never_makes_markup() {
    for (set, bytes) in [
        ("utf-7", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-".as_slice()),
        ("iso-2022-jp", b"\x1B$B<script>\x1B(B"),
    ] {
        let raw = [
            format!("From: a@b.example\r\nSubject: x\r\nContent-Type: text/plain; charset={set}\r\n\r\n")
                .as_bytes(),
            bytes,
        ]
        .concat();
        let reading = read(&raw, "m.eml").unwrap();
        assert_eq!(reading.documents.len(), 0);
    }
}

#[test]
fn attack_25_what_points_elsewhere_is_inert_and_said_to_be() {
    let external = b"From: a@b.example\r\nSubject: x\r\nContent-Type: message/external-body; access-type=URL; URL=\"http://x.example/\"\r\n\r\nContent-Type: text/plain\r\n\r\n";
    assert!(read(external, "m.eml").unwrap().warnings.contains(&Warning::RemoteContent));
    let partial =
        b"From: a@b.example\r\nSubject: x\r\nContent-Type: message/partial; id=a; number=1; total=2\r\n\r\nx";
    assert!(read(partial, "m.eml").unwrap().warnings.contains(&Warning::PartialMessage));
    let cda = "<ClinicalDocument xmlns='urn:hl7-org:v3'><id root='1.2'/><title>x</title><component><nonXMLBody><text mediaType='application/pdf'><reference value='http://x.example/a.pdf'/></text></nonXMLBody></component></ClinicalDocument>";
    assert!(read(cda.as_bytes(), "a.xml").unwrap().warnings.contains(&Warning::RemoteContent));
}

#[test]
fn attack_29_encrypted_content_is_never_shown_as_text() {
    let reading = read(
        &std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/message/smime-enc.eml")).unwrap(),
        "m.eml",
    )
    .unwrap();
    assert!(reading.warnings.contains(&Warning::Encrypted));
    assert_eq!(reading.text, "");
    let apicrypt = b"From: a@b.example\r\nSubject: x\r\n\r\n$APICRYPT\r\nAbCdEf==\r\n";
    assert!(read(apicrypt, "m.eml").unwrap().warnings.contains(&Warning::Apicrypt));
}

#[test]
fn attack_35_narratives_without_end_are_cut_and_say_so() {
    let cda = |text: &str| {
        format!(
            "<ClinicalDocument xmlns='urn:hl7-org:v3'><id root='1.2'/><component><structuredBody><component><section><text>{text}</text></section></component></structuredBody></component></ClinicalDocument>"
        )
    };
    let long = cda(&"<paragraph>x</paragraph>".repeat(30_000));
    assert!(read(long.as_bytes(), "a.xml").unwrap().warnings.contains(&Warning::Truncated));
    let huge =
        cda("<table><tr><td colspan='4000000000' rowspan='65535'>x</td><td colspan='-1'>y</td></tr></table>");
    let reading = read(huge.as_bytes(), "a.xml").unwrap();
    assert_eq!(reading.text, "x\ty");
}

#[test]
fn attack_39_a_signature_that_covers_a_part_is_said_to_cover_a_part() {
    let raw = "From: a@b.example\r\nSubject: x\r\nDate: Mon, 2 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nnon sign\u{e9}\r\n--o\r\n\
        Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=i\r\n\r\n--i\r\n\r\nsign\u{e9}\r\n\
        --i\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--i--\r\n--o--\r\n";
    let warnings = read(raw.as_bytes(), "m.eml").unwrap().warnings;
    assert!(
        warnings.contains(&Warning::SignedInPart) && !warnings.contains(&Warning::SignatureNotVerified),
        "{warnings:?}"
    );
}
