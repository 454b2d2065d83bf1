//! The other messages of the conversation, sent ones included: how many, the one before and after, and all of them.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::super::reader::{self, Shown};
use super::super::sender::shown_name;
use super::super::{Mailbox, Message};
use super::rows::subject;
use crate::domain::message::MessageRow;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::space;
use crate::gui::widget::elided;
use crate::gui::{Element, ui};

/// Height of the list before it scrolls, in pixels before text size.
const HEIGHT: f32 = 190.0;
/// Messages above which it scrolls.
const MOST_AT_ONCE: usize = 6;

/// `None` for a message that is alone.
pub(super) fn strip<'a>(
    mailbox: &'a Mailbox,
    shown: &'a Shown,
    context: Context<'a>,
) -> Option<Element<'a, Message>> {
    let look = context.look;
    let all = &shown.conversation;
    let at = all.iter().position(|row| row.id == shown.view.row.id)?;
    let go = |row: Option<&MessageRow>| row.map(|row| Message::ShowMessage(row.folder, row.id));
    let values = [("at", (at + 1).to_string()), ("count", all.len().to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fold = Message::Reader(reader::Message::Unfold(!shown.is_unfolded));
    let label = context.text(if shown.is_unfolded { "conversation-fold" } else { "conversation-unfold" });
    let head = row![
        ui::strong(look, context.with("conversation-position", &values)),
        iced::widget::space().width(Length::Fill),
        ui::icon_button(
            look,
            Icon::Up,
            context.text("conversation-previous"),
            go(at.checked_sub(1).and_then(|at| all.get(at)))
        ),
        ui::icon_button(look, Icon::Down, context.text("conversation-next"), go(all.get(at + 1))),
        ui::link(look, label).id("conversation-unfold").on_press(fold),
    ]
    .spacing(space::XS)
    .align_y(Alignment::Center);
    let mut content = column![head].spacing(space::XS);
    if shown.is_unfolded {
        let lines = all.iter().map(|row| line(mailbox, row, row.id == shown.view.row.id, context));
        let lines = column(lines).spacing(2.0).width(Length::Fill);
        content = content.push(if all.len() > MOST_AT_ONCE {
            ui::scroll(look, lines).height(look.px(HEIGHT)).into()
        } else {
            Element::from(lines)
        });
    }
    Some(ui::card(look, content).padding([space::XS, space::M]).width(Length::Fill).into())
}

fn line<'a>(
    mailbox: &'a Mailbox,
    row: &'a MessageRow,
    is_here: bool,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let who = if mailbox.is_own(row) { context.text("conversation-own") } else { shown_name(&row.from) };
    let folder = mailbox.folder(row.folder).map(|f| context.wording.folder(f)).unwrap_or_default();
    let date = context.wording.when(row.date, context.now);
    let label = format!("{who} · {}", subject(&row.subject, context));
    let face = if is_here { look.strong() } else { look.body() };
    let words =
        row![elided(face, label).width(Length::Fill), ui::caption(look, format!("{folder} · {date}")),]
            .spacing(space::S)
            .align_y(Alignment::Center);
    if is_here {
        return container(words)
            .padding([space::XS, space::S])
            .width(Length::Fill)
            .style(ui::sunk(look))
            .into();
    }
    let open = ui::icon_button(
        look,
        Icon::Mail,
        context.text("conversation-open"),
        Some(Message::ShowMessage(row.folder, row.id)),
    );
    row![container(words).padding([0.0, space::S]).width(Length::Fill), open]
        .align_y(Alignment::Center)
        .into()
}
