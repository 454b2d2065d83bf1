//! What surrounds one part and changes nothing of it but what its manner says: everything else is handed on.

use iced::advanced::widget::{Operation, Tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, overlay, renderer};
use iced::{Event, Length, Rectangle, Renderer, Size, Theme, Vector};

use crate::gui::Element;

/// What is different about a part.
pub(super) trait Manner {
    /// Whether the part hears of an event, which something before it may have taken.
    fn lets_in(&self, _event: &Event, _is_taken: bool) -> bool {
        true
    }

    /// Draws the part, which has these bounds, by `draw`.
    fn draw(
        &self,
        renderer: &mut Renderer,
        _bounds: Rectangle,
        viewport: &Rectangle,
        draw: impl FnOnce(&mut Renderer, &Rectangle),
    ) {
        draw(renderer, viewport);
    }
}

/// `content` in its manner.
pub(super) struct Around<'a, Message, M> {
    pub(super) content: Element<'a, Message>,
    pub(super) manner: M,
}

impl<Message, M: Manner> Widget<Message, Theme, Renderer> for Around<'_, Message, M> {
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
        if !self.manner.lets_in(event, shell.is_event_captured()) {
            return;
        }
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
        let Some(tree) = tree.children.first() else { return };
        self.manner.draw(renderer, layout.bounds(), viewport, |renderer, viewport| {
            self.content.as_widget().draw(tree, renderer, theme, style, layout, cursor, viewport);
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
