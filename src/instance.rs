//! One program a profile: the first that starts listens, a later one hands it the link it was started with.
//!
//! On Unix a socket that only its owner can reach; both ends ask the system who the other is. On Windows a named pipe on
//! which both ends prove that they can read the profile.

#[cfg(any(windows, test))]
mod exchange;
#[cfg(windows)]
mod pipe;
#[cfg(unix)]
mod socket;

#[cfg(windows)]
use pipe as channel;
#[cfg(unix)]
use socket as channel;

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
pub async fn hand_over(profile: &Path, text: &str) -> std::io::Result<Handed> {
    channel::hand_over(profile, text).await
}

/// Listens for what later starts hand over, until the receiver of `found` is gone. Ends at once when another program
/// listens already.
///
/// # Errors
/// The channel cannot be made.
pub async fn listen(profile: &Path, found: tokio::sync::mpsc::Sender<String>) -> std::io::Result<()> {
    channel::listen(profile, found).await
}
