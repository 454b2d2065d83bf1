//! For test programs: starts the loopback operator, moves its cards, and stops it. Included with `#[path]`.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

/// A running operator of this test program. It ends when dropped, and also when the test program is killed: its
/// standard input ends then.
pub struct Operator {
    /// The JSON line that describes it: ports, files, accounts.
    pub info: Value,
    dir: PathBuf,
    process: Child,
}

impl Operator {
    /// Without a card reader, so that any number may run at a time. `messages` in each doctor's mailbox.
    pub fn start(messages: usize) -> Self {
        Self::with("none", "whole", messages, &[])
    }

    /// Without a card reader, with a stand-in for Pro Santé Connect whose tokens live for `lifetimes` seconds:
    /// access and refresh, such as `120:1800`.
    pub fn start_with_openid(lifetimes: &str) -> Self {
        Self::with("none", "whole", 3, &[&format!("--openid={lifetimes}")])
    }

    /// Without a card reader, with Cyrus and Courier beside Dovecot.
    pub fn start_with_others() -> Self {
        Self::with("none", "whole", 0, &["--others"])
    }

    /// The same with a mail server that can do less or more: `plain`, `shared`.
    pub fn start_as(server: &str) -> Self {
        Self::with("none", server, 0, &[])
    }

    /// With the machine's one card reader; waits until no other operator has it.
    pub fn start_with_reader(messages: usize) -> Self {
        Self::with("wait", "whole", messages, &[])
    }

    /// With two card readers, the machine's only ones.
    pub fn start_with_two_readers(messages: usize) -> Self {
        Self::with("wait", "whole", messages, &["--second-reader"])
    }

    fn with(reader: &str, server: &str, messages: usize, more: &[&str]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let dir = std::env::temp_dir().join(format!("estafette-test-{}-{number}", std::process::id()));
        let mut command = program();
        command.arg("serve").args(more);
        command.args(["--temporary", "--reader", reader, "--server", server]);
        command.args(["--messages", &messages.to_string(), "--dir"]);
        let mut process = command.arg(&dir).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the operator did not start: its reason is above");
        Self { info: serde_json::from_str(&line).unwrap(), dir, process }
    }

    /// Process id of the operator itself.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// A port by its name in the JSON line: `imap`, `imaps`, `smtp`, `http`, `delay_imap`, `imap_plain`, ….
    pub fn port(&self, name: &str) -> u16 {
        self.info[name]
            .as_u64()
            .and_then(|p| u16::try_from(p).ok())
            .unwrap_or_else(|| panic!("no port {name}"))
    }

    /// A text by its name in the JSON line: `ca`, `crl_file`, `annuaire`, `white_list`, ….
    pub fn text(&self, name: &str) -> &str {
        self.info[name].as_str().unwrap_or_else(|| panic!("no text {name}"))
    }

    /// The account whose address starts with `prefix`.
    pub fn account(&self, prefix: &str) -> &Value {
        let accounts = self.info["accounts"].as_array().unwrap();
        accounts.iter().find(|a| a["address"].as_str().unwrap().starts_with(prefix)).unwrap()
    }

    /// Puts the card `name` into the reader; pcscd notices within about a second.
    pub fn card_insert(&self, name: &str) -> Value {
        self.ask(&["card", "insert", name])
    }

    /// Takes the card out.
    pub fn card_remove(&self) -> Value {
        self.ask(&["card", "remove"])
    }

    /// Puts the card `name` into the second reader.
    pub fn card_insert_second(&self, name: &str) -> Value {
        self.ask(&["card", "insert", "--second", name])
    }

    /// Takes the card out of the second reader.
    pub fn card_remove_second(&self) -> Value {
        self.ask(&["card", "remove", "--second"])
    }

    /// Stops the card service, or starts it again.
    pub fn card_service(&self, runs: bool) -> Value {
        self.ask(&["card", if runs { "start-service" } else { "stop-service" }])
    }

    /// Starts the stopped card service with no reader plugged in.
    pub fn card_service_without_readers(&self) -> Value {
        self.ask(&["card", "start-service", "--bare"])
    }

    /// The card in the reader and its PIN tries left.
    pub fn card_status(&self) -> Value {
        self.ask(&["card", "status"])
    }

    fn ask(&self, request: &[&str]) -> Value {
        let output = program().args(request).arg("--dir").arg(&self.dir).output().unwrap();
        assert!(output.status.success(), "{request:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The example program `operator`, which cargo builds beside the tests; with sudo where this is not root.
fn program() -> Command {
    let here = std::env::current_exe().unwrap();
    let path = here.ancestors().nth(2).unwrap().join("examples/operator");
    assert!(path.exists(), "{} is missing: cargo build --examples", path.display());
    if is_root() {
        return Command::new(path);
    }
    let mut sudo = Command::new("sudo");
    sudo.arg("-n").arg(path);
    sudo
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout.trim_ascii() == b"0")
}
