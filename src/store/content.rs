//! Large contents of messages, in files of their own beside the database.
//!
//! The database encrypts every page it writes and writes each twice. Here a content is written once, under a key made
//! for it alone, which only the database holds: when its row is gone, nothing opens it. The server has these contents
//! too, so the disk is not waited for, and one that is missing or damaged is fetched again.
//!
//! ```text
//! store.db.contents/<32 hexadecimal digits, random> = AES-256-GCM(packed) ‖ tag of 16 bytes
//! ```
//! The nonce is zero, since no key is used twice; the name is the additional data, so that a file under another name is
//! refused.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::connection::beside;
use super::{Error, Result};

/// Packed bytes from which a content has a file of its own; below, a file costs more than its pages.
pub(super) const LEAST: usize = 16 << 10;
/// Bytes of the tag at the end of a file.
const TAG: u64 = 16;

/// What the database keeps of a file.
pub(super) struct Ticket {
    pub(super) name: [u8; 16],
    pub(super) key: Zeroizing<[u8; 32]>,
}

impl Ticket {
    fn new() -> Result<Self> {
        let mut ticket = Self { name: [0; 16], key: Zeroizing::new([0; 32]) };
        let random = SystemRandom::new();
        let filled = random.fill(&mut ticket.name).and_then(|()| random.fill(&mut *ticket.key));
        filled.map_err(|_| Error::Io(std::io::Error::other("no random bytes")))?;
        Ok(ticket)
    }

    fn cipher(&self) -> Result<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &*self.key).map(LessSafeKey::new).map_err(|_| Error::Damaged)
    }

    fn nonce() -> Nonce {
        Nonce::assume_unique_for_key([0; NONCE_LEN])
    }
}

/// Writes files, and knows which ones it wrote.
pub(super) struct Shelf<'f> {
    folder: &'f Path,
    /// Where contents are encrypted, kept for its room.
    room: Vec<u8>,
    written: Vec<[u8; 16]>,
}

/// Where the files of a store lie.
pub(super) fn folder(store: &Path) -> PathBuf {
    beside(store, ".contents")
}

impl<'f> Shelf<'f> {
    pub(super) fn of(folder: &'f Path) -> Self {
        Self { folder, room: Vec::new(), written: Vec::new() }
    }

    /// Writes a content.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Io`]: see [`Shelf::undo`].
    pub(super) fn keep(&mut self, packed: &[u8]) -> Result<Ticket> {
        let ticket = Ticket::new()?;
        self.room.clear();
        self.room.extend_from_slice(packed);
        let tag = ticket
            .cipher()?
            .seal_in_place_separate_tag(Ticket::nonce(), Aad::from(ticket.name), &mut self.room)
            .map_err(|_| Error::TooLarge)?;
        self.room.extend_from_slice(tag.as_ref());
        let path = path(self.folder, &ticket.name);
        self.written.push(ticket.name);
        let created = match created(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make(self.folder).and_then(|()| created(&path))
            }
            other => other,
        };
        created.and_then(|mut file| file.write_all(&self.room)).map_err(|error| match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full,
            _ => error.into(),
        })?;
        Ok(ticket)
    }

    /// Removes what was written: the database does not know of it.
    pub(super) fn undo(self) {
        for name in &self.written {
            // what stays is found by the next look
            let _ = remove(self.folder, name);
        }
    }
}

/// A content; `None` when its file is missing or not what was written.
///
/// # Errors
/// [`Error::Io`] when there is a file that cannot be read.
pub(super) fn read(folder: &Path, ticket: &Ticket, longest: u64) -> Result<Option<Vec<u8>>> {
    let file = match File::open(path(folder, &ticket.name)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let length = file.metadata()?.len();
    if length > longest.saturating_add(TAG) {
        return Ok(None);
    }
    let mut sealed = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(longest.saturating_add(TAG)).read_to_end(&mut sealed)?;
    let cipher = ticket.cipher()?;
    let opened = cipher.open_in_place(Ticket::nonce(), Aad::from(ticket.name), &mut sealed).map(|o| o.len());
    let Ok(length) = opened else { return Ok(None) };
    sealed.truncate(length);
    Ok(Some(sealed))
}

/// Removes a file; one that is gone is no error.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn remove(folder: &Path, name: &[u8; 16]) -> Result<()> {
    match std::fs::remove_file(path(folder, name)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Names of the files there are. What is not named as we name files is left alone.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn names(folder: &Path) -> Result<HashSet<[u8; 16]>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashSet::new()),
        entries => entries?,
    };
    let mut names = HashSet::new();
    for entry in entries {
        if let Some(name) = entry?.file_name().to_str().and_then(named) {
            names.insert(name);
        }
    }
    Ok(names)
}

/// Bytes of all files.
pub(super) fn bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).sum()
}

fn path(folder: &Path, name: &[u8; 16]) -> PathBuf {
    folder.join(format!("{:032x}", u128::from_be_bytes(*name)))
}

fn named(name: &str) -> Option<[u8; 16]> {
    let is_ours = name.len() == 32 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_ours.then(|| u128::from_str_radix(name, 16).ok()).flatten().map(u128::to_be_bytes)
}

fn created(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let files = folder(&dir.path().join("store.db"));
        (dir, files)
    }

    #[test]
    fn a_content_comes_back_and_its_file_says_nothing() {
        let (_dir, files) = place();
        let mut shelf = Shelf::of(&files);
        let content = b"compte rendu de Mme MARTIN ".repeat(1000);
        let (first, second) = (shelf.keep(&content).unwrap(), shelf.keep(&content).unwrap());
        let longest = content.len() as u64;
        assert!(read(&files, &first, longest).unwrap().as_deref() == Some(&*content));
        let on_disk = |ticket: &Ticket| std::fs::read(path(&files, &ticket.name)).unwrap();
        assert_ne!(on_disk(&first), on_disk(&second), "each has a key of its own");
        assert!(!on_disk(&first).windows(6).any(|w| w == b"MARTIN"));
        assert_eq!(names(&files).unwrap(), HashSet::from([first.name, second.name]));
        assert_eq!(bytes(&files), 2 * (longest + TAG));
        remove(&files, &first.name).unwrap();
        remove(&files, &first.name).unwrap();
        assert!(read(&files, &first, longest).unwrap().is_none());
    }

    #[test]
    fn a_file_that_was_changed_cut_grown_or_exchanged_is_not_believed() {
        let (_dir, files) = place();
        let mut shelf = Shelf::of(&files);
        let content = b"x".repeat(20_000);
        let ticket = shelf.keep(&content).unwrap();
        let other = shelf.keep(&content).unwrap();
        let path = path(&files, &ticket.name);
        let sealed = std::fs::read(&path).unwrap();
        let exchanged = std::fs::read(super::path(&files, &other.name)).unwrap();
        let mut changed = sealed.clone();
        changed[7] ^= 1;
        for wrong in [&changed[..], &sealed[..sealed.len() - 1], &[], &exchanged, &[&sealed[..], b"x"].concat()] {
            std::fs::write(&path, wrong).unwrap();
            assert!(read(&files, &ticket, content.len() as u64).unwrap().is_none());
        }
        std::fs::write(&path, &sealed).unwrap();
        assert!(read(&files, &ticket, content.len() as u64).unwrap().is_some());
        assert!(read(&files, &ticket, 100).unwrap().is_none(), "longer than it says");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_folder() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, files) = place();
        let mut shelf = Shelf::of(&files);
        let ticket = shelf.keep(b"x").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&files), mode(&path(&files, &ticket.name))), (0o700, 0o600));
        shelf.undo();
        assert!(names(&files).unwrap().is_empty());
    }
}
