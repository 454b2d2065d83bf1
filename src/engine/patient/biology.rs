//! Earlier values of a patient's analyses.

use std::collections::BTreeMap;

use crate::domain::biology::{DatedValue, LabResult, Trend};
use crate::domain::id::{MessageId, PatientId};
use crate::engine::{Engine, Result};
use crate::health::trend::{Course, Told};
use crate::store::{self, Store};

/// Earlier values for each result of a document, in the order of its results; documents by their number.
pub type Earlier = BTreeMap<usize, Vec<Vec<DatedValue>>>;

impl Engine {
    /// Earlier values of each result of a message whose documents are attached to a patient, from the patient's other
    /// messages: same analysis, same unit. Nothing for what is not attached.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn earlier_values(&self, message: MessageId) -> Result<Earlier> {
        self.with_store(move |s| {
            let mut found = Earlier::new();
            for mention in s.mentions(message)? {
                let Some(patient) = mention.patient.filter(|_| mention.documents.iter().any(|d| d.biology))
                else {
                    continue;
                };
                let all = told(s, patient)?;
                let course = Course::of(&all);
                for (number, result) in s.mention_results(mention.id)? {
                    found.entry(number).or_default().push(course.earlier(&result, message));
                }
            }
            Ok(found)
        })
        .await
    }

    /// Every analysis of a patient with its values, each unit apart.
    ///
    /// # Errors
    /// `not-found`.
    pub async fn biology(&self, patient: PatientId) -> Result<Vec<Trend>> {
        self.with_store(move |s| Ok(Course::of(&told(s, patient)?).trends())).await
    }
}

fn told(store: &Store, patient: PatientId) -> std::result::Result<Vec<Told>, store::Error> {
    let results = store.patient_results(patient)?;
    Ok(results.into_iter().map(|(message, _, result): (_, _, LabResult)| (message, result)).collect())
}
