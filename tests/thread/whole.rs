//! A whole mailbox: nothing missing, nothing too much.

use crate::desk::{Desk, LEROY, MESSAGES, mailbox};

#[tokio::test]
async fn every_folder_has_what_the_server_has_and_every_body_is_found() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    let server = mailbox(LEROY);
    let folders = desk.engine.folders().await.unwrap();
    let mut all = 0;
    for folder in &folders {
        let files = server.files(&folder.path).len();
        assert_eq!(folder.total as usize, files, "{}", folder.path);
        let page = desk.engine.list(folder.id, 0..10_000).await.unwrap();
        assert_eq!(page.rows.len(), files, "{}", folder.path);
        let unread = page.rows.iter().filter(|row| !row.flags.seen).count();
        assert_eq!(folder.unread as usize, unread, "{}", folder.path);
        all += files;
    }
    // other tests of this program send and delete a few
    assert!(all + 10 >= MESSAGES, "{all}");
    for (row, _) in desk.identified().await.iter().step_by(7) {
        let view = desk.engine.message(row.id).await.unwrap();
        if let Some(word) = rarest(&view.text) {
            let found = desk.engine.search(&word, 0..10_000).await.unwrap();
            assert!(found.complete);
            assert!(found.messages.iter().any(|m| m.id == row.id), "{word} is in the text of {row:?}");
        }
        for attachment in view.attachments.iter().filter(|a| !a.inline) {
            let Some(word) = rarest(&attachment.name) else { continue };
            let found = desk.engine.search(&word, 0..10_000).await.unwrap();
            assert!(found.messages.iter().any(|m| m.id == row.id), "{word} is the name of a file of {row:?}");
        }
    }
    let again = desk.engine.sync(None).await.unwrap();
    assert_eq!((again.new, again.changed, again.removed), (0, 0, 0), "a second pass finds nothing");
    desk.close().await;
}

/// The longest word: most likely the one that fewest other messages have.
fn rarest(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| word.chars().all(char::is_alphabetic) && word.chars().count() > 4);
    words.max_by_key(|word| word.chars().count()).map(str::to_owned)
}
