//! Answers and forwards.

use estafette::domain::address::{EmailAddress, Mailbox};
use estafette::domain::id::{AccountId, FolderId, MessageId};
use estafette::domain::message::{Envelope, Flags, MessageKind, MessageRow, MessageView};
use estafette::mime::{forward, reply};

fn mailbox(address: &str) -> Mailbox {
    Mailbox { name: None, address: address.into() }
}

fn view(envelope: Envelope, text: &str) -> MessageView {
    let row = MessageRow {
        id: MessageId(9),
        account: AccountId(1),
        folder: FolderId(1),
        from: envelope.from.first().cloned().unwrap_or_default(),
        to: Mailbox::default(),
        subject: envelope.subject.clone(),
        patient: None,
        date: 0,
        flags: Flags::default(),
        kind: MessageKind::Letter,
        has_attachment: false,
        size: 0,
        downloaded: true,
        alarm: false,
        state_is_local: false,
    };
    MessageView { row, envelope, blocks: vec![], text: text.into(), attachments: vec![], defects: vec![] }
}

fn received() -> Envelope {
    Envelope {
        from: vec![mailbox("marie@m.example")],
        to: vec![mailbox("Anne@M.example"), mailbox("karim@m.example")],
        cc: vec![mailbox("sophie@m.example"), mailbox("marie@m.example"), mailbox("not an address")],
        subject: "Avis".into(),
        ..Envelope::default()
    }
}

fn answered(envelope: Envelope, all: bool) -> (Vec<String>, Vec<String>, String, String) {
    let own = [EmailAddress::parse("anne@m.example").unwrap()];
    let draft = reply(&view(envelope, "Bonjour\n> ancien\n"), all, &own, AccountId(1), &|e| {
        format!("{} a écrit :", e.from[0].label())
    });
    let list = |l: &[estafette::domain::draft::Recipient]| l.iter().map(|r| r.address.to_string()).collect();
    (list(&draft.to), list(&draft.cc), draft.subject, draft.body)
}

#[test]
fn an_answer_goes_to_the_sender_and_one_to_all_spares_oneself() {
    let (to, cc, subject, body) = answered(received(), false);
    assert_eq!(to, ["marie@m.example"]);
    assert!(cc.is_empty());
    assert_eq!(subject, "Re: Avis");
    assert_eq!(body, "\n\nmarie@m.example a écrit :\n> Bonjour\n>> ancien\n");
    let (to, cc, ..) = answered(received(), true);
    assert_eq!(to, ["marie@m.example", "karim@m.example"]);
    assert_eq!(cc, ["sophie@m.example"]);
}

#[test]
fn reply_to_is_honoured_and_prefixes_are_not_doubled() {
    let envelope = Envelope {
        reply_to: vec![mailbox("secretariat@m.example")],
        subject: "RE: Avis".into(),
        ..received()
    };
    let (to, _, subject, _) = answered(envelope, false);
    assert_eq!(to, ["secretariat@m.example"]);
    assert_eq!(subject, "RE: Avis");
    let xdm =
        Envelope { subject: "XDM/1.0/DDM+CR de consultation DURAND Paul 26/11/1978".into(), ..received() };
    assert_eq!(answered(xdm, false).2, "Re: CR de consultation DURAND Paul 26/11/1978");
}

#[test]
fn an_answer_to_ones_own_message_goes_to_its_recipients() {
    let envelope = Envelope { from: vec![mailbox("anne@m.example")], ..received() };
    assert_eq!(answered(envelope, false).0, ["karim@m.example"]);
    let alone = Envelope {
        from: vec![mailbox("anne@m.example")],
        to: vec![mailbox("anne@m.example")],
        ..Envelope::default()
    };
    assert_eq!(answered(alone, false).0, ["anne@m.example"]);
}

#[test]
fn a_forward_has_no_recipient_yet() {
    let draft = forward(&view(received(), "texte"), vec![], AccountId(1), &|_| "Message transféré".into());
    assert!(draft.to.is_empty());
    assert_eq!(draft.subject, "Tr: Avis");
    assert!(draft.body.contains("Message transféré\n\ntexte"));
}
