//! Compressed RTF (MS-OXRTFCP).

/// What the dictionary holds at first (MS-OXRTFCP §2.1.2.1).
const FIRST: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const DICTIONARY: usize = 4096;
/// Most bytes that come out.
const MAX: usize = 4 << 20;

/// Decompresses; `None` when it is none. What ends too early gives what there is.
pub(super) fn decompress(bytes: &[u8]) -> Option<Vec<u8>> {
    let word = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    let length = (word(4)? as usize).min(MAX);
    let content = bytes.get(16..)?;
    match bytes.get(8..12)? {
        b"MELA" => return Some(content.get(..length.min(content.len()))?.to_vec()),
        b"LZFu" => {}
        _ => return None,
    }
    let mut dictionary = [b' '; DICTIONARY];
    if let Some(start) = dictionary.get_mut(..FIRST.len()) {
        start.copy_from_slice(FIRST);
    }
    let mut write = FIRST.len();
    let mut out = Vec::with_capacity(length.min(64 << 10));
    let mut source = content.iter().copied();
    let put = |b: u8, write: &mut usize, dictionary: &mut [u8; DICTIONARY]| {
        if let Some(slot) = dictionary.get_mut(*write) {
            *slot = b;
        }
        *write = (*write + 1) % DICTIONARY;
    };
    while out.len() < length {
        let Some(control) = source.next() else { break };
        for bit in 0..8 {
            if out.len() >= length {
                break;
            }
            if control >> bit & 1 == 0 {
                let Some(b) = source.next() else { return Some(out) };
                out.push(b);
                put(b, &mut write, &mut dictionary);
                continue;
            }
            let (Some(high), Some(low)) = (source.next(), source.next()) else { return Some(out) };
            let reference = u16::from_be_bytes([high, low]);
            let (offset, run) = (usize::from(reference >> 4), usize::from(reference & 0xF) + 2);
            // a reference to the place of writing is the end
            if offset == write {
                return Some(out);
            }
            for step in 0..run {
                let b = dictionary.get((offset + step) % DICTIONARY).copied().unwrap_or(b' ');
                out.push(b);
                put(b, &mut write, &mut dictionary);
            }
        }
    }
    out.truncate(length);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_decompressed() {
        // MS-OXRTFCP §3.1.1
        let compressed = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B\x32\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(decompress(compressed).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        for cut in 0..compressed.len() {
            let _ = decompress(&compressed[..cut]);
        }
    }
}
