//! What of a notice is believed about a sent message.

use estafette::domain::address::EmailAddress;
use estafette::domain::receipt::{FollowUp, Notice, NoticeSource, NoticeStatus, ReceiptKind};

const SENT: i64 = 1_000;
const NOW: i64 = 2_000;

fn recipients() -> Vec<EmailAddress> {
    ["Marie.Martin@ville.mssante.example", "cardio@hopital.mssante.example"]
        .map(|a| EmailAddress::parse(a).unwrap())
        .to_vec()
}

fn notice(source: NoticeSource, from: &str, about: &[&str], kind: ReceiptKind) -> Notice {
    Notice {
        source,
        from: from.to_owned(),
        envelope_id: None,
        message_id: Some("1@x".to_owned()),
        date: Some(1_500),
        statuses: vec![NoticeStatus {
            addresses: about.iter().map(|a| (*a).to_owned()).collect(),
            kind,
            code: String::new(),
            reason: String::new(),
        }],
    }
}

#[test]
fn a_receipt_counts_for_its_own_sender_only() {
    use NoticeSource::{Automaton, MailSystem, Reader};
    let (marie, cardio) = ("marie.martin@ville.mssante.example", "cardio@hopital.mssante.example");
    let pfi = "integration@Hopital.mssante.example";
    for (source, from, about, believed) in [
        // the recipient speaks for itself, whatever the case of its address
        (Reader, "MARIE.MARTIN@ville.mssante.example", &[marie][..], true),
        (Automaton, marie, &[marie], true),
        // a recipient for another one
        (Reader, cardio, &[marie], false),
        (Automaton, cardio, &[marie], false),
        // somebody who was never written to
        (Reader, "intrus@ville.mssante.example", &[marie], false),
        (Reader, "intrus@ville.mssante.example", &["intrus@ville.mssante.example"], false),
        (Reader, "", &[marie], false),
        // the platform of the same hospital, but no person of it, and no other platform
        (Automaton, pfi, &[cardio, pfi], true),
        (Reader, pfi, &[cardio, pfi], false),
        (Automaton, pfi, &[marie], false),
        (Automaton, pfi, &[pfi], false),
        // a mail system speaks of any recipient, but no recipient as a mail system
        (MailSystem, "MAILER-DAEMON@operateur.mssante.example", &[marie], true),
        (MailSystem, "", &["alias@interne", marie], true),
        (MailSystem, cardio, &[marie], false),
        (MailSystem, "MAILER-DAEMON@operateur.mssante.example", &["autre@ville.mssante.example"], false),
        (MailSystem, "MAILER-DAEMON@operateur.mssante.example", &[], false),
    ] {
        let found = notice(source, from, about, ReceiptKind::Read).receipts(SENT, NOW, &recipients());
        assert_eq!(!found.is_empty(), believed, "{source:?} {from} {about:?}");
        if let Some(receipt) = found.first() {
            assert!(recipients().contains(&receipt.address), "named as the message was addressed");
        }
    }
}

#[test]
fn an_impossible_date_becomes_now() {
    for (date, at) in
        [(Some(1_500), 1_500), (Some(SENT), SENT), (None, NOW), (Some(SENT - 1), NOW), (Some(NOW + 1), NOW)]
    {
        let mut notice = notice(
            NoticeSource::Reader,
            "cardio@hopital.mssante.example",
            &["cardio@hopital.mssante.example"],
            ReceiptKind::Read,
        );
        notice.date = date;
        assert_eq!(notice.receipts(SENT, NOW, &recipients())[0].at, at, "{date:?}");
    }
}

#[test]
fn the_follow_up_is_the_same_whatever_came_first() {
    use ReceiptKind::{Delayed, Delivered, Failed, Read};
    let add = |facts: &[(ReceiptKind, i64)]| {
        let mut follow_up = FollowUp::default();
        for (kind, at) in facts {
            follow_up.add(*kind, *at, String::new(), String::new());
        }
        follow_up
    };
    let delayed = add(&[(Delayed, 1)]);
    assert!(delayed.problem.is_some() && !delayed.has_failed());
    assert_eq!(add(&[(Delayed, 1), (Delivered, 2)]), add(&[(Delivered, 2), (Delayed, 1)]));
    assert_eq!(add(&[(Delayed, 1), (Delivered, 2)]).problem, None, "a delay is over once delivered");
    assert_eq!(add(&[(Delayed, 3), (Failed, 2)]), add(&[(Failed, 2), (Delayed, 3)]));
    assert!(add(&[(Delayed, 3), (Failed, 2)]).has_failed());
    let both = add(&[(Failed, 2), (Delivered, 1), (Read, 3)]);
    assert!(
        both.has_failed() && both.delivered == Some(1) && both.read == Some(3),
        "nothing hides a failure"
    );
}
