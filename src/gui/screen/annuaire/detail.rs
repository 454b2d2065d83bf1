//! One person in detail: what the user keeps about them, and what was exchanged.

use iced::Task;

use super::api::{self, Api};
use crate::domain::address::EmailAddress;
use crate::domain::contact::{Contact, Group, History};
use crate::domain::filing::rule::Subject;
use crate::domain::person::Person;
use crate::engine::{ApiDetail, Engine, Error, Result};
use crate::gui::screen::{Action, Notice};

/// What the user does about the person, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// What is kept came.
    ContactRead(Box<Result<Contact>>),
    /// What was exchanged came, for the person of this key.
    HistoryRead(String, Result<History>),
    /// Among the favourites, or no longer.
    Favourite(bool),
    /// The note is being written.
    Note(String),
    /// The note is written.
    KeepNote,
    /// The mailbox to write to with documents of a kind, or with whatever is written; or none.
    Prefer(Option<Subject>, Option<EmailAddress>),
    /// Shows the kinds of documents a mailbox can be preferred for, or hides them.
    ShowKinds(EmailAddress),
    /// The name of a group is being typed.
    Group(String),
    /// Into the group typed.
    Join,
    /// Out of a group of this name.
    Leave(String),
    /// A change was kept, or not.
    Kept(Result<()>),
    /// Whether the Annuaire Santé can be asked about the person of this key.
    ApiOffered(String, bool),
    /// Ask it.
    AskApi,
    /// Its answer about the person of this key.
    ApiRead(String, Result<Option<Box<ApiDetail>>>),
}

/// The detail.
#[derive(Debug)]
pub(super) struct Detail {
    pub(super) contact: Contact,
    pub(super) history: Option<History>,
    pub(super) note: String,
    pub(super) group: String,
    /// The mailbox whose kinds of documents are offered.
    pub(super) kinds: Option<EmailAddress>,
    pub(super) api: Api,
    /// The LDAP directory that alone says who this is.
    pub(super) only_by: Option<String>,
}

impl Detail {
    /// A person, and the task that reads what is known of them.
    pub(super) fn new(engine: &Engine, person: Person) -> (Self, Task<Message>) {
        let detail = Self {
            contact: Contact::new(person),
            history: None,
            note: String::new(),
            group: String::new(),
            kinds: None,
            api: Api::Off,
            only_by: None,
        };
        let (asking, person) = (engine.clone(), detail.person().clone());
        let key = person.key.clone();
        let history = Task::perform(async move { asking.history(person).await }, move |result| {
            Message::HistoryRead(key.clone(), result)
        });
        let reading = Task::batch([detail.read(engine), history, api::offer(engine, detail.person())]);
        (detail, reading)
    }

    pub(super) fn person(&self) -> &Person {
        &self.contact.person
    }

    /// Reads again what is kept.
    pub(super) fn read(&self, engine: &Engine) -> Task<Message> {
        let (engine, person) = (engine.clone(), self.person().clone());
        Task::perform(async move { engine.contact(person).await }, |result| {
            Message::ContactRead(Box::new(result))
        })
    }

    pub(super) fn update(&mut self, engine: &Engine, groups: &[Group], message: Message) -> Action<Message> {
        match message {
            Message::ContactRead(result) => self.contact_read(*result),
            Message::HistoryRead(key, result) => self.history_read(&key, result),
            Message::Favourite(on) => {
                self.contact.favourite = on;
                self.change(
                    engine,
                    move |engine, person| async move { engine.set_favourite(person, on).await },
                )
            }
            Message::Note(text) => {
                self.note = text;
                Action::None
            }
            Message::KeepNote => Action::Run(self.keep_note(engine)),
            Message::Prefer(kind, address) => {
                self.contact.preferred.set(kind, address.clone());
                self.change(engine, move |engine, person| async move {
                    engine.set_preferred(person, kind, address).await
                })
            }
            Message::ShowKinds(address) => {
                let shown = self.kinds.take();
                self.kinds = Some(address).filter(|address| shown.as_ref() != Some(address));
                Action::None
            }
            Message::Group(name) => {
                self.group = name;
                Action::None
            }
            Message::Join => self.join(engine),
            Message::Leave(name) => self.leave(engine, groups, &name),
            Message::ApiOffered(key, has_key) => self.api_offered(&key, has_key),
            Message::AskApi => self.ask_api(engine),
            Message::ApiRead(key, result) => self.api_read(&key, result),
            Message::Kept(Ok(())) => Action::None,
            Message::Kept(Err(error)) => Action::Tell(Notice::Failed(error)),
        }
    }

    fn contact_read(&mut self, result: Result<Contact>) -> Action<Message> {
        let Ok(contact) = result else { return Action::None };
        if contact.person.key == self.person().key {
            // what is being written stays
            if self.note == self.contact.note {
                self.note.clone_from(&contact.note);
            }
            self.contact = contact;
        }
        Action::None
    }

    fn history_read(&mut self, key: &str, result: Result<History>) -> Action<Message> {
        if key == self.person().key {
            self.history = result.ok();
        }
        Action::None
    }

    fn api_offered(&mut self, key: &str, has_key: bool) -> Action<Message> {
        if key == self.person().key && has_key && matches!(self.api, Api::Off) {
            self.api = Api::Offered;
        }
        Action::None
    }

    fn ask_api(&mut self, engine: &Engine) -> Action<Message> {
        if matches!(self.api, Api::Asked) {
            return Action::None;
        }
        self.api = Api::Asked;
        Action::Run(api::ask(engine, self.person()))
    }

    fn api_read(&mut self, key: &str, result: Result<Option<Box<ApiDetail>>>) -> Action<Message> {
        if key == self.person().key {
            self.api = result.map_or_else(Api::Failed, Api::Answered);
        }
        Action::None
    }

    /// Keeps the note when it was changed.
    pub(super) fn keep_note(&self, engine: &Engine) -> Task<Message> {
        if self.note.trim() == self.contact.note {
            return Task::none();
        }
        let (engine, person, note) = (engine.clone(), self.person().clone(), self.note.clone());
        Task::perform(async move { engine.set_note(person, note).await }, Message::Kept)
    }

    /// The mailbox by which the person joins a group: the preferred one, else the first.
    fn own_address(&self) -> Option<EmailAddress> {
        let preferred = self.contact.preferred.any.clone();
        preferred.or_else(|| self.person().mailboxes.first().map(|mailbox| mailbox.address.clone()))
    }

    fn join(&mut self, engine: &Engine) -> Action<Message> {
        let name = std::mem::take(&mut self.group);
        let Some(address) = self.own_address().filter(|_| !name.trim().is_empty()) else {
            return Action::None;
        };
        self.change(engine, |engine, person| async move {
            let group = engine.make_group(&name).await?;
            engine.set_member(group, person, address, true).await
        })
    }

    fn leave(&mut self, engine: &Engine, groups: &[Group], name: &str) -> Action<Message> {
        let Some(group) = groups.iter().find(|group| group.name == name) else { return Action::None };
        let is_them = |address: &EmailAddress| self.person().mailbox(address.as_str()).is_some();
        let member = group.members.iter().find(|m| m.person.key == self.person().key || is_them(&m.address));
        let Some(address) = member.map(|member| member.address.clone()) else { return Action::None };
        let id = group.id;
        self.change(engine, move |engine, person| async move {
            engine.set_member(id, person, address, false).await
        })
    }

    fn change<Work>(&self, engine: &Engine, work: impl FnOnce(Engine, Person) -> Work) -> Action<Message>
    where
        Work: Future<Output = std::result::Result<(), Error>> + Send + 'static,
    {
        Action::run(work(engine.clone(), self.person().clone()), Message::Kept)
    }
}
