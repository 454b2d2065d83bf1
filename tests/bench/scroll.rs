//! Scrolls the mailbox of a profile by the wheel in a real window, as fast as frames can be drawn, and prints how long
//! they take: layout, drawing by the software renderer and handing over to the display; without the time in which other
//! programs had the processor.
//!
//! `scroll_bench PROFILE...` over the list, `scroll_bench --reader PROFILE` over a table of three hundred results in the
//! reader, with a display and `ICED_BACKEND=tiny-skia`.

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

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use estafette::domain::document::Reading;
use estafette::engine::Engine;
use estafette::gui::Element;
use estafette::gui::font;
use estafette::gui::screen::Action;
use estafette::gui::screen::mailbox::{self, DocumentMessage, Mailbox, ReaderMessage};
use estafette::gui::theme::{Look, TextSize};
use estafette::gui::widget::{ListEvent, SelectMode};
use estafette::wording::{Language, Wording};
use iced::advanced::widget::Tree;
use iced::advanced::{Clipboard, Layout, Shell, Widget, mouse, renderer};
use iced::futures::executor::block_on;
use iced::{Event, Point, Rectangle, Renderer, Task, Theme, window};

use crate::stage::{Moment, WINDOW, context, engine, hand_on, table_of};
use crate::table::{Times, head};

/// Places over the list and over the reader.
const LIST: Point = Point::new(500.0, 500.0);
const READER: Point = Point::new(950.0, 600.0);
/// Frames before measuring: fonts and the first pages are loaded.
const WARM_UP: usize = 60;
const FRAMES: usize = 600;

struct Program {
    engine: Engine,
    mailbox: Mailbox,
    wording: Wording,
    frames: Arc<Mutex<Vec<Duration>>>,
    /// What is to be scrolled in the reader; taken when it is there.
    table: Option<Reading>,
    pointer: Point,
}

#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "one message at a time")]
enum Message {
    Mailbox(mailbox::Message),
    Enough,
}

fn run(action: Action<mailbox::Message>) -> Task<Message> {
    match action {
        Action::Run(task) => task.map(Message::Mailbox),
        Action::Many(actions) => Task::batch(actions.into_iter().map(run)),
        _ => Task::none(),
    }
}

impl Program {
    fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::Mailbox(message) => {
                let message = match message {
                    mailbox::Message::Reader(ReaderMessage::Document(DocumentMessage::Read(id, read))) => {
                        let read = self.table.take().map_or(read, |table| Ok(Box::new(table)));
                        mailbox::Message::Reader(ReaderMessage::Document(DocumentMessage::Read(id, read)))
                    }
                    message => message,
                };
                let task = run(self.mailbox.update(&self.engine, message));
                Task::batch([task, self.open_first()])
            }
            Message::Enough => iced::exit(),
        }
    }

    /// The newest message, whose documents the table stands for.
    fn open_first(&mut self) -> Task<Message> {
        if self.table.is_none() || self.mailbox.shown_message().is_some() {
            return Task::none();
        }
        let first = ListEvent::Select { row: 0, mode: SelectMode::Replace };
        run(self.mailbox.update(&self.engine, mailbox::Message::List(first)))
    }

    fn view(&self) -> Element<'_, Message> {
        let context = context(&self.wording);
        let child = self.mailbox.view(context).map(Message::Mailbox);
        // nothing is measured before what is scrolled is there
        let is_ready = self.table.is_none();
        Element::new(Wheel { child, frames: Arc::clone(&self.frames), pointer: self.pointer, is_ready })
    }
}

/// Turns the wheel by one notch at each frame.
struct Wheel<'a> {
    child: Element<'a, Message>,
    frames: Arc<Mutex<Vec<Duration>>>,
    pointer: Point,
    is_ready: bool,
}

/// When the last frame was drawn, and whether the wheel was turned since: one frame may ask for several updates.
#[derive(Default)]
struct Last {
    drawn: Cell<Option<Moment>>,
    is_turned: Cell<bool>,
}

impl Widget<Message, Theme, Renderer> for Wheel<'_> {
    fn tag(&self) -> iced::advanced::widget::tree::Tag {
        iced::advanced::widget::tree::Tag::of::<Last>()
    }
    fn state(&self) -> iced::advanced::widget::tree::State {
        iced::advanced::widget::tree::State::new(Last::default())
    }
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
        if let Event::Window(window::Event::RedrawRequested(_)) = event {
            let drawn = self.frames.lock().unwrap().len();
            if drawn == WARM_UP + FRAMES {
                shell.publish(Message::Enough);
            }
            if self.is_ready && !tree.state.downcast_ref::<Last>().is_turned.replace(true) {
                // down and, after half of the frames, up again: a short list ends
                let y = if drawn < WARM_UP + FRAMES / 2 { -1.0 } else { 1.0 };
                let delta = mouse::ScrollDelta::Lines { x: 0.0, y };
                let wheel = Event::Mouse(mouse::Event::WheelScrolled { delta });
                let over = mouse::Cursor::Available(self.pointer);
                let state = &mut tree.children[0];
                self.child
                    .as_widget_mut()
                    .update(state, &wheel, layout, over, renderer, clipboard, shell, viewport);
            }
            shell.request_redraw();
        }
        let state = &mut tree.children[0];
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
        let (last, now) = (tree.state.downcast_ref::<Last>(), Moment::now());
        let before = last.drawn.replace(Some(now));
        // the first drawing may come before the first turn
        if last.is_turned.replace(false) {
            self.frames.lock().unwrap().extend(before.map(|before| now.since(before)));
        }
        self.child.as_widget().draw(&tree.children[0], renderer, theme, style, layout, cursor, viewport);
    }
}

fn boot(profile: &Path, in_reader: bool, frames: Arc<Mutex<Vec<Duration>>>) -> (Program, Task<Message>) {
    let engine = engine(profile);
    block_on(engine.open_offline()).expect("its store");
    let (mailbox, task) = Mailbox::new(&engine);
    let wording = Wording::new(Language::French);
    let table = in_reader.then(|| table_of(300));
    let pointer = if in_reader { READER } else { LIST };
    (Program { engine, mailbox, wording, frames, table, pointer }, task.map(Message::Mailbox))
}

fn measure(profile: &Path, in_reader: bool) -> Times {
    let frames = Arc::new(Mutex::new(Vec::new()));
    let (given, profile) = (Arc::clone(&frames), profile.to_owned());
    let mut application = iced::application(
        move || boot(&profile, in_reader, Arc::clone(&given)),
        Program::update,
        Program::view,
    )
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
    let frames = frames.lock().unwrap();
    Times::of(&frames[WARM_UP.min(frames.len())..])
}

/// One process a window: an event loop cannot be made twice.
fn main() {
    let mut profiles: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let in_reader = profiles.first().is_some_and(|first| first.as_os_str() == "--reader");
    if in_reader {
        profiles.remove(0);
        println!("{FRAMES} frames of a wheel turned over a table of 300 results, 1280x800, whole mailbox");
        head("scroll in the reader");
        measure(&profiles[0], true).row("table of 300 results");
        return;
    }
    if let [profile] = profiles.as_slice() {
        let times = measure(profile, false);
        let answer = serde_json::json!([times.p50, times.p95, times.p99, times.max]);
        println!("{answer}");
        return;
    }
    println!("{FRAMES} frames of a wheel turned without pause, 1280x800, whole mailbox");
    head("scroll");
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
                println!("ratio: p50 {:.2}, p99 {:.2}", times.p50 / first.p50, times.p99 / first.p99)
            }
            None => first = Some(times),
        }
    }
}
