//! Attacks on card and session that need the whole desk.

use std::path::Path;
use std::time::{Duration, Instant};

use estafette::domain::card::CardState;
use estafette::domain::outbox::OutboxState;
use estafette::domain::secret::Secret;

use crate::desk::{Desk, LEROY, MARTIN, PATIENCE, PIN, bare, mailbox, operator, until};
use crate::gate::{Damage, Fault, Gate};
use crate::order::Faulty;

fn real() -> &'static Path {
    operator().text("pkcs11_module").as_ref()
}

fn is_locked(state: &CardState) -> bool {
    matches!(state, CardState::Locked { .. })
}

/// The line stands still at some byte of the handshake; the card leaves then.
#[tokio::test]
async fn attack_51_the_card_leaves_at_each_step_of_the_tls_handshake() {
    let (imap, smtp) = (Gate::before(operator().port("imap")), Gate::before(operator().port("smtp")));
    let desk = Desk::behind(&imap, &smtp).await;
    let mut steps = 0;
    // greeting, STARTTLS, hello, certificates, client certificate, signature, finished
    for (of_server, after) in [
        (true, 0),
        (true, 60),
        (true, 200),
        (false, 20),
        (false, 200),
        (true, 1500),
        (false, 800),
        (false, 2200),
        (true, 4000),
    ] {
        let struck = imap.struck();
        imap.prepare(Some(Fault { of_server, after, damage: Damage::Stall }));
        desk.insert("leroy").await;
        desk.unlock().await;
        let reached = until("the line stands still, or is past that byte", || async {
            let connected = mailbox(LEROY).connections() > 0;
            (imap.struck() > struck || connected).then_some(imap.struck() > struck)
        })
        .await;
        steps += usize::from(reached);
        let start = Instant::now();
        operator().card_remove();
        until("the session is closed", || async { desk.engine.session().is_none().then_some(()) }).await;
        assert!(start.elapsed() < Duration::from_secs(20));
        desk.card("the card is gone", |state| *state == CardState::NoCard).await;
        imap.prepare(None);
        until("no connection", || async { (mailbox(LEROY).connections() == 0).then_some(()) }).await;
    }
    println!("{steps} steps of the handshake");
    assert!(steps >= 6);
    desk.enter("leroy").await;
    assert_eq!(desk.inbox().await.len(), mailbox(LEROY).files("INBOX").len());
    desk.close().await;
}

#[tokio::test]
async fn attack_51_the_card_leaves_while_its_pin_is_verified() {
    let slow = Faulty::later(real(), "C_Login", "slow");
    let desk = Desk::with_module(&slow.path).await;
    desk.insert("leroy").await;
    slow.arm();
    let engine = desk.engine.clone();
    let unlocking = tokio::spawn(async move { engine.unlock(Secret::new(PIN.to_owned())).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    // five seconds of a slow card: everything else answers at once
    let asked = Instant::now();
    assert!(is_locked(&desk.engine.card()));
    assert!(desk.engine.health().await.is_ok());
    assert!(asked.elapsed() < Duration::from_secs(4), "the engine waits for the card");
    operator().card_remove();
    desk.card("gone while the module is still at work", |state| *state == CardState::NoCard).await;
    let error = unlocking.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "card-removed");
    assert!(desk.engine.session().is_none());
    slow.disarm();
    desk.enter("leroy").await;
    desk.close().await;
}

#[tokio::test]
async fn attack_52_a_card_another_program_has_used_or_reset_loses_no_letter() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    for (number, (program, arguments)) in [
        ("pkcs11-tool", vec!["--module", operator().text("pkcs11_module"), "--login", "--pin", PIN, "-O"]),
        ("opensc-tool", vec!["--reset"]),
        ("pkcs11-tool", vec!["--module", operator().text("pkcs11_module"), "--login", "--pin", "9999", "-O"]),
    ]
    .into_iter()
    .enumerate()
    {
        let done = std::process::Command::new(program).args(&arguments).output().unwrap();
        println!("{program} {:?}", done.status);
        let draft = desk.letter(&[MARTIN], &format!("Carte utilisée ailleurs {number}")).await;
        let id = desk.engine.queue(draft).await.unwrap();
        // a module that kept the PIN goes on; one that did not has its session closed, and says why
        let asked = Instant::now();
        let closed = loop {
            let Some(_open) = desk.engine.session() else { break true };
            let entry = desk.entry(id).await;
            if entry.state == OutboxState::Done {
                break false;
            }
            assert!(
                asked.elapsed() < PATIENCE,
                "neither sent nor closed: {entry:?}, {:?}",
                desk.engine.card()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        println!("after {program}: session closed {closed}");
        if closed {
            desk.card("the PIN is asked for again", is_locked).await;
            assert!(desk.engine.card_trouble().is_some(), "nothing says why");
            desk.unlock().await;
        }
        let entry = desk.becomes(id, OutboxState::Done).await;
        until("delivered once", || async {
            (mailbox(MARTIN).holding("INBOX", bare(&entry.message_id)) == 1).then_some(())
        })
        .await;
    }
    desk.close().await;
}

/// How often the watching thread has slept so far.
fn sleeps() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let mut watchers = threads.filter(|thread| {
        std::fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name.trim() == "card-watch")
    });
    let status = std::fs::read_to_string(watchers.next().unwrap().path().join("status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap();
    line.split_whitespace().last().unwrap().parse().unwrap()
}

#[tokio::test]
async fn attack_52_the_card_service_dies_and_comes_back_without_a_busy_loop() {
    let desk = Desk::open().await;
    desk.enter("leroy").await;
    operator().card_service(false);
    until("the session is closed", || async { desk.engine.session().is_none().then_some(()) }).await;
    desk.card("no service", |state| *state == CardState::NoService).await;
    let (before, seconds) = (sleeps(), 5);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let woken = sleeps() - before;
    println!("{woken} wake-ups in {seconds} s without a card service");
    assert!(woken < 20 * seconds, "{woken} wake-ups in {seconds} s");
    operator().card_service(true);
    desk.card("the card is read again", is_locked).await;
    desk.unlock().await;
    desk.synced().await;
    desk.close().await;
}

#[tokio::test]
async fn attack_55_a_module_that_crashes_hangs_or_is_stuck_is_named_and_the_card_works_again_after_it() {
    for (call, how, code) in [
        ("C_GetSlotList", "segfault", "module-crashed"),
        ("C_Login", "abort", "module-crashed"),
        ("C_Sign", "segfault", "module-crashed"),
        ("C_Sign", "hang", "module-hung"),
        ("C_Sign", "left-active", "card-logged-out"),
    ] {
        let faulty = Faulty::later(real(), call, how);
        // the free fallback reads the card when the module of the settings fails
        let desk = Desk::with_module(&faulty.path).await;
        if call == "C_GetSlotList" {
            faulty.arm();
            desk.insert("leroy").await;
            assert_eq!(desk.engine.health().await.unwrap().module.unwrap(), real().display().to_string());
            desk.unlock().await;
            desk.close().await;
            continue;
        }
        desk.insert("leroy").await;
        if call == "C_Login" {
            faulty.arm();
            let error = desk.engine.unlock(Secret::new(PIN.to_owned())).await.unwrap_err();
            assert_eq!(error.code(), code, "{call} {how}");
        } else {
            desk.unlock().await;
            desk.synced().await;
            faulty.arm();
            let draft = desk.letter(&[MARTIN], &format!("Module en panne {how}")).await;
            desk.engine.queue(draft).await.unwrap();
            until("the session is closed", || async { desk.engine.session().is_none().then_some(()) }).await;
            assert_eq!(desk.engine.card_trouble().unwrap().code(), code, "{call} {how}");
        }
        // the module is started anew; the letter that waited leaves once
        faulty.disarm();
        desk.card("the card is read again", is_locked).await;
        desk.unlock().await;
        for entry in desk.engine.outbox().await.unwrap() {
            let _ = desk.engine.retry(entry.id).await;
            let entry = desk.becomes(entry.id, OutboxState::Done).await;
            until("delivered once", || async {
                (mailbox(MARTIN).holding("INBOX", bare(&entry.message_id)) == 1).then_some(())
            })
            .await;
        }
        desk.close().await;
    }
}
