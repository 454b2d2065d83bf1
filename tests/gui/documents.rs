//! Health documents in the reader: cards, results, narrative, and what contradicts.

use estafette::domain::biology::{Flag, LabResult};
use estafette::domain::document::{Reading, Warning};
use estafette::domain::id::MessageId;
use estafette::engine::read_document;
use estafette::gui::screen::mailbox::{DocumentMessage, Mailbox, Message, ReaderMessage};
use estafette::gui::theme::{Look, TextSize};

use crate::desk::{context, engine, message, window, wording};
use crate::mailbox::{opened, shows};

fn reading(name: &str) -> Reading {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    read_document(&std::fs::read(path).unwrap(), name).unwrap()
}

fn read(mailbox: &mut Mailbox, engine: &estafette::engine::Engine, reading: Reading) {
    let came = DocumentMessage::Read(MessageId(1), Ok(Box::new(reading)));
    mailbox.update(engine, Message::Reader(ReaderMessage::Document(came)));
}

#[test]
fn one_document_opens_by_itself_with_its_patient_results_and_narrative() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    read(&mut mailbox, &engine, reading("cda/bio-n3.xml"));
    for text in [
        "Compte rendu d'examens biologiques",
        "ECLIPSE LUCIE",
        "INS reçu : 2 85 04 13 055 017 86 (identité de test)",
        "132 umol/L",
        "45 – 84",
        "très élevé",
        "BIOCHIMIE",
    ] {
        assert!(shows(&mailbox, text), "{text}");
    }
    let fold = Message::Reader(ReaderMessage::Document(DocumentMessage::Toggle(0)));
    mailbox.update(&engine, fold);
    assert!(!shows(&mailbox, "132 umol/L"));
}

#[test]
fn a_critical_result_stays_on_top_until_it_is_said_to_be_seen() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let mut view = message(1, "Bio");
    view.row.alarm = true;
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view.clone())) });
    read(&mut mailbox, &engine, reading("cda/bio-n3.xml"));
    assert!(shows(&mailbox, "Créatinine 132 umol/L (HH)"));
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click("J’ai vu ce résultat").unwrap();
    assert!(ui.into_messages().any(|m| matches!(m, Message::AcknowledgeAlarm(MessageId(1)))));
    view.row.alarm = false;
    mailbox.update(&engine, Message::Opened { id: MessageId(1), result: Ok(Box::new(view)) });
    assert!(!shows(&mailbox, "J’ai vu ce résultat"));
}

#[test]
fn another_patient_in_the_document_is_told_above_everything() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let mut wrong = reading("message/mss-bio-xdm.eml");
    wrong.warnings.push(Warning::PatientDiffersFromMetadata);
    read(&mut mailbox, &engine, wrong);
    assert!(shows(&mailbox, "Deux patients différents dans ce document"));
}

#[test]
fn a_platform_that_refused_a_document_is_told_in_words() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    read(&mut mailbox, &engine, reading("message/mdn-ko-902.eml"));
    assert!(shows(&mailbox, "L’établissement n’a pas intégré votre document"));
}

#[test]
fn abnormal_results_come_first_on_request_and_three_hundred_are_drawn() {
    let engine = engine();
    let mut mailbox = opened(&engine);
    let mut many = reading("cda/bio-n3.xml");
    many.documents[0].results = (0..300)
        .map(|n| LabResult {
            label: format!("Analyse {n}"),
            value: n.to_string(),
            flag: Some(if n == 299 { Flag::HH } else { Flag::N }),
            ..LabResult::default()
        })
        .collect();
    read(&mut mailbox, &engine, many);
    let wording = wording();
    let mut ui = window(mailbox.view(context(&wording)));
    ui.click("Anormaux d’abord (1)").unwrap();
    let chosen = ui
        .into_messages()
        .any(|m| matches!(m, Message::Reader(ReaderMessage::Document(DocumentMessage::AbnormalFirst(true)))));
    assert!(chosen);
    // the first screenful is set in the first frame, the others in those after it
    let mut ui = window(mailbox.view(context(&wording)));
    assert!(ui.find("Analyse 0").is_ok() && ui.find("Analyse 298").is_err());
    let theme = Look::new(false, TextSize::Normal).theme();
    for _ in 0..12 {
        ui.snapshot(&theme).unwrap();
        let now = std::time::Instant::now();
        let _ = ui.simulate([iced::Event::Window(iced::window::Event::RedrawRequested(now))]);
    }
    assert!(ui.find("Analyse 298").is_ok());
    drop(ui);
    let first = DocumentMessage::AbnormalFirst(true);
    mailbox.update(&engine, Message::Reader(ReaderMessage::Document(first)));
    assert!(shows(&mailbox, "Analyse 299"));
}
