//! Bytes to text where the message does not say how, or says it wrongly.

use std::borrow::Cow;

use crate::health::charset::{decode, windows_1252};

/// Text of no usable declared character set. True when guessed.
pub(super) fn guess(bytes: &[u8]) -> (String, bool) {
    let decoded = decode(bytes, None);
    (decoded.text.into_owned(), decoded.guessed)
}

/// Length of the header section, its empty line included.
pub(super) fn header_length(raw: &[u8]) -> usize {
    let mut at = 0;
    for line in raw.split_inclusive(|b| *b == b'\n') {
        at += line.len();
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
    }
    at
}

/// The message with header lines that are not UTF-8 taken as windows-1252: the parser would replace their bytes by
/// U+FFFD. True when something was guessed; nothing is copied otherwise.
pub(super) fn repaired(raw: &[u8]) -> (Cow<'_, [u8]>, bool) {
    let (header, body) = raw.split_at_checked(header_length(raw)).unwrap_or((raw, &[]));
    if std::str::from_utf8(header).is_ok() {
        return (Cow::Borrowed(raw), false);
    }
    let mut out = Vec::with_capacity(raw.len() + 64);
    for line in header.split_inclusive(|b| *b == b'\n') {
        match std::str::from_utf8(line) {
            Ok(_) => out.extend_from_slice(line),
            Err(_) => out.extend_from_slice(windows_1252(line).as_bytes()),
        }
    }
    out.extend_from_slice(body);
    (Cow::Owned(out), true)
}

/// The longest prefix of at most `max` bytes that ends between two characters.
pub(super) fn prefix(text: &str, max: usize) -> &str {
    let mut end = max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
