//! Recognises DICOM objects; a key object selection is a pointer to images kept elsewhere.

use crate::domain::document::{Document, DocumentKind, Warning};

/// Key Object Selection Document Storage. Source: DICOM PS3.6, digest §5.
const KEY_OBJECTS: &[u8] = b"1.2.840.10008.5.1.4.1.1.88.59";

/// Names what the object is, by its SOP class; nothing else is read.
pub(super) fn read(bytes: &[u8]) -> Document {
    let mut document = Document::new(DocumentKind::Dicom, "application/dicom");
    let head = bytes.get(..4096).unwrap_or(bytes);
    if head.windows(KEY_OBJECTS.len()).any(|w| w == KEY_OBJECTS) {
        document.title = "KOS".to_owned();
        document.code = Some(crate::domain::document::Code {
            code: "IMG-KOS".to_owned(),
            system: "1.2.250.1.213.1.1.4.12".to_owned(),
            label: String::new(),
        });
        document.warn(Warning::RemoteContent);
    }
    document
}
