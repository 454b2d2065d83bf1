//! The connection that waits.

use std::time::{Duration, Instant};

use crate::desk::{Desk, until};

pub(crate) async fn new_mail_and_new_flags_arrive_while_the_connection_waits(mut desk: Desk) {
    desk.other.deliver(0, "INBOX");
    desk.go_online().await;
    until("the first message", async || {
        desk.find("INBOX").await.is_some() && desk.rows("INBOX").await.iter().any(|r| r.downloaded)
    })
    .await;
    // it waits now, or will in a moment
    tokio::time::sleep(Duration::from_secs(2)).await;
    let start = Instant::now();
    desk.other.deliver(1, "INBOX");
    until("the second message", async || desk.rows("INBOX").await.len() == 2).await;
    // without CONDSTORE a flag that changes before it waits again is seen by the next pass only
    tokio::time::sleep(Duration::from_secs(3)).await;
    let uid = desk.uid("INBOX", 1);
    desk.other.run(&format!("UID STORE {uid} +FLAGS (\\Seen)"));
    until("its flag", async || desk.row("INBOX", 1).await.flags.seen).await;
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}
