//! What is told of the truth: counts, quota, what a search cannot see, and large messages on request.

use estafette::auth::Credential;
use estafette::domain::message::{Flag, Flags};
use estafette::domain::secret::Secret;
use estafette::domain::tally::{Fullness, Missing};
use estafette::engine::{AccountHealth, Scope};
use estafette::imap::{RemoteName, Session};

use crate::authority::client;
use crate::desk::Desk;
use crate::dovecot::Dovecot;

async fn health(desk: &Desk) -> AccountHealth {
    desk.engine.health().await.unwrap().accounts.remove(0)
}

/// A letter with a word of its own at the end of `size` bytes.
fn letter(n: usize, word: &str, size: usize) -> Vec<u8> {
    let text = "Compte rendu sans particularité.\r\n".repeat(size / 35);
    format!("Message-ID: <h{n}@test.example>\r\nSubject: Courrier {n}\r\n\r\n{word}\r\n{text}").into_bytes()
}

/// Puts letters of these sizes into the inbox of the desk on a real server.
async fn fill(dovecot: &Dovecot, letters: &[(&str, usize)]) {
    let credential =
        Credential::Plain { user: "anne@test.example".into(), password: Secret::new("secret".into()) };
    let mut session = Session::connect(&dovecot.endpoint, client(), &credential).await.unwrap();
    let inbox = RemoteName::from_bytes(b"INBOX".to_vec());
    for (n, (word, size)) in letters.iter().enumerate() {
        session.append(&inbox, &Flags::default(), None, &letter(n, word, *size)).await.unwrap();
    }
    session.logout().await;
}

#[tokio::test]
async fn a_large_message_waits_and_everything_that_is_told_says_so() {
    let dovecot = Dovecot::start();
    let desk = Desk::before(dovecot.endpoint.clone()).await;
    fill(&dovecot, &[("petit", 2_000), ("volumineux", 2_500_000), ("petit", 3_000)]).await;
    desk.engine.set_download_limit(5).await.unwrap();
    assert_eq!(desk.engine.download_limit().await.unwrap(), 1_000_000, "less would leave everything out");
    desk.sync().await.unwrap();

    let told = health(&desk).await;
    assert_eq!((told.messages, told.downloaded), (3, 2));
    let Missing { large_bytes, .. } = told.missing;
    assert!((2_400_000..2_600_000).contains(&large_bytes), "{large_bytes}");
    assert_eq!(told.missing, Missing { large: 1, large_bytes, ..Missing::default() });
    let found = desk.engine.search("volumineux", 0..10).await.unwrap();
    assert_eq!((found.total, found.complete), (0, false));
    assert_eq!(found.gaps[0].missing, told.missing);
    // its header is known all the same
    assert_eq!(desk.engine.search("courrier", 0..10).await.unwrap().total, 3);
    // nothing comes by itself
    desk.sync().await.unwrap();
    assert_eq!(health(&desk).await.downloaded, 2);

    let inbox = desk.folder("INBOX").await;
    let drafts = desk.folder("Brouillons").await;
    assert_eq!(desk.engine.download_all(Scope::Folder(drafts.id)).await.unwrap(), 0);
    assert_eq!(desk.engine.download_all(Scope::Folder(inbox.id)).await.unwrap(), 1);
    assert_eq!(health(&desk).await.missing, Missing { coming: 1, ..Missing::default() });
    desk.sync().await.unwrap();
    let found = desk.engine.search("volumineux", 0..10).await.unwrap();
    assert_eq!((found.total, found.complete, found.gaps.len()), (1, true, 0));
    assert_eq!(desk.engine.download_all(Scope::Everything).await.unwrap(), 0);
}

#[tokio::test]
async fn counts_are_compared_with_the_server_and_what_waits_is_told_by_kind() {
    let dovecot = Dovecot::start();
    let desk = Desk::before(dovecot.endpoint.clone()).await;
    fill(&dovecot, &[("un", 500), ("deux", 500), ("trois", 500)]).await;
    desk.sync().await.unwrap();
    let told = health(&desk).await;
    assert!(told.folders.len() >= 3 && told.disagreeing() == 0, "{:?}", told.folders);
    let inbox = told.folders.iter().find(|f| f.folder.path == "INBOX").unwrap();
    let tally = inbox.tally.unwrap();
    assert_eq!((tally.server_total, tally.server_unread, tally.here_total), (3, Some(3), 3));

    let row = desk.rows("INBOX").await.remove(0);
    desk.engine.set_flag(&[row.id], Flag::Seen, true).await.unwrap();
    let told = health(&desk).await;
    assert_eq!((told.pending_changes, told.pending.as_slice()), (1, [("flag".to_owned(), 1)].as_slice()));
    desk.sync().await.unwrap();
    let told = health(&desk).await;
    assert_eq!((told.pending_changes, told.disagreeing()), (0, 0));
    let inbox = told.folders.iter().find(|f| f.folder.path == "INBOX").unwrap();
    assert_eq!(inbox.tally.unwrap().server_unread, Some(2));
}

#[tokio::test]
async fn a_mailbox_that_fills_is_told() {
    let dovecot = Dovecot::start();
    let desk = Desk::before(dovecot.endpoint.clone()).await;
    // the quota of this server is 10 MiB
    fill(&dovecot, &[("a", 4_500_000), ("b", 4_500_000)]).await;
    desk.sync().await.unwrap();
    let quota = health(&desk).await.quota.unwrap();
    assert_eq!((quota.allowed, quota.fullness()), (10 << 20, Fullness::Filling), "{quota:?}");
    // not asked for again with every synchronisation
    fill(&dovecot, &[("c", 900_000)]).await;
    desk.sync().await.unwrap();
    assert_eq!(health(&desk).await.quota, Some(quota));
}

#[tokio::test]
async fn a_server_that_miscounts_is_told_until_it_counts_right() {
    let desk = Desk::open().await;
    desk.mailbox.add("INBOX", 1, "a");
    desk.mailbox.folder("INBOX", |f| f.ghosts = 2);
    desk.sync().await.unwrap();
    let told = health(&desk).await;
    assert_eq!(told.disagreeing(), 1);
    let inbox = told.folders.iter().find(|f| f.folder.path == "INBOX").unwrap();
    let tally = inbox.tally.unwrap();
    assert_eq!((tally.server_total, tally.here_total, tally.server_unread), (3, 1, None));
    desk.mailbox.folder("INBOX", |f| f.ghosts = 0);
    desk.sync().await.unwrap();
    assert_eq!(health(&desk).await.disagreeing(), 0);
    assert!(health(&desk).await.quota.is_none(), "this server keeps none");
}

#[tokio::test]
async fn a_body_that_is_no_longer_tried_counts_as_missing_from_a_search() {
    let desk = Desk::open().await;
    desk.mailbox.add("INBOX", 1, "a");
    desk.mailbox.add("INBOX", 2, "b");
    desk.mailbox.folder("INBOX", |f| f.poison = Some(2));
    for _ in 0..3 {
        desk.sync().await.unwrap_err();
    }
    desk.sync().await.unwrap();
    let missing = Missing { failed: 1, ..Missing::default() };
    assert_eq!(health(&desk).await.missing, missing);
    let found = desk.engine.search("rien", 0..10).await.unwrap();
    assert_eq!((found.complete, found.gaps[0].missing), (false, missing));
}

#[tokio::test]
async fn a_check_of_the_store_is_remembered() {
    let mut desk = Desk::open().await;
    assert_eq!(desk.engine.health().await.unwrap().checked_at, None);
    desk.engine.check_store().await.unwrap();
    desk.restart().await;
    let told = desk.engine.health().await.unwrap();
    assert!(told.checked_at.is_some() && !told.check_failed && told.store_bytes > 10_000);
}
