//! PDF: pages as pictures, their text, title and number; no script, no form, no link followed.
//!
//! `hayro` reads and draws (pure Rust, no `unsafe` in its drawing). A page may ask for endless work in a few bytes, so
//! the caller says when to stop, and what it calls is cut short by unwinding, as a defect of the library would be.

mod inflation;
mod picture;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use hayro::hayro_interpret::font::{Glyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::BfString;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, TransformExt, interpret_page,
};
use hayro::hayro_syntax::{self, LoadPdfError, Pdf};
use hayro::kurbo::{Affine, BezPath, Point, Rect};
use hayro::{PixmapSettings, RenderCache, RenderSettings};

use super::Patience;

/// Most pages whose text is read, and most characters of one document.
const MAX_TEXT_PAGES: usize = 500;
const MAX_GLYPHS: usize = 1_000_000;
/// Largest side of a drawn page, in pixels, and most pixels of it.
const MAX_SIDE: f32 = 8_000.0;
const MAX_PIXELS: f32 = 24_000_000.0;
/// Most pages counted.
const MAX_PAGES: usize = 20_000;

/// Why a PDF cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Needs a password.
    Encrypted,
    /// No page could be found.
    Unreadable,
}

/// What a PDF holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// Number of pages.
    pub pages: u32,
    /// Title of its properties.
    pub title: String,
    /// Text of each page read.
    pub texts: Vec<String>,
    /// Not all of the text was read.
    pub truncated: bool,
}

/// A page drawn on white.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Red, green, blue, alpha of each pixel, row by row from the top.
    pub rgba: Vec<u8>,
}

/// The text of a page and where its letters stand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageText {
    /// Text in the order one reads.
    pub text: String,
    /// Its letters in the order of the text; white space has none.
    pub letters: Vec<Letter>,
}

/// A letter, or a ligature: its place in the text in bytes, and its box in parts of the page's width and height from the
/// upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Place in the text.
    pub text: Range<usize>,
    /// Left side.
    pub left: f32,
    /// Right side.
    pub right: f32,
    /// Upper side.
    pub top: f32,
    /// Lower side.
    pub bottom: f32,
}

/// Unwinds out of a page that takes too long.
struct Stopped;

fn open(bytes: &[u8]) -> Result<Pdf, Refusal> {
    let data: Arc<Vec<u8>> = Arc::new(bytes.to_vec());
    guarded(|| Pdf::new(data)).ok_or(Refusal::Unreadable)?.map_err(|error| match error {
        LoadPdfError::Decryption(_) => Refusal::Encrypted,
        LoadPdfError::Invalid => Refusal::Unreadable,
    })
}

/// A defect in the library, or the caller's patience, ends one document and nothing else.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn settings() -> InterpreterSettings {
    InterpreterSettings::default()
}

/// Reads number of pages, title and text.
///
/// # Errors
/// [`Refusal`].
pub fn read(bytes: &[u8], patience: Patience<'_>) -> Result<Content, Refusal> {
    // what is drawn or searched later was read first
    if inflation::swells(bytes, inflation::MOST, patience) {
        return Err(Refusal::Unreadable);
    }
    let pdf = open(bytes)?;
    let count = guarded(|| pdf.pages().len()).unwrap_or(0).min(MAX_PAGES);
    if count == 0 {
        return Err(Refusal::Unreadable);
    }
    let mut content = Content {
        pages: u32::try_from(count).unwrap_or(u32::MAX),
        title: pdf.metadata().title.as_deref().map(title).unwrap_or_default(),
        ..Content::default()
    };
    if !patience.reads_pages {
        return Ok(content);
    }
    let mut left = MAX_GLYPHS;
    for number in 0..count.min(MAX_TEXT_PAGES) {
        if patience.is_over() || left == 0 {
            content.truncated = true;
            break;
        }
        let (pieces, rest, whole) = glyphs(&pdf, number, left, patience);
        content.truncated |= !whole;
        left = rest;
        content.texts.push(lines(pieces, &mut |_, _| {}));
    }
    content.truncated |= count > MAX_TEXT_PAGES;
    Ok(content)
}

/// The glyphs of a page with their text, how many more may be read, and whether the page was read to its end.
fn glyphs(pdf: &Pdf, number: usize, left: usize, patience: Patience<'_>) -> (Vec<Piece>, usize, bool) {
    let mut reader = Reader { pieces: Vec::new(), left, patience };
    let done = guarded(|| {
        if let Some(page) = pdf.pages().get(number) {
            walk(page, &mut reader);
        }
    });
    (reader.pieces, reader.left, done.is_some())
}

/// Shows a device what a page draws.
fn walk<'a>(page: &'a hayro_syntax::page::Page<'a>, device: &mut impl Device<'a>) {
    let (width, height) = page.render_dimensions();
    let mut context = Context::new(
        page.initial_transform(true).to_kurbo(),
        Rect::new(0.0, 0.0, f64::from(width), f64::from(height)),
        &InterpreterCache::new(),
        page.xref(),
        settings(),
    );
    interpret_page(page, &mut context, device);
}

/// Reads the text of one page with the place of every letter. `None` when there is no such page.
pub fn page_text(bytes: &[u8], number: usize, patience: Patience<'_>) -> Option<PageText> {
    let pdf = open(bytes).ok()?;
    let (width, height) = guarded(|| pdf.pages().get(number).map(|page| page.render_dimensions()))??;
    if !(width >= 1.0 && height >= 1.0) {
        return None;
    }
    let (pieces, ..) = glyphs(&pdf, number, MAX_GLYPHS, patience);
    let mut letters = Vec::new();
    let text = lines(pieces, &mut |place, piece| {
        let (wide, tall) = (f64::from(width), f64::from(height));
        let part = |value: f64, whole: f64| (value / whole).clamp(0.0, 1.0) as f32;
        letters.push(Letter {
            text: place,
            left: part(piece.x, wide),
            right: part(piece.end.max(piece.x), wide),
            // ascenders and descenders of usual typefaces
            top: part(piece.y - 0.8 * piece.size, tall),
            bottom: part(piece.y + 0.25 * piece.size, tall),
        });
    });
    Some(PageText { text, letters })
}

/// Draws a page, `scale` pixels a point (1/72 inch); smaller where that would be too large. `None` when there is no such
/// page or it cannot be drawn.
pub fn draw(bytes: &[u8], number: usize, scale: f32, patience: Patience<'_>) -> Option<Page> {
    let pdf = open(bytes).ok()?;
    guarded(|| {
        let page = pdf.pages().get(number)?;
        let (width, height) = page.render_dimensions();
        if !(width >= 1.0 && height >= 1.0) {
            return None;
        }
        walk(page, &mut picture::Walk::new(patience));
        let most = (MAX_SIDE / width.max(height)).min((MAX_PIXELS / (width * height)).sqrt());
        let scale = scale.clamp(0.05, most.max(0.05));
        let drawn = hayro::render(
            page,
            &RenderCache::new(),
            &settings(),
            &RenderSettings::default(),
            &PixmapSettings {
                x_scale: scale,
                y_scale: scale,
                bg_color: hayro::vello_cpu::color::palette::css::WHITE,
            },
        );
        let (width, height) = (u32::from(drawn.width()), u32::from(drawn.height()));
        // on white every pixel is opaque: premultiplied is the same
        Some(Page { width, height, rgba: drawn.data_as_u8_slice().to_vec() })
    })
    .flatten()
    .filter(|page| page.width > 0 && page.height > 0)
}

/// A text string of a PDF: UTF-16 with a mark, UTF-8 with a mark, else PDFDocEncoding, which is Latin-1 for French.
fn title(raw: &[u8]) -> String {
    let raw = raw.get(..1_000).unwrap_or(raw);
    let text = if raw.starts_with(b"\xFE\xFF") || raw.starts_with(b"\xEF\xBB\xBF") {
        super::charset::decode(raw, None).text.into_owned()
    } else {
        super::charset::windows_1252(raw)
    };
    let text = crate::domain::text::without_deceptive(&text);
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

/// A glyph's text where it stands.
struct Piece {
    x: f64,
    y: f64,
    /// Where the next glyph of a word begins.
    end: f64,
    size: f64,
    text: String,
}

struct Reader<'p> {
    pieces: Vec<Piece>,
    left: usize,
    patience: Patience<'p>,
}

impl Reader<'_> {
    fn check(&self) {
        if self.left == 0 || self.patience.is_over() {
            resume_unwind(Box::new(Stopped));
        }
    }
}

impl<'a> Device<'a> for Reader<'_> {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.check();
    }
    fn push_clip_path(&mut self, _: &ClipPath) {
        self.check();
    }
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.check();
    }
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.check();
    }
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        self.check();
        for glyph in run.glyphs() {
            let Some(text) = glyph.as_unicode() else { continue };
            let text = match text {
                BfString::Char(c) => c.to_string(),
                BfString::String(s) => s.chars().take(16).collect(),
            };
            let at: Affine = props.transform * glyph.transform();
            let origin = at * Point::ZERO;
            let advance = match &**glyph {
                Glyph::Outline(outline) => outline.advance_width().map(f64::from),
                Glyph::Type3(_) => None,
            };
            let width = advance.unwrap_or(500.0);
            let end = at * Point::new(width, 0.0);
            // glyphs are drawn in a thousandth of the font's size
            let size = ((at * Point::new(0.0, 1000.0)) - origin).hypot();
            if !(origin.x.is_finite() && origin.y.is_finite() && size.is_finite() && end.x.is_finite()) {
                continue;
            }
            self.left = self.left.saturating_sub(1);
            self.pieces.push(Piece { x: origin.x, y: origin.y, end: end.x, size, text });
            if self.left == 0 {
                break;
            }
        }
    }
}

/// Pieces to lines in the order one reads: from top to bottom, then from left to right; a gap is a space, a wide one a
/// tab. `place` hears where each piece came to stand in the text.
fn lines(mut pieces: Vec<Piece>, place: &mut dyn FnMut(Range<usize>, &Piece)) -> String {
    pieces.retain(|p| p.size > 0.1);
    pieces.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut page = PageWriter { out: String::new(), last: None };
    let mut line: Vec<Piece> = Vec::new();
    let mut base = 0.0;
    for piece in pieces {
        // raised and lowered characters stay in their line
        if !line.is_empty() && (piece.y - base).abs() > 0.5 * piece.size.max(1.0) {
            page.line(&mut line, base, place);
        }
        if line.is_empty() {
            base = piece.y;
        }
        line.push(piece);
    }
    page.line(&mut line, base, place);
    page.out
}

struct PageWriter {
    out: String,
    /// Base line and size of the line before.
    last: Option<(f64, f64)>,
}

impl PageWriter {
    fn line(&mut self, line: &mut Vec<Piece>, base: f64, place: &mut dyn FnMut(Range<usize>, &Piece)) {
        line.sort_by(|a, b| a.x.total_cmp(&b.x));
        let size = line.iter().map(|p| p.size).fold(0.0, f64::max);
        let mut end: Option<f64> = None;
        let mut begun = false;
        for piece in line.drain(..) {
            let text = crate::domain::text::without_deceptive(&piece.text);
            let is_space = text.trim().is_empty();
            // a line begins with its first letter
            if !begun && is_space {
                continue;
            }
            if !begun {
                self.break_line(base, size);
                begun = true;
            } else if let Some(end) = end {
                let gap = (piece.x - end) / piece.size.max(0.1);
                if gap > 1.5 {
                    self.out.push('\t');
                } else if gap > 0.18 && !self.out.ends_with(' ') && !text.starts_with(' ') {
                    self.out.push(' ');
                }
            }
            let start = self.out.len();
            self.out.push_str(&text);
            if !is_space {
                place(start..self.out.len(), &piece);
            }
            end = Some(piece.end.max(end.unwrap_or(f64::MIN)));
        }
        self.out.truncate(self.out.trim_end().len());
    }

    /// A gap of more than one line and a half is a new paragraph.
    fn break_line(&mut self, base: f64, size: f64) {
        if let Some((before, before_size)) = self.last {
            self.out.push('\n');
            if base - before > 2.1 * size.max(before_size) {
                self.out.push('\n');
            }
        }
        self.last = Some((base, size));
    }
}
