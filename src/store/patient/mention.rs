//! Mentions: written with the message, then given their patient.

use rusqlite::{Connection, OptionalExtension, params};

use super::super::value::{from_json, json};
use super::super::{Error, Result, Store};
use crate::domain::biology::LabResult;
use crate::domain::id::{MentionId, MessageId, PatientId};
use crate::domain::patient::{NamedDocument, Patient, PatientKeys};

/// Most people looked at as candidates of one mention.
const MOST_KNOWN: u32 = 1000;

/// What a message says of one patient, as it was read.
#[derive(Debug, Clone)]
pub struct NewMention {
    /// The traits it gives.
    pub traits: Patient,
    /// Text that is the same for the same traits.
    pub fingerprint: String,
    /// The message contradicts itself about its patient.
    pub conflict: bool,
    /// The documents.
    pub documents: Vec<NamedDocument>,
    /// Their results, each with the number of its document.
    pub results: Vec<(usize, LabResult)>,
}

/// What is to be done with a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is this patient.
    Attach(PatientId),
    /// It is somebody new.
    Create,
    /// A person has to choose.
    Ask,
}

/// Keys of a patient, and birth dates a slip of the keys would have made.
pub(super) type Search = (PatientKeys, Vec<String>);

impl Store {
    /// Gives mentions nobody has looked at their patient, at most `most` of them: what somebody chose for the same
    /// message before, else what `judge` says of the traits, of whether the message contradicts itself, and of everybody
    /// known who may be like them, each with the patient they are shown as. `keys` are the traits to look for. Answers
    /// the messages concerned.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle_mentions(
        &self,
        most: u32,
        keys: impl Fn(&Patient) -> (PatientKeys, Vec<String>),
        judge: impl Fn(&Patient, bool, &[(PatientId, Patient)]) -> Verdict,
    ) -> Result<Vec<MessageId>> {
        // asked first without the writer: there is almost never one
        let waits: bool = self.read(|sql| {
            Ok(sql
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM mention WHERE standing = 'new')")?
                .query_row([], |row| row.get(0))?)
        })?;
        if !waits {
            return Ok(Vec::new());
        }
        self.write_refetchable(|sql| {
            let waiting: Vec<(i64, i64, Vec<u8>, String, String, bool)> = sql
                .prepare_cached(
                    "SELECT id, message, source, fingerprint, traits, conflict FROM mention
                     WHERE standing = 'new' ORDER BY id LIMIT ?1",
                )?
                .query_map([most], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            let mut concerned = Vec::with_capacity(waiting.len());
            for (id, message, source, fingerprint, traits, conflict) in waiting {
                concerned.push(MessageId(message));
                let chosen: Option<(String, Option<i64>)> = sql
                    .prepare_cached(
                        "SELECT what, patient FROM patient_choice WHERE source = ?1 AND fingerprint = ?2",
                    )?
                    .query_row(params![source, fingerprint], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                let (standing, patient) = match chosen {
                    Some((what, patient)) => match what.as_str() {
                        "attached" => ("chosen", patient),
                        "left" => ("left", None),
                        _ => ("open", None),
                    },
                    None => {
                        let named: Patient = from_json(&traits)?;
                        let search = keys(&named);
                        match judge(&named, conflict, &known_like(sql, &search)?) {
                            Verdict::Attach(patient) => ("certain", Some(patient.0)),
                            Verdict::Create => ("certain", Some(add(sql, &traits, &search.0, false)?.0)),
                            Verdict::Ask => ("open", None),
                        }
                    }
                };
                sql.prepare_cached("UPDATE mention SET standing = ?2, patient = ?3 WHERE id = ?1")?
                    .execute(params![id, standing, patient])?;
            }
            Ok(concerned)
        })
    }

    /// Messages whose documents were not looked into by this version of the readers, newest first; those in the folders
    /// of drafts and unwanted mail are left alone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn unopened(&self, most: u32) -> Result<Vec<MessageId>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT message.id FROM message JOIN folder ON folder.id = message.folder
                 WHERE opened = 0 AND message.downloaded = 1 AND (has_attachment = 1 OR kind = 'hprim'
                     OR subject GLOB '*XDM/1.0/DDM+*' OR subject GLOB '*[0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]')
                 AND role NOT IN ('drafts', 'junk') ORDER BY order_key DESC LIMIT ?1",
            )?;
            let ids = statement.query_map([most], |row| Ok(MessageId(row.get(0)?)))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Notes that the documents of a message were looked into, and what they say of patients. A mention that was there keeps
/// its patient as long as its traits are the same.
pub(in crate::store) fn keep(
    sql: &Connection,
    message: MessageId,
    source: &[u8],
    mentions: &[NewMention],
) -> Result<()> {
    let skipped: bool = sql
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM message JOIN folder ON folder.id = message.folder
                            WHERE message.id = ?1 AND role IN ('drafts', 'junk'))",
        )?
        .query_row([message.0], |row| row.get(0))?;
    if skipped {
        return Ok(());
    }
    let before: Vec<(String, String, Option<i64>)> = sql
        .prepare_cached(
            "SELECT fingerprint, standing, patient FROM mention WHERE message = ?1 AND source = ?2 AND conflict = 0",
        )?
        .query_map(params![message.0, source], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    sql.prepare_cached("DELETE FROM mention WHERE message = ?1")?.execute([message.0])?;
    for mention in mentions {
        let known = before.iter().find(|(fingerprint, ..)| *fingerprint == mention.fingerprint);
        // what was asked before is judged anew: people known since may be the one
        let known = known.filter(|(_, standing, _)| !mention.conflict && standing != "open");
        let (standing, patient) = known.map_or(("new", None), |(_, s, patient)| (s.as_str(), *patient));
        sql.prepare_cached(
            "INSERT INTO mention (message, source, fingerprint, traits, conflict, standing, patient)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            message.0,
            source,
            mention.fingerprint,
            json(&mention.traits)?,
            mention.conflict,
            standing,
            patient
        ])?;
        let id = sql.last_insert_rowid();
        for document in &mention.documents {
            let number = i64::try_from(document.number).map_err(|_| Error::TooLarge)?;
            sql.prepare_cached(
                "INSERT OR IGNORE INTO mention_document (mention, number, unique_id, json) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![id, number, document.unique_id, json(document)?])?;
            for old in &document.related {
                sql.prepare_cached(
                    "INSERT OR IGNORE INTO mention_related (old, mention, number) VALUES (?1, ?2, ?3)",
                )?
                .execute(params![old, id, number])?;
            }
        }
        for (position, (number, result)) in (0_i64..).zip(&mention.results) {
            let number = i64::try_from(*number).map_err(|_| Error::TooLarge)?;
            sql.prepare_cached(
                "INSERT OR IGNORE INTO mention_result (mention, number, position, json) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![id, number, position, json(result)?])?;
        }
    }
    opened(sql, message)
}

/// The documents of a message need not be looked into again.
pub(in crate::store) fn opened(sql: &Connection, message: MessageId) -> Result<()> {
    sql.prepare_cached("UPDATE message SET opened = 1 WHERE id = ?1")?.execute([message.0])?;
    Ok(())
}

/// Writes a patient.
pub(super) fn add(sql: &Connection, traits: &str, keys: &PatientKeys, by_hand: bool) -> Result<PatientId> {
    sql.prepare_cached(
        "INSERT INTO patient (traits, birth_name, used_name, first_name, birth_date, ins, words, by_hand, root)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0)",
    )?
    .execute(params![
        traits,
        keys.birth_name,
        keys.used_name,
        keys.first_name,
        keys.birth_date,
        keys.ins,
        keys.words,
        by_hand
    ])?;
    let id = sql.last_insert_rowid();
    sql.prepare_cached("UPDATE patient SET root = ?1 WHERE id = ?1")?.execute([id])?;
    Ok(PatientId(id))
}

/// Everybody who may be like the one named: those who share INS, birth date, a date slipped from it, or a name.
pub(super) fn known_like(sql: &Connection, (keys, slipped): &Search) -> Result<Vec<(PatientId, Patient)>> {
    let mut dates = slipped.clone();
    dates.push(keys.birth_date.clone());
    dates.retain(|date| !date.is_empty());
    let mut names = vec![keys.birth_name.clone(), keys.used_name.clone()];
    if keys.birth_name.is_empty() {
        // a subject: the name is some of its first words
        let words: Vec<&str> = keys.words.split_whitespace().take(4).collect();
        names.extend((1..=words.len()).map(|n| words.iter().take(n).copied().collect::<Vec<_>>().join(" ")));
    }
    names.retain(|name| !name.is_empty());
    let mut statement = sql.prepare_cached(
        "SELECT root, traits FROM patient WHERE ins = ?1 AND ins <> ''
         UNION SELECT root, traits FROM patient
             WHERE birth_date <> '' AND birth_date IN (SELECT value FROM json_each(?2))
         UNION SELECT root, traits FROM patient
             WHERE birth_name <> '' AND birth_name IN (SELECT value FROM json_each(?3))
         UNION SELECT root, traits FROM patient
             WHERE used_name <> '' AND used_name IN (SELECT value FROM json_each(?3))
         UNION SELECT root, chosen.traits FROM patient_choice chosen JOIN patient ON patient.id = chosen.patient
             WHERE chosen.ins = ?1 AND chosen.ins <> ''
         UNION SELECT root, chosen.traits FROM patient_choice chosen JOIN patient ON patient.id = chosen.patient
             WHERE chosen.birth_date <> '' AND chosen.birth_date IN (SELECT value FROM json_each(?2))
         UNION SELECT root, chosen.traits FROM patient_choice chosen JOIN patient ON patient.id = chosen.patient
             WHERE chosen.birth_name <> '' AND chosen.birth_name IN (SELECT value FROM json_each(?3))
         UNION SELECT root, chosen.traits FROM patient_choice chosen JOIN patient ON patient.id = chosen.patient
             WHERE chosen.used_name <> '' AND chosen.used_name IN (SELECT value FROM json_each(?3))
         LIMIT ?4",
    )?;
    let mut rows = statement.query(params![keys.ins, json(&dates)?, json(&names)?, MOST_KNOWN])?;
    let mut known = Vec::new();
    while let Some(row) = rows.next()? {
        let traits = from_json(row.get_ref(1)?.as_str().map_err(|_| Error::Damaged)?)?;
        known.push((PatientId(row.get(0)?), traits));
    }
    Ok(known)
}

impl Store {
    /// What is kept of a mention: its traits, and everybody known who may be like them, as for
    /// [`Store::settle_mentions`].
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn known_like(
        &self,
        id: MentionId,
        keys: impl Fn(&Patient) -> (PatientKeys, Vec<String>),
    ) -> Result<(Patient, Vec<(PatientId, Patient)>)> {
        self.read(|sql| {
            let traits: String = sql
                .prepare_cached("SELECT traits FROM mention WHERE id = ?1")?
                .query_row([id.0], |row| row.get(0))?;
            let named: Patient = from_json(&traits)?;
            let known = known_like(sql, &keys(&named))?;
            Ok((named, known))
        })
    }
}
