//! HTML to blocks: nothing active, hidden or remote gets through.

mod element;
mod sink;
mod style;
mod table;

use std::collections::HashMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tokenizer, TokenizerOpts};

use crate::domain::message::Block;

/// Most blocks kept.
pub(super) const MAX_BLOCKS: usize = 20_000;

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

/// Reads HTML in one pass over its tokens, without a tree: linear time, no recursion, whatever the nesting.
/// `content_ids` maps the Content-ID of inline images to the index of the attachment; every other image is dropped.
/// Links keep their target when it is http, https or mailto.
pub fn blocks(html: &str, content_ids: &HashMap<String, usize>) -> Safe {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(sink::Sink::new(content_ids), TokenizerOpts::default());
    // the sink never asks for a pause, so one call reads everything
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.finish()
}
