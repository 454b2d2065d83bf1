//! Giving a finished file its name, only where nothing has that name.

use std::fs;
use std::io;
use std::path::Path;

/// Moves `from` to `to`. [`io::ErrorKind::AlreadyExists`] when something is there, a link included.
pub(super) fn place(from: &Path, to: &Path) -> io::Result<()> {
    match rename_new(from, to) {
        Err(error) if !is_unable(&error) => return Err(error),
        Ok(()) => return Ok(()),
        Err(_) => {}
    }
    // a second name for the same file fails where something has it (NFS, NTFS)
    match fs::hard_link(from, to) {
        Ok(()) => {
            let _ = fs::remove_file(from);
            Ok(())
        }
        Err(error) if is_unable(&error) => reserve(from, to),
        Err(error) => Err(error),
    }
}

/// Where the file system has neither: an empty file takes the name, and ours takes its place at once.
fn reserve(from: &Path, to: &Path) -> io::Result<()> {
    fs::File::create_new(to)?;
    fs::rename(from, to).inspect_err(|_| {
        let _ = fs::remove_file(to);
    })
}

/// The file system does not know how, which says nothing about the name.
fn is_unable(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    // FAT and some network drives answer EPERM to a link
    matches!(error.kind(), K::Unsupported | K::InvalidInput | K::PermissionDenied)
}

#[cfg(target_os = "linux")]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(target_os = "linux"))]
fn rename_new(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The name is on the disk too; not every system can be asked for it.
pub(super) fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_refuses_a_name_that_is_taken_and_keeps_both_files() {
        for way in [place, reserve] {
            let dir = tempfile::tempdir().unwrap();
            let (from, to) = (dir.path().join("a"), dir.path().join("b"));
            fs::write(&from, "new").unwrap();
            fs::write(&to, "old").unwrap();
            assert_eq!(way(&from, &to).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&to).unwrap(), "old");
            assert_eq!(fs::read_to_string(&from).unwrap(), "new");
            fs::remove_file(&to).unwrap();
            way(&from, &to).unwrap();
            assert_eq!(fs::read_to_string(&to).unwrap(), "new");
            assert!(!from.exists());
        }
    }
}
