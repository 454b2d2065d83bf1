//! How the source of a message is kept: attachments taken out of their base64, then compressed.
//!
//! Nearly all bytes of mail are base64. Undoing it first gives a smaller result than compressing the letters, in a
//! fraction of the time, and what was compressed already (PDF, JPEG, zip) is not worked on in vain. Only blocks that
//! can be written again letter by letter are undone, so that the source comes back as it was, byte for byte.
//!
//! ```text
//! packed  = zstd(layout), in one frame or more
//! layout  = count of blocks: u32, block*, text, content*
//! block   = text before it: u32, letters a line: u16, line end (1 LF, 2 CRLF): u8, length of its content: u32
//! ```
//! Numbers are little-endian. A block is a [`Run`].

use std::cell::RefCell;
use std::io::Cursor;
use std::ops::Range;

use base64::Engine as _;

use super::{Error, Result};
use crate::domain::encoded::{self, BASE64, Run};

/// How [`Packed::of`] packs, in the column `packing`; 0 was zstd alone.
pub(super) const PACKING: u32 = 1;
/// Favours speed: mail is fetched faster than it can be compressed harder.
const LEVEL: i32 = 1;
/// What is dense has frames of its own, in which nothing is looked for: they cost no more than a copy.
const COPY: i32 = -(1 << 17);
/// A content of at least so many bytes may be dense. It is judged by its first [`SAMPLE`] bytes of every [`STEP`].
const LEAST_DENSE: usize = 16 << 10;
const STEP: usize = 4 << 10;
const SAMPLE: usize = 256;
/// Bytes of a block's entry in the layout.
const ENTRY: usize = 11;

thread_local! {
    /// Making one takes longer than compressing a short message.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// The source of a message as the store keeps it.
pub struct Packed {
    pub(super) bytes: Vec<u8>,
    pub(super) size: u32,
    blocks: Vec<Run>,
}

impl Packed {
    /// Packs a source.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above 4 GB; [`Error::Io`] when memory is short.
    pub fn of(raw: &[u8]) -> Result<Self> {
        let size = u32::try_from(raw.len()).map_err(|_| Error::TooLarge)?;
        let blocks = encoded::runs(raw);
        let mut frame = table_and_text(raw, &blocks)?;
        let mut bytes = Vec::new();
        for block in &blocks {
            if is_dense(&block.content) {
                // what stands before it comes before it
                add_frame(&mut bytes, &std::mem::take(&mut frame), LEVEL)?;
                add_frame(&mut bytes, &block.content, COPY)?;
            } else {
                frame.extend_from_slice(&block.content);
            }
        }
        add_frame(&mut bytes, &frame, LEVEL)?;
        Ok(Self { bytes, size, blocks })
    }

    /// Long runs of base64 in the source, in order, with what they say.
    pub fn decoded(&self) -> impl Iterator<Item = (Range<usize>, &[u8])> {
        self.blocks.iter().map(|run| (run.place.clone(), &*run.content))
    }

    /// For the store alone: what [`Packed::decoded`] gives takes as much memory again.
    pub(super) fn without_decoded(self) -> Self {
        Self { blocks: Vec::new(), ..self }
    }

    /// Most bytes that pack a source of this size.
    pub(super) fn longest(size: u32) -> u64 {
        zstd::zstd_safe::compress_bound(longest_layout(size)) as u64
    }

    /// The source again; `size` is what it must have.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub(super) fn open(bytes: &[u8], size: u32, packing: u32) -> Result<Vec<u8>> {
        if packing == 0 {
            return zstd::bulk::decompress(bytes, size as usize).map_err(|_| Error::Damaged);
        }
        let most = longest_layout(size);
        let layout = zstd::bulk::decompress(bytes, most).map_err(|_| Error::Damaged)?;
        source(&layout, size as usize).ok_or(Error::Damaged)
    }
}

/// A layout is never longer than the source and its table.
fn longest_layout(size: u32) -> usize {
    let size = size as usize;
    size + 4 + ENTRY * (size / encoded::SHORTEST + 1)
}

/// Adds a frame of its own; nothing is none.
fn add_frame(bytes: &mut Vec<u8>, content: &[u8], level: i32) -> Result<()> {
    if content.is_empty() {
        return Ok(());
    }
    bytes.reserve(zstd::zstd_safe::compress_bound(content.len()));
    let mut place = Cursor::new(bytes);
    place.set_position(place.get_ref().len() as u64);
    COMPRESSOR.with_borrow_mut(|compressor| {
        let compressor = match compressor {
            Some(compressor) => compressor,
            none => none.insert(zstd::bulk::Compressor::new(level)?),
        };
        compressor.set_compression_level(level)?;
        compressor.compress_to_buffer(content, &mut place)?;
        Ok(())
    })
}

/// Its bytes are spread so evenly that it was compressed, or encrypted, before: two that are drawn from it are hardly more
/// often the same than those of noise.
fn is_dense(content: &[u8]) -> bool {
    if content.len() < LEAST_DENSE {
        return false;
    }
    let mut counts = [0_u64; 256];
    let mut drawn = 0;
    for piece in content.chunks(STEP) {
        for byte in piece.iter().take(SAMPLE) {
            if let Some(count) = counts.get_mut(usize::from(*byte)) {
                *count += 1;
            }
            drawn += 1;
        }
    }
    let same: u64 = counts.iter().map(|count| count * count).sum();
    let of_noise = drawn + drawn * drawn / 256;
    same < of_noise + of_noise / 4
}

/// What stands before the contents of the layout.
fn table_and_text(raw: &[u8], blocks: &[Run]) -> Result<Vec<u8>> {
    let number = |n: usize| u32::try_from(n).map(u32::to_le_bytes).map_err(|_| Error::TooLarge);
    let mut layout = Vec::new();
    layout.extend(number(blocks.len())?);
    let mut at = 0;
    for block in blocks {
        layout.extend(number(block.place.start - at)?);
        layout.extend(u16::try_from(block.line).map_err(|_| Error::TooLarge)?.to_le_bytes());
        layout.push(if block.is_crlf { 2 } else { 1 });
        layout.extend(number(block.content.len())?);
        at = block.place.end;
    }
    let mut at = 0;
    for block in blocks {
        layout.extend_from_slice(raw.get(at..block.place.start).unwrap_or_default());
        at = block.place.end;
    }
    layout.extend_from_slice(raw.get(at..).unwrap_or_default());
    Ok(layout)
}

fn source(layout: &[u8], size: usize) -> Option<Vec<u8>> {
    let (count, rest) = layout.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    let (mut table, body) = rest.split_at_checked(count.checked_mul(ENTRY)?)?;
    let mut entries = Vec::with_capacity(count);
    while let Some((entry, more)) = table.split_first_chunk::<ENTRY>() {
        let [b0, b1, b2, b3, l0, l1, kind, c0, c1, c2, c3] = *entry;
        let before = u32::from_le_bytes([b0, b1, b2, b3]) as usize;
        let letters = usize::from(u16::from_le_bytes([l0, l1]));
        let line_end: &[u8] = match kind {
            1 => b"\n",
            2 => b"\r\n",
            _ => return None,
        };
        entries.push((before, letters, line_end, u32::from_le_bytes([c0, c1, c2, c3]) as usize));
        table = more;
    }
    let contents: usize = entries.iter().map(|entry| entry.3).sum();
    let (mut text, mut content) = body.split_at_checked(body.len().checked_sub(contents)?)?;
    let mut raw = Vec::with_capacity(size);
    let mut letters_of = String::new();
    for (before, letters, line_end, length) in entries {
        let (first, more) = text.split_at_checked(before)?;
        raw.extend_from_slice(first);
        text = more;
        let (first, more) = content.split_at_checked(length)?;
        content = more;
        letters_of.clear();
        BASE64.encode_string(first, &mut letters_of);
        let mut lines = letters_of.as_bytes().chunks(letters.max(1)).peekable();
        while let Some(line) = lines.next() {
            raw.extend_from_slice(line);
            if lines.peek().is_some() {
                raw.extend_from_slice(line_end);
            }
        }
    }
    raw.extend_from_slice(text);
    (raw.len() == size).then_some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(raw: &[u8]) -> Packed {
        let packed = Packed::of(raw).unwrap();
        assert!(Packed::open(&packed.bytes, packed.size, PACKING).unwrap() == raw);
        packed
    }

    /// Xorshift.
    fn random(seed: &mut u64) -> u64 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *seed
    }

    fn noise(seed: &mut u64, length: usize) -> Vec<u8> {
        (0..length).map(|_| (random(seed) >> 24) as u8).collect()
    }

    fn folded(content: &[u8], letters: usize, line_end: &str) -> String {
        let text = BASE64.encode(content);
        let lines: Vec<&str> =
            text.as_bytes().chunks(letters).map(|l| std::str::from_utf8(l).unwrap()).collect();
        lines.join(line_end)
    }

    #[test]
    fn a_message_comes_back_as_it_was_and_its_attachment_takes_no_more_than_its_bytes() {
        let mut seed = 5;
        for (letters, line_end) in [(76, "\r\n"), (76, "\n"), (64, "\r\n"), (60, "\n")] {
            for length in [0, 1, 1500, 1536, 1537, 5700, 5701, 5702, 40_000] {
                let content = noise(&mut seed, length);
                let body = folded(&content, letters, line_end);
                let raw = format!("Subject: Bilan{line_end}{line_end}{body}{line_end}--fin--{line_end}");
                let packed = there_and_back(raw.as_bytes());
                if length > 5000 {
                    assert!(packed.bytes.len() < length + 200, "{} of {length}", packed.bytes.len());
                }
                there_and_back(body.as_bytes());
                there_and_back(format!("{body}{line_end}{body}").as_bytes());
            }
        }
    }

    #[test]
    fn what_can_be_made_smaller_is_made_smaller_beside_what_cannot() {
        let mut seed = 9;
        let noise = noise(&mut seed, 300_000);
        let letter = b"compte rendu de consultation, conclusion ".repeat(8000);
        let mut picture = noise.clone();
        // what a JPEG has more of than noise
        picture.iter_mut().step_by(50).for_each(|b| *b = 0xFF);
        assert!(is_dense(&noise) && is_dense(&picture) && !is_dense(&letter));
        assert!(!is_dense(BASE64.encode(&noise).as_bytes()), "letters take six bits of eight");
        for contents in [[&noise, &letter, &picture], [&letter, &noise, &noise], [&picture, &noise, &letter]]
        {
            let bodies = contents.map(|content| folded(content, 76, "\r\n"));
            let raw = format!("a: b\r\n\r\n{}\r\n--fin\r\n", bodies.join("\r\n--x\r\nc: d\r\n\r\n"));
            let packed = there_and_back(raw.as_bytes());
            assert!(packed.bytes.len() < 605_000, "{}", packed.bytes.len());
            assert!(packed.bytes.len() as u64 <= Packed::longest(packed.size));
        }
    }

    #[test]
    fn what_only_looks_like_base64_is_kept_as_it_is() {
        let line = "A".repeat(76);
        let full = vec![line.as_str(); 60].join("\r\n");
        for raw in [
            String::new(),
            "\n".repeat(5000),
            full.clone(),
            format!("{full}\r\n"),
            format!("{full}\r\nAB=="),
            // bits that no encoder sets
            format!("{full}\r\nAB==\r\n"),
            format!("{full}\r\nAAA\r\n"),
            format!("{full}\r\n----------\r\n"),
            format!("{full}\n{full}\r\n"),
            // the short last line and a boundary are as long as a full line with its end
            format!("{full}\r\n{}\r\n--=-428-1-\r\n{full}\r\n", "A".repeat(64)),
            full.replacen('A', "é", 3),
            full.replace("AAAA\r\n", "AAA=\r\n"),
            "x".repeat(100_000),
        ] {
            there_and_back(raw.as_bytes());
        }
    }

    #[test]
    fn anything_comes_back_whatever_was_changed_in_it() {
        let rounds = std::env::var("PACK_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(400);
        let mut seed = 0x9E37_79B9_7F4A_7C15;
        for _ in 0..rounds {
            let letters = [76, 72, 64, 40, 996][random(&mut seed) as usize % 5];
            let line_end = if random(&mut seed).is_multiple_of(2) { "\r\n" } else { "\n" };
            let length = random(&mut seed) as usize % 12_000;
            let content = noise(&mut seed, length);
            let mut raw =
                format!("a: b\r\n\r\n{}\r\n--x\r\n", folded(&content, letters, line_end)).into_bytes();
            for _ in 0..random(&mut seed) % 4 {
                let at = random(&mut seed) as usize % raw.len();
                match random(&mut seed) % 3 {
                    0 => raw[at] = b"\r\n=A-"[random(&mut seed) as usize % 5],
                    1 => drop(raw.remove(at)),
                    _ => raw.insert(at, b"\r\n=A "[random(&mut seed) as usize % 5]),
                }
            }
            there_and_back(&raw);
        }
    }

    #[test]
    fn a_damaged_layout_is_told_and_never_believed() {
        let mut seed = 3;
        let content = noise(&mut seed, 9000);
        let raw = format!("a: b\r\n\r\n{}\r\n", folded(&content, 76, "\r\n")).into_bytes();
        let runs = encoded::runs(&raw);
        let mut layout = table_and_text(&raw, &runs).unwrap();
        layout.extend(runs.iter().flat_map(|run| &run.content));
        for at in 0..15 {
            let mut wrong = layout.clone();
            wrong[at] ^= 0x41;
            assert_ne!(source(&wrong, raw.len()), Some(raw.clone()), "byte {at}");
        }
        for length in [0, 3, 10, 14, 20] {
            assert_eq!(source(&layout[..length], raw.len()), None);
        }
        assert!(matches!(Packed::open(b"no zstd", 7, PACKING), Err(Error::Damaged)));
    }
}
