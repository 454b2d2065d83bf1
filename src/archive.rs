//! The encrypted archive: a folder, on a stick or a network drive, that messages are added to and nothing is ever changed in.
//!
//! An archive is a row of segment files, each written beside its place and put there whole; whatever ends a run in its
//! middle, what was there before is as it was. The format is in `manual::archive`. Every reading checks everything: the
//! seal of each piece, the number of messages, the digest of each, and that each segment follows the one before.

mod segment;

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ring::digest;
use serde::{Deserialize, Serialize};

use crate::domain::UnixTime;
use crate::domain::message::Flags;
use crate::domain::secret::StoreKey;
use segment::{Sealed, Unsealed};

/// Result of this module.
pub type Result<T> = std::result::Result<T, Error>;

/// Name of the file that holds the key slots of an archive.
pub const KEY_FILE: &str = "estafette-archive.json";
/// Ending of the names of segments.
const ENDING: &str = "estafette-segment";
/// Beginning of the names of files that are not whole yet.
const PART: &str = ".estafette-part-";
/// A segment that has grown to this is finished: what a full disk or a pulled stick costs is at most this.
const SEGMENT: u64 = 64 << 20;
/// Segments of an archive: four terabytes.
const MOST_SEGMENTS: usize = 65_536;

/// Why an archive cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder, or the disk it is on, is not there.
    #[error("the archive's folder is missing")]
    Place,
    /// No room is left.
    #[error("the disk is full")]
    Full,
    /// The system does not let the user read or write there.
    #[error("not allowed")]
    Denied,
    /// A segment is not there although later ones are.
    #[error("segment {segment} is missing")]
    Missing {
        /// Its number, from 1.
        segment: u32,
    },
    /// A segment ends in its middle.
    #[error("segment {segment} is cut")]
    Truncated {
        /// Its number.
        segment: u32,
    },
    /// A segment was changed, damaged, or belongs to another archive or place.
    #[error("segment {segment} is altered")]
    Altered {
        /// Its number.
        segment: u32,
    },
    /// A newer program wrote it.
    #[error("segment {segment} is of a newer version")]
    Newer {
        /// Its number.
        segment: u32,
    },
    /// Somebody else wrote to the archive at the same time.
    #[error("the archive is being written by somebody else")]
    Busy,
    /// The archive holds fewer segments than it did when it was last verified.
    #[error("the archive has lost its end")]
    Shorter,
    /// No random numbers.
    #[error("no random numbers")]
    Random,
    /// Any other failure of the disk.
    #[error("reading or writing failed")]
    Io(#[source] std::io::Error),
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::Full,
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::Place,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::Denied,
            ErrorKind::AlreadyExists => Self::Busy,
            _ => Self::Io(error),
        }
    }
}

/// What is kept of a message beside its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// SHA-256 of the source, in hexadecimal.
    pub digest: String,
    /// Address of the mailbox.
    pub account: String,
    /// Folder it was in, levels separated by `/`.
    pub folder: String,
    /// Date of the message, else of its arrival.
    pub date: UnixTime,
    /// Flags it had.
    pub flags: Flags,
    /// Whom it came from, as shown.
    pub from: String,
    /// Subject.
    pub subject: String,
}

/// A message as it lies in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Number of its segment, from 1.
    pub segment: u32,
    /// What is kept beside it.
    pub entry: Entry,
    /// SHA-256 of its source.
    pub digest: [u8; 32],
    /// Its source.
    pub raw: Vec<u8>,
}

/// What a complete reading found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Segments.
    pub segments: u32,
    /// Messages, each once.
    pub messages: u64,
    /// Bytes of their sources.
    pub bytes: u64,
    /// Digests of their sources.
    pub digests: HashSet<[u8; 32]>,
    /// SHA-256 of the last segment's file; zeros before the first.
    last: [u8; 32],
}

/// An archive that is open.
pub struct Archive {
    folder: PathBuf,
    key: StoreKey,
}

/// SHA-256 of a source.
pub fn digest_of(raw: &[u8]) -> [u8; 32] {
    <[u8; 32]>::try_from(digest::digest(&digest::SHA256, raw).as_ref()).unwrap_or_default()
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl Archive {
    /// The archive of a folder; nothing is read yet.
    pub fn new(folder: &Path, key: StoreKey) -> Self {
        Self { folder: folder.to_owned(), key }
    }

    fn path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{number:06}.{ENDING}"))
    }

    /// Numbers of the segments there are, in order. What an earlier run left unfinished is taken away when `tidies`.
    fn numbers(&self, tidies: bool) -> Result<Vec<u32>> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            if tidies && name.starts_with(PART) {
                // somebody else may have done so
                let _ = std::fs::remove_file(self.folder.join(name));
            }
            let number = name.strip_suffix(ENDING).and_then(|n| n.strip_suffix('.'));
            if let Some(number) = number.filter(|n| n.len() == 6).and_then(|n| n.parse().ok()) {
                numbers.push(number);
            }
            if numbers.len() > MOST_SEGMENTS {
                return Err(Error::Altered { segment: 0 });
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Reads the whole archive and checks all of it; each message is handed on as it is verified.
    ///
    /// # Errors
    /// The first thing that is wrong; what `each` answers.
    pub fn read<E: From<Error>>(
        &self,
        mut each: impl FnMut(Stored) -> std::result::Result<(), E>,
    ) -> std::result::Result<Summary, E> {
        let mut summary = Summary::default();
        for (number, expected) in self.numbers(false)?.into_iter().zip(1..) {
            if number != expected {
                return Err(Error::Missing { segment: expected }.into());
            }
            self.segment(number, &mut summary, &mut each)?;
        }
        Ok(summary)
    }

    /// As [`Archive::read`], but what is damaged is passed over: hands on whatever can still be verified, and answers
    /// what is wrong beside what was read.
    ///
    /// # Errors
    /// The folder cannot be read; what `each` answers.
    pub fn salvage<E: From<Error>>(
        &self,
        mut each: impl FnMut(Stored) -> std::result::Result<(), E>,
    ) -> std::result::Result<(Summary, Vec<Error>), E> {
        /// An error of ours is noted, one of the caller ends it.
        enum Ended<E> {
            Here(Error),
            There(E),
        }
        impl<E> From<Error> for Ended<E> {
            fn from(error: Error) -> Self {
                Self::Here(error)
            }
        }
        let mut summary = Summary::default();
        let mut wrong = Vec::new();
        let numbers = self.numbers(false)?;
        let last = numbers.last().copied().unwrap_or(0);
        for number in 1..=last {
            if !numbers.contains(&number) {
                wrong.push(Error::Missing { segment: number });
                continue;
            }
            let mut ended = |stored| each(stored).map_err(Ended::There);
            match self.segment(number, &mut summary, &mut ended) {
                Ok(()) => {}
                Err(Ended::Here(error)) => wrong.push(error),
                Err(Ended::There(error)) => return Err(error),
            }
        }
        Ok((summary, wrong))
    }

    fn segment<E: From<Error>>(
        &self,
        number: u32,
        summary: &mut Summary,
        each: &mut impl FnMut(Stored) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let mut unsealed = Unsealed::open(&self.path(number), number, &self.key)?;
        let follows = unsealed.previous() == summary.last || number == 1;
        while let Some((entry, raw)) = unsealed.next_message()? {
            let digest = digest_of(&raw);
            if hex(&digest) != entry.digest {
                return Err(Error::Altered { segment: number }.into());
            }
            if summary.digests.insert(digest) {
                summary.messages += 1;
                summary.bytes += raw.len() as u64;
            }
            each(Stored { segment: number, entry, digest, raw })?;
        }
        summary.last = unsealed.digest();
        summary.segments = number;
        // told last: what is in it is read all the same where damage is passed over
        if follows { Ok(()) } else { Err(Error::Altered { segment: number }.into()) }
    }

    /// Begins to add messages after what [`Archive::read`] found.
    ///
    /// # Errors
    /// [`Error::Busy`] when there is more in the archive by now; those of the disk.
    pub fn writer(&self, after: &Summary) -> Result<Writer<'_>> {
        if self.numbers(true)?.len() as u64 != u64::from(after.segments) {
            return Err(Error::Busy);
        }
        Ok(Writer { archive: self, number: after.segments, previous: after.last, open: None })
    }

    /// Reads the segments after `before` again and checks them, as [`Archive::read`] does: what was just written is on
    /// the disk as it should be.
    ///
    /// # Errors
    /// The first thing that is wrong; what `each` answers.
    pub fn verify_after<E: From<Error>>(
        &self,
        mut before: Summary,
        mut each: impl FnMut(Stored) -> std::result::Result<(), E>,
    ) -> std::result::Result<Summary, E> {
        for number in self.numbers(false)? {
            if number > before.segments {
                self.segment(number, &mut before, &mut each)?;
            }
        }
        Ok(before)
    }

    /// The source of one message, whose segment is known; `None` when it is not in it. Only what is before it in the
    /// segment is read and checked.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn source(&self, segment: u32, digest: &[u8; 32]) -> Result<Option<Vec<u8>>> {
        if !self.folder.is_dir() {
            return Err(Error::Place);
        }
        let path = self.path(segment);
        if !path.is_file() {
            return Err(Error::Missing { segment });
        }
        let mut unsealed = Unsealed::open(&path, segment, &self.key)?;
        while let Some((entry, raw)) = unsealed.next_message()? {
            if entry.digest == hex(digest) {
                let is_whole = digest_of(&raw) == *digest;
                return if is_whole { Ok(Some(raw)) } else { Err(Error::Altered { segment }) };
            }
        }
        Ok(None)
    }
}

/// Adds messages to an archive. Dropped before [`Writer::finish`], the segment being written is lost and the archive is
/// whole without it.
pub struct Writer<'a> {
    archive: &'a Archive,
    number: u32,
    previous: [u8; 32],
    open: Option<Sealed>,
}

impl Writer<'_> {
    /// Adds a message.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Place`]; the segments finished before stay.
    pub fn add(&mut self, entry: &Entry, raw: &[u8]) -> Result<()> {
        let sealed = match &mut self.open {
            Some(sealed) => sealed,
            None => {
                let number = self.number + 1;
                let folder = &self.archive.folder;
                self.open.insert(Sealed::new(folder, PART, number, self.previous, &self.archive.key)?)
            }
        };
        sealed.add(entry, raw)?;
        if sealed.written() >= SEGMENT { self.close() } else { Ok(()) }
    }

    fn close(&mut self) -> Result<()> {
        if let Some(sealed) = self.open.take() {
            self.number += 1;
            self.previous = sealed.finish(&self.archive.path(self.number))?;
        }
        Ok(())
    }

    /// Finishes the last segment.
    ///
    /// # Errors
    /// As [`Writer::add`].
    pub fn finish(mut self) -> Result<()> {
        self.close()
    }
}

#[cfg(test)]
mod tests;
