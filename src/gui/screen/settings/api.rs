//! The key of the Annuaire Santé API: with it, a person's card can be checked against the registry of the moment.

use iced::widget::{column, container, row};
use iced::{Alignment, Length, Task};
use zeroize::Zeroizing;

use super::network::Typed;
use super::{Action, Message as Outer, Notice};
use crate::domain::secret::Secret;
use crate::engine::{Engine, Error};
use crate::gui::theme::space as gap;
use crate::gui::{Element, screen::Context, ui};

/// Longest key taken: theirs have 36 characters.
const LONGEST: usize = 256;

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Whether a key is kept.
    Read(Result<bool, Error>),
    /// The key is being typed.
    Typed(Typed),
    /// Keep it.
    Keep,
    /// Forget the one kept.
    Forget,
    /// It was kept, or forgotten, or not.
    Kept(bool, Result<(), Error>),
}

/// What is known and typed.
#[derive(Default)]
pub(super) struct Api {
    has_key: bool,
    typed: Zeroizing<String>,
}

impl Api {
    pub(super) fn read(engine: &Engine) -> Task<Outer> {
        let engine = engine.clone();
        Task::perform(async move { engine.has_api_key().await }, |read| Outer::Api(Message::Read(read)))
    }

    pub(super) fn update(&mut self, engine: &Engine, message: Message) -> Action<Outer> {
        match message {
            Message::Read(result) => {
                self.has_key = result.unwrap_or_default();
                Action::None
            }
            Message::Typed(Typed(text)) => {
                if text.len() <= LONGEST {
                    self.typed = text;
                }
                Action::None
            }
            Message::Keep if self.typed.trim().is_empty() => Action::None,
            Message::Keep => {
                let key = Secret::new(self.typed.trim().to_owned());
                self.typed = Zeroizing::default();
                Self::set(engine, key, true)
            }
            Message::Forget => Self::set(engine, Secret::new(String::new()), false),
            Message::Kept(has_key, Ok(())) => {
                self.has_key = has_key;
                let notice = if has_key { "notice-api-key-kept" } else { "notice-api-key-forgotten" };
                Action::Tell(Notice::Done(notice))
            }
            Message::Kept(_, Err(error)) => Action::Tell(Notice::Failed(error)),
        }
    }

    fn set(engine: &Engine, key: Secret, has_key: bool) -> Action<Outer> {
        let engine = engine.clone();
        Action::run(async move { engine.set_api_key(key, None).await }, move |result| {
            Outer::Api(Message::Kept(has_key, result))
        })
    }

    pub(super) fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Outer> {
        let look = context.look;
        let say = Outer::Api;
        let hint = if self.has_key { context.text("settings-api-key-kept") } else { String::new() };
        let field = ui::field(look, &hint, &self.typed)
            .id("api-key")
            .secure(true)
            .on_input(move |text| say(Message::Typed(Typed(Zeroizing::new(text)))))
            .on_submit(say(Message::Keep));
        let can_keep = !self.typed.trim().is_empty();
        let keep = ui::secondary(look, context.text("settings-api-key-keep"))
            .on_press_maybe(can_keep.then(|| say(Message::Keep)));
        let field = ui::labelled(look, context.text("settings-api-key"), field, None);
        let mut line = row![container(field).width(Length::Fill), keep].spacing(gap::S);
        if self.has_key {
            let forget = ui::quiet(look, context.text("settings-api-key-forget"));
            line = line.push(forget.on_press(say(Message::Forget)));
        }
        let detail = ui::caption(look, context.text("settings-api-key-detail"));
        column![line.align_y(Alignment::End), detail].spacing(gap::XS).into()
    }
}
