//! Messages of our own with what must be read from them, and the wider samples where they lie beside the project.

use std::path::{Path, PathBuf};

use estafette::mime;
use serde_json::{Value, json};

fn messages(dir: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            messages(&path, found);
        } else if path.extension().is_some_and(|e| e == "eml") {
            found.push(path);
        }
    }
    found.sort();
}

fn summary(parsed: &mime::Parsed) -> Value {
    json!({
        "kind": parsed.kind,
        "from": parsed.envelope.from,
        "subject": parsed.envelope.subject,
        "text": parsed.text,
        "attachments": parsed.attachments,
        "defects": parsed.defects,
    })
}

#[test]
fn our_messages_read_as_written_beside_them() {
    let mut found = Vec::new();
    messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mime"), &mut found);
    assert!(!found.is_empty());
    for path in found {
        let got = summary(&mime::parse(&std::fs::read(&path).unwrap()));
        let beside = path.with_extension("json");
        // a missing expectation is a failure that shows what was read, so that it can be judged and written down
        let expected: Value =
            std::fs::read(&beside).ok().and_then(|b| serde_json::from_slice(&b).ok()).unwrap_or_default();
        assert_eq!(got, expected, "{}:\n{}", beside.display(), serde_json::to_string_pretty(&got).unwrap());
    }
}

#[test]
fn samples_beside_the_project_read_sensibly() {
    let mut found = Vec::new();
    messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/mail"), &mut found);
    messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/mail"), &mut found);
    for path in found {
        let raw = std::fs::read(&path).unwrap();
        let parsed = mime::parse(&raw);
        let header = mime::parse_header(&raw);
        assert_eq!(header.envelope, parsed.envelope, "{}", path.display());
        let something =
            !parsed.text.trim().is_empty() || !parsed.attachments.is_empty() || !parsed.defects.is_empty();
        assert!(something || raw.len() < 2_000, "{}: nothing read", path.display());
        for attachment in &parsed.attachments {
            assert_eq!(mime::attachment(&raw, attachment.index).unwrap().bytes.len() as u64, attachment.size);
        }
    }
}
