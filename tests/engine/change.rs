//! Local changes against servers that have much, little, or break the line at the wrong moment.

use estafette::domain::folder::Namespace;
use estafette::domain::message::{Flag, Keyword};
use estafette::engine::Deed;

use crate::desk::Desk;

const PLAIN: &str = "IMAP4rev1";

impl Desk {
    async fn pending(&self) -> u32 {
        self.engine.health().await.unwrap().accounts[0].pending_changes
    }

    async fn id(&self, path: &str, subject: &str) -> estafette::domain::id::MessageId {
        self.rows(path).await.into_iter().find(|r| r.subject == subject).unwrap().id
    }

    async fn paths(&self) -> Vec<String> {
        self.engine.folders().await.unwrap().into_iter().map(|f| f.path).collect()
    }

    /// UID and flags of what the server has.
    fn on_server(&self, folder: &str) -> Vec<(u32, String)> {
        self.mailbox.folder(folder, |f| f.messages.iter().map(|m| (m.0, m.2.clone())).collect())
    }

    fn has(&self, folder: &str) -> bool {
        self.mailbox.state().folders.contains_key(folder)
    }
}

/// An inbox with two messages, an archive and a bin, on a server with these capabilities.
async fn desk(capabilities: &'static str) -> Desk {
    let desk = Desk::open().await;
    desk.mailbox.state().capabilities = Some(capabilities);
    desk.mailbox.add("INBOX", 1, "a");
    desk.mailbox.add("INBOX", 2, "b");
    desk.mailbox.folder("Archive", |_| ());
    desk.mailbox.folder("Trash", |_| ());
    desk.sync().await.unwrap();
    desk
}

#[tokio::test]
async fn without_move_and_uidplus_nothing_is_expunged_shown_twice_or_shown_again() {
    let desk = desk(PLAIN).await;
    let (a, archive) = (desk.id("INBOX", "a").await, desk.folder("Archive").await.id);
    desk.engine.move_to(&[a], archive).await.unwrap();
    desk.engine.delete(&[desk.id("INBOX", "b").await]).await.unwrap();
    for _ in 0..3 {
        desk.sync().await.unwrap();
    }
    assert_eq!(
        desk.mailbox.count("EXPUNGE") + desk.mailbox.count("UID EXPUNGE") + desk.mailbox.count("CLOSE"),
        0
    );
    assert_eq!(desk.subjects("INBOX").await, [""; 0]);
    assert_eq!(
        (desk.subjects("Archive").await, desk.subjects("Trash").await),
        (vec!["a".into()], vec!["b".into()])
    );
    assert_eq!(desk.on_server("INBOX"), [(1, "\\Deleted".into()), (2, "\\Deleted".into())]);
    assert_eq!(desk.id("Archive", "a").await, a, "the same message, recognised without COPYUID");
    assert_eq!(desk.mailbox.count("UID COPY"), 2);
    assert_eq!(desk.pending().await, 0);
    // another program takes the mark off
    desk.mailbox.folder("INBOX", |f| f.messages[0].2 = String::new());
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.subjects("INBOX").await, ["a"]);
}

#[tokio::test]
async fn what_another_program_marked_deleted_is_still_shown_as_such() {
    let desk = desk(PLAIN).await;
    desk.mailbox.folder("INBOX", |f| f.messages[0].2 = "\\Deleted".into());
    desk.sync().await.unwrap();
    let rows = desk.rows("INBOX").await;
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().any(|r| r.subject == "a" && r.flags.deleted));
}

#[tokio::test]
async fn a_copy_whose_answer_is_lost_is_not_made_twice() {
    for with_id in [true, false] {
        let desk = desk("IMAP4rev1 UIDPLUS").await;
        if !with_id {
            let plain = crate::mailbox::letter("c").replace("Message-ID: <c@test.example>\r\n", "");
            desk.mailbox.folder("INBOX", |f| f.messages.push((3, plain, String::new())));
            desk.sync().await.unwrap();
        }
        let subject = if with_id { "a" } else { "c" };
        let (id, archive) = (desk.id("INBOX", subject).await, desk.folder("Archive").await.id);
        desk.engine.copy_to(&[id], archive).await.unwrap();
        assert_eq!(desk.subjects("Archive").await, [subject], "here at once");
        assert!(desk.rows("Archive").await[0].downloaded, "nothing is fetched again");
        desk.mailbox.state().cuts = Some("UID COPY");
        desk.sync().await.unwrap_err();
        assert_eq!(desk.on_server("Archive").len(), 1);
        desk.sync().await.unwrap();
        desk.sync().await.unwrap();
        assert_eq!(desk.on_server("Archive").len(), 1);
        assert_eq!((desk.subjects("Archive").await, desk.pending().await), (vec![subject.to_owned()], 0));
    }
}

#[tokio::test]
async fn a_move_by_copy_that_breaks_anywhere_ends_in_one_message() {
    for cut in ["STATUS", "UID COPY", "UID STORE", "UID EXPUNGE"] {
        let desk = desk("IMAP4rev1 UIDPLUS").await;
        let (a, archive) = (desk.id("INBOX", "a").await, desk.folder("Archive").await.id);
        desk.engine.move_to(&[a], archive).await.unwrap();
        desk.mailbox.state().cuts = Some(cut);
        desk.sync().await.unwrap_err();
        desk.sync().await.unwrap();
        desk.sync().await.unwrap();
        assert_eq!(desk.on_server("Archive").len(), 1, "{cut}");
        assert_eq!(desk.on_server("INBOX").len(), 1, "{cut}");
        assert_eq!(desk.id("Archive", "a").await, a, "{cut}");
    }
}

#[tokio::test]
async fn a_move_whose_answer_is_lost_keeps_what_was_done_to_the_message_since() {
    // the second MOVE finds nothing to move, and its answer tells no number
    for with_id in [true, false] {
        let mut desk = desk("IMAP4rev1 UIDPLUS MOVE").await;
        let mut letter = crate::mailbox::letter("c");
        if !with_id {
            letter = letter.replace("Message-ID: <c@test.example>\r\n", "");
        }
        desk.mailbox.folder("INBOX", |f| f.messages.push((3, letter, String::new())));
        desk.sync().await.unwrap();
        let (c, archive) = (desk.id("INBOX", "c").await, desk.folder("Archive").await.id);
        desk.engine.move_to(&[c], archive).await.unwrap();
        desk.mailbox.state().cuts = Some("UID MOVE");
        desk.sync().await.unwrap_err();
        assert_eq!((desk.on_server("INBOX").len(), desk.on_server("Archive").len()), (2, 1));
        desk.restart().await;
        desk.engine.set_flag(&[c], Flag::Flagged, true).await.unwrap();
        desk.engine.delete(&[c]).await.unwrap();
        for _ in 0..3 {
            desk.sync().await.unwrap();
        }
        assert_eq!(desk.subjects("Archive").await, [""; 0], "with Message-ID: {with_id}");
        assert_eq!(desk.on_server("Archive"), [], "with Message-ID: {with_id}");
        let there = desk.on_server("Trash");
        assert_eq!(there.iter().map(|m| m.1.as_str()).collect::<Vec<_>>(), ["\\Flagged"]);
        let rows = desk.rows("Trash").await;
        assert_eq!(rows.iter().map(|r| (r.id, r.flags.flagged)).collect::<Vec<_>>(), [(c, true)]);
        assert!(rows[0].downloaded, "nothing is fetched again");
        assert_eq!(desk.pending().await, 0);
    }
}

#[tokio::test]
async fn a_folder_made_offline_takes_messages_and_is_made_once_though_the_answer_is_lost() {
    let desk = desk(PLAIN).await;
    let made = desk.engine.create_folder(desk.account, "Labo/2026").await.unwrap();
    let a = desk.id("INBOX", "a").await;
    desk.engine.move_to(&[a], made).await.unwrap();
    assert_eq!(desk.subjects("Labo/2026").await, ["a"]);
    desk.mailbox.state().cuts = Some("CREATE");
    desk.sync().await.unwrap_err();
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.on_server("Labo/2026").len(), 1);
    assert_eq!((desk.folder("Labo/2026").await.id, desk.id("Labo/2026", "a").await), (made, a));
    assert_eq!(desk.pending().await, 0);
}

#[tokio::test]
async fn a_refused_folder_gives_its_messages_back_and_the_refusal_is_told() {
    let desk = desk(PLAIN).await;
    let made = desk.engine.create_folder(desk.account, "Interdit").await.unwrap();
    desk.engine.move_to(&[desk.id("INBOX", "a").await], made).await.unwrap();
    desk.sync().await.unwrap();
    assert!(!desk.paths().await.contains(&"Interdit".to_owned()));
    assert_eq!(desk.subjects("INBOX").await, ["a", "b"]);
    assert_eq!(desk.engine.refusals(0).await.unwrap(), ["interdit"]);
    assert_eq!(desk.pending().await, 0);
}

#[tokio::test]
async fn a_listing_without_inbox_is_not_believed_and_takes_nothing_away() {
    let desk = desk(PLAIN).await;
    let (a, archive) = (desk.id("INBOX", "a").await, desk.folder("Archive").await.id);
    desk.engine.move_to(&[a], archive).await.unwrap();
    let inbox = desk.mailbox.state().folders.remove("INBOX").unwrap();
    let validity = inbox.validity;
    desk.mailbox.state().folders.insert("\u{FFFD}INBOX".to_owned(), inbox);
    assert_eq!(desk.sync().await.unwrap_err(), "protocol");
    assert_eq!((desk.subjects("INBOX").await, desk.pending().await), (vec!["b".to_owned()], 1));
    let inbox = desk.mailbox.state().folders.remove("\u{FFFD}INBOX").unwrap();
    assert_eq!(inbox.validity, validity);
    desk.mailbox.state().folders.insert("INBOX".to_owned(), inbox);
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!((desk.on_server("Archive").len(), desk.pending().await), (1, 0));
    assert!(!desk.paths().await.iter().any(|path| path.contains('\u{FFFD}')));
}

#[tokio::test]
async fn a_folder_is_renamed_and_removed_once_though_the_answers_are_lost() {
    let desk = desk(PLAIN).await;
    let archive = desk.engine.create_folder(desk.account, "Labo").await.unwrap();
    desk.engine.move_to(&[desk.id("INBOX", "a").await], archive).await.unwrap();
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    desk.engine.rename_folder(archive, "Biologie").await.unwrap();
    assert_eq!(desk.subjects("Biologie").await, ["a"]);
    desk.mailbox.state().cuts = Some("RENAME");
    desk.sync().await.unwrap_err();
    desk.sync().await.unwrap();
    assert!(desk.has("Biologie") && !desk.has("Labo"));
    assert_eq!((desk.folder("Biologie").await.id, desk.pending().await), (archive, 0));
    let fetched = desk.mailbox.count("UID FETCH");
    desk.engine.delete_folder(archive).await.unwrap();
    assert!(!desk.paths().await.contains(&"Biologie".to_owned()));
    assert_eq!(desk.subjects("Trash").await, ["a"]);
    desk.mailbox.state().cuts = Some("DELETE");
    desk.sync().await.unwrap_err();
    desk.sync().await.unwrap();
    assert!(!desk.has("Biologie") && desk.mailbox.count("UID FETCH") > fetched);
    assert_eq!((desk.subjects("Trash").await, desk.pending().await), (vec!["a".to_owned()], 0));
}

#[tokio::test]
async fn a_folder_in_which_mail_came_in_meanwhile_is_not_removed() {
    let desk = desk(PLAIN).await;
    let labo = desk.engine.create_folder(desk.account, "Labo").await.unwrap();
    desk.sync().await.unwrap();
    desk.mailbox.add("Labo", 9, "unseen");
    desk.engine.delete_folder(labo).await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.mailbox.count("DELETE"), 0);
    assert_eq!(desk.subjects("Labo").await, ["unseen"]);
    assert_eq!(desk.engine.refusals(0).await.unwrap(), ["NOTEMPTY"]);
}

#[tokio::test]
async fn keywords_reach_the_server_unless_it_keeps_no_new_ones() {
    let desk = desk("IMAP4rev1 UIDPLUS MOVE").await;
    let a = desk.id("INBOX", "a").await;
    let label = Keyword::parse("$Label1").unwrap();
    desk.engine.set_keyword(&[a], label.clone(), true).await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.on_server("INBOX")[0].1, "$Label1");
    desk.mailbox.folder("INBOX", |f| f.permanent = "\\Seen \\Deleted");
    let b = desk.id("INBOX", "b").await;
    desk.engine.set_keyword(&[b], label, true).await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.on_server("INBOX")[1].1, "");
    let row = desk.rows("INBOX").await.into_iter().find(|r| r.id == b).unwrap();
    assert!(row.flags.keywords.is_empty());
    assert_eq!(desk.engine.refusals(0).await.unwrap(), ["PERMANENTFLAGS"]);
}

#[tokio::test]
async fn shared_folders_are_listed_with_their_rights_and_nothing_is_tried_without_them() {
    let desk = Desk::open().await;
    desk.mailbox.state().capabilities = Some("IMAP4rev1 NAMESPACE ACL UIDPLUS");
    desk.mailbox.state().namespace = r##"(("" "/")) NIL (("#shared/" "/"))"##;
    desk.mailbox.add("#shared/Urgences", 1, "garde");
    desk.mailbox.folder("#shared/Urgences", |f| f.rights = Some("lr"));
    desk.sync().await.unwrap();
    let shared = desk.folder("#shared/Urgences").await;
    assert_eq!(shared.namespace, Namespace::Shared);
    assert!(shared.rights.is_read_only() && !shared.rights.seen);
    assert_eq!(desk.subjects("#shared/Urgences").await, ["garde"]);
    let id = desk.id("#shared/Urgences", "garde").await;
    let refused = desk.engine.set_flag(&[id], Flag::Seen, true).await.unwrap_err();
    assert_eq!(refused.code(), "folder-read-only");
    assert_eq!(desk.pending().await, 0);
    desk.sync().await.unwrap();
    assert_eq!(desk.mailbox.count("MYRIGHTS"), 1, "once a day, not on every pass");
}

#[tokio::test]
async fn a_folder_selected_read_only_is_respected() {
    let desk = desk("IMAP4rev1 UIDPLUS MOVE").await;
    let a = desk.id("INBOX", "a").await;
    // it became so since it was last looked at
    desk.mailbox.folder("INBOX", |f| f.read_only = true);
    desk.engine.set_flag(&[a], Flag::Flagged, true).await.unwrap();
    desk.sync().await.unwrap();
    assert!(!desk.rows("INBOX").await.iter().any(|r| r.flags.flagged));
    assert_eq!(desk.engine.refusals(0).await.unwrap(), ["READ-ONLY"]);
    assert!(desk.folder("INBOX").await.rights.is_read_only());
    let refused = desk.engine.delete(&[a]).await.unwrap_err();
    assert_eq!(refused.code(), "folder-read-only");
    desk.mailbox.folder("INBOX", |f| f.read_only = false);
    desk.sync().await.unwrap();
    desk.engine.set_flag(&[a], Flag::Flagged, true).await.unwrap();
}

#[tokio::test]
async fn a_folder_renamed_elsewhere_is_recognised_by_its_identifier_or_by_its_messages() {
    for (capabilities, id) in [("IMAP4rev1 LIST-STATUS OBJECTID MOVE UIDPLUS", Some("F1")), (PLAIN, None)] {
        let desk = desk(capabilities).await;
        desk.mailbox.folder("Archive", |f| f.id = id);
        desk.mailbox.folder("INBOX", |f| f.id = id.map(|_| "F2"));
        for other in ["Trash", "Sent"] {
            desk.mailbox.folder(other, |f| f.id = id.map(|_| "F3"));
        }
        desk.mailbox.add("Archive", 1, "old");
        desk.mailbox.add("Archive", 2, "older");
        desk.sync().await.unwrap();
        let (folder, old) = (desk.folder("Archive").await.id, desk.id("Archive", "old").await);
        desk.engine.set_flag(&[old], Flag::Seen, true).await.unwrap();
        desk.engine.move_to(&[desk.id("INBOX", "a").await], folder).await.unwrap();
        {
            let mut state = desk.mailbox.state();
            let renamed = state.folders.remove("Archive").unwrap();
            state.folders.insert("Vieux".to_owned(), renamed);
        }
        let bodies = desk.mailbox.count("UID FETCH 1:2 (UID BODY.PEEK[])");
        desk.sync().await.unwrap();
        desk.sync().await.unwrap();
        assert_eq!(desk.folder("Vieux").await.id, folder, "{capabilities}");
        assert_eq!(desk.id("Vieux", "old").await, old);
        assert_eq!(desk.subjects("Vieux").await, ["a", "old", "older"], "{capabilities}");
        assert_eq!(desk.on_server("Vieux")[0].1, "\\Seen", "what waited went on");
        assert_eq!(desk.pending().await, 0);
        assert_eq!(desk.mailbox.count("UID FETCH 1:2 (UID BODY.PEEK[])"), bodies);
        assert!(desk.engine.refusals(0).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_folder_with_other_messages_is_not_taken_for_a_renamed_one() {
    let desk = desk(PLAIN).await;
    desk.mailbox.add("Archive", 1, "old");
    desk.sync().await.unwrap();
    let folder = desk.folder("Archive").await.id;
    desk.mailbox.state().folders.remove("Archive");
    desk.mailbox.add("Zone", 1, "new");
    desk.sync().await.unwrap();
    assert_ne!(desk.folder("Zone").await.id, folder);
    assert_eq!(desk.subjects("Zone").await, ["new"]);
}

#[tokio::test]
async fn messages_moved_to_a_folder_that_is_deleted_elsewhere_return_and_it_is_told() {
    let desk = desk(PLAIN).await;
    let (a, archive) = (desk.id("INBOX", "a").await, desk.folder("Archive").await.id);
    desk.engine.move_to(&[a], archive).await.unwrap();
    desk.mailbox.state().folders.remove("Archive");
    desk.sync().await.unwrap();
    assert!(!desk.paths().await.contains(&"Archive".to_owned()));
    assert_eq!(desk.subjects("INBOX").await, ["a", "b"]);
    assert_eq!(desk.id("INBOX", "a").await, a);
    assert_eq!(desk.engine.refusals(0).await.unwrap(), ["NONEXISTENT"]);
    assert_eq!(desk.pending().await, 0);
}

#[tokio::test]
async fn a_folder_that_can_no_longer_be_selected_stays_readable() {
    let desk = desk(PLAIN).await;
    desk.mailbox.add("Archive", 1, "old");
    desk.sync().await.unwrap();
    let (old, archive) = (desk.id("Archive", "old").await, desk.folder("Archive").await.id);
    desk.engine.set_flag(&[old], Flag::Seen, true).await.unwrap();
    desk.engine.move_to(&[desk.id("INBOX", "a").await], archive).await.unwrap();
    desk.mailbox.folder("Archive", |f| f.node = true);
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.subjects("Archive").await, ["old"]);
    assert_eq!(desk.subjects("INBOX").await, ["a", "b"]);
    assert!(!desk.engine.message(old).await.unwrap().text.is_empty());
    assert!(desk.folder("Archive").await.rights.is_read_only());
    assert_eq!(desk.pending().await, 0);
    desk.mailbox.folder("Archive", |f| f.node = false);
    desk.sync().await.unwrap();
    assert_eq!(desk.id("Archive", "old").await, old);
}

#[tokio::test]
async fn the_last_deletion_is_undone_before_and_after_the_server_has_it() {
    let desk = desk("IMAP4rev1 UIDPLUS MOVE").await;
    let ids = [desk.id("INBOX", "a").await, desk.id("INBOX", "b").await];
    desk.engine.delete(&ids).await.unwrap();
    let deed = desk.engine.undoable().unwrap();
    assert_eq!((deed.deed, deed.count), (Deed::Deleted, 2));
    desk.engine.undo(Some(deed.id)).await.unwrap();
    assert_eq!((desk.subjects("INBOX").await.len(), desk.pending().await), (2, 0));
    assert_eq!(desk.engine.undo(Some(deed.id)).await.unwrap_err().code(), "nothing-to-undo");
    desk.engine.delete(&ids).await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.on_server("INBOX").len(), 0);
    desk.engine.undo(None).await.unwrap();
    assert_eq!(desk.subjects("INBOX").await, ["a", "b"], "at once");
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!((desk.on_server("INBOX").len(), desk.on_server("Trash").len()), (2, 0));
    assert_eq!(desk.id("INBOX", "a").await, ids[0]);
}

#[tokio::test]
async fn what_was_deleted_for_good_on_the_server_cannot_be_undone() {
    let desk = desk("IMAP4rev1 UIDPLUS MOVE").await;
    let a = desk.id("INBOX", "a").await;
    desk.engine.delete(&[a]).await.unwrap();
    desk.engine.delete(&[a]).await.unwrap();
    assert_eq!(desk.engine.undoable().unwrap().deed, Deed::DeletedForGood);
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.engine.undo(None).await.unwrap_err().code(), "too-late");
    assert_eq!(desk.on_server("INBOX").len(), 1);
}

#[tokio::test]
async fn the_fictitious_mailbox_takes_every_change_too() {
    let engine = estafette::engine::Engine::practice().unwrap();
    engine.unlock(estafette::domain::secret::Secret::new("1234".to_owned())).await.unwrap();
    let account = engine.accounts().await.unwrap()[0].id;
    let inbox = engine.folders().await.unwrap().remove(0).id;
    let id = engine.list(inbox, 0..1).await.unwrap().rows[0].id;
    let made = engine.create_folder(account, "Bilans").await.unwrap();
    engine.copy_to(&[id], made).await.unwrap();
    engine.move_to(&[id], made).await.unwrap();
    engine.rename_folder(made, "Biologie/Bilans").await.unwrap();
    for _ in 0..100 {
        if engine.health().await.unwrap().accounts[0].pending_changes == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(engine.health().await.unwrap().accounts[0].pending_changes, 0);
    let rows = engine.list(made, 0..9).await.unwrap().rows;
    assert!(rows.len() == 2 && rows.iter().all(|row| row.downloaded));
    engine.undo(None).await.unwrap();
    assert_eq!(engine.list(inbox, 0..1).await.unwrap().rows[0].id, id);
    engine.delete_folder(made).await.unwrap();
    assert!(!engine.folders().await.unwrap().iter().any(|f| f.id == made));
}
