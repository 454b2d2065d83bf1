//! The store's key and the passwords: OS keyring or a private key file.
//!
//! "No keyring" is a normal state of a machine, not a failure of the program: it has its own error, so that the user
//! can be told what to do. All methods may wait, for the keyring even on a person: call them on a blocking thread.

mod error;
mod file;
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

pub use error::Error;

use std::path::PathBuf;

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::{Zeroize, Zeroizing};

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
    /// The key of a session's store; `None` before it was made.
    ///
    /// # Errors
    /// [`Error::NoKeyring`], [`Error::Refused`], [`Error::Damaged`], [`Error::Io`].
    pub fn store_key(&self, session: &str) -> Result<Option<StoreKey>> {
        let Some(kept) = self.get(&key_name(session))? else { return Ok(None) };
        let mut bytes = <[u8; 32]>::try_from(kept.as_slice()).map_err(|_| Error::Damaged)?;
        let key = StoreKey::new(bytes);
        bytes.zeroize();
        Ok(Some(key))
    }

    /// Makes a random key for a session's store and keeps it.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is one: replacing it would lose the store.
    pub fn create_store_key(&self, session: &str) -> Result<StoreKey> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        SystemRandom::new().fill(bytes.as_mut()).map_err(|_| Error::Random)?;
        match self {
            Self::Keyring => {
                if self.get(&key_name(session))?.is_some() {
                    return Err(Error::Exists);
                }
                keyring::set(key_name(session), Zeroizing::new(bytes.to_vec()))?;
            }
            Self::File(path) => file::add(path, &key_name(session), bytes.as_ref())?,
        }
        Ok(StoreKey::new(*bytes))
    }

    /// Forgets the key of a session's store: its content can never be read again.
    ///
    /// # Errors
    /// As [`Vault::store_key`].
    pub fn remove_store_key(&self, session: &str) -> Result<()> {
        self.remove(&key_name(session))
    }

    /// The password of an account.
    ///
    /// # Errors
    /// As [`Vault::store_key`].
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
    /// As [`Vault::store_key`].
    pub fn set_password(&self, account: &str, password: &Secret) -> Result<()> {
        let bytes = Zeroizing::new(password.expose().as_bytes().to_vec());
        match self {
            Self::Keyring => keyring::set(password_name(account), bytes),
            Self::File(path) => file::set(path, &password_name(account), &bytes),
        }
    }

    /// Forgets the password of an account; one that is not kept is no error.
    ///
    /// # Errors
    /// As [`Vault::store_key`].
    pub fn remove_password(&self, account: &str) -> Result<()> {
        self.remove(&password_name(account))
    }

    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        match self {
            Self::Keyring => keyring::get(name.to_owned()),
            Self::File(path) => file::get(path, name),
        }
    }

    fn remove(&self, name: &str) -> Result<()> {
        match self {
            Self::Keyring => keyring::remove(name.to_owned()),
            Self::File(path) => file::remove(path, name),
        }
    }
}

fn key_name(session: &str) -> String {
    format!("store-key:{session}")
}

fn password_name(account: &str) -> String {
    format!("password:{account}")
}
