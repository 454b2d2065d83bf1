//! What can go wrong in the vault.

/// A failure of the vault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This machine has no keyring, or none answers: a normal state on servers and bare desktops.
    #[error("no keyring on this machine")]
    NoKeyring,
    /// The keyring is locked, or its owner declined to open it.
    #[error("the keyring refused")]
    Refused,
    /// The keyring did not answer in time; it may be asking its owner something.
    #[error("the keyring did not answer in time")]
    TimedOut,
    /// There is a key for this session already.
    #[error("the key exists")]
    Exists,
    /// What was kept is not a key or password of ours.
    #[error("the kept secret is damaged")]
    Damaged,
    /// The system gives no random numbers.
    #[error("no random numbers")]
    Random,
    /// The file system failed.
    #[error("input or output failed")]
    Io(#[from] std::io::Error),
}
