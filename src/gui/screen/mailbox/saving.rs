//! Attachments to disk: whole or not at all, never over an existing file without a yes, for nobody else to read and not
//! to be run, and with the mark of what comes from elsewhere where the system has one. Nothing is opened afterwards.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::engine::mark_foreign;

/// Why a file was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file of this name is there; nothing was changed.
    #[error("the file exists")]
    Exists(PathBuf),
    /// The content could not be read from the store.
    #[error("the attachment cannot be read: {0}")]
    Unavailable(&'static str),
    /// The disk refused.
    #[error("the file cannot be written")]
    Disk(PathBuf),
}

/// Writes `bytes` beside `path` and puts the whole file in place; an existing file is replaced only when `replace`.
///
/// # Errors
/// [`Error::Exists`] when a file is there and `replace` is false, [`Error::Disk`] when the disk refuses.
pub(in crate::gui) fn write(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Error> {
    let disk = || Error::Disk(path.to_owned());
    let folder = path.parent().ok_or_else(disk)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|_| disk())?;
    file.write_all(bytes).map_err(|_| disk())?;
    file.as_file().sync_all().map_err(|_| disk())?;
    // before it has its name, so that nothing opens it without
    mark_foreign(file.path());
    if replace {
        return file.persist(path).map(drop).map_err(|_| disk());
    }
    file.persist_noclobber(path).map(drop).map_err(|failed| match failed.error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
        _ => disk(),
    })
}

/// Writes into `folder` under `name`, or `name (2)`, `name (3)`… where that is taken; gives the path written.
///
/// # Errors
/// [`Error::Disk`] when the disk refuses, [`Error::Exists`] after a hundred taken names.
pub(super) fn write_beside(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, Error> {
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let mut path = folder.join(name);
    for count in 2..=100 {
        match write(&path, bytes, false) {
            Err(Error::Exists(_)) => path = folder.join(format!("{stem} ({count}){extension}")),
            written => return written.map(|()| path),
        }
    }
    Err(Error::Exists(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn attack_48_a_saved_file_is_private_cannot_be_run_and_takes_no_place() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        for name in ["cr.pdf", "script.sh", "lettre.desktop"] {
            let path = folder.path().join(name);
            write(&path, b"#!/bin/sh\n", false).unwrap();
            assert_eq!(mode(&path), 0o600, "{name}");
        }
        // a program the user has there stays, with its rights
        let program = folder.path().join("outil.sh");
        std::fs::write(&program, b"mine").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(write(&program, b"theirs", false), Err(Error::Exists(program.clone())));
        let beside = write_beside(folder.path(), "outil.sh", b"theirs").unwrap();
        assert_eq!(
            (std::fs::read(&program).unwrap().as_slice(), mode(&program)),
            (b"mine".as_slice(), 0o755)
        );
        assert_eq!(mode(&beside), 0o600);
        // replaced on a yes it is no program any more
        write(&program, b"theirs", true).unwrap();
        assert_eq!(mode(&program), 0o600);
        // a link there is replaced, not followed
        let (target, link) = (folder.path().join("ailleurs"), folder.path().join("lien.pdf"));
        std::fs::write(&target, b"mine").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert_eq!(write(&link, b"theirs", false), Err(Error::Exists(link.clone())));
        write(&link, b"theirs", true).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    }

    #[test]
    fn an_existing_file_is_kept_until_the_user_says_replace() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("compte rendu.pdf");
        write(&path, b"first", false).unwrap();
        assert_eq!(write(&path, b"second", false), Err(Error::Exists(path.clone())));
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        write(&path, b"second", true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn saving_all_numbers_names_that_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..3)
            .map(|_| write_beside(folder.path(), "radio.pdf", b"x").unwrap())
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["radio.pdf", "radio (2).pdf", "radio (3).pdf"]);
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_of_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gone").join("a.pdf");
        assert_eq!(write(&path, b"x", false), Err(Error::Disk(path)));
    }
}
