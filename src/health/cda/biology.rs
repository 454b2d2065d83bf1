//! Coded laboratory results of a CDA: an addition to the narrative, for the table, its alarms and its curves.
//! Source: IHE XD-LAB, CI-SIS volet biologie (digest §2.3).

use std::collections::HashMap;

use super::header::{code, moment};
use crate::domain::biology::{Flag, LabResult, OtherUnit, ResultStatus};
use crate::domain::text::{one_line, without_deceptive};
use crate::health::markup::Element;

/// Most results of one document.
pub(super) const MAX_RESULTS: usize = 5_000;
/// Longest text of a label, value or comment, in bytes.
const MOST: usize = 2_000;
/// CR d'examens biologiques.
const REPORT: &str = "11502-2";
/// Laboratory Observation (IHE PALM) and Result Observation (C-CDA).
const TEMPLATES: [&str; 2] = ["1.3.6.1.4.1.19376.1.3.1.6", "2.16.840.1.113883.10.20.22.4.2"];
/// Laboratory sections (IHE PALM).
const SECTIONS: &str = "1.3.6.1.4.1.19376.1.3.3.2.";
/// Annotation comment.
const COMMENT: &str = "48767-8";

/// Results of every section, in the order they stand.
pub(super) fn results<'t>(
    root: Element<'t>,
    sections: &[(Element<'t>, String)],
    texts: &HashMap<&'t str, Element<'t>>,
) -> Vec<LabResult> {
    let is_report = root.first("code").and_then(|c| c.attribute("code")) == Some(REPORT);
    let mut found = Vec::new();
    for (section, title) in sections {
        let of_laboratory = is_report || has_template(*section, |root| root.starts_with(SECTIONS));
        // a discharge letter has observations of all sorts
        let mut waiting: Vec<(Element<'t>, String)> =
            section.all("entry").map(|entry| (entry, title.clone())).collect();
        waiting.reverse();
        while let Some((element, chapter)) = waiting.pop() {
            if found.len() >= MAX_RESULTS {
                return found;
            }
            let mut chapter = chapter;
            match element.name() {
                "observation" if of_laboratory || has_template(element, |r| TEMPLATES.contains(&r)) => {
                    found.extend(result(element, &chapter, texts));
                }
                "organizer" => {
                    if let Some(label) = element.first("code").and_then(code).map(|c| c.label)
                        && !label.is_empty()
                    {
                        chapter = label;
                    }
                }
                _ => {}
            }
            let at = waiting.len();
            waiting
                .extend(element.elements().filter(|e| is_structure(e.name())).map(|e| (e, chapter.clone())));
            if let Some(new) = waiting.get_mut(at..) {
                new.reverse();
            }
        }
    }
    found
}

fn is_structure(name: &str) -> bool {
    matches!(
        name,
        "act"
            | "organizer"
            | "component"
            | "entryRelationship"
            | "observation"
            | "procedure"
            | "battery"
            | "cluster"
    )
}

fn has_template(element: Element<'_>, is: impl Fn(&str) -> bool) -> bool {
    element.all("templateId").filter_map(|t| t.attribute("root")).any(is)
}

fn words(element: Element<'_>) -> String {
    without_deceptive(&element.text(MOST))
}

fn result<'t>(
    observation: Element<'t>,
    chapter: &str,
    texts: &HashMap<&'t str, Element<'t>>,
) -> Option<LabResult> {
    let named = observation.first("code");
    let referred = |element: Option<Element<'t>>| {
        let reference = element?.first("originalText")?.first("reference")?.attribute("value")?;
        texts.get(reference.strip_prefix('#').unwrap_or(reference)).map(|e| words(*e))
    };
    let coded = named.and_then(code).unwrap_or_default();
    if coded.code == COMMENT {
        return None;
    }
    let mut result = LabResult {
        // what the author attests is the name in the narrative
        label: referred(named).filter(|l| !l.is_empty()).unwrap_or(coded.label),
        code: coded.code,
        system: coded.system,
        chapter: without_deceptive(chapter),
        status: observation.first("statusCode").and_then(|s| s.attribute("code")).and_then(status),
        date: observation.first("effectiveTime").and_then(moment),
        flag: flag(observation),
        comment: comment(observation, texts),
        ..LabResult::default()
    };
    let value = observation.first("value");
    if let Some(value) = value {
        read_value(value, texts, &mut result);
    }
    range(observation, &mut result);
    let LabResult { value: number, unit, low, high, range, other, .. } = &mut result;
    let translated = other.iter_mut().flat_map(|o| [&mut o.value, &mut o.unit]);
    // a mark that turns the direction of writing makes 21 of 12
    [number, unit, low, high, range].into_iter().chain(translated).for_each(|text| *text = one_line(text));
    if result.label.is_empty() && result.value.is_empty() {
        return None;
    }
    // an observation that only groups others has no value
    (value.is_some() || result.flag.is_some()).then_some(result)
}

fn status(code: &str) -> Option<ResultStatus> {
    match code {
        "completed" => Some(ResultStatus::Final),
        "active" | "new" | "held" => Some(ResultStatus::Preliminary),
        "aborted" | "cancelled" | "nullified" => Some(ResultStatus::Cancelled),
        _ => None,
    }
}

/// The gravest of the flags: LL beside L is LL.
fn flag(observation: Element<'_>) -> Option<Flag> {
    observation
        .all("interpretationCode")
        .filter_map(|i| Flag::parse(i.attribute("code")?))
        .max_by_key(|flag| (flag.is_alarm(), flag.is_abnormal()))
}

fn read_value<'t>(value: Element<'t>, texts: &HashMap<&'t str, Element<'t>>, result: &mut LabResult) {
    let kind = value.attribute("type").unwrap_or_default();
    let kind = kind.rsplit_once(':').map_or(kind, |(_, local)| local);
    let bounded = |low: Option<Element<'t>>, high: Option<Element<'t>>| {
        let end = |e: Option<Element<'t>>| e.and_then(|e| e.attribute("value")).map(str::to_owned);
        let unit = low.or(high).and_then(|e| e.attribute("unit")).unwrap_or_default().to_owned();
        let text = match (end(low), end(high)) {
            (Some(low), Some(high)) => format!("{low} - {high}"),
            (Some(low), None) => format!("> {low}"),
            (None, Some(high)) => format!("< {high}"),
            (None, None) => String::new(),
        };
        (text, unit)
    };
    match kind {
        "IVL_PQ" | "IVL_INT" | "IVL_REAL" => {
            (result.value, result.unit) = bounded(value.first("low"), value.first("high"));
        }
        "RTO" | "RTO_PQ_PQ" => {
            let part = |name: &'static str| {
                value.first(name).and_then(|p| p.attribute("value")).unwrap_or_default().to_owned()
            };
            result.value = format!("{}/{}", part("numerator"), part("denominator"));
        }
        _ => {
            let coded = code(value).unwrap_or_default();
            let own = words(value);
            let reference = value
                .path(&["originalText", "reference"])
                .or_else(|| value.first("reference"))
                .and_then(|r| r.attribute("value"))
                .and_then(|r| texts.get(r.strip_prefix('#').unwrap_or(r)))
                .map(|e| words(*e));
            result.value = value
                .attribute("value")
                .map(str::to_owned)
                .or(Some(coded.label).filter(|l| !l.is_empty()))
                .or(reference)
                .or(Some(own).filter(|t| !t.is_empty()))
                .unwrap_or(coded.code);
            // `1` has no unit
            result.unit = value.attribute("unit").filter(|u| *u != "1").unwrap_or_default().to_owned();
            result.other = value.first("translation").and_then(|t| {
                let unit = t.attribute("unit").map(str::to_owned).or_else(|| code(t).map(|c| c.label));
                let value = t.attribute("value")?.to_owned();
                Some(Box::new(OtherUnit { value, unit: unit.unwrap_or_default(), ..OtherUnit::default() }))
            });
        }
    }
}

/// The first range said to be the normal one, else the first.
fn range(observation: Element<'_>, result: &mut LabResult) {
    let ranges: Vec<Element<'_>> =
        observation.all("referenceRange").filter_map(|r| r.first("observationRange")).take(20).collect();
    let normal = |r: &&Element<'_>| {
        r.first("interpretationCode").is_none_or(|i| i.attribute("code").is_none_or(|code| code == "N"))
    };
    let Some(range) = ranges.iter().find(normal).or(ranges.first()) else { return };
    if let Some(value) = range.first("value") {
        let end =
            |name: &'static str| value.first(name).and_then(|e| e.attribute("value")).unwrap_or_default();
        result.low = end("low").to_owned();
        result.high = end("high").to_owned();
        if result.low.is_empty() && result.high.is_empty() {
            let coded = code(value).map(|c| if c.label.is_empty() { c.code } else { c.label });
            result.range = coded.or_else(|| value.attribute("value").map(str::to_owned)).unwrap_or_default();
        }
    }
    if result.low.is_empty() && result.high.is_empty() && result.range.is_empty() {
        result.range = range.first("text").map(words).unwrap_or_default();
    }
}

fn comment<'t>(observation: Element<'t>, texts: &HashMap<&'t str, Element<'t>>) -> String {
    let of = |act: Element<'t>| {
        let is_comment = act.first("code").and_then(|c| c.attribute("code")) == Some(COMMENT);
        let text = act.first("text").filter(|_| is_comment)?;
        let reference = text.first("reference").and_then(|r| r.attribute("value"));
        match reference.and_then(|r| texts.get(r.strip_prefix('#').unwrap_or(r))) {
            Some(found) => Some(words(*found)),
            None => Some(words(text)),
        }
    };
    let comments = observation.all("entryRelationship").filter_map(|e| e.first("act")).filter_map(of);
    comments.filter(|c| !c.is_empty()).collect::<Vec<_>>().join(" ")
}
