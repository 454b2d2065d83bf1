//! Questions to the annuaire and what is known of it.

use serde::Serialize;

use super::UnixTime;

/// What to look for. Every word is a prefix; words in any order; accents, case and hyphens do not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleQuery {
    /// Words, an address or an RPPS number.
    pub text: String,
    /// Only this profession (words of its label).
    pub profession: Option<String>,
    /// Only this specialty (words of its label, or its code).
    pub specialty: Option<String>,
    /// Only this town, postal code or department.
    pub place: Option<String>,
    /// Most results wanted; 0 means 50, at most 500.
    pub limit: u32,
}

/// What the annuaire holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AnnuaireStatus {
    /// People and organisational mailboxes.
    pub people: u64,
    /// Distinct addresses.
    pub mailboxes: u64,
    /// Date of the data, from the name `Extraction_Correspondance_MSSante_AAAAMMJJhhmm` (`JJ/MM/AAAA HH:MM`).
    pub data_date: Option<String>,
    /// When it was imported; `None` when nothing is loaded.
    pub imported_at: Option<UnixTime>,
    /// Lines that could not be read.
    pub bad_lines: u64,
    /// The first of them, each `line number: reason`.
    pub bad_line_reasons: Vec<String>,
}
