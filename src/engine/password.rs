//! Passwords of accounts: in the keyring where there is one, in the encrypted store where there is none.

use super::Result;
use super::session::OpenSession;
use crate::domain::secret::Secret;
use crate::vault;

impl OpenSession {
    /// The password of an account; blocking.
    pub(super) fn password(&self, address: &str) -> Result<Option<Secret>> {
        match self.store.password(address)? {
            Some(password) => Ok(Some(password)),
            None => Ok(self.vault.password(address)?),
        }
    }

    /// Keeps the password of an account, in place of an earlier one; blocking.
    pub(super) fn set_password(&self, address: &str, password: &Secret) -> Result<()> {
        match self.vault.set_password(address, password) {
            Ok(()) => Ok(self.store.set_password(address, None)?),
            Err(vault::Error::NoKeyring | vault::Error::Refused) => {
                Ok(self.store.set_password(address, Some(password))?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets the password of an account; blocking.
    pub(super) fn remove_password(&self, address: &str) -> Result<()> {
        self.store.set_password(address, None)?;
        match self.vault.remove_password(address) {
            Ok(()) | Err(vault::Error::NoKeyring) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
