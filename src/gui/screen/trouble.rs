//! The truth about the program's health, and what to do about it.

mod account;
mod chain;
mod filing;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use iced::Task;

use super::{Action, Context, Notice, Place};
use crate::domain::card::CardState;
use crate::domain::id::AccountId;
use crate::engine::{Engine, Error, Event, Finding, Health, RuleTrouble, Scope, SyncReport};
use crate::gui::Element;
use crate::wording::anonymous;

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Read everything again.
    Refresh,
    /// Put the diagnosis on the clipboard.
    Copy,
    /// Walk the chain from the card to the mailbox.
    Diagnose,
    /// A link of it was looked at; `run` says in which walk.
    Found {
        /// Which walk.
        run: u32,
        /// What was found.
        finding: Box<Finding>,
    },
    /// That walk is over.
    Diagnosed {
        /// Which walk.
        run: u32,
    },
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
    /// What rules failed on.
    RulesRead(Result<Vec<RuleTrouble>, Error>),
    /// Try that again now.
    RetryRules,
    /// It was tried, or not.
    RulesRetried(Result<(), Error>),
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
    /// What the last walk along the chain has found so far.
    findings: Vec<Finding>,
    /// Which walk that is, and whether it is under way.
    run: u32,
    is_diagnosing: bool,
    attachments: BTreeMap<AccountId, u64>,
    /// What rules failed on.
    rules: Vec<RuleTrouble>,
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
            findings: Vec::new(),
            run: 0,
            is_diagnosing: false,
            attachments: BTreeMap::new(),
            rules: Vec::new(),
            can_leave,
        }
    }

    /// The state changes by this table.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Refresh => Action::Many(vec![Action::Run(self.read(engine)), Self::read_rules(engine)]),
            Message::Copy => Action::Copy(self.anonymous()),
            Message::Diagnose => self.diagnose(engine),
            Message::Found { run, finding } => self.found(run, *finding),
            Message::Diagnosed { run } => self.diagnosed(run),
            Message::SeeSendings => Action::Go(Place::Sendings),
            Message::SeeSettings => Action::Go(Place::Settings),
            Message::Leave => Action::Close,
            Message::Unfold(id) => self.unfold(engine, id),
            Message::TryNow(id) => self.try_now(engine, id),
            Message::Tried(id, result) => self.tried(engine, id, result),
            Message::DownloadAll(id) => self.download_all(engine, id),
            Message::Asked(result) => self.asked(engine, result),
            Message::RulesRead(result) => self.rules_read(result),
            Message::RetryRules => Self::retry_rules(engine),
            Message::RulesRetried(result) => Self::rules_retried(engine, result),
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
            Event::FilingChanged => Self::read_rules(engine),
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

    fn diagnose(&mut self, engine: &Engine) -> Action<Message> {
        if std::mem::replace(&mut self.is_diagnosing, true) {
            return Action::None;
        }
        self.findings.clear();
        self.run += 1;
        let run = self.run;
        let found = futures::stream::unfold(engine.diagnose(), |mut findings| async move {
            let finding = findings.next().await?;
            Some((finding, findings))
        });
        let walk = Task::run(found, move |finding| Message::Found { run, finding: Box::new(finding) });
        Action::Run(walk.chain(Task::done(Message::Diagnosed { run })))
    }

    fn found(&mut self, run: u32, finding: Finding) -> Action<Message> {
        if run == self.run {
            self.findings.push(finding);
        }
        Action::None
    }

    fn diagnosed(&mut self, run: u32) -> Action<Message> {
        self.is_diagnosing &= run != self.run;
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

    /// What a person can send to who helps them.
    pub fn anonymous(&self) -> String {
        anonymous(&self.card, self.health.as_ref(), &self.findings)
    }
}
