//! Grounds and what floats above them.

use iced::widget::{column, container, mouse_area, opaque, row, scrollable, stack, tooltip as hint};
use iced::{Alignment, Background, Border, Color, Length, Theme};

use super::text;
use crate::gui::Element;
use crate::gui::font::Icon;
use crate::gui::theme::{Look, RADIUS, RADIUS_CARD, Tone, space};

type Style = Box<dyn Fn(&Theme) -> container::Style>;

fn ground(colour: Color) -> Style {
    Box::new(move |_| container::Style { background: Some(colour.into()), ..container::Style::default() })
}

/// Style of the window's ground, for `container(..).style(..)`.
pub fn background(look: Look) -> Style {
    ground(look.palette.background)
}

/// Style of lists and side panels.
pub fn panel(look: Look) -> Style {
    ground(look.palette.panel)
}

/// Style of the rail and the status bar.
pub fn sunk(look: Look) -> Style {
    ground(look.palette.sunk)
}

/// A card around a part.
pub fn card<'a, Message: 'a>(
    look: Look,
    content: impl Into<Element<'a, Message>>,
) -> container::Container<'a, Message, Theme, iced::Renderer> {
    let p = look.palette;
    container(content).padding(space::L).style(move |_| container::Style {
        background: Some(p.panel.into()),
        border: Border { color: p.line, width: 1.0, radius: RADIUS_CARD.into() },
        ..container::Style::default()
    })
}

/// A line between parts above each other.
pub fn divider<'a, Message: 'a>(look: Look) -> Element<'a, Message> {
    container(iced::widget::space()).width(Length::Fill).height(1.0).style(ground(look.palette.line)).into()
}

/// A line between parts beside each other.
pub fn vertical_divider<'a, Message: 'a>(look: Look) -> Element<'a, Message> {
    container(iced::widget::space()).width(1.0).height(Length::Fill).style(ground(look.palette.line)).into()
}

/// Something to know (`Accent`), to look at (`Warning`) or to act on (`Alarm`), with what can be done about it.
pub fn banner<'a, Message: 'a>(
    look: Look,
    tone: Tone,
    title: impl Into<String>,
    detail: impl Into<String>,
    actions: Vec<Element<'a, Message>>,
) -> Element<'a, Message> {
    let colours = look.palette.tone(tone);
    let icon = match tone {
        Tone::Alarm => Icon::Alarm,
        Tone::Warning => Icon::Warning,
        Tone::Good => Icon::CheckCircle,
        Tone::Neutral | Tone::Accent => Icon::Info,
    };
    let detail = detail.into();
    let mut words = column![text(look.strong().coloured(colours.text), title.into())];
    if !detail.is_empty() {
        words = words.push(text(look.caption().coloured(look.palette.text), detail));
    }
    let mut content = row![text::icon(look, icon, 18.0, colours.text)];
    // one button stands beside the words; several would squeeze them to a word a line in a narrow window
    content = if actions.len() > 1 {
        let buttons = row(actions).spacing(space::S).align_y(Alignment::Center);
        content.push(words.push(buttons.wrap().vertical_spacing(space::XS)).spacing(2.0).width(Length::Fill))
    } else {
        content.push(words.width(Length::Fill)).extend(actions)
    };
    let content = content.spacing(space::S + 2.0).align_y(Alignment::Center);
    container(content)
        .padding([space::S, space::M])
        .width(Length::Fill)
        .style(move |_| container::Style {
            background: Some(colours.ground.into()),
            border: Border { radius: RADIUS.into(), ..Border::default() },
            ..container::Style::default()
        })
        .into()
}

/// `dialog` above `base`, which takes no event meanwhile; a press beside the dialog says `on_leave`.
pub fn modal<'a, Message: Clone + 'a>(
    look: Look,
    base: impl Into<Element<'a, Message>>,
    dialog: impl Into<Element<'a, Message>>,
    on_leave: Message,
) -> Element<'a, Message> {
    let p = look.palette;
    // no shadow: the software renderer lays it over the whole dialog whenever a part of it is drawn anew
    let dialog =
        container(dialog).padding(space::XL).max_width(look.px(560.0)).style(move |_| container::Style {
            background: Some(p.panel.into()),
            border: Border { color: p.line, width: 1.0, radius: RADIUS_CARD.into() },
            ..container::Style::default()
        });
    let veil = container(opaque(dialog))
        .center(Length::Fill)
        .padding(space::XL)
        .style(ground(Color::BLACK.scale_alpha(0.4)));
    stack![base.into(), opaque(mouse_area(veil).on_press(on_leave))].into()
}

/// The buttons that end a dialog, at its right: the one that leaves first, what the dialog is for last.
pub fn answers<'a, Message: 'a>(
    buttons: impl IntoIterator<Item = Element<'a, Message>>,
) -> Element<'a, Message> {
    let buttons = row(buttons).spacing(space::S).wrap().vertical_spacing(space::S);
    container(buttons).align_right(Length::Fill).into()
}

/// `content` with an explanation when the pointer rests on it.
pub fn tooltip<'a, Message: 'a>(
    look: Look,
    content: impl Into<Element<'a, Message>>,
    tip: impl Into<String>,
) -> Element<'a, Message> {
    let p = look.palette;
    let tip =
        container(text(look.caption().coloured(p.text), tip.into())).padding([4.0, 8.0]).style(move |_| {
            container::Style {
                background: Some(p.panel.into()),
                border: Border { color: p.line, width: 1.0, radius: 4.0.into() },
                ..container::Style::default()
            }
        });
    hint(content, tip, hint::Position::Bottom).gap(4.0).into()
}

/// A part that scrolls when it is higher than its place.
pub fn scroll<'a, Message: 'a>(
    look: Look,
    content: impl Into<Element<'a, Message>>,
) -> scrollable::Scrollable<'a, Message> {
    let thin = scrollable::Scrollbar::new().width(8.0).scroller_width(6.0).margin(2.0);
    scrollable(content).direction(scrollable::Direction::Vertical(thin)).style(scroll_style(look))
}

/// Style of anything that scrolls.
pub fn scroll_style(look: Look) -> impl Fn(&Theme, scrollable::Status) -> scrollable::Style {
    let p = look.palette;
    move |theme, status| {
        let rail = scrollable::Rail {
            background: None,
            border: Border::default(),
            scroller: scrollable::Scroller {
                background: Background::Color(p.soft.scale_alpha(0.45)),
                border: Border { radius: 3.0.into(), ..Border::default() },
            },
        };
        scrollable::Style { vertical_rail: rail, horizontal_rail: rail, ..scrollable::default(theme, status) }
    }
}
