//! Messages: both ways.

use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, Recipient};
use estafette::domain::message::Flag;
use estafette::domain::outbox::OutboxState;

use crate::desk::{Desk, subject};
use crate::place::{OTHER, SENT, TRASH};

pub(crate) async fn a_first_synchronisation_brings_everything(mut desk: Desk) {
    for number in 0..12 {
        desk.other.deliver(number, ["INBOX", "Biologie", "À classer"][number % 3]);
    }
    desk.other.deliver_twice(1);
    let uid = desk.uid("Biologie", 4);
    desk.other.run(&format!("UID STORE {uid} +FLAGS (\\Seen \\Flagged $Forwarded Suivi)"));
    let report = desk.engine.sync(None).await.unwrap();
    assert_eq!(report.new, 14);
    assert_eq!(desk.row("Biologie", 4).await.flags.keywords, ["$Forwarded", "Suivi"]);
    desk.agrees().await;
}

pub(crate) async fn what_changed_there_is_here_after_the_next(mut desk: Desk) {
    for number in 0..6 {
        desk.other.deliver(number, "INBOX");
    }
    desk.sync().await;
    let [seen, moved, gone] = [1, 2, 3].map(|number| desk.uid("INBOX", number));
    desk.other.run(&format!("UID STORE {seen} +FLAGS (\\Seen Suivi)"));
    let archives = desk.other.own("Archives");
    desk.other.move_to(&moved.to_string(), &archives).unwrap();
    desk.other.expunge(&gone.to_string()).unwrap();
    desk.other.deliver(6, "INBOX");
    desk.sync().await;
    desk.agrees().await;
    assert!(desk.row("INBOX", 1).await.flags.seen);
    assert_eq!(desk.rows("INBOX").await.len(), 5);
    desk.row("Archives", 2).await;
    desk.other.select("INBOX");
    desk.other.run(&format!("UID STORE {seen} -FLAGS (\\Seen Suivi)"));
    desk.sync().await;
    assert!(!desk.row("INBOX", 1).await.flags.seen);
    desk.agrees().await;
}

pub(crate) async fn what_changed_here_is_there_after_the_next(mut desk: Desk) {
    for number in 0..6 {
        desk.other.deliver(number, "INBOX");
    }
    desk.sync().await;
    let [marked, moved, deleted] =
        [desk.row("INBOX", 0).await, desk.row("INBOX", 1).await, desk.row("INBOX", 2).await];
    let archives = desk.folder("Archives").await.id;
    for flag in [Flag::Seen, Flag::Flagged, Flag::Answered, Flag::Forwarded] {
        desk.engine.set_flag(&[marked.id], flag, true).await.unwrap();
    }
    desk.engine.set_flag(&[marked.id], Flag::Flagged, false).await.unwrap();
    desk.engine.move_to(&[moved.id], archives).await.unwrap();
    desk.engine.delete(&[deleted.id]).await.unwrap();
    desk.sync().await;
    desk.agrees().await;
    let there = desk.other.messages("INBOX");
    let flags = &there.iter().find(|m| String::from_utf8_lossy(&m.raw).contains(&subject(0))).unwrap().flags;
    assert_eq!(flags.iter().map(String::as_str).collect::<Vec<_>>(), ["$Forwarded", "\\Answered", "\\Seen"]);
    let kept = |flags: &std::collections::BTreeSet<String>| !flags.contains("\\Deleted");
    assert_eq!(there.iter().filter(|m| kept(&m.flags)).count(), 4);
    for (folder, number) in [("Archives", 1), (TRASH, 2)] {
        desk.uid(folder, number);
    }
    let health = desk.engine.health().await.unwrap();
    assert_eq!(health.accounts[0].pending_changes, 0);
}

pub(crate) async fn a_message_in_the_bin_is_deleted_for_good(mut desk: Desk) {
    desk.other.deliver(0, TRASH);
    desk.other.deliver(1, TRASH);
    desk.sync().await;
    let row = desk.row(TRASH, 0).await;
    desk.engine.delete(&[row.id]).await.unwrap();
    desk.sync().await;
    desk.agrees().await;
    let trash = desk.other.own(TRASH);
    let left = desk.other.messages(&trash);
    // what cannot be removed alone is only marked
    let expected = if desk.other.can("UIDPLUS") { 1 } else { 2 };
    assert_eq!(left.len(), expected);
    assert_eq!(left.iter().filter(|m| !m.flags.contains("\\Deleted")).count(), 1);
}

pub(crate) async fn what_somebody_else_marked_as_deleted_is_not_expunged(mut desk: Desk) {
    for number in 0..4 {
        desk.other.deliver(number, "INBOX");
    }
    let uid = desk.uid("INBOX", 0);
    desk.other.run(&format!("UID STORE {uid} +FLAGS (\\Deleted)"));
    desk.sync().await;
    let (moved, deleted) = (desk.row("INBOX", 1).await, desk.row("INBOX", 2).await);
    let archives = desk.folder("Archives").await.id;
    desk.engine.move_to(&[moved.id], archives).await.unwrap();
    desk.engine.delete(&[deleted.id]).await.unwrap();
    desk.sync().await;
    assert_eq!(desk.uid("INBOX", 0), uid, "still there");
    desk.agrees().await;
}

pub(crate) async fn a_sent_message_is_filed_once(mut desk: Desk) {
    desk.sync().await;
    let account = desk.engine.accounts().await.unwrap().remove(0).id;
    let to = vec![Recipient { name: None, address: EmailAddress::parse(OTHER).unwrap() }];
    let draft = Draft { to, subject: "Résultat".into(), body: "Normal.".into(), ..Draft::new(account) };
    let id = desk.engine.queue(draft).await.unwrap();
    desk.engine.flush().await.unwrap();
    desk.sync().await;
    desk.engine.flush().await.unwrap();
    let entry = desk.engine.outbox().await.unwrap().into_iter().find(|e| e.id == id).unwrap();
    assert_eq!(entry.state, OutboxState::Done);
    let sent = desk.other.own(SENT);
    let filed = desk.other.message_ids(&sent);
    assert_eq!(filed.get(entry.message_id.trim_matches(['<', '>'])), Some(&1), "{filed:?}");
    desk.sync().await;
    let rows = desk.rows(SENT).await;
    assert!(rows.len() == 1 && rows[0].flags.seen, "{rows:?}");
    desk.agrees().await;
    desk.place.delivered();
    let arrived = desk.place.other(OTHER).message_ids("INBOX");
    assert_eq!(arrived.get(entry.message_id.trim_matches(['<', '>'])), Some(&1));
}

pub(crate) async fn messages_marked_moved_and_deleted_there_during_a_pass_do_not_disturb(mut desk: Desk) {
    for number in 0..40 {
        desk.other.deliver(number, "INBOX");
    }
    let engine = desk.engine.clone();
    let pass = tokio::spawn(async move { engine.sync(None).await });
    let archives = desk.other.own("Archives");
    for number in (0..40).step_by(4) {
        let uid = desk.uid("INBOX", number);
        let set = uid.to_string();
        let _ = match number % 3 {
            0 => desk.other.attempt(&format!("UID STORE {set} +FLAGS (\\Flagged)")).map(drop),
            1 => desk.other.move_to(&set, &archives),
            _ => desk.other.expunge(&set),
        };
    }
    pass.await.unwrap().unwrap();
    desk.sync().await;
    desk.sync().await;
    desk.agrees().await;
}
