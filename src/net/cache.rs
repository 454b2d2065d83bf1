//! Files kept from the network: written whole or not at all.

use std::io::Write as _;
use std::path::Path;

use super::Error;
use super::anchor::file_error;

/// Writes `bytes` to `path`, its folder made when missing.
pub(super) fn keep(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let write = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| file_error(path, error))
}
