//! The truth about the program's health, and what to do about it.

mod account;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use iced::Task;

use super::{Action, Context, Notice, Place};
use crate::domain::card::CardState;
use crate::domain::id::AccountId;
use crate::engine::{Connection, Engine, Error, Event, Health, Scope, SyncReport};
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
    /// Show or hide the details of an account.
    Unfold(AccountId),
    /// Synchronise an account now.
    TryNow(AccountId),
    /// It was synchronised, or not.
    Tried(AccountId, Result<SyncReport, Error>),
    /// Fetch the large messages of an account too.
    DownloadAll(AccountId),
    /// That was written down, or not.
    Asked(Result<u64, Error>),
    /// Check the whole store.
    CheckStore,
    /// It was checked.
    Checked(Result<(), Error>),
    /// How many messages of an account have attachments whose words are not searched.
    AttachmentsCounted(AccountId, Result<u64, Error>),
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
    unfolded: BTreeSet<AccountId>,
    /// Accounts a synchronisation asked for here is under way for.
    trying: BTreeSet<AccountId>,
    is_checking: bool,
    attachments: BTreeMap<AccountId, u64>,
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
        Self {
            generation: 0,
            card,
            health,
            unfolded: BTreeSet::new(),
            trying: BTreeSet::new(),
            is_checking: false,
            attachments: BTreeMap::new(),
            can_leave,
        }
    }

    /// The state changes by this table.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Refresh => Action::Run(self.read(engine)),
            Message::Copy => Action::Copy(self.diagnosis()),
            Message::SeeSendings => Action::Go(Place::Sendings),
            Message::SeeSettings => Action::Go(Place::Settings),
            Message::Leave => Action::Close,
            Message::Unfold(id) => self.unfold(engine, id),
            Message::TryNow(id) => self.try_now(engine, id),
            Message::Tried(id, result) => self.tried(engine, id, result),
            Message::DownloadAll(id) => self.download_all(engine, id),
            Message::Asked(result) => self.asked(engine, result),
            Message::CheckStore => self.check_store(engine),
            Message::Checked(result) => self.checked(engine, result),
            Message::AttachmentsCounted(id, result) => self.attachments_counted(id, result),
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
            | Event::ChangeRefused(_)
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

    fn unfold(&mut self, engine: &Engine, id: AccountId) -> Action<Message> {
        if self.unfolded.remove(&id) {
            return Action::None;
        }
        self.unfolded.insert(id);
        let engine = engine.clone();
        Action::run(async move { engine.unsearched_attachments(id).await }, move |result| {
            Message::AttachmentsCounted(id, result)
        })
    }

    fn attachments_counted(&mut self, id: AccountId, result: Result<u64, Error>) -> Action<Message> {
        if let Ok(count) = result {
            self.attachments.insert(id, count);
        }
        Action::None
    }

    fn try_now(&mut self, engine: &Engine, id: AccountId) -> Action<Message> {
        if !self.trying.insert(id) {
            return Action::None;
        }
        let engine = engine.clone();
        Action::run(async move { engine.sync(Some(id)).await }, move |result| Message::Tried(id, result))
    }

    fn tried(
        &mut self,
        engine: &Engine,
        id: AccountId,
        result: Result<SyncReport, Error>,
    ) -> Action<Message> {
        self.trying.remove(&id);
        self.told(engine, result.map(|_| ()))
    }

    fn download_all(&mut self, engine: &Engine, id: AccountId) -> Action<Message> {
        let engine = engine.clone();
        Action::run(async move { engine.download_all(Scope::Account(id)).await }, Message::Asked)
    }

    fn asked(&mut self, engine: &Engine, result: Result<u64, Error>) -> Action<Message> {
        self.told(engine, result.map(|_| ()))
    }

    fn check_store(&mut self, engine: &Engine) -> Action<Message> {
        if std::mem::replace(&mut self.is_checking, true) {
            return Action::None;
        }
        let engine = engine.clone();
        Action::run(async move { engine.check_store().await }, Message::Checked)
    }

    fn checked(&mut self, engine: &Engine, result: Result<(), Error>) -> Action<Message> {
        self.is_checking = false;
        self.told(engine, result)
    }

    /// After an act: what it changed is read again, and a failure is said.
    fn told(&mut self, engine: &Engine, result: Result<(), Error>) -> Action<Message> {
        let read = Action::Run(self.read(engine));
        match result {
            Ok(()) => read,
            Err(error) => Action::Many(vec![Action::Tell(Notice::Failed(error)), read]),
        }
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
    for group in &health.sendings {
        lines.push(format!(
            "  {:?} {} {}",
            group.state,
            group.trouble.as_deref().unwrap_or("-"),
            group.count
        ));
    }
    let checked = health.checked_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let found = if health.check_failed { "damaged" } else { "sound" };
    lines.push(format!("store {} bytes checked {checked} {found}", health.store_bytes));
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
        let missing = &account.missing;
        lines.push(format!(
            "  connections {} since {} missing coming {} large {} failed {} too-large {}",
            account.connections,
            account.connected_since.map_or_else(|| "never".to_owned(), |at| at.to_string()),
            missing.coming,
            missing.large,
            missing.failed,
            missing.too_large,
        ));
        if let Some(quota) = &account.quota {
            lines.push(format!("  quota {} of {} at {}", quota.used, quota.allowed, quota.at));
        }
        for (kind, count) in &account.pending {
            lines.push(format!("  pending {kind} {count}"));
        }
        // folders by their number: their names may name a patient
        for (number, folder) in account.folders.iter().enumerate() {
            if let Some(tally) = folder.tally.filter(|tally| !tally.agrees()) {
                lines.push(format!("  folder {} differs {tally:?}", number + 1));
            }
        }
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
