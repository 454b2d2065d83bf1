//! How many IMAP connections an account has at a time, and who gives way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{Error, ErrorKind, Result};

/// Connections an account may have when nothing else is set; operators allow between 4 and 20 each.
pub(super) const CONNECTIONS: u32 = 4;
/// Most that can be set.
pub(super) const MOST_CONNECTIONS: u32 = 20;
/// How long a connection is waited for while others are in use.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// The account's loop.
    Main,
    /// Something asked for now: one body, a check, a filing without loops.
    Once,
    /// Waiting for changes of a marked folder: gives way to the others.
    Watch,
}

/// The connections of one account.
#[derive(Debug)]
pub(super) struct Permits {
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    most: u32,
    used: u32,
    /// Watchers that were not asked to give way yet, oldest first.
    watchers: Vec<CancellationToken>,
}

/// The right to one connection, given back when dropped: keep it as long as the connection.
#[derive(Debug)]
pub(super) struct Permit {
    permits: Arc<Permits>,
    /// Of a watcher: it is to close its connection.
    pub(super) give_way: CancellationToken,
}

impl Permits {
    pub(super) fn new(most: u32) -> Arc<Self> {
        let state = State { most: most.clamp(1, MOST_CONNECTIONS), used: 0, watchers: Vec::new() };
        Arc::new(Self { state: Mutex::new(state), freed: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another limit; connections beyond it go on until they end, watchers are asked to end.
    pub(super) fn set_most(&self, most: u32) {
        let mut state = self.state();
        state.most = most.clamp(1, MOST_CONNECTIONS);
        while state.used > state.most && state.dismiss() {}
        drop(state);
        self.freed.notify_waiters();
    }

    /// Connections in use.
    #[cfg(test)]
    fn used(&self) -> u32 {
        self.state().used
    }

    /// A connection, if one is free now.
    pub(super) fn try_take(self: &Arc<Self>, what: Use) -> Option<Permit> {
        let mut state = self.state();
        if state.used >= state.most {
            return None;
        }
        state.used += 1;
        let give_way = CancellationToken::new();
        if what == Use::Watch {
            state.watchers.push(give_way.clone());
        }
        Some(Permit { permits: Arc::clone(self), give_way })
    }

    /// A connection; a watcher is asked to give way when none is free.
    ///
    /// # Errors
    /// `connections-busy` when none becomes free in time.
    pub(super) async fn take(self: &Arc<Self>, what: Use) -> Result<Permit> {
        let waiting = async {
            loop {
                let freed = self.freed.notified();
                let mut freed = std::pin::pin!(freed);
                // registered before the look, so that no return is missed in between
                freed.as_mut().enable();
                if let Some(permit) = self.try_take(what) {
                    return permit;
                }
                if what != Use::Watch {
                    self.state().dismiss();
                }
                freed.await;
            }
        };
        timeout(PATIENCE, waiting).await.map_err(|_| Error::new(ErrorKind::Offline, "connections-busy"))
    }
}

impl State {
    /// Asks the oldest watcher to end; false when there is none.
    fn dismiss(&mut self) -> bool {
        if self.watchers.is_empty() {
            return false;
        }
        self.watchers.remove(0).cancel();
        true
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.give_way.cancel();
        let mut state = self.permits.state();
        state.used = state.used.saturating_sub(1);
        state.watchers.retain(|watcher| !watcher.is_cancelled());
        drop(state);
        self.permits.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn watchers_give_way_and_nobody_exceeds_the_limit() {
        let permits = Permits::new(3);
        let main = permits.take(Use::Main).await.unwrap();
        let watchers = [0, 1].map(|_| permits.try_take(Use::Watch).unwrap());
        assert!(permits.try_take(Use::Watch).is_none() && permits.try_take(Use::Once).is_none());
        let [first, second] = watchers;
        let asked = tokio::spawn({
            let permits = Arc::clone(&permits);
            async move { permits.take(Use::Once).await }
        });
        first.give_way.cancelled().await;
        assert!(!second.give_way.is_cancelled(), "one is enough");
        assert_eq!(permits.used(), 3, "the connection is counted until it is closed");
        drop(first);
        let once = asked.await.unwrap().unwrap();
        assert_eq!(permits.used(), 3);
        drop((main, second, once));
        assert_eq!(permits.used(), 0);
    }

    #[tokio::test]
    async fn a_lower_limit_sends_watchers_away_and_holds_for_the_next() {
        let permits = Permits::new(4);
        let _main = permits.take(Use::Main).await.unwrap();
        let watcher = permits.try_take(Use::Watch).unwrap();
        permits.set_most(1);
        assert!(watcher.give_way.is_cancelled());
        drop(watcher);
        assert!(permits.try_take(Use::Watch).is_none());
        permits.set_most(2);
        assert!(permits.try_take(Use::Watch).is_some());
    }

    #[tokio::test]
    async fn a_limit_of_none_is_one() {
        let permits = Permits::new(0);
        let _main = permits.try_take(Use::Main).unwrap();
        assert!(permits.try_take(Use::Once).is_none());
    }
}
