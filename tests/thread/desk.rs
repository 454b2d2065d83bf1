//! A practice's desk: one operator and one card reader for the whole program, one profile and one engine a test.

use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use estafette::domain::address::EmailAddress;
use estafette::domain::card::CardState;
use estafette::domain::draft::{Draft, Recipient};
use estafette::domain::folder::{Folder, FolderRole};
use estafette::domain::id::OutboxId;
use estafette::domain::message::{MessageRow, MessageView};
use estafette::domain::outbox::{OutboxEntry, OutboxState};
use estafette::domain::secret::Secret;
use estafette::engine::{Connection, Engine, KeySource, Options, Session};
use tokio::sync::{Mutex, MutexGuard};

use crate::client::Operator;
use crate::gate::Gate;
use crate::maildir::Maildir;

pub const LEROY: &str = "anne.leroy@medecin.mssante.example";
pub const MARTIN: &str = "marie.martin@medecin.mssante.example";
pub const PIN: &str = "1234";
/// Messages in each mailbox.
pub const MESSAGES: usize = 320;

/// Nothing on the loopback takes longer unless it never comes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One operator for all tests; it ends with this program.
pub fn operator() -> &'static Operator {
    static OPERATOR: OnceLock<Operator> = OnceLock::new();
    OPERATOR.get_or_init(|| Operator::start_with_two_readers(MESSAGES))
}

/// A profile with its engine, and the turn at the one card reader.
pub struct Desk {
    pub engine: Engine,
    pub profile: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Desk {
    /// No card in the reader, a new profile that knows the operator's servers, and the annuaire loaded.
    pub async fn open() -> Self {
        Self::with_ports(None).await
    }

    /// The same with gates in front of IMAP and submission.
    pub async fn behind(imap: &Gate, smtp: &Gate) -> Self {
        Self::with_ports(Some((imap.port, smtp.port))).await
    }

    /// The same with another PKCS#11 module, and files in the folder of trust anchors.
    pub async fn with_module(module: &Path) -> Self {
        Self::made(None, module, &[]).await
    }

    /// The same with these files in the folder of trust anchors.
    pub async fn with_anchors(files: &[&str]) -> Self {
        Self::made(None, operator().text("pkcs11_module").as_ref(), files).await
    }

    async fn with_ports(ports: Option<(u16, u16)>) -> Self {
        Self::made(ports, operator().text("pkcs11_module").as_ref(), &[]).await
    }

    async fn made(ports: Option<(u16, u16)>, module: &Path, anchors: &[&str]) -> Self {
        estafette::log::start();
        static TURN: Mutex<()> = Mutex::const_new(());
        let turn = TURN.lock().await;
        operator().card_remove();
        operator().card_remove_second();
        let profile = tempfile::tempdir().unwrap();
        std::fs::write(profile.path().join("operators.json"), operators(ports)).unwrap();
        std::fs::create_dir(profile.path().join("anchors")).unwrap();
        for file in anchors.iter().map(Path::new) {
            std::fs::copy(file, profile.path().join("anchors").join(file.file_name().unwrap())).unwrap();
        }
        let engine = start(profile.path(), module);
        engine.import_annuaire(operator().text("annuaire")).await.unwrap();
        Self { engine, profile, _turn: turn }
    }

    /// Ends the engine and starts another one on the same profile, as after a restart of the program.
    pub async fn restart(&mut self) {
        self.engine.shutdown().await;
        // the old one ends before the new one begins, as two runs of the program would
        self.engine = Engine::practice().unwrap();
        self.engine = start(self.profile.path(), operator().text("pkcs11_module").as_ref());
    }

    /// Puts a card in and waits until it is read.
    pub async fn insert(&self, card: &str) {
        operator().card_insert(card);
        self.card("the card is read", |state| matches!(state, CardState::Locked { .. })).await;
    }

    /// Takes the card out and waits until the program has noticed.
    pub async fn remove(&self) {
        operator().card_remove();
        self.card("the card is gone", |state| *state == CardState::NoCard).await;
    }

    pub async fn card(&self, what: &str, wanted: impl Fn(&CardState) -> bool) {
        let asked = Instant::now();
        while !wanted(&self.engine.card()) {
            assert!(asked.elapsed() < PATIENCE, "never: {what}, but {:?}", self.engine.card());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn unlock(&self) -> Session {
        self.engine.unlock(Secret::new(PIN.to_owned())).await.unwrap()
    }

    /// Card, PIN, and everything fetched.
    pub async fn enter(&self, card: &str) {
        self.insert(card).await;
        self.unlock().await;
        self.synced().await;
    }

    /// Waits until the loop is up to date and every body is here, but for the large ones that wait to be asked for.
    pub async fn synced(&self) {
        until("everything is fetched", || async {
            let health = self.engine.health().await.unwrap();
            let done = health.accounts.iter().all(|a| {
                let here = a.downloaded + a.missing.large;
                matches!(a.connection, Connection::UpToDate) && a.messages > 0 && a.messages == here
            });
            (done && !health.accounts.is_empty()).then_some(())
        })
        .await;
    }

    pub async fn folder(&self, wanted: impl Fn(&Folder) -> bool) -> Folder {
        self.engine.folders().await.unwrap().into_iter().find(|f| wanted(f)).unwrap()
    }

    /// Every row of the inbox.
    pub async fn inbox(&self) -> Vec<MessageRow> {
        let inbox = self.folder(|f| f.role == FolderRole::Inbox).await;
        self.engine.list(inbox.id, 0..10_000).await.unwrap().rows
    }

    /// Messages of the inbox that are known to the servers by a Message-ID, with it.
    pub async fn identified(&self) -> Vec<(MessageRow, String)> {
        let mut found = Vec::new();
        for row in self.inbox().await {
            let view = self.engine.message(row.id).await.unwrap();
            found.extend(view.envelope.message_id.map(|id| (row, bare(&id).to_owned())));
        }
        found
    }

    /// Waits for the message with this subject in the inbox and reads it.
    pub async fn received(&self, subject: &str) -> MessageView {
        let row = until(subject, || async {
            self.inbox().await.into_iter().find(|row| row.subject == subject && row.downloaded)
        })
        .await;
        self.engine.message(row.id).await.unwrap()
    }

    /// A letter to these addresses from the first account.
    pub async fn letter(&self, to: &[&str], subject: &str) -> Draft {
        let account = self.engine.accounts().await.unwrap().remove(0);
        Draft {
            to: to.iter().map(|a| Recipient { name: None, address: address(a) }).collect(),
            subject: subject.to_owned(),
            body: "Chère consœur,\n\nMerci de votre avis.\n".to_owned(),
            ..Draft::new(account.id)
        }
    }

    pub async fn entry(&self, id: OutboxId) -> OutboxEntry {
        self.engine.outbox().await.unwrap().into_iter().find(|e| e.id == id).unwrap()
    }

    /// Waits until a sending has come to this state.
    pub async fn becomes(&self, id: OutboxId, state: OutboxState) -> OutboxEntry {
        let start = Instant::now();
        loop {
            let entry = self.entry(id).await;
            if entry.state == state {
                return entry;
            }
            assert!(start.elapsed() < PATIENCE, "never {state:?}, but {entry:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Leaves the reader empty for the next test.
    pub async fn close(self) {
        self.engine.shutdown().await;
        operator().card_remove();
        operator().card_remove_second();
    }
}

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub fn mailbox(address: &str) -> Maildir {
    Maildir::of(operator(), address)
}

/// A Message-ID without its brackets.
pub fn bare(message_id: &str) -> &str {
    message_id.trim_matches(['<', '>'])
}

fn start(profile: &Path, module: &Path) -> Engine {
    let options = Options {
        profile: profile.to_owned(),
        keys: KeySource::File(profile.join("vault.json")),
        module: Some(module.to_owned()),
        send_delay: 0,
        background: true,
    };
    Engine::open(options).unwrap()
}

/// The operator's own table of servers, with other ports if wanted.
pub fn operators(ports: Option<(u16, u16)>) -> String {
    let text = std::fs::read_to_string(operator().text("profile_operators")).unwrap();
    let mut table: serde_json::Value = serde_json::from_str(&text).unwrap();
    if let Some((imap, smtp)) = ports {
        for domain in table["domains"].as_object_mut().unwrap().values_mut() {
            domain["imap"]["port"] = imap.into();
            domain["smtp"]["port"] = smtp.into();
        }
    }
    table.to_string()
}

/// Asks again and again until there is an answer.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
