//! How the dialog looks.

use std::path::Path;

use iced::widget::{column, container, row, space};
use iced::{Alignment, Border, Length, Padding};

use super::server::{self, Field, Servers};
use super::{Login, Message, Purpose, Step, Typed};
use crate::domain::account::{AuthMethod, Security};
use crate::gui::font::Icon;
use crate::gui::theme::{RADIUS, Tone, space as gap};
use crate::gui::widget::{PressStatus, PressStyle, elided, press};
use crate::gui::{Element, screen::Context, ui};

const METHODS: [(AuthMethod, &str, &str); 4] = [
    (AuthMethod::Card, "login-card", "login-card-detail"),
    (AuthMethod::Psc, "login-psc", "login-psc-detail"),
    (AuthMethod::Password, "login-password", "login-password-detail"),
    (AuthMethod::Certificate, "login-certificate", "login-certificate-detail"),
];

pub(super) fn dialog<'a>(login: &'a Login, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![ui::title(look, title(login, context))].spacing(gap::L).width(Length::Fill);
    content = content.push(match &login.step {
        Step::Address | Step::Finding => address(login, context),
        Step::Method | Step::Checking => method(login, context),
        Step::Browser(url) => browser(login, url.is_some(), context),
        Step::Done(name) => done(login, name.as_deref(), context),
    });
    if let Some(error) = &login.failure {
        let sentence = context.wording.error(error);
        content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
    }
    let is_long = login.servers.is_some() && login.step == Step::Address;
    if !is_long {
        return content.push(buttons(login, context)).width(look.px(500.0)).into();
    }
    // large text on a small screen: the buttons stay where they can be reached
    let room = (context.window.height - look.px(160.0)).max(160.0);
    let beside_bar = Padding::ZERO.right(14.0);
    let fields = ui::scroll(look, container(content).padding(beside_bar));
    column![container(fields).max_height(room), container(buttons(login, context)).padding(beside_bar)]
        .spacing(gap::L)
        .width(look.px(500.0))
        .into()
}

fn title(login: &Login, context: Context<'_>) -> String {
    let address = [("address", login.address.as_str())];
    match (login.purpose, login.method) {
        (Purpose::New, _) => context.text("login-title-new"),
        (Purpose::Psc, _) => context.text("login-title-psc"),
        (Purpose::Means(_), Some(AuthMethod::Certificate)) => {
            context.with("login-title-certificate", &address)
        }
        (Purpose::Means(_), _) => context.with("login-title-password", &address),
    }
}

fn address<'a>(login: &'a Login, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    if login.step == Step::Finding {
        return waiting("login-finding", context);
    }
    let field = ui::field(look, "prenom.nom@medecin.mssante.fr", &login.address)
        .id("login-address")
        .on_input(Message::Address)
        .on_submit(Message::Go);
    let is_wrong = login.address.contains('@') && login.parsed().is_none() && login.address.ends_with(' ');
    let problem = is_wrong.then(|| context.text("login-address-wrong"));
    let address = ui::labelled(look, context.text("login-address"), field, problem);
    let fold = if login.servers.is_some() { "login-servers-found" } else { "login-servers-by-hand" };
    let fold = ui::link(look, context.text(fold)).id("login-servers").on_press(Message::ByHand);
    let place = match &login.holder {
        Some(name) => context.with("login-joins-card", &[("name", name)]),
        None => context.text("login-joins-none"),
    };
    let mut content = column![address].spacing(gap::M);
    if let Some(servers) = &login.servers {
        content = content.push(by_hand(servers, context));
    }
    content.push(row![fold]).push(ui::caption(look, place)).into()
}

/// Servers to type, for those who were given their names.
fn by_hand<'a>(servers: &'a Servers, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let field = |field: Field, id: &'static str, example: &'static str| {
        ui::field(look, example, servers.text(field))
            .id(id)
            .on_input(move |text| Message::Server(server::Message::Typed(field, text)))
            .on_submit(Message::Go)
    };
    let problem = |field, key| servers.is_wrong(field).then(|| context.text(key));
    let line = |name: Field, port: Field, label, ids: [&'static str; 2], example| {
        let host = ui::labelled(
            look,
            context.text(label),
            field(name, ids[0], example),
            problem(name, "login-server-wrong"),
        );
        let port = ui::labelled(
            look,
            context.text("login-port"),
            field(port, ids[1], ""),
            problem(port, "login-port-wrong"),
        );
        row![container(host).width(Length::Fill), container(port).width(look.px(96.0))].spacing(gap::S)
    };
    let choices = [
        (Security::StartTls, context.text("login-security-starttls")),
        (Security::Tls, context.text("login-security-tls")),
    ];
    let security = ui::segmented(look, choices, servers.security, |security| {
        Message::Server(server::Message::Security(security))
    });
    let choose = ui::secondary(look, context.text("login-authority-file"))
        .icon(Icon::Folder)
        .id("login-authority")
        .on_press(Message::Server(server::Message::ChooseAuthority));
    let authority: Element<'a, Message> = match servers.authority.as_deref().and_then(Path::file_name) {
        Some(name) => row![
            elided(look.body(), name.to_string_lossy().into_owned()).width(Length::Fill),
            ui::link(look, context.text("login-authority-igc"))
                .on_press(Message::Server(server::Message::IgcSante)),
        ]
        .spacing(gap::S)
        .align_y(Alignment::Center)
        .into(),
        None => ui::caption(look, context.text("login-authority-none")).width(Length::Fill).into(),
    };
    let authority = row![authority, choose].spacing(gap::S).align_y(Alignment::Center);
    column![
        ui::caption(look, context.text("login-servers-detail")),
        line(
            Field::Imap,
            Field::ImapPort,
            "login-imap",
            ["login-imap", "login-imap-port"],
            "imap.operateur.mssante.fr"
        ),
        line(
            Field::Smtp,
            Field::SmtpPort,
            "login-smtp",
            ["login-smtp", "login-smtp-port"],
            "smtp.operateur.mssante.fr"
        ),
        ui::labelled(look, context.text("login-security"), security, None),
        ui::labelled(look, context.text("login-authority"), authority, None),
    ]
    .spacing(gap::M)
    .into()
}

fn method<'a>(login: &'a Login, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut content = column![].spacing(gap::M);
    if login.purpose == Purpose::New
        && let Some(config) = &login.config
    {
        let (imap, smtp) = (config.imap.host.as_str(), config.smtp.host.as_str());
        let servers = if imap == smtp {
            context.with("login-server", &[("host", imap)])
        } else {
            context.with("login-servers", &[("imap", imap), ("smtp", smtp)])
        };
        content = content.push(column![
            elided(look.strong(), login.address.as_str()).width(Length::Fill),
            ui::caption(look, servers),
        ]);
        let is_free = login.step == Step::Method;
        // a server somebody typed is shown no token
        let takes_tokens = config.token_servers().is_some();
        let offered = METHODS.iter().filter(|(method, ..)| *method != AuthMethod::Psc || takes_tokens);
        let choices = offered.map(|(method, name, detail)| {
            choice(context, *method, name, detail, login.method == Some(*method), is_free)
        });
        let choices = column(choices).spacing(gap::XS);
        content = content.push(ui::labelled(look, context.text("login-method"), choices, None));
    }
    content = content.extend(needs(login, context));
    if login.step == Step::Checking {
        content = content.push(waiting("login-checking", context));
    }
    content.into()
}

/// One way to log in, as a line with its explanation.
fn choice<'a>(
    context: Context<'a>,
    method: AuthMethod,
    name: &'static str,
    detail: &'static str,
    is_chosen: bool,
    is_free: bool,
) -> Element<'a, Message> {
    let look = context.look;
    let p = look.palette;
    let dot: Element<'a, Message> = match is_chosen {
        true => ui::icon(look, Icon::CheckCircle, 18.0, p.accent).into(),
        false => space().width(look.px(18.0)).into(),
    };
    let words = column![ui::body(look, context.text(name)), ui::caption(look, context.text(detail))];
    let content = row![dot, words.width(Length::Fill)].spacing(gap::S).align_y(Alignment::Center);
    press(content, move |status| {
        let over = matches!(status, PressStatus::Hovered | PressStatus::Pressed);
        PressStyle {
            background: if is_chosen { Some(p.selection) } else { over.then_some(p.hover) },
            border: Border {
                color: if is_chosen { p.accent } else { p.line },
                width: 1.0,
                radius: RADIUS.into(),
            },
            text: p.text,
            ring: p.accent,
        }
    })
    .id(name)
    .padding([6.0, 10.0])
    .width(Length::Fill)
    .on_press_maybe(is_free.then_some(Message::Method(method)))
    .into()
}

/// What the chosen way needs beside the address.
fn needs<'a>(login: &'a Login, context: Context<'a>) -> Option<Element<'a, Message>> {
    let look = context.look;
    let password = |label: &str| {
        let field = ui::field(look, "", &login.password.0)
            .id("login-password")
            .secure(true)
            .on_input(|text| Message::Password(Typed::new(text)))
            .on_submit(Message::Go);
        ui::labelled(look, context.text(label), field, None)
    };
    match login.method? {
        AuthMethod::Card | AuthMethod::Psc => None,
        AuthMethod::Password => Some(password("login-password-label")),
        AuthMethod::Certificate => {
            let name = match &login.file {
                Some(file) => elided(look.body(), file.name.clone()),
                None => elided(look.caption(), context.text("login-certificate-none")),
            };
            let choose = ui::secondary(look, context.text("login-certificate-file"))
                .icon(Icon::Folder)
                .id("login-file")
                .on_press(Message::ChooseFile);
            let line = row![choose, name.width(Length::Fill)].spacing(gap::S).align_y(Alignment::Center);
            Some(column![line, password("login-certificate-password")].spacing(gap::M).into())
        }
    }
}

fn browser<'a>(login: &Login, is_open: bool, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    if !is_open {
        let is_failed = login.failure.is_some();
        return if is_failed { space().into() } else { waiting("login-browser-preparing", context) };
    }
    let again = ui::secondary(look, context.text("login-browser-again")).on_press(Message::OpenAgain);
    let copy = ui::secondary(look, context.text("login-browser-copy")).on_press(Message::CopyAddress);
    column![
        ui::strong(look, context.text("login-browser")),
        ui::body(look, context.text("login-browser-detail")),
        ui::progress(look, None),
        row![again, copy].spacing(gap::S),
    ]
    .spacing(gap::M)
    .into()
}

fn done<'a>(login: &Login, name: Option<&str>, context: Context<'a>) -> Element<'a, Message> {
    let words = match (login.purpose, name) {
        (Purpose::Psc, name) => context.with("login-done-psc", &[("name", name.unwrap_or_default())]),
        (Purpose::New, _) => context.text("login-done-new"),
        (Purpose::Means(_), _) => context.text("login-done-means"),
    };
    let detail = if login.purpose == Purpose::Psc { String::new() } else { login.address.clone() };
    ui::banner(context.look, Tone::Good, words, detail, vec![])
}

fn waiting<'a>(key: &str, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    column![ui::caption(look, context.text(key)), ui::progress(look, None)].spacing(gap::XS).into()
}

fn buttons<'a>(login: &Login, context: Context<'a>) -> Element<'a, Message> {
    let look = context.look;
    let mut line = row![].spacing(gap::S);
    let cancel =
        || ui::secondary(look, context.text("login-cancel")).id("login-cancel").on_press(Message::Leave);
    match &login.step {
        Step::Done(_) => {
            let close = ui::primary(look, context.text("login-close")).id("login-close");
            return container(close.on_press(Message::Leave)).align_right(Length::Fill).into();
        }
        Step::Browser(_) | Step::Checking | Step::Finding if login.purpose != Purpose::Psc => {
            line = line.push(ui::secondary(look, context.text("login-back")).on_press(Message::Back));
        }
        Step::Method if login.purpose == Purpose::New => {
            line = line.push(ui::secondary(look, context.text("login-back")).on_press(Message::Back));
        }
        _ => {}
    }
    line = line.push(space().width(Length::Fill)).push(cancel());
    let go = match (&login.step, login.purpose) {
        (Step::Address, _) => Some("login-continue"),
        (Step::Browser(_), _) if login.is_refused_psc() => Some("login-strip-psc-again"),
        (Step::Method, Purpose::New) => Some("login-check-add"),
        (Step::Method, _) => Some("login-check-save"),
        _ => None,
    };
    if let Some(key) = go {
        let go = ui::primary(look, context.text(key)).id("login-go");
        line = line.push(go.on_press_maybe(login.is_complete().then_some(Message::Go)));
    }
    container(line.align_y(Alignment::Center)).width(Length::Fill).into()
}
