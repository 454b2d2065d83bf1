//! Recipients outside the trust space.

use estafette::domain::outbox::{OutboxState, RecipientState};

use crate::desk::{Desk, MARTIN, address, bare, mailbox, until};

const OUTSIDER: &str = "patient@gmail.example";

#[tokio::test]
async fn a_recipient_the_server_refuses_stops_the_letter_until_it_is_corrected() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    let draft = desk.letter(&[MARTIN, OUTSIDER], "Destinataire à corriger").await;
    let id = desk.engine.queue(draft).await.unwrap();
    let entry = desk.becomes(id, OutboxState::Refused).await;
    assert_eq!(entry.trouble.as_deref(), Some("recipients-refused"));
    assert!(entry.server_reply.as_deref().is_some_and(|words| !words.is_empty()), "{entry:?}");
    let state = |wanted: &str| entry.recipients.iter().find(|r| r.address.as_str() == wanted).unwrap();
    match &state(OUTSIDER).state {
        RecipientState::Refused { code, reason } => {
            assert_eq!(*code, 550);
            assert!(!reason.is_empty());
        }
        other => panic!("{other:?}"),
    }
    assert!(!matches!(state(MARTIN).state, RecipientState::Refused { .. }));
    assert_eq!(mailbox(MARTIN).holding("INBOX", bare(&entry.message_id)), 0, "all or nobody");

    // again without correction: refused again, nothing doubled
    desk.engine.retry(id).await.unwrap();
    desk.becomes(id, OutboxState::Refused).await;

    let draft_id = desk.engine.cancel(id).await.unwrap();
    let drafts = desk.engine.drafts().await.unwrap();
    let (_, mut draft) = drafts.into_iter().find(|(id, _)| *id == draft_id).unwrap();
    assert_eq!(draft.to.len(), 2);
    draft.to.retain(|r| r.address != address(OUTSIDER));
    let id = desk.engine.queue(draft).await.unwrap();
    let entry = desk.becomes(id, OutboxState::Done).await;
    until("the corrected letter is delivered", || async {
        (mailbox(MARTIN).holding("INBOX", bare(&entry.message_id)) == 1).then_some(())
    })
    .await;
    desk.close().await;
}

#[tokio::test]
async fn with_the_white_list_loaded_the_letter_is_not_even_queued() {
    let desk = Desk::open().await;
    let list = crate::desk::operator().text("white_list");
    assert!(desk.engine.import_white_list(list).await.unwrap() > 1);
    desk.insert("leroy").await;
    desk.unlock().await;
    let draft = desk.letter(&[MARTIN, OUTSIDER], "Hors espace").await;
    let error = desk.engine.queue(draft).await.unwrap_err();
    assert_eq!(error.code(), "outside-trust-space");
    assert!(error.facts().contains(&("address", OUTSIDER.to_owned())), "{:?}", error.facts());
    assert!(desk.engine.outbox().await.unwrap().is_empty());
    desk.close().await;
}
