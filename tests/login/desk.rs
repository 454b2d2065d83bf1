//! An engine on a profile of its own, and one operator for the whole program.

use std::path::Path;
use std::sync::OnceLock;

use estafette::domain::account::{AccountConfig, AuthMethod};
use estafette::domain::address::EmailAddress;
use estafette::engine::{Engine, Error, KeySource, Options, PscIdentity, PscPage};

use crate::browser::Browser;
use crate::client::Operator;

pub const MOREAU: &str = "lea.moreau@sage-femme.mssante.example";
/// `SubjectNameID` of the fictitious midwife.
pub const SUBJECT: &str = "899900000060";
pub const INTEGRATION: &str = "integration@ch-vienne.mssante.example";
pub const LABORATORY: &str = "resultats@bioval.mssante.example";

/// With tokens as Pro Santé Connect gives them.
pub fn operator() -> &'static Operator {
    static OPERATOR: OnceLock<Operator> = OnceLock::new();
    OPERATOR.get_or_init(|| Operator::start_with_openid("120:1800"))
}

/// A card module is started once a process: engines that see a card of this machine would disturb each other.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

pub struct Desk {
    pub engine: Engine,
    pub dir: tempfile::TempDir,
    _turn: tokio::sync::MutexGuard<'static, ()>,
}

pub fn page() -> PscPage {
    PscPage {
        language: "fr".into(),
        done: "Connexion réussie".into(),
        failed: "La connexion n’a pas abouti".into(),
        advice: "Vous pouvez revenir à Estafette.".into(),
    }
}

impl Desk {
    /// Without loops: nothing happens but what is asked for.
    pub async fn open(operator: &Operator) -> Self {
        Self::with(operator, false).await
    }

    /// With loops, as the interface has them.
    pub async fn with_loops(operator: &Operator) -> Self {
        Self::with(operator, true).await
    }

    async fn with(operator: &Operator, background: bool) -> Self {
        let turn = TURN.lock().await;
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy(operator.text("profile_operators"), dir.path().join("operators.json")).unwrap();
        std::fs::copy(operator.text("profile_psc"), dir.path().join("psc.json")).unwrap();
        let engine = start(dir.path(), background);
        engine.open_offline().await.unwrap();
        Self { engine, dir, _turn: turn }
    }

    /// The program ends and starts again.
    pub async fn restart(&mut self) {
        self.engine.shutdown().await;
        self.engine = start(self.dir.path(), false);
        self.engine.open_offline().await.unwrap();
    }

    /// Configuration by the operator's table.
    pub async fn config(&self, text: &str, auth: AuthMethod) -> AccountConfig {
        let config = self.engine.servers_for(&address(text)).await.unwrap();
        AccountConfig { auth, ..config }
    }

    /// Logs in as `login` in a browser of its own.
    pub async fn log_in(&self, login: &str) -> Result<PscIdentity, Error> {
        let attempt = self.engine.psc_login().await?;
        let (url, login) = (attempt.url().to_owned(), login.to_owned());
        let browsing = tokio::task::spawn_blocking(move || Browser::default().log_in(&url, &login).status);
        let identity = attempt.wait(page()).await;
        assert_eq!(browsing.await.unwrap(), 200);
        identity
    }
}

fn start(dir: &Path, background: bool) -> Engine {
    Engine::open(Options {
        profile: dir.to_owned(),
        keys: KeySource::File(dir.join("vault.key")),
        module: None,
        send_delay: 0,
        background,
    })
    .unwrap()
}

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}
