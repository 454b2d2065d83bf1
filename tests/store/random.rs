//! Whatever happens in whatever order, the counters are the truth.

use estafette::domain::id::{FolderId, MessageId, Uid};
use estafette::domain::message::{Flag, Flags};
use estafette::store::Store;

use crate::sample::{Dice, body, mailbox, message, search};

fn counters_are_true(store: &Store) {
    store.check().unwrap();
    for folder in store.folders().unwrap() {
        let (total, rows) = store.list(folder.id, 0..u32::MAX).unwrap();
        assert_eq!((folder.total, total as usize), (total, rows.len()));
        assert_eq!(folder.unread as usize, rows.iter().filter(|r| !r.flags.seen).count());
        assert!(rows.windows(2).all(|w| w[0].id != w[1].id));
    }
    let listed: u32 = store.folders().unwrap().iter().map(|f| f.total).sum();
    assert_eq!(search(store, "martin", 0..1).0, listed);
}

fn random_ids(store: &Store, folders: &[FolderId], dice: &mut Dice) -> Vec<MessageId> {
    let folder = folders[dice.below(folders.len())];
    let rows = store.list(folder, 0..100).unwrap().1;
    rows.into_iter().filter(|_| dice.below(3) == 0).map(|r| r.id).collect()
}

#[test]
fn counters_hold_through_random_operations() {
    for seed in 1..=12 {
        let store = Store::in_memory().unwrap();
        let (account, folders) = mailbox(&store);
        let mut dice = Dice(seed * 0x9E37_79B9);
        for step in 0..150 {
            let folder = folders[dice.below(folders.len())];
            let ids = random_ids(&store, &folders, &mut dice);
            match dice.below(11) {
                0 | 1 => {
                    let new: Vec<_> = (0..dice.below(8))
                        .map(|_| {
                            let uid = dice.below(40) as u32 + 1;
                            message(uid, i64::from(uid * 31 % 17), "Courrier")
                        })
                        .collect();
                    store.insert(folder, &new).unwrap();
                }
                2 => store.change_flag(&ids, Flag::Seen, dice.below(2) == 0).unwrap(),
                3 => store.move_local(&ids, folder).unwrap(),
                4 => store.delete_local(&ids).unwrap(),
                5 => {
                    let bodies: Vec<_> = ids.iter().map(|id| body(*id, "texte")).collect();
                    store.save_body(bodies).unwrap();
                }
                6 => {
                    let uid = Uid(dice.below(60) as u32);
                    store.remove_uids(folder, &[uid]).unwrap();
                }
                7 => {
                    let seen = Flags { seen: dice.below(2) == 0, ..Flags::default() };
                    let known = store.known(folder).unwrap();
                    let server: Vec<_> = known.into_iter().map(|(uid, _)| (uid, seen.clone())).collect();
                    store.apply_flags(folder, &server).unwrap();
                }
                8 => {
                    for waiting in store.intentions(account).unwrap().into_iter().take(4) {
                        let told = (dice.below(2) == 0).then(|| Uid(1_000 + step));
                        store.intention_done(waiting.id, told).unwrap();
                        if told.is_some() {
                            break;
                        }
                    }
                }
                9 => {
                    if let Some(waiting) = store.intentions(account).unwrap().first() {
                        store.intention_failed(waiting.id, "NO").unwrap();
                    }
                }
                _ => {
                    store.reset_folder(folder).unwrap();
                    store.forget_unclaimed(folder).unwrap();
                }
            }
            counters_are_true(&store);
        }
    }
}
