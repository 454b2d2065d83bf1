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
use std::sync::Mutex;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::connection::beside;
use super::{Error, Result, guard};

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

/// The files of a store.
pub(super) struct Files {
    folder: PathBuf,
    /// Written, and not in the database yet.
    unsaved: Mutex<HashSet<[u8; 16]>>,
}

impl Files {
    /// Those beside a store, of which there may be none yet.
    pub(super) fn of(store: &Path) -> Self {
        Self { folder: beside(store, ".contents"), unsaved: Mutex::default() }
    }

    /// Writes a content, which is encrypted where it is. To be settled.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Io`]: nothing is left of it then.
    pub(super) fn write(&self, mut content: Vec<u8>) -> Result<Ticket> {
        let ticket = Ticket::new()?;
        ticket
            .cipher()?
            .seal_in_place_append_tag(Ticket::nonce(), Aad::from(ticket.name), &mut content)
            .map_err(|_| Error::TooLarge)?;
        guard(&self.unsaved).insert(ticket.name);
        let path = self.path(&ticket.name);
        let created = match created(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make(&self.folder).and_then(|()| created(&path))
            }
            other => other,
        };
        match created.and_then(|mut file| file.write_all(&content)) {
            Ok(()) => Ok(ticket),
            Err(error) => {
                self.settle(std::iter::once(&ticket), false);
                Err(match error.kind() {
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full,
                    _ => error.into(),
                })
            }
        }
    }

    /// The database knows of these files from now on, or never will: then they go.
    pub(super) fn settle<'t>(&self, tickets: impl Iterator<Item = &'t Ticket>, kept: bool) {
        for ticket in tickets {
            if !kept {
                // what stays is removed by the next look
                let _ = self.remove(&ticket.name);
            }
            guard(&self.unsaved).remove(&ticket.name);
        }
    }

    /// A content; `None` when its file is missing or not what was written.
    ///
    /// # Errors
    /// [`Error::Io`] when there is a file that cannot be read.
    pub(super) fn read(&self, ticket: &Ticket, longest: u64) -> Result<Option<Vec<u8>>> {
        let file = match File::open(self.path(&ticket.name)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (length, longest) = (file.metadata()?.len(), longest.saturating_add(TAG));
        if length > longest {
            return Ok(None);
        }
        let mut sealed = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(longest).read_to_end(&mut sealed)?;
        let cipher = ticket.cipher()?;
        let opened = cipher.open_in_place(Ticket::nonce(), Aad::from(ticket.name), &mut sealed);
        let Ok(length) = opened.map(|content| content.len()) else { return Ok(None) };
        sealed.truncate(length);
        Ok(Some(sealed))
    }

    /// Removes a file; one that is gone is no error.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn remove(&self, name: &[u8; 16]) -> Result<()> {
        match std::fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Names of the files there are. What is not named as we name files is left alone.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn names(&self) -> Result<HashSet<[u8; 16]>> {
        let entries = match std::fs::read_dir(&self.folder) {
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

    /// Removes those of these files that are not on their way to the database.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn remove_strays(&self, names: HashSet<[u8; 16]>) -> Result<()> {
        let unsaved = guard(&self.unsaved);
        names.iter().filter(|name| !unsaved.contains(*name)).try_for_each(|name| self.remove(name))
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).sum()
    }

    fn path(&self, name: &[u8; 16]) -> PathBuf {
        self.folder.join(format!("{:032x}", u128::from_be_bytes(*name)))
    }
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
    #[cfg_attr(not(unix), allow(unused_mut, reason = "modes are of Unix"))]
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

    fn place() -> (tempfile::TempDir, Files) {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::of(&dir.path().join("store.db"));
        (dir, files)
    }

    #[test]
    fn a_content_comes_back_and_its_file_says_nothing() {
        let (_dir, files) = place();
        let content = b"compte rendu de Mme MARTIN ".repeat(1000);
        let (first, second) = (files.write(content.clone()).unwrap(), files.write(content.clone()).unwrap());
        let longest = content.len() as u64;
        assert!(files.read(&first, longest).unwrap().as_deref() == Some(&*content));
        let on_disk = |ticket: &Ticket| std::fs::read(files.path(&ticket.name)).unwrap();
        assert_ne!(on_disk(&first), on_disk(&second), "each has a key of its own");
        assert!(!on_disk(&first).windows(6).any(|w| w == b"MARTIN"));
        assert_eq!(files.names().unwrap(), HashSet::from([first.name, second.name]));
        assert_eq!(files.bytes(), 2 * (longest + TAG));
        files.remove(&first.name).unwrap();
        files.remove(&first.name).unwrap();
        assert!(files.read(&first, longest).unwrap().is_none());
    }

    #[test]
    fn a_file_that_was_changed_cut_grown_or_exchanged_is_not_believed() {
        let (_dir, files) = place();
        let content = b"x".repeat(20_000);
        let ticket = files.write(content.clone()).unwrap();
        let other = files.write(content.clone()).unwrap();
        let path = files.path(&ticket.name);
        let sealed = std::fs::read(&path).unwrap();
        let exchanged = std::fs::read(files.path(&other.name)).unwrap();
        let mut changed = sealed.clone();
        changed[7] ^= 1;
        for wrong in
            [&changed[..], &sealed[..sealed.len() - 1], &[], &exchanged, &[&sealed[..], b"x"].concat()]
        {
            std::fs::write(&path, wrong).unwrap();
            assert!(files.read(&ticket, content.len() as u64).unwrap().is_none());
        }
        std::fs::write(&path, &sealed).unwrap();
        assert!(files.read(&ticket, content.len() as u64).unwrap().is_some());
        assert!(files.read(&ticket, 100).unwrap().is_none(), "longer than it says");
    }

    #[test]
    fn a_file_on_its_way_to_the_database_is_no_stray_and_one_given_up_goes() {
        let (_dir, files) = place();
        let tickets: Vec<_> = (0..3).map(|_| files.write(b"x".to_vec()).unwrap()).collect();
        files.settle(tickets.iter().take(1), false);
        assert_eq!(files.names().unwrap(), HashSet::from([tickets[1].name, tickets[2].name]));
        files.settle(tickets.iter().skip(2), true);
        files.remove_strays(files.names().unwrap()).unwrap();
        assert_eq!(files.names().unwrap(), HashSet::from([tickets[1].name]));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_folder() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, files) = place();
        let ticket = files.write(b"x".to_vec()).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&files.folder), mode(&files.path(&ticket.name))), (0o700, 0o600));
    }
}
