//! First start and lock screen.

use estafette::domain::card::{CardInReader, CardKind, CardState, Holder, PinTries};
use estafette::engine::{Engine, Error, ErrorKind};
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

pub(crate) fn locked(tries: PinTries) -> CardState {
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
        (CardState::Revoked { holder: holder() }, "card-revoked"),
        (CardState::Choosing, "choosing"),
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
    ui.find("Médecin · RPPS 10003456789").unwrap();
    ui.find("CPS · carte …3626 · expire le 14/03/2028").unwrap();
}

fn in_reader(reader: &str, kind: CardKind, holder: Option<Holder>, is_selected: bool) -> CardInReader {
    CardInReader { reader: reader.to_owned(), kind, holder, is_selected }
}

#[test]
fn the_kind_of_card_is_shown_and_staff_by_its_own_number() {
    let wording = wording();
    let staff = Holder {
        national_id: "1750000001/000123".to_owned(),
        title: "Carte de service".to_owned(),
        profession: None,
        structure: Some("HOPITAL D ESSAI".to_owned()),
        product: Some(2),
        ..holder()
    };
    for (holder, kind, who, about) in [
        (holder(), CardKind::Cps4, "Médecin · RPPS 10003456789", "CPS4 · carte …3626 · expire le 14/03/2028"),
        (
            staff,
            CardKind::Cps3,
            "Carte de service · HOPITAL D ESSAI · identifiant 1750000001/000123",
            "CPE · CPS3 · carte …3626 · expire le 14/03/2028",
        ),
    ] {
        let card = CardState::Locked { holder: holder.clone(), tries: PinTries::Full, pin_pad: false };
        let cards = vec![in_reader("r", kind, Some(holder), true)];
        let welcome = Welcome::with_card(card, false).with_cards(cards);
        let mut ui = window(welcome.view(context(&wording)));
        assert!(ui.find(who).is_ok(), "{who}");
        assert!(ui.find(about).is_ok(), "{about}");
    }
}

#[test]
fn among_two_cards_arrows_move_and_enter_takes() {
    let wording = wording();
    let other = Holder { family_name: "BENALI".to_owned(), given_name: "Karim".to_owned(), ..holder() };
    let cards = vec![
        in_reader("a", CardKind::Cps3, Some(holder()), false),
        in_reader("b", CardKind::Cps3, Some(other), false),
    ];
    let engine = engine();
    let mut welcome = Welcome::with_card(CardState::Choosing, false).with_cards(cards);
    let press = |welcome: &mut Welcome, key| {
        let mut ui = window(welcome.view(context(&wording)));
        ui.tap_key(key);
        let messages: Vec<Message> = ui.into_messages().collect();
        messages.into_iter().map(|message| welcome.update(&engine, message)).collect::<Vec<_>>()
    };
    let mut ui = window(welcome.view(context(&wording)));
    ui.find("Dr Anne LEROY").unwrap();
    ui.find("Dr Karim BENALI").unwrap();
    drop(ui);
    press(&mut welcome, Named::ArrowDown);
    let taken = press(&mut welcome, Named::Enter);
    assert!(taken.iter().any(|action| matches!(action, Action::Run(_))), "nothing was taken");
}

#[test]
fn a_card_that_ends_soon_says_so_before_the_pin() {
    let wording = wording();
    let days = |days: i64| {
        let holder = Holder { not_after: context(&wording).now + days * 86_400, ..holder() };
        let card = CardState::Locked { holder, tries: PinTries::Full, pin_pad: false };
        let welcome = Welcome::with_card(card, false);
        let mut ui = window(welcome.view(context(&wording)));
        ui.find(format!("Votre carte expire dans {days} jours.").as_str()).is_ok()
    };
    assert!(days(30) && days(2) && !days(31));
}

#[test]
fn a_blocked_card_is_unblocked_by_code_and_new_pin() {
    let wording = wording();
    let engine = Engine::practice_showing("blocked").unwrap();
    let mut welcome = Welcome::with_card(engine.card(), false);
    let mut ui = window(welcome.view(context(&wording)));
    ui.click("Débloquer la carte…").unwrap();
    for message in ui.into_messages().collect::<Vec<_>>() {
        welcome.update(&engine, message);
    }
    let mut ui = window(welcome.view(context(&wording)));
    ui.find("Code de secours (8 chiffres)").unwrap();
    drop(ui);
    let mut last = Action::None;
    for key in "12345678".chars().map(PinKey::Digit).chain([PinKey::Enter]) {
        welcome.update(&engine, Message::Key(key));
    }
    for digit in "12341234".chars() {
        last = welcome.update(&engine, Message::Key(PinKey::Digit(digit)));
    }
    assert!(matches!(last, Action::Run(_)), "the code was not tried");
}

#[test]
fn a_card_that_nothing_unblocks_any_more_is_not_offered_to_be() {
    let wording = wording();
    for (code, is_offered) in [("puk-wrong", true), ("unblock-unavailable", true), ("puk-blocked", false)] {
        let error = Error::new(ErrorKind::NeedsCard, code);
        let welcome = Welcome::with_card(locked(PinTries::Blocked), false).after_failure(error);
        let mut ui = window(welcome.view(context(&wording)));
        ui.find(wording.code(code, &[]).what.as_str()).unwrap();
        assert_eq!(ui.find("Débloquer la carte…").is_ok(), is_offered, "{code}");
        assert!(ui.find(wording.code("pin-blocked", &[]).advice.as_str()).is_err(), "{code}: two advices");
    }
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

    // the last try is said once, with what it follows from
    let error = Error::new(ErrorKind::NeedsCard, "pin-wrong").with("tries", 1);
    let last = Welcome::with_card(locked(PinTries::Last), false).after_failure(error);
    let mut ui = window(last.view(context(&wording)));
    ui.find("Code incorrect. Il reste 1 essai avant blocage de la carte.").unwrap();
    assert!(ui.find("Dernier essai.").is_err());
    let fresh = Welcome::with_card(locked(PinTries::Last), false);
    let mut ui = window(fresh.view(context(&wording)));
    ui.find("Dernier essai.").unwrap();
}
