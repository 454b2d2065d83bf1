//! PDFs about a patient, packed, sent and read back.

use estafette::domain::address::EmailAddress;
use estafette::domain::document::{DocumentKind, Warning};
use estafette::domain::draft::{Draft, DraftAttachment, Recipient};
use estafette::domain::id::AccountId;
use estafette::domain::patient::{Ins, InsNature, Patient, Sex};
use estafette::engine::{read_document, xdm_draft};
use estafette::mime::{Identity, Ids, attachment, build};

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn patient() -> Patient {
    let ins = Ins {
        matricule: "285041305501786".into(),
        oid: "1.2.250.1.213.1.4.10".into(),
        nature: InsNature::Test,
        key_fits: true,
    };
    Patient {
        birth_name: "ECLIPSE".into(),
        first_name: "LUCIE".into(),
        birth_date: Some("1985-04-12".into()),
        sex: Some(Sex::F),
        ins: Some(ins),
        ..Patient::default()
    }
}

/// A draft with this file and a PDF.
fn draft(others: &[&str]) -> Draft {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/message/ordonnance-pdf.eml");
    let content = attachment(&std::fs::read(path).unwrap(), 0).unwrap().bytes;
    let file = |name: &str, content: &[u8]| DraftAttachment {
        name: name.to_owned(),
        media_type: "application/octet-stream".to_owned(),
        content: content.to_vec(),
    };
    let mut draft = Draft::new(AccountId(1));
    draft.to = vec![Recipient { name: None, address: email("marie@medecin.mssante.example") }];
    draft.subject = "Ce qui a été tapé".into();
    draft.body = "Bonjour".into();
    draft.attachments = vec![file("scan 12.pdf", &content)];
    draft.attachments.extend(others.iter().map(|name| file(name, b"x")));
    draft
}

fn sent(draft: &Draft) -> Vec<u8> {
    let identity = Identity {
        address: email("anne@medecin.mssante.example"),
        display_name: "Dr_Anne_LEROY".into(),
        software: "DEV123456".into(),
    };
    let ids = Ids {
        message_id_domain: "medecin.mssante.example".into(),
        unique: [7; 16],
        date: 1_795_250_520,
        utc_offset_minutes: 60,
    };
    build(draft, &identity, None, &ids).unwrap().raw
}

#[test]
fn a_pdf_in_the_archive_and_beside_it_is_one_document_of_its_patient() {
    let packed = xdm_draft(draft(&[]), &patient(), None, Some("11488-4")).unwrap();
    let names: Vec<&str> = packed.attachments.iter().map(|file| file.name.as_str()).collect();
    let [archive, pdf] = names[..] else { panic!("{names:?}") };
    assert_eq!(archive, "IHE_XDM.zip");
    assert!(pdf.ends_with("_CR ou fiche de consultation ou de visite_ECLIPSE_LUCIE.pdf"), "{pdf}");
    assert_eq!(
        packed.subject,
        "XDM/1.0/DDM+CR ou fiche de consultation ou de visite ECLIPSE LUCIE 12/04/1985"
    );
    let raw = sent(&packed);
    let text = String::from_utf8_lossy(&raw);
    assert!(text.contains("X-MSS-CODECDA: 11488-4\r\n") && text.contains("X-MSS-INS: O\r\n"), "{text}");
    let reading = read_document(&raw, "m.eml").unwrap();
    assert_eq!(reading.kind, DocumentKind::Xdm);
    assert_eq!(reading.patient.unwrap().ins.unwrap().matricule, "285041305501786");
    assert_eq!(reading.documents.len(), 1);
    assert_eq!(reading.documents[0].twin_attachment, Some(1));
    assert!(!reading.warnings.contains(&Warning::PatientDiffersFromSubject), "{:?}", reading.warnings);
}

#[test]
fn an_identity_that_is_wrong_and_anything_but_pdfs_are_refused() {
    let code = |draft, patient: &Patient| xdm_draft(draft, patient, None, None).unwrap_err().code();
    assert_eq!(code(draft(&["photo.jpg"]), &patient()), "xdm-pdf-only");
    assert_eq!(code(Draft { attachments: Vec::new(), ..draft(&[]) }, &patient()), "xdm-pdf-only");
    assert_eq!(code(draft(&["faux.pdf"]), &patient()), "input-unreadable");
    assert_eq!(code(draft(&[]), &Patient { sex: None, ..patient() }), "patient-incomplete");
    let mut wrong = patient();
    wrong.ins.as_mut().unwrap().matricule = "285041305501787".into();
    assert_eq!(code(draft(&[]), &wrong), "ins-key-wrong");
}

#[test]
fn a_message_without_an_archive_says_nothing_of_documents() {
    let raw = sent(&draft(&["autre.zip"]));
    let text = String::from_utf8_lossy(&raw);
    assert!(!text.contains("X-MSS-CODECDA") && !text.contains("X-MSS-INS"));
}
