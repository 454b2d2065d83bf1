//! Pages and what is drawn on them, from the top down.

use pdf_writer::{Content, Name, Str};

use super::Error;
use super::face::{Face, Fonts};
use super::line::{self, Ink, Style};
use super::picture::Drawn;

/// Width of A4 in points.
pub(super) const WIDTH: f32 = 595.28;
/// Height of A4 in points.
pub(super) const HEIGHT: f32 = 841.89;
/// Left and right margin: 18 mm.
pub(super) const MARGIN: f32 = 51.0;
/// Width of the text.
pub(super) const MEASURE: f32 = WIDTH - 2.0 * MARGIN;
/// Top of the text.
const TOP: f32 = 45.0;
/// Bottom of the text, above the foot.
const BOTTOM: f32 = HEIGHT - 58.0;
/// Height a page has for text.
pub(super) const ROOM: f32 = BOTTOM - TOP;
/// Most pages of one sheet: a text of one million characters.
const MOST_PAGES: usize = 400;

/// The pages as far as they are drawn.
pub(super) struct Canvas {
    pub(super) fonts: Fonts,
    pub(super) pages: Vec<Content>,
    pub(super) pictures: Vec<Drawn>,
    /// Points from the top of the page.
    y: f32,
    is_full: bool,
}

impl Canvas {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self {
            fonts: Fonts::new()?,
            pages: vec![Content::new()],
            pictures: Vec::new(),
            y: TOP,
            is_full: false,
        })
    }

    /// No page is left: nothing is drawn any more.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Points left on this page.
    pub(super) fn left(&self) -> f32 {
        BOTTOM - self.y
    }

    /// Nothing stands on this page yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.y <= TOP
    }

    pub(super) fn turn(&mut self) {
        if self.pages.len() >= MOST_PAGES {
            self.is_full = true;
            return;
        }
        self.pages.push(Content::new());
        self.y = TOP;
    }

    /// A new page unless `height` fits here; what fits no page begins where it is.
    pub(super) fn need(&mut self, height: f32) {
        if height > self.left() && height <= ROOM {
            self.turn();
        }
    }

    /// White below what was drawn, none on top of a page.
    pub(super) fn space(&mut self, height: f32) {
        if !self.is_fresh() {
            self.y += height;
        }
    }

    pub(super) fn advance(&mut self, height: f32) {
        self.y += height;
    }

    /// Draws a line of text `x` points from the margin, `down` points below where we are.
    pub(super) fn text(&mut self, line: &[Ink], x: f32, down: f32) {
        if self.is_full || line.is_empty() {
            return;
        }
        let size = line.iter().map(|i| i.style.size).fold(0.0, f32::max);
        let base = HEIGHT - (self.y + down + size);
        let Some(page) = self.pages.last_mut() else { return };
        show(page, &mut self.fonts, line, MARGIN + x, base);
    }

    /// Draws lines in the flow of the page.
    pub(super) fn flow(&mut self, lines: &[Vec<Ink>], x: f32, leading: f32) {
        for line in lines {
            if self.left() < leading {
                self.turn();
            }
            self.text(line, x, 0.0);
            self.y += leading;
            if self.is_full {
                return;
            }
        }
    }

    /// A thin line across, `down` points below where we are.
    pub(super) fn rule(&mut self, x: f32, width: f32, down: f32, grey: f32) {
        let y = HEIGHT - (self.y + down);
        self.stroke((MARGIN + x, y), (MARGIN + x + width, y), grey, 0.5);
    }

    /// A line down, as beside quoted text, over `height` points.
    pub(super) fn bar(&mut self, x: f32, height: f32) {
        let y = HEIGHT - self.y;
        self.stroke((MARGIN + x, y), (MARGIN + x, y - height), 0.7, 1.2);
    }

    fn stroke(&mut self, from: (f32, f32), to: (f32, f32), grey: f32, width: f32) {
        if self.is_full {
            return;
        }
        let Some(page) = self.pages.last_mut() else { return };
        page.set_line_width(width).set_stroke_gray(grey);
        page.move_to(from.0, from.1).line_to(to.0, to.1).stroke();
    }

    /// A picture of `width` × `height` points in the flow of the page.
    pub(super) fn picture(&mut self, drawn: Drawn, x: f32, width: f32, height: f32) {
        self.need(height);
        if self.is_full {
            return;
        }
        let name = format!("P{}", self.pictures.len());
        let turn = drawn.turn;
        self.pictures.push(drawn);
        let y = HEIGHT - self.y - height;
        if let Some(page) = self.pages.last_mut() {
            page.save_state().transform([width, 0.0, 0.0, height, MARGIN + x, y]).transform(turn);
            page.x_object(Name(name.as_bytes())).restore_state();
        }
        self.y += height;
    }

    /// The foot of every page: what it belongs to, and its number of how many.
    pub(super) fn feet(&mut self, foot: &str, page_word: &str, cut: &str) {
        let style = Style::new(Face::Regular, 8.0).grey(0.35);
        let total = self.pages.len();
        let is_full = self.is_full;
        for (page, number) in self.pages.iter_mut().zip(1..) {
            let number_text = format!("{page_word} {number} / {total}");
            let right = line::ink(&self.fonts, &number_text, style);
            let taken = line::width(&right);
            let text = if is_full && number == total { format!("{cut} {foot}") } else { foot.to_owned() };
            let left = line::ink(&self.fonts, &text.replace('\n', " "), style);
            let left = line::elided(&self.fonts, left, MEASURE - taken - 20.0);
            let base = 32.0;
            page.set_line_width(0.5).set_stroke_gray(0.75);
            page.move_to(MARGIN, base + 13.0).line_to(MARGIN + MEASURE, base + 13.0).stroke();
            show(page, &mut self.fonts, &left, MARGIN, base);
            show(page, &mut self.fonts, &right, MARGIN + MEASURE - taken, base);
        }
    }
}

/// Name of a face in the resources of a page.
pub(super) fn resource(face: Face) -> &'static str {
    match face {
        Face::Regular => "FR",
        Face::Strong => "FS",
        Face::Italic => "FI",
        Face::Mono => "FM",
    }
}

/// Draws a line from `x` on at the base line `y`, both in points from the lower left corner.
fn show(page: &mut Content, fonts: &mut Fonts, line: &[Ink], mut x: f32, y: f32) {
    for run in line.chunk_by(|a, b| a.style == b.style && a.glyph.face == b.glyph.face) {
        let Some(first) = run.first() else { continue };
        let style = first.style;
        let font = fonts.of(first.glyph.face);
        let codes: Vec<u8> = run.iter().flat_map(|i| font.number(&i.glyph).to_be_bytes()).collect();
        page.begin_text().set_fill_gray(style.grey);
        page.set_font(Name(resource(first.glyph.face).as_bytes()), style.size);
        page.set_text_matrix([1.0, 0.0, 0.0, 1.0, x, y]).show(Str(&codes)).end_text();
        let width = line::width(run);
        for (is_drawn, above) in [(style.underline, -1.2), (style.struck, style.size * 0.3)] {
            if is_drawn {
                page.set_line_width(0.5).set_stroke_gray(style.grey);
                page.move_to(x, y + above).line_to(x + width, y + above).stroke();
            }
        }
        x += width;
    }
}
