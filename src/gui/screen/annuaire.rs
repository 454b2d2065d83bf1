//! The national directory: search while typing, one person in detail, addresses to copy or write to. Shown as a panel
//! beside any screen and as a screen of its own.

mod view;

use iced::Task;

use crate::domain::address::EmailAddress;
use crate::domain::person::Person;
use crate::engine::{AnnuaireStatus, Engine, Error, Event, People, PeopleQuery, Result};
use crate::gui::screen::Action;
use crate::gui::shortcut::Command;
use crate::gui::widget::ListEvent;

pub use view::FIELD;
use view::unlisted;

/// Fewest characters that start a search.
const SHORTEST_QUERY: usize = 2;
/// Results asked for.
const MOST_RESULTS: u32 = 60;

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Search text was typed.
    Typed(String),
    /// Something happened in the results.
    List(ListEvent),
    /// Enter in the field: takes the person pointed at, or the address typed.
    Accept,
    /// Closes the detail, else the panel.
    Back,
    /// Writes to a mailbox of the person shown, by position.
    Write(usize),
    /// Writes to the address typed.
    WriteTyped(EmailAddress),
    /// Copies an address.
    Copy(EmailAddress),
    /// The annuaire answered.
    Found {
        /// Which search this answers.
        generation: u64,
        /// People.
        result: Result<People>,
    },
    /// What is loaded.
    StatusRead(Result<AnnuaireStatus>),
}

#[derive(Debug, Default)]
enum Results {
    /// Nothing was typed.
    #[default]
    Blank,
    /// Asked, with no earlier results.
    Searching,
    /// The answer.
    Found(People),
    /// It cannot be asked.
    Failed(Error),
}

/// The panel.
#[derive(Debug, Default)]
pub struct Annuaire {
    query: String,
    generation: u64,
    results: Results,
    cursor: Option<usize>,
    detail: Option<Person>,
    copied: Option<EmailAddress>,
    status: Option<AnnuaireStatus>,
}

impl Annuaire {
    /// An empty panel, and the task that reads the date of the data.
    pub fn new(engine: &Engine) -> (Self, Task<Message>) {
        (Self::default(), Self::read_status(engine))
    }

    /// A panel that starts with a search, for "look for this address".
    pub fn searching(engine: &Engine, query: String) -> (Self, Task<Message>) {
        let mut annuaire = Self::default();
        let task = match annuaire.typed(engine, query) {
            Action::Run(task) => task,
            _ => Task::none(),
        };
        (annuaire, Task::batch([task, Self::read_status(engine)]))
    }

    fn read_status(engine: &Engine) -> Task<Message> {
        let engine = engine.clone();
        Task::perform(async move { engine.annuaire_status().await }, Message::StatusRead)
    }

    /// Carries out one message.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Typed(query) => self.typed(engine, query),
            Message::List(event) => self.list(event),
            Message::Accept => self.accept(),
            Message::Back => self.back(),
            Message::Write(index) => self.write(index),
            Message::WriteTyped(address) => Action::WriteTo(Box::new(unlisted(address)), 0),
            Message::Copy(address) => self.copy(address),
            Message::Found { generation, result } => self.found(generation, result),
            Message::StatusRead(result) => self.status_read(result),
        }
    }

    /// Reads again what an event says has changed.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            Event::AnnuaireChanged | Event::SessionChanged | Event::Lagged => self.start_over(engine),
            _ => Action::None,
        }
    }

    /// Carries out a command of the keyboard.
    pub fn on_command(&mut self, _engine: &Engine, command: Command) -> Action<Message> {
        match command {
            Command::Search => Action::Run(iced::widget::operation::focus(FIELD)),
            Command::Back => self.back(),
            _ => Action::None,
        }
    }

    fn start_over(&mut self, engine: &Engine) -> Action<Message> {
        let query = self.query.clone();
        match self.typed(engine, query) {
            Action::Run(task) => Action::Run(Task::batch([task, Self::read_status(engine)])),
            _ => Action::Run(Self::read_status(engine)),
        }
    }

    fn typed(&mut self, engine: &Engine, query: String) -> Action<Message> {
        self.query = query;
        self.generation += 1;
        self.cursor = None;
        self.detail = None;
        let text = self.query.trim().to_owned();
        if text.chars().count() < SHORTEST_QUERY {
            self.results = Results::Blank;
            return Action::None;
        }
        if !matches!(self.results, Results::Found(_)) {
            self.results = Results::Searching;
        }
        let generation = self.generation;
        let engine = engine.clone();
        let query = PeopleQuery { text, limit: MOST_RESULTS, ..PeopleQuery::default() };
        Action::Run(Task::perform(async move { engine.people(query).await }, move |result| Message::Found {
            generation,
            result,
        }))
    }

    fn found(&mut self, generation: u64, result: Result<People>) -> Action<Message> {
        if generation == self.generation {
            self.results = match result {
                Ok(people) => Results::Found(people),
                Err(error) => Results::Failed(error),
            };
        }
        Action::None
    }

    fn status_read(&mut self, result: Result<AnnuaireStatus>) -> Action<Message> {
        self.status = result.ok();
        Action::None
    }

    fn has_near(&self) -> bool {
        matches!(&self.results, Results::Found(found) if !found.near.is_empty())
    }

    fn people(&self) -> &[Person] {
        match &self.results {
            Results::Found(found) => &found.people,
            _ => &[],
        }
    }

    /// The person of a row: exact matches, a heading, then near spellings.
    fn entry(&self, row: usize) -> Option<&Person> {
        let Results::Found(found) = &self.results else { return None };
        match row.checked_sub(found.people.len()) {
            None => found.people.get(row),
            Some(after) => found.near.get(after.checked_sub(1)?),
        }
    }

    /// The typed text, when it is an address.
    fn typed_address(&self) -> Option<EmailAddress> {
        EmailAddress::parse(&self.query).ok()
    }

    fn list(&mut self, event: ListEvent) -> Action<Message> {
        match event {
            ListEvent::Select { row, .. } => self.point(row as usize),
            ListEvent::Activate(row) => self.activate(row as usize),
            ListEvent::Visible(_) | ListEvent::SelectAll => Action::None,
        }
    }

    /// Shows somebody in detail beside the results.
    fn point(&mut self, index: usize) -> Action<Message> {
        self.detail = self.entry(index).cloned();
        self.cursor = self.detail.is_some().then_some(index);
        self.copied = None;
        Action::None
    }

    /// Writes to somebody with one mailbox; with several the user says which.
    fn activate(&mut self, index: usize) -> Action<Message> {
        self.point(index);
        match &self.detail {
            Some(person) if person.mailboxes.len() == 1 => self.write(0),
            _ => Action::None,
        }
    }

    fn write(&self, index: usize) -> Action<Message> {
        match &self.detail {
            Some(person) => Action::WriteTo(Box::new(person.clone()), index),
            None => Action::None,
        }
    }

    /// Takes the person pointed at; without one, a sole result is only shown and a typed address is written to: among
    /// several nothing is chosen for the user.
    fn accept(&mut self) -> Action<Message> {
        match (self.cursor, self.people().len(), self.typed_address()) {
            (Some(at), _, _) => self.activate(at),
            (None, 1, _) if !self.has_near() => self.point(0),
            (None, 0, Some(address)) => Action::WriteTo(Box::new(unlisted(address)), 0),
            _ => Action::None,
        }
    }

    fn back(&mut self) -> Action<Message> {
        self.cursor = None;
        match self.detail.take() {
            Some(_) => Action::None,
            None => Action::Close,
        }
    }

    fn copy(&mut self, address: EmailAddress) -> Action<Message> {
        let task = iced::clipboard::write(address.to_string());
        self.copied = Some(address);
        Action::Run(task)
    }
}
