//! Words as the index and the queries write them: lower-case ASCII where there is one, no accents.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Longest word kept, in characters.
const MAX_WORD: usize = 40;

/// The text in lower case without accents, every run of other characters being one space. Decomposed and composed
/// accents give the same.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if c.is_ascii() {
            separate(&mut out);
        } else {
            fold_wide(c, &mut out);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn separate(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn fold_wide(c: char, out: &mut String) {
    match c {
        'œ' | 'Œ' => out.push_str("oe"),
        'æ' | 'Æ' => out.push_str("ae"),
        'ß' | 'ẞ' => out.push_str("ss"),
        'ø' | 'Ø' => out.push('o'),
        'ł' | 'Ł' => out.push('l'),
        'đ' | 'Đ' => out.push('d'),
        'ı' => out.push('i'),
        c if is_combining_mark(c) => {}
        c if c.is_alphanumeric() => decompose_canonical(c, |part| {
            if !is_combining_mark(part) {
                out.extend(part.to_lowercase());
            }
        }),
        // zero-width characters and the soft hyphen separate nothing
        '\u{200b}'..='\u{200d}' | '\u{ad}' | '\u{feff}' => {}
        _ => separate(out),
    }
}

/// The folded words of a text, `st` and `ste` written in full.
pub(super) fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(' ')
        .filter(|w| !w.is_empty())
        .map(|w| match w {
            "st" => "saint".to_owned(),
            "ste" => "sainte".to_owned(),
            w if w.len() > MAX_WORD => w.chars().take(MAX_WORD).collect(),
            w => w.to_owned(),
        })
        .collect()
}

/// Neighbouring words written as one (`de la fontaine`: `dela`, `delafontaine`, `lafontaine`), up to four together.
pub(super) fn glued(words: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for start in 0..words.len().min(6) {
        for end in start + 2..=words.len().min(start + 4) {
            if let Some(run) = words.get(start..end) {
                out.push(run.concat().chars().take(MAX_WORD).collect());
            }
        }
    }
    out
}

/// Words of an address: all but what every address of the trust space has.
pub(super) fn address_words(address: &str) -> Vec<String> {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let labels: Vec<&str> = domain.split('.').filter(|l| !l.is_empty()).collect();
    let mut out = words(local);
    if let Some((_, own)) = labels.split_last() {
        for label in own.iter().filter(|l| !l.eq_ignore_ascii_case("mssante")) {
            out.extend(words(label));
        }
    }
    out
}

/// A town without `CEDEX` and what follows it.
pub(super) fn without_cedex(town: &str) -> &str {
    let upper = town.to_ascii_uppercase();
    match upper.find(" CEDEX") {
        Some(at) => town.get(..at).unwrap_or(town).trim_end(),
        None => town.trim(),
    }
}
