//! A letter that plays the program: what is drawn of it stays where letters are drawn, and takes no code.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;
use std::path::Path;

use estafette::domain::id::MessageId;
use estafette::domain::message::{Block, Span};
use estafette::engine::{Engine, Page};
use estafette::gui::screen::mailbox::{Mailbox, Message};
use estafette::gui::widget::{ListEvent, SelectMode};
use estafette::mime::html;
use iced::Rectangle;

use crate::desk::{account, context, engine, folders, message, row, window, wording};

/// The bar above every letter, which is the program's: the letter's part of the window begins below it, and no further
/// left than its frame.
const BAR: &str = "Texte brut";
const FIRST_OF_BAR: &str = "Message";
/// From the first word of the bar to the frame around bar and letter.
const FRAME: f32 = 24.0;
/// The simulator draws two pixels for one.
const SCALE: f32 = 2.0;

/// Everything HTML and letters have to get out of their place: positions, sizes, margins, marks above letters, forms.
fn redress() -> String {
    let columns: String = (0..60).map(|n| format!("<td bgcolor=red width=900>Colonne{n}</td>")).collect();
    let marks = "\u{301}\u{33f}\u{34b}".repeat(60);
    format!(
        "<style>body,div,h1 {{ position:fixed; top:-300px; left:-600px; z-index:9999; background:#fff }}</style>\
         <p>Z{marks} a{marks} l{marks} g{marks} o{marks}</p>\
         <div style='position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:9999;background:#fff'>\
         <h1 style='font-size:2000px;margin:-900px'>Carte verrouillée</h1>\
         <form action='https://mechant.example'><p>Code à 4 chiffres</p><input type=password name=pin autofocus>\
         <button>Déverrouiller</button></form></div>\
         <table width=9000><tr>{columns}</tr></table><pre>{}droite</pre><p>{}</p>\
         <p dir=rtl>\u{202e}\u{2067}élliuorrev etraC</p><img src='cid:none' width=9000 height=9000>",
        " ".repeat(900),
        "W".repeat(4000),
    )
}

fn opened(engine: &Engine, blocks: Vec<Block>) -> Mailbox {
    let (mut mailbox, _) = Mailbox::new(engine);
    let rows = vec![row(1, "Avis"), row(2, "Autre avis")];
    mailbox.update(engine, Message::AccountsRead(Ok(vec![account()])));
    mailbox.update(engine, Message::FoldersRead(Ok(folders())));
    let page = Page { total: 2, first: 0, rows };
    mailbox.update(engine, Message::Listed { generation: 1, first: 0, result: Ok(page) });
    mailbox.update(engine, Message::List(ListEvent::Select { row: 0, mode: SelectMode::Replace }));
    let mut view = message(1, "Avis");
    view.blocks = blocks;
    mailbox.update(engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view)) });
    mailbox
}

/// The window as it is drawn, and the bar above the letter.
fn drawn(mailbox: &Mailbox, file: &Path) -> (image::RgbaImage, Rectangle) {
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    let bar = bar(&mut ui);
    let picture = ui.snapshot(&iced::Theme::Light).unwrap();
    assert!(picture.matches_image(file).unwrap());
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let folder = std::fs::read_dir(file.parent().unwrap()).unwrap().flatten();
    let written = folder.map(|entry| entry.path()).find(|path| {
        path.file_name().is_some_and(|written| written.to_string_lossy().starts_with(name.as_str()))
    });
    (image::open(written.unwrap()).unwrap().into_rgba8(), bar)
}

fn bar(ui: &mut iced_test::simulator::Simulator<'_, Message>) -> Rectangle {
    ui.find(FIRST_OF_BAR).unwrap().bounds().union(&ui.find(BAR).unwrap().bounds())
}

#[test]
fn attack_32_a_letter_that_plays_the_program_is_drawn_in_its_own_place_only() {
    // the pictures of the last run stay, to be looked at
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("imitation");
    let _ = std::fs::remove_dir_all(&dir);
    let engine = engine();
    let plain = |text: &str| Block::Paragraph(vec![Span { text: text.to_owned(), ..Span::default() }]);
    let harmless: Vec<Block> = (0..120).map(|n| plain(&format!("Ligne {n}"))).collect();
    let (calm, bar) = drawn(&opened(&engine, harmless), &dir.join("calm"));
    let hostile = html::blocks(&redress(), &HashMap::new());
    assert!(hostile.removed, "the form is gone");
    let (shown, same) = drawn(&opened(&engine, hostile.blocks), &dir.join("hostile"));
    assert_eq!((bar.x, bar.y), (same.x, same.y), "the letter begins at the same place");
    let (left, top) = ((bar.x - FRAME) * SCALE, (bar.y + bar.height) * SCALE);
    let scroll = calm.width() as f32 - 24.0 * SCALE;
    let painted_over = calm.enumerate_pixels().zip(shown.pixels()).filter(|((x, y, before), after)| {
        let (x, y) = (*x as f32, *y as f32);
        // beside the letter, or above it: the bar that scrolls it may differ
        (x < left || (y < top && x < scroll)) && before != after
    });
    let painted_over: Vec<_> = painted_over.map(|((x, y, _), _)| (x, y)).take(5).collect();
    assert!(painted_over.is_empty(), "drawn over the program at {painted_over:?}, outside {left} {top}");
}

#[test]
fn attack_32_a_code_typed_into_a_letter_goes_nowhere() {
    let engine = engine();
    let html = html::blocks(&redress(), &HashMap::new());
    let words = format!("{:?}", html.blocks);
    assert!(words.contains("Code à 4 chiffres") && !words.contains("mechant.example"), "{words}");
    let mailbox = opened(&engine, html.blocks);
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    let bar = bar(&mut ui);
    let columns = (0..30u8).map(|n| bar.x + 20.0 * f32::from(n));
    for (x, y) in columns.flat_map(|x| (1..25u8).map(move |n| (x, bar.y + bar.height + 20.0 * f32::from(n))))
    {
        ui.point_at(iced::Point::new(x, y));
        ui.simulate(iced_test::simulator::click());
    }
    ui.typewrite("1234");
    let heard: Vec<String> = ui
        .into_messages()
        .filter(|message| !matches!(message, Message::List(ListEvent::Visible(_))))
        .map(|message| format!("{message:?}"))
        .collect();
    assert_eq!(heard, Vec::<String>::new(), "a letter listens to the keyboard");
}
