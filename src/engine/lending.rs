//! Copies of attachments for other programs of this machine: in a folder of their own that only the user can read, wiped
//! when the session ends and when the program starts.

use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Kind, Result};
use crate::domain::document::DocumentKind;
use crate::domain::id::MessageId;
use crate::health::sniff;
use crate::mime;

/// Copies at one time; more would be forgotten by whoever opened them.
const MOST: usize = 200;
/// Bytes written at once over a copy that is wiped.
const WIPED_AT_ONCE: usize = 64 << 10;

impl Engine {
    /// Writes an attachment where another program may read it, with the ending of what it really is, and answers the
    /// place. It is wiped when the session ends.
    ///
    /// # Errors
    /// `open-refused` for what may run and what is of an unknown kind, `not-found`, `offline`, `disk-full`,
    /// `file-failed`.
    pub async fn lend(&self, id: MessageId, index: usize) -> Result<PathBuf> {
        let session = self.opened()?;
        let Kind::Real { profile, .. } = &self.inner.kind else {
            return Err(Error::new(ErrorKind::NeedsUser, "open-refused"));
        };
        let folder = profile.lent();
        self.on_runtime(blocking(move || {
            let content = content(&session, id, index)?;
            let name = name(&content).ok_or_else(|| Error::new(ErrorKind::NeedsUser, "open-refused"))?;
            let path = write(&folder, &name, &content.bytes)?;
            if session.cancel.is_cancelled() {
                // the session ended meanwhile, and its wiping may have come before this copy
                wipe(&folder);
                return Err(super::no_session());
            }
            Ok(path)
        }))
        .await
    }
}

fn content(session: &OpenSession, id: MessageId, index: usize) -> Result<mime::Content> {
    let raw = session.store.raw(id)?.ok_or_else(|| Error::new(ErrorKind::Offline, "offline"))?;
    mime::attachment(&raw, index).ok_or_else(super::mail::not_found)
}

/// The name of the copy: its ending is that of the content and not of the sender. `None` for what is not handed on.
fn name(content: &mime::Content) -> Option<String> {
    let kind = sniff::kind(&content.bytes, &content.name, &content.media_type);
    let given =
        content.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if sniff::is_program(&given) {
        return None;
    }
    let ending = match kind {
        DocumentKind::Pdf => "pdf",
        DocumentKind::Text | DocumentKind::Hprim | DocumentKind::HprimSante => "txt",
        DocumentKind::Rtf => "rtf",
        DocumentKind::Dicom => "dcm",
        DocumentKind::Image => match sniff::media_type(&content.bytes, &content.media_type).as_str() {
            "image/jpeg" => "jpg",
            "image/png" => "png",
            "image/tiff" => "tif",
            "image/gif" => "gif",
            "image/bmp" => "bmp",
            _ => return None,
        },
        // of these the ending says which; those with macros have others
        DocumentKind::Office => match given.as_str() {
            known @ ("docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp") => known,
            _ => return None,
        },
        _ => return None,
    };
    let stem = content.name.rsplit_once('.').map_or(content.name.as_str(), |(stem, _)| stem);
    let stem: String = stem.chars().take(80).collect();
    Some(format!("{}.{ending}", stem.trim_matches(['.', ' '])))
}

/// Writes a file nobody else can read or run into a folder of its own.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    super::profile::restrict(folder)?;
    if std::fs::read_dir(folder)?.count() >= MOST {
        wipe(folder);
        std::fs::create_dir_all(folder)?;
        super::profile::restrict(folder)?;
    }
    // a folder of its own keeps the name as the user knows it
    let own = tempfile::Builder::new().prefix("").tempdir_in(folder)?.keep();
    let path = own.join(name);
    let mut file = std::fs::File::create_new(&path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    super::mark_foreign(&path);
    let mut rights = file.metadata()?.permissions();
    rights.set_readonly(true);
    file.set_permissions(rights)?;
    Ok(path)
}

/// Overwrites and removes every copy. What another program holds open is removed as far as the system allows.
pub(super) fn wipe(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(files) = std::fs::read_dir(entry.path()) else { continue };
        for file in files.flatten().filter(|f| f.file_type().is_ok_and(|kind| kind.is_file())) {
            if let Err(error) = overwrite(&file.path()) {
                tracing::warn!(%error, "a copy for another program cannot be overwritten");
            }
        }
    }
    if let Err(error) = std::fs::remove_dir_all(folder) {
        tracing::warn!(%error, "copies for other programs cannot be removed");
    }
}

#[allow(
    clippy::permissions_set_readonly_false,
    reason = "the file is removed next, from a folder only its owner enters"
)]
fn overwrite(path: &Path) -> io::Result<()> {
    let mut rights = std::fs::metadata(path)?.permissions();
    rights.set_readonly(false);
    std::fs::set_permissions(path, rights)?;
    let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
    let mut left = file.seek(io::SeekFrom::End(0))?;
    file.rewind()?;
    let zeros = vec![0; WIPED_AT_ONCE];
    while left > 0 {
        let now = left.min(zeros.len() as u64);
        file.write_all(zeros.get(..usize::try_from(now).unwrap_or(0)).unwrap_or_default())?;
        left -= now;
    }
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name_: &str, media_type: &str, bytes: &[u8]) -> Option<String> {
        name(&mime::Content {
            name: name_.to_owned(),
            media_type: media_type.to_owned(),
            bytes: bytes.to_vec(),
        })
    }

    #[test]
    fn attack_49_what_is_handed_on_bears_the_ending_of_what_it_is_and_what_may_run_is_not() {
        assert_eq!(named("cr.pdf", "application/pdf", b"%PDF-1.4").as_deref(), Some("cr.pdf"));
        assert_eq!(named("cr.exe", "application/pdf", b"%PDF-1.4").as_deref(), None);
        assert_eq!(
            named("photo.png", "image/png", b"\xFF\xD8\xFF\xE0....JFIF").as_deref(),
            Some("photo.jpg")
        );
        assert_eq!(named("cr.pdf", "application/pdf", b"MZ\x90\0"), None);
        assert_eq!(named("page.html", "text/html", b"<html><script>x</script>"), None);
        assert_eq!(named("x.lnk", "application/pdf", b"L\0\0\0\x01\x14\x02\0"), None);
        assert_eq!(named("archive.zip", "application/zip", b"PK\x05\x06"), None);
        assert_eq!(named("inconnu", "application/octet-stream", &[0, 1, 2, 3]), None);
    }

    #[test]
    fn attack_49_copies_are_private_read_only_and_leave_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("opened");
        let path = write(&folder, "cr.pdf", b"SECRET").unwrap();
        let other = write(&folder, "cr.pdf", b"AUTRE").unwrap();
        assert_ne!(path, other);
        assert!(std::fs::metadata(&path).unwrap().permissions().readonly());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
        // another program still holds it: it sees what was written over it
        let held = std::fs::File::open(&path).unwrap();
        wipe(&folder);
        assert!(!folder.exists());
        assert_eq!(io::read_to_string(held).unwrap(), "\0".repeat(6));
        wipe(&folder);
    }
}
