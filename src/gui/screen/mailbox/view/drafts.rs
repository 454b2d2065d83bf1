//! The drafts in the list, and the one chosen.

use iced::Length;
use iced::widget::{column, container, row};

use super::super::{Mailbox, Message};
use super::rows::subject;
use crate::domain::draft::DraftRow;
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::{Badge, RowContent, list};
use crate::gui::{Element, ui};

pub(super) fn view<'a>(mailbox: &'a Mailbox, context: Context<'a>) -> Element<'a, Message> {
    let shown = mailbox.shown_drafts();
    let total = u32::try_from(shown.len()).unwrap_or(u32::MAX);
    if total == 0 {
        let (title, detail) = ("mailbox-drafts-none", "mailbox-drafts-none-detail");
        return ui::empty(context.look, Icon::Pencil, context.text(title), context.text(detail));
    }
    let at = shown.iter().position(|draft| Some(draft.id) == mailbox.draft);
    let cursor = at.and_then(|at| u32::try_from(at).ok());
    let content = move |index: u32| shown.get(index as usize).map(|draft| row_of(draft, context));
    list(context.look, total, content, Message::List)
        .selected(move |index| cursor == Some(index))
        .cursor(cursor)
        .key(mailbox.listing.epoch())
        .follows_keys(context.follows_keys)
        .id("mailbox-drafts")
        .into()
}

fn row_of(draft: &DraftRow, context: Context<'_>) -> RowContent {
    let nobody = || context.text("mailbox-draft-nobody");
    let mut badges = Vec::new();
    if draft.conflict {
        badges.push(Badge::new(Tone::Warning, context.text("mailbox-draft-conflict")).icon(Icon::Warning));
    }
    RowContent {
        title: if draft.recipients.is_empty() { nobody() } else { draft.recipients.join(", ") },
        corner: context.wording.when(draft.saved_at, context.now),
        corner_icons: if draft.has_attachment { vec![Icon::Paperclip] } else { Vec::new() },
        line: subject(draft.subject.trim(), context),
        detail: draft.excerpt.clone(),
        badges,
        ..RowContent::default()
    }
}

/// What can be done with the draft that is chosen, and where it is kept.
pub(super) fn chosen<'a>(draft: &'a DraftRow, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let buttons = row![
        ui::primary(look, context.text("mailbox-draft-edit")).on_press(Message::EditDraft(draft.id)),
        ui::danger(look, context.text("mailbox-draft-drop")).on_press(Message::DropDraft(draft.id)),
    ]
    .spacing(space::S);
    let saved = context.wording.moment(draft.saved_at, context.now);
    let place = match draft {
        DraftRow { is_on_server: true, .. } => "mailbox-draft-on-server",
        DraftRow { is_too_large: true, .. } => "mailbox-draft-too-large",
        _ => "mailbox-draft-here",
    };
    let mut content = column![
        ui::title(look, subject(draft.subject.trim(), context)),
        ui::caption(look, context.with(place, &[("when", &saved)])),
    ]
    .spacing(space::M)
    .width(Length::Fill);
    if draft.conflict {
        let (what, advice) =
            (context.text("mailbox-draft-conflict-what"), context.text("mailbox-draft-conflict-advice"));
        content = content.push(ui::banner(look, Tone::Warning, what, advice, Vec::new()));
    }
    container(content.push(buttons)).padding(space::XL).into()
}
