//! Reading without the card, and the recovery code: what the first screen offers beside card and PIN.

use std::fmt;

use iced::Task;
use iced::widget::{column, row};
use iced::{Alignment, Length};
use zeroize::Zeroizing;

use super::Message as Outer;
use crate::domain::recovery::RecoveryCode;
use crate::engine::{Engine, Error, WaysIn};
use crate::gui::theme::space as gap;
use crate::gui::{Element, screen::Context, ui};

/// Longest text the field takes: a code with a few separators.
const LONGEST: usize = 80;

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// What the store that would be opened allows.
    Ways(WaysIn),
    /// Show the field.
    Show,
    /// Take it away again.
    Hide,
    /// The code is being typed.
    Typed(Typed),
    /// Enter in the field: on to the PIN where a card waits for it, else read with the code alone.
    Submit,
    /// Read with the code alone.
    Open,
}

/// What is being typed: wiped when dropped, never printed.
#[derive(Clone, Default)]
pub struct Typed(Zeroizing<String>);

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

impl Typed {
    /// As it is shown in its field.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The code, if anything was typed.
    ///
    /// # Errors
    /// What is mistyped.
    pub fn code(&self) -> Result<Option<RecoveryCode>, Error> {
        if self.0.trim().is_empty() { Ok(None) } else { Ok(Some(RecoveryCode::parse(&self.0)?)) }
    }
}

impl From<String> for Typed {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

/// The part of the screen.
#[derive(Default)]
pub(super) struct Recovery {
    pub(super) ways: WaysIn,
    typed: Option<Typed>,
}

impl Recovery {
    /// Asks what the store of the card that is in, or of the profile, allows.
    pub(super) fn ask(engine: &Engine) -> Task<Outer> {
        let engine = engine.clone();
        Task::perform(async move { engine.ways_in().await }, |ways| Outer::Recovery(Message::Ways(ways)))
    }

    pub(super) fn show(&mut self) {
        self.typed.get_or_insert_default();
    }

    pub(super) fn hide(&mut self) {
        self.typed = None;
    }

    pub(super) fn typed(&mut self, typed: Typed) {
        if self.typed.is_some() && typed.0.len() <= LONGEST {
            self.typed = Some(typed);
        }
    }

    /// The code in the field, if anything was typed.
    pub(super) fn code(&self) -> Result<Option<RecoveryCode>, Error> {
        self.typed.as_ref().map_or(Ok(None), Typed::code)
    }

    /// The field, while it is shown.
    pub(super) fn part<'a>(&'a self, has_card: bool, context: Context<'a>) -> Option<Element<'a, Outer>> {
        let (look, typed) = (context.look, self.typed.as_ref()?);
        let say = |message| Outer::Recovery(message);
        let field = ui::field(look, "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX", &typed.0)
            .id("recovery-code")
            .on_input(move |text| say(Message::Typed(text.into())))
            .on_submit(say(Message::Submit));
        let is_empty = typed.0.trim().is_empty();
        let open = ui::secondary(look, context.text("welcome-recovery-open"))
            .on_press_maybe((!is_empty).then(|| say(Message::Open)));
        let hint = if has_card { "welcome-recovery-card" } else { "welcome-recovery-detail" };
        let hide = ui::link(look, context.text("settings-cancel")).on_press(say(Message::Hide));
        let buttons = row![open, hide].spacing(gap::S).align_y(Alignment::Center);
        let content = column![
            ui::labelled(look, context.text("welcome-recovery-label"), field.width(Length::Fill), None),
            ui::caption(look, context.text(hint)),
            buttons,
        ];
        Some(content.spacing(gap::S).into())
    }

    /// The links that lead here.
    pub(super) fn link<'a>(&self, context: Context<'a>) -> Option<Element<'a, Outer>> {
        let is_offered = self.ways.recovery && self.typed.is_none();
        is_offered.then(|| {
            ui::link(context.look, context.text("welcome-recovery"))
                .on_press(Outer::Recovery(Message::Show))
                .into()
        })
    }
}
