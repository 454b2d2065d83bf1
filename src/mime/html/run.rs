//! The run of text being written.

use super::style::Style;
use crate::domain::message::Span;

/// Most bytes of link targets kept: one target is written to every span inside its element.
const MAX_LINKS: usize = 4 << 20;

/// Spans of one block, until it ends.
#[derive(Default)]
pub(super) struct Run {
    spans: Vec<Span>,
    /// Bytes of link targets written, in all blocks.
    links: usize,
}

impl Run {
    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The last thing written is a line break.
    pub(super) fn is_at_line_start(&self) -> bool {
        self.spans.last().is_some_and(|s| s.text.ends_with('\n'))
    }

    /// Adds text; false when its link had to be left out.
    pub(super) fn append(&mut self, text: &str, style: &Style) -> bool {
        let wanted = style.link.as_deref();
        let link = wanted.filter(|link| self.links + link.len() <= MAX_LINKS);
        let text = match (self.spans.last_mut(), text.strip_prefix(' ')) {
            // the space before a link is not underlined
            (Some(last), Some(rest)) if link.is_some() && last.link.is_none() => {
                last.text.push(' ');
                rest
            }
            _ => text,
        };
        match self.spans.last_mut() {
            Some(last)
                if last.bold == style.bold && last.italic == style.italic && last.link.as_deref() == link =>
            {
                last.text.push_str(text);
            }
            _ => {
                self.links += link.map_or(0, str::len);
                self.spans.push(Span {
                    text: text.to_owned(),
                    bold: style.bold,
                    italic: style.italic,
                    link: link.map(str::to_owned),
                    ..Span::default()
                });
            }
        }
        link == wanted
    }

    /// Ends the run: its spans without white space and line breaks at the end.
    pub(super) fn take(&mut self) -> Vec<Span> {
        let mut spans = std::mem::take(&mut self.spans);
        while let Some(last) = spans.last_mut() {
            let kept = last.text.trim_end().len();
            last.text.truncate(kept);
            if kept > 0 {
                break;
            }
            spans.pop();
        }
        if spans.iter().all(|s| s.text.trim().is_empty()) {
            spans.clear();
        }
        spans
    }
}
