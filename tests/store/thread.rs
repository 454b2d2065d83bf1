//! Conversations.

use estafette::domain::id::{FolderId, MessageId};
use estafette::domain::message::Flags;
use estafette::store::{NewMessage, Store};

use crate::sample::{mailbox, message};

/// A message that answers others, as its program says so.
fn answer(uid: u32, in_reply_to: Option<u32>, references: &[u32]) -> NewMessage {
    let name = |uid: u32| format!("{uid}@mail.test");
    let mut new = message(uid, i64::from(uid) * 10, &format!("Message {uid}"));
    new.envelope.message_id = Some(name(uid));
    new.envelope.in_reply_to = in_reply_to.map(name);
    new.envelope.references = references.iter().copied().map(name).collect();
    new
}

/// Subjects of a conversation, oldest first.
fn subjects(store: &Store, id: MessageId) -> Vec<String> {
    store.conversation(id).unwrap().into_iter().map(|row| row.subject).collect()
}

fn threads(store: &Store, folder: FolderId) -> Vec<(String, u32, u32)> {
    let (total, found) = store.list_threads(folder, 0..50).unwrap();
    assert_eq!(total as usize, found.len());
    found.into_iter().map(|t| (t.newest.subject, t.messages, t.unread)).collect()
}

#[test]
fn messages_that_answer_each_other_are_one_conversation_in_whatever_order_they_come() {
    let all = || {
        [
            answer(1, None, &[]),
            answer(2, Some(1), &[1]),
            // a program without references
            answer(3, Some(2), &[]),
            answer(4, Some(3), &[]),
            answer(5, None, &[]),
        ]
    };
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 0, 2, 4, 1], [2, 3, 1, 0, 4]] {
        let store = Store::in_memory().unwrap();
        let (_, folders) = mailbox(&store);
        let mut ids = [MessageId(0); 5];
        for at in order {
            let new = NewMessage { flags: Flags { seen: at != 1, ..Flags::default() }, ..all()[at].clone() };
            ids[at] = store.insert(folders[0], &[new]).unwrap()[0];
        }
        let expected: Vec<String> = (1..=4).map(|n| format!("Message {n}")).collect();
        for id in &ids[..4] {
            assert_eq!(subjects(&store, *id), expected, "{order:?}");
        }
        assert!(subjects(&store, ids[4]).is_empty(), "alone");
        let listed = [("Message 5".to_owned(), 1, 0), ("Message 4".to_owned(), 4, 1)];
        assert_eq!(threads(&store, folders[0]), listed, "{order:?}");
        // page by page the same
        let (_, second) = store.list_threads(folders[0], 1..2).unwrap();
        assert_eq!(second[0].newest.subject, "Message 4");
    }
}

#[test]
fn a_conversation_goes_over_folders_and_a_list_shows_what_is_in_its_own() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let first = store.insert(folders[0], &[answer(1, None, &[])]).unwrap()[0];
    let ours = store.insert(folders[1], &[answer(2, Some(1), &[1])]).unwrap()[0];
    let last = store.insert(folders[0], &[answer(3, Some(2), &[1, 2])]).unwrap()[0];
    let binned = store.insert(folders[2], &[answer(4, Some(3), &[1, 2, 3])]).unwrap()[0];
    // a copy in another folder is the same message
    let copy = store.insert(folders[1], &[answer(3, Some(2), &[1, 2])]).unwrap()[0];
    assert_eq!(subjects(&store, first), ["Message 1", "Message 2", "Message 3"]);
    let shown: Vec<MessageId> = store.conversation(copy).unwrap().iter().map(|row| row.id).collect();
    assert_eq!(shown, [first, ours, copy], "of copies the one asked about");
    let shown: Vec<MessageId> = store.conversation(last).unwrap().iter().map(|row| row.id).collect();
    assert_eq!(shown, [first, ours, last]);
    assert_eq!(subjects(&store, binned).len(), 4, "what was thrown away is shown where it is asked about");
    assert_eq!(threads(&store, folders[0]), [("Message 3".to_owned(), 2, 2)]);
    // a message that goes takes its place in the list along
    store.delete_local(&[last]).unwrap();
    assert_eq!(threads(&store, folders[0]), [("Message 1".to_owned(), 1, 1)]);
}

#[test]
fn the_same_subject_is_no_conversation_and_messages_without_identifiers_stay_alone() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let nameless = |uid| {
        let mut new = message(uid, i64::from(uid), "Re: Résultats");
        new.envelope.message_id = None;
        new
    };
    store.insert(folders[0], &[nameless(1), nameless(2), message(3, 3, "Re: Résultats")]).unwrap();
    let listed = threads(&store, folders[0]);
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|(_, messages, _)| *messages == 1));
}
