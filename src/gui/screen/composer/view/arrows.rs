//! Arrows for the proposals: the field being typed in keeps the focus and leaves the arrows alone, so an invisible part
//! takes them while the proposals are open.

use iced::advanced::widget::Tree;
use iced::advanced::{Clipboard, Layout, Shell, Widget, layout, mouse, renderer};
use iced::keyboard::{self, Key, key::Named};
use iced::{Event, Length, Rectangle, Renderer, Size, Theme};

use super::super::Message;
use crate::gui::Element;

struct Arrows;

pub(super) fn arrows<'a>() -> Element<'a, Message> {
    Element::new(Arrows)
}

impl Widget<Message, Theme, Renderer> for Arrows {
    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Shrink)
    }

    fn layout(&mut self, _tree: &mut Tree, _renderer: &Renderer, _limits: &layout::Limits) -> layout::Node {
        layout::Node::new(Size::ZERO)
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
        let Event::Keyboard(keyboard::Event::KeyPressed { key: Key::Named(named), .. }) = event else {
            return;
        };
        let message = match named {
            Named::ArrowDown => Message::Point(1),
            Named::ArrowUp => Message::Point(-1),
            _ => return,
        };
        if !shell.is_event_captured() {
            shell.publish(message);
            shell.capture_event();
        }
    }

    fn draw(
        &self,
        _tree: &Tree,
        _renderer: &mut Renderer,
        _theme: &Theme,
        _style: &renderer::Style,
        _layout: Layout<'_>,
        _cursor: mouse::Cursor,
        _viewport: &Rectangle,
    ) {
    }
}
