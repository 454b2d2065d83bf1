//! `estafettectl document show` and `pack`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use estafette::domain::document::{Author, Document, Reading};
use estafette::domain::moment;
use estafette::domain::patient::{Ins, InsNature, Patient, Sex};
use estafette::engine;
use serde_json::json;

use crate::args::DocumentCommand;
use crate::output::{Failure, Output, say};

/// Larger than any operator takes, with what an attachment grows by in a message.
const LIMIT: u64 = 48 << 20;
/// No input is worth more; ending takes its time, too.
const PATIENCE: Duration = Duration::from_millis(1_750);

pub(crate) fn run(command: &DocumentCommand, output: &Output) -> Result<(), Failure> {
    match command {
        DocumentCommand::Show { file } => show(file, output),
        DocumentCommand::Pack { patient, pdf, out, kind } => pack(patient, pdf, out, kind.as_deref(), output),
    }
}

fn content(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure::Usage(format!("{}: {e}", file.display()));
    let mut raw = Vec::new();
    std::fs::File::open(file).map_err(failed)?.take(LIMIT + 1).read_to_end(&mut raw).map_err(failed)?;
    if raw.len() as u64 > LIMIT {
        return Err(Failure::Input("input-too-large"));
    }
    Ok(raw)
}

fn read(file: &Path) -> Result<Reading, Failure> {
    let raw = content(file)?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let (done, answer) = channel();
    // a reader that does not come back ends with the program
    std::thread::Builder::new()
        .stack_size(8 << 20)
        .spawn(move || drop(done.send(engine::read_document(&raw, &name))))
        .map_err(|e| Failure::Usage(e.to_string()))?;
    let reading = answer.recv_timeout(PATIENCE).map_err(|_| Failure::Input("input-too-slow"))?;
    reading.map_err(|error| Failure::Input(error.code()))
}

fn show(file: &Path, output: &Output) -> Result<(), Failure> {
    let mut reading = read(file)?;
    // what must be known of a document must be known of the file it is in
    for warning in reading.documents.iter().flat_map(|document| &document.warnings) {
        if !reading.warnings.contains(warning) {
            reading.warnings.push(*warning);
        }
    }
    let value = serde_json::to_value(&reading).map_err(|e| Failure::Usage(e.to_string()))?;
    output.answer(&value, || human(&reading, output));
    Ok(())
}

fn pack(
    patient: &Path,
    pdfs: &[PathBuf],
    out: &Path,
    kind: Option<&str>,
    output: &Output,
) -> Result<(), Failure> {
    let (patient, author) = subject(patient)?;
    let contents = pdfs.iter().map(|pdf| content(pdf)).collect::<Result<Vec<_>, _>>()?;
    let pack =
        engine::pack(&patient, author.as_ref(), kind, contents).map_err(|e| Failure::Input(e.code()))?;
    let failed = |e: std::io::Error| Failure::Usage(format!("{}: {e}", out.display()));
    // never over another file
    let mut file = std::fs::File::create_new(out).map_err(failed)?;
    file.write_all(&pack.zip).and_then(|()| file.sync_all()).map_err(failed)?;
    let value = json!({
        "out": out.display().to_string(),
        "bytes": pack.zip.len(),
        "documents": pdfs.len(),
        "subject": pack.subject,
        "pdf_names": pack.names,
    });
    output.answer(&value, || {
        say!("{}", pack.subject);
        pack.names.iter().for_each(|name| say!("{name}"));
    });
    Ok(())
}

/// The patient of a file, and the author it names: JSON with the traits (alone or under `patient`), else any document.
pub(crate) fn subject(file: &Path) -> Result<(Patient, Option<Author>), Failure> {
    let raw = content(file)?;
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(&raw) else {
        let reading = read(file)?;
        let patient = reading.patient.ok_or(Failure::Input("patient-incomplete"))?;
        return Ok((patient, reading.author.filter(|a| !a.id.is_empty())));
    };
    let traits = value.get("patient").unwrap_or(&value);
    let text = |name: &str| traits.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let ins = traits.get("ins").and_then(|ins| {
        let part = |name: &str| ins.get(name).and_then(|v| v.as_str());
        Some(Ins {
            matricule: part("matricule")?.to_owned(),
            oid: part("oid")?.to_owned(),
            // the engine reads both again
            nature: InsNature::Nir,
            key_fits: false,
        })
    });
    let patient = Patient {
        birth_name: text("birth_name"),
        first_name: text("first_name"),
        given_names: text("given_names"),
        birth_date: Some(text("birth_date")).filter(|d| !d.is_empty()),
        sex: match text("sex").as_str() {
            "F" => Some(Sex::F),
            "M" => Some(Sex::M),
            _ => None,
        },
        ins,
        ..Patient::default()
    };
    let author = value.get("author").and_then(|a| serde_json::from_value(a.clone()).ok());
    Ok((patient, author.filter(|a: &Author| !a.id.is_empty())))
}

fn human(reading: &Reading, output: &Output) {
    say!("{}", reading.title);
    if let Some(author) = &reading.author {
        say!("{}", author.name);
    }
    if let Some(patient) = &reading.patient {
        say!("{}", patient_line(patient, output));
    }
    if let Some(refusal) = &reading.refusal {
        let known = output.wording.reason(&refusal.code);
        say!("! {} {}", refusal.code, known.as_deref().unwrap_or(&refusal.reason));
    }
    warnings(&reading.warnings, output);
    say!("\n{}", reading.text);
    for (n, document) in reading.documents.iter().enumerate() {
        let label = document.code.as_ref().map(|c| c.label.as_str()).filter(|l| *l != document.title);
        let date = document.date.as_deref().map(moment::day_and_hour).unwrap_or_default();
        let facts = [label.unwrap_or_default(), &date, &document.name];
        let facts: Vec<&str> = facts.into_iter().filter(|f| !f.is_empty()).collect();
        say!("[{}] {} ({})", n + 1, document.title, facts.join(", "));
        results(document);
        warnings(&document.warnings, output);
    }
}

fn patient_line(patient: &Patient, output: &Output) -> String {
    let mut facts = vec![patient.name.clone()];
    facts.extend(patient.birth_date.clone());
    if let Some(ins) = &patient.ins {
        facts.push(output.wording.with("document-ins", &[("ins", &ins.matricule)]));
    }
    facts.join(" · ")
}

fn results(document: &Document) {
    for result in &document.results {
        let flag = result.flag.map(|f| f.letters()).unwrap_or_default();
        let bounds = match (result.low.as_str(), result.high.as_str()) {
            ("", "") => result.range.clone(),
            (low, high) => format!("{low} – {high}"),
        };
        say!("    {}\t{} {}\t{bounds}\t{flag}", result.label, result.value, result.unit);
    }
}

fn warnings(warnings: &[estafette::domain::document::Warning], output: &Output) {
    for warning in warnings {
        say!("! {}", output.wording.warning(*warning).what);
    }
}
