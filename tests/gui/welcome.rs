//! First start and lock screen.

use estafette::domain::card::{CardKind, CardState, Holder, PinTries};
use estafette::engine::{Error, ErrorKind};
use estafette::gui::screen::Action;
use estafette::gui::screen::welcome::{Message, Welcome};
use estafette::gui::widget::PinKey;
use iced::keyboard::key::Named;

use crate::desk::{context, engine, window, wording};

fn holder() -> Holder {
    Holder {
        national_id: "810003456789".to_owned(),
        family_name: "LEROY".to_owned(),
        given_name: "Anne".to_owned(),
        title: "Médecin".to_owned(),
        profession: Some(10),
        structure: None,
        card_number: Some("2800123626".to_owned()),
        product: Some(0),
        not_after: 1_836_604_800,
    }
}

fn locked(tries: PinTries) -> CardState {
    CardState::Locked { holder: holder(), tries, pin_pad: false }
}

#[test]
fn every_state_of_the_card_says_what_to_do() {
    let wording = wording();
    for (card, code) in [
        (CardState::NoService, "no-service"),
        (CardState::NoReader, "no-reader"),
        (CardState::NoCard, "no-card"),
        (CardState::NoModule, "no-module"),
        (CardState::Unreadable, "card-unreadable"),
        (CardState::NotUsable { kind: CardKind::Vitale }, "vitale"),
        (CardState::NotUsable { kind: CardKind::Cps3Contactless }, "contactless"),
        (CardState::NotUsable { kind: CardKind::Unknown }, "not-a-cps"),
        (CardState::Expired { holder: holder() }, "card-expired"),
        (locked(PinTries::Blocked), "pin-blocked"),
    ] {
        let welcome = Welcome::with_card(card, false);
        let mut ui = window(welcome.view(context(&wording)));
        let sentence = wording.code(code, &[]);
        assert!(ui.find(sentence.what.as_str()).is_ok(), "{code} is not said");
        assert!(ui.find(sentence.advice.as_str()).is_ok(), "{code} has no advice");
    }
}

#[test]
fn the_holder_is_shown_before_any_pin() {
    let wording = wording();
    let welcome = Welcome::with_card(locked(PinTries::Full), false);
    let mut ui = window(welcome.view(context(&wording)));
    ui.find("Dr Anne LEROY").unwrap();
    ui.find("Médecin · carte …3626 · expire le 14/03/2028").unwrap();
}

#[test]
fn digits_and_enter_reach_the_screen_without_any_focus() {
    let wording = wording();
    let welcome = Welcome::with_card(locked(PinTries::Full), false);
    let mut ui = window(welcome.view(context(&wording)));
    ui.typewrite("12");
    ui.tap_key(Named::Backspace);
    ui.tap_key(Named::Enter);
    let keys: Vec<_> = ui
        .into_messages()
        .filter_map(|message| match message {
            Message::Key(key) => Some(key),
            _ => None,
        })
        .collect();
    assert_eq!(keys, [PinKey::Digit('1'), PinKey::Digit('2'), PinKey::Erase, PinKey::Enter]);
}

#[test]
fn no_more_than_four_digits_are_held_and_a_short_pin_is_not_tried() {
    let engine = engine();
    let mut welcome = Welcome::with_card(locked(PinTries::Full), false);
    for digit in "123".chars() {
        welcome.update(&engine, Message::Key(PinKey::Digit(digit)));
    }
    assert!(matches!(welcome.update(&engine, Message::Open), Action::None));
    assert_eq!(welcome.typed_digits(), 3);
    for digit in "45".chars() {
        welcome.update(&engine, Message::Key(PinKey::Digit(digit)));
    }
    assert_eq!(welcome.typed_digits(), 4);
    assert!(matches!(welcome.update(&engine, Message::Key(PinKey::Enter)), Action::Run(_)));
    assert_eq!(welcome.typed_digits(), 0, "the PIN stays in no field once it is tried");
    let again = welcome.update(&engine, Message::Key(PinKey::Enter));
    assert!(matches!(again, Action::None), "one try at a time");
}

#[test]
fn an_answer_to_an_earlier_try_is_dropped() {
    let engine = engine();
    let mut welcome = Welcome::with_card(locked(PinTries::Full), false).typed(4);
    welcome.update(&engine, Message::Open);
    let session = estafette::engine::Session { holder: Some(holder()), online: true };
    let late = welcome.update(&engine, Message::Opened { attempt: 7, result: Ok(session) });
    assert!(matches!(late, Action::None));
}

#[test]
fn a_wrong_pin_says_how_many_tries_are_left() {
    let wording = wording();
    let error = Error::new(ErrorKind::NeedsCard, "pin-wrong").with("tries", 2);
    let welcome = Welcome::with_card(locked(PinTries::Low), false).after_failure(error);
    let mut ui = window(welcome.view(context(&wording)));
    ui.find("Code incorrect. Il reste 2 essais avant blocage de la carte.").unwrap();
}
