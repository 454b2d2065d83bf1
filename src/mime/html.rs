//! HTML to blocks: nothing active, hidden or remote gets through.

mod element;
mod sink;
mod style;
mod table;

use std::collections::HashMap;

use std::time::{Duration, Instant};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tokenizer, TokenizerOpts};

use super::charset;
use crate::domain::message::Block;

/// Most blocks kept.
pub(super) const MAX_BLOCKS: usize = 20_000;
/// Longest time spent on one body: the tokenizer compares every attribute of a tag with all before it, so that a tag
/// of some hundred thousand attributes would take minutes.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes read between two looks at the clock.
const PIECE: usize = 8 << 10;

/// What remains of an HTML body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Safe {
    /// Readable blocks. A `\n` inside a span is a line break.
    pub blocks: Vec<Block>,
    /// Scripts, forms, event handlers or remote content were left out.
    pub removed: bool,
    /// There was more than the limits allow.
    pub truncated: bool,
}

/// Reads HTML in one pass over its tokens, without a tree: bounded time, no recursion, whatever the nesting.
/// `content_ids` maps the Content-ID of inline images to the index of the attachment; every other image is dropped.
/// Links keep their target when it is http, https or mailto.
pub fn blocks(html: &str, content_ids: &HashMap<String, usize>) -> Safe {
    blocks_within(html, content_ids, PATIENCE)
}

fn blocks_within(html: &str, content_ids: &HashMap<String, usize>, patience: Duration) -> Safe {
    let started = Instant::now();
    let input = BufferQueue::default();
    let tokenizer = Tokenizer::new(sink::Sink::new(content_ids), TokenizerOpts::default());
    let mut rest = html;
    while !rest.is_empty() && (rest.len() == html.len() || started.elapsed() < patience) {
        let (piece, after) = rest.split_at(charset::prefix(rest, PIECE).len());
        input.push_back(StrTendril::from_slice(piece));
        // the sink never asks for a pause, so one call reads the whole piece
        let _ = tokenizer.feed(&input);
        rest = after;
    }
    tokenizer.end();
    let mut safe = tokenizer.sink.finish();
    safe.truncated |= !rest.is_empty();
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_is_cut_and_says_so() {
        let long = format!("<p>début</p>{}<p>fin</p>", "<p>milieu</p>".repeat(PIECE / 4));
        let none = HashMap::new();
        let cut = blocks_within(&long, &none, Duration::ZERO);
        let whole = blocks_within(&long, &none, Duration::MAX);
        assert!(cut.truncated && !cut.blocks.is_empty() && cut.blocks.len() < whole.blocks.len());
        assert!(!whole.truncated);
    }
}
