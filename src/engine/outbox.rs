//! Sends what waits in the outbox, once.
//!
//! A message is `Sending` on disk before the server hears of it. When the answer is lost, or the program finds
//! `Sending` at start, nobody knows whether it left: the Sent folder is asked for the Message-ID, and when that does
//! not tell, the user is.

use std::sync::Arc;
use std::time::Duration;

use super::link::Link;
use super::session::OpenSession;
use super::sync::remote;
use super::work::{blocking, with_store};
use super::{Error, ErrorKind, Event, Result, clock};
use crate::domain::account::Account;
use crate::domain::address::EmailAddress;
use crate::domain::folder::FolderRole;
use crate::domain::id::{AccountId, OutboxId};
use crate::domain::message::{Flags, MessageKind};
use crate::domain::outbox::{OutboxEntry, OutboxState, RecipientState};
use crate::{imap, mime, smtp};

/// Pauses after a failure that may pass, in seconds: half the age of the message, within these.
const FIRST_PAUSE: i64 = 30;
const LONGEST_PAUSE: i64 = 3600;
/// A server that puts the message off this long has refused it: the user must know.
const GIVE_UP: i64 = 24 * 3600;
/// Without anything due the loop looks again after this long.
const IDLE: Duration = Duration::from_secs(3600);
/// Pause when the store fails: the disk may be full.
const STORE_PAUSE: Duration = Duration::from_secs(15);
/// A copy that ends the connection this often is not tried again before the next start.
const MOST_FILINGS: u32 = 3;

const ANSWER_UNKNOWN: &str = "answer-unknown";

/// How an attempt ended.
pub(super) enum Outcome {
    /// The server took the message for these.
    Sent(Vec<EmailAddress>),
    /// It refused recipients, for good or for now: nothing was sent.
    Recipients(Vec<smtp::Refusal>),
    /// Nothing was sent; with the server's words.
    Failed(Error, Option<String>),
    /// Nobody knows.
    Unknown,
}

impl From<std::result::Result<smtp::Submitted, smtp::Error>> for Outcome {
    fn from(answer: std::result::Result<smtp::Submitted, smtp::Error>) -> Self {
        use smtp::Error as E;
        match answer {
            Ok(submitted) => Self::Sent(submitted.accepted),
            Err(E::RecipientsRefused { refusals, .. } | E::AllRefused { refusals }) => {
                Self::Recipients(refusals)
            }
            Err(E::AnswerUnknown) => Self::Unknown,
            Err(error) => {
                let words = said(&error);
                Self::Failed(error.into(), words)
            }
        }
    }
}

/// Runs until the session ends.
pub(super) async fn run(session: Arc<OpenSession>) {
    let longest = longest_attempt(&session);
    while !session.cancel.is_cancelled() {
        session.outbox_pulse.enter("sending", longest);
        let pause = match session.while_open(flush(&session)).await {
            Ok(next) => next,
            Err(_) if session.cancel.is_cancelled() => break,
            Err(error) => {
                tracing::warn!(code = error.code(), "the outbox could not be worked off");
                STORE_PAUSE
            }
        };
        session.outbox_pulse.enter("waiting", pause + longest);
        tokio::select! {
            () = session.cancel.cancelled() => break,
            () = session.outbox_wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Longest time for one message, whatever the server does; the loop shows signs of life before and after each.
fn longest_attempt(session: &OpenSession) -> Duration {
    let limits = &session.limits.smtp;
    // up to a hundred recipients are answered one by one
    2 * IDLE + limits.connect + limits.handshake + 8 * limits.command + limits.transfer + limits.answer
}

/// Sends everything due, each message once; answers how long until something is due again.
pub(super) async fn flush(session: &Arc<OpenSession>) -> Result<Duration> {
    conclude_all(session).await?;
    let owner = Arc::clone(session);
    let mut failed = None;
    for entry in blocking(move || Ok(owner.store.due(clock::now())?)).await? {
        if let Err(error) = send(session, entry).await {
            // one message must not hold up the others
            failed.get_or_insert(error);
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    let owner = Arc::clone(session);
    let next = blocking(move || Ok(owner.store.next_due_time()?)).await?;
    Ok(next
        .map_or(IDLE, |at| Duration::from_secs(u64::try_from(at - clock::now()).unwrap_or(0).clamp(1, 3600))))
}

/// The messages of an account that wait for the network are due now: it is back.
pub(super) async fn hurry(session: &Arc<OpenSession>, account: AccountId) -> Result<()> {
    if with_store(session, |s, id| s.hurry(id, clock::now()), account).await? {
        session.outbox_wake.notify_one();
    }
    Ok(())
}

/// One attempt for one message.
async fn send(session: &Arc<OpenSession>, entry: OutboxEntry) -> Result<()> {
    let (owner, id, account) = (Arc::clone(session), entry.id, entry.account);
    let prepared = blocking(move || prepare(&owner, account, id)).await;
    let (account, link, raw) = match prepared {
        Ok(prepared) => prepared,
        // the disk or the session, not the message
        Err(error) if matches!(error.code(), "no-session" | "disk-full") => return Err(error),
        Err(error) => return end_attempt(session, &entry, OutboxState::Queued, &error, None).await,
    };
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
    let outcome = link.submit(submission).await.into();
    session.keep_outcome(entry, outcome);
    conclude_all(session).await
}

/// What an attempt needs; blocking.
fn prepare(session: &OpenSession, account: AccountId, id: OutboxId) -> Result<(Account, Link, Vec<u8>)> {
    let missing = || Error::new(ErrorKind::NeedsUser, "no-account");
    let account = session.store.accounts()?.into_iter().find(|a| a.id == account).ok_or_else(missing)?;
    let link = Link::prepare(session, &account.config)?;
    Ok((account, link, session.store.outbox_raw(id)?))
}

/// Writes down what servers said. What cannot be written, on a full disk, is kept for the next time: it must not be
/// forgotten that a message has left.
async fn conclude_all(session: &Arc<OpenSession>) -> Result<()> {
    while let Some((entry, outcome)) = session.next_outcome() {
        match conclude(session, &entry, &outcome).await {
            Ok(()) => {}
            Err(error) if error.code() == "not-found" => {}
            Err(error) => {
                session.keep_outcome(entry, outcome);
                session.tell(Event::Trouble);
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Writes down what the server said.
async fn conclude(session: &Arc<OpenSession>, entry: &OutboxEntry, outcome: &Outcome) -> Result<()> {
    match outcome {
        Outcome::Sent(accepted) => {
            let (owner, id, accepted) = (Arc::clone(session), entry.id, accepted.clone());
            blocking(move || Ok(owner.store.sent(id, &accepted)?)).await?;
            session.tell(Event::OutboxChanged(id));
            trace(session, "sent", entry).await;
            session.line(entry.account).wake.notify_one();
            Ok(())
        }
        Outcome::Recipients(refusals) => recipients_refused(session, entry, refusals).await,
        Outcome::Unknown => answer_unknown(session, entry).await,
        Outcome::Failed(error, words) => {
            end_attempt(session, entry, OutboxState::Sending, error, words.clone()).await
        }
    }
}

async fn recipients_refused(
    session: &Arc<OpenSession>,
    entry: &OutboxEntry,
    refusals: &[smtp::Refusal],
) -> Result<()> {
    for refusal in refusals {
        let (code, reason) = (refusal.code, refusal.reason.clone());
        let state = if refusal.permanent {
            RecipientState::Refused { code, reason }
        } else {
            RecipientState::Delayed { code, reason }
        };
        set_recipient(session, entry.id, refusal.address.clone(), state).await?;
    }
    let permanent = refusals.iter().find(|r| r.permanent);
    let words = permanent.or(refusals.first()).map(|r| r.reason.clone());
    let kind = if permanent.is_some() { ErrorKind::Refused } else { ErrorKind::Offline };
    let error = Error::new(kind, "recipients-refused");
    end_attempt(session, entry, OutboxState::Sending, &error, words).await
}

/// The line was cut after the final dot: while the mailbox is connected its Sent folder is asked first, else the user.
async fn answer_unknown(session: &Arc<OpenSession>, entry: &OutboxEntry) -> Result<()> {
    let line = session.line(entry.account);
    let state = if line.is_connected() { OutboxState::Sending } else { OutboxState::NeedsUser };
    set_state(session, entry.id, state, Some((ANSWER_UNKNOWN.to_owned(), None))).await?;
    line.wake.notify_one();
    Ok(())
}

/// Nothing was sent: the message waits and is tried again, or stops until the user has done something about it.
async fn end_attempt(
    session: &Arc<OpenSession>,
    entry: &OutboxEntry,
    from: OutboxState,
    error: &Error,
    words: Option<String>,
) -> Result<()> {
    let (id, code, now) = (entry.id, error.code(), clock::now());
    let age = now - entry.queued_at;
    let gives_up = is_about_the_message(code) && age >= GIVE_UP;
    let to = if passes(error) && !gives_up { OutboxState::Queued } else { OutboxState::Refused };
    let owner = Arc::clone(session);
    let not_before = now + pause(age);
    let changed = blocking(move || {
        Ok(owner.store.end_attempt(id, (from, to), not_before, (code, words.as_deref()))?)
    })
    .await?;
    if !changed {
        return Ok(());
    }
    session.tell(Event::OutboxChanged(id));
    if to == OutboxState::Refused {
        if is_about_the_message(code) {
            trace(session, "refused", entry).await;
        }
        session.tell(Event::Trouble);
    }
    Ok(())
}

/// Trying again may help without anybody doing anything but insert the card.
fn passes(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Offline => true,
        // a password tried again and again would lock the mailbox
        ErrorKind::NeedsCard => {
            !matches!(error.code(), "login-refused" | "no-password" | "client-certificate-refused")
        }
        ErrorKind::NeedsUser => matches!(error.code(), "keyring-missing" | "keyring-refused"),
        ErrorKind::Refused => {
            matches!(
                error.code(),
                "not-trusted" | "wrong-host" | "certificate-expired" | "revocation-unknown"
            )
        }
        ErrorKind::Corrupt | ErrorKind::Bug => false,
    }
}

fn is_about_the_message(code: &str) -> bool {
    matches!(code, "recipients-refused" | "message-refused" | "too-large" | "address-not-carried")
}

/// Seconds until the next attempt for a message of this age.
fn pause(age: i64) -> i64 {
    (age / 2).clamp(FIRST_PAUSE, LONGEST_PAUSE)
}

/// Files sent messages in Sent, and settles those whose answer was lost. Part of every synchronisation pass, which goes
/// on whatever the server says to one of them.
///
/// # Errors
/// Those that end the connection, and the store's.
pub(super) async fn file_sent(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<()> {
    let owner = Arc::clone(session);
    let entries = blocking(move || Ok(owner.store.outbox()?)).await?;
    let open = entries.into_iter().filter(|e| e.account == account);
    for entry in open.filter(|e| e.state == OutboxState::SentUnfiled || is_unsettled(e)) {
        let line = session.line(account);
        let filings = line.filings(entry.id);
        if filings >= MOST_FILINGS {
            continue;
        }
        match file_one(session, imap, &entry).await {
            Ok(()) => {}
            Err(Filing::Refused(reason)) => not_filed(session, &entry, reason).await?,
            Err(Filing::Ended(error)) => {
                line.set_filings(entry.id, filings + 1);
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Why a message could not be filed.
enum Filing {
    /// The server refused; the connection goes on.
    Refused(String),
    /// The connection or the store failed.
    Ended(Error),
}

impl From<imap::Error> for Filing {
    fn from(error: imap::Error) -> Self {
        match error {
            imap::Error::Refused { reason, .. } => Self::Refused(reason),
            error => Self::Ended(error.into()),
        }
    }
}

impl From<Error> for Filing {
    fn from(error: Error) -> Self {
        Self::Ended(error)
    }
}

/// The answer of the server was lost in this or an earlier run.
fn is_unsettled(entry: &OutboxEntry) -> bool {
    matches!(entry.state, OutboxState::Sending | OutboxState::NeedsUser)
        && entry.trouble.as_deref() == Some(ANSWER_UNKNOWN)
}

async fn file_one(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    entry: &OutboxEntry,
) -> std::result::Result<(), Filing> {
    let id = entry.id;
    let sent = with_store(session, |s, a| s.folder_by_role(a, FolderRole::Sent), entry.account).await?;
    let folder = match sent {
        Some(folder) => remote(&folder),
        None => imap.create("Sent").await?,
    };
    imap.select(&folder).await?;
    let filed = !imap.find_message_id(&entry.message_id).await?.is_empty();
    if !filed && is_unsettled(entry) {
        return Ok(ask_user(session, entry).await?);
    }
    if !filed {
        let owner = Arc::clone(session);
        let raw = blocking(move || Ok(owner.store.outbox_raw(id)?)).await?;
        let flags = Flags { seen: true, ..Flags::default() };
        imap.append(&folder, &flags, Some(clock::now()), &raw).await?;
    }
    Ok(set_state(session, id, OutboxState::Done, None).await?)
}

/// The message left, but its copy could not be made: it stays, and the user is told once.
async fn not_filed(session: &Arc<OpenSession>, entry: &OutboxEntry, reason: String) -> Result<()> {
    if is_unsettled(entry) {
        return ask_user(session, entry).await;
    }
    if entry.server_reply.as_ref() == Some(&reason) {
        return Ok(());
    }
    let trouble = Some(("server-refused".to_owned(), Some(reason)));
    set_state(session, entry.id, OutboxState::SentUnfiled, trouble).await?;
    session.tell(Event::Trouble);
    Ok(())
}

/// Nothing tells whether the message left.
async fn ask_user(session: &Arc<OpenSession>, entry: &OutboxEntry) -> Result<()> {
    if entry.state == OutboxState::NeedsUser {
        return Ok(());
    }
    set_state(session, entry.id, OutboxState::NeedsUser, Some((ANSWER_UNKNOWN.to_owned(), None))).await
}

/// The mailbox cannot be asked now: messages whose answer was lost are for the user to decide.
pub(super) async fn ask_user_for_all(session: &Arc<OpenSession>, account: AccountId) -> Result<()> {
    let owner = Arc::clone(session);
    let entries = blocking(move || Ok(owner.store.outbox()?)).await?;
    for entry in entries.iter().filter(|e| e.account == account && is_unsettled(e)) {
        ask_user(session, entry).await?;
    }
    Ok(())
}

/// At start: a message found in `Sending` was being sent when the program ended; one that waited for the card or the
/// network is due.
pub(super) async fn recover(session: &Arc<OpenSession>) -> Result<()> {
    let owner = Arc::clone(session);
    blocking(move || {
        let unknown = Some((ANSWER_UNKNOWN, None));
        for entry in owner.store.outbox()? {
            if entry.state == OutboxState::Sending && !is_unsettled(&entry) {
                owner.store.set_outbox_state(entry.id, OutboxState::Sending, unknown)?;
            }
        }
        for account in owner.store.accounts()? {
            owner.store.hurry(account.id, clock::now())?;
        }
        Ok(())
    })
    .await
}

/// What the server said, for the user.
fn said(error: &smtp::Error) -> Option<String> {
    match error {
        smtp::Error::Refused { code, reason, .. } | smtp::Error::LoginRefused { code, reason, .. } => {
            Some(format!("{code} {reason}"))
        }
        _ => None,
    }
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

/// A trace that cannot be written must not undo what it tells.
async fn trace(session: &Arc<OpenSession>, kind: &'static str, entry: &OutboxEntry) {
    let (account, message_id) = (entry.account, entry.message_id.clone());
    let owner = Arc::clone(session);
    let kept =
        blocking(move || Ok(owner.store.add_trace(clock::now(), kind, Some(account), Some(&message_id))?));
    if let Err(error) = kept.await {
        tracing::warn!(code = error.code(), "a trace could not be written");
    }
}

/// Refused before anything is queued: the domain is known not to belong to the trust space.
pub(super) fn outside(address: &EmailAddress) -> Error {
    Error::new(ErrorKind::NeedsUser, "outside-trust-space").with("address", address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_with_the_age_of_the_message() {
        assert_eq!([0, 10, 120, 3600, 7200, 80_000].map(pause), [30, 30, 60, 1800, 3600, 3600]);
    }
}
