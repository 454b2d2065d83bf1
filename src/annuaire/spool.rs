//! Texts put aside on disk while their order is not known yet, so that an import needs little memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Texts written one after the other into a file without a name.
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

    /// Appends a text and gives its place.
    pub(super) fn push(&mut self, text: &str) -> io::Result<u64> {
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(text.as_bytes())?;
        let place = self.end;
        self.end += 4 + u64::from(length);
        Ok(place)
    }

    /// Ends writing.
    pub(super) fn into_reader(self) -> io::Result<SpoolReader> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(SpoolReader { file: BufReader::with_capacity(4096, file), buffer: Vec::new(), at: 0 })
    }
}

/// Reads texts at their places, in any order.
pub(super) struct SpoolReader {
    file: BufReader<File>,
    buffer: Vec<u8>,
    /// Where the file is read next.
    at: i64,
}

impl SpoolReader {
    /// The text at a place that [`Spool::push`] gave.
    pub(super) fn get(&mut self, place: u64) -> io::Result<&str> {
        // a place in the buffer, such as the next one, costs no call to the system
        let offset = i64::try_from(place).map_err(io::Error::other)? - self.at;
        self.file.seek_relative(offset)?;
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        self.buffer.resize(u32::from_le_bytes(length) as usize, 0);
        self.file.read_exact(&mut self.buffer)?;
        let end = place + 4 + self.buffer.len() as u64;
        self.at = i64::try_from(end).map_err(io::Error::other)?;
        std::str::from_utf8(&self.buffer).map_err(io::Error::other)
    }
}
