//! `estafettectl`: the engine from a terminal, for people and for scripts.

mod account;
mod archive;
mod args;
mod card;
mod contact;
mod directory;
mod doctor;
mod document;
mod export;
mod filing;
mod ldap;
mod mail;
mod open;
mod output;
mod patient;
mod print;
mod send;
mod session;
mod vault;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use output::{Failure, Output};

fn main() -> ExitCode {
    estafette::log::start();
    estafette::engine::forbid_core_dumps();
    if let Some(status) = estafette::engine::host_card_module() {
        return status;
    }
    // no dialog of the desktop is ever shown from here
    estafette::engine::close_to_others();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // clap prints help and version on standard output, mistakes on standard error
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let output = Output::new(args.json, args.lang.as_deref());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&Failure::Usage(error.to_string())),
    };
    match runtime.block_on(run(args, &output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.fail(&failure),
    }
}

async fn run(args: Args, output: &Output) -> Result<(), Failure> {
    if let Command::Document(command) = &args.command {
        return document::run(command, output);
    }
    if let Command::Open { link } = &args.command {
        return open::run(&args, link, output).await;
    }
    let context = session::Context::start(&args)?;
    let done = match args.command {
        Command::Account(command) => account::run(&context, command, output).await,
        Command::Card(command) => card::run(&context, command, output).await,
        Command::Annuaire(command) => directory::run(&context, command, output).await,
        Command::Doctor { anonymous } => doctor::run(&context, anonymous, output).await,
        Command::Vault(command) => vault::run(&context, command, output).await,
        Command::Send(command) => send::send(&context, command, output).await,
        Command::Receipt { id, decline } => send::receipt(&context, id, decline, output).await,
        Command::Print { id, document, out } => print::run(&context, id, document, &out, output).await,
        Command::Archive(command) => archive::run(&context, command, output).await,
        Command::Export(command) => export::export(&context, command, output).await,
        Command::Import { files, archive: true, .. } => {
            export::import_into_archive(&context, files, output).await
        }
        Command::Import { files, folder, .. } => export::import(&context, files, folder, output).await,
        Command::Outbox(command) => send::outbox(&context, command, output).await,
        Command::Patient(command) => patient::run(&context, command, output).await,
        Command::Document(_) | Command::Open { .. } => Ok(()),
        Command::File { undo: Some(gesture), .. } => filing::undo(&context, gesture, output).await,
        Command::File { ids, to, again, .. } => filing::file(&context, &ids, &to, again, output).await,
        Command::Destination(command) => filing::destination(&context, command, output).await,
        Command::Rule(command) => filing::rule(&context, command, output).await,
        other => mail::run(&context, other, output).await,
    };
    context.engine.shutdown().await;
    done
}
