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
    let found = desk.engine.search("numero 17", 0..10).await.unwrap();
    assert!(found.complete);
    let texts: Vec<String> =
        futures::future::join_all(found.messages.iter().map(|m| desk.engine.message(m.id)))
            .await
            .into_iter()
            .map(|view| view.unwrap().text)
            .collect();
    assert!(texts.iter().any(|text| text.contains("numéro 17.")), "{texts:?}");
    let again = desk.engine.sync(None).await.unwrap();
    assert_eq!((again.new, again.changed, again.removed), (0, 0, 0), "a second pass finds nothing");
    desk.close().await;
}
