//! Every step of both protocols broken in every way, in clear between both sides: what TLS cannot see.
//!
//! A good round tells which steps there are. Then each of them is cut, silenced, garbled, doubled, swallowed, torn and
//! delayed, one a round.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use estafette::domain::outbox::OutboxState;
use estafette::engine::{Engine, Result};

use crate::compare::Figures;
use crate::dice::Dice;
use crate::fault::{act, limits};
use crate::ledger::Ledger;
use crate::mitm::{Fate, Mitm, Protocol};
use crate::place::{FOLDERS, Place, Server};
use crate::verdict::judge;

/// What is done to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    Cut,
    Stall,
    /// Bytes that no protocol has.
    Garble,
    /// More bytes than were said.
    Insert,
    /// Fewer bytes than were said.
    Shorten,
    /// Said twice.
    Double,
    /// Never said; what follows is.
    Swallow,
    Split,
    Delay,
}

use Damage::{Cut, Delay, Double, Garble, Insert, Shorten, Split, Stall, Swallow};

const DAMAGES: [Damage; 9] = [Cut, Stall, Garble, Insert, Shorten, Double, Swallow, Split, Delay];

/// One broken step.
#[derive(Debug, Clone)]
struct Break {
    protocol: Protocol,
    step: String,
    damage: Damage,
}

impl Break {
    /// A message on its way is not told from a garbled one by anybody, nor is a command whose meaning changed: against
    /// that there is TLS. A message that comes in with more or fewer bytes than were said is told.
    fn is_fair(&self) -> bool {
        let content = self.step == "> body" || self.step.ends_with("APPEND literal");
        let fetched = self.step.starts_with("<") && self.step.ends_with("BODY.PEEK[] data literal");
        let command = self.step.starts_with('>');
        match self.damage {
            Cut | Stall | Split | Delay => true,
            Garble => !content && !fetched,
            Insert => !content,
            Shorten | Double | Swallow => !content && !command,
        }
    }
}

/// Each round breaks one step; without `rounds`, that is 0, every one.
pub async fn run(server: Server, rounds: usize, seed: u64) -> Result<Figures> {
    let place = Place::open(server, 30);
    let (mut dice, mut ledger) = (Dice::new(seed), Ledger::default());
    let igc = PathBuf::from(place.operator.text("dir")).join("igc");
    let servers = place.servers_behind("steps");
    let imap = Mitm::before(servers.imap, Protocol::Imap, &igc).await;
    let smtp = Mitm::before(servers.smtp, Protocol::Smtp, &igc).await;
    let engine = servers.clone().through(imap.port, smtp.port).engine_with(false, limits()).await?;
    let mut breaks = learn(&engine, [&imap, &smtp], &mut dice, &mut ledger).await?;
    if rounds > 0 {
        breaks = (0..rounds).filter_map(|_| dice.pick(&breaks).cloned()).collect();
    }
    let mut figures = Figures { rounds: breaks.len(), ..Figures::default() };
    for (round, broken) in breaks.into_iter().enumerate() {
        act(&engine, &mut dice, round + 1, &mut ledger).await?;
        place.deliver(1000 + round, FOLDERS[dice.below(FOLDERS.len())]);
        let struck = Arc::new(AtomicUsize::new(0));
        let mitm = if broken.protocol == Protocol::Imap { &imap } else { &smtp };
        // the first of its kind, or a later one
        strike(mitm, broken.clone(), dice.below(3), Dice::new(seed + round as u64), Arc::clone(&struck));
        for _ in 0..2 {
            // errors are what is wanted here
            let _ = engine.sync(None).await;
            let _ = engine.flush().await;
        }
        mitm.set(|_, _| Fate::Pass);
        figures.struck += struck.load(Ordering::SeqCst);
        tracing::debug!(?broken, struck = struck.load(Ordering::SeqCst), "a step was broken");
        resend(&engine).await?;
    }
    engine.shutdown().await;
    // on a good line the machine may take its time
    let engine = servers.engine(false).await?;
    judge(&place, &engine, &ledger, &mut figures).await?;
    engine.shutdown().await;
    Ok(figures)
}

/// What waits, and what a garbled word made the server refuse, which the user would send again.
async fn resend(engine: &Engine) -> Result<()> {
    for entry in engine.outbox().await? {
        if matches!(entry.state, OutboxState::Queued | OutboxState::Refused) {
            engine.retry(entry.id).await?;
        }
    }
    Ok(())
}

/// All breaks of the steps of a good round.
async fn learn(
    engine: &Engine,
    mitms: [&Mitm; 2],
    dice: &mut Dice,
    ledger: &mut Ledger,
) -> Result<Vec<Break>> {
    let seen: [Arc<Mutex<Vec<String>>>; 2] = Default::default();
    for (mitm, seen) in mitms.into_iter().zip(seen.clone()) {
        mitm.set(move |step, _| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if !seen.iter().any(|known| known == step) {
                seen.push(step.to_owned());
            }
            Fate::Pass
        });
    }
    engine.sync(None).await?;
    act(engine, dice, 0, ledger).await?;
    engine.sync(None).await?;
    engine.flush().await?;
    mitms.into_iter().for_each(|mitm| mitm.set(|_, _| Fate::Pass));
    let mut breaks = Vec::new();
    for (protocol, seen) in [Protocol::Imap, Protocol::Smtp].into_iter().zip(seen) {
        let steps = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
        for step in &steps {
            let all = DAMAGES.map(|damage| Break { protocol, step: step.clone(), damage });
            breaks.extend(all.into_iter().filter(Break::is_fair));
        }
    }
    Ok(breaks)
}

/// Breaks the step once, after it was passed `skip` times.
fn strike(mitm: &Mitm, broken: Break, mut skip: usize, mut dice: Dice, struck: Arc<AtomicUsize>) {
    mitm.set(move |step, bytes| {
        if step != broken.step || struck.load(Ordering::SeqCst) > 0 {
            return Fate::Pass;
        }
        if skip > 0 {
            skip -= 1;
            return Fate::Pass;
        }
        struck.fetch_add(1, Ordering::SeqCst);
        let mut said = bytes.to_vec();
        let at = dice.below(said.len().max(1));
        match broken.damage {
            Cut => return Fate::Cut,
            Stall => return Fate::Stall,
            Split => return Fate::Split,
            Delay => return Fate::Delay,
            Garble => said.iter_mut().skip(at).step_by(3).take(8).for_each(|byte| *byte = noise(*byte)),
            Insert => drop(said.splice(at..at, (0..1 + dice.below(40)).map(|n| noise(n as u8)))),
            Shorten => drop(said.drain(at..(at + 1 + dice.below(40)).min(bytes.len()))),
            Double => said.extend_from_slice(bytes),
            Swallow => said.clear(),
        }
        Fate::Say(said)
    });
}

/// A byte that no command, answer or honest text has.
fn noise(byte: u8) -> u8 {
    [0x00, 0x01, 0x7f, 0xff, 0xc0, 0x80][usize::from(byte % 6)]
}
