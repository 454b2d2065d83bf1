//! The keys of stores, in slots, and the passwords: OS keyring or a private file.
//!
//! A store's key is random and lies nowhere but in the slots of its [`KeyFile`], sealed under what opens each of them: a
//! secret of the keyring, a signature of the card, or the recovery code. "No keyring" is a normal state of a machine, not a failure of the program: it has its own error, so that the user
//! can be told what to do. All methods may wait, for the keyring even on a person: call them on a blocking thread.

mod error;
mod file;
mod hex;
mod key_file;
mod keyring;
#[cfg(target_os = "linux")]
#[path = "vault/platform_linux.rs"]
mod platform;
#[cfg(target_os = "macos")]
#[path = "vault/platform_macos.rs"]
mod platform;
#[cfg(target_os = "windows")]
#[path = "vault/platform_windows.rs"]
mod platform;
#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "windows")))]
#[path = "vault/platform_none.rs"]
mod platform;
mod slot;

pub use error::Error;
pub use key_file::{KeyFile, Slots};
pub use slot::{Blank, Opener, Slot};

use std::path::PathBuf;

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, Zeroizing};

use crate::domain::recovery::{RANDOM_BYTES, RecoveryCode};
use crate::domain::secret::{Secret, StoreKey};

/// Result of the vault.
pub type Result<T> = std::result::Result<T, Error>;

/// Where keys and passwords are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vault {
    /// The keyring of the operating system.
    Keyring,
    /// A JSON file, made on first use, readable by its owner alone (mode 0600 on Unix).
    File(PathBuf),
}

impl Vault {
    /// The key of a session's store as it lay bare before there were slots; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::NoKeyring`], [`Error::Refused`], [`Error::Damaged`], [`Error::Io`].
    pub fn bare_key(&self, session: &str) -> Result<Option<StoreKey>> {
        let Some(kept) = self.get(&key_name(session))? else { return Ok(None) };
        let mut bytes = <[u8; 32]>::try_from(kept.as_slice()).map_err(|_| Error::Damaged)?;
        let key = StoreKey::new(bytes);
        bytes.zeroize();
        Ok(Some(key))
    }

    /// Forgets a bare key, once a slot holds it.
    ///
    /// # Errors
    /// As [`Vault::bare_key`].
    pub fn remove_bare_key(&self, session: &str) -> Result<()> {
        self.remove(&key_name(session))
    }

    /// Fills a slot that is opened by a new secret of this vault.
    ///
    /// # Errors
    /// As [`Vault::bare_key`].
    pub fn fill(&self, blank: Blank, key: &StoreKey) -> Result<Slot> {
        let secret = slot::Secret::random()?;
        // the secret first: a slot whose secret was never kept would look like a way in
        self.set(slot_name(blank.id()), secret.bytes())?;
        blank.fill(&secret, key)
    }

    /// Forgets the secret of a slot: the slot, and every copy of it, opens no more.
    ///
    /// # Errors
    /// As [`Vault::bare_key`].
    pub fn forget(&self, slot: &Slot) -> Result<()> {
        self.remove(&slot_name(slot.id()))
    }

    fn slot_secret(&self, slot: &Slot) -> Result<slot::Secret> {
        let bytes = self.get(&slot_name(slot.id()))?.ok_or(Error::SecretMissing)?;
        Ok(slot::Secret::new(&bytes))
    }

    /// The password of an account.
    ///
    /// # Errors
    /// As [`Vault::bare_key`].
    pub fn password(&self, account: &str) -> Result<Option<Secret>> {
        let Some(mut kept) = self.get(&password_name(account))? else { return Ok(None) };
        match String::from_utf8(std::mem::take(&mut kept)) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(Error::Damaged)
            }
        }
    }

    /// Keeps the password of an account, in place of an earlier one.
    ///
    /// # Errors
    /// As [`Vault::bare_key`].
    pub fn set_password(&self, account: &str, password: &Secret) -> Result<()> {
        self.set(password_name(account), Zeroizing::new(password.expose().as_bytes().to_vec()))
    }

    /// Forgets the password of an account; one that is not kept is no error.
    ///
    /// # Errors
    /// As [`Vault::bare_key`].
    pub fn remove_password(&self, account: &str) -> Result<()> {
        self.remove(&password_name(account))
    }

    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        match self {
            Self::Keyring => keyring::get(name.to_owned()),
            Self::File(path) => file::get(path, name),
        }
    }

    fn set(&self, name: String, secret: Zeroizing<Vec<u8>>) -> Result<()> {
        match self {
            Self::Keyring => keyring::set(name, secret),
            Self::File(path) => file::set(path, &name, &secret),
        }
    }

    fn remove(&self, name: &str) -> Result<()> {
        match self {
            Self::Keyring => keyring::remove(name.to_owned()),
            Self::File(path) => file::remove(path, name),
        }
    }
}

/// A new random key for a store.
///
/// # Errors
/// [`Error::Random`].
pub fn new_key() -> Result<StoreKey> {
    let mut bytes = random()?;
    let key = StoreKey::new(bytes);
    bytes.zeroize();
    Ok(key)
}

/// A new random recovery code; it opens nothing before a slot is filled by it.
///
/// # Errors
/// [`Error::Random`].
pub fn new_recovery_code() -> Result<RecoveryCode> {
    let mut bytes = random::<RANDOM_BYTES>()?;
    let code = RecoveryCode::from_random(&bytes);
    bytes.zeroize();
    Ok(code)
}

/// Random bytes of the system.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::Random)?;
    Ok(bytes)
}

fn slot_name(id: &str) -> String {
    format!("key-slot:{id}")
}

fn key_name(session: &str) -> String {
    format!("store-key:{session}")
}

fn password_name(account: &str) -> String {
    format!("password:{account}")
}
