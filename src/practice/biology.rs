//! Fictitious laboratory results.

use super::chance::Chance;
use crate::health::document::{LabResult, Patient};
use crate::health::hprim::Report;

/// Label, LOINC, private code, unit, low, high, typical low, typical high, decimals.
type Analysis = (&'static str, &'static str, &'static str, &'static str, f64, f64, usize);

#[rustfmt::skip]
const ANALYSES: &[Analysis] = &[
    ("Hémoglobine", "718-7", "HB", "g/dL", 12.0, 16.0, 1),
    ("Leucocytes", "6690-2", "GB", "G/L", 4.0, 10.0, 1),
    ("Plaquettes", "777-3", "PLQ", "G/L", 150.0, 400.0, 0),
    ("Sodium", "2951-2", "NA", "mmol/L", 135.0, 145.0, 0),
    ("Potassium", "2823-3", "K", "mmol/L", 3.5, 5.1, 1),
    ("Créatinine", "14682-9", "CREA", "µmol/L", 45.0, 84.0, 0),
    ("CRP", "1988-5", "CRP", "mg/L", 0.0, 5.0, 0),
    ("Glycémie à jeun", "14771-0", "GLYC", "mmol/L", 4.1, 5.9, 2),
    ("HbA1c", "4548-4", "HBA1C", "%", 4.0, 6.0, 1),
    ("TSH", "3016-3", "TSH", "mUI/L", 0.4, 4.0, 2),
    ("LDL-cholestérol", "22748-8", "LDL", "mmol/L", 1.5, 4.1, 2),
    ("ASAT", "1920-8", "ASAT", "UI/L", 10.0, 35.0, 0),
    ("ALAT", "1742-6", "ALAT", "UI/L", 10.0, 40.0, 0),
    ("Gamma-GT", "2324-2", "GGT", "UI/L", 8.0, 55.0, 0),
    ("Ferritine", "2276-4", "FERR", "µg/L", 30.0, 300.0, 0),
    ("INR", "6301-6", "INR", "", 2.0, 3.0, 1),
    ("NT-proBNP", "33762-6", "BNP", "ng/L", 0.0, 300.0, 0),
];

fn result(a: &Analysis, value: f64, flag: &str) -> LabResult {
    let (label, loinc, code, unit, low, high, decimals) = *a;
    let number = |n: f64| format!("{n:.decimals$}");
    LabResult {
        label: label.to_owned(),
        loinc: loinc.to_owned(),
        code: code.to_owned(),
        value: number(value),
        unit: unit.to_owned(),
        low: if low == 0.0 { String::new() } else { number(low) },
        high: number(high),
        flag: flag.to_owned(),
    }
}

/// Title of a panel and its results, now and then out of range, rarely critical.
pub(super) fn panel(chance: &mut Chance) -> (&'static str, Vec<LabResult>) {
    let (title, from, to) = match chance.below(5) {
        0 => ("NFS, plaquettes", 0, 3),
        1 => ("NFS, ionogramme, CRP", 0, 7),
        2 => ("Bilan lipidique et thyroïdien", 9, 11),
        3 => ("Bilan hépatique, ferritine", 11, 15),
        _ => ("Glycémie, HbA1c, créatinine", 5, 9),
    };
    let results = ANALYSES.iter().take(to).skip(from).map(|a| drawn(a, chance)).collect();
    (title, results)
}

fn drawn(a: &Analysis, chance: &mut Chance) -> LabResult {
    let (_, _, _, _, low, high, _) = *a;
    #[allow(clippy::cast_precision_loss)] // at most 1000
    let part = chance.below(1_000) as f64 / 1_000.0;
    let (value, flag) = match chance.below(100) {
        0 => (high * (1.9 + part), "HH"),
        1..=9 => (high * (1.05 + part / 2.0), "H"),
        10..=16 if low > 0.0 => (low * (0.72 + part / 5.0), "L"),
        17 if low > 0.0 => (low * (0.45 + part / 10.0), "LL"),
        _ => (low + (high - low) * part, "N"),
    };
    result(a, value, flag)
}

/// The results of the newest message: potassium 6.4, critical.
pub(super) fn critical() -> Vec<LabResult> {
    results([(10.8, "L"), (18.4, "H"), (212.0, "N"), (139.0, "N"), (6.4, "HH"), (128.0, "H"), (86.0, "H")])
}

/// Results of the same patient before, the older ones first: the kidney fails slowly.
pub(super) fn before() -> [Vec<LabResult>; 2] {
    [
        results([(12.4, "N"), (8.1, "N"), (240.0, "N"), (140.0, "N"), (4.6, "N"), (82.0, "N"), (4.0, "N")]),
        results([(11.6, "L"), (9.4, "N"), (231.0, "N"), (138.0, "N"), (5.0, "N"), (104.0, "H"), (12.0, "H")]),
    ]
}

fn results(values: [(f64, &str); 7]) -> Vec<LabResult> {
    ANALYSES.iter().zip(values).map(|(a, (value, flag))| result(a, value, flag)).collect()
}

/// The HPRIM report around results.
pub(super) fn report(patient: Patient, title: &str, results: Vec<LabResult>, file: u64, at: i64) -> Report {
    let date = jiff::Timestamp::from_second(at).unwrap_or_default().strftime("%d/%m/%Y").to_string();
    Report {
        patient_code: format!("P{:06}", file % 1_000_000),
        address: ["12 RUE DES ESSAIS".to_owned(), String::new(), "38200 VIENNE".to_owned()],
        number: format!("{file:08}"),
        date,
        sender: "LABORATOIRE BIOVAL".to_owned(),
        recipient: "DR LEROY ANNE".to_owned(),
        title: title.to_uppercase(),
        validated_by: "Dr Hervé PERRIN".to_owned(),
        patient,
        results,
    }
}
