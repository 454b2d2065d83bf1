//! What the benchmarks of `packaging/dev bench` need from the library: a profile to open, the same mail as files, and
//! searches timed beside a peer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    missing_docs
)]

mod maildir;
mod newest;
mod parse;
mod pdf;
mod profile;
mod search;
mod table;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Parts of the benchmarks; run them with packaging/dev bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a profile whose encrypted store holds fictitious messages, its key in `vault.key`
    Profile {
        dir: PathBuf,
        #[arg(long, default_value_t = 10_000)]
        messages: u32,
        /// All in the inbox and without bodies, for long lists
        #[arg(long)]
        headers: bool,
    },
    /// Write the same messages as files
    Files {
        dir: PathBuf,
        #[arg(long, default_value_t = 10_000)]
        messages: u32,
    },
    /// Add messages to a Maildir: median 10 KB, a third with a PDF of 20 to 400 KB, every tenth a result in HPRIM
    Maildir {
        dir: PathBuf,
        /// Number of the first message
        #[arg(long, default_value_t = 0)]
        first: u32,
        #[arg(long, default_value_t = 20_000)]
        messages: u32,
    },
    /// Time an empty profile until the newest messages are in the list
    Newest { profile: PathBuf },
    /// Write a fictitious extraction of the annuaire
    Extraction {
        file: PathBuf,
        #[arg(long, default_value_t = 100_000)]
        lines: usize,
    },
    /// Read messages, and the files of a folder, beside bare mail-parser
    Parse {
        folder: Option<PathBuf>,
        #[arg(long, default_value_t = 2_000)]
        messages: usize,
    },
    /// Draw the first page of a long PDF beside poppler
    Pdf,
    /// Time searches in a profile beside notmuch on the same messages as files
    Search { profile: PathBuf, files: PathBuf },
}

fn main() {
    match Arguments::parse().command {
        Command::Profile { dir, messages, headers: false } => profile::full(&dir, messages),
        Command::Profile { dir, messages, headers: true } => profile::headers(&dir, messages),
        Command::Files { dir, messages } => profile::files(&dir, messages),
        Command::Maildir { dir, first, messages } => maildir::fill(&dir, first, messages),
        Command::Newest { profile } => newest::run(&profile),
        Command::Extraction { file, lines } => {
            std::fs::write(file, estafette::practice::annuaire::extraction(lines, 1)).unwrap();
        }
        Command::Parse { folder, messages } => parse::run(folder.as_deref(), messages),
        Command::Pdf => pdf::run(),
        Command::Search { profile, files } => search::run(&profile, &files),
    }
}
