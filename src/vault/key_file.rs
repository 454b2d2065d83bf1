//! The slots of one store, in a small JSON file beside it. Replaced whole on each change; the one who holds the store's
//! lock may change it.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::slot::Secret;
use super::{Blank, Error, Opener, Result, Slot, Vault, hex, random};
use crate::domain::UnixTime;
use crate::domain::recovery::RecoveryCode;
use crate::domain::secret::StoreKey;

/// The version of the format this program writes and reads.
const VERSION: u32 = 1;
/// Sixteen slots take 6 KiB.
const LARGEST: u64 = 64 << 10;
/// Keyring, recovery code, and every card of a career.
const MOST_SLOTS: usize = 16;

/// The key file of a store.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
    content: Content,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    store: String,
    slots: Vec<Slot>,
    /// Slots of the new key while the store is being given one: the store has either key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Vec<Slot>>,
}

/// Only the version, which tells whether the rest can be understood.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// Which slots of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slots {
    /// Those of the store's key.
    Present,
    /// Those of the key the store is being given, if that was cut short.
    Next,
}

impl KeyFile {
    /// A file that is to lie at `path`, for a store that has none: a new identifier, no slots, nothing written.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn new(path: PathBuf) -> Result<Self> {
        let store = hex::write(&random::<16>()?);
        Ok(Self { path, content: Content { version: VERSION, store, slots: Vec::new(), next: None } })
    }

    /// Reads the file at `path`; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::KeyFileDamaged`], [`Error::Newer`], [`Error::Io`].
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut text = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut text)?;
        if text.len() as u64 > LARGEST {
            return Err(Error::KeyFileDamaged);
        }
        let version: Version = serde_json::from_slice(&text).map_err(|_| Error::KeyFileDamaged)?;
        if version.version > VERSION {
            return Err(Error::Newer);
        }
        let content: Content = serde_json::from_slice(&text).map_err(|_| Error::KeyFileDamaged)?;
        let sets = [Some(&content.slots), content.next.as_ref()];
        let is_sound = content.version == VERSION
            && hex::is(&content.store, 16)
            && sets
                .into_iter()
                .flatten()
                .all(|set| set.len() <= MOST_SLOTS && set.iter().all(Slot::is_sound));
        if is_sound { Ok(Some(Self { path: path.to_owned(), content })) } else { Err(Error::KeyFileDamaged) }
    }

    /// The slots.
    pub fn slots(&self, which: Slots) -> &[Slot] {
        match which {
            Slots::Present => &self.content.slots,
            Slots::Next => self.content.next.as_deref().unwrap_or_default(),
        }
    }

    /// True when the store was being given a new key and it is not known whether it has it.
    pub fn is_between_keys(&self) -> bool {
        self.content.next.is_some()
    }

    /// A slot to be filled for this store.
    ///
    /// # Errors
    /// [`Error::Random`].
    pub fn blank(&self, opener: Opener, now: UnixTime) -> Result<Blank> {
        Blank::new(&self.content.store, opener, now)
    }

    /// The text the card signs to open a slot of this store.
    pub fn text_to_sign(&self, slot: &Slot) -> Vec<u8> {
        slot.text_to_sign(&self.content.store)
    }

    /// The store's key from a slot of the keyring.
    ///
    /// # Errors
    /// [`Error::SecretMissing`], [`Error::DoesNotOpen`], and those of the keyring.
    pub fn open_by_keyring(&self, slot: &Slot, vault: &Vault) -> Result<StoreKey> {
        slot.open(&self.content.store, &vault.slot_secret(slot)?)
    }

    /// The store's key from a slot of a card, by its signature of [`KeyFile::text_to_sign`].
    ///
    /// # Errors
    /// [`Error::DoesNotOpen`].
    pub fn open_by_signature(&self, slot: &Slot, signature: &[u8]) -> Result<StoreKey> {
        slot.open(&self.content.store, &Secret::new(signature))
    }

    /// The store's key from the slot of a recovery code; slow by design.
    ///
    /// # Errors
    /// [`Error::DoesNotOpen`] for another code.
    pub fn open_by_code(&self, slot: &Slot, code: &RecoveryCode) -> Result<StoreKey> {
        slot.open(&self.content.store, &slot.stretch(code)?)
    }

    /// Writes the file for the first time, with these slots.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is one: replacing it would lose the store.
    pub fn create(&mut self, slots: Vec<Slot>) -> Result<()> {
        let mut made = self.content.clone();
        made.slots = slots;
        self.written(&made)?.persist_noclobber(&self.path).map_err(|failure| match failure.error.kind() {
            ErrorKind::AlreadyExists => Error::Exists,
            _ => Error::Io(failure.error),
        })?;
        self.content = made;
        sync_folder(&self.path)
    }

    /// Adds a slot, in place of those that `replaced` names.
    ///
    /// # Errors
    /// [`Error::TooMany`], [`Error::Io`]: nothing has changed then.
    pub fn put(&mut self, slot: Slot, replaced: impl Fn(&Slot) -> bool) -> Result<()> {
        self.change(|content| {
            content.slots.retain(|old| !replaced(old));
            content.slots.push(slot);
        })
    }

    /// Takes slots away.
    ///
    /// # Errors
    /// [`Error::Io`]: nothing has changed then.
    pub fn remove(&mut self, removed: impl Fn(&Slot) -> bool) -> Result<()> {
        self.change(|content| content.slots.retain(|slot| !removed(slot)))
    }

    /// Notes the slots of a new key before the store is given it.
    ///
    /// # Errors
    /// [`Error::TooMany`], [`Error::Io`]: nothing has changed then.
    pub fn begin(&mut self, next: Vec<Slot>) -> Result<()> {
        self.change(|content| content.next = Some(next))
    }

    /// The store has the key of these slots, and the others are forgotten.
    ///
    /// # Errors
    /// [`Error::Io`]: nothing has changed then.
    pub fn settle(&mut self, which: Slots) -> Result<()> {
        self.change(|content| {
            let next = content.next.take();
            if let (Slots::Next, Some(next)) = (which, next) {
                content.slots = next;
            }
        })
    }

    fn change(&mut self, work: impl FnOnce(&mut Content)) -> Result<()> {
        let mut changed = self.content.clone();
        work(&mut changed);
        let count = changed.next.as_ref().map_or(0, Vec::len).max(changed.slots.len());
        if count > MOST_SLOTS {
            return Err(Error::TooMany);
        }
        self.written(&changed)?.persist(&self.path).map_err(|failure| failure.error)?;
        self.content = changed;
        sync_folder(&self.path)
    }

    /// The content in a file beside, on the disk. Readable by its owner alone on Unix, by the library that makes it.
    fn written(&self, content: &Content) -> Result<tempfile::NamedTempFile> {
        let folder = self.path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let text = serde_json::to_vec_pretty(content).map_err(|error| Error::Io(error.into()))?;
        file.write_all(&text)?;
        file.as_file().sync_all()?;
        Ok(file)
    }
}

/// A renamed file is found after a power cut only when its folder has reached the disk. Other systems do so themselves.
fn sync_folder(path: &Path) -> Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
