//! Folders and local changes against a real Dovecot: with all it can, with little, and with folders of an organisation.
#![cfg(unix)]
#![allow(unreachable_pub, missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what stands beside the tests proper may fail as they do"
)]

#[path = "../operator/client.rs"]
mod client;
mod desk;
#[path = "../thread/maildir.rs"]
mod maildir;

use estafette::domain::folder::Namespace;
use estafette::domain::message::{Flag, Keyword};
use estafette::domain::triage::Triage;

use desk::Desk;

#[tokio::test]
async fn a_folder_renamed_elsewhere_keeps_its_bodies_and_what_waits() {
    let desk = Desk::open("whole").await;
    // one of those the server makes by itself would be there again at once
    desk.server().doveadm(&["mailbox", "create"], &["Sang"]);
    desk.deliver("Sang", &["un", "deux"]);
    desk.deliver("INBOX", &["trois"]);
    desk.sync().await;
    let (folder, one, three) =
        (desk.folder("Sang").await.id, desk.id("Sang", "un").await, desk.id("INBOX", "trois").await);
    desk.engine.set_flag(&[one], Flag::Flagged, true).await.unwrap();
    desk.engine.move_to(&[three], folder).await.unwrap();
    desk.server().doveadm(&["mailbox", "rename"], &["Sang", "Analyses"]);
    let fetched = desk.engine.sync(None).await.unwrap().bytes;
    desk.sync().await;
    assert_eq!(fetched, 0, "no body is fetched again");
    assert_eq!(desk.folder("Analyses").await.id, folder);
    assert_eq!(desk.id("Analyses", "un").await, one);
    assert_eq!(desk.subjects("Analyses").await, ["deux", "trois", "un"]);
    assert_eq!(desk.server().holding("Analyses", "Subject: trois"), 1);
    assert!(desk.server().flags("Analyses", "un@dossiers").contains("\\Flagged"));
    assert_eq!((desk.pending().await, desk.refusals().await.len()), (0, 0));
}

#[tokio::test]
async fn folders_deleted_closed_and_made_anew_elsewhere_lose_no_work() {
    let desk = Desk::open("whole").await;
    desk.deliver("INBOX", &["a", "b", "c"]);
    desk.server().doveadm(&["mailbox", "create"], &["Labo", "Labo/2026", "Perdu", "Refait"]);
    desk.deliver("Labo", &["lu"]);
    desk.deliver("Refait", &["ancien"]);
    desk.sync().await;
    let ids = [desk.id("INBOX", "a").await, desk.id("INBOX", "b").await];
    desk.engine.move_to(&ids[..1], desk.folder("Perdu").await.id).await.unwrap();
    desk.engine.move_to(&ids[1..], desk.folder("Refait").await.id).await.unwrap();
    desk.server().doveadm(&["mailbox", "delete"], &["Perdu", "Refait", "Labo"]);
    desk.server().doveadm(&["mailbox", "create"], &["Refait"]);
    desk.sync().await;
    desk.sync().await;
    // deleted: what was to go there is back
    assert!(!desk.paths().await.contains(&"Perdu".to_owned()));
    assert_eq!(desk.id("INBOX", "a").await, ids[0]);
    assert_eq!(desk.refusals().await, ["NONEXISTENT"]);
    // made anew under the same name: what was to go there is there
    assert_eq!(desk.subjects("Refait").await, ["b"]);
    assert_eq!(desk.server().holding("Refait", "Subject: b"), 1);
    // listed for those below it, without messages of its own any more: what was read of it stays readable
    assert!(desk.folder("Labo").await.rights.is_read_only());
    assert_eq!(desk.subjects("Labo").await, ["lu"]);
    assert!(desk.engine.message(desk.id("Labo", "lu").await).await.unwrap().row.downloaded);
    assert_eq!(desk.pending().await, 0);
}

#[tokio::test]
async fn folders_made_renamed_and_deleted_here_are_so_there() {
    let desk = Desk::open("whole").await;
    desk.deliver("INBOX", &["a", "b"]);
    desk.sync().await;
    let made = desk.engine.create_folder(desk.account, "Éché/2026").await.unwrap();
    let (a, b) = (desk.id("INBOX", "a").await, desk.id("INBOX", "b").await);
    desk.engine.move_to(&[a], made).await.unwrap();
    desk.engine.copy_to(&[b], made).await.unwrap();
    let label = Keyword::parse("$Label1").unwrap();
    desk.engine.set_keyword(&[b], label, true).await.unwrap();
    desk.sync().await;
    assert_eq!(desk.server().files("Éché/2026").len(), 2);
    assert!(desk.server().flags("INBOX", "b@dossiers").contains("$Label1"));
    desk.engine.rename_folder(made, "Échéances").await.unwrap();
    desk.sync().await;
    assert_eq!(desk.server().files("Échéances").len(), 2);
    assert_eq!((desk.folder("Échéances").await.id, desk.id("Échéances", "a").await), (made, a));
    desk.engine.delete_folder(made).await.unwrap();
    desk.sync().await;
    assert_eq!(desk.subjects("Corbeille").await, ["a", "b"]);
    assert!(!desk.server().doveadm(&["mailbox", "list"], &[]).contains("Échéances"));
    // and the deletion of messages is taken back after the server has it
    desk.engine.delete(&[b]).await.unwrap();
    desk.sync().await;
    assert_eq!(desk.server().files("INBOX").len(), 0);
    desk.engine.undo(None).await.unwrap();
    desk.sync().await;
    assert_eq!((desk.server().files("INBOX").len(), desk.id("INBOX", "b").await), (1, b));
    assert_eq!((desk.pending().await, desk.refusals().await.len()), (0, 0));
}

#[tokio::test]
async fn another_station_sees_the_state_of_a_message_and_the_reverse() {
    let desk = Desk::open("whole").await;
    desk.deliver("INBOX", &["bilan"]);
    desk.sync().await;
    let id = desk.id("INBOX", "bilan").await;
    let state = async || {
        let folder = desk.folder("INBOX").await.id;
        let row = desk.engine.list(folder, 0..10).await.unwrap().rows.remove(0);
        (Triage::of(&row.flags), row.state_is_local)
    };
    desk.engine.set_triage(&[id], Some(Triage::ToFile)).await.unwrap();
    desk.sync().await;
    assert!(desk.server().flags("INBOX", "bilan@dossiers").contains("Etat-A-Classer"));
    desk.server().doveadm(&["flags", "remove"], &["Etat-A-Classer", "mailbox", "INBOX", "all"]);
    desk.server().doveadm(&["flags", "add"], &["Etat-Classe", "mailbox", "INBOX", "all"]);
    desk.sync().await;
    assert_eq!(state().await, (Some(Triage::Filed), false));
    desk.engine.set_triage(&[id], Some(Triage::ToDo)).await.unwrap();
    desk.sync().await;
    let flags = desk.server().flags("INBOX", "bilan@dossiers");
    assert!(flags.contains("Etat-A-Traiter") && !flags.contains("Etat-Classe"), "{flags}");
    assert_eq!((desk.pending().await, desk.refusals().await.len()), (0, 0));
}

#[tokio::test]
async fn patients_are_found_attached_joined_and_parted_by_commands() {
    let desk = Desk::open("whole").await;
    for name in ["mss-bio-xdm", "mss-remplacement-xdm", "hprim-attachment", "mss-two-documents-xdm"] {
        let path = format!("{}/tests/data/message/{name}.eml", env!("CARGO_MANIFEST_DIR"));
        desk.server().save("INBOX", &std::fs::read_to_string(path).unwrap());
    }
    desk.sync().await;
    desk.engine.shutdown().await;
    let run = |words: &[&str]| -> serde_json::Value {
        let (good, told) = desk.command(&[&["--json"], words].concat());
        assert!(good, "{words:?}: {told}");
        serde_json::from_str(&told).unwrap_or_else(|_| panic!("{words:?}: {told}"))
    };
    let list = |query: &str| run(&["patient", "list", query])["patients"].as_array().unwrap().clone();
    assert_eq!(list("").len(), 2);
    let lucie = list("12/04/1985 ecl")[0].clone();
    assert_eq!(
        (lucie["traits"]["name"].as_str(), lucie["messages"].as_u64()),
        (Some("ECLIPSE LUCIE"), Some(2))
    );
    let waiting = run(&["patient", "waiting"]);
    assert_eq!(waiting["total"], 1);
    let mention = &waiting["mentions"][0];
    assert_eq!(mention["candidates"][0]["likeness"], "same-traits");
    let id = |value: &serde_json::Value| value.as_i64().unwrap().to_string();
    let (mention, lucie) = (id(&mention["mention"]["id"]), id(&lucie["id"]));
    run(&["patient", "attach", &mention, &lucie]);
    let file = run(&["patient", "show", &lucie]);
    assert_eq!(file["entries"].as_array().unwrap().len(), 3);
    let newest =
        file["entries"].as_array().unwrap().iter().find(|e| {
            e["mention"]["documents"].as_array().unwrap().iter().any(|d| d["change"] == "replaces")
        });
    let of = run(&["patient", "of", &id(&newest.unwrap()["message"]["id"])]);
    let (old, new) = (of["replacements"][0]["old_id"].clone(), of["replacements"][0]["new_id"].clone());
    run(&["patient", "replace", old.as_str().unwrap(), new.as_str().unwrap()]);
    let biology = run(&["patient", "biology", &lucie]);
    let creatinine = biology.as_array().unwrap().iter().find(|t| t["label"] == "Créatinine").unwrap();
    let values: Vec<_> =
        creatinine["values"].as_array().unwrap().iter().map(|v| v["value"].clone()).collect();
    assert_eq!(values, ["82", "132"], "not that of the document that was replaced");
    run(&["patient", "detach", &mention]);
    let new = run(&["patient", "new", &mention])["patient"].clone();
    assert_eq!(list("").len(), 3);
    run(&["patient", "merge", &id(&new), &lucie]);
    assert_eq!(list("").len(), 2);
    run(&["patient", "part", &id(&new)]);
    assert_eq!(list("").len(), 3);
    let (good, told) = desk.command(&["--json", "patient", "show", "999"]);
    assert!(!good && told.contains("not-found"), "{told}");
}

#[tokio::test]
async fn a_server_without_move_and_uidplus_keeps_what_others_marked_and_shows_nothing_twice() {
    let desk = Desk::open("plain").await;
    desk.deliver("INBOX", &["a", "b", "c", "d"]);
    let query = ["\\Deleted", "mailbox", "INBOX", "SUBJECT", "d"];
    desk.server().doveadm(&["flags", "add"], &query);
    desk.sync().await;
    let capabilities = desk.engine.check_account(desk.account).await.unwrap().capabilities;
    assert!(!capabilities.iter().any(|c| c == "MOVE" || c == "UIDPLUS" || c == "CONDSTORE"));
    let (a, b, c) = (desk.id("INBOX", "a").await, desk.id("INBOX", "b").await, desk.id("INBOX", "c").await);
    desk.engine.move_to(&[a], desk.folder("Biologie").await.id).await.unwrap();
    desk.engine.delete(&[b]).await.unwrap();
    desk.engine.copy_to(&[c], desk.folder("Archives").await.id).await.unwrap();
    for _ in 0..3 {
        desk.sync().await;
    }
    assert_eq!(desk.subjects("INBOX").await, ["c", "d"]);
    assert_eq!(desk.subjects("Biologie").await, ["a"]);
    assert_eq!(desk.subjects("Corbeille").await, ["b"]);
    assert_eq!(desk.subjects("Archives").await, ["c"]);
    assert_eq!(desk.id("Biologie", "a").await, a, "the same message");
    assert_eq!(desk.server().files("INBOX").len(), 4, "nothing was expunged");
    assert_eq!(desk.server().files("Archives").len(), 1);
    assert_eq!(desk.pending().await, 0);
    // and back again: the same message, once
    desk.engine.undo(None).await.unwrap();
    desk.sync().await;
    desk.sync().await;
    assert_eq!(desk.subjects("INBOX").await, ["b", "c", "d"]);
    assert_eq!(desk.subjects("Corbeille").await, [""; 0]);
}

#[tokio::test]
async fn folders_of_the_organisation_are_read_and_written_as_their_rights_allow() {
    let desk = Desk::open("shared").await;
    desk.deliver("INBOX", &["a"]);
    desk.sync().await;
    let (read, write) = (desk.folder("Partages/Urgences").await, desk.folder("Partages/Garde").await);
    assert_eq!((read.namespace, write.namespace), (Namespace::Shared, Namespace::Shared));
    assert_eq!(desk.folder("INBOX").await.namespace, Namespace::Personal);
    assert!(read.rights.is_read_only() && !read.rights.seen);
    assert!(write.rights.insert && write.rights.remove && !write.rights.delete);
    let notice = desk.id("Partages/Urgences", "Consigne Urgences").await;
    let refused = desk.engine.delete(&[notice]).await.unwrap_err();
    assert_eq!(refused.code(), "folder-read-only");
    let a = desk.id("INBOX", "a").await;
    desk.engine.move_to(&[a], read.id).await.unwrap_err();
    desk.engine.copy_to(&[notice], desk.folder("Biologie").await.id).await.unwrap();
    desk.engine.move_to(&[a], write.id).await.unwrap();
    desk.sync().await;
    desk.sync().await;
    assert_eq!(desk.subjects("Biologie").await, ["Consigne Urgences"]);
    assert_eq!(desk.server().files("Biologie").len(), 1);
    assert_eq!(desk.subjects("Partages/Garde").await, ["Consigne Garde", "a"]);
    assert_eq!((desk.pending().await, desk.refusals().await.len()), (0, 0));
}

#[tokio::test]
async fn the_command_line_changes_folders_copies_and_says_why_it_may_not() {
    let desk = Desk::open("shared").await;
    desk.deliver("INBOX", &["a"]);
    desk.sync().await;
    let (a, notice) = (desk.id("INBOX", "a").await, desk.id("Partages/Urgences", "Consigne Urgences").await);
    let (a, notice) = (a.to_string(), notice.to_string());
    desk.engine.shutdown().await;
    for done in [
        vec!["folders", "create", "Bilans"],
        vec!["copy", &a, "Bilans"],
        vec!["flag", &a, "+$Label1", "+seen"],
        vec!["folders", "rename", "Bilans", "Bilans 2026"],
    ] {
        let (success, told) = desk.command(&done);
        assert!(success, "{done:?}: {told}");
    }
    assert_eq!(desk.server().files("Bilans 2026").len(), 1);
    assert!(desk.server().flags("INBOX", "a@dossiers").contains("$Label1"));
    let (success, told) = desk.command(&["folders", "delete", "Bilans 2026"]);
    assert!(success, "{told}");
    assert_eq!(desk.server().files("Corbeille").len(), 1);
    let (success, told) = desk.command(&["delete", &notice]);
    assert!(!success && told.contains("lecture seule"), "{told}");
    let (_, told) = desk.command(&["folders"]);
    assert!(told.contains("Partages/Urgences (lecture seule)"), "{told}");
}
