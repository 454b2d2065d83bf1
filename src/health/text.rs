//! Plain text to blocks: paragraphs with their line breaks, quotes, and columns kept as they are.

use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::hprim;
use crate::domain::message::{Block, Span};
use crate::domain::text::without_deceptive;

/// Deepest quote told apart.
const MAX_QUOTE: u8 = 9;

/// Blocks of a plain text body, at most `most`; true when there were more.
pub fn blocks(text: &str, most: usize) -> (Vec<Block>, bool) {
    let text = without_deceptive(&unified(text));
    if hprim::is_hprim(&text) {
        return (vec![Block::Preformatted(text.trim_end().to_owned())], false);
    }
    // hardly any text has a gap: then no group of its lines has
    let has_gaps = has_gap(&text);
    let mut blocks = Vec::new();
    let mut group: Vec<&str> = Vec::new();
    let mut depth = 0;
    for line in text.lines() {
        let (line_depth, content) = unquoted(line);
        let is_empty = content.trim_start().is_empty();
        if is_empty || line_depth != depth {
            flush(&mut blocks, &mut group, depth, has_gaps);
            depth = line_depth;
            if blocks.len() >= most {
                return (blocks, true);
            }
        }
        if !is_empty {
            group.push(content);
        }
    }
    flush(&mut blocks, &mut group, depth, has_gaps);
    (blocks, false)
}

/// Lines ended by CRLF or CR, to LF.
fn unified(text: &str) -> Cow<'_, str> {
    let mut unified = String::new();
    let mut rest = text;
    while let Some((line, after)) = memchr(b'\r', rest.as_bytes()).and_then(|end| rest.split_at_checked(end))
    {
        if unified.is_empty() {
            unified.reserve(text.len());
        }
        unified.push_str(line);
        unified.push('\n');
        let after = after.get(1..).unwrap_or_default();
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    if unified.is_empty() {
        return Cow::Borrowed(text);
    }
    unified.push_str(rest);
    Cow::Owned(unified)
}

fn unquoted(line: &str) -> (u8, &str) {
    let mut depth = 0;
    let mut rest = line;
    while let Some(after) = rest.strip_prefix('>') {
        depth = (depth + 1).min(MAX_QUOTE);
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    (depth, rest)
}

fn flush(blocks: &mut Vec<Block>, group: &mut Vec<&str>, depth: u8, has_gaps: bool) {
    if group.is_empty() {
        return;
    }
    if depth == 0 && has_gaps && has_columns(group) {
        blocks.push(Block::Preformatted(joined(group, str::trim_end)));
    } else {
        let spans = vec![Span { text: joined(group, str::trim), ..Span::default() }];
        blocks.push(if depth > 0 { Block::Quote(depth, spans) } else { Block::Paragraph(spans) });
    }
    group.clear();
}

/// The lines as `trimmed` leaves them.
fn joined(lines: &[&str], trimmed: fn(&str) -> &str) -> String {
    let mut text = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for (n, line) in lines.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        text.push_str(trimmed(line));
    }
    text
}

/// Two lines or more with a wide gap inside: spaces make the columns.
fn has_columns(group: &[&str]) -> bool {
    group.iter().filter(|line| has_gap(line.trim())).nth(1).is_some()
}

fn has_gap(text: &str) -> bool {
    memmem::find(text.as_bytes(), b"   ").is_some() || memchr(b'\t', text.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_alike_whatever_ended_them() {
        for (written, lines) in [
            ("a\r\nb", "a\nb"),
            ("a\rb\r", "a\nb\n"),
            ("a\r\r\nb\n\r", "a\n\nb\n\n"),
            ("\r\n", "\n"),
            ("", ""),
            ("é", "é"),
        ] {
            assert_eq!(unified(written), lines, "{written:?}");
        }
    }
}
