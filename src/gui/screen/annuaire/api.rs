//! What the Annuaire Santé says of one person now: asked by hand, with the user's key. The card never waits for it.

use iced::widget::{column, row};
use iced::{Alignment, Length, Task};

use super::card::place_view;
use super::detail::Message as Change;
use super::view::join;
use super::{Message, detail};
use crate::domain::person::Person;
use crate::engine::{ApiDetail, ApiMailbox, Engine, Error, Result};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::{Element, ui};

/// Where the question is.
#[derive(Debug, Default)]
pub(super) enum Api {
    /// There is no key, or nobody to ask about.
    #[default]
    Off,
    /// It can be asked.
    Offered,
    /// The answer is awaited.
    Asked,
    /// The answer; `None` when it knows nobody by the number.
    Answered(Option<Box<ApiDetail>>),
    /// It cannot be had.
    Failed(Error),
}

/// Looks whether the API can be asked about a person.
pub(super) fn offer(engine: &Engine, person: &Person) -> Task<detail::Message> {
    if person.rpps().is_none() {
        return Task::none();
    }
    let (engine, key) = (engine.clone(), person.key.clone());
    Task::perform(async move { engine.has_api_key().await.unwrap_or_default() }, move |has_key| {
        detail::Message::ApiOffered(key.clone(), has_key)
    })
}

/// Asks it.
pub(super) fn ask(engine: &Engine, person: &Person) -> Task<detail::Message> {
    let (engine, person) = (engine.clone(), person.clone());
    let key = person.key.clone();
    let asking = async move { engine.ask_api(&person).await };
    Task::perform(asking, move |result: Result<Option<ApiDetail>>| {
        detail::Message::ApiRead(key.clone(), result.map(|found| found.map(Box::new)))
    })
}

/// The part of the card.
pub(super) fn view<'a>(api: &'a Api, person: &Person, context: Context<'a>) -> Option<Element<'a, Message>> {
    let look = context.look;
    let again = |key: &str| {
        ui::secondary(look, context.text(key))
            .icon(Icon::Sync)
            .id("annuaire-api")
            .on_press(Message::Detail(Change::AskApi))
    };
    Some(match api {
        Api::Off => return None,
        Api::Offered => row![again("annuaire-api-ask")].into(),
        Api::Asked => {
            column![ui::caption(look, context.text("annuaire-api-asked")), ui::progress(look, None)]
                .spacing(space::XS)
                .into()
        }
        Api::Failed(error) => {
            let sentence = context.wording.error(error);
            let buttons = vec![again("annuaire-api-again").into()];
            ui::banner(look, Tone::Warning, sentence.what, sentence.advice, buttons)
        }
        Api::Answered(None) => {
            let (what, detail) =
                (context.text("annuaire-api-nobody"), context.text("annuaire-api-nobody-detail"));
            ui::banner(look, Tone::Warning, what, detail, Vec::new())
        }
        Api::Answered(Some(answer)) => answered(answer, person, context),
    })
}

fn answered<'a>(answer: &'a ApiDetail, person: &Person, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let day = answer.updated.parse::<jiff::Timestamp>().map(|at| context.wording.day(at.as_second()));
    let since = match day {
        Ok(day) => context.with("annuaire-api-updated", &[("date", &day)]),
        Err(_) => context.text("annuaire-api-undated"),
    };
    let (tone, what) = match answer.active {
        true => (Tone::Good, "annuaire-api-active"),
        false => (Tone::Alarm, "annuaire-api-inactive"),
    };
    let mut content =
        column![ui::banner(look, tone, context.text(what), since, Vec::new())].spacing(space::M);
    for mailbox in &person.mailboxes {
        let is_there =
            |known: &ApiMailbox| known.address.as_str().eq_ignore_ascii_case(mailbox.address.as_str());
        if !answer.mailboxes.iter().any(is_there) {
            let address = [("address", mailbox.address.as_str())];
            let what = context.with("annuaire-api-address-gone", &address);
            let detail = context.text("annuaire-api-address-gone-detail");
            content = content.push(ui::banner(look, Tone::Warning, what, detail, Vec::new()));
        }
    }
    for mailbox in &answer.mailboxes {
        if person.mailbox(mailbox.address.as_str()).is_none() {
            content = content.push(new_mailbox(mailbox, context));
        }
    }
    let places = answer.places.iter().filter(|place| !person.places.contains(place));
    content.extend(places.map(|place| place_view(place, context))).into()
}

/// An address the file of the day did not have.
fn new_mailbox<'a>(mailbox: &'a ApiMailbox, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let service = join([&context.text("annuaire-api-address-new"), &mailbox.service]);
    let words = column![ui::caption(look, service), ui::body(look, mailbox.address.as_str())];
    let write = ui::secondary(look, context.text("annuaire-write"))
        .icon(Icon::Compose)
        .on_press(Message::WriteTyped(mailbox.address.clone()));
    let line = row![words.width(Length::Fill), write].spacing(space::S).align_y(Alignment::Center);
    ui::card(look, line).width(Length::Fill).into()
}
