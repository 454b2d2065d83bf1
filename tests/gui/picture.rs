//! Pictures of states that the practice mode cannot be brought into, in `target/tmp/picture`, to be looked at:
//! `cargo test --features gui-test --test gui picture -- --ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;

use estafette::domain::contact::{Contact, History};
use estafette::domain::person::{MailboxKind, Person, Practice};
use estafette::engine::{AnnuaireStatus, ApiDetail, Engine, Event, People};
use estafette::gui::screen::annuaire::{Annuaire, DetailMessage, Message};
use estafette::gui::theme::{Look, TextSize};
use estafette::gui::widget::{ListEvent, SelectMode};

use crate::desk::{NOW, context, engine, person, window, wording};

fn status(date: &str) -> Message {
    let data_date = Some(date.to_owned());
    Message::StatusRead(Ok(AnnuaireStatus { mailboxes: 482_113, data_date, ..AnnuaireStatus::default() }))
}

fn panel(engine: &Engine) -> Annuaire {
    let (mut annuaire, _) = Annuaire::new(engine);
    annuaire.update(engine, status("21/11/2026 02:13"));
    annuaire
}

fn found(engine: &Engine, query: &str, people: Vec<Person>, near: Vec<Person>) -> Annuaire {
    let mut annuaire = panel(engine);
    annuaire.update(engine, Message::Typed(query.to_owned()));
    let result = Ok(People { people, near, ..People::default() });
    annuaire.update(engine, Message::Found { generation: 1, result });
    annuaire
}

fn benalis() -> Vec<Person> {
    let one = person("810001234417", "Karim", "BENALI", &["k.benali@medecin.mssante.fr"]);
    let mut other =
        person("810001239025", "Karim", "BENALI", &["karim.benali@chu.mssante.fr", "kb@cabinet.mssante.fr"]);
    other.specialties = vec!["Néphrologie".to_owned()];
    other.places = vec![Practice {
        structure: "CHU de Grenoble".to_owned(),
        street: "Boulevard de la Chantourne".to_owned(),
        postal_code: "38700".to_owned(),
        city: "La Tronche".to_owned(),
        phone: "0476000000".to_owned(),
    }];
    vec![one, other]
}

fn select(row: u32) -> Message {
    Message::List(ListEvent::Select { row, mode: SelectMode::Replace })
}

fn draw(annuaire: &Annuaire, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("picture");
    let wording = wording();
    for dark in [false, true] {
        let context =
            estafette::gui::screen::Context { look: Look::new(dark, TextSize::Normal), ..context(&wording) };
        let panel = iced::widget::container(annuaire.view(context)).width(440.0);
        let theme = if dark { iced::Theme::Dark } else { iced::Theme::Light };
        let picture = window(panel.into()).snapshot(&theme).unwrap();
        let file = folder.join(format!("{name}-{}", if dark { "dark" } else { "light" }));
        assert!(picture.matches_image(file).unwrap());
    }
}

#[test]
#[ignore = "pictures, to be looked at"]
fn the_annuaires_panel_in_each_state() {
    let _ = std::fs::remove_dir_all(Path::new(env!("CARGO_TARGET_TMPDIR")).join("picture"));
    let engine = engine();
    let mut known = panel(&engine);
    let favourite = Contact { person: benalis().remove(0), favourite: true, ..Contact::default() };
    let recent = Contact { person: benalis().remove(1), last_used: Some(NOW), ..Contact::default() };
    draw(&known, "blank");
    known.update(&engine, Message::KnownRead(Box::new(Ok((vec![favourite, recent], vec![])))));
    draw(&known, "known");
    let mut old = panel(&engine);
    old.update(&engine, status("09/11/2026 02:13"));
    draw(&old, "old");
    draw(&found(&engine, "zzzz", vec![], vec![]), "nobody");
    draw(&found(&engine, "rouge@medecin.mssante.fr", vec![], vec![]), "typed-address");
    draw(&found(&engine, "benali", benalis(), vec![]), "homonyms");
    let near = vec![person("810001230001", "Karima", "BENALY", &["kb@infirmier.mssante.fr"])];
    draw(&found(&engine, "benalli", vec![], near), "near");
    let mut detail = found(&engine, "benali", benalis(), vec![]);
    detail.update(&engine, select(1));
    let key = "810001239025".to_owned();
    let history = History { received: 12, last_received: Some(NOW), sent: 3, last_sent: Some(NOW) };
    detail.update(&engine, Message::Detail(DetailMessage::HistoryRead(key.clone(), Ok(history))));
    detail.update(&engine, Message::Detail(DetailMessage::ApiOffered(key.clone(), true)));
    draw(&detail, "detail");
    let answer = ApiDetail {
        active: false,
        updated: "2026-11-20T02:11:00.000+01:00".to_owned(),
        ..ApiDetail::default()
    };
    let read = DetailMessage::ApiRead(key, Ok(Some(Box::new(answer))));
    detail.update(&engine, Message::Detail(read));
    draw(&detail, "registry");
    let mut service = person("urgences@chu.mssante.fr", "", "CHU DE GRENOBLE", &["urgences@chu.mssante.fr"]);
    (service.title, service.profession, service.specialties) = Default::default();
    service.mailboxes[0].kind = MailboxKind::Org;
    service.mailboxes[0].service = "Urgences adultes".to_owned();
    let mut organisation = found(&engine, "urgences grenoble", vec![service], vec![]);
    organisation.update(&engine, select(0));
    draw(&organisation, "organisation");
    draw(&importing(&engine), "import");
}

/// A panel while an import waits for more of its file.
fn importing(engine: &Engine) -> Annuaire {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("Extraction_Correspondance_MSSante_202611220213.txt");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (other, path) = (engine.clone(), pipe.to_string_lossy().into_owned());
    let import =
        std::thread::spawn(move || futures::executor::block_on(other.import_annuaire(&path)).map(drop));
    while engine.annuaire_import().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let mut annuaire = found(engine, "benali", benalis(), vec![]);
    annuaire.on_event(engine, &Event::AnnuaireProgress);
    // its end: an empty file
    drop(std::fs::OpenOptions::new().write(true).open(&pipe).unwrap());
    assert!(import.join().unwrap().is_err(), "an empty file is no extraction");
    annuaire
}
