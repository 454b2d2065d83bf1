//! The directory panel.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use estafette::domain::contact::{Contact, Flaw, Group, History, Member, OwnEntry, Preferred};
use estafette::domain::directory::{BadLine, Gone, LineFault, MIRROR};
use estafette::domain::filing::rule::Subject;
use estafette::domain::id::GroupId;
use estafette::domain::ldap::{LdapField, LdapPeople, LdapSettings};
use estafette::domain::person::Person;
use estafette::engine::{AnnuaireStatus, ApiDetail, ApiMailbox, Engine, Error, ErrorKind, People};
use estafette::gui::preferences::Preferences;
use estafette::gui::screen::Action;
use estafette::gui::screen::annuaire::{Annuaire, DetailMessage, LdapMessage, Message, Trade};
use estafette::gui::screen::settings::{self, Settings};
use estafette::gui::widget::{ListEvent, SelectMode};

use crate::desk::{context, engine, person, window, wording};

fn found(engine: &Engine, query: &str, people: Vec<Person>) -> Annuaire {
    let (mut annuaire, _) = Annuaire::new(engine);
    annuaire.update(engine, Message::Typed(query.to_owned()));
    let result = Ok(People { people, ..People::default() });
    annuaire.update(engine, Message::Found { generation: 1, result });
    annuaire
}

fn benalis() -> Vec<Person> {
    vec![
        person("810001234417", "Karim", "BENALI", &["k.benali@medecin.mssante.fr"]),
        person("810001239025", "Karim", "BENALI", &["karim.benali@chu.mssante.fr", "kb@cabinet.mssante.fr"]),
    ]
}

fn select(row: u32) -> Message {
    Message::List(ListEvent::Select { row, mode: SelectMode::Replace })
}

fn shows(annuaire: &Annuaire, text: &str) -> bool {
    let wording = wording();
    window(annuaire.view(context(&wording))).find(text).is_ok()
}

#[test]
fn homonyms_are_told_apart_and_enter_takes_none() {
    let engine = engine();
    let mut annuaire = found(&engine, "benali", benalis());
    for text in ["RPPS …4417", "RPPS …9025", "Lyon · Cabinet des Tilleuls · 1 boîte"] {
        assert!(shows(&annuaire, text), "{text}");
    }
    assert!(matches!(annuaire.update(&engine, Message::Accept), Action::None));
}

#[test]
fn enter_on_a_person_with_one_mailbox_writes_and_with_two_asks() {
    let engine = engine();
    let mut annuaire = found(&engine, "benali", benalis());
    annuaire.update(&engine, select(0));
    assert!(matches!(annuaire.update(&engine, Message::Accept), Action::WriteTo(_, 0)));
    annuaire.update(&engine, select(1));
    assert!(matches!(annuaire.update(&engine, Message::Accept), Action::None));
    assert!(shows(&annuaire, "kb@cabinet.mssante.fr"));
    assert!(matches!(annuaire.update(&engine, Message::Write(1)), Action::WriteTo(_, 1)));
}

#[test]
fn results_for_words_that_changed_meanwhile_are_dropped() {
    let engine = engine();
    let (mut annuaire, _) = Annuaire::new(&engine);
    annuaire.update(&engine, Message::Typed("ben".to_owned()));
    annuaire.update(&engine, Message::Typed("mar".to_owned()));
    let result = Ok(People { people: benalis(), ..People::default() });
    annuaire.update(&engine, Message::Found { generation: 1, result });
    assert!(!shows(&annuaire, "Dr Karim BENALI"));
}

#[test]
fn nobody_found_speaks_of_the_red_list_and_takes_a_typed_address() {
    let engine = engine();
    let mut annuaire = found(&engine, "rouge@medecin.mssante.fr", vec![]);
    assert!(shows(&annuaire, "Liste rouge possible : si vous connaissez l’adresse, saisissez-la en entier."));
    let Action::WriteTo(person, 0) = annuaire.update(&engine, Message::Accept) else { panic!("nobody") };
    assert_eq!(person.mailboxes[0].address.as_str(), "rouge@medecin.mssante.fr");
}

#[test]
fn the_date_of_the_data_is_shown() {
    let engine = engine();
    let (mut annuaire, _) = Annuaire::new(&engine);
    let status =
        AnnuaireStatus { mailboxes: 1, data_date: Some("21/11/2026 06:00".to_owned()), ..Default::default() };
    annuaire.update(&engine, Message::StatusRead(Ok(status)));
    assert!(shows(&annuaire, "données du 21/11/2026 06:00"));
}

#[test]
fn escape_closes_the_detail_then_the_panel() {
    let engine = engine();
    let mut annuaire = found(&engine, "benali", benalis());
    annuaire.update(&engine, select(0));
    assert!(!matches!(annuaire.update(&engine, Message::Back), Action::Close));
    assert!(matches!(annuaire.update(&engine, Message::Back), Action::Close));
}

#[test]
fn arrows_move_among_results_while_the_field_is_typed_in() {
    let engine = engine();
    let annuaire = found(&engine, "benali", benalis());
    let wording = wording();
    let mut ui = window(annuaire.view(context(&wording)));
    ui.click(iced_test::selector::id("annuaire-search")).unwrap();
    ui.tap_key(iced::keyboard::key::Named::ArrowDown);
    let pointed = |message| matches!(message, Message::List(ListEvent::Select { row: 0, .. }));
    assert!(ui.into_messages().any(pointed));
}

#[test]
fn near_spellings_stand_apart_and_are_never_taken_by_enter_alone() {
    let engine = engine();
    let (mut annuaire, _) = Annuaire::new(&engine);
    annuaire.update(&engine, Message::Typed("benali".to_owned()));
    let near = vec![person("810001233380", "Samir", "BENNALI", &["s.bennali@medecin.mssante.fr"])];
    let people = benalis().into_iter().take(1).collect();
    let result = Ok(People { people, near, ..People::default() });
    annuaire.update(&engine, Message::Found { generation: 1, result });
    assert!(shows(&annuaire, "Orthographe proche"));
    assert!(matches!(annuaire.update(&engine, Message::Accept), Action::None));
    assert!(!shows(&annuaire, "k.benali@medecin.mssante.fr"), "nobody is pointed at");
    annuaire.update(&engine, select(2));
    assert!(shows(&annuaire, "s.bennali@medecin.mssante.fr"));
}

fn contact(person: Person, favourite: bool) -> Contact {
    Contact { person, favourite, ..Contact::default() }
}

#[test]
fn before_anything_is_typed_groups_favourites_and_the_latest_recipients_are_shown() {
    let engine = engine();
    let (mut annuaire, _) = Annuaire::new(&engine);
    let [karim, other] = <[Person; 2]>::try_from(benalis()).unwrap();
    let member = Member { person: karim.clone(), address: karim.mailboxes[0].address.clone(), gone: None };
    let groups = vec![Group { id: GroupId(1), name: "RCP pneumo".to_owned(), members: vec![member] }];
    let written = Contact { last_used: Some(5), ..contact(other, false) };
    let known = Ok((vec![written, contact(karim, true)], groups));
    annuaire.update(&engine, Message::KnownRead(Box::new(known)));
    for text in ["Groupes", "RCP pneumo", "1 membre", "Favoris", "Derniers destinataires", "déjà écrit"] {
        assert!(shows(&annuaire, text), "{text}");
    }
    // row 0 is a heading, row 1 the group
    let activated = annuaire.update(&engine, Message::List(ListEvent::Activate(1)));
    let Action::WriteAll(recipients) = activated else { panic!("nobody is written to") };
    assert_eq!(recipients[0].address.as_str(), "k.benali@medecin.mssante.fr");
}

#[test]
fn somebody_in_detail_shows_what_is_kept_and_what_vanished() {
    let engine = engine();
    let mut annuaire = found(&engine, "benali", benalis());
    annuaire.update(&engine, select(1));
    let person = benalis().remove(1);
    let gone = Gone { at: 0, data_date: Some("22/11/2026 02:13".to_owned()) };
    let kept = Contact {
        favourite: true,
        note: "appeler le matin".to_owned(),
        preferred: Preferred { any: Some(person.mailboxes[1].address.clone()), ..Preferred::default() },
        groups: vec!["RCP pneumo".to_owned()],
        gone: vec![(person.mailboxes[0].address.clone(), gone)],
        ..contact(person.clone(), true)
    };
    annuaire.update(&engine, Message::Detail(DetailMessage::ContactRead(Box::new(Ok(kept)))));
    let history = History { received: 12, last_received: Some(1_795_227_180), ..History::default() };
    annuaire.update(&engine, Message::Detail(DetailMessage::HistoryRead(person.key, Ok(history))));
    for text in [
        "Favori",
        "préférée",
        "RCP pneumo",
        "karim.benali@chu.mssante.fr n’est plus dans l’annuaire.",
        "12 messages reçus, le dernier le 21/11/2026 · aucun envoyé",
    ] {
        assert!(shows(&annuaire, text), "{text}");
    }
}

#[test]
fn data_twelve_days_old_are_said_to_be_so() {
    let engine = engine();
    let (mut annuaire, _) = Annuaire::new(&engine);
    let wording = wording();
    let now = context(&wording).now;
    let day = jiff::Timestamp::from_second(now - 12 * 86_400 - 60).unwrap();
    let date = day.to_zoned(jiff::tz::TimeZone::UTC).strftime("%d/%m/%Y %H:%M").to_string();
    let status = AnnuaireStatus { mailboxes: 1, data_date: Some(date), ..Default::default() };
    annuaire.update(&engine, Message::StatusRead(Ok(status)));
    assert!(shows(&annuaire, "12 jours : adresses peut-être périmées"));
}

#[test]
fn one_s_own_entry_says_what_is_wrong_and_where_it_is_corrected() {
    let engine = engine();
    let (mut annuaire, _) = Annuaire::new(&engine);
    let entry = OwnEntry { person: Some(benalis().remove(0)), flaws: vec![Flaw::NoSpecialty, Flaw::NoTown] };
    annuaire.update(&engine, Message::MeRead(Ok(entry)));
    assert!(shows(&annuaire, "Faites-la enregistrer par votre Ordre, qui met le RPPS à jour."));
    assert!(matches!(annuaire.update(&engine, Message::Write(0)), Action::WriteTo(_, 0)));
}

#[test]
fn a_search_is_narrowed_to_a_profession_and_a_specialty_of_those_found() {
    let engine = engine();
    let mut nurse = person("810000000003", "Karim", "BENALI", &["kb@infirmier.mssante.fr"]);
    (nurse.profession, nurse.specialties) = ("Infirmier".to_owned(), Vec::new());
    let mut kidneys = person("810000000004", "Karim", "BENALI", &["kb@chu.mssante.fr"]);
    kidneys.specialties = vec!["Néphrologie".to_owned()];
    let mut annuaire = found(&engine, "benali", [benalis(), vec![nurse, kidneys]].concat());
    assert!(!shows(&annuaire, "Néphrologie"), "specialties of several professions are not mixed");
    {
        let wording = wording();
        let mut ui = window(annuaire.view(context(&wording)));
        ui.click("Médecin").unwrap();
        let narrowed = Trade { profession: Some("Médecin".to_owned()), specialty: None };
        assert!(
            ui.into_messages().any(|message| matches!(message, Message::Trade(trade) if trade == narrowed))
        );
    }
    let narrowed = Trade { profession: Some("Médecin".to_owned()), specialty: None };
    assert!(!matches!(annuaire.update(&engine, Message::Trade(narrowed)), Action::None), "it is asked again");
    let mut kidneys = person("810000000004", "Karim", "BENALI", &["kb@chu.mssante.fr"]);
    kidneys.specialties = vec!["Néphrologie".to_owned()];
    let people = [benalis(), vec![kidneys]].concat();
    annuaire.update(
        &engine,
        Message::Found { generation: 2, result: Ok(People { people, ..People::default() }) },
    );
    let wording = wording();
    let mut ui = window(annuaire.view(context(&wording)));
    ui.click("Néphrologie").unwrap();
    let both = Trade { profession: Some("Médecin".to_owned()), specialty: Some("Néphrologie".to_owned()) };
    assert!(ui.into_messages().any(|message| matches!(message, Message::Trade(trade) if trade == both)));
}

#[test]
fn the_registry_is_asked_by_hand_and_what_it_knows_better_is_shown() {
    let engine = engine();
    let mut annuaire = found(&engine, "benali", benalis());
    annuaire.update(&engine, select(0));
    let ask = "Vérifier auprès de l’Annuaire Santé";
    assert!(!shows(&annuaire, ask), "without a key");
    let key = "810001234417".to_owned();
    annuaire.update(&engine, Message::Detail(DetailMessage::ApiOffered("another".to_owned(), true)));
    assert!(!shows(&annuaire, ask), "of another person");
    annuaire.update(&engine, Message::Detail(DetailMessage::ApiOffered(key.clone(), true)));
    assert!(shows(&annuaire, ask));
    annuaire.update(&engine, Message::Detail(DetailMessage::AskApi));
    assert!(shows(&annuaire, "L’Annuaire Santé est interrogé…"));
    let answer = ApiDetail {
        active: true,
        updated: "2026-11-20T02:11:00.000+01:00".to_owned(),
        mailboxes: vec![ApiMailbox {
            address: crate::desk::address("karim.benali@chu.mssante.fr"),
            kind: estafette::domain::person::MailboxKind::Per,
            service: String::new(),
            preferred: true,
        }],
        places: Vec::new(),
    };
    let read = DetailMessage::ApiRead(key.clone(), Ok(Some(Box::new(answer))));
    annuaire.update(&engine, Message::Detail(read));
    for words in [
        "En exercice d’après l’Annuaire Santé",
        "k.benali@medecin.mssante.fr n’est plus dans l’Annuaire Santé.",
        "karim.benali@chu.mssante.fr",
    ] {
        assert!(shows(&annuaire, words), "{words}");
    }
    let failed = Error::new(ErrorKind::Offline, "annuaire-download").with("reason", "429");
    annuaire.update(&engine, Message::Detail(DetailMessage::ApiRead(key, Err(failed))));
    assert!(shows(&annuaire, "Réessayer"));
}

/// A panel that knows an LDAP directory and found these people for some words.
pub(crate) fn with_ldap(engine: &Engine, query: &str, people: Vec<Person>) -> Annuaire {
    let mut annuaire = found(engine, query, people);
    let settings = LdapSettings::new("ldaps://annuaire.chu.example".parse().unwrap());
    annuaire.update(engine, Message::Ldap(LdapMessage::Read(Box::new(Ok(Some(settings))))));
    annuaire
}

pub(crate) fn from_ldap(people: Vec<Person>, confirmed: &[&str], more: bool) -> Message {
    let confirmed = confirmed.iter().map(|address| (*address).to_owned()).collect();
    let server = "annuaire.chu.example".to_owned();
    Message::Ldap(LdapMessage::Answered(1, Ok(LdapPeople { people, confirmed, more, server })))
}

#[test]
fn the_ldap_directory_is_offered_only_where_one_is_set_and_asked_only_by_hand() {
    let engine = engine();
    let ask = "Chercher aussi sur annuaire.chu.example";
    assert!(!shows(&found(&engine, "benali", benalis()), ask), "none is set");
    let (mut blank, _) = Annuaire::new(&engine);
    let settings = LdapSettings::new("ldaps://annuaire.chu.example".parse().unwrap());
    blank.update(&engine, Message::Ldap(LdapMessage::Read(Box::new(Ok(Some(settings))))));
    assert!(!shows(&blank, ask), "nothing is typed");
    let mut annuaire = with_ldap(&engine, "benali", benalis());
    assert!(shows(&annuaire, ask));
    {
        let wording = wording();
        let mut ui = window(annuaire.view(context(&wording)));
        ui.click(ask).unwrap();
        assert!(ui.into_messages().any(|m| matches!(m, Message::Ldap(LdapMessage::Ask))));
    }
    annuaire.update(&engine, Message::Ldap(LdapMessage::Ask));
    assert!(shows(&annuaire, "annuaire.chu.example est interrogé…"));
    assert!(shows(&annuaire, "Dr Karim BENALI"), "what the annuaire found stays");
    annuaire.update(&engine, from_ldap(vec![], &[], false));
    assert!(shows(&annuaire, "annuaire.chu.example : personne à ce nom non plus."));
    annuaire.update(&engine, Message::Typed("benal".to_owned()));
    annuaire.update(&engine, Message::Found { generation: 2, result: Ok(People::default()) });
    assert!(shows(&annuaire, ask), "other words are another question");
    assert!(shows(&annuaire, "Personne à ce nom"));
    assert!(matches!(annuaire.update(&engine, Message::Accept), Action::Run(_)), "Enter looks further");
    let failed = Error::new(ErrorKind::Offline, "ldap-unreachable").with("host", "annuaire.chu.example");
    annuaire.update(&engine, Message::Ldap(LdapMessage::Answered(2, Err(failed))));
    assert!(shows(&annuaire, "L’annuaire LDAP annuaire.chu.example ne répond pas."));
    assert!(shows(&annuaire, "Réessayer"));
}

#[test]
fn who_only_the_ldap_directory_knows_stands_apart_and_is_never_taken_for_who_the_annuaire_knows() {
    let engine = engine();
    let mut annuaire = with_ldap(&engine, "benali", benalis().into_iter().take(1).collect());
    // it claims the number of somebody the user has among the favourites
    let favourite = contact(benalis().remove(1), true);
    annuaire.update(&engine, Message::KnownRead(Box::new(Ok((vec![favourite], vec![])))));
    let claimed = person("810001239025", "Karim", "BENALI", &["k.benali@ailleurs.example"]);
    let same = person("810001230001", "Samir", "BENALI", &["s.benali@medecin.mssante.fr"]);
    let answer = from_ldap(vec![claimed, same.clone()], &["s.benali@medecin.mssante.fr"], false);
    annuaire.update(&engine, answer);
    for text in ["Annuaire LDAP annuaire.chu.example", "hors annuaire", "aussi dans l’annuaire"] {
        assert!(shows(&annuaire, text), "{text}");
    }
    assert!(matches!(annuaire.update(&engine, Message::Accept), Action::None), "there are others now");
    // the annuaire's own, the heading, the claimed one, the confirmed one
    annuaire.update(&engine, select(2));
    assert!(shows(&annuaire, "D’après annuaire.chu.example seulement"));
    assert!(!shows(&annuaire, "RPPS 10001239025"), "the number is a claim");
    let Action::WriteTo(person, 0) = annuaire.update(&engine, Message::Accept) else { panic!("nobody") };
    assert_eq!(person.key, "k.benali@ailleurs.example");
    annuaire.update(&engine, select(3));
    assert!(!shows(&annuaire, "D’après annuaire.chu.example seulement"));
    let Action::WriteTo(person, 0) = annuaire.update(&engine, Message::Accept) else { panic!("nobody") };
    assert_eq!(*person, same);
}

#[test]
fn an_answer_of_the_ldap_directory_to_other_words_is_dropped() {
    let engine = engine();
    let mut annuaire = with_ldap(&engine, "benali", vec![]);
    annuaire.update(&engine, Message::Ldap(LdapMessage::Ask));
    annuaire.update(&engine, Message::Typed("mart".to_owned()));
    annuaire.update(&engine, Message::Found { generation: 2, result: Ok(People::default()) });
    annuaire.update(&engine, from_ldap(benalis(), &[], true));
    assert!(!shows(&annuaire, "Dr Karim BENALI"));
}

#[test]
fn a_mailbox_is_preferred_for_kinds_of_documents_and_no_longer() {
    let engine = engine();
    let mut annuaire = found(&engine, "benali", benalis());
    annuaire.update(&engine, select(0));
    assert!(!shows(&annuaire, "Préférer pour…"), "a sole mailbox needs no preference");
    annuaire.update(&engine, select(1));
    let hospital = benalis()[1].mailboxes[0].address.clone();
    assert!(!shows(&annuaire, "biologie"));
    annuaire.update(&engine, Message::Detail(DetailMessage::ShowKinds(hospital.clone())));
    for (set, address) in [(true, Some(hospital.clone())), (false, None)] {
        let pressed = {
            let wording = wording();
            let mut ui = window(annuaire.view(context(&wording)));
            ui.click("biologie").unwrap();
            let prefers = |m: &Message| matches!(m, Message::Detail(DetailMessage::Prefer(..)));
            ui.into_messages().find(prefers).unwrap()
        };
        let Message::Detail(DetailMessage::Prefer(kind, to)) = &pressed else { panic!() };
        assert_eq!((*kind, to), (Some(Subject::Biology), &address));
        annuaire.update(&engine, pressed);
        assert_eq!(shows(&annuaire, "préférée pour « biologie »"), set);
    }
}

#[test]
fn a_preferred_mailbox_that_vanished_is_shown_until_it_is_forgotten() {
    let engine = engine();
    let mut annuaire = found(&engine, "benali", benalis());
    annuaire.update(&engine, select(0));
    let mut kept = Contact::new(benalis().remove(0));
    kept.preferred.set(Some(Subject::Letter), Some(crate::desk::address("kb@closed.mssante.fr")));
    annuaire.update(&engine, Message::Detail(DetailMessage::ContactRead(Box::new(Ok(kept)))));
    assert!(shows(&annuaire, "La boîte préférée pour « texte seul » n’est plus dans l’annuaire."));
    {
        let wording = wording();
        let mut ui = window(annuaire.view(context(&wording)));
        ui.click("Oublier").unwrap();
        let forgets = |m| matches!(m, Message::Detail(DetailMessage::Prefer(Some(Subject::Letter), None)));
        assert!(ui.into_messages().any(forgets));
    }
    annuaire.update(&engine, Message::Detail(DetailMessage::Prefer(Some(Subject::Letter), None)));
    assert!(!shows(&annuaire, "Oublier"));
}

/// The settings as they show the directory.
fn said(settings: &Settings, text: &str) -> bool {
    let wording = wording();
    window(settings.view(context(&wording))).find(text).is_ok()
}

#[test]
fn a_refused_import_says_why_and_that_the_old_data_serve() {
    let engine = engine();
    let mut settings = Settings::with(&Preferences::default(), Vec::new(), None);
    for (kind, code, what) in [
        (ErrorKind::Corrupt, "annuaire-cut", "Ce fichier de l’annuaire est incomplet ou abîmé."),
        (ErrorKind::Corrupt, "annuaire-unreadable", "Ce fichier n’est pas une extraction de l’annuaire."),
        (
            ErrorKind::Corrupt,
            "annuaire-too-large",
            "Ce fichier est plus gros que tout annuaire possible : il n’a pas été lu.",
        ),
        (ErrorKind::Offline, "annuaire-download", "L’annuaire n’a pas pu être téléchargé."),
    ] {
        settings.update(&engine, settings::Message::Imported(Err(Error::new(kind, code))));
        assert!(said(&settings, what) || said(&settings, &what.replace(' ', " ")), "{code}");
    }
    settings.update(&engine, settings::Message::Imported(Err(Error::new(ErrorKind::NeedsUser, "cancelled"))));
    assert!(!said(&settings, "L’annuaire n’a pas pu être téléchargé."), "ended by hand, nothing failed");
}

#[test]
fn unusable_lines_and_the_white_list_are_told_beside_the_data() {
    let engine = engine();
    let mut settings = Settings::with(&Preferences::default(), Vec::new(), None);
    assert!(said(
        &settings,
        "Liste blanche de l’espace de confiance : aucune. Elle vient avec l’annuaire téléchargé."
    ));
    let fault = LineFault::Fields { found: 13, expected: 31 };
    let status = AnnuaireStatus {
        people: 2,
        mailboxes: 3,
        bad_lines: 1,
        first_bad_lines: vec![BadLine { line: 3, fault }],
        white_list: Some("2026-11-21T02:00:00".to_owned()),
        ..AnnuaireStatus::default()
    };
    settings.update(&engine, settings::Message::Imported(Ok(status)));
    assert!(said(&settings, "Liste blanche de l’espace de confiance : du 21/11/2026"));
    assert!(said(&settings, "ligne 3 : 13 champs au lieu de 31"));
    assert!(said(&settings, "Adresse du service de l’ANS"));
    assert_eq!(Preferences::default().annuaire_url, MIRROR, "ready to be downloaded");
}

#[test]
fn an_ldap_directory_is_set_with_all_it_needs_and_forgotten() {
    use settings::ldap::{Field, Message as Ldap};
    let engine = engine();
    let mut settings = Settings::with(&Preferences::default(), Vec::new(), None);
    assert!(said(&settings, "Annuaire LDAP, facultatif"));
    assert!(!said(&settings, "Racine de la recherche"), "nothing more is asked before there is a server");
    let say = |settings: &mut Settings, message| settings.update(&engine, settings::Message::Ldap(message));
    say(&mut settings, Ldap::Field(Field::Server, "annuaire.chu.example".to_owned()));
    assert!(said(&settings, "Racine de la recherche"));
    let Action::Tell(estafette::gui::screen::Notice::Failed(error)) = say(&mut settings, Ldap::Keep) else {
        panic!("what is no address was taken")
    };
    assert_eq!(error.code(), "ldap-settings");
    say(&mut settings, Ldap::Field(Field::Server, "ldaps://annuaire.chu.example".to_owned()));
    assert!(!said(&settings, "Ville"));
    say(&mut settings, Ldap::ShowAttributes);
    assert!(said(&settings, "Ville"));
    say(&mut settings, Ldap::Attribute(LdapField::City, "localite".to_owned()));
    assert!(matches!(say(&mut settings, Ldap::Keep), Action::Run(_)));
    let mut kept = LdapSettings::new("ldaps://annuaire.chu.example".parse().unwrap());
    kept.attributes.set(LdapField::City, "localite").unwrap();
    let told = say(&mut settings, Ldap::Kept(Box::new(Some(kept)), Ok(())));
    assert!(matches!(told, Action::Tell(estafette::gui::screen::Notice::Done("notice-ldap-kept"))));
    assert!(said(&settings, "Ne plus l’utiliser"));
    say(&mut settings, Ldap::Kept(Box::new(None), Ok(())));
    assert!(!said(&settings, "Racine de la recherche"));
}
