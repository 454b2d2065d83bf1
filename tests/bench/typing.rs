//! Types searches into the annuaire's panel in a real window, key by key, and prints how long each key takes until its
//! results are painted and handed over to the display.
//!
//! `typing_bench PROFILE...` with a display and `ICED_BACKEND=tiny-skia`; each profile has an annuaire, and the first is
//! what the others are compared with.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    missing_docs
)]

#[path = "stage.rs"]
mod stage;
#[path = "table.rs"]
mod table;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use estafette::engine::Engine;
use estafette::gui::Element;
use estafette::gui::font;
use estafette::gui::screen::Action;
use estafette::gui::screen::annuaire::{self, Annuaire, FIELD};
use estafette::gui::theme::{Look, TextSize};
use estafette::wording::{Language, Wording};
use iced::advanced::widget::Tree;
use iced::advanced::{Clipboard, Layout, Shell, Widget, mouse, renderer};
use iced::{Event, Rectangle, Renderer, Task, Theme, keyboard, window};

use crate::stage::{Moment, WINDOW, context, engine, hand_on};
use crate::table::{Times, head};

/// What is typed: names, beginnings, professions, towns, mistakes.
const SEARCHES: [&str; 24] = [
    "martin",
    "durand paul",
    "le goff",
    "lefevre infirmier",
    "cardiologue lyon",
    "de la fontaine",
    "infirmiere 44000",
    "pharmacie centrale",
    "moreau pediatre nantes",
    "medecin generaliste paris",
    "chu de dijon",
    "bernard",
    "petit sophie",
    "kine toulouse",
    "radiologue",
    "secretariat cardiologie",
    "roux masseur",
    "dupond",
    "lefevbre",
    "ophtalmologie bordeaux",
    "laboratoire rennes",
    "sage femme brest",
    "girard anne",
    "chirurgie orthopedique lille",
];

/// One measure at a time: when a key was pressed, and how far its answer is.
#[derive(Default)]
struct State {
    pressed: Option<Moment>,
    is_found: bool,
    is_drawn: bool,
    is_loaded: bool,
    times: Vec<Duration>,
    /// Search and letter to type next.
    next: (usize, usize),
}

struct Program {
    engine: Engine,
    annuaire: Annuaire,
    wording: Wording,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one message at a time")]
enum Message {
    Annuaire(annuaire::Message),
    Clear,
    Enough,
}

fn run(action: Action<annuaire::Message>) -> Task<Message> {
    match action {
        Action::Run(task) => task.map(Message::Annuaire),
        Action::Many(actions) => Task::batch(actions.into_iter().map(run)),
        _ => Task::none(),
    }
}

impl Program {
    fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::Annuaire(message) => {
                let (is_found, is_blank) = match &message {
                    annuaire::Message::Found { .. } => (true, false),
                    annuaire::Message::StatusRead(_) => {
                        self.state.lock().unwrap().is_loaded = true;
                        (false, false)
                    }
                    // one letter is not searched
                    annuaire::Message::Typed(text) => (false, text.trim().chars().count() < 2),
                    _ => (false, false),
                };
                let task = run(self.annuaire.update(&self.engine, message));
                self.state.lock().unwrap().is_found |= is_found || is_blank;
                task
            }
            Message::Clear => {
                let cleared = annuaire::Message::Typed(String::new());
                let task = run(self.annuaire.update(&self.engine, cleared));
                Task::batch([task, iced::widget::operation::focus(FIELD)])
            }
            Message::Enough => iced::exit(),
        }
    }

    fn view(&self) -> Element<'_, Message> {
        let context = context(&self.wording);
        let child = self.annuaire.view(context).map(Message::Annuaire);
        Element::new(Keys { child, state: Arc::clone(&self.state) })
    }
}

/// Presses the next key when the results of the one before are on the display.
struct Keys<'a> {
    child: Element<'a, Message>,
    state: Arc<Mutex<State>>,
}

impl Keys<'_> {
    /// What comes after a frame: a key to press, or the field to empty.
    fn next(&self, shell: &mut Shell<'_, Message>) -> Option<char> {
        let mut state = self.state.lock().unwrap();
        if !state.is_loaded {
            return None;
        }
        if let Some(pressed) = state.pressed {
            if !state.is_drawn {
                return None;
            }
            state.times.push(Moment::now().since(pressed));
            state.pressed = None;
        }
        let (search, letter) = state.next;
        let Some(text) = SEARCHES.get(search) else {
            shell.publish(Message::Enough);
            return None;
        };
        (state.is_found, state.is_drawn) = (false, false);
        match text.chars().nth(letter) {
            Some(key) => {
                state.next.1 += 1;
                state.pressed = Some(Moment::now());
                Some(key)
            }
            None => {
                state.next = (search + 1, 0);
                shell.publish(Message::Clear);
                None
            }
        }
    }
}

impl Widget<Message, Theme, Renderer> for Keys<'_> {
    hand_on!();

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        viewport: &Rectangle,
    ) {
        let state = &mut tree.children[0];
        if let Event::Window(window::Event::RedrawRequested(_)) = event {
            if let Some(key) = self.next(shell) {
                let text = key.to_string();
                let pressed = Event::Keyboard(keyboard::Event::KeyPressed {
                    key: keyboard::Key::Character(text.as_str().into()),
                    modified_key: keyboard::Key::Character(text.as_str().into()),
                    physical_key: keyboard::key::Physical::Unidentified(
                        keyboard::key::NativeCode::Unidentified,
                    ),
                    location: keyboard::Location::Standard,
                    modifiers: keyboard::Modifiers::default(),
                    text: Some(text.as_str().into()),
                    repeat: false,
                });
                self.child
                    .as_widget_mut()
                    .update(state, &pressed, layout, cursor, renderer, clipboard, shell, viewport);
            }
            shell.request_redraw();
        }
        self.child.as_widget_mut().update(state, event, layout, cursor, renderer, clipboard, shell, viewport);
    }
    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        self.child.as_widget().draw(&tree.children[0], renderer, theme, style, layout, cursor, viewport);
        let mut state = self.state.lock().unwrap();
        state.is_drawn = state.is_found;
    }
}

fn measure(profile: PathBuf) -> Times {
    let state = Arc::new(Mutex::new(State::default()));
    let given = Arc::clone(&state);
    let boot = move || {
        let engine = engine(&profile);
        let (annuaire, task) = Annuaire::new(&engine);
        let program =
            Program { engine, annuaire, wording: Wording::new(Language::French), state: Arc::clone(&given) };
        (program, Task::batch([task.map(Message::Annuaire), iced::widget::operation::focus(FIELD)]))
    };
    let mut application = iced::application(boot, Program::update, Program::view)
        .theme(|_: &Program| Look::new(false, TextSize::Normal).theme())
        .settings(iced::Settings {
            default_font: font::TEXT,
            default_text_size: 14.0.into(),
            antialiasing: true,
            ..iced::Settings::default()
        })
        .window_size(WINDOW);
    for face in font::all() {
        application = application.font(face);
    }
    application.run().expect("a window");
    Times::of(&state.lock().unwrap().times)
}

/// One process a window: an event loop cannot be made twice.
fn main() {
    let profiles: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if let [profile] = profiles.as_slice() {
        let times = measure(profile.clone());
        println!("{}", serde_json::json!([times.p50, times.p95, times.p99, times.max]));
        return;
    }
    let keys: usize = SEARCHES.iter().map(|text| text.chars().count()).sum();
    println!("{keys} keys into the annuaire's panel, 1280x800, software renderer");
    head("key pressed to results on the display");
    let mut first: Option<Times> = None;
    for profile in profiles {
        let me = std::env::current_exe().unwrap();
        let output = std::process::Command::new(me).arg(&profile).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let [p50, p95, p99, max]: [f64; 4] = serde_json::from_str(text.trim())
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let times = Times { p50, p95, p99, max };
        times.row(&profile.file_name().unwrap_or_default().to_string_lossy());
        match &first {
            Some(first) => {
                println!("ratio: p50 {:.2}, p95 {:.2}", times.p50 / first.p50, times.p95 / first.p95)
            }
            None => first = Some(times),
        }
    }
}
