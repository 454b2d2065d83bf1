//! Opens known messages of a profile in a real window, by the keys and by the mouse, and prints how long it takes from
//! the key to the message on the display; then a table of three hundred results.
//!
//! `reading_bench PROFILE` with a display and `ICED_BACKEND=tiny-skia`.

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
use std::time::{Duration, Instant};

use estafette::domain::document::Reading;
use estafette::domain::id::MessageId;
use estafette::engine::Engine;
use estafette::gui::Element;
use estafette::gui::font;
use estafette::gui::screen::Action;
use estafette::gui::screen::mailbox::{self, DocumentMessage, Mailbox, ReaderMessage};
use estafette::gui::theme::{Look, TextSize};
use estafette::wording::{Language, Wording};
use iced::advanced::widget::Tree;
use iced::advanced::{Clipboard, Layout, Shell, Widget, mouse, renderer};
use iced::futures::executor::block_on;
use iced::keyboard::{self, key};
use iced::{Event, Point, Rectangle, Renderer, Task, Theme, window};

use crate::stage::{Moment, WINDOW, context, engine, hand_on, table_of};
use crate::table::{Times, head};

/// Openings measured of each kind, after some to warm up.
const OPENED: usize = 120;
const WARM_UP: usize = 10;
/// Openings of the table.
const TABLES: usize = 110;
/// Between two openings: a quick reader.
const PAUSE: Duration = Duration::from_millis(250);
/// Until an opening counts as none.
const GIVE_UP: Duration = Duration::from_secs(2);
/// Rows of one screen, in the order in which they are clicked, and where the first one is.
const ROWS: [u8; 8] = [5, 2, 7, 0, 4, 1, 6, 3];
const FIRST_ROW: Point = Point::new(400.0, 95.0);
const ROW: f32 = 84.0;

/// What the bench does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The next message by the arrow.
    Down,
    /// A message on screen by the mouse.
    Click(u8),
    /// The rows of the next screen: not measured.
    Scroll,
    /// The table comes, or goes (not measured).
    Table,
    Fold,
}

/// One opening: when it was asked for, when the message was read, and when its frame began to be drawn.
#[derive(Debug, Clone, Copy)]
struct Opening {
    step: Step,
    asked: Moment,
    read: Option<Moment>,
    drawn: Option<Moment>,
}

/// Read, laid out, painted and all, of one opening.
struct Taken {
    step: Step,
    has_attachment: bool,
    parts: [Duration; 4],
}

struct State {
    steps: std::vec::IntoIter<Step>,
    opening: Option<Opening>,
    next: Instant,
    shown: Option<MessageId>,
    has_attachment: bool,
    taken: Vec<Taken>,
}

struct Program {
    engine: Engine,
    mailbox: Mailbox,
    wording: Wording,
    table: Reading,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one message at a time")]
enum Message {
    Mailbox(mailbox::Message),
    Table,
    Fold,
    Enough,
}

fn run(action: Action<mailbox::Message>) -> Task<Message> {
    match action {
        Action::Run(task) => task.map(Message::Mailbox),
        Action::Many(actions) => Task::batch(actions.into_iter().map(run)),
        _ => Task::none(),
    }
}

fn document(message: DocumentMessage) -> mailbox::Message {
    mailbox::Message::Reader(ReaderMessage::Document(message))
}

impl Program {
    fn update(&mut self, message: Message) -> Task<Message> {
        let message = match message {
            Message::Mailbox(message) => message,
            Message::Table => {
                let id = self.state.lock().unwrap().shown.unwrap();
                document(DocumentMessage::Read(id, Ok(Box::new(self.table.clone()))))
            }
            Message::Fold => document(DocumentMessage::Toggle(0)),
            Message::Enough => return iced::exit(),
        };
        let task = run(self.mailbox.update(&self.engine, message));
        let mut state = self.state.lock().unwrap();
        let state = &mut *state;
        let shown = self.mailbox.shown_message();
        let is_table = matches!(state.opening, Some(Opening { step: Step::Table, .. }));
        if let Some(view) = shown.filter(|view| is_table || state.shown != Some(view.row.id)) {
            (state.shown, state.has_attachment) = (Some(view.row.id), view.row.has_attachment);
            if let Some(opening) = &mut state.opening {
                opening.read.get_or_insert_with(Moment::now);
            }
        }
        task
    }

    fn view(&self) -> Element<'_, Message> {
        let child = self.mailbox.view(context(&self.wording)).map(Message::Mailbox);
        Element::new(Hand { child, state: Arc::clone(&self.state) })
    }
}

/// Opens the next message when the one before is on the display.
struct Hand<'a> {
    child: Element<'a, Message>,
    state: Arc<Mutex<State>>,
}

impl Hand<'_> {
    /// What comes after a frame: events for the screen, and where the mouse is.
    fn next(&self, shell: &mut Shell<'_, Message>) -> (Vec<Event>, mouse::Cursor) {
        let mut state = self.state.lock().unwrap();
        let now = Instant::now();
        if let Some(Opening { step, asked, read: Some(read), drawn }) = state.opening {
            let Some(drawn) = drawn else {
                // this frame shows it
                shell.request_redraw();
                return (Vec::new(), mouse::Cursor::Unavailable);
            };
            let done = Moment::now();
            let parts = [read.since(asked), drawn.since(read), done.since(drawn), done.since(asked)];
            let has_attachment = state.has_attachment;
            state.taken.push(Taken { step, has_attachment, parts });
            state.opening = None;
            state.next = now + PAUSE;
        }
        if let Some(opening) = state.opening {
            // the message under the pointer was open already
            if Moment::now().since(opening.asked) > GIVE_UP {
                state.opening = None;
            }
            shell.request_redraw_at(now + GIVE_UP);
            return (Vec::new(), mouse::Cursor::Unavailable);
        }
        if now < state.next {
            shell.request_redraw_at(state.next);
            return (Vec::new(), mouse::Cursor::Unavailable);
        }
        let Some(step) = state.steps.next() else {
            shell.publish(Message::Enough);
            return (Vec::new(), mouse::Cursor::Unavailable);
        };
        if matches!(step, Step::Scroll | Step::Fold) {
            state.next = now + PAUSE;
            shell.request_redraw_at(state.next);
        } else {
            state.opening = Some(Opening { step, asked: Moment::now(), read: None, drawn: None });
        }
        drop(state);
        act(step, shell)
    }
}

fn act(step: Step, shell: &mut Shell<'_, Message>) -> (Vec<Event>, mouse::Cursor) {
    let at = |row: u8| Point::new(FIRST_ROW.x, FIRST_ROW.y + ROW * f32::from(row));
    match step {
        Step::Down => {
            let key = keyboard::Key::Named(key::Named::ArrowDown);
            let pressed = Event::Keyboard(keyboard::Event::KeyPressed {
                key: key.clone(),
                modified_key: key,
                physical_key: key::Physical::Code(key::Code::ArrowDown),
                location: keyboard::Location::Standard,
                modifiers: keyboard::Modifiers::default(),
                text: None,
                repeat: false,
            });
            (vec![pressed], mouse::Cursor::Unavailable)
        }
        Step::Click(row) => {
            let at = at(row);
            let moved = Event::Mouse(mouse::Event::CursorMoved { position: at });
            let pressed = Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left));
            let released = Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left));
            (vec![moved, pressed, released], mouse::Cursor::Available(at))
        }
        Step::Scroll => {
            let delta = mouse::ScrollDelta::Pixels { x: 0.0, y: -ROW * ROWS.len() as f32 };
            let wheel = Event::Mouse(mouse::Event::WheelScrolled { delta });
            (vec![wheel], mouse::Cursor::Available(at(3)))
        }
        Step::Table => {
            shell.publish(Message::Table);
            (Vec::new(), mouse::Cursor::Unavailable)
        }
        Step::Fold => {
            shell.publish(Message::Fold);
            (Vec::new(), mouse::Cursor::Unavailable)
        }
    }
}

impl Widget<Message, Theme, Renderer> for Hand<'_> {
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
            let (events, at) = self.next(shell);
            for event in events {
                self.child
                    .as_widget_mut()
                    .update(state, &event, layout, at, renderer, clipboard, shell, viewport);
            }
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
        if let Some(opening) = &mut self.state.lock().unwrap().opening
            && opening.read.is_some()
        {
            opening.drawn.get_or_insert_with(Moment::now);
        }
        self.child.as_widget().draw(&tree.children[0], renderer, theme, style, layout, cursor, viewport);
    }
}

fn steps() -> Vec<Step> {
    let mut steps = vec![Step::Down; OPENED + WARM_UP];
    // away from the message that is open: a click on it opens nothing
    steps.push(Step::Scroll);
    for _ in 0..OPENED / ROWS.len() {
        steps.push(Step::Scroll);
        steps.extend(ROWS.map(Step::Click));
    }
    for _ in 0..TABLES {
        steps.extend([Step::Table, Step::Fold]);
    }
    steps
}

fn main() {
    let profile = PathBuf::from(std::env::args().nth(1).expect("a profile"));
    let table = table_of(300);
    let state = Arc::new(Mutex::new(State {
        steps: steps().into_iter(),
        opening: None,
        next: Instant::now() + 4 * PAUSE,
        shown: None,
        has_attachment: false,
        taken: Vec::new(),
    }));
    let given = Arc::clone(&state);
    let boot = move || {
        let engine = engine(&profile);
        block_on(engine.open_offline()).expect("its store");
        let (mailbox, task) = Mailbox::new(&engine);
        let wording = Wording::new(Language::French);
        let program = Program { engine, mailbox, wording, table: table.clone(), state: Arc::clone(&given) };
        (program, task.map(Message::Mailbox))
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
    print(&state.lock().unwrap().taken[WARM_UP..]);
}

fn print(taken: &[Taken]) {
    let row = |name: &str, part: usize, of: &dyn Fn(&Taken) -> bool| {
        let times: Vec<Duration> = taken.iter().filter(|taken| of(taken)).map(|t| t.parts[part]).collect();
        Times::of(&times).row(&format!("{name} ({})", times.len()));
    };
    let taken_of = |step: Step| taken.iter().filter(move |taken| taken.step == step).count();
    println!(
        "a key or a click to the message on the display, 1280x800, software renderer; without the time in which other"
    );
    println!("programs had the processor");
    head("reading");
    let is_message = |taken: &Taken| matches!(taken.step, Step::Down | Step::Click(_));
    row("known message, by the arrow", 3, &|t| t.step == Step::Down);
    row("known message, any on screen by the mouse", 3, &|t| matches!(t.step, Step::Click(_)));
    row("  of both: without attachment", 3, &|t| is_message(t) && !t.has_attachment);
    row("  of both: with attachment", 3, &|t| is_message(t) && t.has_attachment);
    for (part, name) in ["read", "laid out", "painted"].into_iter().enumerate() {
        row(&format!("  of both: {name}"), part, &is_message);
    }
    row("table of 300 results", 3, &|t| t.step == Step::Table);
    for (part, name) in ["handed over", "laid out", "painted"].into_iter().enumerate() {
        row(&format!("  of it: {name}"), part, &|t| t.step == Step::Table);
    }
    assert_eq!(taken_of(Step::Table), TABLES);
}
