//! How the program starts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use iced::{Task, window};

use super::gate::Gate;
use super::ready::Ready;
use super::trace::Trace;
use super::{App, Message, Reading, Stage};
use crate::domain::draft::Draft;
use crate::domain::secret::Secret;
use crate::engine::Session;
use crate::engine::{Engine, Error, ErrorKind, Options};
use crate::gui::preferences::Preferences;
use crate::gui::screen::{Notice, Place};
use crate::gui::theme::{Look, Tone};
use crate::gui::{font, platform, ui};
use crate::wording::{Language, Wording};

/// What the command line asks for.
#[derive(Debug, Clone)]
pub struct Start {
    /// How to open the engine; `None` for fictitious data.
    pub options: Option<Options>,
    /// The profile folder, for preferences.
    pub profile: PathBuf,
    /// What the profile says, with what the command line overrules.
    pub preferences: Preferences,
    /// Dark or light, whatever the preferences say.
    pub dark: Option<bool>,
    /// A link of practice software, as it was given.
    pub link: Option<String>,
    /// The screen to show first, for pictures and measures.
    pub screen: Option<FirstScreen>,
    /// State of the fictitious card, for pictures.
    pub card: Option<String>,
    /// Where to write after how many milliseconds the first list was on the screen.
    pub ready_file: Option<PathBuf>,
    /// Where to write a line of states and counts for each picture, for tests from outside.
    pub trace_file: Option<PathBuf>,
    /// When the process started.
    pub started: Instant,
}

/// A screen to show first, for pictures and measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstScreen {
    /// First start.
    Welcome,
    /// Lock screen.
    Lock,
    /// A place of the main window.
    At(Place),
    /// A composer window.
    Composer,
    /// The keys.
    Help,
}

/// Runs the program until its window is closed.
///
/// # Errors
/// When the system gives no window.
pub fn run(start: Start) -> iced::Result {
    let engine = match &start.options {
        Some(options) => Engine::open(options.clone()),
        None => Engine::practice_showing(start.card.as_deref().unwrap_or_default()),
    };
    match engine {
        Ok(engine) => run_with(start, engine),
        Err(error) => run_failed(&start, error),
    }
}

fn run_with(start: Start, engine: Engine) -> iced::Result {
    let boot = move || App::boot(start.clone(), engine.clone());
    let mut daemon = iced::daemon(boot, App::step, App::view)
        .settings(settings())
        .title(App::title)
        .theme(App::theme)
        .subscription(App::subscription);
    for face in font::all() {
        daemon = daemon.font(face);
    }
    daemon.run()
}

fn settings() -> iced::Settings {
    iced::Settings {
        id: Some(platform::APPLICATION.to_owned()),
        default_font: font::TEXT,
        default_text_size: 14.0.into(),
        antialiasing: true,
        ..iced::Settings::default()
    }
}

/// A window as large as its screen is maximised: bars of the system would else cover its edges.
fn fit(window: window::Id, size: iced::Size) -> Task<Message> {
    window::monitor_size(window).then(move |screen| match screen {
        Some(screen) if size.width >= screen.width || size.height >= screen.height => {
            window::maximize(window, true)
        }
        _ => Task::none(),
    })
}

/// The engine does not start: says why and what to do, and nothing else.
fn run_failed(start: &Start, error: Error) -> iced::Result {
    struct Failed {
        wording: Wording,
        look: Look,
        error: Error,
    }
    fn view(failed: &Failed) -> crate::gui::Element<'_, ()> {
        let look = failed.look;
        let sentence = failed.wording.error(&failed.error);
        let content = iced::widget::column![
            ui::title(look, failed.wording.text("app-start-failed")),
            ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]),
            ui::mono(look, failed.error.code()),
            ui::primary(look, failed.wording.text("app-close")).on_press(()),
        ];
        let card = ui::card(look, content.spacing(16.0)).padding(24.0).max_width(look.px(560.0));
        iced::widget::container(card)
            .center(iced::Length::Fill)
            .padding(24.0)
            .style(ui::background(look))
            .into()
    }
    tracing::error!(code = error.code(), "the engine does not start");
    let language = start.preferences.language.unwrap_or_else(Language::detect);
    let look = Look::new(start.dark.unwrap_or(false), start.preferences.text_size);
    let boot = move || Failed { wording: Wording::new(language), look, error: error.clone() };
    let mut application = iced::application(boot, |_: &mut Failed, ()| iced::exit::<()>(), view)
        .settings(settings())
        .title(|failed: &Failed| failed.wording.text("app-name"))
        .theme(|failed: &Failed| failed.look.theme())
        .window(window::Settings {
            exit_on_close_request: true,
            ..platform::window(iced::Size::new(720.0, 480.0))
        });
    for face in font::all() {
        application = application.font(face);
    }
    application.run()
}

impl App {
    pub(super) fn boot(start: Start, engine: Engine) -> (Self, Task<Message>) {
        let (width, height) = start.preferences.window;
        let (main, opening) = window::open(platform::window(iced::Size::new(width, height)));
        let is_first = match start.screen {
            Some(FirstScreen::Welcome) => true,
            Some(_) => false,
            None => !start.preferences.has_started && !engine.has_begun(),
        };
        let (gate, gate_task) = Gate::new(&engine, is_first);
        let language = start.preferences.language.unwrap_or_else(Language::detect);
        let fitting = fit(main, iced::Size::new(width, height));
        let app = Self {
            engine,
            engine_number: 0,
            profile: start.profile,
            wording: Wording::new(language),
            system_is_dark: false,
            forced_theme: start.dark,
            now: jiff::Timestamp::now().as_second(),
            main,
            focused: main,
            sizes: BTreeMap::from([(main, iced::Size::new(width, height))]),
            preferences: start.preferences,
            stage: Stage::Gate(Box::new(gate)),
            session: None,
            session_number: 0,
            letters: BTreeMap::new(),
            login: None,
            transfer: None,
            archived: None,
            choice: None,
            health: None,
            health_reading: Reading::Idle,
            notice: None,
            notices: 0,
            shows_help: false,
            copied: Default::default(),
            arrivals: Default::default(),
            unkept: Vec::new(),
            left: Vec::new(),
            asked: None,
            question: None,
            first_place: start.screen,
            ready: Ready::new(start.ready_file, start.started),
            trace: Trace::new(start.trace_file.as_deref()),
        };
        let theme = iced::system::theme().map(Message::SystemTheme);
        let open = app.open_for_first_screen();
        let asked = start.link.map_or_else(Task::none, |link| {
            Task::done(Message::Request(super::request::Message::Came(link)))
        });
        let opening = opening.discard().chain(fitting);
        (app, Task::batch([opening, gate_task.map(Message::Gate), theme, open, asked]))
    }

    /// A screen behind the lock is asked for: opens fictitious data with their PIN, real ones without the card.
    fn open_for_first_screen(&self) -> Task<Message> {
        let wants_mail =
            matches!(self.first_place, Some(FirstScreen::At(_) | FirstScreen::Composer | FirstScreen::Help));
        if !wants_mail {
            return Task::none();
        }
        let engine = self.engine.clone();
        let opening = async move {
            if engine.is_practice() {
                engine.unlock(Secret::new("1234".to_owned())).await
            } else {
                engine.open_offline().await
            }
        };
        Task::perform(opening, Message::OpenedFirst)
    }

    pub(super) fn opened_first(&mut self, result: Result<Session, Error>) -> Task<Message> {
        match result {
            Ok(session) => self.opened(session),
            Err(error) => self.tell(Notice::Failed(error)),
        }
    }

    pub(super) fn show_first_screen(&mut self) -> Task<Message> {
        match self.first_place.take() {
            Some(FirstScreen::At(place)) => self.go(place),
            Some(FirstScreen::Composer) => {
                // the account is known only after the first lists: ask the engine
                let engine = self.engine.clone();
                let first = async move { engine.accounts().await };
                self.of_session(Task::perform(first, |accounts| {
                    Message::Drafted(accounts.and_then(|accounts| {
                        let first = accounts.first().ok_or(Error::new(ErrorKind::NeedsUser, "no-account"))?;
                        Ok((None, Box::new(Draft::new(first.id))))
                    }))
                }))
            }
            Some(FirstScreen::Help) => {
                self.shows_help = true;
                Task::none()
            }
            _ => Task::none(),
        }
    }
}
