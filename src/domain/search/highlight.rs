//! Where the words of a search stand in a text.

use std::collections::HashSet;
use std::ops::Range;

use super::{Place, Query, stem};
use crate::domain::fold::{Placed, placed, words};

/// Words of a text looked at.
const MOST_WORDS: usize = 60_000;
/// Letters shown before the first word found, and in all.
const BEFORE: usize = 32;

/// The words of a search, ready to be found in texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    words: Vec<String>,
    is_phrase: bool,
    forms: HashSet<String>,
}

impl Hits {
    /// Those a reader may look for: not what must be missing, and in a body not what only headers have.
    pub fn of(query: &Query) -> Self {
        let shown = query.words.iter().filter(|w| !w.is_excluded);
        Self::of_words(shown.map(|word| (word.text.as_str(), word.is_phrase)))
    }

    /// As [`Hits::of`] for the text of a message: without what stands in the headers.
    pub fn of_body(query: &Query) -> Self {
        let shown = query
            .words
            .iter()
            .filter(|w| !w.is_excluded && matches!(w.place, Place::Anywhere | Place::Patient));
        Self::of_words(shown.map(|word| (word.text.as_str(), word.is_phrase)))
    }

    fn of_words<'w>(shown: impl Iterator<Item = (&'w str, bool)>) -> Self {
        let term = |(text, is_phrase): (&str, bool)| {
            let parts: Vec<String> = words(text).map(str::to_owned).collect();
            let forms = match parts.as_slice() {
                [one] if !is_phrase => stem::forms(one).into_iter().collect(),
                _ => HashSet::new(),
            };
            Term { words: parts, is_phrase, forms }
        };
        Self { terms: shown.map(term).filter(|term| !term.words.is_empty()).collect() }
    }

    /// There is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Where words of the search stand, in bytes, in order and without overlap; at most `most`.
    pub fn places(&self, text: &str, most: usize) -> Vec<Range<usize>> {
        if self.is_empty() {
            return Vec::new();
        }
        let found = placed(text, MOST_WORDS);
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while let Some(rest) = found.get(at..).filter(|rest| !rest.is_empty()) {
            if places.len() >= most {
                break;
            }
            let longest = self.terms.iter().filter_map(|term| term.length(rest)).max();
            match longest.and_then(|length| rest.get(..length)) {
                Some([first, .., last]) => {
                    places.push(first.place.start..last.place.end);
                    at += longest.unwrap_or(1);
                }
                Some([only]) => {
                    places.push(only.place.clone());
                    at += 1;
                }
                _ => at += 1,
            }
        }
        places
    }
}

impl Term {
    /// How many of the next words this term takes.
    fn length(&self, next: &[Placed]) -> Option<usize> {
        let here = next.get(..self.words.len())?;
        let (last, before) = self.words.split_last()?;
        let (end, start) = here.split_last()?;
        let ends = end.word == *last
            || (!self.is_phrase && end.word.starts_with(last))
            || self.forms.contains(&end.word);
        (ends && start.iter().map(|p| &p.word).eq(before)).then_some(self.words.len())
    }
}

/// A line of a text around the first word found, with the places of all words found in it; `None` where none is.
/// Line ends and runs of white space become one space.
pub fn excerpt(text: &str, hits: &Hits, length: usize) -> Option<(String, Vec<Range<usize>>)> {
    let first = hits.places(text, 1).into_iter().next()?;
    let mut from = first.start;
    for _ in 0..BEFORE {
        from = text.floor_char_boundary(from.saturating_sub(1));
    }
    // not in the middle of a word
    if from > 0 {
        let ahead = text.get(from..first.start)?;
        from += ahead.find(char::is_whitespace).unwrap_or(0);
    }
    let mut line = if from > 0 { "… ".to_owned() } else { String::new() };
    for (taken, c) in text.get(from..)?.trim_start().chars().enumerate() {
        if taken >= length {
            line.push('…');
            break;
        }
        if c.is_whitespace() {
            if !line.ends_with(' ') {
                line.push(' ');
            }
        } else if !c.is_control() {
            line.push(c);
        }
    }
    let places = hits.places(&line, 20);
    Some((line, places))
}
