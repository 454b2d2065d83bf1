//! Schema versions: `PRAGMA user_version` says which migrations a file has seen.

use rusqlite::{Connection, TransactionBehavior};

use super::Error;

/// Every migration ever released, in order; a released one is never edited.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migration/0001.sql"),
    include_str!("migration/0002.sql"),
    include_str!("migration/0003.sql"),
    include_str!("migration/0004.sql"),
    include_str!("migration/0005.sql"),
    include_str!("migration/0006.sql"),
    include_str!("migration/0007.sql"),
    include_str!("migration/0008.sql"),
    include_str!("migration/0009.sql"),
    include_str!("migration/0010.sql"),
    include_str!("migration/0011.sql"),
    include_str!("migration/0012.sql"),
    include_str!("migration/0013.sql"),
    include_str!("migration/0014.sql"),
    include_str!("migration/0015.sql"),
    include_str!("migration/0016.sql"),
    include_str!("migration/0017.sql"),
    include_str!("migration/0018.sql"),
    include_str!("migration/0019.sql"),
    include_str!("migration/0020.sql"),
    include_str!("migration/0021.sql"),
];

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Every object of a database with its SQL, comments and white space aside.
    fn objects(connection: &Connection) -> Vec<(String, String)> {
        let mut statement =
            connection.prepare("SELECT name, ifnull(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
        rows.map(|row| row.map(|(name, sql)| (name, sql.split_whitespace().collect::<String>())).unwrap())
            .collect()
    }

    #[test]
    fn migrating_leads_to_the_documented_schema() {
        let mut migrated = Connection::open_in_memory().unwrap();
        migrate(&mut migrated, MIGRATIONS).unwrap();
        let documented = Connection::open_in_memory().unwrap();
        documented.execute_batch(include_str!("schema.sql")).unwrap();
        assert_eq!(objects(&migrated), objects(&documented));
        migrate(&mut migrated, MIGRATIONS).unwrap();
    }

    /// They are rows of a table of the index, which goes with it when it is made anew.
    #[test]
    fn the_index_merges_when_it_is_told_to() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let set = |name: &str| {
            let of_name = "SELECT v FROM search_config WHERE k = ?1";
            connection.query_row(of_name, [name], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!((set("automerge"), set("crisismerge"), set("hashsize")), (0, 64, 16 << 20));
    }

    #[test]
    fn a_store_of_the_first_version_keeps_its_outbox_and_takes_receipts() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS.get(..1).unwrap()).unwrap();
        let before = "INSERT INTO account VALUES (1, 'a@b.fr', '{}');
            INSERT INTO draft VALUES (1, 5, 1, '{}');
            INSERT INTO outbox VALUES (1, 1, '1@b.fr', 'Avis', 5, 6, 'done', NULL, NULL, 1, x'00');
            INSERT INTO outbox_recipient VALUES (1, 0, 'c@d.fr', NULL, '{\"state\":\"accepted\"}')";
        connection.execute_batch(before).unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        connection.execute_batch("INSERT INTO receipt VALUES (1, 'c@d.fr', 'read', 7, '', '')").unwrap();
        let kept = "SELECT outbox.message_id FROM receipt JOIN outbox ON outbox.id = receipt.outbox";
        let kept: String = connection.query_row(kept, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "1@b.fr");
    }

    #[test]
    fn changes_that_wait_are_kept_by_a_store_that_learns_to_import() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS.get(..12).unwrap()).unwrap();
        let before = "INSERT INTO account VALUES (1, 'a@b.fr', '{}');
            INSERT INTO folder (id, account, remote, path, role, selectable) VALUES (1, 1, x'41', 'A', 'inbox', 1);
            INSERT INTO message (id, account, folder, order_key, date, size, seen, answered, flagged, deleted, draft,
                keywords, kind, has_attachment, from_address, to_address, subject)
                VALUES (1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, '', 'letter', 0, '', '', '');
            INSERT INTO intention (id, account, message, folder, uid, what, flag, set_to)
                VALUES (7, 1, 1, 1, 3, 'flag', 'seen', 1);
            INSERT INTO intention (id, account, folder, what, path) VALUES (8, 1, 1, 'create', 'A')";
        connection.execute_batch(before).unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let append =
            "INSERT INTO intention (account, message, folder, what, target) VALUES (1, 1, 1, 'append', 1)";
        connection.execute_batch(append).unwrap();
        let mut statement = connection.prepare("SELECT id, what FROM intention ORDER BY id").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let kept: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>().unwrap();
        let expected = [(7, "flag"), (8, "create"), (9, "append")];
        assert_eq!(kept, expected.map(|(id, what)| (id, what.to_owned())));
    }

    #[test]
    fn what_the_archive_says_is_found_after_the_index_was_made_anew() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS.get(..20).unwrap()).unwrap();
        let before = "INSERT INTO archive_entry VALUES
                (1, -5, x'00', 1, 'a@b.fr', 'A', 1, '{}', 'Bilan', NULL, 'letter', 'letter', 0, 0, '{}');
            INSERT INTO search (rowid, subject, sender, recipients, patient, body) VALUES
                (-5, 'bilan de durand', 'martin m@b.fr', 'a@b.fr', 'durand', 'le bilan de sortie'),
                (7, 'bilan', '', '', '', '')";
        connection.execute_batch(before).unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let found = |expression: &str| -> Vec<i64> {
            let mut statement = connection.prepare("SELECT rowid FROM search WHERE search MATCH ?1").unwrap();
            let rows = statement.query_map([expression], |row| row.get(0)).unwrap();
            rows.collect::<rusqlite::Result<_>>().unwrap()
        };
        let kept = [
            "\"bilan de sortie\"",
            "body : \"sort\" *",
            "zqasor",
            "zqas",
            "zqfma",
            "zqta",
            "zqsbil",
            "zqpdur",
        ];
        for expression in kept {
            assert_eq!(found(expression), [-5], "{expression}");
        }
        for expression in ["\"de bilan\"", "zqpbil", "zqfbil", "zqasort"] {
            assert!(found(expression).is_empty(), "{expression}");
        }
    }

    #[test]
    fn only_missing_steps_are_taken_and_a_failed_one_leaves_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        let first = "CREATE TABLE a (x); INSERT INTO a VALUES (1)";
        migrate(&mut connection, &[first]).unwrap();
        assert!(migrate(&mut connection, &[first, "INSERT INTO a VALUES (2); SELECT nonsense"]).is_err());
        migrate(&mut connection, &[first, "INSERT INTO a VALUES (3)"]).unwrap();
        let sum: i64 = connection.query_row("SELECT sum(x) FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(sum, 4);
    }

    #[test]
    fn a_newer_database_is_refused_untouched() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let refused = migrate(&mut connection, MIGRATIONS);
        let newest = MIGRATIONS.len() as u32;
        assert!(matches!(refused, Err(Error::Newer { found: 99, known }) if known == newest));
        assert!(objects(&connection).is_empty());
    }
}
