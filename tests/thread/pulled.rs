//! The card pulled out at every step of both conversations.

use estafette::domain::message::Flag;
use estafette::domain::outbox::OutboxState;

use crate::desk::{Desk, LEROY, MARTIN, bare, mailbox, operator, until};
use crate::gate::{Damage, Fault, Gate};

const SENT: &str = "Envoyés";

/// By hand: as many as wanted.
fn rounds() -> usize {
    std::env::var("CARD_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(8)
}

#[tokio::test]
async fn attack_51_a_card_pulled_out_at_any_step_loses_nothing_and_sends_nothing_twice() {
    let (imap, smtp) = (Gate::before(operator().port("imap")), Gate::before(operator().port("smtp")));
    let desk = Desk::behind(&imap, &smtp).await;
    desk.enter("leroy").await;
    desk.remove().await;
    // a session without faults tells how long its conversations are
    let before = [smtp.passed(), imap.passed()];
    let mut letters = vec![session(&desk, 0, None).await];
    let whole = [smtp.passed(), imap.passed()];
    let mut pulled = 0;
    for round in 1..=rounds() {
        let (server, side) = (round % 2, round / 2 % 2);
        let after = (whole[server][side] - before[server][side]) * (round * 618 % 1000) / 1000;
        let gate = [&smtp, &imap][server];
        let struck = gate.struck();
        gate.prepare(Some(Fault { of_server: side == 1, after, damage: Damage::Stall }));
        letters.push(session(&desk, round, Some((gate, struck))).await);
        gate.prepare(None);
        pulled += gate.struck() - struck;
    }
    println!("{pulled} of {} pulls in the middle of a conversation", rounds());
    assert!(pulled > 0);
    desk.enter("leroy").await;
    for id in letters {
        let entry = until("the letter has come to an end", || async {
            let entry = desk.entry(id).await;
            match entry.state {
                OutboxState::Queued => desk.engine.retry(id).await.map(|()| None).unwrap_or(None),
                OutboxState::Done | OutboxState::NeedsUser => Some(entry),
                _ => None,
            }
        })
        .await;
        let found = || {
            let id = bare(&entry.message_id);
            [mailbox(MARTIN).holding("INBOX", id), mailbox(LEROY).holding(SENT, id)]
        };
        if entry.state == OutboxState::NeedsUser {
            assert_eq!(entry.trouble.as_deref(), Some("answer-unknown"));
            assert!(found()[0] <= 1 && found()[1] == 0, "{:?} {entry:?}", found());
        } else {
            until("it is delivered and filed once", || async { (found() == [1, 1]).then_some(()) }).await;
        }
    }
    desk.engine.sync(None).await.unwrap();
    let row = desk.inbox().await.remove(0);
    let flags = desk
        .engine
        .message(row.id)
        .await
        .unwrap()
        .envelope
        .message_id
        .map(|id| mailbox(LEROY).flags("INBOX", &id));
    assert_eq!(flags.is_some_and(|flags| flags.contains("\\Flagged")), row.flags.flagged);
    assert_eq!(desk.inbox().await.len(), mailbox(LEROY).files("INBOX").len());
    desk.engine.check_store().await.unwrap();
    desk.close().await;
}

/// Card, PIN, a letter and a flag; the card leaves when the fault strikes, or when all is done.
async fn session(
    desk: &Desk,
    round: usize,
    fault: Option<(&Gate, usize)>,
) -> estafette::domain::id::OutboxId {
    desk.insert("leroy").await;
    desk.unlock().await;
    let id = desk.engine.queue(desk.letter(&[MARTIN], &format!("Retrait {round}")).await).await.unwrap();
    let row = desk.inbox().await.remove(0);
    desk.engine.set_flag(&[row.id], Flag::Flagged, round.is_multiple_of(2)).await.unwrap();
    until("the fault strikes, or all is done", || async {
        let struck = fault.is_some_and(|(gate, before)| gate.struck() > before);
        let entry = desk.entry(id).await;
        let done = matches!(entry.state, OutboxState::Done | OutboxState::NeedsUser);
        (struck || done).then_some(())
    })
    .await;
    desk.remove().await;
    until("the session is closed", || async { desk.engine.session().is_none().then_some(()) }).await;
    until("the server sees no connection", || async { (mailbox(LEROY).connections() == 0).then_some(()) })
        .await;
    id
}
