//! What ends with a session, and what a start never does.

use std::time::Duration;

use crate::desk::{Desk, closed};

/// Waits for what the server sees a moment later.
pub(crate) async fn until(what: &str, mut seen: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if seen().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

#[tokio::test]
async fn closing_a_session_drops_its_connections_and_answers_who_waits() {
    let desk = Desk::open().await;
    desk.mailbox.state().stalls = Some("LIST");
    let engine = desk.engine.clone();
    let waiting = tokio::spawn(async move { engine.sync(None).await.map(drop) });
    until("the server is asked", async || desk.mailbox.count("LIST") > 0).await;
    desk.engine.lock().await;
    assert_eq!(waiting.await.unwrap().unwrap_err().code(), "no-session");
    until("the connection is closed", async || desk.mailbox.state().left == 1).await;
    // and the store is free for the next session
    desk.engine.open_offline().await.unwrap();
    desk.mailbox.state().stalls = None;
    desk.sync().await.unwrap();
}

#[tokio::test]
async fn a_lost_key_is_told_and_never_replaced() {
    let desk = Desk::open().await;
    let keys = desk.dir.path().join("keys.json");
    desk.engine.shutdown().await;
    let kept = std::fs::read(&keys).unwrap();
    std::fs::remove_file(&keys).unwrap();
    let engine = closed(&desk.dir);
    assert_eq!(engine.open_offline().await.unwrap_err().code(), "key-missing");
    assert!(!keys.exists(), "no new key is made for an old store");
    std::fs::write(&keys, "{").unwrap();
    assert_eq!(engine.open_offline().await.unwrap_err().code(), "key-missing");
    std::fs::write(&keys, kept).unwrap();
    engine.open_offline().await.unwrap();
    assert_eq!(engine.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_account_with_messages_on_their_way_is_not_removed() {
    let desk = Desk::open().await;
    let id = desk.queue().await;
    let refused = desk.engine.remove_account(desk.account).await.unwrap_err();
    assert_eq!(refused.code(), "account-busy");
    desk.engine.flush().await.unwrap();
    desk.entry(id).await;
    desk.engine.remove_account(desk.account).await.unwrap();
    assert!(desk.engine.accounts().await.unwrap().is_empty());
}
