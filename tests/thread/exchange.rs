//! Changes go to the server and come from it.

use estafette::domain::folder::FolderRole;
use estafette::domain::message::{Flag, MessageRow};

use crate::desk::{Desk, LEROY, mailbox, until};

async fn row(desk: &Desk, id: estafette::domain::id::MessageId) -> Option<MessageRow> {
    desk.inbox().await.into_iter().find(|row| row.id == id)
}

#[tokio::test]
async fn flags_moves_and_deletions_travel_both_ways() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    let server = mailbox(LEROY);
    let rows = desk.identified().await;
    let ((read, read_id), (flagged, flagged_id), (moved, moved_id)) = (&rows[20], &rows[21], &rows[22]);
    let ((deleted, deleted_id), (elsewhere, elsewhere_id)) = (&rows[23], &rows[24]);

    // from here to the server
    let was_seen = server.flags("INBOX", read_id).contains("\\Seen");
    desk.engine.set_flag(&[read.id], Flag::Seen, !was_seen).await.unwrap();
    desk.engine.set_flag(&[flagged.id], Flag::Flagged, true).await.unwrap();
    let archive = desk.folder(|f| f.role == FolderRole::Archive).await;
    desk.engine.move_to(&[moved.id], archive.id).await.unwrap();
    until("flags and move are on the server", || async {
        let read = server.flags("INBOX", read_id).contains("\\Seen") != was_seen;
        let flagged = server.flags("INBOX", flagged_id).contains("\\Flagged");
        (read && flagged && server.holding("Archives", moved_id) == 1).then_some(())
    })
    .await;
    assert_eq!(server.holding("INBOX", moved_id), 0);

    // from the server to here, while the connection idles on the inbox
    let add = ["\\Flagged \\Answered", "mailbox", "INBOX", "HEADER", "Message-ID", elsewhere_id];
    server.doveadm(&["flags", "add"], &add);
    until("the other program's flags are here", || async {
        row(&desk, elsewhere.id).await.filter(|r| r.flags.flagged && r.flags.answered)
    })
    .await;
    server.doveadm(&["expunge"], &["mailbox", "INBOX", "HEADER", "Message-ID", deleted_id]);
    until("what the other program deleted is gone here", || async {
        row(&desk, deleted.id).await.is_none().then_some(())
    })
    .await;
    assert_eq!(desk.engine.message(deleted.id).await.unwrap_err().code(), "not-found");
    desk.close().await;
}
