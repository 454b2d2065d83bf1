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

/// Our corpus, and more of other people's messages where `ESTAFETTE_SAMPLES` names a folder of them.
fn samples() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mime"), &mut found);
    if let Some(folder) = std::env::var_os("ESTAFETTE_SAMPLES") {
        messages(Path::new(&folder), &mut found);
    }
    assert!(!found.is_empty());
    found.sort();
    found.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn samples_read_sensibly() {
    for raw in samples() {
        let parsed = mime::parse(&raw);
        let header = mime::parse_header(&raw);
        assert_eq!(header.envelope, parsed.envelope);
        let something =
            !parsed.text.trim().is_empty() || !parsed.attachments.is_empty() || !parsed.defects.is_empty();
        assert!(something || raw.len() < 2_000, "{}: nothing read", parsed.envelope.subject);
        for attachment in &parsed.attachments {
            assert_eq!(mime::attachment(&raw, attachment.index).unwrap().bytes.len() as u64, attachment.size);
        }
    }
}

#[test]
fn cut_and_altered_samples_are_read_without_panic() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    // what structure is made of does more harm than chance bytes
    const MARKS: &[&[u8]] =
        &[b"\r\n\r\n", b"--", b"=?", b"?=", b"<", b">", b"\0", b"\xFF", b"=", b"\"", b";", b"&#"];
    for raw in samples() {
        // a long body makes no more cases than its beginning
        let raw = &raw[..raw.len().min(16 << 10)];
        for step in 0..200 {
            mime::parse(&raw[..raw.len() * step / 200]);
        }
        for _ in 0..2_000 {
            let mut altered = raw.to_vec();
            for _ in 0..1 + random(4) {
                let (at, length) = (random(altered.len()), random(64));
                let end = (at + length).min(altered.len());
                match random(4) {
                    0 => altered[at] = random(256) as u8,
                    1 => drop(altered.splice(at..at, MARKS[random(MARKS.len())].iter().copied())),
                    2 => drop(altered.drain(at..end)),
                    _ => altered.extend_from_within(at..end),
                }
                if altered.is_empty() {
                    altered.push(b' ');
                }
            }
            let parsed = mime::parse(&altered);
            assert!(
                parsed.text.len() <= 4 * mime::MAX_TEXT && parsed.search_text.len() <= mime::MAX_SEARCH_TEXT
            );
            assert!(
                parsed.attachments.iter().all(|a| !a.name.is_empty() && !a.name.contains(['/', '\\', ':']))
            );
        }
    }
}
