//! Colours, sizes and faces of text. A screen asks [`Look`] for them and never writes a number of its own.

mod palette;
mod scale;

pub use palette::{DARK, LIGHT, Palette, Tone, ToneColours};
pub use scale::{Face, TextSize};

use iced::{Color, Theme};

/// Spacing in pixels before text size: the grid is 4.
pub mod space {
    /// Between a label and its icon.
    pub const XS: f32 = 4.0;
    /// Between related things.
    pub const S: f32 = 8.0;
    /// Inside cards.
    pub const M: f32 = 12.0;
    /// Between groups.
    pub const L: f32 = 16.0;
    /// Around a page.
    pub const XL: f32 = 24.0;
}

/// Radius of controls.
pub const RADIUS: f32 = 6.0;
/// Radius of cards.
pub const RADIUS_CARD: f32 = 8.0;

/// Everything a view needs to draw in the user's taste. Copied freely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Colours.
    pub palette: &'static Palette,
    /// Text size.
    pub text_size: TextSize,
}

impl Look {
    /// Light or dark at a text size.
    pub fn new(dark: bool, text_size: TextSize) -> Self {
        Self { palette: if dark { &DARK } else { &LIGHT }, text_size }
    }

    /// `pixels` at the user's text size, rounded to whole pixels: for heights and icon sizes.
    pub fn px(self, pixels: f32) -> f32 {
        (pixels * self.text_size.factor()).round()
    }

    /// Height of buttons and fields.
    pub fn control_height(self) -> f32 {
        self.px(32.0)
    }

    /// The toolkit's theme with our colours, for the widgets we do not style ourselves.
    pub fn theme(self) -> Theme {
        let p = self.palette;
        Theme::custom(
            p.name,
            iced::theme::Palette {
                background: p.background,
                text: p.text,
                primary: p.accent,
                success: p.good.text,
                warning: p.warning.text,
                danger: p.alarm.text,
            },
        )
    }

    /// Body text, 14/20.
    pub fn body(self) -> Face {
        Face::new(self, 14.0, 20.0, super::font::TEXT, self.palette.text)
    }
    /// Emphasised body text.
    pub fn strong(self) -> Face {
        Face { font: super::font::STRONG, ..self.body() }
    }
    /// Captions, 12/16, soft.
    pub fn caption(self) -> Face {
        Face::new(self, 12.0, 16.0, super::font::TEXT, self.palette.soft)
    }
    /// Emphasised captions.
    pub fn caption_strong(self) -> Face {
        Face { font: super::font::STRONG, ..self.caption() }
    }
    /// Titles, 18/24.
    pub fn title(self) -> Face {
        Face::new(self, 18.0, 24.0, super::font::STRONG, self.palette.text)
    }
    /// The name of the program and empty pages, 26/32.
    pub fn display(self) -> Face {
        Face::new(self, 26.0, 32.0, super::font::STRONG, self.palette.accent)
    }
    /// Fixed width, 13/20: source and figures.
    pub fn mono(self) -> Face {
        Face::new(self, 13.0, 20.0, super::font::MONO, self.palette.text)
    }
    /// An icon of `pixels` before text size.
    pub fn icon(self, pixels: f32, colour: Color) -> Face {
        Face::new(self, pixels, pixels, super::font::ICON, colour)
    }
}
