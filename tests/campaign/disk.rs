//! The disk full at random instants of synchronisation, sending and changes, and the program killed meanwhile.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use estafette::engine::Result;

use crate::compare::Figures;
use crate::crash::{LIFE, Moment, live};
use crate::dice::Dice;
use crate::ledger::Ledger;
use crate::place::{Place, Server};
use crate::verdict::judge;

/// A small file system of memory, for root only.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf, megabytes: usize) -> Self {
        std::fs::create_dir_all(&at).unwrap();
        let size = format!("size={megabytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(&at).status().unwrap();
        assert!(mounted.success(), "mounting needs root");
        Self(at)
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Leaves only so many bytes.
    fn fill(&self, left: usize) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.filler()).unwrap();
        for piece in [1 << 20, 4096] {
            let piece = vec![1; piece];
            while file.write_all(&piece).is_ok() {}
        }
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(left as u64)).unwrap();
    }

    fn free(&self) {
        let _ = std::fs::remove_file(self.filler());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // what still has a file open there goes on with it
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Each round is one life of the program, in which the disk fills up and is emptied again.
pub async fn run(server: Server, rounds: usize, seed: u64) -> Result<Figures> {
    let mut place = Place::open(server, 30);
    let disk = Disk::mount(place.path("disk"), 96 + rounds);
    let servers = place.servers("disk/profile");
    let (mut dice, mut ledger) = (Dice::new(seed), Ledger::default());
    let mut figures = Figures { rounds, ..Figures::default() };
    // what has no room from its first instant on is not even an account
    servers.engine(false).await?.shutdown().await;
    for round in 0..rounds {
        if round % 2 == 1 {
            place.deliver(1000 + round, "INBOX");
        }
        let from = LIFE.mul_f64(dice.below(80) as f64 / 100.0);
        let until = from + Duration::from_millis(dice.skewed(11) as u64);
        let left = dice.skewed(20);
        let moment = Moment::After(LIFE.mul_f64((20 + dice.below(80)) as f64 / 100.0));
        let mut is_full = false;
        let words = live(&mut place, &servers, seed * 1000 + round as u64, &moment, false, |time| {
            if !is_full && time >= from && time < until {
                disk.fill(left);
                is_full = true;
                figures.struck += 1;
            } else if is_full && time >= until {
                disk.free();
                is_full = false;
            }
        });
        // killed while it was full, it also starts so, now and then
        if dice.below(3) > 0 {
            disk.free();
        }
        ledger.read(words);
    }
    disk.free();
    let engine = servers.engine(false).await?;
    judge(&place, &engine, &ledger, &mut figures).await?;
    engine.shutdown().await;
    Ok(figures)
}
