//! Places of practice: the second public file, `PS_LibreAcces_Personne_activite`, joined by the national identifier. Of
//! its two million activities those of people with a mailbox are kept.

use std::io::BufRead;

use rusqlite::{Connection, OptionalExtension};

use super::extraction::{self, Header, Line};
use super::index::{KEY, hash};
use super::reading::{REPORT_EVERY, reading};
use super::row::{decode, decode_places, encode_places};
use super::spool::{Spool, SpoolReader};
use super::{Error, Phase, Progress};
use crate::domain::person::Practice;

/// Columns used, each with whether the file is none without it (headers: spec of the extraction, §1c).
const COLUMNS: [(&str, bool); 13] = [
    ("Identification nationale PP", true),
    ("Raison sociale site", true),
    ("Enseigne commerciale site", false),
    ("Numéro Voie", false),
    ("Indice répétition voie", false),
    ("Libellé type de voie", false),
    ("Libellé Voie", false),
    ("Code postal", true),
    ("Libellé commune", true),
    ("Bureau cedex", false),
    ("Téléphone", false),
    ("Téléphone 2", false),
    ("Mention distribution", false),
];
/// Most lines read: four times the real file.
const MAX_LINES: u64 = 10_000_000;
/// Most places kept of a person.
const MOST_PLACES: usize = 12;

/// Where the places of people come from.
pub(super) enum Places<'a> {
    /// From the data before, if any.
    Before(Option<&'a Connection>),
    /// From a file of activities.
    File {
        /// Places as texts.
        spool: SpoolReader,
        /// Hash of the key and place in the spool, sorted.
        index: Vec<(i64, u64)>,
    },
}

impl Places<'_> {
    /// The places of the person with this hash of the key.
    pub(super) fn of(&mut self, key: i64) -> Result<Vec<Practice>, Error> {
        match self {
            Self::Before(None) => Ok(Vec::new()),
            Self::Before(Some(data)) => {
                let mut row = data.prepare_cached(
                    "SELECT data FROM mark JOIN person ON person.id = mark.person WHERE hash = ?1",
                )?;
                let row: Option<String> = row.query_row([key], |row| row.get(0)).optional()?;
                Ok(row.map(|row| decode(&row).1).unwrap_or_default())
            }
            Self::File { spool, index } => {
                let mut places: Vec<Practice> = Vec::new();
                let first = index.partition_point(|(k, _)| *k < key);
                for (_, at) in index.iter().skip(first).take_while(|(k, _)| *k == key) {
                    for place in decode_places(spool.get(*at)?) {
                        merge(&mut places, place);
                    }
                }
                Ok(places)
            }
        }
    }
}

/// Adds a place unless it is there; one line may know the telephone that another lacks.
fn merge(places: &mut Vec<Practice>, place: Practice) {
    let same = |known: &Practice| {
        (&known.structure, &known.street, &known.postal_code)
            == (&place.structure, &place.street, &place.postal_code)
    };
    let known = places.iter().position(same);
    if let Some(known) = known.and_then(|at| places.get_mut(at)) {
        if known.phone.is_empty() {
            known.phone = place.phone;
        }
    } else if places.len() < MOST_PLACES {
        places.push(place);
    }
}

/// A file of activities, read.
pub(super) struct Activities {
    pub(super) spool: SpoolReader,
    pub(super) index: Vec<(i64, u64)>,
    pub(super) bad: u64,
}

/// Reads a file of activities, keeping those of `known` people (hashes of their keys, sorted).
pub(super) fn read<I: BufRead>(
    input: &mut I,
    (folder, known): (Option<&std::path::Path>, &[i64]),
    total: Option<u64>,
    progress: &mut dyn FnMut(Progress) -> bool,
    done: impl Fn(&I) -> u64,
) -> Result<Activities, Error> {
    let mut buffer = Vec::new();
    let header = match extraction::read_line(input, &mut buffer).map_err(reading)? {
        Line::Whole | Line::Unended => Header::find(&extraction::text(&buffer), COLUMNS.into_iter()),
        Line::TooLong | Line::End => Header::find("", COLUMNS.into_iter()),
    };
    let header = header.map_err(|missing| Error::NotAnExtraction { missing })?;
    let (mut spool, mut index) = (Spool::new(folder)?, Vec::new());
    let (mut lines, mut bad) = (0u64, 0u64);
    loop {
        let line = extraction::read_line(input, &mut buffer).map_err(reading)?;
        if line == Line::End {
            break;
        }
        lines += 1;
        if lines > MAX_LINES {
            return Err(Error::TooLarge { limit: super::reading::MAX_BYTES });
        }
        match activity(&header, line, &buffer) {
            Ok((key, place)) => {
                if let Some(place) = place.filter(|_| known.binary_search(&key).is_ok()) {
                    index.push((key, spool.push(&encode_places(&[place]))?));
                }
            }
            Err(()) if line == Line::Unended => return Err(Error::Truncated),
            Err(()) => bad += 1,
        }
        if lines.is_multiple_of(REPORT_EVERY)
            && !progress(Progress { phase: Phase::Reading, done: done(input), total })
        {
            return Err(Error::Cancelled);
        }
    }
    if lines == 0 || bad * 2 > lines {
        return Err(if lines == 0 {
            Error::Truncated
        } else {
            Error::MostlyBad { bad, lines, first: "not an activity".to_owned() }
        });
    }
    index.sort_unstable();
    Ok(Activities { spool: spool.into_reader()?, index, bad })
}

/// The person's hash and the place of one line; no place when the line tells none.
fn activity(header: &Header, line: Line, bytes: &[u8]) -> Result<(i64, Option<Practice>), ()> {
    if line == Line::TooLong {
        return Err(());
    }
    let text = extraction::text(bytes);
    let mut fields = header.fields(&text).map_err(|_| ())?;
    let mut field = || fields.next().unwrap_or_default();
    let (key, name, trade) = (field(), field(), field());
    if key.is_empty() {
        return Err(());
    }
    let street = [field(), field(), field(), field()];
    let street: Vec<&str> = street.iter().map(|s| &**s).filter(|s| !s.is_empty()).collect();
    let (postal_code, town, office, phone, other_phone) = (field(), field(), field(), field(), field());
    let office = office.split_once(' ').map_or("", |(_, town)| super::fold::without_cedex(town));
    let place = Practice {
        structure: if name.is_empty() { trade } else { name }.into_owned(),
        street: street.join(" "),
        postal_code: postal_code.into_owned(),
        city: if town.is_empty() { office.to_owned() } else { town.into_owned() },
        phone: if phone.is_empty() { other_phone } else { phone }.into_owned(),
    };
    let told = !place.city.is_empty() || !place.phone.is_empty() || !place.structure.is_empty();
    Ok((hash(KEY, &key), told.then_some(place)))
}
