//! The program itself, from outside: real servers, a card in a real reader service, a real window, keys and mouse.
#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stderr
)]

mod back;
#[cfg(target_os = "linux")]
mod blank;
#[path = "../operator/client.rs"]
mod client;
mod clipboard;
mod display;
#[cfg(target_os = "linux")]
mod notification;
mod program;
#[path = "../operator_e2e/session.rs"]
mod session;

use std::time::{Duration, Instant};

use client::Operator;
use display::Display;
use program::{Profile, Program, becomes_true};
use session::Session;

/// Letters in each mailbox.
const MESSAGES: usize = 60;
const SUBJECT: &str = "Avis zygomatique";
/// Folder of sent mail, in modified UTF-7: Envoyés.
const SENT: &str = "Envoy&AOk-s";
const PRIVATE: &str = "Pamplemousse reserve";

/// A mailbox opened on the server by the certificate of a card, beside the program under test.
fn mailbox(operator: &Operator, card: &str) -> Session {
    let mut session = Session::imap(operator, "imap", Some(card)).unwrap();
    let answer = session.imap_command("AUTHENTICATE EXTERNAL =");
    assert!(answer.contains("t OK"), "{answer}");
    session
}

/// How many messages of a folder the server finds.
fn count(session: &mut Session, folder: &str, search: &str) -> usize {
    let answer = session.imap_command(&format!("EXAMINE \"{folder}\""));
    assert!(answer.contains("t OK"), "{answer}");
    let answer = session.imap_command(&format!("SEARCH {search}"));
    let found = answer.lines().find_map(|line| line.strip_prefix("* SEARCH"));
    found.unwrap_or_default().split_whitespace().count()
}

/// A letter from the laboratory, which only its recipient may see. False when the server asks to come back later, as
/// one does that has just started.
fn writes_from_laboratory(operator: &Operator, to: &str, subject: &str) -> bool {
    use base64::Engine as _;
    let account = operator.account("resultats@");
    let (from, password) = (account["address"].as_str().unwrap(), account["password"].as_str().unwrap());
    let login = base64::engine::general_purpose::STANDARD.encode(format!("\0{from}\0{password}"));
    let mut session = Session::smtp(operator, None);
    let letter = format!("From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n\r\nBonjour\r\n.");
    for (command, answer) in [
        (format!("AUTH PLAIN {login}"), "235"),
        (format!("MAIL FROM:<{from}>"), "250"),
        (format!("RCPT TO:<{to}>"), "250"),
        ("DATA".to_owned(), "354"),
        (letter, "250"),
    ] {
        let said = session.smtp_command(&command);
        if said.starts_with('4') {
            return false;
        }
        assert!(said.starts_with(answer), "{said}");
    }
    true
}

/// Types a PIN on the lock screen.
fn unlock(display: &Display, program: &mut Program<'_>, pin: &str) {
    display.type_in(pin);
    program.shows(&["typed=4"]);
    display.press(&["Return"]);
}

/// A card and its PIN, until the inbox is there.
fn opens_the_mail(operator: &Operator, display: &Display, program: &mut Program<'_>, card: &str) {
    operator.card_insert(card);
    program.shows_when(&["the card is read"], |picture| picture.contains("card=locked"));
    unlock(display, program, "1234");
    sees_the_inbox(program);
}

/// Waits until these words can be read on the screen, which is painted after the program says what it shows. Answers
/// everything there is to read.
fn reads(display: &Display, wanted: &[&str]) -> String {
    let mut words = String::new();
    becomes_true(&format!("{wanted:?} on the screen"), || {
        words = display.words();
        wanted.iter().all(|word| words.contains(word))
    });
    words
}

fn rows(picture: &str) -> usize {
    let count = picture.split(' ').find_map(|word| word.strip_prefix("rows="));
    count.and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// Waits for the first rows of the inbox.
fn sees_the_inbox(program: &mut Program<'_>) {
    program.shows_when(&["rows of the inbox"], |picture| picture.starts_with("mailbox") && rows(picture) > 0);
}

#[test]
fn a_doctor_reads_writes_and_leaves_nothing_for_the_next_one() {
    let operator = Operator::start_with_reader(MESSAGES);
    let display = Display::start();
    let profile = Profile::new(&operator);
    let (mut leroy, mut martin) = (mailbox(&operator, "leroy"), mailbox(&operator, "martin"));
    let doctor = "anne.leroy@medecin.mssante.example";
    becomes_true("the laboratory's letter is taken", || writes_from_laboratory(&operator, doctor, PRIVATE));
    becomes_true("the laboratory's letter is delivered", || {
        count(&mut leroy, "INBOX", &format!("SUBJECT \"{PRIVATE}\"")) == 1
    });
    let unread = count(&mut leroy, "INBOX", "UNSEEN");
    let mut program = Program::start(&display, &operator, &profile, "letters");

    // the holder before any PIN
    program.shows(&["welcome", "card=no-card"]);
    operator.card_insert("leroy");
    program.shows(&["welcome", "card=locked", "tries=full"]);
    reads(&display, &["anne leroy"]);

    // a wrong PIN costs one try, and says so
    unlock(&display, &mut program, "9999");
    program.shows(&["attempt=pin-wrong", "tries=low"]);
    reads(&display, &["code incorrect"]);
    assert_eq!(operator.card_status()["pin_tries_left"], 2, "tried once, never again by the program");

    // the inbox
    unlock(&display, &mut program, "1234");
    sees_the_inbox(&mut program);
    assert_eq!(operator.card_status()["pin_tries_left"], 3);
    reads(&display, &["pamplemousse"]);
    assert!(
        ["mem", "environ"].iter().all(|file| !program.can_be_looked_into(file)),
        "its memory can be read"
    );

    // the newest letter, by keyboard; reading it is told to the server
    display.press(&["Down"]);
    program.shows(&["reading=yes"]);
    becomes_true("the server knows that the letter was read", || {
        count(&mut leroy, "INBOX", "UNSEEN") < unread
    });

    // a new letter to a colleague found in the annuaire
    display.press(&["ctrl+n"]);
    becomes_true("the composer has the keyboard", || display.focused().contains("Nouveau message"));
    let colleague = "marie martin cardio";
    display.type_in(colleague);
    let whole = format!("typed={} ", colleague.len());
    program.shows_when(&["proposals"], |p| p.contains(&whole) && !p.contains("proposals=0"));
    display.press(&["Down", "Return"]);
    program.shows(&["letter(to=1", "proposals=0"]);
    display.next_field();
    display.next_field();
    display.type_in(SUBJECT);
    let length = format!("subject={}", SUBJECT.len());
    program.shows(&[&length]);
    display.next_field();
    display.type_in("Merci de votre avis.");
    program.shows(&["text=20)"]);
    display.press(&["ctrl+Return"]);
    program.shows_when(&["no composer"], |picture| !picture.contains("letter("));

    let subject = format!("SUBJECT \"{SUBJECT}\"");
    becomes_true("the letter is delivered", || count(&mut martin, "INBOX", &subject) == 1);
    becomes_true("its copy is filed", || count(&mut leroy, SENT, &subject) == 1);

    // the card leaves: no picture of mail stays
    let removed = Instant::now();
    operator.card_remove();
    program.shows_when(&["lock"], |picture| picture.starts_with("lock"));
    let taken = removed.elapsed();
    assert!(taken < Duration::from_secs(10), "locked after {taken:?}");
    program.shows(&["lock", "card=no-card"]);
    becomes_true("no mail is on the screen", || {
        let words = display.words();
        words.contains("estafette") && !words.contains("pamplemousse") && !words.contains("anne")
    });

    // another doctor: her own mail, never the first one's
    operator.card_insert("martin");
    program.shows(&["lock", "card=locked"]);
    unlock(&display, &mut program, "1234");
    sees_the_inbox(&mut program);
    let words = reads(&display, &["zygomatique", "marie.martin"]);
    assert!(!words.contains("pamplemousse"), "another doctor's mail is on the screen: {words}");

    assert!(program.close(), "the program did not end well");
    assert_eq!(count(&mut martin, "INBOX", &subject), 1);
    assert_eq!(count(&mut leroy, SENT, &subject), 1);
}
