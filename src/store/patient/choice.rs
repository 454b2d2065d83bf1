//! What people choose: whose a mention is, and which patients are one. All of it can be taken back.

use rusqlite::{Connection, params};

use super::super::value::from_json;
use super::super::{Error, Result, Store};
use super::mention::add;
use super::{Choice, messages};
use crate::domain::UnixTime;
use crate::domain::id::{MentionId, MessageId, PatientId};
use crate::domain::patient::{Patient, PatientKeys};

impl Store {
    /// Keeps what somebody chose for a mention, and for every copy of its message; with `alike`, also for all others that
    /// wait and name exactly the same traits. Answers the patient, if it has one now, and the messages concerned. Traced.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the mention or the patient is gone.
    pub fn choose(
        &self,
        id: MentionId,
        choice: Choice,
        alike: bool,
        at: UnixTime,
        keys: impl Fn(&Patient) -> PatientKeys,
    ) -> Result<(Option<PatientId>, Vec<MessageId>)> {
        self.write(|sql| {
            let (source, fingerprint, traits, former): (Vec<u8>, String, String, Option<i64>) = sql
                .prepare_cached("SELECT source, fingerprint, traits, patient FROM mention WHERE id = ?1")?
                .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            let keys = keys(&from_json(&traits)?);
            let patient = match choice {
                Choice::Attach(patient) => Some(super::root(sql, patient)?),
                Choice::New => Some(add(sql, &traits, &keys, true)?),
                Choice::Leave | Choice::Detach => None,
            };
            let mut sources = vec![source];
            if alike {
                let mut statement = sql.prepare_cached(
                    "SELECT DISTINCT source FROM mention
                     WHERE fingerprint = ?1 AND standing = 'open' AND conflict = 0 AND source <> ?2",
                )?;
                let others = statement.query_map(params![fingerprint, sources.first()], |row| row.get(0))?;
                sources.extend(others.collect::<rusqlite::Result<Vec<Vec<u8>>>>()?);
            }
            let (what, standing, trace) = match choice {
                Choice::Attach(_) => ("attached", "chosen", "patient-attached"),
                Choice::New => ("attached", "chosen", "patient-created"),
                Choice::Leave => ("left", "left", "patient-left"),
                Choice::Detach => ("detached", "open", "patient-detached"),
            };
            let mut concerned = Vec::new();
            for source in &sources {
                sql.prepare_cached(
                    "INSERT OR REPLACE INTO patient_choice
                     (source, fingerprint, what, patient, at, traits, birth_name, used_name, birth_date, ins, words)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                )?
                .execute(params![
                    source,
                    fingerprint,
                    what,
                    patient.map(|p| p.0),
                    at,
                    traits,
                    keys.birth_name,
                    keys.used_name,
                    keys.birth_date,
                    keys.ins,
                    keys.words
                ])?;
                sql.prepare_cached(
                    "UPDATE mention SET standing = ?3, patient = ?4 WHERE source = ?1 AND fingerprint = ?2",
                )?
                .execute(params![source, fingerprint, standing, patient.map(|p| p.0)])?;
                concerned.extend(messages(sql, source)?);
            }
            for message in &concerned {
                sql.prepare_cached(
                    "INSERT INTO trace (at, kind, account, message_id)
                     SELECT ?2, ?3, account, message_id FROM message WHERE id = ?1",
                )?
                .execute(params![message.0, at, trace])?;
            }
            if let Some(former) = former.filter(|former| Some(*former) != patient.map(|p| p.0)) {
                forget_unnamed(sql, former)?;
            }
            Ok((patient, concerned))
        })
    }

    /// Somebody says that two patients are one: `from` is shown as `into` from now on. Traced.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of them is gone; [`Error::Exists`] when they are one already.
    pub fn merge_patients(&self, from: PatientId, into: PatientId, at: UnixTime) -> Result<()> {
        self.write(|sql| {
            let (from, into) = (super::root(sql, from)?, super::root(sql, into)?);
            if from == into {
                return Err(Error::Exists);
            }
            sql.execute("UPDATE patient SET merged_into = ?2 WHERE id = ?1", params![from.0, into.0])?;
            sql.execute("UPDATE patient SET root = ?2 WHERE root = ?1", params![from.0, into.0])?;
            sql.execute("INSERT INTO trace (at, kind) VALUES (?1, 'patient-merged')", [at])?;
            Ok(())
        })
    }

    /// Takes back that a patient is the same as another. Traced.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was not merged.
    pub fn part_patients(&self, id: PatientId, at: UnixTime) -> Result<()> {
        self.write(|sql| {
            let parted = sql.execute(
                "UPDATE patient SET merged_into = NULL WHERE id = ?1 AND merged_into IS NOT NULL",
                [id.0],
            )?;
            if parted == 0 {
                return Err(Error::NotFound);
            }
            // those that had been merged into it come along
            sql.execute(
                "WITH RECURSIVE part (id) AS (
                     SELECT ?1 UNION SELECT patient.id FROM patient JOIN part ON merged_into = part.id)
                 UPDATE patient SET root = ?1 WHERE id IN (SELECT id FROM part)",
                [id.0],
            )?;
            sql.execute("INSERT INTO trace (at, kind) VALUES (?1, 'patient-parted')", [at])?;
            Ok(())
        })
    }
}

/// A patient somebody made by hand, and whom nothing names any more, was a slip.
fn forget_unnamed(sql: &Connection, id: i64) -> Result<()> {
    sql.prepare_cached(
        "DELETE FROM patient WHERE id = ?1 AND by_hand = 1 AND merged_into IS NULL
         AND NOT EXISTS (SELECT 1 FROM mention WHERE patient = ?1)
         AND NOT EXISTS (SELECT 1 FROM patient_choice WHERE patient = ?1)
         AND NOT EXISTS (SELECT 1 FROM patient other WHERE other.merged_into = ?1)",
    )?
    .execute([id])?;
    Ok(())
}

/// Forgets what was chosen for messages that are no longer here, and patients nothing names any more. For an account that
/// was removed: messages that went away otherwise may come back.
pub(in crate::store) fn forget_strangers(sql: &Connection) -> Result<()> {
    sql.execute_batch(
        "DELETE FROM patient_choice WHERE source NOT IN (SELECT source FROM mention);
         DELETE FROM patient WHERE root NOT IN (
             SELECT root FROM patient named JOIN mention ON mention.patient = named.id
             UNION SELECT root FROM patient chosen JOIN patient_choice ON patient_choice.patient = chosen.id);
         DELETE FROM replacement
         WHERE old NOT IN (SELECT unique_id FROM mention_document WHERE unique_id IS NOT NULL)
         AND new NOT IN (SELECT unique_id FROM mention_document WHERE unique_id IS NOT NULL);",
    )?;
    Ok(())
}
