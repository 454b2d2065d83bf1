//! From a choice in the list to the pixels of the reader, in the software renderer: known messages of a profile, and a
//! table of three hundred results. `reading_bench PROFILE`.

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

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use estafette::domain::folder::FolderRole;
use estafette::domain::id::MessageId;
use estafette::engine::{Engine, read_document};
use estafette::gui::font;
use estafette::gui::screen::mailbox::{DocumentMessage, Mailbox, Message, ReaderMessage};
use estafette::gui::theme::{Look, TextSize};
use estafette::gui::widget::{ListEvent, SelectMode};
use estafette::wording::{Language, Wording};
use iced::futures::executor::block_on;
use iced_test::simulator::Simulator;

use crate::stage::{WINDOW, context, engine};
use crate::table::{Times, head};

/// Messages opened, after some to warm up.
const OPENED: usize = 120;
const WARM_UP: usize = 10;
/// Rows of a page of the list.
const PAGE: u32 = 50;

fn main() {
    let profile = PathBuf::from(std::env::args().nth(1).expect("a profile"));
    let engine = engine(&profile);
    block_on(engine.open_offline()).expect("its store");
    let wording = Wording::new(Language::French);
    println!("from a choice to pixels, 1280x800, software renderer");
    head("reading");
    let (opened, painted) = messages(&engine, &wording);
    opened.row("known message: read from the encrypted store");
    painted.row("known message: read, laid out and painted");
    results(&engine, &wording).row("table of 300 results: laid out and painted");
}

/// A mailbox whose list shows the inbox.
fn listed(engine: &Engine) -> (Mailbox, Vec<MessageId>) {
    let (mut mailbox, _) = Mailbox::new(engine);
    mailbox.update(engine, Message::AccountsRead(block_on(engine.accounts())));
    let folders = block_on(engine.folders()).unwrap();
    let inbox = folders.iter().find(|folder| folder.role == FolderRole::Inbox).unwrap().id;
    mailbox.update(engine, Message::FoldersRead(Ok(folders)));
    let mut ids = Vec::new();
    for first in (0..u32::try_from(OPENED + WARM_UP).unwrap()).step_by(PAGE as usize) {
        let page = block_on(engine.list(inbox, first..first + PAGE)).unwrap();
        ids.extend(page.rows.iter().map(|row| row.id));
        mailbox.update(engine, Message::Listed { generation: 1, first, result: Ok(page) });
    }
    (mailbox, ids)
}

fn paint(mailbox: &Mailbox, wording: &Wording) {
    let look = Look::new(false, TextSize::Normal);
    let context = context(wording);
    let settings = iced::Settings {
        fonts: font::all(),
        default_font: font::TEXT,
        default_text_size: 14.0.into(),
        ..iced::Settings::default()
    };
    let mut ui = Simulator::with_size(settings, WINDOW, mailbox.view(context));
    ui.snapshot(&look.theme()).expect("pixels");
}

fn messages(engine: &Engine, wording: &Wording) -> (Times, Times) {
    let (mut mailbox, ids) = listed(engine);
    let (mut read, mut painted): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    for (row, id) in (0..).zip(ids).take(OPENED + WARM_UP) {
        let start = Instant::now();
        let choice = ListEvent::Select { row, mode: SelectMode::Replace };
        mailbox.update(engine, Message::List(choice));
        let result = block_on(engine.message(id)).map(Box::new);
        read.push(start.elapsed());
        mailbox.update(engine, Message::Opened { id, result });
        paint(&mailbox, wording);
        painted.push(start.elapsed());
    }
    (Times::of(&read[WARM_UP..]), Times::of(&painted[WARM_UP..]))
}

fn results(engine: &Engine, wording: &Wording) -> Times {
    let (mut mailbox, ids) = listed(engine);
    let id = ids[0];
    mailbox.update(engine, Message::List(ListEvent::Select { row: 0, mode: SelectMode::Replace }));
    mailbox.update(engine, Message::Opened { id, result: block_on(engine.message(id)).map(Box::new) });
    let reading = read_document(letter(300).as_bytes(), "resultats.hpr").unwrap();
    assert_eq!(reading.documents[0].results.len(), 300);
    let times: Vec<Duration> = (0..30)
        .map(|_| {
            let came = DocumentMessage::Read(id, Ok(Box::new(reading.clone())));
            let start = Instant::now();
            mailbox.update(engine, Message::Reader(ReaderMessage::Document(came)));
            paint(&mailbox, wording);
            start.elapsed()
        })
        .collect();
    Times::of(&times[3..])
}

/// HPRIM Médecins with so many results.
fn letter(results: usize) -> String {
    let mut text = String::from(
        "P123\r\nDURAND\r\nPAUL\r\n1 rue des Tilleuls\r\n\r\n69003 LYON\r\n26/11/1978\r\n\r\n12345\r\n02/11/2026\r\n\
         LABO      LABORATOIRE FICTIF\r\nLEROY     DR LEROY ANNE\r\n\r\n****LAB****\r\n",
    );
    for number in 0..results {
        let flag = ["N", "H", "L", "HH"][number % 4];
        let _ = write!(text, "RES|Analyse {number}|C{number}|N|{number}.5|mmol/L|1|100|{flag}|F\r\n");
    }
    text.push_str("****FIN****\r\n****FINFICHIER****\r\n");
    text
}
