//! From the card to a colleague's inbox.

use estafette::domain::draft::{DraftAttachment, Recipient};
use estafette::domain::outbox::{OutboxState, RecipientState};
use estafette::engine::PeopleQuery;

use crate::desk::{Desk, LEROY, MARTIN, bare, mailbox, operator, until};

#[tokio::test]
async fn a_letter_goes_from_card_to_card_once_with_one_message_id() {
    let desk = Desk::open().await;
    desk.engine.import_white_list(operator().text("white_list")).await.unwrap();
    desk.insert("leroy").await;
    let session = desk.unlock().await;
    assert_eq!(session.holder.unwrap().family_name, "LEROY");
    let accounts = desk.engine.accounts().await.unwrap();
    assert_eq!(accounts.iter().map(|a| a.config.address.as_str()).collect::<Vec<_>>(), [LEROY]);
    desk.synced().await;

    let newest = desk.inbox().await.remove(0);
    let read = desk.engine.message(newest.id).await.unwrap();
    assert!(read.row.downloaded && !read.envelope.from.is_empty());

    let query = PeopleQuery { text: "martin cardio".to_owned(), ..PeopleQuery::default() };
    let found = desk.engine.people(query).await.unwrap().people;
    let colleague = found.iter().find(|p| p.mailboxes.iter().any(|m| m.address.as_str() == MARTIN)).unwrap();
    let mut draft = desk.letter(&[], "Avis cardiologique").await;
    draft.to = vec![Recipient {
        name: Some(colleague.display_name()),
        address: colleague.mailboxes[0].address.clone(),
    }];
    draft.attachments = vec![DraftAttachment {
        name: "Électrocardiogramme.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        content: b"%PDF-1.4 fictif".to_vec(),
    }];
    let id = desk.engine.queue(draft).await.unwrap();
    let entry = desk.becomes(id, OutboxState::Done).await;
    assert!(entry.recipients.iter().all(|r| r.state == RecipientState::Accepted), "{:?}", entry.recipients);
    let message_id = bare(&entry.message_id);
    assert_eq!(mailbox(LEROY).holding("Envoyés", message_id), 1);
    until("the letter is delivered", || async {
        (mailbox(MARTIN).holding("INBOX", message_id) == 1).then_some(())
    })
    .await;

    desk.remove().await;
    desk.enter("martin").await;
    let received = desk.received("Avis cardiologique").await;
    assert_eq!(received.envelope.message_id.as_deref().map(bare), Some(message_id));
    assert!(received.text.contains("Chère consœur"), "{}", received.text);
    assert_eq!(received.row.from.address, LEROY);
    let file = received.attachments.iter().find(|a| a.name == "Électrocardiogramme.pdf").unwrap();
    let content = desk.engine.attachment(received.row.id, file.index).await.unwrap();
    assert_eq!(content.bytes, b"%PDF-1.4 fictif");
    let by_name = desk.engine.search("electrocardiogramme", 0..10).await.unwrap();
    let found: Vec<_> = by_name.messages.iter().map(|m| m.id).collect();
    assert!(found.contains(&received.row.id), "{found:?} without {:?}", received.row.id);
    desk.close().await;
}
