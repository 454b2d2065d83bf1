//! Folders made, renamed and removed here, and what the server says of them.

use estafette::domain::folder::{FolderRole, Namespace, Rights};
use estafette::domain::id::{FolderId, Uid, UidValidity};
use estafette::domain::message::{Flag, Flags, Keyword};
use estafette::store::{Error, FolderRecord, Store, What};

use crate::sample::{mailbox, message, record, search};

fn paths(store: &Store) -> Vec<String> {
    store.folders().unwrap().into_iter().map(|f| f.path).collect()
}

fn listing(names: &[&str]) -> Vec<FolderRecord> {
    let role = |name: &str| match name {
        "INBOX" => FolderRole::Inbox,
        "Trash" => FolderRole::Trash,
        _ => FolderRole::Other,
    };
    names.iter().map(|name| record(name, role(name))).collect()
}

#[test]
fn a_folder_made_here_takes_messages_before_the_server_knows_it() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "a")]).unwrap();
    let made = store.create_folder(account, "Labo/2026").unwrap();
    assert!(!store.folder(made).unwrap().is_on_server());
    store.move_local(&ids, made).unwrap();
    assert_eq!(store.list(made, 0..9).unwrap().0, 1);
    assert!(matches!(store.create_folder(account, "Labo/2026"), Err(Error::Exists)));
    // a listing that does not have it yet leaves it alone
    store.save_folders(account, &listing(&["INBOX", "Labo", "Trash"])).unwrap();
    let waiting = store.intentions(account).unwrap();
    assert_eq!(waiting[0].what, What::Create);
    assert_eq!(waiting[1].what, What::Move { to: made });
    store.folder_made(waiting[0].id, made, b"Labo/2026").unwrap();
    assert!(store.folder(made).unwrap().is_on_server());
    assert_eq!(
        store.save_folders(account, &listing(&["INBOX", "Labo", "Labo/2026", "Trash"])).unwrap(),
        Default::default()
    );
    assert_eq!(store.intentions(account).unwrap().len(), 1);
}

#[test]
fn a_folder_made_here_and_listed_meanwhile_is_one() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let made = store.create_folder(account, "Bilans").unwrap();
    // killed after the server had made it: the listing comes first
    store.save_folders(account, &listing(&["INBOX", "Labo", "Trash", "Bilans"])).unwrap();
    assert_eq!(paths(&store), ["INBOX", "Bilans", "Labo", "Trash"]);
    let waiting = store.intentions(account).unwrap();
    store.folder_made(waiting[0].id, made, b"Bilans").unwrap();
    assert_eq!(paths(&store), ["INBOX", "Bilans", "Labo", "Trash"]);
    // and under a name it did not recognise
    let other = store.create_folder(account, "Courrier").unwrap();
    let listed = store
        .save_folders(account, &listing(&["INBOX", "Labo", "Trash", "Bilans", "INBOX.Courrier"]))
        .unwrap();
    store.insert(listed.added[0], &[message(1, 10, "a")]).unwrap();
    store.set_sync_state(listed.added[0], UidValidity(4), None).unwrap();
    let waiting = store.intentions(account).unwrap();
    store.folder_made(waiting[0].id, other, b"INBOX.Courrier").unwrap();
    assert_eq!(store.list(other, 0..9).unwrap().0, 1);
    assert_eq!(store.folder(other).unwrap().uid_validity, Some(UidValidity(4)));
    store.check().unwrap();
}

#[test]
fn what_was_put_into_a_folder_the_server_refuses_goes_back() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "a"), message(2, 20, "b")]).unwrap();
    let made = store.create_folder(account, "Interdit").unwrap();
    store.move_local(&ids[..1], made).unwrap();
    store.change_flag(&ids[..1], Flag::Flagged, true).unwrap();
    store.copy_local(&ids[1..], made).unwrap();
    let waiting = store.intentions(account).unwrap();
    store.intention_failed(waiting[0].id, "NO [NOPERM]").unwrap();
    assert_eq!(paths(&store), ["INBOX", "Labo", "Trash"]);
    let (folder, uid, _) = store.location(ids[0]).unwrap().unwrap();
    assert_eq!((folder, uid), (folders[0], Some(Uid(1))));
    let waiting = store.intentions(account).unwrap();
    assert_eq!(waiting.len(), 1, "the star remains to be said");
    assert_eq!((waiting[0].folder, waiting[0].uid), (folders[0], Some(Uid(1))));
    assert_eq!(store.traces(0).unwrap()[0].detail.as_deref(), Some("NO [NOPERM]"));
    store.check().unwrap();
}

#[test]
fn a_renamed_folder_keeps_its_name_here_until_the_server_agrees() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let all = ["INBOX", "Labo", "Labo/Sang", "Labo/Sang/2025", "Laborantins", "Trash"];
    store.save_folders(account, &listing(&all)).unwrap();
    store.rename_folder(folders[1], "Biologie").unwrap();
    let shown = ["INBOX", "Biologie", "Biologie/Sang", "Biologie/Sang/2025", "Laborantins", "Trash"];
    assert_eq!(paths(&store), shown);
    store.save_folders(account, &listing(&all)).unwrap();
    assert_eq!(paths(&store), shown, "the server still has the old names");
    let waiting = store.intentions(account).unwrap();
    assert_eq!(waiting[0].what, What::Rename { path: "Biologie".into() });
    store.folder_renamed(waiting[0].id, folders[1], b"Biologie").unwrap();
    let changes = store.save_folders(account, &listing(&shown)).unwrap();
    assert_eq!(changes, Default::default(), "every one is known under its new name");
    store.rename_folder(folders[1], "Analyses").unwrap();
    store.intention_failed(store.intentions(account).unwrap()[0].id, "NO").unwrap();
    assert_eq!(paths(&store), shown);
}

#[test]
fn a_folder_not_made_yet_is_made_under_its_last_name() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let made = store.create_folder(account, "Un").unwrap();
    store.rename_folder(made, "Deux").unwrap();
    assert_eq!(store.intentions(account).unwrap().len(), 1);
    assert_eq!(store.folder(made).unwrap().folder.path, "Deux");
}

#[test]
fn a_removed_folder_is_hidden_its_messages_are_in_the_bin_and_a_refusal_shows_it_again() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[1], &[message(1, 10, "a")]).unwrap();
    assert!(matches!(store.remove_folder(folders[0], Some(folders[2])), Err(Error::Special)));
    assert!(matches!(store.remove_folder(folders[1], None), Err(Error::NotEmpty)));
    assert_eq!(store.remove_folder(folders[1], Some(folders[2])).unwrap(), ids);
    assert_eq!(paths(&store), ["INBOX", "Trash"]);
    store.save_folders(account, &listing(&["INBOX", "Labo", "Trash"])).unwrap();
    assert_eq!(paths(&store), ["INBOX", "Trash"], "the server has it until it is asked");
    let waiting = store.intentions(account).unwrap();
    store.intention_failed(waiting[1].id, "NOTEMPTY").unwrap();
    assert_eq!(paths(&store), ["INBOX", "Labo", "Trash"]);
    store.intention_done(waiting[0].id, Some(Uid(7))).unwrap();
    store.remove_folder(folders[1], Some(folders[2])).unwrap();
    store.intention_done(store.intentions(account).unwrap()[0].id, None).unwrap();
    let changes = store.save_folders(account, &listing(&["INBOX", "Trash"])).unwrap();
    assert_eq!(changes, Default::default());
    assert_eq!(store.location(ids[0]).unwrap().unwrap().0, folders[2]);
}

#[test]
fn messages_waiting_for_a_folder_that_is_gone_return_to_their_origin() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "a")]).unwrap();
    let lost = store.insert(folders[1], &[message(5, 50, "c")]).unwrap();
    store.move_local(&ids, folders[1]).unwrap();
    store.change_flag(&lost, Flag::Seen, true).unwrap();
    let changes = store.save_folders(account, &listing(&["INBOX", "Trash"])).unwrap();
    assert_eq!(changes.kept, [folders[1]]);
    store.forget_folder(folders[1], "NONEXISTENT").unwrap();
    assert_eq!(paths(&store), ["INBOX", "Trash"]);
    assert_eq!(store.location(ids[0]).unwrap().unwrap().0, folders[0]);
    assert_eq!(store.location(lost[0]).unwrap(), None);
    assert!(store.intentions(account).unwrap().is_empty());
    assert!(!store.traces(0).unwrap().is_empty(), "it is told");
    store.check().unwrap();
}

#[test]
fn nothing_is_changed_in_a_folder_that_can_only_be_read() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let shared =
        FolderRecord { namespace: Namespace::Shared, ..record("Shared/Urgences", FolderRole::Other) };
    let all = [listing(&["INBOX", "Labo", "Trash"]), vec![shared]].concat();
    let shared = store.save_folders(account, &all).unwrap().added[0];
    let ids = store.insert(shared, &[message(1, 10, "a")]).unwrap();
    store.set_rights(shared, "lrs", 99).unwrap();
    assert_eq!(store.folder(shared).unwrap().rights_at, Some(99));
    store.change_flag(&ids, Flag::Seen, true).unwrap();
    for refused in [
        store.change_flag(&ids, Flag::Flagged, true),
        store.move_local(&ids, folders[0]),
        store.delete_local(&ids),
        store.rename_folder(shared, "Shared/Autre"),
    ] {
        assert!(matches!(refused, Err(Error::ReadOnly)));
    }
    assert_eq!(store.intentions(account).unwrap().len(), 1);
    assert_eq!(store.copy_local(&ids, folders[1]).unwrap().len(), 1, "reading allows copying out");
    let own = store.insert(folders[0], &[message(9, 90, "b")]).unwrap();
    assert!(matches!(store.move_local(&own, shared), Err(Error::ReadOnly)));
    // and what SELECT says counts for any folder
    assert!(store.set_read_only(folders[0], true).unwrap());
    assert!(!store.set_read_only(folders[0], true).unwrap());
    assert!(matches!(store.change_flag(&own, Flag::Seen, true), Err(Error::ReadOnly)));
    let rights: Vec<Rights> = store.folders().unwrap().into_iter().map(|f| f.rights).collect();
    assert!(rights[0].is_read_only() && rights[1] == Rights::ALL && rights[3].is_read_only());
    assert_eq!(store.folders().unwrap()[3].namespace, Namespace::Shared);
}

#[test]
fn a_keyword_waits_like_a_flag_and_returns_when_refused() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "a")]).unwrap();
    let label = Keyword::parse("$Label1").unwrap();
    let keywords = || store.row(ids[0]).unwrap().unwrap().flags.keywords;
    store.change_keyword(&ids, &label, true).unwrap();
    store.change_keyword(&ids, &label, true).unwrap();
    assert_eq!(keywords(), ["$Label1"]);
    // the server does not have it yet
    let server = Flags { keywords: vec!["Autre".into()], ..Flags::default() };
    store.apply_flags(folders[0], &[(Uid(1), server)]).unwrap();
    assert_eq!(keywords(), ["$Label1", "Autre"]);
    let waiting = store.intentions(account).unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].what, What::Keyword { keyword: label.clone(), on: true });
    store.intention_failed(waiting[0].id, "PERMANENTFLAGS").unwrap();
    assert_eq!(keywords(), ["Autre"]);
}

#[test]
fn a_message_we_marked_deleted_is_not_shown_again_unless_somebody_takes_the_mark_off() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "a"), message(2, 20, "b")]).unwrap();
    store.move_local(&ids[..1], folders[1]).unwrap();
    store.delete_local(&ids[1..]).unwrap();
    for waiting in store.intentions(account).unwrap() {
        store.intention_done_marked(waiting.id, None).unwrap();
    }
    let known = store.known(folders[0]).unwrap();
    assert_eq!(known.len(), 2);
    assert!(known.iter().all(|(_, flags)| flags.deleted), "as the server has them");
    assert_eq!(store.known_within(folders[0], Uid(2)..=Uid(9)).unwrap(), known[1..]);
    assert_eq!(store.known_within(folders[0], Uid(9)..=Uid(1)).unwrap(), []);
    assert!(store.insert(folders[0], &[message(1, 10, "a"), message(2, 20, "b")]).unwrap().is_empty());
    assert_eq!(store.list(folders[0], 0..9).unwrap().0, 0);
    store
        .apply_flags(folders[0], &[(Uid(1), Flags { deleted: true, seen: true, ..Flags::default() })])
        .unwrap();
    assert!(store.known(folders[0]).unwrap()[0].1.seen, "so that it does not count as changed every time");
    // another program takes the mark off, and expunges the other
    store.apply_flags(folders[0], &[(Uid(1), Flags::default())]).unwrap();
    store.remove_uids(folders[0], &[Uid(2)]).unwrap();
    assert!(store.known(folders[0]).unwrap().is_empty());
    assert_eq!(store.insert(folders[0], &[message(1, 10, "a")]).unwrap().len(), 1);
}

#[test]
fn a_copy_is_here_at_once_and_gets_its_number() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "Bilan")]).unwrap();
    let (original, copy) = store.copy_local(&ids, folders[1]).unwrap()[0];
    assert_eq!(original, ids[0]);
    assert_eq!(search(&store, "bilan", 0..9).0, 2);
    store.move_local(&ids, folders[2]).unwrap();
    assert_eq!(store.known(folders[0]).unwrap().len(), 1);
    let waiting = store.intentions(account).unwrap();
    assert_eq!((waiting[0].message, waiting[0].uid), (Some(copy), Some(Uid(1))));
    assert_eq!(store.intentions_started(&[waiting[0].id], Some(Uid(30))).unwrap(), [waiting[0].id]);
    let again = store.intentions(account).unwrap();
    assert!(again[0].started && again[0].uid_next == Some(Uid(30)));
    store.intention_done(waiting[0].id, Some(Uid(31))).unwrap();
    let (folder, uid, _) = store.location(copy).unwrap().unwrap();
    assert_eq!((folder, uid), (folders[1], Some(Uid(31))));
    store.check().unwrap();
}

#[test]
fn a_copy_of_a_message_whose_number_is_not_known_waits_for_it() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "a")]).unwrap();
    store.move_local(&ids, folders[1]).unwrap();
    store.copy_local(&ids, folders[2]).unwrap();
    let waiting = store.intentions(account).unwrap();
    assert_eq!(waiting[1].uid, None);
    store.intention_done(waiting[0].id, Some(Uid(8))).unwrap();
    let waiting = store.intentions(account).unwrap();
    assert_eq!((waiting[0].folder, waiting[0].uid), (folders[1], Some(Uid(8))));
    store.intention_failed(waiting[0].id, "OVERQUOTA").unwrap();
    assert_eq!(store.list(folders[2], 0..9).unwrap().0, 0, "no copy was made");
    assert_eq!(store.list(folders[1], 0..9).unwrap().0, 1);
}

#[test]
fn a_move_is_taken_back_as_if_it_had_never_been_or_moved_back() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids =
        store.insert(folders[0], &[message(1, 10, "a"), message(2, 20, "b"), message(3, 30, "c")]).unwrap();
    store.move_local(&ids, folders[2]).unwrap();
    store.change_flag(&ids[..1], Flag::Seen, true).unwrap();
    let waiting = store.intentions(account).unwrap();
    // the second is being asked for, the third is done
    store.intentions_started(&[waiting[1].id], None).unwrap();
    store.intention_done(waiting[2].id, Some(Uid(77))).unwrap();
    let moved: Vec<_> = ids.iter().map(|id| (*id, folders[0])).collect();
    store.take_back_moves(&moved).unwrap();
    assert!(ids.iter().all(|id| store.location(*id).unwrap().unwrap().0 == folders[0]));
    let waiting: Vec<_> =
        store.intentions(account).unwrap().into_iter().map(|i| (i.folder, i.uid, i.what)).collect();
    let back = What::Move { to: folders[0] };
    assert_eq!(
        waiting,
        [
            (folders[0], Some(Uid(2)), What::Move { to: folders[2] }),
            (folders[0], Some(Uid(1)), What::Flag { flag: Flag::Seen, on: true }),
            (folders[2], None, back.clone()),
            (folders[2], Some(Uid(77)), back),
        ]
    );
    store.check().unwrap();
}

#[test]
fn a_deletion_for_good_is_taken_back_until_the_server_is_asked() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[2], &[message(1, 10, "a"), message(2, 20, "b")]).unwrap();
    store.delete_later(&ids, Some(1_000)).unwrap();
    let waiting = store.intentions(account).unwrap();
    assert_eq!(waiting[0].hold_until, Some(1_000));
    store.intentions_started(&[waiting[1].id], None).unwrap();
    let deleted: Vec<(_, FolderId)> = ids.iter().map(|id| (*id, folders[2])).collect();
    assert!(matches!(store.take_back_moves(&deleted), Err(Error::GoneForGood)));
    let (folder, uid, _) = store.location(ids[0]).unwrap().unwrap();
    assert_eq!((folder, uid), (folders[2], Some(Uid(1))), "what can be brought back is");
    assert_eq!(store.location(ids[1]).unwrap(), None);
}

#[test]
fn a_folder_renamed_elsewhere_keeps_its_messages() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[1], &[message(1, 10, "a"), message(2, 20, "b")]).unwrap();
    let now = listing(&["INBOX", "Biologie", "Trash"]);
    let (missing, new) = store.compare_folders(account, &now).unwrap();
    assert_eq!((missing.len(), new.len()), (1, 1));
    assert_eq!(missing[0].folder.id, folders[1]);
    let sample = store.sample(folders[1], 1).unwrap();
    assert_eq!(sample, [(Uid(2), Some("2.20@mail.test".into()), 1_000)]);
    store.follow_rename(folders[1], &new[0]).unwrap();
    assert_eq!(store.save_folders(account, &now).unwrap(), Default::default());
    assert_eq!(store.location(ids[0]).unwrap().unwrap().0, folders[1]);
    assert_eq!(paths(&store), ["INBOX", "Biologie", "Trash"]);
}
