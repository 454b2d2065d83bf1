//! Nothing is lost and nothing is sent twice: campaigns of any size, and the program that they kill.
//!
//! `campaign crash --rounds 300 --seed 7`
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![allow(unreachable_pub, missing_docs, clippy::print_stdout)]

#[path = "../operator/client.rs"]
mod client;
mod compare;
mod crash;
mod dice;
mod disk;
mod driver;
mod fault;
#[path = "../thread/gate.rs"]
mod gate;
mod ledger;
mod mitm;
mod model;
mod other;
mod place;
mod steps;
mod verdict;

use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::Parser;

#[derive(Parser)]
enum Campaign {
    /// The program is killed at random instants.
    Crash(Size),
    /// The disk fills up at random instants, and the program is killed.
    Disk(Size),
    /// One connection a round breaks.
    Fault(Size),
    /// One step of a conversation a round breaks, in clear; `--rounds 0` breaks every step in every way.
    Steps(Size),
    /// Two mail programs on one mailbox, one of them often offline; a round is one act.
    Model(Size),
    /// The program that is killed.
    #[command(hide = true)]
    Drive { servers: String, seed: u64 },
}

#[derive(clap::Args)]
struct Size {
    /// The IMAP service
    #[arg(long, value_enum, default_value = "dovecot")]
    server: place::Server,
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Where libpcsclite looks for its service.
const PCSC_SOCKET: &str = "PCSCLITE_CSOCK_NAME";

/// The same again, away from the machine's card reader: a card that leaves it ends the sessions of every program.
fn without_cards() -> ExitCode {
    let mut again = Command::new(std::env::current_exe().unwrap());
    let status =
        again.args(std::env::args_os().skip(1)).env(PCSC_SOCKET, "/nonexistent/pcscd.comm").status().unwrap();
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::var_os(PCSC_SOCKET).is_none() {
        return without_cards();
    }
    let start = Instant::now();
    let figures = match Campaign::parse() {
        Campaign::Crash(Size { server, rounds, seed }) => crash::run(server, rounds, seed).await,
        Campaign::Disk(Size { server, rounds, seed }) => disk::run(server, rounds, seed).await,
        Campaign::Fault(Size { server, rounds, seed }) => fault::run(server, rounds, seed).await,
        Campaign::Steps(Size { server, rounds, seed }) => steps::run(server, rounds, seed).await,
        Campaign::Model(Size { server, rounds, seed }) => model::run(server, rounds, seed).await,
        Campaign::Drive { servers, seed } => {
            driver::run(&serde_json::from_str(&servers).unwrap(), seed).await;
            return ExitCode::SUCCESS;
        }
    };
    let figures = figures.unwrap();
    println!("{figures:#?}\n{:.0} s", start.elapsed().as_secs_f64());
    if figures.complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
