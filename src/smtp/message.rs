//! The message as it goes over the wire, before dots are doubled.

use std::borrow::Cow;

/// Every line ends in CRLF, and the last line end is left out because the final dot brings it. A lone CR or LF would be
/// read differently by different servers, which is how a second message is smuggled into one.
pub(super) fn normalise(message: &[u8]) -> Cow<'_, [u8]> {
    let count = |wanted: u8| message.iter().filter(|b| **b == wanted).count();
    let pairs = message.windows(2).filter(|pair| pair == b"\r\n").count();
    let sound = pairs == count(b'\r') && pairs == count(b'\n');
    if sound {
        return Cow::Borrowed(message.strip_suffix(b"\r\n").unwrap_or(message));
    }
    let mut found = Vec::with_capacity(message.len() + message.len() / 32);
    let mut before = 0;
    for b in message {
        match b {
            b'\n' if before == b'\r' => {}
            b'\r' | b'\n' => found.extend_from_slice(b"\r\n"),
            b => found.push(*b),
        }
        before = *b;
    }
    if found.ends_with(b"\r\n") {
        found.truncate(found.len() - 2);
    }
    Cow::Owned(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_ends_the_same_way() {
        for (message, wire) in [
            (&b"a\r\nb\r\n"[..], &b"a\r\nb"[..]),
            (b"a\nb", b"a\r\nb"),
            (b"a\rb\r", b"a\r\nb"),
            (b"a\r\n.\r\nb\n.\nc", b"a\r\n.\r\nb\r\n.\r\nc"),
            (b"a\n\r\nb\r\r\n", b"a\r\n\r\nb\r\n"),
            (b"", b""),
            (b"\n", b""),
        ] {
            assert_eq!(normalise(message).as_ref(), wire, "{message:?}");
        }
        assert!(matches!(normalise(b"a\r\nb\r\n"), Cow::Borrowed(_)));
    }
}
