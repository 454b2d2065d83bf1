//! Messages on their way out: where each stands, what the server said of each recipient, and what the user can do.

mod view;

use std::collections::HashSet;

use iced::Task;

use crate::domain::draft::Draft;
use crate::domain::id::{DraftId, OutboxId};
use crate::domain::outbox::{OutboxEntry, OutboxState, RecipientState};
use crate::engine::{Engine, Error, Event, Result};
use crate::gui::screen::{Action, Notice};
use crate::gui::shortcut::Command;

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows or hides the details of a message.
    Toggle(OutboxId),
    /// Takes a message back: it becomes a draft.
    Cancel(OutboxId),
    /// Takes a message back and opens it for writing.
    EditAgain(OutboxId),
    /// Tries again now.
    Retry(OutboxId),
    /// Says that a message whose answer was lost arrived.
    Settle(OutboxId),
    /// The outbox came.
    Loaded {
        /// Which reading this answers.
        generation: u64,
        /// Messages, newest first.
        result: Result<Vec<OutboxEntry>>,
    },
    /// A message is a draft again.
    Cancelled {
        /// Open it for writing.
        edit: bool,
        /// The draft; `None` when it is gone from the store.
        result: Result<Option<(DraftId, Box<Draft>)>>,
    },
    /// A new try, or that the message arrived, was written down, or not.
    Retried(Result<()>),
}

#[derive(Debug)]
enum List {
    Loading,
    Loaded(Vec<OutboxEntry>),
    Failed(Error),
}

/// The screen.
#[derive(Debug)]
pub struct Sendings {
    generation: u64,
    list: List,
    open: HashSet<OutboxId>,
    /// Commands given whose answer is awaited: their buttons are off.
    busy: HashSet<OutboxId>,
}

impl Sendings {
    /// An empty screen, and the task that fills it.
    pub fn new(engine: &Engine) -> (Self, Task<Message>) {
        let mut sendings =
            Self { generation: 0, list: List::Loading, open: HashSet::new(), busy: HashSet::new() };
        let task = sendings.load(engine);
        (sendings, task)
    }

    /// Carries out one message.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Toggle(id) => self.toggle(id),
            Message::Cancel(id) => self.cancel(engine, id, false),
            Message::EditAgain(id) => self.cancel(engine, id, true),
            Message::Retry(id) => self.retry(engine, id),
            Message::Settle(id) => self.settle(engine, id),
            Message::Loaded { generation, result } => self.loaded(generation, result),
            Message::Cancelled { edit, result } => self.cancelled(edit, result),
            Message::Retried(result) => self.retried(result),
        }
    }

    /// Reads again what an event says has changed.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            Event::OutboxChanged(_) | Event::SessionChanged | Event::Lagged => Action::Run(self.load(engine)),
            _ => Action::None,
        }
    }

    /// No command of the keyboard is this screen's own.
    pub fn on_command(&mut self, _engine: &Engine, _command: Command) -> Action<Message> {
        Action::None
    }

    /// Messages that need the user, for the mark on the rail.
    pub fn needing_attention(&self) -> usize {
        self.entries().iter().filter(|entry| needs_attention(entry)).count()
    }

    fn entries(&self) -> &[OutboxEntry] {
        match &self.list {
            List::Loaded(entries) => entries,
            _ => &[],
        }
    }

    fn entry(&self, id: OutboxId) -> Option<&OutboxEntry> {
        self.entries().iter().find(|entry| entry.id == id)
    }

    fn load(&mut self, engine: &Engine) -> Task<Message> {
        self.generation += 1;
        let generation = self.generation;
        let engine = engine.clone();
        Task::perform(async move { engine.outbox().await }, move |result| Message::Loaded {
            generation,
            result,
        })
    }

    fn loaded(&mut self, generation: u64, result: Result<Vec<OutboxEntry>>) -> Action<Message> {
        if generation == self.generation {
            self.busy.clear();
            self.list = match result {
                Ok(entries) => List::Loaded(entries),
                Err(error) => List::Failed(error),
            };
        }
        Action::None
    }

    fn toggle(&mut self, id: OutboxId) -> Action<Message> {
        if !self.open.remove(&id) {
            self.open.insert(id);
        }
        Action::None
    }

    fn cancel(&mut self, engine: &Engine, id: OutboxId, edit: bool) -> Action<Message> {
        if !self.entry(id).is_some_and(OutboxEntry::can_cancel) || !self.busy.insert(id) {
            return Action::None;
        }
        let engine = engine.clone();
        let work = async move {
            let id = engine.cancel(id).await?;
            Ok(engine.draft(id).await?.map(|draft| (id, Box::new(draft))))
        };
        Action::Run(Task::perform(work, move |result| Message::Cancelled { edit, result }))
    }

    fn cancelled(&mut self, edit: bool, result: Result<Option<(DraftId, Box<Draft>)>>) -> Action<Message> {
        self.busy.clear();
        match result {
            Ok(Some((id, draft))) if edit => Action::Compose(draft, Some(id)),
            Ok(_) => Action::Tell(Notice::Done("sendings-cancelled")),
            Err(error) => Action::Tell(Notice::Failed(error)),
        }
    }

    fn retry(&mut self, engine: &Engine, id: OutboxId) -> Action<Message> {
        if !self.entry(id).is_some_and(can_retry) || !self.busy.insert(id) {
            return Action::None;
        }
        let engine = engine.clone();
        Action::Run(Task::perform(async move { engine.retry(id).await }, Message::Retried))
    }

    fn settle(&mut self, engine: &Engine, id: OutboxId) -> Action<Message> {
        if !self.entry(id).is_some_and(OutboxEntry::can_settle) || !self.busy.insert(id) {
            return Action::None;
        }
        let engine = engine.clone();
        Action::Run(Task::perform(async move { engine.settle(id).await }, Message::Retried))
    }

    fn retried(&mut self, result: Result<()>) -> Action<Message> {
        self.busy.clear();
        match result {
            Ok(()) => Action::None,
            Err(error) => Action::Tell(Notice::Failed(error)),
        }
    }
}

/// The user must decide or correct something.
fn needs_attention(entry: &OutboxEntry) -> bool {
    matches!(entry.state, OutboxState::Refused | OutboxState::NeedsUser)
        || entry
            .recipients
            .iter()
            .any(|r| matches!(r.state, RecipientState::Refused { .. }) || r.follow_up.has_failed())
}

/// A new try makes sense: nothing is being sent and the message has not left.
fn can_retry(entry: &OutboxEntry) -> bool {
    matches!(entry.state, OutboxState::Queued | OutboxState::Refused | OutboxState::NeedsUser)
}
