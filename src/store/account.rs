//! Accounts.

use rusqlite::params;

use super::value::{from_json, json};
use super::{Error, Result, Store};
use crate::domain::account::{Account, AccountConfig};
use crate::domain::id::AccountId;

impl Store {
    /// Accounts, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached("SELECT id, config FROM account ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            rows.map(|row| {
                let (id, config) = row?;
                Ok(Account { id: AccountId(id), config: from_json(&config)? })
            })
            .collect()
        })
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is one with this address.
    pub fn add_account(&self, config: &AccountConfig) -> Result<AccountId> {
        let text = json(config)?;
        self.write(|sql| {
            let added = sql.execute(
                "INSERT INTO account (address, config) VALUES (?1, ?2) ON CONFLICT (address) DO NOTHING",
                params![config.address.as_str().to_lowercase(), text],
            )?;
            if added == 0 { Err(Error::Exists) } else { Ok(AccountId(sql.last_insert_rowid())) }
        })
    }

    /// Replaces the configuration of an account.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Exists`] when another account has this address.
    pub fn set_account(&self, id: AccountId, config: &AccountConfig) -> Result<()> {
        let text = json(config)?;
        let address = config.address.as_str().to_lowercase();
        self.write(|sql| {
            let taken: bool = sql.query_row(
                "SELECT EXISTS (SELECT 1 FROM account WHERE address = ?1 AND id <> ?2)",
                params![address, id.0],
                |row| row.get(0),
            )?;
            if taken {
                return Err(Error::Exists);
            }
            let changed = sql.execute(
                "UPDATE account SET address = ?1, config = ?2 WHERE id = ?3",
                params![address, text, id.0],
            )?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
    }

    /// Removes an account with its folders, messages, finished sendings and waiting changes, and patients that only its
    /// messages named. Drafts stay.
    ///
    /// # Errors
    /// [`Error::Busy`] while messages of this account are on their way; [`Error::NotFound`].
    pub fn remove_account(&self, id: AccountId) -> Result<()> {
        self.write(|sql| {
            let busy: bool = sql.query_row(
                "SELECT EXISTS (SELECT 1 FROM outbox WHERE account = ?1 AND state <> 'done')",
                [id.0],
                |row| row.get(0),
            )?;
            if busy {
                return Err(Error::Busy);
            }
            sql.execute("DELETE FROM outbox WHERE account = ?1", [id.0])?;
            super::draft::drop_orphans(sql)?;
            sql.execute("DELETE FROM intention WHERE account = ?1", [id.0])?;
            let removed = sql.execute("DELETE FROM account WHERE id = ?1", [id.0])?;
            super::patient::forget_strangers(sql)?;
            if removed == 0 { Err(Error::NotFound) } else { Ok(()) }
        })
    }
}
