//! Messages on their way out, drafts, traces, settings.

use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, DraftAttachment, Recipient};
use estafette::domain::id::AccountId;
use estafette::domain::outbox::{OutboxState, RecipientState};
use estafette::store::{Error, NewOutbox, Store};

use crate::sample::mailbox;

pub(crate) fn draft(account: AccountId) -> Draft {
    let mut draft = Draft::new(account);
    draft.subject = "Avis".into();
    draft.body = "Cher confrère".into();
    let address = EmailAddress::parse("marie.martin@medecin.mssante.fr").unwrap();
    draft.to.push(Recipient { name: Some("Dr Marie MARTIN".into()), address });
    draft.attachments.push(DraftAttachment {
        name: "a.pdf".into(),
        media_type: "application/pdf".into(),
        content: vec![1, 2, 3],
    });
    draft
}

pub(crate) fn outgoing(account: AccountId, message_id: &str, not_before: i64) -> NewOutbox {
    let draft = draft(account);
    NewOutbox {
        account,
        message_id: message_id.into(),
        subject: draft.subject.clone(),
        raw: b"raw".to_vec(),
        recipients: draft.to.clone(),
        not_before,
        queued_at: 100,
        draft,
    }
}

#[test]
fn a_message_goes_through_its_states() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let id = store.queue(outgoing(account, "1@x", 110)).unwrap();
    assert!(matches!(store.queue(outgoing(account, "1@x", 110)), Err(Error::Exists)));
    assert_eq!(store.next_due(109).unwrap(), None);
    assert_eq!(store.next_due_time().unwrap(), Some(110));
    assert_eq!(store.next_due(110).unwrap().unwrap().id, id);
    assert!(store.begin_sending(id).unwrap());
    assert!(!store.begin_sending(id).unwrap(), "only once");
    assert!(matches!(store.take_back(id, 111), Err(Error::TooLate)));
    let to = EmailAddress::parse("marie.martin@medecin.mssante.fr").unwrap();
    let refused = RecipientState::Refused { code: 550, reason: "5.1.1 inconnu".into() };
    store.set_recipient(id, &to, &refused).unwrap();
    store.set_outbox_state(id, OutboxState::Refused, Some(("refused", Some("550 5.1.1")))).unwrap();
    let entry = store.outbox_entry(id).unwrap().unwrap();
    assert_eq!((entry.state, &entry.recipients[0].state), (OutboxState::Refused, &refused));
    assert_eq!(
        (entry.trouble.as_deref(), entry.server_reply.as_deref()),
        (Some("refused"), Some("550 5.1.1"))
    );
    assert_eq!((entry.size, store.outbox_raw(id).unwrap().as_slice()), (3, &b"raw"[..]));
    assert_eq!(store.next_due_time().unwrap(), None);
    assert!(matches!(store.remove_account(account), Err(Error::Busy)));
    store.set_outbox_state(id, OutboxState::Done, None).unwrap();
    store.remove_account(account).unwrap();
    assert!(store.outbox().unwrap().is_empty());
}

#[test]
fn an_attempt_forgets_the_trouble_of_the_one_before() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let id = store.queue(outgoing(account, "1@x", 110)).unwrap();
    store.set_outbox_state(id, OutboxState::Queued, Some(("offline", Some("421 later")))).unwrap();
    assert!(store.begin_sending(id).unwrap());
    let entry = store.outbox_entry(id).unwrap().unwrap();
    assert_eq!((entry.state, entry.trouble, entry.server_reply), (OutboxState::Sending, None, None));
}

#[test]
fn a_message_in_the_hands_of_a_server_is_not_put_back_in_the_queue() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let id = store.queue(outgoing(account, "1@x", 500)).unwrap();
    assert!(store.requeue(id, 110).unwrap());
    assert!(store.next_due(110).unwrap().is_some(), "due now");
    assert!(store.begin_sending(id).unwrap());
    for state in [OutboxState::Sending, OutboxState::SentUnfiled, OutboxState::Done] {
        store.set_outbox_state(id, state, None).unwrap();
        assert!(!store.requeue(id, 111).unwrap());
        assert_eq!(store.outbox_entry(id).unwrap().unwrap().state, state);
    }
    store.set_outbox_state(id, OutboxState::NeedsUser, Some(("answer-unknown", None))).unwrap();
    assert!(store.requeue(id, 112).unwrap());
    let entry = store.outbox_entry(id).unwrap().unwrap();
    assert_eq!((entry.state, entry.trouble), (OutboxState::Queued, None));
}

#[test]
fn a_message_taken_back_is_a_draft_again() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let id = store.queue(outgoing(account, "1@x", 110)).unwrap();
    assert!(store.drafts().unwrap().is_empty(), "what is on its way is no draft");
    assert_eq!(store.outbox_draft(id).unwrap(), draft(account));
    let back = store.take_back(id, 105).unwrap();
    assert_eq!(store.drafts().unwrap(), [(back, draft(account))]);
    assert!(store.outbox().unwrap().is_empty());
    assert!(matches!(store.take_back(id, 105), Err(Error::NotFound)));
}

#[test]
fn a_retried_message_waits_for_its_time() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let first = store.queue(outgoing(account, "1@x", 110)).unwrap();
    let second = store.queue(outgoing(account, "2@x", 120)).unwrap();
    store.set_not_before(first, 200).unwrap();
    assert_eq!(store.next_due(150).unwrap().unwrap().id, second);
    assert_eq!(store.outbox().unwrap().iter().map(|e| e.id).collect::<Vec<_>>(), [second, first]);
    store.remove_outbox(second).unwrap();
    assert_eq!(store.next_due_time().unwrap(), Some(200));
}

#[test]
fn drafts_are_kept_with_their_files() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let mut text = draft(account);
    let id = store.save_draft(None, &text, 1).unwrap();
    text.body.push_str(" Martin");
    text.attachments[0].content.push(4);
    text.attachments.push(DraftAttachment {
        name: "b".into(),
        media_type: "text/plain".into(),
        content: vec![],
    });
    assert_eq!(store.save_draft(Some(id), &text, 2).unwrap(), id);
    assert_eq!(store.draft(id).unwrap().unwrap(), text);
    text.attachments.remove(0);
    store.save_draft(Some(id), &text, 3).unwrap();
    assert_eq!(store.draft(id).unwrap().unwrap(), text);
    let other = store.save_draft(None, &Draft::new(account), 3).unwrap();
    assert_eq!(store.drafts().unwrap().iter().map(|d| d.0).collect::<Vec<_>>(), [other, id]);
    store.delete_draft(id, 4).unwrap();
    assert_eq!(store.draft(id).unwrap(), None);
    let revived = store.save_draft(Some(id), &text, 4).unwrap();
    assert_ne!(revived, id, "what is written is never lost");
    assert_eq!(store.draft(revived).unwrap().unwrap(), text);
}

#[test]
fn a_draft_that_no_server_takes_says_so_in_the_list() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let mut large = draft(account);
    let id = store.save_draft(None, &large, 1).unwrap();
    assert!(!store.draft_rows().unwrap()[0].is_too_large);
    large.attachments[0].content = vec![7; Draft::MOST_TRAVELLING as usize];
    store.save_draft(Some(id), &large, 2).unwrap();
    let row = &store.draft_rows().unwrap()[0];
    assert!(row.is_too_large && !row.is_on_server);
}

#[test]
fn traces_and_settings_are_kept() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    store.add_trace(5, "sent", Some(account), Some("1@x")).unwrap();
    store.add_trace(3, "session", None, None).unwrap();
    store.remove_account(account).unwrap();
    let kinds = |since| store.traces(since).unwrap().into_iter().map(|t| t.kind).collect::<Vec<_>>();
    assert_eq!(kinds(0), ["session", "sent"]);
    assert_eq!(kinds(4), ["sent"]);
    assert_eq!(store.setting("theme").unwrap(), None);
    store.set_setting("theme", "clair").unwrap();
    store.set_setting("theme", "sombre").unwrap();
    assert_eq!(store.setting("theme").unwrap().as_deref(), Some("sombre"));
}
