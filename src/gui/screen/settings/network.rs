//! The network part of the settings: the proxy, and which authorities vouch for servers.

use iced::Length;
use iced::widget::{column, container, row};
use zeroize::Zeroizing;

use crate::domain::network::{IgcChoice, NetworkSettings, ProxyChoice};
use crate::domain::secret::Secret;
use crate::engine::{Engine, Error, IgcState};
use crate::gui::theme::{Tone, space as gap};
use crate::gui::{Element, ui};

use super::super::{Action, Context, Notice};

/// Which way, without its details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Straight.
    None,
    /// As the system says.
    System,
    /// By the proxy below.
    Manual,
}

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// The settings were read.
    Read(Result<NetworkSettings, Error>),
    /// The authorities at hand.
    Igc(Result<Option<IgcState>, Error>),
    /// Another way.
    Way(Way),
    /// The proxy's host is being typed.
    Host(String),
    /// Its port.
    Port(String),
    /// The name it wants.
    User(String),
    /// Its password.
    Password(Typed),
    /// Keep the proxy that was typed.
    Save,
    /// Another hierarchy.
    Hierarchy(IgcChoice),
    /// That was kept, or not.
    Kept(Result<(), Error>),
}

/// A password as it is typed: wiped, and not in what is printed of a message.
#[derive(Clone)]
pub struct Typed(pub(super) Zeroizing<String>);

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed")
    }
}

/// What is shown and typed.
#[derive(Default)]
pub struct Network {
    settings: Option<NetworkSettings>,
    igc: Option<IgcState>,
    manual: bool,
    host: String,
    port: String,
    user: String,
    password: Zeroizing<String>,
    kept: bool,
    failure: Option<Error>,
}

impl Network {
    /// The part with values, asking nothing: for pictures and tests.
    pub fn with(settings: NetworkSettings, igc: Option<IgcState>) -> Self {
        let mut network = Self { igc, ..Self::default() };
        network.show(settings);
        network
    }

    fn show(&mut self, settings: NetworkSettings) {
        self.manual = matches!(settings.proxy, ProxyChoice::Manual { .. });
        if let ProxyChoice::Manual { host, port, user } = &settings.proxy {
            (self.host, self.port) = (host.clone(), port.to_string());
            self.user = user.clone().unwrap_or_default();
        }
        self.settings = Some(settings);
    }

    pub(super) fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        self.kept &= matches!(message, Message::Igc(_));
        match message {
            Message::Read(Ok(settings)) => self.show(settings),
            Message::Read(Err(error)) | Message::Igc(Err(error)) => self.failure = Some(error),
            Message::Igc(Ok(igc)) => self.igc = igc,
            Message::Way(way) => return self.choose(engine, way),
            Message::Host(text) => self.host = text,
            Message::Port(text) => self.port = text.chars().filter(char::is_ascii_digit).take(5).collect(),
            Message::User(text) => self.user = text,
            Message::Password(Typed(text)) => self.password = text,
            Message::Save => return self.save(engine),
            Message::Hierarchy(igc) => return self.keep(engine, |settings| settings.igc = igc, None),
            Message::Kept(result) => return self.told(engine, result),
        }
        Action::None
    }

    fn choose(&mut self, engine: &Engine, way: Way) -> Action<Message> {
        self.manual = way == Way::Manual;
        match way {
            // kept once its address is typed
            Way::Manual => Action::None,
            Way::None => self.keep(engine, |settings| settings.proxy = ProxyChoice::None, None),
            Way::System => self.keep(engine, |settings| settings.proxy = ProxyChoice::System, None),
        }
    }

    fn save(&mut self, engine: &Engine) -> Action<Message> {
        let user = Some(self.user.trim().to_owned()).filter(|user| !user.is_empty());
        let typed = std::mem::take(&mut *self.password);
        let password = (user.is_some() && !typed.is_empty()).then(|| Secret::new(typed));
        let proxy = ProxyChoice::Manual {
            host: self.host.trim().to_owned(),
            port: self.port.parse().unwrap_or(0),
            user,
        };
        self.keep(engine, |settings| settings.proxy = proxy, password)
    }

    fn keep(
        &mut self,
        engine: &Engine,
        change: impl FnOnce(&mut NetworkSettings),
        password: Option<Secret>,
    ) -> Action<Message> {
        let Some(settings) = &mut self.settings else { return Action::None };
        let mut changed = settings.clone();
        change(&mut changed);
        *settings = changed.clone();
        let engine = engine.clone();
        Action::run(async move { engine.set_network_settings(changed, password).await }, Message::Kept)
    }

    fn told(&mut self, engine: &Engine, result: Result<(), Error>) -> Action<Message> {
        match result {
            Ok(()) => {
                (self.kept, self.failure) = (true, None);
                let engine = engine.clone();
                Action::run(async move { engine.igc_state().await }, Message::Igc)
            }
            Err(error) => {
                self.failure = Some(error.clone());
                Action::Tell(Notice::Failed(error))
            }
        }
    }

    fn way(&self) -> Way {
        match self.settings.as_ref().map(|settings| &settings.proxy) {
            _ if self.manual => Way::Manual,
            Some(ProxyChoice::None) => Way::None,
            _ => Way::System,
        }
    }

    pub(super) fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let mut content = column![ui::strong(look, context.text("settings-network"))].spacing(gap::S);
        if let Some(error) = &self.failure {
            let sentence = context.wording.error(error);
            content = content.push(ui::banner(look, Tone::Warning, sentence.what, sentence.advice, vec![]));
        }
        let ways = [
            (Way::System, context.text("settings-proxy-system")),
            (Way::None, context.text("settings-proxy-none")),
            (Way::Manual, context.text("settings-proxy-manual")),
        ];
        content = content.push(ui::labelled(
            look,
            context.text("settings-proxy"),
            ui::segmented(look, ways, self.way(), Message::Way),
            None,
        ));
        if self.manual {
            content = content.push(self.proxy(context));
        }
        let hierarchies = [
            (IgcChoice::Production, context.text("settings-igc-production")),
            (IgcChoice::Test, context.text("settings-igc-test")),
        ];
        let chosen = self.settings.as_ref().map(|settings| settings.igc).unwrap_or_default();
        content = content.push(ui::labelled(
            look,
            context.text("settings-igc"),
            ui::segmented(look, hierarchies, chosen, Message::Hierarchy),
            None,
        ));
        if chosen == IgcChoice::Test {
            let (what, advice) =
                (context.text("settings-igc-test-title"), context.text("settings-igc-test-detail"));
            content = content.push(ui::banner(look, Tone::Warning, what, advice, vec![]));
        }
        let known = self.authorities(context);
        if !known.is_empty() {
            content = content.push(ui::caption(look, known));
        }
        content.into()
    }

    fn proxy<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let look = context.look;
        let host = ui::field(look, "proxy.cabinet", &self.host).id("proxy-host").on_input(Message::Host);
        let port = ui::field(look, "3128", &self.port).id("proxy-port").on_input(Message::Port);
        let user = ui::field(look, "", &self.user).id("proxy-user").on_input(Message::User);
        let kept_before = self
            .settings
            .as_ref()
            .is_some_and(|settings| matches!(&settings.proxy, ProxyChoice::Manual { user: Some(_), .. }));
        let hint = if kept_before { context.text("settings-proxy-password-kept") } else { String::new() };
        let password = ui::field(look, &hint, &self.password)
            .id("proxy-password")
            .secure(true)
            .on_input(|text| Message::Password(Typed(Zeroizing::new(text))));
        let complete = !self.host.trim().is_empty() && self.port.parse::<u16>().is_ok_and(|port| port > 0);
        let save = ui::primary(look, context.text("settings-proxy-save"))
            .on_press_maybe(complete.then_some(Message::Save));
        let label = |key, part| ui::labelled(look, context.text(key), part, None);
        let mut content = column![
            row![
                container(label("settings-proxy-host", host)).width(Length::FillPortion(3)),
                container(label("settings-proxy-port", port)).width(Length::FillPortion(1)),
            ]
            .spacing(gap::S),
            row![
                container(label("settings-proxy-user", user)).width(Length::FillPortion(2)),
                container(label("settings-proxy-password", password)).width(Length::FillPortion(2)),
            ]
            .spacing(gap::S),
            ui::caption(look, context.text("settings-proxy-detail")),
            save,
        ]
        .spacing(gap::S);
        if self.kept {
            content = content.push(ui::caption(look, context.text("settings-proxy-kept")));
        }
        content.into()
    }

    /// What is known of the authorities, in a line.
    fn authorities(&self, context: Context<'_>) -> String {
        let Some(igc) = &self.igc else { return String::new() };
        let files = igc.files.to_string();
        let own = (igc.files > 0).then(|| context.with("settings-igc-files", &[("count", &files)]));
        let loaded = match (igc.fetched_at, igc.fingerprints.first()) {
            (Some(at), Some(fingerprint)) => {
                let moment = context.wording.moment(at, context.now);
                let start: String = fingerprint.chars().take(16).collect();
                context.with("settings-igc-loaded", &[("moment", &moment), ("fingerprint", &start)])
            }
            _ => context.text("settings-igc-none"),
        };
        std::iter::once(loaded).chain(own).collect::<Vec<_>>().join(" ")
    }
}
