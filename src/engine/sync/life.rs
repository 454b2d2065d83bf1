//! The life of an account's connection: made, used, waited on, lost and made again.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::body::{fetch_bodies, fetch_wanted};
use super::folder::{remote, sync_counted};
use super::saver::Saver;
use super::watch::Watch;
use super::{Passed, pass_on};
use crate::domain::account::Account;
use crate::domain::folder::FolderRole;
use crate::domain::id::AccountId;
use crate::domain::outbox::OutboxState;
use crate::engine::link::Link;
use crate::engine::permit::{Permit, Use};
use crate::engine::report::Connection;
use crate::engine::session::{Line, OpenSession, Weather};
use crate::engine::work::{blocking, with_store};
use crate::engine::{Error, ErrorKind, Result, clock, outbox};
use crate::imap::{self, Idled};
use crate::net::Backoff;
use crate::store::FolderState;

/// Pauses after a lost connection; a refusal that trying again does not cure waits the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A connection that lived this long was a success: the next pause is the first again. A server that takes the login
/// and then closes is met less and less often.
const STEADY: Duration = Duration::from_secs(60);
/// Shortest time between a wait for changes and the next look, after a change and after a wait without one.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const SHORTEST_IDLE: Duration = Duration::from_secs(30);
/// IDLE is renewed before servers cut it (RFC 2177 says 29 minutes; many routers forget sooner).
pub(super) const IDLE_LIMIT: Duration = Duration::from_secs(9 * 60);
/// A connection that may be dead has this long to show that it lives.
const PROBE: Duration = Duration::from_secs(5);
/// What a busy machine may add to a deadline before the watchdog bites.
const MARGIN: Duration = Duration::from_secs(60);
/// While work is done, a byte comes in or the store answers more often than this.
const SILENCE: Duration = Duration::from_secs(600);

/// A session with its permit: counted as long as it lives.
pub(in crate::engine) struct Held {
    imap: imap::Session,
    _permit: Permit,
}

impl Held {
    /// Says goodbye and closes.
    pub(in crate::engine) async fn logout(self) {
        self.imap.logout().await;
    }
}

impl Deref for Held {
    type Target = imap::Session;

    fn deref(&self) -> &imap::Session {
        &self.imap
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut imap::Session {
        &mut self.imap
    }
}

/// Logs in, for something asked for now.
pub(in crate::engine) async fn connect(session: &Arc<OpenSession>, account: &Account) -> Result<Held> {
    let permit = session.line(account.id).permits.take(Use::Once).await?;
    connect_with(session, account, permit).await
}

/// Logs in with a permit taken before.
pub(in crate::engine) async fn connect_with(
    session: &Arc<OpenSession>,
    account: &Account,
    permit: Permit,
) -> Result<Held> {
    let (owner, config) = (Arc::clone(session), account.config.clone());
    let link = blocking(move || Link::prepare(&owner, &config)).await?;
    Ok(Held { imap: link.imap().await?, _permit: permit })
}

/// Longest time from the first packet to the end of the login, whatever the server does.
pub(super) fn longest_login(session: &OpenSession) -> Duration {
    let limits = &session.limits.imap;
    // keyring and permit, then name and TCP, TLS, and greeting, STARTTLS, capabilities, login, ENABLE
    2 * MARGIN + limits.connect + limits.handshake + 6 * limits.command
}

/// Runs until the session ends or the account is removed.
pub(super) async fn run(session: Arc<OpenSession>, account: Account) {
    let line = session.line(account.id);
    let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    let mut watch = Watch::new(&session, account.clone());
    while !line.cancel.is_cancelled() {
        line.set_connected(true);
        let (started, mut weather) = (Instant::now(), line.weather());
        let served = tokio::select! {
            biased;
            () = line.cancel.cancelled() => break,
            () = broken(&line, &mut weather) => None,
            served = serve(&session, &account, &mut watch) => Some(served),
        };
        line.set_connected(false);
        watch.disconnected();
        if started.elapsed() >= STEADY {
            backoff.reset();
        }
        let given_up = served.is_none();
        let error = match served {
            Some(Ok(())) => continue,
            Some(Err(error)) => error,
            None => Error::new(ErrorKind::Offline, "connection-lost"),
        };
        tracing::info!(code = error.code(), given_up, "connection ended");
        if line.cancel.is_cancelled() {
            break;
        }
        line.answer_passes(&Err(error.clone()));
        line.fail_wanted(&error);
        // an answer that was lost cannot be looked for now
        if let Err(error) = outbox::ask_user_for_all(&session, account.id).await {
            tracing::warn!(code = error.code(), "the outbox could not be read");
        }
        // it was the network: nothing says that the server is in trouble
        if given_up || (heals(&error) && weather.has_changed().unwrap_or(false)) {
            backoff.reset();
            continue;
        }
        let pause = if passes_soon(&error) { backoff.next() } else { LONGEST_PAUSE };
        session.set_connection(account.id, Connection::Waiting(error.clone()));
        line.pulse.enter("waiting", pause + MARGIN);
        if wait(&line, &mut weather, &error, pause).await {
            backoff.reset();
        }
    }
}

/// Waits before the next attempt; true when the network changed meanwhile.
async fn wait(line: &Line, weather: &mut watch::Receiver<Weather>, error: &Error, pause: Duration) -> bool {
    let (end, soonest) = (Instant::now() + pause, Instant::now() + FIRST_PAUSE);
    let hopes = weather.borrow_and_update().hopes;
    loop {
        tokio::select! {
            () = line.cancel.cancelled() => return false,
            () = tokio::time::sleep_until(end.into()) => return false,
            () = line.wake.notified() => {
                if line.has_pass_request() {
                    return false;
                }
                // work waits; a refusal is not cured by it, and a password tried again would lock the mailbox
                if passes_soon(error) {
                    tokio::time::sleep_until(soonest.min(end).into()).await;
                    return false;
                }
            }
            changed = weather.changed() => {
                if changed.is_err() {
                    return false;
                }
                if heals(error) && weather.borrow_and_update().hopes != hopes {
                    return true;
                }
            }
        }
    }
}

/// Trying again soon may be enough: the line was cut, or another program kept the card busy.
fn passes_soon(error: &Error) -> bool {
    error.kind() == ErrorKind::Offline || error.code() == "card-timeout"
}

/// Another network may cure it: the error is of the line, or of a portal that stands in for every server.
fn heals(error: &Error) -> bool {
    error.kind() == ErrorKind::Offline
        || matches!(error.code(), "not-trusted" | "wrong-host" | "starttls-missing" | "certificate-expired")
}

/// Ends when the connection is dead by what was noticed of the network: at once when the way is another one, and when
/// there is doubt and no byte comes in within [`PROBE`].
pub(super) async fn broken(line: &Line, weather: &mut watch::Receiver<Weather>) {
    let mut known = *weather.borrow_and_update();
    loop {
        if weather.changed().await.is_err() {
            // the session is gone, and with it everything that waits here
            return std::future::pending().await;
        }
        let now = *weather.borrow_and_update();
        if now.breaks != known.breaks {
            return;
        }
        known = now;
        let received = line.received();
        tokio::time::sleep(PROBE).await;
        if line.received() == received {
            return;
        }
    }
}

/// Ends when something waits for the loop; with a time when the connection is in doubt.
pub(super) async fn woken(line: &Line, weather: &mut watch::Receiver<Weather>) -> Option<Duration> {
    tokio::select! {
        // whether it lives is judged by `broken`, which must come first
        changed = weather.changed() => changed.is_ok().then_some(2 * PROBE),
        () = line.wake.notified() => None,
    }
}

/// One connection, from login to its end.
async fn serve(session: &Arc<OpenSession>, account: &Account, watch: &mut Watch) -> Result<()> {
    let line = session.line(account.id);
    line.pulse.enter("connecting", longest_login(session));
    session.set_connection(account.id, Connection::Working);
    let permit = line.permits.take(Use::Main).await?;
    let mut imap = connect_with(session, account, permit).await?;
    let received = imap.received();
    line.pulse.follow(Arc::clone(&received));
    line.set_ends(imap.ends(), received);
    let _open = line.opened(clock::now());
    outbox::hurry(session, account.id).await?;
    loop {
        // a request that comes during the pass is answered by the next one
        let asked = line.take_passes();
        line.pulse.enter("synchronising", SILENCE);
        session.set_connection(account.id, Connection::Working);
        let passed = pass_on(session, &mut imap, account.id).await;
        let answer = passed.clone().and_then(Passed::told);
        asked.into_iter().for_each(|request| drop(request.send(answer.clone())));
        let trouble = passed?.trouble;
        tend_index(session, &line).await?;
        let limit = if trouble.is_some() { LONGEST_PAUSE } else { IDLE_LIMIT };
        match trouble {
            None => session.succeeded(account.id, clock::now()),
            Some(trouble) => session.set_connection(account.id, Connection::Waiting(trouble)),
        }
        attend(session, &mut imap, account.id, watch, Instant::now() + limit).await?;
    }
}

/// Nothing else is to be done: the index is put in order, in steps that leave the store to others in between.
async fn tend_index(session: &Arc<OpenSession>, line: &Line) -> Result<()> {
    while !line.has_wanted() && !line.has_pass_request() {
        let owner = Arc::clone(session);
        if !blocking(move || Ok(owner.store.tend_index()?)).await? {
            break;
        }
        line.pulse.beat();
    }
    Ok(())
}

/// Waits for changes and looks at each where it is, until everything is to be looked at again.
async fn attend(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    watch: &mut Watch,
    end: Instant,
) -> Result<()> {
    let line = session.line(account);
    let mut behind = false;
    while !line.has_pass_request() && Instant::now() < end {
        watch.arrange(session, imap).await?;
        if !select_inbox(session, imap, account).await? && !behind {
            // mail came while other folders were looked at: once more before waiting for changes
            behind = true;
            let inbox = inbox(session, account).await?;
            look(session, imap, account, inbox.into_iter().collect()).await?;
            continue;
        }
        behind = false;
        let start = Instant::now();
        let limit = watch.step(end.saturating_duration_since(start));
        line.pulse.enter("idling", limit + 2 * session.limits.imap.command + MARGIN);
        let mut weather = line.weather();
        let idled = imap.idle_with(limit, woken(&line, &mut weather)).await?;
        line.pulse.enter("synchronising", SILENCE);
        if idled == Idled::Woken && !serve_wish(session, imap, account, watch).await? {
            return Ok(());
        }
        // a server that ends every wait at once must not make the loop spin
        let shortest = match idled {
            Idled::Woken => Duration::ZERO,
            Idled::Changed => SHORTEST_WAIT,
            Idled::TimedOut => SHORTEST_IDLE.min(limit),
        };
        tokio::select! {
            () = tokio::time::sleep(shortest.saturating_sub(start.elapsed())) => {}
            () = line.wake.notified() => line.wake.notify_one(),
        }
        let changed = !imap.take_unsolicited().is_empty();
        let Some(mut folders) = watch.changed(session, imap).await? else { return Ok(()) };
        if changed {
            folders.extend(inbox(session, account).await?);
        }
        if !folders.is_empty() {
            look(session, imap, account, folders).await?;
        }
    }
    Ok(())
}

/// After a wake: bodies somebody waits for. False when more than that waits, or nothing says what.
async fn serve_wish(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    watch: &Watch,
) -> Result<bool> {
    let line = session.line(account);
    let known = line.has_wanted() || watch.has_news();
    fetch_wanted(session, imap, account).await?;
    let waits = with_store(
        session,
        |s, id| {
            let open = |state| matches!(state, OutboxState::SentUnfiled | OutboxState::Sending);
            Ok(!s.intentions(id)?.is_empty() || s.outbox()?.iter().any(|e| e.account == id && open(e.state)))
        },
        account,
    )
    .await?;
    Ok(known && !waits)
}

/// Synchronises folders that changed, and fetches what came in them.
async fn look(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    folders: Vec<FolderState>,
) -> Result<()> {
    let mut passed = Passed::default();
    for folder in folders {
        sync_counted(session, imap, account, &(folder, None), &mut passed).await?;
    }
    fetch_bodies(session, imap, account, Saver::start(session), &mut passed).await?;
    if let Some(trouble) = passed.trouble {
        session.set_connection(account, Connection::Waiting(trouble));
    }
    Ok(())
}

async fn inbox(session: &Arc<OpenSession>, account: AccountId) -> Result<Option<FolderState>> {
    with_store(session, |s, id| s.folder_by_role(id, FolderRole::Inbox), account).await
}

/// Selects the inbox for idling; answers whether it is still as the last look left it.
async fn select_inbox(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<bool> {
    let Some(inbox) = inbox(session, account).await? else { return Ok(true) };
    let selected = match imap.select(&remote(&inbox)).await {
        Ok(selected) => selected,
        Err(imap::Error::Refused { .. }) => return Ok(true),
        Err(error) => return Err(error.into()),
    };
    Ok(match selected.highest_modseq {
        Some(modseq) => inbox.highest_modseq == Some(modseq),
        None => inbox.folder.total == selected.exists,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_network_cures_lines_and_portals_but_no_password() {
        for (kind, code, cured) in [
            (ErrorKind::Offline, "offline", true),
            (ErrorKind::Offline, "timeout", true),
            (ErrorKind::Refused, "not-trusted", true),
            (ErrorKind::Refused, "wrong-host", true),
            (ErrorKind::NeedsCard, "login-refused", false),
            (ErrorKind::Refused, "certificate-revoked", false),
            (ErrorKind::Bug, "bug", false),
        ] {
            assert_eq!(heals(&Error::new(kind, code)), cured, "{code}");
        }
    }
}
