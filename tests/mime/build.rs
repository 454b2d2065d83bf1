//! What is built parses back identically, and nothing typed can add a header.

use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, DraftAttachment, Recipient};
use estafette::domain::id::AccountId;
use estafette::domain::message::Envelope;
use estafette::mime::{self, Error, Identity, Ids, build};

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(crate) fn identity() -> Identity {
    Identity {
        address: email("anne.leroy@medecin.mssante.example"),
        display_name: "Dr_Anne_LEROY_Cabinet Médical".into(),
        software: "DEV123456".into(),
    }
}

pub(crate) fn ids() -> Ids {
    Ids {
        message_id_domain: "medecin.mssante.example".into(),
        unique: [7; 16],
        date: 1_795_250_520,
        utc_offset_minutes: 60,
    }
}

fn to(name: &str, address: &str) -> Recipient {
    Recipient { name: (!name.is_empty()).then(|| name.to_owned()), address: email(address) }
}

fn draft() -> Draft {
    Draft {
        to: vec![to("Dr Élise ROUSSET", "elise@medecin.mssante.example")],
        cc: vec![to("", "cc@medecin.mssante.example")],
        bcc: vec![to("Secret", "bcc@medecin.mssante.example")],
        subject: "Avis demandé pour Mme Noël".into(),
        body: "Chère consœur,\n\nMerci de votre avis — c'est urgent 🙂.\n.\nFrom là\n\nAnne".into(),
        ..Draft::new(AccountId(1))
    }
}

fn header_of(raw: &[u8]) -> String {
    String::from_utf8(raw.to_vec()).unwrap().split("\r\n\r\n").next().unwrap().to_owned()
}

#[test]
fn a_message_carries_what_the_referential_asks() {
    let mut draft = draft();
    draft.read_receipt = true;
    let original = Envelope {
        message_id: Some("b@x.example".into()),
        references: vec!["a@x.example".into()],
        ..Envelope::default()
    };
    let built = build(&draft, &identity(), Some(&original), &ids()).unwrap();
    let header = header_of(&built.raw);
    assert!(header.contains("Date: Sat, 21 Nov 2026 09:42:00 +0100"), "{header}");
    assert!(header.contains("X-MSS-NIL: DEV123456"), "{header}");
    assert!(header.contains("Disposition-Notification-To: <anne.leroy@medecin.mssante.example>"), "{header}");
    assert!(!header.to_lowercase().contains("bcc"), "{header}");
    let parsed = mime::parse(&built.raw);
    let e = parsed.envelope;
    assert_eq!(e.message_id.as_deref(), Some(built.message_id.as_str()));
    assert_eq!(e.in_reply_to.as_deref(), Some("b@x.example"));
    assert_eq!(e.references, ["a@x.example", "b@x.example"]);
    assert_eq!(e.from[0].name.as_deref(), Some("Dr_Anne_LEROY_Cabinet Médical"));
    assert_eq!(e.date, Some(1_795_250_520));
    assert_eq!(e.receipt_to.unwrap().address, "anne.leroy@medecin.mssante.example");
    assert_eq!(parsed.text, draft.body);
    assert_eq!(
        built.recipients.iter().map(EmailAddress::as_str).collect::<Vec<_>>(),
        ["elise@medecin.mssante.example", "cc@medecin.mssante.example", "bcc@medecin.mssante.example"]
    );
}

#[test]
fn what_is_built_parses_back_identically() {
    let pieces = [
        "é",
        "ç",
        "œ",
        "🙂",
        "a",
        "Z",
        " ",
        "-",
        "'",
        "\"",
        "\\",
        "(",
        ")",
        "<",
        ">",
        "@",
        ",",
        ";",
        ":",
        "=",
        "?",
        "_",
        "漢",
        "ß",
        "=?UTF-8?B?",
        "?=",
        "long mot sans fin",
        "%",
        ".",
        "/",
        "é́",
    ];
    let mut state = 42_u64;
    let mut next = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % n
    };
    for round in 0..400 {
        let mut text = |max: usize| -> String {
            let count = next(max);
            let raw: String = (0..count).map(|_| pieces[next(pieces.len())]).collect();
            raw.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let mut d = draft();
        d.subject = format!("S{}e", text(60));
        d.to[0].name = Some(format!("N{}e", text(20)));
        d.body = format!("B{}\n\nLigne {}\nfin", text(40).trim_start_matches('>'), text(200))
            .replace(" \nfin", "\nfin");
        let name = format!("n{}.pdf", text(12).replace(['<', '>', ':', '"', '|', '?', '*', '/', '\\'], ""));
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let content: Vec<u8> = (0..=255).cycle().take(round * 7).collect();
        d.attachments = vec![DraftAttachment {
            name: name.clone(),
            media_type: "application/pdf".into(),
            content: content.clone(),
        }];
        let built = build(&d, &identity(), None, &ids()).unwrap();
        assert!(built.raw.is_ascii());
        for line in built.raw.split(|b| *b == b'\n') {
            assert!(line.len() <= 999 && line.last().is_none_or(|b| *b == b'\r'));
        }
        let parsed = mime::parse(&built.raw);
        // a typed `=?` would be decoded by the reader, so it is taken apart
        let shown = |text: &str| text.replace("=?", "= ?");
        assert_eq!(parsed.envelope.subject, shown(&d.subject), "round {round}");
        assert_eq!(parsed.envelope.to[0].name, d.to[0].name.as_deref().map(shown), "round {round}");
        assert_eq!(parsed.text, d.body, "round {round}");
        assert_eq!(parsed.attachments.len(), 1);
        assert_eq!(parsed.attachments[0].name, name, "round {round}");
        assert!(mime::attachment(&built.raw, 0).unwrap().bytes == content);
    }
}

#[test]
fn no_field_can_add_a_header_or_a_recipient() {
    let evil = "x\r\nBcc: spy@evil.example\r\n\r\nbody\n\u{2028}y\0";
    let mut d = draft();
    d.subject = evil.into();
    d.to[0].name = Some(evil.into());
    d.attachments =
        vec![DraftAttachment { name: evil.into(), media_type: evil.into(), content: b"x".to_vec() }];
    let identity = Identity { display_name: evil.into(), software: evil.into(), ..identity() };
    let ids = Ids { message_id_domain: evil.into(), ..ids() };
    let original =
        Envelope { message_id: Some(evil.into()), references: vec![evil.into()], ..Envelope::default() };
    let built = build(&d, &identity, Some(&original), &ids).unwrap();
    let text = String::from_utf8(built.raw.clone()).unwrap();
    assert!(text.lines().all(|l| !l.to_lowercase().starts_with("bcc")), "{text}");
    let parsed = mime::parse(&built.raw);
    assert_eq!(parsed.envelope.to.len(), 1);
    assert_eq!(parsed.text, d.body);
    assert_eq!(parsed.envelope.in_reply_to, None);
}

#[test]
fn addresses_that_cannot_be_written_are_named() {
    let mut d = draft();
    d.cc = vec![to("", "hélène@medecin.mssante.example")];
    assert_eq!(
        build(&d, &identity(), None, &ids()),
        Err(Error::Address(email("hélène@medecin.mssante.example")))
    );
    let empty = Draft::new(AccountId(1));
    assert_eq!(build(&empty, &identity(), None, &ids()), Err(Error::NoRecipient));
}

#[test]
fn a_message_to_hidden_recipients_alone_names_nobody() {
    let mut d = draft();
    d.to.clear();
    d.cc.clear();
    let built = build(&d, &identity(), None, &ids()).unwrap();
    assert!(!String::from_utf8_lossy(&built.raw).contains("bcc@"));
    assert_eq!(built.recipients, [email("bcc@medecin.mssante.example")]);
}
