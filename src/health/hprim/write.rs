//! HPRIM Médecins: the text most laboratories still send (spec of 1997, version 3.0).

use super::super::document::{LabResult, Patient};

/// Results of one patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Patient.
    pub patient: Patient,
    /// Code of the patient at the sender, up to 10 characters.
    pub patient_code: String,
    /// Two lines of address, then postal code and town.
    pub address: [String; 3],
    /// Number of the file at the laboratory.
    pub number: String,
    /// Date of the file, JJ/MM/AAAA.
    pub date: String,
    /// Name of the sender.
    pub sender: String,
    /// Name of the recipient.
    pub recipient: String,
    /// Title of the results.
    pub title: String,
    /// Who validated.
    pub validated_by: String,
    /// Results.
    pub results: Vec<LabResult>,
}

/// Writes the 12-line header, the human text, the `****LAB****` block and the end marks, with CRLF.
pub fn write(report: &Report) -> String {
    let p = &report.patient;
    let number = p.matricule.split_at_checked(13).map(|(number, key)| format!("{number} {key}"));
    let mut lines = vec![report.patient_code.clone(), p.birth_name.clone(), p.given_name.to_uppercase()];
    lines.extend(report.address.iter().cloned());
    lines.extend([
        p.birth_date(),
        number.unwrap_or_default(),
        report.number.clone(),
        report.date.clone(),
        format!("{:<10}{}", "LABFICTIF", report.sender),
        format!("{:<10}{}", "DESTIN", report.recipient),
        String::new(),
    ]);
    let text = human(report);
    lines.extend(text.iter().cloned());
    lines.push("****LAB****".to_owned());
    lines.extend(text.iter().map(|line| format!("TEX|{line}")));
    for r in &report.results {
        lines.push(format!(
            "RES|{}|{}|N|{}|{}|{}|{}|{}|F",
            r.label, r.code, r.value, r.unit, r.low, r.high, r.flag
        ));
    }
    lines.extend(["****FIN****".to_owned(), "****FINFICHIER****".to_owned(), String::new()]);
    lines.join("\r\n")
}

fn human(report: &Report) -> Vec<String> {
    let mut text = vec![format!("{:^66}", report.title).trim_end().to_owned(), String::new()];
    for r in &report.results {
        let mark = if r.flag == "N" { " " } else { "*" };
        let bounds = match (r.low.as_str(), r.high.as_str()) {
            ("", "") => String::new(),
            ("", high) => format!("< {high}"),
            (low, "") => format!("> {low}"),
            (low, high) => format!("{low} à {high}"),
        };
        let line = format!(
            "  {:<28}{:>9} {mark}{:<10}{:<16}{}",
            r.label,
            r.value.replace('.', ","),
            r.unit,
            bounds.replace('.', ","),
            if r.flag == "N" { "" } else { &r.flag }
        );
        text.push(line.trim_end().to_owned());
    }
    text.push(String::new());
    text.push(format!("Validé par : {}", report.validated_by));
    text
}
