//! How the settings look.

use iced::widget::{column, container, row, space};
use iced::{Alignment, Length};

use super::{Check, Import, Message, Purpose, Settings, archive, filing, security};
use crate::domain::account::{Account, AuthMethod};
use crate::domain::directory::{ANS, MIRROR};
use crate::gui::font::Icon;
use crate::gui::preferences::ThemeChoice;
use crate::gui::theme::{TextSize, Tone, space as gap};
use crate::gui::widget::elided;
use crate::gui::{Element, screen::Context, ui};
use crate::wording::Language;

/// Choices of the delay, in seconds.
const DELAYS: [u32; 5] = [0, 5, 10, 20, 30];
/// Unusable lines of the annuaire that are shown with what is wrong with them; the command line shows more.
const MOST_BAD_LINES: usize = 3;
/// Choices of the size up to which messages are fetched unasked, in bytes; the last stands for no limit.
const LIMITS: [u64; 5] = [2_000_000, 8_000_000, 25_000_000, 50_000_000, u64::MAX];
/// Choices of the number of connections an account may have.
const CONNECTIONS: [u32; 4] = [1, 2, 4, 8];

pub(super) fn page<'a>(settings: &'a Settings, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![ui::title(look, context.text("settings-title"))].spacing(gap::L);
    if let Some(error) = &settings.failure {
        let sentence = context.wording.error(error);
        content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
    }
    let content = content
        .push(ui::card(look, program(settings, context)).width(Length::Fill))
        .push(ui::card(look, protection(settings, context)).width(Length::Fill))
        .push(ui::card(look, archive::view::section(&settings.archive, context)).width(Length::Fill))
        .push(ui::card(look, fetching(settings, context)).width(Length::Fill))
        .push(ui::card(look, accounts(settings, context)).width(Length::Fill))
        .push(ui::card(look, filing::view::section(&settings.filing, context)).width(Length::Fill))
        .push(ui::card(look, settings.network.view(context).map(Message::Network)).width(Length::Fill))
        .push(ui::card(look, annuaire(settings, context)).width(Length::Fill))
        .push(ui::card(look, card(settings, context)).width(Length::Fill))
        .max_width(look.px(720.0));
    let page = container(content).padding(gap::XL).width(Length::Fill);
    let page = ui::scroll(look, page).width(Length::Fill).height(Length::Fill);
    // always the same tree, so that the page stays where it is scrolled to when a dialog comes and goes
    let mut layers = iced::widget::stack![page];
    if let Some((dialog, leave)) = dialog(settings, context) {
        let nothing = space().width(Length::Fill).height(Length::Fill);
        layers = layers.push(ui::modal(look, nothing, dialog, leave));
    }
    layers.into()
}

/// What is asked above the page, and what a press beside it means.
fn dialog<'a>(settings: &'a Settings, context: Context<'a>) -> Option<(Element<'a, Message>, Message)> {
    if let Some(dialog) = &settings.security.dialog {
        let leave = Message::Security(security::Message::Leave);
        return Some((security::view::dialog(&settings.security, dialog, context), leave));
    }
    if let Some(form) = &settings.filing.form {
        let leave = Message::Filing(filing::Message::Leave);
        return Some((filing::view::form(&settings.filing, form, context), leave));
    }
    if let Some(dialog) = &settings.archive.dialog {
        let leave = Message::Archive(archive::Message::Leave);
        return Some((archive::view::dialog(dialog, context), leave));
    }
    let account = settings.accounts.iter().find(|account| Some(account.id) == settings.removing)?;
    Some((question(account, context), Message::KeepAll))
}

fn program<'a>(settings: &Settings, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let preferences = &settings.preferences;
    let languages = Language::ALL.map(|language| (language, language.name().to_owned()));
    let themes = [
        (ThemeChoice::Light, context.text("settings-theme-light")),
        (ThemeChoice::Dark, context.text("settings-theme-dark")),
        (ThemeChoice::System, context.text("settings-theme-system")),
    ];
    let sizes = TextSize::ALL
        .map(|size| (size, context.with("settings-percent", &[("n", &size.percent().to_string())])));
    let delays = DELAYS.map(|seconds| match seconds {
        0 => (0, context.text("settings-no-delay")),
        _ => (seconds, context.with("settings-seconds", &[("n", &seconds.to_string())])),
    });
    column![
        ui::labelled(
            look,
            context.text("settings-language"),
            ui::segmented(look, languages, context.wording.language(), Message::Language),
            None
        ),
        ui::labelled(
            look,
            context.text("settings-theme"),
            ui::segmented(look, themes, preferences.theme, Message::Theme),
            None
        ),
        ui::labelled(
            look,
            context.text("settings-text-size"),
            ui::segmented(look, sizes, preferences.text_size, Message::TextSize),
            None
        ),
        ui::labelled(
            look,
            context.text("settings-send-delay"),
            ui::segmented(look, delays, preferences.send_delay, Message::SendDelay),
            None
        ),
        ui::caption(look, context.text("settings-send-delay-detail")),
        ui::checkbox(look, context.text("settings-notify"), preferences.notify, Message::Notify),
        ui::caption(look, context.text("settings-notify-detail")),
    ]
    .spacing(gap::M)
    .into()
}

fn protection<'a>(settings: &'a Settings, context: Context<'a>) -> Element<'a, Message> {
    security::view::section(&settings.security, settings.preferences.idle_minutes, context)
}

/// How the mail is fetched.
fn fetching<'a>(settings: &Settings, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let limits = LIMITS.map(|bytes| match bytes {
        u64::MAX => (bytes, context.text("settings-no-limit")),
        _ => (bytes, context.with("settings-megabytes", &[("n", &(bytes / 1_000_000).to_string())])),
    });
    let counts = CONNECTIONS.map(|count| (count, count.to_string()));
    // a limit near what the program can take at all is none
    let last = LIMITS.iter().rev().nth(1).copied().unwrap_or_default();
    let limit = settings.download_limit.map_or(0, |bytes| if bytes > last { u64::MAX } else { bytes });
    let explained = |key| ui::caption(look, context.text(key));
    column![
        ui::strong(look, context.text("settings-fetching")),
        ui::labelled(
            look,
            context.text("settings-download-limit"),
            ui::segmented(look, limits, limit, Message::DownloadLimit),
            None
        ),
        explained("settings-download-limit-detail"),
        ui::labelled(
            look,
            context.text("settings-connections"),
            ui::segmented(look, counts, settings.connections.unwrap_or_default(), Message::Connections),
            None
        ),
        explained("settings-connections-detail"),
    ]
    .spacing(gap::S)
    .into()
}

fn card<'a>(settings: &Settings, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let field = ui::field(look, &context.text("settings-module-default"), &settings.module)
        .id("module")
        .on_input(Message::Module);
    column![
        ui::strong(look, context.text("settings-card")),
        ui::labelled(look, context.text("settings-module"), field, None),
        ui::caption(look, context.text("settings-next-start")),
    ]
    .spacing(gap::S)
    .into()
}

fn accounts<'a>(settings: &'a Settings, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![ui::strong(look, context.text("settings-accounts"))].spacing(gap::S);
    if settings.accounts.is_empty() {
        content = content.push(ui::caption(look, context.text("settings-accounts-none")));
    }
    for account in &settings.accounts {
        content = content.push(ui::divider(look)).push(account_part(settings, account, context));
    }
    let add = ui::secondary(look, context.text("settings-account-add"))
        .id("account-add")
        .on_press(Message::LogIn(Purpose::New));
    content.push(ui::divider(look)).push(add).into()
}

fn account_part<'a>(settings: &'a Settings, account: &Account, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let auth = match account.config.auth {
        AuthMethod::Card => "settings-auth-card",
        AuthMethod::Password => "settings-auth-password",
        AuthMethod::Psc => "settings-auth-psc",
        AuthMethod::Certificate => "settings-auth-certificate",
    };
    let (imap, smtp) = (&account.config.imap, &account.config.smtp);
    let servers =
        format!("{} · {}:{} · {}:{}", context.text(auth), imap.host, imap.port, smtp.host, smtp.port);
    let words = column![
        elided(look.body(), account.config.address.as_str()).width(Length::Fill),
        elided(look.caption(), servers).width(Length::Fill),
    ];
    let means = match account.config.auth {
        AuthMethod::Password => {
            Some(("settings-account-password", Message::LogIn(Purpose::Means(account.id))))
        }
        AuthMethod::Certificate => {
            Some(("settings-account-certificate", Message::LogIn(Purpose::Means(account.id))))
        }
        AuthMethod::Psc => Some(("settings-account-psc-logout", Message::LogOut)),
        AuthMethod::Card => None,
    };
    let means = means.map(|(key, message)| {
        ui::secondary(look, context.text(key)).id(format!("means-{}", account.id)).on_press(message).into()
    });
    let check = ui::secondary(look, context.text("settings-account-check"))
        .icon(Icon::Activity)
        .on_press(Message::Check(account.id));
    let remove =
        ui::danger(look, context.text("settings-account-remove")).on_press(Message::Remove(account.id));
    let line = row![words.width(Length::Fill)].extend(means).push(check).push(remove);
    let line = line.spacing(gap::S).align_y(Alignment::Center);
    let outcome: Option<Element<'a, Message>> = match settings.check_of(account.id) {
        None => None,
        Some(Check::Running) => Some(ui::caption(look, context.text("settings-account-checking")).into()),
        Some(Check::Passed(check)) => {
            let (imap, smtp) = (format!("{:.1}", check.imap_seconds), format!("{:.1}", check.smtp_seconds));
            let text = context.with("settings-account-ok", &[("imap", &imap), ("smtp", &smtp)]);
            let room = check.quota.as_ref().map(|quota| context.wording.quota(quota)).unwrap_or_default();
            Some(ui::banner(look, Tone::Good, text, room, vec![]))
        }
        Some(Check::Failed(error)) => {
            let sentence = context.wording.error(error);
            Some(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]))
        }
    };
    column![line].extend(outcome).spacing(gap::S).into()
}

fn question<'a>(account: &Account, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let address = account.config.address.as_str();
    let buttons = row![
        space().width(Length::Fill),
        ui::secondary(look, context.text("settings-cancel")).on_press(Message::KeepAll),
        ui::danger(look, context.text("settings-account-remove")).on_press(Message::RemoveNow(account.id)),
    ];
    column![
        ui::title(look, context.with("settings-account-remove-question", &[("address", address)])),
        ui::body(look, context.text("settings-account-remove-detail")),
        buttons.spacing(gap::S),
    ]
    .spacing(gap::L)
    .into()
}

/// `21/11/2026` of `2026-11-21T02:00:00`.
fn french_day(iso: &str) -> Option<String> {
    let mut parts = iso.get(..10)?.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{day}/{month}/{year}"))
}

fn annuaire<'a>(settings: &'a Settings, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![ui::strong(look, context.text("settings-annuaire"))].spacing(gap::S);
    content = match settings.status.as_ref().filter(|status| status.mailboxes > 0) {
        None => content.push(ui::body(look, context.text("settings-annuaire-none"))),
        Some(status) => {
            let (people, boxes) =
                (context.wording.count(status.people), context.wording.count(status.mailboxes));
            let loaded =
                context.with("settings-annuaire-loaded", &[("people", &people), ("mailboxes", &boxes)]);
            let date = status.data_date.as_deref();
            let date = date.map(|date| context.with("settings-annuaire-date", &[("date", date)]));
            let moment = status.imported_at.map(|at| {
                let moment = context.wording.moment(at, context.now);
                context.with("settings-annuaire-imported", &[("moment", &moment)])
            });
            let bad = (status.bad_lines > 0)
                .then(|| context.with("settings-annuaire-bad", &[("count", &status.bad_lines.to_string())]));
            let detail = [date, moment, bad].into_iter().flatten().collect::<Vec<_>>().join(" · ");
            let first_bad = status.first_bad_lines.iter().take(MOST_BAD_LINES);
            let first_bad = first_bad.map(|bad| ui::caption(look, context.wording.bad_line(bad)).into());
            content.push(ui::body(look, loaded)).push(ui::caption(look, detail)).extend(first_bad)
        }
    };
    let percent = settings.progress.and_then(|progress| progress.percent);
    let share = percent.map(|percent| f32::from(percent) / 100.0);
    content = match &settings.import {
        Import::None => content,
        Import::Running => content
            .push(
                row![
                    ui::caption(look, context.text("settings-annuaire-loading")).width(Length::Fill),
                    ui::link(look, context.text("annuaire-import-cancel")).on_press(Message::CancelImport),
                ]
                .spacing(gap::S),
            )
            .push(ui::progress(look, share)),
        Import::Failed(error) => {
            let sentence = context.wording.error(error);
            let anyway =
                ui::danger(look, context.text("settings-annuaire-anyway")).on_press(Message::Anyway).into();
            let buttons = if error.code() == "annuaire-smaller" { vec![anyway] } else { vec![] };
            content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, buttons))
        }
    };
    let white_list = settings.status.as_ref().and_then(|status| status.white_list.as_deref());
    let white_list = match white_list.and_then(french_day) {
        Some(date) => context.with("settings-annuaire-white-list", &[("date", &date)]),
        None => context.text("settings-annuaire-white-list-none"),
    };
    content = content.push(ui::caption(look, white_list));
    let is_idle = !matches!(settings.import, Import::Running);
    let url = &settings.preferences.annuaire_url;
    let field = ui::field(look, "https://", url).id("annuaire-url").on_input(Message::Url);
    let can_download = is_idle && !url.trim().is_empty();
    let buttons = row![
        container(ui::labelled(look, context.text("settings-annuaire-url"), field, None)).width(Length::Fill),
        ui::secondary(look, context.text("settings-annuaire-download"))
            .icon(Icon::Download)
            .on_press_maybe(can_download.then_some(Message::Download)),
        ui::secondary(look, context.text("settings-annuaire-file"))
            .icon(Icon::Folder)
            .on_press_maybe(is_idle.then_some(Message::ChooseFile)),
    ];
    let publics = [("settings-annuaire-mirror", MIRROR), ("settings-annuaire-ans", ANS)]
        .map(|(key, url)| ui::link(look, context.text(key)).on_press(Message::Url(url.to_owned())).into());
    let publics = row(publics).spacing(gap::M).wrap();
    let places = settings.status.as_ref().filter(|status| status.places_people > 0);
    let places = match places {
        Some(status) => {
            let people = context.wording.count(status.places_people);
            let date = status.places_date.as_deref().unwrap_or("-");
            context.with("settings-places-loaded", &[("people", &people), ("date", date)])
        }
        None => context.text("settings-places-none"),
    };
    let has_people = settings.status.as_ref().is_some_and(|status| status.mailboxes > 0);
    let places = row![
        ui::caption(look, places).width(Length::Fill),
        ui::secondary(look, context.text("settings-places-file"))
            .icon(Icon::Folder)
            .on_press_maybe((is_idle && has_people).then_some(Message::ChoosePlaces)),
    ];
    content
        .push(buttons.spacing(gap::S).align_y(Alignment::End))
        .push(publics)
        .push(places.spacing(gap::S).align_y(Alignment::Center))
        .push(settings.api.view(context))
        .push(settings.ldap.view(context))
        .into()
}
