//! Pictures of states that the practice mode cannot be brought into, in `target/tmp/picture`, to be looked at:
//! `cargo test --features gui-test --test gui picture -- --ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::sync::Once;

use estafette::domain::contact::{Contact, Flaw, History, Mark, OwnEntry};
use estafette::domain::draft::{Draft, DraftAttachment};
use estafette::domain::filing::rule::Subject;
use estafette::domain::id::AccountId;
use estafette::domain::ldap::LdapSettings;
use estafette::domain::person::{MailboxKind, Person, Practice};
use estafette::engine::{AnnuaireStatus, ApiDetail, Engine, Error, ErrorKind, Event, People};
use estafette::gui::Element;
use estafette::gui::font;
use estafette::gui::preferences::Preferences;
use estafette::gui::screen::Context;
use estafette::gui::screen::annuaire::{Annuaire, DetailMessage, LdapMessage, Message};
use estafette::gui::screen::composer::{self, Composer, Field};
use estafette::gui::screen::settings::{self, Settings};
use estafette::gui::theme::{Look, TextSize};
use estafette::gui::widget::{ListEvent, SelectMode};
use estafette::wording::{Language, Wording};
use iced::Size;
use iced_test::simulator::Simulator;

use crate::annuaire::{from_ldap, with_ldap};
use crate::desk::{NOW, account, address, context, engine, person};

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

/// Languages, themes, sizes of text and windows in which every state is drawn.
const LOOKS: [(Language, bool, TextSize, (f32, f32)); 6] = [
    (Language::French, false, TextSize::Normal, (1280.0, 800.0)),
    (Language::French, true, TextSize::Normal, (1280.0, 800.0)),
    (Language::English, false, TextSize::Normal, (1280.0, 800.0)),
    (Language::English, true, TextSize::Normal, (1280.0, 800.0)),
    (Language::French, false, TextSize::Larger, (1280.0, 800.0)),
    (Language::French, false, TextSize::Normal, (1920.0, 1080.0)),
];

/// Draws a state in every look.
fn draw_each<S, M>(name: &str, state: &S, view: for<'a> fn(&'a S, Context<'a>) -> Element<'a, M>) {
    draw_high(name, 1.0, state, view);
}

/// Draws it in windows this many times as high, where a page would have to be scrolled.
fn draw_high<S, M>(
    name: &str,
    times: f32,
    state: &S,
    view: for<'a> fn(&'a S, Context<'a>) -> Element<'a, M>,
) {
    static CLEAN: Once = Once::new();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("picture");
    CLEAN.call_once(|| drop(std::fs::remove_dir_all(&folder)));
    for (language, dark, size, (width, height)) in LOOKS {
        let wording = Wording::new(language);
        let window = Size::new(width, height * times);
        let look = Look::new(dark, size);
        let context = Context { look, window, ..context(&wording) };
        let theme = if dark { iced::Theme::Dark } else { iced::Theme::Light };
        let settings = iced::Settings {
            fonts: font::all(),
            default_font: font::TEXT,
            default_text_size: 14.0.into(),
            ..iced::Settings::default()
        };
        let mut drawn = Simulator::with_size(settings, window, view(state, context));
        let words = match language {
            Language::French => "fr",
            Language::English => "en",
        };
        let shade = if dark { "dark" } else { "light" };
        let percent = if size == TextSize::Larger { 150 } else { 100 };
        let file = folder.join(format!("{name}-{words}-{shade}-{percent}-{width}x{height}"));
        assert!(drawn.snapshot(&theme).unwrap().matches_image(file).unwrap());
    }
}

fn draw(annuaire: &Annuaire, name: &str) {
    draw_each(name, annuaire, beside);
}

fn beside<'a>(annuaire: &'a Annuaire, context: Context<'a>) -> Element<'a, Message> {
    let width = context.look.px(400.0).min(context.window.width * 0.5);
    iced::widget::container(annuaire.view(context)).width(width).into()
}

fn write(composer: &Composer, name: &str) {
    draw_each(name, composer, Composer::view);
}

#[test]
#[ignore = "pictures, to be looked at"]
fn the_annuaires_panel_in_each_state() {
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
    let mut typing = panel(&engine);
    typing.update(&engine, Message::Typed("be".to_owned()));
    draw(&typing, "typing");
    let mut me = panel(&engine);
    let entry = OwnEntry { person: Some(benalis().remove(1)), flaws: vec![Flaw::NoSpecialty, Flaw::NoTown] };
    me.update(&engine, Message::MeRead(Ok(entry)));
    draw(&me, "me");
}

#[test]
#[ignore = "pictures, to be looked at"]
fn an_ldap_directory_beside_the_annuaire() {
    let engine = engine();
    let offered = with_ldap(&engine, "benali", benalis());
    draw(&offered, "ldap-offered");
    draw(&with_ldap(&engine, "zzzz", vec![]), "ldap-offered-nobody");
    let mut asked = with_ldap(&engine, "zzzz", vec![]);
    asked.update(&engine, Message::Ldap(LdapMessage::Ask));
    draw(&asked, "ldap-asked");
    let failed = Error::new(ErrorKind::Offline, "ldap-unreachable").with("host", "annuaire.chu.example");
    asked.update(&engine, Message::Ldap(LdapMessage::Answered(1, Err(failed))));
    draw(&asked, "ldap-failed");
    let mut answered = with_ldap(&engine, "benali", benalis().into_iter().take(1).collect());
    let both = vec![
        person("810001230001", "Samir", "BENALI", &["s.benali@medecin.mssante.fr"]),
        person("810001230002", "Yasmine", "BENALI", &["y.benali@chu.example"]),
    ];
    answered.update(&engine, from_ldap(both, &["s.benali@medecin.mssante.fr"], true));
    draw(&answered, "ldap-answered");
    answered.update(&engine, select(3));
    draw(&answered, "ldap-detail");
    let mut kept = LdapSettings::new("ldaps://annuaire.chu.example".parse().unwrap());
    kept.user = Some("cn=lecteur,dc=mssante,dc=fr".to_owned());
    let mut settings = Settings::with(&Preferences::default(), Vec::new(), None);
    draw_high("ldap-settings-none", 4.0, &settings, Settings::view);
    let say =
        |settings: &mut Settings, message| drop(settings.update(&engine, settings::Message::Ldap(message)));
    say(&mut settings, settings::ldap::Message::Read(Box::new(Ok(Some(kept)))));
    draw_high("ldap-settings", 4.0, &settings, Settings::view);
    say(&mut settings, settings::ldap::Message::ShowAttributes);
    draw_high("ldap-settings-attributes", 4.0, &settings, Settings::view);
}

/// Dr Benali with two mailboxes, results preferred at the first, and a mailbox for letters that was closed.
fn preferring() -> Contact {
    let mut contact = Contact::new(benalis().remove(1));
    let hospital = contact.person.mailboxes.first().unwrap().address.clone();
    contact.preferred.set(Some(Subject::Biology), Some(hospital.clone()));
    contact.preferred.set(Some(Subject::Imaging), Some(hospital));
    contact.preferred.set(Some(Subject::Letter), Some(address("k.benali@clinique.mssante.fr")));
    contact
}

#[test]
#[ignore = "pictures, to be looked at"]
fn preferred_mailboxes_on_the_card_and_in_the_composer() {
    let engine = engine();
    let mut card = found(&engine, "benali", benalis(), vec![]);
    card.update(&engine, select(1));
    let mut kept = preferring();
    kept.preferred.set(Some(Subject::Letter), None);
    card.update(&engine, Message::Detail(DetailMessage::ContactRead(Box::new(Ok(kept)))));
    draw(&card, "preferred");
    let hospital = benalis()[1].mailboxes[0].address.clone();
    card.update(&engine, Message::Detail(DetailMessage::ShowKinds(hospital)));
    draw(&card, "preferring");
    card.update(&engine, Message::Detail(DetailMessage::ContactRead(Box::new(Ok(preferring())))));
    draw(&card, "preferred-gone");

    let mut composer = letter(&engine);
    choose(&mut composer, &engine, 1);
    write(&composer, "composer-gone");
    attach(&mut composer, &engine);
    write(&composer, "composer-gone-biology");
    composer.update(&engine, composer::Message::LeaveProposals);
    choose(&mut composer, &engine, 3);
    write(&composer, "composer-followed");
    composer.on_command(&engine, estafette::gui::shortcut::Command::OtherMailbox);
    write(&composer, "composer-other");
    composer.update(&engine, composer::Message::Choose(1));
    write(&composer, "composer-suggested");
}

fn letter(engine: &Engine) -> Composer {
    let (mut composer, _) = Composer::new(engine, None, Draft::new(AccountId(1)));
    composer.update(engine, composer::Message::AccountsRead(Ok(vec![account()])));
    composer.update(engine, composer::Message::Subject("Résultats de Mme DUPONT".to_owned()));
    composer
}

/// Types the name and takes the only person found.
fn choose(composer: &mut Composer, engine: &Engine, generation: u64) {
    composer.update(engine, composer::Message::Type(Field::To, "benali".to_owned()));
    let contact = preferring();
    let mark = Mark { preferred: contact.preferred.clone(), favourite: true, ..Mark::default() };
    let marks = [(contact.person.key.clone(), mark)].into();
    let result = Ok(People { people: vec![contact.person], marks, ..People::default() });
    composer.update(engine, composer::Message::Proposed { generation, result });
    composer.update(engine, composer::Message::Accept(Field::To));
}

fn attach(composer: &mut Composer, engine: &Engine) {
    let file = DraftAttachment {
        name: "resultats.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        content: vec![0; 120_000],
    };
    composer.update(engine, composer::Message::Attached(vec![Ok(file)]));
    let result = Ok(vec![Subject::Biology, Subject::Pdf]);
    composer.update(engine, composer::Message::KindsRead { asked: 1, result });
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
