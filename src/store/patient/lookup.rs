//! Looking patients up.

use std::collections::HashSet;
use std::ops::Range;

use rusqlite::{Connection, params, params_from_iter};

use super::super::list::{COLUMNS, row};
use super::super::{Result, Store};
use super::{MENTION, documents, patient_row, read_mention, root};
use crate::domain::id::{MentionId, MessageId, PatientId};
use crate::domain::message::MessageRow;
use crate::domain::patient::{Mention, PatientEntry, PatientFile, PatientRow, Patients};

/// A mention counts while its message is where people look: not being deleted, thrown away or unwanted.
const SHOWN: &str = "message.folder IS NOT NULL
     AND (SELECT role FROM folder WHERE folder.id = message.folder) NOT IN ('trash', 'junk', 'drafts')";

impl Store {
    /// Patients of whom a name begins with each of `words`, whose birth date begins with one of `dates` (ISO 8601, `_`
    /// for any digit) and whose matricule begins with `ins`; by name. Nothing asked gives all. Those nothing names any
    /// more are left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn patients(
        &self,
        words: &[String],
        dates: &[String],
        ins: Option<&str>,
        window: Range<u32>,
    ) -> Result<Patients> {
        let mut asked: Vec<String> = Vec::new();
        let mut conditions = vec![
            "(EXISTS (SELECT 1 FROM mention WHERE mention.patient = patient.id)
              OR EXISTS (SELECT 1 FROM patient_choice WHERE patient_choice.patient = patient.id))"
                .to_owned(),
        ];
        let mut ask = |column: &str, pattern: String| {
            asked.push(pattern);
            let n = asked.len();
            format!(
                "(patient.{column} LIKE ?{n} OR EXISTS (SELECT 1 FROM patient_choice c
                  WHERE c.patient = patient.id AND c.what = 'attached' AND c.{column} LIKE ?{n}))"
            )
        };
        conditions.extend(words.iter().map(|word| ask("words", format!("% {word}%"))));
        if !dates.is_empty() {
            let any: Vec<String> = dates.iter().map(|date| ask("birth_date", format!("{date}%"))).collect();
            conditions.push(format!("({})", any.join(" OR ")));
        }
        conditions.extend(ins.map(|ins| ask("ins", format!("{ins}%"))));
        let which = format!("SELECT DISTINCT root FROM patient WHERE {}", conditions.join(" AND "));
        self.read(|sql| {
            let mut statement = sql.prepare_cached(&format!(
                "SELECT id FROM patient WHERE id IN ({which}) ORDER BY birth_name, first_name, birth_date, id"
            ))?;
            let ids = statement.query_map(params_from_iter(&asked), |row| Ok(PatientId(row.get(0)?)))?;
            let ids = ids.collect::<rusqlite::Result<Vec<_>>>()?;
            let total = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let ids = ids.into_iter().skip(window.start as usize).take(window.len());
            let patients = ids.map(|id| patient_row(sql, id)).collect::<Result<_>>()?;
            Ok(Patients { total, unattached: count_unattached(sql, BY_DOCUMENT)?, patients })
        })
    }

    /// A patient, or the one it was merged into.
    ///
    /// # Errors
    /// [`super::super::Error::NotFound`].
    pub fn patient(&self, id: PatientId) -> Result<PatientRow> {
        self.read(|sql| patient_row(sql, root(sql, id)?))
    }

    /// A patient with at most `most` of the messages that name them, newest first; a message that is there twice is
    /// given once.
    ///
    /// # Errors
    /// [`super::super::Error::NotFound`].
    pub fn patient_file(&self, id: PatientId, most: usize) -> Result<PatientFile> {
        self.read(|sql| {
            let id = root(sql, id)?;
            let mut statement = sql.prepare_cached(&format!(
                "SELECT message.*, {MENTION}, mention.source FROM mention
                 JOIN (SELECT {COLUMNS}, order_key FROM message) message ON message.id = mention.message
                 WHERE patient IN (SELECT id FROM patient WHERE root = ?1) AND {SHOWN} ORDER BY order_key DESC"
            ))?;
            // the columns of a row, then the key
            let first = COLUMN_COUNT + 1;
            let mut rows = statement.query([id.0])?;
            let mut seen: HashSet<(Vec<u8>, String)> = HashSet::new();
            let (mut entries, mut more) = (Vec::new(), false);
            while let Some(next) = rows.next()? {
                let source: Vec<u8> = next.get(first + 5)?;
                if !seen.insert((source, next.get(first + 1)?)) {
                    continue;
                }
                if entries.len() >= most {
                    more = true;
                    break;
                }
                let mut mention = read_mention(next, first)?;
                mention.documents = documents(sql, mention.id)?;
                entries.push(PatientEntry { message: row(next)?, mention });
            }
            let mut merged = sql.prepare_cached("SELECT id FROM patient WHERE root = ?1 AND id <> ?1")?;
            let merged = merged.query_map([id.0], |row| Ok(PatientId(row.get(0)?)))?;
            let merged = merged.collect::<rusqlite::Result<Vec<_>>>()?;
            let merged = merged.into_iter().map(|id| patient_row(sql, id)).collect::<Result<_>>()?;
            Ok(PatientFile { patient: patient_row(sql, id)?, merged, entries, more })
        })
    }

    /// What a message says of patients, in the order of its documents.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn mentions(&self, message: MessageId) -> Result<Vec<Mention>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(&format!(
                "SELECT {MENTION} FROM mention WHERE message = ?1 ORDER BY mention.id"
            ))?;
            let mut rows = statement.query([message.0])?;
            let mut found = Vec::new();
            while let Some(next) = rows.next()? {
                let mut mention = read_mention(next, 0)?;
                mention.documents = documents(sql, mention.id)?;
                found.push(mention);
            }
            Ok(found)
        })
    }

    /// Mentions that wait for somebody to choose, newest first, after those of documents those that a subject alone makes:
    /// how many, and those asked for with the number of others that name exactly the same traits.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unattached(&self, window: Range<u32>) -> Result<(u32, Vec<Waiting>)> {
        let which = format!(
            "mention.id IN (SELECT max(mention.id) FROM mention JOIN message ON message.id = mention.message
                            WHERE standing = 'open' AND {SHOWN} GROUP BY source, fingerprint)"
        );
        self.read(|sql| Ok((count_unattached(sql, "true")?, waiting(sql, &which, &window)?)))
    }

    /// One mention that waits; `None` when it waits no more.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting_mention(&self, id: MentionId) -> Result<Option<Waiting>> {
        let which = format!("mention.id = {} AND standing = 'open' AND message.folder IS NOT NULL", id.0);
        self.read(|sql| Ok(waiting(sql, &which, &(0..1))?.pop()))
    }
}

/// A mention that waits: its message, itself, and the number of others that name exactly the same traits.
pub type Waiting = (MessageRow, Mention, u32);

fn waiting(sql: &Connection, which: &str, window: &Range<u32>) -> Result<Vec<Waiting>> {
    let mut statement = sql.prepare_cached(&format!(
        "SELECT message.*, {MENTION},
             (SELECT count(DISTINCT other.source) FROM mention other
              WHERE other.fingerprint = mention.fingerprint AND other.standing = 'open' AND other.conflict = 0
              AND other.source <> mention.source)
         FROM (SELECT mention.id AS picked, {BY_DOCUMENT} AS by_document
               FROM mention JOIN message ON message.id = mention.message
               WHERE {which} ORDER BY by_document DESC, message.order_key DESC LIMIT ?1 OFFSET ?2)
         JOIN mention ON mention.id = picked
         JOIN (SELECT {COLUMNS}, order_key FROM message) message ON message.id = mention.message
         ORDER BY by_document DESC, order_key DESC"
    ))?;
    let first = COLUMN_COUNT + 1;
    let count = u32::try_from(window.len()).unwrap_or(u32::MAX);
    let mut rows = statement.query(params![count, window.start])?;
    let mut found = Vec::new();
    while let Some(next) = rows.next()? {
        let mut mention = read_mention(next, first)?;
        mention.documents = documents(sql, mention.id)?;
        found.push((row(next)?, mention, next.get(first + 5)?));
    }
    Ok(found)
}

/// How many columns [`COLUMNS`] has.
const COLUMN_COUNT: usize = 21;

/// A document names the patient, not a subject alone.
const BY_DOCUMENT: &str =
    "EXISTS (SELECT 1 FROM mention_document WHERE mention_document.mention = mention.id)";

/// Mentions that wait and meet a condition, each message counted once.
fn count_unattached(sql: &Connection, condition: &str) -> Result<u32> {
    Ok(sql
        .prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT 1 FROM mention JOIN message ON message.id = mention.message
             WHERE standing = 'open' AND {SHOWN} AND {condition} GROUP BY source, fingerprint)"
        ))?
        .query_row([], |row| row.get(0))?)
}
