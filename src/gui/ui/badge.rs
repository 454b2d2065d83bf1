//! Badges, chips and dots.

use iced::widget::{container, row};
use iced::{Alignment, Border, Padding};

use super::text;
use crate::gui::Element;
use crate::gui::font::Icon;
use crate::gui::theme::{Look, Tone, space};
use crate::gui::widget::{Badge, PressStyle, press};

fn label<'a, Message: 'a>(look: Look, badge: &Badge) -> iced::widget::Row<'a, Message> {
    let colour = look.palette.tone(badge.tone).text;
    let face = look.caption().coloured(colour);
    let face = if badge.tone == Tone::Alarm { face.bold() } else { face };
    let mut content = row![].spacing(space::XS).align_y(Alignment::Center);
    if let Some(icon) = badge.icon {
        content = content.push(text::icon(look, icon, 13.0, colour));
    }
    if !badge.label.is_empty() {
        content = content.push(text(face, badge.label.clone()));
    }
    content
}

/// A small label.
pub fn badge<'a, Message: 'a>(look: Look, badge: &Badge) -> Element<'a, Message> {
    let ground = look.palette.tone(badge.tone).ground;
    container(label(look, badge))
        .padding(Padding::ZERO.left(space::S).right(space::S))
        .height(look.px(20.0))
        .align_y(Alignment::Center)
        .style(move |_| container::Style {
            background: Some(ground.into()),
            border: Border { radius: look.px(10.0).into(), ..Border::default() },
            ..container::Style::default()
        })
        .into()
}

/// A larger badge that stands for a thing: pressed with `on_press`, taken away with `on_remove` (the cross is a button
/// of its own; `remove_label` names it).
pub fn chip<'a, Message: Clone + 'a>(
    look: Look,
    badge: &Badge,
    on_press: Option<Message>,
    on_remove: Option<(String, Message)>,
) -> Element<'a, Message> {
    let colours = look.palette.tone(badge.tone);
    let height = look.px(28.0);
    let round = Border { radius: (height / 2.0).into(), ..Border::default() };
    let plain =
        move |_| PressStyle { background: None, border: round, text: colours.text, ring: colours.text };
    let mut content = row![].spacing(2.0).align_y(Alignment::Center);
    content = match on_press {
        Some(message) => content.push(press(label(look, badge), plain).padding([2.0, 4.0]).on_press(message)),
        None => content.push(container(label(look, badge)).padding([2.0, 4.0])),
    };
    if let Some((name, message)) = on_remove {
        let cross = press(text::icon(look, Icon::Close, 14.0, colours.text), plain)
            .padding(space::XS)
            .id(name.clone())
            .on_press(message);
        content = content.push(super::tooltip(look, cross, name));
    }
    container(content)
        .padding(Padding::ZERO.left(6.0).right(6.0))
        .height(height)
        .align_y(Alignment::Center)
        .style(move |_| container::Style {
            background: Some(colours.ground.into()),
            border: round,
            ..container::Style::default()
        })
        .into()
}

/// A dot in the colour of a tone; always beside a word that says the same.
pub fn status_dot<'a, Message: 'a>(look: Look, tone: Tone) -> Element<'a, Message> {
    let colour = look.palette.tone(tone).text;
    let size = look.px(9.0);
    container(iced::widget::space())
        .width(size)
        .height(size)
        .style(move |_| container::Style {
            background: Some(colour.into()),
            border: Border { radius: (size / 2.0).into(), ..Border::default() },
            ..container::Style::default()
        })
        .into()
}
