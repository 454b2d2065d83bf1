//! `estafettectl card`.

use estafette::domain::card::{CardKind, CardState, PinTries};

use crate::args::CardCommand;
use crate::output::{Failure, Output, say};
use crate::session::Context;

pub(crate) async fn run(context: &Context, command: CardCommand, output: &Output) -> Result<(), Failure> {
    match command {
        CardCommand::Status => {
            let state = context.card().await;
            output.answer(&state, || say!("{}", sentence(&state, output)));
            Ok(())
        }
        CardCommand::Watch => watch(context, output).await,
    }
}

/// One line per change, starting with the present state.
async fn watch(context: &Context, output: &Output) -> Result<(), Failure> {
    let mut events = context.engine.events();
    let mut shown = None;
    loop {
        let state = context.engine.card();
        if shown.as_ref() != Some(&state) {
            output.answer(&state, || say!("{}", sentence(&state, output)));
            shown = Some(state);
        }
        tokio::select! {
            event = events.next() => match event {
                Some(_) => {}
                None => return Ok(()),
            },
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

/// The state as the end of a key.
fn state_word(state: &CardState) -> &'static str {
    match state {
        CardState::NoService => "no-service",
        CardState::NoReader => "no-reader",
        CardState::NoCard => "no-card",
        CardState::Reading => "reading",
        CardState::NoModule => "no-module",
        CardState::Unreadable => "unreadable",
        CardState::NotUsable { kind: CardKind::Vitale } => "vitale",
        CardState::NotUsable { kind: CardKind::Cps3Contactless } => "contactless",
        CardState::NotUsable { .. } => "not-a-cps",
        CardState::Expired { .. } => "expired",
        CardState::Locked { tries: PinTries::Blocked, .. } => "blocked",
        CardState::Locked { tries: PinTries::Last, .. } => "last-try",
        CardState::Locked { .. } => "locked",
        CardState::Unlocked { .. } => "unlocked",
    }
}

/// The state in words, with the holder where there is one.
pub(crate) fn sentence(state: &CardState, output: &Output) -> String {
    let words = output.wording.text(&format!("cli-card-{}", state_word(state)));
    match state.holder() {
        Some(holder) => format!("{} · {} · {}", holder.display_name(), holder.title, words),
        None => words,
    }
}
