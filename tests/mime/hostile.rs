//! Messages made to break a reader are read as far as they can be.

use estafette::domain::document::Warning;
use estafette::domain::message::{Block, MessageKind};
use estafette::mime::{MAX_ATTACHMENTS, attachment, parse, parse_header};

fn whole(header: &str, body: &str) -> Vec<u8> {
    format!("From: a@b.example\r\nDate: Sat, 21 Nov 2026 09:42:00 +0100\r\n{header}\r\n{body}").into_bytes()
}

#[test]
fn rubbish_is_no_message_and_no_panic() {
    for raw in
        [&b""[..], b"\0", b"\r\n\r\n", b"\xFF\xFE\xFD", b"no header at all", b":", b"a:\r\n b", b"Subject"]
    {
        let parsed = parse(raw);
        assert!(!parsed.defects.is_empty(), "{raw:?}");
        parse_header(raw);
        assert!(attachment(raw, 0).is_none_or(|c| !c.name.is_empty()));
    }
}

#[test]
fn every_prefix_and_many_changed_bytes_read_without_panic() {
    let raw = whole(
        "Subject: =?utf-8?Q?caf=C3=A9?=\r\nContent-Type: multipart/mixed; boundary=b\r\n",
        "--b\r\nContent-Type: text/html\r\n\r\n<table><tr><td style='x:y'>a<img src=cid:c></table>\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\nSubject: in\r\nContent-Type: multipart/digest; boundary=c\r\n\r\n--c\r\n\r\nS: x\r\n\r\ny\r\n--c--\r\n--b\r\n\
         Content-Type: image/png; name*0*=utf-8''%E9; name*1=x\r\nContent-ID: <c>\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n",
    );
    for end in 0..raw.len() {
        parse(&raw[..end]);
    }
    let mut state = 1_u32;
    for _ in 0..3_000 {
        let mut changed = raw.clone();
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (state >> 8) as usize % changed.len();
            changed[at] = (state >> 3) as u8;
        }
        let parsed = parse(&changed);
        for index in 0..parsed.attachments.len() {
            assert!(attachment(&changed, index).is_some());
        }
    }
}

#[test]
fn a_body_cannot_command_a_terminal_or_turn_its_words_around() {
    for kind in ["text/plain", "text/html"] {
        let body = "<pre>avis \u{1B}[2J\u{202E}txet\u{200B}</pre>";
        let raw = whole(&format!("Content-Type: {kind}; charset=utf-8\r\n"), body);
        let text = parse(&raw).text;
        assert!(text.contains("avis [2Jtxet"), "{text:?}");
    }
}

#[test]
fn a_text_of_many_paragraphs_is_cut_and_says_so() {
    let many = parse(&whole("", &"a\r\n\r\n".repeat(50_000)));
    assert_eq!(many.blocks.len(), 20_000);
    assert!(many.defects.contains(&Warning::Truncated));
    let few = parse(&whole("", &"a\r\n\r\n".repeat(19_999)));
    assert_eq!(few.blocks.len(), 19_999);
    assert!(few.defects.is_empty());
}

#[test]
fn deep_nesting_costs_no_stack() {
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(20_000);
    parse(nested.as_bytes());
    let multiparts: String = (0..5_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect();
    parse(multiparts.as_bytes());
}

#[test]
fn more_attachments_than_allowed_are_named_as_cut() {
    let parts = "--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n".repeat(MAX_ATTACHMENTS + 10);
    let parsed = parse(&whole("Content-Type: multipart/mixed; boundary=b\r\n", &format!("{parts}--b--\r\n")));
    assert_eq!(parsed.attachments.len(), MAX_ATTACHMENTS);
    assert!(parsed.defects.contains(&Warning::Truncated));
}

#[test]
fn undeclared_bytes_are_taken_as_windows_1252() {
    let mut raw = b"From: H\xE9l\xE8ne <a@b.example>\r\nSubject: R\xE9sultat\r\nDate: Sat, 21 Nov 2026 09:42:00 +0100\r\n\r\n".to_vec();
    raw.extend_from_slice(b"C\x9Cur : 5 \x80, d\xE9j\xE0\r\n");
    let parsed = parse(&raw);
    assert_eq!(parsed.envelope.subject, "Résultat");
    assert_eq!(parsed.envelope.from[0].name.as_deref(), Some("Hélène"));
    assert_eq!(parsed.text, "Cœur : 5 €, déjà");
    assert_eq!(parsed.defects, [Warning::GuessedCharset]);
    assert_eq!(parse_header(&raw).envelope, parsed.envelope);
}

#[test]
fn hprim_is_told_by_its_shape_and_kept_as_it_is() {
    let header = "P1\r\nDUPONT\r\nLEA\r\nRUE\r\n\r\n38200 VIENNE\r\n03/02/1984\r\n2840299999001 12\r\n1\r\n21/11/2026\r\nLAB\r\nDR\r\n\r\n  Potassium     6,4\r\n";
    let parsed = parse(&whole("Subject: DUPONT LEA\r\n", header));
    assert_eq!(parsed.kind, MessageKind::Hprim);
    assert!(
        matches!(&parsed.blocks[..], [Block::Preformatted(text)] if text.contains("  Potassium     6,4"))
    );
    assert_eq!(parse(&whole("Subject: a\r\n", "H|~^\\&|1.HPR||L\r\nP|1\r\n")).kind, MessageKind::Hprim);
    assert_eq!(
        parse(&whole("Subject: a\r\n", "Bonjour,\r\nLe 03/02/1984 à Vienne\r\n")).kind,
        MessageKind::Letter
    );
}

#[test]
fn attachments_come_back_byte_for_byte() {
    let raw = whole(
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Disposition: attachment; filename=\"../labo\u{202E}.hpr\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nQ3LpYXRpbmluZQ==\r\n--b--\r\n",
    );
    let parsed = parse(&raw);
    assert_eq!(parsed.attachments[0].name, "labo.hpr");
    assert_eq!(parsed.kind, MessageKind::Hprim);
    assert_eq!(attachment(&raw, 0).unwrap().bytes, b"Cr\xE9atinine");
}

#[test]
fn the_true_name_wins_over_its_ascii_stand_in() {
    let raw = whole(
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "--b\r\nContent-Type: application/pdf; name=\"r_sum_.pdf\"\r\nContent-Disposition: attachment; filename=\"r_sum_.pdf\";\r\n \
         filename*=UTF-8''r%C3%A9sum%C3%A9.pdf\r\n\r\nx\r\n--b--\r\n",
    );
    assert_eq!(parse(&raw).attachments[0].name, "résumé.pdf");
}
