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
        Block::Paragraph(spans) | Block::Heading(_, spans) => joined(spans),
        Block::Item(depth, marker, spans) => {
            let indent = "  ".repeat(usize::from(depth.saturating_sub(1)));
            format!("{indent}{marker} {}", joined(spans)).into()
        }
        Block::Quote(depth, spans) => {
            let mark = ">".repeat(usize::from(*depth));
            let mut out = String::new();
            for line in joined(spans).lines() {
                let _ = writeln!(out, "{mark} {line}");
            }
            out.trim_end().to_owned().into()
        }
        Block::Preformatted(text) => text.into(),
        Block::Table(rows) => rows
            .iter()
            .map(|row| row.iter().map(|c| joined(c).replace('\n', " ")).collect::<Vec<_>>().join("\t"))
            .collect::<Vec<_>>()
            .join("\n")
            .into(),
        Block::Grid(grid) => of_grid(grid).into(),
        Block::Rule => "---".into(),
        Block::Image(_) => "".into(),
    }
}

fn of_grid(grid: &Grid) -> String {
    let caption = joined(&grid.caption).into_owned();
    let rows = grid.rows.iter().map(|row| {
        row.iter().map(|cell| joined(&cell.spans).replace('\n', " ")).collect::<Vec<_>>().join("\t")
    });
    let caption = (!caption.is_empty()).then_some(caption);
    caption.into_iter().chain(rows.filter(|row| !row.trim().is_empty())).collect::<Vec<_>>().join("\n")
}

fn joined(spans: &[Span]) -> Cow<'_, str> {
    // nearly all text of nearly every message
    if let [span] = spans
        && !span.struck
    {
        return Cow::Borrowed(&span.text);
    }
    let mut out = String::new();
    for span in spans {
        if span.struck {
            // without its line through it, deleted text would read as valid
            let _ = write!(out, "[-{}-]", span.text);
        } else {
            out.push_str(&span.text);
        }
    }
    out.into()
}
