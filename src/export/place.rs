//! New files and folders: written beside their place under another name, and put there whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempDir};

use super::{Error, Result};

/// A file that is not there yet. Dropped before [`NewFile::finish`] it leaves nothing behind.
pub struct NewFile {
    writer: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl NewFile {
    /// Begins a file that is to lie at `path`.
    ///
    /// # Errors
    /// [`Error::Exists`] when something lies there; [`Error::Missing`] without its folder; those of the disk.
    pub fn new(path: &Path) -> Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(Error::Exists);
        }
        let file = NamedTempFile::with_prefix_in(".estafette-", folder_of(path))?;
        Ok(Self { writer: BufWriter::with_capacity(256 << 10, file), path: path.to_owned() })
    }

    /// Puts the whole file in its place, on the disk.
    ///
    /// # Errors
    /// [`Error::Exists`] when something has come there meanwhile; [`Error::Full`].
    pub fn finish(self) -> Result<PathBuf> {
        let file = self.writer.into_inner().map_err(|failed| Error::from(failed.into_error()))?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&self.path).map_err(|failed| Error::from(failed.error))?;
        sync(folder_of(&self.path))?;
        Ok(self.path)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

impl std::io::Seek for NewFile {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.writer.seek(to)
    }
}

/// A folder that is not there yet, filled under another name. Dropped before [`NewFolder::finish`] it leaves nothing
/// behind.
pub struct NewFolder {
    inside: TempDir,
    path: PathBuf,
    names: std::collections::HashSet<String>,
}

impl NewFolder {
    /// Begins a folder that is to lie at `path`.
    ///
    /// # Errors
    /// As [`NewFile::new`].
    pub fn new(path: &Path) -> Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(Error::Exists);
        }
        let inside = TempDir::with_prefix_in(".estafette-", folder_of(path))?;
        Ok(Self { inside, path: path.to_owned(), names: std::collections::HashSet::new() })
    }

    /// Writes a file into it; a name that is taken gets a number.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let name = free(&mut self.names, name);
        let mut file = File::create_new(self.inside.path().join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(())
    }

    /// Gives the whole folder its name.
    ///
    /// # Errors
    /// [`Error::Exists`] when something has come there meanwhile.
    pub fn finish(self) -> Result<PathBuf> {
        // a renamed folder replaces an empty one: to be looked for first
        if self.path.symlink_metadata().is_ok() {
            return Err(Error::Exists);
        }
        sync(self.inside.path())?;
        std::fs::rename(self.inside.path(), &self.path)?;
        // it is no temporary folder any more
        let _ = self.inside.keep();
        sync(folder_of(&self.path))?;
        Ok(self.path)
    }
}

/// A name that is not among `taken`, in any case of its letters: the name itself, or `name (2)`, `name (3)`…
pub(super) fn free(taken: &mut std::collections::HashSet<String>, name: &str) -> String {
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let mut candidate = name.to_owned();
    let mut number = 2_u32;
    while !taken.insert(candidate.to_lowercase()) {
        candidate = format!("{stem} ({number}){extension}");
        number += 1;
    }
    candidate
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

/// A renamed file is found after a power cut only when its folder has reached the disk. Network folders and other systems
/// may refuse, and do so themselves.
fn sync(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all_and_never_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mail.mbox");
        let mut file = NewFile::new(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert!(names(dir.path()).is_empty());
        let (mut one, mut other) = (NewFile::new(&path).unwrap(), NewFile::new(&path).unwrap());
        one.write_all(b"one").unwrap();
        other.write_all(b"other").unwrap();
        one.finish().unwrap();
        assert!(matches!(other.finish(), Err(Error::Exists)));
        assert!(matches!(NewFile::new(&path), Err(Error::Exists)));
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(names(dir.path()), ["mail.mbox"]);
        assert!(matches!(NewFile::new(&dir.path().join("gone/a")), Err(Error::Missing)));
    }

    #[test]
    fn a_folder_appears_whole_with_a_number_for_names_that_are_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("Export");
        let mut folder = NewFolder::new(&path).unwrap();
        for name in ["a.eml", "A.eml", "a.eml"] {
            folder.add(name, name.as_bytes()).unwrap();
        }
        assert!(!path.exists());
        folder.finish().unwrap();
        assert_eq!(names(&path), ["A (2).eml", "a (3).eml", "a.eml"]);
        assert_eq!(names(dir.path()), ["Export"]);
        assert!(matches!(NewFolder::new(&path), Err(Error::Exists)));
        drop(NewFolder::new(&dir.path().join("Other")).unwrap());
        assert_eq!(names(dir.path()), ["Export"]);
    }
}
