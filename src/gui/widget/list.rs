//! A list of any length: only the visible rows are asked for, shaped and drawn. It scrolls itself, so that a scroll step
//! costs no message and the keyboard can bring a row into view.

mod row;
mod scroll;

pub use row::{Badge, RowContent};

use std::cell::{Cell, RefCell};
use std::ops::Range;

use iced::advanced::widget::{Id, Operation, Tree, operation, tree};
use iced::advanced::{Clipboard, Layout, Renderer as _, Shell, Widget, layout, mouse, renderer};
use iced::keyboard::{self, Key, key};
use iced::{Event, Length, Point, Rectangle, Renderer, Size, Theme};

use self::row::{LaidRows, fill};
use self::scroll::Scroll;
use crate::gui::Element;
use crate::gui::theme::Look;

/// What the list tells its screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListEvent {
    /// A row was chosen by mouse or keyboard.
    Select {
        /// The row.
        row: u32,
        /// What becomes of the rows chosen before.
        mode: SelectMode,
    },
    /// Every row was chosen (Ctrl+A).
    SelectAll,
    /// A row was opened (Enter, double click).
    Activate(u32),
    /// These rows are visible now: those not here yet should be loaded.
    Visible(Range<u32>),
}

/// What becomes of the rows chosen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectMode {
    /// Only this row.
    Replace,
    /// This row in or out (Ctrl).
    Toggle,
    /// Everything from the first chosen row to this one (Shift).
    Extend,
}

/// Rows that change at once from which on the list is drawn as a whole.
const SEVERAL: usize = 3;
/// What one turn is beside pixels of an offset: no step of a scroll, and no whole share of 1024.
const TURN: f64 = 37.3;

type RowOf<'a> = Box<dyn Fn(u32) -> Option<RowContent> + 'a>;

/// See [`list`].
pub struct List<'a, Message> {
    look: Look,
    total: u32,
    row: RowOf<'a>,
    on_event: Box<dyn Fn(ListEvent) -> Message + 'a>,
    is_selected: Box<dyn Fn(u32) -> bool + 'a>,
    cursor: Option<u32>,
    row_height: f32,
    key: u64,
    follows_keys: bool,
    is_whole: bool,
    id: Option<Id>,
}

/// A list of `total` rows. `row` describes one, or answers `None` while it is being loaded; it is called for visible
/// rows only, at each frame, and must be cheap.
pub fn list<'a, Message>(
    look: Look,
    total: u32,
    row: impl Fn(u32) -> Option<RowContent> + 'a,
    on_event: impl Fn(ListEvent) -> Message + 'a,
) -> List<'a, Message> {
    List {
        look,
        total,
        row: Box::new(row),
        on_event: Box::new(on_event),
        is_selected: Box::new(|_| false),
        cursor: None,
        row_height: look.px(84.0),
        key: 0,
        follows_keys: false,
        is_whole: false,
        id: None,
    }
}

impl<'a, Message> List<'a, Message> {
    /// Which rows are drawn as selected.
    #[must_use]
    pub fn selected(mut self, is_selected: impl Fn(u32) -> bool + 'a) -> Self {
        self.is_selected = Box::new(is_selected);
        self
    }
    /// The row the keyboard moves from; brought into view when it changes.
    #[must_use]
    pub fn cursor(mut self, cursor: Option<u32>) -> Self {
        self.cursor = cursor;
        self
    }
    /// Height of a row in pixels before text size; 84 when not set.
    #[must_use]
    pub fn row_height(mut self, pixels: f32) -> Self {
        self.row_height = self.look.px(pixels).max(1.0);
        self
    }
    /// What the list shows (a folder, a search): another key starts at the top again.
    #[must_use]
    pub fn key(mut self, key: u64) -> Self {
        self.key = key;
        self
    }
    /// Also obeys arrows, Page and Enter while something else has the focus and did not take the key: for a list
    /// under a search field.
    #[must_use]
    pub fn follows_keys(mut self, yes: bool) -> Self {
        self.follows_keys = yes;
        self
    }
    /// Every row is at hand: which are visible is not told, and no message is spent on it.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.is_whole = true;
        self
    }
    /// Name for focusing and tests.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    fn visible(&self, state: &State, height: f32) -> Range<u32> {
        state.scroll.visible(self.total, self.row_height, height)
    }

    fn row_at(&self, state: &State, bounds: Rectangle, at: Point) -> Option<u32> {
        let inside = bounds.contains(at) && at.x < bounds.x + bounds.width - scroll::BAR;
        let row = state.scroll.row_at(self.row_height, at.y - bounds.y)?;
        (inside && row < self.total).then_some(row)
    }

    fn is_selectable(&self, row: u32) -> bool {
        (self.row)(row).is_none_or(|content| !content.is_heading)
    }
}

#[derive(Default)]
struct State {
    scroll: Scroll,
    is_focused: bool,
    shows_ring: bool,
    hovered: Option<u32>,
    modifiers: keyboard::Modifiers,
    last_click: Option<mouse::Click>,
    // what was told or shown last
    told: Option<Range<u32>>,
    shown_cursor: Option<u32>,
    shown_key: u64,
    rows: RefCell<LaidRows>,
    /// Frames so far at which several rows changed at once.
    turns: Cell<u32>,
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

impl<Message> List<'_, Message> {
    fn clicked(&self, state: &mut State, bounds: Rectangle, at: Point, shell: &mut Shell<'_, Message>) {
        state.is_focused = bounds.contains(at);
        state.shows_ring = false;
        if !state.is_focused {
            return;
        }
        shell.capture_event();
        shell.request_redraw();
        if state.scroll.grab(self.total, self.row_height, bounds, at) {
            return;
        }
        let Some(row) = self.row_at(state, bounds, at).filter(|row| self.is_selectable(*row)) else { return };
        let click = mouse::Click::new(at, mouse::Button::Left, state.last_click);
        let twice = click.kind() == mouse::click::Kind::Double;
        state.last_click = Some(click);
        let mode = match state.modifiers {
            m if m.shift() => SelectMode::Extend,
            m if m.command() => SelectMode::Toggle,
            _ => SelectMode::Replace,
        };
        // a clicked row is on screen already: do not scroll to it
        state.shown_cursor = Some(row);
        shell.publish((self.on_event)(ListEvent::Select { row, mode }));
        if twice && mode == SelectMode::Replace {
            shell.publish((self.on_event)(ListEvent::Activate(row)));
        }
    }

    fn key_pressed(
        &self,
        state: &mut State,
        height: f32,
        key: &Key,
        modifiers: keyboard::Modifiers,
        shell: &mut Shell<'_, Message>,
    ) {
        if !(state.is_focused || self.follows_keys) || self.total == 0 || modifiers.alt() {
            return;
        }
        let last = self.total - 1;
        let page = ((height / self.row_height) as u32).saturating_sub(1).max(1);
        let from = self.cursor;
        let named = match key {
            Key::Named(named) => *named,
            Key::Character(c) if state.is_focused && modifiers.command() && c.as_str() == "a" => {
                shell.publish((self.on_event)(ListEvent::SelectAll));
                return shell.capture_event();
            }
            _ => return,
        };
        let (target, down) = match (named, from) {
            (key::Named::Enter, Some(row)) if !modifiers.command() => {
                shell.publish((self.on_event)(ListEvent::Activate(row)));
                return shell.capture_event();
            }
            (key::Named::ArrowDown, row) => (row.map_or(0, |r| r.saturating_add(1).min(last)), true),
            (key::Named::ArrowUp, row) => (row.map_or(0, |r| r.saturating_sub(1)), false),
            (key::Named::PageDown, row) => (row.map_or(page, |r| r.saturating_add(page)).min(last), true),
            (key::Named::PageUp, row) => (row.map_or(0, |r| r.saturating_sub(page)), false),
            (key::Named::Home, _) if state.is_focused => (0, true),
            (key::Named::End, _) if state.is_focused => (last, false),
            _ => return,
        };
        shell.capture_event();
        if let Some(row) = self.nearest_selectable(target, down) {
            let mode = if modifiers.shift() { SelectMode::Extend } else { SelectMode::Replace };
            shell.publish((self.on_event)(ListEvent::Select { row, mode }));
        }
    }

    fn nearest_selectable(&self, target: u32, down: bool) -> Option<u32> {
        let onward: Box<dyn Iterator<Item = u32>> =
            if down { Box::new(target..self.total) } else { Box::new((0..=target).rev()) };
        onward.take(3).find(|row| self.is_selectable(*row))
    }

    fn tell_visible(&self, state: &mut State, height: f32, shell: &mut Shell<'_, Message>) {
        if self.is_whole {
            return;
        }
        let visible = self.visible(state, height);
        if !visible.is_empty() && state.told.as_ref() != Some(&visible) {
            state.told = Some(visible.clone());
            shell.publish((self.on_event)(ListEvent::Visible(visible)));
        }
    }
}

/// The layer of a list scrolled by `offset` whose rows changed `turns` times. Where everything moves or changes, the
/// software renderer would draw some twenty changed rectangles one by one, and with each of them every larger area below;
/// a layer whose bounds changed is one rectangle. So both take up to a fifth of a pixel from the foot, which no pixel
/// shows.
fn layer(clip: Rectangle, offset: f64, turns: u32) -> Rectangle {
    let share = ((offset + f64::from(turns) * TURN).rem_euclid(1024.0) / 1024.0) as f32;
    Rectangle { height: clip.height - 0.2 * share, ..clip }
}

impl<Message> Widget<Message, Theme, Renderer> for List<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State { shown_key: self.key, ..State::default() })
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Fill, Length::Fill)
    }

    fn layout(&mut self, tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let size = limits.max();
        let state = tree.state.downcast_mut::<State>();
        if state.shown_key != self.key {
            state.shown_key = self.key;
            state.scroll = Scroll::default();
            state.shown_cursor = None;
            state.told = None;
        }
        if state.shown_cursor != self.cursor {
            state.shown_cursor = self.cursor;
            if let Some(row) = self.cursor {
                state.scroll.reveal(row, self.row_height, size.height);
            }
        }
        state.scroll.clamp(self.total, self.row_height, size.height);
        layout::Node::new(size)
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        _renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        let bounds = layout.bounds();
        let state = tree.state.downcast_mut::<State>();
        operation.container(self.id.as_ref(), bounds);
        operation.focusable(self.id.as_ref(), bounds, state);
        for index in self.visible(state, bounds.height) {
            let top = bounds.y + state.scroll.top_of(index, self.row_height);
            let area = Rectangle { y: top, height: self.row_height, ..bounds };
            for text in (self.row)(index).iter().flat_map(RowContent::texts) {
                operation.text(None, area, text);
            }
        }
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _renderer: &Renderer,
        _clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _viewport: &Rectangle,
    ) {
        let bounds = layout.bounds();
        let state = tree.state.downcast_mut::<State>();
        let before = state.scroll.offset();
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                // a press on a layer above has a cursor that is not available here
                let at = cursor.position().unwrap_or(Point::new(f32::MIN, f32::MIN));
                self.clicked(state, bounds, at, shell);
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) => state.scroll.release(),
            Event::Mouse(mouse::Event::CursorMoved { position }) => {
                state.scroll.drag(self.total, self.row_height, bounds, *position);
            }
            Event::Mouse(mouse::Event::WheelScrolled { delta }) if cursor.is_over(bounds) => {
                let by = match delta {
                    mouse::ScrollDelta::Lines { y, .. } => -y * self.look.px(60.0),
                    mouse::ScrollDelta::Pixels { y, .. } => -y,
                };
                state.scroll.by(by, self.total, self.row_height, bounds.height);
                shell.capture_event();
            }
            Event::Keyboard(keyboard::Event::ModifiersChanged(modifiers)) => state.modifiers = *modifiers,
            Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. })
                if !shell.is_event_captured() =>
            {
                self.key_pressed(state, bounds.height, key, *modifiers, shell);
            }
            _ => {}
        }
        let hovered = cursor.position().and_then(|at| self.row_at(state, bounds, at));
        if hovered != state.hovered || state.scroll.offset() != before {
            state.hovered = hovered;
            shell.request_redraw();
        }
        self.tell_visible(state, bounds.height, shell);
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
        let bounds = layout.bounds();
        let Some(clip) = bounds.intersection(viewport) else { return };
        let state = tree.state.downcast_ref::<State>();
        let palette = self.look.palette;
        let visible = self.visible(state, bounds.height);
        let mut rows = state.rows.borrow_mut();
        rows.keep(&visible);
        for index in visible.clone() {
            rows.set(self.look, index, (self.row)(index), Size::new(bounds.width, self.row_height));
        }
        if rows.changed() >= SEVERAL {
            state.turns.set(state.turns.get().wrapping_add(1));
        }
        renderer.with_layer(layer(clip, state.scroll.offset(), state.turns.get()), |renderer| {
            for index in visible {
                let top = bounds.y + state.scroll.top_of(index, self.row_height);
                let area = Rectangle { y: top, height: self.row_height, ..bounds };
                let Some(row) = rows.get(index) else { continue };
                let is_selected = (self.is_selected)(index);
                if is_selected {
                    fill(renderer, area, palette.selection, 0.0);
                } else if state.hovered == Some(index) && !row.is_heading() {
                    fill(renderer, area, palette.hover, 0.0);
                }
                if self.cursor == Some(index) && state.is_focused {
                    fill(renderer, Rectangle { width: 3.0, ..area }, palette.accent, 0.0);
                }
                row.draw(renderer, area.position(), clip);
                let line = Rectangle { y: area.y + area.height - 1.0, height: 1.0, ..area };
                fill(renderer, line, palette.line, 0.0);
            }
            if let Some(thumb) = state.scroll.thumb(self.total, self.row_height, bounds) {
                fill(renderer, thumb, palette.soft.scale_alpha(0.45), 3.0);
            }
        });
        if state.is_focused && state.shows_ring {
            let border = iced::Border { color: palette.accent, width: 2.0, radius: 2.0.into() };
            renderer.fill_quad(
                renderer::Quad { bounds, border, ..renderer::Quad::default() },
                iced::Color::TRANSPARENT,
            );
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &Renderer,
    ) -> mouse::Interaction {
        let state = tree.state.downcast_ref::<State>();
        match cursor.position().and_then(|at| self.row_at(state, layout.bounds(), at)) {
            Some(_) => mouse::Interaction::Pointer,
            None => mouse::Interaction::default(),
        }
    }
}

impl<'a, Message: 'a> From<List<'a, Message>> for Element<'a, Message> {
    fn from(list: List<'a, Message>) -> Self {
        Element::new(list)
    }
}
