//! The program killed at random instants, again and again.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use estafette::engine::Result;

use crate::compare::Figures;
use crate::dice::Dice;
use crate::driver::Word;
use crate::ledger::Ledger;
use crate::place::{Place, Server, Servers};
use crate::verdict::judge;

/// Longest life of one run.
pub const LIFE: Duration = Duration::from_millis(2500);

/// When the program is killed.
#[derive(Debug)]
pub enum Moment {
    After(Duration),
    /// When so many bytes were said to, or by, the submission server.
    Smtp {
        side: usize,
        bytes: usize,
    },
    Imap {
        side: usize,
        bytes: usize,
    },
}

pub async fn run(server: Server, rounds: usize, seed: u64) -> Result<Figures> {
    let mut place = Place::open(server, 30);
    let servers = place.servers("crash");
    let (mut dice, mut ledger) = (Dice::new(seed), Ledger::default());
    for round in 0..rounds {
        // a server that is away for a while, so that something has waited
        let away = dice.below(6) == 0;
        if away {
            place.smtp.close();
        }
        if round % 2 == 1 {
            place.deliver(1000 + round, "INBOX");
        }
        let moment = moment(&mut dice);
        ledger.read(live(&mut place, &servers, seed * 1000 + round as u64, &moment, away, |_| ()));
    }
    let mut figures = Figures { rounds, ..Figures::default() };
    let engine = servers.engine(false).await?;
    judge(&place, &engine, &ledger, &mut figures).await?;
    engine.shutdown().await;
    Ok(figures)
}

fn moment(dice: &mut Dice) -> Moment {
    let side = dice.below(2);
    match dice.below(4) {
        0 => Moment::After(Duration::from_millis(dice.skewed(11) as u64)),
        1 => Moment::Imap { side, bytes: dice.skewed(18) },
        // several conversations of some thousand bytes
        _ => Moment::Smtp { side, bytes: dice.below(60_000) },
    }
}

/// One life of the program, with something done again and again meanwhile; answers what it said until it was killed.
pub fn live(
    place: &mut Place,
    servers: &Servers,
    seed: u64,
    moment: &Moment,
    away: bool,
    mut meanwhile: impl FnMut(Duration),
) -> Vec<Word> {
    let before = [place.smtp.passed(), place.imap.passed()];
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("drive")
        .arg(serde_json::to_string(servers).unwrap())
        .arg(seed.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let lines = output.lines().map_while(std::io::Result::ok);
        lines.filter_map(|line| serde_json::from_str(&line).ok()).collect()
    });
    let start = Instant::now();
    let mut away = away;
    while start.elapsed() < LIFE {
        let come = match *moment {
            Moment::After(time) => start.elapsed() >= time,
            Moment::Smtp { side, bytes } => place.smtp.passed()[side] - before[0][side] >= bytes,
            Moment::Imap { side, bytes } => place.imap.passed()[side] - before[1][side] >= bytes,
        };
        if come {
            break;
        }
        if away && start.elapsed() > LIFE / 2 {
            place.smtp.open();
            away = false;
        }
        meanwhile(start.elapsed());
        assert!(child.try_wait().unwrap().is_none(), "the driver ended by itself");
        std::thread::sleep(Duration::from_micros(300));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    if away {
        place.smtp.open();
    }
    reader.join().unwrap()
}
