//! Dates of the formats to ISO 8601, as precise as they were given.

/// HL7 time (`AAAAMMJJhhmmss+ZZZZ`, any shorter form), with `T` and `Z` as calendars write it, or ISO 8601, to ISO 8601.
/// `None` when it is no time.
pub(super) fn from_hl7(text: &str) -> Option<String> {
    let text = compact(text.trim());
    let (digits, zone) = match text.find(['+', '-', 'Z', 'z']) {
        Some(at) => text.split_at_checked(at)?,
        None => (text.as_str(), ""),
    };
    let digits = digits.split(['.', ',']).next().unwrap_or(digits);
    if digits.len() < 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to);
    let number = |from: usize, to: usize| part(from, to).and_then(|p| p.parse::<u8>().ok());
    let mut out = part(0, 4)?.to_owned();
    // unknown months and days are written 00
    let Some(month) = number(4, 6).filter(|m| *m > 0) else { return Some(out) };
    if month > 12 {
        return None;
    }
    out.push_str(&format!("-{month:02}"));
    let Some(day) = number(6, 8).filter(|d| *d > 0) else { return Some(out) };
    if day > 31 {
        return None;
    }
    out.push_str(&format!("-{day:02}"));
    let (Some(hour), Some(minute)) = (number(8, 10), number(10, 12)) else { return Some(out) };
    if hour > 24 || minute > 59 {
        return Some(out);
    }
    out.push_str(&format!("T{hour:02}:{minute:02}"));
    if let Some(second) = number(12, 14).filter(|s| *s < 61) {
        out.push_str(&format!(":{second:02}"));
    }
    if zone.eq_ignore_ascii_case("z") {
        out.push('Z');
    }
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    // minutes may be left out
    let minutes = if zone.len() == 3 { Some("00") } else { zone.get(3..5) };
    match (zone.get(0..1), zone.get(1..3), minutes) {
        (Some(sign), Some(hours), Some(minutes)) if is_number(hours) && is_number(minutes) => {
            out.push_str(&format!("{sign}{hours}:{minutes}"));
        }
        _ => {}
    }
    Some(out)
}

/// Without what ISO 8601 writes between digits: the `T`, colons and the hyphens of the date.
fn compact(text: &str) -> String {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at).unwrap_or(text), text.get(at + 1..).unwrap_or_default()),
        None => (text, ""),
    };
    let is_iso = date.len() == 10 && date.bytes().enumerate().all(|(n, b)| (b == b'-') == (n == 4 || n == 7));
    let date = if is_iso { date.replace('-', "") } else { date.to_owned() };
    date + &time.trim().replace(':', "")
}

/// `JJ/MM/AAAA`, `JJ-MM-AAAA`, `JJ.MM.AAAA`, `AAAA-MM-JJ`, `AAAAMMJJ` or `JJ/MM/AA` to ISO 8601. Two digits of a year
/// are of this century up to 30, else of the last. `None` when it is no date.
pub(super) fn from_french(text: &str) -> Option<String> {
    let text = text.split_whitespace().next()?;
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let number =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u16>().ok()).flatten();
    let (year, month, day) = match parts.as_slice() {
        [a, b, c] if a.len() == 4 => (number(a)?, number(b)?, number(c)?),
        [a, b, c] if c.len() == 4 => (number(c)?, number(b)?, number(a)?),
        [a, b, c] if c.len() == 2 => {
            let short = number(c)?;
            (if short <= 30 { 2000 + short } else { 1900 + short }, number(b)?, number(a)?)
        }
        [all] if all.len() == 8 => (number(all.get(..4)?)?, number(all.get(4..6)?)?, number(all.get(6..)?)?),
        _ => return None,
    };
    let sensible = (1850..=2150).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    sensible.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_the_precision_they_came_with() {
        for (hl7, iso) in [
            ("20260312101500+0100", Some("2026-03-12T10:15:00+01:00")),
            ("202603121015", Some("2026-03-12T10:15")),
            ("20260312", Some("2026-03-12")),
            ("19850400", Some("1985-04")),
            ("19850000", Some("1985")),
            ("1985", Some("1985")),
            ("20260312101500.123+0100", Some("2026-03-12T10:15:00+01:00")),
            ("20261399", None),
            ("20261201T140000Z", Some("2026-12-01T14:00:00Z")),
            ("20261201140000Z", Some("2026-12-01T14:00:00Z")),
            ("202612011400Z", Some("2026-12-01T14:00Z")),
            ("20261201T140000", Some("2026-12-01T14:00:00")),
            ("2026-12-01T14:00:00+01:00", Some("2026-12-01T14:00:00+01:00")),
            ("2026-12-01T14:00:00.250Z", Some("2026-12-01T14:00:00Z")),
            ("2026-12-01 14:00:00", Some("2026-12-01T14:00:00")),
            ("2026-12-01", Some("2026-12-01")),
            ("20260312101500+01", Some("2026-03-12T10:15:00+01:00")),
            ("20260312101500-0330", Some("2026-03-12T10:15:00-03:30")),
            ("20260312101500+1", Some("2026-03-12T10:15:00")),
            ("T", None),
            ("Zé", None),
            ("UNK", None),
            ("", None),
        ] {
            assert_eq!(from_hl7(hl7).as_deref(), iso, "{hl7}");
        }
        for (text, iso) in [
            ("12/04/1985", Some("1985-04-12")),
            ("1985-04-12", Some("1985-04-12")),
            ("12-04-1985", Some("1985-04-12")),
            ("12/04/85", Some("1985-04-12")),
            ("19850412", Some("1985-04-12")),
            ("12/03/2026 10:15", Some("2026-03-12")),
            ("31/31/1985", None),
            ("75000 PARIS", None),
            ("é/é/éééé", None),
        ] {
            assert_eq!(from_french(text).as_deref(), iso, "{text}");
        }
    }
}
