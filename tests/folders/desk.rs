//! A profile of one password account on an operator of its own.

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::folder::Folder;
use estafette::domain::id::{AccountId, MessageId};
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, KeySource, Options};

use crate::client::Operator;
use crate::maildir::Maildir;

const ADDRESS: &str = "resultats@bioval.mssante.example";
const PASSWORD: &str = "resultats-bioval";

pub struct Desk {
    pub engine: Engine,
    pub account: AccountId,
    operator: Operator,
    dir: tempfile::TempDir,
    _turn: tokio::sync::MutexGuard<'static, ()>,
}

/// A card module is started once a process.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

impl Desk {
    /// Without loops, on a mail server of this kind.
    pub async fn open(server: &str) -> Self {
        let turn = TURN.lock().await;
        let operator = Operator::start_as(server);
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::open(Options {
            profile: dir.path().join("profile"),
            keys: KeySource::File(dir.path().join("keys.json")),
            // the machine's own cards are not ours
            module: Some(dir.path().join("no-module.so")),
            send_delay: 0,
            background: false,
        })
        .unwrap();
        engine.open_offline().await.unwrap();
        let endpoint = |name: &str| Endpoint {
            host: "localhost".to_owned(),
            port: operator.port(name),
            security: Security::StartTls,
        };
        let config = AccountConfig {
            address: EmailAddress::parse(ADDRESS).unwrap(),
            display_name: "Laboratoire".to_owned(),
            auth: AuthMethod::Password,
            imap: endpoint("imap"),
            smtp: endpoint("smtp"),
            trust: Trust::Authority {
                ca: operator.text("ca").into(),
                crl: Some(operator.text("crl_file").into()),
            },
            source: HostSource::Typed,
        };
        let account = engine.add_account(config, Some(Secret::new(PASSWORD.to_owned()))).await.unwrap();
        Self { engine, account, operator, dir, _turn: turn }
    }

    /// Runs the command line on the same profile, which the engine must have left; answers what it said.
    pub fn command(&self, words: &[&str]) -> (bool, String) {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_estafettectl"))
            .arg("--profile")
            .arg(self.dir.path().join("profile"))
            .arg("--vault-key-file")
            .arg(self.dir.path().join("keys.json"))
            .arg("--module")
            .arg(self.dir.path().join("no-module.so"))
            .args(["--lang", "fr"])
            .args(words)
            .output()
            .unwrap();
        let told = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&told).into_owned())
    }

    /// The mailbox as the server has it.
    pub fn server(&self) -> Maildir {
        Maildir::of(&self.operator, ADDRESS)
    }

    /// Puts letters of these subjects into a folder, as another mail program would.
    pub fn deliver(&self, folder: &str, subjects: &[&str]) {
        for subject in subjects {
            let raw = format!(
                "From: labo@test.example\r\nTo: {ADDRESS}\r\nSubject: {subject}\r\n\
                 Message-ID: <{subject}@dossiers>\r\nDate: Mon, 2 Mar 2026 08:00:00 +0100\r\n\r\nBonjour\r\n"
            );
            let file = self.dir.path().join("letter.eml");
            std::fs::write(&file, raw).unwrap();
            self.server().doveadm(&["save"], &["-m", folder, &file.display().to_string()]);
        }
    }

    pub async fn sync(&self) {
        self.engine.sync(None).await.unwrap();
    }

    pub async fn paths(&self) -> Vec<String> {
        self.engine.folders().await.unwrap().into_iter().map(|f| f.path).collect()
    }

    pub async fn folder(&self, path: &str) -> Folder {
        let found = self.engine.folders().await.unwrap().into_iter().find(|f| f.path == path);
        found.unwrap_or_else(|| panic!("no folder {path}"))
    }

    pub async fn subjects(&self, path: &str) -> Vec<String> {
        let rows = self.engine.list(self.folder(path).await.id, 0..99).await.unwrap().rows;
        let mut subjects: Vec<String> = rows.into_iter().map(|r| r.subject).collect();
        subjects.sort();
        subjects
    }

    pub async fn id(&self, path: &str, subject: &str) -> MessageId {
        let rows = self.engine.list(self.folder(path).await.id, 0..99).await.unwrap().rows;
        let found = rows.into_iter().find(|r| r.subject == subject);
        found.unwrap_or_else(|| panic!("no {subject} in {path}")).id
    }

    pub async fn pending(&self) -> u32 {
        self.engine.health().await.unwrap().accounts[0].pending_changes
    }

    pub async fn refusals(&self) -> Vec<String> {
        self.engine.refusals(0).await.unwrap()
    }
}
