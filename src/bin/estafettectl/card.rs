//! `estafettectl card`.

use estafette::domain::card::{CardInReader, CardState};
use estafette::engine::{Error, ErrorKind};

use crate::args::CardCommand;
use crate::output::{Failure, Output, say};
use crate::session::{Context, read_secret};

pub(crate) async fn run(context: &Context, command: CardCommand, output: &Output) -> Result<(), Failure> {
    match command {
        CardCommand::Status => {
            let state = context.card().await;
            output.answer(&state, || say!("{}", sentence(&state, output)));
            Ok(())
        }
        CardCommand::Watch => watch(context, output).await,
        CardCommand::List => {
            context.card().await;
            list(&context.engine.cards(), output);
            Ok(())
        }
        CardCommand::Choose { card } => choose(context, &card, output).await,
        CardCommand::Unblock { puk_file, new_pin_file } => {
            let (puk, pin) = (read_secret(&puk_file)?, read_secret(&new_pin_file)?);
            context.card().await;
            context.engine.unblock_card(puk, pin).await?;
            let state = context.engine.card();
            output.answer(&state, || say!("{}", output.wording.text("cli-card-unblocked")));
            Ok(())
        }
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

fn list(cards: &[CardInReader], output: &Output) {
    output.answer(&cards, || {
        for card in cards {
            let holder = card.holder.as_ref().map(|holder| holder.display_name()).unwrap_or_default();
            let mark = if card.is_selected { output.wording.text("cli-card-in-use") } else { String::new() };
            let parts = [card.reader.clone(), holder, card.kind.generation().to_owned(), mark];
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            say!("{}", parts.join(" · "));
        }
    });
}

/// By the reader's name, the holder's national identifier or the card's number.
async fn choose(context: &Context, wanted: &str, output: &Output) -> Result<(), Failure> {
    context.card().await;
    let cards = context.engine.cards();
    let is_meant = |card: &&CardInReader| {
        let of_holder = card.holder.as_ref().is_some_and(|holder| {
            holder.national_id == wanted
                || holder.rpps() == Some(wanted)
                || holder.card_number.as_deref() == Some(wanted)
        });
        card.reader == wanted || of_holder
    };
    let Some(card) = cards.iter().find(is_meant) else {
        return Err(Error::new(ErrorKind::NeedsCard, "no-card").into());
    };
    context.engine.choose_card(&card.reader).await?;
    let state = context.card().await;
    output.answer(&state, || say!("{}", sentence(&state, output)));
    Ok(())
}

/// The state in words, with the holder where there is one.
pub(crate) fn sentence(state: &CardState, output: &Output) -> String {
    let words = output.wording.text(&format!("cli-card-{}", state.word()));
    let Some(holder) = state.holder() else { return words };
    let number = holder.rpps().unwrap_or(&holder.national_id);
    let mut parts = vec![holder.display_name(), holder.title.clone(), number.to_owned(), words];
    if let Some(days) = holder.days_left(jiff::Timestamp::now().as_second()) {
        parts.push(output.wording.with("cli-card-days-left", &[("days", &days.to_string())]));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}
