//! Text that wraps. For one line that must fit, see [`crate::gui::widget::elided`].

use iced::Color;
use iced::advanced::text::{IntoFragment, Shaping};
use iced::widget::Text;

use crate::gui::font::Icon;
use crate::gui::theme::{Face, Look, Tone};

/// Text in a face.
pub fn text<'a>(face: Face, content: impl IntoFragment<'a>) -> Text<'a> {
    Text::new(content)
        .size(face.pixels())
        .line_height(face.line_height())
        .font(face.font)
        .color(face.colour)
        .shaping(Shaping::Advanced)
}

/// Body text.
pub fn body<'a>(look: Look, content: impl IntoFragment<'a>) -> Text<'a> {
    text(look.body(), content)
}

/// Emphasised body text.
pub fn strong<'a>(look: Look, content: impl IntoFragment<'a>) -> Text<'a> {
    text(look.strong(), content)
}

/// Small, soft text.
pub fn caption<'a>(look: Look, content: impl IntoFragment<'a>) -> Text<'a> {
    text(look.caption(), content)
}

/// Title of a page, a card or a message.
pub fn title<'a>(look: Look, content: impl IntoFragment<'a>) -> Text<'a> {
    text(look.title(), content)
}

/// Large text in the accent: the program's name.
pub fn display<'a>(look: Look, content: impl IntoFragment<'a>) -> Text<'a> {
    text(look.display(), content)
}

/// Fixed-width text.
pub fn mono<'a>(look: Look, content: impl IntoFragment<'a>) -> Text<'a> {
    text(look.mono(), content)
}

/// Emphasised body text in the colour of a tone.
pub fn toned<'a>(look: Look, tone: Tone, content: impl IntoFragment<'a>) -> Text<'a> {
    text(look.strong().coloured(look.palette.tone(tone).text), content)
}

/// An icon of `pixels` before text size.
pub fn icon<'a>(look: Look, icon: Icon, pixels: f32, colour: Color) -> Text<'a> {
    text(look.icon(pixels, colour), icon.glyph().to_string()).shaping(Shaping::Basic)
}
