//! Events (RFC 5545) and contacts (RFC 6350) as text: shown, never acted on.

use crate::domain::document::{Document, DocumentKind};
use crate::domain::message::{Block, Span};
use crate::domain::text::without_deceptive;

/// Properties that are shown.
const SHOWN: [&str; 16] = [
    "SUMMARY",
    "DTSTART",
    "DTEND",
    "LOCATION",
    "ORGANIZER",
    "ATTENDEE",
    "DESCRIPTION",
    "STATUS",
    "FN",
    "ORG",
    "TITLE",
    "TEL",
    "EMAIL",
    "ADR",
    "ROLE",
    "NOTE",
];
/// Most lines shown, and longest value in bytes.
const MAX_LINES: usize = 200;
const MAX_VALUE: usize = 4_000;

/// Fills the document with the properties people read.
pub(super) fn read(kind: DocumentKind, text: &str) -> Document {
    let mut document =
        Document::new(kind, if kind == DocumentKind::Calendar { "text/calendar" } else { "text/vcard" });
    let unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
    let mut lines = Vec::new();
    for line in unfolded.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let mut parts = name.split(';');
        let name = parts.next().unwrap_or_default();
        // iCloud groups properties: item1.EMAIL
        let name = name.rsplit_once('.').map_or(name, |(_, name)| name).to_ascii_uppercase();
        if !SHOWN.contains(&name.as_str()) || lines.len() >= MAX_LINES {
            continue;
        }
        let common = parts.find_map(|p| p.strip_prefix("CN=")).map(|cn| cn.trim_matches('"'));
        let value = value.get(..value.floor_char_boundary(MAX_VALUE)).unwrap_or(value);
        let value = value
            .replace("\\n", "\n")
            .replace("\\N", "\n")
            .replace("\\,", ",")
            .replace("\\;", ";")
            .replace("\\\\", "\\");
        let value = value.trim_start_matches("mailto:").trim_start_matches("MAILTO:");
        let value = match common {
            Some(common) => format!("{common} <{value}>"),
            None if matches!(name.as_str(), "DTSTART" | "DTEND") => {
                super::time::from_hl7(&value.replace('T', "")).unwrap_or_else(|| value.to_owned())
            }
            None if matches!(name.as_str(), "ADR" | "ORG") => {
                value.split(';').filter(|p| !p.trim().is_empty()).collect::<Vec<_>>().join(", ")
            }
            None => value.to_owned(),
        };
        let value = without_deceptive(value.trim());
        if value.is_empty() {
            continue;
        }
        if matches!(name.as_str(), "SUMMARY" | "FN") && document.title.is_empty() {
            document.title.clone_from(&value);
        }
        if name == "DTSTART" && document.date.is_none() {
            document.date = Some(value.clone());
        }
        lines.push(value);
    }
    let spans = |text: String| vec![Span { text, ..Span::default() }];
    document.blocks = lines.into_iter().map(|line| Block::Paragraph(spans(line))).collect();
    document.text = crate::domain::plain::text(&document.blocks);
    document
}
