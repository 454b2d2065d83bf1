//! One operator without a card reader for the whole program, and a profile for each test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

use crate::client::Operator;
use crate::maildir::Maildir;

const DOCTOR: &str = "anne.leroy@medecin.mssante.example";
/// The mailbox of the tests: it has a password, and the doctor's mail.
pub const LABORATORY: &str = "resultats@bioval.mssante.example";
/// Another one.
pub const HOSPITAL: &str = "urgences@ch-vienne.mssante.example";

pub fn operator() -> &'static Operator {
    static OPERATOR: OnceLock<Operator> = OnceLock::new();
    OPERATOR.get_or_init(|| {
        let operator = Operator::start(14);
        let (from, to) = (Maildir::of(&operator, DOCTOR), Maildir::of(&operator, LABORATORY));
        for file in from.files("INBOX") {
            to.save_bytes("INBOX", &std::fs::read(file).unwrap());
        }
        operator
    })
}

pub fn mailbox(address: &str) -> Maildir {
    Maildir::of(operator(), address)
}

/// A profile with one mailbox, and the turn at the mailboxes.
pub struct Desk {
    dir: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Desk {
    /// Its mail is on this computer.
    pub fn open() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let desk = Self { dir: tempfile::tempdir().unwrap(), _turn: turn };
        std::fs::create_dir(desk.profile()).unwrap();
        std::fs::copy(operator().text("profile_operators"), desk.profile().join("operators.json")).unwrap();
        desk.add(LABORATORY);
        desk.run(&["sync", "--all"]).json();
        desk
    }

    pub fn add(&self, address: &str) {
        let accounts = operator().info["accounts"].as_array().unwrap();
        let password =
            accounts.iter().find(|a| a["address"] == address).unwrap()["password"].as_str().unwrap();
        let file = self.path("password");
        std::fs::write(&file, password).unwrap();
        let account = ["--address", address, "--auth", "password", "--password-file", &file];
        self.run(&[&["account", "add"], &account[..]].concat()).json();
    }

    pub fn profile(&self) -> PathBuf {
        self.dir.path().join("profile")
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_estafettectl"));
        command.arg("--profile").arg(self.profile()).args(["--json", "--lang", "fr"]);
        command.args(["--vault-key-file", &self.path("vault.json")]).args(arguments);
        command.env("HOME", self.dir.path()).env("XDG_RUNTIME_DIR", self.dir.path());
        command.env_remove("DBUS_SESSION_BUS_ADDRESS").stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Answer {
        let output = self.command(arguments).output().unwrap();
        Answer {
            code: output.status.code().unwrap_or(-1),
            out: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The same in the background, to be killed.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Rows of the inbox.
    pub fn inbox(&self) -> Vec<Value> {
        self.run(&["list", "--limit", "500"]).json()["rows"].as_array().unwrap().clone()
    }
}

/// What a command answered.
pub struct Answer {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_slice(&self.out).unwrap()
    }

    /// A failure with this exit code and error code, told whole.
    #[track_caller]
    pub fn fails(&self, exit: i32, code: &str) {
        assert_eq!(self.code, exit, "{}{}", String::from_utf8_lossy(&self.out), self.err);
        let line = self.err.lines().find(|line| line.starts_with('{'));
        let told: Value =
            serde_json::from_str(line.unwrap_or_else(|| panic!("no JSON: {}", self.err))).unwrap();
        assert_eq!(told["error"]["code"], code, "{}", self.err);
        for part in ["message", "advice"] {
            let words = told["error"][part].as_str().unwrap();
            assert!(!words.is_empty() && !words.contains("err-") && !words.contains("rec-"), "{told}");
        }
    }
}

pub fn strings(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// Names in a folder.
pub fn names(folder: &str) -> std::collections::BTreeSet<String> {
    let entries = std::fs::read_dir(Path::new(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// A small file system of memory, for root only.
pub struct Disk(PathBuf);

impl Disk {
    /// `None` where mounting is not allowed.
    pub fn mount(at: &str, size: &str) -> Option<Self> {
        let size = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(at).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(at.into()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
