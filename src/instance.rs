//! One program a profile: the first that starts listens, a later one hands it the link it was started with.
//!
//! On Unix a socket that only its owner can reach; both ends ask the system who the other is. On other systems there is
//! no channel: a second start is told that the program is running, by the store's lock.

#[cfg(unix)]
mod socket;

use std::path::Path;

/// Most bytes handed over.
pub const LONGEST_TEXT: usize = 4_096;

/// What became of a text for the running program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// It has it.
    Taken,
    /// No program runs on this profile.
    Nobody,
}

/// Hands a text to the program that runs on this profile.
///
/// # Errors
/// Somebody else's program listens there, or the one that runs does not answer.
#[cfg(unix)]
pub async fn hand_over(profile: &Path, text: &str) -> std::io::Result<Handed> {
    socket::hand_over(profile, text).await
}

/// As on Unix; without a channel nobody is there.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub async fn hand_over(_profile: &Path, _text: &str) -> std::io::Result<Handed> {
    Ok(Handed::Nobody)
}

/// Listens for what later starts hand over, until the receiver of `found` is gone. Ends at once when another program
/// listens already.
///
/// # Errors
/// The socket cannot be made.
#[cfg(unix)]
pub async fn listen(profile: &Path, found: tokio::sync::mpsc::Sender<String>) -> std::io::Result<()> {
    socket::listen(profile, found).await
}

/// As on Unix; without a channel it ends at once.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub async fn listen(_profile: &Path, _found: tokio::sync::mpsc::Sender<String>) -> std::io::Result<()> {
    Ok(())
}
