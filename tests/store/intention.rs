//! Local changes waiting for the server.

use estafette::domain::id::{FolderId, MessageId, Uid};
use estafette::domain::message::Flag;
use estafette::store::{Error, NewMessage, Store, What};

use crate::sample::{config, mailbox, message, record, search};

fn subjects(store: &Store, folder: FolderId) -> Vec<String> {
    store.list(folder, 0..99).unwrap().1.into_iter().map(|r| r.subject).collect()
}

fn place(store: &Store, id: MessageId) -> (FolderId, Option<Uid>) {
    let (folder, uid, _) = store.location(id).unwrap().unwrap();
    (folder, uid)
}

#[test]
fn changes_show_at_once_and_wait_in_order() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "a"), message(2, 20, "b")]).unwrap();
    store.change_flag(&ids, Flag::Seen, true).unwrap();
    store.change_flag(&ids, Flag::Seen, true).unwrap();
    store.move_local(&ids[..1], folders[1]).unwrap();
    store.delete_local(&ids[1..]).unwrap();
    let all = store.folders().unwrap();
    assert_eq!(all.iter().map(|f| (f.total, f.unread)).collect::<Vec<_>>(), [(0, 0), (1, 0), (0, 0)]);
    assert_eq!(search(&store, "martin", 0..9).0, 1);
    let waiting: Vec<_> =
        store.intentions(account).unwrap().into_iter().map(|i| (i.folder, i.uid, i.what)).collect();
    let seen = What::Flag { flag: Flag::Seen, on: true };
    assert_eq!(
        waiting,
        [
            (folders[0], Some(Uid(1)), seen.clone()),
            (folders[0], Some(Uid(2)), seen),
            (folders[0], Some(Uid(1)), What::Move { to: folders[1] }),
            (folders[0], Some(Uid(2)), What::Delete),
        ]
    );
    assert_eq!(store.known(folders[0]).unwrap().len(), 2, "the server still has both");
    let listed_again = [message(1, 10, "a"), message(2, 20, "b")];
    assert!(store.insert(folders[0], &listed_again).unwrap().is_empty());
    assert_eq!(subjects(&store, folders[0]), [""; 0]);
}

#[test]
fn a_move_gets_its_number_and_later_changes_follow() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let id = store.insert(folders[0], &[message(1, 10, "a")]).unwrap()[0];
    store.move_local(&[id], folders[1]).unwrap();
    store.change_flag(&[id], Flag::Flagged, true).unwrap();
    store.move_local(&[id], folders[2]).unwrap();
    let waiting = store.intentions(account).unwrap();
    assert_eq!(waiting.iter().map(|i| i.uid).collect::<Vec<_>>(), [Some(Uid(1)), None, None]);
    store.intention_done(waiting[0].id, Some(Uid(40))).unwrap();
    let waiting = store.intentions(account).unwrap();
    assert!(waiting.iter().all(|i| i.uid == Some(Uid(40)) && i.folder == folders[1]));
    assert_eq!(place(&store, id), (folders[2], None));
    store.intention_done(waiting[0].id, None).unwrap();
    store.intention_done(waiting[1].id, Some(Uid(8))).unwrap();
    assert_eq!(place(&store, id), (folders[2], Some(Uid(8))));
    assert!(store.intentions(account).unwrap().is_empty());
    store.intention_done(waiting[1].id, Some(Uid(9))).unwrap();
}

#[test]
fn a_move_without_a_number_is_recognised_when_it_arrives() {
    for message_id in [Some("a@mail.test".to_owned()), None] {
        let store = Store::in_memory().unwrap();
        let (account, folders) = mailbox(&store);
        let named = |uid, subject| {
            let mut new = message(uid, 10, subject);
            new.envelope.message_id.clone_from(&message_id);
            new
        };
        let id = store.insert(folders[0], &[named(1, "a")]).unwrap()[0];
        store.move_local(&[id], folders[1]).unwrap();
        store.change_flag(&[id], Flag::Seen, true).unwrap();
        store.intention_done(store.intentions(account).unwrap()[0].id, None).unwrap();
        let other = NewMessage { size: 1_001, ..named(54, "a") };
        assert_eq!(store.insert(folders[1], &[other]).unwrap().len(), 1, "of another size");
        if message_id.is_none() {
            assert_eq!(store.insert(folders[1], &[named(53, "b")]).unwrap().len(), 1, "with another header");
        }
        assert!(store.insert(folders[1], &[named(55, "a")]).unwrap().is_empty());
        assert_eq!(place(&store, id), (folders[1], Some(Uid(55))));
        assert_eq!(store.intentions(account).unwrap()[0].uid, Some(Uid(55)));
        assert!(store.row(id).unwrap().unwrap().flags.seen, "the waiting flag holds");
    }
}

#[test]
fn what_is_done_to_a_message_that_came_back_to_a_folder_waits_for_its_second_number_there() {
    for number in [Some(Uid(40)), None] {
        let store = Store::in_memory().unwrap();
        let (account, folders) = mailbox(&store);
        let id = store.insert(folders[0], &[message(1, 10, "a")]).unwrap()[0];
        for to in [1, 2, 1] {
            store.move_local(&[id], folders[to]).unwrap();
        }
        store.change_flag(&[id], Flag::Flagged, true).unwrap();
        let waiting = store.intentions(account).unwrap();
        store.intention_done(waiting[0].id, number).unwrap();
        let arrived = NewMessage { uid: Some(Uid(40)), ..message(1, 10, "a") };
        assert!(store.insert(folders[1], &[arrived]).unwrap().is_empty());
        assert!(store.forget_unclaimed(folders[1]).unwrap().is_empty());
        let uids = |left: Vec<estafette::store::Intention>| left.iter().map(|i| i.uid).collect::<Vec<_>>();
        assert_eq!(uids(store.intentions(account).unwrap()), [Some(Uid(40)), None, None]);
        store.intention_done(waiting[1].id, Some(Uid(7))).unwrap();
        store.intention_done(waiting[2].id, Some(Uid(41))).unwrap();
        assert_eq!(uids(store.intentions(account).unwrap()), [Some(Uid(41))]);
        assert_eq!(place(&store, id), (folders[1], Some(Uid(41))));
    }
}

#[test]
fn a_copy_seen_before_the_answer_to_the_move_is_not_shown_twice() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let id = store.insert(folders[0], &[message(1, 10, "a")]).unwrap()[0];
    store.move_local(&[id], folders[1]).unwrap();
    let mut copy = message(1, 10, "a");
    copy.uid = Some(Uid(70));
    store.insert(folders[1], &[copy]).unwrap();
    store.remove_uids(folders[0], &[Uid(1)]).unwrap();
    store.intention_done(store.intentions(account).unwrap()[0].id, Some(Uid(70))).unwrap();
    assert_eq!(subjects(&store, folders[1]), ["a"]);
    assert_eq!(place(&store, id), (folders[1], Some(Uid(70))));
    store.check().unwrap();
}

#[test]
fn a_done_deletion_leaves_nothing_and_a_refused_one_comes_back() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "a"), message(2, 20, "b")]).unwrap();
    store.delete_local(&ids).unwrap();
    let waiting = store.intentions(account).unwrap();
    store.intention_done(waiting[0].id, None).unwrap();
    store.intention_failed(waiting[1].id, "NO [NOPERM]").unwrap();
    assert_eq!(subjects(&store, folders[0]), ["b"]);
    assert_eq!(place(&store, ids[1]), (folders[0], Some(Uid(2))));
    assert_eq!(search(&store, "martin", 0..9).0, 1);
    let traces = store.traces(0).unwrap();
    assert_eq!(
        (traces[0].kind.as_str(), traces[0].detail.as_deref()),
        ("change-refused", Some("NO [NOPERM]"))
    );
}

#[test]
fn a_refused_move_leaves_the_later_wish_standing() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let id = store.insert(folders[0], &[message(1, 10, "a")]).unwrap()[0];
    store.move_local(&[id], folders[1]).unwrap();
    store.move_local(&[id], folders[2]).unwrap();
    store.intention_failed(store.intentions(account).unwrap()[0].id, "NO").unwrap();
    let waiting = store.intentions(account).unwrap();
    assert_eq!((waiting[0].folder, waiting[0].uid), (folders[0], Some(Uid(1))));
    assert_eq!(place(&store, id).0, folders[2]);
    store.intention_failed(waiting[0].id, "NO").unwrap();
    assert_eq!(place(&store, id), (folders[0], Some(Uid(1))));
}

#[test]
fn a_refused_move_does_not_reach_past_the_one_that_brings_the_message_back() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let id = store.insert(folders[0], &[message(1, 10, "a")]).unwrap()[0];
    for folder in [folders[1], folders[2], folders[1]] {
        store.move_local(&[id], folder).unwrap();
    }
    store.change_flag(&[id], Flag::Flagged, true).unwrap();
    store.intention_failed(store.intentions(account).unwrap()[0].id, "NO").unwrap();
    let waiting: Vec<_> =
        store.intentions(account).unwrap().into_iter().map(|wish| (wish.folder, wish.uid)).collect();
    assert_eq!(waiting, [(folders[0], Some(Uid(1))), (folders[2], None), (folders[1], None)]);
    assert_eq!(place(&store, id), (folders[1], None));
}

#[test]
fn a_refused_move_whose_message_was_brought_back_is_settled() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let id = store.insert(folders[0], &[message(1, 10, "a")]).unwrap()[0];
    store.move_local(&[id], folders[1]).unwrap();
    store.move_local(&[id], folders[0]).unwrap();
    store.intention_failed(store.intentions(account).unwrap()[0].id, "NO").unwrap();
    assert!(store.intentions(account).unwrap().is_empty());
    assert_eq!(place(&store, id), (folders[0], Some(Uid(1))));
}

#[test]
fn a_refused_flag_returns_unless_changed_again() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let id = store.insert(folders[0], &[message(1, 10, "a")]).unwrap()[0];
    let forwarded = || store.row(id).unwrap().unwrap().flags.keywords == ["$Forwarded"];
    store.change_flag(&[id], Flag::Forwarded, true).unwrap();
    assert!(forwarded());
    store.intention_failed(store.intentions(account).unwrap()[0].id, "NO").unwrap();
    assert!(!forwarded());
    store.change_flag(&[id], Flag::Forwarded, true).unwrap();
    store.change_flag(&[id], Flag::Forwarded, false).unwrap();
    store.change_flag(&[id], Flag::Forwarded, true).unwrap();
    store.intention_failed(store.intentions(account).unwrap()[0].id, "NO").unwrap();
    assert!(forwarded());
}

#[test]
fn nothing_moves_between_accounts() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let other = store.add_account(&config("autre@medecin.mssante.fr")).unwrap();
    let inbox = record("INBOX", estafette::domain::folder::FolderRole::Inbox);
    let foreign = store.save_folders(other, &[inbox]).unwrap().added[0];
    let ids = store.insert(folders[0], &[message(1, 10, "a")]).unwrap();
    assert!(matches!(store.move_local(&ids, foreign), Err(Error::OtherAccount)));
    assert_eq!(place(&store, ids[0]), (folders[0], Some(Uid(1))));
}
