//! Text into lines of a width.

use unicode_normalization::UnicodeNormalization;

use super::face::{Face, Fonts, Glyph};
use crate::domain::message::Span;
use crate::domain::text::is_deceptive;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Style {
    pub(super) face: Face,
    /// Points.
    pub(super) size: f32,
    /// 0 black to 1 white.
    pub(super) grey: f32,
    pub(super) underline: bool,
    pub(super) struck: bool,
}

impl Style {
    pub(super) const fn new(face: Face, size: f32) -> Self {
        Self { face, size, grey: 0.0, underline: false, struck: false }
    }

    pub(super) const fn grey(self, grey: f32) -> Self {
        Self { grey, ..self }
    }
}

/// A glyph with its look; [`Ink::breaks`] ends the line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    pub(super) glyph: Glyph,
    pub(super) style: Style,
    pub(super) breaks: bool,
}

impl Ink {
    /// Points it takes.
    pub(super) fn width(&self) -> f32 {
        if self.breaks { 0.0 } else { self.glyph.width * self.style.size }
    }

    fn is_space(&self) -> bool {
        self.glyph.character == ' '
    }

    /// A line may end after it.
    fn divides(&self) -> bool {
        matches!(self.glyph.character, ' ' | '-' | '/' | '\u{2010}' | '\u{2013}' | '\u{2014}')
    }
}

/// Text in one style.
pub(super) fn ink(fonts: &Fonts, text: &str, style: Style) -> Vec<Ink> {
    let mut out = Vec::with_capacity(text.len());
    let mut add = |character: char, breaks: bool| {
        out.push(Ink { glyph: fonts.glyph(style.face, character), style, breaks });
    };
    for character in text.nfc() {
        match character {
            '\n' => add(' ', true),
            '\t' => (0..4).for_each(|_| add(' ', false)),
            c if is_deceptive(c) => {}
            // spaces of every width but those that hold words together
            c if c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}') => add(' ', false),
            '\u{202f}' => add('\u{a0}', false),
            c => add(c, false),
        }
    }
    out
}

/// The runs of a block.
pub(super) fn spans(fonts: &Fonts, spans: &[Span], base: Style) -> Vec<Ink> {
    let mut out = Vec::new();
    for span in spans {
        let face = match (span.bold, span.italic, base.face) {
            (_, _, face @ (Face::Strong | Face::Mono)) => face,
            (true, ..) => Face::Strong,
            (_, true, _) => Face::Italic,
            (.., face) => face,
        };
        let underline = span.underline || span.link.is_some();
        out.extend(ink(fonts, &span.text, Style { face, underline, struck: span.struck, ..base }));
    }
    out
}

/// Lines of at most `width` points. A word longer than a line is cut.
pub(super) fn wrap(ink: Vec<Ink>, width: f32) -> Vec<Vec<Ink>> {
    let mut lines = Vec::new();
    let mut line: Vec<Ink> = Vec::new();
    let mut taken = 0.0;
    // where the line could end: number of glyphs
    let mut end: Option<usize> = None;
    for one in ink {
        if one.breaks {
            lines.push(std::mem::take(&mut line));
            (taken, end) = (0.0, None);
            continue;
        }
        if taken + one.width() > width && !one.is_space() && !line.is_empty() {
            let rest = line.split_off(end.unwrap_or(line.len()));
            lines.push(std::mem::replace(&mut line, rest));
            taken = line.iter().map(Ink::width).sum();
            end = None;
        }
        taken += one.width();
        line.push(one);
        if one.divides() {
            end = Some(line.len());
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    for line in &mut lines {
        while line.last().is_some_and(Ink::is_space) {
            line.pop();
        }
    }
    lines
}

/// Points a line takes.
pub(super) fn width(line: &[Ink]) -> f32 {
    line.iter().map(Ink::width).sum()
}

/// The line, cut with `…` where it is longer than `most` points.
pub(super) fn elided(fonts: &Fonts, mut line: Vec<Ink>, most: f32) -> Vec<Ink> {
    let Some(style) = line.last().map(|i| i.style) else { return line };
    if width(&line) <= most {
        return line;
    }
    let dots = Ink { glyph: fonts.glyph(style.face, '…'), style, breaks: false };
    while !line.is_empty() && width(&line) + dots.width() > most {
        line.pop();
    }
    line.push(dots);
    line
}
