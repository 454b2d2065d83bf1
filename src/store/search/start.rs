//! Beginnings of words, each once a message and place: what is asked for while a word is being typed.
//!
//! FTS5 can keep beginnings itself, but then writes each word of a message once more for every length, wherever it
//! stands: two thirds of the work of indexing. Here a message has each beginning once, as a word of the column `starts`
//! whose first letter, of the private use area, names the place.

use std::collections::HashSet;

use crate::domain::fold::words;
use crate::domain::search::{Place, Word};

/// Longest beginning that is kept, in letters: of longer ones the index itself has few enough words.
const LONGEST: usize = 3;
/// Small letters and digits, and none of them.
const CODES: usize = 37;

fn mark(place: Place) -> char {
    match place {
        Place::Anywhere => '\u{e001}',
        Place::Sender => '\u{e002}',
        Place::Recipient => '\u{e003}',
        Place::Subject => '\u{e004}',
        Place::Patient => '\u{e005}',
    }
}

/// Adds the beginnings of the words of folded texts that stand in one place.
pub(super) fn add<'a>(place: Place, texts: impl IntoIterator<Item = &'a str>, starts: &mut String) {
    let mut seen = Seen::new();
    for word in texts.into_iter().flat_map(words) {
        for (at, letter) in word.char_indices().take(LONGEST) {
            let Some(start) = word.get(..at + letter.len_utf8()) else { break };
            if seen.is_new(start) {
                starts.push(mark(place));
                starts.push_str(start);
                starts.push(' ');
            }
        }
    }
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

    fn is_new(&mut self, start: &'a str) -> bool {
        let Some(number) = number(start) else { return self.other.insert(start) };
        let Some(bits) = self.plain.get_mut(number / 64) else { return false };
        let before = *bits;
        *bits |= 1 << (number % 64);
        *bits != before
    }
}

/// A number for each beginning of plain letters and digits.
fn number(start: &str) -> Option<usize> {
    start.bytes().try_fold(0, |number, byte| {
        let code = match byte {
            b'0'..=b'9' => byte - b'0' + 1,
            b'a'..=b'z' => byte - b'a' + 11,
            _ => return None,
        };
        Some(number * CODES + usize::from(code))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::search::Query;

    #[test]
    fn each_beginning_is_kept_once() {
        let mut starts = String::new();
        add(Place::Anywhere, ["bilan, bil bilirubine", "le 12 δέλτα bi"], &mut starts);
        let found: Vec<String> = starts.split_whitespace().map(|s| s.chars().skip(1).collect()).collect();
        assert_eq!(found, ["b", "bi", "bil", "l", "le", "1", "12", "δ", "δέ", "δέλ"]);
    }

    #[test]
    fn no_two_beginnings_have_the_same_number() {
        let letters: Vec<char> = ('0'..='9').chain('a'..='z').collect();
        let mut known = HashSet::new();
        for a in &letters {
            assert!(known.insert(number(&a.to_string())));
            for b in &letters {
                assert!(known.insert(number(&format!("{a}{b}"))));
                assert!(letters.iter().all(|c| known.insert(number(&format!("{a}{b}{c}")))));
            }
        }
        assert!(known.iter().flatten().all(|number| *number < CODES.pow(3)));
    }

    #[test]
    fn short_words_are_asked_for_by_place_and_others_not() {
        let of = |text: &str| asked(Query::of_words(text).words.first().unwrap());
        assert_eq!(of("bil").as_deref(), Some("\u{e001}bil"));
        assert_eq!(of("bil*").as_deref(), Some("\u{e001}bil"));
        assert_eq!((of("bila"), of("12,5")), (None, None));
    }
}
