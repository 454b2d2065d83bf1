//! How things stand: nothing here, being done, which key.

use iced::widget::{column, container, row};
use iced::{Alignment, Border, Length};

use super::text;
use crate::gui::Element;
use crate::gui::font::Icon;
use crate::gui::theme::{Look, space};

/// A key as it is written on the keyboard.
pub fn key_cap<'a, Message: 'a>(look: Look, key: impl Into<String>) -> Element<'a, Message> {
    let p = look.palette;
    container(text(look.caption(), key.into()))
        .padding([0.0, 5.0])
        .style(move |_| container::Style {
            background: Some(p.panel.into()),
            border: Border { color: p.line, width: 1.0, radius: 3.0.into() },
            ..container::Style::default()
        })
        .into()
}

/// Keys pressed together, such as `Ctrl+K`.
pub fn keys<'a, Message: 'a>(look: Look, keys: &str) -> Element<'a, Message> {
    row(keys.split('+').map(|key| key_cap(look, key))).spacing(space::XS).into()
}

/// A view with nothing in it: an icon, what it means, what to do.
pub fn empty<'a, Message: 'a>(
    look: Look,
    icon: Icon,
    title: impl Into<String>,
    detail: impl Into<String>,
) -> Element<'a, Message> {
    empty_with(look, icon, title, detail, None)
}

/// The same with a button for what to do.
pub fn empty_with<'a, Message: 'a>(
    look: Look,
    icon: Icon,
    title: impl Into<String>,
    detail: impl Into<String>,
    action: Option<Element<'a, Message>>,
) -> Element<'a, Message> {
    let content = column![
        text::icon(look, icon, 36.0, look.palette.soft),
        text(look.strong(), title.into()).align_x(Alignment::Center),
        text::caption(look, detail.into()).align_x(Alignment::Center).width(Length::Fill),
    ]
    .extend(action);
    container(content.spacing(space::S).align_x(Alignment::Center).max_width(look.px(360.0)))
        .center(Length::Fill)
        .padding(space::XL)
        .into()
}

/// A line that fills up; `None` when the end is not known yet (drawn a third full, it does not move: a moving
/// picture costs an old machine its processor).
pub fn progress<'a, Message: 'a>(look: Look, share: Option<f32>) -> Element<'a, Message> {
    let p = look.palette;
    iced::widget::progress_bar(0.0..=1.0, share.unwrap_or(0.33))
        .girth(4.0)
        .style(move |_| iced::widget::progress_bar::Style {
            background: p.line.into(),
            bar: p.accent.into(),
            border: Border { radius: 2.0.into(), ..Border::default() },
        })
        .into()
}
