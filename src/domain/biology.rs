//! Laboratory results.

use serde::{Deserialize, Serialize};

use super::id::MessageId;

/// How a value stands to its bounds (HL7 v3 ObservationInterpretation, HPRIM field 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Flag {
    /// Within its bounds.
    N,
    /// Low.
    L,
    /// High.
    H,
    /// Abnormal.
    A,
    /// Critically low: must be told at once.
    LL,
    /// Critically high.
    HH,
    /// Critically abnormal.
    AA,
    /// Susceptible (antibiogram).
    S,
    /// Intermediate.
    I,
    /// Resistant.
    R,
}

impl Flag {
    /// Reads a flag as senders write it, any case.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.trim().to_ascii_uppercase().as_str() {
            "N" => Self::N,
            "L" | "B" => Self::L,
            "H" => Self::H,
            "A" => Self::A,
            // the v2 tables of HL7 write < and >
            "LL" | "<" | "BB" => Self::LL,
            "HH" | ">" => Self::HH,
            "AA" => Self::AA,
            "S" => Self::S,
            "I" => Self::I,
            "R" => Self::R,
            _ => return None,
        })
    }

    /// The letters of the flag.
    pub fn letters(self) -> &'static str {
        match self {
            Self::N => "N",
            Self::L => "L",
            Self::H => "H",
            Self::A => "A",
            Self::LL => "LL",
            Self::HH => "HH",
            Self::AA => "AA",
            Self::S => "S",
            Self::I => "I",
            Self::R => "R",
        }
    }

    /// LL, HH and AA: whoever receives them must be alerted (Ségur BIO/va1.06).
    pub fn is_alarm(self) -> bool {
        matches!(self, Self::LL | Self::HH | Self::AA)
    }

    /// Out of its bounds.
    pub fn is_abnormal(self) -> bool {
        matches!(self, Self::L | Self::H | Self::A) || self.is_alarm()
    }
}

/// State of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResultStatus {
    /// Validated.
    Final,
    /// Not validated.
    Preliminary,
    /// Corrects one given before.
    Corrected,
    /// Cancelled, not done.
    Cancelled,
}

/// One result. Values and bounds stand as they were written: nothing is converted or rounded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabResult {
    /// Name of the analysis.
    pub label: String,
    /// Its code: LOINC in a CDA, private to the laboratory in HPRIM.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// OID of the code's system; empty for private codes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub system: String,
    /// Chapter or panel it stands under.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub chapter: String,
    /// Value.
    pub value: String,
    /// Unit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Lower bound.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub low: String,
    /// Upper bound.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub high: String,
    /// Bounds in words, where they are not numbers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub range: String,
    /// Flag of the laboratory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// State.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ResultStatus>,
    /// The same in another unit: value, unit, lower and upper bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Box<OtherUnit>>,
    /// When the sample was taken or the result given, ISO 8601 as precise as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// A value in a second unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherUnit {
    /// Value.
    pub value: String,
    /// Unit.
    pub unit: String,
    /// Lower bound.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub low: String,
    /// Upper bound.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub high: String,
}

/// A value of an analysis at a time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DatedValue {
    /// When, ISO 8601 as precise as given.
    pub date: String,
    /// Value as it was written.
    pub value: String,
    /// The same as a number, where it is one.
    pub number: Option<f64>,
    /// Lower bound given with it.
    pub low: Option<f64>,
    /// Upper bound given with it.
    pub high: Option<f64>,
    /// It is out of its bounds.
    pub abnormal: bool,
    /// Message that told it.
    pub message: MessageId,
}

/// The values of one analysis of one patient, in one unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trend {
    /// Name of the analysis, as last written.
    pub label: String,
    /// Chapter it last stood under.
    pub chapter: String,
    /// Unit, as last written.
    pub unit: String,
    /// Values, oldest first.
    pub values: Vec<DatedValue>,
}

impl LabResult {
    /// The value as a number, for a curve: `4.8`, `4,8`, `< 0.5` (as 0.5). `None` for words.
    pub fn number(&self) -> Option<f64> {
        let text = self.value.trim().trim_start_matches(['<', '>', '=', ' ']).replace(',', ".");
        text.parse::<f64>().ok().filter(|n| n.is_finite())
    }

    /// It is out of its bounds: by the flag of the laboratory, else by the numbers it gives.
    pub fn is_abnormal(&self) -> bool {
        if let Some(flag) = self.flag {
            return flag.is_abnormal();
        }
        let bound = |text: &str| text.trim().replace(',', ".").parse::<f64>().ok();
        let Some(value) = self.number() else { return false };
        bound(&self.low).is_some_and(|low| value < low) || bound(&self.high).is_some_and(|high| value > high)
    }

    /// It must be told at once.
    pub fn is_alarm(&self) -> bool {
        self.flag.is_some_and(Flag::is_alarm) && self.status != Some(ResultStatus::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_abnormal_by_its_flag_else_by_its_bounds() {
        let result = |value: &str, low: &str, high: &str, flag: Option<Flag>| LabResult {
            value: value.to_owned(),
            low: low.to_owned(),
            high: high.to_owned(),
            flag,
            ..LabResult::default()
        };
        assert!(result("4,8", "2,0", "3,0", None).is_abnormal());
        assert!(!result("2.5", "2.0", "3.0", None).is_abnormal());
        // the laboratory knows better than two numbers
        assert!(!result("4.8", "2.0", "3.0", Some(Flag::N)).is_abnormal());
        assert!(result("Positif", "", "", Some(Flag::AA)).is_alarm());
        assert!(!result("Positif", "", "", None).is_abnormal());
        assert_eq!(result("< 0,5", "", "", None).number(), Some(0.5));
        assert_eq!(Flag::parse(" hh "), Some(Flag::HH));
    }
}
