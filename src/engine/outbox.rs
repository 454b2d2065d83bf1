//! Sends what waits in the outbox, once.
//!
//! A message is `Sending` on disk before the server hears of it, and marked as handed over before its final dot, which
//! alone makes the server take it. When the answer to the dot is lost, or the program finds the mark at start, nobody
//! knows whether it left: the Sent folder is asked for the Message-ID, and when that does not tell, the user is.

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
use crate::domain::id::{AccountId, OutboxId, Uid, UidValidity};
use crate::domain::message::{Flags, MessageKind};
use crate::domain::outbox::{ANSWER_UNKNOWN, OutboxEntry, OutboxState, RecipientState};
use crate::store::Store;
use crate::{imap, mime, smtp};

/// Pauses after a failure that may pass, in seconds: half the age of the message, within these.
const FIRST_PAUSE: i64 = 30;
const CARD_PAUSE: i64 = 2;
const LONGEST_PAUSE: i64 = 3600;
/// A server that puts the message off this long has refused it: the user must know.
const GIVE_UP: i64 = 24 * 3600;
/// Without anything due the loop looks again after this long.
const IDLE: Duration = Duration::from_secs(3600);
/// Pause when the store fails: the disk may be full.
const STORE_PAUSE: Duration = Duration::from_secs(15);
/// A copy that ends the connection this often is not tried again before the next start.
const MOST_FILINGS: u32 = 3;

/// Time a server that files what it sends has for it, before we do.
const FILING_WAIT: i64 = 90;
/// A copy of the server's that comes later than this is left beside ours.
const LATE_COPY: i64 = 7 * 24 * 3600;

/// How an attempt ended.
pub(super) enum Outcome {
    /// The server took the message.
    Sent(smtp::Submitted),
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
            Ok(submitted) => Self::Sent(submitted),
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
    // before the final dot nothing has left: what ends here, the program included, is simply tried again
    let owner = Arc::clone(session);
    let leaves = async move {
        let noted = blocking(move || Ok(owner.store.hand_over(id)?)).await;
        noted.inspect_err(|e| tracing::warn!(code = e.code(), "a message was held back")).unwrap_or(false)
    };
    let outcome = match link.submit(submission, leaves).await.into() {
        Outcome::Failed(error, words) => Outcome::Failed(link.explain(error), words),
        other => other,
    };
    session.keep_outcome(entry, outcome);
    conclude_all(session).await
}

/// What an attempt needs; blocking.
fn prepare(session: &Arc<OpenSession>, account: AccountId, id: OutboxId) -> Result<(Account, Link, Vec<u8>)> {
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
        Outcome::Sent(submitted) => {
            let (owner, id, account) = (Arc::clone(session), entry.id, entry.account);
            let (accepted, limit) = (submitted.accepted.clone(), submitted.size_limit);
            blocking(move || {
                owner.store.sent(id, &accepted, clock::now())?;
                remember_size_limit(&owner.store, account, limit)
            })
            .await?;
            session.tell(Event::OutboxChanged(id));
            trace(session, "sent", entry).await;
            session.line(entry.account).wake.notify_one();
            Ok(())
        }
        Outcome::Recipients(refusals) => recipients_refused(session, entry, refusals).await,
        Outcome::Unknown => answer_unknown(session, entry).await,
        Outcome::Failed(error, words) => {
            if let Some(limit) = error.facts().iter().find(|(name, _)| *name == "limit") {
                let (owner, account, limit) = (Arc::clone(session), entry.account, limit.1.parse().ok());
                blocking(move || remember_size_limit(&owner.store, account, limit)).await?;
            }
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
        // the enhanced code says more than any words
        let said = refusal.enhanced.iter().map(String::as_str).chain([refusal.reason.as_str()]);
        let (code, reason) = (refusal.code, said.collect::<Vec<_>>().join(" ").trim_end().to_owned());
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
    let not_before = now + pause(age, error);
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
        ErrorKind::NeedsCard => !matches!(
            error.code(),
            "login-refused"
                | "no-password"
                | "client-certificate-refused"
                | "organisation-refused"
                | "no-certificate"
                | "certificate-password"
        ),
        // waits for the person to come back to Pro Santé Connect
        ErrorKind::NeedsUser => matches!(
            error.code(),
            "disk-full"
                | "keyring-missing"
                | "keyring-refused"
                | "psc-login-needed"
                | "psc-ended"
                | "psc-idle"
        ),
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
fn pause(age: i64, error: &Error) -> i64 {
    // another program kept the card busy: no server was troubled
    let first = if error.code() == "card-timeout" { CARD_PAUSE } else { FIRST_PAUSE };
    (age / 2).clamp(first, LONGEST_PAUSE)
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
    match remove_second_copies(session, imap, account).await {
        // two copies are an annoyance, no reason to stop
        Err(error) if error.code() == "server-refused" => Ok(()),
        result => result,
    }
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
    let (id, account) = (entry.id, entry.account);
    let sent = with_store(session, |s, a| s.folder_by_role(a, FolderRole::Sent), account).await?;
    let folder = match sent {
        Some(folder) => remote(&folder),
        None => imap.create("Sent").await?,
    };
    let selected = imap.select(&folder).await?;
    let found = imap.find_message_id(&entry.message_id).await?;
    let is_filed = !found.is_empty();
    if !is_filed && is_unsettled(entry) {
        return Ok(ask_user(session, entry).await?);
    }
    if is_filed {
        // a copy we may have made ourselves in a run that was cut short teaches nothing
        let begun = with_store(session, move |s, _| s.has_begun_filing(id), account).await?;
        if !begun {
            set_server_files(session, account, true).await?;
        }
        let only = found.first().filter(|_| begun && found.len() == 1);
        return Ok(filed(session, id, only.map(|uid| (selected.uid_validity, *uid))).await?);
    }
    if let Some(wait) = filing_wait(session, entry).await? {
        come_back(session, account, wait);
        return Ok(());
    }
    let owner = Arc::clone(session);
    let raw = blocking(move || {
        owner.store.begin_filing(id, clock::now())?;
        Ok(owner.store.outbox_raw(id)?)
    })
    .await?;
    let flags = Flags { seen: true, ..Flags::default() };
    let went = imap.append(&folder, &flags, Some(clock::now()), &raw).await?;
    let ours = match went {
        Some(place) => Some(place),
        // without UIDPLUS: there was none before
        None => {
            let found = imap.find_message_id(&entry.message_id).await?;
            found.first().filter(|_| found.len() == 1).map(|uid| (selected.uid_validity, *uid))
        }
    };
    Ok(filed(session, id, ours).await?)
}

/// Time left to a server that files what it sends itself; `None` when it does not, or did not this time.
async fn filing_wait(session: &Arc<OpenSession>, entry: &OutboxEntry) -> Result<Option<Duration>> {
    let (id, account) = (entry.id, entry.account);
    let (files, sent_at) =
        with_store(session, move |s, a| Ok((s.setting(&files_key(a))?, s.sent_at(id)?)), account).await?;
    if files.as_deref() != Some("yes") {
        return Ok(None);
    }
    let left = sent_at.map_or(0, |at| at + FILING_WAIT - clock::now());
    match u64::try_from(left) {
        Ok(seconds @ 1..) => Ok(Some(Duration::from_secs(seconds.min(FILING_WAIT.unsigned_abs())))),
        _ => {
            set_server_files(session, account, false).await?;
            Ok(None)
        }
    }
}

/// Wakes the loop of an account after a while, as long as it is there.
pub(super) fn come_back(session: &Arc<OpenSession>, account: AccountId, after: Duration) {
    let line = session.line(account);
    tokio::spawn(async move {
        tokio::select! {
            () = line.cancel.cancelled() => {}
            () = tokio::time::sleep(after) => line.wake.notify_one(),
        }
    });
}

async fn filed(session: &Arc<OpenSession>, id: OutboxId, ours: Option<(UidValidity, Uid)>) -> Result<()> {
    let owner = Arc::clone(session);
    blocking(move || Ok(owner.store.filed(id, ours)?)).await?;
    session.tell(Event::OutboxChanged(id));
    Ok(())
}

/// A server that filed a message late, beside our copy: ours is removed. What the Sent folder holds is known from the
/// last synchronisation, and asked again before anything is deleted.
async fn remove_second_copies(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<()> {
    let Some(folder) = with_store(session, |s, a| s.folder_by_role(a, FolderRole::Sent), account).await?
    else {
        return Ok(());
    };
    let (id, since) = (folder.folder.id, clock::now() - LATE_COPY);
    let twice = with_store(session, move |s, a| s.filed_twice(a, id, since), account).await?;
    if twice.is_empty() {
        return Ok(());
    }
    let selected = imap.select(&remote(&folder)).await?;
    for one in twice {
        let (validity, uid) = one.ours;
        if validity == selected.uid_validity {
            let found = imap.find_message_id(&one.message_id).await?;
            if found.len() < 2 || !found.contains(&uid) {
                continue;
            }
            imap.delete(&[uid]).await?;
        }
        with_store(session, move |s, _| s.unfiled(one.id), account).await?;
        set_server_files(session, account, true).await?;
    }
    Ok(())
}

/// Whether the server of an account files what it sends by itself, as far as seen.
async fn set_server_files(session: &Arc<OpenSession>, account: AccountId, files: bool) -> Result<()> {
    let value = if files { "yes" } else { "no" };
    with_store(session, move |s, a| s.set_setting(&files_key(a), value), account).await
}

fn files_key(account: AccountId) -> String {
    format!("server-files-{account}")
}

fn size_key(account: AccountId) -> String {
    format!("size-limit-{account}")
}

/// Keeps what a submission server said of the largest message it takes; blocking. One that says nothing changes
/// nothing.
pub(super) fn remember_size_limit(store: &Store, account: AccountId, limit: Option<u64>) -> Result<()> {
    if let Some(limit) = limit {
        store.set_setting(&size_key(account), &limit.to_string())?;
    }
    Ok(())
}

/// Refuses a message the submission server said it would not take; blocking.
///
/// # Errors
/// `too-large` with both sizes.
pub(super) fn check_size(store: &Store, account: AccountId, size: u64) -> Result<()> {
    let limit = store.setting(&size_key(account))?.and_then(|limit| limit.parse::<u64>().ok());
    match limit.filter(|limit| size > *limit) {
        Some(limit) => {
            Err(Error::new(ErrorKind::NeedsUser, "too-large").with("size", size).with("limit", limit))
        }
        None => Ok(()),
    }
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

/// At start: a message found in `Sending` was being sent when the program ended, and is sent again unless its end was
/// handed over; one that waited for the card or the network is due.
pub(super) async fn recover(session: &Arc<OpenSession>) -> Result<()> {
    let owner = Arc::clone(session);
    blocking(move || {
        owner.store.recover_sending(clock::now(), ANSWER_UNKNOWN)?;
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
        smtp::Error::Refused { code, enhanced, reason, .. }
        | smtp::Error::LoginRefused { code, enhanced, reason, .. } => {
            let code = code.to_string();
            let words = [Some(&code), enhanced.as_ref(), Some(reason)];
            Some(words.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" "))
        }
        // both sizes, in bytes, for a sentence
        smtp::Error::TooLarge { size, limit } => Some(format!("{size} {limit}")),
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
        let after = |code| {
            let error = Error::new(ErrorKind::NeedsCard, code);
            [0, 10, 120, 3600, 7200, 80_000].map(|age| pause(age, &error))
        };
        assert_eq!(after("offline"), [30, 30, 60, 1800, 3600, 3600]);
        assert_eq!(after("card-timeout"), [2, 5, 60, 1800, 3600, 3600]);
    }
}
