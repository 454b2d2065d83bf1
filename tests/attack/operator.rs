//! The real servers of the loopback operator, trusted as those of MSSanté are: authorities fetched and pinned, the
//! servers' state asked for.

use std::path::Path;

use serde_json::{Value, json};

use crate::child::estafettectl;
use crate::client::Operator;

const LABORATORY: &str = "resultats@bioval.mssante.example";

/// A profile with these network settings and the laboratory's mailbox, added by hand.
fn profile(operator: &Operator, settings: &Value) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("profile")).unwrap();
    std::fs::write(dir.path().join("profile/network.json"), settings.to_string()).unwrap();
    std::fs::write(dir.path().join("password"), "resultats-bioval\n").unwrap();
    let at = |service: &str| format!("localhost:{}", operator.port(service));
    let (imap, smtp) = (at("imap"), at("smtp"));
    let password = dir.path().join("password").display().to_string();
    let line = [
        "account",
        "add",
        "--address",
        LABORATORY,
        "--auth",
        "password",
        "--imap",
        &imap,
        "--smtp",
        &smtp,
        "--password-file",
        &password,
    ];
    let (code, answer) = estafettectl(dir.path(), Path::new("/dev/null"), &line);
    assert_eq!(code, 0, "{answer}");
    dir
}

fn check(dir: &tempfile::TempDir) -> (i32, Value) {
    estafettectl(dir.path(), Path::new("/dev/null"), &["account", "check", LABORATORY])
}

#[test]
fn authorities_are_fetched_and_the_state_of_real_servers_is_asked_and_told() {
    let operator = Operator::start(0);
    let text = std::fs::read_to_string(operator.text("profile_network")).unwrap();
    let mut settings: Value = serde_json::from_str(&text).unwrap();
    let dir = profile(&operator, &settings);
    let (code, answer) = check(&dir);
    assert_eq!(code, 0, "{answer}");
    let chains = answer[0]["check"]["chains"].as_array().unwrap();
    assert_eq!(chains.len(), 2, "IMAP and SMTP");
    for chain in chains {
        assert_eq!(chain["names"].as_array().unwrap().len(), 3, "{chain}");
        let sources: Vec<_> = chain["checks"].as_array().unwrap().iter().map(|c| &c["source"]).collect();
        assert_eq!(sources, ["ocsp", "list"], "{chain}");
        assert!(chain["checks"][0]["at"].as_i64().unwrap() > 1_700_000_000);
    }
    assert!(dir.path().join("profile/trust/igc-testing.p7b").is_file(), "kept for the next time");

    // another root than the pinned one
    settings["testing"]["pins"] = json!(["00".repeat(32)]);
    let (code, answer) = check(&profile(&operator, &settings));
    assert_eq!((code, &answer["error"]["code"]), (4, &json!("anchors-refused")), "{answer}");
    std::fs::write(dir.path().join("profile/network.json"), "{").unwrap();
    let (code, answer) = check(&dir);
    assert_eq!((code, &answer["error"]["code"]), (1, &json!("network-settings")), "{answer}");
}
