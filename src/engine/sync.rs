//! One loop an account: keep the store and the server the same.
//!
//! A pass replays local changes, files sent copies, refreshes the folders, then fetches bodies newest first; what the
//! user opens overtakes them. Between passes the connection idles on the inbox.

mod ahead;
mod body;
mod count;
mod first;
mod folder;
mod life;
mod listing;
mod saver;
mod watch;
mod wish;

use std::sync::Arc;
use std::time::Instant;

use super::report::Connection;
use super::session::OpenSession;
use super::watchdog::supervise;
use super::{Error, ErrorKind, Result, SyncReport, draft, outbox, replay};
use crate::domain::account::Account;
use crate::domain::id::AccountId;
use crate::imap;
use ahead::Ahead;
pub(super) use body::fetch_one;
use body::{fetch_bodies, fetch_wanted};
pub(super) use count::Counts;
pub(super) use folder::remote;
use folder::sync_counted;
pub(super) use life::connect;
use listing::refresh_folders;
use saver::Saver;
pub(super) use saver::{look_into, new_body, new_body_unopened};

/// A folder or a body that ended the connection this often no longer stands before the others.
pub(super) const MOST_FAILURES: u32 = 3;

/// Starts the loop of an account, once. From this call on the loop alone talks to the server: a pass beside it could
/// file a second copy of a sent message.
pub(super) fn start(handle: &tokio::runtime::Handle, session: &Arc<OpenSession>, account: Account) {
    let line = session.line(account.id);
    let Some(running) = line.start() else { return };
    let (session, id) = (Arc::clone(session), account.id);
    handle.spawn(async move {
        let _running = running;
        let (pulse, cancel) = (Arc::clone(&line.pulse), line.cancel.clone());
        let make = || life::run(Arc::clone(&session), account.clone());
        let fallen = |fall| {
            line.fell();
            session.set_connection(id, Connection::Waiting(Error::new(ErrorKind::Bug, "bug")));
            let session = Arc::clone(&session);
            tokio::task::spawn_blocking(move || session.fell("account", Some(id), fall));
        };
        supervise(pulse, cancel, make, fallen).await;
    });
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
    passed.bear(draft::sync(session, imap, account).await)?;
    // a folder that ended the last connections comes after everything else
    let (last, first): (Vec<_>, Vec<_>) =
        folders.into_iter().partition(|(f, _)| line.folder_failures(f.folder.id) >= MOST_FAILURES);
    let ahead = Ahead::start(session, account, &first).await?;
    for folder in &first {
        sync_counted(session, imap, account, folder, &mut passed).await?;
    }
    let begun = match ahead {
        Some(ahead) => ahead.finish().await,
        None => None,
    };
    let (saver, received) = begun.unwrap_or_else(|| (Saver::start(session), 0));
    passed.report.bytes += received;
    fetch_bodies(session, imap, account, saver, &mut passed).await?;
    for folder in &last {
        sync_counted(session, imap, account, folder, &mut passed).await?;
    }
    wish::fetch_wished(session, imap, account, &mut passed).await?;
    count::settle(session, imap, account).await?;
    passed.report.seconds = start.elapsed().as_secs_f64();
    Ok(passed)
}
