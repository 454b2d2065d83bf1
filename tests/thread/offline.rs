//! Work without servers, and their return.

use estafette::domain::folder::FolderRole;
use estafette::domain::message::Flag;
use estafette::domain::outbox::OutboxState;
use estafette::engine::Connection;

use crate::desk::{Desk, LEROY, MARTIN, bare, mailbox, operator, until};
use crate::gate::Gate;

async fn waiting(desk: &Desk) {
    until("the loop has noticed", || async {
        let health = desk.engine.health().await.unwrap();
        let waits = |c: &Connection| matches!(c, Connection::Waiting(e) if e.code() == "offline");
        health.accounts.iter().any(|a| waits(&a.connection)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_was_done_offline_arrives_once_when_the_servers_are_back() {
    let (mut imap, mut smtp) = (Gate::before(operator().port("imap")), Gate::before(operator().port("smtp")));
    let mut desk = Desk::behind(&imap, &smtp).await;
    desk.enter("leroy").await;
    let rows = desk.identified().await;
    let ((flagged, flagged_id), (deleted, deleted_id)) = (&rows[10], &rows[11]);

    imap.close();
    smtp.close();
    waiting(&desk).await;
    desk.engine.set_flag(&[flagged.id], Flag::Flagged, true).await.unwrap();
    desk.engine.delete(&[deleted.id]).await.unwrap();
    let draft = desk.letter(&[MARTIN], "Écrit hors ligne").await;
    let sent = desk.engine.queue(draft).await.unwrap();
    until("the sending has failed once", || async { desk.entry(sent).await.trouble.map(drop) }).await;
    let entry = desk.entry(sent).await;
    assert_eq!((entry.state, entry.trouble.as_deref()), (OutboxState::Queued, Some("offline")));
    assert!(desk.inbox().await.iter().all(|row| row.id != deleted.id), "gone here at once");
    assert!(!mailbox(LEROY).flags("INBOX", flagged_id).contains("\\Flagged"));
    let health = desk.engine.health().await.unwrap();
    assert_eq!((health.waiting, health.accounts[0].pending_changes), (1, 2));

    // the program may even be closed in between
    desk.remove().await;
    desk.restart().await;
    imap.open();
    smtp.open();
    desk.insert("leroy").await;
    desk.unlock().await;
    // it may be on its way already
    let _ = desk.engine.retry(sent).await;
    let entry = desk.becomes(sent, OutboxState::Done).await;
    until("the flag is on the server", || async {
        mailbox(LEROY).flags("INBOX", flagged_id).contains("\\Flagged").then_some(())
    })
    .await;
    until("the message is in the server's bin", || async {
        (mailbox(LEROY).holding("Corbeille", deleted_id) == 1).then_some(())
    })
    .await;
    assert_eq!(mailbox(LEROY).holding("INBOX", deleted_id), 0);
    until("the letter is delivered", || async {
        (mailbox(MARTIN).holding("INBOX", bare(&entry.message_id)) > 0).then_some(())
    })
    .await;
    // nothing comes twice: not after another pass either
    desk.engine.sync(None).await.unwrap();
    assert_eq!(mailbox(MARTIN).holding("INBOX", bare(&entry.message_id)), 1);
    assert_eq!(mailbox(LEROY).holding("Envoyés", bare(&entry.message_id)), 1);
    assert_eq!(mailbox(LEROY).holding("Corbeille", deleted_id), 1);
    let health = desk.engine.health().await.unwrap();
    assert_eq!((health.waiting, health.accounts[0].pending_changes), (0, 0));
    let bin = desk.folder(|f| f.role == FolderRole::Trash).await;
    let bin = desk.engine.list(bin.id, 0..10_000).await.unwrap();
    assert_eq!(bin.total as usize, mailbox(LEROY).files("Corbeille").len());
    desk.close().await;
}

#[tokio::test]
async fn a_sending_whose_answer_is_lost_is_not_repeated_without_the_user() {
    let (imap, smtp) = (Gate::before(operator().port("imap")), Gate::before(operator().port("smtp")));
    let desk = Desk::behind(&imap, &smtp).await;
    desk.enter("leroy").await;
    let mut draft = desk.letter(&[MARTIN], "Réponse perdue").await;
    draft.body = "Texte assez long. ".repeat(20_000);
    smtp.swallow_after(200_000);
    let id = desk.engine.queue(draft).await.unwrap();
    until("the server has answered into the void", || async { (smtp.swallowed() > 0).then_some(()) }).await;
    // the line is cut, as by a provider: the client knows nothing
    drop(smtp);
    let entry = desk.becomes(id, OutboxState::NeedsUser).await;
    assert_eq!(entry.trouble.as_deref(), Some("answer-unknown"));
    until("the first copy is delivered", || async {
        (mailbox(MARTIN).holding("INBOX", bare(&entry.message_id)) > 0).then_some(())
    })
    .await;
    desk.engine.sync(None).await.unwrap();
    assert_eq!(desk.entry(id).await.state, OutboxState::NeedsUser, "nothing decides but the user");
    assert_eq!(mailbox(MARTIN).holding("INBOX", bare(&entry.message_id)), 1);
    assert_eq!(mailbox(LEROY).holding("Envoyés", bare(&entry.message_id)), 0);
    desk.close().await;
}
