//! A press area: what the toolkit's button is, and reachable with Tab and pressed with Enter or Space.

use iced::advanced::widget::{Id, Operation, Tree, operation, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, Widget, layout, mouse, overlay, renderer};
use iced::keyboard::{self, Key, key};
use iced::{
    Background, Border, Color, Event, Length, Padding, Rectangle, Renderer, Size, Theme, Vector, touch,
    window,
};

use crate::gui::Element;

/// How the area is being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PressStatus {
    /// Nothing happens.
    Idle,
    /// The pointer is over it.
    Hovered,
    /// It is held down.
    Pressed,
    /// It cannot be pressed.
    Disabled,
}

/// How the area is drawn in a status.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PressStyle {
    /// Background.
    pub background: Option<Color>,
    /// Border.
    pub border: Border,
    /// Colour of texts inside that have none of their own.
    pub text: Color,
    /// Colour of the focus ring.
    pub ring: Color,
}

type StyleOf<'a> = Box<dyn Fn(PressStatus) -> PressStyle + 'a>;

/// See [`press`].
pub struct Press<'a, Message> {
    content: Element<'a, Message>,
    on_press: Option<Message>,
    style: StyleOf<'a>,
    id: Option<Id>,
    width: Length,
    height: Length,
    padding: Padding,
    status: Option<(PressStatus, bool)>,
}

/// Makes `content` pressable. Disabled until [`Press::on_press`] is given.
pub fn press<'a, Message>(
    content: impl Into<Element<'a, Message>>,
    style: impl Fn(PressStatus) -> PressStyle + 'a,
) -> Press<'a, Message> {
    Press {
        content: content.into(),
        on_press: None,
        style: Box::new(style),
        id: None,
        width: Length::Shrink,
        height: Length::Shrink,
        padding: Padding::ZERO,
        status: None,
    }
}

impl<Message> Press<'_, Message> {
    /// What pressing says.
    #[must_use]
    pub fn on_press(self, message: Message) -> Self {
        self.on_press_maybe(Some(message))
    }
    /// What pressing says; disabled when `None`.
    #[must_use]
    pub fn on_press_maybe(mut self, message: Option<Message>) -> Self {
        self.on_press = message;
        self
    }
    /// Name for focusing and tests.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }
    /// Width; shrinks to the content when not set.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }
    /// Height; shrinks to the content when not set.
    #[must_use]
    pub fn height(mut self, height: impl Into<Length>) -> Self {
        self.height = height.into();
        self
    }
    /// Room around the content.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }
}

#[derive(Default)]
struct State {
    is_pressed: bool,
    is_focused: bool,
    // the ring is for those who came by keyboard
    shows_ring: bool,
}

impl operation::Focusable for State {
    fn is_focused(&self) -> bool {
        self.is_focused
    }
    fn focus(&mut self) {
        self.is_focused = true;
        self.shows_ring = true;
    }
    fn unfocus(&mut self) {
        self.is_focused = false;
        self.shows_ring = false;
    }
}

impl<Message: Clone> Press<'_, Message> {
    fn pressed_down(&self, state: &mut State, over: bool, shell: &mut Shell<'_, Message>) {
        state.shows_ring = false;
        state.is_focused = over && self.on_press.is_some();
        if state.is_focused {
            state.is_pressed = true;
            shell.capture_event();
        }
    }

    fn released(&self, state: &mut State, over: bool, shell: &mut Shell<'_, Message>) {
        if !std::mem::take(&mut state.is_pressed) {
            return;
        }
        if let Some(message) = self.on_press.as_ref().filter(|_| over) {
            shell.publish(message.clone());
        }
        shell.capture_event();
    }

    fn key_pressed(
        &self,
        state: &mut State,
        key: &Key,
        modifiers: keyboard::Modifiers,
        shell: &mut Shell<'_, Message>,
    ) {
        let activates = matches!(key, Key::Named(key::Named::Enter | key::Named::Space));
        if !state.is_focused || !activates || modifiers.command() || modifiers.alt() {
            return;
        }
        if let Some(message) = &self.on_press {
            shell.publish(message.clone());
            shell.capture_event();
        }
    }

    fn status(&self, state: &State, over: bool) -> PressStatus {
        match () {
            () if self.on_press.is_none() => PressStatus::Disabled,
            () if over && state.is_pressed => PressStatus::Pressed,
            () if over => PressStatus::Hovered,
            () => PressStatus::Idle,
        }
    }
}

impl<Message: Clone> Widget<Message, Theme, Renderer> for Press<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width, self.height)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        layout::padded(limits, self.width, self.height, self.padding, |limits| {
            match tree.children.first_mut() {
                Some(child) => self.content.as_widget_mut().layout(child, renderer, limits),
                None => layout::Node::new(Size::ZERO),
            }
        })
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        operation.container(self.id.as_ref(), layout.bounds());
        if self.on_press.is_some() {
            let state = tree.state.downcast_mut::<State>();
            operation.focusable(self.id.as_ref(), layout.bounds(), state);
        }
        operation.traverse(&mut |operation| {
            if let (Some(child), Some(inner)) = (tree.children.first_mut(), layout.children().next()) {
                self.content.as_widget_mut().operate(child, inner, renderer, operation);
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
        if let (Some(child), Some(inner)) = (tree.children.first_mut(), layout.children().next()) {
            let content = self.content.as_widget_mut();
            content.update(child, event, inner, cursor, renderer, clipboard, shell, viewport);
        }
        if shell.is_event_captured() {
            return;
        }
        let state = tree.state.downcast_mut::<State>();
        let over = cursor.is_over(layout.bounds());
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerPressed { .. }) => self.pressed_down(state, over, shell),
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left))
            | Event::Touch(touch::Event::FingerLifted { .. }) => self.released(state, over, shell),
            Event::Touch(touch::Event::FingerLost { .. }) => state.is_pressed = false,
            Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. }) => {
                self.key_pressed(state, key, *modifiers, shell);
            }
            _ => {}
        }
        let now = (self.status(state, over), state.shows_ring && state.is_focused);
        if matches!(event, Event::Window(window::Event::RedrawRequested(_))) {
            self.status = Some(now);
        } else if self.status.is_some_and(|before| before != now) {
            shell.request_redraw();
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        _style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let state = tree.state.downcast_ref::<State>();
        let resting = if self.on_press.is_some() { PressStatus::Idle } else { PressStatus::Disabled };
        let style = (self.style)(self.status.map_or(resting, |(status, _)| status));
        if style.background.is_some() || style.border.width > 0.0 {
            renderer.fill_quad(
                renderer::Quad { bounds, border: style.border, ..renderer::Quad::default() },
                Background::Color(style.background.unwrap_or(Color::TRANSPARENT)),
            );
        }
        if let (Some(child), Some(inner)) = (tree.children.first(), layout.children().next()) {
            let text = renderer::Style { text_color: style.text };
            self.content.as_widget().draw(child, renderer, theme, &text, inner, cursor, viewport);
        }
        if state.is_focused && state.shows_ring {
            let ring = Border { color: style.ring, width: 2.0, radius: style.border.radius };
            renderer.fill_quad(
                renderer::Quad { bounds: bounds.expand(1.0), border: ring, ..renderer::Quad::default() },
                Background::Color(Color::TRANSPARENT),
            );
        }
    }

    fn mouse_interaction(
        &self,
        _tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &Renderer,
    ) -> mouse::Interaction {
        if cursor.is_over(layout.bounds()) && self.on_press.is_some() {
            mouse::Interaction::Pointer
        } else {
            mouse::Interaction::default()
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
        let (child, inner) = (tree.children.first_mut()?, layout.children().next()?);
        self.content.as_widget_mut().overlay(child, inner, renderer, viewport, translation)
    }
}

impl<'a, Message: Clone + 'a> From<Press<'a, Message>> for Element<'a, Message> {
    fn from(press: Press<'a, Message>) -> Self {
        Element::new(press)
    }
}
