//! A column of many parts that is laid out step by step: the first screenful in the first frame, the rest in the frames
//! after it. Setting the text of a long letter or table takes far longer than painting what is visible of it, and nobody
//! has scrolled down before it is there.

use std::cell::Cell;

use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, overlay, renderer};
use iced::{Event, Length, Point, Rectangle, Renderer, Size, Theme, Vector, window};

use crate::gui::Element;

/// Parts laid out in the first frame, and more in each of the next.
const FIRST: usize = 32;
const STEP: usize = 64;

/// See [`unrolled`].
pub struct Unrolled<'a, Message> {
    children: Vec<Element<'a, Message>>,
    spacing: f32,
    key: u64,
    least: usize,
}

/// `children` one below the other, as wide as their place. `key` says what they show: another one begins anew.
pub fn unrolled<'a, Message>(
    key: u64,
    children: impl IntoIterator<Item = Element<'a, Message>>,
) -> Unrolled<'a, Message> {
    Unrolled { children: children.into_iter().collect(), spacing: 0.0, key, least: FIRST }
}

impl<Message> Unrolled<'_, Message> {
    /// Room between two parts, in pixels.
    #[must_use]
    pub fn spacing(mut self, pixels: f32) -> Self {
        self.spacing = pixels;
        self
    }

    /// At least so many parts are laid out at once: something looks for one of them.
    #[must_use]
    pub fn at_least(mut self, count: usize) -> Self {
        self.least = self.least.max(count);
        self
    }
}

struct State {
    key: u64,
    laid: usize,
    /// What is laid out was drawn: there is time for more.
    is_drawn: Cell<bool>,
}

impl<Message> Widget<Message, Theme, Renderer> for Unrolled<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State { key: self.key, laid: self.least, is_drawn: Cell::new(false) })
    }

    fn children(&self) -> Vec<Tree> {
        self.children.iter().map(Tree::new).collect()
    }

    fn diff(&self, tree: &mut Tree) {
        let state = tree.state.downcast_mut::<State>();
        if state.key != self.key {
            *state = State { key: self.key, laid: self.least, is_drawn: Cell::new(false) };
        }
        state.laid = state.laid.max(self.least);
        tree.diff_children(&self.children);
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Shrink)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let laid = tree.state.downcast_ref::<State>().laid;
        let limits = limits.width(Length::Fill).height(Length::Shrink);
        let width = limits.max().width;
        let inner = layout::Limits::new(Size::ZERO, Size::new(width, f32::INFINITY));
        let count = self.children.len();
        let mut nodes = Vec::with_capacity(laid.min(count));
        let mut height = 0.0;
        for (child, tree) in self.children.iter_mut().zip(&mut tree.children).take(laid) {
            if !nodes.is_empty() {
                height += self.spacing;
            }
            let node = child.as_widget_mut().layout(tree, renderer, &inner).move_to(Point::new(0.0, height));
            height += node.size().height;
            nodes.push(node);
        }
        // the rest is taken to be as high as what is laid out, so that the bar of a scroll is about right
        if let Some(rest) = count.checked_sub(nodes.len()).filter(|_| !nodes.is_empty()) {
            height += rest as f32 * (height + self.spacing) / nodes.len() as f32;
        }
        layout::Node::with_children(
            limits.resolve(Length::Fill, Length::Shrink, Size::new(width, height)),
            nodes,
        )
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        operation.container(None, layout.bounds());
        operation.traverse(&mut |operation| {
            let parts = self.children.iter_mut().zip(&mut tree.children).zip(layout.children());
            for ((child, tree), layout) in parts {
                child.as_widget_mut().operate(tree, layout, renderer, operation);
            }
        });
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
        let state = tree.state.downcast_mut::<State>();
        if matches!(event, Event::Window(window::Event::RedrawRequested(_)))
            && state.laid < self.children.len()
        {
            if state.is_drawn.replace(false) {
                state.laid += STEP;
                shell.invalidate_layout();
                shell.request_redraw();
            } else if layout.bounds().intersects(viewport) {
                // this frame draws it; what is scrolled out of sight waits
                shell.request_redraw();
            }
        }
        let parts = self.children.iter_mut().zip(&mut tree.children).zip(layout.children());
        for ((child, tree), layout) in parts {
            child.as_widget_mut().update(tree, event, layout, cursor, renderer, clipboard, shell, viewport);
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
        let parts = self.children.iter().zip(&tree.children).zip(layout.children());
        parts
            .map(|((child, tree), layout)| {
                child.as_widget().mouse_interaction(tree, layout, cursor, viewport, renderer)
            })
            .max()
            .unwrap_or_default()
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
        tree.state.downcast_ref::<State>().is_drawn.set(true);
        let parts = self.children.iter().zip(&tree.children).zip(layout.children());
        for ((child, tree), layout) in parts.filter(|(_, layout)| layout.bounds().intersects(viewport)) {
            child.as_widget().draw(tree, renderer, theme, style, layout, cursor, viewport);
        }
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        overlay::from_children(&mut self.children, tree, layout, renderer, viewport, translation)
    }
}

impl<'a, Message: 'a> From<Unrolled<'a, Message>> for Element<'a, Message> {
    fn from(unrolled: Unrolled<'a, Message>) -> Self {
        Element::new(unrolled)
    }
}
