//! Copies for other programs: gone with the session, however it ends.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use estafette::domain::card::CardState;
use estafette::domain::draft::DraftAttachment;

use crate::desk::{Desk, LEROY, operator, until};

const CONTENT: &[u8] = b"%PDF-1.4 compte rendu fictif";

/// A letter with a document, received, and the document handed to another program.
async fn lend(desk: &Desk, subject: &str) -> PathBuf {
    let mut draft = desk.letter(&[LEROY], subject).await;
    draft.attachments = vec![DraftAttachment {
        name: "Compte rendu.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        content: CONTENT.to_vec(),
    }];
    desk.engine.queue(draft).await.unwrap();
    let received = desk.received(subject).await;
    lend_again(desk, received.row.id).await
}

async fn lend_again(desk: &Desk, id: estafette::domain::id::MessageId) -> PathBuf {
    let view = desk.engine.message(id).await.unwrap();
    let file = view.attachments.iter().find(|a| a.name == "Compte rendu.pdf").unwrap();
    let copy = desk.engine.lend(id, file.index).await.unwrap();
    assert_eq!(std::fs::read(&copy).unwrap(), CONTENT);
    copy
}

async fn wiped(copy: &Path) {
    let folder = copy.ancestors().nth(2).unwrap();
    until("the copy is gone", || async { (!folder.exists()).then_some(()) }).await;
}

#[tokio::test]
async fn attack_49_copies_for_other_programs_are_wiped_when_the_card_leaves_and_at_every_other_end() {
    let mut desk = Desk::open().await;
    desk.enter("leroy").await;
    let copy = lend(&desk, "Document à ouvrir").await;
    // the other program still has it open: it sees what was written over it
    let mut held = std::fs::File::open(&copy).unwrap();
    operator().card_remove();
    wiped(&copy).await;
    let mut seen = Vec::new();
    held.rewind().unwrap();
    held.read_to_end(&mut seen).unwrap();
    assert_eq!(seen, vec![0; CONTENT.len()]);
    desk.card("the card is gone", |state| *state == CardState::NoCard).await;

    // by hand
    desk.enter("leroy").await;
    let row = desk.inbox().await.into_iter().find(|row| row.subject == "Document à ouvrir").unwrap();
    let copy = lend_again(&desk, row.id).await;
    desk.engine.lock().await;
    wiped(&copy).await;
    assert_eq!(desk.engine.lend(row.id, 0).await.unwrap_err().code(), "no-session");

    // at the end of the program, and what a crash left when it starts
    desk.unlock().await;
    let copy = lend_again(&desk, row.id).await;
    desk.engine.shutdown().await;
    wiped(&copy).await;
    std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
    std::fs::write(&copy, CONTENT).unwrap();
    desk.restart().await;
    wiped(&copy).await;
    desk.close().await;
}
