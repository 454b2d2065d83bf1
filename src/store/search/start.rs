//! Beginnings of words, each once a message and place: what is asked for while a word is being typed.
//!
//! FTS5 can keep beginnings itself, but then writes each word of a message once more for every length, wherever it
//! stands: two thirds of the work of indexing. Here a message has each beginning once, as a word of the column `starts`
//! that says the place too.

use std::collections::HashSet;

use crate::domain::fold::words;
use crate::domain::search::{Place, Word};

/// Longest beginning that is kept, in letters: of longer ones the index itself has few enough words.
const LONGEST: usize = 3;
/// Small letters and digits, and none of them.
const CODES: usize = 37;
/// Code of all other letters: a beginning with one of them has no number of its own.
const BEYOND: usize = CODES.pow(LONGEST as u32 + 1);

/// What begins every word of the column, by place; no word that anybody types. Plain letters: the index reads them at
/// once.
fn mark(place: Place) -> &'static str {
    match place {
        Place::Anywhere => "zqa",
        Place::Sender => "zqf",
        Place::Recipient => "zqt",
        Place::Subject => "zqs",
        Place::Patient => "zqp",
    }
}

/// Adds the beginnings of the words of folded texts that stand in one place.
pub(super) fn add<'a>(place: Place, texts: impl IntoIterator<Item = &'a str>, starts: &mut String) {
    let mark = mark(place);
    let mut seen = Seen::new();
    for text in texts {
        let mut rest = text;
        while let Some(begin) = rest.bytes().position(|byte| code(byte) != Some(0)) {
            rest = rest.get(begin..).unwrap_or_default();
            // most words begin as one before them: they are told by one look
            if !whole_number(rest).is_some_and(|number| seen.knows(number)) {
                seen.add_word(rest, |start| {
                    starts.push_str(mark);
                    starts.push_str(start);
                    starts.push(' ');
                });
            }
            rest = after_word(rest);
        }
    }
}

/// What follows the word at the begin of a text, which may be no word but something else that is not plain.
fn after_word(text: &str) -> &str {
    let mut rest = text;
    loop {
        let plain = rest.bytes().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
        rest = rest.get(plain..).unwrap_or_default();
        match rest.chars().next() {
            Some(letter) if letter.is_alphanumeric() => {
                rest = rest.get(letter.len_utf8()..).unwrap_or_default()
            }
            Some(other) => return rest.get(other.len_utf8()..).unwrap_or_default(),
            None => return rest,
        }
    }
}

/// The number of the longest beginning that is kept of a word, when it is plain.
fn whole_number(word: &str) -> Option<usize> {
    let letters = word.as_bytes().first_chunk::<LONGEST>()?;
    letters.iter().try_fold(0, |number, byte| Some(number * CODES + code(*byte).filter(|code| *code > 0)?))
}

/// The word of the column `starts` that says what a word as typed asks for; `None` when that column does not know.
pub(super) fn asked(word: &Word) -> Option<String> {
    let mut typed = words(&word.text);
    let (first, next) = (typed.next()?, typed.next());
    let is_kept = next.is_none() && first.chars().count() <= LONGEST && !word.is_phrase;
    is_kept.then(|| format!("{}{first}", mark(word.place)))
}

/// Beginnings met so far: plain ones by their number, others as they are.
struct Seen<'a> {
    plain: Vec<u64>,
    other: HashSet<&'a str>,
}

impl<'a> Seen<'a> {
    fn new() -> Self {
        Self { plain: vec![0; CODES.pow(LONGEST as u32).div_ceil(64)], other: HashSet::new() }
    }

    /// Whether a beginning was met, and with it all shorter ones.
    fn knows(&self, number: usize) -> bool {
        self.plain.get(number / 64).is_some_and(|bits| bits & (1 << (number % 64)) != 0)
    }

    /// Hands over the beginnings of the word at the begin of a text that were not met before.
    fn add_word(&mut self, text: &'a str, mut new: impl FnMut(&'a str)) {
        let mut number = 0;
        for (at, letter) in
            text.char_indices().take(LONGEST).take_while(|(_, letter)| letter.is_alphanumeric())
        {
            let code = u8::try_from(letter).ok().and_then(code).filter(|code| *code > 0).unwrap_or(BEYOND);
            number = number * CODES + code;
            let start = text.get(..at + letter.len_utf8()).unwrap_or_default();
            if self.is_new(number, start) {
                new(start);
            }
        }
    }

    fn is_new(&mut self, number: usize, start: &'a str) -> bool {
        let Some(bits) = self.plain.get_mut(number / 64) else { return self.other.insert(start) };
        let before = *bits;
        *bits |= 1 << (number % 64);
        *bits != before
    }
}

/// Of plain letters and digits, from 1, so that beginnings of different length have different numbers; 0 of what only
/// separates, `None` of what is not plain.
fn code(byte: u8) -> Option<usize> {
    match BYTES.get(usize::from(byte)) {
        Some(&NOT_ASCII) | None => None,
        Some(code) => Some(usize::from(*code)),
    }
}

fn is_plain(byte: u8) -> bool {
    !matches!(BYTES.get(usize::from(byte)), Some(&(0 | NOT_ASCII)) | None)
}

const NOT_ASCII: u8 = 255;
/// The code of each byte.
static BYTES: [u8; 256] = {
    let mut codes = [0; 256];
    let mut rest = codes.as_mut_slice();
    let mut byte = 0_u8;
    while let Some((code, more)) = rest.split_first_mut() {
        *code = match byte {
            b'0'..=b'9' => byte - b'0' + 1,
            b'a'..=b'z' => byte - b'a' + 11,
            0x80.. => NOT_ASCII,
            _ => 0,
        };
        byte = byte.wrapping_add(1);
        rest = more;
    }
    codes
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::search::Query;

    #[test]
    fn each_beginning_is_kept_once() {
        let mut starts = String::new();
        add(Place::Anywhere, ["bilan, bil bilirubine", "le 12 δέλτα bi"], &mut starts);
        let found: Vec<String> = starts.split_whitespace().map(|s| s.chars().skip(3).collect()).collect();
        assert_eq!(found, ["b", "bi", "bil", "l", "le", "1", "12", "δ", "δέ", "δέλ"]);
    }

    #[test]
    fn beginnings_of_other_letters_are_other_beginnings() {
        let letters: Vec<char> = ('0'..='9').chain('a'..='z').collect();
        let mut text = String::new();
        for a in &letters {
            for b in &letters {
                letters.iter().for_each(|c| text.extend([*a, *b, *c, ' ']));
            }
        }
        let mut starts = String::new();
        add(Place::Anywhere, [text.as_str()], &mut starts);
        assert_eq!(starts.split_whitespace().count(), 36 + 36 * 36 + 36 * 36 * 36);
    }

    #[test]
    fn short_words_are_asked_for_by_place_and_others_not() {
        let of = |text: &str| asked(Query::of_words(text).words.first().unwrap());
        assert_eq!(of("bil").as_deref(), Some("zqabil"));
        assert_eq!(of("bil*").as_deref(), Some("zqabil"));
        assert_eq!((of("bila"), of("12,5")), (None, None));
    }
}
