//! The folders practice software watches: files appear in them whole, under a name nobody had, or not at all.
//!
//! All functions wait for the disk, or for a network folder that may never answer: call them on a blocking thread.

mod place;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256, digest};

/// Numbers tried after a name that is taken.
const MOST_NUMBERS: u32 = 999;
/// What is compared and read at a time.
const CHUNK: usize = 64 << 10;

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder is not there, or is no folder. It is never made: behind a network drive that is not connected, files
    /// would land on the local disk where no software finds them.
    #[error("the folder is missing")]
    Missing,
    /// It may not be written to.
    #[error("the folder cannot be written to")]
    Denied(#[source] io::Error),
    /// The disk, or the share of it, is full.
    #[error("no room is left")]
    Full,
    /// Every number after the name is taken.
    #[error("too many files of this name")]
    Crowded,
    /// The path is not absolute.
    #[error("the path is not absolute")]
    Relative,
    /// Anything else, such as a server that went away.
    #[error("the folder does not answer as it should")]
    Io(#[source] io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as K;
        match error.kind() {
            K::NotFound | K::NotADirectory => Self::Missing,
            K::PermissionDenied | K::ReadOnlyFilesystem => Self::Denied(error),
            K::StorageFull | K::QuotaExceeded | K::FileTooLarge => Self::Full,
            _ => Self::Io(error),
        }
    }
}

/// SHA-256 of a content.
pub fn fingerprint(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// Whether files can be written to a folder: writes one that nobody sees and takes it away.
///
/// # Errors
/// As [`write`].
pub fn check(folder: &Path) -> Result<(), Error> {
    let (mut file, guard) = unseen(folder)?;
    file.write_all(b"-")?;
    file.sync_all()?;
    drop(guard);
    Ok(())
}

/// Writes a file into a folder and answers its path. `stem` and `ending` are already a name every system takes. A name
/// that is taken is left alone: a number is put after ours, unless the file of this name has the very same content, which
/// is then the answer. The file appears under its name only when all of it is on the disk.
///
/// # Errors
/// What [`Error`] says; nothing is left behind then.
pub fn write(folder: &Path, stem: &str, ending: &str, bytes: &[u8]) -> Result<PathBuf, Error> {
    let (mut file, unseen) = unseen(folder)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    for number in 1..=MOST_NUMBERS {
        let name = match number {
            1 => format!("{stem}.{ending}"),
            n => format!("{stem} ({n}).{ending}"),
        };
        let path = folder.join(name);
        match place::place(&unseen.0, &path) {
            Ok(()) => {
                place::sync_folder(folder);
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if holds(&path, bytes).unwrap_or(false) {
                    return Ok(path);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Crowded)
}

/// What became of a file when it was to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn {
    /// It is gone now.
    Removed,
    /// It was gone before: the practice software has most likely taken it in.
    Gone,
    /// Somebody changed it: it is left alone.
    Changed,
}

/// Takes a file back, when it still has the content that was written.
///
/// # Errors
/// The folder does not answer.
pub fn withdraw(path: &Path, fingerprint: &[u8]) -> Result<Withdrawn, Error> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Withdrawn::Gone),
        Err(error) => return Err(error.into()),
    };
    if !metadata.is_file() {
        return Ok(Withdrawn::Changed);
    }
    let mut context = Context::new(&SHA256);
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let n = file.read(&mut chunk)?;
        if n == 0 {
            break;
        }
        context.update(chunk.get(..n).unwrap_or_default());
    }
    if context.finish().as_ref() != fingerprint {
        return Ok(Withdrawn::Changed);
    }
    fs::remove_file(path)?;
    Ok(Withdrawn::Removed)
}

/// A file under a name nobody looks for, which goes away with the guard.
struct Unseen(PathBuf);

impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn unseen(folder: &Path) -> Result<(File, Unseen), Error> {
    if !folder.is_absolute() {
        return Err(Error::Relative);
    }
    let mut random = [0_u8; 8];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut random)
        .map_err(|_| Error::Io(io::Error::other("no random numbers")))?;
    let path = folder.join(format!(".estafette-{:016x}.part", u64::from_be_bytes(random)));
    let file = File::create_new(&path)?;
    Ok((file, Unseen(path)))
}

/// The file is an ordinary one with exactly this content.
fn holds(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.len() != bytes.len() as u64 {
        return Ok(false);
    }
    let mut found = Vec::with_capacity(bytes.len());
    File::open(path)?.take(bytes.len() as u64 + 1).read_to_end(&mut found)?;
    Ok(found == bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut all: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        all.sort();
        all
    }

    #[test]
    fn a_file_that_is_there_is_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("CR.pdf"), "theirs").unwrap();
        for (content, name) in [("one", "CR (2).pdf"), ("two", "CR (3).pdf"), ("one", "CR (2).pdf")] {
            let path = write(dir.path(), "CR", "pdf", content.as_bytes()).unwrap();
            assert_eq!(path, dir.path().join(name));
            assert_eq!(fs::read_to_string(path).unwrap(), content);
        }
        assert_eq!(names(dir.path()), ["CR (2).pdf", "CR (3).pdf", "CR.pdf"]);
        assert_eq!(fs::read_to_string(dir.path().join("CR.pdf")).unwrap(), "theirs");
    }

    #[test]
    fn many_who_write_the_same_name_at_once_all_keep_their_file() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for n in 0..16_u8 {
                let folder = dir.path();
                scope.spawn(move || write(folder, "CR", "pdf", &[n; 1000]).unwrap());
            }
        });
        let mut contents: Vec<u8> =
            names(dir.path()).iter().map(|name| fs::read(dir.path().join(name)).unwrap()[0]).collect();
        contents.sort_unstable();
        assert_eq!(contents, (0..16).collect::<Vec<u8>>());
    }

    #[test]
    fn a_folder_that_is_missing_or_no_folder_is_named_and_never_made() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("lecteur");
        assert!(matches!(write(&missing, "a", "pdf", b"x"), Err(Error::Missing)));
        assert!(!missing.exists());
        let file = dir.path().join("fichier");
        fs::write(&file, "x").unwrap();
        assert!(matches!(check(&file), Err(Error::Missing)));
        assert!(matches!(check(Path::new("relatif")), Err(Error::Relative)));
        check(dir.path()).unwrap();
        assert_eq!(names(dir.path()), ["fichier"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_the_file_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("ailleurs");
        fs::write(&elsewhere, "x").unwrap();
        std::os::unix::fs::symlink(&elsewhere, dir.path().join("CR.pdf")).unwrap();
        let path = write(dir.path(), "CR", "pdf", b"x").unwrap();
        assert_eq!(path, dir.path().join("CR (2).pdf"));
        assert_eq!(withdraw(&dir.path().join("CR.pdf"), &fingerprint(b"x")).unwrap(), Withdrawn::Changed);
        assert_eq!(fs::read_to_string(elsewhere).unwrap(), "x");
    }

    #[test]
    fn only_what_was_written_is_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = write(dir.path(), "CR", "pdf", b"x").unwrap();
        assert_eq!(withdraw(&path, &fingerprint(b"x")).unwrap(), Withdrawn::Removed);
        assert_eq!(withdraw(&path, &fingerprint(b"x")).unwrap(), Withdrawn::Gone);
        fs::write(&path, "changed").unwrap();
        assert_eq!(withdraw(&path, &fingerprint(b"x")).unwrap(), Withdrawn::Changed);
        assert!(path.exists());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named_and_leaves_nothing() {
        // a device that is always full stands for the file: /dev/full
        let mut full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let refused = full.write_all(&[0; 8192]).unwrap_err();
        assert!(matches!(Error::from(refused), Error::Full));
    }
}
