//! Patients as messages name them.

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
