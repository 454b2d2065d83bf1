//! Choosing: one of a few, on or off, where to go.

use iced::widget::{column, container, row};
use iced::{Alignment, Border, Length, Padding};

use super::text;
use crate::gui::Element;
use crate::gui::font::Icon;
use crate::gui::theme::{Look, RADIUS, space};
use crate::gui::widget::{PressStatus, PressStyle, elided, press};

/// One of a few values, side by side.
pub fn segmented<'a, T: PartialEq + Copy, Message: Clone + 'a>(
    look: Look,
    options: impl IntoIterator<Item = (T, String)>,
    chosen: T,
    on_choose: impl Fn(T) -> Message,
) -> Element<'a, Message> {
    let buttons = options.into_iter().map(|(value, label)| {
        let is_chosen = value == chosen;
        super::secondary(look, label).chosen(is_chosen).on_press(on_choose(value)).into()
    });
    row(buttons).spacing(space::XS).into()
}

/// A bar of tabs.
pub fn tabs<'a, T: PartialEq + Copy, Message: Clone + 'a>(
    look: Look,
    options: impl IntoIterator<Item = (T, String)>,
    chosen: T,
    on_choose: impl Fn(T) -> Message,
) -> Element<'a, Message> {
    let p = look.palette;
    let tab = |(value, label): (T, String)| -> Element<'a, Message> {
        let is_chosen = value == chosen;
        let face = if is_chosen { look.strong().coloured(p.accent) } else { look.body().coloured(p.soft) };
        let line = if is_chosen { p.accent } else { iced::Color::TRANSPARENT };
        let under = container(iced::widget::space()).height(2.0).width(Length::Fill).style(move |_| {
            container::Style { background: Some(line.into()), ..container::Style::default() }
        });
        let content = column![container(text(face, label)).padding([7.0, 12.0]), under].width(Length::Shrink);
        press(content, move |status| PressStyle {
            background: matches!(status, PressStatus::Hovered | PressStatus::Pressed).then_some(p.hover),
            border: Border { radius: 4.0.into(), ..Border::default() },
            text: p.text,
            ring: p.accent,
        })
        .on_press(on_choose(value))
        .into()
    };
    row(options.into_iter().map(tab)).spacing(space::XS).into()
}

/// On or off.
pub fn checkbox<'a, Message: Clone + 'a>(
    look: Look,
    label: impl Into<String>,
    is_on: bool,
    on_toggle: impl Fn(bool) -> Message,
) -> Element<'a, Message> {
    let p = look.palette;
    let size = look.px(18.0);
    let mark: Element<'a, Message> = match is_on {
        true => text::icon(look, Icon::Check, 14.0, p.on_accent).into(),
        false => iced::widget::space().into(),
    };
    let square = container(mark).center(size).style(move |_| container::Style {
        background: Some(if is_on { p.accent } else { p.panel }.into()),
        border: Border { color: if is_on { p.accent } else { p.soft }, width: 1.0, radius: 4.0.into() },
        ..container::Style::default()
    });
    let content = row![square, text::body(look, label.into())].spacing(space::S).align_y(Alignment::Center);
    press(content, move |_| PressStyle {
        background: None,
        border: Border { radius: RADIUS.into(), ..Border::default() },
        text: p.text,
        ring: p.accent,
    })
    .padding([4.0, 2.0])
    .on_press(on_toggle(!is_on))
    .into()
}

/// A place to go to in a side bar, with a count that is hidden at 0.
pub fn nav_item<'a, Message: Clone + 'a>(
    look: Look,
    icon: Option<Icon>,
    label: impl Into<String>,
    count: u32,
    is_chosen: bool,
    on_press: Message,
) -> Element<'a, Message> {
    let p = look.palette;
    let face = if is_chosen { look.strong() } else { look.body() };
    let mut content = row![].spacing(space::S).align_y(Alignment::Center).width(Length::Fill);
    if let Some(icon) = icon {
        let colour = if is_chosen { p.accent } else { p.soft };
        content = content.push(text::icon(look, icon, 16.0, colour));
    }
    content = content.push(elided(face, label).width(Length::Fill));
    if count > 0 {
        content = content.push(text(look.caption_strong().coloured(p.soft), count.to_string()));
    }
    let inner = container(content).center_y(Length::Fill);
    press(inner, move |status| {
        let over = matches!(status, PressStatus::Hovered | PressStatus::Pressed);
        PressStyle {
            background: if is_chosen { Some(p.selection) } else { over.then_some(p.sunk) },
            border: Border { radius: RADIUS.into(), ..Border::default() },
            text: p.text,
            ring: p.accent,
        }
    })
    .padding(Padding::ZERO.left(10.0).right(10.0))
    .height(look.px(32.0))
    .width(Length::Fill)
    .on_press(on_press)
    .into()
}
