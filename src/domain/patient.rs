//! Patients as messages name them.

mod record;

pub use record::{
    Candidate, Likeness, Mention, NamedDocument, PatientEntry, PatientFile, PatientKeys, PatientRow,
    Patients, Replacement, ReplacementSide, Standing, Trait, Unattached, UnattachedMention,
};

use serde::{Deserialize, Serialize};

/// A patient named in the subject of an XDM message: `XDM/1.0/DDM+<label> <NOM> <prénom> <JJ/MM/AAAA>` (ECO.2.1.3).
/// A hint for the list, never an identity: the identity is `patientId` in METADATA.XML (ECO.2.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientHint {
    /// Names as written, birth name first.
    pub name: String,
    /// Birth date as written, JJ/MM/AAAA, when present.
    pub birth_date: Option<String>,
}

/// Authority of an INS matricule. Source: ANS, OIDs 1.2.250.1.213.1.4.*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InsNature {
    /// INS-NIR, `.8`.
    Nir,
    /// INS-NIA, `.9`.
    Nia,
    /// Test, `.10`.
    Test,
    /// Demonstration, `.11`.
    Demo,
    /// INS-C (`.2`) or INS-A (`.1`), no longer in use.
    Obsolete,
}

/// An INS as a document gives it: received, which does not make it qualified.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ins {
    /// Matricule with its key, 15 characters.
    pub matricule: String,
    /// OID of the authority.
    pub oid: String,
    /// What the OID means.
    pub nature: InsNature,
    /// The control key fits.
    pub key_fits: bool,
}

/// Administrative sex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sex {
    /// Female.
    F,
    /// Male.
    M,
    /// Undetermined.
    U,
}

/// An identifier of a patient at one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LocalId {
    /// OID of the organisation's numbering.
    pub root: String,
    /// Identifier.
    pub value: String,
}

/// A patient as a document names them: traits of the INS (arrêté "identité INS"), as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Patient {
    /// What to call them: birth name, then first given name.
    pub name: String,
    /// Nom de naissance.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub birth_name: String,
    /// Nom utilisé.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub used_name: String,
    /// First birth given name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    /// All birth given names, in one text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub given_names: String,
    /// Prénom utilisé.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub used_first_name: String,
    /// Birth date, ISO 8601; only as precise as known (`1985`, `1985-04`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// Sex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// INSEE code of the birth place.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub birth_place: String,
    /// INS received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ins: Option<Ins>,
    /// Social security number as written, of a sender that knows no INS; it may be a parent's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub social_number: String,
    /// Identifiers at organisations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub local_ids: Vec<LocalId>,
    /// Address, in one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

impl Patient {
    /// Matricule, authority, birth name, first given name, birth date and sex are all there: what `X-MSS-INS` calls
    /// qualified (ECO, §3.8.2).
    pub fn has_full_traits(&self) -> bool {
        self.ins.as_ref().is_some_and(|ins| ins.nature != InsNature::Obsolete)
            && !self.birth_name.is_empty()
            && !self.first_name.is_empty()
            && self.birth_date.as_ref().is_some_and(|date| date.len() == 10)
            && self.sex.is_some()
    }
}

impl From<&PatientHint> for Patient {
    fn from(hint: &PatientHint) -> Self {
        let iso = |date: &String| {
            let mut parts = date.split('/');
            match (parts.next(), parts.next(), parts.next()) {
                (Some(day), Some(month), Some(year)) => format!("{year}-{month}-{day}"),
                _ => date.clone(),
            }
        };
        Self { name: hint.name.clone(), birth_date: hint.birth_date.as_ref().map(iso), ..Self::default() }
    }
}
