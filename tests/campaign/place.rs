//! Where a campaign takes place: an operator, a gate in front of each server, and profiles of one mailbox.
#![allow(dead_code, reason = "each test program uses its part")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, KeySource, Limits, Options, Result};

use crate::client::Operator;
use crate::gate::Gate;
use crate::other::Other;

/// The mailbox under test, which has a password and needs no card.
pub const OWN: &str = "resultats@bioval.mssante.example";
pub const PASSWORD: &str = "resultats-bioval";
/// Whom it writes to.
pub const OTHER: &str = "urgences@ch-vienne.mssante.example";
/// Folders whose messages are moved about.
pub const FOLDERS: [&str; 4] = ["INBOX", "Archives", "Biologie", "À classer"];
pub const TRASH: &str = "Corbeille";
pub const SENT: &str = "Envoyés";
pub const DRAFTS: &str = "Brouillons";

/// The IMAP service under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Server {
    Dovecot,
    NoQresync,
    NoCondstore,
    /// Without CONDSTORE, UIDPLUS, MOVE and all else that can be left out.
    Bare,
    Cyrus,
    Courier,
}

impl Server {
    fn port_name(self) -> &'static str {
        match self {
            Self::Dovecot => "imap",
            Self::NoQresync => "imap_no_qresync",
            Self::NoCondstore => "imap_no_condstore",
            Self::Bare => "imap_bare",
            Self::Cyrus => "imap_cyrus",
            Self::Courier => "imap_courier",
        }
    }
}

pub struct Place {
    pub operator: Arc<Operator>,
    pub server: Server,
    pub imap: Gate,
    pub smtp: Gate,
    dir: tempfile::TempDir,
}

/// What a profile needs to know to reach the servers; short enough for a command line.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Servers {
    pub profile: PathBuf,
    pub imap: u16,
    pub smtp: u16,
    ca: PathBuf,
    crl: PathBuf,
}

impl Place {
    /// `messages` numbered ones lie in the inbox under test.
    pub fn open(server: Server, messages: usize) -> Self {
        let operator = match server {
            Server::Cyrus | Server::Courier => Operator::start_with_others(),
            _ => Operator::start(0),
        };
        let place = Self::on(Arc::new(operator), server);
        for number in 0..messages {
            place.deliver(number, "INBOX");
        }
        place
    }

    /// With an operator that others use too, and the usual folders.
    pub fn on(operator: Arc<Operator>, server: Server) -> Self {
        let (imap, smtp) =
            (Gate::before(operator.port(server.port_name())), Gate::before(operator.port("smtp")));
        let place = Self { operator, server, imap, smtp, dir: tempfile::tempdir().unwrap() };
        let mut other = place.other(OWN);
        for name in FOLDERS.into_iter().skip(1).chain([TRASH, SENT, DRAFTS]) {
            let path = other.own(name);
            other.create(&path);
        }
        place
    }

    /// Puts a numbered message into a folder, as another mail program would; every fifth has no Message-ID.
    pub fn deliver(&self, number: usize, folder: &str) {
        self.other(OWN).deliver(number, folder);
    }

    /// Another mail program of a password account: the one under test, or who gets its mail, always with Dovecot.
    pub fn other(&self, address: &str) -> Other {
        let (port, password) = if address == OWN {
            (self.operator.port(self.server.port_name()), PASSWORD)
        } else {
            (self.operator.port("imap"), "urgences-vienne")
        };
        Other::login(port, Path::new(self.operator.text("ca")), address, password)
    }

    /// A path in the folder of the profiles.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
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
        let (imap, smtp) = (self.operator.port(self.server.port_name()), self.operator.port("smtp"));
        Servers { imap, smtp, ..self.servers(profile) }
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
    /// By other ports.
    pub fn through(self, imap: u16, smtp: u16) -> Self {
        Self { imap, smtp, ..self }
    }

    /// An engine with its session open and the one account added.
    pub async fn engine(&self, background: bool) -> Result<Engine> {
        self.engine_with(background, Limits::default()).await
    }

    /// The same with other limits.
    pub async fn engine_with(&self, background: bool, limits: Limits) -> Result<Engine> {
        let options = Options {
            profile: self.profile.clone(),
            keys: KeySource::File(self.profile.with_extension("json")),
            // the machine's own cards are not ours
            module: Some(self.profile.with_extension("no-module")),
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
            source: HostSource::Typed,
        }
    }
}
