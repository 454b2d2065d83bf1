//! Finding text in the message being read, and marking the words a search found it by.

use std::cell::Cell;
use std::ops::Range;

use iced::Task;
use iced::widget::operation::{self, AbsoluteOffset};
use iced::widget::selector;

use super::reader;
use crate::domain::fold::{find, fold};
use crate::domain::message::{Block, Span};
use crate::domain::search::Hits;

/// Name of the field, of what scrolls, and of the block that holds the place gone to.
pub(super) const FIELD: &str = "reader-find";
pub(super) const SCROLL: &str = "reader-scroll";
pub(super) const CURRENT: &str = "reader-find-current";

/// Most places marked in one block, and in all.
const MOST_IN_BLOCK: usize = 500;
const MOST: usize = 5_000;

/// What the user does with it, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Text was typed.
    Typed(String),
    /// To the next place.
    Next,
    /// To the place before.
    Previous,
    /// Ends it.
    Close,
}

/// Which text of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Its open document.
    Document,
    /// Its own text.
    Body,
}

/// A place found: the text, the block in it, and which of the places in that block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    part: Part,
    block: usize,
    number: usize,
}

/// What is being looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Marker {
    /// Text as it was typed, folded.
    Text(String),
    /// Words of a search.
    Words(Hits),
}

impl Marker {
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            Self::Text(needle) => find(text, needle, MOST_IN_BLOCK),
            Self::Words(hits) => hits.places(text, MOST_IN_BLOCK),
        }
    }
}

/// What is looked for in one message, and where one is.
#[derive(Debug, Default)]
pub(super) struct Finder {
    /// What is typed; `None` while the field is closed.
    typed: Option<String>,
    /// Words of the search this message was opened from.
    words: Hits,
    marker: Option<Marker>,
    places: Vec<Place>,
    current: Option<usize>,
}

impl Finder {
    /// Marks the words of a search until something else is looked for.
    pub(super) fn of_words(words: Hits) -> Self {
        let marker = (!words.is_empty()).then(|| Marker::Words(words.clone()));
        Self { words, marker, ..Self::default() }
    }

    /// What is typed, while the field is open.
    pub(super) fn typed(&self) -> Option<&str> {
        self.typed.as_deref()
    }

    /// Opens the field, with the text it had.
    pub(super) fn open(&mut self) {
        self.typed.get_or_insert_default();
    }

    /// Closes the field; false when it was closed. The words of the search are marked again.
    pub(super) fn close(&mut self) -> bool {
        let was_open = self.typed.take().is_some();
        if was_open {
            *self = Self::of_words(std::mem::take(&mut self.words));
        }
        was_open
    }

    /// Keeps what is typed; others look for it.
    pub(super) fn type_only(&mut self, text: String) {
        self.typed = Some(text);
        self.marker = None;
        self.places.clear();
        self.current = None;
    }

    /// Looks for another text in these blocks.
    pub(super) fn look_for(&mut self, text: String, texts: &[(Part, &[Block])]) {
        let needle = fold(&text);
        self.marker = (!needle.trim().is_empty()).then_some(Marker::Text(needle));
        self.typed = Some(text);
        self.current = None;
        self.count(texts);
        if !self.places.is_empty() {
            self.current = Some(0);
        }
    }

    /// Counts the places again: other blocks are shown.
    pub(super) fn count(&mut self, texts: &[(Part, &[Block])]) {
        self.places.clear();
        let Some(marker) = &self.marker else { return };
        for (part, blocks) in texts {
            for (index, block) in blocks.iter().enumerate() {
                let found: usize = runs(block).iter().map(|run| marker.places(run).len()).sum();
                self.places.extend((0..found).map(|number| Place { part: *part, block: index, number }));
                if self.places.len() >= MOST {
                    self.places.truncate(MOST);
                    return;
                }
            }
        }
        self.current = self.current.filter(|current| *current < self.places.len());
    }

    /// Goes on by so many places, round the end.
    pub(super) fn go(&mut self, forward: bool) {
        let count = self.places.len();
        if count == 0 {
            return;
        }
        self.current = Some(match (self.current, forward) {
            (None, true) => 0,
            (None, false) => count - 1,
            (Some(at), true) => (at + 1) % count,
            (Some(at), false) => (at + count - 1) % count,
        });
    }

    /// Which place, from 1, of how many.
    pub(super) fn position(&self) -> (usize, usize) {
        (self.current.map_or(0, |at| at + 1), self.places.len())
    }

    /// What to mark in one of the texts.
    pub(super) fn marks(&self, part: Part) -> Marks<'_> {
        let place = self.current.and_then(|at| self.places.get(at)).filter(|place| place.part == part);
        Marks { marker: self.marker.as_ref(), current: place.map(|place| (place.block, place.number)) }
    }
}

/// Brings the place gone to into view.
pub(super) fn scroll() -> Task<reader::Message> {
    selector::find(selector::id(CURRENT)).then(|place| {
        let Some(place) = place else { return Task::none() };
        selector::find(selector::id(SCROLL)).then(move |frame| {
            let Some(frame) = frame else { return Task::none() };
            let above = frame.bounds().height / 3.0;
            let y = (place.bounds().y - frame.bounds().y - above).max(0.0);
            operation::scroll_to(SCROLL, AbsoluteOffset { x: None, y: Some(y) })
        })
    })
}

/// Runs of text of a block, in the order they are drawn.
fn runs(block: &Block) -> Vec<String> {
    let joined = |spans: &[Span]| spans.iter().map(|span| span.text.as_str()).collect::<String>();
    match block {
        Block::Paragraph(spans)
        | Block::Heading(_, spans)
        | Block::Item(_, _, spans)
        | Block::Quote(_, spans) => vec![joined(spans)],
        Block::Preformatted(text) => vec![text.clone()],
        Block::Table(rows) => rows.iter().flatten().map(|cell| joined(cell)).collect(),
        Block::Grid(grid) => {
            let cells = grid.rows.iter().flatten().map(|cell| joined(&cell.spans));
            std::iter::once(joined(&grid.caption)).chain(cells).collect()
        }
        Block::Rule | Block::Image(_) => Vec::new(),
    }
}

/// What to mark in a text, and which place one is at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks<'f> {
    marker: Option<&'f Marker>,
    current: Option<(usize, usize)>,
}

impl<'f> Marks<'f> {
    /// For one block of the text.
    pub(super) fn block(self, index: usize) -> BlockMarks<'f> {
        let current = self.current.filter(|(block, _)| *block == index).map(|(_, number)| number);
        BlockMarks { marker: self.marker, current, seen: Cell::new(0) }
    }
}

/// What to mark in a block: its runs are to be asked about in the order they are drawn.
#[derive(Debug)]
pub(super) struct BlockMarks<'f> {
    marker: Option<&'f Marker>,
    current: Option<usize>,
    seen: Cell<usize>,
}

impl BlockMarks<'_> {
    /// One is at a place in this block.
    pub(super) fn is_current(&self) -> bool {
        self.current.is_some()
    }

    /// Places to mark in the next run of text, and whether one is there.
    pub(super) fn places(&self, text: &str) -> Vec<(Range<usize>, bool)> {
        let Some(marker) = self.marker else { return Vec::new() };
        let first = self.seen.get();
        let places = marker.places(text);
        self.seen.set(first + places.len());
        places.into_iter().zip(first..).map(|(place, n)| (place, self.current == Some(n))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str) -> Block {
        Block::Paragraph(vec![Span { text: text.to_owned(), ..Span::default() }])
    }

    #[test]
    fn places_are_gone_through_in_the_order_of_reading_and_round_the_end() {
        let document = [paragraph("Hémoglobine 9,2"), paragraph("rien")];
        let body = [paragraph("hémoglobine, HÉMOGLOBINE")];
        let texts: [(Part, &[Block]); 2] = [(Part::Document, &document), (Part::Body, &body)];
        let mut finder = Finder::default();
        finder.open();
        finder.look_for("hemoglobine".to_owned(), &texts);
        assert_eq!(finder.position(), (1, 3));
        assert!(finder.marks(Part::Document).block(0).is_current());
        finder.go(true);
        let marks = finder.marks(Part::Body).block(0);
        let found = marks.places("hémoglobine, HÉMOGLOBINE");
        assert_eq!(found.iter().map(|(_, current)| *current).collect::<Vec<_>>(), [true, false]);
        finder.go(true);
        finder.go(true);
        assert_eq!(finder.position(), (1, 3));
        finder.go(false);
        assert_eq!(finder.position(), (3, 3));
        finder.look_for("sodium".to_owned(), &texts);
        assert_eq!(finder.position(), (0, 0));
        finder.go(true);
        assert!(finder.close() && !finder.close());
    }

    #[test]
    fn words_of_the_search_are_marked_when_nothing_else_is_looked_for() {
        let words = Hits::of(&crate::domain::search::Query::of_words("hemo"));
        let mut finder = Finder::of_words(words);
        let marked = |finder: &Finder| finder.marks(Part::Body).block(0).places("L'hémoglobine").len();
        assert_eq!(marked(&finder), 1);
        finder.look_for("sodium".to_owned(), &[]);
        assert_eq!(marked(&finder), 0);
        finder.close();
        assert_eq!(marked(&finder), 1);
    }
}
