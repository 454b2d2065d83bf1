//! Tables: columns as wide as their words want, rows that stay whole, headings again on every page.

use super::block::{SMALL, SMALL_LEADING};
use super::canvas::{Canvas, MEASURE, ROOM};
use super::face::Face;
use super::line::{self, Ink, Style};
use crate::domain::message::{Cell, Grid};

/// White between columns.
const GUTTER: f32 = 8.0;
/// White above and below the text of a row.
const PADDING: f32 = 3.0;
/// Columns that are told apart; more share the last one.
const MOST_COLUMNS: usize = 24;
/// Most cells of one table.
const MOST_CELLS: usize = 50_000;
/// A column is wanted no wider than this, so that one long text does not starve the others.
const WIDEST: f32 = 260.0;

/// A cell in its place.
struct Placed<'g> {
    cell: &'g Cell,
    row: usize,
    column: usize,
    columns: usize,
    rows: usize,
}

/// A row ready to be drawn.
#[derive(Default)]
struct Line {
    /// Offset, width, text, whether at the right, whether something follows below.
    cells: Vec<Text>,
    height: f32,
    heads: bool,
}

struct Text {
    x: f32,
    width: f32,
    lines: Vec<Vec<Ink>>,
    right: bool,
    /// A cell from above goes on: no line under it.
    goes_on: bool,
}

pub(super) fn draw(canvas: &mut Canvas, grid: &Grid) {
    if !grid.caption.is_empty() {
        let caption = line::spans(&canvas.fonts, &grid.caption, Style::new(Face::Strong, 10.0));
        canvas.need(48.0);
        canvas.flow(&line::wrap(caption, MEASURE), 0.0, 14.0);
    }
    let placed = place(grid);
    let Some(columns) = placed.iter().map(|p| p.column + p.columns).max() else { return };
    let widths = widths(canvas, &placed, columns);
    let lines = lines(canvas, &placed, &widths, grid.rows.len());
    let heads = lines.iter().take_while(|l| l.heads).count();
    // headings that fill the page would leave nothing for the rest
    let heads_height: f32 = lines.iter().take(heads).map(|l| l.height).sum();
    let repeats = heads > 0 && heads < lines.len() && heads_height < ROOM / 3.0;
    for (at, line) in lines.iter().enumerate() {
        if line.height > canvas.left() && !canvas.is_fresh() {
            canvas.turn();
            if repeats && at >= heads {
                lines.iter().take(heads).for_each(|head| row(canvas, head));
            }
        }
        row(canvas, line);
        if canvas.is_full() {
            return;
        }
    }
}

fn style(cell: &Cell) -> Style {
    if cell.heads { Style::new(Face::Strong, SMALL.size) } else { SMALL }
}

/// Where each cell begins, those covered from above passed over.
fn place(grid: &Grid) -> Vec<Placed<'_>> {
    let mut taken: Vec<usize> = vec![0; MOST_COLUMNS];
    let mut placed = Vec::new();
    for (row, cells) in grid.rows.iter().enumerate() {
        let mut column = 0;
        for cell in cells {
            if placed.len() >= MOST_CELLS {
                return placed;
            }
            while column + 1 < MOST_COLUMNS && taken.get(column).is_some_and(|until| *until > row) {
                column += 1;
            }
            let columns = usize::from(cell.columns.max(1)).min(MOST_COLUMNS - column);
            let rows = usize::from(cell.rows.max(1)).min(grid.rows.len() - row);
            taken.iter_mut().skip(column).take(columns).for_each(|until| *until = row + rows);
            placed.push(Placed { cell, row, column, columns, rows });
            column = (column + columns).min(MOST_COLUMNS - 1);
        }
    }
    placed
}

/// Widths of the columns: what their longest word needs at least, what their text wants at most.
#[allow(clippy::cast_precision_loss, reason = "a handful of columns")]
fn widths(canvas: &Canvas, placed: &[Placed<'_>], columns: usize) -> Vec<f32> {
    let mut least = vec![12.0_f32; columns];
    let mut wanted = vec![12.0_f32; columns];
    for one in placed.iter().filter(|p| p.columns == 1) {
        let ink = line::spans(&canvas.fonts, &one.cell.spans, style(one.cell));
        let longest = ink.split(|i| i.breaks).map(line::width).fold(0.0, f32::max);
        let is_gap = |i: &Ink| i.breaks || i.glyph.character == ' ';
        let word = ink.split(is_gap).map(line::width).fold(0.0, f32::max);
        if let (Some(least), Some(wanted)) = (least.get_mut(one.column), wanted.get_mut(one.column)) {
            *least = least.max(word.min(WIDEST / 2.0));
            *wanted = wanted.max(longest.min(WIDEST));
        }
    }
    let room = MEASURE - GUTTER * (columns.saturating_sub(1)) as f32;
    let (least_sum, wanted_sum): (f32, f32) = (least.iter().sum(), wanted.iter().sum());
    if wanted_sum <= room {
        // a small table keeps its columns together and is not drawn out over the page by more than half
        let stretch = (room / wanted_sum).min(1.5);
        return wanted.iter().map(|w| w * stretch).collect();
    }
    if least_sum >= room {
        return least.iter().map(|w| w * room / least_sum).collect();
    }
    let share = (room - least_sum) / (wanted_sum - least_sum);
    least.iter().zip(&wanted).map(|(l, w)| l + (w - l).max(0.0) * share).collect()
}

fn lines(canvas: &Canvas, placed: &[Placed<'_>], widths: &[f32], rows: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = (0..rows).map(|_| Line::default()).collect();
    let start = |column: usize| widths.iter().take(column).map(|w| w + GUTTER).sum::<f32>();
    let mut tall: Vec<(usize, usize, f32)> = Vec::new();
    for one in placed {
        let x = start(one.column);
        let width = start(one.column + one.columns) - GUTTER - x;
        let text = line::wrap(line::spans(&canvas.fonts, &one.cell.spans, style(one.cell)), width + 0.1);
        #[allow(clippy::cast_precision_loss, reason = "lines of one cell")]
        let height = text.len().max(1) as f32 * SMALL_LEADING + 2.0 * PADDING;
        if let Some(line) = lines.get_mut(one.row) {
            line.heads = (line.cells.is_empty() || line.heads) && one.cell.heads;
            if one.rows == 1 {
                line.height = line.height.max(height);
            } else {
                tall.push((one.row, one.rows, height));
            }
            let goes_on = one.rows > 1;
            line.cells.push(Text { x, width, lines: text, right: one.cell.right, goes_on });
        }
        for below in 1..one.rows {
            let goes_on = below + 1 < one.rows;
            if let Some(line) = lines.get_mut(one.row + below) {
                line.cells.push(Text { x, width, lines: Vec::new(), right: false, goes_on });
                line.heads &= one.cell.heads;
            }
        }
    }
    // what covers several rows makes the last of them taller
    for (row, rows, height) in tall {
        let there: f32 = lines.iter().skip(row).take(rows).map(|l| l.height).sum();
        if let Some(last) = lines.get_mut(row + rows - 1) {
            last.height += (height - there).max(0.0);
        }
    }
    lines
}

/// Draws a row; one taller than the page goes on over the next ones, line by line.
fn row(canvas: &mut Canvas, row: &Line) {
    let most = row.cells.iter().map(|c| c.lines.len()).max().unwrap_or(0);
    if row.height > ROOM && row.height > canvas.left() {
        for number in 0..most {
            canvas.need(SMALL_LEADING);
            for cell in &row.cells {
                if let Some(line) = cell.lines.get(number) {
                    canvas.text(line, cell.x, 0.0);
                }
            }
            canvas.advance(SMALL_LEADING);
            if canvas.is_full() {
                return;
            }
        }
        canvas.advance(PADDING);
        return;
    }
    let mut down = PADDING;
    for number in 0..most {
        for cell in &row.cells {
            let Some(line) = cell.lines.get(number) else { continue };
            let x = if cell.right { cell.x + (cell.width - line::width(line)).max(0.0) } else { cell.x };
            canvas.text(line, x, down);
        }
        down += SMALL_LEADING;
    }
    for cell in row.cells.iter().filter(|c| !c.goes_on) {
        canvas.rule(cell.x, cell.width + GUTTER, row.height, if row.heads { 0.45 } else { 0.8 });
    }
    canvas.advance(row.height);
}
