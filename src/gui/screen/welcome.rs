//! First start and lock screen: whose card, which PIN, and what to do when either is missing.

mod recovery;
mod unblock;
mod view;

pub use recovery::{Message as RecoveryMessage, Typed};

use iced::Task;
use std::path::PathBuf;
use zeroize::Zeroizing;

use super::login::Purpose;
use super::{Action, Context, Notice};
use crate::domain::card::{CardInReader, CardState, PinTries};
use crate::domain::secret::Secret;
#[cfg(feature = "gui-test")]
use crate::engine::WaysIn;
use crate::engine::{AnnuaireStatus, Engine, Error, Event, MailboxProposal, Session};
use crate::gui::Element;
use crate::gui::platform;
use crate::gui::widget::{ListEvent, PinKey};
use unblock::{Step, Unblocking};

/// Digits of a CPS card's PIN.
const PIN_LENGTH: usize = 4;
/// Codes of the engine for a store, or its keys, that cannot be read.
const STORE_DAMAGED: [&str; 2] = ["store-damaged", "keys-damaged"];

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key on the PIN boxes.
    Key(PinKey),
    /// Open with what was typed, or on the reader's keypad.
    Open,
    /// Read without the card.
    ReadOffline,
    /// Open without a card, and add a mailbox that needs none.
    AddMailbox,
    /// The recovery code.
    Recovery(RecoveryMessage),
    /// Try the program on fictitious data.
    Practise,
    /// Set a damaged store aside and start a new one.
    SetAside,
    /// It was set aside, or not.
    WasSetAside(Result<(), Error>),
    /// Choose among several cards: move over them, or take one.
    Choose(ListEvent),
    /// Use the card of this reader.
    UseCard(String),
    /// It is used, or not.
    CardChosen(Result<(), Error>),
    /// Unblock the card by its unblocking code.
    Unblock,
    /// Do not.
    LeaveUnblocking,
    /// The card was unblocked, or not; `attempt` says for which try.
    Unblocked {
        /// The try this answers.
        attempt: u32,
        /// What came of it.
        result: Result<(), Error>,
    },
    /// Show the diagnosis.
    SeeTrouble,
    /// Load the annuaire from a file.
    ChooseFile,
    /// Keep or leave a mailbox that was found.
    Keep(usize, bool),
    /// A session was opened, or not; `attempt` says for which try.
    Opened {
        /// The try this answers.
        attempt: u32,
        /// What came of it.
        result: Result<Session, Error>,
    },
    /// The mailboxes of a card.
    Found {
        /// National identifier of the holder this answers for.
        holder: String,
        /// The mailboxes.
        result: Result<Vec<MailboxProposal>, Error>,
    },
    /// The state of the annuaire.
    Status(Result<AnnuaireStatus, Error>),
    /// A file was chosen, or not.
    Chosen(Option<PathBuf>),
    /// The annuaire was loaded, or not.
    Imported(Result<AnnuaireStatus, Error>),
}

/// The mailboxes of the card's holder.
#[derive(Debug, Clone)]
enum Mailboxes {
    Unknown,
    Searching,
    Found(Vec<(MailboxProposal, bool)>),
    Missing(Error),
}

#[derive(Debug, Clone)]
enum Directory {
    Unknown,
    Ready,
    Empty(Option<Error>),
    Loading,
}

#[derive(Debug, Clone)]
enum Attempt {
    None,
    Running,
    Failed(Error),
}

/// The screen.
pub struct Welcome {
    is_first: bool,
    card: CardState,
    /// Every card that could be used.
    cards: Vec<CardInReader>,
    /// The one the keyboard is on, where there is a choice.
    cursor: u32,
    /// Why the last session lost its key while its card stayed in.
    trouble: Option<Error>,
    unblocking: Option<Unblocking>,
    pin: Zeroizing<String>,
    attempt: Attempt,
    attempts: u32,
    /// The opening under way is for adding a mailbox.
    adds_mailbox: bool,
    mailboxes: Mailboxes,
    directory: Directory,
    recovery: recovery::Recovery,
}

impl Welcome {
    /// The screen for the card as it is now. `is_first`: nothing was ever opened in this profile.
    pub fn new(engine: &Engine, is_first: bool) -> (Self, Task<Message>) {
        let mut welcome = Self::with_card(engine.card(), is_first);
        (welcome.cards, welcome.trouble) = (engine.cards(), engine.card_trouble());
        let ask = engine.clone();
        let status = Task::perform(async move { ask.annuaire_status().await }, Message::Status);
        let mailboxes = welcome.search_mailboxes(engine);
        (welcome, Task::batch([status, mailboxes, recovery::Recovery::ask(engine)]))
    }

    /// The screen for a card, asking nothing: for pictures and tests.
    pub fn with_card(card: CardState, is_first: bool) -> Self {
        Self {
            is_first,
            card,
            cards: Vec::new(),
            cursor: 0,
            trouble: None,
            unblocking: None,
            // never grows: no copy of the PIN is left behind by a reallocation
            pin: Zeroizing::new(String::with_capacity(PIN_LENGTH)),
            attempt: Attempt::None,
            attempts: 0,
            adds_mailbox: false,
            mailboxes: Mailboxes::Unknown,
            directory: Directory::Unknown,
            recovery: recovery::Recovery::default(),
        }
    }

    /// The state changes by this table.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Key(key) => self.key(engine, key),
            Message::Open => self.open(engine),
            Message::ReadOffline => self.read_offline(engine),
            Message::AddMailbox => self.add_mailbox(engine),
            Message::Recovery(message) => self.recover(engine, message),
            Message::Practise => Action::Practice,
            Message::SetAside => self.set_aside(engine),
            Message::WasSetAside(result) => self.was_set_aside(engine, result),
            Message::Choose(event) => self.move_or_take(engine, event),
            Message::UseCard(reader) => self.use_card(engine, reader),
            Message::CardChosen(result) => self.card_chosen(engine, result),
            Message::Unblock => self.start_unblocking(),
            Message::LeaveUnblocking => self.leave_unblocking(),
            Message::Unblocked { attempt, result } => self.unblocked(engine, attempt, result),
            Message::SeeTrouble => Action::Go(super::Place::Trouble),
            Message::ChooseFile => Action::run(platform::pick_file(String::new()), Message::Chosen),
            Message::Keep(index, keep) => self.keep(index, keep),
            Message::Opened { attempt, result } => self.opened(engine, attempt, result),
            Message::Found { holder, result } => self.found(&holder, result),
            Message::Status(result) => self.status(result),
            Message::Chosen(path) => self.chosen(engine, path),
            Message::Imported(result) => self.imported(engine, result),
        }
    }

    /// An event of the engine.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            Event::CardChanged | Event::Lagged => {
                (self.cards, self.trouble) = (engine.cards(), engine.card_trouble());
                self.card_changed(engine, engine.card())
            }
            _ => Action::None,
        }
    }

    /// The picture.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        view::page(self, context)
    }

    /// States without any name, for tests from outside.
    pub(in crate::gui) fn trace(&self) -> String {
        let screen = if self.is_first { "welcome" } else { "lock" };
        let card = match &self.card {
            CardState::Locked { .. } => "locked",
            other => other.word(),
        };
        let tries = match &self.card {
            CardState::Locked { tries: PinTries::Full, .. } => "full",
            CardState::Locked { tries: PinTries::Low, .. } => "low",
            CardState::Locked { tries: PinTries::Last, .. } => "last",
            CardState::Locked { tries: PinTries::Blocked, .. } => "blocked",
            _ => "",
        };
        let attempt = match &self.attempt {
            Attempt::None => "none",
            Attempt::Running => "running",
            Attempt::Failed(error) => error.code(),
        };
        format!("{screen} card={card} tries={tries} typed={} attempt={attempt}", self.pin.len())
    }

    /// Another card, or another state of it. What was typed for the card before is wiped.
    fn card_changed(&mut self, engine: &Engine, card: CardState) -> Action<Message> {
        let is_same_holder = self.card.holder() == card.holder();
        if !is_same_holder || card.holder().is_none() {
            self.wipe();
            self.unblocking = None;
            self.attempt = Attempt::None;
            self.attempts += 1;
            self.mailboxes = Mailboxes::Unknown;
        }
        self.card = card;
        if is_same_holder {
            return Action::None;
        }
        // another card may mean another store
        let ways = recovery::Recovery::ask(engine);
        Action::Run(Task::batch([self.search_mailboxes(engine), ways]))
    }

    fn wipe(&mut self) {
        self.pin = Zeroizing::new(String::with_capacity(PIN_LENGTH));
    }

    fn search_mailboxes(&mut self, engine: &Engine) -> Task<Message> {
        let Some(holder) = self.card.holder().filter(|_| self.is_first) else { return Task::none() };
        let holder = holder.national_id.clone();
        self.mailboxes = Mailboxes::Searching;
        let engine = engine.clone();
        Task::perform(async move { engine.my_mailboxes().await }, move |result| Message::Found {
            holder: holder.clone(),
            result,
        })
    }

    fn accepts_pin(&self) -> bool {
        matches!(&self.card, CardState::Locked { tries, pin_pad: false, .. } if *tries != PinTries::Blocked)
            && !matches!(self.attempt, Attempt::Running)
    }

    fn move_or_take(&mut self, engine: &Engine, event: ListEvent) -> Action<Message> {
        let (row, is_taken) = match event {
            ListEvent::Select { row, .. } => (row, row == self.cursor),
            ListEvent::Activate(row) => (row, true),
            ListEvent::SelectAll | ListEvent::Visible(_) => return Action::None,
        };
        self.cursor = row;
        let reader = self.cards.get(row as usize).map(|card| card.reader.clone());
        match reader.filter(|_| is_taken) {
            Some(reader) => self.use_card(engine, reader),
            None => Action::None,
        }
    }

    fn use_card(&mut self, engine: &Engine, reader: String) -> Action<Message> {
        if matches!(self.attempt, Attempt::Running) {
            return Action::None;
        }
        let engine = engine.clone();
        Action::run(async move { engine.choose_card(&reader).await }, Message::CardChosen)
    }

    fn card_chosen(&mut self, engine: &Engine, result: Result<(), Error>) -> Action<Message> {
        self.cards = engine.cards();
        if let Err(error) = result {
            self.attempt = Attempt::Failed(error);
        }
        self.card_changed(engine, engine.card())
    }

    fn key(&mut self, engine: &Engine, key: PinKey) -> Action<Message> {
        if self.unblocking.is_some() {
            return self.unblocking_key(engine, key);
        }
        if !self.accepts_pin() {
            return Action::None;
        }
        match key {
            PinKey::Digit(digit) if self.pin.len() < PIN_LENGTH && digit.is_ascii_digit() => {
                self.pin.push(digit);
                Action::None
            }
            PinKey::Digit(_) => Action::None,
            PinKey::Erase => {
                self.pin.pop();
                Action::None
            }
            PinKey::Enter => self.open(engine),
        }
    }

    /// Tries once. A PIN on the reader's keypad is asked for by the card's software: an empty secret.
    fn open(&mut self, engine: &Engine) -> Action<Message> {
        let on_reader = matches!(self.card, CardState::Locked { pin_pad: true, .. });
        let is_ready = on_reader || (self.accepts_pin() && self.pin.len() == PIN_LENGTH);
        if !is_ready || matches!(self.attempt, Attempt::Running) {
            return Action::None;
        }
        // a slip in the code must not cost a try of the PIN
        let code = match self.recovery.code() {
            Ok(code) => code,
            Err(error) => return self.failed(error),
        };
        let secret = Secret::new(std::mem::take(&mut *self.pin));
        self.wipe();
        let engine = engine.clone();
        self.start(async move { engine.unlock_with(secret, code).await })
    }

    fn is_blocked(&self) -> bool {
        matches!(self.card, CardState::Locked { tries: PinTries::Blocked, .. })
    }

    fn failed(&mut self, error: Error) -> Action<Message> {
        self.attempt = Attempt::Failed(error);
        Action::None
    }

    fn recover(&mut self, engine: &Engine, message: RecoveryMessage) -> Action<Message> {
        match message {
            RecoveryMessage::Ways(ways) => self.recovery.ways = ways,
            RecoveryMessage::Show => {
                self.recovery.show();
                return Action::Run(iced::widget::operation::focus("recovery-code"));
            }
            RecoveryMessage::Hide => self.recovery.hide(),
            RecoveryMessage::Typed(typed) => self.recovery.typed(typed),
            // no field has this name: the boxes of the PIN take the keys no field takes
            RecoveryMessage::Submit if self.accepts_pin() => {
                return match self.recovery.code() {
                    Ok(_) => Action::Run(iced::widget::operation::focus("pin")),
                    Err(error) => self.failed(error),
                };
            }
            RecoveryMessage::Open | RecoveryMessage::Submit if matches!(self.attempt, Attempt::Running) => {}
            RecoveryMessage::Open | RecoveryMessage::Submit => match self.recovery.code() {
                Ok(Some(code)) => {
                    self.wipe();
                    let engine = engine.clone();
                    return self.start(async move { engine.open_with_code(code).await });
                }
                Ok(None) => {}
                Err(error) => return self.failed(error),
            },
        }
        Action::None
    }

    fn read_offline(&mut self, engine: &Engine) -> Action<Message> {
        if matches!(self.attempt, Attempt::Running) {
            return Action::None;
        }
        self.wipe();
        let engine = engine.clone();
        self.start(async move { engine.open_offline().await })
    }

    fn add_mailbox(&mut self, engine: &Engine) -> Action<Message> {
        self.adds_mailbox = true;
        self.read_offline(engine)
    }

    fn start(
        &mut self,
        opening: impl Future<Output = Result<Session, Error>> + Send + 'static,
    ) -> Action<Message> {
        self.attempt = Attempt::Running;
        self.attempts += 1;
        let attempt = self.attempts;
        Action::run(opening, move |result| Message::Opened { attempt, result })
    }

    fn opened(&mut self, engine: &Engine, attempt: u32, result: Result<Session, Error>) -> Action<Message> {
        if attempt != self.attempts {
            return Action::None;
        }
        match result {
            Ok(session) => {
                self.attempt = Attempt::None;
                let leave = self.leave_unwanted(engine);
                let mut orders = vec![Action::Opened(session), leave];
                orders.extend(self.adds_mailbox.then_some(Action::LogIn(Purpose::New)));
                Action::Many(orders)
            }
            Err(error) => {
                if error.code() == "card-renewed" {
                    self.recovery.show();
                }
                self.attempt = Attempt::Failed(error);
                self.card = engine.card();
                Action::Run(recovery::Recovery::ask(engine))
            }
        }
    }

    /// Nothing is deleted: the next opening makes a new store beside the damaged one.
    fn set_aside(&mut self, engine: &Engine) -> Action<Message> {
        if !matches!(&self.attempt, Attempt::Failed(error) if STORE_DAMAGED.contains(&error.code())) {
            return Action::None;
        }
        self.attempt = Attempt::Running;
        let engine = engine.clone();
        let setting = async move { engine.set_store_aside().await.map(drop) };
        Action::run(setting, Message::WasSetAside)
    }

    fn was_set_aside(&mut self, engine: &Engine, result: Result<(), Error>) -> Action<Message> {
        self.card = engine.card();
        match result {
            Ok(()) => {
                self.attempt = Attempt::None;
                Action::Tell(Notice::Done("welcome-set-aside-done"))
            }
            Err(error) => {
                self.attempt = Attempt::Failed(error);
                Action::None
            }
        }
    }

    /// The engine adds every mailbox it found; those the user left out are taken away again.
    fn leave_unwanted(&self, engine: &Engine) -> Action<Message> {
        let Mailboxes::Found(found) = &self.mailboxes else { return Action::None };
        let unwanted: Vec<_> =
            found.iter().filter(|(_, keep)| !keep).map(|(proposal, _)| proposal.address.clone()).collect();
        if unwanted.is_empty() {
            return Action::None;
        }
        let engine = engine.clone();
        let leaving = async move {
            for account in engine.accounts().await? {
                if unwanted.contains(&account.config.address) {
                    engine.remove_account(account.id).await?;
                }
            }
            engine.annuaire_status().await
        };
        Action::run(leaving, Message::Status)
    }

    fn keep(&mut self, index: usize, keep: bool) -> Action<Message> {
        if let Mailboxes::Found(found) = &mut self.mailboxes {
            let others = found.iter().enumerate().any(|(i, (_, kept))| i != index && *kept);
            if let Some((_, kept)) = found.get_mut(index) {
                *kept = keep || !others;
            }
        }
        Action::None
    }

    fn found(&mut self, holder: &str, result: Result<Vec<MailboxProposal>, Error>) -> Action<Message> {
        if self.card.holder().is_none_or(|h| h.national_id != holder) {
            return Action::None;
        }
        self.mailboxes = match result {
            Ok(found) => Mailboxes::Found(found.into_iter().map(|proposal| (proposal, true)).collect()),
            Err(error) => Mailboxes::Missing(error),
        };
        Action::None
    }

    fn status(&mut self, result: Result<AnnuaireStatus, Error>) -> Action<Message> {
        if !matches!(self.directory, Directory::Loading) {
            self.directory = match result {
                Ok(status) if status.mailboxes == 0 => Directory::Empty(None),
                Ok(_) => Directory::Ready,
                Err(_) => Directory::Unknown,
            };
        }
        Action::None
    }

    fn chosen(&mut self, engine: &Engine, path: Option<PathBuf>) -> Action<Message> {
        let Some(path) = path else { return Action::None };
        self.directory = Directory::Loading;
        let engine = engine.clone();
        let source = path.to_string_lossy().into_owned();
        Action::run(async move { engine.import_annuaire(&source).await }, Message::Imported)
    }

    fn imported(&mut self, engine: &Engine, result: Result<AnnuaireStatus, Error>) -> Action<Message> {
        match result {
            Ok(_) => {
                self.directory = Directory::Ready;
                Action::Run(self.search_mailboxes(engine))
            }
            Err(error) => {
                self.directory = Directory::Empty(Some(error));
                Action::None
            }
        }
    }
}

#[cfg(feature = "gui-test")]
impl Welcome {
    /// The screen after a refused try, for pictures and tests.
    #[must_use]
    pub fn after_failure(mut self, error: Error) -> Self {
        self.attempt = Attempt::Failed(error);
        self
    }

    /// The screen with `digits` typed, for pictures and tests.
    #[must_use]
    pub fn typed(mut self, digits: usize) -> Self {
        self.pin.extend(std::iter::repeat_n('0', digits.min(PIN_LENGTH)));
        self
    }

    /// The screen with these cards to choose from, for pictures and tests.
    #[must_use]
    pub fn with_cards(mut self, cards: Vec<CardInReader>) -> Self {
        self.cards = cards;
        self
    }

    /// The screen with mailboxes found, for pictures and tests.
    #[must_use]
    pub fn with_mailboxes(mut self, found: Vec<MailboxProposal>) -> Self {
        self.mailboxes = Mailboxes::Found(found.into_iter().map(|proposal| (proposal, true)).collect());
        self
    }

    /// The screen with what the store allows, for pictures and tests.
    #[must_use]
    pub fn with_ways(mut self, ways: WaysIn) -> Self {
        self.recovery.ways = ways;
        self
    }

    /// How many digits are held.
    pub fn typed_digits(&self) -> usize {
        self.pin.len()
    }
}
