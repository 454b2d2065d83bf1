//! What notices told of sent messages.

use estafette::domain::address::EmailAddress;
use estafette::domain::id::{OutboxId, Uid};
use estafette::domain::message::{Flag, Flags};
use estafette::domain::outbox::{OutboxState, RecipientState};
use estafette::domain::receipt::{FollowUp, Receipt, ReceiptKind};
use estafette::store::{Store, What};

use crate::outbox::outgoing;
use crate::sample::{config, mailbox, message};

fn receipt(kind: ReceiptKind, at: i64, reason: &str) -> Receipt {
    let address = EmailAddress::parse("marie.martin@medecin.mssante.fr").unwrap();
    Receipt { address, kind, at, code: "5.1.1".into(), reason: reason.into() }
}

fn follow_up(store: &Store, id: OutboxId) -> FollowUp {
    store.outbox_entry(id).unwrap().unwrap().recipients[0].follow_up.clone()
}

#[test]
fn a_fact_is_kept_once_whatever_the_number_and_order_of_notices() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let id = store.queue(outgoing(account, "1@x", 110)).unwrap();
    let delivered = receipt(ReceiptKind::Delivered, 200, "");
    assert!(store.add_receipts(id, std::slice::from_ref(&delivered)).unwrap());
    assert!(!store.add_receipts(id, &[delivered.clone(), delivered]).unwrap(), "nothing new");
    assert!(!store.add_receipts(id, &[receipt(ReceiptKind::Delivered, 300, "")]).unwrap());
    assert!(
        store.add_receipts(id, &[receipt(ReceiptKind::Delivered, 150, "")]).unwrap(),
        "the earliest counts"
    );
    assert!(store.add_receipts(id, &[receipt(ReceiptKind::Failed, 250, "inconnu")]).unwrap());
    assert!(!store.add_receipts(id, &[receipt(ReceiptKind::Failed, 260, "autre")]).unwrap());
    let found = follow_up(&store, id);
    assert_eq!((found.delivered, found.read), (Some(150), None));
    let problem = found.problem.unwrap();
    assert_eq!((problem.kind, problem.at, problem.reason.as_str()), (ReceiptKind::Failed, 250, "inconnu"));
}

#[test]
fn a_failure_notice_changes_nothing_else_and_leaves_with_its_message() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let id = store.queue(outgoing(account, "1@x", 110)).unwrap();
    let to = EmailAddress::parse("marie.martin@medecin.mssante.fr").unwrap();
    store.set_recipient(id, &to, &RecipientState::Accepted).unwrap();
    store.set_outbox_state(id, OutboxState::Done, None).unwrap();
    store.add_receipts(id, &[receipt(ReceiptKind::Failed, 200, "inconnu")]).unwrap();
    let entry = store.outbox_entry(id).unwrap().unwrap();
    assert_eq!((entry.state, &entry.recipients[0].state), (OutboxState::Done, &RecipientState::Accepted));
    assert_eq!(store.next_due(i64::MAX).unwrap(), None, "nothing is sent again");
    store.remove_outbox(id).unwrap();
    assert!(!store.add_receipts(id, &[receipt(ReceiptKind::Read, 300, "")]).unwrap(), "nobody to tell of");
}

#[test]
fn facts_about_strangers_and_other_accounts_are_not_kept() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let other = store.add_account(&config("autre@medecin.mssante.fr")).unwrap();
    let id = store.queue(outgoing(account, "1@x", 110)).unwrap();
    assert_eq!(store.sent_as(account, "1@x").unwrap(), Some(id));
    assert_eq!(store.sent_as(other, "1@x").unwrap(), None);
    assert_eq!(store.sent_as(account, "2@x").unwrap(), None);
    let stranger = EmailAddress::parse("intrus@medecin.mssante.fr").unwrap();
    let wrong = Receipt { address: stranger, ..receipt(ReceiptKind::Read, 200, "") };
    assert!(!store.add_receipts(id, &[wrong]).unwrap());
    assert_eq!(follow_up(&store, id), FollowUp::default());
}

#[test]
fn a_request_for_a_receipt_is_settled_once_and_by_the_user_only() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 50, "Avis"), message(2, 60, "Avis")]).unwrap();
    let queued = store.settle_receipt(ids[0], Some(outgoing(account, "lu@x", 0))).unwrap();
    assert!(queued.is_some());
    assert_eq!(store.settle_receipt(ids[0], Some(outgoing(account, "lu2@x", 0))).unwrap(), None);
    assert_eq!(store.outbox().unwrap().len(), 1);
    assert_eq!(store.row(ids[0]).unwrap().unwrap().flags.keywords, ["$MDNSent"]);
    let told: Vec<_> = store.intentions(account).unwrap().into_iter().map(|i| (i.message, i.what)).collect();
    assert_eq!(told, [(Some(ids[0]), What::Flag { flag: Flag::MdnSent, on: true })]);
    // declined
    assert_eq!(store.settle_receipt(ids[1], None).unwrap(), None);
    assert_eq!(store.settle_receipt(ids[1], Some(outgoing(account, "lu3@x", 0))).unwrap(), None);
    // a server without keywords takes the mark away: the same receipt is not queued twice
    store.apply_flags(folders[0], &[(Uid(1), Flags::default())]).unwrap();
    store.change_flag(&[ids[0]], Flag::MdnSent, false).unwrap();
    assert_eq!(store.settle_receipt(ids[0], Some(outgoing(account, "lu@x", 0))).unwrap(), None);
    assert_eq!(store.outbox().unwrap().len(), 1);
}
