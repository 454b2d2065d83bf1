//! Runs of base64 in a text: nearly all bytes of mail are files written so.

use std::ops::Range;

use base64::Engine as _;

/// The usual base64, strict, by the widest instructions the processor has.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub static BASE64: std::sync::LazyLock<base64::engine::Simd> =
    std::sync::LazyLock::new(|| base64::engine::Simd::standard(base64::engine::general_purpose::PAD));

/// The usual base64, strict.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub static BASE64: base64::engine::GeneralPurpose = base64::engine::general_purpose::STANDARD;

/// Shorter runs are left alone.
pub const SHORTEST: usize = 2048;
/// Letters a line that occur: RFC 2045 allows 76, RFC 7468 writes 64.
const LINE: std::ops::RangeInclusive<usize> = 40..=996;

/// The lines of one base64 body, each of the same length but the last, which may be shorter. The line end after the last
/// one is not part of it. Written again from its content it is the same, letter by letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// Letters of a line.
    pub line: usize,
    /// Lines end with CRLF, else with LF.
    pub is_crlf: bool,
    /// What it says.
    pub content: Vec<u8>,
}

/// Every run of a text, in order; short ones are left out.
pub fn runs(raw: &[u8]) -> Vec<Run> {
    let mut found = Vec::new();
    let mut at = 0;
    while raw.len() - at >= SHORTEST {
        let rest = raw.get(at..).unwrap_or_default();
        let Some(length) = rest.iter().take(LINE.end() + 2).position(|b| *b == b'\n') else {
            // no line of base64 is this long
            match rest.iter().position(|b| *b == b'\n') {
                Some(end) => at += end + 1,
                None => break,
            }
            continue;
        };
        match run(raw, at, length) {
            Found::Run(run) => {
                at = run.place.end;
                found.push(run);
            }
            // nothing in it is tried twice: hostile lines would take a time that grows with their square
            Found::Nothing { next } => at = next,
        }
    }
    found
}

enum Found {
    Run(Run),
    /// Search on from here.
    Nothing {
        next: usize,
    },
}

/// The run that starts at `start` with a line of `length` bytes before its LF.
fn run(raw: &[u8], start: usize, length: usize) -> Found {
    let crlf = length > 0 && raw.get(start + length - 1) == Some(&b'\r');
    let letters = length - usize::from(crlf);
    if !LINE.contains(&letters) || !letters.is_multiple_of(4) {
        return Found::Nothing { next: start + length + 1 };
    }
    let stride = length + 1;
    let line_end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let line = |n: usize| raw.get(start + n * stride..start + n * stride + letters).unwrap_or_default();
    let is_full = |n: usize| match raw.get(start + n * stride + letters..start + (n + 1) * stride) {
        Some([b'\r', b'\n']) => crlf,
        Some([b'\n']) => !crlf,
        _ => false,
    };
    let mut lines = 1;
    while is_full(lines) {
        lines += 1;
    }
    // a short last line and what follows it may together look like a full one
    if lines > 1 && !line(lines - 1).iter().all(is_letter) {
        lines -= 1;
    }
    let last = start + lines * stride;
    let nothing = Found::Nothing { next: last };
    if lines * letters < SHORTEST {
        return nothing;
    }
    let mut text = Vec::with_capacity((lines + 1) * letters);
    (0..lines).for_each(|n| text.extend_from_slice(line(n)));
    let rest = raw.get(last..raw.len().min(last + letters)).unwrap_or_default();
    let short = rest.iter().take_while(|b| is_letter(b)).count();
    let ends = rest.get(short).is_some_and(|b| matches!(b, b'\r' | b'\n'));
    let padded = text.ends_with(b"=");
    // of lines that only look like base64 at their start, such as a boundary, nothing is taken
    let tail = if ends && !padded && short.is_multiple_of(4) { short } else { 0 };
    text.extend_from_slice(rest.get(..tail).unwrap_or_default());
    // strict: letters that another writer would have written otherwise are refused
    let Ok(content) = BASE64.decode(&text) else { return nothing };
    let end = if tail > 0 { last + tail } else { last - line_end.len() };
    Found::Run(Run { place: start..end, line: letters, is_crlf: crlf, content })
}

fn is_letter(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(byte)
}
