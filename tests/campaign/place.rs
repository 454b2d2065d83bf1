//! Where a campaign takes place: an operator, a gate in front of each server, and profiles of one mailbox.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, Security, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, KeySource, Limits, Options, Result};

use crate::client::Operator;
use crate::gate::Gate;
use crate::maildir::Maildir;

/// The mailbox under test, which has a password and needs no card.
pub const OWN: &str = "resultats@bioval.mssante.example";
pub const PASSWORD: &str = "resultats-bioval";
/// Whom it writes to.
pub const OTHER: &str = "urgences@ch-vienne.mssante.example";
/// Folders whose messages are moved about.
pub const FOLDERS: [&str; 4] = ["INBOX", "Archives", "Biologie", "À classer"];
pub const TRASH: &str = "Corbeille";
pub const SENT: &str = "Envoyés";

pub struct Place {
    pub operator: Operator,
    pub imap: Gate,
    pub smtp: Gate,
    dir: tempfile::TempDir,
}

/// What a profile needs to know to reach the servers; short enough for a command line.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Servers {
    pub profile: PathBuf,
    imap: u16,
    smtp: u16,
    ca: PathBuf,
    crl: PathBuf,
}

impl Place {
    /// `messages` numbered ones lie in the inbox under test.
    pub fn open(messages: usize) -> Self {
        let operator = Operator::start(0);
        let (imap, smtp) = (Gate::before(operator.port("imap")), Gate::before(operator.port("smtp")));
        let place = Self { operator, imap, smtp, dir: tempfile::tempdir().unwrap() };
        for number in 0..messages {
            place.deliver(number, "INBOX");
        }
        place
    }

    /// Puts a numbered message into a folder, as another mail program would; every fifth has no Message-ID.
    pub fn deliver(&self, number: usize, folder: &str) {
        let text = "Compte rendu sans particularité.\r\n".repeat(1 + number * 7 % 50);
        let id =
            if number % 5 == 4 { String::new() } else { format!("Message-ID: <{number:05}@campagne>\r\n") };
        let raw = format!(
            "From: {OTHER}\r\nTo: {OWN}\r\nSubject: Dossier {number:05}\r\n{id}\
             Date: Mon, 2 Mar 2026 08:00:00 +0100\r\n\r\n{text}"
        );
        self.save(&raw, folder);
    }

    pub fn mailbox(&self, address: &str) -> Maildir {
        Maildir::of(&self.operator, address)
    }

    pub fn servers(&self, profile: &str) -> Servers {
        Servers {
            profile: self.dir.path().join(profile),
            imap: self.imap.port,
            smtp: self.smtp.port,
            ca: self.operator.text("ca").into(),
            crl: self.operator.text("crl_file").into(),
        }
    }

    /// The same without the gates.
    pub fn servers_behind(&self, profile: &str) -> Servers {
        let (imap, smtp) = (self.operator.port("imap"), self.operator.port("smtp"));
        Servers { imap, smtp, ..self.servers(profile) }
    }

    /// Puts a message into the inbox twice, as it comes to who is in To and in Cc.
    pub fn deliver_twice(&self, number: usize) {
        let raw = format!(
            "From: {OTHER}\r\nSubject: Double {number}\r\nMessage-ID: <d{number}@campagne>\r\n\r\nDouble\r\n"
        );
        self.save(&raw, "INBOX");
        self.save(&raw, "INBOX");
    }

    fn save(&self, raw: &str, folder: &str) {
        let file = self.dir.path().join("letter.eml");
        std::fs::write(&file, raw).unwrap();
        self.mailbox(OWN).doveadm(&["save"], &["-m", folder, &file.display().to_string()]);
    }

    /// Waits until the operator's own queue is empty: what was accepted is delivered.
    pub fn delivered(&self) {
        let queue = Path::new(self.operator.text("dir")).join("postfix/queue");
        let start = Instant::now();
        while ["maildrop", "incoming", "active", "deferred"].iter().any(|part| has_file(&queue.join(part))) {
            assert!(start.elapsed() < Duration::from_secs(60), "the operator does not deliver");
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

fn has_file(dir: &Path) -> bool {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|e| e.path()).any(|path| if path.is_dir() { has_file(&path) } else { true })
}

impl Servers {
    /// An engine with its session open and the one account added.
    pub async fn engine(&self, background: bool) -> Result<Engine> {
        self.engine_with(background, Limits::default()).await
    }

    /// The same with other limits.
    pub async fn engine_with(&self, background: bool, limits: Limits) -> Result<Engine> {
        let options = Options {
            profile: self.profile.clone(),
            keys: KeySource::File(self.profile.with_extension("json")),
            module: None,
            send_delay: 0,
            background,
        };
        let engine = Engine::open(options)?;
        engine.set_limits(limits);
        engine.open_offline().await?;
        if engine.accounts().await?.is_empty() {
            engine.add_account(self.account(), Some(Secret::new(PASSWORD.to_owned()))).await?;
        }
        Ok(engine)
    }

    fn account(&self) -> AccountConfig {
        let endpoint = |port| Endpoint { host: "localhost".to_owned(), port, security: Security::StartTls };
        AccountConfig {
            address: EmailAddress::parse(OWN).unwrap(),
            display_name: "Laboratoire".to_owned(),
            auth: AuthMethod::Password,
            imap: endpoint(self.imap),
            smtp: endpoint(self.smtp),
            trust: Trust::Authority { ca: self.ca.clone(), crl: Some(self.crl.clone()) },
        }
    }
}
