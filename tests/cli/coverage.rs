//! What commands say of messages that are not here, on a private server with a password.

use std::path::Path;
use std::process::{Command, Output};

use estafette::auth::Credential;
use estafette::domain::message::Flags;
use estafette::domain::secret::Secret;
use estafette::imap::{RemoteName, Session};
use serde_json::Value;

use crate::authority::{authority, client};
use crate::counter::Counter;
use crate::dovecot::Dovecot;

fn run(profile: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_estafettectl"))
        .arg("--profile")
        .arg(profile)
        .arg("--vault-key-file")
        .arg(profile.with_extension("json"))
        // the machine's own cards are not ours
        .arg("--module")
        .arg(profile.with_extension("so"))
        .args(["--lang", "fr"])
        .args(arguments)
        .output()
        .unwrap()
}

fn json(profile: &Path, arguments: &[&str]) -> Value {
    let output = run(profile, &[&["--json"], arguments].concat());
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|_| {
        panic!("{arguments:?}: {text} {}", String::from_utf8_lossy(&output.stderr));
    })
}

fn text(profile: &Path, arguments: &[&str]) -> String {
    String::from_utf8(run(profile, arguments).stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_and_the_diagnosis_say_what_is_not_here_until_all_is_asked_for() {
    // the reader is ours and empty: an inserted card would have its own store opened
    let _counter = Counter::open();
    let dovecot = Dovecot::start();
    let credential =
        Credential::Plain { user: "anne@test.example".into(), password: Secret::new("secret".into()) };
    let mut session = Session::connect(&dovecot.endpoint, client(), &credential).await.unwrap();
    let inbox = RemoteName::from_bytes(b"INBOX".to_vec());
    let large = format!("Subject: Imagerie\r\n\r\nscanner\r\n{}", "coupe fine\r\n".repeat(780_000));
    for raw in ["Subject: Courrier\r\n\r\nbonjour\r\n", &large] {
        session.append(&inbox, &Flags::default(), None, raw.as_bytes()).await.unwrap();
    }
    session.logout().await;

    let dir = tempfile::tempdir().unwrap();
    let profile = dir.path().join("profile");
    let password = dir.path().join("password");
    std::fs::write(&password, "secret\n").unwrap();
    let (server, ca) = (format!("127.0.0.1:{}", dovecot.endpoint.port), authority().ca.display().to_string());
    let password = password.display().to_string();
    let add = ["account", "add", "--address", "anne@test.example", "--auth", "password", "--imap", &server];
    let more = ["--smtp", "127.0.0.1:1", "--ca", &ca, "--password-file", &password];
    json(&profile, &[add.as_slice(), &more].concat());

    assert_eq!(json(&profile, &["sync"])["new"], 2);
    let found = json(&profile, &["search", "scanner"]);
    assert_eq!((&found["total"], &found["complete"]), (&0.into(), &false.into()), "{found}");
    assert_eq!(found["gaps"][0]["large"], 1, "{found}");
    let said = text(&profile, &["search", "scanner"]);
    assert!(said.contains("1 message volumineux à télécharger à la demande (9,4 Mo)"), "{said}");

    // the submission server does not answer: the rest of the diagnosis is given all the same
    let told = json(&profile, &["doctor"]);
    let check = |name: &str| {
        let found = told.as_array().unwrap().iter().find(|c| c["check"] == name);
        found.unwrap_or_else(|| panic!("no {name}: {told}")).clone()
    };
    let servers: Vec<_> = told.as_array().unwrap().iter().filter(|c| c["check"] == "server").collect();
    assert_eq!(servers.iter().map(|c| &c["good"]).collect::<Vec<_>>(), [true, false], "{told}");
    assert_eq!(check("counts")["good"], true);
    // told, but no fault: such a message waits until it is asked for
    let search = check("search");
    assert_eq!(
        (&search["good"], &search["figures"]["missing"]["large"]),
        (&true.into(), &1.into()),
        "{search}"
    );
    assert!(search["words"].as_str().unwrap().contains("1 message volumineux"), "{search}");
    let quota = check("quota");
    assert_eq!(
        (&quota["good"], &quota["figures"]["allowed"]),
        (&false.into(), &(10 << 20).into()),
        "{quota}"
    );
    assert!(quota["words"].as_str().unwrap().contains("La boîte est remplie à 81"), "{quota}");

    json(&profile, &["sync", "--all"]);
    let found = json(&profile, &["search", "scanner"]);
    assert_eq!((&found["total"], &found["complete"]), (&1.into(), &true.into()), "{found}");
}
