//! Trust anchors and revocation lists from files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

use super::Error;

const MAX_ANCHORS: u64 = 1024 * 1024;
/// The IGC Santé lists of a large domain take some megabytes.
const MAX_CRLS: u64 = 64 * 1024 * 1024;

/// First byte of every certificate and list in DER.
const SEQUENCE: u8 = 0x30;

/// Reads a file of certificates: PEM, or one certificate in DER as authorities publish it.
///
/// # Errors
/// [`Error::File`] when it cannot be read, is over 1 MiB, is damaged, or holds no certificate.
pub fn load_anchors(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let bytes = read_bounded(path, MAX_ANCHORS)?;
    if bytes.first() == Some(&SEQUENCE) {
        return Ok(vec![bytes.into()]);
    }
    from_pem(path, &bytes)
}

/// Reads a file of revocation lists: PEM, or one list in DER as authorities publish it.
///
/// # Errors
/// [`Error::File`] when it cannot be read, is over 64 MiB, is damaged, or holds no list.
pub fn load_crls(path: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, Error> {
    let bytes = read_bounded(path, MAX_CRLS)?;
    if bytes.first() == Some(&SEQUENCE) {
        return Ok(vec![bytes.into()]);
    }
    from_pem(path, &bytes)
}

fn from_pem<T: PemObject>(path: &Path, bytes: &[u8]) -> Result<Vec<T>, Error> {
    let found: Result<Vec<T>, _> = T::pem_slice_iter(bytes).collect();
    let found = found.map_err(|error| file_error(path, error))?;
    if found.is_empty() { Err(file_error(path, "nothing of the kind in it")) } else { Ok(found) }
}

/// Reads a whole file, refusing one over `limit` bytes.
pub(super) fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| file_error(path, error))?;
    let read = file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| file_error(path, error))?;
    if read as u64 > limit { Err(file_error(path, "too large")) } else { Ok(bytes) }
}

pub(super) fn file_error(path: &Path, reason: impl ToString) -> Error {
    Error::File { path: path.into(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_hold_nothing_usable_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file.pem");
        let truncated = "-----BEGIN CERTIFICATE-----\nMIIB\n";
        for content in ["", "no PEM here", truncated] {
            std::fs::write(&path, content).unwrap();
            assert!(matches!(load_anchors(&path), Err(Error::File { .. })), "{content}");
            assert!(matches!(load_crls(&path), Err(Error::File { .. })), "{content}");
        }
        std::fs::write(&path, vec![b'x'; 1024 * 1024 + 1]).unwrap();
        let Err(Error::File { reason, .. }) = load_anchors(&path) else {
            panic!("too large a file was read")
        };
        assert_eq!(reason, "too large");
        assert!(load_anchors(dir.path()).is_err());
    }

    #[test]
    fn certificates_are_read_in_both_encodings() {
        let pem =
            load_anchors(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/net/root.pem")).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("root.cer");
        std::fs::write(&path, &pem[0]).unwrap();
        assert_eq!(load_anchors(&path).unwrap(), pem);
    }

    #[test]
    fn lists_are_read_in_both_encodings() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/net");
        let pem = load_crls(&dir.join("intermediate.crl.pem")).unwrap();
        let der = load_crls(&dir.join("intermediate.crl")).unwrap();
        assert_eq!(pem, der);
    }
}
