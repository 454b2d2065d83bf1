//! Folders the user marked: told by the server on the account's connection (NOTIFY), else by a connection each that
//! idles, as far as the account may have so many, else asked for from time to time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::folder::remote;
use super::life::{IDLE_LIMIT, LONGEST_PAUSE, broken, connect_with, longest_login};
use crate::domain::account::Account;
use crate::domain::folder::FolderRole;
use crate::domain::id::FolderId;
use crate::engine::permit::{Permit, Use};
use crate::engine::session::{Line, OpenSession};
use crate::engine::watchdog::{Pulse, guarded};
use crate::engine::work::with_store;
use crate::engine::{Error, ErrorKind, Result};
use crate::imap::{self, ChangedFolders, Idled, MailboxStatus, RemoteName};
use crate::net::Backoff;
use crate::store::FolderState;

/// Pauses before a watcher's next connection.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// A watcher that gave way comes back no sooner.
const AWAY: Duration = Duration::from_secs(30);
/// Shortest time between two news of a watcher.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// The marked folders of one account, over all its connections.
pub(super) struct Watch {
    account: Account,
    line: Arc<Line>,
    /// What the server was asked to tell of on this connection.
    told: Vec<RemoteName>,
    /// The server does not tell it.
    refused: bool,
    watchers: HashMap<FolderId, Watcher>,
    /// Folders nobody tells of, with what STATUS last said.
    asked: HashMap<FolderId, Option<MailboxStatus>>,
    next: Instant,
    poll: Duration,
    news: Arc<News>,
}

/// What watchers saw.
#[derive(Default)]
struct News(Mutex<Vec<FolderId>>);

impl News {
    fn add(&self, folder: FolderId) {
        let mut news = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !news.contains(&folder) {
            news.push(folder);
        }
    }

    fn take(&self) -> Vec<FolderId> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// The connection of one folder, or the pause before its next one.
struct Watcher {
    backoff: Backoff,
    next: Instant,
    run: Option<Run>,
}

struct Run {
    end: CancellationToken,
    /// It idles.
    attends: Arc<AtomicBool>,
    task: JoinHandle<Result<()>>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

impl Watcher {
    fn new() -> Self {
        Self { backoff: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE), next: Instant::now(), run: None }
    }

    fn attends(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.attends.load(Ordering::Relaxed))
    }
}

impl Watch {
    pub(super) fn new(session: &OpenSession, account: Account) -> Self {
        Self {
            line: session.line(account.id),
            account,
            told: Vec::new(),
            refused: false,
            watchers: HashMap::new(),
            asked: HashMap::new(),
            next: Instant::now(),
            poll: session.limits.imap.poll,
            news: Arc::default(),
        }
    }

    /// The account's connection ended, and with it what the server was asked on it.
    pub(super) fn disconnected(&mut self) {
        self.told.clear();
        self.refused = false;
    }

    /// A watcher saw something.
    pub(super) fn has_news(&self) -> bool {
        !self.news.is_empty()
    }

    /// How long the account's connection may wait, at most `limit`, before somebody has to be asked.
    pub(super) fn step(&self, limit: Duration) -> Duration {
        let mut step = limit;
        if !self.asked.is_empty() {
            step = step.min(self.next.saturating_duration_since(Instant::now()));
        }
        step.max(SHORTEST_WAIT)
    }

    /// Sees to it that every marked folder is told of, or is asked for.
    pub(super) async fn arrange(
        &mut self,
        session: &Arc<OpenSession>,
        imap: &mut imap::Session,
    ) -> Result<()> {
        let marked = marked(session, &self.account).await?;
        if self.told_by_server(imap, &marked).await? {
            self.watchers.clear();
            self.asked.clear();
            return Ok(());
        }
        self.watchers.retain(|id, _| marked.iter().any(|folder| folder.folder.id == *id));
        for folder in &marked {
            self.tend(session, folder).await;
        }
        let unattended = |folder: &&FolderState| {
            self.watchers.get(&folder.folder.id).is_none_or(|watcher| !watcher.attends())
        };
        let ids: Vec<FolderId> = marked.iter().filter(unattended).map(|folder| folder.folder.id).collect();
        self.asked.retain(|id, _| ids.contains(id));
        for id in ids {
            self.asked.entry(id).or_default();
        }
        Ok(())
    }

    /// NOTIFY on the account's own connection; false when the server does not do it.
    async fn told_by_server(&mut self, imap: &mut imap::Session, marked: &[FolderState]) -> Result<bool> {
        if self.refused || !imap.can_notify() {
            return Ok(false);
        }
        let names: Vec<RemoteName> = marked.iter().map(remote).collect();
        if self.told == names {
            return Ok(true);
        }
        match imap.notify(&names).await {
            Ok(()) => {
                self.told = names;
                Ok(true)
            }
            Err(error) if error.leaves_session_usable() => {
                tracing::info!("the server tells of no other folders");
                (self.refused, self.told) = (true, Vec::new());
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Starts the watcher of a folder when there is none and a connection is free.
    async fn tend(&mut self, session: &Arc<OpenSession>, folder: &FolderState) {
        let id = folder.folder.id;
        let watcher = self.watchers.entry(id).or_insert_with(Watcher::new);
        if let Some(run) = watcher.run.take_if(|run| run.task.is_finished()) {
            let pause = ended(run, &mut watcher.backoff).await;
            watcher.next = Instant::now() + pause;
        }
        if watcher.run.is_some() || Instant::now() < watcher.next {
            return;
        }
        let Some(permit) = self.line.permits.try_take(Use::Watch) else { return };
        let end = permit.give_way.clone();
        let attends = Arc::new(AtomicBool::new(false));
        let pulse = Arc::new(Pulse::default());
        let attending = Attending {
            session: Arc::clone(session),
            account: self.account.clone(),
            line: Arc::clone(&self.line),
            folder: id,
            name: remote(folder),
            attends: Arc::clone(&attends),
            pulse: Arc::clone(&pulse),
            news: Arc::clone(&self.news),
        };
        let work = guarded(pulse, self.line.cancel.clone(), attending.run(permit));
        let (session, account) = (Arc::clone(session), self.account.id);
        let task = tokio::spawn(async move {
            work.await.unwrap_or_else(|fall| {
                tokio::task::spawn_blocking(move || session.fell("watcher", Some(account), fall));
                Err(Error::new(ErrorKind::Bug, "bug"))
            })
        });
        watcher.run = Some(Run { end, attends, task });
    }

    /// Marked folders that changed; `None` when all folders are to be looked at.
    pub(super) async fn changed(
        &mut self,
        session: &Arc<OpenSession>,
        imap: &mut imap::Session,
    ) -> Result<Option<Vec<FolderState>>> {
        let ChangedFolders::These(names) = imap.take_changed_folders() else {
            // the server has stopped telling: it is asked again
            self.told.clear();
            return Ok(None);
        };
        let mut ids = self.news.take();
        if !self.asked.is_empty() && Instant::now() >= self.next {
            self.next = Instant::now() + self.poll;
            ids.extend(self.ask(session, imap).await?);
        }
        if names.is_empty() && ids.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let mut folders = marked(session, &self.account).await?;
        let told = |folder: &FolderState| names.iter().any(|name| name.is_same(&remote(folder)));
        folders.retain(|folder| ids.contains(&folder.folder.id) || told(folder));
        Ok(Some(folders))
    }

    /// Asks for the counters of the folders nobody tells of; answers those that changed.
    async fn ask(&mut self, session: &Arc<OpenSession>, imap: &mut imap::Session) -> Result<Vec<FolderId>> {
        let mut changed = Vec::new();
        for folder in marked(session, &self.account).await? {
            let Some(last) = self.asked.get_mut(&folder.folder.id) else { continue };
            match imap.status(&remote(&folder)).await {
                Ok(status) => {
                    if last.replace(status) != Some(status) {
                        changed.push(folder.folder.id);
                    }
                }
                // gone or closed to us: the next listing tells
                Err(error) if error.leaves_session_usable() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(changed)
    }
}

/// The pause after a run of a watcher.
async fn ended(mut run: Run, backoff: &mut Backoff) -> Duration {
    match (&mut run.task).await {
        Ok(Ok(())) => AWAY,
        Ok(Err(error)) if error.kind() == ErrorKind::Offline => backoff.next(),
        _ => LONGEST_PAUSE,
    }
}

/// Folders the user marked, the inbox aside.
async fn marked(session: &Arc<OpenSession>, account: &Account) -> Result<Vec<FolderState>> {
    with_store(
        session,
        |s, id| {
            let folders = s.folders()?.into_iter();
            folders
                .filter(|f| f.account == id && f.watched && f.selectable && f.role != FolderRole::Inbox)
                .map(|f| s.folder(f.id))
                .collect()
        },
        account.id,
    )
    .await
}

/// One connection that idles on one folder.
struct Attending {
    session: Arc<OpenSession>,
    account: Account,
    line: Arc<Line>,
    folder: FolderId,
    name: RemoteName,
    attends: Arc<AtomicBool>,
    pulse: Arc<Pulse>,
    news: Arc<News>,
}

impl Attending {
    /// Until it has to give way or the connection ends.
    async fn run(self, permit: Permit) -> Result<()> {
        let end = permit.give_way.clone();
        let mut weather = self.line.weather();
        tokio::select! {
            biased;
            () = end.cancelled() => Ok(()),
            () = self.line.cancel.cancelled() => Ok(()),
            () = broken(&self.line, &mut weather) => Err(Error::new(ErrorKind::Offline, "connection-lost")),
            attended = self.attend(permit) => attended,
        }
    }

    async fn attend(&self, permit: Permit) -> Result<()> {
        self.pulse.enter("connecting", longest_login(&self.session));
        let mut imap = connect_with(&self.session, &self.account, permit).await?;
        imap.select(&self.name).await?;
        self.attends.store(true, Ordering::Relaxed);
        // what came before it was selected
        self.tell();
        loop {
            self.pulse.enter("idling", IDLE_LIMIT + 3 * self.session.limits.imap.command);
            let start = Instant::now();
            let idled = imap.idle(IDLE_LIMIT, std::future::pending()).await?;
            if idled == Idled::Changed {
                imap.take_unsolicited();
                self.tell();
            }
            // a server that ends every wait at once must not make the loop spin
            tokio::time::sleep(SHORTEST_WAIT.saturating_sub(start.elapsed())).await;
        }
    }

    fn tell(&self) {
        self.news.add(self.folder);
        self.line.wake.notify_one();
    }
}

impl Drop for Attending {
    /// Whatever the end: the account's own connection has to take over.
    fn drop(&mut self) {
        self.attends.store(false, Ordering::Relaxed);
        self.tell();
    }
}
