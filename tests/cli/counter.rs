//! One operator and one card reader for the whole program, one profile a test, and the program under test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::Operator;
use crate::maildir::Maildir;

pub const LEROY: &str = "anne.leroy@medecin.mssante.example";
pub const MARTIN: &str = "marie.martin@medecin.mssante.example";
pub const LABORATORY: &str = "resultats@bioval.mssante.example";
pub const MESSAGES: usize = 24;

/// One operator for all tests; it ends with this program.
pub fn operator() -> &'static Operator {
    static OPERATOR: OnceLock<Operator> = OnceLock::new();
    OPERATOR.get_or_init(|| Operator::start_with_reader(MESSAGES))
}

pub fn mailbox(address: &str) -> Maildir {
    Maildir::of(operator(), address)
}

/// A profile folder and the turn at the card reader, which is empty at first.
pub struct Counter {
    pub dir: tempfile::TempDir,
    /// Given to every command: profile, key file, module, JSON.
    pub environment: Vec<(String, String)>,
    /// The card's module of the command line.
    pub module: String,
    _turn: MutexGuard<'static, ()>,
}

/// What a command answered.
pub struct Answer {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Counter {
    pub fn open() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        operator().card_remove();
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("profile")).unwrap();
        std::fs::write(dir.path().join("pin"), "1234\n").unwrap();
        std::fs::write(dir.path().join("password"), "resultats-bioval\n").unwrap();
        std::fs::write(dir.path().join("body.txt"), "Chère consœur,\n\nMerci de votre avis.\n").unwrap();
        let module = operator().text("pkcs11_module").to_owned();
        let counter = Self { dir, environment: Vec::new(), module, _turn: turn };
        counter.servers(None);
        counter
    }

    /// The profile's table of servers, with other ports if wanted.
    pub fn servers(&self, ports: Option<(u16, u16)>) {
        let text = std::fs::read_to_string(operator().text("profile_operators")).unwrap();
        let mut table: Value = serde_json::from_str(&text).unwrap();
        if let Some((imap, smtp)) = ports {
            for domain in table["domains"].as_object_mut().unwrap().values_mut() {
                domain["imap"]["port"] = imap.into();
                domain["smtp"]["port"] = smtp.into();
            }
        }
        std::fs::write(self.profile().join("operators.json"), table.to_string()).unwrap();
    }

    pub fn profile(&self) -> PathBuf {
        self.dir.path().join("profile")
    }

    pub fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    /// The one store of the profile.
    pub fn store(&self) -> PathBuf {
        let sessions = std::fs::read_dir(self.profile().join("sessions")).unwrap();
        let found: Vec<PathBuf> = sessions.flatten().map(|e| e.path().join("store.db")).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.into_iter().next().unwrap()
    }

    pub fn insert(&self, card: &str) {
        operator().card_insert(card);
    }

    /// The program without a key file, and no keyring of this machine in reach.
    pub fn without_key(&self, arguments: &[&str]) -> Command {
        self.command(&[], arguments)
    }

    /// Options come first, as after `flag` a word with a hyphen is a flag.
    fn command(&self, options: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_estafettectl"));
        command.arg("--profile").arg(self.profile()).args(["--module", &self.module]);
        command.args(["--json", "--lang", "fr"]).args(options).args(arguments);
        command.env("HOME", self.dir.path()).env("XDG_RUNTIME_DIR", self.dir.path());
        command.env_remove("DBUS_SESSION_BUS_ADDRESS").stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(k, v)| (k, v)));
        command
    }

    fn with_key(&self, arguments: &[&str]) -> Command {
        self.command(&["--vault-key-file", &self.path("vault.json")], arguments)
    }

    fn with_pin(&self, arguments: &[&str]) -> Command {
        let (key, pin) = (self.path("vault.json"), self.path("pin"));
        self.command(&["--vault-key-file", &key, "--pin-file", &pin], arguments)
    }

    /// A command with the key file.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        answer(self.with_key(arguments))
    }

    /// A command with the key file and the right PIN.
    pub fn pin(&self, arguments: &[&str]) -> Answer {
        answer(self.with_pin(arguments))
    }

    /// The same in the background.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.with_pin(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// A command with the key file in the background, without a card.
    pub fn with_key_in_background(&self, arguments: &[&str]) -> Child {
        self.with_key(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// The laboratory's account, which has a password and needs no card.
    pub fn add_laboratory(&self) -> Answer {
        self.run(&[
            "account",
            "add",
            "--address",
            LABORATORY,
            "--auth",
            "password",
            "--password-file",
            &self.path("password"),
        ])
    }

    /// Sends from the first account.
    pub fn letter<'a>(&self, to: &'a str, subject: &'a str) -> Vec<String> {
        ["send", "--to", to, "--subject", subject, "--body-file"]
            .map(str::to_owned)
            .into_iter()
            .chain([self.path("body.txt")])
            .collect()
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        operator().card_remove();
    }
}

pub fn answer(mut command: Command) -> Answer {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Answer {
        code: status.code().unwrap_or(-1),
        out: stdout,
        err: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

impl Answer {
    /// The answer of a command that succeeded.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_slice(&self.out).unwrap()
    }

    /// A failure with this exit code whose words are of no matter: a wrong command line.
    #[track_caller]
    pub fn fails_alone(&self, exit: i32) {
        assert_eq!(self.code, exit, "{}{}", String::from_utf8_lossy(&self.out), self.err);
        assert!(!self.err.is_empty());
    }

    /// A failure with this exit code and error code, told whole in JSON.
    #[track_caller]
    pub fn fails(&self, exit: i32, code: &str) -> Value {
        assert_eq!(self.code, exit, "{}{}", String::from_utf8_lossy(&self.out), self.err);
        let line = self
            .err
            .lines()
            .find(|line| line.starts_with('{'))
            .unwrap_or_else(|| panic!("no JSON: {}", self.err));
        let value: Value = serde_json::from_str(line).unwrap();
        let error = &value["error"];
        assert_eq!(error["code"], code, "{}", self.err);
        for text in ["message", "advice"] {
            let words = error[text].as_str().unwrap();
            assert!(!words.is_empty() && !words.contains("err-") && !words.contains("rec-"), "{error}");
        }
        value
    }
}

pub fn strings(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// Looks again and again until it is so.
#[track_caller]
pub fn until(what: &str, mut look: impl FnMut() -> bool) {
    let start = Instant::now();
    while !look() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}

/// Files of a folder with their content, to see that nothing was touched.
pub fn picture(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}
