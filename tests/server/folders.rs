//! Folders: what they are for, and what others do with them.

use estafette::domain::folder::FolderRole;
use estafette::domain::message::Flag;

use crate::desk::{Desk, subject};
use crate::place::{DRAFTS, SENT, TRASH};

pub(crate) async fn folders_are_known_by_their_french_names(desk: Desk) {
    desk.sync().await;
    let expected = [
        ("INBOX", FolderRole::Inbox),
        (SENT, FolderRole::Sent),
        (DRAFTS, FolderRole::Drafts),
        (TRASH, FolderRole::Trash),
        ("Archives", FolderRole::Archive),
        ("À classer", FolderRole::Other),
        ("Biologie", FolderRole::Other),
    ];
    for (name, role) in expected {
        assert_eq!(desk.folder(name).await.role, role, "{name}");
    }
}

pub(crate) async fn a_special_use_decides_whatever_the_name(mut desk: Desk) {
    let (special, usual) = (desk.other.name("Courrier parti"), desk.other.name(SENT));
    desk.other.run(&format!("CREATE {special} (USE (\\Sent))"));
    desk.sync().await;
    assert_eq!(desk.folder("Courrier parti").await.role, FolderRole::Sent);
    assert_eq!(desk.folder(SENT).await.role, FolderRole::Other, "one folder has the role");
    desk.other.run(&format!("DELETE {usual}"));
    desk.sync().await;
    desk.agrees().await;
}

pub(crate) async fn a_renumbered_folder_is_read_anew_and_a_waiting_change_hits_nobody_else(mut desk: Desk) {
    let biology = desk.other.own("Biologie");
    desk.other.deliver(0, "Biologie");
    desk.other.deliver(1, "Biologie");
    desk.sync().await;
    let before = desk.other.select(&biology);
    let row = desk.row("Biologie", 1).await;
    desk.engine.set_flag(&[row.id], Flag::Flagged, true).await.unwrap();
    desk.other.select("INBOX");
    let name = desk.other.name(&biology);
    desk.other.run(&format!("DELETE {name}"));
    // a numbering of seconds needs one to pass
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    desk.other.run(&format!("CREATE {name}"));
    for number in [2, 3] {
        desk.other.deliver(number, "Biologie");
    }
    assert_ne!(desk.other.select(&biology), before);
    desk.sync().await;
    desk.sync().await;
    desk.agrees().await;
    let mut subjects: Vec<_> = desk.rows("Biologie").await.into_iter().map(|r| r.subject).collect();
    subjects.sort();
    assert_eq!(subjects, [subject(2), subject(3)]);
    assert!(desk.rows("Biologie").await.iter().all(|r| !r.flags.flagged));
}

pub(crate) async fn a_folder_renamed_elsewhere_keeps_its_mail(mut desk: Desk) {
    let name = desk.other.own("Essai");
    desk.other.create(&name);
    desk.other.deliver(0, "Essai");
    desk.sync().await;
    let (from, to) = (desk.other.own("Essai"), desk.other.own("Essai 2026"));
    let (from, to) = (desk.other.name(&from), desk.other.name(&to));
    desk.other.run(&format!("RENAME {from} {to}"));
    desk.sync().await;
    assert!(desk.find("Essai").await.is_none());
    assert!(desk.row("Essai 2026", 0).await.downloaded);
    desk.agrees().await;
}

pub(crate) async fn a_folder_removed_elsewhere_is_gone_here(mut desk: Desk) {
    let name = desk.other.own("Essai");
    desk.other.create(&name);
    desk.other.deliver(0, "Essai");
    desk.sync().await;
    let name = desk.other.name(&name);
    desk.other.run(&format!("DELETE {name}"));
    desk.sync().await;
    assert!(desk.find("Essai").await.is_none());
    desk.agrees().await;
}
