//! First pass of an import: every line read, checked and put aside on disk, with what tells the people apart.

use std::io::{self, BufRead};

use super::extraction::{self, Field, Header, Line, Record};
use super::index::{ADDRESS, KEY, hash};
use super::lively::Unwanted;
use super::spool::{Spool, SpoolReader};
use super::{Error, Phase, Progress};
use crate::domain::directory::{BadLine, LineFault};

/// Most lines: more than ten times the real file.
const MAX_LINES: u64 = 10_000_000;
/// Most bytes read, unpacked; the real file has 90 MB.
pub(super) const MAX_BYTES: u64 = 2 << 30;
/// Bad lines that are kept with what is wrong with them.
const FIRST_BAD: usize = 20;
/// Lines or people between two reports.
pub(super) const REPORT_EVERY: u64 = 4096;

/// A line put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kept {
    /// Hash of [`Record::key`].
    pub(super) key: i64,
    /// Where it is in the spool.
    pub(super) place: u64,
    /// Hash of the address in lower case.
    pub(super) address: i64,
    /// Hash of everything the line says.
    pub(super) mark: i64,
}

/// A whole file, read.
pub(super) struct Read {
    pub(super) spool: SpoolReader,
    /// Sorted by key, then place in the file.
    pub(super) lines: Vec<Kept>,
    pub(super) bad: u64,
    pub(super) first_bad: Vec<BadLine>,
    pub(super) data_date: Option<String>,
}

impl Read {
    /// The lines of each person.
    pub(super) fn groups(&self) -> impl Iterator<Item = &[Kept]> {
        self.lines.chunk_by(|a, b| a.key == b.key)
    }

    /// Hashes of the distinct addresses, sorted.
    pub(super) fn addresses(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self.lines.iter().map(|l| l.address).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// What all lines of a person say together; their order does not matter.
pub(super) fn mark(group: &[Kept]) -> i64 {
    group.iter().fold(0i64, |sum, line| sum.wrapping_add(line.mark))
}

/// An error of reading: over the bound, cut, or the medium's.
pub(super) fn reading(error: io::Error) -> Error {
    if error.get_ref().is_some_and(|inner| inner.is::<Unwanted>()) {
        return Error::Cancelled;
    }
    match error.kind() {
        io::ErrorKind::FileTooLarge => Error::TooLarge { limit: MAX_BYTES },
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Error::Truncated,
        io::ErrorKind::TimedOut => Error::Network("the server stopped answering".to_owned()),
        _ => Error::Io(error),
    }
}

/// The pass under way.
pub(super) struct Reading {
    spool: Spool,
    kept: Vec<Kept>,
    lines: u64,
    bad: u64,
    first_bad: Vec<BadLine>,
}

impl Reading {
    pub(super) fn new(folder: Option<&std::path::Path>) -> Result<Self, Error> {
        let spool = Spool::new(folder)?;
        Ok(Self { spool, kept: Vec::new(), lines: 0, bad: 0, first_bad: Vec::new() })
    }

    pub(super) fn lines<I: BufRead>(
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
        if self.kept.is_empty() && self.bad == 0 {
            return Err(Error::Truncated);
        }
        self.check_quality(1, 2)
    }

    fn line(&mut self, header: &Header, line: Line, bytes: &[u8]) -> Result<(), Error> {
        if line == Line::TooLong {
            self.reject(LineFault::TooLong);
            return Ok(());
        }
        if bytes.is_empty() {
            return Ok(());
        }
        match Record::parse(header, &extraction::text(bytes)) {
            Ok(record) => self.keep(&record),
            // A last line without its end and without all its fields: the file was cut.
            Err(_) if line == Line::Unended => Err(Error::Truncated),
            Err(fault) => {
                self.reject(fault);
                Ok(())
            }
        }
    }

    fn keep(&mut self, record: &Record) -> Result<(), Error> {
        let text = record.text();
        let place = self.spool.push(&text)?;
        let address = record.get(Field::Address).to_lowercase();
        self.kept.push(Kept {
            key: hash(KEY, &record.key()),
            place,
            address: hash(ADDRESS, &address),
            mark: hash(b'm', &text),
        });
        Ok(())
    }

    fn reject(&mut self, fault: LineFault) {
        self.bad += 1;
        if self.first_bad.len() < FIRST_BAD {
            self.first_bad.push(BadLine { line: self.lines + 1, fault });
        }
    }

    fn check_quality(&self, part: u64, of: u64) -> Result<(), Error> {
        if self.bad * of <= (self.bad + self.kept.len() as u64) * part {
            return Ok(());
        }
        let first = self.first_bad.first().map(ToString::to_string).unwrap_or_default();
        Err(Error::MostlyBad { bad: self.bad, lines: self.lines, first })
    }

    pub(super) fn finish(self) -> Result<Read, Error> {
        let Self { spool, kept: mut lines, bad, first_bad, .. } = self;
        lines.sort_unstable();
        Ok(Read { spool: spool.into_reader()?, lines, bad, first_bad, data_date: None })
    }
}
