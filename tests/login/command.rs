//! `estafettectl account` with Pro Santé Connect, certificates and passwords.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::browser::Browser;
use crate::desk::{INTEGRATION, LABORATORY, MOREAU, operator};
use crate::forger::Recorder;

struct Counter(tempfile::TempDir);

/// Exit code, standard output and standard error.
type Answer = (i32, String, String);

impl Counter {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(operator().text("profile_operators"), dir.path().join("operators.json")).unwrap();
        std::fs::copy(operator().text("profile_psc"), dir.path().join("psc.json")).unwrap();
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name).display().to_string()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_estafettectl"));
        command.arg("--profile").arg(self.0.path()).arg("--vault-key-file").arg(self.path("vault.key"));
        command.args(["--json", "--no-browser"]).args(arguments).env("ESTAFETTE_LOG", "trace");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// The same with somebody who goes to the address that is printed.
    fn run_with_browser(&self, arguments: &[&str], login: &str) -> Answer {
        let mut program = self.command(arguments).spawn().unwrap();
        let mut said = String::new();
        for line in BufReader::new(program.stderr.take().unwrap()).lines() {
            let line = line.unwrap();
            let parsed: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(url) = parsed["login"]["url"].as_str() {
                let (url, login) = (url.to_owned(), login.to_owned());
                std::thread::spawn(move || Browser::default().log_in(&url, &login));
            } else {
                said += &(line + "\n");
            }
        }
        let output = program.wait_with_output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), said)
    }
}

fn code(answer: &Answer) -> String {
    let error =
        answer.2.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok()).unwrap_or_default();
    error["error"]["code"].as_str().unwrap_or(&answer.2).to_owned()
}

#[test]
fn a_mailbox_of_pro_sante_connect_is_added_checked_and_synchronised_and_nothing_secret_is_logged() {
    let counter = Counter::open();
    let relayed = &operator().info["openid"]["relayed"];
    let recorder = Recorder::before(relayed["relay"].as_str().unwrap());
    let mut profile = relayed.clone();
    profile["relay"] = serde_json::json!(format!("http://127.0.0.1:{}", recorder.port));
    counter.file("psc.json", &profile.to_string());
    let add = ["account", "add", "--address", MOREAU, "--auth", "psc"];
    let given_up = counter.run_with_browser(&add, "");
    assert_eq!((given_up.0, code(&given_up).as_str()), (3, "psc-declined"));
    let other = counter.run_with_browser(&add, "petit");
    assert_eq!((other.0, code(&other).as_str()), (3, "psc-refused"), "the server knows whose mailbox it is");
    let mut said = given_up.2 + &other.2;
    for arguments in [&add[..], &["account", "check"], &["sync"]] {
        let (status, out, err) = counter.run_with_browser(arguments, "moreau");
        assert_eq!(status, 0, "{arguments:?}: {err}");
        said += &(out + &err);
    }
    assert!(said.contains("INFO"), "the log was open: {said}");
    for secret in recorder.secrets() {
        assert!(!said.contains(&secret[..secret.len().min(30)]), "a secret was logged");
    }
    let typed = counter.run(&[&add[..], &["--imap", "localhost:1", "--smtp", "localhost:2"]].concat());
    assert_eq!((typed.0, code(&typed).as_str()), (3, "psc-typed-host"));
}

#[test]
fn a_certificate_and_a_password_are_added_and_replaced() {
    let counter = Counter::open();
    let account = operator().account("integration");
    let certificate = account["certificate"].as_str().unwrap();
    let good = counter.file("good", account["password"].as_str().unwrap());
    let bad = counter.file("bad", "faux");
    let add = ["account", "add", "--address", INTEGRATION, "--auth", "certificate"];
    let with = |password: &str| {
        counter.run(&[&add[..], &["--certificate", certificate, "--password-file", password]].concat())
    };
    assert_eq!(counter.run(&add).0, 2);
    let refused = with(&bad);
    assert_eq!((refused.0, code(&refused).as_str()), (3, "certificate-password"));
    assert_eq!(with(&good).0, 0);
    assert_eq!(counter.run(&["account", "check", INTEGRATION]).0, 0);
    let chain = operator().info["certificates"]["good"]["chain.pem"].as_str().unwrap();
    let key = chain.replace(".chain.pem", ".open.key");
    let replaced =
        counter.run(&["account", "certificate", INTEGRATION, "--certificate", chain, "--key", &key]);
    assert_eq!(replaced.0, 0, "{}", replaced.2);
    assert_eq!(counter.run(&["account", "check", INTEGRATION]).0, 0);

    let add = ["account", "add", "--address", LABORATORY, "--auth", "password", "--password-file", &bad];
    assert_eq!(counter.run(&add).0, 0);
    assert_eq!(code(&counter.run(&["account", "check", LABORATORY])), "login-refused");
    let good = counter.file("good", "resultats-bioval");
    assert_eq!(counter.run(&["account", "password", LABORATORY, "--password-file", &good]).0, 0);
    assert_eq!(counter.run(&["account", "check", LABORATORY]).0, 0);
}
