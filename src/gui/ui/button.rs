//! Buttons, by meaning. Each is reachable with Tab and pressed with Enter or Space.

use iced::widget::row;
use iced::{Alignment, Border, Color, Length, Padding};

use super::{key_cap, surface, text};
use crate::gui::Element;
use crate::gui::font::Icon;
use crate::gui::theme::{Look, RADIUS, space};
use crate::gui::widget::{PressStatus, PressStyle, press};

/// What pressing means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one main action of a view.
    Primary,
    /// Any other action.
    Secondary,
    /// An action that must not draw the eye.
    Quiet,
    /// An action that destroys.
    Danger,
    /// A word in a sentence.
    Link,
}

/// A button being described. Without [`Button::on_press`] it is disabled.
pub struct Button<Message> {
    look: Look,
    kind: ButtonKind,
    label: String,
    icon: Option<Icon>,
    key: Option<&'static str>,
    on_press: Option<Message>,
    width: Length,
    height: Option<f32>,
    id: Option<String>,
    is_chosen: bool,
}

/// A button of a kind.
pub fn button<Message>(look: Look, kind: ButtonKind, label: impl Into<String>) -> Button<Message> {
    Button {
        look,
        kind,
        label: label.into(),
        icon: None,
        key: None,
        on_press: None,
        width: Length::Shrink,
        height: None,
        id: None,
        is_chosen: false,
    }
}

/// The one main action of a view.
pub fn primary<Message>(look: Look, label: impl Into<String>) -> Button<Message> {
    button(look, ButtonKind::Primary, label)
}

/// Any other action.
pub fn secondary<Message>(look: Look, label: impl Into<String>) -> Button<Message> {
    button(look, ButtonKind::Secondary, label)
}

/// An action that must not draw the eye.
pub fn quiet<Message>(look: Look, label: impl Into<String>) -> Button<Message> {
    button(look, ButtonKind::Quiet, label)
}

/// An action that destroys.
pub fn danger<Message>(look: Look, label: impl Into<String>) -> Button<Message> {
    button(look, ButtonKind::Danger, label)
}

/// A word in a sentence.
pub fn link<Message>(look: Look, label: impl Into<String>) -> Button<Message> {
    button(look, ButtonKind::Link, label)
}

/// A quiet button that is only an icon; `label` is its tooltip.
pub fn icon_button<'a, Message: Clone + 'a>(
    look: Look,
    icon: Icon,
    label: impl Into<String>,
    on_press: Option<Message>,
) -> Element<'a, Message> {
    let label = label.into();
    let button = button(look, ButtonKind::Quiet, "").icon(icon).on_press_maybe(on_press).id(label.clone());
    surface::tooltip(look, button, label)
}

impl<Message> Button<Message> {
    /// Icon before the label.
    #[must_use]
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }
    /// Key shown after the label, such as `Ctrl+R`.
    #[must_use]
    pub fn key(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }
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
    /// Width; shrinks to the label when not set.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }
    /// Height in pixels before text size; 32 when not set.
    #[must_use]
    pub fn height(mut self, pixels: f32) -> Self {
        self.height = Some(pixels);
        self
    }
    /// Name for focusing and tests.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
    /// Drawn as switched on.
    #[must_use]
    pub fn chosen(mut self, is_chosen: bool) -> Self {
        self.is_chosen = is_chosen;
        self
    }
}

/// Colours of a kind in a status.
fn style(look: Look, kind: ButtonKind, is_chosen: bool, status: PressStatus) -> PressStyle {
    let p = look.palette;
    let over = matches!(status, PressStatus::Hovered | PressStatus::Pressed);
    let (background, line, label) = match kind {
        ButtonKind::Primary => (Some(if over { p.accent_hover } else { p.accent }), None, p.on_accent),
        ButtonKind::Secondary if is_chosen => (Some(p.selection), Some(p.accent), p.accent),
        ButtonKind::Secondary => (Some(if over { p.hover } else { p.panel }), Some(p.line), p.text),
        ButtonKind::Quiet if is_chosen => (Some(p.selection), None, p.accent),
        ButtonKind::Quiet => (over.then_some(p.sunk), None, p.text),
        ButtonKind::Danger => {
            (Some(if over { p.alarm.ground } else { p.panel }), Some(p.alarm.text), p.alarm.text)
        }
        ButtonKind::Link => (over.then_some(p.selection), None, p.accent),
    };
    let fade = if status == PressStatus::Disabled { 0.55 } else { 1.0 };
    let border = Border {
        color: line.unwrap_or(Color::TRANSPARENT).scale_alpha(fade),
        width: if line.is_some() { 1.0 } else { 0.0 },
        radius: RADIUS.into(),
    };
    PressStyle { background: background.map(|c| c.scale_alpha(fade)), border, text: label, ring: p.accent }
}

impl<'a, Message: Clone + 'a> From<Button<Message>> for Element<'a, Message> {
    fn from(button: Button<Message>) -> Self {
        let Button { look, kind, is_chosen, .. } = button;
        let resting = if button.on_press.is_some() { PressStatus::Idle } else { PressStatus::Disabled };
        let colour = style(look, kind, is_chosen, resting).text;
        let colour = if button.on_press.is_some() { colour } else { colour.scale_alpha(0.75) };
        let mut content = row![].spacing(space::S).align_y(Alignment::Center);
        if let Some(icon) = button.icon {
            content = content.push(text::icon(look, icon, 16.0, colour));
        }
        if !button.label.is_empty() {
            let face = if kind == ButtonKind::Primary { look.strong() } else { look.body() };
            let face = if kind == ButtonKind::Link { look.caption() } else { face };
            content = content.push(text(face.coloured(colour), button.label.clone()));
        }
        if let Some(key) = button.key {
            content = content.push(iced::widget::space().width(2.0)).push(key_cap(look, key));
        }
        let side = match kind {
            ButtonKind::Link => space::XS,
            _ if button.label.is_empty() => space::S,
            _ => space::M + 2.0,
        };
        let height = match kind {
            ButtonKind::Link => look.px(button.height.unwrap_or(20.0)),
            _ => look.px(button.height.unwrap_or(32.0)),
        };
        let inner = iced::widget::container(content).center_y(Length::Fill).align_x(Alignment::Center).width(
            match button.width {
                Length::Shrink => Length::Shrink,
                _ => Length::Fill,
            },
        );
        let mut area = press(inner, move |status| style(look, kind, is_chosen, status))
            .padding(Padding::ZERO.left(side).right(side))
            .height(height)
            .width(button.width)
            .on_press_maybe(button.on_press);
        if let Some(id) = button.id {
            area = area.id(id);
        }
        area.into()
    }
}
