//! Diagnosis and settings.

use estafette::domain::card::CardState;
use estafette::engine::{AccountHealth, Connection, Error, ErrorKind, Health};
use estafette::gui::preferences::{Preferences, ThemeChoice};
use estafette::gui::screen::Action;
use estafette::gui::screen::settings::{Message, Settings};
use estafette::gui::screen::trouble::Trouble;

use crate::desk::{NOW, account, address, context, engine, window, wording};

fn ailing() -> Health {
    Health {
        accounts: vec![AccountHealth {
            id: account().id,
            address: address("anne.leroy@medecin.mssante.fr"),
            connection: Connection::Waiting(
                Error::new(ErrorKind::Refused, "not-trusted").with("host", "imap.medecin.mssante.fr"),
            ),
            last_success: Some(NOW - 3600),
            messages: 318,
            downloaded: 300,
            pending_changes: 2,
        }],
        waiting: 1,
        refused: 1,
        module: Some("/opt/cps/libcps3_pkcs11_lux.so".to_owned()),
        readers: vec!["Reader 00".to_owned()],
    }
}

#[test]
fn a_failing_account_says_why_and_what_to_do() {
    let wording = wording();
    let trouble = Trouble::with(CardState::NoCard, Some(Ok(ailing())), false);
    let mut ui = window(trouble.view(context(&wording)));
    let sentence = wording.code("not-trusted", &[("host", "imap.medecin.mssante.fr")]);
    ui.find(sentence.what.as_str()).unwrap();
    ui.find(sentence.advice.as_str()).unwrap();
    ui.find("300 messages complets sur 318 · 2 changements à transmettre au serveur").unwrap();
}

#[test]
fn the_copied_diagnosis_names_nobody() {
    let diagnosis = Trouble::with(CardState::NoCard, Some(Ok(ailing())), false).diagnosis();
    assert!(diagnosis.contains("account 1 not-trusted messages 318 downloaded 300 pending 2"));
    assert!(diagnosis.contains("module libcps3_pkcs11_lux.so"));
    for private in ["anne", "leroy", "LEROY", "@", "mssante", "/opt"] {
        assert!(!diagnosis.contains(private), "{private} in {diagnosis}");
    }
}

#[test]
fn a_choice_is_asked_of_the_parent_to_be_kept() {
    let wording = wording();
    let engine = engine();
    let mut settings = Settings::with(&Preferences::default(), vec![account()], None);
    let mut ui = window(settings.view(context(&wording)));
    ui.click("Sombre").unwrap();
    let messages: Vec<Message> = ui.into_messages().collect();
    let [Message::Theme(theme)] = messages.as_slice() else { panic!("{messages:?}") };
    match settings.update(&engine, Message::Theme(*theme)) {
        Action::Prefer(preferences) => assert_eq!(preferences.theme, ThemeChoice::Dark),
        _ => panic!("the parent was not asked"),
    }
}

#[test]
fn an_account_is_taken_away_only_after_a_question() {
    let wording = wording();
    let engine = engine();
    let mut settings = Settings::with(&Preferences::default(), vec![account()], None);
    assert!(matches!(settings.update(&engine, Message::Remove(account().id)), Action::None));
    let mut ui = window(settings.view(context(&wording)));
    ui.find("Retirer anne.leroy@medecin.mssante.fr de cet ordinateur ?").unwrap();
}
