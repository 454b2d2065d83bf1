//! ZIP archives of messages and documents.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::place::free;
use super::{Error, LARGEST_MESSAGE, NewFile, Result};

/// Most files of an archive that is read.
const MOST_ENTRIES: usize = 200_000;
/// Largest archive that is read, in bytes.
const LARGEST: u64 = 8 << 30;
/// Most bytes that may come out of all files of an archive together, for each byte that went in: text of mail shrinks to
/// a tenth, a bomb to a thousandth.
const MOST_GROWTH: u64 = 60;

impl From<zip::result::ZipError> for Error {
    fn from(error: zip::result::ZipError) -> Self {
        match error {
            zip::result::ZipError::Io(error) => error.into(),
            _ => Self::Format,
        }
    }
}

/// An archive being written. Dropped before [`Bundle::finish`] it leaves nothing behind.
pub struct Bundle {
    zip: ZipWriter<NewFile>,
    names: std::collections::HashSet<String>,
}

impl Bundle {
    /// Begins an archive that is to lie at `path`.
    ///
    /// # Errors
    /// As [`NewFile::new`].
    pub fn new(path: &Path) -> Result<Self> {
        Ok(Self { zip: ZipWriter::new(NewFile::new(path)?), names: std::collections::HashSet::new() })
    }

    /// Adds a file; `name` may have folders, separated by `/`, and gets a number when it is taken. Answers the name it
    /// has.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<String> {
        let name = free(&mut self.names, name);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        self.zip.start_file(name.as_str(), options)?;
        self.zip.write_all(bytes)?;
        Ok(name)
    }

    /// Puts the whole archive in its place.
    ///
    /// # Errors
    /// As [`NewFile::finish`].
    pub fn finish(self) -> Result<PathBuf> {
        self.zip.finish()?.finish()
    }
}

/// Messages and files of messages in an archive, handed on one by one with their names. What is no `.eml` or `.mbox` is
/// passed over. Answers how many were left out for their size or because they could not be unpacked.
///
/// # Errors
/// [`Error::Format`] when it is no ZIP archive or holds more files than the limits allow; those of the disk; what
/// `each` answers.
pub fn read<E: From<Error>>(
    path: &Path,
    mut each: impl FnMut(&str, Vec<u8>) -> std::result::Result<(), E>,
) -> std::result::Result<u64, E> {
    let (mut zip, size) = open(path)?;
    let mut left_out = 0;
    let mut left = size.saturating_mul(MOST_GROWTH);
    for index in 0..zip.len() {
        let Ok(entry) = zip.by_index(index) else {
            left_out += 1;
            continue;
        };
        let name = entry.name().map(|name| name.into_owned()).unwrap_or_default();
        let lower = name.to_lowercase();
        if entry.is_dir() || !(lower.ends_with(".eml") || lower.ends_with(".mbox")) {
            continue;
        }
        let most = left.min(if lower.ends_with(".eml") { LARGEST_MESSAGE } else { 4 * LARGEST_MESSAGE });
        let mut bytes = Vec::new();
        // a declared size is the sender's word: only what comes out counts
        let unpacked = entry.take(most + 1).read_to_end(&mut bytes);
        if unpacked.is_err() || bytes.len() as u64 > most {
            left_out += 1;
            continue;
        }
        left -= bytes.len() as u64;
        each(&name, bytes)?;
    }
    Ok(left_out)
}

fn open(path: &Path) -> Result<(ZipArchive<File>, u64)> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > LARGEST {
        return Err(Error::Format);
    }
    let zip = ZipArchive::new(file)?;
    if zip.len() > MOST_ENTRIES { Err(Error::Format) } else { Ok((zip, size)) }
}
