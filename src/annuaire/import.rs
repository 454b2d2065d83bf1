//! Import: read and check every line, put it aside on disk, compare with the data before, and write what changed or
//! everything, to a new file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek, SeekFrom};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

use super::activity::{self, Activities, Places};
use super::database::{Building, DATA_VERSION, Database, meta};
use super::difference::Difference;
use super::extraction::Record;
use super::index::sort_key;
use super::patch::{self, Plan};
use super::reading::{MAX_BYTES, REPORT_EVERY, Read, Reading, mark, reading};
use super::row;
use super::writer;
use super::{Error, Phase, Progress, Status};

/// Bytes of a zip archive received between two reports.
const PART: u64 = 1 << 18;
/// Most bytes of a zip archive.
const MAX_ZIP: u64 = 512 << 20;
/// A file with fewer mailboxes than this share of the data before, in percent, is not taken for the next day's: it may
/// be cut at the end of a line.
const LEAST_SHARE: u64 = 80;
/// Data with fewer mailboxes than this are not compared so: they are no national file.
const LEAST_COMPARED: u64 = 1000;
/// Rules by which words are made from a line. To be counted up when they change.
const TERMS_VERSION: &str = "2";

/// Where the bytes come from.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// File name, which dates the data.
    pub(super) name: String,
    /// Length in bytes as received, when known: fewer are a truncated file.
    pub(super) size: Option<u64>,
    /// Address it was downloaded from.
    pub(super) url: String,
    /// `ETag` of the answer.
    pub(super) etag: String,
    /// `Last-Modified` of the answer.
    pub(super) last_modified: String,
}

impl Origin {
    pub(super) fn named(name: &str, size: Option<u64>) -> Self {
        Self { name: name.to_owned(), size, ..Self::default() }
    }
}

/// Bytes received so far, against a bound.
struct Counted<R> {
    inner: R,
    done: u64,
    limit: u64,
}

impl<R: io::Read> io::Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.done += n as u64;
        if self.done > self.limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "annuaire"));
        }
        Ok(n)
    }
}

/// What an import may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permission {
    /// Take a file with far fewer mailboxes than the data before.
    pub smaller: bool,
}

/// Runs one import of the extraction from end to end.
pub(super) fn run(
    database: &Database,
    input: &mut dyn io::Read,
    origin: Origin,
    permission: Permission,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Status, Error> {
    let _lock = database.import_lock()?;
    let folder = database.folder();
    let mut read: Option<Read> = None;
    let date = text_of(database, input, &origin, progress, &mut |text, size, progress| {
        let mut lines = Reading::new(folder.as_deref())?;
        lines.lines(text, size, progress, |i| i.get_ref().done)?;
        read = Some(lines.finish()?);
        Ok(())
    })?;
    let mut read = read.ok_or(Error::Truncated)?;
    read.data_date = date.or(data_date(&origin.name));
    let (building, difference) = database.with_before(|before| {
        let mailboxes = read.addresses().len() as u64;
        let difference = match before {
            Some(before) => {
                check_shrunk(before, mailboxes, permission)?;
                Some(Difference::between(before, &mut read)?)
            }
            None => None,
        };
        let building = build(database, before, &mut read, progress)?;
        let finished = describe(&building, &read, &origin, mailboxes, difference.as_ref());
        finished.map(|()| (building, difference))
    })?;
    database.publish(building, difference.as_ref(), read.data_date.as_deref())?;
    database.status()
}

/// Runs one import of the activities: the people stay, their places are replaced.
pub(super) fn run_activities(
    database: &Database,
    input: &mut dyn io::Read,
    origin: Origin,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Status, Error> {
    let _lock = database.import_lock()?;
    let folder = database.folder();
    let known = database.with_before(|before| {
        let mut hashes = before.ok_or(Error::NoExtraction)?.prepare("SELECT hash FROM mark ORDER BY hash")?;
        let rows = hashes.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<Vec<i64>, _>>()?)
    })?;
    let mut read: Option<Activities> = None;
    let date = text_of(database, input, &origin, progress, &mut |text, size, progress| {
        let about = (folder.as_deref(), known.as_slice());
        read = Some(activity::read(text, about, size, progress, |i| i.get_ref().done)?);
        Ok(())
    })?;
    let Activities { spool, index, bad } = read.ok_or(Error::Truncated)?;
    let people = index.chunk_by(|a, b| a.0 == b.0).count();
    let mut places = Places::File { spool, index };
    let date = date.or(data_date(&origin.name)).unwrap_or_default();
    let building = database.with_before(|before| {
        let before = before.ok_or(Error::NoExtraction)?;
        let mut building = database.build()?;
        write_again(&mut building, before, &mut places, progress).and_then(|()| {
            let about = [
                ("places_people", people.to_string()),
                ("places_date", date),
                ("places_bad", bad.to_string()),
            ];
            for (name, value) in about {
                set_meta(&building.connection, name, &value)?;
            }
            Ok(building.connection.execute_batch("COMMIT")?)
        })?;
        Ok(building)
    })?;
    database.publish(building, None, None)?;
    database.status()
}

type Text<'t> = BufReader<Counted<&'t mut dyn io::Read>>;

/// Takes the text of a file of this size, when it is known, and tells how far it is.
type Take<'a> =
    &'a mut dyn FnMut(&mut Text<'_>, Option<u64>, &mut dyn FnMut(Progress) -> bool) -> Result<(), Error>;

/// Gives the text of a file, unpacked when it is a zip archive, to `take`; answers the date its entry's name bears.
fn text_of(
    database: &Database,
    input: &mut dyn io::Read,
    origin: &Origin,
    progress: &mut dyn FnMut(Progress) -> bool,
    take: Take<'_>,
) -> Result<Option<String>, Error> {
    let mut input: Text<'_> =
        BufReader::with_capacity(1 << 16, Counted { inner: input, done: 0, limit: MAX_BYTES });
    if input.fill_buf().map_err(reading)?.starts_with(b"PK\x03\x04") {
        return read_zip(database, &mut input, origin, progress, take);
    }
    take(&mut input, origin.size, progress)?;
    check_size(origin, input.get_ref().done)?;
    Ok(None)
}

fn check_shrunk(before: &Connection, mailboxes: u64, permission: Permission) -> Result<(), Error> {
    let known: u64 = meta(before, "mailboxes")?.and_then(|v| v.parse().ok()).unwrap_or(0);
    if !permission.smaller && known >= LEAST_COMPARED && mailboxes * 100 < known * LEAST_SHARE {
        return Err(Error::Shrunk { before: known, now: mailboxes });
    }
    Ok(())
}

fn check_size(origin: &Origin, done: u64) -> Result<(), Error> {
    match origin.size {
        Some(size) if done < size => Err(Error::Truncated),
        _ => Ok(()),
    }
}

/// A zip archive has its table at the end: it is put aside whole, then its largest entry is read.
fn read_zip(
    database: &Database,
    mut input: &mut dyn io::Read,
    origin: &Origin,
    progress: &mut dyn FnMut(Progress) -> bool,
    take: Take<'_>,
) -> Result<Option<String>, Error> {
    let mut file: File = match database.folder() {
        Some(folder) => tempfile::tempfile_in(folder)?,
        None => tempfile::tempfile()?,
    };
    let mut length = 0;
    loop {
        let part = io::copy(&mut (&mut input).take(PART), &mut file).map_err(reading)?;
        if part == 0 {
            break;
        }
        length += part;
        if length > MAX_ZIP {
            return Err(Error::TooLarge { limit: MAX_ZIP });
        }
        if !progress(Progress { phase: Phase::Receiving, done: length, total: origin.size }) {
            return Err(Error::Cancelled);
        }
    }
    check_size(origin, length)?;
    file.seek(SeekFrom::Start(0))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| Error::Zip(e.to_string()))?;
    let mut best: Option<(u64, usize)> = None;
    for i in 0..archive.len().min(100) {
        let entry = archive.by_index_raw(i).map_err(|e| Error::Zip(e.to_string()))?;
        if entry.is_file() && best.is_none_or(|(size, _)| entry.size() > size) {
            best = Some((entry.size(), i));
        }
    }
    let (size, index) = best.ok_or_else(|| Error::Zip("empty archive".to_owned()))?;
    // one that declares less than it holds is stopped on the way
    if size > MAX_BYTES {
        return Err(Error::TooLarge { limit: MAX_BYTES });
    }
    let mut entry = archive.by_index(index).map_err(|e| Error::Zip(e.to_string()))?;
    let date = entry.name().ok().and_then(|name| data_date(&name));
    let unpacked: &mut dyn io::Read = &mut entry;
    let mut text: Text<'_> =
        BufReader::with_capacity(1 << 16, Counted { inner: unpacked, done: 0, limit: MAX_BYTES });
    take(&mut text, Some(size), progress)?;
    Ok(date)
}

/// `JJ/MM/AAAA HH:MM` from the twelve digits that end the extraction's name.
fn data_date(name: &str) -> Option<String> {
    let stem = name.rsplit(['/', '\\']).next()?.split('.').next()?;
    let digits =
        stem.rsplit('_').next().filter(|d| d.len() == 12 && d.bytes().all(|b| b.is_ascii_digit()))?;
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    let date = format!("{}/{}/{} {}:{}", part(6..8), part(4..6), part(0..4), part(8..10), part(10..12));
    let plausible = (1..=12).contains(&part(4..6).parse().unwrap_or(0u32))
        && (1..=31).contains(&part(6..8).parse().unwrap_or(0u32))
        && part(8..10) < "24"
        && part(10..12) < "60";
    plausible.then_some(date)
}

/// Second pass: yesterday's data with what changed, or everything anew. The transaction stays open.
fn build(
    database: &Database,
    before: Option<&Connection>,
    read: &mut Read,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Building, Error> {
    let mut report = |done: u64, total: u64| {
        let state = Progress { phase: Phase::Indexing, done, total: Some(total) };
        if progress(state) { Ok(()) } else { Err(Error::Cancelled) }
    };
    let plan = match before {
        Some(before) if patch::is_possible(before, TERMS_VERSION)? => Plan::new(before, read)?,
        _ => None,
    };
    if let Some(plan) = plan
        && let Some(copy) = database.build_on_copy()?
        && plan.write(&copy.connection, read, &mut report)?
    {
        return Ok(copy);
    }
    let mut building = database.build()?;
    write_all(&mut building, &mut Places::Before(before), read, &mut report)?;
    for name in ["places_people", "places_date", "places_bad"] {
        if let Some(value) = before.map(|data| meta(data, name)).transpose()?.flatten() {
            set_meta(&building.connection, name, &value)?;
        }
    }
    Ok(building)
}

/// Everybody in order, with the index.
fn write_all(
    building: &mut Building,
    places: &mut Places<'_>,
    read: &mut Read,
    report: &mut dyn FnMut(u64, u64) -> Result<(), Error>,
) -> Result<(), Error> {
    let order = in_order(read)?;
    let total = order.len() as u64;
    let rest = writer::write(&mut building.connection, |people| {
        for (done, (_, from, to)) in (0u64..).zip(&order) {
            let group = read.lines.get(*from..*to).unwrap_or_default();
            let Some(first) = group.first() else { continue };
            let mut records = Vec::with_capacity(group.len());
            for line in group {
                records.push(Record::from_text(read.spool.get(line.place)?));
            }
            people.push((first.key, mark(group)), &records, &places.of(first.key)?)?;
            if done.is_multiple_of(REPORT_EVERY) {
                report(done, total)?;
            }
        }
        Ok(())
    })?;
    drop(order);
    rest.write(&building.connection, &mut || report(total, total))
}

/// Ranges of the lines of each person, in the order of results.
fn in_order(read: &mut Read) -> Result<Vec<(Box<str>, usize, usize)>, Error> {
    let mut groups: Vec<(u64, usize, usize)> = Vec::new();
    let mut at = 0;
    for group in read.groups() {
        groups.push((group.first().map_or(0, |line| line.place), at, at + group.len()));
        at += group.len();
    }
    // read once through the file, not here and there
    groups.sort_unstable();
    let mut order = Vec::with_capacity(groups.len());
    for (place, from, to) in groups {
        let record = Record::from_text(read.spool.get(place)?);
        order.push((sort_key(&record, &record.key()).into(), from, to));
    }
    order.sort_unstable();
    Ok(order)
}

/// The people of the data before, with other places.
fn write_again(
    building: &mut Building,
    before: &Connection,
    places: &mut Places<'_>,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<(), Error> {
    let mut marks: Vec<(i64, i64, i64)> = before
        .prepare("SELECT person, hash, mark FROM mark")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    marks.sort_unstable();
    let total = marks.len() as u64;
    let mut report = |done: u64| {
        let state = Progress { phase: Phase::Indexing, done, total: Some(total) };
        if progress(state) { Ok(()) } else { Err(Error::Cancelled) }
    };
    let rest = writer::write(&mut building.connection, |people| {
        let mut statement = before.prepare("SELECT data FROM person WHERE id = ?1")?;
        for (done, (person, key, mark)) in (0u64..).zip(&marks) {
            let row: String = statement.query_row([person], |row| row.get(0))?;
            people.push((*key, *mark), &row::decode(&row).0, &places.of(*key)?)?;
            if done.is_multiple_of(REPORT_EVERY) {
                report(done)?;
            }
        }
        Ok(())
    })?;
    drop(marks);
    rest.write(&building.connection, &mut || report(total))?;
    let mut about = before.prepare("SELECT name, value FROM meta")?;
    let about = about.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for pair in about.collect::<Result<Vec<(String, String)>, _>>()? {
        set_meta(&building.connection, &pair.0, &pair.1)?;
    }
    Ok(())
}

/// Writes what the data are, and ends the transaction.
fn describe(
    building: &Building,
    read: &Read,
    origin: &Origin,
    mailboxes: u64,
    difference: Option<&Difference>,
) -> Result<(), Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let connection = &building.connection;
    let count = |of: fn(&Difference) -> u64| difference.map_or(String::new(), |d| of(d).to_string());
    for (name, value) in [
        ("version", DATA_VERSION.to_owned()),
        ("terms", TERMS_VERSION.to_owned()),
        ("people", read.groups().count().to_string()),
        ("mailboxes", mailboxes.to_string()),
        ("data_date", read.data_date.clone().unwrap_or_default()),
        ("imported_at", now.to_string()),
        ("bad_lines", read.bad.to_string()),
        ("first_bad_lines", serde_json::to_string(&read.first_bad).unwrap_or_default()),
        ("url", origin.url.clone()),
        ("etag", origin.etag.clone()),
        ("last_modified", origin.last_modified.clone()),
        ("new", count(|d| d.new)),
        ("gone", count(|d| d.gone)),
    ] {
        set_meta(connection, name, &value)?;
    }
    connection.execute_batch("COMMIT")?;
    Ok(())
}

fn set_meta(connection: &Connection, name: &str, value: &str) -> Result<(), Error> {
    connection.execute("INSERT OR REPLACE INTO meta VALUES(?1, ?2)", [name, value])?;
    Ok(())
}
