//! What stands before the first and behind the last part of a multipart message (RFC 2046 §5.1.1: to be ignored), where
//! another reader may see more parts than this one.

/// Longest stretch looked at on either side, in bytes.
const MOST: usize = 256 << 10;

/// `before` is what stands before the first part, its boundary included; `after` what stands behind the last one, from
/// its closing boundary on. Whether either holds what looks like another part.
pub(super) fn holds_parts(before: &[u8], after: &[u8], boundary: &str) -> bool {
    let before = before.get(..MOST).unwrap_or(before);
    let after = after.get(..MOST).unwrap_or(after);
    let delimiter = format!("--{boundary}");
    let closing = format!("{delimiter}--");
    let mut closed = false;
    let behind = lines(after).any(|line| {
        let is_more = closed && (line.starts_with(delimiter.as_bytes()) || is_field(line));
        closed |= line.starts_with(closing.as_bytes());
        is_more
    });
    behind || lines(before).any(is_field)
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

/// `Content-Type:` and its like, which no ordinary sentence begins with.
fn is_field(line: &[u8]) -> bool {
    let name = b"content-";
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        && line.iter().take(60).any(|byte| *byte == b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_words_outside_are_ignored_and_parts_are_noticed() {
        let hidden = |before: &str, after: &str| holds_parts(before.as_bytes(), after.as_bytes(), "b");
        assert!(!hidden(
            "This is a multi-part message in MIME format.\r\n--b\r\n",
            "\r\n--b--\r\n\r\n-- \r\nliste\r\n"
        ));
        assert!(!hidden("", ""));
        assert!(hidden("Content-Type: application/pdf\r\n\r\n%PDF\r\n--b\r\n", "\r\n--b--\r\n"));
        assert!(hidden("--b\r\n", "\r\n--b--\r\n--b\r\n\r\nx"));
        assert!(hidden("--b\r\n", "\r\n--b--\r\ncontent-type: text/html\r\n\r\nx"));
        assert!(!hidden("--b\r\n", "\r\n--b\r\n"));
    }
}
