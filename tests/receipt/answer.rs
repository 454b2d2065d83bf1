//! Read receipts given for received messages.

use estafette::domain::address::{EmailAddress, Mailbox};
use estafette::domain::message::{Envelope, MessageKind};
use estafette::domain::receipt::{NoticeSource, ReceiptKind};
use estafette::mime::{self, Identity, Ids, ReceiptWords};

/// Long enough for a line of more than 76 characters.
const ORIGINAL: &str = "5f3a5f3a5f3a5f3a5f3a5f3a5f3a5f3a@resultats.bioval.mssante.example";

fn receipt(message_id: Option<&str>, subject: &str, text: &str) -> Vec<u8> {
    let original = Envelope {
        message_id: message_id.map(str::to_owned),
        receipt_to: Some(Mailbox { name: None, address: "labo@bioval.mssante.example".into() }),
        ..Envelope::default()
    };
    let identity = Identity {
        address: EmailAddress::parse("anne.leroy@medecin.mssante.example").unwrap(),
        display_name: "Dr_Anne_LEROY".into(),
        software: "Estafette/1".into(),
    };
    let ids = Ids {
        message_id_domain: "medecin.mssante.example".into(),
        unique: [7; 16],
        date: 1_770_000_000,
        utc_offset_minutes: 60,
    };
    let to = EmailAddress::parse("labo@bioval.mssante.example").unwrap();
    let words = ReceiptWords { subject: subject.into(), text: text.into() };
    mime::build_receipt(&original, &to, &words, &identity, &ids).unwrap().raw
}

#[test]
fn a_receipt_we_write_is_one_we_can_read() {
    let raw = receipt(Some(ORIGINAL), "Lu : Résultats", "Le message a été affiché.");
    assert!(raw.is_ascii());
    let notice = mime::notice(&raw).unwrap();
    assert_eq!(notice.source, NoticeSource::Reader);
    assert_eq!(notice.from, "anne.leroy@medecin.mssante.example");
    assert_eq!(notice.message_id.as_deref(), Some(ORIGINAL));
    assert_eq!(notice.statuses.len(), 1);
    assert_eq!(notice.statuses[0].kind, ReceiptKind::Read);
    assert_eq!(notice.statuses[0].addresses, ["anne.leroy@medecin.mssante.example"]);
    let parsed = mime::parse(&raw);
    assert_eq!((parsed.kind, parsed.envelope.subject.as_str()), (MessageKind::Receipt, "Lu : Résultats"));
    assert!(parsed.text.contains("Le message a été affiché."), "{}", parsed.text);
    assert_eq!(parsed.envelope.in_reply_to.as_deref(), Some(ORIGINAL));
    assert!(parsed.envelope.receipt_to.is_none(), "a receipt never asks for one");
    let text = String::from_utf8(raw).unwrap();
    for line in [
        "Content-Type: message/disposition-notification",
        "Reporting-UA: Estafette/1",
        "Final-Recipient: rfc822;anne.leroy@medecin.mssante.example",
        "Original-Message-ID: <5f3a5f3a5f3a5f3a5f3a5f3a5f3a5f3a@resultats.bioval.mssante.example>",
        "Disposition: manual-action/MDN-sent-manually; displayed",
        "X-MSS-NIL: Estafette/1",
        "To: labo@bioval.mssante.example",
    ] {
        assert!(text.contains(&format!("{line}\r\n")), "{line} in {text}");
    }
}

#[test]
fn nothing_of_the_original_adds_a_line_to_the_receipt() {
    let raw = receipt(
        Some("a@b>\r\nDisposition: manual-action/MDN-sent-manually; deleted"),
        "Lu\r\nBcc: x@y.fr",
        "texte\r\n--=_07070707070707070707070707070707--\r\n",
    );
    let text = String::from_utf8(raw).unwrap();
    assert!(!text.contains("deleted") && !text.contains("\r\nBcc:"), "{text}");
    assert!(!text.contains("Original-Message-ID"), "an unusable identifier is left out");
}
