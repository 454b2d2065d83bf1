//! A private file that stands in for the keyring: `{"version":1,"secrets":{name: base64}}`, replaced whole on each change.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{Error, Result};

/// Far more than keys and passwords need.
const LARGEST: u64 = 1 << 20;

#[derive(Serialize, Deserialize)]
struct Content {
    version: u32,
    secrets: BTreeMap<String, String>,
}

impl Drop for Content {
    fn drop(&mut self) {
        self.secrets.values_mut().for_each(Zeroize::zeroize);
    }
}

/// Reads a secret.
pub(super) fn get(path: &Path, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let content = load(path)?;
    content
        .secrets
        .get(name)
        .map(|text| STANDARD.decode(text).map(Zeroizing::new).map_err(|_| Error::Damaged))
        .transpose()
}

/// Writes a secret, in place of an earlier one.
pub(super) fn set(path: &Path, name: &str, secret: &[u8]) -> Result<()> {
    change(path, |content| {
        if let Some(mut old) = content.secrets.insert(name.to_owned(), STANDARD.encode(secret)) {
            old.zeroize();
        }
        Ok(())
    })
}

/// Removes a secret; one that is not there is no error.
pub(super) fn remove(path: &Path, name: &str) -> Result<()> {
    if !load(path)?.secrets.contains_key(name) {
        return Ok(());
    }
    change(path, |content| {
        if let Some(mut old) = content.secrets.remove(name) {
            old.zeroize();
        }
        Ok(())
    })
}

fn load(path: &Path) -> Result<Content> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Content { version: 1, secrets: BTreeMap::new() });
        }
        Err(error) => return Err(error.into()),
    };
    let length = file.metadata()?.len();
    if length > LARGEST {
        return Err(Error::Damaged);
    }
    // room for everything at once: growing would leave copies behind
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1));
    file.take(LARGEST).read_to_end(&mut text)?;
    let content: Content = serde_json::from_slice(&text).map_err(|_| Error::Damaged)?;
    if content.version == 1 { Ok(content) } else { Err(Error::Damaged) }
}

/// Changes the file under a lock, so that two writers, in this process or another, never undo each other.
fn change(path: &Path, work: impl FnOnce(&mut Content) -> Result<()>) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&folder)?;
    let mut lock_name = OsString::from(path);
    lock_name.push(".lock");
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(PathBuf::from(lock_name))?;
    lock.lock()?;
    let mut content = load(path)?;
    work(&mut content)?;
    let size = content.secrets.iter().map(|(name, secret)| name.len() * 6 + secret.len() + 8).sum::<usize>();
    let mut text = Zeroizing::new(Vec::with_capacity(size + 64));
    serde_json::to_writer(&mut *text, &content).map_err(|_| Error::Damaged)?;
    // tempfile makes it readable by its owner alone on Unix
    let mut file = tempfile::NamedTempFile::new_in(&folder)?;
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
