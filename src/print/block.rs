//! The head of a sheet and its blocks, one below the other.

use super::canvas::{Canvas, MEASURE, ROOM};
use super::face::Face;
use super::line::{self, Style};
use super::{Section, Sheet, picture, table};
use crate::domain::message::{Block, Cell, Grid, Span};

/// Running text.
const BODY: Style = Style::new(Face::Regular, 10.0);
const LEADING: f32 = 14.0;
/// Facts, notes, tables.
pub(super) const SMALL: Style = Style::new(Face::Regular, 9.0);
pub(super) const SMALL_LEADING: f32 = 12.5;
/// Text whose columns matter: eighty of them fit a line.
const MONO: Style = Style::new(Face::Mono, 8.5);
const MONO_LEADING: f32 = 11.5;
const LABEL_WIDTH: f32 = 92.0;
/// White between blocks.
const GAP: f32 = 7.0;
const INDENT: f32 = 14.0;
/// Nesting that is drawn.
const DEEPEST: u8 = 8;
/// Most blocks of a section: what a page limit cannot hold, such as empty ones, is bounded too.
const MOST_BLOCKS: usize = 100_000;

/// Title and facts: compact, so that the text begins on the same page.
pub(super) fn head(canvas: &mut Canvas, sheet: &Sheet) {
    let title = line::ink(&canvas.fonts, &sheet.title, Style::new(Face::Strong, 14.0));
    canvas.flow(&line::wrap(title, MEASURE), 0.0, 18.0);
    canvas.advance(3.0);
    for (name, value) in &sheet.facts {
        let name = line::ink(&canvas.fonts, name, SMALL.grey(0.35));
        let name = line::elided(&canvas.fonts, name, LABEL_WIDTH - 6.0);
        let value = line::wrap(line::ink(&canvas.fonts, value, SMALL), MEASURE - LABEL_WIDTH);
        canvas.need(SMALL_LEADING);
        canvas.text(&name, 0.0, 0.0);
        canvas.flow(&value, LABEL_WIDTH, SMALL_LEADING);
    }
    canvas.rule(0.0, MEASURE, 4.0, 0.55);
    canvas.advance(14.0);
}

/// A section; `cut` is said where its end is left out.
pub(super) fn section(canvas: &mut Canvas, section: &Section, cut: &str) {
    if !section.title.is_empty() {
        canvas.space(GAP);
        let title = line::ink(&canvas.fonts, &section.title, Style::new(Face::Strong, 12.0));
        // a title stays with what follows
        canvas.need(60.0);
        canvas.flow(&line::wrap(title, MEASURE), 0.0, 16.0);
    }
    for note in &section.notes {
        let note = line::wrap(line::ink(&canvas.fonts, note, SMALL.grey(0.3)), MEASURE);
        canvas.flow(&note, 0.0, SMALL_LEADING);
    }
    if !section.title.is_empty() || !section.notes.is_empty() {
        canvas.advance(5.0);
    }
    for one in section.blocks.iter().take(MOST_BLOCKS) {
        block(canvas, one, section);
        if canvas.is_full() {
            return;
        }
    }
    if section.blocks.len() > MOST_BLOCKS {
        flow(canvas, line::ink(&canvas.fonts, cut, BODY), 0.0, LEADING);
    }
    canvas.space(GAP);
}

fn block(canvas: &mut Canvas, block: &Block, section: &Section) {
    match block {
        Block::Paragraph(spans) => flow(canvas, line::spans(&canvas.fonts, spans, BODY), 0.0, LEADING),
        Block::Heading(level, spans) => {
            let size = match level {
                0 | 1 => 13.0,
                2 => 12.0,
                3 => 11.0,
                _ => 10.0,
            };
            canvas.need(size + 4.0 + 2.0 * LEADING);
            let ink = line::spans(&canvas.fonts, spans, Style::new(Face::Strong, size));
            flow(canvas, ink, 0.0, size + 4.0);
        }
        Block::Item(depth, marker, spans) => {
            let x = f32::from((*depth).clamp(1, DEEPEST)) * INDENT;
            let marker = line::ink(&canvas.fonts, marker, BODY);
            canvas.need(LEADING);
            canvas.text(&marker, (x - INDENT).max(x - 4.0 - line::width(&marker)), 0.0);
            let lines = line::wrap(line::spans(&canvas.fonts, spans, BODY), MEASURE - x);
            canvas.flow(&lines, x, LEADING);
            if lines.is_empty() {
                canvas.advance(LEADING);
            }
            canvas.space(3.0);
        }
        Block::Quote(depth, spans) => quote(canvas, *depth, spans),
        Block::Preformatted(text) => flow(canvas, line::ink(&canvas.fonts, text, MONO), 0.0, MONO_LEADING),
        Block::Table(rows) => {
            let cell =
                |spans: &Vec<Span>| Cell { spans: spans.clone(), columns: 1, rows: 1, ..Cell::default() };
            let rows = rows.iter().map(|row| row.iter().map(cell).collect()).collect();
            table::draw(canvas, &Grid { caption: Vec::new(), rows });
            canvas.space(GAP);
        }
        Block::Grid(grid) => {
            table::draw(canvas, grid);
            let pictures = grid.rows.iter().flatten().flat_map(|cell| cell.images.iter());
            for number in pictures {
                image(canvas, section, *number);
            }
            canvas.space(GAP);
        }
        Block::Rule => {
            canvas.need(10.0);
            canvas.rule(0.0, MEASURE, 3.0, 0.7);
            canvas.advance(10.0);
        }
        Block::Image(number) => image(canvas, section, *number),
    }
}

fn flow(canvas: &mut Canvas, ink: Vec<line::Ink>, x: f32, leading: f32) {
    let lines = line::wrap(ink, MEASURE - x);
    canvas.flow(&lines, x, leading);
    canvas.space(GAP);
}

fn quote(canvas: &mut Canvas, depth: u8, spans: &[Span]) {
    let depth = depth.clamp(1, DEEPEST);
    let x = f32::from(depth) * 10.0;
    let lines = line::wrap(line::spans(&canvas.fonts, spans, BODY.grey(0.3)), MEASURE - x);
    for line in &lines {
        if canvas.left() < LEADING {
            canvas.turn();
        }
        if canvas.is_full() {
            return;
        }
        (0..depth).for_each(|n| canvas.bar(f32::from(n) * 10.0 + 2.0, LEADING));
        canvas.flow(std::slice::from_ref(line), x, LEADING);
    }
    canvas.space(3.0);
}

/// A picture at 96 dots an inch, smaller where it does not fit.
#[allow(clippy::cast_precision_loss, reason = "pictures have at most forty million pixels")]
fn image(canvas: &mut Canvas, section: &Section, number: usize) {
    let Some(drawn) = section.pictures.get(&number).and_then(|p| picture::read(&p.0)) else { return };
    let sides = (drawn.width as f32 * 0.75, drawn.height as f32 * 0.75);
    let (width, height) = if drawn.is_turned { (sides.1, sides.0) } else { sides };
    let scale = (MEASURE / width).min(ROOM * 0.8 / height).min(1.0);
    canvas.picture(drawn, 0.0, width * scale, height * scale);
    canvas.space(GAP);
}
