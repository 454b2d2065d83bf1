//! What is read out of each notice.

use estafette::domain::receipt::{Notice, NoticeSource, ReceiptKind};
use estafette::mime;

pub(crate) fn source(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/receipt/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub(crate) fn notice(name: &str) -> Notice {
    mime::notice(&source(name)).unwrap_or_else(|| panic!("{name} is a notice"))
}

/// Source, original, and for each recipient its first address, what happened, code and words.
type Row = (
    &'static str,
    NoticeSource,
    &'static str,
    &'static [(&'static str, ReceiptKind, &'static str, &'static str)],
);

const TABLE: &[Row] = &[
    (
        "mdn-displayed",
        NoticeSource::Reader,
        "bio-1@test.mssante.fr",
        &[("alix.testard@test.mssante.fr", ReceiptKind::Read, "", "")],
    ),
    (
        "mdn-ko-902",
        NoticeSource::Automaton,
        "bio-1@test.mssante.fr",
        &[("service@test.mssante.fr", ReceiptKind::Rejected, "902", "Identifiant patient inconnu")],
    ),
    (
        "mdn-error-field",
        NoticeSource::Automaton,
        "5f3a@test.mssante.example",
        &[(
            "cardiologie@hopital.mssante.example",
            ReceiptKind::Rejected,
            "903",
            "Aucun INS dans le document à intégrer",
        )],
    ),
    (
        "bounce-dsn",
        NoticeSource::MailSystem,
        "pat-1@test.mssante.fr",
        &[(
            "285041305501786@patient.mssante.fr",
            ReceiptKind::Failed,
            "5.3.4",
            "552 5.3.4 message size exceeds fixed limit",
        )],
    ),
    (
        "dsn-relayed-and-failed",
        NoticeSource::MailSystem,
        "5f3a@test.mssante.example",
        &[
            ("camille.modele@autre.mssante.example", ReceiptKind::Delivered, "", ""),
            ("Secretariat@Autre.mssante.example", ReceiptKind::Delivered, "", ""),
            (
                "dominique.absent@autre.mssante.example",
                ReceiptKind::Failed,
                "5.1.1",
                "550-5.1.1 <dominique.absent@autre.mssante.example> Utilisateur inconnu 550 5.1.1",
            ),
            ("sacha.lent@autre.mssante.example", ReceiptKind::Delayed, "4.4.1", ""),
        ],
    ),
];

#[test]
fn each_notice_says_what_happened_to_whom_and_why() {
    for (name, source, original, statuses) in TABLE {
        let notice = notice(name);
        assert_eq!((notice.source, notice.message_id.as_deref()), (*source, Some(*original)), "{name}");
        let found: Vec<_> = notice
            .statuses
            .iter()
            .map(|s| (s.addresses[0].as_str(), s.kind, s.code.as_str(), s.reason.as_str()))
            .collect();
        assert_eq!(found, *statuses, "{name}");
    }
    assert_eq!(
        notice("dsn-relayed-and-failed").envelope_id.as_deref(),
        Some("5f3a@test.mssante.example"),
        "the envelope identifier is read"
    );
}

#[test]
fn each_disposition_says_no_more_than_it_means() {
    let text = String::from_utf8(source("mdn-displayed")).unwrap();
    let with = |line: &str| {
        mime::notice(text.replace("Disposition: manual-action/MDN-sent-manually; displayed", line).as_bytes())
            .map(|n| (n.source, n.statuses[0].kind))
    };
    use NoticeSource::{Automaton, Reader};
    for (line, expected) in [
        (
            "Disposition: manual-action/MDN-sent-manually; displayed/warning",
            Some((Reader, ReceiptKind::Read)),
        ),
        (
            "disposition: AUTOMATIC-ACTION/mdn-sent-automatically;DISPLAYED",
            Some((Automaton, ReceiptKind::Read)),
        ),
        ("Disposition: manual-action/MDN-sent-manually; deleted", Some((Reader, ReceiptKind::Delivered))),
        (
            "Disposition: automatic-action/MDN-sent-automatically; processed",
            Some((Automaton, ReceiptKind::Delivered)),
        ),
        ("Disposition: manual-action/MDN-sent-manually; denied", None),
        ("Disposition: manual-action/MDN-sent-manually; failed", None),
        ("Disposition: displayed", None),
        ("X-Disposition: manual-action/MDN-sent-manually; displayed", None),
    ] {
        assert_eq!(with(line), expected, "{line}");
    }
}

#[test]
fn a_report_with_a_return_address_was_not_written_by_a_mail_system() {
    let text = String::from_utf8(source("dsn-relayed-and-failed")).unwrap();
    let forged = text.replace("Return-Path: <>", "Return-Path: <camille.modele@autre.mssante.example>");
    assert!(mime::notice(forged.as_bytes()).is_none());
}
