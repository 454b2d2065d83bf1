//! Synchronisation with servers that renumber, refuse and cut.

use std::sync::Arc;
use std::time::{Duration, Instant};

use estafette::domain::message::Flag;
use estafette::engine::Limits;
use estafette::net::SystemSenses;

use crate::closing::until;
use crate::desk::Desk;

#[tokio::test]
async fn a_renumbered_folder_never_has_a_change_replayed_on_other_messages() {
    let desk = Desk::open().await;
    desk.mailbox.add("INBOX", 1, "wanted");
    desk.mailbox.add("INBOX", 2, "unwanted");
    desk.mailbox.folder("Trash", |_| ());
    desk.sync().await.unwrap();
    let row = desk.rows("INBOX").await.into_iter().find(|r| r.subject == "unwanted").unwrap();
    desk.engine.delete(&[row.id]).await.unwrap();
    // restored from a copy: the other way round
    desk.mailbox.folder("INBOX", |f| {
        f.validity = 7;
        f.messages.iter_mut().for_each(|m| m.0 = 3 - m.0);
    });
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    let left = desk.mailbox.folder("INBOX", |f| f.messages.iter().map(|m| m.1.clone()).collect::<Vec<_>>());
    assert!(left.len() == 1 && left[0].contains("Subject: wanted"), "{left:?}");
    assert_eq!(desk.subjects("INBOX").await, ["wanted"]);
    assert_eq!(desk.subjects("Trash").await, ["unwanted"]);
}

#[tokio::test]
async fn a_body_is_never_taken_from_a_renumbered_folder() {
    let desk = Desk::open().await;
    desk.mailbox.add("INBOX", 1, "a");
    desk.mailbox.folder("INBOX", |f| f.poison = Some(1));
    desk.sync().await.unwrap_err();
    let row = desk.rows("INBOX").await.remove(0);
    desk.mailbox.folder("INBOX", |f| {
        f.validity = 2;
        f.poison = None;
        f.messages.clear();
    });
    desk.mailbox.add("INBOX", 1, "of-somebody-else");
    assert!(desk.engine.message(row.id).await.is_err(), "nothing is better than another patient's letter");
    desk.sync().await.unwrap();
    assert_eq!(desk.subjects("INBOX").await, ["of-somebody-else"]);
}

#[tokio::test]
async fn a_folder_that_is_closed_to_us_stops_neither_headers_nor_bodies_of_the_others() {
    let desk = Desk::open().await;
    desk.mailbox.add("Archive", 1, "old");
    desk.mailbox.folder("Archive", |f| f.poison = Some(1));
    desk.sync().await.unwrap_err();
    desk.mailbox.folder("Archive", |f| f.closed = true);
    desk.mailbox.add("Zone", 1, "new");
    assert_eq!(desk.sync().await, Err("server-refused"), "it is told");
    assert!(desk.rows("Zone").await[0].downloaded);
}

#[tokio::test]
async fn a_body_that_ends_the_connection_does_not_keep_the_others_away() {
    let desk = Desk::open().await;
    for uid in 1..=5 {
        desk.mailbox.add("INBOX", uid, &format!("m{uid}"));
    }
    desk.mailbox.folder("INBOX", |f| f.poison = Some(3));
    for _ in 0..3 {
        desk.sync().await.unwrap_err();
    }
    desk.sync().await.unwrap();
    let missing: Vec<String> =
        desk.rows("INBOX").await.into_iter().filter(|r| !r.downloaded).map(|r| r.subject).collect();
    assert_eq!(missing, ["m3"]);
}

/// A desk before a large mailbox whose size the server tells along with its folders.
async fn before_a_large_mailbox() -> Desk {
    let desk = Desk::open().await;
    for uid in 1..=LARGE {
        desk.mailbox.add("INBOX", uid, &format!("m{uid}"));
    }
    desk.mailbox.state().capabilities = Some("IMAP4rev1 UIDPLUS MOVE CONDSTORE LIST-EXTENDED LIST-STATUS");
    desk
}

const LARGE: u32 = 2_400;

/// Bodies that were asked for.
fn asked(desk: &Desk) -> u32 {
    let state = desk.mailbox.state();
    let bodies = state.commands.iter().filter(|c| c.contains("BODY.PEEK[])"));
    let sets = bodies.filter_map(|c| c.strip_prefix("UID FETCH ")?.split(' ').next());
    let range = |part: &str| {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        last.parse::<u32>().unwrap() - first.parse::<u32>().unwrap() + 1
    };
    sets.flat_map(|set| set.split(',')).map(range).sum()
}

#[tokio::test]
async fn bodies_come_over_a_second_connection_while_a_large_folder_is_listed() {
    let desk = before_a_large_mailbox().await;
    desk.sync().await.unwrap();
    assert_eq!(desk.engine.search("body", 0..1).await.unwrap().total, LARGE);
    assert_eq!((asked(&desk), desk.mailbox.state().open.1), (LARGE, 2), "each once");
    // the next time there is nothing to be listed
    desk.mailbox.add("INBOX", LARGE + 1, "one more");
    desk.mailbox.state().open.1 = 0;
    desk.sync().await.unwrap();
    assert_eq!((asked(&desk), desk.mailbox.state().open.1), (LARGE + 1, 1));
}

#[tokio::test]
async fn without_a_second_connection_a_large_folder_comes_all_the_same() {
    let desk = before_a_large_mailbox().await;
    desk.engine.set_connections(1).await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!((asked(&desk), desk.mailbox.state().open.1), (LARGE, 1));
    assert_eq!(desk.engine.search("body", 0..1).await.unwrap().total, LARGE);
}

#[tokio::test]
async fn a_body_that_ends_the_second_connection_leaves_the_others_to_the_first() {
    let desk = before_a_large_mailbox().await;
    desk.mailbox.folder("INBOX", |f| f.poison = Some(LARGE));
    for _ in 0..4 {
        if desk.sync().await.is_ok() {
            break;
        }
    }
    assert_eq!(desk.engine.search("body", 0..1).await.unwrap().total, LARGE - 1);
}

#[tokio::test]
async fn flags_changed_while_the_mod_sequence_went_back_are_seen() {
    let desk = Desk::open().await;
    desk.mailbox.add("INBOX", 1, "a");
    desk.mailbox.folder("INBOX", |f| f.modseq = Some(90));
    desk.sync().await.unwrap();
    desk.mailbox.folder("INBOX", |f| {
        f.modseq = Some(12);
        f.messages[0].2 = "\\Seen".into();
    });
    desk.sync().await.unwrap();
    assert!(desk.rows("INBOX").await[0].flags.seen);
    // and a server that keeps none any more is compared with
    desk.mailbox.folder("INBOX", |f| {
        f.modseq = None;
        f.messages[0].2 = String::new();
    });
    desk.sync().await.unwrap();
    assert!(!desk.rows("INBOX").await[0].flags.seen);
}

#[tokio::test]
async fn an_interrupted_first_synchronisation_goes_on_where_it_was() {
    let desk = Desk::open().await;
    desk.mailbox.add("INBOX", 1, "a");
    desk.mailbox.folder("INBOX", |f| f.poison = Some(1));
    desk.sync().await.unwrap_err();
    desk.mailbox.folder("INBOX", |f| f.poison = None);
    desk.sync().await.unwrap();
    assert_eq!(desk.mailbox.count("FETCH 1:1 (UID FLAGS INTERNALDATE"), 1, "headers came once");
    assert_eq!(desk.mailbox.count("UID FETCH 1 (UID FLAGS INTERNALDATE"), 0, "headers came once");
    assert!(desk.rows("INBOX").await[0].downloaded);
}

#[tokio::test]
async fn a_message_moved_then_marked_reaches_the_server_in_one_pass() {
    let desk = Desk::open().await;
    desk.mailbox.add("INBOX", 1, "a");
    desk.mailbox.folder("Archive", |_| ());
    desk.sync().await.unwrap();
    let row = desk.rows("INBOX").await.remove(0);
    let archive = desk.folder("Archive").await;
    desk.engine.set_flag(&[row.id], Flag::Seen, true).await.unwrap();
    desk.engine.move_to(&[row.id], archive.id).await.unwrap();
    desk.sync().await.unwrap();
    let health = desk.engine.health().await.unwrap();
    assert_eq!(health.accounts[0].pending_changes, 0);
    let moved = desk.mailbox.folder("Archive", |f| f.messages.clone());
    assert_eq!((moved.len(), moved[0].2.as_str()), (1, "\\Seen"));
}

#[tokio::test]
async fn a_message_that_cannot_be_fetched_is_not_forwarded_empty() {
    let desk = Desk::open().await;
    desk.mailbox.add("INBOX", 1, "a");
    desk.mailbox.folder("INBOX", |f| f.poison = Some(1));
    desk.sync().await.unwrap_err();
    let row = desk.rows("INBOX").await.remove(0);
    let view = desk.engine.message(row.id).await.unwrap();
    assert!(!view.row.downloaded && view.blocks.is_empty());
    let refused = desk.engine.forward_draft(row.id, String::new()).await.unwrap_err();
    assert_eq!(refused.code(), "offline");
    assert_eq!(desk.engine.source(row.id).await.unwrap_err().code(), "offline", "it is not gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_opened_overtakes_bodies_that_do_not_come() {
    let desk = Desk::prepared().await;
    desk.mailbox.add("INBOX", 1, "a");
    desk.mailbox.add("INBOX", 2, "b");
    desk.mailbox.state().stalls = Some("UID FETCH 1:2 (UID BODY.PEEK[])");
    desk.begin(None, Limits::default(), Arc::new(SystemSenses::default())).await;
    until("two rows", async || {
        let folders = desk.engine.folders().await.unwrap();
        folders.iter().any(|f| f.path == "INBOX" && f.total == 2)
    })
    .await;
    let row = desk.rows("INBOX").await.into_iter().find(|row| row.subject == "b").unwrap();
    assert!(!row.downloaded);
    let start = Instant::now();
    let view = desk.engine.message(row.id).await.unwrap();
    assert!(view.row.downloaded);
    assert!(start.elapsed() < Duration::from_secs(20), "it waited for the bodies before it");
}
