//! Streams of a PDF that swell: a few bytes that unpack to more than a machine has. The library unpacks a stream whole
//! before anything can stop it, so each is unpacked here first, counted and thrown away.

use std::io::Read;

use super::Patience;
use flate2::read::{DeflateDecoder, ZlibDecoder};

/// Most bytes of one stream: a page scanned in colour at 300 dots an inch, or in grey at 600, is smaller.
pub(super) const MOST: u64 = 48 << 20;
/// Streams packed more than once are met in attacks only.
const DEPTH: usize = 3;
/// Before its body a stream has this word and the end of a line (ISO 32000-1 §7.3.8.1).
const MARK: &[u8] = b"stream";

/// One of its streams unpacks to more than `most` bytes, or they are more than there is patience to count.
pub(super) fn swells(pdf: &[u8], most: u64, patience: Patience<'_>) -> bool {
    let mut at = 0;
    while let Some(found) = pdf.get(at..).and_then(find) {
        at += found + MARK.len();
        let Some(body) = pdf.get(at..) else { break };
        let body = match body {
            [b'\r', b'\n', rest @ ..] => rest,
            [b'\n' | b'\r', rest @ ..] => rest,
            _ => continue,
        };
        if unpacked(body, most, DEPTH) > most || patience.is_over() {
            return true;
        }
    }
    false
}

/// Length of what is packed in this way, once or several times; the longest on the way. Nothing that is not packed so
/// unpacks for long.
fn unpacked(body: &[u8], most: u64, depth: usize) -> u64 {
    let decoder: Box<dyn Read + '_> =
        if is_zlib(body) { Box::new(ZlibDecoder::new(body)) } else { Box::new(DeflateDecoder::new(body)) };
    let mut decoder = decoder.take(most + 1);
    let mut head = [0; 8192];
    let (mut length, mut kept) = (0, Vec::new());
    // what comes out before an error is what the library has in its hands, too
    while let Ok(read @ 1..) = decoder.read(&mut head) {
        length += read as u64;
        if kept.len() < 1 << 20 {
            kept.extend_from_slice(head.get(..read).unwrap_or_default());
        }
    }
    if depth > 1 && length <= most && is_zlib(&kept) {
        return length.max(unpacked(&kept, most, depth - 1));
    }
    length
}

/// The two bytes before packed data (RFC 1950 §2.2).
fn is_zlib(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..]
        if method & 0x0F == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31))
}

/// Where the word begins. Its letters differ, so that one that is not in it lets six be passed over.
fn find(bytes: &[u8]) -> Option<usize> {
    let mut last = MARK.len() - 1;
    while let Some(letter) = bytes.get(last) {
        last += match MARK.iter().rposition(|own| own == letter) {
            Some(5) if bytes.get(last - 5..=last) == Some(MARK) => return Some(last - 5),
            Some(5) | None => MARK.len(),
            Some(at) => MARK.len() - 1 - at,
        };
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, ZlibEncoder};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn pdf(end_of_line: &[u8], stream: &[u8]) -> Vec<u8> {
        let head = b"%PDF-1.4\n1 0 obj<</Filter/FlateDecode>>stream";
        [head, end_of_line, stream, b"\nendstream endobj\ntrailer<<>>"].concat()
    }

    #[test]
    fn a_stream_that_unpacks_to_too_much_is_found_however_it_is_packed() {
        let is_over = || false;
        let swells = |pdf: &[u8]| swells(pdf, 200_000, Patience::new(&is_over));
        let small = vec![b'q'; 200_000];
        let large = vec![0; 200_001];
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
        raw.write_all(&large).unwrap();
        let raw = raw.finish().unwrap();
        for end_of_line in [b"\n".as_slice(), b"\r\n", b"\r"] {
            assert!(!swells(&pdf(end_of_line, &packed(&small))));
            assert!(swells(&pdf(end_of_line, &packed(&large))));
        }
        assert!(swells(&pdf(b"\n", &raw)), "without the two bytes before");
        assert!(swells(&pdf(b"\n", &packed(&packed(&large)))), "packed twice");
        assert!(swells(&[pdf(b"\n", &packed(&small)), pdf(b"\n", &packed(&large))].concat()));
        assert!(!swells(b"%PDF-1.4\nstream") && !swells(b"") && !swells(&pdf(b"\n", b"q 1 0 0 1 0 0 cm")));
        assert!(super::swells(&pdf(b"\n", b"q"), 200_000, Patience::new(&|| true)), "no patience left");
    }

    #[test]
    fn the_word_is_found_wherever_it_stands() {
        for before in ["", "s", "str", "strea", "endstrea", "mmmm", "streastream"] {
            let text = format!("{before}stream\n");
            assert_eq!(find(text.as_bytes()), text.find("stream"), "{text}");
        }
        assert_eq!(find(b"strea"), None);
        assert_eq!(find(b""), None);
    }
}
