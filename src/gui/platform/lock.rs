//! The computer is being locked or put to sleep: the screens of mail must be gone before.

#[cfg(target_os = "linux")]
pub(super) mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

use std::fmt;
use std::sync::Arc;

use futures::Stream;

/// What the system does.
#[derive(Debug, Clone)]
pub enum SystemLock {
    /// The session is locked, or its screen saver covers it.
    Locked,
    /// The computer goes to sleep as soon as the delay is dropped.
    Sleeping(Delay),
}

/// Holds the sleep up while it exists, for the few seconds the system allows.
#[derive(Clone, Default)]
pub struct Delay(#[allow(dead_code, reason = "held, not read")] Option<Arc<dyn Send + Sync>>);

impl fmt::Debug for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delay")
    }
}

/// Whether this system tells when it locks or sleeps.
pub const IS_TOLD: bool = cfg!(any(target_os = "linux", target_os = "macos", windows));

/// What the system does from now on.
pub fn system_locks() -> impl Stream<Item = SystemLock> {
    #[cfg(target_os = "linux")]
    return linux::system_locks();
    #[cfg(target_os = "macos")]
    return macos::system_locks();
    #[cfg(windows)]
    return windows::system_locks();
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    return futures::stream::pending();
}
