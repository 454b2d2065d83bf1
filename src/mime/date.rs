//! Date fields whose time zone is a letter, such as the Z of universal time (RFC 5322 §4.3): the parser takes the two
//! bytes after such a letter with it, and with them the end of the line, so that the next field was lost.

use std::borrow::Cow;
use std::ops::Range;

use super::charset;

/// Bytes the parser takes.
const TAKEN: &[u8] = b"  ";

/// The message with room after such a zone.
pub(super) fn padded(raw: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let ends: Vec<usize> = zones(&raw).collect();
    if ends.is_empty() {
        return raw;
    }
    let (mut out, mut at) = (Vec::with_capacity(raw.len() + ends.len() * TAKEN.len()), 0);
    for end in ends {
        out.extend_from_slice(raw.get(at..end).unwrap_or_default());
        out.extend_from_slice(TAKEN);
        at = end;
    }
    out.extend_from_slice(raw.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

/// Nothing has to be padded.
pub(super) fn is_plain(raw: &[u8]) -> bool {
    zones(raw).next().is_none()
}

/// Where lines of date fields end in such a letter.
fn zones(raw: &[u8]) -> impl Iterator<Item = usize> {
    let mut is_date = false;
    lines(raw).filter_map(move |line| {
        let begin = line.start;
        let text = raw.get(line)?;
        if !text.first().is_some_and(|b| matches!(b, b' ' | b'\t')) {
            let name = text.split(|b| *b == b':').next().unwrap_or_default().trim_ascii();
            is_date = name.len() < text.len()
                && [b"date".as_slice(), b"resent-date"].iter().any(|date| name.eq_ignore_ascii_case(date));
        }
        let value = text.trim_ascii_end();
        let zone = value.get(value.len().saturating_sub(TAKEN.len())..)?;
        let is_cut = is_date && zone.iter().any(u8::is_ascii_alphabetic);
        is_cut.then_some(begin + value.len())
    })
}

/// Lines of the header with their ends.
fn lines(raw: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let header = raw.get(..charset::header_length(raw)).unwrap_or_default();
    let mut at = 0;
    header.split_inclusive(|b| *b == b'\n').map(move |line| {
        let begin = at;
        at += line.len();
        begin..at
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::mime;

    #[test]
    fn a_zone_of_a_letter_takes_no_field_with_it() {
        for (date, seconds) in [
            ("Thu, 12 Mar 2026 10:20:00 Z", 1_773_310_800),
            ("Thu, 12 Mar 2026 10:20:00 UT", 1_773_310_800),
            ("Thu, 12 Mar 2026\r\n 10:20:00 Z", 1_773_310_800),
            ("12 Mar 2026 10:20:00 GMT", 1_773_310_800),
            ("Thu, 12 Mar 2026 10:20:00 +0100", 1_773_307_200),
        ] {
            for end in ["\r\n", "\n"] {
                let message = format!("Date: {date}\r\nSubject: Bilan\r\n\r\nTexte\r\n").replace("\r\n", end);
                let header = mime::parse_header(message.as_bytes()).envelope;
                let parsed = mime::parse(message.as_bytes());
                assert_eq!(header, parsed.envelope, "{date}");
                assert_eq!((header.subject.as_str(), header.date), ("Bilan", Some(seconds)), "{date}");
                assert_eq!(parsed.text.trim(), "Texte", "{date}");
            }
        }
    }

    #[test]
    fn a_date_at_the_end_of_the_header_does_not_make_a_header_of_the_body() {
        let message = b"From: a@test.example\r\nDate: Thu, 12 Mar 2026 10:20:00 Z\r\n\r\nSubject: text\r\n";
        let parsed = mime::parse(message);
        assert_eq!((parsed.envelope.subject.as_str(), parsed.text.trim()), ("", "Subject: text"));
    }
}
