//! Two mailboxes with a password on the loopback operator: what one sends, the operator and the other answer for.

use std::time::{Duration, Instant};

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::draft::{Draft, Recipient};
use estafette::domain::folder::FolderRole;
use estafette::domain::id::{AccountId, OutboxId};
use estafette::domain::message::{MessageKind, MessageRow};
use estafette::domain::outbox::{OutboxEntry, OutboxRecipient, OutboxState, RecipientState};
use estafette::domain::receipt::ReceiptKind;
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, KeySource, Options, ReceiptWords};

use crate::client::Operator;

const SENDER: &str = "urgences@ch-vienne.mssante.example";
const READER: &str = "resultats@bioval.mssante.example";
/// Nothing on the loopback takes longer unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);

struct Practice {
    engine: Engine,
    account: AccountId,
    profile: tempfile::TempDir,
}

impl Practice {
    async fn open(operator: &Operator, address: &str) -> Self {
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
        let place = |port| Endpoint {
            host: "localhost".into(),
            port: operator.port(port),
            security: Security::StartTls,
        };
        let config = AccountConfig {
            address: EmailAddress::parse(address).unwrap(),
            display_name: address.split('@').next().unwrap().to_owned(),
            auth: AuthMethod::Password,
            imap: place("imap"),
            smtp: place("smtp"),
            trust: Trust::Authority {
                ca: operator.text("ca").into(),
                crl: Some(operator.text("crl_file").into()),
            },
            source: HostSource::Typed,
        };
        let known = operator.account(address);
        let password = Secret::new(known["password"].as_str().unwrap().to_owned());
        let account = engine.add_account(config, Some(password)).await.unwrap();
        Self { engine, account, profile }
    }

    async fn send(&self, to: &[&str], read_receipt: bool) -> OutboxId {
        let mut draft = Draft::new(self.account);
        draft.subject = "Avis".into();
        draft.body = "Bonjour".into();
        draft.read_receipt = read_receipt;
        draft.to =
            to.iter().map(|a| Recipient { name: None, address: EmailAddress::parse(a).unwrap() }).collect();
        let id = self.engine.queue(draft).await.unwrap();
        self.engine.flush().await.unwrap();
        assert_eq!(self.entry(id).await.state, OutboxState::Done);
        id
    }

    /// Ends the engine and asks the command line on the same profile.
    async fn command(&self, arguments: &[&str]) -> serde_json::Value {
        self.engine.shutdown().await;
        let profile = self.profile.path();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_estafettectl"))
            .arg("--profile")
            .arg(profile)
            .arg("--vault-key-file")
            .arg(profile.join("keys"))
            .arg("--json")
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    async fn entry(&self, id: OutboxId) -> OutboxEntry {
        self.engine.outbox().await.unwrap().into_iter().find(|e| e.id == id).unwrap()
    }

    async fn inbox(&self) -> Vec<MessageRow> {
        let folders = self.engine.folders().await.unwrap();
        let inbox = folders.into_iter().find(|f| f.role == FolderRole::Inbox).unwrap();
        self.engine.list(inbox.id, 0..100).await.unwrap().rows
    }

    /// Synchronises until a recipient of a sent message is as wanted.
    async fn hears(
        &self,
        id: OutboxId,
        address: &str,
        wanted: impl Fn(&OutboxRecipient) -> bool,
    ) -> OutboxRecipient {
        let asked = Instant::now();
        loop {
            self.engine.sync(None).await.unwrap();
            let entry = self.entry(id).await;
            let recipient = entry.recipients.into_iter().find(|r| r.address.as_str() == address).unwrap();
            if wanted(&recipient) {
                return recipient;
            }
            assert!(asked.elapsed() < PATIENCE, "never heard of {address}: {recipient:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Synchronises until a letter is in the inbox.
    async fn letter(&self) -> MessageRow {
        let asked = Instant::now();
        loop {
            self.engine.sync(None).await.unwrap();
            let found =
                self.inbox().await.into_iter().find(|r| r.kind == MessageKind::Letter && r.downloaded);
            if let Some(row) = found {
                return row;
            }
            assert!(asked.elapsed() < PATIENCE, "no letter came");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

fn words() -> Option<ReceiptWords> {
    Some(ReceiptWords { subject: "Lu : Avis".into(), text: "Le message a été affiché.".into() })
}

#[tokio::test]
async fn a_sent_message_is_followed_until_it_is_delivered_refused_or_read() {
    let operator = Operator::start(1);
    let sender = Practice::open(&operator, SENDER).await;
    let reader = Practice::open(&operator, READER).await;
    let nobody = format!("personne@{}", operator.text("bouncing_domain"));

    let id = sender.send(&[READER, &nobody], true).await;
    let delivered = sender.hears(id, READER, |r| r.follow_up.delivered.is_some()).await;
    assert!(!delivered.follow_up.has_failed() && delivered.follow_up.read.is_none());
    let failed = sender.hears(id, &nobody, |r| r.follow_up.has_failed()).await;
    let problem = failed.follow_up.problem.unwrap();
    assert_eq!((problem.kind, problem.code.as_str()), (ReceiptKind::Failed, "5.1.1"));
    assert!(problem.reason.contains("550"), "{}", problem.reason);
    assert_eq!(failed.state, RecipientState::Accepted, "the submission server's word stays");
    let entry = sender.entry(id).await;
    assert_eq!(entry.state, OutboxState::Done);
    assert_eq!(sender.engine.outbox().await.unwrap().len(), 1, "nothing is sent again");
    assert!(sender.inbox().await.iter().any(|r| r.kind == MessageKind::Receipt), "notices stay in the inbox");

    let letter = reader.letter().await;
    let view = reader.engine.message(letter.id).await.unwrap();
    assert_eq!(view.envelope.receipt_to.unwrap().address, SENDER);
    let answer = reader.engine.answer_receipt(letter.id, words()).await.unwrap().unwrap();
    assert_eq!(reader.engine.answer_receipt(letter.id, words()).await.unwrap(), None, "only once");
    reader.engine.flush().await.unwrap();
    assert_eq!(reader.entry(answer).await.state, OutboxState::Done);
    reader.engine.sync(None).await.unwrap();
    let marked = reader.inbox().await.into_iter().find(|r| r.id == letter.id).unwrap();
    assert!(marked.flags.keywords.iter().any(|k| k == "$MDNSent"), "{:?}", marked.flags);

    let read = sender.hears(id, READER, |r| r.follow_up.read.is_some()).await;
    assert!(read.follow_up.delivered.is_some());
    let json = serde_json::to_value(sender.entry(id).await).unwrap();
    assert!(json["recipients"][0]["read"].is_number() && json["recipients"][0]["delivered"].is_number());
    assert_eq!(json["recipients"][1]["problem"]["kind"], "failed");
    let back = reader.inbox().await;
    assert!(back.iter().all(|r| r.kind != MessageKind::Receipt), "no report about a receipt was asked for");

    let told = sender.command(&["outbox", "list"]).await;
    assert_eq!(told[0]["recipients"], json["recipients"]);
    let again = reader.command(&["receipt", &letter.id.to_string()]).await;
    assert_eq!(again, serde_json::json!({"sent": false}));
}

#[tokio::test]
async fn a_request_that_is_declined_or_was_never_made_sends_nothing() {
    let operator = Operator::start(1);
    let sender = Practice::open(&operator, SENDER).await;
    let reader = Practice::open(&operator, READER).await;
    sender.send(&[READER], true).await;
    let letter = reader.letter().await;
    assert_eq!(reader.engine.answer_receipt(letter.id, None).await.unwrap(), None);
    assert_eq!(reader.engine.answer_receipt(letter.id, words()).await.unwrap(), None, "declined is declined");
    reader.engine.delete(&[letter.id]).await.unwrap();
    reader.engine.sync(None).await.unwrap();
    sender.send(&[READER], false).await;
    let plain = reader.letter().await;
    assert_eq!(reader.engine.answer_receipt(plain.id, words()).await.unwrap(), None);
    assert!(reader.engine.outbox().await.unwrap().is_empty());
}
