//! Patients: who they are, which messages name them, and what people chose where that is not certain.

mod choice;
mod lookup;
mod mention;
mod replacement;
mod value;

pub use lookup::Waiting;
pub use mention::{NewMention, Verdict};

pub(super) use choice::forget_strangers;
pub(super) use mention::{keep, opened};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::value::{from_json, from_word};
use super::{Error, Result};
use crate::domain::id::{MentionId, MessageId, PatientId};
use crate::domain::patient::{Mention, NamedDocument, Patient, PatientRow};

/// What somebody chose for a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It is this patient.
    Attach(PatientId),
    /// It is somebody not known yet.
    New,
    /// It stays without a patient and is asked for no more.
    Leave,
    /// It is not the patient it was attached to: it waits again.
    Detach,
}

/// The patient a patient is shown as.
fn root(sql: &Connection, id: PatientId) -> Result<PatientId> {
    let root: Option<i64> = sql
        .prepare_cached("SELECT root FROM patient WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    root.map(PatientId).ok_or(Error::NotFound)
}

/// The row of a patient that is shown.
fn patient_row(sql: &Connection, id: PatientId) -> Result<PatientRow> {
    let traits: String = sql
        .prepare_cached("SELECT traits FROM patient WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))?;
    let mut traits: Patient = from_json(&traits)?;
    // what people attached completes what the first document left out, and never replaces it
    let mut others = sql.prepare_cached(
        "SELECT traits FROM patient WHERE root = ?1 AND id <> ?1
         UNION ALL
         SELECT patient_choice.traits FROM patient_choice JOIN patient ON patient.id = patient_choice.patient
         WHERE root = ?1 AND what = 'attached' LIMIT 50",
    )?;
    let mut rows = others.query([id.0])?;
    while let Some(row) = rows.next()? {
        complete(&mut traits, &from_json(row.get_ref(0)?.as_str().map_err(|_| Error::Damaged)?)?);
    }
    let (messages, last, alarm) = sql
        .prepare_cached(
            "SELECT count(DISTINCT source), max(date), ifnull(max(EXISTS (
                 SELECT 1 FROM alarm WHERE alarm.message = message.id AND acknowledged IS NULL)), 0)
             FROM mention JOIN message ON message.id = mention.message
             WHERE patient IN (SELECT id FROM patient WHERE root = ?1) AND folder IS NOT NULL",
        )?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let ins = traits.ins.as_ref().map(|ins| ins.matricule.as_str()).unwrap_or_default();
    let conflict = sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM patient WHERE ins = ?1 AND ins <> '' AND root <> ?2)")?
        .query_row(params![ins, id.0], |row| row.get(0))?;
    Ok(PatientRow { id, traits, messages, last, alarm, conflict })
}

/// Fills what `traits` leaves out.
fn complete(traits: &mut Patient, other: &Patient) {
    let fill = |mine: &mut String, theirs: &String| {
        if mine.is_empty() {
            mine.clone_from(theirs);
        }
    };
    fill(&mut traits.used_name, &other.used_name);
    fill(&mut traits.used_first_name, &other.used_first_name);
    fill(&mut traits.birth_place, &other.birth_place);
    if traits.birth_name.is_empty() && !other.birth_name.is_empty() {
        traits.birth_name.clone_from(&other.birth_name);
        traits.first_name.clone_from(&other.first_name);
        traits.given_names.clone_from(&other.given_names);
        traits.name.clone_from(&other.name);
    }
    if traits.birth_date.is_none() {
        traits.birth_date.clone_from(&other.birth_date);
    }
    traits.sex = traits.sex.or(other.sex);
    if traits.ins.is_none() {
        traits.ins.clone_from(&other.ins);
    }
}

/// Columns [`read_mention`] reads.
const MENTION: &str = "mention.id, mention.traits, mention.standing, mention.conflict, \
     (SELECT root FROM patient WHERE patient.id = mention.patient)";

/// Reads [`MENTION`] beginning at column `first`; the documents are read apart.
fn read_mention(row: &Row<'_>, first: usize) -> Result<Mention> {
    let standing = row.get_ref(first + 2)?.as_str().map_err(|_| Error::Damaged)?;
    Ok(Mention {
        id: MentionId(row.get(first)?),
        traits: from_json(row.get_ref(first + 1)?.as_str().map_err(|_| Error::Damaged)?)?,
        // one nobody has looked at yet waits like the others
        standing: from_word(if standing == "new" { "open" } else { standing })?,
        conflict: row.get(first + 3)?,
        patient: row.get::<_, Option<i64>>(first + 4)?.map(PatientId),
        documents: Vec::new(),
    })
}

/// The documents of a mention.
fn documents(sql: &Connection, id: MentionId) -> Result<Vec<NamedDocument>> {
    let mut statement = sql.prepare_cached(
        "SELECT json, (SELECT new FROM replacement WHERE old = unique_id AND accepted = 1 ORDER BY at DESC LIMIT 1)
         FROM mention_document WHERE mention = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([id.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut document: NamedDocument = from_json(row.get_ref(0)?.as_str().map_err(|_| Error::Damaged)?)?;
        document.replaced_by = row.get(1)?;
        found.push(document);
    }
    Ok(found)
}

/// Messages of a mention and of its copies.
fn messages(sql: &Connection, source: &[u8]) -> Result<Vec<MessageId>> {
    let mut statement = sql.prepare_cached("SELECT DISTINCT message FROM mention WHERE source = ?1")?;
    let ids = statement.query_map([source], |row| Ok(MessageId(row.get(0)?)))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}
