//! Measures, by hand: `cargo test --test thread measure -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use estafette::domain::card::CardState;
use estafette::domain::folder::FolderRole;

use crate::desk::{Desk, LEROY, mailbox, operator, until};

/// By hand: as many as wanted.
fn rounds(usual: usize) -> usize {
    std::env::var("CARD_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Median, 95th percentile and maximum, in milliseconds.
#[allow(clippy::print_stdout, reason = "a measure tells its figures")]
fn told(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_millis();
    println!("{what}: n {} · p50 {} ms · p95 {} ms · max {} ms", times.len(), at(50), at(95), at(100));
}

async fn wait(what: &str, done: impl Fn() -> bool) -> Instant {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Instant::now()
}

#[tokio::test]
#[ignore = "a measure"]
async fn from_card_to_mail_and_back() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    desk.remove().await;
    let (mut holder, mut unlocked, mut listed, mut newest) = (vec![], vec![], vec![], vec![]);
    let (mut closed, mut silent) = (vec![], vec![]);
    for round in 0..rounds(50) {
        until("no connection", || async { (mailbox(LEROY).connections() == 0).then_some(()) }).await;
        // it comes while nobody is there
        let subject = format!("Courrier de la nuit {round}");
        mailbox(LEROY).save(
            "INBOX",
            &format!("From: <labo@bioval.mssante.example>\r\nSubject: {subject}\r\n\r\nBonjour\r\n"),
        );
        let start = Instant::now();
        operator().card_insert("leroy");
        let read =
            wait("the holder is read", || matches!(desk.engine.card(), CardState::Locked { .. })).await;
        holder.push(read - start);
        let start = Instant::now();
        desk.unlock().await;
        unlocked.push(start.elapsed());
        let inbox = desk.folder(|f| f.role == FolderRole::Inbox).await;
        assert!(!desk.engine.list(inbox.id, 0..50).await.unwrap().rows.is_empty());
        listed.push(start.elapsed());
        let came = async || {
            let first = desk.engine.list(inbox.id, 0..50).await.unwrap().rows;
            first.iter().any(|row| row.subject == subject).then_some(())
        };
        while came().await.is_none() {
            assert!(start.elapsed() < Duration::from_secs(60), "the new letter never comes");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        newest.push(start.elapsed());
        desk.synced().await;
        let start = Instant::now();
        operator().card_remove();
        let gone = wait("the session is closed", || desk.engine.session().is_none()).await;
        closed.push(gone - start);
        until("no connection", || async { (mailbox(LEROY).connections() == 0).then_some(()) }).await;
        silent.push(start.elapsed());
        desk.card("the card is gone", |state| *state == CardState::NoCard).await;
    }
    told("insertion to holder", holder);
    told("PIN to open session", unlocked);
    told("PIN to the list as it was", listed);
    told("PIN to what came meanwhile, from the server, card's work included", newest);
    told("removal to closed session", closed);
    told("removal to no connection at the server", silent);
    desk.close().await;
}
