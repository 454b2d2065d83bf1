//! Text sizes.

use iced::advanced::text::LineHeight;
use iced::{Color, Font, Pixels};
use serde::{Deserialize, Serialize};

use super::Look;

/// The user's text size; everything with text in it grows with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum TextSize {
    /// 100 %.
    #[default]
    #[serde(rename = "100")]
    Normal,
    /// 125 %.
    #[serde(rename = "125")]
    Large,
    /// 150 %.
    #[serde(rename = "150")]
    Larger,
}

impl TextSize {
    /// Every size, smallest first.
    pub const ALL: [Self; 3] = [Self::Normal, Self::Large, Self::Larger];

    /// The factor on the type scale.
    pub fn factor(self) -> f32 {
        match self {
            Self::Normal => 1.0,
            Self::Large => 1.25,
            Self::Larger => 1.5,
        }
    }

    /// The size in per cent.
    pub fn percent(self) -> u32 {
        match self {
            Self::Normal => 100,
            Self::Large => 125,
            Self::Larger => 150,
        }
    }
}

/// How a text is set: size, line, font, colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// Size in pixels, text size included.
    pub size: f32,
    /// Line height in pixels, text size included.
    pub line: f32,
    /// Font.
    pub font: Font,
    /// Colour.
    pub colour: Color,
}

impl Face {
    pub(super) fn new(look: Look, size: f32, line: f32, font: Font, colour: Color) -> Self {
        Self { size: size * look.text_size.factor(), line: look.px(line), font, colour }
    }

    /// The same in another colour.
    #[must_use]
    pub fn coloured(self, colour: Color) -> Self {
        Self { colour, ..self }
    }

    /// The same, emphasised.
    #[must_use]
    pub fn bold(self) -> Self {
        Self { font: crate::gui::font::STRONG, ..self }
    }

    /// Size for the toolkit.
    pub fn pixels(self) -> Pixels {
        Pixels(self.size)
    }

    /// Line height for the toolkit.
    pub fn line_height(self) -> LineHeight {
        LineHeight::Absolute(Pixels(self.line))
    }
}
