//! What a row shows, and how it is set: shaped once, kept while it is near the screen, drawn without any layer of its own
//! (each layer costs the software renderer a mask of the whole window).

use std::collections::HashMap;
use std::ops::Range;

use iced::advanced::Renderer as _;
use iced::advanced::renderer;
use iced::advanced::text::{Paragraph as _, Renderer as _};
use iced::{Border, Color, Point, Rectangle, Renderer, Size, Vector};

use crate::gui::font::Icon;
use crate::gui::theme::{Face, Look, Tone};
use crate::gui::widget::elided::{Paragraph, fit, shape};

/// A small label of a row or a view: never colour alone, always a word, a letter or an icon.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Badge {
    /// Meaning.
    pub tone: Tone,
    /// Icon before the text.
    pub icon: Option<Icon>,
    /// Text; may be empty when there is an icon.
    pub label: String,
}

impl Badge {
    /// A badge with a text.
    pub fn new(tone: Tone, label: impl Into<String>) -> Self {
        Self { tone, icon: None, label: label.into() }
    }
    /// The same with an icon before the text.
    #[must_use]
    pub fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }
}

/// A row, in the order a reader triages: who, what, which patient, and labels. Empty texts take no room.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowContent {
    /// A heading between rows: only `title` is shown, small and soft, and it cannot be chosen.
    pub is_heading: bool,
    /// A dot in the margin, and `title` emphasised: unread.
    pub is_marked: bool,
    /// `title` emphasised.
    pub is_strong: bool,
    /// First line.
    pub title: String,
    /// After the title, small and soft.
    pub note: String,
    /// At the right end of the first line, small and soft.
    pub corner: String,
    /// Icons before the corner.
    pub corner_icons: Vec<Icon>,
    /// Second line.
    pub line: String,
    /// Third line, small and soft.
    pub detail: String,
    /// Labels at the right end of the last line.
    pub badges: Vec<Badge>,
    /// A line of the text below everything, small, with the places to mark in it, in bytes.
    pub excerpt: String,
    /// Places marked in the excerpt.
    pub marks: Vec<Range<usize>>,
}

impl RowContent {
    /// A heading between rows.
    pub fn heading(title: impl Into<String>) -> Self {
        Self { is_heading: true, title: title.into(), ..Self::default() }
    }

    /// Every text of the row, for tests and assistive technology.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.title, &self.note, &self.corner, &self.line, &self.detail, &self.excerpt]
            .into_iter()
            .map(String::as_str)
            .chain(self.badges.iter().map(|b| b.label.as_str()))
            .filter(|text| !text.is_empty())
    }
}

pub(super) fn fill(renderer: &mut Renderer, bounds: Rectangle, colour: Color, radius: f32) {
    let border = Border { radius: radius.into(), ..Border::default() };
    renderer.fill_quad(renderer::Quad { bounds, border, ..renderer::Quad::default() }, colour);
}

#[derive(Clone)]
enum Piece {
    Text { paragraph: Paragraph, at: Vector, colour: Color },
    Shape { area: Rectangle, colour: Color, radius: f32 },
}

/// A row ready to be drawn anywhere.
pub(super) struct LaidRow {
    content: Option<RowContent>,
    look: Look,
    size: Size,
    pieces: Vec<Piece>,
}

impl LaidRow {
    pub(super) fn is_heading(&self) -> bool {
        self.content.as_ref().is_some_and(|c| c.is_heading)
    }

    pub(super) fn draw(&self, renderer: &mut Renderer, origin: Point, clip: Rectangle) {
        for piece in &self.pieces {
            match piece {
                Piece::Text { paragraph, at, colour } => {
                    renderer.fill_paragraph(paragraph, origin + *at, *colour, clip);
                }
                Piece::Shape { area, colour, radius } => {
                    fill(renderer, *area + Vector::new(origin.x, origin.y), *colour, *radius);
                }
            }
        }
    }
}

/// Rows near the screen.
#[derive(Default)]
pub(super) struct LaidRows {
    rows: HashMap<u32, LaidRow>,
    /// Rows that show something else than at the last frame.
    changed: usize,
}

impl LaidRows {
    /// Forgets rows far from `visible`.
    pub(super) fn keep(&mut self, visible: &Range<u32>) {
        let near = visible.end.saturating_sub(visible.start).max(8);
        let kept = visible.start.saturating_sub(near)..visible.end.saturating_add(near);
        self.rows.retain(|index, _| kept.contains(index));
        self.changed = 0;
    }

    /// A row that was set.
    pub(super) fn get(&self, index: u32) -> Option<&LaidRow> {
        self.rows.get(&index)
    }

    /// How many rows that were there before show something else since [`LaidRows::keep`].
    pub(super) fn changed(&self) -> usize {
        self.changed
    }

    /// Sets the row as it must be drawn now; again only when something of it changed.
    pub(super) fn set(&mut self, look: Look, index: u32, content: Option<RowContent>, size: Size) {
        let shows = |row: &LaidRow| row.content == content && row.look == look && row.size == size;
        let before = self.rows.get(&index);
        if !before.is_some_and(shows) {
            self.changed += usize::from(before.is_some());
            // a search made narrower leaves the same rows at other places
            let moved = self.rows.values().find(|row| shows(row)).map(|row| row.pieces.clone());
            let pieces = moved.unwrap_or_else(|| Setter::new(look, size).set(content.as_ref()));
            self.rows.insert(index, LaidRow { content, look, size, pieces });
        }
    }
}

struct Setter {
    look: Look,
    left: f32,
    right: f32,
    height: f32,
    pieces: Vec<Piece>,
}

impl Setter {
    fn new(look: Look, size: Size) -> Self {
        Self { look, left: look.px(14.0), right: size.width - 16.0, height: size.height, pieces: Vec::new() }
    }

    fn set(mut self, content: Option<&RowContent>) -> Vec<Piece> {
        match content {
            None => self.placeholder(),
            Some(content) if content.is_heading => {
                let face = self.look.caption();
                let y = (self.height - face.line) / 2.0;
                self.text(face, &content.title, self.left, y, self.right - self.left);
            }
            Some(content) => self.row(content),
        }
        self.pieces
    }

    fn row(&mut self, content: &RowContent) {
        let (body, caption) = (self.look.body(), self.look.caption());
        let gap = self.look.px(2.0);
        let has_last = !content.detail.is_empty() || !content.badges.is_empty();
        let mut total = body.line;
        if !content.line.is_empty() {
            total += gap + body.line;
        }
        // rows start at the same height whether or not their last line says something
        if has_last || !content.line.is_empty() {
            total += gap + caption.line.max(self.look.px(20.0));
        }
        if !content.excerpt.is_empty() {
            total += gap + caption.line;
        }
        let mut y = ((self.height - total) / 2.0).floor();
        self.first_line(content, y);
        y += body.line + gap;
        if !content.line.is_empty() {
            self.text(body, &content.line, self.left, y, self.right - self.left);
            y += body.line + gap;
        }
        if has_last {
            let end = self.badges(&content.badges, y);
            let inset = (self.look.px(20.0) - caption.line) / 2.0;
            self.text(caption, &content.detail, self.left, y + inset, end - self.left);
        }
        if has_last || !content.line.is_empty() {
            y += gap + caption.line.max(self.look.px(20.0));
        }
        if !content.excerpt.is_empty() {
            let room = self.right - self.left;
            self.marks(caption, &content.excerpt, &content.marks, y, room);
            self.text(caption, &content.excerpt, self.left, y, room);
        }
    }

    /// The ground behind marked places of a line; what is cut off has none.
    fn marks(&mut self, face: Face, line: &str, marks: &[Range<usize>], y: f32, room: f32) {
        let colour = self.look.palette.mark;
        let width = |end: usize| shape(face, line.get(..end).unwrap_or_default()).min_width();
        for mark in marks {
            let (from, to) = (width(mark.start), width(mark.end).min(room));
            if from < to {
                let area = Rectangle { x: self.left + from, y, width: to - from, height: face.line };
                self.pieces.push(Piece::Shape { area, colour, radius: 2.0 });
            }
        }
    }

    fn first_line(&mut self, content: &RowContent, y: f32) {
        let (body, caption) = (self.look.body(), self.look.caption());
        let base = y + body.line - caption.line - 1.0;
        let mut end = self.right;
        if !content.corner.is_empty() {
            let paragraph = shape(caption, &content.corner);
            end -= paragraph.min_width().ceil();
            self.push(paragraph, end, base - 1.0, caption.colour);
        }
        for icon in content.corner_icons.iter().rev() {
            let face = self.look.icon(13.0, caption.colour);
            end -= face.size + 4.0;
            self.push(shape(face, icon.glyph().encode_utf8(&mut [0; 4])), end, y + 3.0, face.colour);
        }
        if content.is_marked {
            let d = self.look.px(6.0);
            let area = Rectangle {
                x: self.look.px(4.0).floor(),
                y: (y + (body.line - d) / 2.0).round(),
                width: d,
                height: d,
            };
            self.pieces.push(Piece::Shape { area, colour: self.look.palette.accent, radius: d / 2.0 });
        }
        let title = if content.is_marked || content.is_strong { body.bold() } else { body };
        let room = end - 8.0 - self.left;
        let wide = self.text(title, &content.title, self.left, y, room);
        let room = room - wide - 6.0;
        if room > self.look.px(28.0) {
            self.text(caption, &content.note, self.left + wide + 6.0, base, room);
        }
    }

    /// Sets the badges from the right; answers where the text before them must end.
    fn badges(&mut self, badges: &[Badge], y: f32) -> f32 {
        let height = self.look.px(20.0);
        let mut end = self.right;
        for badge in badges.iter().rev() {
            let colours = self.look.palette.tone(badge.tone);
            let face = self.look.caption().coloured(colours.text);
            let face = if badge.tone == Tone::Alarm { face.bold() } else { face };
            let label = (!badge.label.is_empty()).then(|| fit(face, &badge.label, self.look.px(140.0)));
            let icon_face = self.look.icon(12.0, colours.text);
            let icon = badge.icon.map(|i| shape(icon_face, i.glyph().encode_utf8(&mut [0; 4])));
            let label_width = label.as_ref().map_or(0.0, |p| p.min_width().ceil());
            let icon_width = icon.as_ref().map_or(0.0, |_| icon_face.size);
            let between = if label.is_some() && icon.is_some() { 4.0 } else { 0.0 };
            let pad = self.look.px(8.0);
            let width = label_width + icon_width + between + 2.0 * pad;
            if end - width < self.left {
                break;
            }
            let x = (end - width).round();
            let area = Rectangle { x, y, width, height };
            self.pieces.push(Piece::Shape { area, colour: colours.ground, radius: height / 2.0 });
            if let Some(icon) = icon {
                self.push(icon, x + pad, y + (height - icon_face.line) / 2.0, colours.text);
            }
            if let Some(label) = label {
                let at = x + pad + icon_width + between;
                self.push(label, at, y + (height - face.line) / 2.0, colours.text);
            }
            end = x - 6.0;
        }
        end - 2.0
    }

    fn placeholder(&mut self) {
        let colour = self.look.palette.sunk;
        let (body, width) = (self.look.body().line, self.right - self.left);
        let top = (self.height - 2.0 * body) / 2.0;
        for (n, share) in [(0.0, 0.45), (1.0, 0.7)] {
            let area =
                Rectangle { x: self.left, y: top + n * body + 4.0, width: width * share, height: body - 8.0 };
            self.pieces.push(Piece::Shape { area, colour, radius: 4.0 });
        }
    }

    fn text(&mut self, face: Face, text: &str, x: f32, y: f32, room: f32) -> f32 {
        if text.is_empty() || room <= 0.0 {
            return 0.0;
        }
        let paragraph = fit(face, text, room);
        let wide = paragraph.min_width().ceil();
        self.push(paragraph, x, y, face.colour);
        wide
    }

    fn push(&mut self, paragraph: Paragraph, x: f32, y: f32, colour: Color) {
        self.pieces.push(Piece::Text { paragraph, at: Vector::new(x.round(), y.round()), colour });
    }
}
