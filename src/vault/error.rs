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
    /// There is a key file already.
    #[error("the key file exists")]
    Exists,
    /// The keyring does not hold the secret of this slot: it is another user's, or was emptied.
    #[error("the keyring does not hold the secret of this slot")]
    SecretMissing,
    /// This is not what opens the slot, or the slot was altered.
    #[error("the slot does not open")]
    DoesNotOpen,
    /// The key file was written by a newer version of the program.
    #[error("the key file is of a newer version")]
    Newer,
    /// The key file cannot be read; it is left as it is.
    #[error("the key file is damaged")]
    KeyFileDamaged,
    /// A store has room for a few slots only.
    #[error("too many slots")]
    TooMany,
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
