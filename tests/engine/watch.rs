//! Folders the user marked: what comes in them shows here within two seconds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use estafette::engine::{Connection, Limits};
use estafette::imap;
use estafette::net::SystemSenses;

use crate::closing::until;
use crate::desk::Desk;
use crate::dovecot::Dovecot;
use crate::mailbox::letter;

const USER: &str = "anne@test.example";
/// Everything this Dovecot has but NOTIFY.
const NO_NOTIFY: &str = "imap_capability = IMAP4rev1 SASL-IR LITERAL+ IDLE ENABLE UIDPLUS LIST-EXTENDED LIST-STATUS \
                         CONDSTORE QRESYNC ESEARCH MOVE SPECIAL-USE NAMESPACE QUOTA\n";

async fn desk(dovecot: &Dovecot, folders: &[&str], poll: Duration) -> Desk {
    for folder in folders {
        dovecot.deliver(USER, folder, &letter("first"));
    }
    let desk = Desk::at(dovecot.endpoint.clone()).await;
    let imap = imap::Limits { poll, ..imap::Limits::default() };
    desk.begin(None, Limits { imap, ..Limits::default() }, Arc::new(SystemSenses::default())).await;
    up_to_date(&desk).await;
    for folder in folders {
        let id = desk.folder(folder).await.id;
        desk.engine.watch_folder(id, true).await.unwrap();
        assert!(desk.folder(folder).await.watched);
    }
    desk
}

async fn up_to_date(desk: &Desk) {
    until("up to date", async || {
        let health = desk.engine.health().await.unwrap();
        health.accounts.iter().all(|a| matches!(a.connection, Connection::UpToDate))
    })
    .await;
}

/// Delivers and measures until the message can be read here.
async fn shows(desk: &Desk, dovecot: &Dovecot, folder: &str, subject: &str) -> Duration {
    dovecot.deliver(USER, folder, &letter(subject));
    let start = Instant::now();
    until(subject, async || {
        desk.rows(folder).await.iter().any(|row| row.subject == subject && row.downloaded)
    })
    .await;
    start.elapsed()
}

/// Connections of the client, by the server's word.
fn connections(dovecot: &Dovecot) -> usize {
    dovecot.connections(USER)
}

async fn settled(dovecot: &Dovecot, count: usize) {
    until("the connections are made", async || connections(dovecot) == count).await;
    // and stay so
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(connections(dovecot), count);
}

#[tokio::test]
async fn mail_in_a_marked_folder_shows_within_two_seconds_by_notify() {
    let dovecot = Dovecot::start();
    let long = Duration::from_secs(600);
    let desk = desk(&dovecot, &["Labo", "Été"], long).await;
    settled(&dovecot, 1).await;
    for (folder, subject) in [("Labo", "a"), ("Été", "b"), ("INBOX", "c"), ("Labo", "d")] {
        let took = shows(&desk, &dovecot, folder, subject).await;
        assert!(took < Duration::from_secs(2), "{folder}: {took:?}");
    }
    assert_eq!(connections(&dovecot), 1, "one connection is enough");
}

#[tokio::test]
async fn without_notify_each_marked_folder_idles_on_its_own_connection_within_the_limit() {
    let dovecot = Dovecot::start_with(NO_NOTIFY);
    let poll = Duration::from_secs(3);
    let desk = desk(&dovecot, &["Labo", "Été", "Urgences", "Divers"], poll).await;
    // four at most: the account's own and three of the four folders
    settled(&dovecot, 4).await;
    let mut slow = 0;
    for folder in ["Labo", "Été", "Urgences", "Divers", "INBOX"] {
        let took = shows(&desk, &dovecot, folder, "new").await;
        assert!(took < poll + Duration::from_secs(4), "{folder}: {took:?}");
        slow += usize::from(took > Duration::from_secs(2));
    }
    assert!(slow <= 1, "{slow} folders were asked for instead");
    // what is asked for now comes first, and the limit holds
    desk.engine.check_account(desk.account).await.unwrap();
    assert!(connections(&dovecot) <= 4);
    desk.engine.set_connections(1).await.unwrap();
    settled(&dovecot, 1).await;
    let took = shows(&desk, &dovecot, "Labo", "asked for").await;
    assert!(took < poll + Duration::from_secs(4), "{took:?}");
    assert_eq!(desk.engine.set_connections(0).await.unwrap_err().code(), "connections-number");
    assert_eq!(desk.engine.connections().await.unwrap(), 1);
}

#[tokio::test]
async fn a_folder_no_longer_marked_has_no_connection_any_more() {
    let dovecot = Dovecot::start_with(NO_NOTIFY);
    let desk = desk(&dovecot, &["Labo"], Duration::from_secs(600)).await;
    settled(&dovecot, 2).await;
    let labo = desk.folder("Labo").await;
    desk.engine.watch_folder(labo.id, false).await.unwrap();
    settled(&dovecot, 1).await;
    assert!(!desk.folder("Labo").await.watched);
    // the end of the session ends every connection
    desk.engine.watch_folder(labo.id, true).await.unwrap();
    settled(&dovecot, 2).await;
    desk.engine.lock().await;
    settled(&dovecot, 0).await;
}
