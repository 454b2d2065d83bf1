//! Laboratory results of a patient.

use super::super::value::from_json;
use super::super::{Error, Result, Store};
use super::root;
use crate::domain::biology::LabResult;
use crate::domain::id::{MentionId, MessageId, PatientId};

/// Most results read for one patient.
const MOST_RESULTS: u32 = 20_000;

impl Store {
    /// The results of a mention, each with the number of its document, in the documents' order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn mention_results(&self, id: MentionId) -> Result<Vec<(usize, LabResult)>> {
        self.read(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT number, json FROM mention_result WHERE mention = ?1 ORDER BY number, position",
            )?;
            let mut rows = statement.query([id.0])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let number: i64 = row.get(0)?;
                let number = usize::try_from(number).map_err(|_| Error::Damaged)?;
                found.push((number, from_json(row.get_ref(1)?.as_str().map_err(|_| Error::Damaged)?)?));
            }
            Ok(found)
        })
    }

    /// Every result of a patient's documents, newest message first, each with its message and the number of its
    /// document. Documents somebody said are replaced are left out, and so are copies of a message.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn patient_results(&self, id: PatientId) -> Result<Vec<(MessageId, usize, LabResult)>> {
        self.read(|sql| {
            let id = root(sql, id)?;
            let mut statement = sql.prepare_cached(
                "SELECT message.id, mention_result.number, mention_result.json
                 FROM mention JOIN message ON message.id = mention.message
                 JOIN mention_result ON mention_result.mention = mention.id
                 LEFT JOIN mention_document
                     ON mention_document.mention = mention.id AND mention_document.number = mention_result.number
                 WHERE patient IN (SELECT id FROM patient WHERE root = ?1) AND message.folder IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM replacement WHERE old = unique_id AND accepted = 1)
                 AND NOT EXISTS (SELECT 1 FROM mention copy WHERE copy.source = mention.source
                                 AND copy.fingerprint = mention.fingerprint AND copy.id < mention.id)
                 ORDER BY order_key DESC, mention.id, mention_result.number, position LIMIT ?2",
            )?;
            let mut rows = statement.query([id.0, i64::from(MOST_RESULTS)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let number: i64 = row.get(1)?;
                let number = usize::try_from(number).map_err(|_| Error::Damaged)?;
                let result = from_json(row.get_ref(2)?.as_str().map_err(|_| Error::Damaged)?)?;
                found.push((MessageId(row.get(0)?), number, result));
            }
            Ok(found)
        })
    }
}
