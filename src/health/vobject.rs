//! Events (RFC 5545) and contacts (RFC 6350) as text: shown, never acted on.

use crate::domain::document::{Document, DocumentKind};
use crate::domain::message::{Block, Span};
use crate::domain::moment;
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
    let mut start = None;
    // rules of clocks and reminders have times and texts of their own
    let mut aside: Option<String> = None;
    for line in unfolded.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let mut parts = name.split(';');
        let name = parts.next().unwrap_or_default();
        // iCloud groups properties: item1.EMAIL
        let name = name.rsplit_once('.').map_or(name, |(_, name)| name).to_ascii_uppercase();
        match (name.as_str(), value.trim().to_ascii_uppercase().as_str()) {
            ("BEGIN", part @ ("VTIMEZONE" | "VALARM")) if aside.is_none() => aside = Some(part.to_owned()),
            ("END", part) if aside.as_deref() == Some(part) => aside = None,
            ("BEGIN", "VEVENT") => start = None,
            _ => {}
        }
        if aside.is_some() {
            continue;
        }
        if !SHOWN.contains(&name.as_str()) || lines.len() >= MAX_LINES {
            continue;
        }
        let parameters: Vec<&str> = parts.collect();
        let parameter =
            |name: &str| parameters.iter().find_map(|p| p.strip_prefix(name)).map(|v| v.trim_matches('"'));
        let common = parameter("CN=");
        let value = value.get(..value.floor_char_boundary(MAX_VALUE)).unwrap_or(value);
        let value = value
            .replace("\\n", "\n")
            .replace("\\N", "\n")
            .replace("\\,", ",")
            .replace("\\;", ";")
            .replace("\\\\", "\\");
        let value = value.trim_start_matches("mailto:").trim_start_matches("MAILTO:");
        if let "DTSTART" | "DTEND" = name.as_str()
            && let Some(iso) = super::time::from_hl7(value)
        {
            let zone = parameter("TZID=").filter(|zone| !is_french(zone));
            match start.take() {
                None => {
                    document.date.get_or_insert_with(|| iso.clone());
                    lines.push(with_zone(moment::day_and_hour(&iso), zone));
                    start = Some((lines.len() - 1, iso));
                }
                Some((line, from)) => {
                    if let Some(line) = lines.get_mut(line) {
                        *line = with_zone(period(&from, &iso), zone);
                    }
                }
            }
            continue;
        }
        let value = match common {
            Some(common) => format!("{common} <{value}>"),
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
        lines.push(value);
    }
    let spans = |text: String| vec![Span { text, ..Span::default() }];
    document.blocks = lines.into_iter().map(|line| Block::Paragraph(spans(line))).collect();
    document.text = crate::domain::plain::text(&document.blocks);
    document
}

/// From a beginning to an end; the day is said once. The end of whole days is the morning after (RFC 5545 §3.6.1).
fn period(from: &str, to: &str) -> String {
    let (start, end) = (moment::day_and_hour(from), moment::day_and_hour(to));
    let same_day = moment::day(from) == moment::day(to);
    match end.split_once(' ') {
        Some((_, hour)) if same_day && start != end => format!("{start} – {hour}"),
        Some(_) if !same_day => format!("{start} – {end}"),
        Some(_) => start,
        None => match to.parse::<jiff::civil::Date>().ok().and_then(|day| day.yesterday().ok()) {
            Some(last) if moment::day(&last.to_string()) != start && last.to_string().as_str() > from => {
                format!("{start} – {}", moment::day(&last.to_string()))
            }
            _ => start,
        },
    }
}

/// Its clocks are those of mainland France, whatever a program calls them.
fn is_french(zone: &str) -> bool {
    ["Paris", "Romance", "Brussels", "Berlin", "W. Europe"].iter().any(|name| zone.contains(name))
}

fn with_zone(time: String, zone: Option<&str>) -> String {
    match zone {
        Some(zone) => format!("{time} ({zone})"),
        None => time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(event: &str) -> (Option<String>, Vec<String>) {
        let text = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:RCP\r\n{event}\r\nEND:VEVENT\r\nEND:VCALENDAR"
        );
        let document = read(DocumentKind::Calendar, &text);
        (document.date, document.text.lines().filter(|l| !l.is_empty()).map(str::to_owned).collect())
    }

    #[test]
    fn an_event_is_when_it_is_in_france() {
        for (event, date, when) in [
            (
                "DTSTART:20261201T140000Z\r\nDTEND:20261201T150000Z",
                "2026-12-01T14:00:00Z",
                "01/12/2026 15:00 – 16:00",
            ),
            (
                "DTSTART:20260701T220000Z\r\nDTEND:20260701T230000Z",
                "2026-07-01T22:00:00Z",
                "02/07/2026 00:00 – 01:00",
            ),
            (
                "DTSTART;TZID=Europe/Paris:20261201T140000\r\nDTEND;TZID=Europe/Paris:20261202T093000",
                "2026-12-01T14:00:00",
                "01/12/2026 14:00 – 02/12/2026 09:30",
            ),
            (
                "DTSTART;TZID=Indian/Reunion:20261201T140000",
                "2026-12-01T14:00:00",
                "01/12/2026 14:00 (Indian/Reunion)",
            ),
            ("DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261202", "2026-12-01", "01/12/2026"),
            (
                "DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261204",
                "2026-12-01",
                "01/12/2026 – 03/12/2026",
            ),
            (
                "DTSTART:20261201T140000Z\r\nDTEND:20261201T140000Z",
                "2026-12-01T14:00:00Z",
                "01/12/2026 15:00",
            ),
        ] {
            let (found, lines) = lines(event);
            assert_eq!(found.as_deref(), Some(date), "{event}");
            assert_eq!(lines, ["RCP", when], "{event}");
        }
        assert_eq!(lines("DTSTART:demain").1, ["RCP", "demain"]);
    }

    #[test]
    fn rules_of_clocks_and_reminders_are_no_part_of_the_event() {
        let text = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Romance Standard Time\r\nBEGIN:STANDARD\r\n\
                    DTSTART:16010101T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nSUMMARY:RCP\r\n\
                    DTSTART;TZID=Romance Standard Time:20261201T140000\r\nBEGIN:VALARM\r\nDESCRIPTION:REMINDER\r\n\
                    END:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR";
        let document = read(DocumentKind::Calendar, text);
        assert_eq!(document.date.as_deref(), Some("2026-12-01T14:00:00"));
        assert_eq!(document.text.split_whitespace().collect::<Vec<_>>(), ["RCP", "01/12/2026", "14:00"]);
    }
}
