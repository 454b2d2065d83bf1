//! `estafettectl open`: a link for the program with a window.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use estafette::domain::link::Link;
use estafette::engine::{Error, ErrorKind, default_profile, hand_over};
use serde_json::json;

use crate::args::Args;
use crate::output::{Failure, Output};

/// The link is read here first: a hostile one starts nothing.
pub(crate) async fn run(args: &Args, link: &str, output: &Output) -> Result<(), Failure> {
    Link::parse(link).map_err(Error::from)?;
    let profile = args.profile.clone().unwrap_or_else(default_profile);
    let handed = hand_over(&profile, link).await?;
    if !handed {
        start(args, link)?;
    }
    output.answer(&json!({"handed_over": handed, "started": !handed}), || {});
    Ok(())
}

/// Starts the program that lies beside this one.
fn start(args: &Args, link: &str) -> Result<(), Failure> {
    let missing = || Failure::from(Error::new(ErrorKind::NeedsUser, "program-missing"));
    let name = if cfg!(windows) { "estafette.exe" } else { "estafette" };
    let program: PathBuf = std::env::current_exe().map_err(|_| missing())?.with_file_name(name);
    let mut command = Command::new(program);
    let options = [
        ("--profile", &args.profile),
        ("--vault-key-file", &args.vault_key_file),
        ("--module", &args.module),
    ];
    for (option, value) in options {
        if let Some(value) = value {
            command.arg(option).arg(value);
        }
    }
    command.arg("--").arg(link).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop).map_err(|_| missing())
}
