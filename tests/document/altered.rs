//! Our corpora cut and altered: nothing panics, whatever comes. `ESTAFETTE_ROUNDS` asks for more rounds a file.

use estafette::engine::read_document;

use crate::corpora::ours;

/// What structure is made of does more harm than chance bytes.
const MARKS: &[&[u8]] = &[
    b"<",
    b">",
    b"/>",
    b"</",
    b"<!--",
    b"<![CDATA[",
    b"]]>",
    b"&",
    b"&#x",
    b"\"",
    b"<?",
    b"<!DOCTYPE",
    b"xmlns:",
    b"\0",
    b"\xFF\xFE",
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"\xFF\xFF\xFF\xFF",
    b"|",
    b"\r",
    b"****FIN****",
    b"****LAB****\rRES|",
    b"H|~^\\&|",
    b"colspan=\"65535\" ",
    b"rowspan='9'",
    b"{\\rtf1",
    b"\\u-1?",
    b"\\bin9",
    b"%PDF-1.4",
    b"endobj",
    b"stream",
    b"\x30\x80",
    b"\x78\x9F\x3E\x22",
];

#[test]
fn cut_and_altered_documents_are_read_or_refused_and_never_panic() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let rounds = std::env::var("ESTAFETTE_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(25);
    for path in ours() {
        let raw = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for step in 0..5 {
            let _ = read_document(&raw[..raw.len() * step / 5], &name);
        }
        for _ in 0..rounds {
            let mut altered = raw.clone();
            for _ in 0..1 + random(4) {
                let (at, length) = (random(altered.len()), random(64));
                let end = (at + length).min(altered.len());
                match random(5) {
                    0 => altered[at] = random(256) as u8,
                    1 | 2 => drop(altered.splice(at..at, MARKS[random(MARKS.len())].iter().copied())),
                    3 => drop(altered.drain(at..end)),
                    _ => altered.extend_from_within(at..end),
                }
                if altered.is_empty() {
                    altered.push(b' ');
                }
            }
            if let Ok(reading) = read_document(&altered, &name) {
                assert!(reading.documents.len() <= 500, "{name}");
            }
        }
    }
}
