//! Blocks back to plain text, for copying, quoting and the search index.

use std::borrow::Cow;
use std::fmt::Write;

use super::message::{Block, Grid, Span};

/// Plain text of blocks, one empty line between two of them.
pub fn text(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut after_item = false;
    for block in blocks {
        let one = one(block);
        if one.is_empty() {
            continue;
        }
        let item = matches!(block, Block::Item(..));
        if !out.is_empty() {
            out.push_str(if item && after_item { "\n" } else { "\n\n" });
        }
        out.push_str(&one);
        after_item = item;
    }
    out
}

fn one(block: &Block) -> Cow<'_, str> {
    match block {
        // nearly all text of nearly every message
        Block::Paragraph(spans)
            if let [span] = spans.as_slice()
                && !span.struck =>
        {
            Cow::Borrowed(&span.text)
        }
        Block::Preformatted(text) => Cow::Borrowed(text),
        other => Cow::Owned(written(other)),
    }
}

fn written(block: &Block) -> String {
    match block {
        Block::Paragraph(spans) | Block::Heading(_, spans) => joined(spans),
        Block::Item(depth, marker, spans) => {
            let indent = "  ".repeat(usize::from(depth.saturating_sub(1)));
            format!("{indent}{marker} {}", joined(spans))
        }
        Block::Quote(depth, spans) => {
            let mark = ">".repeat(usize::from(*depth));
            let mut out = String::new();
            for line in joined(spans).lines() {
                let _ = writeln!(out, "{mark} {line}");
            }
            out.trim_end().to_owned()
        }
        Block::Preformatted(text) => text.clone(),
        Block::Table(rows) => rows
            .iter()
            .map(|row| row.iter().map(|c| joined(c).replace('\n', " ")).collect::<Vec<_>>().join("\t"))
            .collect::<Vec<_>>()
            .join("\n"),
        Block::Grid(grid) => of_grid(grid),
        Block::Rule => "---".to_owned(),
        Block::Image(_) => String::new(),
    }
}

fn of_grid(grid: &Grid) -> String {
    let caption = joined(&grid.caption);
    let rows = grid.rows.iter().map(|row| {
        row.iter().map(|cell| joined(&cell.spans).replace('\n', " ")).collect::<Vec<_>>().join("\t")
    });
    let caption = (!caption.is_empty()).then_some(caption);
    caption.into_iter().chain(rows.filter(|row| !row.trim().is_empty())).collect::<Vec<_>>().join("\n")
}

fn joined(spans: &[Span]) -> String {
    let mut out = String::new();
    for span in spans {
        if span.struck {
            // without its line through it, deleted text would read as valid
            let _ = write!(out, "[-{}-]", span.text);
        } else {
            out.push_str(&span.text);
        }
    }
    out
}
