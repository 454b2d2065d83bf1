//! Schema versions: `PRAGMA user_version` says which migrations a file has seen.

use rusqlite::{Connection, TransactionBehavior};

use super::Error;

/// Every migration ever released, in order; a released one is never edited.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("migration/0001.sql")];

/// Brings a database to the newest version, each step in its own transaction.
///
/// # Errors
/// [`Error::Newer`] when the file is from a newer program; it is not touched.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), Error> {
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (version, sql) in (1u32..).zip(migrations).skip(found as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}
