//! The mode without card or server: the same store, queries and commands over a fictitious mailbox. Only the two
//! loops differ: what is sent is filed at once and answered by a fictitious colleague.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::link::Limits;
use super::outbox::{set_recipient, set_state};
use super::reach::Reach;
use super::session::OpenSession;
use super::sync::{new_body, new_body_unopened};
use super::work::{blocking, with_store};
use super::{Engine, Event, Result, clock, patient};
use crate::annuaire::Annuaire;
use crate::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use crate::domain::address::EmailAddress;
use crate::domain::card::Holder;
use crate::domain::filing::rule::Subject;
use crate::domain::folder::{FolderRole, Namespace};
use crate::domain::id::{AccountId, FolderId, OutboxId, Uid, UidValidity};
use crate::domain::message::{Flags, MessageKind};
use crate::domain::outbox::{OutboxEntry, OutboxState, RecipientState};
use crate::domain::receipt::{Receipt, ReceiptKind};
use crate::domain::tally::Quota;
use crate::mime;
use crate::practice::{self, Persona, Role, corpus};
use crate::store::{Counted, FolderRecord, Intention, KeptContact, NewMessage, Store, What};
use crate::vault::Vault;

const MESSAGES: usize = 300;
/// Age in seconds of the messages whose documents are opened when the session begins.
const RECENT: i64 = 14 * 86_400;
const DIRECTORY_LINES: usize = 3000;
const SEED: u64 = 1;
/// A colleague answers this long after the message left.
const ANSWER_AFTER: Duration = Duration::from_secs(4);

/// Fills the annuaire with fictitious people.
pub(super) fn load_annuaire(engine: &Engine) -> Result<()> {
    let text = practice::annuaire::extraction(DIRECTORY_LINES, SEED);
    let stamp = jiff::Zoned::now().strftime("%Y%m%d%H%M");
    let name = format!("Extraction_Correspondance_MSSante_{stamp}.txt");
    engine.inner.annuaire.import(text.as_bytes(), &name, None, &mut |_| true)?;
    Ok(())
}

/// The fictitious session.
pub(super) async fn open(engine: &Engine, holder: Option<Holder>) -> Result<Arc<OpenSession>> {
    let (events, annuaire) = (engine.inner.events.clone(), engine.annuaire());
    let open = blocking(move || {
        let store = Store::in_memory()?;
        fill(&store, clock::now(), MESSAGES)?;
        prefer(&store, &annuaire)?;
        let vault = Arc::new(Vault::File(PathBuf::new()));
        let reach = Arc::new(Reach::new(PathBuf::new(), Arc::clone(&vault)));
        let open = OpenSession::new(holder, store, vault, reach, Limits::default(), events, None, None);
        patient::settle(&open)?;
        Ok(open)
    })
    .await?;
    engine.inner.handle.spawn(run(Arc::clone(&open)));
    engine.inner.handle.spawn(patient::reopen(Arc::clone(&open), Arc::default()));
    engine.inner.handle.spawn(super::filing::run(Arc::clone(&open), Arc::default()));
    Ok(open)
}

/// Writes the fictitious mailbox into a store.
fn fill(store: &Store, now: i64, count: usize) -> Result<()> {
    let owner = Persona::holder();
    let address = EmailAddress::parse(&owner.address).map_err(|_| super::mail::not_found())?;
    let nowhere = Endpoint { host: "localhost".to_owned(), port: 143, security: Security::StartTls };
    let account = store.add_account(&AccountConfig {
        display_name: owner.name.clone(),
        address,
        auth: AuthMethod::Card,
        imap: nowhere.clone(),
        smtp: nowhere,
        trust: Trust::IgcSante,
        source: HostSource::Typed,
    })?;
    store.save_folders(account, &folders())?;
    let mut next_uid = 1;
    for message in corpus::mailbox(&owner, count, SEED, now) {
        if message.folder == corpus::CorpusFolder::Drafts {
            store.save_draft(None, &mime::read_draft(&message.raw, account).draft, message.date)?;
            continue;
        }
        let Some(folder) = folder_of(store, account, message.folder)? else { continue };
        let flags = Flags {
            seen: message.seen,
            flagged: message.flagged,
            answered: message.answered,
            ..Flags::default()
        };
        add(store, folder, Uid(next_uid), flags, message.date, message.raw)?;
        next_uid += 1;
    }
    let mut counted = Vec::new();
    for folder in store.folders()? {
        store.set_sync_state(folder.id, UidValidity(1), None)?;
        counted.push(Counted { folder: folder.id, total: folder.total, unread: Some(folder.unread) });
    }
    store.reconciled(&counted, now)?;
    store.set_quota(account, Some(Quota { used: 812_000_000, allowed: 2_000_000_000, at: now }))?;
    Ok(())
}

/// A favourite with two mailboxes, one of them preferred for results of biology.
fn prefer(store: &Store, annuaire: &Annuaire) -> Result<()> {
    let Some(address) = practice::preferred_for_biology() else { return Ok(()) };
    let Some(person) = annuaire.by_address(&address)? else { return Ok(()) };
    let preferred = EmailAddress::parse(&address).ok();
    let change = |kept: &mut KeptContact| {
        kept.favourite = true;
        kept.preferred.set(Some(Subject::Biology), preferred);
    };
    Ok(store.change_contact(&person, change)?)
}

fn folders() -> Vec<FolderRecord> {
    let record = |path: &str, role| FolderRecord {
        remote: path.as_bytes().to_vec(),
        path: path.to_owned(),
        role,
        selectable: true,
        namespace: Namespace::Personal,
        mailbox_id: None,
    };
    vec![
        record("INBOX", FolderRole::Inbox),
        record("À classer", FolderRole::Other),
        record("Biologie", FolderRole::Other),
        record("Brouillons", FolderRole::Drafts),
        record("Envoyés", FolderRole::Sent),
        record("Archives", FolderRole::Archive),
        record("Corbeille", FolderRole::Trash),
    ]
}

fn folder_of(store: &Store, account: AccountId, folder: corpus::CorpusFolder) -> Result<Option<FolderId>> {
    use corpus::CorpusFolder as F;
    let path = match folder {
        F::Inbox => "INBOX",
        F::Sent => "Envoyés",
        F::Biology => "Biologie",
        F::ToFile => "À classer",
        F::Archive => "Archives",
        F::Drafts => "Brouillons",
        F::Trash => "Corbeille",
    };
    Ok(store.folders()?.into_iter().find(|f| f.account == account && f.path == path).map(|f| f.id))
}

fn add(store: &Store, folder: FolderId, uid: Uid, flags: Flags, date: i64, raw: Vec<u8>) -> Result<()> {
    let header = mime::parse_header(&raw);
    let ids = store.insert(
        folder,
        &[NewMessage {
            uid: Some(uid),
            envelope: header.envelope,
            flags,
            internal_date: date,
            size: raw.len() as u64,
            kind: header.kind,
            has_attachment: header.has_attachment,
        }],
    )?;
    for id in ids {
        // years of mail are made up at once: only what is looked at first is opened
        let recent = clock::now() - date < RECENT;
        let body = if recent { new_body(id, &raw, |_| {})? } else { new_body_unopened(id, &raw)? };
        store.save_body(vec![body])?;
    }
    Ok(())
}

/// Until the session ends: local changes are agreed to, messages leave and are answered.
async fn run(session: Arc<OpenSession>) {
    let owner = Arc::clone(&session);
    let Ok(accounts) = blocking(move || Ok(owner.store.accounts()?)).await else { return };
    let Some(account) = accounts.first().map(|a| a.id) else { return };
    let line = session.line(account);
    loop {
        let owner = Arc::clone(&session);
        let due = blocking(move || Ok(owner.store.next_due(clock::now())?)).await;
        match due {
            Ok(Some(entry)) => {
                if let Err(error) = deliver(&session, account, &entry).await {
                    tracing::warn!(code = error.code(), "practice delivery");
                }
                continue;
            }
            Ok(None) => {}
            Err(_) => return,
        }
        if agree(&session, account).await.is_err() {
            return;
        }
        tokio::select! {
            () = session.cancel.cancelled() => return,
            () = session.outbox_wake.notified() => {}
            () = line.wake.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// The fictitious server agrees to every local change.
async fn agree(session: &Arc<OpenSession>, account: AccountId) -> Result<()> {
    with_store(
        session,
        |s, id| {
            let now = clock::now();
            for intention in
                s.intentions(id)?.iter().filter(|i| i.hold_until.is_none_or(|until| until <= now))
            {
                agree_to(s, intention)?;
            }
            Ok(())
        },
        account,
    )
    .await
}

fn agree_to(store: &Store, intention: &Intention) -> std::result::Result<(), crate::store::Error> {
    let (id, folder) = (intention.id, intention.folder);
    match &intention.what {
        What::Create => {
            let path = store.folder(folder)?.folder.path;
            store.folder_made(id, folder, path.as_bytes())?;
            store.set_sync_state(folder, UidValidity(1), None)
        }
        What::Rename { path } => store.folder_renamed(id, folder, path.as_bytes()),
        _ => {
            let new_uid = intention.target().map(|to| next_uid(store, to)).transpose()?;
            store.intention_done(id, new_uid)
        }
    }
}

/// The number the next message of a folder gets.
fn next_uid(store: &Store, folder: FolderId) -> std::result::Result<Uid, crate::store::Error> {
    Ok(Uid(store.known(folder)?.iter().map(|(uid, _)| uid.0).max().unwrap_or(0) + 1))
}

async fn deliver(session: &Arc<OpenSession>, account: AccountId, entry: &OutboxEntry) -> Result<()> {
    for recipient in &entry.recipients {
        set_recipient(session, entry.id, recipient.address.clone(), RecipientState::Accepted).await?;
    }
    let id = entry.id;
    let owner = Arc::clone(session);
    let raw = blocking(move || Ok(owner.store.outbox_raw(id)?)).await?;
    let flags = Flags { seen: true, ..Flags::default() };
    receive(session, account, FolderRole::Sent, flags, raw.clone()).await?;
    set_state(session, id, OutboxState::Done, None).await?;
    // a receipt is not answered
    if mime::parse_header(&raw).kind == MessageKind::Receipt {
        return Ok(());
    }
    let addresses: Vec<EmailAddress> = entry.recipients.iter().map(|r| r.address.clone()).collect();
    follow_up(session, id, &addresses, ReceiptKind::Delivered).await?;
    let Some(first) = entry.recipients.first() else { return Ok(()) };
    let colleague = Persona {
        name: first.name.clone().unwrap_or_else(|| first.address.to_string()),
        address: first.address.to_string(),
        role: Role::GeneralPractitioner,
    };
    let owner = Arc::clone(session);
    tokio::spawn(async move {
        tokio::time::sleep(ANSWER_AFTER).await;
        if let Err(error) = answer(&owner, account, id, &raw, &colleague).await {
            tracing::debug!(code = error.code(), "practice answer");
        }
    });
    Ok(())
}

/// The colleague reads the message, says so when asked, and answers it.
async fn answer(
    session: &Arc<OpenSession>,
    account: AccountId,
    id: OutboxId,
    raw: &[u8],
    colleague: &Persona,
) -> Result<()> {
    let envelope = mime::parse_header(raw).envelope;
    if let (Some(_), Ok(address)) = (&envelope.receipt_to, EmailAddress::parse(&colleague.address)) {
        follow_up(session, id, &[address], ReceiptKind::Read).await?;
    }
    let answer = practice::answer(&envelope, colleague, clock::now());
    receive(session, account, FolderRole::Inbox, Flags::default(), answer).await
}

/// What notices of real servers and colleagues would tell.
async fn follow_up(
    session: &Arc<OpenSession>,
    id: OutboxId,
    addresses: &[EmailAddress],
    kind: ReceiptKind,
) -> Result<()> {
    let at = clock::now();
    let receipt = |address: &EmailAddress| Receipt {
        address: address.clone(),
        kind,
        at,
        code: String::new(),
        reason: String::new(),
    };
    let receipts: Vec<Receipt> = addresses.iter().map(receipt).collect();
    let owner = Arc::clone(session);
    blocking(move || Ok(owner.store.add_receipts(id, &receipts)?)).await?;
    session.tell(Event::OutboxChanged(id));
    Ok(())
}

/// Puts a message into a folder, as a server would.
async fn receive(
    session: &Arc<OpenSession>,
    account: AccountId,
    role: FolderRole,
    flags: Flags,
    raw: Vec<u8>,
) -> Result<()> {
    let owner = Arc::clone(session);
    blocking(move || {
        let Some(state) = owner.store.folder_by_role(account, role)? else { return Ok(()) };
        let folder = state.folder.id;
        let uid = next_uid(&owner.store, folder)?;
        add(&owner.store, folder, uid, flags, clock::now(), raw)?;
        patient::settle(&owner)?;
        owner.tell(Event::MailboxChanged(folder));
        owner.tell(Event::FoldersChanged(account));
        if role == FolderRole::Inbox {
            let (_, rows) = owner.store.list(folder, 0..1)?;
            let new: Vec<_> = rows.into_iter().map(|r| r.id).collect();
            owner.store.add_arrivals(&new)?;
            owner.tell(Event::NewMail(new));
        }
        Ok(())
    })
    .await
}
