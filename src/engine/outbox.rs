//! Sends what waits in the outbox, once.
//!
//! A message is `Sending` on disk before the server hears of it. When the answer is lost, or the program finds
//! `Sending` at start, nobody knows whether it left: the Sent folder is asked for the Message-ID, and when that does
//! not tell, the user is.

use std::sync::Arc;
use std::time::Duration;

use super::link::Link;
use super::session::OpenSession;
use super::sync::{blocking, remote, with_store};
use super::{Error, ErrorKind, Event, Result, clock};
use crate::domain::account::Account;
use crate::domain::address::EmailAddress;
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, OutboxId};
use crate::domain::message::{Flags, MessageKind};
use crate::domain::outbox::{OutboxEntry, OutboxState, RecipientState};
use crate::{imap, mime, smtp};

/// Pause after a failure that may pass, in seconds.
const RETRY_AFTER: i64 = 30;
/// Without anything due the loop looks again after this long.
const IDLE: Duration = Duration::from_secs(3600);

/// Runs until the session ends.
pub(super) async fn run(session: Arc<OpenSession>) {
    while !session.cancel.is_cancelled() {
        let pause = match flush(&session).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(code = error.code(), "the outbox could not be read");
                Duration::from_secs(5)
            }
        };
        tokio::select! {
            () = session.cancel.cancelled() => break,
            () = session.outbox_wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Sends everything due; answers how long until something is due again.
pub(super) async fn flush(session: &Arc<OpenSession>) -> Result<Duration> {
    loop {
        let now = clock::now();
        let owner = Arc::clone(session);
        let due = blocking(move || Ok(owner.store.next_due(now)?)).await?;
        let Some(entry) = due else { break };
        send(session, entry).await?;
    }
    let owner = Arc::clone(session);
    let next = blocking(move || Ok(owner.store.next_due_time()?)).await?;
    Ok(next
        .map_or(IDLE, |at| Duration::from_secs(u64::try_from(at - clock::now()).unwrap_or(0).clamp(1, 3600))))
}

/// One attempt for one message.
async fn send(session: &Arc<OpenSession>, entry: OutboxEntry) -> Result<()> {
    let id = entry.id;
    let Some(account) = account_of(session, entry.account).await? else {
        return set_state(session, id, OutboxState::NeedsUser, Some(("no-account".to_owned(), None))).await;
    };
    let owner = Arc::clone(session);
    let config = account.config.clone();
    let link = match blocking(move || Link::prepare(&owner, &config)).await {
        Ok(link) => link,
        Err(error) => return postpone(session, &entry, error.code(), None).await,
    };
    let owner = Arc::clone(session);
    let raw = blocking(move || Ok(owner.store.outbox_raw(id)?)).await?;
    let to: Vec<EmailAddress> = entry
        .recipients
        .iter()
        .filter(|r| !matches!(r.state, RecipientState::Accepted))
        .map(|r| r.address.clone())
        .collect();
    let owner = Arc::clone(session);
    if !blocking(move || Ok(owner.store.begin_sending(id)?)).await? {
        return Ok(());
    }
    session.tell(Event::OutboxChanged(id));
    let submission = smtp::Submission {
        from: &account.config.address,
        to: &to,
        message: &raw,
        // nobody follows the follow-up
        dsn: mime::parse_header(&raw).kind != MessageKind::Receipt,
        envelope_id: &entry.message_id,
    };
    let answer = link.submit(submission).await;
    conclude(session, &entry, answer).await
}

/// Writes down what the server said.
async fn conclude(
    session: &Arc<OpenSession>,
    entry: &OutboxEntry,
    answer: std::result::Result<smtp::Submitted, smtp::Error>,
) -> Result<()> {
    let id = entry.id;
    match answer {
        Ok(submitted) => {
            for address in submitted.accepted {
                set_recipient(session, id, address, RecipientState::Accepted).await?;
            }
            trace(session, "sent", entry).await?;
            set_state(session, id, OutboxState::SentUnfiled, None).await?;
            session.line(entry.account).wake.notify_one();
            Ok(())
        }
        Err(smtp::Error::RecipientsRefused { refusals, .. } | smtp::Error::AllRefused { refusals }) => {
            let permanent = refusals.iter().any(|r| r.permanent);
            let words = refusals.first().map(|r| r.reason.clone());
            for refusal in refusals {
                let (code, reason) = (refusal.code, refusal.reason);
                let state = if refusal.permanent {
                    RecipientState::Refused { code, reason }
                } else {
                    RecipientState::Delayed { code, reason }
                };
                set_recipient(session, id, refusal.address, state).await?;
            }
            if permanent {
                trace(session, "refused", entry).await?;
                set_state(session, id, OutboxState::Refused, Some(("recipients-refused".to_owned(), words)))
                    .await
            } else {
                postpone(session, entry, "recipients-refused", words).await
            }
        }
        // the line was cut after the final dot: the next pass over the Sent folder decides
        Err(smtp::Error::AnswerUnknown) => {
            set_state(session, id, OutboxState::Sending, Some(("answer-unknown".to_owned(), None))).await?;
            session.line(entry.account).wake.notify_one();
            Ok(())
        }
        Err(error) => {
            let words = server_words(&error);
            let error = Error::from(error);
            if error.kind() == ErrorKind::Refused {
                trace(session, "refused", entry).await?;
                set_state(session, id, OutboxState::Refused, Some((error.code().to_owned(), words))).await
            } else {
                postpone(session, entry, error.code(), words).await
            }
        }
    }
}

/// Files sent messages in Sent, and settles those whose answer was lost. Part of every synchronisation pass.
pub(super) async fn file_sent(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<()> {
    let owner = Arc::clone(session);
    let entries = blocking(move || Ok(owner.store.outbox()?)).await?;
    let open = entries.into_iter().filter(|e| e.account == account);
    for entry in open.filter(|e| matches!(e.state, OutboxState::SentUnfiled) || is_unsettled(e)) {
        file_one(session, imap, &entry).await?;
    }
    Ok(())
}

/// The answer of the server was lost in this or an earlier run.
fn is_unsettled(entry: &OutboxEntry) -> bool {
    entry.state == OutboxState::Sending && entry.trouble.as_deref() == Some("answer-unknown")
}

async fn file_one(session: &Arc<OpenSession>, imap: &mut imap::Session, entry: &OutboxEntry) -> Result<()> {
    let id = entry.id;
    let sent = with_store(session, |s, a| s.folder_by_role(a, FolderRole::Sent), entry.account).await?;
    let folder = match sent {
        Some(folder) => remote(&folder),
        None => imap.create("Sent").await?,
    };
    imap.select(&folder).await?;
    let filed = !imap.find_message_id(&entry.message_id).await?.is_empty();
    if is_unsettled(entry) && !filed {
        return set_state(session, id, OutboxState::NeedsUser, Some(("answer-unknown".to_owned(), None)))
            .await;
    }
    if !filed {
        let owner = Arc::clone(session);
        let raw = blocking(move || Ok(owner.store.outbox_raw(id)?)).await?;
        let flags = Flags { seen: true, ..Flags::default() };
        imap.append(&folder, &flags, Some(clock::now()), &raw).await?;
    }
    set_state(session, id, OutboxState::Done, None).await
}

/// At start: a message found in `Sending` was being sent when the program ended.
pub(super) async fn recover(session: &Arc<OpenSession>) -> Result<()> {
    let owner = Arc::clone(session);
    blocking(move || {
        for entry in owner.store.outbox()? {
            if entry.state == OutboxState::Sending && entry.trouble.is_none() {
                owner.store.set_outbox_state(
                    entry.id,
                    OutboxState::Sending,
                    Some(("answer-unknown", None)),
                )?;
            }
        }
        Ok(())
    })
    .await
}

/// What the server said, for the user.
fn server_words(error: &smtp::Error) -> Option<String> {
    match error {
        smtp::Error::Refused { code, reason, .. } | smtp::Error::LoginRefused { code, reason, .. } => {
            Some(format!("{code} {reason}"))
        }
        _ => None,
    }
}

async fn postpone(
    session: &Arc<OpenSession>,
    entry: &OutboxEntry,
    code: &str,
    words: Option<String>,
) -> Result<()> {
    let (id, code) = (entry.id, code.to_owned());
    let owner = Arc::clone(session);
    let later = clock::now() + RETRY_AFTER;
    blocking(move || {
        owner.store.set_outbox_state(id, OutboxState::Queued, Some((&code, words.as_deref())))?;
        Ok(owner.store.set_not_before(id, later)?)
    })
    .await?;
    session.tell(Event::OutboxChanged(id));
    Ok(())
}

pub(super) async fn set_state(
    session: &Arc<OpenSession>,
    id: OutboxId,
    state: OutboxState,
    trouble: Option<(String, Option<String>)>,
) -> Result<()> {
    let owner = Arc::clone(session);
    blocking(move || {
        let trouble = trouble.as_ref().map(|(code, reply)| (code.as_str(), reply.as_deref()));
        Ok(owner.store.set_outbox_state(id, state, trouble)?)
    })
    .await?;
    session.tell(Event::OutboxChanged(id));
    if matches!(state, OutboxState::Refused | OutboxState::NeedsUser) {
        session.tell(Event::Trouble);
    }
    Ok(())
}

pub(super) async fn set_recipient(
    session: &Arc<OpenSession>,
    id: OutboxId,
    address: EmailAddress,
    state: RecipientState,
) -> Result<()> {
    let owner = Arc::clone(session);
    blocking(move || Ok(owner.store.set_recipient(id, &address, &state)?)).await
}

async fn trace(session: &Arc<OpenSession>, kind: &'static str, entry: &OutboxEntry) -> Result<()> {
    let (account, message_id) = (entry.account, entry.message_id.clone());
    let owner = Arc::clone(session);
    blocking(move || Ok(owner.store.add_trace(clock::now(), kind, Some(account), Some(&message_id))?)).await
}

async fn account_of(session: &Arc<OpenSession>, id: AccountId) -> Result<Option<Account>> {
    let owner = Arc::clone(session);
    blocking(move || Ok(owner.store.accounts()?.into_iter().find(|a| a.id == id))).await
}

/// Refused before anything is queued: the domain is known not to belong to the trust space.
pub(super) fn outside(address: &EmailAddress) -> Error {
    Error::new(ErrorKind::NeedsUser, "outside-trust-space").with("address", address)
}
