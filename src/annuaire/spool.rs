//! Records put aside on disk while their order is not known yet, so that an import needs little memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::extraction::Record;

/// Separator of fields, a control character the reader removes from every field.
const SEPARATOR: &str = "\u{1f}";

/// Records written one after the other into a file without a name.
pub(super) struct Spool {
    file: BufWriter<File>,
    end: u64,
}

impl Spool {
    /// An empty one in this folder, or in the system's for temporary files.
    pub(super) fn new(folder: Option<&Path>) -> io::Result<Self> {
        let file = match folder {
            Some(folder) => tempfile::tempfile_in(folder)?,
            None => tempfile::tempfile()?,
        };
        Ok(Self { file: BufWriter::with_capacity(1 << 18, file), end: 0 })
    }

    /// Appends a record and gives its place.
    pub(super) fn push(&mut self, record: &Record) -> io::Result<u64> {
        let text = record.fields().join(SEPARATOR);
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(text.as_bytes())?;
        let place = self.end;
        self.end += 4 + u64::from(length);
        Ok(place)
    }

    /// Ends writing.
    pub(super) fn into_reader(self) -> io::Result<SpoolReader> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(SpoolReader { file: BufReader::with_capacity(512, file), buffer: Vec::new() })
    }
}

/// Reads records at their places, in any order.
pub(super) struct SpoolReader {
    file: BufReader<File>,
    buffer: Vec<u8>,
}

impl SpoolReader {
    /// The record at a place that [`Spool::push`] gave.
    pub(super) fn get(&mut self, place: u64) -> io::Result<Record> {
        self.file.seek(SeekFrom::Start(place))?;
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        self.buffer.resize(u32::from_le_bytes(length) as usize, 0);
        self.file.read_exact(&mut self.buffer)?;
        let text = std::str::from_utf8(&self.buffer).map_err(io::Error::other)?;
        Ok(Record::from_fields(text.split(SEPARATOR)))
    }
}
