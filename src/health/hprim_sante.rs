//! HPRIM Santé 2.x: messages of segments (`H P OBR OBX A C L`) of the ASTM E1238 family. Source: digest §4.

use crate::domain::biology::{Flag, LabResult, ResultStatus};
use crate::domain::document::{Author, Document, DocumentKind, Warning};
use crate::domain::message::{Block, Cell, Grid, Span};
use crate::domain::patient::{LocalId, Patient, Sex};
use crate::domain::text::without_deceptive;
use crate::health::time;

/// Most segments, patients, and results of one.
const MAX_SEGMENTS: usize = 20_000;
const MAX_REPORTS: usize = 500;
const MAX_RESULTS: usize = 5_000;
/// Most bytes kept of sender, recipient and chapter, which are repeated with every patient or result that follows.
const MOST: usize = 500;

/// Separators the `H` segment declares, in its order.
struct Marks {
    field: char,
    part: char,
    again: char,
}

/// Reads the documents of a message, one for each patient.
pub fn read(text: &str) -> Vec<Document> {
    let text = without_deceptive(&text.replace("\r\n", "\n").replace('\r', "\n"));
    let text = text.trim_start().trim_start_matches('*');
    let mut marks = text.chars().skip(1);
    let marks = Marks {
        field: marks.next().unwrap_or('|'),
        part: marks.next().unwrap_or('~'),
        again: marks.next().unwrap_or('^'),
    };
    let mut documents: Vec<Document> = Vec::new();
    let (mut sender, mut recipient, mut sent) = (Author::default(), String::new(), None);
    let mut chapter = (String::new(), None);
    let mut ended = false;
    for segment in joined(text) {
        let fields: Vec<&str> = segment.split(marks.field).collect();
        let field = |n: usize| fields.get(n).copied().unwrap_or_default().trim();
        if field(0) == "P" && documents.len() >= MAX_REPORTS {
            if let Some(last) = documents.last_mut() {
                last.warn(Warning::Truncated);
            }
            break;
        }
        match field(0) {
            "H" => {
                // H|delimiters|file||sender||context|||recipient…: the sender stands at 4, the date last
                sender = author(bounded(field(4)), &marks);
                recipient = parts(bounded(field(9)), &marks).last().cloned().unwrap_or_default();
                sent = fields.iter().rev().find_map(|f| time::from_hl7(f.trim()));
            }
            "P" => {
                let mut document = Document::new(DocumentKind::HprimSante, "text/plain");
                document.patient = Some(patient(&fields, &marks));
                document.date.clone_from(&sent);
                document.authors = vec![sender.clone()];
                document.recipients = Some(recipient.clone()).filter(|r| !r.is_empty()).into_iter().collect();
                document.warn(Warning::InsMissing);
                documents.push(document);
            }
            "OBR" => {
                let named = parts(bounded(field(4)), &marks);
                let label = named.get(1).or_else(|| named.first()).cloned().unwrap_or_default();
                chapter = (label, time::from_hl7(field(7)));
            }
            "OBX" => {
                let found = observation(&fields, &marks, &chapter);
                if let (Some(document), Some(result)) = (documents.last_mut(), found) {
                    if document.results.len() < MAX_RESULTS {
                        document.results.push(result);
                    } else {
                        document.warn(Warning::Truncated);
                    }
                }
            }
            "C" => {
                let comment = field(3).replace(marks.again, " ");
                if let Some(document) = documents.last_mut() {
                    match document.results.last_mut() {
                        Some(last) if last.comment.is_empty() => last.comment = comment,
                        _ => document.blocks.push(paragraph(&comment)),
                    }
                }
            }
            "L" => ended = true,
            _ => {}
        }
    }
    for document in &mut documents {
        document.title = document.results.first().map(|r| r.chapter.clone()).unwrap_or_default();
        let shown = shown(document);
        document.blocks.splice(0..0, shown);
        document.text = crate::domain::plain::text(&document.blocks);
        if !ended {
            document.warn(Warning::EndMissing);
        }
        if document.results.iter().any(|r| r.status == Some(ResultStatus::Preliminary)) {
            document.warn(Warning::NotValidated);
        }
    }
    documents
}

/// Segments with their continuations (`A`) joined.
fn joined(text: &str) -> Vec<String> {
    let mut segments: Vec<String> = Vec::new();
    for line in text.lines().take(MAX_SEGMENTS) {
        match (line.strip_prefix("A|"), segments.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => segments.push(line.to_owned()),
        }
    }
    segments
}

fn parts(field: &str, marks: &Marks) -> Vec<String> {
    field.split(marks.part).map(|p| p.trim().to_owned()).collect()
}

fn bounded(field: &str) -> &str {
    field.get(..field.floor_char_boundary(MOST)).unwrap_or(field)
}

fn author(field: &str, marks: &Marks) -> Author {
    let parts = parts(field, marks);
    let name = parts.get(1).or_else(|| parts.first()).cloned().unwrap_or_default();
    let id = if parts.len() > 1 { parts.first().cloned().unwrap_or_default() } else { String::new() };
    Author { organisation: name.clone(), name, id, ..Author::default() }
}

fn patient(fields: &[&str], marks: &Marks) -> Patient {
    let field = |n: usize| fields.get(n).copied().unwrap_or_default().trim();
    let name = parts(field(5), marks);
    let birth_name = name.first().cloned().unwrap_or_default();
    let first_name = name.get(1).cloned().unwrap_or_default();
    let id = parts(field(2), marks).into_iter().next().unwrap_or_default();
    Patient {
        name: format!("{birth_name} {first_name}").trim().to_owned(),
        birth_name,
        first_name,
        birth_date: time::from_hl7(field(7)),
        sex: match field(8) {
            "F" => Some(Sex::F),
            "M" => Some(Sex::M),
            "U" => Some(Sex::U),
            _ => None,
        },
        local_ids: if id.is_empty() { Vec::new() } else { vec![LocalId { root: String::new(), value: id }] },
        address: parts(field(10), marks).into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", "),
        ..Patient::default()
    }
}

fn observation(fields: &[&str], marks: &Marks, chapter: &(String, Option<String>)) -> Option<LabResult> {
    let field = |n: usize| fields.get(n).copied().unwrap_or_default().trim();
    let named = parts(field(3), marks);
    let code = named.first().cloned().unwrap_or_default();
    let label = named.get(1).filter(|l| !l.is_empty()).cloned().unwrap_or_else(|| code.clone());
    let value = parts(&field(5).replace(marks.again, " "), marks);
    let value = value.into_iter().rev().find(|v| !v.is_empty()).unwrap_or_default();
    if label.is_empty() && value.is_empty() {
        return None;
    }
    let bounds = field(7);
    let (low, high) = match bounds.split_once(marks.part) {
        Some((low, high)) => (low.trim(), high.trim()),
        // a sign in front is no separator
        None => bounds.get(1..).and_then(|rest| rest.split_once('-')).map_or(("", ""), |(low, high)| {
            (bounds.get(..1 + low.len()).unwrap_or_default().trim(), high.trim())
        }),
    };
    Some(LabResult {
        label,
        code,
        chapter: chapter.0.clone(),
        value,
        unit: field(6).to_owned(),
        low: low.to_owned(),
        high: high.to_owned(),
        range: if low.is_empty() && high.is_empty() { bounds.to_owned() } else { String::new() },
        flag: Flag::parse(field(8)),
        status: match field(11) {
            "F" => Some(ResultStatus::Final),
            "C" => Some(ResultStatus::Corrected),
            "R" | "I" | "P" => Some(ResultStatus::Preliminary),
            "X" | "D" => Some(ResultStatus::Cancelled),
            _ => None,
        },
        date: time::from_hl7(field(14)).or_else(|| chapter.1.clone()),
        ..LabResult::default()
    })
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph(vec![Span { text: text.to_owned(), ..Span::default() }])
}

/// The format has no text for people: its values as a table.
fn shown(document: &Document) -> Vec<Block> {
    let cell = |text: &str| Cell {
        spans: vec![Span { text: text.to_owned(), ..Span::default() }],
        columns: 1,
        rows: 1,
        ..Cell::default()
    };
    let rows: Vec<Vec<Cell>> = document
        .results
        .iter()
        .map(|r| {
            let bounds = match (r.low.as_str(), r.high.as_str()) {
                ("", "") => r.range.clone(),
                (low, high) => format!("{low} - {high}"),
            };
            let flag = r.flag.map(Flag::letters).filter(|f| *f != "N").unwrap_or_default();
            vec![
                cell(&r.label),
                cell(&format!("{} {}", r.value, r.unit)),
                cell(&bounds),
                cell(flag),
                cell(&r.comment),
            ]
        })
        .collect();
    if rows.is_empty() { Vec::new() } else { vec![Block::Grid(Grid { caption: Vec::new(), rows })] }
}
