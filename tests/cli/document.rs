//! `document show`, which needs neither card nor store.

use crate::counter::Counter;

#[test]
fn a_letter_is_shown_with_its_attachments_and_without_its_active_content() {
    let counter = Counter::open();
    let file = counter.path("lettre.eml");
    let raw = "From: Dr Marie MARTIN <marie.martin@medecin.mssante.example>\r\nTo: <a@b.example>\r\n\
        Subject: =?UTF-8?Q?R=C3=A9sultats?=\r\nDate: Mon, 2 Nov 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
        <p>Bonjour</p><script>alert(1)</script><img src=\"http://suivi.example/x.png\">\r\n--b\r\n\
        Content-Type: application/pdf; name=\"cr.pdf\"\r\nContent-Disposition: attachment; filename=\"../../cr.pdf\"\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQ=\r\n--b--\r\n";
    std::fs::write(&file, raw).unwrap();
    let shown = counter.run(&["document", "show", &file]).json();
    assert_eq!(shown["title"], "Résultats");
    assert_eq!(shown["author"]["address"], "marie.martin@medecin.mssante.example");
    let text = shown["text"].as_str().unwrap();
    assert!(text.contains("Bonjour") && !text.contains("alert"), "{text}");
    let name = shown["documents"][0]["name"].as_str().unwrap();
    assert!(name.ends_with("cr.pdf") && !name.contains('/') && !name.contains(".."), "{name}");
    assert!(shown["warnings"].as_array().unwrap().iter().any(|w| w == "active-content-removed"), "{shown}");
}

#[test]
fn bytes_that_are_no_message_are_refused_with_exit_code_5() {
    let counter = Counter::open();
    for (name, bytes) in [
        ("vide.eml", Vec::new()),
        ("binaire.eml", (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()),
        ("nul.eml", vec![0; 4096]),
    ] {
        let file = counter.path(name);
        std::fs::write(&file, bytes).unwrap();
        counter.run(&["document", "show", &file]).fails(5, "input-unreadable");
    }
}

#[test]
fn parts_nested_without_end_are_read_in_bounded_time_and_never_crash() {
    let counter = Counter::open();
    let file = counter.path("poupees.eml");
    let mut raw = "From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n".to_owned();
    for level in 0..5_000 {
        raw += &format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
    }
    std::fs::write(&file, raw).unwrap();
    let answer = counter.run(&["document", "show", &file]);
    assert!(matches!(answer.code, 0 | 5), "{} {}", answer.code, answer.err);
}

#[test]
fn pdfs_about_a_patient_are_packed_and_read_back_with_every_trait() {
    let counter = Counter::open();
    let patient = counter.path("patient.json");
    let pdf = counter.path("cr.pdf");
    let out = counter.path("IHE_XDM.zip");
    let traits = r#"{"birth_name":"ECLIPSE","first_name":"LUCIE","birth_date":"1985-04-12","sex":"F",
        "ins":{"matricule":"285041305501786","oid":"1.2.250.1.213.1.4.10"}}"#;
    std::fs::write(&patient, traits).unwrap();
    let source =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/message/ordonnance-pdf.eml")).unwrap();
    std::fs::write(&pdf, estafette::mime::attachment(&source, 0).unwrap().bytes).unwrap();
    let packed =
        counter.run(&["document", "pack", "--patient", &patient, "--pdf", &pdf, "--out", &out]).json();
    assert!(packed["subject"].as_str().unwrap().ends_with("ECLIPSE LUCIE 12/04/1985"), "{packed}");
    let shown = counter.run(&["document", "show", &out]).json();
    assert_eq!(shown["kind"], "xdm");
    assert_eq!(shown["patient"]["ins"]["matricule"], "285041305501786");
    assert_eq!(shown["documents"].as_array().unwrap().len(), 1, "the PDF is the twin of its CDA");
    assert_eq!(shown["documents"][0]["twin"], "DOC0001.PDF");
    let warnings = shown["documents"][0]["warnings"].to_string();
    assert!(!warnings.contains("hash-wrong") && !warnings.contains("size-wrong"), "{warnings}");
    assert!(shown["text"].as_str().unwrap().contains("Paracetamol"));
    // never over another file, never from an identity that is wrong
    assert_ne!(
        counter.run(&["document", "pack", "--patient", &patient, "--pdf", &pdf, "--out", &out]).code,
        0
    );
    std::fs::write(&patient, traits.replace("786\"", "787\"")).unwrap();
    let other = counter.path("autre.zip");
    counter
        .run(&["document", "pack", "--patient", &patient, "--pdf", &pdf, "--out", &other])
        .fails(5, "ins-key-wrong");
    assert!(!std::path::Path::new(&other).exists());
}
