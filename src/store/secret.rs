//! Passwords of accounts on machines without a keyring: they lie in the encrypted store.

use rusqlite::params;

use super::{Result, Store};
use crate::domain::secret::Secret;

impl Store {
    /// The password kept here for an address.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn password(&self, address: &str) -> Result<Option<Secret>> {
        Ok(self.setting(&name(address))?.map(Secret::new))
    }

    /// Keeps the password for an address, or forgets it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_password(&self, address: &str, password: Option<&Secret>) -> Result<()> {
        match password {
            Some(password) => self.set_setting(&name(address), password.expose()),
            None => self.write(|sql| {
                sql.execute("DELETE FROM setting WHERE name = ?1", params![name(address)])?;
                Ok(())
            }),
        }
    }
}

fn name(address: &str) -> String {
    format!("password:{address}")
}
