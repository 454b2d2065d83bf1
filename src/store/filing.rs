//! Destinations, what was written out to them, rules, and the messages rules have still to look at.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::insert::NewMessage;
use super::value::{from_json, from_word, json};
use super::{Error, Result, Store};
use crate::domain::UnixTime;
use crate::domain::filing::rule::Rule;
use crate::domain::filing::{Destination, Filed, Format};
use crate::domain::id::{DestinationId, FolderId, MessageId, RuleId};

/// A file to be recorded.
#[derive(Debug, Clone)]
pub struct NewFiled {
    /// What people are told of it.
    pub filed: Filed,
    /// Message-ID without brackets.
    pub message_id: Option<String>,
    /// SHA-256 of its content.
    pub digest: [u8; 32],
    /// Unique identifier of the document.
    pub unique_id: Option<String>,
}

/// A message rules have not done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Which.
    pub message: MessageId,
    /// How often it failed.
    pub tries: u32,
    /// When it is tried again.
    pub next_try: UnixTime,
    /// The rule that failed.
    pub rule: Option<RuleId>,
    /// Its error, as JSON the engine wrote.
    pub trouble: Option<String>,
}

const FILED: &str = "gesture, message, at, destination, destination_name, format, path, rule";

impl Store {
    /// Destinations in the order they were made.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn destinations(&self) -> Result<Vec<(DestinationId, Destination)>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached("SELECT id, json FROM destination ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            rows.map(|row| {
                row.map_err(Error::from).and_then(|(id, text)| Ok((DestinationId(id), from_json(&text)?)))
            })
            .collect()
        })
    }

    /// Writes a destination; `None` makes a new one.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is gone.
    pub fn save_destination(
        &self,
        id: Option<DestinationId>,
        destination: &Destination,
    ) -> Result<DestinationId> {
        self.write(|sql| {
            let text = json(destination)?;
            match id {
                None => {
                    sql.execute("INSERT INTO destination (json) VALUES (?1)", [text])?;
                    Ok(DestinationId(sql.last_insert_rowid()))
                }
                Some(id) => {
                    let changed =
                        sql.execute("UPDATE destination SET json = ?2 WHERE id = ?1", params![id.0, text])?;
                    if changed == 0 { Err(Error::NotFound) } else { Ok(id) }
                }
            }
        })
    }

    /// Forgets a destination; what was written to it stays known.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_destination(&self, id: DestinationId) -> Result<()> {
        self.write(|sql| {
            sql.execute("DELETE FROM destination WHERE id = ?1", [id.0])?;
            Ok(())
        })
    }

    /// A number for the files of one gesture.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_gesture(&self) -> Result<i64> {
        self.read(|sql| {
            Ok(sql.query_row("SELECT ifnull(max(gesture), 0) + 1 FROM filed", [], |row| row.get(0))?)
        })
    }

    /// Records a file that was written out.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add_filed(&self, new: &NewFiled) -> Result<()> {
        self.write(|sql| {
            let filed = &new.filed;
            sql.execute(
                "INSERT INTO filed (gesture, message, message_id, at, destination, destination_name, format, path,
                 digest, unique_id, rule) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    filed.gesture,
                    filed.message.map(|id| id.0),
                    new.message_id,
                    filed.at,
                    filed.destination.0,
                    filed.destination_name,
                    filed.format.word(),
                    filed.path,
                    new.digest.as_slice(),
                    new.unique_id,
                    filed.rule.map(|id| id.0),
                ],
            )?;
            Ok(())
        })
    }

    /// Earlier filings of the same thing to a destination, newest first: the same bytes in the same form, or the
    /// document of this unique identifier, or the message of this Message-ID as a whole.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn filed_before(
        &self,
        destination: DestinationId,
        format: Format,
        digest: &[u8; 32],
        unique_id: Option<&str>,
        message_id: Option<&str>,
    ) -> Result<Vec<Filed>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(&format!(
                "SELECT {FILED} FROM filed WHERE destination = ?1 AND format = ?2 AND (digest = ?3
                 OR unique_id = ?4 OR (?2 = 'eml' AND message_id = ?5)) ORDER BY id DESC LIMIT 20"
            ))?;
            let values = params![destination.0, format.word(), digest.as_slice(), unique_id, message_id];
            let rows = statement.query_map(values, columns)?.collect::<rusqlite::Result<Vec<_>>>()?;
            rows.into_iter().map(filed).collect()
        })
    }

    /// What was written out of a message, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn filed_of(&self, message: MessageId) -> Result<Vec<Filed>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(&format!(
                "SELECT {FILED} FROM filed WHERE message = ?1 ORDER BY id DESC LIMIT 200"
            ))?;
            let rows = statement.query_map([message.0], columns)?.collect::<rusqlite::Result<Vec<_>>>()?;
            rows.into_iter().map(filed).collect()
        })
    }

    /// The files of a gesture with the digest of each.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn filed_by(&self, gesture: i64) -> Result<Vec<(Filed, Vec<u8>)>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(&format!(
                "SELECT {FILED}, digest FROM filed WHERE gesture = ?1 ORDER BY id"
            ))?;
            let rows = statement.query_map([gesture], |row| Ok((columns(row)?, row.get(8)?)))?;
            let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            rows.into_iter().map(|(row, digest)| Ok((filed(row)?, digest))).collect()
        })
    }

    /// Forgets that a gesture wrote a file; `None` when the file is gone, whichever gesture wrote it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_filed(&self, gesture: Option<i64>, path: &str) -> Result<()> {
        self.write(|sql| {
            sql.execute(
                "DELETE FROM filed WHERE path = ?2 AND (?1 IS NULL OR gesture = ?1)",
                params![gesture, path],
            )?;
            Ok(())
        })
    }

    /// The message of a Message-ID, one outside the bin before others.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn message_of(&self, message_id: &str) -> Result<Option<MessageId>> {
        self.read(|sql| {
            let wanted = "SELECT message.id FROM message JOIN folder ON folder.id = message.folder
                 WHERE message_id = ?1 ORDER BY folder.role = 'trash', message.id LIMIT 1";
            let found = sql.prepare_cached(wanted)?.query_row([message_id], |row| row.get(0)).optional()?;
            Ok(found.map(MessageId))
        })
    }

    /// Rules in their order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rules(&self) -> Result<Vec<(RuleId, Rule)>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached("SELECT id, json FROM rule ORDER BY position, id")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            rows.map(|row| {
                row.map_err(Error::from).and_then(|(id, text)| Ok((RuleId(id), from_json(&text)?)))
            })
            .collect()
        })
    }

    /// Writes a rule; `None` makes a new one, the last in order.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is gone.
    pub fn save_rule(&self, id: Option<RuleId>, rule: &Rule) -> Result<RuleId> {
        self.write(|sql| {
            let text = json(rule)?;
            match id {
                None => {
                    sql.execute(
                        "INSERT INTO rule (position, json) SELECT ifnull(max(position), 0) + 1, ?1 FROM rule",
                        [text],
                    )?;
                    Ok(RuleId(sql.last_insert_rowid()))
                }
                Some(id) => {
                    let changed =
                        sql.execute("UPDATE rule SET json = ?2 WHERE id = ?1", params![id.0, text])?;
                    if changed == 0 { Err(Error::NotFound) } else { Ok(id) }
                }
            }
        })
    }

    /// Forgets a rule.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_rule(&self, id: RuleId) -> Result<()> {
        self.write(|sql| {
            sql.execute("DELETE FROM rule WHERE id = ?1", [id.0])?;
            Ok(())
        })
    }

    /// Changes places of a rule with the one before it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn raise_rule(&self, id: RuleId) -> Result<()> {
        self.write(|sql| {
            let before = "SELECT earlier.id, earlier.position, rule.position FROM rule JOIN rule earlier
                 ON earlier.position < rule.position WHERE rule.id = ?1 ORDER BY earlier.position DESC LIMIT 1";
            let found: Option<(i64, i64, i64)> =
                sql.query_row(before, [id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
            if let Some((other, theirs, ours)) = found {
                sql.execute("UPDATE rule SET position = ?2 WHERE id = ?1", params![other, ours])?;
                sql.execute("UPDATE rule SET position = ?2 WHERE id = ?1", params![id.0, theirs])?;
            }
            Ok(())
        })
    }

    /// As [`Store::insert_unindexed`] for messages that have just come into an inbox: rules will look at each of them, once.
    ///
    /// # Errors
    /// As [`Store::insert`].
    pub fn insert_arrived(&self, folder: FolderId, messages: &[NewMessage]) -> Result<Vec<MessageId>> {
        self.insert_with(folder, messages, false, arrive)
    }

    /// Rules are to look at these messages too.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn add_arrivals(&self, messages: &[MessageId]) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        self.write(|sql| arrive(sql, messages))
    }

    /// Messages rules have to look at now, oldest first: their content is here and their time has come.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn due_arrivals(&self, now: UnixTime, most: u32) -> Result<Vec<Arrival>> {
        self.arrivals(
            "JOIN message ON message.id = arrival.message
             WHERE message.downloaded = 1 AND next_try <= ?1 ORDER BY arrival.message LIMIT ?2",
            params![now, most],
        )
    }

    /// Messages rules failed on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn failed_arrivals(&self, most: u32) -> Result<Vec<Arrival>> {
        self.arrivals("WHERE trouble IS NOT NULL ORDER BY arrival.message LIMIT ?1", params![most])
    }

    fn arrivals(&self, which: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Arrival>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(&format!(
                "SELECT arrival.message, tries, next_try, rule, trouble FROM arrival {which}"
            ))?;
            let rows = statement.query_map(values, |row| {
                Ok(Arrival {
                    message: MessageId(row.get(0)?),
                    tries: row.get(1)?,
                    next_try: row.get(2)?,
                    rule: row.get::<_, Option<i64>>(3)?.map(RuleId),
                    trouble: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Rules have done with a message.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle_arrival(&self, message: MessageId) -> Result<()> {
        self.write(|sql| {
            sql.execute("DELETE FROM arrival WHERE message = ?1", [message.0])?;
            Ok(())
        })
    }

    /// There is no rule: nothing has to be looked at.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle_arrivals(&self) -> Result<()> {
        let any: bool = self
            .read(|sql| Ok(sql.query_row("SELECT EXISTS (SELECT 1 FROM arrival)", [], |row| row.get(0))?))?;
        if !any {
            return Ok(());
        }
        self.write(|sql| {
            sql.execute("DELETE FROM arrival", [])?;
            Ok(())
        })
    }

    /// A rule failed on a message: it is tried again later.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn postpone_arrival(&self, arrival: &Arrival) -> Result<()> {
        self.write(|sql| {
            sql.execute(
                "UPDATE arrival SET tries = ?2, next_try = ?3, rule = ?4, trouble = ?5 WHERE message = ?1",
                params![
                    arrival.message.0,
                    arrival.tries,
                    arrival.next_try,
                    arrival.rule.map(|id| id.0),
                    arrival.trouble
                ],
            )?;
            Ok(())
        })
    }

    /// What failed is tried again now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn hasten_arrivals(&self) -> Result<()> {
        self.write(|sql| {
            sql.execute("UPDATE arrival SET next_try = 0", [])?;
            Ok(())
        })
    }
}

fn arrive(sql: &Connection, messages: &[MessageId]) -> Result<()> {
    let mut statement =
        sql.prepare_cached("INSERT OR IGNORE INTO arrival (message) SELECT id FROM message WHERE id = ?1")?;
    for id in messages {
        statement.execute([id.0])?;
    }
    Ok(())
}

type Columns = (i64, Option<i64>, UnixTime, i64, String, String, String, Option<i64>);

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
        row.get(7)?,
    ))
}

fn filed(
    (gesture, message, at, destination, destination_name, format, path, rule): Columns,
) -> Result<Filed> {
    Ok(Filed {
        gesture,
        message: message.map(MessageId),
        at,
        destination: DestinationId(destination),
        destination_name,
        format: from_word(&format)?,
        path,
        rule: rule.map(RuleId),
    })
}
