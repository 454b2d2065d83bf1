//! An engine on a profile of its own with one password account.

use std::sync::Arc;

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, Recipient};
use estafette::domain::folder::Folder;
use estafette::domain::id::{AccountId, OutboxId};
use estafette::domain::message::MessageRow;
use estafette::domain::outbox::OutboxEntry;
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, KeySource, Limits, Options};
use estafette::net::Senses;

use crate::authority::authority;
use crate::mailbox::{Mailbox, Post};

pub(crate) struct Desk {
    pub(crate) engine: Engine,
    pub(crate) account: AccountId,
    pub(crate) mailbox: Mailbox,
    pub(crate) post: Post,
    pub(crate) dir: tempfile::TempDir,
    imap: Endpoint,
    smtp: Endpoint,
    _turn: Option<tokio::sync::MutexGuard<'static, ()>>,
}

/// A card module is started once a process: engines that see a card of this machine would disturb each other.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

impl Desk {
    /// Without loops: nothing happens but what is asked for.
    pub(crate) async fn open() -> Self {
        Self::with(false).await.opened().await
    }

    /// The same in front of another IMAP server.
    #[cfg(unix)]
    pub(crate) async fn before(imap: Endpoint) -> Self {
        Self { imap, ..Self::with(false).await }.opened().await
    }

    async fn opened(self) -> Self {
        self.engine.open_offline().await.unwrap();
        self.add_account(None).await;
        self
    }

    /// With loops, which [`Desk::begin`] starts.
    pub(crate) async fn prepared() -> Self {
        Self::with(true).await
    }

    async fn with(background: bool) -> Self {
        let turn = TURN.lock().await;
        let (mailbox, post) = (Mailbox::default(), Post::default());
        mailbox.folder("INBOX", |_| ());
        mailbox.folder("Sent", |_| ());
        Self::on(mailbox, post, Some(turn), background).await
    }

    /// Another machine of the same mailbox.
    pub(crate) async fn beside(&self) -> Self {
        Self::on(self.mailbox.clone(), self.post.clone(), None, false).await.opened().await
    }

    async fn on(
        mailbox: Mailbox,
        post: Post,
        turn: Option<tokio::sync::MutexGuard<'static, ()>>,
        background: bool,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let engine = started(&dir, background);
        let (imap, smtp) = (mailbox.serve().await, post.serve().await);
        Self { engine, account: AccountId(1), mailbox, post, dir, imap, smtp, _turn: turn }
    }

    /// With loops, and another mailbox than the scripted one.
    pub(crate) async fn at(imap: Endpoint) -> Self {
        Self { imap, ..Self::with(true).await }
    }

    /// Opens the session and adds the account, whose loops start; `port` stands before the mailbox.
    pub(crate) async fn begin(&self, port: Option<u16>, limits: Limits, senses: Arc<dyn Senses>) {
        self.engine.set_limits(limits);
        self.engine.set_senses(senses);
        self.engine.open_offline().await.unwrap();
        self.add_account(port).await;
    }

    pub(crate) fn imap_port(&self) -> u16 {
        self.imap.port
    }

    async fn add_account(&self, port: Option<u16>) {
        let mut imap = self.imap.clone();
        imap.port = port.unwrap_or(imap.port);
        let config = AccountConfig {
            display_name: "Anne".into(),
            address: address("anne@test.example"),
            auth: AuthMethod::Password,
            imap,
            smtp: self.smtp.clone(),
            trust: Trust::Authority { ca: authority().ca.clone(), crl: None },
            source: HostSource::Typed,
        };
        let added = self.engine.add_account(config, Some(Secret::new("secret".into()))).await.unwrap();
        assert_eq!(added, self.account);
    }

    /// The program ends and starts again.
    pub(crate) async fn restart(&mut self) {
        self.engine.shutdown().await;
        self.engine = start(&self.dir).await;
    }

    pub(crate) async fn sync(&self) -> Result<(), &'static str> {
        self.engine.sync(None).await.map(drop).map_err(|e| e.code())
    }

    pub(crate) async fn folder(&self, path: &str) -> Folder {
        self.engine.folders().await.unwrap().into_iter().find(|f| f.path == path).unwrap()
    }

    pub(crate) async fn rows(&self, path: &str) -> Vec<MessageRow> {
        let folder = self.folder(path).await;
        self.engine.list(folder.id, 0..1000).await.unwrap().rows
    }

    pub(crate) async fn subjects(&self, path: &str) -> Vec<String> {
        let mut subjects: Vec<String> = self.rows(path).await.into_iter().map(|r| r.subject).collect();
        subjects.sort();
        subjects
    }

    pub(crate) async fn queue(&self) -> OutboxId {
        let mut draft = Draft::new(self.account);
        draft.to = vec![Recipient { name: None, address: address("paul@test.example") }];
        draft.subject = "Compte rendu".into();
        draft.body = "Bonjour".into();
        self.engine.queue(draft).await.unwrap()
    }

    pub(crate) async fn entry(&self, id: OutboxId) -> OutboxEntry {
        self.engine.outbox().await.unwrap().into_iter().find(|e| e.id == id).unwrap()
    }
}

async fn start(dir: &tempfile::TempDir) -> Engine {
    let engine = closed(dir);
    engine.open_offline().await.unwrap();
    engine
}

/// Started, without a session.
pub(crate) fn closed(dir: &tempfile::TempDir) -> Engine {
    started(dir, false)
}

fn started(dir: &tempfile::TempDir, background: bool) -> Engine {
    Engine::open(Options {
        profile: dir.path().join("profile"),
        keys: KeySource::File(dir.path().join("keys.json")),
        // the machine's own cards are not ours
        module: Some(dir.path().join("no-module.so")),
        send_delay: 0,
        background,
    })
    .unwrap()
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}
