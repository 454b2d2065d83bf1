//! Keyring, card and recovery code from the command line, with and without a keyring.

use std::process::Command;

use serde_json::Value;

use crate::counter::{Answer, Counter, LABORATORY, LEROY, answer, operator};

/// Without keyring and key file: only what the arguments name.
fn bare(counter: &Counter, arguments: &[&str]) -> Answer {
    answer(counter.without_key(arguments))
}

/// A profile whose annuaire knows the mailboxes of the cards.
fn with_annuaire() -> Counter {
    let counter = Counter::open();
    counter.run(&["annuaire", "import", operator().text("annuaire")]).json();
    counter
}

fn kinds(security: &Value) -> Vec<&str> {
    security["slots"].as_array().unwrap().iter().map(|slot| slot["kind"].as_str().unwrap()).collect()
}

#[test]
fn without_a_keyring_card_and_recovery_code_open_the_store() {
    let counter = with_annuaire();
    let (pin, page) = (counter.path("pin"), counter.path("code.txt"));
    let told = bare(&counter, &["list"]).fails(3, "keyring-missing");
    assert!(told["error"]["advice"].as_str().unwrap().contains("carte"), "{told}");
    counter.insert("leroy");
    bare(&counter, &["--pin-file", &pin, "sync"]).json();
    let security = bare(&counter, &["--pin-file", &pin, "vault", "status"]).json();
    assert_eq!((kinds(&security), &security["offline"]), (vec!["this-card"], &false.into()));
    bare(&counter, &["--pin-file", &pin, "vault", "offline", "on"]).fails(3, "keyring-missing");
    bare(&counter, &["list"]).fails(3, "offline-not-allowed");
    // the PIN opens it for commands that only read
    let rows = bare(&counter, &["--pin-file", &pin, "list"]).json()["rows"].as_array().unwrap().len();
    assert!(rows > 0);

    bare(&counter, &["--pin-file", &pin, "vault", "recovery-code", "--out", &page]).json();
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(text.contains("ESTAFETTE") && text.contains("rangez-la sous clé"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // never over a page that is there
    let again = bare(&counter, &["--pin-file", &pin, "vault", "recovery-code", "--out", &page]);
    again.fails_alone(2);
    assert_eq!(std::fs::read_to_string(&page).unwrap(), text);

    // the whole page is taken as it was saved, and the card may be away
    operator().card_remove();
    let read = bare(&counter, &["--recovery-code-file", &page, "list"]).json();
    assert_eq!(read["rows"].as_array().unwrap().len(), rows);
    bare(&counter, &["--recovery-code-file", &page, "sync"]).fails(3, "card-locked");
}

#[test]
fn a_mistyped_a_short_and_a_foreign_code_are_told_apart() {
    let counter = Counter::open();
    counter.add_laboratory().json();
    let page = counter.path("code.txt");
    counter.run(&["--recovery-code-file", &page, "list"]).fails_alone(2);
    let code = counter.run(&["vault", "recovery-code"]).json()["recovery_code"].as_str().unwrap().to_owned();
    let with = |text: &str| {
        std::fs::write(&page, text).unwrap();
        bare(&counter, &["--recovery-code-file", &page, "account", "list"])
    };
    assert_eq!(with(&code.to_lowercase().replace('-', " ")).json()[0]["config"]["address"], LABORATORY);
    let mut groups: Vec<String> = code.split('-').map(str::to_owned).collect();
    // one wrong letter never passes the check of its group
    let wrong = if groups[2].starts_with('A') { "B" } else { "A" };
    groups[2].replace_range(..1, wrong);
    let told = with(&groups.join("-")).fails(3, "recovery-code-typo");
    assert!(told["error"]["message"].as_str().unwrap().contains("groupe 3"), "{told}");
    with("ABCDE").fails(3, "recovery-code-length");
    counter.run(&["vault", "recovery-code"]).json();
    with(&code).fails(3, "recovery-code-wrong");
}

#[test]
fn the_policy_the_slots_and_another_key_by_command() {
    let counter = with_annuaire();
    counter.insert("leroy");
    counter.pin(&["sync"]).json();
    counter.pin(&["vault", "offline", "off"]).fails(1, "recovery-needed");
    let (page, second) = (counter.path("code.txt"), counter.path("second.txt"));
    counter.pin(&["vault", "recovery-code", "--out", &page]).json();
    let security = counter.pin(&["vault", "offline", "off"]).json();
    assert_eq!(kinds(&security), ["this-card", "recovery"]);
    counter.run(&["list"]).fails(3, "offline-not-allowed");
    let recovery = security["slots"][1]["id"].as_str().unwrap();
    counter.pin(&["vault", "remove", recovery]).fails(1, "last-way-in");
    counter.pin(&["vault", "rotate"]).fails_alone(2);
    let rotated = counter.pin(&["vault", "rotate", "--out", &second]).json();
    assert_eq!(kinds(&rotated), ["this-card", "recovery"]);
    counter.run(&["--recovery-code-file", &page, "list"]).fails(3, "recovery-code-wrong");
    counter.run(&["--recovery-code-file", &second, "list"]).json();
    assert_eq!(kinds(&counter.pin(&["vault", "offline", "on"]).json()), ["this-card", "recovery", "keyring"]);
    assert!(!counter.run(&["list"]).json()["rows"].as_array().unwrap().is_empty());
    // the same as people read it
    let mut command = Command::new(env!("CARGO_BIN_EXE_estafettectl"));
    command.arg("--profile").arg(counter.profile()).args(["--lang", "fr", "--vault-key-file"]);
    command.arg(counter.path("vault.json")).args(["vault", "status"]);
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(
        said.contains("Code de récupération · depuis le") && said.contains("hors ligne permise"),
        "{said}"
    );
}

#[test]
fn the_password_of_an_account_lies_in_the_store_where_there_is_no_keyring() {
    let counter = with_annuaire();
    let (pin, password) = (counter.path("pin"), counter.path("password"));
    counter.insert("leroy");
    let add = ["account", "add", "--address", LABORATORY, "--auth", "password", "--password-file", &password];
    bare(&counter, &[&["--pin-file", pin.as_str()][..], &add].concat()).json();
    let checked = bare(&counter, &["--pin-file", &pin, "account", "check", LABORATORY]).json();
    assert_eq!(checked[0]["address"], LABORATORY);
    let listed = bare(&counter, &["--pin-file", &pin, "account", "list"]).json();
    assert!(listed.as_array().unwrap().iter().any(|a| a["config"]["address"] == LEROY), "{listed}");
    bare(&counter, &["--pin-file", &pin, "account", "remove", LABORATORY]).json();
}
