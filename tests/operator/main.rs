//! The loopback MSSanté operator: real mail servers, a test IGC, a virtual CPS card and a small web server, all on the
//! loopback and in one folder. For tests and demonstration; nothing in it is secret.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr
)]
#![allow(unreachable_pub, missing_docs)]

mod annuaire;
mod aside;
mod card;
mod control;
mod courier;
mod cyrus;
mod decoy;
mod dovecot;
mod forward;
mod http;
mod igc;
mod instance;
mod openid;
mod persona;
mod ports;
mod postfix;
mod process;
mod seed;
mod serve;
mod white_list;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::card::reader::Wish;
use crate::instance::Options;

#[derive(Parser)]
#[command(about = "A loopback MSSanté operator for tests and demonstration")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start in the background and print one JSON line when all is up
    Start(Start),
    /// The same in the foreground
    Serve {
        #[command(flatten)]
        start: Start,
        /// Stop when standard input ends, and remove the folder: an instance of one test program
        #[arg(long)]
        temporary: bool,
    },
    /// Stop the operator of a folder
    Stop(Place),
    /// Print the JSON line of a running operator again
    Info(Place),
    /// Move a virtual card in and out of the reader
    Card {
        #[command(subcommand)]
        action: CardAction,
    },
}

#[derive(Args)]
struct Place {
    /// Folder of the instance
    #[arg(long, default_value_os_t = default_dir())]
    dir: PathBuf,
}

#[derive(Args)]
struct Start {
    #[command(flatten)]
    place: Place,
    /// Messages in each doctor's mailbox
    #[arg(long, default_value_t = 300)]
    messages: usize,
    /// What the mail server can do
    #[arg(long, value_enum, default_value = "whole")]
    server: dovecot::Variant,
    /// The card reader, of which a machine has one
    #[arg(long, value_enum, default_value = "now")]
    reader: ReaderChoice,
    /// A second reader beside it
    #[arg(long)]
    second_reader: bool,
    /// Cyrus and Courier too, for the password accounts
    #[arg(long)]
    others: bool,
    /// A stand-in for Pro Santé Connect; seconds that its access and refresh tokens live
    #[arg(long, value_name = "ACCESS:REFRESH", num_args = 0..=1, require_equals = true, default_missing_value = "120:1800")]
    openid: Option<openid::Lifetimes>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ReaderChoice {
    /// No reader
    None,
    /// Fail when another operator has it
    Now,
    /// Wait until the other operator gives it back
    Wait,
}

#[derive(Subcommand)]
enum CardAction {
    /// Put a card in: leroy, renewed (hers too), martin, benali, expired, revoked, vitale
    Insert {
        name: String,
        #[command(flatten)]
        slot: Slot,
    },
    /// Take the card out
    Remove(Slot),
    /// Say which card is in
    Status(Slot),
    /// Stop the card service: no reader is seen any more
    StopService(Place),
    /// Start it again
    StartService {
        #[command(flatten)]
        place: Place,
        /// With no reader plugged in
        #[arg(long)]
        bare: bool,
    },
}

#[derive(Args)]
struct Slot {
    #[command(flatten)]
    place: Place,
    /// In the second reader
    #[arg(long)]
    second: bool,
}

impl Slot {
    /// The request for this slot.
    fn asks(self, verb: &str, name: &str) -> (Place, String) {
        let number = if self.second { "-2" } else { "" };
        (self.place, format!("{verb}{number} {name}").trim().to_owned())
    }
}

fn default_dir() -> PathBuf {
    std::env::temp_dir().join("estafette-operator")
}

impl Start {
    fn options(self) -> Options {
        let reader = match self.reader {
            ReaderChoice::None => Wish::None,
            ReaderChoice::Now => Wish::Now,
            ReaderChoice::Wait => Wish::Wait,
        };
        Options {
            dir: std::path::absolute(&self.place.dir).unwrap_or(self.place.dir),
            messages: self.messages,
            server: self.server,
            reader,
            second_reader: self.second_reader,
            others: self.others,
            openid: self.openid,
        }
    }
}

fn run(command: Command) -> Result<()> {
    let (place, request) = match command {
        Command::Start(start) => return serve::in_background(&start.options()),
        Command::Serve { start, temporary } => return serve::in_foreground(&start.options(), temporary),
        Command::Stop(place) => return serve::stop(&place.dir),
        Command::Info(place) => (place, "info".to_owned()),
        Command::Card { action } => match action {
            CardAction::Insert { name, slot } => slot.asks("insert", &name),
            CardAction::Remove(slot) => slot.asks("remove", ""),
            CardAction::Status(slot) => slot.asks("status", ""),
            CardAction::StopService(place) => (place, "stop-service".to_owned()),
            CardAction::StartService { place, bare } => {
                (place, if bare { "start-bare-service" } else { "start-service" }.to_owned())
            }
        },
    };
    println!("{}", control::ask(&place.dir, &request)?);
    Ok(())
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("operator: {error:#}");
            ExitCode::FAILURE
        }
    }
}
