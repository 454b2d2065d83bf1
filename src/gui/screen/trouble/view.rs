//! How the program's health looks.

use iced::widget::{column, container, row};
use iced::{Alignment, Length};

use super::{Message, Trouble, card_word};
use crate::domain::card::CardState;
use crate::engine::{AccountHealth, Connection, Health};
use crate::gui::font::Icon;
use crate::gui::theme::{Tone, space as gap};
use crate::gui::widget::elided;
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
            content = content.push(accounts(health, context)).push(outbox(health, context));
        }
        // without a session there are no accounts to show, and the lock screen says so already
        Some(Err(error)) if error.code() != "no-session" => {
            let sentence = context.wording.error(error);
            content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
        }
        _ => {}
    }
    content = content.push(card(trouble, context));
    let page = container(content).padding(gap::XL).width(Length::Fill);
    container(ui::scroll(look, page).width(Length::Fill).height(Length::Fill))
        .style(ui::background(look))
        .into()
}

fn is_well(trouble: &Trouble, health: &Health) -> bool {
    health.refused == 0
        && !health.accounts.is_empty()
        && matches!(trouble.card, CardState::Unlocked { .. })
        && health.accounts.iter().all(|account| matches!(account.connection, Connection::UpToDate))
}

fn accounts<'a>(health: &Health, context: Context<'a>) -> Element<'a, Message> {
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
        content = content.push(ui::divider(look)).push(account_part(account, context));
    }
    ui::card(look, content).width(Length::Fill).into()
}

fn account_part<'a>(account: &AccountHealth, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let (tone, state) = match &account.connection {
        Connection::Idle => (Tone::Neutral, "trouble-connection-idle"),
        Connection::Working => (Tone::Accent, "trouble-connection-working"),
        Connection::UpToDate => (Tone::Good, "trouble-connection-up-to-date"),
        Connection::Waiting(_) => (Tone::Warning, "trouble-connection-waiting"),
    };
    let head = row![
        ui::status_dot(look, tone),
        elided(look.body(), account.address.as_str()).width(Length::Fill),
        ui::text(look.caption(), context.text(state)),
    ];
    let success = match account.last_success {
        Some(at) => {
            let moment = context.wording.moment(at, context.now);
            context.with("trouble-last-success", &[("moment", &moment)])
        }
        None => context.text("trouble-never"),
    };
    let (complete, all) =
        (context.wording.count(account.downloaded), context.wording.count(account.messages));
    let counts = context.with("trouble-counts", &[("downloaded", &complete), ("messages", &all)]);
    let pending = context.with("trouble-pending", &[("count", &account.pending_changes.to_string())]);
    let mut content = column![
        head.spacing(gap::S).align_y(Alignment::Center),
        ui::caption(look, success),
        ui::caption(look, format!("{counts} · {pending}")),
    ];
    if let Connection::Waiting(error) = &account.connection {
        let sentence = context.wording.error(error);
        content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
    }
    content.spacing(gap::XS).into()
}

fn outbox<'a>(health: &Health, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let waiting = context.with("trouble-waiting", &[("count", &health.waiting.to_string())]);
    let refused = context.with("trouble-refused", &[("count", &health.refused.to_string())]);
    let tone = if health.refused > 0 { Tone::Alarm } else { Tone::Good };
    let see = ui::secondary(look, context.text("trouble-see-sendings")).on_press(Message::SeeSendings);
    let line = row![
        ui::status_dot(look, tone),
        ui::body(look, format!("{waiting} · {refused}")).width(Length::Fill),
        see
    ];
    let content = column![
        ui::strong(look, context.text("trouble-outbox")),
        line.spacing(gap::S).align_y(Alignment::Center)
    ];
    ui::card(look, content.spacing(gap::S)).width(Length::Fill).into()
}

fn card<'a>(trouble: &Trouble, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![ui::strong(look, context.text("trouble-card"))].spacing(gap::S);
    let (tone, what, advice) = match &trouble.card {
        CardState::Unlocked { .. } => (Tone::Good, context.text("trouble-card-ok"), String::new()),
        CardState::Locked { .. } => (Tone::Accent, context.text("trouble-card-locked"), String::new()),
        CardState::Reading => (Tone::Accent, context.text("welcome-reading"), String::new()),
        other => {
            let sentence = context.wording.code(card_word(other), &[]);
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
