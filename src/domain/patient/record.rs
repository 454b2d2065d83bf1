//! Patients as the program keeps them: who they are, what names them, and what is not certain.

use serde::{Deserialize, Serialize};

use super::Patient;
use crate::domain::UnixTime;
use crate::domain::document::{Change, DocumentKind};
use crate::domain::id::{MentionId, PatientId};
use crate::domain::message::MessageRow;

/// Traits in the form they are looked for and compared by: names in capitals without accents or hyphens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatientKeys {
    /// Birth name.
    pub birth_name: String,
    /// Used name.
    pub used_name: String,
    /// First given name.
    pub first_name: String,
    /// Birth date, ISO 8601 as precise as known; empty when it is not.
    pub birth_date: String,
    /// Matricule of the INS; empty without one.
    pub ins: String,
    /// Every word of every name, each between spaces.
    pub words: String,
}

/// How a mention came to its patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Same INS and same traits: by itself.
    Certain,
    /// Somebody chose the patient.
    Chosen,
    /// It waits for somebody to choose.
    Open,
    /// Somebody said to leave it without a patient.
    Left,
}

/// A trait of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trait {
    /// Birth name.
    BirthName,
    /// Used name.
    UsedName,
    /// Given names.
    FirstName,
    /// Birth date.
    BirthDate,
    /// Sex.
    Sex,
    /// Birth place.
    BirthPlace,
    /// INS.
    Ins,
}

/// In what a patient looks like the one a document names; the likest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// Same INS, and all traits that make an identity are the same.
    Same,
    /// Same INS, other traits: an error on one side.
    SameIns,
    /// Same names and birth date; the INS is missing on one side.
    SameTraits,
    /// Same names and birth date, another INS.
    OtherIns,
    /// Birth name and used name, or name and given name, change places.
    NamesSwapped,
    /// Same names; the birth date differs by a slip of the keys.
    NearDate,
    /// Same birth date; the names differ by a slip of the keys, or one is a part of the other.
    NearName,
    /// The subject of the message names somebody like this.
    Subject,
}

/// A patient of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PatientRow {
    /// Identifier.
    pub id: PatientId,
    /// Who it is: as first named, completed by what people attached.
    pub traits: Patient,
    /// Messages that name this patient, each counted once.
    pub messages: u32,
    /// Date of the newest of them.
    pub last: Option<UnixTime>,
    /// One of them holds a critical result that nobody acknowledged.
    pub alarm: bool,
    /// Another patient has the same INS with other traits: one of both is wrong.
    pub conflict: bool,
}

/// Patients that answer a query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Patients {
    /// How many there are.
    pub total: u32,
    /// Mentions by documents that wait for somebody to choose; those that a subject alone makes press nobody.
    pub unattached: u32,
    /// Those asked for, by name.
    pub patients: Vec<PatientRow>,
}

/// A document that names a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedDocument {
    /// Its number among the documents of the message.
    pub number: usize,
    /// What it is.
    pub kind: DocumentKind,
    /// Code of its type (LOINC or TRE); empty when it has none.
    pub code: String,
    /// Title.
    pub title: String,
    /// When the act took place, else when it was written; ISO 8601.
    pub date: Option<String>,
    /// Its first author.
    pub author: String,
    /// Unique identifier (CDA `id`, XDS uniqueId).
    pub unique_id: Option<String>,
    /// What it does to the documents in `related`.
    pub change: Option<Change>,
    /// Unique identifiers of these.
    pub related: Vec<String>,
    /// It holds laboratory results.
    pub biology: bool,
    /// Somebody confirmed that the document of this unique identifier replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
}

/// What one message says of one patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mention {
    /// Identifier; another one once the message was fetched again.
    pub id: MentionId,
    /// As the documents name them.
    pub traits: Patient,
    /// How it came to its patient.
    pub standing: Standing,
    /// Metadata, document or subject contradict each other.
    pub conflict: bool,
    /// The patient, when it has one.
    pub patient: Option<PatientId>,
    /// The documents.
    pub documents: Vec<NamedDocument>,
}

/// A message of a patient's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PatientEntry {
    /// The message.
    pub message: MessageRow,
    /// What it says of the patient.
    pub mention: Mention,
}

/// All there is of a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PatientFile {
    /// Who it is.
    pub patient: PatientRow,
    /// Patients somebody said to be the same.
    pub merged: Vec<PatientRow>,
    /// Messages, newest first.
    pub entries: Vec<PatientEntry>,
    /// There are more, older ones.
    pub more: bool,
}

/// A patient a mention may be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The patient.
    pub patient: PatientRow,
    /// In what it looks like the one named.
    pub likeness: Likeness,
    /// Traits both give, and give otherwise.
    pub differences: Vec<Trait>,
}

/// A mention that waits, with what somebody needs to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnattachedMention {
    /// The message.
    pub message: MessageRow,
    /// What it says.
    pub mention: Mention,
    /// Whom it may be about, the likest first.
    pub candidates: Vec<Candidate>,
    /// Other mentions that wait and name exactly the same traits.
    pub alike: u32,
}

/// Mentions that wait for somebody to choose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Unattached {
    /// How many there are.
    pub total: u32,
    /// Those asked for, newest first.
    pub mentions: Vec<UnattachedMention>,
}

/// A document of a replacement, where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplacementSide {
    /// Its message.
    pub message: MessageRow,
    /// The document.
    pub document: NamedDocument,
    /// The patient it is attached to.
    pub patient: Option<PatientId>,
}

/// A document that says it replaces another one ("annule et remplace"). Nothing is replaced before somebody says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replacement {
    /// Unique identifier of the older document.
    pub old_id: String,
    /// Unique identifier of the newer one.
    pub new_id: String,
    /// The older one.
    pub old: ReplacementSide,
    /// The newer one.
    pub new: ReplacementSide,
    /// What somebody said to it; `None` while nobody did.
    pub accepted: Option<bool>,
}

impl Replacement {
    /// The newer one comes from another sender.
    pub fn is_of_another_sender(&self) -> bool {
        !self.old.message.from.address.eq_ignore_ascii_case(&self.new.message.from.address)
    }

    /// Both are not known to be of the same patient.
    pub fn is_of_another_patient(&self) -> bool {
        self.old.patient.is_none() || self.old.patient != self.new.patient
    }
}
