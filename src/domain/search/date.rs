//! Dates as French and English people write them, as periods.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use crate::domain::UnixTime;

/// The period a word names: a day, a month or a year; its first second and the first one after it.
pub(super) fn period(word: &str, now: UnixTime, zone: &TimeZone) -> Option<(UnixTime, UnixTime)> {
    let today = Timestamp::from_second(now).ok()?.to_zoned(zone.clone()).date();
    let (first, length) = dated(word.trim(), today)?;
    Some((start(first, zone)?, start(first.checked_add(length).ok()?, zone)?))
}

/// A period, or two of them joined by `..`: from the begin of the first to the end of the second, whichever is first.
pub(super) fn span(words: &str, now: UnixTime, zone: &TimeZone) -> Option<(UnixTime, UnixTime)> {
    let Some((one, other)) = words.split_once("..") else { return period(words, now, zone) };
    let (one, other) = (period(one, now, zone)?, period(other, now, zone)?);
    Some((one.0.min(other.0), one.1.max(other.1)))
}

fn start(day: Date, zone: &TimeZone) -> Option<UnixTime> {
    Some(day.to_zoned(zone.clone()).ok()?.timestamp().as_second())
}

fn dated(word: &str, today: Date) -> Option<(Date, Span)> {
    match word {
        "aujourd'hui" | "aujourdhui" | "aujourd’hui" | "today" => return Some((today, 1.day())),
        "hier" | "yesterday" => return Some((today.yesterday().ok()?, 1.day())),
        _ => {}
    }
    let parts: Vec<&str> = word.split(['/', '-', '.']).collect();
    let number = |text: &str| {
        (!text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<i16>().ok())
            .flatten()
    };
    let small = |text: &str| number(text).and_then(|n| i8::try_from(n).ok());
    let day = |year: i16, month: i8, day: i8| Date::new(year, month, day).ok();
    match parts.as_slice() {
        [year] if year.len() == 4 => Some((day(number(year)?, 1, 1)?, 1.year())),
        [year, month] if year.len() == 4 => Some((day(number(year)?, small(month)?, 1)?, 1.month())),
        [month, year] if year.len() == 4 => Some((day(number(year)?, small(month)?, 1)?, 1.month())),
        // the last day of this name that has begun
        [d, month] => {
            let this = day(today.year(), small(month)?, small(d)?)?;
            let last = if this > today { day(today.year() - 1, small(month)?, small(d)?)? } else { this };
            Some((last, 1.day()))
        }
        [year, month, d] if year.len() == 4 => Some((day(number(year)?, small(month)?, small(d)?)?, 1.day())),
        [d, month, year] if year.len() == 4 => Some((day(number(year)?, small(month)?, small(d)?)?, 1.day())),
        [d, month, year] if year.len() == 2 => {
            Some((day(2000 + number(year)?, small(month)?, small(d)?)?, 1.day()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let paris = TimeZone::fixed(jiff::tz::offset(1));
        // 12 March 2026, 10:00 in Paris
        let now = date(2026, 3, 12).at(10, 0, 0, 0).to_zoned(paris.clone()).unwrap().timestamp().as_second();
        let at = |y, m, d| date(y, m, d).to_zoned(paris.clone()).unwrap().timestamp().as_second();
        for (word, from, before) in [
            ("01/03/2026", at(2026, 3, 1), at(2026, 3, 2)),
            ("1/3/2026", at(2026, 3, 1), at(2026, 3, 2)),
            ("01.03.26", at(2026, 3, 1), at(2026, 3, 2)),
            ("2026-03-01", at(2026, 3, 1), at(2026, 3, 2)),
            ("2026-03", at(2026, 3, 1), at(2026, 4, 1)),
            ("03/2026", at(2026, 3, 1), at(2026, 4, 1)),
            ("2025", at(2025, 1, 1), at(2026, 1, 1)),
            ("10/03", at(2026, 3, 10), at(2026, 3, 11)),
            ("24/12", at(2025, 12, 24), at(2025, 12, 25)),
            ("hier", at(2026, 3, 11), at(2026, 3, 12)),
            ("today", at(2026, 3, 12), at(2026, 3, 13)),
        ] {
            assert_eq!(period(word, now, &paris), Some((from, before)), "{word}");
        }
        assert_eq!(span("01/02/2026..15/02/2026", now, &paris), Some((at(2026, 2, 1), at(2026, 2, 16))));
        assert_eq!(span("15/02/2026..01/02/2026", now, &paris), Some((at(2026, 2, 1), at(2026, 2, 16))));
        for word in ["", "32/01/2026", "30/02/2026", "demain", "1/2/3/4", "12", "99999", "01/13/2026", ".."] {
            assert_eq!(span(word, now, &paris), None, "{word}");
        }
    }
}
