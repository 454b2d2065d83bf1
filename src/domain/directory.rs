//! Questions to the annuaire and what is known of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::person::MailboxKind;

/// The extraction as data.gouv.fr mirrors it: the text, some minutes after the ANS. Source: page of the data set
/// `annuaire-sante-extraction-des-bal-mssante`.
pub const MIRROR: &str = "https://www.data.gouv.fr/api/1/datasets/r/afe01105-d9a1-41fe-921f-e40ea48b2ba6";
/// The extraction at the ANS: an archive; the certificate is of the IGC Santé.
pub const ANS: &str = "https://service.annuaire.sante.fr/annuaire-sante-webservices/V300/services/extraction/Extraction_Correspondance_MSSante";
/// The white list of the trust space; the certificate is of the IGC Santé.
pub const WHITE_LIST: &str = "https://espacedeconfiance.mssante.fr/listeblanchemssante.xml";

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
    /// Only people and services with a mailbox of this kind.
    pub kind: Option<MailboxKind>,
    /// People of this department first (see [`department`](super::person::department)).
    pub near: Option<String>,
    /// Most results wanted; 0 means 50, at most 500.
    pub limit: u32,
}

/// An address that is no longer in the annuaire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// When the import without it took place.
    pub at: UnixTime,
    /// Date of the data without it, `JJ/MM/AAAA HH:MM`, when they have one.
    pub data_date: Option<String>,
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
    /// Addresses that came with these data, `None` where there were none to compare with.
    pub new: Option<u64>,
    /// Addresses that went.
    pub gone: Option<u64>,
    /// People whose places of practice are known from the second file.
    pub places_people: u64,
    /// Date of the second file.
    pub places_date: Option<String>,
    /// Where the data were downloaded from, `None` for a file of this machine.
    pub source: Option<String>,
    /// When the white list of the trust space was made, as it says (ISO 8601); `None` without a list.
    pub white_list: Option<String>,
    /// Lines that could not be read.
    pub bad_lines: u64,
    /// The first of them.
    pub first_bad_lines: Vec<BadLine>,
}

/// A line of an extraction that could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// Its number in the file; the header is line 1.
    pub line: u64,
    /// What is wrong with it.
    #[serde(flatten)]
    pub fault: LineFault,
}

/// Why a line of an extraction cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fault")]
pub enum LineFault {
    /// More or fewer fields than the header has.
    Fields {
        /// Fields of the line.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// Longer than any line can be.
    TooLong,
    /// A type of mailbox other than PER, ORG, APP and CAB.
    UnknownKind,
    /// The address is none.
    NotAnAddress,
    /// An identifier longer than any.
    LongIdentifier,
    /// A professional without a family name.
    Nameless,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {:?}", self.line, self.fault)
    }
}

impl AnnuaireStatus {
    /// When the data were made, for their age. The name of the file gives no time zone: UTC is meant.
    pub fn data_time(&self) -> Option<UnixTime> {
        let written = self.data_date.as_deref()?;
        let mut numbers = written.split(['/', ' ', ':']).map(str::parse::<i64>);
        let mut number = || numbers.next()?.ok();
        let (day, month, year, hour, minute) = (number()?, number()?, number()?, number()?, number()?);
        Some(days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60)
    }

    /// Whole days between the making of the data and `now`; `None` for data without a date.
    pub fn age_in_days(&self, now: UnixTime) -> Option<i64> {
        Some(((now - self.data_time()?) / 86_400).max(0))
    }
}

/// Data older than this, in days, may mislead: the file is published every day, with gaps of two at most in a normal
/// week.
pub const STALE_AFTER_DAYS: i64 = 2;

/// Days since 1970-01-01 of a date of the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_the_data_is_counted_in_days_from_their_date() {
        let status = AnnuaireStatus { data_date: Some("21/11/2026 02:13".to_owned()), ..Default::default() };
        let at = status.data_time().unwrap();
        assert_eq!(at, 1_795_227_180);
        assert_eq!(status.age_in_days(at + 12 * 86_400 + 5), Some(12));
        assert_eq!(status.age_in_days(at - 5), Some(0), "a clock that is late");
        assert_eq!(AnnuaireStatus::default().age_in_days(at), None);
    }
}
