//! Tables: data tables are kept, tables used for layout become running text.

use super::Safe;
use super::sink::emit;
use crate::domain::message::{Block, Span};

/// Most rows of a table and cells of a row.
const MAX_ROWS: usize = 1_000;
const MAX_CELLS: usize = 60;
/// Deepest nesting of tables told apart.
const MAX_TABLES: usize = 50;

type Row = Vec<Vec<Span>>;

#[derive(Default)]
struct Table {
    /// It holds another table or an image: its cells are running text.
    layout: bool,
    in_cell: bool,
    rows: Vec<Row>,
}

/// The tables open now, outermost first.
#[derive(Default)]
pub(super) struct Tables {
    open: Vec<Table>,
    /// Tables open beyond [`MAX_TABLES`].
    beyond: usize,
}

impl Tables {
    pub(super) fn open(&mut self, safe: &mut Safe) {
        self.become_layout(safe);
        if self.open.len() >= MAX_TABLES {
            self.beyond += 1;
        } else {
            self.open.push(Table::default());
        }
    }

    pub(super) fn row(&mut self) {
        if let Some(table) = self.open.last_mut() {
            table.rows.push(Vec::new());
            table.in_cell = false;
        }
    }

    pub(super) fn cell(&mut self) {
        if let Some(table) = self.open.last_mut() {
            if table.rows.is_empty() {
                table.rows.push(Vec::new());
            }
            if let Some(row) = table.rows.last_mut() {
                row.push(Vec::new());
            }
            table.in_cell = true;
        }
    }

    /// Takes the spans into the cell being written; gives them back when they are running text.
    pub(super) fn take(&mut self, mut spans: Vec<Span>) -> Option<Vec<Span>> {
        let Some(table) = self.open.last_mut().filter(|t| t.in_cell && !t.layout) else { return Some(spans) };
        let Some(cell) = table.rows.last_mut().and_then(|r| r.last_mut()) else { return Some(spans) };
        if let Some(last) = cell.last_mut() {
            last.text.push('\n');
        }
        cell.append(&mut spans);
        None
    }

    /// The innermost table turns out to be layout: what it holds so far becomes running text.
    pub(super) fn become_layout(&mut self, safe: &mut Safe) {
        if let Some(table) = self.open.last_mut() {
            table.layout = true;
            flatten(std::mem::take(&mut table.rows), safe);
        }
    }

    pub(super) fn close(&mut self, safe: &mut Safe) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let Some(table) = self.open.pop() else { return };
        let mut rows = table.rows;
        rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        if rows.iter().map(Vec::len).max().unwrap_or(0) <= 1 {
            return flatten(rows, safe);
        }
        safe.truncated |= rows.len() > MAX_ROWS || rows.iter().any(|r| r.len() > MAX_CELLS);
        rows.truncate(MAX_ROWS);
        for row in &mut rows {
            row.truncate(MAX_CELLS);
        }
        emit(safe, Block::Table(rows));
    }
}

fn flatten(rows: Vec<Row>, safe: &mut Safe) {
    for cell in rows.into_iter().flatten().filter(|c| !c.is_empty()) {
        emit(safe, Block::Paragraph(cell));
    }
}
