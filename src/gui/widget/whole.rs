//! A part that is painted anew as a whole when it shows something else.
//!
//! The software renderer finds out what changed item by item and paints each place on its own, and with each of them
//! every layer below. Where everything changes at once that is some twenty times more work than one rectangle, which is
//! what a layer whose bounds changed is.

use std::hash::{DefaultHasher, Hash, Hasher};

use iced::advanced::Renderer as _;
use iced::{Rectangle, Renderer};

use super::around::{Around, Manner};
use crate::gui::Element;

/// Most of a pixel by which a layer is lower than its place: no pixel shows it.
const MOST: f32 = 0.2;

struct Whole {
    /// `None`: by where it is scrolled to.
    less: Option<f32>,
}

impl Manner for Whole {
    fn draw(
        &self,
        renderer: &mut Renderer,
        bounds: Rectangle,
        viewport: &Rectangle,
        draw: impl FnOnce(&mut Renderer, &Rectangle),
    ) {
        let Some(clip) = bounds.intersection(viewport) else { return };
        let less = self.less.unwrap_or_else(|| part(viewport.y.to_bits()));
        let layer = Rectangle { height: clip.height - less, ..clip };
        // layers in it end with it, so that they are other ones too
        let visible = if self.less.is_some() { clip } else { layer };
        renderer.with_layer(layer, |renderer| draw(renderer, &visible));
    }
}

/// `content` in a layer of its own, painted as a whole when `shows` is another one.
pub fn whole<'a, Message: 'a>(shows: impl Hash, content: Element<'a, Message>) -> Element<'a, Message> {
    Element::new(Around { content, manner: Whole { less: Some(part(shows)) } })
}

/// `content` of a part that scrolls, painted as a whole, with what scrolls in it, when it is scrolled elsewhere.
pub fn scrolled<'a, Message: 'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    Element::new(Around { content: content.into(), manner: Whole { less: None } })
}

/// A part of a pixel, another one for what shows something else.
pub fn part(shows: impl Hash) -> f32 {
    let mut hasher = DefaultHasher::new();
    shows.hash(&mut hasher);
    (hasher.finish() % 1024) as f32 / 1024.0 * MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_something_else_is_another_part_of_a_pixel_that_none_shows() {
        assert_eq!(part((1_u64, true)), part((1_u64, true)));
        assert_ne!(part((1_u64, true)), part((1_u64, false)));
        assert!((0..2_000_u64).map(part).all(|less| (0.0..=MOST).contains(&less)));
    }
}
