//! Counts beside the server's, quota, and large messages that wait for a wish.

use estafette::domain::message::{Flag, Flags};
use estafette::domain::tally::{Missing, Quota};
use estafette::store::{Bounds, Counted, NewMessage, Store};

use crate::sample::{body, mailbox, message};

const BOUNDS: Bounds = Bounds { unasked: 8_000_000, most: 100_000_000 };

fn sized(uid: u32, size: u64) -> NewMessage {
    NewMessage { size, ..message(uid, 1_000 + i64::from(uid), "Imagerie") }
}

#[test]
fn counts_are_compared_as_the_server_has_to_see_them() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let (inbox, labo) = (folders[0], folders[1]);
    let seen = Flags { seen: true, ..Flags::default() };
    let read = NewMessage { flags: seen, ..message(4, 4, "lu") };
    let ids =
        store.insert(inbox, &[message(1, 1, "a"), message(2, 2, "b"), message(3, 3, "c"), read]).unwrap();
    // the server still has four messages, three of them unread, and nothing in the other folder
    store.move_local(&[ids[0]], labo).unwrap();
    store.change_flag(&[ids[1]], Flag::Seen, true).unwrap();
    store.change_flag(&[ids[3]], Flag::Seen, false).unwrap();
    store.delete_local(&[ids[2]]).unwrap();
    let counted = [
        Counted { folder: inbox, total: 4, unread: Some(3) },
        Counted { folder: labo, total: 0, unread: None },
    ];
    store.reconciled(&counted, 50).unwrap();
    let tallies = store.tallies(account).unwrap();
    assert_eq!(tallies.len(), 2, "the bin was not compared");
    assert!(tallies[&inbox].agrees() && tallies[&labo].agrees(), "{tallies:?}");
    assert_eq!((tallies[&inbox].here_total, tallies[&inbox].at), (4, 50));
    let kinds: Vec<_> = store.waiting_changes(account).unwrap();
    assert_eq!(kinds, [("delete".to_owned(), 1), ("flag".to_owned(), 2), ("move".to_owned(), 1)]);

    store.reconciled(&[Counted { folder: inbox, total: 5, unread: Some(3) }], 60).unwrap();
    assert!(!store.tallies(account).unwrap()[&inbox].agrees());
    store.remove_account(account).unwrap();
    assert!(store.tallies(account).unwrap().is_empty());
}

#[test]
fn a_quota_is_kept_until_the_server_has_none() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    assert_eq!(store.quota(account).unwrap(), None);
    let quota = Quota { used: 5, allowed: u64::from(u32::MAX) * 8, at: 7 };
    store.set_quota(account, Some(quota)).unwrap();
    store.set_quota(account, Some(Quota { used: 6, ..quota })).unwrap();
    assert_eq!(store.quota(account).unwrap(), Some(Quota { used: 6, ..quota }));
    store.set_quota(account, None).unwrap();
    assert_eq!(store.quota(account).unwrap(), None);
}

#[test]
fn large_messages_wait_until_somebody_asks() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let (inbox, labo) = (folders[0], folders[1]);
    let sizes = [1_000, 8_000_000, 8_000_001, 20_000_000, 200_000_000];
    let messages: Vec<_> = (1..).zip(sizes).map(|(uid, size)| sized(uid, size)).collect();
    let ids = store.insert(inbox, &messages).unwrap();
    let elsewhere = store.insert(labo, &[sized(9, 9_000_000)]).unwrap();
    let missing = |store: &Store| store.missing(account, BOUNDS).unwrap();
    let all = Missing { coming: 2, large: 3, large_bytes: 37_000_001, too_large: 1, failed: 0, unindexed: 0 };
    assert_eq!(missing(&store), all);
    assert_eq!(store.wished(account, 10).unwrap(), []);

    // one message, one folder, then everything; what no limit allows is never asked for
    store.wish(ids[2]).unwrap();
    assert_eq!(store.wished(account, 10).unwrap(), [ids[2]]);
    assert_eq!(missing(&store), Missing { coming: 3, large: 2, large_bytes: 29_000_000, ..all });
    assert_eq!(store.wish_folder(inbox, BOUNDS).unwrap(), 2);
    assert_eq!(store.wished(account, 10).unwrap(), [ids[3], ids[2]]);
    assert_eq!(store.wish_all(account, BOUNDS).unwrap(), 3);
    assert_eq!(missing(&store), Missing { coming: 5, large: 0, large_bytes: 0, ..all });

    // a body that comes grants its wish; a message that goes takes it along
    store.save_body(vec![body(ids[3], "scanner")]).unwrap();
    store.remove_uids(labo, &[estafette::domain::id::Uid(9)]).unwrap();
    assert_eq!(store.wished(account, 10).unwrap(), [ids[2]]);
    assert!(store.row(elsewhere[0]).unwrap().is_none());
    store.wish(ids[3]).unwrap();
    assert_eq!(store.wished(account, 10).unwrap(), [ids[2]], "it is here already");
    store.check().unwrap();
}
