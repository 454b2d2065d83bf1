//! The composer.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use estafette::domain::contact::{Contact, Mark};
use estafette::domain::draft::{Draft, DraftAttachment, Recipient};
use estafette::domain::filing::rule::Subject;
use estafette::domain::id::{AccountId, DraftId, OutboxId};
use estafette::domain::person::Person;
use estafette::engine::{Engine, Error, ErrorKind, People};
use estafette::gui::screen::Action;
use estafette::gui::screen::composer::{Composer, Field, Message, Obstacle};
use estafette::gui::shortcut::Command;
use iced::widget::text_editor::{Action as EditorAction, Edit};

use crate::desk::{account, address, context, engine, person, window, wording};

const MARTIN: &str = "marie.martin@medecin.mssante.fr";

fn blank(engine: &Engine) -> Composer {
    let (mut composer, _) = Composer::new(engine, None, Draft::new(AccountId(1)));
    composer.update(engine, Message::AccountsRead(Ok(vec![account()])));
    composer
}

fn proposed(composer: &mut Composer, engine: &Engine, generation: u64, people: Vec<Person>) {
    let result = Ok(People { people, ..People::default() });
    composer.update(engine, Message::Proposed { generation, result });
}

fn type_body(composer: &mut Composer, engine: &Engine, text: &str) {
    for c in text.chars() {
        composer.update(engine, Message::Edit(EditorAction::Edit(Edit::Insert(c))));
    }
}

/// A message that nothing keeps from leaving.
fn ready(engine: &Engine) -> Composer {
    let mut composer = blank(engine);
    composer.update(engine, Message::Type(Field::To, MARTIN.to_owned()));
    composer.update(engine, Message::Accept(Field::To));
    let martin = person("810000000001", "Marie", "MARTIN", &[MARTIN]);
    composer.update(engine, Message::PersonRead { address: address(MARTIN), result: Ok(Some(martin)) });
    composer.update(engine, Message::Subject("Avis".to_owned()));
    type_body(&mut composer, engine, "Bonjour");
    composer
}

fn shows(composer: &Composer, text: &str) -> bool {
    let wording = wording();
    window(composer.view(context(&wording))).find(text).is_ok()
}

#[test]
fn an_empty_message_says_what_is_missing_first() {
    let engine = engine();
    let composer = blank(&engine);
    assert_eq!(composer.obstacles(), [Obstacle::NoRecipient, Obstacle::NoSubject, Obstacle::Empty]);
    assert!(shows(&composer, "Ajoutez un destinataire."));
}

#[test]
fn a_ready_message_leaves_once() {
    let engine = engine();
    let mut composer = ready(&engine);
    assert_eq!(composer.obstacles(), []);
    assert!(matches!(composer.update(&engine, Message::Send), Action::Run(_)));
    assert!(matches!(composer.update(&engine, Message::Send), Action::None), "a second press sends nothing");
    let Action::Many(orders) = composer.update(&engine, Message::Queued(Ok(OutboxId(1)))) else { panic!() };
    assert!(matches!(orders.as_slice(), [Action::Tell(_), Action::Close]));
}

#[test]
fn a_message_that_could_not_be_queued_stays_open() {
    let engine = engine();
    let mut composer = ready(&engine);
    composer.update(&engine, Message::Send);
    let error = Error::new(ErrorKind::NeedsCard, "card-needed");
    assert!(matches!(composer.update(&engine, Message::Queued(Err(error))), Action::None));
    assert!(matches!(composer.update(&engine, Message::Send), Action::Run(_)), "it can be tried again");
}

#[test]
fn enter_chooses_nobody_among_homonyms() {
    let engine = engine();
    let mut composer = blank(&engine);
    composer.update(&engine, Message::Type(Field::To, "martin".to_owned()));
    let one = person("810000000001", "Marie", "MARTIN", &[MARTIN]);
    let other = person("810000000002", "Marie", "MARTIN", &["m.martin@ch-lyon.mssante.fr"]);
    proposed(&mut composer, &engine, 1, vec![one, other]);
    composer.update(&engine, Message::Accept(Field::To));
    assert!(composer.to_draft().to.is_empty());
    composer.update(&engine, Message::Point(1));
    composer.update(&engine, Message::Accept(Field::To));
    assert_eq!(composer.to_draft().to.len(), 1);
    assert_eq!(composer.to_draft().to[0].address, address(MARTIN));
}

#[test]
fn several_mailboxes_of_one_person_are_asked_about() {
    let engine = engine();
    let mut composer = blank(&engine);
    composer.update(&engine, Message::Type(Field::To, "martin".to_owned()));
    let martin = person("810000000001", "Marie", "MARTIN", &[MARTIN, "m.martin@ch-lyon.mssante.fr"]);
    proposed(&mut composer, &engine, 1, vec![martin]);
    composer.update(&engine, Message::Choose(0));
    assert!(composer.to_draft().to.is_empty());
    assert!(shows(&composer, "Dr Marie MARTIN a plusieurs boîtes. À laquelle écrire ?"));
    composer.update(&engine, Message::Choose(1));
    assert_eq!(composer.to_draft().to[0].address, address("m.martin@ch-lyon.mssante.fr"));
}

#[test]
fn proposals_for_text_that_changed_meanwhile_are_dropped() {
    let engine = engine();
    let mut composer = blank(&engine);
    composer.update(&engine, Message::Type(Field::To, "mar".to_owned()));
    composer.update(&engine, Message::Type(Field::To, "dur".to_owned()));
    proposed(&mut composer, &engine, 1, vec![person("1", "Marie", "MARTIN", &[MARTIN])]);
    assert!(!shows(&composer, "Dr Marie MARTIN"));
    proposed(&mut composer, &engine, 2, vec![person("2", "Paul", "DURAND", &["p@medecin.mssante.fr"])]);
    assert!(shows(&composer, "Dr Paul DURAND"));
}

#[test]
fn nobody_is_chosen_from_proposals_for_a_shorter_text() {
    let engine = engine();
    let mut composer = blank(&engine);
    composer.update(&engine, Message::Type(Field::To, "martin".to_owned()));
    let other = person("810000000002", "Anne-Laure", "MARTIN", &["al.martin@pharmacien.mssante.fr"]);
    proposed(&mut composer, &engine, 1, vec![other]);
    composer.update(&engine, Message::Type(Field::To, "martin cardio".to_owned()));
    composer.update(&engine, Message::Point(1));
    composer.update(&engine, Message::Accept(Field::To));
    composer.update(&engine, Message::Choose(0));
    assert!(composer.to_draft().to.is_empty(), "chosen from an answer to another text");
    proposed(&mut composer, &engine, 2, vec![person("810000000001", "Marie", "MARTIN", &[MARTIN])]);
    composer.update(&engine, Message::Accept(Field::To));
    assert_eq!(composer.to_draft().to.first().unwrap().address, address(MARTIN));
}

#[test]
fn a_recipient_outside_the_trust_space_stops_the_message_until_the_user_decides() {
    let engine = engine();
    let outside = address("k.benali@imagerie-sud.fr");
    for keep in [true, false] {
        let mut composer = ready(&engine);
        composer.update(&engine, Message::Type(Field::To, "k.benali@imagerie-sud.fr,".to_owned()));
        assert_eq!(composer.obstacles(), [Obstacle::Checking], "not before the directory answered");
        composer.update(&engine, Message::PersonRead { address: outside.clone(), result: Ok(None) });
        assert_eq!(composer.obstacles(), [Obstacle::Outside(outside.clone())]);
        assert!(shows(&composer, "k.benali@imagerie-sud.fr est hors de l’espace de confiance"));
        assert!(matches!(composer.update(&engine, Message::Send), Action::None));
        let decision = if keep { Message::Keep(outside.clone()) } else { Message::Remove(outside.clone()) };
        composer.update(&engine, decision);
        assert_eq!(composer.obstacles(), []);
        assert_eq!(composer.to_draft().to.len(), if keep { 2 } else { 1 });
    }
}

#[test]
fn the_cure_beside_an_outside_address_looks_for_the_person() {
    let engine = engine();
    let mut composer = blank(&engine);
    let action = composer.update(&engine, Message::LookUp(address("k.benali@imagerie-sud.fr")));
    assert!(matches!(action, Action::Annuaire(words) if words == "k benali"));
}

#[test]
fn a_message_without_subject_needs_a_yes() {
    let engine = engine();
    let mut composer = ready(&engine);
    composer.update(&engine, Message::Subject(" ".to_owned()));
    assert_eq!(composer.obstacles(), [Obstacle::NoSubject]);
    composer.update(&engine, Message::AllowNoSubject);
    assert_eq!(composer.obstacles(), []);
}

#[test]
fn text_left_in_a_recipient_field_is_not_forgotten() {
    let engine = engine();
    let mut composer = ready(&engine);
    composer.update(&engine, Message::Type(Field::Cc, "durand".to_owned()));
    assert_eq!(composer.obstacles(), [Obstacle::Unfinished("durand".to_owned())]);
}

#[test]
fn too_many_files_stop_the_message() {
    let engine = engine();
    let mut composer = ready(&engine);
    let file = |name: &str| {
        Ok(DraftAttachment {
            name: name.to_owned(),
            media_type: "application/pdf".to_owned(),
            content: vec![0; 4_000_000],
        })
    };
    composer.update(&engine, Message::Attached(vec![file("a.pdf"), file("b.pdf")]));
    assert_eq!(composer.obstacles(), [Obstacle::TooLarge]);
    composer.update(&engine, Message::Detach(0));
    assert_eq!(composer.obstacles(), []);
    assert!(shows(&composer, &format!("b.pdf · {}", wording().size(4_000_000))));
}

#[test]
fn the_draft_is_kept_once_for_many_changes_and_says_when() {
    let engine = engine();
    let mut composer = ready(&engine);
    assert!(matches!(composer.update(&engine, Message::SaveDue), Action::Run(_)));
    let revision = 9; // recipient, subject, seven letters
    composer.update(&engine, Message::Saved { revision, at: crate::desk::NOW, result: Ok(DraftId(5)) });
    assert!(matches!(composer.update(&engine, Message::SaveDue), Action::None), "nothing changed since");
    let hour = wording().hour(crate::desk::NOW);
    assert!(shows(&composer, &format!("brouillon enregistré à {hour}")));
}

#[test]
fn closing_keeps_what_was_written_and_waits_for_it() {
    let engine = engine();
    let mut composer = ready(&engine);
    assert!(matches!(composer.update(&engine, Message::Close), Action::Run(_)));
    let saved = Message::Saved { revision: 9, at: 0, result: Ok(DraftId(5)) };
    assert!(matches!(composer.update(&engine, saved), Action::Close));
}

#[test]
fn a_draft_that_could_not_be_kept_does_not_close() {
    let engine = engine();
    let mut composer = ready(&engine);
    composer.update(&engine, Message::Close);
    let result = Err(Error::new(ErrorKind::Bug, "store"));
    assert!(matches!(composer.update(&engine, Message::Saved { revision: 9, at: 0, result }), Action::None));
    assert!(shows(&composer, "Le brouillon n’a pas pu être enregistré"));
    assert!(matches!(composer.update(&engine, Message::CloseAnyway), Action::Close));
}

#[test]
fn an_untouched_window_closes_at_once() {
    let engine = engine();
    assert!(matches!(blank(&engine).update(&engine, Message::Close), Action::Close));
}

#[test]
fn sending_waits_for_the_save_under_way_so_that_no_draft_is_left() {
    let engine = engine();
    let mut composer = ready(&engine);
    assert!(matches!(composer.update(&engine, Message::SaveDue), Action::Run(_)));
    assert!(matches!(composer.update(&engine, Message::Send), Action::None));
    let saved = Message::Saved { revision: 9, at: 0, result: Ok(DraftId(5)) };
    assert!(matches!(composer.update(&engine, saved), Action::Run(_)), "now it is queued");
}

#[test]
fn keys_in_the_body_type_and_undo() {
    let engine = engine();
    let mut composer = blank(&engine);
    type_body(&mut composer, &engine, "un deux");
    composer.update(&engine, Message::Undo);
    assert_eq!(composer.to_draft().body.trim_end_matches('\n'), "un ");
    composer.update(&engine, Message::Redo);
    assert_eq!(composer.to_draft().body.trim_end_matches('\n'), "un deux");
}

#[test]
fn arrows_in_a_recipient_field_point_at_proposals() {
    let engine = engine();
    let mut composer = blank(&engine);
    composer.update(&engine, Message::Type(Field::To, "mar".to_owned()));
    proposed(&mut composer, &engine, 1, vec![person("1", "Marie", "MARTIN", &[MARTIN])]);
    let wording = wording();
    let mut ui = window(composer.view(context(&wording)));
    ui.click(iced_test::selector::id("composer-to")).unwrap();
    ui.tap_key(iced::keyboard::key::Named::ArrowDown);
    assert!(ui.into_messages().any(|message| matches!(message, Message::Point(1))));
}

#[test]
fn a_recipient_from_the_panel_is_judged_like_any_other() {
    let engine = engine();
    let mut composer = blank(&engine);
    let recipient = Recipient { name: None, address: address(MARTIN) };
    assert!(matches!(composer.update(&engine, Message::Add(vec![recipient.clone()])), Action::Many(_)));
    composer.update(&engine, Message::Add(vec![recipient]));
    assert_eq!(composer.to_draft().to.len(), 1);
    assert!(composer.obstacles().contains(&Obstacle::Checking));
}

const HOSPITAL: &str = "m.martin@ch-lyon.mssante.fr";

fn martin() -> Person {
    person("810000000001", "Marie", "MARTIN", &[MARTIN, HOSPITAL])
}

/// Dr Martin with the mailboxes the user prefers for her.
fn preferring(choices: &[(Option<Subject>, &str)]) -> Contact {
    let mut contact = Contact::new(martin());
    for (kind, at) in choices {
        contact.preferred.set(*kind, Some(address(at)));
    }
    contact
}

fn search_finds(composer: &mut Composer, engine: &Engine, generation: u64, contact: &Contact) {
    composer.update(engine, Message::Type(Field::To, "martin".to_owned()));
    let mark = Mark { preferred: contact.preferred.clone(), ..Mark::default() };
    let marks = [(contact.person.key.clone(), mark)].into();
    let result = Ok(People { people: vec![contact.person.clone()], marks, ..People::default() });
    composer.update(engine, Message::Proposed { generation, result });
}

/// Files are attached, and what they are becomes known.
fn attach(composer: &mut Composer, engine: &Engine, asked: u64, kinds: &[Subject]) {
    let file = DraftAttachment { name: "f".into(), media_type: "application/pdf".into(), content: vec![1] };
    composer.update(engine, Message::Attached(vec![Ok(file)]));
    composer.update(engine, Message::KindsRead { asked, result: Ok(kinds.to_vec()) });
}

fn to(composer: &Composer) -> String {
    composer.to_draft().to.first().unwrap().address.to_string()
}

const BIOLOGY: [Subject; 2] = [Subject::Biology, Subject::Pdf];

#[test]
fn the_preferred_mailbox_follows_what_is_attached_and_says_why() {
    let engine = engine();
    let mut composer = blank(&engine);
    let contact = preferring(&[(None, MARTIN), (Some(Subject::Biology), HOSPITAL)]);
    search_finds(&mut composer, &engine, 1, &contact);
    composer.update(&engine, Message::Accept(Field::To));
    assert_eq!(to(&composer), MARTIN, "the mailbox for whatever is written");
    assert!(shows(&composer, "Dr Marie MARTIN : marie.martin@medecin.mssante.fr, sa boîte préférée"));
    let file = DraftAttachment { name: "f".into(), media_type: String::new(), content: vec![1] };
    composer.update(&engine, Message::Attached(vec![Ok(file)]));
    assert!(composer.obstacles().contains(&Obstacle::Checking), "nothing leaves before the files are known");
    composer.update(&engine, Message::KindsRead { asked: 1, result: Ok(BIOLOGY.to_vec()) });
    assert_eq!(to(&composer), HOSPITAL);
    let why =
        format!("Dr Marie MARTIN : {HOSPITAL}, sa boîte préférée pour « biologie », au lieu de {MARTIN}");
    assert!(shows(&composer, &why), "{why}");
    composer.update(&engine, Message::Detach(0));
    composer.update(&engine, Message::KindsRead { asked: 2, result: Ok(vec![Subject::Letter]) });
    assert_eq!(to(&composer), MARTIN);
}

#[test]
fn an_address_that_was_picked_or_typed_is_never_changed_and_another_only_proposed() {
    let engine = engine();
    let contact = preferring(&[(Some(Subject::Biology), HOSPITAL)]);
    // picked among the mailboxes
    let mut picked = blank(&engine);
    search_finds(&mut picked, &engine, 1, &contact);
    picked.update(&engine, Message::Accept(Field::To));
    assert!(picked.to_draft().to.is_empty(), "of a letter nothing was said");
    assert!(shows(&picked, "Dr Marie MARTIN a plusieurs boîtes. À laquelle écrire ?"));
    picked.update(&engine, Message::Point(1));
    picked.update(&engine, Message::Accept(Field::To));
    // typed
    let mut typed = blank(&engine);
    typed.update(&engine, Message::Type(Field::To, MARTIN.to_owned()));
    typed.update(&engine, Message::Accept(Field::To));
    typed.update(&engine, Message::PersonRead { address: address(MARTIN), result: Ok(Some(martin())) });
    for mut composer in [picked, typed] {
        let result = Box::new(Ok(contact.clone()));
        composer.update(&engine, Message::ContactRead { address: address(MARTIN), result });
        attach(&mut composer, &engine, 1, &BIOLOGY);
        assert_eq!(to(&composer), MARTIN);
        assert!(shows(&composer, &format!("Dr Marie MARTIN : pour « biologie », vous préférez {HOSPITAL}")));
        {
            let wording = wording();
            let mut ui = window(composer.view(context(&wording)));
            ui.click("Écrire à cette boîte").unwrap();
            let asked = |m| matches!(m, Message::UseMailbox(of, to) if of == address(MARTIN) && to == address(HOSPITAL));
            assert!(ui.into_messages().any(asked));
        }
        composer.update(&engine, Message::UseMailbox(address(MARTIN), address(HOSPITAL)));
        assert_eq!(to(&composer), HOSPITAL);
        assert_eq!(composer.to_draft().to.len(), 1);
        composer.update(&engine, Message::Detach(0));
        composer.update(&engine, Message::KindsRead { asked: 2, result: Ok(vec![Subject::Letter]) });
        assert_eq!(to(&composer), HOSPITAL, "taken by hand, it stays");
    }
}

#[test]
fn another_mailbox_is_one_key_away() {
    let engine = engine();
    let mut composer = blank(&engine);
    let contact = preferring(&[(None, MARTIN)]);
    search_finds(&mut composer, &engine, 1, &contact);
    composer.update(&engine, Message::Accept(Field::To));
    assert!(shows(&composer, "Autre boîte"));
    composer.on_command(&engine, Command::OtherMailbox);
    assert!(shows(&composer, HOSPITAL));
    composer.update(&engine, Message::Point(1));
    composer.update(&engine, Message::Accept(Field::To));
    assert_eq!(to(&composer), HOSPITAL);
    assert_eq!(composer.to_draft().to.len(), 1, "it takes the place of the other");
    attach(&mut composer, &engine, 1, &BIOLOGY);
    assert_eq!(to(&composer), HOSPITAL, "picked, it is not changed any more");
}

#[test]
fn a_preferred_mailbox_that_vanished_is_said_and_none_is_taken_instead() {
    let engine = engine();
    let mut composer = blank(&engine);
    attach(&mut composer, &engine, 1, &BIOLOGY);
    let closed = "labo@ch-lyon.mssante.fr";
    let mut contact = preferring(&[(None, MARTIN)]);
    contact.preferred.set(Some(Subject::Biology), Some(address(closed)));
    search_finds(&mut composer, &engine, 1, &contact);
    composer.update(&engine, Message::Accept(Field::To));
    assert!(composer.to_draft().to.is_empty());
    let gone = format!(
        "Dr Marie MARTIN : la boîte préférée pour « biologie », {closed}, n’est plus dans l’annuaire"
    );
    assert!(shows(&composer, &gone));
    composer.update(&engine, Message::Choose(1));
    assert_eq!(to(&composer), HOSPITAL);
    assert!(shows(&composer, &gone), "still said of the recipient");
}

#[test]
fn a_mailbox_picked_among_several_can_be_preferred_from_then_on() {
    let engine = engine();
    let mut composer = blank(&engine);
    attach(&mut composer, &engine, 1, &BIOLOGY);
    search_finds(&mut composer, &engine, 1, &Contact::new(martin()));
    composer.update(&engine, Message::Accept(Field::To));
    composer.update(&engine, Message::Choose(1));
    let wording = wording();
    let mut ui = window(composer.view(context(&wording)));
    ui.click("Préférer cette boîte pour « biologie »").unwrap();
    assert!(ui.into_messages().any(|m| matches!(m, Message::Prefer(at) if at == address(HOSPITAL))));
    assert!(matches!(composer.update(&engine, Message::Prefer(address(HOSPITAL))), Action::Run(_)));
}
