//! The program is killed while a server is answering.

use crate::counter::{Counter, LEROY, MARTIN, mailbox, operator, until};
use crate::gate::Gate;

#[test]
fn a_program_killed_while_sending_asks_the_user_and_sends_no_second_copy() {
    let (imap, mut smtp) = (Gate::before(operator().port("imap")), Gate::before(operator().port("smtp")));
    let counter = Counter::open();
    counter.servers(Some((imap.port, smtp.port)));
    counter.insert("leroy");
    counter.run(&["account", "add", "--address", LEROY, "--auth", "card"]).json();
    counter.pin(&["sync"]).json();
    std::fs::write(counter.path("body.txt"), "Texte assez long. ".repeat(20_000)).unwrap();
    smtp.swallow_after(200_000);
    let letter = counter.letter(MARTIN, "Tuée pendant l'envoi");
    let mut child = counter.start(&letter.iter().map(String::as_str).collect::<Vec<_>>());
    until("the server has answered into the void", || smtp.swallowed() > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    smtp.close();
    smtp.swallow_after(0);
    smtp.open();

    let entry = counter.run(&["outbox", "list"]).json()[0].clone();
    assert_eq!(
        (entry["state"].as_str(), entry["trouble"].as_str()),
        (Some("sending"), Some("answer-unknown"))
    );
    let message_id = entry["message_id"].as_str().unwrap().trim_matches(['<', '>']).to_owned();
    until("the first copy is delivered", || mailbox(MARTIN).holding("INBOX", &message_id) == 1);
    counter.pin(&["sync"]).json();
    let entry = counter.run(&["outbox", "list"]).json()[0].clone();
    assert_eq!(
        (entry["state"].as_str(), entry["trouble"].as_str()),
        (Some("needs-user"), Some("answer-unknown"))
    );
    counter.pin(&["sync"]).json();
    assert_eq!(mailbox(LEROY).holding("Envoyés", &message_id), 0);
    assert_eq!(mailbox(MARTIN).holding("INBOX", &message_id), 1, "no second copy without the user");
}

#[test]
fn a_letter_that_left_is_told_as_sent_even_when_its_copy_cannot_be_filed_yet() {
    let (mut imap, smtp) = (Gate::before(operator().port("imap")), Gate::before(operator().port("smtp")));
    let counter = Counter::open();
    counter.servers(Some((imap.port, smtp.port)));
    counter.insert("leroy");
    counter.run(&["account", "add", "--address", LEROY, "--auth", "card"]).json();
    counter.pin(&["sync"]).json();
    imap.close();
    let letter = counter.letter(MARTIN, "Copie à classer");
    let sent = counter.pin(&letter.iter().map(String::as_str).collect::<Vec<_>>()).json();
    assert_eq!(sent["state"], "sent-unfiled");
    imap.open();
    counter.pin(&["sync"]).json();
    let message_id = sent["message_id"].as_str().unwrap().trim_matches(['<', '>']).to_owned();
    assert_eq!(counter.run(&["outbox", "list"]).json()[0]["state"], "done");
    assert_eq!(mailbox(LEROY).holding("Envoyés", &message_id), 1);
    until("one copy is delivered", || mailbox(MARTIN).holding("INBOX", &message_id) == 1);
}
