//! A recovery code on the screen.

use iced::widget::{column, container};
use iced::{Alignment, Length};

use crate::gui::theme::{Look, space as gap};
use crate::gui::{Element, font, ui};

/// A code as it is copied by hand: four groups and three, so that nobody loses the place.
pub(super) fn code_to_copy<'a, Message: 'a>(look: Look, code: &str) -> Element<'a, Message> {
    let groups: Vec<&str> = code.split('-').collect();
    let lines = groups.chunks(4).map(|line| ui::text(look.title(), line.join("   ")).font(font::MONO).into());
    container(column(lines).spacing(gap::S).align_x(Alignment::Center))
        .center_x(Length::Fill)
        .padding(gap::L)
        .style(ui::sunk(look))
        .into()
}
