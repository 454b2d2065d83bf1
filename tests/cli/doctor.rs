//! Each link of the chain broken for real: the doctor names it, says what to do, and leaves what hangs on it.

use std::net::TcpListener;

use serde_json::Value;

use crate::counter::{Answer, Counter, LABORATORY, LEROY, answer, operator};

/// What the doctor says does not hold: links with their codes.
struct Told {
    failed: Vec<(String, String)>,
    doubtful: Vec<(String, String)>,
    exit: i32,
}

fn told(answer: &Answer) -> Told {
    let checks: Vec<Value> = serde_json::from_slice(&answer.out).unwrap_or_else(|_| panic!("{}", answer.err));
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let of = |wanted: &str, is: bool| {
        let found = checks.iter().filter(|check| check[wanted] == is && check["skipped"] == false);
        found.map(|check| (text(check, "check"), text(&check["figures"], "code"))).collect()
    };
    for check in checks.iter().filter(|check| check["figures"]["code"].is_string()) {
        let words = text(check, "words");
        assert!(words.contains(". ") && !words.contains("err-") && !words.contains("rec-"), "{words}");
    }
    Told { failed: of("good", false), doubtful: of("doubtful", true), exit: answer.code }
}

fn pairs(found: &[(String, String)]) -> Vec<(&str, &str)> {
    found.iter().map(|(link, code)| (link.as_str(), code.as_str())).collect()
}

/// Nothing that names a person, a server or a place on this disk, whatever is broken.
fn says_nothing(counter: &Counter) {
    let export = String::from_utf8(counter.run(&["doctor", "--anonymous"]).out).unwrap();
    assert!(export.contains("link "), "{export}");
    for private in
        ["leroy", "LEROY", "Anne", "benali", "resultats", "bioval", "@", "mssante", "localhost", "/"]
    {
        assert!(!export.contains(private), "{private} in {export}");
    }
}

#[test]
fn a_break_at_the_card_is_named_once_and_the_servers_behind_it_are_left() {
    let counter = Counter::open();
    counter.run(&["annuaire", "import", operator().text("annuaire")]).json();
    counter.insert("leroy");
    counter.run(&["account", "add", "--address", LEROY, "--auth", "card"]).json();
    for (state, link, code) in [
        ("service", "service", "no-service"),
        ("unplugged", "reader", "no-reader"),
        ("nothing", "card", "no-card"),
        ("vitale", "card", "vitale"),
        ("expired", "certificate", "card-expired"),
    ] {
        match state {
            "service" => drop(operator().card_service(false)),
            "unplugged" => {
                operator().card_service(false);
                operator().card_service_without_readers();
            }
            "nothing" => drop(operator().card_remove()),
            card => counter.insert(card),
        }
        let told = told(&counter.run(&["doctor"]));
        if matches!(state, "service" | "unplugged") {
            operator().card_service(false);
            operator().card_service(true);
        }
        let mut failed = vec![(link, code)];
        if state == "expired" {
            // the card of somebody who has no mailbox here
            failed.push(("account", "no-account"));
        }
        assert_eq!((pairs(&told.failed), told.exit), (failed, 3), "{state}");
        says_nothing(&counter);
    }
}

#[test]
fn another_module_than_the_one_asked_for_is_a_doubt() {
    let mut counter = Counter::open();
    counter.run(&["annuaire", "import", operator().text("annuaire")]).json();
    counter.insert("leroy");
    counter.run(&["account", "add", "--address", LEROY, "--auth", "card"]).json();
    counter.module = "/opt/cps/absent.so".to_owned();
    let told = told(&counter.pin(&["doctor"]));
    assert_eq!((pairs(&told.failed), pairs(&told.doubtful)), (vec![], vec![("module", "module-other")]));
    assert_eq!(told.exit, 0);
}

#[test]
fn a_keyring_that_is_not_there_is_named_beside_the_store_that_it_does_not_open() {
    let counter = Counter::open();
    let told = told(&answer(counter.without_key(&["doctor"])));
    assert!(told.doubtful.contains(&("keyring".to_owned(), "keyring-missing".to_owned())));
    assert!(told.failed.contains(&("store".to_owned(), "no-session".to_owned())));
    assert_eq!(told.exit, 3);
}

#[test]
fn a_break_at_a_server_is_named_with_the_link_where_it_is() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (decoy, password) = (|name| format!("localhost:{}", operator().port(name)), "resultats-bioval");
    for (imap, password, link, code) in [
        ("imap.cabinet.invalid:143".to_owned(), password, "name", "name-not-found"),
        (format!("localhost:{closed}"), password, "server", "server-silent"),
        (decoy("imap_foreign"), password, "tls", "not-trusted"),
        (decoy("imap_wrong_host"), password, "tls", "wrong-host"),
        (decoy("imap_expired"), password, "tls", "certificate-expired"),
        (decoy("imap_plain"), password, "tls", "starttls-missing"),
        (decoy("imap"), "faux", "login", "login-refused"),
    ] {
        let counter = Counter::open();
        std::fs::write(counter.path("password"), password).unwrap();
        let (smtp, file) = (format!("localhost:{}", operator().port("smtp")), counter.path("password"));
        let servers = ["--imap", &imap, "--smtp", &smtp, "--ca", operator().text("ca")];
        let who = ["account", "add", "--address", LABORATORY, "--auth", "password", "--password-file", &file];
        counter.run(&[&who[..], &servers[..]].concat()).json();
        let told = told(&counter.run(&["doctor"]));
        assert_eq!(pairs(&told.failed).first(), Some(&(link, code)), "{imap}");
        assert_eq!(pairs(&told.doubtful), [("annuaire", "annuaire-empty")], "{imap}");
        assert_ne!(told.exit, 0);
        says_nothing(&counter);
    }
}

#[test]
fn a_proxy_that_is_not_there_is_told_from_a_server_that_is_not() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let counter = Counter::open();
    counter.add_laboratory().json();
    let settings = format!(r#"{{"proxy":{{"manual":{{"host":"127.0.0.1","port":{closed},"user":null}}}}}}"#);
    std::fs::write(counter.profile().join("network.json"), settings).unwrap();
    let told = told(&counter.run(&["doctor"]));
    assert_eq!(pairs(&told.failed), [("server", "proxy-unreachable"), ("server", "proxy-unreachable")]);
    assert_eq!(told.exit, 4);
    says_nothing(&counter);
}
