//! What surrounds the screens: rail, strips, status bar, notices, help.

use iced::widget::{column, container, row, space};
use iced::{Alignment, Border, Length, Padding, window};

use super::desk::Desk;
use super::gate::Gate;
use super::letter::Letter;
use super::{App, Message, request};
use crate::domain::tally::Fullness;
use crate::engine::{Connection, Deed};
use crate::gui::font::Icon;
use crate::gui::screen::file_choice;
use crate::gui::screen::login as login_screen;
use crate::gui::screen::{Context, Notice, Place};
use crate::gui::shortcut::{Command, TABLE};
use crate::gui::theme::{RADIUS, Tone, space as gap};
use crate::gui::widget::{Badge, PressStatus, PressStyle, elided, press};
use crate::gui::{Element, ui};

pub(super) fn gate<'a>(app: &'a App, gate: &'a Gate, context: Context<'a>) -> Element<'a, Message> {
    let content = column![column(strips(app, context))].push(gate.view(context).map(Message::Gate));
    finish(app, context, app.main, content)
}

pub(super) fn letter<'a>(
    app: &'a App,
    window: window::Id,
    letter: &'a Letter,
    context: Context<'a>,
) -> Element<'a, Message> {
    let view = letter.view(context).map(move |message| Message::Letter(window, message));
    let content = column![column(strips(app, context))].push(view);
    finish(app, context, window, content)
}

pub(super) fn desk<'a>(app: &'a App, desk: &'a Desk, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let number = app.session_number;
    let page = desk.view(context).map(move |message| Message::Desk(number, message));
    let middle = row![rail(app, desk, context), ui::vertical_divider(look), page].height(Length::Fill);
    let content = column![]
        .extend(strips(app, context))
        .push(middle)
        .push(ui::divider(look))
        .push(status(app, context));
    let whole = finish(app, context, app.main, content);
    // always the same tree, so that fields keep their focus when the dialog comes and goes
    let mut layers = iced::widget::stack![whole];
    if let Some(login) = &app.login {
        let dialog = login.view(context).map(move |message| Message::Login(number, message));
        let beside =
            if login.is_idle() { login_screen::Message::Leave } else { login_screen::Message::Nothing };
        layers = layers.push(ui::modal(
            look,
            space().width(Length::Fill).height(Length::Fill),
            dialog,
            Message::Login(number, beside),
        ));
    } else if let Some(question) = &app.question {
        let nothing = space().width(Length::Fill).height(Length::Fill);
        let leave = Message::Request(request::Message::Leave);
        layers = layers.push(ui::modal(look, nothing, request::dialog(question, context), leave));
    }
    if let Some(archived) = &app.archived {
        let dialog = archived.view(context).map(move |message| Message::Archived(number, message));
        let beside = Message::Archived(number, crate::gui::screen::archived::Message::Nothing);
        let under = space().width(Length::Fill).height(Length::Fill);
        layers = layers.push(ui::modal(look, under, dialog, beside));
    }
    if let Some(transfer) = &app.transfer {
        let dialog = transfer.view(context).map(move |message| Message::Transfer(number, message));
        let beside = Message::Transfer(number, crate::gui::screen::transfer::Message::Tick);
        let under = space().width(Length::Fill).height(Length::Fill);
        layers = layers.push(ui::modal(look, under, dialog, beside));
    }
    layers.into()
}

/// With the choice of a file above everything, where it is open in this window.
pub(super) fn with_choice<'a>(
    app: &'a App,
    window: window::Id,
    whole: Element<'a, Message>,
    context: Context<'a>,
) -> Element<'a, Message> {
    // always the same tree, so that fields keep their focus when the dialog comes and goes
    let mut layers = iced::widget::stack![whole];
    if let Some(choice) = app.choice_in(window) {
        let dialog = choice.view(context).map(Message::Choice);
        let beside = Message::Choice(file_choice::Message::Nothing);
        let under = space().width(Length::Fill).height(Length::Fill);
        layers = layers.push(ui::modal(context.look, under, dialog, beside));
    }
    layers.into()
}

/// Puts the notice at the foot and the help above everything.
fn finish<'a>(
    app: &'a App,
    context: Context<'a>,
    window: window::Id,
    content: iced::widget::Column<'a, Message>,
) -> Element<'a, Message> {
    let look = context.look;
    let ground = container(content).width(Length::Fill).height(Length::Fill).style(ui::background(look));
    // always the same tree, so that fields keep their focus when a notice comes and goes
    let mut layers = iced::widget::stack![ground];
    if let Some((number, notice)) = &app.notice {
        let foot = container(notice_part(*number, notice, context, window))
            .align_x(Alignment::Center)
            .align_y(Alignment::End)
            .width(Length::Fill)
            .height(Length::Fill)
            .padding(Padding::ZERO.bottom(look.px(44.0)));
        layers = layers.push(foot);
    }
    if app.shows_help && window == app.main {
        return ui::modal(look, layers, help(context, window), Message::Command(window, Command::Help));
    }
    layers.into()
}

/// Marks that hold for the whole window.
fn strips<'a>(app: &App, context: Context<'a>) -> Vec<Element<'a, Message>> {
    let look = context.look;
    let mut strips = Vec::new();
    if context.is_practice {
        strips.push(strip(context, Tone::Warning, context.text("app-practice"), None));
    } else if app.session.as_ref().is_some_and(|session| !session.online && session.holder.is_some()) {
        let unlock =
            ui::link(look, context.text("app-unlock")).on_press(Message::Command(app.main, Command::Lock));
        strips.push(strip(context, Tone::Accent, context.text("app-offline"), Some(unlock.into())));
    }
    let accounts = app.health.iter().flat_map(|health| &health.accounts);
    if let Some((error, purpose, key)) = accounts.filter_map(super::login::wanted).next() {
        let act = ui::link(look, context.text(key)).id("log-in").on_press(Message::LogIn(purpose));
        strips.push(strip(context, Tone::Warning, context.wording.error(error).what, Some(act.into())));
    }
    strips
}

fn strip<'a>(
    context: Context<'a>,
    tone: Tone,
    text: String,
    action: Option<Element<'a, Message>>,
) -> Element<'a, Message> {
    let look = context.look;
    let colours = look.palette.tone(tone);
    let words = ui::text(look.caption_strong().coloured(colours.text), text);
    let line = row![words].extend(action).spacing(gap::M).align_y(Alignment::Center);
    container(line)
        .center_x(Length::Fill)
        .padding([3.0, gap::M])
        .style(move |_| container::Style {
            background: Some(colours.ground.into()),
            ..container::Style::default()
        })
        .into()
}

fn rail<'a>(app: &'a App, desk: &Desk, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let here = desk.place();
    let item = |icon, key, place, command, count: Option<Badge>| {
        rail_item(context, icon, key, here == place, count, Message::Command(app.main, command))
    };
    let count = |tone, count: u32| (count > 0).then(|| Badge::new(tone, count.to_string()));
    // what waits to be attached can wait; what did not leave cannot
    let waiting = count(Tone::Accent, desk.unattached());
    let attention = count(Tone::Alarm, desk.needing_attention());
    let top = column![
        item(Icon::Inbox, "app-mailbox", Place::Mailbox, Command::GoMailbox, None),
        item(Icon::People, "app-patients", Place::Patients, Command::GoPatients, waiting),
        item(Icon::Directory, "app-annuaire", Place::Annuaire, Command::GoAnnuaire, None),
        item(Icon::Send, "app-sendings", Place::Sendings, Command::GoSendings, attention),
    ]
    .spacing(gap::XS);
    let bottom = column![
        item(Icon::Activity, "app-trouble", Place::Trouble, Command::GoTrouble, None),
        item(Icon::Settings, "app-settings", Place::Settings, Command::GoSettings, None),
    ]
    .spacing(gap::XS);
    container(column![top, space().height(Length::Fill), bottom])
        .padding([gap::S, 6.0])
        .width(look.px(76.0))
        .height(Length::Fill)
        .style(ui::sunk(look))
        .into()
}

fn rail_item<'a>(
    context: Context<'a>,
    icon: Icon,
    key: &'static str,
    is_chosen: bool,
    count: Option<Badge>,
    message: Message,
) -> Element<'a, Message> {
    let look = context.look;
    let p = look.palette;
    let colour = if is_chosen { p.accent } else { p.soft };
    let face = look.caption().coloured(colour);
    let face = if is_chosen { face.bold() } else { face };
    let mut head = row![ui::icon(look, icon, 20.0, colour)].align_y(Alignment::Center).spacing(2.0);
    if let Some(count) = &count {
        head = head.push(ui::badge(look, count));
    }
    let content = column![
        container(head).center_x(Length::Fill).height(look.px(22.0)),
        container(ui::text(face, context.text(key))).center_x(Length::Fill)
    ]
    .spacing(2.0);
    press(content, move |status| {
        let over = matches!(status, PressStatus::Hovered | PressStatus::Pressed);
        let chosen = if p.is_dark { p.background } else { p.panel };
        PressStyle {
            background: if is_chosen { Some(chosen) } else { over.then_some(p.line) },
            border: Border { radius: RADIUS.into(), ..Border::default() },
            text: colour,
            ring: p.accent,
        }
    })
    .id(key)
    .padding([gap::S, 2.0])
    .width(Length::Fill)
    .on_press(message)
    .into()
}

fn status<'a>(app: &'a App, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let (tone, words) = health_words(app, context);
    let words = elided(look.caption(), words).width(Length::Fill);
    let health = press(
        row![ui::status_dot(look, tone), words].spacing(gap::S).align_y(Alignment::Center),
        move |_| PressStyle {
            background: None,
            border: Border { radius: 4.0.into(), ..Border::default() },
            text: look.palette.soft,
            ring: look.palette.accent,
        },
    )
    .padding([2.0, 4.0])
    .width(Length::Fill)
    .id("health")
    .on_press(Message::Command(app.main, Command::GoTrouble));
    let mut line = row![health].spacing(gap::S).align_y(Alignment::Center);
    // a narrow window needs the room for the words before: a key without its word says nothing
    if context.window.width >= look.px(1000.0) {
        line = line
            .push(ui::keys(look, Command::Annuaire.key()))
            .push(ui::caption(look, context.text("app-annuaire").to_lowercase()))
            .push(ui::keys(look, Command::Help.key()))
            .push(ui::caption(look, context.text("app-help")));
    }
    if let Some(holder) = app.session.as_ref().and_then(|session| session.holder.as_ref()) {
        let card = context.text(if context.is_online { "app-card-in" } else { "app-card-out" });
        let words = [holder.display_name(), holder.title.to_lowercase(), card];
        let label = words.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" · ");
        let tone = if context.is_online { Tone::Accent } else { Tone::Neutral };
        line = line.push(ui::badge(look, &Badge::new(tone, label).icon(Icon::Card)));
    }
    container(line)
        .padding([0.0, gap::S])
        .height(look.px(32.0))
        .align_y(Alignment::Center)
        .style(ui::sunk(look))
        .into()
}

/// The worst of the accounts, what waits, what was refused.
fn health_words(app: &App, context: Context<'_>) -> (Tone, String) {
    let Some(health) = &app.health else {
        return (Tone::Neutral, context.text("app-status-idle"));
    };
    let states: Vec<&Connection> = health.accounts.iter().map(|account| &account.connection).collect();
    let oldest = health.accounts.iter().filter_map(|account| account.last_success).min();
    let (tone, first) = match oldest {
        _ if health.accounts.iter().any(|account| super::login::wanted(account).is_some()) => {
            (Tone::Warning, context.text("app-status-wanted"))
        }
        _ if states.iter().any(|c| matches!(c, Connection::Waiting(_))) => {
            (Tone::Warning, context.text("app-status-waiting"))
        }
        _ if states.iter().any(|c| matches!(c, Connection::Working)) => {
            (Tone::Accent, context.text("app-status-working"))
        }
        Some(at) if states.iter().all(|c| matches!(c, Connection::UpToDate)) => {
            let hour = context.wording.hour(at);
            (Tone::Good, context.with("app-status-up-to-date", &[("hour", &hour)]))
        }
        _ => (Tone::Neutral, context.text("app-status-idle")),
    };
    let messages = health.accounts.iter().map(|account| account.messages).sum();
    let mut words = vec![first];
    words.push(context.with("app-status-messages", &[("count", &context.wording.count(messages))]));
    words.push(context.with("app-status-pending", &[("count", &health.waiting.to_string())]));
    if health.refused > 0 {
        words.push(context.with("app-status-refused", &[("count", &health.refused.to_string())]));
    }
    let mut tone = if health.refused > 0 { Tone::Alarm } else { tone };
    let quotas = health.accounts.iter().filter_map(|account| account.quota.as_ref());
    if let Some(fullest) = quotas.max_by_key(|quota| quota.percent())
        && fullest.fullness() > Fullness::Roomy
    {
        let percent = fullest.percent().to_string();
        words.push(context.with("app-status-quota", &[("percent", &percent)]));
        tone = match fullest.fullness() {
            Fullness::NearlyFull | Fullness::Full => Tone::Alarm,
            _ if tone == Tone::Alarm => tone,
            _ => Tone::Warning,
        };
    }
    (tone, words.join(" · "))
}

fn notice_part<'a>(
    number: u32,
    notice: &Notice,
    context: Context<'a>,
    window: window::Id,
) -> Element<'a, Message> {
    let look = context.look;
    let close =
        ui::icon_button(look, Icon::Close, context.text("app-close"), Some(Message::NoticeOver(number)));
    let banner = match notice {
        Notice::Done(key) => ui::banner(look, Tone::Good, context.text(key), "", vec![close]),
        Notice::Undo(key, command) => {
            let undo = ui::secondary(look, context.text("app-undo"))
                .icon(Icon::Undo)
                .on_press(Message::Command(window, *command));
            ui::banner(look, Tone::Good, context.text(key), "", vec![beside(undo, close)])
        }
        Notice::Undoable(done) => {
            let key = match done.deed {
                Deed::Moved => "notice-moved",
                Deed::Deleted => "notice-deleted",
                Deed::DeletedForGood => "notice-deleted-for-good",
            };
            let title = context.with(key, &[("count", &done.count.to_string())]);
            let undo = ui::secondary(look, context.text("app-undo"))
                .icon(Icon::Undo)
                .key(Command::Undo.key())
                .on_press(Message::Command(window, Command::Undo));
            // the cross stays: the notice may cover what one wants to read
            ui::banner(look, Tone::Good, title, "", vec![beside(undo, close)])
        }
        Notice::Filed(filed) => {
            let undo = ui::secondary(look, context.text("app-undo"))
                .icon(Icon::Undo)
                .key(Command::Undo.key())
                .on_press(Message::Command(window, Command::Undo));
            let count = if filed.left.is_empty() { filed.messages } else { filed.files };
            let (tone, key) = match (&filed.folder, filed.left.is_empty()) {
                (_, false) => (Tone::Warning, "notice-filed-in-part"),
                (Some(_), true) => (Tone::Good, "notice-filed"),
                (None, true) => (Tone::Good, "notice-filed-nowhere"),
            };
            let folder = filed.folder.as_deref().unwrap_or_default();
            let title = context.with(key, &[("count", &count.to_string()), ("folder", folder)]);
            ui::banner(look, tone, title, filed.left.join(", "), vec![beside(undo, close)])
        }
        Notice::Unfiled(unfiled) => {
            let key = match (unfiled.gone, unfiled.changed) {
                (0, 0) => "notice-unfiled",
                (_, 0) => "notice-unfiled-gone",
                _ => "notice-unfiled-changed",
            };
            ui::banner(look, Tone::Good, context.text(key), "", vec![close])
        }
        Notice::Failed(error) => {
            let sentence = context.wording.error(error);
            ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![close])
        }
    };
    ui::card(look, banner).padding(gap::XS).max_width(look.px(560.0)).into()
}

/// What can be done about a notice, in the line of its few words.
fn beside<'a>(undo: impl Into<Element<'a, Message>>, close: Element<'a, Message>) -> Element<'a, Message> {
    row![undo.into(), close].spacing(gap::S).align_y(Alignment::Center).into()
}

/// The names of keys as they are printed on the user's keyboard.
fn written(key: &str, context: Context<'_>) -> Vec<String> {
    // the plus of `Ctrl++` is the key itself
    let (held, last) = match key.strip_suffix("++") {
        Some(held) => (held, "+"),
        None => key.rsplit_once('+').unwrap_or(("", key)),
    };
    let name = |key: &str| match key {
        "Shift" => context.text("key-shift"),
        "Enter" => context.text("key-enter"),
        "Delete" => context.text("key-delete"),
        "Escape" => context.text("key-escape"),
        other => other.to_owned(),
    };
    held.split('+').filter(|key| !key.is_empty()).chain([last]).map(name).collect()
}

fn help<'a>(context: Context<'a>, window: window::Id) -> Element<'a, Message> {
    let look = context.look;
    let line = |entry: &crate::gui::shortcut::Shortcut| -> Element<'a, Message> {
        let caps = written(entry.key, context).into_iter().map(|key| ui::key_cap(look, key));
        row![
            container(row(caps).spacing(gap::XS)).width(look.px(150.0)),
            elided(look.body(), context.text(entry.label)).width(Length::Fill),
        ]
        .spacing(gap::S)
        .align_y(Alignment::Center)
        .into()
    };
    let lines = column(TABLE.iter().map(line)).spacing(2.0);
    let close =
        ui::primary(look, context.text("app-close")).on_press(Message::Command(window, Command::Help));
    let room = (context.window.height - look.px(240.0)).max(120.0);
    column![
        ui::title(look, context.text("app-help-title")),
        ui::caption(look, context.text("app-help-detail")),
        container(ui::scroll(look, container(lines).padding(Padding::ZERO.right(14.0)))).max_height(room),
        close,
    ]
    .spacing(gap::M)
    .into()
}
