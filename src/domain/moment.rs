//! Dates of documents: ISO 8601 text, as precise as they were given, shown by the clock of where they were written.
//!
//! Documents come with the time of their author's clock and its distance from UTC (CDA), in UTC (METADATA, calendars) or
//! with neither (HPRIM). A sample taken at half past eight in Cayenne was taken at half past eight, wherever it is read; a
//! time without a zone is the author's already. What is given in UTC tells no clock: it is shown by those of mainland
//! France.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// The hours of mainland France since 1996, by the rule of the Union: no zone file of the system is needed.
const FRANCE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// The same moment by the clock of its place and without a zone; what has no time or no zone stays as it is.
pub fn local(iso: &str) -> String {
    at_its_place(iso).unwrap_or_else(|| iso.to_owned())
}

fn at_its_place(iso: &str) -> Option<String> {
    let (date, time) = iso.split_once('T')?;
    let (clock, zone) = time.split_at_checked(time.find(['Z', '+', '-'])?)?;
    let there: DateTime = format!("{date}T{clock}").parse().ok()?;
    let here = match zone {
        "Z" | "+00:00" | "-00:00" => {
            let moment = Offset::UTC.to_timestamp(there).ok()?;
            moment.to_zoned(TimeZone::posix(FRANCE).ok()?).datetime()
        }
        _ => there,
    };
    // as precise as it was
    let form = if clock.len() > 5 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M" };
    Some(here.strftime(form).to_string())
}

/// `2026-03-12T10:15` as 12/03/2026, by the clock of its place; a year or month alone stays so. French and British order agree.
pub fn day(iso: &str) -> String {
    let local = local(iso);
    let mut parts = local.split('T').next().unwrap_or(&local).split('-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(year), Some(month), Some(day)) => format!("{day}/{month}/{year}"),
        (Some(year), Some(month), None) => format!("{month}/{year}"),
        _ => local,
    }
}

/// As [`day`], with the hour where it is known: 12/03/2026 10:15.
pub fn day_and_hour(iso: &str) -> String {
    let local = local(iso);
    match local.split_once('T').and_then(|(_, time)| time.get(..5)) {
        Some(hour) => format!("{} {hour}", day(&local)),
        None => day(&local),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_their_place_and_of_france_where_none_is_told() {
        for (iso, shown) in [
            ("2026-12-01T14:00:00Z", "01/12/2026 15:00"),
            ("2026-07-01T14:00Z", "01/07/2026 16:00"),
            // on the night of the change, one hour before and after
            ("2026-03-29T00:59:00Z", "29/03/2026 01:59"),
            ("2026-03-29T01:00:00Z", "29/03/2026 03:00"),
            ("2026-10-25T00:59:59Z", "25/10/2026 02:59"),
            ("2026-10-25T01:00:00Z", "25/10/2026 02:00"),
            // another day than in UTC
            ("2026-03-11T23:30:00Z", "12/03/2026 00:30"),
            ("2026-12-31T23:30:00Z", "01/01/2027 00:30"),
            ("2026-03-12T10:15:00+01:00", "12/03/2026 10:15"),
            ("2026-03-12T10:15:00-04:00", "12/03/2026 10:15"),
            ("2026-03-12T10:15:00+04:00", "12/03/2026 10:15"),
            ("2026-03-12T10:15:00+00:00", "12/03/2026 11:15"),
            ("2026-03-12T10:15", "12/03/2026 10:15"),
            ("2026-03-12", "12/03/2026"),
            ("2026-03", "03/2026"),
            ("1985", "1985"),
            ("UNK", "UNK"),
            ("", ""),
            ("2026-02-31T10:00:00Z", "31/02/2026 10:00"),
            ("2026-03-12T10:15:00+99:99", "12/03/2026 10:15"),
            ("T+:", "T+:"),
        ] {
            assert_eq!(day_and_hour(iso), shown, "{iso}");
        }
        assert_eq!(day("2026-03-11T23:30:00Z"), "12/03/2026");
        assert_eq!(local("2026-03-11T23:30Z"), "2026-03-12T00:30");
    }
}
