//! The LDAP directory of an institution, or the national one: off until a server is kept.

use std::path::PathBuf;

use iced::widget::{column, container, row};
use iced::{Alignment, Length, Task};
use zeroize::Zeroizing;

use super::network::Typed;
use super::{Action, Message as Outer, Notice};
use crate::domain::ldap::{BASE, LdapAttributes, LdapField, LdapSettings};
use crate::domain::secret::Secret;
use crate::engine::{Engine, Error, ErrorKind};
use crate::gui::platform;
use crate::gui::theme::space as gap;
use crate::gui::{Element, screen::Context, ui};

/// Longest text taken in a field.
const LONGEST: usize = 1024;

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// What is kept.
    Read(Box<Result<Option<LdapSettings>, Error>>),
    /// A field is being typed.
    Field(Field, String),
    /// The password is being typed.
    Password(Typed),
    /// The name of an attribute is being typed.
    Attribute(LdapField, String),
    /// Shows the names of attributes, or hides them.
    ShowAttributes,
    /// Choose the file of an authority.
    ChooseAuthority,
    /// It was chosen, or not.
    Authority(Option<PathBuf>),
    /// No authority of its own any more.
    NoAuthority,
    /// Keep what was typed.
    Keep,
    /// Forget the directory and its password.
    Forget,
    /// That was kept, or forgotten, or not.
    Kept(Box<Option<LdapSettings>>, Result<(), Error>),
}

/// A text that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Address of the server.
    Server,
    /// Where the search begins.
    Base,
    /// Whom to log in as.
    User,
}

/// What is kept and typed.
pub(super) struct Ldap {
    kept: Option<LdapSettings>,
    server: String,
    base: String,
    user: String,
    password: Zeroizing<String>,
    authority: Option<PathBuf>,
    attributes: Vec<(LdapField, String)>,
    shows_attributes: bool,
}

impl Default for Ldap {
    fn default() -> Self {
        let mut ldap = Self {
            kept: None,
            server: String::new(),
            base: String::new(),
            user: String::new(),
            password: Zeroizing::default(),
            authority: None,
            attributes: Vec::new(),
            shows_attributes: false,
        };
        ldap.show(None);
        ldap
    }
}

impl Ldap {
    pub(super) fn read(engine: &Engine) -> Task<Outer> {
        let engine = engine.clone();
        Task::perform(async move { engine.ldap().await }, |read| Outer::Ldap(Message::Read(Box::new(read))))
    }

    /// Fills the fields with what is kept.
    fn show(&mut self, kept: Option<LdapSettings>) {
        let names = kept.as_ref().map(|kept| kept.attributes.clone()).unwrap_or_default();
        let name = |field| (field, names.get(field).unwrap_or_default().to_owned());
        self.attributes = LdapField::ALL.map(name).to_vec();
        self.server = kept.as_ref().map(|kept| kept.server.to_string()).unwrap_or_default();
        self.base = kept.as_ref().map_or(BASE, |kept| &kept.base).to_owned();
        self.user = kept.as_ref().and_then(|kept| kept.user.clone()).unwrap_or_default();
        self.authority = kept.as_ref().and_then(|kept| kept.authority.clone());
        self.password = Zeroizing::default();
        self.kept = kept;
    }

    pub(super) fn update(&mut self, engine: &Engine, message: Message) -> Action<Outer> {
        match message {
            Message::Read(result) => self.show(result.unwrap_or_default()),
            Message::Field(_, text) if text.len() > LONGEST => {}
            Message::Field(Field::Server, text) => self.server = text,
            Message::Field(Field::Base, text) => self.base = text,
            Message::Field(Field::User, text) => self.user = text,
            Message::Password(Typed(text)) if text.len() <= LONGEST => self.password = text,
            Message::Password(_) => {}
            Message::Attribute(field, text) => {
                if let Some((_, name)) = self.attributes.iter_mut().find(|(known, _)| *known == field) {
                    *name = text;
                }
            }
            Message::ShowAttributes => self.shows_attributes = !self.shows_attributes,
            Message::ChooseAuthority => {
                return Action::run(platform::pick_file(String::new()), |path| {
                    Outer::Ldap(Message::Authority(path))
                });
            }
            Message::Authority(path) => self.authority = path.or(self.authority.take()),
            Message::NoAuthority => self.authority = None,
            Message::Keep => return self.keep(engine),
            Message::Forget => return Self::set(engine, None, None),
            Message::Kept(kept, Ok(())) => {
                let notice = if kept.is_some() { "notice-ldap-kept" } else { "notice-ldap-forgotten" };
                self.show(*kept);
                return Action::Tell(Notice::Done(notice));
            }
            Message::Kept(_, Err(error)) => return Action::Tell(Notice::Failed(error)),
        }
        Action::None
    }

    fn keep(&mut self, engine: &Engine) -> Action<Outer> {
        let Some(settings) = self.typed() else {
            return Action::Tell(Notice::Failed(Error::new(ErrorKind::NeedsUser, "ldap-settings")));
        };
        let password = Some(Secret::new(self.password.to_string())).filter(|password| !password.is_empty());
        Self::set(engine, Some(settings), password)
    }

    fn set(engine: &Engine, settings: Option<LdapSettings>, password: Option<Secret>) -> Action<Outer> {
        let (engine, kept) = (engine.clone(), Box::new(settings.clone()));
        Action::run(async move { engine.set_ldap(settings, password).await }, move |result| {
            Outer::Ldap(Message::Kept(kept.clone(), result))
        })
    }

    /// What the fields say; `None` when they cannot be meant.
    fn typed(&self) -> Option<LdapSettings> {
        let mut attributes = LdapAttributes::default();
        for (field, name) in &self.attributes {
            attributes.set(*field, name).ok()?;
        }
        Some(LdapSettings {
            base: self.base.trim().to_owned(),
            user: Some(self.user.trim().to_owned()).filter(|user| !user.is_empty()),
            authority: self.authority.clone(),
            attributes,
            ..LdapSettings::new(self.server.parse().ok()?)
        })
    }

    pub(super) fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Outer> {
        let look = context.look;
        let field = |field: Field, id: &'static str, hint: &str, text: &str| {
            ui::field(look, hint, text)
                .id(id)
                .on_input(move |text| Outer::Ldap(Message::Field(field, text)))
                .on_submit(Outer::Ldap(Message::Keep))
        };
        let label = |key: &str, part| ui::labelled(look, context.text(key), part, None);
        let server = field(Field::Server, "ldap-server", "ldaps://", &self.server);
        let can_keep = !self.server.trim().is_empty();
        let keep = ui::secondary(look, context.text("settings-ldap-keep"))
            .id("ldap-keep")
            .on_press_maybe(can_keep.then_some(Outer::Ldap(Message::Keep)));
        let mut line =
            row![container(label("settings-ldap", server)).width(Length::Fill), keep].spacing(gap::S);
        if self.kept.is_some() {
            let forget = ui::quiet(look, context.text("settings-ldap-forget"));
            line = line.push(forget.on_press(Outer::Ldap(Message::Forget)));
        }
        let detail = ui::caption(look, context.text("settings-ldap-detail"));
        let mut content = column![line.align_y(Alignment::End), detail].spacing(gap::XS);
        if !can_keep {
            return content.into();
        }
        let has_password = self.kept.as_ref().is_some_and(|kept| kept.user.is_some());
        let hint = if has_password { context.text("settings-ldap-password-kept") } else { String::new() };
        let password = ui::field(look, &hint, &self.password)
            .id("ldap-password")
            .secure(true)
            .on_input(|text| Outer::Ldap(Message::Password(Typed(Zeroizing::new(text)))))
            .on_submit(Outer::Ldap(Message::Keep));
        let halves = |one, other| {
            row![container(one).width(Length::FillPortion(1)), container(other).width(Length::FillPortion(1))]
                .spacing(gap::S)
        };
        let base = label("settings-ldap-base", field(Field::Base, "ldap-base", BASE, &self.base));
        let user = label("settings-ldap-user", field(Field::User, "ldap-user", "", &self.user));
        content = content
            .push(base)
            .push(halves(user, label("settings-ldap-password", password)))
            .push(self.authority_view(context));
        let key =
            if self.shows_attributes { "settings-ldap-attributes-hide" } else { "settings-ldap-attributes" };
        let show = ui::link(look, context.text(key)).on_press(Outer::Ldap(Message::ShowAttributes));
        content = content.push(show).spacing(gap::S);
        if self.shows_attributes {
            for pair in self.attributes.chunks(2) {
                let names = pair.iter().map(|(field, name)| {
                    let what = *field;
                    let typed = ui::field(look, what.national(), name)
                        .on_input(move |text| Outer::Ldap(Message::Attribute(what, text)));
                    let key = format!("settings-ldap-attribute-{}", what.code());
                    container(ui::labelled(look, context.text(&key), typed, None))
                        .width(Length::FillPortion(1))
                        .into()
                });
                content = content.push(row(names).spacing(gap::S));
            }
            content = content.push(ui::caption(look, context.text("settings-ldap-attributes-detail")));
        }
        content.into()
    }

    fn authority_view<'a>(&'a self, context: Context<'a>) -> Element<'a, Outer> {
        let look = context.look;
        let words = match &self.authority {
            Some(path) => {
                context.with("settings-ldap-authority-file", &[("file", &path.display().to_string())])
            }
            None => context.text("settings-ldap-authority-none"),
        };
        let choose = ui::secondary(look, context.text("settings-ldap-authority"))
            .on_press(Outer::Ldap(Message::ChooseAuthority));
        let mut line = row![ui::caption(look, words).width(Length::Fill), choose].spacing(gap::S);
        if self.authority.is_some() {
            let none = ui::quiet(look, context.text("settings-ldap-authority-forget"));
            line = line.push(none.on_press(Outer::Ldap(Message::NoAuthority)));
        }
        line.align_y(Alignment::Center).into()
    }
}
