//! Bodies over a second connection, while the first lists folders that are large and new here: a server answers one
//! command of a connection after the other, and making headers of its files leaves us with nothing to do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::body::{Until, fetch_run, fetch_wanted};
use super::life::connect_with;
use super::saver::Saver;
use super::{MOST_FAILURES, is_borne};
use crate::domain::id::AccountId;
use crate::engine::permit::{Permit, Use};
use crate::engine::session::OpenSession;
use crate::engine::work::with_store;
use crate::engine::{Error, ErrorKind, Result, clock};
use crate::imap::{self, MailboxStatus};
use crate::store::FolderState;

/// Messages to be listed from which another login is worth its time.
const WORTH: u32 = 2_000;
/// What is listed meanwhile is looked for again after this.
const PAUSE: Duration = Duration::from_millis(100);
/// The listing ends it; this only keeps it from going on for ever.
const LONGEST: Duration = Duration::from_secs(3600);

/// The second connection. Dropped, it is cut.
pub(super) struct Ahead {
    end: CancellationToken,
    task: JoinHandle<(Saver, Result<u64>)>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ahead {
    /// Starts when much is to be listed and the account may have another connection.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn start(
        session: &Arc<OpenSession>,
        account: AccountId,
        folders: &[(FolderState, Option<MailboxStatus>)],
    ) -> Result<Option<Self>> {
        let unlisted = folders.iter().filter(|(folder, _)| folder.uid_validity.is_none());
        let unlisted = unlisted.filter_map(|(_, status)| status.and_then(|status| status.messages));
        if unlisted.fold(0, u32::saturating_add) < WORTH {
            return Ok(None);
        }
        let Some(permit) = session.line(account).permits.try_take(Use::Once) else { return Ok(None) };
        let end = CancellationToken::new();
        let task = tokio::spawn(run(Arc::clone(session), account, permit, end.clone()));
        Ok(Some(Self { end, task }))
    }

    /// Waits for what was asked for; answers the bytes that came and the way they go, on which some still are. That it
    /// was not possible changes nothing: the first connection fetches the rest.
    pub(super) async fn finish(mut self) -> Option<(Saver, u64)> {
        self.end.cancel();
        let Ok((saver, fetched)) = (&mut self.task).await else {
            tracing::error!("the second connection fell");
            return None;
        };
        if let Err(error) = &fetched {
            tracing::info!(code = error.code(), "no bodies over a second connection");
        }
        Some((saver, fetched.unwrap_or_default()))
    }
}

async fn run(
    session: Arc<OpenSession>,
    account: AccountId,
    permit: Permit,
    end: CancellationToken,
) -> (Saver, Result<u64>) {
    let saver = Saver::start(&session);
    let fetched = connected(&session, account, permit, &saver, &end).await;
    (saver, fetched)
}

async fn connected(
    session: &Arc<OpenSession>,
    account: AccountId,
    permit: Permit,
    saver: &Saver,
    end: &CancellationToken,
) -> Result<u64> {
    let gone = || Error::new(ErrorKind::NeedsUser, "not-found");
    let config = with_store(session, |s, id| Ok(s.accounts()?.into_iter().find(|a| a.id == id)), account);
    let config = config.await?.ok_or_else(gone)?;
    let mut imap = connect_with(session, &config, permit).await?;
    let _open = session.line(account).opened(clock::now());
    let received = fetch(session, &mut imap, account, saver, end).await?;
    imap.logout().await;
    Ok(received)
}

async fn fetch(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    account: AccountId,
    saver: &Saver,
    end: &CancellationToken,
) -> Result<u64> {
    let (_, mut skip) = session.line(account).suspects(MOST_FAILURES);
    let mut total = 0;
    while !end.is_cancelled() && !saver.has_failed() {
        fetch_wanted(session, imap, account).await?;
        let until = Until { time: Instant::now() + LONGEST, end: end.clone() };
        let (received, fetched) = fetch_run(session, imap, account, saver, &mut skip, until).await?;
        total += received;
        match fetched {
            Ok(true) => {}
            Ok(false) => {
                let _ = tokio::time::timeout(PAUSE, end.cancelled()).await;
            }
            Err(error) if is_borne(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(total)
}
