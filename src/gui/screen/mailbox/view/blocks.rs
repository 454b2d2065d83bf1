//! The text of a message: paragraphs, lists, quotes, tables and pictures, drawn from safe blocks. Nothing here can
//! fetch or run anything; a link only asks.

use std::ops::Range;

use iced::widget::{column, container, image, rich_text, row, scrollable, span, text};
use iced::{Border, ContentFit, Font, Length, Padding};

use super::super::find::{self, BlockMarks, Marks};
use super::super::reader::{self, Picture, Shown};
use super::columns::Columns;
use crate::domain::message::{Block, Cell, Grid, Span};
use crate::gui::font;
use crate::gui::screen::Context;
use crate::gui::theme::{Face, Look, space};
use crate::gui::widget::{Unrolled, unrolled};
use crate::gui::{Element, ui};

/// Most blocks drawn: each is a widget. The rest is in the plain text.
const MOST_BLOCKS: usize = 1_500;
/// Most rows of one table.
const MOST_ROWS: usize = 300;
/// Most columns of one table.
const MOST_COLUMNS: usize = 12;

/// The picture of a number, where it is known.
type Pictures<'a, 'p> = &'p dyn Fn(usize) -> Option<&'a Picture>;

pub(super) fn view<'a>(shown: &'a Shown, context: Context<'a>) -> Element<'a, reader::Message> {
    let marks = shown.finder.marks(find::Part::Body);
    let key = reader::key(shown.view.row.id, None);
    draw(key, &shown.view.blocks, &|index| shown.pictures.get(&index), marks, context)
}

/// Blocks one below the other; `key` says whose they are. What is drawn beyond them is cut: a letter may not paint over what is the program's.
pub(super) fn draw<'a>(
    key: u64,
    blocks: &'a [Block],
    pictures: Pictures<'a, '_>,
    marks: Marks<'_>,
    context: Context<'a>,
) -> Element<'a, reader::Message> {
    let mut parts = Vec::with_capacity(blocks.len().min(MOST_BLOCKS));
    let mut looked_for = 0;
    for (index, block) in blocks.iter().enumerate().take(MOST_BLOCKS) {
        let marks = marks.block(index);
        let drawn = block_view(key, block, pictures, &marks, context);
        if marks.is_current() {
            // so that it can be brought into view
            looked_for = index + 1;
            parts.push(container(drawn).id(find::CURRENT).into());
        } else {
            parts.push(drawn);
        }
    }
    if blocks.len() > MOST_BLOCKS {
        parts.push(ui::caption(context.look, context.text("mailbox-text-cut")).into());
    }
    container(unrolled(key, parts).spacing(space::S + 2.0).at_least(looked_for)).clip(true).into()
}

fn block_view<'a>(
    key: u64,
    block: &'a Block,
    pictures: Pictures<'a, '_>,
    marks: &BlockMarks<'_>,
    context: Context<'a>,
) -> Element<'a, reader::Message> {
    let look = context.look;
    match block {
        Block::Paragraph(spans) => rich(spans, look.body(), marks, context),
        Block::Heading(1 | 2, spans) => rich(spans, look.title(), marks, context),
        Block::Heading(_, spans) => rich(spans, look.strong(), marks, context),
        Block::Item(depth, marker, spans) => {
            let indent = Padding::ZERO.left(f32::from((*depth).clamp(1, 6)) * space::M);
            let marker = ui::text(look.body(), marker.as_str());
            container(row![marker, rich(spans, look.body(), marks, context)].spacing(space::S))
                .padding(indent)
                .into()
        }
        Block::Quote(depth, spans) => quote(*depth, spans, marks, context),
        Block::Preformatted(text) => preformatted(text, marks, context),
        Block::Table(rows) => table(key, rows, marks, context),
        Block::Grid(grid) => narrative_table(key, grid, pictures, marks, context),
        Block::Rule => ui::divider(look),
        Block::Image(index) => picture(pictures(*index), context),
    }
}

/// A cell, or none, with the columns it takes.
type Place<'a> = (Option<&'a Cell>, u16);

/// Where the cells of each row begin: a cell covered from above leaves its place empty. Answers the places of every row,
/// a cell or none with the columns it takes, and how many columns there are.
fn places(grid: &Grid) -> (Vec<Vec<Place<'_>>>, u16) {
    let mut covered: Vec<u16> = Vec::new();
    let mut found = Vec::new();
    for cells in grid.rows.iter().take(MOST_ROWS) {
        let mut line = Vec::new();
        let mut column = 0;
        let mut cells = cells.iter();
        let mut next = cells.next();
        while next.is_some() || covered.iter().skip(column).any(|rows| *rows > 0) {
            if column >= MOST_COLUMNS {
                break;
            }
            if let Some(rows) = covered.get_mut(column).filter(|rows| **rows > 0) {
                *rows -= 1;
                line.push((None, 1));
                column += 1;
                continue;
            }
            let Some(cell) = next else {
                line.push((None, 1));
                column += 1;
                continue;
            };
            let width = usize::from(cell.columns).min(MOST_COLUMNS - column).max(1);
            if covered.len() < column + width {
                covered.resize(column + width, 0);
            }
            for rows in covered.iter_mut().skip(column).take(width) {
                *rows = cell.rows.saturating_sub(1);
            }
            line.push((Some(cell), width as u16));
            column += width;
            next = cells.next();
        }
        found.push(line);
    }
    let columns = found.iter().map(|line| line.iter().map(|(_, n)| *n).sum()).max().unwrap_or(0);
    (found, columns)
}

/// A table of a health document, with cells over several columns or rows.
fn narrative_table<'a>(
    key: u64,
    grid: &'a Grid,
    pictures: Pictures<'a, '_>,
    marks: &BlockMarks<'_>,
    context: Context<'a>,
) -> Element<'a, reader::Message> {
    let look = context.look;
    let (rows, columns) = places(grid);
    let mut single = Vec::new();
    for places in &rows {
        let mut at = 0;
        for (cell, width) in places {
            // what goes over several columns says nothing of one
            single.extend(cell.filter(|_| *width == 1).map(|cell| (at, cell.spans.as_slice())));
            at += usize::from(*width);
        }
    }
    let widths = Columns::of(usize::from(columns), single.into_iter());
    let mut content: Vec<Element<'a, reader::Message>> = Vec::new();
    if !grid.caption.is_empty() {
        let caption = rich(&grid.caption, look.strong(), marks, context);
        content.push(container(caption).padding([6.0, 10.0]).into());
    }
    for (number, places) in rows.into_iter().enumerate() {
        // a place that goes on from above has no line over it, nor has an empty row
        if number > 0 || !grid.caption.is_empty() {
            content.push(ui::divider(look));
        }
        let taken: u16 = places.iter().map(|(_, n)| *n).sum();
        let mut cells = row![].spacing(space::M).padding([6.0, 10.0]);
        let mut column = 0;
        for (cell, width) in places {
            let inner: Element<'a, reader::Message> = match cell {
                Some(cell) => {
                    let face = if cell.heads { look.strong() } else { look.body() };
                    let mut inner = column![];
                    if !cell.spans.is_empty() {
                        inner = inner.push(rich(&cell.spans, face, marks, context));
                    }
                    for image in &cell.images {
                        inner = inner.push(picture(pictures(*image), context));
                    }
                    let inner = container(inner);
                    if cell.right { inner.align_right(Length::Fill).into() } else { inner.into() }
                }
                None => iced::widget::space().into(),
            };
            let width = usize::from(width);
            cells = cells.push(container(inner).width(widths.portion(column, width)));
            column += width;
        }
        if taken < columns {
            let rest = widths.portion(column, usize::from(columns - taken));
            cells = cells.push(container(iced::widget::space()).width(rest));
        }
        content.push(cells.into());
    }
    moved(framed(all_if_looked_for(unrolled(key, content), marks), context), &widths, context)
}

/// What is looked for in a table must be there to be brought into view.
fn all_if_looked_for<'a>(
    table: Unrolled<'a, reader::Message>,
    marks: &BlockMarks<'_>,
) -> Unrolled<'a, reader::Message> {
    if marks.is_current() { table.at_least(usize::MAX) } else { table }
}

/// A table that has no room for its columns is moved sideways.
fn moved<'a>(
    table: Element<'a, reader::Message>,
    widths: &Columns,
    context: Context<'a>,
) -> Element<'a, reader::Message> {
    let Some(width) = widths.sideways(context) else { return table };
    let bar = scrollable::Scrollbar::new().width(8.0).scroller_width(6.0);
    scrollable(container(table).width(width).padding(Padding::ZERO.bottom(space::M)))
        .direction(scrollable::Direction::Horizontal(bar))
        .style(ui::scroll_style(context.look))
        .width(Length::Fill)
        .into()
}

/// A table in its frame.
fn framed<'a>(
    table: impl Into<Element<'a, reader::Message>>,
    context: Context<'a>,
) -> Element<'a, reader::Message> {
    let line = context.look.palette.line;
    container(table)
        .style(move |_| container::Style {
            border: Border { color: line, width: 1.0, radius: 4.0.into() },
            ..container::Style::default()
        })
        .width(Length::Fill)
        .into()
}

/// Laboratories align their columns with spaces: a line that is folded is a result that is misread.
fn preformatted<'a>(
    text: &'a str,
    marks: &BlockMarks<'_>,
    context: Context<'a>,
) -> Element<'a, reader::Message> {
    let look = context.look;
    let face = look.caption().coloured(look.palette.text);
    let places = marks.places(text);
    let text: Element<'a, reader::Message> = if places.is_empty() {
        ui::mono(look, text)
            .size(face.pixels())
            .line_height(look.body().line_height())
            .wrapping(text::Wrapping::None)
            .into()
    } else {
        let plain = |piece: &'a str| -> text::Span<'a, String, Font> { span(piece).font(font::MONO) };
        rich_text(cut(text, 0, &places, context.look, &plain))
            .size(face.pixels())
            .line_height(look.body().line_height())
            .color(face.colour)
            .wrapping(text::Wrapping::None)
            .on_link_click(reader::Message::AskLink)
            .into()
    };
    let bar = scrollable::Scrollbar::new().width(6.0).scroller_width(6.0);
    scrollable(container(text).padding(Padding::ZERO.bottom(space::S)))
        .direction(scrollable::Direction::Horizontal(bar))
        .style(ui::scroll_style(look))
        .width(Length::Fill)
        .into()
}

fn rich<'a>(
    spans: &'a [Span],
    face: Face,
    marks: &BlockMarks<'_>,
    context: Context<'a>,
) -> Element<'a, reader::Message> {
    let accent = context.look.palette.accent;
    let places = marks.places(&spans.iter().map(|piece| piece.text.as_str()).collect::<String>());
    let mut pieces: Vec<text::Span<'a, String, Font>> = Vec::with_capacity(spans.len());
    let mut start = 0;
    for piece in spans {
        let styled = |text: &'a str| {
            let styled =
                span(text).font(font_of(piece, face)).underline(piece.underline).strikethrough(piece.struck);
            match &piece.link {
                Some(target) => styled.color(accent).underline(true).link(target.clone()),
                None => styled,
            }
        };
        pieces.extend(cut(&piece.text, start, &places, context.look, &styled));
        start += piece.text.len();
    }
    rich_text(pieces)
        .size(face.pixels())
        .line_height(face.line_height())
        .color(face.colour)
        .on_link_click(reader::Message::AskLink)
        // a word longer than its place is folded: in a narrow cell it would be drawn over the next one
        .wrapping(text::Wrapping::WordOrGlyph)
        .width(Length::Fill)
        .into()
}

/// A piece of text that begins at `start` of its run, cut where places to mark begin and end.
fn cut<'a>(
    piece: &'a str,
    start: usize,
    places: &[(Range<usize>, bool)],
    look: Look,
    styled: &dyn Fn(&'a str) -> text::Span<'a, String, Font>,
) -> Vec<text::Span<'a, String, Font>> {
    let palette = look.palette;
    let mut cut = Vec::new();
    let mut at = 0;
    for (place, is_current) in places {
        let from = place.start.saturating_sub(start).clamp(at, piece.len());
        let to = place.end.saturating_sub(start).clamp(from, piece.len());
        if from == to {
            continue;
        }
        cut.extend(piece.get(at..from).filter(|text| !text.is_empty()).map(styled));
        let marked = piece.get(from..to).map(styled).map(|marked| match is_current {
            true => marked.background(palette.accent).color(palette.on_accent),
            false => marked.background(palette.mark),
        });
        cut.extend(marked);
        at = to;
    }
    cut.extend(piece.get(at..).filter(|text| !text.is_empty() || places.is_empty()).map(styled));
    cut
}

fn font_of(piece: &Span, face: Face) -> Font {
    match (piece.bold, piece.italic) {
        (true, _) => font::STRONG,
        (false, true) => font::ITALIC,
        (false, false) => face.font,
    }
}

fn quote<'a>(
    depth: u8,
    spans: &'a [Span],
    marks: &BlockMarks<'_>,
    context: Context<'a>,
) -> Element<'a, reader::Message> {
    let look = context.look;
    let line = look.palette.line;
    let soft = look.body().coloured(look.palette.soft);
    let mut content: Element<'a, reader::Message> =
        container(rich(spans, soft, marks, context)).padding(Padding::ZERO.left(space::M)).into();
    for _ in 0..depth.clamp(1, 4) {
        let bar = container(iced::widget::space()).width(2.0).height(Length::Fill).style(move |_| {
            container::Style { background: Some(line.into()), ..container::Style::default() }
        });
        content = row![bar, content].spacing(space::XS).height(Length::Shrink).into();
    }
    content
}

fn table<'a>(
    key: u64,
    rows: &'a [Vec<Vec<Span>>],
    marks: &BlockMarks<'_>,
    context: Context<'a>,
) -> Element<'a, reader::Message> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0).min(MOST_COLUMNS);
    let cells = rows.iter().take(MOST_ROWS).flat_map(|cells| cells.iter().enumerate());
    let widths = Columns::of(columns, cells.map(|(column, spans)| (column, spans.as_slice())));
    let mut content: Vec<Element<'a, reader::Message>> = Vec::new();
    for (index, cells) in rows.iter().take(MOST_ROWS).enumerate() {
        if index > 0 {
            content.push(ui::divider(context.look));
        }
        let mut cells_row = row![].spacing(space::M).padding([6.0, 10.0]);
        for column in 0..columns {
            let cell: &[Span] = cells.get(column).map_or(&[], Vec::as_slice);
            cells_row = cells_row.push(
                container(rich(cell, context.look.body(), marks, context)).width(widths.portion(column, 1)),
            );
        }
        content.push(cells_row.into());
    }
    moved(framed(all_if_looked_for(unrolled(key, content), marks), context), &widths, context)
}

fn picture<'a>(picture: Option<&'a Picture>, context: Context<'a>) -> Element<'a, reader::Message> {
    match picture {
        Some(Picture::Ready(handle)) => image(handle.clone()).content_fit(ContentFit::ScaleDown).into(),
        Some(Picture::Awaited) => ui::caption(context.look, context.text("mailbox-image-awaited")).into(),
        Some(Picture::Unreadable) | None => {
            ui::caption(context.look, context.text("mailbox-image-unreadable")).into()
        }
    }
}
