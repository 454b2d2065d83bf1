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

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// Most bytes handed over.
pub const LONGEST_TEXT: usize = 4_096;

/// Longest time for one exchange.
const PATIENCE: Duration = Duration::from_secs(3);

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
    if text.len() > LONGEST_TEXT {
        return Err(ErrorKind::InvalidInput.into());
    }
    channel::hand_over(profile, text).await
}

/// Listens for what later starts hand over, until the receiver of `found` is gone. Ends at once when another program
/// listens already.
///
/// # Errors
/// The channel cannot be made.
pub async fn listen(profile: &Path, found: tokio::sync::mpsc::Sender<String>) -> std::io::Result<()> {
    // who holds the lock listens; it is released when the program ends, however it ends
    let lock = File::options().write(true).create(true).truncate(false).open(profile.join("running.lock"))?;
    match lock.try_lock() {
        Ok(()) => channel::listen(profile, found).await,
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Until somebody listens.
    pub(super) async fn taken(profile: &Path, text: &str) {
        while hand_over(profile, text).await.unwrap() == Handed::Nobody {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    #[tokio::test]
    async fn the_first_program_of_a_profile_gets_what_later_ones_hand_over() {
        let dir = tempfile::tempdir().unwrap();
        let profile = dir.path().to_owned();
        assert_eq!(hand_over(&profile, "estafette:").await.unwrap(), Handed::Nobody);
        let (found, mut links) = tokio::sync::mpsc::channel(2);
        let first = profile.clone();
        #[cfg(unix)]
        let place = socket::place(&profile).unwrap();
        let listening = tokio::spawn(async move { listen(&first, found).await });
        taken(&profile, "one").await;
        assert_eq!(links.recv().await.unwrap(), "one");
        // a second one does not take the place of the first
        let (other, mut none) = tokio::sync::mpsc::channel(2);
        listen(&profile, other).await.unwrap();
        taken(&profile, "two").await;
        assert_eq!(links.recv().await.unwrap(), "two");
        assert!(none.recv().await.is_none());
        // more than waits at the door is told so, and so is what is too long
        taken(&profile, "three").await;
        taken(&profile, "four").await;
        assert!(hand_over(&profile, "five").await.is_err());
        assert!(hand_over(&profile, &"x".repeat(LONGEST_TEXT + 1)).await.is_err());
        drop(links);
        listening.await.unwrap().unwrap();
        #[cfg(unix)]
        assert!(!place.exists());
        assert_eq!(hand_over(&profile, "six").await.unwrap(), Handed::Nobody);
    }
}
