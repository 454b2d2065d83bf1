//! What producers get wrong in the field, read all the same (digest of the formats, §1.5, §2 and §4).

use std::io::{Cursor, Write};

use estafette::domain::biology::{Flag, ResultStatus};
use estafette::domain::document::{Change, DocumentKind, Mask, Reading, Warning};
use estafette::engine::read_document;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn text(name: &str) -> String {
    String::from_utf8(data(name)).unwrap()
}

pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn unzipped(name: &str) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(data(name))).unwrap();
    (0..archive.len())
        .map(|n| {
            let mut file = archive.by_index(n).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// The archive with its names and contents changed.
fn changed(name: &str, change: impl Fn(&str, Vec<u8>) -> Option<(String, Vec<u8>)>) -> Vec<u8> {
    let files: Vec<(String, Vec<u8>)> =
        unzipped(name).into_iter().filter_map(|(name, bytes)| change(&name, bytes)).collect();
    zip(&files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect::<Vec<_>>())
}

fn replaced(bytes: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(from), "{from}");
    text.replace(from, to).into_bytes()
}

fn read(bytes: &[u8], name: &str) -> Reading {
    read_document(bytes, name).unwrap()
}

const BIOLOGY: &str = "xdm/fr-bio-n3.zip";

#[test]
fn an_archive_is_found_by_its_content_whatever_its_names_and_leftovers() {
    let ours = |name: &str, bytes: Vec<u8>| Some((name.to_owned(), bytes));
    let plain = read(&data(BIOLOGY), "IHE_XDM.ZIP");
    for (why, bytes) in [
        ("lower case", changed(BIOLOGY, |n, b| ours(&n.to_lowercase(), b))),
        ("a folder on top", changed(BIOLOGY, |n, b| ours(&format!("Envoi du 12/{n}"), b))),
        ("backslashes", changed(BIOLOGY, |n, b| ours(&n.replace('/', "\\"), b))),
        ("another folder of the set", changed(BIOLOGY, |n, b| ours(&n.replace("SUBSET01", "LUCY_0"), b))),
        (
            "a URI with its folder",
            changed(BIOLOGY, |n, b| {
                ours(
                    n,
                    if n.ends_with("METADATA.XML") {
                        replaced(b, ">DOC0001.XML<", ">IHE_XDM/SUBSET01/doc0001.xml<")
                    } else {
                        b
                    },
                )
            }),
        ),
        (
            "references between identifiers that lead nowhere",
            changed(BIOLOGY, |n, b| {
                ours(
                    n,
                    if n.ends_with("METADATA.XML") {
                        replaced(b, "classifiedObject=\"Document01\"", "classifiedObject=\"SubmissionSet01\"")
                    } else {
                        b
                    },
                )
            }),
        ),
        (
            "values with blanks around",
            changed(BIOLOGY, |n, b| {
                ours(
                    n,
                    if n.ends_with("METADATA.XML") {
                        replaced(replaced(b, "<Value>", "<Value>\n  "), "</Value>", " </Value>")
                    } else {
                        b
                    },
                )
            }),
        ),
        (
            "elements in lower case",
            changed(BIOLOGY, |n, b| {
                ours(
                    n,
                    if n.ends_with("METADATA.XML") {
                        replaced(
                            replaced(b, "<Classification", "<classification"),
                            "</Classification",
                            "</classification",
                        )
                    } else {
                        b
                    },
                )
            }),
        ),
    ] {
        let reading = read(&bytes, "courrier.zip");
        assert_eq!(reading.kind, DocumentKind::Xdm, "{why}");
        assert_eq!(reading.patient, plain.patient, "{why}");
        assert_eq!(reading.documents.len(), 1, "{why}");
        let (got, expected) = (&reading.documents[0], &plain.documents[0]);
        assert_eq!(
            (&got.unique_id, &got.class, &got.warnings),
            (&expected.unique_id, &expected.class, &expected.warnings),
            "{why}"
        );
    }
}

#[test]
fn what_other_systems_leave_in_an_archive_is_no_document() {
    let mut files = unzipped(BIOLOGY);
    for name in [
        "__MACOSX/IHE_XDM/SUBSET01/._DOC0001.XML",
        "IHE_XDM/SUBSET01/.DS_Store",
        "IHE_XDM/SUBSET01/Thumbs.db",
    ] {
        files.push((name.to_owned(), b"\0\x05\x16\x07".to_vec()));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    let reading = read(&zip(&files), "IHE_XDM.zip");
    assert_eq!(reading.documents.len(), 1);
    assert!(!reading.documents[0].warnings.contains(&Warning::Undeclared));
}

#[test]
fn a_document_that_was_changed_cut_or_left_out_is_said_to_be() {
    let of = |bytes: Vec<u8>| read(&bytes, "IHE_XDM.zip").documents.remove(0).warnings;
    let altered = changed(BIOLOGY, |n, b| {
        Some((
            n.to_owned(),
            if n.ends_with("DOC0001.XML") { replaced(b, "13,4 g/dL", "18,4 g/dL") } else { b },
        ))
    });
    let warnings = of(altered);
    assert!(warnings.contains(&Warning::HashWrong) && !warnings.contains(&Warning::SizeWrong));
    let longer = changed(BIOLOGY, |n, mut b| {
        if n.ends_with("DOC0001.XML") {
            b.push(b'\n');
        }
        Some((n.to_owned(), b))
    });
    assert!(of(longer).contains(&Warning::SizeWrong));
    let missing = changed(BIOLOGY, |n, b| (!n.ends_with("DOC0001.XML")).then(|| (n.to_owned(), b)));
    assert!(of(missing).contains(&Warning::FileMissing));
}

#[test]
fn a_patient_who_differs_between_envelope_and_document_or_subject_is_flagged() {
    let other = changed(BIOLOGY, |n, b| {
        Some((
            n.to_owned(),
            if n.ends_with("METADATA.XML") {
                replaced(replaced(b, "285041305501786", "160112A00403312"), "ECLIPSE", "CORTENAIS")
            } else {
                b
            },
        ))
    });
    let reading = read(&other, "IHE_XDM.zip");
    assert!(reading.documents[0].warnings.contains(&Warning::PatientDiffersFromMetadata));
    assert!(reading.warnings.contains(&Warning::PatientDiffersFromMetadata));
    let mail = text("message/mss-bio-xdm.eml");
    let same = read(mail.as_bytes(), "a.eml");
    assert!(!same.warnings.contains(&Warning::PatientDiffersFromSubject));
    let wrong = mail.replace("ECLIPSE LUCIE 12/04/1985", "ETOILE ZOE 03/05/2001");
    let reading = read(wrong.as_bytes(), "a.eml");
    assert!(reading.warnings.contains(&Warning::PatientDiffersFromSubject));
    // the identity is the metadata's (ECO.2.1.2)
    assert_eq!(reading.patient.unwrap().birth_name, "ECLIPSE");
}

#[test]
fn a_cda_and_its_pdf_are_one_document_and_masks_and_replacements_are_told() {
    let twin = read(&data("xdm/fr-bio-n3-with-unlisted-pdf.zip"), "a.zip");
    assert_eq!(twin.documents.len(), 1);
    assert_eq!(twin.documents[0].twin.as_deref(), Some("DOC0001.PDF"));
    let mail = read(&data("message/mss-imagerie-n1-xdm.eml"), "a.eml");
    assert_eq!((mail.documents.len(), mail.documents[0].twin_attachment), (1, Some(1)));
    let masked = read(&data("xdm/fr-masked-ps-and-guardians.zip"), "a.zip");
    assert_eq!(masked.documents[0].masks, [Mask::Professionals, Mask::Guardians]);
    let replacement = read(&data("xdm/fr-replacement.zip"), "a.zip");
    let document = &replacement.documents[0];
    assert_eq!(document.change, Some(Change::Replaces));
    assert_eq!(document.related, ["1.2.250.1.999.9.2.101"]);
}

#[test]
fn the_same_document_twice_is_noticed_by_its_unique_identifier() {
    let cda = data("cda/bio-n3.xml");
    let mut files = unzipped(BIOLOGY);
    files.push(("IHE_XDM/SUBSET01/COPIE.XML".to_owned(), cda));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    let reading = read(&zip(&files), "a.zip");
    assert!(reading.documents[1].warnings.contains(&Warning::DuplicateDocument));
}

/// A message with a text and files.
fn mail(subject: &str, media_type: &str, text: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    use base64::Engine as _;
    let mut mail = format!(
        "From: Dr Alix TESTARD <alix@test.mssante.fr>\r\nTo: b@test.mssante.fr\r\nSubject: {subject}\r\n\
         Date: Thu, 26 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"-b\"\r\n\r\n---b\r\nContent-Type: {media_type}; charset=utf-8\r\n\r\n\
         {text}\r\n"
    );
    for (name, bytes) in files {
        let content = base64::engine::general_purpose::STANDARD.encode(bytes);
        mail += &format!(
            "---b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{content}\r\n"
        );
    }
    (mail + "---b--\r\n").into_bytes()
}

#[test]
fn the_same_archive_twice_in_a_message_is_noticed() {
    let archive = data(BIOLOGY);
    let reading =
        read(&mail("x", "text/plain", "Bonjour", &[("A.zip", &archive), ("B.zip", &archive)]), "a.eml");
    let told: Vec<bool> =
        reading.documents.iter().map(|d| d.warnings.contains(&Warning::DuplicateDocument)).collect();
    assert_eq!(told, [false, true]);
}

#[test]
fn an_archive_that_is_cut_off_is_said_to_be_unreadable() {
    let archive = data(BIOLOGY);
    let cut = &archive[..archive.len() - 200];
    let reading = read(&mail("x", "text/plain", "Bonjour", &[("IHE_XDM.zip", cut)]), "a.eml");
    assert!(reading.documents[0].warnings.contains(&Warning::Unreadable), "{:?}", reading.documents[0]);
    for bytes in [cut, b"PK\x03\x04 and nothing of an archive"] {
        assert_eq!(read_document(bytes, "IHE_XDM.zip").unwrap_err().code(), "input-unreadable");
    }
}

#[test]
fn documents_of_an_archive_without_metadata_are_read_and_it_is_said() {
    let bare = changed(BIOLOGY, |name, bytes| {
        (!name.ends_with("METADATA.XML")).then(|| (format!("Envoi/{name}"), bytes))
    });
    let reading = read(&bare, "a.zip");
    assert_eq!(reading.kind, DocumentKind::Xdm);
    assert!(reading.warnings.contains(&Warning::MetadataUnreadable));
    assert_eq!(reading.patient.as_ref().unwrap().name, "ECLIPSE LUCIE");
    assert_eq!(reading.documents.len(), 1);
    assert_eq!(reading.documents[0].results.len(), 2);
}

#[test]
fn a_message_stays_a_message_whatever_its_text_is() {
    let apicrypt = mail("Courrier", "text/plain", "$APICRYPT\r\nQUJDREVG\r\n****FINFICHIER****", &[]);
    let reading = read(&apicrypt, "a.eml");
    assert_eq!(
        (reading.title.as_str(), reading.author.unwrap().name.as_str()),
        ("Courrier", "Dr Alix TESTARD")
    );
    assert_eq!(
        (reading.kind, reading.warnings.as_slice()),
        (DocumentKind::Apicrypt, [Warning::Apicrypt].as_slice())
    );
    let hprim = text("hprim/bio-lab-utf8-lf.hpr");
    let plain = "From: a@test.mssante.fr\r\nTo: b@test.mssante.fr\r\nSubject: Analyses\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
    let reading = read(format!("{plain}{hprim}").as_bytes(), "a.eml");
    assert_eq!((reading.title.as_str(), reading.kind), ("Analyses", DocumentKind::Hprim));
    assert_eq!(reading.documents[0].results.len(), 4);
    // a gateway made a page of it
    let page = hprim.replace('\n', "<br>\n");
    let reading = read(&mail("Analyses", "text/html", &page, &[]), "a.eml");
    assert_eq!(reading.documents[0].results.len(), 4);
    assert_eq!(reading.patient.unwrap().birth_date.as_deref(), Some("1985-04-12"));
    // what programs put before the first field
    for before in ["\u{FEFF}", "\r\n\r\n", "\n"] {
        let reading = read(&[before.as_bytes(), &apicrypt].concat(), "a.eml");
        assert_eq!(
            (reading.title.as_str(), reading.author.unwrap().name.as_str()),
            ("Courrier", "Dr Alix TESTARD")
        );
    }
}

#[test]
fn times_are_read_in_every_form_they_are_written_in() {
    let cda = text("cda/bio-n3.xml");
    let start = cda.find("<effectiveTime value=\"").unwrap() + "<effectiveTime value=\"".len();
    let end = start + cda[start..].find('"').unwrap();
    for (written, read_as) in [
        ("20261201140000Z", "2026-12-01T14:00:00Z"),
        ("20261201T140000Z", "2026-12-01T14:00:00Z"),
        ("2026-12-01T14:00:00+01:00", "2026-12-01T14:00:00+01:00"),
        ("202612011400+0100", "2026-12-01T14:00+01:00"),
        ("20261201", "2026-12-01"),
    ] {
        let dated = format!("{}{written}{}", &cda[..start], &cda[end..]);
        assert_eq!(read(dated.as_bytes(), "a.xml").documents[0].date.as_deref(), Some(read_as), "{written}");
    }
    let sante = "H|~^\\&|a.HPR||001~LABO||ORU|||002~DR||P|H2.2~C|20261201130000Z\rP|1|123|||DUPONT~MARIE||19800101|F\r\
                 OBR|1|||BIO~Biologie|||20261201120000Z\rOBX|1|NM|GLU~Glycemie||1.2|g/L|0.7-1.1|H|||F|||20261201T140000Z\rL|1\r";
    let reading = read(sante.as_bytes(), "a.hpr");
    assert_eq!(reading.documents[0].date.as_deref(), Some("2026-12-01T13:00:00Z"));
    assert_eq!(reading.documents[0].results[0].date.as_deref(), Some("2026-12-01T14:00:00Z"));
}

#[test]
fn hprim_is_read_in_every_character_set_and_with_every_line_end() {
    let utf8 = text("hprim/bio-lab-utf8-lf.hpr");
    let plain = read(utf8.as_bytes(), "a.hpr");
    let expect = |bytes: &[u8], why: &str| {
        let reading = read(bytes, "26031201.HPR");
        assert_eq!(reading.kind, DocumentKind::Hprim, "{why}");
        assert_eq!(reading.text, plain.text, "{why}");
        assert_eq!(reading.documents[0].results, plain.documents[0].results, "{why}");
        assert_eq!(reading.patient, plain.patient, "{why}");
    };
    expect(utf8.replace('\n', "\r\n").as_bytes(), "CRLF");
    expect(utf8.replace('\n', "\r").as_bytes(), "CR");
    expect(utf8.replace('\n', "\n\r").as_bytes(), "LFCR");
    expect(utf8.replace('\n', "\r\r\n").as_bytes(), "CRCRLF");
    expect(&[b"\xEF\xBB\xBF", utf8.as_bytes()].concat(), "UTF-8 with a mark");
    let wide: Vec<u8> = utf8.encode_utf16().flat_map(u16::to_le_bytes).collect();
    expect(&[b"\xFF\xFE".as_slice(), &wide].concat(), "UTF-16");
    expect(&encoding_rs::WINDOWS_1252.encode(&utf8).0, "windows-1252");
    expect(&encoding_rs::MACINTOSH.encode(&utf8).0, "MacRoman");
    let dos: Vec<u8> = utf8
        .chars()
        .map(|c| match c {
            'é' => 0x82,
            'à' => 0x85,
            'è' => 0x8A,
            'µ' => 0xE6,
            c => u8::try_from(u32::from(c)).unwrap(),
        })
        .collect();
    expect(&dos, "CP850");
    let entities = utf8.replace('é', "&eacute;").replace('à', "&agrave;").replace('µ', "&micro;");
    expect(entities.as_bytes(), "HTML entities");
    // marks with a star missing, in lower case
    let worn = utf8.replace("****LAB****", "***lab***").replace("****FIN****", "***FIN****");
    expect(worn.as_bytes(), "worn marks");
    // a greeting in front, as a mail has
    let greeted = format!("Bonjour,\n\nvoici les résultats.\n\n{utf8}");
    assert_eq!(read(greeted.as_bytes(), "a.txt").documents[0].results, plain.documents[0].results);
}

#[test]
fn hprim_results_keep_every_value_as_it_was_written() {
    let reading = read(&data("hprim/bio-lab-utf8-lf.hpr"), "a.hpr");
    let results = &reading.documents[0].results;
    let creatinine = &results[0];
    assert_eq!((creatinine.value.as_str(), creatinine.unit.as_str()), ("132", "µmol/l"));
    assert_eq!(
        (creatinine.low.as_str(), creatinine.high.as_str(), creatinine.flag),
        ("45", "84", Some(Flag::H))
    );
    let other = creatinine.other.as_ref().unwrap();
    assert_eq!((other.value.as_str(), other.unit.as_str(), other.low.as_str()), ("14.9", "mg/l", "5.1"));
    assert_eq!(results[3].status, Some(ResultStatus::Preliminary));
    let several = read(&data("hprim/deux-patients-un-fichier.hpr"), "a.hpr");
    assert_eq!(several.documents.len(), 2);
    assert_eq!(several.patient, None, "two patients are nobody's");
    assert!(several.warnings.contains(&Warning::SeveralPatients));
    assert!(several.documents[1].results[0].is_alarm());
}

#[test]
fn a_platform_that_refused_is_understood_with_its_code() {
    let reading = read(&data("message/mdn-ko-902.eml"), "a.eml");
    let refusal = reading.refusal.unwrap();
    assert_eq!((refusal.code.as_str(), refusal.original.as_deref()), ("902", Some("bio-1@test.mssante.fr")));
    assert_eq!(reading.kind, DocumentKind::Receipt);
    assert!(reading.title.contains("CR d'examens biologiques"), "{}", reading.title);
}

#[test]
fn the_words_inside_an_archive_of_another_kind_can_be_searched_and_only_its_names_are_shown() {
    let cda = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/cda/texte-n1.xml")).unwrap();
    let inner = zip(&[("profond.txt", b"ABYSSE")]);
    let bytes = zip(&[
        ("lettres/avis.txt", "Hémoglobine à contrôler".as_bytes()),
        ("cr.xml", &cda),
        ("programme.exe", b"MZ\x90\0INTERDIT"),
        ("interieur.zip", &inner),
    ]);
    let reading = read(&bytes, "envoi.zip");
    let document = &reading.documents[0];
    assert_eq!(document.kind, DocumentKind::Archive);
    assert!(document.text.contains("Hémoglobine à contrôler"), "{}", document.text);
    assert!(document.text.contains("lettres/avis.txt") && document.entries.len() == 4);
    // what may run and what is packed again stays closed
    assert!(!document.text.contains("INTERDIT") && !document.text.contains("ABYSSE"));
    assert!(document.blocks.is_empty());
}
