//! A doctor's morning, by commands alone.

use crate::counter::{Counter, LEROY, MARTIN, MESSAGES, mailbox, operator, strings, until};

#[test]
fn a_morning_by_commands() {
    let counter = Counter::open();
    counter.insert("leroy");
    // at once: a card just inserted is not "no card"
    let card = counter.run(&["card", "status"]).json();
    assert_eq!(
        (card["state"].as_str(), card["holder"]["family_name"].as_str()),
        (Some("locked"), Some("LEROY"))
    );

    let imported = counter.run(&["annuaire", "import", operator().text("annuaire")]).json();
    assert_eq!(counter.run(&["annuaire", "status"]).json()["mailboxes"], imported["mailboxes"]);
    let found =
        counter.run(&["annuaire", "search", "martin", "--specialty", "cardio", "--where", "lyon"]).json();
    assert_eq!(found["people"][0]["mailboxes"][0]["address"], MARTIN);
    assert_eq!(counter.run(&["annuaire", "show", MARTIN]).json()["family_name"], "MARTIN");
    counter.run(&["annuaire", "white-list", operator().text("white_list")]).json();

    let added = counter.run(&["account", "add", "--address", LEROY, "--auth", "card"]).json();
    assert_eq!(added["address"], LEROY);
    assert_eq!(counter.run(&["account", "list"]).json()[0]["config"]["address"], LEROY);
    let checked = counter.pin(&["account", "check"]).json();
    assert!(checked[0]["check"]["capabilities"].as_array().unwrap().iter().any(|c| c == "IDLE"), "{checked}");

    let report = counter.pin(&["sync"]).json();
    // the mail of other tests comes on top
    assert!(report["new"].as_u64().unwrap() as usize >= MESSAGES);
    let folders = counter.run(&["folders"]).json();
    for folder in folders.as_array().unwrap() {
        let path = folder["path"].as_str().unwrap();
        assert_eq!(folder["total"].as_u64().unwrap() as usize, mailbox(LEROY).files(path).len(), "{path}");
    }
    reading(&counter);
    sending(&counter);
    sorting(&counter);

    let doctor = counter.pin(&["doctor"]).json();
    let checks = doctor.as_array().unwrap();
    assert!(checks.iter().all(|check| check["good"] == true && check["skipped"] == false), "{doctor}");
    let links = |name: &str| checks.iter().filter(|check| check["check"] == name).count();
    for link in ["service", "reader", "card", "module", "certificate", "pin", "keyring", "store", "annuaire"]
    {
        assert_eq!(links(link), 1, "{link}: {doctor}");
    }
    for link in ["name", "server", "tls", "login"] {
        assert_eq!(links(link), 2, "{link}, both ways: {doctor}");
    }
    let told = String::from_utf8(counter.pin(&["doctor", "--anonymous"]).out).unwrap();
    assert!(told.contains("link account 1 Outgoing login good"), "{told}");
    for private in ["leroy", "LEROY", "Anne", "@", "mssante", "/usr"] {
        assert!(!told.contains(private), "{private} in {told}");
    }
    // without the code the chain breaks where the card has to sign
    let locked = counter.run(&["doctor"]);
    let checks: serde_json::Value = serde_json::from_slice(&locked.out).unwrap();
    let login = checks.as_array().unwrap().iter().find(|check| check["check"] == "login").unwrap();
    assert_eq!((&login["good"], &login["figures"]["code"]), (&false.into(), &"card-locked".into()));
    counter.run(&["account", "remove", LEROY]).json();
    assert_eq!(counter.run(&["account", "list"]).json(), serde_json::json!([]));
    assert!(!mailbox(LEROY).files("INBOX").is_empty(), "nothing is removed on the server");
}

fn reading(counter: &Counter) {
    let listed = counter.run(&["list", "--limit", "3"]).json();
    let rows = listed["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let id = row["id"].to_string();
        let shown = counter.run(&["show", &id]).json();
        assert_eq!(shown["row"]["id"], row["id"]);
        let raw = counter.run(&["show", &id, "--raw"]);
        assert!(
            mailbox(LEROY).files("INBOX").iter().any(|f| same_message(&std::fs::read(f).unwrap(), &raw.out))
        );
        let subject = row["subject"].as_str().unwrap();
        if let Some(word) =
            subject.split(|c: char| !c.is_alphabetic()).max_by_key(|w| w.len()).filter(|w| w.len() > 3)
        {
            let found = counter.run(&["search", word]).json();
            assert!(
                found["messages"].as_array().unwrap().iter().any(|m| m["id"] == row["id"]),
                "{word}: {found}"
            );
        }
    }
}

/// Line ends differ between a file and the wire.
fn same_message(file: &[u8], wire: &[u8]) -> bool {
    let bare = |bytes: &[u8]| bytes.iter().copied().filter(|b| *b != b'\r').collect::<Vec<u8>>();
    bare(file) == bare(wire)
}

fn sending(counter: &Counter) {
    let pdf = counter.path("compte-rendu.pdf");
    std::fs::write(&pdf, b"%PDF-1.4 fictif").unwrap();
    let mut letter = counter.letter(MARTIN, "Avis par commande");
    letter.extend(["--attach".to_owned(), pdf]);
    let sent = counter.pin(&strings(&letter)).json();
    assert_eq!(sent["state"], "done", "{sent}");
    let message_id = sent["message_id"].as_str().unwrap().trim_matches(['<', '>']);
    until("delivered", || mailbox(MARTIN).holding("INBOX", message_id) == 1);
    assert_eq!(mailbox(LEROY).holding("Envoyés", message_id), 1);
    // the copy is seen here by the next synchronisation, with its attachment
    counter.pin(&["sync"]).json();
    let found = counter.run(&["search", "avis commande"]).json();
    let copy = found["messages"][0]["id"].to_string();
    let part = counter.run(&["show", &copy, "--part", "0"]);
    assert_eq!((part.code, &part.out[..]), (0, &b"%PDF-1.4 fictif"[..]));
    counter.run(&["show", &copy, "--part", "9"]).fails(1, "not-found");

    let mut later = counter.letter(MARTIN, "Plus tard");
    later.push("--later".to_owned());
    let queued = counter.run(&strings(&later)).json();
    assert_eq!(queued["state"], "queued");
    let listed = counter.run(&["outbox", "list"]).json();
    assert!(listed.as_array().unwrap().iter().any(|e| e["id"] == queued["id"]));
    counter.run(&["outbox", "cancel", &queued["id"].to_string()]).json();
    counter.run(&["outbox", "cancel", &sent["id"].to_string()]).fails(1, "already-sent");
    counter.pin(&["sync"]).json();
    let queued_id = queued["message_id"].as_str().unwrap().trim_matches(['<', '>']);
    assert_eq!(mailbox(MARTIN).holding("INBOX", queued_id), 0, "taken back is not sent");
}

fn sorting(counter: &Counter) {
    let rows = counter.run(&["list"]).json()["rows"].as_array().unwrap().clone();
    let (flagged, moved, deleted) =
        (rows[0]["id"].to_string(), rows[1]["id"].to_string(), rows[2]["id"].to_string());
    let before = ["INBOX", "Archives", "Corbeille"].map(|f| mailbox(LEROY).files(f).len());
    counter.pin(&["flag", &flagged, "+flagged", "+seen"]).json();
    counter.pin(&["move", &moved, "Archives"]).json();
    counter.pin(&["delete", &deleted]).json();
    let after = ["INBOX", "Archives", "Corbeille"].map(|f| mailbox(LEROY).files(f).len());
    assert_eq!(after, [before[0] - 2, before[1] + 1, before[2] + 1]);
    let rows = counter.run(&["list"]).json()["rows"].as_array().unwrap().clone();
    let row = rows.iter().find(|r| r["id"].as_i64() == flagged.parse().ok()).unwrap();
    assert!(row["flags"]["flagged"] == true && row["flags"]["seen"] == true);
    let flags = mailbox(LEROY).doveadm(&["fetch"], &["flags", "mailbox", "INBOX", "FLAGGED", "SEEN"]);
    assert!(flags.contains("\\Flagged"), "{flags}");
}
