//! Drafts of two machines on one mailbox of a real Dovecot, beside another program that writes there too.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "../operator/client.rs"]
mod client;
#[path = "../thread/maildir.rs"]
#[allow(unreachable_pub)]
mod maildir;

use client::Operator;
use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, DraftAttachment, Recipient};
use estafette::domain::id::{AccountId, DraftId};
use estafette::domain::outbox::OutboxState;
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, KeySource, Options};
use maildir::Maildir;

const OWN: &str = "resultats@bioval.mssante.example";
const OTHER: &str = "urgences@ch-vienne.mssante.example";
const DRAFTS: &str = "Brouillons";

struct Machine {
    engine: Engine,
    account: AccountId,
    _profile: tempfile::TempDir,
}

impl Machine {
    async fn open(operator: &Operator) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let engine = Engine::open(Options {
            profile: profile.path().to_owned(),
            keys: KeySource::File(profile.path().join("keys")),
            module: None,
            send_delay: 0,
            background: false,
        })
        .unwrap();
        engine.open_offline().await.unwrap();
        let endpoint = |port| Endpoint {
            host: "localhost".into(),
            port: operator.port(port),
            security: Security::StartTls,
        };
        let config = AccountConfig {
            address: EmailAddress::parse(OWN).unwrap(),
            display_name: "Laboratoire".into(),
            auth: AuthMethod::Password,
            imap: endpoint("imap"),
            smtp: endpoint("smtp"),
            trust: Trust::Authority {
                ca: operator.text("ca").into(),
                crl: Some(operator.text("crl_file").into()),
            },
            source: HostSource::Typed,
        };
        let password = operator.account(OWN)["password"].as_str().unwrap().to_owned();
        let account = engine.add_account(config, Some(Secret::new(password))).await.unwrap();
        let machine = Self { engine, account, _profile: profile };
        machine.sync().await;
        machine
    }

    async fn sync(&self) {
        self.engine.sync(None).await.unwrap();
    }

    fn letter(&self, body: &str) -> Draft {
        let recipient = |text: &str| Recipient { name: None, address: EmailAddress::parse(text).unwrap() };
        Draft {
            to: vec![recipient(OTHER)],
            bcc: vec![recipient(OWN)],
            subject: "Résultats à relire".into(),
            body: body.into(),
            read_receipt: true,
            attachments: vec![DraftAttachment {
                name: "résultats.pdf".into(),
                media_type: "application/pdf".into(),
                content: (0..=255).cycle().take(100_000).collect(),
            }],
            ..Draft::new(self.account)
        }
    }

    async fn save(&self, id: Option<DraftId>, body: &str) -> DraftId {
        self.engine.save_draft(id, self.letter(body)).await.unwrap()
    }

    async fn drafts(&self) -> Vec<(DraftId, Draft)> {
        self.engine.drafts().await.unwrap()
    }

    async fn texts(&self) -> Vec<String> {
        let drafts = self.drafts().await.into_iter();
        let mut texts: Vec<_> = drafts.map(|(_, draft)| draft.body.trim_end().to_owned()).collect();
        texts.sort();
        texts
    }
}

#[tokio::test]
async fn two_machines_share_their_drafts_and_lose_no_version() {
    let operator = Operator::start(0);
    let server = Maildir::of(&operator, OWN);
    let (one, two) = (Machine::open(&operator).await, Machine::open(&operator).await);
    let before = server.files(DRAFTS).len();

    // begun on one machine, taken up on the other
    let id = one.save(None, "début").await;
    one.sync().await;
    assert_eq!(server.files(DRAFTS).len(), before + 1);
    two.sync().await;
    let (there, draft) = two.drafts().await.remove(0);
    let body = draft.body.trim_end().to_owned();
    assert_eq!(Draft { body, ..draft }, Draft { account: two.account, ..two.letter("début") });
    two.save(Some(there), "suite").await;
    two.sync().await;
    one.sync().await;
    assert_eq!((one.texts().await, server.files(DRAFTS).len()), (vec!["suite".to_owned()], before + 1));
    assert_ne!(one.drafts().await[0].0, id, "an editor left open would not write over it");

    // changed on both
    let (ours, _) = one.drafts().await.remove(0);
    one.save(Some(ours), "version une").await;
    two.save(Some(there), "version deux").await;
    one.sync().await;
    two.sync().await;
    one.sync().await;
    for machine in [&one, &two] {
        assert_eq!(machine.texts().await, ["version deux", "version une"]);
    }
    assert_eq!(server.files(DRAFTS).len(), before + 2);

    // another program writes there, and throws one away
    server.save(DRAFTS, "From: a@b.example\r\nSubject: autre\r\n\r\nécrit ailleurs\r\n");
    one.sync().await;
    two.sync().await;
    assert_eq!(two.texts().await, ["version deux", "version une", "écrit ailleurs"]);
    server.doveadm(&["expunge"], &["mailbox", DRAFTS, "SUBJECT", "autre"]);
    one.sync().await;
    two.sync().await;

    // sent from one: gone everywhere
    for (id, draft) in one.drafts().await {
        let queued = one.engine.send_draft(id, draft).await.unwrap();
        one.engine.flush().await.unwrap();
        let entry = one.engine.outbox().await.unwrap().into_iter().find(|e| e.id == queued).unwrap();
        assert_eq!(entry.state, OutboxState::Done, "{entry:?}");
    }
    one.sync().await;
    two.sync().await;
    assert_eq!([one.texts().await, two.texts().await], [[""; 0]; 2]);
    assert_eq!(server.files(DRAFTS).len(), before);
    assert_eq!(server.holding("Envoyés", "X-Estafette-Draft"), 0);
}
