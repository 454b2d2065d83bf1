//! A message without the content of its files, for reading what there is to search in.

use std::borrow::Cow;
use std::ops::Range;

/// Bytes of a file that stay, so that the part is still one with content; whole groups of base64.
const KEPT: usize = 60;
/// Most bytes of a part's header that are looked at.
const HEADER: usize = 4096;

/// The message without what `blocks`, its long runs of base64, hold of files: nothing in them is read as text. What may
/// be text (`text/…`, `message/…`, an unknown type) stays.
pub fn without_files<'r>(raw: &'r [u8], blocks: &[Range<usize>]) -> Cow<'r, [u8]> {
    let files: Vec<&Range<usize>> = blocks.iter().filter(|block| is_file(raw, block.start)).collect();
    if files.is_empty() {
        return Cow::Borrowed(raw);
    }
    let mut lean = Vec::new();
    let mut at = 0;
    for file in files {
        let cut = (file.start + KEPT).min(file.end);
        lean.extend_from_slice(raw.get(at..cut).unwrap_or_default());
        at = file.end;
    }
    lean.extend_from_slice(raw.get(at..).unwrap_or_default());
    Cow::Owned(lean)
}

/// The header above a body that begins at `start` says that it is a file.
fn is_file(raw: &[u8], start: usize) -> bool {
    let before = raw.get(start.saturating_sub(HEADER)..start).unwrap_or_default();
    let text = String::from_utf8_lossy(before).replace("\r\n", "\n").to_ascii_lowercase();
    let Some(header) = text.strip_suffix("\n\n") else { return false };
    let header = header.rsplit("\n\n").next().unwrap_or(header);
    let Some((_, value)) = header.rsplit_once("content-type:") else { return false };
    ["application/", "image/", "audio/", "video/"].iter().any(|kind| value.trim_start().starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_left_out_and_text_stays() {
        let body = "QUJD".repeat(100);
        let part = |kind: &str| format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        for (kind, goes) in [
            ("application/pdf; name=a.pdf", true),
            ("IMAGE/jpeg", true),
            ("text/plain; charset=utf-8", false),
            ("message/rfc822", false),
            ("x-unknown", false),
        ] {
            let head = format!("--a\r\nContent-Type: application/pdf\r\n\r\nx\r\n--a\r\n{}", part(kind));
            let raw = format!("{head}{body}\r\n--a--\r\n");
            let run = head.len()..head.len() + body.len();
            let lean = without_files(raw.as_bytes(), std::slice::from_ref(&run));
            let kept = "QUJD".repeat(15);
            let expected = if goes { format!("{head}{kept}\r\n--a--\r\n") } else { raw.clone() };
            assert_eq!(String::from_utf8_lossy(&lean), expected, "{kind}");
        }
        // no header above: the run begins in the middle of something
        let raw = format!("Content-Type: application/pdf\r\n\r\nabc\r\n{body}");
        let run = 38..raw.len();
        assert_eq!(&*without_files(raw.as_bytes(), std::slice::from_ref(&run)), raw.as_bytes());
    }
}
