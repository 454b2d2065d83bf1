//! Functional traces (ECO.4.1) and settings.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Result, Store};
use crate::domain::UnixTime;
use crate::domain::id::AccountId;

/// One operation that took place, without content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// When.
    pub at: UnixTime,
    /// Which operation.
    pub kind: String,
    /// On which account; it may be gone since.
    pub account: Option<AccountId>,
    /// Message-ID without brackets.
    pub message_id: Option<String>,
    /// The server's words where it refused a change.
    pub detail: Option<String>,
}

impl Store {
    /// Records an operation.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add_trace(
        &self,
        at: UnixTime,
        kind: &str,
        account: Option<AccountId>,
        message_id: Option<&str>,
    ) -> Result<()> {
        self.write(|sql| {
            sql.execute(
                "INSERT INTO trace (at, kind, account, message_id) VALUES (?1, ?2, ?3, ?4)",
                params![at, kind, account.map(|a| a.0), message_id],
            )?;
            Ok(())
        })
    }

    /// Operations since a time, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn traces(&self, since: UnixTime) -> Result<Vec<Trace>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT at, kind, account, message_id, detail FROM trace WHERE at >= ?1 ORDER BY at, id",
            )?;
            let rows = statement.query_map([since], |row| {
                Ok(Trace {
                    at: row.get(0)?,
                    kind: row.get(1)?,
                    account: row.get::<_, Option<i64>>(2)?.map(AccountId),
                    message_id: row.get(3)?,
                    detail: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The value of a setting.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        self.read(|sql| {
            Ok(sql
                .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?)
        })
    }

    /// Sets a setting.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        self.write(|sql| {
            sql.execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                params![name, value],
            )?;
            Ok(())
        })
    }
}

impl Store {
    /// Forgets a setting; one that is not there is no error.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_setting(&self, name: &str) -> Result<()> {
        self.write(|sql| {
            sql.execute("DELETE FROM setting WHERE name = ?1", [name])?;
            Ok(())
        })
    }
}

/// Records that a server refused a local change, with its words.
pub(super) fn add_refusal(
    sql: &Connection,
    account: i64,
    message_id: Option<&str>,
    reason: &str,
) -> Result<()> {
    sql.execute(
        "INSERT INTO trace (at, kind, account, message_id, detail)
         VALUES (unixepoch(), 'change-refused', ?1, ?2, ?3)",
        params![account, message_id, reason],
    )?;
    Ok(())
}
