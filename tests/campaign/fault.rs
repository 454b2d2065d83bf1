//! The line broken at every step of both protocols: before and after STARTTLS, in either direction, at bytes walked
//! in even steps over a whole conversation from a random start.

use std::time::Duration;

use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, Recipient};
use estafette::domain::message::Flag;
use estafette::domain::outbox::OutboxState;
use estafette::engine::{Engine, Limits, Result};
use estafette::{imap, smtp};

use crate::compare::Figures;
use crate::dice::Dice;
use crate::driver::random_row;
use crate::gate::{Damage, Fault, Gate};
use crate::ledger::Ledger;
use crate::place::{FOLDERS, OTHER, Place, Server};
use crate::verdict::judge;

/// A loopback answers within milliseconds, also when the machine is busy.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Short waits.
pub fn limits() -> Limits {
    let imap = imap::Limits {
        connect: PATIENCE,
        handshake: PATIENCE,
        silence: PATIENCE,
        command: PATIENCE,
        transfer: 2 * PATIENCE,
        ..imap::Limits::default()
    };
    let smtp = smtp::Limits {
        connect: PATIENCE,
        handshake: PATIENCE,
        command: PATIENCE,
        transfer: PATIENCE,
        silence: PATIENCE,
        answer: PATIENCE,
    };
    Limits { imap, smtp, ..Limits::default() }
}

/// Each round breaks one connection.
pub async fn run(server: Server, rounds: usize, seed: u64) -> Result<Figures> {
    let place = Place::open(server, 30);
    let (mut dice, mut ledger) = (Dice::new(seed), Ledger::default());
    let mut figures = Figures { rounds, ..Figures::default() };
    let engine = place.servers("fault").engine_with(false, limits()).await?;
    engine.sync(None).await?;
    // a whole round on a good line tells how long the conversations are
    let before = [place.smtp.passed(), place.imap.passed()];
    act(&engine, &mut dice, 0, &mut ledger).await?;
    engine.sync(None).await?;
    engine.flush().await?;
    let after = [place.smtp.passed(), place.imap.passed()];
    let whole = |server: usize, side: usize| after[server][side] - before[server][side];
    let start = dice.below(1000);
    for round in 1..=rounds {
        act(&engine, &mut dice, round, &mut ledger).await?;
        // the golden ratio spreads any number of rounds evenly
        let part = (start + round * 618) % 1000;
        let (server, side) = (usize::from(round % 3 == 0), dice.below(2));
        let gate = if server == 0 { &place.smtp } else { &place.imap };
        let damages = [Damage::Cut, Damage::Stall, Damage::Cut, Damage::Split, Damage::Delay];
        let damage = damages[dice.below(damages.len())];
        let fault = Fault { of_server: side == 1, after: whole(server, side) * part / 1000, damage };
        broken(&engine, gate, fault).await?;
        if round % 4 == 0 {
            place.deliver(1000 + round, FOLDERS[dice.below(FOLDERS.len())]);
        }
    }
    figures.struck = place.smtp.struck() + place.imap.struck();
    engine.shutdown().await;
    // on a good line the machine may take its time
    let engine = place.servers("fault").engine(false).await?;
    judge(&place, &engine, &ledger, &mut figures).await?;
    engine.shutdown().await;
    Ok(figures)
}

/// Works over the broken line, then on a good one as far as the user need not decide.
async fn broken(engine: &Engine, gate: &Gate, fault: Fault) -> Result<()> {
    let struck = gate.struck();
    gate.prepare(Some(fault));
    // errors are what is wanted here
    let _ = engine.sync(None).await;
    let _ = engine.flush().await;
    gate.prepare(None);
    if gate.struck() > struck {
        tracing::debug!(?fault, "the line broke");
    }
    for entry in engine.outbox().await? {
        if entry.state == OutboxState::Queued {
            engine.retry(entry.id).await?;
        }
    }
    Ok(())
}

/// A letter, flags, a move and a draft, all for the next connection.
pub async fn act(engine: &Engine, dice: &mut Dice, round: usize, ledger: &mut Ledger) -> Result<()> {
    let account = engine.accounts().await?.remove(0);
    let to = vec![Recipient { name: None, address: EmailAddress::parse(OTHER).unwrap() }];
    let body = "Résultat normal.\n".repeat(1 + dice.below(1500));
    let draft = Draft { to, subject: format!("Panne {round}"), body, ..Draft::new(account.id) };
    let id = engine.queue(draft).await?;
    let entry = engine.outbox().await?.into_iter().find(|e| e.id == id);
    ledger.queued.extend(entry.map(|e| e.message_id));
    let folders = engine.folders().await?;
    for _ in 0..2 {
        if let Some(row) = random_row(engine, dice, &folders).await? {
            engine.set_flag(&[row.id], Flag::Flagged, !row.flags.flagged).await?;
            ledger.flagged.entry(row.subject).or_default().did(!row.flags.flagged);
        }
    }
    let targets: Vec<_> = folders.iter().filter(|f| FOLDERS.contains(&f.name())).collect();
    if let (Some(row), Some(target)) = (random_row(engine, dice, &folders).await?, dice.pick(&targets)) {
        engine.move_to(&[row.id], target.id).await?;
        ledger.folders.entry(row.subject).or_default().did(target.name().to_owned());
    }
    Ok(())
}
