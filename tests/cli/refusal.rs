//! Each exit code, with its JSON error.

use crate::counter::{Counter, LABORATORY, LEROY, MARTIN, operator, strings, until};

#[test]
fn usage_is_exit_code_2() {
    let counter = Counter::open();
    assert_eq!(counter.run(&["fly"]).code, 2);
    assert_eq!(counter.run(&["send", "--subject", "x"]).code, 2);
    let answer = counter.run(&["account", "add", "--address", "no address", "--auth", "card"]);
    assert_eq!(answer.code, 2, "{}", answer.err);
    assert!(answer.err.contains("\"code\":\"usage\""), "{}", answer.err);
    let missing = counter.run(&["document", "show", "/nonexistent.eml"]);
    assert_eq!(missing.code, 2, "{}", missing.err);
}

#[test]
fn a_card_pin_or_credential_that_is_needed_is_exit_code_3() {
    let counter = Counter::open();
    counter.pin(&["sync"]).fails(3, "no-card");
    counter.run(&["account", "add", "--address", LEROY, "--auth", "card"]).fails(3, "no-card");
    counter.insert("vitale");
    counter.pin(&["sync"]).fails(3, "vitale");
    operator().card_remove();
    until("the reader is empty", || counter.run(&["card", "status"]).json()["state"] == "no-card");
    counter.insert("martin");
    counter.run(&["account", "add", "--address", MARTIN, "--auth", "card"]).json();
    counter.run(&["account", "check"]).fails(3, "card-locked");
    std::fs::write(counter.path("pin"), "9999").unwrap();
    let tries = operator().card_status()["pin_tries_left"].as_u64().unwrap();
    counter.pin(&["sync"]).fails(3, "pin-wrong");
    assert_eq!(operator().card_status()["pin_tries_left"].as_u64().unwrap(), tries - 1, "presented once");
    std::fs::write(counter.path("pin"), "1234").unwrap();
    counter.pin(&["sync"]).json();
}

#[test]
fn a_password_the_server_refuses_is_exit_code_3() {
    let counter = Counter::open();
    std::fs::write(counter.path("password"), "faux").unwrap();
    counter.add_laboratory().json();
    counter.run(&["sync"]).fails(3, "login-refused");
}

#[test]
fn servers_out_of_reach_or_not_to_be_trusted_are_exit_code_4() {
    let counter = Counter::open();
    // a port on which nothing listens
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    counter.servers(Some((free, free)));
    counter.add_laboratory().json();
    counter.run(&["sync"]).fails(4, "offline");
    let send = counter.letter(LEROY, "Hors ligne");
    counter.run(&strings(&send)).fails(4, "offline");
    counter.run(&["account", "remove", LABORATORY]).fails(1, "account-busy");
    let waiting = counter.run(&["outbox", "list"]).json();
    assert_eq!(waiting[0]["state"], "queued", "what could not be sent waits");
    counter.run(&["outbox", "cancel", &waiting[0]["id"].to_string()]).json();
    counter.run(&["account", "remove", LABORATORY]).json();
    counter.servers(Some((operator().port("imap_foreign"), operator().port("smtp"))));
    counter.add_laboratory().json();
    counter.run(&["sync"]).fails(4, "not-trusted");
    let download = counter.run(&["annuaire", "import", &format!("http://127.0.0.1:{free}/x.txt")]);
    download.fails(4, "annuaire-download");
}

#[test]
fn what_a_server_or_the_store_refuses_is_exit_code_1() {
    let counter = Counter::open();
    counter.add_laboratory().json();
    counter.add_laboratory().fails(1, "account-exists");
    counter.run(&["show", "424242"]).fails(1, "not-found");
    counter.run(&["sync", "--account", "personne@bioval.mssante.example"]).fails(1, "no-account");
    counter.run(&["list"]).fails(1, "no-folder");
    counter.run(&["annuaire", "search", "martin"]).fails(1, "annuaire-empty");
    counter.run(&["annuaire", "import", operator().text("annuaire")]).json();
    let unknown = counter.run(&["annuaire", "show", "personne@medecin.mssante.example"]);
    unknown.fails(1, "address-not-listed");
    let outside = counter.letter("patient@gmail.example", "Hors espace");
    let refused = counter.run(&strings(&outside)).fails(1, "recipients-refused");
    let told = refused["error"]["message"].as_str().unwrap().to_owned()
        + refused["error"]["advice"].as_str().unwrap();
    assert!(told.contains("patient@gmail.example"), "the refused recipient is named: {told}");
    let entry = counter.run(&["outbox", "list"]).json()[0].clone();
    assert_eq!(entry["state"], "refused");
    counter.run(&["outbox", "retry", &entry["id"].to_string()]).fails(1, "recipients-refused");
    counter.run(&["annuaire", "white-list", operator().text("white_list")]).json();
    counter.run(&strings(&outside)).fails(1, "outside-trust-space");
}

#[test]
fn input_that_is_not_what_it_should_be_is_exit_code_5() {
    let counter = Counter::open();
    let file = counter.path("annuaire.txt");
    std::fs::write(&file, "ceci n'est pas une extraction\n".repeat(50)).unwrap();
    counter.run(&["annuaire", "import", &file]).fails(5, "annuaire-unreadable");
}
