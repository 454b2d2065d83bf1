//! One line of text, cut with an ellipsis where it does not fit: the toolkit only clips, and its software renderer not
//! even that.

use iced::advanced::text::{Alignment, Hit, Paragraph as _, Renderer as _, Shaping, Text, Wrapping};
use iced::advanced::widget::{Operation, Tree, tree};
use iced::advanced::{Layout, Widget, layout, mouse, renderer};
use iced::alignment::Vertical;
use iced::{Length, Point, Rectangle, Renderer, Size, Theme};

use crate::gui::Element;
use crate::gui::theme::Face;

/// A shaped text of our renderer.
pub(super) type Paragraph = <Renderer as iced::advanced::text::Renderer>::Paragraph;

/// Longest text worth shaping for one line, in bytes: input comes from strangers.
const LONGEST: usize = 600;

/// Shapes one line and, when it is wider than `width`, cuts it so that it fits with an ellipsis.
pub(super) fn fit(face: Face, text: &str, width: f32) -> Paragraph {
    let line = one_line(text);
    let whole = shape(face, &line);
    if whole.min_width() <= width + 0.5 {
        return whole;
    }
    let room = (width - shape(face, "…").min_width()).max(0.0);
    let mut cut = match whole.hit_test(Point::new(room, face.line / 2.0)) {
        Some(Hit::CharOffset(at)) => line.floor_char_boundary(at),
        None => line.len(),
    };
    // a hit lands on the nearest boundary, which may be one character too far
    for _ in 0..4 {
        let head = line.get(..cut).unwrap_or_default();
        let paragraph = shape(face, &format!("{}…", head.trim_end()));
        if paragraph.min_width() <= width + 0.5 || head.is_empty() {
            return paragraph;
        }
        cut = head.char_indices().next_back().map_or(0, |(at, _)| at);
    }
    shape(face, "…")
}

/// Shapes one line as it is.
pub(super) fn shape(face: Face, line: &str) -> Paragraph {
    Paragraph::with_text(Text {
        content: line,
        bounds: Size::INFINITE,
        size: face.pixels(),
        line_height: face.line_height(),
        font: face.font,
        align_x: Alignment::Left,
        align_y: Vertical::Top,
        shaping: Shaping::Advanced,
        wrapping: Wrapping::None,
    })
}

fn one_line(text: &str) -> String {
    let bounded = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
    bounded.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// See [`elided`].
pub struct Elided {
    face: Face,
    text: String,
    width: Length,
}

/// One line of text that ends with an ellipsis where it does not fit.
pub fn elided(face: Face, text: impl Into<String>) -> Elided {
    Elided { face, text: text.into(), width: Length::Shrink }
}

impl Elided {
    /// Width; shrinks to the text when not set.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }
}

#[derive(Default)]
struct State {
    shaped: Option<(String, Face, f32, Paragraph)>,
}

impl<Message> Widget<Message, Theme, Renderer> for Elided {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width, Length::Shrink)
    }

    fn layout(&mut self, tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let state = tree.state.downcast_mut::<State>();
        let room = limits.width(self.width).max().width;
        let known = state
            .shaped
            .as_ref()
            .is_some_and(|(text, face, width, _)| *text == self.text && *face == self.face && *width == room);
        if !known {
            let paragraph = fit(self.face, &self.text, room);
            state.shaped = Some((self.text.clone(), self.face, room, paragraph));
        }
        let wide = state.shaped.as_ref().map_or(0.0, |(.., p)| p.min_width());
        layout::Node::new(limits.resolve(self.width, Length::Shrink, Size::new(wide.ceil(), self.face.line)))
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        _theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        if let Some((.., paragraph)) = &tree.state.downcast_ref::<State>().shaped {
            renderer.fill_paragraph(paragraph, layout.position(), self.face.colour, *viewport);
        }
    }

    fn operate(
        &mut self,
        _tree: &mut Tree,
        layout: Layout<'_>,
        _renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        operation.text(None, layout.bounds(), &self.text);
    }
}

impl<'a, Message: 'a> From<Elided> for Element<'a, Message> {
    fn from(elided: Elided) -> Self {
        Element::new(elided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::theme::{Look, TextSize};

    #[test]
    fn a_long_text_is_cut_to_the_room_it_has() {
        crate::gui::font::load_for_tests();
        let face = Look::new(false, TextSize::Normal).body();
        let text = "Compte rendu d’hospitalisation — œdème aigu du poumon, évolution favorable";
        let whole = fit(face, text, 10_000.0).min_width();
        for room in [20.0, 90.0, 180.0, whole - 1.0] {
            assert!(fit(face, text, room).min_width() <= room + 0.5);
        }
        assert!((fit(face, text, whole).min_width() - whole).abs() < 0.01);
    }
}
