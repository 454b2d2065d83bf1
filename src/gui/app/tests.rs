//! The program without a window: what stays on the screen when the card leaves.

#![allow(clippy::unwrap_used, reason = "tests")]

use futures::executor::block_on;

use super::*;
use crate::domain::folder::{Folder, FolderRole};
use crate::domain::id::FolderId;
use crate::domain::message::MessageRow;
use crate::domain::secret::Secret;
use crate::gui::screen::mailbox;

/// A program on fictitious data with the mail open and its first rows listed.
pub(super) fn opened() -> App {
    let engine = Engine::practice().unwrap();
    let start = Start {
        options: None,
        profile: std::path::PathBuf::new(),
        preferences: Preferences { language: Some(Language::French), ..Preferences::default() },
        dark: Some(false),
        link: None,
        screen: None,
        card: None,
        ready_file: None,
        trace_file: None,
        started: std::time::Instant::now(),
    };
    let (mut app, _) = App::boot(start, engine.clone());
    let session = block_on(engine.unlock(Secret::new("1234".to_owned()))).unwrap();
    let _ = app.opened(session);
    let number = app.session_number;
    let mut say = |message| {
        let _ = app.update(Message::Desk(number, desk::Message::Mailbox(message)));
    };
    say(mailbox::Message::AccountsRead(block_on(engine.accounts())));
    let folders = block_on(engine.folders()).unwrap();
    let inbox = inbox(&folders);
    say(mailbox::Message::FoldersRead(Ok(folders)));
    say(listed(block_on(engine.list(inbox, 0..50)).unwrap()));
    app
}

fn inbox(folders: &[Folder]) -> FolderId {
    folders.iter().find(|folder| folder.role == FolderRole::Inbox).unwrap().id
}

fn listed(page: engine::Page) -> mailbox::Message {
    mailbox::Message::Listed { generation: 1, first: 0, result: Ok(page) }
}

fn newest(app: &App) -> (MessageRow, engine::Page) {
    let folders = block_on(app.engine.folders()).unwrap();
    let page = block_on(app.engine.list(inbox(&folders), 0..50)).unwrap();
    (page.rows.first().unwrap().clone(), page)
}

fn shows(app: &App, text: &str) -> bool {
    let settings = iced::Settings {
        fonts: crate::gui::font::all(),
        default_font: crate::gui::font::TEXT,
        ..iced::Settings::default()
    };
    let size = iced::Size::new(1280.0, 800.0);
    let mut window = iced_test::simulator::Simulator::with_size(settings, size, app.view(app.main));
    window.find(text).is_ok()
}

#[test]
fn mail_is_gone_from_the_screen_when_the_card_leaves() {
    let mut app = opened();
    let (row, page) = newest(&app);
    assert!(shows(&app, &row.subject), "the inbox is not on the screen");
    let _ = app.compose(None, Draft::new(row.account));
    assert_eq!(app.letters.len(), 1);
    let (session, engine) = (app.session_number, app.engine.clone());

    block_on(engine.lock());
    let _ = app.update(Message::Event(Event::CardChanged));

    assert!(matches!(app.stage, Stage::Gate(_)));
    assert!(app.letters.is_empty(), "a composer stays open");
    assert!(!shows(&app, &row.subject));
    // an answer that was on its way changes nothing
    let _ = app.update(Message::Desk(session, desk::Message::Mailbox(listed(page))));
    assert!(!shows(&app, &row.subject));
}

#[test]
fn the_next_session_shows_nothing_of_the_one_before() {
    let mut app = opened();
    let (row, page) = newest(&app);
    let (before, engine) = (app.session_number, app.engine.clone());
    let _ = app.lock();
    block_on(engine.lock());
    let session = block_on(engine.unlock(Secret::new("1234".to_owned()))).unwrap();
    let _ = app.opened(session);
    assert!(!shows(&app, &row.subject), "rows of the session before");
    let _ = app.update(Message::Desk(before, desk::Message::Mailbox(listed(page))));
    assert!(!shows(&app, &row.subject), "an answer to the session before was drawn");
}

#[test]
fn the_health_is_read_once_more_however_many_events_came_meanwhile() {
    let mut app = opened();
    assert!(app.health_reading == Reading::Busy);
    for _ in 0..3 {
        let _ = app.update(Message::Event(Event::Trouble));
    }
    assert!(app.health_reading == Reading::Outdated);
    let _ = app.update(Message::Health(Ok(Health::default())));
    assert!(app.health_reading == Reading::Busy, "what came meanwhile was not read");
    let _ = app.update(Message::Health(Ok(Health::default())));
    assert!(app.health_reading == Reading::Idle);
}

#[test]
fn a_mailbox_that_waits_for_a_person_asks_for_them_wherever_they_are() {
    use crate::domain::account::AuthMethod;
    use crate::engine::{Connection, Error, ErrorKind};
    let mut app = opened();
    let mut health = block_on(app.engine.health()).unwrap();
    health.accounts[0].auth = AuthMethod::Psc;
    let ended = Error::new(ErrorKind::NeedsUser, "psc-ended");
    health.accounts[0].connection = Connection::Waiting(ended);
    app.health = Some(health);
    assert!(shows(&app, "Votre session Pro Santé Connect est terminée."));
    assert!(shows(&app, "Se reconnecter avec Pro Santé Connect"));
    let _ = app.update(Message::LogIn(Purpose::Psc));
    assert!(shows(&app, "Pro Santé Connect") && app.login.is_some());
    // an answer to another session changes nothing, and locking ends the dialog
    let number = app.session_number;
    let _ = app.update(Message::Login(number + 1, login_screen::Message::Leave));
    assert!(app.login.is_some());
    let _ = app.lock();
    assert!(app.login.is_none());
}

#[test]
fn an_arrow_moves_in_the_panel_or_in_the_mail_and_never_in_both() {
    use crate::gui::screen::annuaire;
    use crate::gui::widget::ListEvent;

    let mut app = opened();
    let _ = app.toggle_panel(app.main, "martin".to_owned());
    let query = engine::PeopleQuery { text: "martin".to_owned(), ..Default::default() };
    let result = block_on(app.engine.people(query));
    let found = annuaire::Message::Found { generation: 1, result };
    let _ = app.update(Message::Desk(app.session_number, desk::Message::Panel(found)));
    // the list of mail chosen by a press, then nothing chosen
    for (pressed, in_panel) in [(None, true), (Some("mailbox-list"), false)] {
        let settings = iced::Settings { fonts: crate::gui::font::all(), ..iced::Settings::default() };
        let view = app.view(app.main);
        let mut simulator = iced_test::Simulator::with_size(settings, iced::Size::new(1280.0, 800.0), view);
        if let Some(id) = pressed {
            let _ = simulator.click(iced_test::selector::id(id)).unwrap();
        }
        simulator.tap_key(iced::keyboard::key::Named::ArrowDown);
        let selects = |event: &ListEvent| matches!(event, ListEvent::Select { .. });
        let (mut panel, mut mail) = (0, 0);
        for message in simulator.into_messages() {
            match message {
                Message::Desk(_, desk::Message::Panel(annuaire::Message::List(event))) => {
                    panel += usize::from(selects(&event));
                }
                Message::Desk(_, desk::Message::Mailbox(mailbox::Message::List(event))) => {
                    mail += usize::from(selects(&event));
                }
                _ => {}
            }
        }
        // the press itself chooses a message
        let of_press = usize::from(pressed.is_some());
        assert_eq!((panel, mail - of_press), (usize::from(in_panel), usize::from(!in_panel)), "{pressed:?}");
    }
}

#[test]
fn attack_47_a_link_shows_what_it_proposes_and_does_nothing_by_itself() {
    let mut app = opened();
    let came = |text: &str| Message::Request(request::Message::Came(text.to_owned()));
    let _ = app.update(came("estafette:envoyer?a=b@c.fr"));
    assert!(shows(&app, "Ce lien n’est pas une demande que le programme connaît : rien n’a été fait."));
    let _ = app.update(came("estafette:ecrire?a=pas-une-adresse"));
    assert!(shows(&app, "Ce lien a été refusé : « a » ne convient pas."));
    let letter = crate::domain::link::Letter {
        to: vec![crate::domain::address::EmailAddress::parse("paul@medecin.mssante.fr").unwrap()],
        subject: "Avis".to_owned(),
        ..Default::default()
    };
    let _ = app.update(Message::Request(request::Message::Looked(Box::new(letter), Vec::new())));
    assert!(shows(&app, "Un autre logiciel propose d’écrire un message"));
    assert!(shows(&app, "À : paul@medecin.mssante.fr") && app.letters.is_empty());
    let _ = app.update(Message::Request(request::Message::Leave));
    assert!(!shows(&app, "Un autre logiciel propose d’écrire un message"));
    // the lock screen keeps it for whoever unlocks, and shows nothing of it
    let _ = app.lock();
    let _ = app.update(came("estafette:message?id=a%40b.fr"));
    assert!(app.asked.is_some());
    let session = block_on(app.engine.unlock(Secret::new("1234".to_owned()))).unwrap();
    let _ = app.opened(session);
    assert!(app.asked.is_none());
}

#[test]
fn notices_titles_and_dialogs_say_nothing_more_when_the_card_leaves() {
    use crate::engine::{Error, ErrorKind};
    let mut app = opened();
    let (row, _) = newest(&app);
    let letter = Draft { subject: "Résultats de Mme Petit".to_owned(), ..Draft::new(row.account) };
    let _ = app.compose(None, letter);
    let window = *app.letters.keys().next().unwrap();
    assert_eq!(app.title(window), "Résultats de Mme Petit");
    let refused =
        Error::new(ErrorKind::NeedsUser, "outside-trust-space").with("address", "mme.petit@example.org");
    let sentence = app.wording.error(&refused);
    let _ = app.tell(Notice::Failed(refused));
    let proposed = crate::domain::link::Letter { subject: "Mme Petit".to_owned(), ..Default::default() };
    let _ = app.update(Message::Request(request::Message::Looked(Box::new(proposed), Vec::new())));
    let purpose = crate::gui::screen::transfer::Purpose::Import(row.folder, "Réception".to_owned());
    let _ = app.transfer(purpose);
    assert!(sentence.what.contains("mme.petit") && shows(&app, &sentence.what));

    block_on(app.engine.lock());
    let _ = app.update(Message::Event(Event::SessionChanged));

    assert!(!shows(&app, &sentence.what));
    let name = app.wording.text("app-name");
    assert_eq!((app.title(window), app.title(app.main)), (name.clone(), name));
    assert!(app.notice.is_none() && app.question.is_none() && app.transfer.is_none() && app.health.is_none());
}

#[test]
fn answers_that_come_after_the_card_left_open_no_window_and_say_nothing() {
    use crate::engine::{Error, ErrorKind};
    let mut app = opened();
    let (row, _) = newest(&app);
    let before = app.session_number;
    let letter = || Box::new(Draft { subject: row.subject.clone(), ..Draft::new(row.account) });
    let failed =
        || Error::new(ErrorKind::NeedsUser, "outside-trust-space").with("address", "mme.petit@example.org");
    let answers = || {
        [
            Message::Drafted(Ok((None, letter()))),
            Message::Drafted(Err(failed())),
            Message::Ended(Ok(("notice-cancelled", Some((None, letter()))))),
            Message::Printed(Err(failed())),
            Message::Request(request::Message::Drafted(Ok(letter()))),
            Message::Health(Ok(Health::default())),
        ]
    };
    let _ = app.lock();
    for answer in answers() {
        let _ = app.update(Message::OfSession(before, Box::new(answer)));
        assert!(app.letters.is_empty() && app.notice.is_none() && app.health.is_none());
    }
    // nor in the next session
    let session = block_on(app.engine.unlock(Secret::new("1234".to_owned()))).unwrap();
    let _ = app.opened(session);
    for answer in answers() {
        let _ = app.update(Message::OfSession(before, Box::new(answer)));
        assert!(app.letters.is_empty() && app.notice.is_none() && app.health.is_none());
    }
    // in their own they are
    let own = Message::OfSession(app.session_number, Box::new(Message::Drafted(Ok((None, letter())))));
    let _ = app.update(own);
    assert_eq!(app.letters.len(), 1);
}
