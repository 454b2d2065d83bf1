//! Boxes for the digits of a PIN. The digits themselves never enter the widget tree: it knows only how many were typed.

use iced::advanced::widget::Tree;
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, Widget, layout, mouse, renderer};
use iced::keyboard::key::{Code, Named, Physical};
use iced::keyboard::{self, Key};
use iced::{Border, Event, Length, Rectangle, Renderer, Size, Theme};

use crate::gui::Element;
use crate::gui::theme::{Look, RADIUS};

/// What the user typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinKey {
    /// A digit.
    Digit(char),
    /// The last digit goes.
    Erase,
    /// Done.
    Enter,
}

/// See [`pin`].
pub struct Pin<'a, Message> {
    look: Look,
    typed: usize,
    length: usize,
    on_key: Option<Box<dyn Fn(PinKey) -> Message + 'a>>,
}

/// Boxes of which `typed` are filled. Takes digits whatever has the focus, as long as nothing else took the key;
/// without `on_key` it takes nothing and is drawn faded.
pub fn pin<'a, Message>(
    look: Look,
    typed: usize,
    length: usize,
    on_key: Option<Box<dyn Fn(PinKey) -> Message + 'a>>,
) -> Pin<'a, Message> {
    Pin { look, typed, length, on_key }
}

const GAP: f32 = 10.0;

impl<Message> Pin<'_, Message> {
    /// The eight digits of an unblocking code are as wide as four of a PIN and the button beside them.
    fn side(&self) -> f32 {
        self.look.px(if self.length > 4 { 44.0 } else { 52.0 })
    }
}

/// The digit of a key press. The number row of a French keyboard gives `&é"'(` without Shift: taken as its digits.
fn digit(text: Option<&str>, physical: Physical, modifiers: keyboard::Modifiers) -> Option<char> {
    let mut typed = text.unwrap_or_default().chars();
    if let (Some(c @ '0'..='9'), None) = (typed.next(), typed.next()) {
        return Some(c);
    }
    let Physical::Code(code) = physical else { return None };
    let row = [
        Code::Digit0,
        Code::Digit1,
        Code::Digit2,
        Code::Digit3,
        Code::Digit4,
        Code::Digit5,
        Code::Digit6,
        Code::Digit7,
        Code::Digit8,
        Code::Digit9,
    ];
    let at = row.iter().position(|c| *c == code).filter(|_| modifiers.is_empty())?;
    char::from_digit(u32::try_from(at).ok()?, 10)
}

impl<Message> Widget<Message, Theme, Renderer> for Pin<'_, Message> {
    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Shrink)
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let boxes = self.length as f32;
        let width = boxes * self.side() + (boxes - 1.0) * GAP;
        layout::Node::new(limits.resolve(Length::Shrink, Length::Shrink, Size::new(width, self.side())))
    }

    fn update(
        &mut self,
        _tree: &mut Tree,
        event: &Event,
        _layout: Layout<'_>,
        _cursor: mouse::Cursor,
        _renderer: &Renderer,
        _clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _viewport: &Rectangle,
    ) {
        let Event::Keyboard(keyboard::Event::KeyPressed { key, text, modifiers, physical_key, .. }) = event
        else {
            return;
        };
        let Some(on_key) = self.on_key.as_ref().filter(|_| !shell.is_event_captured()) else { return };
        let pressed = match key {
            Key::Named(Named::Backspace) => PinKey::Erase,
            Key::Named(Named::Enter) => PinKey::Enter,
            _ if modifiers.command() || modifiers.alt() => return,
            _ => match digit(text.as_deref(), *physical_key, *modifiers) {
                Some(digit) => PinKey::Digit(digit),
                None => return,
            },
        };
        shell.publish(on_key(pressed));
        shell.capture_event();
    }

    fn draw(
        &self,
        _tree: &Tree,
        renderer: &mut Renderer,
        _theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        _viewport: &Rectangle,
    ) {
        let p = self.look.palette;
        let side = self.side();
        for index in 0..self.length {
            let x = layout.position().x + index as f32 * (side + GAP);
            let bounds = Rectangle { x, y: layout.position().y, width: side, height: side };
            let is_next = self.on_key.is_some() && index == self.typed;
            let (colour, width) = if is_next { (p.accent, 2.0) } else { (p.soft.scale_alpha(0.6), 1.0) };
            let border = Border { color: colour, width, radius: RADIUS.into() };
            renderer.fill_quad(renderer::Quad { bounds, border, ..renderer::Quad::default() }, p.panel);
            if index < self.typed {
                // a shape and no glyph: the renderer draws a text later, when the one made here is gone
                let d = self.look.px(10.0);
                let dot = Rectangle {
                    x: bounds.center_x() - d / 2.0,
                    y: bounds.center_y() - d / 2.0,
                    width: d,
                    height: d,
                };
                let round = Border { radius: (d / 2.0).into(), ..Border::default() };
                renderer.fill_quad(
                    renderer::Quad { bounds: dot, border: round, ..renderer::Quad::default() },
                    p.text,
                );
            }
        }
    }
}

impl<'a, Message: 'a> From<Pin<'a, Message>> for Element<'a, Message> {
    fn from(pin: Pin<'a, Message>) -> Self {
        Element::new(pin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_row_of_a_french_keyboard_gives_digits() {
        let none = keyboard::Modifiers::empty();
        assert_eq!(digit(Some("é"), Physical::Code(Code::Digit2), none), Some('2'));
        assert_eq!(digit(Some("2"), Physical::Code(Code::Digit2), keyboard::Modifiers::SHIFT), Some('2'));
        assert_eq!(digit(Some("7"), Physical::Code(Code::Numpad7), none), Some('7'));
        assert_eq!(digit(Some("!"), Physical::Code(Code::Digit1), keyboard::Modifiers::SHIFT), None);
        assert_eq!(digit(Some("a"), Physical::Code(Code::KeyA), none), None);
    }
}
