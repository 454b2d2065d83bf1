//! Sending: once, never silently stuck, and never in the way of reading.

use estafette::domain::draft::{Draft, DraftAttachment, Recipient};
use estafette::domain::id::OutboxId;
use estafette::domain::outbox::{OutboxState, RecipientState, Stage};
use estafette::domain::secret::Secret;

use crate::desk::{Desk, address};
use crate::mailbox::{End, Plan, Step};

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

const BEFORE_THE_DOT: [Step; 7] =
    [Step::Greeting, Step::Hello, Step::Login, Step::From, Step::Recipient, Step::Data, Step::Text];

/// More than sockets hold: the server that stops reading stops the client before the final dot.
async fn queue_large(desk: &Desk) -> OutboxId {
    let mut draft = Draft::new(desk.account);
    draft.to = vec![Recipient { name: None, address: address("paul@test.example") }];
    draft.body = format!("{}\n", "x".repeat(70)).repeat(60_000);
    desk.engine.queue(draft).await.unwrap()
}

#[tokio::test]
async fn a_line_cut_anywhere_before_the_final_dot_leaves_the_message_queued() {
    let desk = Desk::open().await;
    desk.sync().await.unwrap();
    for step in BEFORE_THE_DOT {
        desk.post.plan(Plan { stops: Some((step, End::Cut)), ..Plan::default() });
        let id = if step == Step::Text { queue_large(&desk).await } else { desk.queue().await };
        desk.engine.flush().await.unwrap();
        assert_eq!(desk.entry(id).await.state, OutboxState::Queued, "{step:?}");
        assert_eq!(desk.entry(id).await.stage(0), Stage::WaitingNetwork, "{step:?}");
        desk.engine.cancel(id).await.unwrap();
    }
    assert_eq!(desk.post.taken(), 0);
}

#[tokio::test]
async fn a_program_that_ends_before_the_final_dot_sends_again_without_asking() {
    let mut desk = Desk::open().await;
    desk.sync().await.unwrap();
    for (number, step) in BEFORE_THE_DOT.into_iter().enumerate() {
        desk.post.plan(Plan { stops: Some((step, End::Silence)), ..Plan::default() });
        let id = if step == Step::Text { queue_large(&desk).await } else { desk.queue().await };
        let engine = desk.engine.clone();
        let sending = tokio::spawn(async move { engine.flush().await });
        desk.post.stopped.notified().await;
        assert_eq!(desk.entry(id).await.state, OutboxState::Sending, "{step:?}");
        desk.restart().await;
        assert!(sending.await.unwrap().is_err());
        let entry = desk.entry(id).await;
        assert_eq!((entry.state, entry.trouble), (OutboxState::Queued, None), "{step:?}");
        desk.post.plan(Plan::default());
        desk.engine.flush().await.unwrap();
        assert_eq!(
            (desk.entry(id).await.state, desk.post.taken()),
            (OutboxState::Done, number + 1),
            "{step:?}"
        );
    }
    assert_eq!(desk.rows("Sent").await.len(), 0, "not synchronised yet");
    desk.sync().await.unwrap();
    assert_eq!(desk.rows("Sent").await.len(), BEFORE_THE_DOT.len());
}

#[tokio::test]
async fn a_program_that_ends_after_the_final_dot_asks_and_never_sends_again() {
    let mut desk = Desk::open().await;
    desk.sync().await.unwrap();
    desk.post.plan(Plan { stops: Some((Step::Dot, End::Silence)), ..Plan::default() });
    let id = desk.queue().await;
    let engine = desk.engine.clone();
    let sending = tokio::spawn(async move { engine.flush().await });
    desk.post.stopped.notified().await;
    desk.restart().await;
    assert!(sending.await.unwrap().is_err());
    desk.post.plan(Plan::default());
    desk.engine.flush().await.unwrap();
    let entry = desk.entry(id).await;
    assert_eq!((entry.state, entry.trouble.as_deref()), (OutboxState::NeedsUser, Some("answer-unknown")));
    assert_eq!(desk.post.taken(), 1);
}

#[tokio::test]
async fn a_message_the_user_knows_to_have_arrived_is_filed_once() {
    let desk = Desk::open().await;
    desk.sync().await.unwrap();
    let sent = desk.queue().await;
    desk.engine.flush().await.unwrap();
    assert_eq!(desk.engine.settle(sent).await.unwrap_err().code(), "already-sent", "it is no question");
    desk.post.plan(Plan { message: Some(""), ..Plan::default() });
    let id = desk.queue().await;
    desk.engine.flush().await.unwrap();
    assert!(desk.entry(id).await.can_settle());
    desk.engine.settle(id).await.unwrap();
    let entry = desk.entry(id).await;
    assert_eq!(entry.state, OutboxState::SentUnfiled);
    assert_eq!(entry.recipients[0].state, RecipientState::Accepted);
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.entry(id).await.state, OutboxState::Done);
    assert_eq!((desk.post.taken(), desk.rows("Sent").await.len()), (2, 2));
}

#[tokio::test]
async fn a_retry_hands_over_the_same_bytes() {
    let desk = Desk::open().await;
    desk.sync().await.unwrap();
    let mut draft = Draft::new(desk.account);
    draft.to = vec![Recipient { name: Some("Dr Paul".into()), address: address("paul@test.example") }];
    draft.subject = "Compte rendu – été".into();
    draft.body = "Bonjour\n.\nà bientôt".into();
    draft.attachments = vec![DraftAttachment {
        name: "radio.pdf".into(),
        media_type: "application/pdf".into(),
        content: (0..=255).collect(),
    }];
    let id = desk.engine.queue(draft).await.unwrap();
    for _ in 0..2 {
        // the server keeps what came and never answers
        desk.post.plan(Plan { message: Some(""), ..Plan::default() });
        desk.engine.flush().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        desk.engine.retry(id).await.unwrap();
    }
    desk.post.plan(Plan { message: Some("451 4.3.0 plus tard"), ..Plan::default() });
    desk.engine.flush().await.unwrap();
    desk.post.plan(Plan::default());
    desk.engine.retry(id).await.unwrap();
    desk.engine.flush().await.unwrap();
    assert_eq!(desk.entry(id).await.state, OutboxState::Done);
    let taken = desk.post.taken.lock().unwrap().clone();
    assert_eq!(taken.len(), 3);
    assert!(taken.iter().all(|message| *message == taken[0]), "Message-ID, Date and boundaries are fixed");
    desk.mailbox.folder("Sent", |f| {
        // the dots are doubled on the wire
        assert_eq!(f.messages[0].1.replace("\r\n.", "\r\n..").trim_end(), taken[0].trim_end());
    });
}

#[tokio::test]
async fn a_server_that_files_late_leaves_one_copy_and_is_waited_for_afterwards() {
    let desk = Desk::open().await;
    desk.sync().await.unwrap();
    for tells_no_uid in [false, true] {
        desk.mailbox.folder("Sent", |f| f.tells_no_uid = tells_no_uid);
        let id = desk.queue().await;
        desk.engine.flush().await.unwrap();
        desk.sync().await.unwrap();
        if tells_no_uid {
            // it is waited for now
            assert_eq!(desk.entry(id).await.state, OutboxState::SentUnfiled);
        } else {
            assert_eq!(desk.entry(id).await.state, OutboxState::Done);
        }
        let message = desk.post.taken.lock().unwrap().last().unwrap().clone();
        let (ours, servers) = desk.mailbox.folder("Sent", |f| {
            let ours: Vec<u32> = f.messages.iter().map(|m| m.0).collect();
            f.messages.push((50 + ours.len() as u32, message, String::new()));
            (ours, f.messages.last().unwrap().0)
        });
        desk.sync().await.unwrap();
        desk.sync().await.unwrap();
        assert_eq!(desk.entry(id).await.state, OutboxState::Done);
        desk.mailbox.folder("Sent", |f| {
            assert!(f.messages.iter().any(|m| m.0 == servers), "the server's own copy stays");
            assert!(!f.messages.iter().any(|m| ours.contains(&m.0)), "ours is gone");
            f.messages.clear();
        });
        desk.sync().await.unwrap();
    }
    assert_eq!(desk.mailbox.count("APPEND"), 1);
}

#[tokio::test]
async fn a_copy_made_twice_by_somebody_else_is_left_alone() {
    let desk = Desk::open().await;
    desk.sync().await.unwrap();
    let id = desk.queue().await;
    desk.engine.flush().await.unwrap();
    desk.sync().await.unwrap();
    // the Sent folder was renumbered: our number means another message now
    desk.mailbox.folder("Sent", |f| {
        f.validity = 2;
        let message = f.messages[0].1.clone();
        f.messages.push((2, message, String::new()));
    });
    desk.sync().await.unwrap();
    desk.sync().await.unwrap();
    assert_eq!(desk.entry(id).await.state, OutboxState::Done);
    assert_eq!(desk.mailbox.count("UID EXPUNGE"), 0);
}

#[tokio::test]
async fn a_message_larger_than_the_server_takes_is_refused_before_it_is_queued() {
    let desk = Desk::open().await;
    desk.sync().await.unwrap();
    let letter = |size: usize| {
        let mut draft = Draft::new(desk.account);
        draft.to = vec![Recipient { name: None, address: address("paul@test.example") }];
        draft.body = "x".repeat(size);
        draft
    };
    desk.post.plan(Plan { size: Some(20_000), ..Plan::default() });
    // the first the server is asked: it says so before anything travels
    let id = desk.engine.queue(letter(30_000)).await.unwrap();
    desk.engine.flush().await.unwrap();
    let entry = desk.entry(id).await;
    assert_eq!((entry.state, entry.trouble.as_deref()), (OutboxState::Refused, Some("too-large")));
    let refused = desk.engine.queue(letter(30_000)).await.unwrap_err();
    assert_eq!(refused.code(), "too-large");
    let fact = |name: &str| {
        refused.facts().iter().find(|(known, _)| *known == name).unwrap().1.parse::<u64>().unwrap()
    };
    assert!(fact("size") > 30_000 && fact("limit") == 20_000);
    assert_eq!(desk.engine.outbox().await.unwrap().len(), 1);
    // it takes more today
    desk.post.plan(Plan { size: Some(40_000), ..Plan::default() });
    desk.engine.queue(letter(100)).await.unwrap();
    desk.engine.flush().await.unwrap();
    desk.engine.queue(letter(30_000)).await.unwrap();
    desk.engine.flush().await.unwrap();
    assert_eq!(desk.post.taken(), 2);
}

#[tokio::test]
async fn a_refused_recipient_keeps_the_enhanced_code_of_the_server() {
    let desk = Desk::open().await;
    desk.post.plan(Plan { recipient: Some("550 5.1.1 inconnu"), ..Plan::default() });
    let id = desk.queue().await;
    desk.engine.flush().await.unwrap();
    let entry = desk.entry(id).await;
    assert_eq!(entry.stage(0), Stage::Refused);
    assert_eq!(
        entry.recipients[0].state,
        RecipientState::Refused { code: 550, reason: "5.1.1 inconnu".into() }
    );
}
