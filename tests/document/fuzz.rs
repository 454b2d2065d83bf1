//! The fuzzers' promises in an ordinary test: what they found is read again, and our own documents with a few bytes
//! changed. `packaging/dev fuzz` looks for more; so does `ESTAFETTE_FUZZ_ROUNDS`, the number of changed copies.

#[path = "../fuzz/reader.rs"]
#[allow(unreachable_pub, reason = "also a module of the fuzzers' crate")]
mod reader;

use std::path::{Path, PathBuf};

use crate::corpora::files;

/// Changed copies of each document, and most bytes changed in one.
const COPIES: u32 = 6;
/// Longest document changed: a small one is as good, and quicker.
const LONGEST: u64 = 64 << 10;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// What a fuzzer found and the smallest inputs that reach what its own have reached, whatever they are called.
fn kept(name: &str) -> Vec<PathBuf> {
    let folder = data("fuzz").join(name);
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    assert!(!found.is_empty(), "{name}");
    found
}

#[test]
fn what_the_fuzzers_found_is_read_as_promised() {
    for (name, read) in reader::ALL {
        for path in kept(name) {
            // names what is being read when it ends the run
            println!("{}", path.display());
            read(&std::fs::read(path).unwrap());
        }
    }
}

#[test]
fn documents_with_some_bytes_changed_are_read_as_promised() {
    let copies = std::env::var("ESTAFETTE_FUZZ_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(COPIES);
    for (name, read) in reader::ALL {
        let folders = if name == "message" { ["message", "mime", "receipt"].as_slice() } else { &[name] };
        let mut found = Vec::new();
        folders.iter().for_each(|folder| files(&data(folder), &mut found));
        found.retain(|path| path.metadata().is_ok_and(|m| m.len() <= LONGEST));
        let found = found.into_iter().map(|path| (path, copies));
        // a fuzzer has changed these often enough
        for (path, copies) in found.chain(kept(name).into_iter().map(|path| (path, copies.div_ceil(COPIES))))
        {
            let bytes = std::fs::read(&path).unwrap();
            for copy in 0..copies {
                println!("{} {copy}", path.display());
                read(&changed(&bytes, copy));
            }
        }
    }
}

/// The same changes for the same number: bytes flipped, a piece taken out, a piece doubled.
fn changed(bytes: &[u8], copy: u32) -> Vec<u8> {
    let mut dice = u64::from(copy).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ bytes.len() as u64;
    let mut next = |below: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize % below.max(1)
    };
    let mut out = bytes.to_vec();
    for _ in 0..=copy % COPIES {
        let (at, bit) = (next(out.len()), next(8));
        if let Some(byte) = out.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }
    let (from, length) = (next(out.len()), next(400));
    let to = (from + length).min(out.len());
    if copy.is_multiple_of(2) {
        out.drain(from..to);
    } else {
        let piece: Vec<u8> = out[from..to].to_vec();
        out.splice(from..from, piece);
    }
    out
}
