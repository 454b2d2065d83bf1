//! The session lives and dies with its card.

use std::time::Instant;

use estafette::domain::card::CardState;

use crate::desk::{Desk, LEROY, MARTIN, mailbox, operator, until};
use crate::gate::Gate;

#[tokio::test]
async fn removing_the_card_closes_the_session_and_its_connections() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    assert!(mailbox(LEROY).connections() > 0, "the server counts the idle connection");
    let folder = desk.engine.folders().await.unwrap().remove(0).id;
    let start = Instant::now();
    operator().card_remove();
    until("the session is closed", || async { desk.engine.session().is_none().then_some(()) }).await;
    println!("session closed {:?} after the card left the reader", start.elapsed());
    desk.card("the card is gone", |state| *state == CardState::NoCard).await;
    assert_eq!(desk.engine.folders().await.unwrap_err().code(), "no-session");
    assert_eq!(desk.engine.list(folder, 0..10).await.unwrap_err().code(), "no-session");
    assert_eq!(desk.engine.search("fictif", 0..10).await.unwrap_err().code(), "no-session");
    assert_eq!(desk.engine.sync(None).await.unwrap_err().code(), "no-session");
    until("the server sees no connection", || async { (mailbox(LEROY).connections() == 0).then_some(()) })
        .await;
    println!("connections gone {:?} after the card left the reader", start.elapsed());
    desk.close().await;
}

#[tokio::test]
async fn attack_53_each_card_opens_its_own_mail_and_nothing_of_the_other() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    let hers = desk.identified().await;
    let her_search = desk.engine.search("LEROY", 0..1_000).await.unwrap().total;
    desk.remove().await;
    desk.enter("martin").await;
    let accounts = desk.engine.accounts().await.unwrap();
    assert_eq!(accounts.iter().map(|a| a.config.address.as_str()).collect::<Vec<_>>(), [MARTIN]);
    let others = desk.identified().await;
    assert_eq!(desk.inbox().await.len(), mailbox(MARTIN).files("INBOX").len());
    assert!(others.iter().all(|(_, id)| hers.iter().all(|(_, hers)| hers != id)));
    assert_eq!(mailbox(LEROY).connections(), 0);
    // back again: everything is there at once, before any server is asked
    desk.remove().await;
    desk.insert("leroy").await;
    desk.unlock().await;
    let again = desk.inbox().await;
    assert!(hers.iter().all(|(row, _)| again.iter().any(|r| r.id == row.id && r.subject == row.subject)));
    assert_eq!(desk.engine.search("LEROY", 0..1_000).await.unwrap().total, her_search);
    desk.close().await;
}

#[tokio::test]
async fn a_card_exchanged_in_one_movement_closes_the_session_too() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    operator().card_insert("martin");
    desk.card(
        "the other card is read",
        |state| matches!(state, CardState::Locked { holder, .. } if holder.family_name == "MARTIN"),
    )
    .await;
    assert!(desk.engine.session().is_none());
    assert_eq!(desk.engine.folders().await.unwrap_err().code(), "no-session");
    desk.close().await;
}

#[tokio::test]
async fn cards_that_cannot_open_a_session_say_why() {
    let desk = Desk::open().await;
    operator().card_insert("vitale");
    desk.card("a Vitale card", |state| matches!(state, CardState::NotUsable { .. })).await;
    assert_eq!(desk.engine.my_mailboxes().await.unwrap_err().code(), "vitale");
    operator().card_remove();
    desk.card("the reader is empty", |state| *state == CardState::NoCard).await;
    operator().card_insert("expired");
    desk.card("an expired card", |state| matches!(state, CardState::Expired { .. })).await;
    desk.close().await;
}

/// An account added without a PIN goes into the store that opens, so its choice must not hang on how fast a card is read.
#[tokio::test]
async fn a_session_opened_without_pin_is_the_holders_even_while_the_card_is_being_read() {
    let mut desk = Desk::open().await;
    let of_nobody = desk.engine.open_offline().await.unwrap();
    assert_eq!(of_nobody.holder, None, "no card, no holder");
    desk.insert("leroy").await;
    desk.restart().await;
    assert_eq!(desk.engine.card(), CardState::Reading);
    let beside_one_store = desk.engine.open_offline().await.unwrap();
    assert_eq!(beside_one_store.holder.unwrap().family_name, "LEROY");
    desk.close().await;

    let desk = Desk::open().await;
    operator().card_insert("leroy");
    let first = desk.engine.open_offline().await.unwrap();
    assert_eq!(first.holder.unwrap().family_name, "LEROY", "no store yet");
    desk.close().await;
}

#[tokio::test]
async fn locking_closes_connections_and_the_card_asks_for_its_pin_again() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    desk.engine.lock().await;
    assert!(desk.engine.session().is_none());
    assert!(matches!(desk.engine.card(), CardState::Locked { .. }));
    until("no connection", || async { (mailbox(LEROY).connections() == 0).then_some(()) }).await;
    desk.unlock().await;
    desk.synced().await;
    desk.close().await;
}

#[tokio::test]
async fn whoever_waits_for_a_synchronisation_is_told_when_the_card_leaves() {
    let (imap, smtp) = (Gate::before(operator().port("imap")), Gate::before(operator().port("smtp")));
    let desk = Desk::behind(&imap, &smtp).await;
    desk.enter("leroy").await;
    imap.swallow_after(1);
    let engine = desk.engine.clone();
    let waiting = tokio::spawn(async move { engine.sync(None).await });
    until("the server's answer does not come", || async { (imap.swallowed() > 0).then_some(()) }).await;
    assert!(!waiting.is_finished());
    operator().card_remove();
    let answer = tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await;
    let error = answer.expect("it must not wait for ever").unwrap().unwrap_err();
    assert_eq!(error.code(), "no-session");
    desk.close().await;
}
