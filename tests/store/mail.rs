//! Accounts, folders, messages, bodies.

use estafette::domain::folder::FolderRole;
use estafette::domain::id::{Uid, UidValidity};
use estafette::domain::message::{Flag, Flags, MessageKind};
use estafette::store::{Error, NewBody, Store};

use crate::sample::{body, config, mailbox, message, record, search};

#[test]
fn an_address_has_one_account() {
    let store = Store::in_memory().unwrap();
    let id = store.add_account(&config("Anne.Leroy@medecin.mssante.fr")).unwrap();
    assert!(matches!(store.add_account(&config("anne.leroy@medecin.mssante.fr")), Err(Error::Exists)));
    assert_eq!(store.accounts().unwrap()[0].config.address.as_str(), "Anne.Leroy@medecin.mssante.fr");
    store.remove_account(id).unwrap();
    assert!(store.accounts().unwrap().is_empty());
    assert!(matches!(store.remove_account(id), Err(Error::NotFound)));
}

#[test]
fn removing_an_account_removes_its_mail_from_lists_and_search() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "Bilan"), message(2, 20, "Bilan")]).unwrap();
    store.change_flag(&ids[..1], Flag::Seen, true).unwrap();
    store.move_local(&ids[1..], folders[1]).unwrap();
    store.remove_account(account).unwrap();
    assert!(store.folders().unwrap().is_empty());
    assert_eq!(search(&store, "bilan", 0..10).0, 0);
    assert!(store.row(ids[0]).unwrap().is_none());
}

#[test]
fn folders_come_in_display_order_and_follow_the_server() {
    let store = Store::in_memory().unwrap();
    let (account, _) = mailbox(&store);
    let listing = [
        record("Trash", FolderRole::Trash),
        record("Zoé", FolderRole::Other),
        record("Sent", FolderRole::Sent),
        record("analyses", FolderRole::Other),
        record("INBOX", FolderRole::Inbox),
        record("À classer", FolderRole::Other),
        record("École", FolderRole::Other),
    ];
    let changes = store.save_folders(account, &listing).unwrap();
    assert_eq!((changes.added.len(), changes.removed.len()), (5, 1));
    let paths: Vec<String> = store.folders().unwrap().into_iter().map(|f| f.path).collect();
    assert_eq!(paths, ["INBOX", "À classer", "analyses", "École", "Zoé", "Sent", "Trash"]);
    assert_eq!(store.save_folders(account, &listing).unwrap(), Default::default());
}

#[test]
fn a_folder_is_marked_until_it_is_unmarked_or_gone() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let marked =
        || store.folders().unwrap().into_iter().filter(|f| f.watched).map(|f| f.id).collect::<Vec<_>>();
    assert!(marked().is_empty());
    store.watch_folder(folders[1], true).unwrap();
    store.watch_folder(folders[1], true).unwrap();
    assert_eq!(marked(), [folders[1]]);
    assert!(store.folder(folders[1]).unwrap().folder.watched);
    store.watch_folder(folders[1], false).unwrap();
    assert!(marked().is_empty());
    store.watch_folder(folders[1], true).unwrap();
    store.save_folders(account, &[record("INBOX", FolderRole::Inbox)]).unwrap();
    assert!(marked().is_empty(), "gone with the folder");
    assert!(matches!(store.watch_folder(folders[1], true), Err(Error::NotFound)));
}

#[test]
fn a_vanished_folder_stays_while_changes_wait_on_it() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[1], &[message(1, 10, "a")]).unwrap();
    store.move_local(&ids, folders[0]).unwrap();
    let only_inbox = [record("INBOX", FolderRole::Inbox)];
    let changes = store.save_folders(account, &only_inbox).unwrap();
    assert_eq!(changes.kept, [folders[1]]);
    let waiting = store.intentions(account).unwrap();
    store.intention_done(waiting[0].id, Some(Uid(9))).unwrap();
    assert_eq!(store.save_folders(account, &only_inbox).unwrap().removed, [folders[1]]);
    assert!(store.row(ids[0]).unwrap().is_some());
}

#[test]
fn inserting_twice_changes_nothing() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let messages = [message(1, 10, "a"), message(2, 20, "b")];
    let first = store.insert(folders[0], &messages).unwrap();
    assert_eq!(first.len(), 2);
    assert!(store.insert(folders[0], &messages).unwrap().is_empty());
    assert_eq!(store.list(folders[0], 0..10).unwrap().0, 2);
    assert_eq!(search(&store, "a", 0..10).0, 2, "a and anne");
    assert_eq!(store.folder(folders[0]).unwrap().highest_uid, Some(Uid(2)));
}

#[test]
fn rows_are_newest_first_and_windows_fit_together() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let messages: Vec<_> =
        (1..=500u32).map(|n| message(n, i64::from(n * 7919 % 83), &format!("n{n}"))).collect();
    store.insert(folders[0], &messages).unwrap();
    let (total, all) = store.list(folders[0], 0..1000).unwrap();
    assert_eq!((total, all.len()), (500, 500));
    assert!(all.windows(2).all(|w| (w[0].date, w[0].id) > (w[1].date, w[1].id)));
    for start in [0u32, 1, 199, 250, 251, 400, 490, 499, 500, 600] {
        let (_, rows) = store.list(folders[0], start..start + 20).unwrap();
        let wanted = &all[(start as usize).min(500)..(start as usize + 20).min(500)];
        assert_eq!(rows, wanted, "{start}");
    }
    assert!(matches!(store.list(estafette::domain::id::FolderId(99), 0..1), Err(Error::NotFound)));
}

#[test]
fn impossible_dates_are_kept_and_do_not_break_the_order() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let messages = [message(1, i64::MIN, "a"), message(2, i64::MAX, "b"), message(3, 5, "c")];
    store.insert(folders[0], &messages).unwrap();
    let subjects: Vec<_> = store.list(folders[0], 0..9).unwrap().1.into_iter().map(|r| r.subject).collect();
    assert_eq!(subjects, ["b", "c", "a"]);
}

#[test]
fn a_row_shows_the_patient_and_hides_the_prefix() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let ids =
        store.insert(folders[0], &[message(1, 10, "XDM/1.0/DDM+CR d'examens VIAL Paul 26/11/1978")]).unwrap();
    let row = store.row(ids[0]).unwrap().unwrap();
    assert_eq!(row.subject, "CR d'examens");
    assert_eq!(row.patient.unwrap().name, "VIAL Paul");
    let envelope = store.envelope(ids[0]).unwrap().unwrap();
    assert_eq!(envelope.subject, "XDM/1.0/DDM+CR d'examens VIAL Paul 26/11/1978");
}

#[test]
fn bodies_are_counted_and_the_missing_ones_named_inbox_first() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let labo = store.insert(folders[1], &[message(1, 99, "x")]).unwrap();
    let inbox = store.insert(folders[0], &[message(1, 10, "a"), message(2, 20, "b")]).unwrap();
    let mut large = message(3, 30, "c");
    large.size = 50_000_000;
    store.insert(folders[0], &[large]).unwrap();
    let missing: Vec<_> =
        store.missing_bodies(account, 10, 1 << 20).unwrap().into_iter().map(|m| m.0).collect();
    assert_eq!(missing, [inbox[1], inbox[0], labo[0]]);
    assert_eq!(store.missing_bodies(account, 2, 1 << 30).unwrap().len(), 2);
    assert_eq!(store.raw(inbox[0]).unwrap(), None);
    store.save_body(vec![body(inbox[0], "texte")]).unwrap();
    store.save_body(vec![body(inbox[0], "texte")]).unwrap();
    assert_eq!(store.body_counts(account).unwrap(), (4, 1));
    assert!(store.row(inbox[0]).unwrap().unwrap().downloaded);
    assert_eq!(store.missing_bodies(account, 10, 1 << 20).unwrap().len(), 2);
    assert_eq!(search(&store, "texte", 0..9).0, 1);
}

#[test]
fn a_body_of_twelve_megabytes_comes_back_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("mail.db"), &crate::sample::key()).unwrap();
    let (_, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 1, "gros")]).unwrap();
    let mut dice = crate::sample::Dice(3);
    let raw: Vec<u8> = (0..12 << 20).map(|_| dice.below(256) as u8).collect();
    let text = "radiographie ".repeat(1_000_000);
    store.save_body(vec![NewBody::new(ids[0], &raw, &text, MessageKind::Xdm, true).unwrap()]).unwrap();
    assert!(store.raw(ids[0]).unwrap().unwrap() == raw);
    let row = &search(&store, "radio", 0..1).1[0];
    assert_eq!((row.kind, row.has_attachment), (MessageKind::Xdm, true));
}

#[test]
fn the_servers_flags_are_taken_over_except_where_a_change_waits() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "a"), message(2, 20, "b")]).unwrap();
    store.change_flag(&ids[..1], Flag::Seen, true).unwrap();
    let server = Flags { flagged: true, keywords: vec!["$Junk".into()], ..Flags::default() };
    let changed =
        store.apply_flags(folders[0], &[(Uid(1), server.clone()), (Uid(2), Flags::default())]).unwrap();
    assert_eq!(changed, [ids[0]]);
    let flags = store.row(ids[0]).unwrap().unwrap().flags;
    assert!(flags.seen && flags.flagged && flags.keywords == ["$Junk"]);
    store.intention_done(store.intentions(account).unwrap()[0].id, None).unwrap();
    store.apply_flags(folders[0], &[(Uid(1), server)]).unwrap();
    assert!(!store.row(ids[0]).unwrap().unwrap().flags.seen);
    assert_eq!(store.folders().unwrap()[0].unread, 2);
}

#[test]
fn a_renumbered_folder_keeps_its_bodies() {
    let store = Store::in_memory().unwrap();
    let (account, folders) = mailbox(&store);
    let ids =
        store.insert(folders[0], &[message(1, 10, "a"), message(2, 20, "b"), message(3, 30, "c")]).unwrap();
    store.save_body(vec![body(ids[0], "un"), body(ids[1], "deux")]).unwrap();
    store.set_sync_state(folders[0], UidValidity(5), Some(77)).unwrap();
    store.change_flag(&ids[..1], Flag::Flagged, true).unwrap();
    store.reset_folder(folders[0]).unwrap();
    let state = store.folder(folders[0]).unwrap();
    assert_eq!((state.uid_validity, state.highest_modseq, state.highest_uid), (None, None, None));
    let renumbered = |old: u32, date: i64, uid: u32, subject: &str| {
        let mut m = message(old, date, subject);
        m.uid = Some(Uid(uid));
        m
    };
    let new = store
        .insert(folders[0], &[renumbered(1, 10, 101, "a"), renumbered(2, 20, 102, "b"), message(200, 5, "d")])
        .unwrap();
    assert_eq!(new.len(), 1, "two are recognised");
    assert_eq!(store.location(ids[0]).unwrap().unwrap().1, Some(Uid(101)));
    assert_eq!(store.intentions(account).unwrap()[0].uid, Some(Uid(101)));
    assert!(store.row(ids[0]).unwrap().unwrap().flags.flagged);
    assert_eq!(store.forget_unclaimed(folders[0]).unwrap(), [ids[2]]);
    assert_eq!(store.body_counts(account).unwrap(), (3, 2));
    store.check().unwrap();
}

#[test]
fn removed_messages_leave_nothing() {
    let store = Store::in_memory().unwrap();
    let (_, folders) = mailbox(&store);
    let ids = store.insert(folders[0], &[message(1, 10, "unique"), message(2, 20, "b")]).unwrap();
    store.save_body(vec![body(ids[0], "corps")]).unwrap();
    assert_eq!(store.remove_uids(folders[0], &[Uid(1), Uid(77)]).unwrap(), [ids[0]]);
    assert_eq!(search(&store, "unique", 0..9).0, 0);
    assert_eq!(store.raw(ids[0]).unwrap(), None);
    assert!(store.envelope(ids[0]).unwrap().is_none());
    let again = store.insert(folders[0], &[message(1, 10, "unique")]).unwrap();
    assert_ne!(again, [ids[0]], "an identifier is never used twice");
}
