//! Base64 as it comes: white space anywhere, padding or none, the alphabet of addresses (RFC 4648 §5) for the usual one.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LOOSE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes at most `most` bytes; false when something was wrong or left out.
pub(super) fn decode(text: &str, most: usize) -> (Vec<u8>, bool) {
    let mut compact: Vec<u8> = Vec::with_capacity(text.len().min(most / 3 * 4 + 4));
    let mut whole = true;
    for b in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        if compact.len() >= most / 3 * 4 {
            whole = false;
            break;
        }
        compact.push(match b {
            b'-' => b'+',
            b'_' => b'/',
            b => b,
        });
    }
    if let Ok(bytes) = LOOSE.decode(&compact) {
        return (bytes, whole);
    }
    // up to the first character that cannot be, in whole groups
    let good = compact.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).count();
    compact.truncate(good / 4 * 4);
    (LOOSE.decode(&compact).unwrap_or_default(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_are_read_with_white_space_and_without_padding() {
        let bytes = vec![0xFB, 0xEF, 0xFF, 0x3E];
        for text in ["++//Pg==", "--__Pg", " +-\n/_ P g", "++//Pg"] {
            assert_eq!(decode(text, 100), (bytes.clone(), true), "{text}");
        }
        assert_eq!(decode("QUJD!!RA", 100), (b"ABC".to_vec(), false));
    }
}
