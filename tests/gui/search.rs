//! Searching: counts beside the results, the lines they show, and finding text in what is open.

use estafette::domain::id::MessageId;
use estafette::domain::message::{Block, Span};
use estafette::domain::search::{Age, Count, Facets, Topic};
use estafette::engine::{Engine, Excerpt, Found, PageImage, PdfFile, read_document};
use estafette::gui::screen::Action;
use estafette::gui::screen::mailbox::{
    DocumentMessage, Drawn, FindMessage, Mailbox, Message, ReaderMessage, ViewerMessage, Zoom,
};
use estafette::gui::shortcut::Command;
use estafette::gui::widget::SelectMode;

use crate::desk::{context, engine, message, row, window, wording};
use crate::mailbox::{inbox, opened, select, shows};

/// The list of a search that found two messages; lists are numbered from 1.
fn searched(engine: &Engine, query: &str) -> Mailbox {
    let mut mailbox = inbox(engine, vec![row(1, "premier")]);
    mailbox.update(engine, Message::Search(query.to_owned()));
    let messages = vec![row(7, "Biologie"), row(8, "Bilan rénal")];
    let found = Found { total: 2, near: 1, complete: true, messages, ..Found::default() };
    mailbox.update(engine, Message::Found { generation: 2, first: 0, result: Ok(found) });
    mailbox
}

fn facets() -> Facets {
    let one =
        |operator: &str, label: &str, count| Count { operator: operator.into(), label: label.into(), count };
    Facets {
        counted: 2,
        unread: 2,
        abnormal: 1,
        attachments: 0,
        topics: vec![(Topic::Biology, 2)],
        senders: vec![one("de:marie.martin@medecin.mssante.fr", "Dr_Marie_MARTIN", 2)],
        patients: vec![one("patient:\"DURAND Paul 26/11/1978\"", "DURAND Paul 26/11/1978", 2)],
        ages: vec![Age { days: 7, since: 0, count: 1 }],
    }
}

#[test]
fn counts_beside_the_results_narrow_the_search_and_widen_it_again() {
    let engine = engine();
    let mut mailbox = searched(&engine, "bilans");
    assert!(shows(&mailbox, "2 messages trouvés, dont 1 par une autre forme d’un mot"));
    mailbox.update(&engine, Message::Counted { epoch: 1, result: Ok(facets()) });
    assert!(!shows(&mailbox, "Résultats anormaux"), "counts of another list are dropped");
    mailbox.update(&engine, Message::Counted { epoch: 2, result: Ok(facets()) });
    for text in ["État", "Non lus", "Résultats anormaux", "Patient", "DURAND Paul", "7 derniers jours"] {
        assert!(shows(&mailbox, text), "{text}");
    }
    // nothing without a message
    assert!(!shows(&mailbox, "Avec pièce jointe"));
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click("Résultats anormaux").unwrap();
    let said: Vec<Message> = ui.into_messages().collect();
    assert!(said.iter().any(|m| matches!(m, Message::Narrow(operator) if operator == "anormal")), "{said:?}");
    for message in said {
        mailbox.update(&engine, message);
    }
    let found = Found { total: 1, messages: vec![row(7, "Biologie")], complete: true, ..Found::default() };
    mailbox.update(&engine, Message::Found { generation: 3, first: 0, result: Ok(found) });
    let mut narrowed = window(mailbox.view(context(&wording)));
    assert!(narrowed.find("bilans anormal").is_ok(), "the operator stands in the field");
    drop(narrowed);
    mailbox.update(&engine, Message::Narrow("anormal".to_owned()));
    let mut widened = window(mailbox.view(context(&wording)));
    assert!(widened.find("bilans").is_ok());
}

#[test]
fn a_row_shows_the_line_in_which_the_word_was_found() {
    let engine = engine();
    let mut mailbox = searched(&engine, "potassium");
    let line = Excerpt {
        id: MessageId(7),
        line: "… le potassium est à 6,1".to_owned(),
        places: std::iter::once(7..16).collect(),
    };
    mailbox.update(&engine, Message::Excerpted { epoch: 2, result: Ok(vec![line]) });
    assert!(shows(&mailbox, "… le potassium est à 6,1"));
    mailbox.update(&engine, Message::Escape);
    assert!(!shows(&mailbox, "… le potassium est à 6,1"));
}

#[test]
fn a_search_says_how_many_archived_messages_answer_it_and_leads_to_them() {
    let engine = engine();
    let mut mailbox = searched(&engine, "lyme");
    mailbox.update(&engine, Message::Archived { epoch: 1, result: Ok(3) });
    assert!(!shows(&mailbox, "3 autres messages dans l’archive"), "a count for another list is dropped");
    mailbox.update(&engine, Message::Archived { epoch: 2, result: Ok(3) });
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click("3 autres messages dans l’archive").unwrap();
    assert!(ui.into_messages().any(|m| matches!(m, Message::ShowArchived)));
    let asked = mailbox.update(&engine, Message::ShowArchived);
    assert!(matches!(asked, Action::SearchArchive(words) if words == "lyme"));
    // nothing there, nothing said
    let mut mailbox = searched(&engine, "lyme");
    mailbox.update(&engine, Message::Archived { epoch: 2, result: Ok(0) });
    assert!(!shows(&mailbox, "dans l’archive"));
}

#[test]
fn text_is_found_in_the_open_message_and_gone_through() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![row(1, "CR")]);
    mailbox.update(&engine, select(0, SelectMode::Replace));
    let mut view = message(1, "CR");
    let paragraph = |text: &str| Block::Paragraph(vec![Span { text: text.to_owned(), ..Span::default() }]);
    view.blocks =
        vec![paragraph("Hémoglobine basse"), paragraph("rien"), paragraph("hémoglobine à contrôler")];
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view)) });
    let find = |event| Message::Reader(ReaderMessage::Find(event));
    mailbox.on_command(&engine, Command::Find);
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click(iced_test::selector::id("reader-find")).unwrap();
    ui.typewrite("h");
    assert!(
        ui.into_messages()
            .any(|m| matches!(m, Message::Reader(ReaderMessage::Find(FindMessage::Typed(t))) if t == "h"))
    );
    mailbox.update(&engine, find(FindMessage::Typed("HEMOGLOBINE".to_owned())));
    assert!(shows(&mailbox, "1 sur 2"));
    mailbox.on_command(&engine, Command::FindNext);
    assert!(shows(&mailbox, "2 sur 2"));
    mailbox.on_command(&engine, Command::FindNext);
    mailbox.on_command(&engine, Command::FindPrevious);
    assert!(shows(&mailbox, "2 sur 2"));
    mailbox.update(&engine, find(FindMessage::Typed("sodium".to_owned())));
    assert!(shows(&mailbox, "Aucune occurrence"));
    mailbox.update(&engine, Message::Escape);
    assert!(!shows(&mailbox, "Aucune occurrence"));
}

#[test]
fn without_a_message_finding_looks_in_the_list() {
    let engine = engine();
    let mut mailbox = inbox(&engine, vec![row(1, "CR")]);
    mailbox.on_command(&engine, Command::Find);
    assert!(!shows(&mailbox, "Occurrence suivante"));
}

/// The PDF of a message of our own, with its first page drawn.
fn with_pdf(engine: &Engine) -> (Mailbox, PdfFile) {
    let path = format!("{}/tests/data/message/ordonnance-pdf.eml", env!("CARGO_MANIFEST_DIR"));
    let raw = std::fs::read(path).unwrap();
    let reading = read_document(&raw, "ordonnance-pdf.eml").unwrap();
    let number = reading.documents.iter().position(|d| d.pages.is_some()).unwrap();
    let index = reading.documents.get(number).unwrap().attachment.unwrap();
    let pdf = PdfFile::new(estafette::mime::attachment(&raw, index).unwrap().bytes);
    let mut mailbox = opened(engine);
    act(&mut mailbox, engine, DocumentMessage::Read(MessageId(1), Ok(Box::new(reading))));
    page(&mut mailbox, engine, ViewerMessage::Fetched(MessageId(1), number, Some(pdf.clone())));
    draw(&mut mailbox, engine, &pdf, number, Zoom::Width);
    (mailbox, pdf)
}

fn act(mailbox: &mut Mailbox, engine: &Engine, event: DocumentMessage) {
    mailbox.update(engine, Message::Reader(ReaderMessage::Document(event)));
}

fn page(mailbox: &mut Mailbox, engine: &Engine, event: ViewerMessage) {
    act(mailbox, engine, DocumentMessage::Page(event));
}

fn draw(mailbox: &mut Mailbox, engine: &Engine, pdf: &PdfFile, document: usize, zoom: Zoom) {
    let picture: Option<PageImage> = pdf.page(0, 0.5);
    assert!(picture.is_some());
    let drawn = Drawn { message: MessageId(1), document, number: 0, zoom, picture, text: pdf.text(0) };
    page(mailbox, engine, ViewerMessage::Drawn(Box::new(drawn)));
}

#[test]
fn a_pdf_is_zoomed_searched_and_its_words_are_selected() {
    let engine = engine();
    let (mut mailbox, pdf) = with_pdf(&engine);
    assert!(shows(&mailbox, "Page 1 sur 1"));
    assert!(shows(&mailbox, "Largeur"));
    page(&mut mailbox, &engine, ViewerMessage::Zoom(Zoom::Percent(150)));
    assert!(shows(&mailbox, "150\u{a0}%"));
    page(&mut mailbox, &engine, ViewerMessage::Zoom(Zoom::Width));
    draw(&mut mailbox, &engine, &pdf, 0, Zoom::Width);
    let text = pdf.text(0).unwrap();
    let word = text.text.split_whitespace().find(|word| word.chars().count() > 5).unwrap().to_owned();
    mailbox.on_command(&engine, Command::Find);
    mailbox.update(&engine, Message::Reader(ReaderMessage::Find(FindMessage::Typed(word))));
    page(&mut mailbox, &engine, ViewerMessage::TextsRead(MessageId(1), 0, pdf.texts()));
    assert!(shows(&mailbox, &format!("1 sur {}", occurrences(&pdf, &text.text))));
    page(&mut mailbox, &engine, ViewerMessage::Select(Some(0..4)));
    let wording = wording();
    let _ = window(mailbox.view(context(&wording)));
}

fn occurrences(pdf: &PdfFile, text: &str) -> usize {
    let word = text.split_whitespace().find(|word| word.chars().count() > 5).unwrap();
    let word = estafette::domain::fold::fold(word);
    pdf.texts().iter().map(|page| estafette::domain::fold::find(page, &word, 100).len()).sum()
}
