//! An open session: one identity, its store, its key and its loops. Dropping the last handle ends everything.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::ahead::Ahead;
use super::change::Deeds;
use super::familiar::Circle;
use super::link::Limits;
use super::login::Logins;
use super::opening::Keys;
use super::outbox::Outcome;
use super::permit::{CONNECTIONS, Permits};
use super::reach::Reach;
use super::report::Connection;
use super::sync::Counts;
use super::watchdog::{Fall, Pulse};
use super::{Error, ErrorKind, Event, Result, SyncReport, clock};
use crate::annuaire::Annuaire;
use crate::card::ClientKey;
use crate::domain::UnixTime;
use crate::domain::card::Holder;
use crate::domain::id::{AccountId, FolderId, MessageId, OutboxId};
use crate::domain::outbox::OutboxEntry;
use crate::net::Sign;
use crate::store::Store;
use crate::vault::Vault;

/// What the loops of one session share.
pub(super) struct OpenSession {
    pub(super) holder: Option<Holder>,
    pub(super) store: Store,
    pub(super) vault: Arc<Vault>,
    pub(super) reach: Arc<Reach>,
    pub(super) limits: Limits,
    pub(super) events: broadcast::Sender<Event>,
    pub(super) cancel: CancellationToken,
    pub(super) outbox_wake: Notify,
    pub(super) outbox_pulse: Arc<Pulse>,
    pub(super) logins: Logins,
    /// Messages read before they are asked for.
    pub(super) ahead: Ahead,
    /// One run of the archive at a time.
    pub(super) archiving: Mutex<()>,
    key: Mutex<Option<ClientKey>>,
    /// The store's key and its slots; none for a store in memory.
    keys: Mutex<Option<Keys>>,
    /// How attempts to send ended, until it is written down.
    outcomes: Mutex<VecDeque<(OutboxEntry, Outcome)>>,
    lines: Mutex<HashMap<AccountId, Arc<Line>>>,
    /// What the user can take back.
    deeds: Mutex<Deeds>,
    /// The people the user knows, once asked for.
    circle: Mutex<Option<Arc<Circle>>>,
}

/// One account's loop as the rest of the engine sees it.
pub(super) struct Line {
    /// Wakes the loop: local changes, a wanted body, a requested synchronisation.
    pub(super) wake: Notify,
    pub(super) cancel: CancellationToken,
    pub(super) permits: Arc<Permits>,
    pub(super) pulse: Arc<Pulse>,
    /// What was noticed about the network.
    weather: watch::Sender<Weather>,
    state: Mutex<LineState>,
    counts: Mutex<Counts>,
}

/// How often something was noticed about the way to an account's server since the session began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weather {
    /// Connections may be dead.
    pub(super) doubts: u32,
    /// Connections are dead.
    pub(super) breaks: u32,
    /// A new connection may succeed where one failed before.
    pub(super) hopes: u32,
}

struct LineState {
    /// A loop is running.
    running: bool,
    /// The loop is connected or connecting.
    connected: bool,
    connection: Connection,
    last_success: Option<UnixTime>,
    /// Own address and the server's, of the last connection.
    ends: Option<(SocketAddr, SocketAddr)>,
    /// Counts what comes in on the connection.
    received: Arc<AtomicU64>,
    wanted: VecDeque<(MessageId, oneshot::Sender<Result<()>>)>,
    passes: Vec<oneshot::Sender<Result<SyncReport>>>,
    /// Attempts to file a sent message, and to fetch a body, that ended the connection.
    filings: HashMap<OutboxId, u32>,
    fetches: HashMap<MessageId, u32>,
    folders: HashMap<FolderId, u32>,
    /// Connections that are logged in, and since when the first of them.
    connections: u32,
    connected_since: Option<UnixTime>,
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OpenSession {
    #[allow(
        clippy::too_many_arguments,
        reason = "everything a session is made of, put together in one place"
    )]
    pub(super) fn new(
        holder: Option<Holder>,
        store: Store,
        vault: Arc<Vault>,
        reach: Arc<Reach>,
        limits: Limits,
        events: broadcast::Sender<Event>,
        key: Option<ClientKey>,
        keys: Option<Keys>,
    ) -> Arc<Self> {
        Arc::new(Self {
            holder,
            store,
            vault,
            reach,
            limits,
            events,
            cancel: CancellationToken::new(),
            outbox_wake: Notify::new(),
            outbox_pulse: Arc::default(),
            logins: Logins::default(),
            ahead: Ahead::default(),
            archiving: Mutex::default(),
            key: Mutex::new(key),
            keys: Mutex::new(keys),
            outcomes: Mutex::default(),
            lines: Mutex::new(HashMap::new()),
            deeds: Mutex::default(),
            circle: Mutex::default(),
        })
    }

    /// The card's key, while the card is in.
    pub(super) fn key(&self) -> Option<ClientKey> {
        hold(&self.key).clone()
    }

    /// Works on the store's key and its slots; blocking. The session does not end meanwhile, so that nothing is written
    /// once another process may have the store.
    pub(super) fn with_keys<T>(&self, work: impl FnOnce(&mut Keys) -> Result<T>) -> Result<T> {
        let mut keys = hold(&self.keys);
        match keys.as_mut() {
            Some(keys) => work(keys),
            None if self.cancel.is_cancelled() => Err(super::no_session()),
            None => Err(Error::new(ErrorKind::NeedsUser, "no-vault")),
        }
    }

    /// What the user can take back.
    pub(super) fn deeds(&self) -> MutexGuard<'_, Deeds> {
        hold(&self.deeds)
    }

    /// The people the user knows; read on first use and after each change; blocking.
    pub(super) fn circle(&self, annuaire: &Annuaire) -> Result<Arc<Circle>> {
        let mut circle = hold(&self.circle);
        match &*circle {
            Some(known) => Ok(Arc::clone(known)),
            None => Ok(Arc::clone(circle.insert(Arc::new(Circle::load(self, annuaire)?)))),
        }
    }

    /// The people the user knows, or the annuaire, changed.
    pub(super) fn forget_circle(&self) {
        *hold(&self.circle) = None;
    }

    /// The loop's face for an account, made on first use.
    pub(super) fn line(&self, account: AccountId) -> Arc<Line> {
        let mut lines = hold(&self.lines);
        Arc::clone(lines.entry(account).or_insert_with(|| {
            let last_success = self.store.setting(&last_success_key(account)).ok().flatten();
            let connections = self.store.setting(CONNECTIONS_KEY).ok().flatten();
            let connections = connections.and_then(|n| n.parse().ok()).unwrap_or(CONNECTIONS);
            Arc::new(Line {
                wake: Notify::new(),
                cancel: self.cancel.child_token(),
                permits: Permits::new(connections),
                pulse: Arc::default(),
                weather: watch::Sender::default(),
                state: Mutex::new(LineState {
                    running: false,
                    connected: false,
                    connection: Connection::Idle,
                    last_success: last_success.and_then(|t| t.parse().ok()),
                    ends: None,
                    received: Arc::default(),
                    wanted: VecDeque::new(),
                    passes: Vec::new(),
                    filings: HashMap::new(),
                    fetches: HashMap::new(),
                    folders: HashMap::new(),
                    connections: 0,
                    connected_since: None,
                }),
                counts: Mutex::default(),
            })
        }))
    }

    /// Every line there is.
    pub(super) fn lines(&self) -> Vec<(AccountId, Arc<Line>)> {
        hold(&self.lines).iter().map(|(id, line)| (*id, Arc::clone(line))).collect()
    }

    /// Connections an account may have at a time, from now on and after a restart; blocking.
    pub(super) fn set_connections(&self, most: u32) -> Result<()> {
        self.store.set_setting(CONNECTIONS_KEY, &most.to_string())?;
        self.lines().iter().for_each(|(_, line)| line.permits.set_most(most));
        Ok(())
    }

    /// Connections an account may have at a time; blocking.
    pub(super) fn connections(&self) -> Result<u32> {
        let kept = self.store.setting(CONNECTIONS_KEY)?;
        Ok(kept.and_then(|n| n.parse().ok()).unwrap_or(CONNECTIONS))
    }

    /// A loop had to be started again: kept as a trace and told; blocking.
    pub(super) fn fell(&self, name: &'static str, account: Option<AccountId>, fall: Fall) {
        tracing::error!(name, ?fall, "a loop is started again");
        if let Err(error) = self.store.add_trace(clock::now(), "loop-restarted", account, None) {
            tracing::warn!(%error, "a trace could not be written");
        }
        self.tell(Event::Trouble);
    }

    /// Ends the loop of an account that is being removed.
    pub(super) fn drop_line(&self, account: AccountId) {
        if let Some(line) = hold(&self.lines).remove(&account) {
            line.cancel.cancel();
        }
    }

    /// Tells listeners; nobody listening is no fault.
    pub(super) fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }

    pub(super) fn set_connection(&self, account: AccountId, connection: Connection) {
        let line = self.line(account);
        let trouble = matches!(connection, Connection::Waiting(_));
        hold(&line.state).connection = connection;
        self.tell(Event::ConnectionChanged(account));
        if trouble {
            self.tell(Event::Trouble);
        }
    }

    /// Records a complete synchronisation, kept across restarts.
    pub(super) fn succeeded(&self, account: AccountId, at: UnixTime) {
        hold(&self.line(account).state).last_success = Some(at);
        if let Err(error) = self.store.set_setting(&last_success_key(account), &at.to_string()) {
            tracing::warn!(%error, "the time of the last synchronisation could not be kept");
        }
        self.set_connection(account, Connection::UpToDate);
    }

    pub(super) fn keep_outcome(&self, entry: OutboxEntry, outcome: Outcome) {
        self.outbox_pulse.beat();
        hold(&self.outcomes).push_back((entry, outcome));
    }

    pub(super) fn next_outcome(&self) -> Option<(OutboxEntry, Outcome)> {
        self.outbox_pulse.beat();
        hold(&self.outcomes).pop_front()
    }

    /// Runs work until it ends or the session does: a connection must not outlive the card it was made with.
    pub(super) async fn while_open<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(super::no_session()),
            result = work => result,
        }
    }

    /// Ends loops and connections, forgets the key. Idempotent.
    pub(super) fn disconnect(&self) {
        self.cancel.cancel();
        *hold(&self.key) = None;
        *hold(&self.keys) = None;
        self.logins.forget();
    }

    /// The same, and closes the store. Idempotent.
    pub(super) fn close(&self) {
        self.disconnect();
        self.ahead.clear();
        self.store.close();
    }
}

impl Line {
    pub(super) fn connection(&self) -> (Connection, Option<UnixTime>) {
        let state = hold(&self.state);
        (state.connection.clone(), state.last_success)
    }

    /// Registers the loop of this account; `None` when one is running already.
    pub(super) fn start(self: &Arc<Self>) -> Option<Running> {
        let mut state = hold(&self.state);
        if state.running {
            return None;
        }
        state.running = true;
        Some(Running(Arc::clone(self)))
    }

    /// The loop fell and will be started again: those who wait for it are told.
    pub(super) fn fell(&self) {
        self.set_connected(false);
        let error = Error::new(ErrorKind::Bug, "bug");
        self.answer_passes(&Err(error.clone()));
        self.fail_wanted(&error);
    }

    /// A connection was made.
    pub(super) fn set_ends(&self, ends: Option<(SocketAddr, SocketAddr)>, received: Arc<AtomicU64>) {
        let mut state = hold(&self.state);
        state.ends = ends;
        state.received = received;
    }

    /// Own address and the server's, of the last connection.
    pub(super) fn ends(&self) -> Option<(SocketAddr, SocketAddr)> {
        hold(&self.state).ends
    }

    /// Bytes that came in on the last connection.
    pub(super) fn received(&self) -> u64 {
        hold(&self.state).received.load(Ordering::Relaxed)
    }

    /// Something was noticed about the way to the server.
    pub(super) fn notice(&self, sign: Sign) {
        self.weather.send_modify(|weather| match sign {
            Sign::Gone => weather.doubts += 1,
            Sign::Slept | Sign::Back => {
                weather.doubts += 1;
                weather.hopes += 1;
            }
            Sign::Moved => {
                weather.breaks += 1;
                weather.hopes += 1;
            }
        });
    }

    pub(super) fn weather(&self) -> watch::Receiver<Weather> {
        self.weather.subscribe()
    }

    /// A loop keeps this account the same as the server.
    pub(super) fn has_loop(&self) -> bool {
        hold(&self.state).running
    }

    /// The loop is connected, or tries to be: bodies can be asked for.
    pub(super) fn set_connected(&self, connected: bool) {
        hold(&self.state).connected = connected;
    }

    pub(super) fn is_connected(&self) -> bool {
        hold(&self.state).connected
    }

    /// Attempts to file this message that ended the connection.
    pub(super) fn filings(&self, id: OutboxId) -> u32 {
        hold(&self.state).filings.get(&id).copied().unwrap_or(0)
    }

    pub(super) fn set_filings(&self, id: OutboxId, count: u32) {
        hold(&self.state).filings.insert(id, count);
    }

    /// Bodies whose fetching ended the connection: those to be tried alone, fewer than `most` times, and all of them.
    pub(super) fn suspects(&self, most: u32) -> (Vec<MessageId>, HashSet<MessageId>) {
        let state = hold(&self.state);
        let again = state.fetches.iter().filter(|(_, count)| **count < most).map(|(id, _)| *id);
        (again.collect(), state.fetches.keys().copied().collect())
    }

    /// These bodies came.
    pub(super) fn forget_fetches(&self, ids: impl Iterator<Item = MessageId>) {
        let mut state = hold(&self.state);
        for id in ids {
            state.fetches.remove(&id);
        }
    }

    /// How often this folder ended the connection in a row.
    pub(super) fn folder_failures(&self, id: FolderId) -> u32 {
        hold(&self.state).folders.get(&id).copied().unwrap_or(0)
    }

    pub(super) fn note_folder(&self, id: FolderId, failed: bool) {
        let mut state = hold(&self.state);
        if failed {
            *state.folders.entry(id).or_default() += 1;
        } else {
            state.folders.remove(&id);
        }
    }

    /// Bodies that ended the connection `most` times or more: nobody fetches them any more in this session.
    pub(super) fn given_up(&self, most: u32) -> HashSet<MessageId> {
        let state = hold(&self.state);
        state.fetches.iter().filter(|(_, count)| **count >= most).map(|(id, _)| *id).collect()
    }

    /// A connection is logged in; it counts until the answer is dropped.
    pub(super) fn opened(self: &Arc<Self>, now: UnixTime) -> Opened {
        let mut state = hold(&self.state);
        state.connections += 1;
        state.connected_since.get_or_insert(now);
        Opened(Arc::clone(self))
    }

    /// Connections that are logged in, and since when there is one.
    pub(super) fn connections(&self) -> (u32, Option<UnixTime>) {
        let state = hold(&self.state);
        (state.connections, state.connected_since)
    }

    /// What the pass under way has counted so far.
    pub(super) fn counts(&self) -> MutexGuard<'_, Counts> {
        hold(&self.counts)
    }

    /// Counts an attempt that ended the connection.
    pub(super) fn count_fetches(&self, ids: impl Iterator<Item = MessageId>) {
        let mut state = hold(&self.state);
        ids.for_each(|id| *state.fetches.entry(id).or_default() += 1);
    }

    /// Asks the loop for one body before anything else.
    pub(super) fn want(&self, id: MessageId) -> Wanted {
        let mut state = hold(&self.state);
        if !state.running {
            return Wanted::NoLoop;
        }
        if !state.connected {
            return Wanted::Offline;
        }
        let (done, answer) = oneshot::channel();
        state.wanted.push_back((id, done));
        drop(state);
        self.wake.notify_one();
        Wanted::Asked(answer)
    }

    pub(super) fn has_wanted(&self) -> bool {
        !hold(&self.state).wanted.is_empty()
    }

    pub(super) fn next_wanted(&self) -> Option<(MessageId, oneshot::Sender<Result<()>>)> {
        let mut state = hold(&self.state);
        // came by another way meanwhile, or the reader is gone
        state.wanted.retain(|(_, done)| !done.is_closed());
        state.wanted.pop_front()
    }

    /// Asks the loop for a complete pass; `None` when none is running.
    pub(super) fn want_pass(&self) -> Option<oneshot::Receiver<Result<SyncReport>>> {
        let mut state = hold(&self.state);
        if !state.running {
            return None;
        }
        let (done, answer) = oneshot::channel();
        state.passes.push(done);
        drop(state);
        self.wake.notify_one();
        Some(answer)
    }

    /// Those who ask for a pass, to be answered by the next one.
    pub(super) fn take_passes(&self) -> Vec<oneshot::Sender<Result<SyncReport>>> {
        std::mem::take(&mut hold(&self.state).passes)
    }

    pub(super) fn has_pass_request(&self) -> bool {
        !hold(&self.state).passes.is_empty()
    }

    /// Answers everybody who asked for a pass.
    pub(super) fn answer_passes(&self, result: &Result<SyncReport>) {
        for request in std::mem::take(&mut hold(&self.state).passes) {
            let _ = request.send(result.clone());
        }
    }

    /// Answers everybody who waits for a body: the connection is gone.
    pub(super) fn fail_wanted(&self, error: &Error) {
        for (_, request) in std::mem::take(&mut hold(&self.state).wanted) {
            let _ = request.send(Err(error.clone()));
        }
    }
}

/// What became of the wish for a body.
pub(super) enum Wanted {
    /// The loop fetches it.
    Asked(oneshot::Receiver<Result<()>>),
    /// The loop has no connection.
    Offline,
    /// No loop is running.
    NoLoop,
}

/// A connection that is logged in.
pub(super) struct Opened(Arc<Line>);

impl Drop for Opened {
    fn drop(&mut self) {
        let mut state = hold(&self.0.state);
        state.connections = state.connections.saturating_sub(1);
        if state.connections == 0 {
            state.connected_since = None;
        }
    }
}

/// A running loop. When it ends, for whatever reason, those who wait for it are told.
pub(super) struct Running(Arc<Line>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = hold(&self.0.state);
        (state.running, state.connected) = (false, false);
        // dropping the requests answers them
        state.wanted.clear();
        state.passes.clear();
    }
}

/// Setting: connections an account may have at a time.
const CONNECTIONS_KEY: &str = "connections";

fn last_success_key(account: AccountId) -> String {
    format!("last-success-{account}")
}
