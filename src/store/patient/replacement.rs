//! Documents that say they replace others: only a person makes that true.

use rusqlite::{Connection, params};

use super::super::list::{COLUMNS, row};
use super::super::value::from_json;
use super::super::{Result, Store};
use super::root;
use crate::domain::UnixTime;
use crate::domain::document::Change;
use crate::domain::id::{MessageId, PatientId};
use crate::domain::patient::{NamedDocument, Replacement, ReplacementSide};

/// Most replacements told of one message.
const MOST: u32 = 50;

impl Store {
    /// What the documents of a message replace, or are said to be replaced by, as far as both are here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn replacements(&self, message: MessageId) -> Result<Vec<Replacement>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "WITH mine (id) AS (SELECT id FROM mention WHERE message = ?1),
                 pair (old, mention, number, older) AS (
                     SELECT related.old, related.mention, related.number, old.mention
                     FROM mention_related related JOIN mention_document old ON old.unique_id = related.old
                     WHERE related.mention IN (SELECT id FROM mine)
                     UNION SELECT related.old, related.mention, related.number, old.mention
                     FROM mention_document old JOIN mention_related related ON related.old = old.unique_id
                     WHERE old.mention IN (SELECT id FROM mine))
                 SELECT pair.old, new.unique_id, new.mention, new.number, older,
                     (SELECT number FROM mention_document
                      WHERE mention_document.mention = older AND unique_id = pair.old LIMIT 1),
                     (SELECT accepted FROM replacement
                      WHERE replacement.old = pair.old AND replacement.new = new.unique_id)
                 FROM pair JOIN mention_document new ON new.mention = pair.mention AND new.number = pair.number
                 WHERE new.unique_id IS NOT NULL AND new.unique_id <> pair.old
                 ORDER BY new.mention DESC, older DESC LIMIT ?2",
            )?;
            let mut rows = statement.query(params![message.0, MOST])?;
            let mut replacements: Vec<Replacement> = Vec::new();
            while let Some(next) = rows.next()? {
                let (old_id, new_id): (String, String) = (next.get(0)?, next.get(1)?);
                // of messages that are there twice, one is enough
                if replacements.iter().any(|r| r.old_id == old_id && r.new_id == new_id) {
                    continue;
                }
                let (new, old) =
                    (side(sql, next.get(2)?, next.get(3)?)?, side(sql, next.get(4)?, next.get(5)?)?);
                let (Some(new), Some(old)) = (new, old) else { continue };
                if new.document.change == Some(Change::Replaces) {
                    replacements.push(Replacement { old_id, new_id, old, new, accepted: next.get(6)? });
                }
            }
            Ok(replacements)
        })
    }

    /// Keeps what somebody said to a replacement; `None` takes it back. Traced.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn judge_replacement(
        &self,
        old: &str,
        new: &str,
        accepted: Option<bool>,
        at: UnixTime,
    ) -> Result<()> {
        self.write(|sql| {
            match accepted {
                Some(accepted) => sql.execute(
                    "INSERT OR REPLACE INTO replacement (old, new, accepted, at) VALUES (?1, ?2, ?3, ?4)",
                    params![old, new, accepted, at],
                )?,
                None => {
                    sql.execute("DELETE FROM replacement WHERE old = ?1 AND new = ?2", params![old, new])?
                }
            };
            let kind = match accepted {
                Some(true) => "replacement-accepted",
                Some(false) => "replacement-refused",
                None => "replacement-taken-back",
            };
            sql.execute("INSERT INTO trace (at, kind) VALUES (?1, ?2)", params![at, kind])?;
            Ok(())
        })
    }
}

/// One of the two documents; `None` when its message is being deleted.
fn side(sql: &Connection, mention: i64, number: i64) -> Result<Option<ReplacementSide>> {
    let (json, patient): (String, Option<i64>) = sql
        .prepare_cached(
            "SELECT json, patient FROM mention_document JOIN mention ON mention.id = mention_document.mention
             WHERE mention_document.mention = ?1 AND number = ?2",
        )?
        .query_row([mention, number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let document: NamedDocument = from_json(&json)?;
    let patient = patient.map(|id| root(sql, PatientId(id))).transpose()?;
    let mut statement = sql.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM message
         WHERE id = (SELECT message FROM mention WHERE mention.id = ?1) AND folder IS NOT NULL"
    ))?;
    let mut rows = statement.query([mention])?;
    match rows.next()? {
        Some(next) => Ok(Some(ReplacementSide { message: row(next)?, document, patient })),
        None => Ok(None),
    }
}
