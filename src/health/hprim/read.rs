//! Reads HPRIM Médecins. Sources: digest §4, `mssante.md` §6.3.

use memchr::memmem;

use super::header::{self, Header};
use crate::domain::biology::{Flag, LabResult, OtherUnit, ResultStatus};
use crate::domain::document::{Document, DocumentKind, Warning};
use crate::domain::message::Block;
use crate::domain::text::without_deceptive;
use crate::health::identity::{self, Comparison};

/// Most results of patients in one file, most coded values of one, and most bytes read.
const MAX_REPORTS: usize = 500;
const MAX_RESULTS: usize = 5_000;
const MAX_TEXT: usize = 2 << 20;
/// Longest line taken for a title, in characters.
const LONGEST_TITLE: usize = 80;

/// What stands between stars on a line of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Lab,
    End,
    EndOfFile,
}

/// Marks with a star missing, in lower case or indented exist.
fn mark(line: &str) -> Option<Mark> {
    let line = line.trim();
    let inner = line.trim_matches('*').trim();
    if line.len() < inner.len() + 4 || !line.starts_with("**") {
        return None;
    }
    match inner.to_ascii_uppercase().as_str() {
        "LAB" => Some(Mark::Lab),
        "FIN" => Some(Mark::End),
        "FINFICHIER" | "FIN FICHIER" => Some(Mark::EndOfFile),
        _ => None,
    }
}

/// HPRIM Médecins by its marks or by the shape of its header, or HPRIM Santé (`H|~^\&`).
pub fn is_hprim(text: &str) -> bool {
    let text = text.trim_start_matches('\u{FEFF}');
    let head = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text);
    if head.trim_start().starts_with("H|~^\\&") {
        return true;
    }
    if memmem::find(head.as_bytes(), b"**").is_some() && head.lines().any(|line| mark(line).is_some()) {
        return true;
    }
    let head = head.get(..head.floor_char_boundary(8_000)).unwrap_or(head);
    // as many line ends as the lines below have, each of two bytes
    let end = head.bytes().enumerate().filter(|(_, b)| matches!(b, b'\n' | b'\r')).nth(30);
    let head = head.get(..end.map_or(head.len(), |(at, _)| at)).unwrap_or(head);
    // a header has a date on a line of its own, and hardly any letter has one
    let may_be_date = |line: &str| line.trim().len() < 20 && line.bytes().any(|b| b.is_ascii_digit());
    if !head.split(['\n', '\r']).any(may_be_date) {
        return false;
    }
    let normal = lines_normalised(head);
    let lines: Vec<&str> = normal.lines().take(14).collect();
    [0, 1, 2].into_iter().any(|at| lines.get(at..).is_some_and(|l| header::find(l) == Some(0)))
}

/// Lines ended by CRLF, CR, LF or LFCR, as some gateways turn them round, all to LF.
fn lines_normalised(text: &str) -> String {
    // gateways that end lines once more
    let text = &text.replace("\r\r\n", "\n");
    let turned = text.matches("\n\r").count() > text.matches("\r\n").count();
    let text = if turned { text.replace("\n\r", "\n") } else { text.replace("\r\n", "\n") };
    text.replace('\r', "\n")
}

/// Reads every result of a file, one document each. Nothing in the text is changed; the coded values are an addition.
pub fn read(text: &str) -> Vec<Document> {
    let cut = text.len() > MAX_TEXT;
    let text = text.get(..text.floor_char_boundary(MAX_TEXT)).unwrap_or(text);
    let text = without_deceptive(&lines_normalised(&without_entities(text)));
    let mut documents = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    let (mut ended, mut closed) = (false, false);
    for line in text.lines() {
        match mark(line) {
            Some(Mark::End) => {
                ended = true;
                finish(&mut documents, &mut lines, false);
            }
            Some(Mark::EndOfFile) => {
                closed = true;
                finish(&mut documents, &mut lines, !ended);
            }
            // lines after the end of the file are a signature or advertisement, and may be a second file
            _ => lines.push(line),
        }
        if documents.len() >= MAX_REPORTS {
            break;
        }
    }
    let more = lines.iter().any(|l| !l.trim().is_empty());
    if !closed || (more && header::find(&lines).is_some()) {
        finish(&mut documents, &mut lines, !ended || more);
    }
    let full = documents.len() >= MAX_REPORTS;
    if let Some(last) = documents.last_mut()
        && (cut || full)
    {
        last.warn(Warning::Truncated);
    }
    documents
}

/// The documents name more than one patient.
pub(in crate::health) fn differ(documents: &[Document]) -> bool {
    let mut patients = documents.iter().filter_map(|d| d.patient.as_ref());
    let Some(first) = patients.next() else { return false };
    patients.any(|other| identity::compare(first, other) == Comparison::Different)
}

/// One result from the lines gathered so far.
fn finish(documents: &mut Vec<Document>, lines: &mut Vec<&str>, end_missing: bool) {
    let lines = std::mem::take(lines);
    if lines.iter().all(|line| line.trim().is_empty()) {
        return;
    }
    let mut document = Document::new(DocumentKind::Hprim, "text/plain");
    let start = header::find(&lines);
    let mut rest = lines.as_slice();
    let mut header = Header::default();
    if let Some(at) = start {
        header = header::read(lines.get(at..).unwrap_or_default());
        rest = lines.get(at + header::LINES..).unwrap_or_default();
        document.warn(Warning::InsMissing);
    }
    let (text, coded) = match rest.iter().position(|line| mark(line) == Some(Mark::Lab)) {
        Some(at) => (rest.get(..at).unwrap_or_default(), rest.get(at..).unwrap_or_default()),
        None => (rest, [].as_slice()),
    };
    // coded lines are met without their mark
    let is_coded =
        |line: &&&str| line.trim_start().starts_with("RES|") || line.trim_start().starts_with("TEX|");
    let human: Vec<&str> = text.iter().filter(|l| !is_coded(l)).map(|l| l.trim_end()).collect();
    let all_coded = coded.iter().chain(text.iter().filter(is_coded));
    let mut repeated = Vec::new();
    for line in all_coded {
        let line = line.trim_start();
        if let Some(text) = line.strip_prefix("TEX|") {
            repeated.push(text.trim_end());
        } else if let Some(fields) = line.strip_prefix("RES|") {
            if document.results.len() >= MAX_RESULTS {
                document.warn(Warning::Truncated);
                break;
            }
            document.results.extend(result(fields, header.date.as_deref()));
        }
    }
    let human = if human.iter().all(|l| l.trim().is_empty()) { repeated } else { human };
    fill(&mut document, header, &human, start.is_some());
    if document.results.iter().any(|r| r.status == Some(ResultStatus::Preliminary)) {
        document.warn(Warning::NotValidated);
    }
    if end_missing {
        document.warn(Warning::EndMissing);
    }
    documents.push(document);
}

fn fill(document: &mut Document, header: Header, human: &[&str], has_header: bool) {
    let first = human.iter().position(|l| !l.trim().is_empty()).unwrap_or(0);
    let last = human.iter().rposition(|l| !l.trim().is_empty()).map_or(0, |n| n + 1);
    let text = human.get(first..last).unwrap_or_default().join("\n");
    let title = text.lines().next().map(str::trim).filter(|l| l.chars().count() <= LONGEST_TITLE);
    let title = title.filter(|l| !l.contains("   ")).unwrap_or_default();
    document.title = if title.is_empty() { header.sender.name.clone() } else { title.to_owned() };
    document.date.clone_from(&header.date);
    if has_header {
        document.patient = Some(header.patient);
        document.authors.push(header.sender);
        if !header.number.is_empty() {
            document.series = Some(header.number);
        }
        document.recipients.extend(Some(header.recipient).filter(|r| !r.is_empty()));
    }
    document.size = text.len() as u64;
    document.blocks = if text.is_empty() { Vec::new() } else { vec![Block::Preformatted(text.clone())] };
    document.text = text;
}

/// `label|code|type|value|unit|low|high|flag|status|value2|unit2|low2|high2`; trailing fields may be missing.
fn result(fields: &str, date: Option<&str>) -> Option<LabResult> {
    let fields: Vec<&str> = fields.split('|').map(str::trim).collect();
    let field = |n: usize| fields.get(n).copied().unwrap_or_default().to_owned();
    let (label, code, value) = (field(0), field(1), field(3));
    // a line without name and value is a leftover of the laboratory's program
    if value.is_empty() && (label.is_empty() || field(7).is_empty() && field(9).is_empty()) {
        return None;
    }
    let other = OtherUnit { value: field(9), unit: field(10), low: field(11), high: field(12) };
    Some(LabResult {
        label: if label.is_empty() { code.clone() } else { label },
        code,
        value,
        unit: field(4),
        low: field(5),
        high: field(6),
        flag: Flag::parse(&field(7)),
        status: match field(8).to_ascii_uppercase().as_str() {
            "F" => Some(ResultStatus::Final),
            "R" => Some(ResultStatus::Preliminary),
            "C" => Some(ResultStatus::Corrected),
            _ => None,
        },
        other: (!other.value.is_empty()).then(|| Box::new(other)),
        date: date.map(str::to_owned),
        ..LabResult::default()
    })
}

/// Some gateways write accents as HTML does.
fn without_entities(text: &str) -> String {
    const KNOWN: [(&str, &str); 28] = [
        ("eacute", "é"),
        ("egrave", "è"),
        ("ecirc", "ê"),
        ("euml", "ë"),
        ("agrave", "à"),
        ("acirc", "â"),
        ("ccedil", "ç"),
        ("icirc", "î"),
        ("iuml", "ï"),
        ("ocirc", "ô"),
        ("ouml", "ö"),
        ("ugrave", "ù"),
        ("ucirc", "û"),
        ("uuml", "ü"),
        ("Eacute", "É"),
        ("Egrave", "È"),
        ("Agrave", "À"),
        ("Ccedil", "Ç"),
        ("micro", "µ"),
        ("deg", "°"),
        ("sup2", "²"),
        ("sup3", "³"),
        ("oelig", "œ"),
        ("lt", "<"),
        ("gt", ">"),
        ("quot", "\""),
        ("nbsp", " "),
        ("amp", "&"),
    ];
    // a report that names an entity once by chance does not use them
    if !text.contains("&eacute;")
        && !text.contains("&egrave;")
        && !text.contains("&agrave;")
        && !text.contains("&micro;")
    {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let known = KNOWN
            .iter()
            .find_map(|(name, value)| Some((*value, after.strip_prefix(name)?.strip_prefix(';')?)));
        match known {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
