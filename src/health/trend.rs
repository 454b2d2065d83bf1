//! Values of one analysis of one patient across documents. What is not surely the same analysis in the same unit stays
//! apart: a value beside another one is read as a change.

use crate::domain::biology::{DatedValue, LabResult, ResultStatus, Trend};
use crate::domain::id::MessageId;

use super::identity::folded;

/// OIDs of codes that mean the same wherever they come from. LOINC and, as the agency's CDA examples name it, NABM.
const SHARED_SYSTEMS: [&str; 2] = ["2.16.840.1.113883.6.1", "1.2.250.1.213.2.7"];
/// Most values of one trend: the newest count.
const MOST_VALUES: usize = 24;

/// A result with the message that told it.
pub type Told = (MessageId, LabResult);

/// What tells an analysis with its unit from another, in one spelling.
struct Analysis {
    unit: String,
    /// System and code, where the code means the same wherever it comes from.
    shared: Option<(String, String)>,
    name: String,
    chapter: String,
}

impl Analysis {
    fn of(result: &LabResult) -> Self {
        let is_shared = SHARED_SYSTEMS.contains(&result.system.as_str()) && !result.code.is_empty();
        Self {
            unit: unit(&result.unit),
            shared: is_shared.then(|| (result.system.clone(), result.code.clone())),
            name: folded(&result.label),
            chapter: folded(&result.chapter),
        }
    }

    /// By a shared code where both have one of the same system, else by name and, where both give one, chapter: names
    /// alone are not enough for glucose in blood and in urine.
    fn is(&self, other: &Self) -> bool {
        if self.unit != other.unit {
            return false;
        }
        if let (Some((system, code)), Some((other_system, other_code))) = (&self.shared, &other.shared)
            && system == other_system
        {
            return code == other_code;
        }
        let chapter = self.chapter == other.chapter || self.chapter.is_empty() || other.chapter.is_empty();
        !self.name.is_empty() && self.name == other.name && chapter
    }
}

/// A unit in one spelling. Capitals mean something (`mUI` and `MUI`) but for the litre; both signs for micro and UCUM's
/// `u` are one.
fn unit(written: &str) -> String {
    let text: String =
        written.chars().filter(|c| !c.is_whitespace()).collect::<String>().replace('\u{3bc}', "u");
    let text = text.replace('\u{b5}', "u");
    let parts: Vec<String> = text
        .split('/')
        .enumerate()
        .map(|(n, part)| match part.strip_suffix('l') {
            Some(before) if n > 0 && before.chars().count() <= 1 => format!("{before}L"),
            _ => part.to_owned(),
        })
        .collect();
    parts.join("/")
}

/// The results of a patient, newest first, each spelt once for all comparisons.
pub struct Course<'r>(Vec<(&'r Told, Analysis)>);

impl<'r> Course<'r> {
    /// Of these results.
    pub fn of(all: &'r [Told]) -> Self {
        let dated = all.iter().filter(|(_, result)| counts(result) && result.date.is_some());
        Self(dated.map(|told| (told, Analysis::of(&told.1))).collect())
    }

    /// Earlier values of the analysis of `result`, oldest first; those of its own message are no earlier ones.
    pub fn earlier(&self, result: &LabResult, message: MessageId) -> Vec<DatedValue> {
        let Some(date) = result.date.as_deref() else { return Vec::new() };
        let analysis = Analysis::of(result);
        let before = self.0.iter().filter(|(told, other)| {
            told.0 != message && told.1.date.as_deref().is_some_and(|d| d < date) && analysis.is(other)
        });
        dated(before.map(|(told, _)| *told))
    }

    /// Every analysis with its values, in the order of the newest documents.
    pub fn trends(&self) -> Vec<Trend> {
        let mut groups: Vec<(&Analysis, Vec<&Told>)> = Vec::new();
        for (told, analysis) in &self.0 {
            match groups.iter_mut().find(|(first, _)| first.is(analysis)) {
                Some((_, values)) => values.push(*told),
                None => groups.push((analysis, vec![*told])),
            }
        }
        let trend = |(_, values): (&Analysis, Vec<&Told>)| {
            let first = &values.first()?.1;
            Some(Trend {
                label: first.label.clone(),
                chapter: first.chapter.clone(),
                unit: first.unit.clone(),
                values: dated(values.iter().copied()),
            })
        };
        groups.into_iter().filter_map(trend).collect()
    }
}

fn counts(result: &LabResult) -> bool {
    result.status != Some(ResultStatus::Cancelled)
        && !result.value.trim().is_empty()
        && !result.label.is_empty()
}

fn dated<'a>(told: impl Iterator<Item = &'a Told>) -> Vec<DatedValue> {
    let bound = |text: &str| text.trim().replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite());
    let mut values: Vec<DatedValue> = told
        .filter_map(|(message, result)| {
            Some(DatedValue {
                date: result.date.clone()?,
                value: result.value.trim().to_owned(),
                number: result.number(),
                low: bound(&result.low),
                high: bound(&result.high),
                abnormal: result.is_abnormal(),
                message: *message,
            })
        })
        .collect();
    values.sort_by(|a, b| a.date.cmp(&b.date));
    // the same result comes in the text and in the archive, and in a message sent twice
    values.dedup_by(|b, a| a.date.get(..10) == b.date.get(..10) && a.value == b.value);
    let extra = values.len().saturating_sub(MOST_VALUES);
    values.split_off(extra)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOINC: &str = "2.16.840.1.113883.6.1";

    fn result(label: &str, unit: &str, value: &str, date: &str) -> LabResult {
        LabResult {
            label: label.into(),
            unit: unit.into(),
            value: value.into(),
            date: Some(date.into()),
            ..LabResult::default()
        }
    }

    fn coded(code: &str, result: LabResult) -> LabResult {
        LabResult { code: code.into(), system: LOINC.into(), ..result }
    }

    #[test]
    fn only_the_same_analysis_in_the_same_unit_is_one() {
        let glucose = result("Glucose", "g/L", "0.9", "2026-01-01");
        let under = |chapter: &str| LabResult { chapter: chapter.into(), ..glucose.clone() };
        for (one, other, same) in [
            (glucose.clone(), result("glucose", "g/l", "1", "2026-01-02"), true),
            (glucose.clone(), result("Glucose", "mmol/L", "5", "2026-01-02"), false),
            (glucose.clone(), result("Glucose", "", "5", "2026-01-02"), false),
            (result("TSH", "mUI/L", "1", "d"), result("TSH", "MUI/L", "1", "d"), false),
            (result("Créatinine", "umol/L", "1", "d"), result("Créatinine", "\u{b5}mol/l", "1", "d"), true),
            (result("TSH", "\u{b5}UI/mL", "1", "d"), result("TSH", "\u{3bc}UI/ml", "1", "d"), true),
            // in blood and in urine
            (under("Biochimie sanguine"), under("Biochimie urinaire"), false),
            (under("Biochimie sanguine"), glucose.clone(), true),
            // codes say it where both have one
            (coded("2345-7", glucose.clone()), coded("2345-7", result("Glycémie", "g/L", "1", "d")), true),
            (coded("2345-7", glucose.clone()), coded("5792-7", glucose.clone()), false),
            (coded("2345-7", glucose.clone()), glucose.clone(), true),
            // codes private to a laboratory mean nothing elsewhere
            (
                LabResult { code: "GLU".into(), ..glucose.clone() },
                LabResult { code: "GLU".into(), ..result("Glutamate", "g/L", "1", "d") },
                false,
            ),
        ] {
            assert_eq!(Analysis::of(&one).is(&Analysis::of(&other)), same, "{one:?} {other:?}");
        }
    }

    #[test]
    fn earlier_values_are_of_other_messages_and_before_in_order_and_once() {
        let all = vec![
            (MessageId(4), result("Glucose", "g/L", "1.3", "2026-04-01")),
            (MessageId(3), result("Glucose", "g/L", "1.2", "2026-03-01T08:00:00")),
            (MessageId(5), result("Glucose", "g/L", "1.2", "2026-03-01")),
            (MessageId(2), result("Glucose", "mmol/L", "6.1", "2026-02-01")),
            (MessageId(1), result("Glucose", "g/L", "0.9", "2026-01-01")),
        ];
        let course = Course::of(&all);
        let values = |found: Vec<DatedValue>| found.into_iter().map(|v| v.value).collect::<Vec<_>>();
        assert_eq!(values(course.earlier(&all[0].1, MessageId(4))), ["0.9", "1.2"]);
        assert!(course.earlier(&all[4].1, MessageId(1)).is_empty());
        let trends = course.trends();
        assert_eq!(
            trends.iter().map(|t| (t.unit.as_str(), t.values.len())).collect::<Vec<_>>(),
            [("g/L", 3), ("mmol/L", 1)]
        );
    }
}
