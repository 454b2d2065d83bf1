//! Import: read and check every line, put it aside on disk, order the people, write them and their index to a new file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::time::{SystemTime, UNIX_EPOCH};

use super::database::{Building, DATA_VERSION, Database};
use super::extraction::{self, Header, Line, Record};
use super::index::Writer;
use super::spool::Spool;
use super::{Error, Phase, Progress, Status};

/// Most bytes read, unpacked; the real file has 90 MB.
const MAX_BYTES: u64 = 2 << 30;
/// Most bytes of a zip archive.
const MAX_ZIP: u64 = 512 << 20;
/// Most lines: more than ten times the real file.
const MAX_LINES: u64 = 10_000_000;
/// Reasons of bad lines that are kept.
const REASONS: usize = 20;
/// Lines or people between two reports.
const REPORT_EVERY: u64 = 4096;

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

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.done += n as u64;
        if self.done > self.limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "annuaire"));
        }
        Ok(n)
    }
}

/// An error of reading: over the bound, cut, or the medium's.
fn reading(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::FileTooLarge => Error::TooLarge { limit: MAX_BYTES },
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Error::Truncated,
        _ => Error::Io(error),
    }
}

/// Runs one import from end to end.
pub(super) fn run(
    database: &Database,
    input: &mut dyn Read,
    origin: Origin,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Status, Error> {
    let _lock = database.import_lock()?;
    let mut input = BufReader::with_capacity(1 << 16, Counted { inner: input, done: 0, limit: MAX_BYTES });
    let packed = input.fill_buf().map_err(reading)?.starts_with(b"PK\x03\x04");
    let mut sorted = if packed {
        read_zip(database, &mut input, &origin, progress)?
    } else {
        let mut reading_lines = Reading::new(database)?;
        reading_lines.lines(&mut input, origin.size, progress, |i| i.get_ref().done)?;
        check_size(&origin, input.get_ref().done)?;
        reading_lines.finish()?
    };
    sorted.data_date = data_date(&origin.name).or(sorted.data_date);
    let mut building = database.build()?;
    match write(&mut building, sorted, &origin, progress) {
        Ok(()) => {
            database.publish(building)?;
            database.status()
        }
        Err(e) => {
            database.discard(building);
            Err(e)
        }
    }
}

fn check_size(origin: &Origin, done: u64) -> Result<(), Error> {
    match origin.size {
        Some(size) if done < size => Err(Error::Truncated),
        _ => Ok(()),
    }
}

/// A zip archive has its table at the end: it is put aside whole, then its largest `.txt` entry is read.
fn read_zip(
    database: &Database,
    input: &mut dyn Read,
    origin: &Origin,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Sorted, Error> {
    let mut file: File = match database.folder() {
        Some(folder) => tempfile::tempfile_in(folder)?,
        None => tempfile::tempfile()?,
    };
    let length = io::copy(&mut input.take(MAX_ZIP + 1), &mut file).map_err(reading)?;
    if length > MAX_ZIP {
        return Err(Error::TooLarge { limit: MAX_ZIP });
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
    let entry = archive.by_index(index).map_err(|e| Error::Zip(e.to_string()))?;
    let date = entry.name().ok().and_then(|name| data_date(&name));
    let mut text = BufReader::with_capacity(1 << 16, Counted { inner: entry, done: 0, limit: MAX_BYTES });
    let mut lines = Reading::new(database)?;
    lines.lines(&mut text, Some(size), progress, |i| i.get_ref().done)?;
    Ok(Sorted { data_date: date, ..lines.finish()? })
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

/// First pass: lines to records put aside, with what orders them.
struct Reading {
    spool: Spool,
    groups: HashMap<Box<str>, u32>,
    /// Per group, what it is sorted by.
    order: Vec<Box<str>>,
    /// Group and place of every record.
    places: Vec<(u32, u64)>,
    lines: u64,
    bad: u64,
    reasons: Vec<String>,
}

/// What the second pass needs.
struct Sorted {
    spool: Spool,
    /// Rank of the group and place of every record, sorted.
    places: Vec<(u32, u64)>,
    people: u32,
    bad: u64,
    reasons: Vec<String>,
    data_date: Option<String>,
}

impl Reading {
    fn new(database: &Database) -> Result<Self, Error> {
        Ok(Self {
            spool: Spool::new(database.folder().as_deref())?,
            groups: HashMap::new(),
            order: Vec::new(),
            places: Vec::new(),
            lines: 0,
            bad: 0,
            reasons: Vec::new(),
        })
    }

    fn lines<I: BufRead>(
        &mut self,
        input: &mut I,
        total: Option<u64>,
        progress: &mut dyn FnMut(Progress) -> bool,
        done: impl Fn(&I) -> u64,
    ) -> Result<(), Error> {
        let mut buffer = Vec::new();
        let first = extraction::read_line(input, &mut buffer).map_err(reading)?;
        let header = match first {
            Line::Whole | Line::Unended => Header::parse(&extraction::text(&buffer)),
            Line::TooLong | Line::End => Header::parse(""),
        };
        let header = header.map_err(|missing| Error::NotAnExtraction { missing })?;
        loop {
            let line = extraction::read_line(input, &mut buffer).map_err(reading)?;
            if line == Line::End {
                break;
            }
            self.lines += 1;
            self.line(&header, line, &buffer)?;
            if self.lines.is_multiple_of(REPORT_EVERY) {
                let state = Progress { phase: Phase::Reading, done: done(input), total };
                if !progress(state) {
                    return Err(Error::Cancelled);
                }
                self.check_quality(9, 10)?;
            }
            if self.lines > MAX_LINES {
                return Err(Error::TooLarge { limit: MAX_BYTES });
            }
        }
        if self.places.is_empty() && self.bad == 0 {
            return Err(Error::Truncated);
        }
        self.check_quality(1, 2)
    }

    fn line(&mut self, header: &Header, line: Line, bytes: &[u8]) -> Result<(), Error> {
        if line == Line::TooLong {
            self.reject("line too long");
            return Ok(());
        }
        if bytes.is_empty() {
            return Ok(());
        }
        match Record::parse(header, &extraction::text(bytes)) {
            Ok(record) => self.keep(&record),
            // A last line without its end and without all its fields: the file was cut.
            Err(_) if line == Line::Unended => Err(Error::Truncated),
            Err(reason) => {
                self.reject(&reason);
                Ok(())
            }
        }
    }

    fn keep(&mut self, record: &Record) -> Result<(), Error> {
        let key = record.key();
        let group = match self.groups.get(key.as_str()) {
            Some(group) => *group,
            None => {
                let group = u32::try_from(self.order.len()).unwrap_or(u32::MAX);
                self.order.push(super::index::sort_key(record, &key).into());
                self.groups.insert(key.into(), group);
                group
            }
        };
        let place = self.spool.push(record)?;
        self.places.push((group, place));
        Ok(())
    }

    fn reject(&mut self, reason: &str) {
        self.bad += 1;
        if self.reasons.len() < REASONS {
            // The header is line 1.
            self.reasons.push(format!("{}: {reason}", self.lines + 1));
        }
    }

    fn check_quality(&self, part: u64, of: u64) -> Result<(), Error> {
        if self.bad * of <= (self.bad + self.places.len() as u64) * part {
            return Ok(());
        }
        let first = self.reasons.first().cloned().unwrap_or_default();
        Err(Error::MostlyBad { bad: self.bad, lines: self.lines, first })
    }

    fn finish(self) -> Result<Sorted, Error> {
        let Self { spool, groups, order, mut places, bad, reasons, .. } = self;
        drop(groups);
        let people = u32::try_from(order.len()).unwrap_or(u32::MAX);
        let mut ranked: Vec<u32> = (0..people).collect();
        ranked.sort_unstable_by_key(|group| order.get(*group as usize));
        let mut rank = vec![0u32; order.len()];
        for (position, group) in (0u32..).zip(&ranked) {
            if let Some(slot) = rank.get_mut(*group as usize) {
                *slot = position;
            }
        }
        for (group, _) in &mut places {
            *group = rank.get(*group as usize).copied().unwrap_or(0);
        }
        places.sort_unstable();
        Ok(Sorted { spool, places, people, bad, reasons, data_date: None })
    }
}

/// Second pass: people in their order, with the index.
fn write(
    building: &mut Building,
    sorted: Sorted,
    origin: &Origin,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<(), Error> {
    let Sorted { spool, places, people, bad, reasons, data_date } = sorted;
    let mut spool = spool.into_reader()?;
    let mut writer = Writer::new(&building.connection)?;
    let mut done = 0u64;
    let mut report = |done: u64| {
        let state = Progress { phase: Phase::Indexing, done, total: Some(people.into()) };
        if progress(state) { Ok(()) } else { Err(Error::Cancelled) }
    };
    for group in places.chunk_by(|a, b| a.0 == b.0) {
        let records =
            group.iter().map(|(_, place)| spool.get(*place)).collect::<io::Result<Vec<Record>>>()?;
        writer.person(&records)?;
        done += 1;
        if done.is_multiple_of(REPORT_EVERY) {
            report(done)?;
        }
    }
    drop(places);
    let mailboxes = writer.finish(&mut || report(done))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let connection = &building.connection;
    for (name, value) in [
        ("version", DATA_VERSION.to_owned()),
        ("people", done.to_string()),
        ("mailboxes", mailboxes.to_string()),
        ("data_date", data_date.unwrap_or_default()),
        ("imported_at", now.to_string()),
        ("bad_lines", bad.to_string()),
        ("bad_line_reasons", reasons.join("\n")),
        ("url", origin.url.clone()),
        ("etag", origin.etag.clone()),
        ("last_modified", origin.last_modified.clone()),
    ] {
        connection.execute("INSERT INTO meta VALUES(?1, ?2)", [name, &value])?;
    }
    Ok(())
}
