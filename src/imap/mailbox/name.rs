//! Mailbox names: modified UTF-7 (RFC 3501 §5.1.3), or UTF-8 where a server sends 8-bit names.

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::domain::text::is_deceptive;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The name for people, its components separated by `/`. What cannot be decoded is shown as it is.
pub(crate) fn decode_name(name: &[u8], delimiter: Option<u8>) -> String {
    let component = |part: &[u8]| {
        let text = if part.is_ascii() { decode_utf7(part) } else { None };
        let text = text.unwrap_or_else(|| String::from_utf8_lossy(part).into_owned());
        let text = text.replace(is_deceptive, "\u{fffd}");
        // a slash inside a component must not look like a level
        if delimiter == Some(b'/') { text } else { text.replace('/', "\u{2215}") }
    };
    let path = match delimiter {
        Some(d) => name.split(|b| *b == d).map(component).collect::<Vec<_>>().join("/"),
        None => component(name),
    };
    match path.split_once('/') {
        Some((first, rest)) if first.eq_ignore_ascii_case("INBOX") => format!("INBOX/{rest}"),
        None if path.eq_ignore_ascii_case("INBOX") => "INBOX".to_owned(),
        _ => path,
    }
}

/// Modified UTF-7 into text; `None` for what is none.
pub(crate) fn decode_utf7(name: &[u8]) -> Option<String> {
    let mut found = String::new();
    let mut rest = std::str::from_utf8(name).ok()?;
    while let Some((plain, shifted)) = rest.split_once('&') {
        found.push_str(plain);
        let (shifted, after) = shifted.split_once('-')?;
        rest = after;
        if shifted.is_empty() {
            found.push('&');
            continue;
        }
        let bytes = BASE64.decode(shifted).ok()?;
        let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
        for c in char::decode_utf16(units) {
            found.push(c.ok()?);
        }
    }
    found.push_str(rest);
    Some(found)
}

/// Modified UTF-7 of one component.
pub(crate) fn encode_name(component: &str) -> Vec<u8> {
    let mut found = String::new();
    let mut shifted: Vec<u8> = Vec::new();
    let flush = |shifted: &mut Vec<u8>, found: &mut String| {
        if !shifted.is_empty() {
            found.push('&');
            found.push_str(&BASE64.encode(&*shifted));
            found.push('-');
            shifted.clear();
        }
    };
    for c in component.chars() {
        if matches!(c, ' '..='~') {
            flush(&mut shifted, &mut found);
            found.push(c);
            if c == '&' {
                found.push('-');
            }
        } else {
            let mut units = [0; 2];
            shifted.extend(c.encode_utf16(&mut units).iter().flat_map(|u| u.to_be_bytes()));
        }
    }
    flush(&mut shifted, &mut found);
    found.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_names_are_read_and_written() {
        for (name, encoded) in [
            ("Envoyés", "Envoy&AOk-s"),
            ("À classer", "&AMA- classer"),
            ("Cœur & poumon", "C&AVM-ur &- poumon"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(encode_name(name), encoded.as_bytes());
            assert_eq!(decode_name(encoded.as_bytes(), Some(b'/')), name);
        }
    }

    #[test]
    fn names_become_paths_whatever_the_delimiter() {
        assert_eq!(decode_name(b"INBOX.Labo.2026", Some(b'.')), "INBOX/Labo/2026");
        assert_eq!(decode_name(b"inbox/Labo", Some(b'/')), "INBOX/Labo");
        assert_eq!(decode_name(b"Inbox", None), "INBOX");
        assert_eq!(decode_name(b"Bio 1/2.x", Some(b'.')), "Bio 1\u{2215}2/x");
        assert_eq!(decode_name("Éléments".as_bytes(), Some(b'/')), "Éléments");
    }

    #[test]
    fn what_cannot_be_decoded_is_shown_as_it_is() {
        assert_eq!(decode_name(b"R&D", Some(b'/')), "R&D");
        assert_eq!(decode_name(b"&!!-", Some(b'/')), "&!!-");
        assert_eq!(decode_name(b"\xe9", Some(b'/')), "\u{fffd}");
        assert_eq!(decode_name(b"a\x1b[2J&AAoALg-", Some(b'/')), "a\u{fffd}[2J\u{fffd}.");
    }
}
