//! The truth about the program's health, and what to do about it.

mod view;

use iced::Task;

use super::{Action, Context, Place};
use crate::domain::card::CardState;
use crate::engine::{Connection, Engine, Error, Event, Health};
use crate::gui::Element;

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Read everything again.
    Refresh,
    /// Put the diagnosis on the clipboard.
    Copy,
    /// Show the sendings.
    SeeSendings,
    /// Show the settings.
    SeeSettings,
    /// Back to where the user came from.
    Leave,
    /// The state of everything; `generation` says which reading.
    Read {
        /// Which reading this answers.
        generation: u32,
        /// The state.
        result: Result<Health, Error>,
    },
}

/// The screen.
pub struct Trouble {
    generation: u32,
    card: CardState,
    health: Option<Result<Health, Error>>,
    /// Shown over the lock screen: nothing of the mail is there.
    can_leave: bool,
}

impl Trouble {
    /// The screen, reading everything. `can_leave` gives it a way back, for use over the lock screen.
    pub fn new(engine: &Engine, can_leave: bool) -> (Self, Task<Message>) {
        let mut trouble = Self::with(engine.card(), None, can_leave);
        let task = trouble.read(engine);
        (trouble, task)
    }

    /// The screen with values, asking nothing: for pictures and tests.
    pub fn with(card: CardState, health: Option<Result<Health, Error>>, can_leave: bool) -> Self {
        Self { generation: 0, card, health, can_leave }
    }

    /// The state changes by this table.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Refresh => Action::Run(self.read(engine)),
            Message::Copy => Action::Copy(self.diagnosis()),
            Message::SeeSendings => Action::Go(Place::Sendings),
            Message::SeeSettings => Action::Go(Place::Settings),
            Message::Leave => Action::Close,
            Message::Read { generation, result } => self.was_read(generation, result),
        }
    }

    /// An event of the engine.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            Event::ConnectionChanged(_)
            | Event::CardChanged
            | Event::SessionChanged
            | Event::OutboxChanged(_)
            | Event::Trouble
            | Event::Lagged => Action::Run(self.read(engine)),
            _ => Action::None,
        }
    }

    /// The picture.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        view::page(self, context)
    }

    fn read(&mut self, engine: &Engine) -> Task<Message> {
        self.card = engine.card();
        self.generation += 1;
        let generation = self.generation;
        let engine = engine.clone();
        Task::perform(async move { engine.health().await }, move |result| Message::Read {
            generation,
            result,
        })
    }

    fn was_read(&mut self, generation: u32, result: Result<Health, Error>) -> Action<Message> {
        if generation == self.generation {
            self.health = Some(result);
        }
        Action::None
    }

    /// What a person can send to who helps them: codes and counts; no name, no address, no subject. The names of
    /// accounts are replaced by their number, those of readers and module are the makers'.
    pub fn diagnosis(&self) -> String {
        let mut lines = vec![
            format!("estafette {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS),
            format!("card {}", card_word(&self.card)),
        ];
        match &self.health {
            None => lines.push("health not read".to_owned()),
            Some(Err(error)) => lines.push(format!("health {}", error.code())),
            Some(Ok(health)) => describe(health, &mut lines),
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

fn describe(health: &Health, lines: &mut Vec<String>) {
    lines.push(format!("outbox waiting {} refused {}", health.waiting, health.refused));
    lines.push(format!("readers {}", health.readers.len()));
    lines.extend(health.readers.iter().map(|name| format!("  {name}")));
    let module = health.module.as_deref().map(|path| path.rsplit(['/', '\\']).next().unwrap_or(path));
    lines.push(format!("module {}", module.unwrap_or("none")));
    for (number, account) in health.accounts.iter().enumerate() {
        let connection = match &account.connection {
            Connection::Idle => "idle",
            Connection::Working => "working",
            Connection::UpToDate => "up-to-date",
            Connection::Waiting(error) => error.code(),
        };
        lines.push(format!(
            "account {} {connection} messages {} downloaded {} pending {} last-success {}",
            number + 1,
            account.messages,
            account.downloaded,
            account.pending_changes,
            account.last_success.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        ));
    }
}

fn card_word(card: &CardState) -> &'static str {
    match card {
        CardState::NoService => "no-service",
        CardState::NoReader => "no-reader",
        CardState::NoCard => "no-card",
        CardState::Reading => "reading",
        CardState::NoModule => "no-module",
        CardState::Unreadable => "card-unreadable",
        CardState::NotUsable { .. } => "not-a-cps",
        CardState::Expired { .. } => "card-expired",
        CardState::Locked { .. } => "locked",
        CardState::Unlocked { .. } => "unlocked",
    }
}
