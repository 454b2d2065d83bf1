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
