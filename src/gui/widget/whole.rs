//! A part that is painted anew as a whole when it shows something else.
//!
//! The software renderer finds out what changed item by item and paints each place on its own, and with each of them
//! every layer below. Where everything changes at once that is some twenty times more work than one rectangle, which is
//! what a layer whose bounds changed is.

use std::hash::{DefaultHasher, Hash, Hasher};

use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, Widget, layout, mouse, overlay, renderer};
use iced::{Event, Length, Rectangle, Renderer, Size, Theme, Vector};

use crate::gui::Element;

/// Most of a pixel by which a layer is lower than its place: no pixel shows it.
const MOST: f32 = 0.2;

struct Whole<'a, Message> {
    content: Element<'a, Message>,
    /// `None`: by where it is scrolled to.
    less: Option<f32>,
}

/// `content` in a layer of its own, painted as a whole when `shows` is another one.
pub fn whole<'a, Message: 'a>(shows: impl Hash, content: Element<'a, Message>) -> Element<'a, Message> {
    Element::new(Whole { content, less: Some(part(shows)) })
}

/// `content` of a part that scrolls, painted as a whole, with what scrolls in it, when it is scrolled elsewhere.
pub fn scrolled<'a, Message: 'a>(content: impl Into<Element<'a, Message>>) -> Element<'a, Message> {
    Element::new(Whole { content: content.into(), less: None })
}

/// A part of a pixel, another one for what shows something else.
pub fn part(shows: impl Hash) -> f32 {
    let mut hasher = DefaultHasher::new();
    shows.hash(&mut hasher);
    (hasher.finish() % 1024) as f32 / 1024.0 * MOST
}

impl<Message> Widget<Message, Theme, Renderer> for Whole<'_, Message> {
    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        self.content.as_widget().size()
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        match tree.children.first_mut() {
            Some(tree) => self.content.as_widget_mut().layout(tree, renderer, limits),
            None => layout::Node::new(Size::ZERO),
        }
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        asked: &mut dyn Operation,
    ) {
        if let Some(tree) = tree.children.first_mut() {
            self.content.as_widget_mut().operate(tree, layout, renderer, asked);
        }
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        viewport: &Rectangle,
    ) {
        if let Some(tree) = tree.children.first_mut() {
            self.content
                .as_widget_mut()
                .update(tree, event, layout, cursor, renderer, clipboard, shell, viewport);
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
        renderer: &Renderer,
    ) -> mouse::Interaction {
        tree.children.first().map_or(mouse::Interaction::None, |tree| {
            self.content.as_widget().mouse_interaction(tree, layout, cursor, viewport, renderer)
        })
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let (Some(tree), Some(clip)) = (tree.children.first(), layout.bounds().intersection(viewport)) else {
            return;
        };
        let less = self.less.unwrap_or_else(|| part(viewport.y.to_bits()));
        let layer = Rectangle { height: clip.height - less, ..clip };
        // layers in it end with it, so that they are other ones too
        let visible = if self.less.is_some() { clip } else { layer };
        renderer.with_layer(layer, |renderer| {
            self.content.as_widget().draw(tree, renderer, theme, style, layout, cursor, &visible);
        });
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        let tree = tree.children.first_mut()?;
        self.content.as_widget_mut().overlay(tree, layout, renderer, viewport, translation)
    }
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
