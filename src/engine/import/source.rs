//! Messages of files: EML, mbox, ZIP archives of them, folders of EML files.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crate::archive::Stored;
use crate::domain::UnixTime;
use crate::domain::message::Flags;
use crate::engine::Result;
use crate::export::{self, LARGEST_MESSAGE, bundle, mbox};

/// Most files of a folder that is read.
const MOST_FILES: usize = 200_000;

/// A message of a file.
pub(in crate::engine) struct Coming {
    pub(in crate::engine) raw: Vec<u8>,
    pub(in crate::engine) flags: Flags,
    /// When it arrived, where the file tells.
    pub(in crate::engine) date: Option<UnixTime>,
}

impl Coming {
    /// A message of the archive.
    pub(in crate::engine) fn archived(stored: Stored) -> Self {
        Self { raw: stored.raw, flags: stored.entry.flags, date: Some(stored.entry.date) }
    }
}

/// What a file holds beside messages that can be taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::engine) struct LeftOut {
    pub(in crate::engine) unreadable: u64,
    pub(in crate::engine) too_large: u64,
}

/// Hands on every message of a file or folder, in order.
///
/// # Errors
/// `import-format` for what holds no messages; those of the disk; what `take` answers.
pub(in crate::engine) fn each(path: &Path, take: impl FnMut(Coming) -> Result<()>) -> Result<LeftOut> {
    let mut reader = Reader { take, left_out: LeftOut::default() };
    reader.any(path)?;
    Ok(reader.left_out)
}

struct Reader<T> {
    take: T,
    left_out: LeftOut,
}

impl<T: FnMut(Coming) -> Result<()>> Reader<T> {
    fn any(&mut self, path: &Path) -> Result<()> {
        let known = path.metadata().map_err(export::Error::from)?;
        if known.is_dir() {
            return self.folder_of_files(path);
        }
        if !known.is_file() {
            return Err(export::Error::Format.into());
        }
        let mut start = [0; 5];
        let mut file = File::open(path).map_err(export::Error::from)?;
        let count = file.read(&mut start).map_err(export::Error::from)?;
        match start.get(..count).unwrap_or_default() {
            [b'P', b'K', 3, 4, ..] => {
                let unreadable = bundle::read(path, |name, bytes| {
                    if name.to_lowercase().ends_with(".mbox") {
                        self.mbox(bytes.as_slice())
                    } else {
                        self.eml(bytes)
                    }
                })?;
                self.left_out.unreadable += unreadable;
                Ok(())
            }
            b"From " => self.mbox(BufReader::new(File::open(path).map_err(export::Error::from)?)),
            _ => self.file(path),
        }
    }

    fn folder_of_files(&mut self, path: &Path) -> Result<()> {
        let entries = std::fs::read_dir(path).map_err(export::Error::from)?;
        let mut files: Vec<PathBuf> =
            entries.take(MOST_FILES).filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|f| f.extension().is_some_and(|e| e.eq_ignore_ascii_case("eml")) && f.is_file());
        files.sort();
        if files.is_empty() {
            return Err(export::Error::Format.into());
        }
        files.iter().try_for_each(|file| self.file(file))
    }

    fn file(&mut self, path: &Path) -> Result<()> {
        let file = File::open(path).map_err(export::Error::from)?;
        let mut raw = Vec::new();
        file.take(LARGEST_MESSAGE + 1).read_to_end(&mut raw).map_err(export::Error::from)?;
        if raw.len() as u64 > LARGEST_MESSAGE {
            self.left_out.too_large += 1;
            return Ok(());
        }
        self.eml(raw)
    }

    fn eml(&mut self, raw: Vec<u8>) -> Result<()> {
        // what comes from another program was most likely read there: a flood of old mail is not new mail
        let flags = Flags { seen: true, ..Flags::default() };
        (self.take)(Coming { raw: with_crlf(raw), flags, date: None })
    }

    fn mbox(&mut self, input: impl std::io::BufRead) -> Result<()> {
        let mut reader = mbox::Reader::new(input)?;
        while let Some(found) = reader.next_message()? {
            let flags = found.flags.unwrap_or(Flags { seen: true, ..Flags::default() });
            (self.take)(Coming { raw: found.raw, flags, date: found.date })?;
        }
        self.left_out.too_large += reader.too_large();
        Ok(())
    }
}

/// Servers want CRLF line ends, and nothing else.
fn with_crlf(raw: Vec<u8>) -> Vec<u8> {
    let is_bare = |(at, byte): (usize, &u8)| {
        *byte == b'\n' && at.checked_sub(1).and_then(|before| raw.get(before)) != Some(&b'\r')
    };
    if !raw.iter().enumerate().any(is_bare) {
        return raw;
    }
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 32);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_servers_want_them() {
        assert_eq!(with_crlf(b"a\nb\r\nc".to_vec()), b"a\r\nb\r\nc");
        assert_eq!(with_crlf(b"a\r\nb\r\n".to_vec()), b"a\r\nb\r\n");
    }
}
