//! The picture of the sendings: one card a message, its state in words, what the server said, what can be done.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::{List, Message, Sendings, can_retry, needs_attention};
use crate::domain::outbox::{OutboxEntry, OutboxRecipient, OutboxState, RecipientState, Stage};
use crate::domain::receipt::{FollowUp, Problem, ReceiptKind};
use crate::engine::{ErrorKind, outbox_error};
use crate::gui::font::Icon;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::Badge;
use crate::gui::{Element, ui};

/// Most messages drawn: each is a card of widgets.
const MOST_CARDS: usize = 200;

impl Sendings {
    /// The whole screen.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let content = match &self.list {
            List::Loading => iced::widget::space().into(),
            List::Failed(error) => {
                let sentence = context.wording.error(error);
                ui::banner(look, Tone::Warning, sentence.what, sentence.advice, Vec::new())
            }
            List::Loaded(entries) if entries.is_empty() => ui::empty(
                look,
                Icon::Send,
                context.text("sendings-empty"),
                context.text("sendings-empty-detail"),
            ),
            List::Loaded(entries) => self.cards(entries, context),
        };
        let page =
            column![self.heading(context), content].spacing(space::L).padding(space::XL).height(Length::Fill);
        container(page).width(Length::Fill).height(Length::Fill).style(ui::background(look)).into()
    }

    fn heading<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let count = |wanted: fn(&OutboxEntry) -> bool| {
            self.entries().iter().filter(|e| wanted(e)).count().to_string()
        };
        let waiting = count(|e| matches!(e.state, OutboxState::Queued | OutboxState::Sending));
        let trouble = count(needs_attention);
        let mut line = row![ui::title(look, context.text("sendings-title"))]
            .spacing(space::M)
            .align_y(Alignment::Center);
        if waiting != "0" {
            let badge = Badge::new(Tone::Accent, context.with("sendings-waiting", &[("count", &waiting)]));
            line = line.push(ui::badge(look, &badge));
        }
        if trouble != "0" {
            let badge = Badge::new(Tone::Alarm, context.with("sendings-trouble", &[("count", &trouble)]));
            line = line.push(ui::badge(look, &badge));
        }
        line.into()
    }

    fn cards<'a>(&'a self, entries: &'a [OutboxEntry], context: Context<'a>) -> Element<'a, Message> {
        let cards = entries.iter().take(MOST_CARDS).map(|entry| self.card(entry, context));
        let list = column(cards).spacing(space::M).max_width(context.look.px(900.0)).width(Length::Fill);
        ui::scroll(context.look, list).width(Length::Fill).height(Length::Fill).into()
    }

    fn card<'a>(&'a self, entry: &'a OutboxEntry, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let subject = if entry.subject.trim().is_empty() {
            context.text("mailbox-no-subject")
        } else {
            entry.subject.clone()
        };
        let is_open = self.open.contains(&entry.id) || needs_attention(entry);
        let moment = context.wording.moment(entry.queued_at, context.now);
        let first = row![
            ui::strong(look, subject).width(Length::Fill),
            ui::caption(look, moment),
            ui::badge(look, &state_badge(entry, context)),
        ]
        .spacing(space::M)
        .align_y(Alignment::Center);
        let mut content =
            column![first, ui::caption(look, recipients_line(entry, context))].spacing(space::XS);
        if let Some(explanation) = explanation(entry, context) {
            content = content.push(ui::body(look, explanation));
        }
        if is_open {
            content = content.push(details(entry, context));
        }
        let content = content.push(container(self.buttons(entry, context)).padding([space::XS, 0.0]));
        ui::card(look, content).width(Length::Fill).into()
    }

    fn buttons<'a>(&'a self, entry: &'a OutboxEntry, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let free = !self.busy.contains(&entry.id);
        let mut buttons = row![].spacing(space::S);
        if can_retry(entry) && entry.state != OutboxState::Queued {
            let retry = ui::secondary(look, context.text("sendings-retry")).icon(Icon::Sync);
            buttons = buttons.push(retry.on_press_maybe(free.then_some(Message::Retry(entry.id))));
        } else if entry.state == OutboxState::Queued && entry.trouble.is_some() {
            let retry = ui::secondary(look, context.text("sendings-retry-now")).icon(Icon::Sync);
            buttons = buttons.push(retry.on_press_maybe(free.then_some(Message::Retry(entry.id))));
        }
        if entry.can_settle() {
            let settle = ui::secondary(look, context.text("sendings-settle")).icon(Icon::Check);
            buttons = buttons.push(settle.on_press_maybe(free.then_some(Message::Settle(entry.id))));
        }
        if entry.can_cancel() {
            let is_waiting = entry.state == OutboxState::Queued;
            let back = if is_waiting { "sendings-cancel" } else { "sendings-to-draft" };
            let edit = ui::secondary(look, context.text("sendings-edit")).icon(Icon::Pencil);
            buttons = buttons.push(edit.on_press_maybe(free.then_some(Message::EditAgain(entry.id))));
            let cancel = ui::quiet(look, context.text(back)).icon(Icon::Undo);
            buttons = buttons.push(cancel.on_press_maybe(free.then_some(Message::Cancel(entry.id))));
        }
        if !needs_attention(entry) {
            let key = if self.open.contains(&entry.id) { "sendings-hide" } else { "sendings-show" };
            buttons = buttons.push(ui::link(look, context.text(key)).on_press(Message::Toggle(entry.id)));
        }
        buttons.wrap().into()
    }
}

/// The state in plain words.
fn state_badge(entry: &OutboxEntry, context: Context<'_>) -> Badge {
    let refused = |r: &OutboxRecipient| matches!(r.state, RecipientState::Refused { .. });
    let stage = entry.stage(context.now);
    let left = matches!(entry.state, OutboxState::SentUnfiled | OutboxState::Done);
    if left && entry.recipients.iter().any(refused) {
        return Badge::new(Tone::Alarm, context.text("sendings-state-partly")).icon(Icon::Warning);
    }
    let (tone, icon) = match stage {
        Stage::Held | Stage::Queued => (Tone::Accent, Icon::History),
        Stage::WaitingCard | Stage::WaitingNetwork | Stage::WaitingServer | Stage::WaitingOther => {
            (Tone::Warning, Icon::History)
        }
        Stage::Sending => (Tone::Accent, Icon::Send),
        Stage::Unknown => (Tone::Alarm, Icon::Help),
        Stage::Refused => (Tone::Alarm, Icon::CloseCircle),
        Stage::Undelivered => (Tone::Alarm, Icon::Warning),
        Stage::Sent | Stage::Filed | Stage::Delivered | Stage::Read => (Tone::Good, Icon::Check),
    };
    Badge::new(tone, context.wording.stage(stage)).icon(icon)
}

fn recipients_line(entry: &OutboxEntry, context: Context<'_>) -> String {
    let name = |r: &OutboxRecipient| r.name.clone().unwrap_or_else(|| r.address.to_string());
    let names: Vec<String> = entry.recipients.iter().take(6).map(name).collect();
    context.with("sendings-to", &[("names", &names.join(", "))])
}

/// Why it waits, with the time of the next try, or what the user must decide.
fn explanation(entry: &OutboxEntry, context: Context<'_>) -> Option<String> {
    if entry.state == OutboxState::NeedsUser {
        return Some(context.text("sendings-needs-user-detail"));
    }
    entry.trouble.as_ref()?;
    let sentence = context.wording.error(&outbox_error(entry, ErrorKind::Refused));
    let mut said = Vec::new();
    // what the server said of each recipient stands beside the recipient
    if !entry.recipients.iter().any(|r| has_reason(&r.state)) {
        said.push(sentence.what);
        said.extend(entry.server_reply.as_deref().and_then(|reply| context.wording.reason(reply)));
    }
    said.push(sentence.advice);
    if entry.state == OutboxState::Queued && entry.not_before > context.now {
        let when = context.wording.moment(entry.not_before, context.now);
        said.push(context.with("sendings-next-try", &[("when", &when)]));
    }
    Some(said.join(" "))
}

fn details<'a>(entry: &'a OutboxEntry, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![].spacing(space::XS);
    for recipient in &entry.recipients {
        content = content.push(recipient_line(recipient, entry.state, context));
    }
    // what the server said of one recipient is said there
    let is_said = entry.recipients.iter().any(|r| has_reason(&r.state));
    let is_words = entry.trouble.as_deref() != Some("too-large");
    if let Some(reply) = entry.server_reply.as_ref().filter(|_| !is_said && is_words) {
        content = content.push(ui::caption(look, context.with("sendings-server-said", &[("reply", reply)])));
    }
    content = content.push(ui::caption(look, context.wording.size(entry.size)));
    content.into()
}

fn has_reason(state: &RecipientState) -> bool {
    matches!(state, RecipientState::Refused { .. } | RecipientState::Delayed { .. })
}

fn recipient_line<'a>(
    recipient: &'a OutboxRecipient,
    state: OutboxState,
    context: Context<'a>,
) -> Element<'a, Message> {
    let look = context.look;
    let (tone, icon, key, reason) = match &recipient.state {
        RecipientState::Waiting if state == OutboxState::NeedsUser => {
            (Tone::Warning, Icon::Help, "sendings-recipient-unknown", None)
        }
        RecipientState::Waiting => (Tone::Neutral, Icon::History, "sendings-recipient-waiting", None),
        RecipientState::Accepted => (Tone::Good, Icon::Check, "sendings-recipient-accepted", None),
        RecipientState::Refused { code, reason } => {
            (Tone::Alarm, Icon::CloseCircle, "sendings-recipient-refused", Some((code, reason)))
        }
        RecipientState::Delayed { code, reason } => {
            (Tone::Warning, Icon::History, "sendings-recipient-delayed", Some((code, reason)))
        }
    };
    let mut who = row![].spacing(space::S).align_y(Alignment::Center);
    let follow_up = follow_up_badges(&recipient.follow_up, context);
    // what came later says that the server had accepted it
    let is_overtaken = matches!(recipient.state, RecipientState::Accepted) && !follow_up.is_empty();
    if !is_overtaken {
        who = who.push(ui::badge(look, &Badge::new(tone, context.text(key)).icon(icon)));
    }
    for badge in &follow_up {
        who = who.push(ui::badge(look, badge));
    }
    if let Some(name) = &recipient.name {
        who = who.push(ui::body(look, name.as_str()));
    }
    who = who.push(ui::caption(look, recipient.address.to_string()));
    let mut lines = column![who.wrap()].spacing(2.0);
    if let Some((code, reason)) = reason {
        let code = code.to_string();
        let said = context.with("sendings-reason", &[("code", &code), ("reason", reason)]);
        let ours = context.wording.reason(&format!("{code} {reason}"));
        let said = ours.into_iter().chain([said]).collect::<Vec<_>>().join(" ");
        lines = lines.push(ui::caption(look, said));
    }
    if let Some(said) =
        recipient.follow_up.problem.as_ref().and_then(|problem| problem_words(problem, context))
    {
        lines = lines.push(ui::caption(look, said));
    }
    lines.into()
}

/// "remis", "lu" and what went wrong, each with its time.
fn follow_up_badges(follow_up: &FollowUp, context: Context<'_>) -> Vec<Badge> {
    let badge = |tone, icon, key, at| {
        let when = context.wording.moment(at, context.now);
        Badge::new(tone, context.with(key, &[("when", &when)])).icon(icon)
    };
    let mut badges = Vec::new();
    if let Some(at) = follow_up.delivered {
        badges.push(badge(Tone::Good, Icon::Check, "sendings-delivered", at));
    }
    if let Some(at) = follow_up.read {
        badges.push(badge(Tone::Good, Icon::Check, "sendings-read", at));
    }
    if let Some(problem) = &follow_up.problem {
        let (tone, icon, key) = match problem.kind {
            ReceiptKind::Delayed => (Tone::Warning, Icon::History, "sendings-delayed"),
            ReceiptKind::Rejected => (Tone::Alarm, Icon::Warning, "sendings-rejected"),
            _ => (Tone::Alarm, Icon::CloseCircle, "sendings-undelivered"),
        };
        badges.push(badge(tone, icon, key, problem.at));
    }
    badges
}

/// The reason the other side gives: in our words where the code says enough, and in theirs.
fn problem_words(problem: &Problem, context: Context<'_>) -> Option<String> {
    let known = context.wording.reason(&problem.code);
    let theirs = [problem.code.as_str(), &problem.reason].into_iter().filter(|s| !s.is_empty());
    let theirs = theirs.collect::<Vec<_>>().join(" ");
    let theirs = (!theirs.is_empty()).then(|| context.with("sendings-notice-said", &[("reply", &theirs)]));
    let words: Vec<String> = known.into_iter().chain(theirs).collect();
    (!words.is_empty()).then(|| words.join(" "))
}
