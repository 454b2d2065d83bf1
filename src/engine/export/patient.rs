//! A ZIP archive sorted by patient: `Patient/messages`, `Patient/documents`, and `index.csv` and `index.json` over all.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::{Writer, day, file_name};
use crate::domain::id::{MessageId, PatientId};
use crate::domain::message::MessageRow;
use crate::domain::patient::{Patient, PatientRow};
use crate::engine::session::OpenSession;
use crate::engine::{Error, ErrorKind, Result};
use crate::export::bundle::Bundle;
use crate::mime;

/// The folder of messages of nobody who is known for certain, and of several patients.
const NOBODY: &str = "_";

pub(super) struct Sorted {
    session: Arc<OpenSession>,
    bundle: Bundle,
    folders: HashMap<PatientId, String>,
    taken: HashMap<String, u32>,
    index: Vec<Entry>,
}

/// A line of the table of contents.
#[derive(Serialize)]
struct Entry {
    file: String,
    kind: &'static str,
    patient: String,
    birth_date: String,
    ins: String,
    /// Whom its documents name, attached or not.
    named: String,
    date: String,
    from: String,
    subject: String,
    message_id: String,
}

impl Sorted {
    pub(super) fn new(session: &Arc<OpenSession>, path: &Path) -> Result<Self> {
        Ok(Self {
            session: Arc::clone(session),
            bundle: Bundle::new(path)?,
            folders: HashMap::new(),
            taken: HashMap::new(),
            index: Vec::new(),
        })
    }

    /// The one patient a message is attached to, and the names its documents give.
    fn patient(&self, id: MessageId) -> Result<(Option<PatientRow>, String)> {
        let mentions = self.session.store.mentions(id)?;
        let named: BTreeSet<&str> = mentions.iter().map(|mention| mention.traits.name.as_str()).collect();
        let named = named.into_iter().collect::<Vec<_>>().join(", ");
        let mut patients = Vec::new();
        for mention in &mentions {
            // what waits for a person may be anybody's
            let Some(id) = mention.patient else { return Ok((None, named)) };
            patients.push(self.session.store.patient(id)?);
        }
        patients.dedup_by_key(|patient| patient.id);
        let only = if patients.len() == 1 { patients.pop() } else { None };
        Ok((only, named))
    }

    /// The folder of a patient. Two of the same name and birth date have two.
    fn folder(&mut self, patient: Option<&PatientRow>) -> String {
        let Some(PatientRow { id, traits, .. }) = patient else { return NOBODY.to_owned() };
        if let Some(known) = self.folders.get(id) {
            return known.clone();
        }
        let born = traits.birth_date.as_deref().unwrap_or_default();
        let name = mime::safe_name(format!("{} {born}", traits.name).trim());
        let count = self.taken.entry(name.to_lowercase()).or_default();
        *count += 1;
        let name = if *count > 1 { format!("{name} ({count})") } else { name };
        self.folders.insert(*id, name.clone());
        name
    }
}

impl Writer for Sorted {
    fn add(&mut self, row: &MessageRow, raw: &[u8]) -> Result<u64> {
        let (patient, named) = self.patient(row.id)?;
        let folder = self.folder(patient.as_ref());
        let traits = patient.map(|patient| patient.traits);
        let envelope = mime::parse_header(raw).envelope;
        let note = |index: &mut Vec<Entry>, file: String, kind: &'static str| {
            let of = |pick: fn(&Patient) -> Option<&str>| {
                traits.as_ref().and_then(pick).unwrap_or_default().to_owned()
            };
            index.push(Entry {
                file,
                kind,
                patient: of(|p| Some(&p.name)),
                birth_date: of(|p| p.birth_date.as_deref()),
                ins: of(|p| p.ins.as_ref().map(|i| i.matricule.as_str())),
                named: named.clone(),
                date: day(row.date),
                from: row.from.address.clone(),
                subject: row.subject.clone(),
                message_id: envelope.message_id.clone().unwrap_or_default(),
            });
        };
        let file = self.bundle.add(
            &format!("{folder}/messages/{}", file_name(row.date, row.from.label(), &row.subject)),
            raw,
        )?;
        note(&mut self.index, file, "message");
        let mut documents = 0;
        let mut failed = None;
        mime::each_attachment(&mime::Source::of(raw), |listed, bytes| {
            if listed.inline {
                return true;
            }
            let name = format!("{folder}/documents/{} {}", day(row.date), listed.name);
            match self.bundle.add(&name, bytes) {
                Ok(file) => note(&mut self.index, file, "document"),
                Err(error) => failed = Some(error),
            }
            documents += 1;
            failed.is_none()
        });
        failed.map_or(Ok(documents), |error| Err(error.into()))
    }

    fn finish(mut self: Box<Self>) -> Result<PathBuf> {
        let json = serde_json::to_vec_pretty(&self.index)
            .map_err(|error| Error::new(ErrorKind::Bug, "bug").caused_by(error))?;
        self.bundle.add("index.json", &json)?;
        self.bundle.add("index.csv", table(&self.index).as_bytes())?;
        Ok(self.bundle.finish()?)
    }
}

/// The index as spreadsheets of a French system read it: semicolons, and a mark that says UTF-8.
fn table(index: &[Entry]) -> String {
    let mut out =
        "\u{FEFF}file;kind;patient;birth_date;ins;named;date;from;subject;message_id\r\n".to_owned();
    for entry in index {
        let cells = [
            &entry.file,
            entry.kind,
            &entry.patient,
            &entry.birth_date,
            &entry.ins,
            &entry.named,
            &entry.date,
            &entry.from,
            &entry.subject,
            &entry.message_id,
        ];
        out.push_str(&cells.map(cell).join(";"));
        out.push_str("\r\n");
    }
    out
}

/// Quoted; what a spreadsheet would take for a formula begins with an apostrophe.
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\"").replace(['\r', '\n'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_a_stranger_wrote() {
        for (text, written) in [
            ("NFS; \"urgent\"", "\"NFS; \"\"urgent\"\"\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+33 1", "\"'+33 1\""),
            ("deux\r\nlignes", "\"deux  lignes\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
