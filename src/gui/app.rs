//! The program in its windows: who holds what, and what each message changes.

mod action;
mod archived;
mod arrival;
mod choice;
mod chrome;
mod copied;
mod desk;
mod gate;
mod idle;
mod keys;
mod letter;
mod login;
mod ready;
mod request;
mod session;
mod start;
#[cfg(all(test, feature = "gui-test"))]
mod tests;
mod trace;
mod transfer;

pub use start::{FirstScreen, Start, run};

use std::collections::BTreeMap;

use iced::{Subscription, Task, Theme, window};

use self::desk::Desk;
use self::gate::Gate;
use self::letter::Letter;
use self::ready::Ready;
use self::trace::Trace;
use super::preferences::{Preferences, ThemeChoice};
use super::screen::archived::{self as archived_screen, Archived};
use super::screen::file_choice::{self, FileChoice};
use super::screen::login::{self as login_screen, Login, Purpose};
use super::screen::transfer::{self as transfer_screen, Transfer};
use super::screen::{Context, Notice};
use super::shortcut::Command;
use super::theme::Look;
use super::{Element, platform};
use crate::domain::UnixTime;
use crate::domain::draft::Draft;
use crate::domain::id::DraftId;
use crate::domain::link::Link;
use crate::engine::{self, Engine, Event, Health, Session};
use crate::wording::{Language, Wording};

/// A draft to write on, with its number where it was kept before.
type OpenDraft = (Option<DraftId>, Box<Draft>);

/// What happens to the program.
#[derive(Debug, Clone)]
enum Message {
    /// First start and lock screen.
    Gate(gate::Message),
    /// The main window while mail is open; `u32` is the session it belongs to.
    Desk(u32, desk::Message),
    /// A composer window.
    Letter(window::Id, letter::Message),
    /// The dialog that adds a mailbox or logs in to one again; `u32` is the session it belongs to.
    Login(u32, login_screen::Message),
    /// Open that dialog.
    LogIn(Purpose),
    /// What practice software asks for.
    Request(request::Message),
    /// The dialog of files; `u32` is the session it belongs to.
    Transfer(u32, transfer_screen::Message),
    /// Of the dialog of archived messages, of the session of this number.
    Archived(u32, archived_screen::Message),
    /// A file is to be chosen, and the system has no dialog for it.
    AskFile(platform::Question),
    /// Of that choice.
    Choice(file_choice::Message),
    /// What became of a print: the key of what is to be said.
    Printed(Result<Option<&'static str>, engine::Error>),
    /// A fact from the engine.
    Event(Event),
    /// So many of the messages that came into an inbox are unread.
    Arrived(engine::Result<usize>),
    /// What became of the word on the desktop about them.
    Notified(platform::Told),
    /// What is on the clipboard after something was copied by its keys.
    Copied(Option<String>),
    /// A key no widget took, or one with Ctrl.
    Key(window::Id, keys::Pressed),
    /// A command.
    Command(window::Id, Command),
    /// A window was resized, or is asked to close, or was closed.
    Window(window::Id, window::Event),
    /// The system's theme.
    SystemTheme(iced::theme::Mode),
    /// The computer is being locked or goes to sleep.
    SystemLock(platform::SystemLock),
    /// Time goes on.
    Tick,
    /// The state for the status bar.
    Health(engine::Result<Health>),
    /// What became of a command that ends with a notice, maybe with a draft to write on.
    Ended(Result<(&'static str, Option<OpenDraft>), engine::Error>),
    /// The mail was opened for a first screen the command line asked for, whatever the card does.
    OpenedFirst(engine::Result<Session>),
    /// What a session has asked for: not heard once it is over.
    OfSession(u32, Box<Message>),
    /// A draft to write on, or why there is none.
    Drafted(Result<OpenDraft, engine::Error>),
    /// The notice of this number has been there long enough.
    NoticeOver(u32),
    /// What became of the drafts of closed windows.
    Unkept(Vec<session::Unkept>),
    /// Everything is closed: leave.
    Quit,
}

/// What the main window shows.
enum Stage {
    Gate(Box<Gate>),
    Open(Box<Desk>),
}

/// One reading of the health at a time, however many events ask for one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Idle,
    Busy,
    /// Something has changed since: to be read once more.
    Outdated,
}

/// The program.
struct App {
    engine: Engine,
    engine_number: u64,
    profile: std::path::PathBuf,
    preferences: Preferences,
    wording: Wording,
    system_is_dark: bool,
    forced_theme: Option<bool>,
    now: UnixTime,
    main: window::Id,
    /// The window that had the keyboard last.
    focused: window::Id,
    sizes: BTreeMap<window::Id, iced::Size>,
    stage: Stage,
    session: Option<Session>,
    session_number: u32,
    letters: BTreeMap<window::Id, Letter>,
    login: Option<Login>,
    transfer: Option<Transfer>,
    /// The dialog of archived messages.
    archived: Option<Archived>,
    /// The choice of a file, and the window it is in.
    choice: Option<(window::Id, FileChoice)>,
    health: Option<Health>,
    health_reading: Reading,
    notice: Option<(u32, Notice)>,
    notices: u32,
    shows_help: bool,
    copied: copied::Copied,
    arrivals: arrival::Arrivals,
    unkept: Vec<session::Unkept>,
    left: Vec<session::Left>,
    /// What a link asked for before the mail was open.
    asked: Option<Link>,
    /// What a link proposes, until the user has said what to do.
    question: Option<request::Question>,
    first_place: Option<FirstScreen>,
    ready: Ready,
    trace: Trace,
}

impl App {
    fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::Gate(message) => self.gate_message(message),
            Message::Desk(session, message) => self.desk_message(session, message),
            Message::Letter(window, message) => self.letter_message(window, message),
            Message::Login(session, message) => self.login_message(session, message),
            Message::LogIn(purpose) => self.log_in(purpose),
            Message::Request(message) => self.request(message),
            Message::Transfer(session, message) => self.transfer_message(session, message),
            Message::Archived(session, message) => self.archived_message(session, message),
            Message::AskFile(question) => self.ask_file(question),
            Message::Choice(message) => self.choice_message(message),
            Message::Printed(result) => self.was_printed(result),
            Message::Event(event) => self.event(&event),
            Message::Arrived(unread) => self.arrived(unread),
            Message::Notified(told) => self.notified(told),
            Message::Copied(text) => self.was_copied(text),
            Message::Key(window, pressed) => self.key(window, &pressed),
            Message::Command(window, command) => self.command(window, command),
            Message::Window(window, event) => self.window_event(window, &event),
            Message::SystemTheme(mode) => self.system_theme(mode),
            Message::SystemLock(lock) => self.system_lock(lock),
            Message::Tick => self.tick(),
            Message::Health(result) => self.health_read(result),
            Message::Ended(result) => self.ended(result),
            Message::OpenedFirst(result) => self.opened_first(result),
            Message::OfSession(session, message) => self.of_open_session(session, *message),
            Message::Drafted(result) => self.drafted(result),
            Message::NoticeOver(number) => self.notice_over(number),
            Message::Unkept(drafts) => self.not_kept(drafts),
            Message::Quit => iced::exit(),
        }
    }

    fn view(&self, window: window::Id) -> Element<'_, Message> {
        let context = self.context(window);
        let whole = match (self.letters.get(&window), &self.stage) {
            (Some(letter), _) => chrome::letter(self, window, letter, context),
            (None, _) if window != self.main => iced::widget::space().into(),
            (None, Stage::Gate(gate)) => chrome::gate(self, gate, context),
            (None, Stage::Open(desk)) => chrome::desk(self, desk, context),
        };
        chrome::with_choice(self, window, whole, context)
    }

    fn title(&self, window: window::Id) -> String {
        match self.letters.get(&window).map(Letter::subject) {
            Some("") => self.wording.text("app-composer-title"),
            Some(subject) => subject.to_owned(),
            None => self.wording.text("app-name"),
        }
    }

    fn look(&self) -> Look {
        let chosen = match self.preferences.theme {
            ThemeChoice::Light => false,
            ThemeChoice::Dark => true,
            ThemeChoice::System => self.system_is_dark,
        };
        Look::new(self.forced_theme.unwrap_or(chosen), self.preferences.text_size)
    }

    fn theme(&self, _window: window::Id) -> Theme {
        self.look().theme()
    }

    fn context(&self, window: window::Id) -> Context<'_> {
        Context {
            look: self.look(),
            wording: &self.wording,
            now: self.now,
            is_practice: self.engine.is_practice(),
            is_online: self.session.as_ref().is_some_and(|session| session.online),
            window: self.sizes.get(&window).copied().unwrap_or(iced::Size::new(1280.0, 800.0)),
            follows_keys: true,
        }
    }

    fn subscription(&self) -> Subscription<Message> {
        let number = self.session_number;
        let progress = match &self.transfer {
            Some(transfer) if transfer.is_running() => {
                iced::time::every(std::time::Duration::from_millis(250))
                    .with(number)
                    .map(|(number, _)| Message::Transfer(number, transfer_screen::Message::Tick))
            }
            _ => Subscription::none(),
        };
        let desk = match &self.stage {
            Stage::Open(desk) => {
                desk.subscription().with(number).map(|(number, message)| Message::Desk(number, message))
            }
            Stage::Gate(_) => Subscription::none(),
        };
        Subscription::batch([
            progress,
            desk,
            session::events(self.engine_number, &self.engine).map(Message::Event),
            request::links(self.engine_number, &self.engine),
            keys::pressed(),
            keys::windows(),
            idle::touches(),
            Subscription::run(platform::system_locks).map(Message::SystemLock),
            Subscription::run(platform::questions).map(Message::AskFile),
            iced::system::theme_changes().map(Message::SystemTheme),
            iced::time::every(std::time::Duration::from_secs(20)).map(|_| Message::Tick),
            self.ready.subscription(),
        ])
    }

    // --- small things ---

    fn tick(&mut self) -> Task<Message> {
        self.ready.frame();
        self.now = jiff::Timestamp::now().as_second();
        self.lock_when_idle()
    }

    fn system_theme(&mut self, mode: iced::theme::Mode) -> Task<Message> {
        self.system_is_dark = mode == iced::theme::Mode::Dark;
        Task::none()
    }

    fn read_health(&mut self) -> Task<Message> {
        if self.health_reading != Reading::Idle {
            self.health_reading = Reading::Outdated;
            return Task::none();
        }
        self.health_reading = Reading::Busy;
        let engine = self.engine.clone();
        self.of_session(Task::perform(async move { engine.health().await }, Message::Health))
    }

    fn health_read(&mut self, result: engine::Result<Health>) -> Task<Message> {
        let reading = std::mem::replace(&mut self.health_reading, Reading::Idle);
        if self.session.is_none() {
            return Task::none();
        }
        self.health = result.ok();
        match reading {
            Reading::Outdated => self.read_health(),
            Reading::Idle | Reading::Busy => Task::none(),
        }
    }

    fn tell(&mut self, notice: Notice) -> Task<Message> {
        self.notices += 1;
        let number = self.notices;
        self.notice = Some((number, notice));
        let over = async move { tokio::time::sleep(std::time::Duration::from_secs(8)).await };
        Task::perform(over, move |()| Message::NoticeOver(number))
    }

    fn notice_over(&mut self, number: u32) -> Task<Message> {
        self.notice.take_if(|(shown, _)| *shown == number);
        Task::none()
    }

    fn prefer(&mut self, preferences: Preferences) -> Task<Message> {
        let language = preferences.language.unwrap_or_else(Language::detect);
        if language != self.wording.language() {
            self.wording = Wording::new(language);
        }
        self.preferences = preferences;
        self.engine.set_send_delay(self.preferences.send_delay);
        if let Stage::Open(desk) = &mut self.stage {
            desk.preferences_changed(&self.preferences);
        }
        self.keep_preferences();
        Task::none()
    }

    fn keep_preferences(&self) {
        if self.engine.is_practice() {
            return;
        }
        if let Err(error) = self.preferences.write(&self.profile) {
            tracing::warn!(%error, "preferences not kept");
        }
    }
}
