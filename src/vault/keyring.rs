//! The keyring of the operating system. Every call runs on a plain thread of its own: opening the Linux store inside an
//! async runtime panics, and a keyring may ask its owner something and never come back.

use std::collections::HashMap;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyring_core::{Entry, Error as KeyringError};
use zeroize::{Zeroize, Zeroizing};

use super::{Error, Result, platform};

/// Name our entries go under.
const SERVICE: &str = "estafette";
/// Long enough for a person to type the keyring's password.
const PATIENCE: Duration = Duration::from_secs(90);

/// Reads a secret.
pub(super) fn get(name: String) -> Result<Option<Zeroizing<Vec<u8>>>> {
    on_thread(move || match entry(&name)?.get_secret() {
        Ok(secret) => Ok(Some(Zeroizing::new(secret))),
        Err(KeyringError::NoEntry) => Ok(None),
        Err(error) => Err(failure(error)),
    })
}

/// Writes a secret.
pub(super) fn set(name: String, secret: Zeroizing<Vec<u8>>) -> Result<()> {
    on_thread(move || entry(&name)?.set_secret(&secret).map_err(failure))
}

/// Removes a secret; one that is not there is no error.
pub(super) fn remove(name: String) -> Result<()> {
    on_thread(move || match entry(&name)?.delete_credential() {
        Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
        Err(error) => Err(failure(error)),
    })
}

fn entry(name: &str) -> Result<Entry> {
    let store = platform::open().map_err(failure)?;
    let label = HashMap::from([("label", "Estafette")]);
    let modifiers = platform::LABELS.then_some(&label);
    store.build(SERVICE, name, modifiers).map_err(failure)
}

fn on_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let (answer, wait) = mpsc::sync_channel(1);
    thread::Builder::new().name("keyring".into()).spawn(move || {
        // nobody listens any more when the time is over
        drop(answer.send(work()));
    })?;
    match wait.recv_timeout(PATIENCE) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Error::TimedOut),
        // the keyring's library panicked
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(Error::NoKeyring),
    }
}

fn failure(error: KeyringError) -> Error {
    match error {
        KeyringError::NoStorageAccess(cause) if !platform::is_absence(cause.as_ref()) => Error::Refused,
        KeyringError::BadEncoding(mut bytes) | KeyringError::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            Error::Damaged
        }
        KeyringError::Ambiguous(_) | KeyringError::BadStoreFormat(_) => Error::Damaged,
        _ => Error::NoKeyring,
    }
}
