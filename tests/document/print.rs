//! Printed pages, read back by another PDF reader.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette::domain::message::{Block, Cell, Grid, Span};
use estafette::engine::{Picture, Section, Sheet};
use estafette::health::{Patience, pdf};

/// Sixteen by twelve pixels of one grey.
const GREY_JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO\
    UlNSMj5aYVpQYEpRUk//wAALCAAMABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oA\
    CAEBAAA/AJAD/9k=";

fn span(text: &str) -> Span {
    Span { text: text.to_owned(), ..Span::default() }
}

fn sheet(blocks: Vec<Block>) -> Sheet {
    Sheet {
        language: "fr".to_owned(),
        title: "Compte rendu d’échographie cardiaque".to_owned(),
        facts: [
            ("De", "Dr Marie MARTIN <marie.martin@example.mssante.fr>"),
            ("Pièces jointes", "écho.pdf (412 Ko)"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        sections: vec![Section { blocks, ..Section::default() }],
        foot: "DURAND Paul, né(e) le 26/11/1978".to_owned(),
        page: "Page".to_owned(),
        cut: "La suite n’est pas imprimée.".to_owned(),
    }
}

fn printed(sheet: &Sheet) -> (Vec<u8>, pdf::Content) {
    let bytes = estafette::print::pdf(sheet).unwrap();
    let never = || false;
    let content = pdf::read(&bytes, Patience::new(&never)).unwrap();
    (bytes, content)
}

fn text_of(content: &pdf::Content) -> String {
    content.texts.join("\n")
}

/// Words without the white between them, which readers guess.
fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn cell(text: &str) -> Cell {
    Cell { spans: vec![span(text)], columns: 1, rows: 1, ..Cell::default() }
}

#[test]
fn what_is_printed_can_be_read_and_selected_again() {
    let text =
        "Œdème des chevilles, FEVG ≥ 55 %, 38,5 °C ; fluide « normal » – à revoir l’été n° 2 (µg/l, α, β)";
    let bold = Span { bold: true, ..span("Conclusion") };
    let blocks = vec![
        Block::Heading(2, vec![span("Résultat")]),
        Block::Paragraph(vec![span(text), bold]),
        Block::Item(1, "•".to_owned(), vec![span("ventricule gauche")]),
        Block::Quote(2, vec![span("message cité")]),
        Block::Preformatted("OBX|1|NM|K\n   aligné".to_owned()),
        Block::Rule,
    ];
    let (bytes, content) = printed(&sheet(blocks));
    let read = words(&text_of(&content));
    for wanted in [
        "Compterendud’échographiecardiaque",
        "Dr Marie MARTIN",
        "écho.pdf",
        text,
        "Conclusion",
        "ventricule gauche",
    ] {
        assert!(read.contains(&words(wanted)), "{wanted} in {read}");
    }
    assert!(read.contains("messagecité") && read.contains("OBX|1|NM|K") && read.contains("DURANDPaul"));
    assert!(read.contains("Page1/1"), "{read}");
    // subsets: four whole faces would take more than a megabyte
    assert!(bytes.len() < 60_000, "{} bytes", bytes.len());
    for name in ["ESTAFE+Inter-Regular", "ESTAFE+Inter-SemiBold", "ESTAFE+JetBrainsMono-Regular"] {
        assert!(bytes.windows(name.len()).any(|w| w == name.as_bytes()), "{name}");
    }
    let page = pdf::draw(&bytes, 0, 1.0, Patience::endless()).unwrap();
    assert_eq!((page.width, page.height), (595, 841), "A4");
}

#[test]
fn a_long_text_takes_as_many_numbered_pages_as_it_needs() {
    let paragraph = "Patient de soixante ans adressé pour bilan de dyspnée d’effort. ".repeat(12);
    let blocks = (0..60).map(|n| Block::Paragraph(vec![span(&format!("[{n}] {paragraph}"))])).collect();
    let (bytes, content) = printed(&sheet(blocks));
    let pages = content.pages as usize;
    assert!(pages > 8, "{pages} pages");
    let read = words(&text_of(&content));
    assert!((0..60).all(|n| read.contains(&format!("[{n}]"))));
    assert!(read.contains(&format!("Page{pages}/{pages}")));
    assert!(pdf::draw(&bytes, pages - 1, 0.5, Patience::endless()).is_some());
}

#[test]
fn a_table_keeps_its_cells_and_its_headings_on_every_page() {
    let head = |text: &str| Cell { heads: true, ..cell(text) };
    let mut rows = vec![["Analyse", "Résultat", "Valeurs de référence"].map(head).to_vec()];
    rows.extend((0..200).map(|n| {
        vec![
            cell(&format!("analyse{n}")),
            Cell { right: true, ..cell(&format!("{n},5 g/l")) },
            cell("3,5 – 5,0"),
        ]
    }));
    // spans, ragged rows and a cell longer than a page
    rows.push(vec![Cell { columns: 2, rows: 2, ..cell("fusion") }, cell("droite")]);
    rows.push(vec![cell("dessous")]);
    rows.push(vec![cell(&"mot ".repeat(6_000)), cell("fin")]);
    let (_, content) = printed(&sheet(vec![Block::Grid(Grid { caption: vec![span("Biochimie")], rows })]));
    let read = words(&text_of(&content));
    assert!((0..200).all(|n| read.contains(&format!("analyse{n}"))));
    assert!(read.contains("fusion") && read.contains("droite") && read.contains("dessous"));
    assert!(read.matches("Valeursderéférence").count() >= 4, "headings are repeated");
    assert_eq!(read.matches("mot").count(), 6_000);
}

#[test]
fn pictures_are_printed_and_those_that_cannot_be_are_left_out() {
    let mut png = std::io::Cursor::new(Vec::new());
    let red = image::RgbaImage::from_pixel(40, 30, image::Rgba([200, 0, 0, 255]));
    red.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let jpeg = STANDARD.decode(GREY_JPEG).unwrap();
    let mut damaged = jpeg.clone();
    damaged.truncate(120);
    let pictures: BTreeMap<usize, Picture> =
        [(0, png.into_inner()), (1, jpeg), (2, damaged), (3, b"GIF89a".to_vec())]
            .map(|(number, bytes)| (number, Picture(bytes)))
            .into();
    let blocks = (0..6).map(Block::Image).collect();
    let mut sheet = sheet(blocks);
    sheet.sections[0].pictures = pictures;
    let (bytes, _) = printed(&sheet);
    let objects = |name: &[u8]| bytes.windows(name.len()).filter(|w| *w == name).count();
    assert_eq!(objects(b"/Subtype /Image"), 2);
    let page = pdf::draw(&bytes, 0, 1.0, Patience::endless()).unwrap();
    let has = |wanted: [u8; 3]| {
        page.rgba.chunks_exact(4).any(|p| p.iter().zip(wanted).all(|(have, want)| have.abs_diff(want) < 6))
    };
    assert!(has([200, 0, 0]) && has([90, 90, 90]), "both pictures are on the page");
}

#[test]
fn no_text_however_hostile_makes_printing_fail_or_grow_without_bound() {
    let word = "W".repeat(200_000);
    let emoji = "🩺\u{202E}\u{0}العربية中文\u{301}".repeat(200);
    let empty = Grid { caption: Vec::new(), rows: vec![Vec::new(); 100] };
    let wide = Grid {
        caption: Vec::new(),
        rows: vec![(0..300).map(|_| Cell { columns: u16::MAX, rows: u16::MAX, ..cell("x") }).collect(); 40],
    };
    let mut blocks = vec![
        Block::Paragraph(vec![span(&word)]),
        Block::Paragraph(vec![span(&emoji)]),
        Block::Grid(empty),
        Block::Grid(wide),
        Block::Table(vec![Vec::new(), vec![Vec::new()]]),
        Block::Item(u8::MAX, String::new(), Vec::new()),
        Block::Quote(u8::MAX, vec![span("q")]),
    ];
    blocks.extend(vec![Block::Paragraph(vec![span(&"mot ".repeat(40_000))]); 40]);
    let mut hostile = sheet(blocks);
    hostile.title = "T".repeat(5_000);
    hostile.facts = vec![("n".repeat(500), "v".repeat(20_000)); 4];
    let (_, content) = printed(&hostile);
    assert!(content.pages <= 400);
    let (_, nothing) = printed(&Sheet::default());
    assert_eq!(nothing.pages, 1);
}

#[test]
fn what_is_beyond_the_last_page_is_said_to_be_missing() {
    let blocks = vec![Block::Heading(1, vec![span("x")]); 20_000];
    let (_, content) = printed(&sheet(blocks));
    assert_eq!(content.pages, 400);
    let last = content.texts.last().unwrap();
    assert!(words(last).contains("Lasuiten’estpasimprimée."), "{last}");
}
