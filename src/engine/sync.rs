//! One loop an account: keep the store and the server the same.
//!
//! A pass replays local changes, files sent copies, refreshes the folders, then fetches bodies newest first; what the
//! user opens overtakes them. Between passes the connection idles on the inbox.

mod body;
mod folder;
mod listing;

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::link::Link;
use super::report::Connection;
use super::session::{OpenSession, Running};
use super::work::{blocking, with_store};
use super::{Error, ErrorKind, Result, SyncReport, clock, outbox, replay};
use crate::domain::account::Account;
use crate::domain::folder::FolderRole;
use crate::domain::id::AccountId;
use crate::imap::{self, Idled};
use crate::net::Backoff;
use body::{fetch_bodies, fetch_wanted};
pub(super) use body::{fetch_one, new_body};
pub(super) use folder::remote;
use folder::sync_counted;
use listing::refresh_folders;

/// Pauses after a lost connection; a refusal that trying again does not cure waits the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Shortest time between a wait for changes and the next pass, after a change and after a wait without one.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
const SHORTEST_IDLE: Duration = Duration::from_secs(30);
/// A folder or a body that ended the connection this often no longer stands before the others.
const MOST_FAILURES: u32 = 3;
/// IDLE is renewed before servers cut it (RFC 2177 says 29 minutes; many routers forget sooner).
const IDLE_LIMIT: Duration = Duration::from_secs(9 * 60);

/// Starts the loop of an account, once. From this call on the loop alone talks to the server: a pass beside it could
/// file a second copy of a sent message.
pub(super) fn start(handle: &tokio::runtime::Handle, session: &Arc<OpenSession>, account: Account) {
    if let Some(running) = session.line(account.id).start() {
        handle.spawn(run(Arc::clone(session), account, running));
    }
}

/// Runs until the session ends or the account is removed.
async fn run(session: Arc<OpenSession>, account: Account, _running: Running) {
    let line = session.line(account.id);
    let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    while !line.cancel.is_cancelled() {
        line.set_connected(true);
        let served = tokio::select! {
            biased;
            () = line.cancel.cancelled() => break,
            served = serve(&session, &account, &mut backoff) => served,
        };
        line.set_connected(false);
        let Err(error) = served else { continue };
        if line.cancel.is_cancelled() {
            break;
        }
        line.answer_passes(&Err(error.clone()));
        line.fail_wanted(&error);
        tracing::info!(code = error.code(), "connection ended");
        // an answer that was lost cannot be looked for now
        if let Err(error) = outbox::ask_user_for_all(&session, account.id).await {
            tracing::warn!(code = error.code(), "the outbox could not be read");
        }
        let pause = if error.kind() == ErrorKind::Offline { backoff.next() } else { LONGEST_PAUSE };
        session.set_connection(account.id, Connection::Waiting(error));
        tokio::select! {
            () = line.cancel.cancelled() => break,
            () = line.wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// One connection, from login to its end.
async fn serve(session: &Arc<OpenSession>, account: &Account, backoff: &mut Backoff) -> Result<()> {
    session.set_connection(account.id, Connection::Working);
    let mut imap = connect(session, account).await?;
    outbox::hurry(session, account.id).await?;
    let line = session.line(account.id);
    let mut behind = false;
    loop {
        // a request that comes during the pass is answered by the next one
        let asked = line.take_passes();
        session.set_connection(account.id, Connection::Working);
        let passed = pass_on(session, &mut imap, account.id).await;
        let answer = passed.clone().and_then(Passed::told);
        asked.into_iter().for_each(|request| drop(request.send(answer.clone())));
        let trouble = passed?.trouble;
        backoff.reset();
        let limit = if trouble.is_some() { LONGEST_PAUSE } else { IDLE_LIMIT };
        match trouble {
            None => session.succeeded(account.id, clock::now()),
            Some(trouble) => session.set_connection(account.id, Connection::Waiting(trouble)),
        }
        if line.has_pass_request() {
            continue;
        }
        if !select_inbox(session, &mut imap, account.id).await? && !behind {
            // mail came while the other folders were looked at: one more pass before waiting for changes
            behind = true;
            continue;
        }
        behind = false;
        let start = Instant::now();
        let idled = imap.idle(limit, line.wake.notified()).await?;
        if idled == Idled::Woken {
            fetch_wanted(session, &mut imap, account.id).await?;
        }
        // a server that ends every wait at once must not make the loop spin
        let shortest = match idled {
            Idled::Woken => Duration::ZERO,
            Idled::Changed => SHORTEST_WAIT,
            Idled::TimedOut => SHORTEST_IDLE,
        };
        tokio::select! {
            () = tokio::time::sleep(shortest.saturating_sub(start.elapsed())) => {}
            () = line.wake.notified() => {}
        }
    }
}

/// Selects the inbox for idling; answers whether it is still as the pass left it.
async fn select_inbox(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<bool> {
    let inbox = with_store(session, |s, id| s.folder_by_role(id, FolderRole::Inbox), account).await?;
    let Some(inbox) = inbox else { return Ok(true) };
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

/// Logs in.
pub(super) async fn connect(session: &Arc<OpenSession>, account: &Account) -> Result<imap::Session> {
    let (owner, config) = (Arc::clone(session), account.config.clone());
    let link = blocking(move || Link::prepare(&owner, &config)).await?;
    link.imap().await
}

/// What a pass did, and what the server refused in it: the rest was done all the same.
#[derive(Clone, Default)]
struct Passed {
    report: SyncReport,
    trouble: Option<Error>,
}

impl Passed {
    /// A pass with a refusal was not complete.
    fn told(self) -> Result<SyncReport> {
        self.trouble.map_or(Ok(self.report), Err)
    }

    /// Goes on after what the server refused, or what is wrong with one message; any other error ends the connection.
    fn bear(&mut self, result: Result<()>) -> Result<()> {
        match result {
            Err(error) if is_borne(&error) => {
                tracing::info!(code = error.code(), "part of a synchronisation failed");
                self.trouble.get_or_insert(error);
                Ok(())
            }
            result => result,
        }
    }
}

/// The connection and the store can be used after this error.
fn is_borne(error: &Error) -> bool {
    matches!((error.kind(), error.code()), (ErrorKind::Refused, "server-refused") | (ErrorKind::Bug, _))
}

/// One complete synchronisation over a connection.
///
/// # Errors
/// What ended it, or the first thing the server refused, when everything else is done.
pub(super) async fn pass(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
) -> Result<SyncReport> {
    pass_on(session, imap, account).await?.told()
}

async fn pass_on(session: &Arc<OpenSession>, imap: &mut imap::Session, account: AccountId) -> Result<Passed> {
    let start = Instant::now();
    let mut passed = Passed::default();
    fetch_wanted(session, imap, account).await?;
    replay::run(session, imap, account).await?;
    outbox::file_sent(session, imap, account).await?;
    let line = session.line(account);
    let folders = refresh_folders(session, imap, account).await?;
    // a folder that ended the last connections comes after everything else
    let (last, first): (Vec<_>, Vec<_>) =
        folders.into_iter().map(|(f, _)| f).partition(|f| line.folder_failures(f.folder.id) >= MOST_FAILURES);
    for folder in &first {
        sync_counted(session, imap, account, folder, &mut passed).await?;
    }
    fetch_bodies(session, imap, account, &mut passed).await?;
    for folder in &last {
        sync_counted(session, imap, account, folder, &mut passed).await?;
    }
    passed.report.seconds = start.elapsed().as_secs_f64();
    Ok(passed)
}
