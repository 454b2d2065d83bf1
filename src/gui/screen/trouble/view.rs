//! How the program's health looks.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::account::account_part;
use super::chain::chain_part;
use super::filing::filing_part;
use super::{Message, Trouble};
use crate::domain::card::CardState;
use crate::domain::outbox::OutboxState;
use crate::domain::tally::Fullness;
use crate::engine::{ArchiveStatus, Connection, Health, SendingsHealth};
use crate::gui::font::Icon;
use crate::gui::theme::{Tone, space as gap};
use crate::gui::{Element, screen::Context, ui};

pub(super) fn page<'a>(trouble: &'a Trouble, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut head = row![ui::title(look, context.text("trouble-title")).width(Length::Fill)];
    if trouble.can_leave {
        head = head
            .push(ui::secondary(look, context.text("app-close")).icon(Icon::Back).on_press(Message::Leave));
    }
    head = head
        .push(
            ui::secondary(look, context.text("trouble-refresh")).icon(Icon::Sync).on_press(Message::Refresh),
        )
        .push(ui::secondary(look, context.text("trouble-copy")).icon(Icon::Copy).on_press(Message::Copy));
    let hint = ui::caption(look, context.text("trouble-copy-detail"));
    let mut content = column![head.spacing(gap::S).align_y(Alignment::Center), hint]
        .spacing(gap::L)
        .max_width(look.px(820.0));
    match &trouble.health {
        Some(Ok(health)) => {
            if is_well(trouble, health) {
                content =
                    content.push(ui::banner(look, Tone::Good, context.text("trouble-all-well"), "", vec![]));
            }
            content = content
                .push(accounts(trouble, health, context))
                .push(outbox(health, context))
                .extend(filing_part(trouble, context))
                .push(store(trouble, health, context));
            if let Some(status) = &health.archive {
                content = content.push(archive(status, context));
            }
        }
        // without a session there are no accounts to show, and the lock screen says so already
        Some(Err(error)) if error.code() != "no-session" => {
            let sentence = context.wording.error(error);
            content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
        }
        _ => {}
    }
    content = content.push(card(trouble, context)).push(chain_part(trouble, context));
    let page = container(content).padding(gap::XL).width(Length::Fill);
    container(ui::scroll(look, page).width(Length::Fill).height(Length::Fill))
        .style(ui::background(look))
        .into()
}

fn is_well(trouble: &Trouble, health: &Health) -> bool {
    health.refused == 0
        && trouble.rules.is_empty()
        && !health.accounts.is_empty()
        && matches!(trouble.card, CardState::Unlocked { .. })
        && !health.check_failed
        && health.archive.as_ref().is_none_or(|archive| archive.trouble.is_none() && archive.due == 0)
        && health.accounts.iter().all(|account| {
            matches!(account.connection, Connection::UpToDate)
                && account.disagreeing() == 0
                && account.quota.is_none_or(|quota| quota.fullness() == Fullness::Roomy)
        })
}

fn accounts<'a>(trouble: &'a Trouble, health: &'a Health, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![ui::strong(look, context.text("trouble-accounts"))].spacing(gap::S);
    if health.accounts.is_empty() {
        let sentence = context.wording.code("no-account", &[]);
        let settings = ui::secondary(look, context.text("app-settings")).on_press(Message::SeeSettings);
        content = content.push(ui::banner(
            look,
            Tone::Warning,
            sentence.what,
            sentence.advice,
            vec![settings.into()],
        ));
    }
    for account in &health.accounts {
        content = content.push(ui::divider(look)).push(account_part(trouble, account, context));
    }
    ui::card(look, content).width(Length::Fill).into()
}

fn outbox<'a>(health: &Health, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let waiting = context.with("trouble-waiting", &[("count", &health.waiting.to_string())]);
    let refused = context.with("trouble-refused", &[("count", &health.refused.to_string())]);
    let mut counts = vec![waiting, refused];
    if health.undelivered > 0 {
        counts.push(context.with("trouble-undelivered", &[("count", &health.undelivered.to_string())]));
    }
    let tone = if health.refused + health.undelivered > 0 { Tone::Alarm } else { Tone::Good };
    let see = ui::secondary(look, context.text("trouble-see-sendings")).on_press(Message::SeeSendings);
    let line = row![ui::status_dot(look, tone), ui::body(look, counts.join(" · ")).width(Length::Fill), see];
    let content = column![
        ui::strong(look, context.text("trouble-outbox")),
        line.spacing(gap::S).align_y(Alignment::Center)
    ];
    let reasons = health.sendings.iter().map(|group| ui::caption(look, reason(group, context)).into());
    let content = content.extend(reasons);
    ui::card(look, content.spacing(gap::S)).width(Length::Fill).into()
}

/// How many wait or were refused, and for what reason.
fn reason(group: &SendingsHealth, context: Context<'_>) -> String {
    let key = match group.state {
        OutboxState::Queued => "trouble-sendings-queued",
        OutboxState::Sending => "trouble-sendings-sending",
        OutboxState::SentUnfiled => "trouble-sendings-unfiled",
        OutboxState::Refused => "trouble-sendings-refused",
        // what is done is not counted
        OutboxState::NeedsUser | OutboxState::Done => "trouble-sendings-needs-user",
    };
    let words = context.with(key, &[("count", &group.count.to_string())]);
    match &group.trouble {
        Some(code) => format!("{words} · {}", context.wording.in_general(code)),
        None => words,
    }
}

/// The store on this machine.
fn store<'a>(trouble: &Trouble, health: &Health, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let (tone, checked) = match health.checked_at {
        _ if health.check_failed => (Tone::Alarm, context.wording.code("store-damaged", &[]).what),
        Some(at) => {
            let moment = context.wording.moment(at, context.now);
            (Tone::Good, context.with("trouble-store-checked", &[("moment", &moment)]))
        }
        None => (Tone::Neutral, context.text("trouble-store-unchecked")),
    };
    let size = context.wording.size(health.store_bytes);
    let words = match health.store_bytes {
        // fictitious data are in memory only
        0 => checked,
        _ => format!("{} · {checked}", context.with("trouble-store-size", &[("size", &size)])),
    };
    let label = if trouble.is_checking { "trouble-store-checking" } else { "trouble-store-check" };
    let check = ui::secondary(look, context.text(label))
        .on_press_maybe((!trouble.is_checking).then_some(Message::CheckStore));
    let line = row![ui::status_dot(look, tone), ui::body(look, words).width(Length::Fill), check];
    let content = column![
        ui::strong(look, context.text("trouble-store")),
        line.spacing(gap::S).align_y(Alignment::Center)
    ];
    ui::card(look, content.spacing(gap::S)).width(Length::Fill).into()
}

fn archive<'a>(status: &ArchiveStatus, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![ui::strong(look, context.text("archive-title"))].spacing(gap::S);
    if let Some(sentence) = context.wording.archive_warning(status) {
        let settings = ui::secondary(look, context.text("app-settings")).on_press(Message::SeeSettings);
        content = content.push(ui::banner(
            look,
            Tone::Warning,
            sentence.what,
            sentence.advice,
            vec![settings.into()],
        ));
    }
    let lines = context.wording.archive(status, context.now);
    content = content.extend(lines.into_iter().map(|line| ui::caption(look, line).into()));
    ui::card(look, content).width(Length::Fill).into()
}

fn card<'a>(trouble: &Trouble, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![ui::strong(look, context.text("trouble-card"))].spacing(gap::S);
    let (tone, what, advice) = match &trouble.card {
        CardState::Unlocked { .. } => (Tone::Good, context.text("trouble-card-ok"), String::new()),
        CardState::Locked { .. } => (Tone::Accent, context.text("trouble-card-locked"), String::new()),
        CardState::Reading => (Tone::Accent, context.text("welcome-reading"), String::new()),
        other => {
            let sentence = context.wording.card(other);
            (Tone::Warning, sentence.what, sentence.advice)
        }
    };
    content = content.push(ui::banner(look, tone, what, advice, vec![]));
    // the fictitious card is in no reader
    if let Some(Ok(health)) = trouble.health.as_ref().filter(|_| !context.is_practice) {
        let readers = match health.readers.as_slice() {
            [] => context.text("trouble-no-readers"),
            names => context.with("trouble-readers", &[("names", &names.join(", "))]),
        };
        let module = match &health.module {
            Some(path) => context.with("trouble-module", &[("path", path)]),
            None => context.text("trouble-no-module"),
        };
        content = content.push(ui::caption(look, readers)).push(ui::caption(look, module));
    }
    ui::card(look, content).width(Length::Fill).into()
}
