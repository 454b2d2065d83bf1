//! Fields to type in.

use iced::widget::{column, container, row, text_editor, text_input};
use iced::{Alignment, Background, Border, Padding, Theme};

use super::text;
use crate::gui::Element;
use crate::gui::font::{Icon, TEXT};
use crate::gui::theme::{Look, RADIUS, space};

/// Style of a field.
pub fn input_style(look: Look) -> impl Fn(&Theme, text_input::Status) -> text_input::Style {
    let p = look.palette;
    move |_, status| {
        let line = match status {
            text_input::Status::Focused { .. } => p.accent,
            text_input::Status::Hovered => p.soft,
            _ => p.line,
        };
        text_input::Style {
            background: Background::Color(p.panel),
            border: Border { color: line, width: 1.0, radius: RADIUS.into() },
            icon: p.soft,
            placeholder: p.soft,
            value: p.text,
            selection: p.accent.scale_alpha(0.3),
        }
    }
}

/// Style of a text of several lines, without border: it sits in a card.
pub fn editor_style(look: Look) -> impl Fn(&Theme, text_editor::Status) -> text_editor::Style {
    let p = look.palette;
    move |_, _| text_editor::Style {
        background: Background::Color(p.panel),
        border: Border::default(),
        placeholder: p.soft,
        value: p.text,
        selection: p.accent.scale_alpha(0.3),
    }
}

/// A field 32 high. Add `.on_input`, `.id`, `.on_submit`, `.secure`.
pub fn field<'a, Message: Clone + 'a>(
    look: Look,
    placeholder: &str,
    value: &str,
) -> text_input::TextInput<'a, Message> {
    let face = look.body();
    text_input(placeholder, value)
        .font(TEXT)
        .size(face.pixels())
        .line_height(face.line_height())
        .padding(Padding::from([6.0, 10.0]))
        .style(input_style(look))
}

/// A field with a magnifying glass.
pub fn search_field<'a, Message: Clone + 'a>(
    look: Look,
    id: &'static str,
    placeholder: &str,
    value: &str,
    on_input: impl Fn(String) -> Message + 'a,
) -> Element<'a, Message> {
    field(look, placeholder, value)
        .id(id)
        .on_input(on_input)
        .icon(text_input::Icon {
            font: crate::gui::font::ICON,
            code_point: Icon::Search.glyph(),
            size: Some(look.px(15.0).into()),
            spacing: space::S,
            side: text_input::Side::Left,
        })
        .into()
}

/// A part with its name above it and, when there is one, what is wrong with it below.
pub fn labelled<'a, Message: 'a>(
    look: Look,
    label: impl Into<String>,
    part: impl Into<Element<'a, Message>>,
    problem: Option<String>,
) -> Element<'a, Message> {
    let mut content = column![text::caption(look, label.into()), part.into()].spacing(space::XS);
    if let Some(problem) = problem {
        let alarm = look.palette.alarm.text;
        let line =
            row![text::icon(look, Icon::Warning, 13.0, alarm), text(look.caption().coloured(alarm), problem)];
        content = content.push(container(line.spacing(space::XS).align_y(Alignment::Center)));
    }
    content.into()
}
