//! Dates and hours. French and British order agree (day, month, year); only the words differ.

use jiff::Timestamp;
use jiff::Zoned;

use super::Wording;
use crate::domain::UnixTime;

fn zoned(wording: &Wording, time: UnixTime) -> Zoned {
    let timestamp = Timestamp::from_second(time).unwrap_or(Timestamp::UNIX_EPOCH);
    timestamp.to_zoned(wording.zone().clone())
}

enum Day {
    Today,
    Yesterday,
    ThisYear,
    Other,
}

fn day_of(at: &Zoned, now: &Zoned) -> Day {
    match () {
        () if at.date() == now.date() => Day::Today,
        () if now.date().yesterday().is_ok_and(|day| day == at.date()) => Day::Yesterday,
        () if at.year() == now.year() => Day::ThisYear,
        () => Day::Other,
    }
}

pub(super) fn hour(wording: &Wording, time: UnixTime) -> String {
    let at = zoned(wording, time);
    format!("{}:{:02}", at.hour(), at.minute())
}

pub(super) fn day(wording: &Wording, time: UnixTime) -> String {
    let at = zoned(wording, time);
    format!("{:02}/{:02}/{:04}", at.day(), at.month(), at.year())
}

pub(super) fn when(wording: &Wording, time: UnixTime, now: UnixTime) -> String {
    let at = zoned(wording, time);
    match day_of(&at, &zoned(wording, now)) {
        Day::Today => hour(wording, time),
        Day::Yesterday => wording.text("date-yesterday"),
        Day::ThisYear => format!("{:02}/{:02}", at.day(), at.month()),
        Day::Other => day(wording, time),
    }
}

pub(super) fn moment(wording: &Wording, time: UnixTime, now: UnixTime) -> String {
    let hour = hour(wording, time);
    let at = zoned(wording, time);
    match day_of(&at, &zoned(wording, now)) {
        Day::Today => wording.with("date-today-at", &[("hour", &hour)]),
        Day::Yesterday => wording.with("date-yesterday-at", &[("hour", &hour)]),
        Day::ThisYear | Day::Other => {
            wording.with("date-day-at", &[("day", &day(wording, time)), ("hour", &hour)])
        }
    }
}
