//! What opens the data: offline reading and recovery code on the first screen, the section of security in the settings.

use estafette::domain::card::{CardState, PinTries};
use estafette::domain::recovery::RecoveryCode;
use estafette::engine::{Error, ErrorKind, KeySlot, KeySlotKind, Security, WaysIn};
use estafette::gui::preferences::Preferences;
use estafette::gui::screen::settings::{self, SecurityMessage, Settings};
use estafette::gui::screen::welcome::{Message, RecoveryMessage, Welcome};
use estafette::gui::screen::{Action, Notice};
use estafette::gui::widget::PinKey;
use iced_test::simulator::Simulator;

use crate::desk::{account, context, engine, window, wording};
use crate::welcome::locked;

fn shows<Message>(ui: &mut Simulator<'_, Message>, text: &str) -> bool {
    ui.find(text).is_ok()
}

fn recovery(message: RecoveryMessage) -> Message {
    Message::Recovery(message)
}

fn security(kinds: &[KeySlotKind]) -> Security {
    let slot = |(kind, at): (&KeySlotKind, i64)| KeySlot {
        id: at.to_string(),
        kind: *kind,
        created: 1_790_000_000 + at,
    };
    Security {
        slots: kinds.iter().zip(0..).map(slot).collect(),
        offline: kinds.contains(&KeySlotKind::Keyring),
        recovery: kinds.contains(&KeySlotKind::Recovery),
        card: kinds.contains(&KeySlotKind::ThisCard),
    }
}

#[test]
fn the_lock_screen_offers_only_what_the_store_allows() {
    let wording = wording();
    for (offline, recovery) in [(false, false), (true, false), (false, true), (true, true)] {
        let welcome = Welcome::with_card(CardState::NoCard, false).with_ways(WaysIn {
            offline,
            recovery,
            ..WaysIn::default()
        });
        let mut ui = window(welcome.view(context(&wording)));
        assert_eq!(shows(&mut ui, "Lire hors ligne"), offline);
        assert_eq!(shows(&mut ui, "Code de récupération"), recovery);
    }
    let ways = WaysIn { offline: true, without_card: true, ..WaysIn::default() };
    let welcome = Welcome::with_card(CardState::NoCard, false).with_ways(ways);
    let mut ui = window(welcome.view(context(&wording)));
    assert!(
        shows(&mut ui, "Ouvrir sans carte") && !shows(&mut ui, "Lire hors ligne"),
        "it is in touch with its servers"
    );
}

#[test]
fn a_slip_in_the_recovery_code_costs_no_try_of_the_pin() {
    let (engine, wording) = (engine(), wording());
    let ways = WaysIn { recovery: true, ..WaysIn::default() };
    let mut welcome = Welcome::with_card(locked(PinTries::Full), false).with_ways(ways).typed(4);
    welcome.update(&engine, recovery(RecoveryMessage::Show));
    let code = engine.new_recovery_code().unwrap().grouped().to_string();
    let wrong = format!("{}{}", if code.starts_with('0') { '1' } else { '0' }, &code[1..]);
    welcome.update(&engine, recovery(RecoveryMessage::Typed(wrong.into())));
    // told where it was made, before any PIN
    assert!(matches!(welcome.update(&engine, recovery(RecoveryMessage::Submit)), Action::None));
    assert!(shows(
        &mut window(welcome.view(context(&wording))),
        "Le groupe 1 du code de récupération contient une erreur."
    ));
    assert!(matches!(welcome.update(&engine, Message::Key(PinKey::Enter)), Action::None));
    assert_eq!(welcome.typed_digits(), 4, "the PIN was not tried");
    {
        let mut ui = window(welcome.view(context(&wording)));
        assert!(shows(&mut ui, "Le groupe 1 du code de récupération contient une erreur."));
    }
    welcome.update(&engine, recovery(RecoveryMessage::Typed(code.into())));
    assert!(matches!(welcome.update(&engine, Message::Key(PinKey::Enter)), Action::Run(_)));
    assert_eq!(welcome.typed_digits(), 0);
}

#[test]
fn digits_typed_into_the_recovery_code_are_no_digits_of_the_pin() {
    let (engine, wording) = (engine(), wording());
    let mut welcome = Welcome::with_card(locked(PinTries::Full), false)
        .with_ways(WaysIn { recovery: true, ..WaysIn::default() });
    welcome.update(&engine, recovery(RecoveryMessage::Show));
    let mut ui = window(welcome.view(context(&wording)));
    ui.click(iced_test::selector::id("recovery-code")).unwrap();
    ui.typewrite("7");
    let keys = ui.into_messages().filter(|message| matches!(message, Message::Key(_))).count();
    assert_eq!(keys, 0);
}

#[test]
fn a_renewed_card_is_asked_for_the_recovery_code() {
    let (engine, wording) = (engine(), wording());
    let mut welcome = Welcome::with_card(locked(PinTries::Full), false).typed(4);
    welcome.update(&engine, Message::Open);
    let renewed = Err(Error::new(ErrorKind::NeedsCard, "card-renewed"));
    welcome.update(&engine, Message::Opened { attempt: 1, result: renewed });
    let mut ui = window(welcome.view(context(&wording)));
    assert!(shows(&mut ui, "Code de récupération : 7 groupes de 5 caractères"));
    assert!(shows(&mut ui, "Lire avec ce code"));
}

pub(crate) fn section(kinds: &[KeySlotKind]) -> Settings {
    let mut settings = Settings::with(&Preferences::default(), vec![account()], None);
    say(&mut settings, SecurityMessage::Read(Ok(security(kinds))));
    settings
}

pub(crate) fn say(settings: &mut Settings, message: SecurityMessage) -> Action<settings::Message> {
    settings.update(&engine(), settings::Message::Security(message))
}

#[test]
fn a_recovery_code_is_shown_once_and_opens_only_when_it_was_kept() {
    let wording = wording();
    let mut settings = section(&[KeySlotKind::Keyring, KeySlotKind::ThisCard]);
    {
        let mut ui = window(settings.view(context(&wording)));
        assert!(shows(&mut ui, "Pas de code de récupération"));
        assert!(shows(&mut ui, "Cette carte CPS") && shows(&mut ui, "Trousseau de l’ordinateur"));
    }
    assert!(matches!(say(&mut settings, SecurityMessage::MakeCode), Action::None), "nothing is kept yet");
    {
        let mut ui = window(settings.view(context(&wording)));
        assert!(shows(&mut ui, "Votre code de récupération") && shows(&mut ui, "Je l’ai gardé"));
        assert!(!shows(&mut ui, "Il remplace le précédent dès que vous confirmez."), "there was none");
    }
    say(&mut settings, SecurityMessage::Leave);
    {
        let mut ui = window(settings.view(context(&wording)));
        assert!(!shows(&mut ui, "Votre code de récupération"));
    }
    assert!(matches!(say(&mut settings, SecurityMessage::KeptCode), Action::None), "there is none to keep");
    say(&mut settings, SecurityMessage::MakeCode);
    assert!(matches!(say(&mut settings, SecurityMessage::KeptCode), Action::Run(_)));
    let all = security(&[KeySlotKind::Keyring, KeySlotKind::ThisCard, KeySlotKind::Recovery]);
    let done = say(&mut settings, SecurityMessage::Changed("notice-security-recovery", Ok(all)));
    assert!(matches!(done, Action::Tell(Notice::Done("notice-security-recovery"))));
    {
        let mut ui = window(settings.view(context(&wording)));
        assert!(!shows(&mut ui, "Pas de code de récupération"));
    }
    say(&mut settings, SecurityMessage::MakeCode);
    let mut ui = window(settings.view(context(&wording)));
    assert!(shows(&mut ui, "Il remplace le précédent dès que vous confirmez."));
}

#[test]
fn another_key_shows_the_new_recovery_code_first() {
    let wording = wording();
    let mut settings = section(&[KeySlotKind::ThisCard, KeySlotKind::Recovery]);
    say(&mut settings, SecurityMessage::Rotate);
    assert!(matches!(say(&mut settings, SecurityMessage::Confirm), Action::None));
    {
        let mut ui = window(settings.view(context(&wording)));
        assert!(shows(&mut ui, "Votre code de récupération"));
    }
    assert!(matches!(say(&mut settings, SecurityMessage::KeptCode), Action::Run(_)));
    let mut plain = section(&[KeySlotKind::Keyring]);
    say(&mut plain, SecurityMessage::Rotate);
    assert!(matches!(say(&mut plain, SecurityMessage::Confirm), Action::Run(_)));
}

#[test]
fn what_the_engine_refuses_is_told_in_the_section() {
    let wording = wording();
    let mut settings = section(&[KeySlotKind::Keyring, KeySlotKind::ThisCard]);
    assert!(matches!(say(&mut settings, SecurityMessage::Offline(false)), Action::Run(_)));
    assert!(matches!(say(&mut settings, SecurityMessage::Offline(false)), Action::None), "one at a time");
    let refused = Err(Error::new(ErrorKind::NeedsUser, "recovery-needed"));
    say(&mut settings, SecurityMessage::Changed("notice-security-offline-off", refused));
    let mut ui = window(settings.view(context(&wording)));
    assert!(shows(&mut ui, "Il faut d’abord un code de récupération."));
}

#[test]
fn a_saved_page_is_read_back_as_the_code() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("page.txt");
    let code = engine().new_recovery_code().unwrap();
    std::fs::write(&path, wording().recovery_page(&code, crate::desk::NOW).as_bytes()).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let read: Vec<RecoveryCode> = text.lines().filter_map(|line| RecoveryCode::parse(line).ok()).collect();
    assert_eq!(*read[0].carried(), *code.carried());
}
