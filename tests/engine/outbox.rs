//! Sending: once, never silently stuck, and never in the way of reading.

use estafette::domain::outbox::{OutboxState, RecipientState};
use estafette::domain::secret::Secret;

use crate::desk::Desk;
use crate::mailbox::Plan;

#[tokio::test]
async fn a_copy_the_sent_folder_refuses_is_told_and_does_not_stop_the_synchronisation() {
    let desk = Desk::open().await;
    desk.sync().await.unwrap();
    desk.mailbox.folder("Sent", |f| f.full = true);
    let id = desk.queue().await;
    desk.engine.flush().await.unwrap();
    let entry = desk.entry(id).await;
    assert_eq!((entry.state, entry.trouble.as_deref()), (OutboxState::SentUnfiled, Some("server-refused")));
    assert_eq!(entry.server_reply.as_deref(), Some("boîte pleine"));
    desk.mailbox.add("INBOX", 1, "new");
    desk.sync().await.unwrap();
    assert_eq!(desk.subjects("INBOX").await, ["new"]);
    desk.mailbox.folder("Sent", |f| f.full = false);
    desk.sync().await.unwrap();
    assert_eq!(desk.entry(id).await.state, OutboxState::Done);
    assert_eq!((desk.post.taken(), desk.rows("Sent").await.len()), (1, 1));
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_sent_folder_or_by_the_user() {
    let desk = Desk::open().await;
    desk.sync().await.unwrap();
    desk.post.plan(Plan { message: Some(""), ..Plan::default() });
    let id = desk.queue().await;
    desk.engine.flush().await.unwrap();
    let entry = desk.entry(id).await;
    assert_eq!((entry.state, entry.trouble.as_deref()), (OutboxState::NeedsUser, Some("answer-unknown")));
    desk.engine.flush().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.post.taken(), 1, "not sent again without the user");
    // the server files what it sends, a little later
    let message = desk.post.taken.lock().unwrap()[0].clone();
    desk.mailbox.folder("Sent", |f| f.messages.push((9, message, String::new())));
    desk.sync().await.unwrap();
    assert_eq!(desk.entry(id).await.state, OutboxState::Done);
}

#[tokio::test]
async fn a_message_that_left_is_not_tried_again_by_a_late_click() {
    let desk = Desk::open().await;
    desk.sync().await.unwrap();
    desk.mailbox.folder("Sent", |f| f.full = true);
    let id = desk.queue().await;
    desk.engine.flush().await.unwrap();
    assert_eq!(desk.engine.retry(id).await.unwrap_err().code(), "already-sent");
    desk.engine.flush().await.unwrap();
    assert_eq!(desk.post.taken(), 1);
}

#[tokio::test]
async fn a_refused_login_waits_for_the_user_instead_of_locking_the_mailbox() {
    let desk = Desk::open().await;
    desk.post.plan(Plan { login: Some("535 5.7.8 non"), ..Plan::default() });
    let id = desk.queue().await;
    desk.engine.flush().await.unwrap();
    let entry = desk.entry(id).await;
    assert_eq!((entry.state, entry.trouble.as_deref()), (OutboxState::Refused, Some("login-refused")));
    desk.engine.flush().await.unwrap();
    assert_eq!(*desk.post.connections.lock().unwrap(), 1);
    desk.post.plan(Plan::default());
    desk.engine.retry(id).await.unwrap();
    desk.engine.flush().await.unwrap();
    assert_eq!(desk.entry(id).await.state, OutboxState::Done);
}

#[tokio::test]
async fn a_recipient_put_off_stays_queued_with_the_reason_and_is_due_at_the_next_start() {
    let mut desk = Desk::open().await;
    desk.sync().await.unwrap();
    desk.post.plan(Plan { recipient: Some("450 4.2.1 plus tard"), ..Plan::default() });
    let id = desk.queue().await;
    desk.engine.flush().await.unwrap();
    let entry = desk.entry(id).await;
    assert_eq!((entry.state, entry.server_reply.as_deref()), (OutboxState::Queued, Some("plus tard")));
    assert!(matches!(entry.recipients[0].state, RecipientState::Delayed { code: 450, .. }));
    assert!(entry.not_before > entry.queued_at);
    desk.post.plan(Plan::default());
    desk.engine.flush().await.unwrap();
    assert_eq!(desk.post.taken(), 0, "not before its time");
    desk.restart().await;
    desk.engine.flush().await.unwrap();
    assert_eq!((desk.entry(id).await.state, desk.post.taken()), (OutboxState::Done, 1));
}

#[tokio::test]
async fn a_refused_addition_keeps_the_password_of_the_account_that_is_there() {
    let desk = Desk::open().await;
    let there = desk.engine.accounts().await.unwrap().remove(0).config;
    let refused = desk.engine.add_account(there, Some(Secret::new("wrong".into()))).await.unwrap_err();
    assert_eq!(refused.code(), "account-exists");
    desk.sync().await.unwrap();
}
