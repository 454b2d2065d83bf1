//! What an LDAP directory has beside the annuaire: asked by hand, shown below what the annuaire found and apart from it.

use iced::widget::{column, container};
use iced::{Length, Task};

use super::{Annuaire, Message as Outer, Results};
use crate::domain::ldap::{LdapPeople, LdapSettings};
use crate::domain::person::Person;
use crate::engine::{Engine, Error, PeopleQuery, Result};
use crate::gui::font::Icon;
use crate::gui::screen::{Action, Context};
use crate::gui::theme::{Tone, space};
use crate::gui::{Element, ui};

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// The directory that is set, if any.
    Read(Box<Result<Option<LdapSettings>>>),
    /// Ask it for what was typed.
    Ask,
    /// Its answer to the search of this number.
    Answered(u64, Result<LdapPeople>),
}

/// The directory, and where the question is.
#[derive(Debug, Default)]
pub(super) struct Ldap {
    /// Name of the server; nothing is offered without.
    server: Option<String>,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Unasked,
    Asked,
    Answered(LdapPeople),
    Failed(Error),
}

/// Looks which directory is set.
pub(super) fn read(engine: &Engine) -> Task<Outer> {
    let engine = engine.clone();
    Task::perform(async move { engine.ldap().await }, |read| Outer::Ldap(Message::Read(Box::new(read))))
}

impl Ldap {
    /// Something else was typed.
    pub(super) fn forget(&mut self) {
        self.state = State::Unasked;
    }

    /// There is a directory that was not asked yet.
    pub(super) fn is_offered(&self) -> bool {
        self.server.is_some() && matches!(self.state, State::Unasked)
    }

    pub(super) fn update(
        &mut self,
        engine: &Engine,
        (generation, query): (u64, PeopleQuery),
        message: Message,
    ) -> Action<Outer> {
        match message {
            Message::Read(result) => {
                let settings = result.unwrap_or_default();
                self.server = settings.map(|settings| settings.server.host().to_owned());
            }
            Message::Ask if self.server.is_none() || matches!(self.state, State::Asked) => {}
            Message::Ask => {
                self.state = State::Asked;
                let engine = engine.clone();
                return Action::run(async move { engine.ldap_people(query).await }, move |result| {
                    Outer::Ldap(Message::Answered(generation, result))
                });
            }
            Message::Answered(of, result) if of == generation => {
                self.state = result.map_or_else(State::Failed, State::Answered);
            }
            Message::Answered(..) => {}
        }
        Action::None
    }

    /// Who was found, with whether the annuaire says the same of every address.
    pub(super) fn people(&self) -> impl Iterator<Item = (&Person, bool)> {
        let found = match &self.state {
            State::Answered(found) => Some(found),
            _ => None,
        };
        found
            .into_iter()
            .flat_map(|found| found.people.iter().map(|person| (person, is_confirmed(found, person))))
    }

    /// Name of the server.
    pub(super) fn server(&self) -> &str {
        self.server.as_deref().unwrap_or_default()
    }
}

fn is_confirmed(found: &LdapPeople, person: &Person) -> bool {
    person.mailboxes.iter().all(|m| found.confirmed.iter().any(|known| known == m.address.as_str()))
}

/// Somebody of whom only the directory says who it is: what the user keeps about them is of the address, and not of the
/// person the directory names, until the annuaire names them.
pub(super) fn unconfirmed(person: &Person) -> Person {
    let key = person.mailboxes.first().map(|mailbox| mailbox.address.as_str().to_lowercase());
    Person { key: key.unwrap_or_default(), ..person.clone() }
}

impl Annuaire {
    /// The offer to ask, or what came of it, below the results.
    pub(super) fn ldap_view<'a>(&'a self, context: Context<'a>) -> Option<Element<'a, Outer>> {
        let look = context.look;
        if !matches!(self.results, Results::Found(_)) {
            return None;
        }
        let server = self.ldap.server.as_deref()?;
        let named = |key: &str| context.with(key, &[("server", server)]);
        let ask = |key: &str| {
            ui::secondary(look, named(key))
                .icon(Icon::Search)
                .id("annuaire-ldap")
                .on_press(Outer::Ldap(Message::Ask))
        };
        let content: Element<'a, Outer> = match &self.ldap.state {
            State::Unasked => ask("annuaire-ldap-ask").into(),
            State::Asked => {
                column![ui::caption(look, named("annuaire-ldap-asked")), ui::progress(look, None)]
                    .spacing(space::XS)
                    .into()
            }
            State::Failed(error) => {
                let sentence = context.wording.error(error);
                let buttons = vec![ask("annuaire-ldap-again").into()];
                ui::banner(look, Tone::Warning, sentence.what, sentence.advice, buttons)
            }
            State::Answered(found) if found.people.is_empty() => {
                ui::caption(look, named("annuaire-ldap-nobody")).into()
            }
            State::Answered(found) if found.more => ui::caption(look, named("annuaire-ldap-more")).into(),
            State::Answered(_) => return None,
        };
        Some(container(content).padding([space::S, space::L]).width(Length::Fill).into())
    }
}
