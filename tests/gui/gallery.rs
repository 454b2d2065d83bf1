//! Pictures of the card's states and of the dialogs of login, recovery and diagnosis in every look, in `target/tmp/gallery`, to be looked at:
//! `cargo test --features gui-test --test gui gallery -- --ignored`. The screens themselves: `packaging/dev shot`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use estafette::domain::account::{AccountConfig, AuthMethod, HostSource, Security};
use estafette::domain::card::{CardState, PinTries};
use estafette::domain::id::AccountId;
use estafette::engine::{
    Engine, Error, ErrorKind, Finding, KeySlot, KeySlotKind, Step, Verdict, Way, WaysIn, card_words,
};
use estafette::gui::screen::Context;
use estafette::gui::screen::login::server::{self, Field};
use estafette::gui::screen::login::{Login, Message, Purpose, Typed};
use estafette::gui::screen::settings::{Message as SettingsMessage, SecurityMessage, Settings};
use estafette::gui::screen::trouble::{Message as TroubleMessage, Trouble};
use estafette::gui::screen::welcome::{Message as WelcomeMessage, RecoveryMessage, Welcome};
use estafette::gui::theme::{Look, TextSize};
use estafette::gui::widget::PinKey;
use estafette::gui::{Element, font, ui};
use estafette::wording::{Language, Wording};
use iced::Size;
use iced_test::simulator::Simulator;

use crate::desk::{NOW, account, engine};
use crate::health::ailing;
use crate::security::{say, section};
use crate::welcome::locked;

const SMALL: Size = Size::new(1280.0, 800.0);
const LARGE: Size = Size::new(1920.0, 1080.0);

/// Language, dark, text size, window: as `packaging/dev shot`.
const LOOKS: [(Language, bool, TextSize, Size, &str); 7] = [
    (Language::French, false, TextSize::Normal, SMALL, "fr-light"),
    (Language::French, true, TextSize::Normal, SMALL, "fr-dark"),
    (Language::English, false, TextSize::Normal, SMALL, "en-light"),
    (Language::English, true, TextSize::Normal, SMALL, "en-dark"),
    (Language::French, false, TextSize::Larger, SMALL, "fr-150"),
    (Language::French, false, TextSize::Normal, LARGE, "fr-1920"),
    (Language::English, true, TextSize::Normal, LARGE, "en-dark-1920"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery")
}

/// What can be drawn in any look.
trait Picture {
    type Message: Clone + 'static;
    fn picture<'a>(&'a self, context: Context<'a>) -> Element<'a, Self::Message>;
}

impl Picture for Welcome {
    type Message = WelcomeMessage;
    fn picture<'a>(&'a self, context: Context<'a>) -> Element<'a, WelcomeMessage> {
        self.view(context)
    }
}

impl Picture for Settings {
    type Message = SettingsMessage;
    fn picture<'a>(&'a self, context: Context<'a>) -> Element<'a, SettingsMessage> {
        self.view(context)
    }
}

impl Picture for Trouble {
    type Message = TroubleMessage;
    fn picture<'a>(&'a self, context: Context<'a>) -> Element<'a, TroubleMessage> {
        self.view(context)
    }
}

/// The dialog above an empty place, as the program shows it.
impl Picture for Login {
    type Message = Message;
    fn picture<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let fill = iced::Length::Fill;
        let place = iced::widget::container(iced::widget::space()).width(fill).height(fill);
        ui::modal(look, place.style(ui::background(look)), self.view(context), Message::Nothing)
    }
}

fn draw(name: &str, shown: &impl Picture) {
    for (language, dark, text, size, look) in LOOKS {
        let wording = Wording::new(language);
        let context = Context {
            look: Look::new(dark, text),
            wording: &wording,
            now: NOW,
            is_practice: false,
            is_online: true,
            window: size,
            follows_keys: true,
        };
        let settings = iced::Settings {
            fonts: font::all(),
            default_font: font::TEXT,
            default_text_size: 14.0.into(),
            ..iced::Settings::default()
        };
        let mut window = Simulator::with_size(settings, size, shown.picture(context));
        let picture = window.snapshot(&context.look.theme()).unwrap();
        let file = folder().join(format!("{name}-{look}"));
        // an earlier picture would be compared with
        let _ = std::fs::remove_file(file.with_file_name(format!("{name}-{look}-tiny-skia.png")));
        assert!(picture.matches_image(file).unwrap());
    }
}

fn refused(code: &'static str) -> Error {
    Error::new(ErrorKind::NeedsUser, code).with("reason", "[AUTHENTICATIONFAILED] Authentication failed.")
}

fn at(method: AuthMethod) -> Login {
    let config = AccountConfig { source: HostSource::Table, ..account().config };
    Login::with(Purpose::New, Wording::new(Language::French).psc_page()).at_method(config, method)
}

#[test]
#[ignore = "pictures, to be looked at"]
fn the_dialogs_of_login() {
    let (engine, page) = (engine(), Wording::new(Language::French).psc_page());
    let mut login = Login::with(Purpose::New, page.clone());
    draw("login-address", &login);
    login.update(&engine, Message::Address("anne@cabinet.example".to_owned()));
    login.update(&engine, Message::ByHand);
    let typed = |field, text: &str| Message::Server(server::Message::Typed(field, text.to_owned()));
    login.update(&engine, typed(Field::Imap, "https://imap.cabinet.example"));
    login.update(&engine, typed(Field::Smtp, "smtp.cabinet.example"));
    login.update(&engine, Message::Server(server::Message::Security(Security::Tls)));
    draw("login-by-hand", &login);
    for (method, name) in [
        (AuthMethod::Card, "login-card"),
        (AuthMethod::Psc, "login-psc"),
        (AuthMethod::Password, "login-password"),
        (AuthMethod::Certificate, "login-certificate"),
    ] {
        draw(name, &at(method));
    }
    draw("login-refused", &at(AuthMethod::Password).after_failure(refused("login-refused")));
    draw(
        "login-certificate-refused",
        &at(AuthMethod::Certificate).after_failure(refused("certificate-password")),
    );
    let mut checking = at(AuthMethod::Password);
    checking.update(&engine, Message::Password(Typed::new("secret".to_owned())));
    checking.update(&engine, Message::Go);
    draw("login-checking", &checking);
    checking.update(&engine, Message::Kept(1, Ok(())));
    draw("login-done", &checking);
    let psc = || Login::with(Purpose::Psc, page.clone());
    draw("psc-browser", &psc().at_browser("https://wallet.esw.esante.gouv.fr/auth?response_type=code"));
    draw(
        "psc-refused",
        &psc().after_failure(refused("psc-other-person").with("address", "anne.leroy@medecin.mssante.fr")),
    );
    let means =
        Login::with(Purpose::Means(AccountId(1)), page).at_method(account().config, AuthMethod::Password);
    draw("login-again", &means.after_failure(refused("login-refused")));
}

fn slot(kind: KeySlotKind) -> KeySlot {
    KeySlot { id: "1".to_owned(), kind, created: NOW - 86_400 }
}

fn recovery(engine: &Engine, welcome: &mut Welcome, text: &str) {
    welcome.update(engine, WelcomeMessage::Recovery(RecoveryMessage::Show));
    welcome.update(engine, WelcomeMessage::Recovery(RecoveryMessage::Typed(text.to_owned().into())));
}

#[test]
#[ignore = "pictures, to be looked at"]
fn the_screens_of_recovery() {
    let engine = engine();
    let ways = WaysIn { offline: true, recovery: true, ..WaysIn::default() };
    let mut away = Welcome::with_card(CardState::NoCard, false).with_ways(ways);
    draw("recovery-offered", &away);
    recovery(&engine, &mut away, "");
    draw("recovery-empty", &away);
    let code = engine.new_recovery_code().unwrap().grouped().to_string();
    recovery(&engine, &mut away, &code);
    draw("recovery-typed", &away);
    let mut slip = Welcome::with_card(locked(PinTries::Full), false).with_ways(ways);
    recovery(&engine, &mut slip, &code.replacen(|c: char| c.is_ascii_digit(), "A", 1));
    slip.update(&engine, WelcomeMessage::Recovery(RecoveryMessage::Submit));
    draw("recovery-slip", &slip);
    let mut renewed = Welcome::with_card(locked(PinTries::Full), false).typed(4);
    renewed.update(&engine, WelcomeMessage::Open);
    let refused = Err(Error::new(ErrorKind::NeedsCard, "card-renewed"));
    renewed.update(&engine, WelcomeMessage::Opened { attempt: 1, result: refused });
    draw("recovery-renewed", &renewed);
    let blocked = Welcome::with_card(locked(PinTries::Blocked), false).with_ways(ways);
    draw("recovery-blocked", &blocked);

    let all = [KeySlotKind::Keyring, KeySlotKind::ThisCard, KeySlotKind::Recovery];
    for (name, kinds, messages) in [
        ("security-none", &all[..2], vec![]),
        ("security-code", &all[..2], vec![SecurityMessage::MakeCode]),
        ("security-code-replaced", &all[..], vec![SecurityMessage::MakeCode]),
        ("security-rotate", &all[..], vec![SecurityMessage::Rotate]),
        ("security-remove-card", &all[..], vec![SecurityMessage::Remove(slot(KeySlotKind::OtherCard))]),
        ("security-remove-code", &all[..], vec![SecurityMessage::Remove(slot(KeySlotKind::Recovery))]),
    ] {
        let mut settings = section(kinds);
        for message in messages {
            say(&mut settings, message);
        }
        draw(name, &settings);
    }
}

#[test]
#[ignore = "pictures, to be looked at"]
fn the_states_of_the_card() {
    for word in card_words() {
        let engine = Engine::practice_showing(word).unwrap();
        for (screen, is_first) in [("first", true), ("lock", false)] {
            let welcome = Welcome::with_card(engine.card(), is_first).with_cards(engine.cards());
            draw(&format!("card-{word}-{screen}"), &welcome);
        }
    }
    let error = |code, tries: &str| Error::new(ErrorKind::NeedsCard, code).with("tries", tries);
    for (name, tries, refused) in [
        ("wrong-2", PinTries::Low, error("pin-wrong", "2")),
        ("wrong-1", PinTries::Last, error("pin-wrong", "1")),
        ("wrong-0", PinTries::Blocked, error("pin-blocked", "0")),
        ("removed", PinTries::Full, error("card-removed", "")),
    ] {
        draw(&format!("pin-{name}"), &Welcome::with_card(locked(tries), false).after_failure(refused));
    }
    let engine = Engine::practice_showing("locked").unwrap();
    let mut opening = Welcome::with_card(engine.card(), false).typed(4);
    draw("pin-typed", &opening);
    opening.update(&engine, WelcomeMessage::Open);
    draw("pin-opening", &opening);
}

#[test]
#[ignore = "pictures, to be looked at"]
fn the_steps_of_unblocking() {
    let engine = Engine::practice_showing("blocked").unwrap();
    let mut welcome = Welcome::with_card(engine.card(), false);
    welcome.update(&engine, WelcomeMessage::Unblock);
    let press = |welcome: &mut Welcome, digits: &str| {
        for key in digits.chars().map(PinKey::Digit) {
            welcome.update(&engine, WelcomeMessage::Key(key));
        }
    };
    draw("unblock-code", &welcome);
    press(&mut welcome, "12345678");
    draw("unblock-code-typed", &welcome);
    welcome.update(&engine, WelcomeMessage::Key(PinKey::Enter));
    draw("unblock-pin", &welcome);
    press(&mut welcome, "4321");
    press(&mut welcome, "43");
    draw("unblock-again", &welcome);
    press(&mut welcome, "22");
    draw("unblock-differs", &welcome);
    press(&mut welcome, "43214321");
    draw("unblock-running", &welcome);
    for code in ["puk-wrong", "puk-blocked", "unblock-unavailable"] {
        let refused = Error::new(ErrorKind::NeedsCard, code).with("tries", "2");
        draw(&format!("unblock-{code}"), &Welcome::with_card(engine.card(), false).after_failure(refused));
    }
}

/// The walk along the chain as it ends for each fault of the card and of a server.
#[test]
#[ignore = "pictures, to be looked at"]
fn the_diagnosis() {
    let walk = |card: CardState, health, over_the_lock, findings: Vec<Finding>| {
        let mut trouble = Trouble::with(card, health, over_the_lock);
        let _ = trouble.update(&engine(), TroubleMessage::Diagnose);
        for finding in findings {
            let _ = trouble.update(&engine(), TroubleMessage::Found { run: 1, finding: Box::new(finding) });
        }
        let _ = trouble.update(&engine(), TroubleMessage::Diagnosed { run: 1 });
        trouble
    };
    let found = |step, of, verdict| Finding { step, of, verdict, facts: Vec::new() };
    let failed = |kind, code: &'static str| Verdict::Failed(Error::new(kind, code));
    let locked_out = walk(
        CardState::NoReader,
        None,
        true,
        vec![
            found(Step::Service, None, Verdict::Good),
            found(Step::Reader, None, failed(ErrorKind::NeedsCard, "no-reader")),
            found(Step::Card, None, Verdict::Skipped),
            found(Step::Module, None, Verdict::Skipped),
            found(Step::Certificate, None, Verdict::Skipped),
            found(Step::Pin, None, Verdict::Skipped),
            found(Step::Store, None, failed(ErrorKind::NeedsCard, "no-session")),
            found(Step::Annuaire, None, Verdict::Skipped),
        ],
    );
    draw("doctor-no-reader", &locked_out);
    let of = Some((AccountId(1), Way::Incoming));
    let untrusted = Error::new(ErrorKind::Refused, "not-trusted")
        .with("host", "imap.medecin.mssante.fr")
        .with("issuer", "Pare-feu de la clinique");
    let (unlocked, health) = (engine().card(), Some(Ok(ailing())));
    let server = walk(
        unlocked,
        health,
        false,
        vec![
            found(Step::Keyring, None, Verdict::Good),
            found(Step::Name, of, Verdict::Good),
            found(Step::Server, of, Verdict::Good),
            found(Step::Tls, of, Verdict::Failed(untrusted)),
            found(Step::Login, of, Verdict::Skipped),
        ],
    );
    draw("doctor-untrusted", &server);
}
