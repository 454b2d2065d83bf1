//! The loopback operator itself: does it let in, refuse and deliver as an MSSanté operator does?
#![allow(unreachable_pub, clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, clippy::panic)]

#[path = "../operator/client.rs"]
mod client;
mod isolation;
mod reader;
mod session;

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use client::Operator;
use session::Session;

const GP: &str = "anne.leroy@medecin.mssante.example";
const CARDIOLOGIST: &str = "marie.martin@medecin.mssante.example";
const LABORATORY: &str = "resultats@bioval.mssante.example";

/// One operator for all tests that only use its servers; it ends with this program.
fn operator() -> &'static Operator {
    static OPERATOR: OnceLock<Operator> = OnceLock::new();
    OPERATOR.get_or_init(|| Operator::start(60))
}

/// SASL EXTERNAL in one line; an empty identity means "the one of my certificate".
fn external(identity: &str) -> String {
    let response = if identity.is_empty() { "=".to_owned() } else { STANDARD.encode(identity) };
    format!("EXTERNAL {response}")
}

fn plain(prefix: &str) -> String {
    let account = operator().account(prefix);
    let (address, password) = (account["address"].as_str().unwrap(), account["password"].as_str().unwrap());
    format!("PLAIN {}", STANDARD.encode(format!("\0{address}\0{password}")))
}

/// A mailbox opened by a card.
fn mailbox(card: &str) -> Session {
    let mut session = Session::imap(operator(), "imap", Some(card)).unwrap();
    let answer = session.imap_command(&format!("AUTHENTICATE {}", external("")));
    assert!(answer.contains("t OK"), "{answer}");
    session
}

fn submission(card: Option<&str>, login: &str) -> Session {
    let mut session = Session::smtp(operator(), card);
    let answer = session.smtp_command(&format!("AUTH {login}"));
    assert!(answer.starts_with("235"), "{answer}");
    session
}

fn send(session: &mut Session, from: &str, to: &str, options: &str, subject: &str) {
    let answer = session.smtp_command(&format!("MAIL FROM:<{from}>"));
    assert!(answer.starts_with("250"), "{answer}");
    let answer = session.smtp_command(&format!("RCPT TO:<{to}>{options}"));
    assert!(answer.starts_with("250"), "{answer}");
    let answer = session.smtp_command("DATA");
    assert!(answer.starts_with("354"), "{answer}");
    let answer = session
        .smtp_command(&format!("From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n\r\nBonjour\r\n."));
    assert!(answer.starts_with("250"), "{answer}");
}

/// Waits until INBOX has a message for which `search` is true.
fn arrives(session: &mut Session, search: &str) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(30) {
        session.imap_command("SELECT INBOX");
        let answer = session.imap_command(&format!("SEARCH {search}"));
        if answer.lines().any(|l| l.starts_with("* SEARCH ") && l.len() > "* SEARCH ".len()) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}

#[test]
fn a_card_opens_its_own_mailbox_by_sasl_external() {
    let mut session = mailbox("leroy");
    let answer = session.imap_command("SELECT INBOX (CONDSTORE)");
    assert!(answer.contains("HIGHESTMODSEQ"), "{answer}");
    assert!(session.imap_command("CAPABILITY").contains("QRESYNC"));
    let mut named = Session::imap(operator(), "imap", Some("leroy")).unwrap();
    let answer = named.imap_command(&format!("AUTHENTICATE {}", external(GP)));
    assert!(answer.contains("t OK"), "{answer}");
}

#[test]
fn a_card_does_not_open_another_mailbox() {
    let mut session = Session::imap(operator(), "imap", Some("leroy")).unwrap();
    let answer = session.imap_command(&format!("AUTHENTICATE {}", external(CARDIOLOGIST)));
    assert!(answer.contains("t NO"), "{answer}");
}

#[test]
fn external_without_a_valid_card_is_refused() {
    for card in [None, Some("expired"), Some("revoked")] {
        let mut session = Session::imap(operator(), "imap", card).unwrap();
        let answer = session.imap_command(&format!("AUTHENTICATE {}", external("")));
        assert!(answer.contains("t NO"), "{card:?}: {answer}");
    }
}

#[test]
fn the_number_on_a_card_is_no_login_name_for_a_password() {
    for name in ["899900000011", GP] {
        let mut session = Session::imap(operator(), "imap", None).unwrap();
        let answer =
            session.imap_command(&format!("AUTHENTICATE PLAIN {}", STANDARD.encode(format!("\0{name}\0x"))));
        assert!(answer.contains("t NO"), "{answer}");
    }
}

#[test]
fn a_password_is_refused_before_tls_and_taken_after() {
    let login = format!("AUTHENTICATE {}", plain("resultats"));
    let mut clear = Session::clear(operator(), "imap");
    assert!(clear.imap_command("CAPABILITY").contains("LOGINDISABLED"));
    let answer = clear.imap_command(&login);
    assert!(answer.contains("t NO"), "{answer}");
    let mut secured = Session::imap(operator(), "imap", None).unwrap();
    let answer = secured.imap_command(&login);
    assert!(answer.contains("t OK"), "{answer}");
    let mut submission = Session::clear(operator(), "smtp");
    assert!(!submission.smtp_command("EHLO test").contains("AUTH"));
    let answer = submission.smtp_command(&format!("AUTH {}", plain("resultats")));
    assert!(answer.starts_with('5'), "{answer}");
}

#[test]
fn folders_have_french_names_and_special_uses() {
    let list = mailbox("martin").imap_command("LIST \"\" \"*\"");
    for folder in [
        "\\Sent) \"/\" Envoy&AOk-s",
        "\\Drafts) \"/\" Brouillons",
        "\\Trash) \"/\" Corbeille",
        "\\Archive) \"/\" Archives",
        "\\Junk) \"/\" Ind&AOk-sirables",
        "\"&AMA- classer\"",
        "Biologie",
    ] {
        assert!(list.contains(folder), "{folder} is not in {list}");
    }
}

#[test]
fn a_result_sent_by_the_laboratory_arrives_in_the_doctors_inbox() {
    let mut laboratory = submission(None, &plain("resultats"));
    send(&mut laboratory, LABORATORY, GP, "", "resultat-du-laboratoire");
    assert!(arrives(&mut mailbox("leroy"), "SUBJECT resultat-du-laboratoire"));
}

#[test]
fn a_sender_may_only_write_as_himself() {
    let mut session = submission(Some("leroy"), &external(""));
    session.smtp_command(&format!("MAIL FROM:<{CARDIOLOGIST}>"));
    let answer = session.smtp_command(&format!("RCPT TO:<{LABORATORY}>"));
    assert!(answer.starts_with("553 5.7.1"), "{answer}");
}

#[test]
fn recipients_outside_the_trust_space_or_unknown_are_refused() {
    let mut session = submission(Some("leroy"), &external(""));
    session.smtp_command(&format!("MAIL FROM:<{GP}>"));
    let answer = session.smtp_command("RCPT TO:<patient@gmail.example>");
    assert!(answer.starts_with("550 5.7.1"), "{answer}");
    let answer = session.smtp_command("RCPT TO:<personne@medecin.mssante.example>");
    assert!(answer.starts_with("550 5.1.1"), "{answer}");
    let answer = session.smtp_command("RCPT TO:<secretariat.cardiologie@ghn-lyon.mssante.example>");
    assert!(answer.starts_with("250"), "{answer}");
}

#[test]
fn notices_of_delivery_and_of_failure_come_back() {
    let mut session = submission(Some("martin"), &external(""));
    send(&mut session, CARDIOLOGIST, GP, " NOTIFY=SUCCESS", "avec-avis");
    let mut inbox = mailbox("martin");
    // Dovecot's LMTP knows no notices, so Postfix says "relayed" for what is in the mailbox.
    assert!(arrives(&mut inbox, "HEADER Content-Type delivery-status BODY \"Action: relayed\""));
    let unknown = format!("personne@{}", operator().text("bouncing_domain"));
    send(&mut session, CARDIOLOGIST, &unknown, "", "perdu");
    assert!(arrives(&mut inbox, "HEADER Content-Type delivery-status BODY \"Action: failed\""));
}

#[test]
fn a_certificate_that_is_foreign_expired_revoked_or_for_another_host_is_caught() {
    for (port, said) in [
        ("imap_foreign", "UnknownIssuer"),
        ("imap_expired", "xpired"),
        ("imap_wrong_host", "not valid for name"),
        ("imap_revoked", "evoked"),
    ] {
        let error =
            Session::imap(operator(), port, None).err().unwrap_or_else(|| panic!("{port} was trusted"));
        assert!(error.contains(said), "{port}: {error}");
    }
}

#[test]
fn one_server_does_not_offer_starttls() {
    let mut session = Session::clear(operator(), "imap_plain");
    assert!(!session.imap_command("CAPABILITY").contains("STARTTLS"));
    let answer = session.imap_command("STARTTLS");
    assert!(answer.contains("t BAD"), "{answer}");
}

#[test]
fn the_directory_files_can_be_downloaded() {
    let get = |url: &str| ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap();
    let annuaire = get(operator().text("annuaire"));
    assert!(annuaire.starts_with("Type de BAL|Adresse BAL|"));
    assert!(annuaire.lines().all(|line| line.split('|').count() == 31));
    assert!(annuaire.contains(&format!("PER|{GP}|8|99900000011|")));
    let white_list = get(operator().text("white_list"));
    assert!(white_list.contains("<Nom>medecin.mssante.example</Nom>"));
    assert!(get(operator().text("crl")).contains("BEGIN X509 CRL"));
}

#[test]
fn seeded_messages_keep_their_flags_and_dates() {
    let mut session = mailbox("benali");
    let answer = session.imap_command("SELECT INBOX");
    assert!(answer.contains(" EXISTS"), "{answer}");
    let flagged = session.imap_command("SEARCH SEEN BEFORE 1-Jan-2100");
    assert!(flagged.lines().any(|l| l.starts_with("* SEARCH ") && l.len() > 9), "{flagged}");
}
