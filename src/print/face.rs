//! The faces on paper: widths of their glyphs, and which glyphs a document uses.

use std::collections::BTreeMap;

use subsetter::GlyphRemapper;

use super::Error;
use crate::typeface;

/// A face.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Face {
    #[default]
    Regular,
    Strong,
    Italic,
    Mono,
}

/// A character as it is drawn: in the face it was asked for, or in another that has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glyph {
    pub(super) face: Face,
    /// Number in the face's file.
    pub(super) id: u16,
    /// Advance at size 1.
    pub(super) width: f32,
    pub(super) character: char,
}

/// One face with what is used of it.
pub(super) struct Font {
    pub(super) parsed: ttf_parser::Face<'static>,
    pub(super) data: &'static [u8],
    pub(super) name: &'static str,
    pub(super) used: GlyphRemapper,
    /// Characters by the number their glyph has in the document.
    pub(super) characters: BTreeMap<u16, char>,
}

impl Font {
    fn new(data: &'static [u8], name: &'static str) -> Result<Self, Error> {
        let parsed = ttf_parser::Face::parse(data, 0).map_err(|_| Error::Typeface)?;
        Ok(Self { parsed, data, name, used: GlyphRemapper::new(), characters: BTreeMap::new() })
    }

    /// Advance of a glyph at size 1.
    pub(super) fn advance(&self, id: u16) -> f32 {
        let advance = self.parsed.glyph_hor_advance(ttf_parser::GlyphId(id)).unwrap_or(0);
        f32::from(advance) / f32::from(self.parsed.units_per_em().max(1))
    }

    /// The number of a glyph in the document, which from now on holds it.
    pub(super) fn number(&mut self, glyph: &Glyph) -> u16 {
        let number = self.used.remap(glyph.id);
        self.characters.entry(number).or_insert(glyph.character);
        number
    }
}

/// Every face.
pub(super) struct Fonts {
    regular: Font,
    strong: Font,
    italic: Font,
    mono: Font,
}

impl Fonts {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self {
            regular: Font::new(typeface::REGULAR, "Inter-Regular")?,
            strong: Font::new(typeface::STRONG, "Inter-SemiBold")?,
            italic: Font::new(typeface::ITALIC, "Inter-Italic")?,
            mono: Font::new(typeface::MONO, "JetBrainsMono-Regular")?,
        })
    }

    pub(super) fn of(&mut self, face: Face) -> &mut Font {
        match face {
            Face::Regular => &mut self.regular,
            Face::Strong => &mut self.strong,
            Face::Italic => &mut self.italic,
            Face::Mono => &mut self.mono,
        }
    }

    fn seen(&self, face: Face) -> &Font {
        match face {
            Face::Regular => &self.regular,
            Face::Strong => &self.strong,
            Face::Italic => &self.italic,
            Face::Mono => &self.mono,
        }
    }

    /// A character in `face`, else in one that has it, else as the box that stands for what no face has.
    pub(super) fn glyph(&self, face: Face, character: char) -> Glyph {
        for face in [face, Face::Regular, Face::Mono] {
            let font = self.seen(face);
            if let Some(id) = font.parsed.glyph_index(character) {
                return Glyph { face, id: id.0, width: font.advance(id.0), character };
            }
        }
        Glyph { face, id: 0, width: self.seen(face).advance(0), character: char::REPLACEMENT_CHARACTER }
    }
}
