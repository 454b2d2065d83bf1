//! Files to send: read within a bound, off the interface's thread.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::domain::draft::DraftAttachment;
use crate::engine;

/// Largest message operators usually take, in bytes as sent (10 to 25 MB by operator; the smallest is assumed).
pub(super) const LIMIT: u64 = 10_000_000;

/// Why a file was not attached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("the file cannot be read")]
    Unreadable(PathBuf),
    /// It alone is larger than a message may be.
    #[error("the file is too large")]
    TooLarge(PathBuf),
    /// Another program proposed it, and it is not what such may propose.
    #[error("the file is not to be taken from another program")]
    NotOffered(PathBuf),
}

/// Bytes a file takes in a message: base64 and its line ends make 4 of 3, and 2 for every 76.
pub(super) fn encoded(size: u64) -> u64 {
    let base64 = size.div_ceil(3) * 4;
    base64 + base64 / 76 * 2
}

/// Reads a file as an attachment.
///
/// # Errors
/// [`Error::Unreadable`] for a folder or what the disk refuses, [`Error::TooLarge`] beyond the limit.
pub(super) fn read(path: &Path) -> Result<DraftAttachment, Error> {
    let unreadable = || Error::Unreadable(path.to_owned());
    let name = path.file_name().ok_or_else(unreadable)?.to_string_lossy().into_owned();
    let file = std::fs::File::open(path).map_err(|_| unreadable())?;
    if !file.metadata().map_err(|_| unreadable())?.is_file() {
        return Err(unreadable());
    }
    let mut content = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut content).map_err(|_| unreadable())?;
    if encoded(content.len() as u64) > LIMIT {
        return Err(Error::TooLarge(path.to_owned()));
    }
    Ok(DraftAttachment { media_type: media_type(&name).to_owned(), name, content })
}

/// A file another program dropped here, within the same bound.
pub(super) fn dropped(
    path: PathBuf,
    taken: Result<DraftAttachment, engine::Error>,
) -> Result<DraftAttachment, Error> {
    match taken {
        Ok(file) if encoded(file.content.len() as u64) > LIMIT => Err(Error::TooLarge(path)),
        Ok(file) => Ok(file),
        Err(error) if error.code() == "input-too-large" => Err(Error::TooLarge(path)),
        Err(error) if error.code() == "file-not-offered" => Err(Error::NotOffered(path)),
        Err(_) => Err(Error::Unreadable(path)),
    }
}

/// Media type by extension, for what practitioners send.
fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_lowercase();
    match extension.as_str() {
        "pdf" => "application/pdf",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "tif" | "tiff" => "image/tiff",
        "txt" => "text/plain",
        "rtf" => "application/rtf",
        "xml" => "text/xml",
        "zip" => "application/zip",
        "dcm" => "application/dicom",
        "odt" => "application/vnd.oasis.opendocument.text",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_name_and_gets_its_type() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Échographie.PDF");
        std::fs::write(&path, b"%PDF").unwrap();
        let attachment = read(&path).unwrap();
        assert_eq!(attachment.name, "Échographie.PDF");
        assert_eq!(attachment.media_type, "application/pdf");
        assert_eq!(attachment.content, b"%PDF");
    }

    #[test]
    fn a_folder_a_missing_file_and_one_too_large_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), Err(Error::Unreadable(folder.path().to_owned())));
        let missing = folder.path().join("missing");
        assert_eq!(read(&missing), Err(Error::Unreadable(missing)));
        let large = folder.path().join("large.dcm");
        std::fs::write(&large, vec![0_u8; 7_600_000]).unwrap();
        assert_eq!(read(&large), Err(Error::TooLarge(large)));
    }

    #[test]
    fn the_size_counted_is_the_size_sent() {
        assert_eq!(encoded(0), 0);
        assert_eq!(encoded(3), 4);
        assert_eq!(encoded(57), 78);
    }
}
