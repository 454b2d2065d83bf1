//! Changes go to the server and come from it.

use estafette::domain::folder::FolderRole;
use estafette::domain::message::{Flag, MessageRow};

use crate::desk::{Desk, LEROY, bare, mailbox, until};

async fn row(desk: &Desk, id: estafette::domain::id::MessageId) -> Option<MessageRow> {
    desk.inbox().await.into_iter().find(|row| row.id == id)
}

#[tokio::test]
async fn flags_moves_and_deletions_travel_both_ways() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    let server = mailbox(LEROY);
    let rows = desk.inbox().await;
    let ids = async |row: &MessageRow| {
        let view = desk.engine.message(row.id).await.unwrap();
        bare(&view.envelope.message_id.unwrap()).to_owned()
    };
    let (read, flagged, moved, deleted, elsewhere) = (&rows[20], &rows[21], &rows[22], &rows[23], &rows[24]);

    // from here to the server
    let was_seen = server.flags("INBOX", &ids(read).await).contains("\\Seen");
    desk.engine.set_flag(&[read.id], Flag::Seen, !was_seen).await.unwrap();
    desk.engine.set_flag(&[flagged.id], Flag::Flagged, true).await.unwrap();
    let archive = desk.folder(|f| f.role == FolderRole::Archive).await;
    desk.engine.move_to(&[moved.id], archive.id).await.unwrap();
    let (read_id, flagged_id, moved_id) = (ids(read).await, ids(flagged).await, ids(moved).await);
    until("flags and move are on the server", || async {
        let read = server.flags("INBOX", &read_id).contains("\\Seen") != was_seen;
        let flagged = server.flags("INBOX", &flagged_id).contains("\\Flagged");
        (read && flagged && server.holding("Archives", &moved_id) == 1).then_some(())
    })
    .await;
    assert_eq!(server.holding("INBOX", &moved_id), 0);

    // from the server to here, while the connection idles on the inbox
    let elsewhere_id = ids(elsewhere).await;
    let deleted_id = ids(deleted).await;
    let of = |id: &str| {
        ["mailbox".to_owned(), "INBOX".into(), "HEADER".into(), "Message-ID".into(), id.to_owned()]
    };
    let query = of(&elsewhere_id);
    let mut words = vec!["\\Flagged \\Answered"];
    words.extend(query.iter().map(String::as_str));
    server.doveadm(&["flags", "add"], &words);
    until("the other program's flags are here", || async {
        row(&desk, elsewhere.id).await.filter(|r| r.flags.flagged && r.flags.answered)
    })
    .await;
    let query = of(&deleted_id);
    server.doveadm(&["expunge"], &query.iter().map(String::as_str).collect::<Vec<_>>());
    until("what the other program deleted is gone here", || async {
        row(&desk, deleted.id).await.is_none().then_some(())
    })
    .await;
    assert_eq!(desk.engine.message(deleted.id).await.unwrap_err().code(), "not-found");
    let still = desk.engine.search(&deleted_id, 0..5).await.unwrap();
    assert!(still.messages.iter().all(|m| m.id != deleted.id));
    desk.close().await;
}
