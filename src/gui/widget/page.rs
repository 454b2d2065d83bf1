//! A drawn page: a picture with marks over it, whose letters can be selected with the mouse and copied.

use std::ops::Range;

use iced::advanced::image::{self, Renderer as _};
use iced::advanced::widget::{Id, Operation, Tree, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, Widget, clipboard, layout, mouse, renderer};
use iced::keyboard::{self, Key};
use iced::{Color, Event, Length, Point, Rectangle, Renderer, Size, Theme};

use crate::gui::Element;

/// A box in parts of the page's width and height, from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Left side.
    pub left: f32,
    /// Right side.
    pub right: f32,
    /// Upper side.
    pub top: f32,
    /// Lower side.
    pub bottom: f32,
}

impl Spot {
    /// Where it is on a page with these bounds.
    fn area(&self, bounds: Rectangle) -> Rectangle {
        Rectangle {
            x: bounds.x + self.left * bounds.width,
            y: bounds.y + self.top * bounds.height,
            width: ((self.right - self.left) * bounds.width).max(1.0),
            height: (self.bottom - self.top) * bounds.height,
        }
    }
}

type OnSelect<'a, Message> = Box<dyn Fn(Option<Range<usize>>) -> Message + 'a>;

/// See [`page`].
pub struct Page<'a, Message> {
    picture: image::Handle,
    aspect: f32,
    width: Length,
    marks: Vec<(Spot, Color)>,
    current: Option<(Spot, Id)>,
    letters: Vec<Spot>,
    selected: Option<String>,
    on_select: Option<OnSelect<'a, Message>>,
}

/// A picture that is `aspect` times as high as wide.
pub fn page<'a, Message>(picture: image::Handle, aspect: f32) -> Page<'a, Message> {
    Page {
        picture,
        aspect,
        width: Length::Fill,
        marks: Vec::new(),
        current: None,
        letters: Vec::new(),
        selected: None,
        on_select: None,
    }
}

impl<'a, Message> Page<'a, Message> {
    /// Width; fills when not set.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }

    /// Boxes drawn over the picture, in colours that let it shine through.
    #[must_use]
    pub fn marks(mut self, marks: Vec<(Spot, Color)>) -> Self {
        self.marks = marks;
        self
    }

    /// A box that can be scrolled to under this name.
    #[must_use]
    pub fn current(mut self, spot: Option<Spot>, id: impl Into<Id>) -> Self {
        self.current = spot.map(|spot| (spot, id.into()));
        self
    }

    /// Letters that can be selected, in the order one reads; `selected` is the text of those that are, for the
    /// clipboard. `on_select` hears their numbers.
    #[must_use]
    pub fn letters(
        mut self,
        letters: Vec<Spot>,
        selected: Option<String>,
        on_select: impl Fn(Option<Range<usize>>) -> Message + 'a,
    ) -> Self {
        self.letters = letters;
        self.selected = selected;
        self.on_select = Some(Box::new(on_select));
        self
    }

    /// The letter nearest to a point: first of its line, then in the line.
    fn nearest(&self, bounds: Rectangle, at: Point) -> Option<usize> {
        let (x, y) = ((at.x - bounds.x) / bounds.width.max(1.0), (at.y - bounds.y) / bounds.height.max(1.0));
        let away = |from: f32, to: f32, value: f32| (from - value).max(value - to).max(0.0);
        let distance = |spot: &Spot| {
            // a line above or below is farther than any place in the line
            away(spot.top, spot.bottom, y) * 50.0 + away(spot.left, spot.right, x)
        };
        let nearest =
            self.letters.iter().enumerate().min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)));
        nearest.map(|(number, _)| number)
    }
}

#[derive(Debug, Default)]
struct State {
    /// The letter the mouse was pressed on.
    anchor: Option<usize>,
    is_dragged: bool,
}

impl<Message> Widget<Message, Theme, Renderer> for Page<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width, Length::Shrink)
    }

    fn layout(&mut self, _: &mut Tree, _: &Renderer, limits: &layout::Limits) -> layout::Node {
        let width = match self.width {
            Length::Fixed(width) => width,
            _ => limits.max().width,
        };
        layout::Node::new(Size::new(width, width * self.aspect))
    }

    fn draw(
        &self,
        _: &Tree,
        renderer: &mut Renderer,
        _: &Theme,
        _: &renderer::Style,
        layout: Layout<'_>,
        _: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let Some(clip) = bounds.intersection(viewport) else { return };
        renderer.draw_image(image::Image::new(self.picture.clone()), bounds, clip);
        if self.marks.is_empty() {
            return;
        }
        // of one layer, pictures are drawn over everything else
        renderer.with_layer(clip, |renderer| {
            for (spot, colour) in &self.marks {
                if let Some(area) = spot.area(bounds).intersection(&clip) {
                    renderer.fill_quad(renderer::Quad { bounds: area, ..renderer::Quad::default() }, *colour);
                }
            }
        });
    }

    fn operate(
        &mut self,
        _tree: &mut Tree,
        layout: Layout<'_>,
        _renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        if let Some((spot, id)) = &self.current {
            operation.container(Some(id), spot.area(layout.bounds()));
        }
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _: &Rectangle,
    ) {
        let Some(on_select) = &self.on_select else { return };
        let state = tree.state.downcast_mut::<State>();
        let bounds = layout.bounds();
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                if let Some(at) = cursor.position_over(bounds) {
                    state.anchor = self.nearest(bounds, at);
                    state.is_dragged = false;
                    shell.publish(on_select(None));
                    shell.capture_event();
                }
            }
            Event::Mouse(mouse::Event::CursorMoved { .. }) => {
                let there = cursor.position().and_then(|at| self.nearest(bounds, at));
                if let (Some(anchor), Some(there)) = (state.anchor, there)
                    && (state.is_dragged || there != anchor)
                {
                    state.is_dragged = true;
                    shell.publish(on_select(Some(anchor.min(there)..anchor.max(there) + 1)));
                }
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => state.anchor = None,
            Event::Keyboard(keyboard::Event::KeyPressed { key: Key::Character(c), modifiers, .. })
                if modifiers.command() && c.eq_ignore_ascii_case("c") =>
            {
                if let Some(text) = &self.selected {
                    clipboard.write(clipboard::Kind::Standard, text.clone());
                    shell.capture_event();
                }
            }
            _ => {}
        }
    }

    fn mouse_interaction(
        &self,
        _: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _: &Rectangle,
        _: &Renderer,
    ) -> mouse::Interaction {
        let over = !self.letters.is_empty() && cursor.is_over(layout.bounds());
        if over { mouse::Interaction::Text } else { mouse::Interaction::default() }
    }
}

impl<'a, Message: 'a> From<Page<'a, Message>> for Element<'a, Message> {
    fn from(page: Page<'a, Message>) -> Self {
        Element::new(page)
    }
}
