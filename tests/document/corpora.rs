//! Documents of our own with what must be read from them, and the wider samples where they lie beside the project.

use std::path::{Path, PathBuf};

use estafette::engine::read_document;
use serde_json::Value;

/// Folders of tests/data whose files have an expectation beside them.
const FOLDERS: [&str; 4] = ["cda", "hprim", "xdm", "message"];

pub(crate) fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e != "json" && e != "md" && e != "tsv") {
            found.push(path);
        }
    }
    found.sort();
}

pub(crate) fn ours() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder), &mut found);
    }
    assert!(found.len() >= 40);
    found
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".json");
    PathBuf::from(name)
}

#[test]
fn our_documents_read_as_written_beside_them() {
    let mut wrong = Vec::new();
    for path in ours() {
        let name = path.file_name().unwrap().to_string_lossy();
        let read = read_document(&std::fs::read(&path).unwrap(), &name).unwrap();
        let got = serde_json::to_value(&read).unwrap();
        let text = serde_json::to_string_pretty(&got).unwrap() + "\n";
        // written anew on request, to be read before it is kept
        if std::env::var_os("ESTAFETTE_EXPECT").is_some() {
            std::fs::write(beside(&path), &text).unwrap();
        }
        let expected: Value = std::fs::read(beside(&path))
            .ok()
            .and_then(|b| serde_json::from_slice(&b).ok())
            .unwrap_or_default();
        if got != expected {
            wrong.push(format!("{}:\n{text}", beside(&path).display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_sample_is_read_or_refused_with_a_reason_and_never_panics() {
    let Some(folder) = std::env::var_os("ESTAFETTE_SAMPLES") else { return };
    let mut found = Vec::new();
    files(Path::new(&folder), &mut found);
    for path in found {
        let name = path.file_name().unwrap().to_string_lossy();
        match read_document(&std::fs::read(&path).unwrap(), &name) {
            Ok(reading) => assert!(
                !reading.text.is_empty() || !reading.documents.is_empty() || !reading.title.is_empty(),
                "{}",
                path.display()
            ),
            Err(error) => assert!(error.code().starts_with("input-"), "{}: {error}", path.display()),
        }
    }
}
