//! What a message being written brings, as a person sorts mail: by its files alone, in whatever form they are.

use super::read;
use crate::domain::document::{DocumentKind, Reading};
use crate::domain::draft::DraftAttachment;
use crate::domain::filing::rule::{Subject, Traits};
use crate::engine::work::blocking;
use crate::engine::{Engine, Result};

/// Kinds of documents these files bring, the most telling first; a message without files is a letter. Files that cannot
/// be read bring none.
pub fn document_kinds(files: &[DraftAttachment]) -> Vec<Subject> {
    let kind = if files.is_empty() { DocumentKind::Letter } else { DocumentKind::Other };
    let mut all = Reading::new(kind, String::new());
    for file in files {
        if let Ok(reading) = read(&file.content, &file.name) {
            all.documents.extend(reading.documents);
        }
    }
    let mut kinds = Traits::of("", "", Some(&all)).subjects;
    kinds.sort_unstable();
    kinds
}

impl Engine {
    /// As [`document_kinds`], off the caller's thread.
    ///
    /// # Errors
    /// `bug` when the reading failed.
    pub async fn document_kinds(&self, files: Vec<DraftAttachment>) -> Result<Vec<Subject>> {
        self.on_runtime(blocking(move || Ok(document_kinds(&files)))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &[u8]) -> DraftAttachment {
        DraftAttachment { name: name.to_owned(), media_type: String::new(), content: content.to_vec() }
    }

    fn corpus(path: &str) -> Vec<u8> {
        std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)).unwrap()
    }

    #[test]
    fn a_message_is_what_its_files_are() {
        use Subject::{Biology, HealthDocument, Letter, Pdf};
        assert_eq!(document_kinds(&[]), [Letter]);
        assert_eq!(document_kinds(&[file("notes.bin", &[0, 1, 2, 3])]), []);
        let pdf = file("scan", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF");
        assert_eq!(document_kinds(std::slice::from_ref(&pdf)), [Pdf], "whatever its name");
        let cda = file("cr.xml", &corpus("cda/bio-n3.xml"));
        assert_eq!(document_kinds(&[pdf, cda]), [Biology, HealthDocument, Pdf]);
        let hprim = file("resultats.hpr", &corpus("hprim/bio-lab-utf8-lf.hpr"));
        assert_eq!(document_kinds(&[hprim]), [Biology, HealthDocument]);
        let archive = file("IHE_XDM.zip", &corpus("xdm/fr-bio-n3.zip"));
        assert!(document_kinds(&[archive]).starts_with(&[Biology, HealthDocument]));
    }
}
