//! Counts beside the results of a search: each is a button that narrows it, or widens it again.

use iced::widget::{column, container};
use iced::{Length, Padding};

use super::super::{Mailbox, Message};
use crate::domain::search::asks_for;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::space;
use crate::gui::widget::elided;
use crate::gui::{Element, ui};

/// The counts of the search shown; `None` while there is none, its counts are not here, or
/// it found nothing.
pub(super) fn view<'a>(mailbox: &'a Mailbox, context: Context<'a>) -> Option<Element<'a, Message>> {
    let look = context.look;
    let facets = mailbox.listing.facets.as_ref()?;
    let groups = context.wording.facets(facets);
    if groups.is_empty() {
        return None;
    }
    let mut content = column![].spacing(2.0).padding([space::M, space::S]).width(Length::Fill);
    for group in groups {
        let padding = Padding { top: space::S, right: space::S, bottom: space::XS, left: 10.0 };
        let title = elided(look.caption_strong(), group.title).width(Length::Fill);
        content = content.push(container(title).width(Length::Fill).padding(padding));
        for count in group.counts {
            let is_asked = asks_for(&mailbox.query, &count.operator);
            let mark = is_asked.then_some(Icon::Check);
            let narrow = Message::Narrow(count.operator);
            content = content.push(ui::nav_item(look, mark, count.label, count.count, is_asked, narrow));
        }
    }
    if mailbox.listing.total().is_some_and(|total| total > facets.counted) {
        let words = context.with("facet-counted", &[("count", &facets.counted.to_string())]);
        content = content.push(container(ui::caption(look, words)).padding(space::S));
    }
    Some(ui::scroll(look, content).height(Length::Fill).into())
}
