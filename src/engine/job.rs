//! Work that takes minutes: how far it is, and the wish to end it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::session::OpenSession;
use super::{Error, ErrorKind, Result};

/// A handle to long work, shared by whoever runs it and whoever watches.
#[derive(Debug, Clone, Default)]
pub struct Job(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_cancelled: AtomicBool,
    done: AtomicU64,
    total: AtomicU64,
}

impl Job {
    /// Work that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks it to end: nothing of it stays, and it answers `cancelled`.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Steps done and steps in all; both 0 before it is known how many there are.
    pub fn progress(&self) -> (u64, u64) {
        (self.0.done.load(Ordering::Relaxed), self.0.total.load(Ordering::Relaxed))
    }

    /// From now on there are so many steps, none of them done.
    pub(super) fn begin(&self, total: usize) {
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total as u64, Ordering::Relaxed);
    }

    pub(super) fn step(&self) {
        self.0.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Goes on unless somebody asked it to end, or the session did.
    pub(super) fn check(&self, session: Option<&Arc<OpenSession>>) -> Result<()> {
        if self.0.is_cancelled.load(Ordering::Relaxed) {
            return Err(Error::new(ErrorKind::NeedsUser, "cancelled"));
        }
        if session.is_some_and(|session| session.cancel.is_cancelled()) {
            return Err(super::no_session());
        }
        Ok(())
    }
}
