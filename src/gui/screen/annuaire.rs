//! The national directory: search while typing, one person in detail, addresses to copy or write to. Shown as a panel
//! beside any screen and as a screen of its own.

mod api;
mod card;
mod detail;
mod ldap;
mod preference;
mod trade;
mod view;

use iced::Task;

use crate::domain::address::EmailAddress;
use crate::domain::contact::{Contact, Group, OwnEntry, unlisted};
use crate::domain::draft::Recipient;
use crate::domain::person::{MailboxKind, Person};
use crate::engine::{AnnuaireStatus, Engine, Error, Event, ImportProgress, People, PeopleQuery, Result};
use crate::gui::screen::{Action, Notice, Place};
use crate::gui::shortcut::Command;
use crate::gui::widget::ListEvent;

use detail::Detail;
pub use detail::Message as DetailMessage;
pub use ldap::Message as LdapMessage;
pub use trade::Trade;
pub use view::FIELD;

/// Fewest characters that start a search.
const SHORTEST_QUERY: usize = 2;
/// Results asked for.
const MOST_RESULTS: u32 = 60;
/// People shown before anything is typed, beside favourites.
const MOST_RECENT: usize = 30;

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Search text was typed.
    Typed(String),
    /// Something happened in the results.
    List(ListEvent),
    /// Enter in the field: takes the person pointed at, or the address typed.
    Accept,
    /// Closes the detail, else the panel.
    Back,
    /// Writes to a mailbox of the person shown, by position.
    Write(usize),
    /// Writes to the address typed.
    WriteTyped(EmailAddress),
    /// Copies an address.
    Copy(EmailAddress),
    /// The annuaire answered.
    Found {
        /// Which search this answers.
        generation: u64,
        /// People.
        result: Result<People>,
    },
    /// What is loaded.
    StatusRead(Result<AnnuaireStatus>),
    /// Only people, only services, or both.
    Only(Only),
    /// Only this profession and specialty, or all.
    Trade(Trade),
    /// Only the user's department, or everywhere.
    NearMe(bool),
    /// Those the user knows, and the groups.
    KnownRead(Box<Result<(Vec<Contact>, Vec<Group>)>>),
    /// Something about the person in detail.
    Detail(DetailMessage),
    /// The LDAP directory beside it.
    Ldap(LdapMessage),
    /// Shows one's own entry.
    Me,
    /// It came.
    MeRead(Result<OwnEntry>),
    /// Ends the import under way.
    CancelImport,
    /// Opens the settings, where the directory is loaded.
    OpenSettings,
}

/// Which results are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Only {
    /// All.
    #[default]
    Everybody,
    /// People.
    People,
    /// Services and structures.
    Services,
}

impl Only {
    fn kind(self) -> Option<MailboxKind> {
        match self {
            Self::Everybody => None,
            Self::People => Some(MailboxKind::Per),
            Self::Services => Some(MailboxKind::Org),
        }
    }
}

/// A row of the list.
enum Entry<'a> {
    Heading(&'static str),
    Group(&'a Group),
    Person(&'a Person),
    /// From here on what the LDAP directory has.
    LdapHeading,
    /// Somebody of the LDAP directory, and whether the annuaire says the same.
    Ldap(&'a Person, bool),
}

#[derive(Debug, Default)]
enum Results {
    /// Nothing was typed.
    #[default]
    Blank,
    /// Asked, with no earlier results.
    Searching,
    /// The answer.
    Found(People),
    /// It cannot be asked.
    Failed(Error),
}

/// The panel.
#[derive(Debug, Default)]
pub struct Annuaire {
    query: String,
    generation: u64,
    results: Results,
    cursor: Option<usize>,
    detail: Option<Detail>,
    me: Option<OwnEntry>,
    copied: Option<EmailAddress>,
    status: Option<AnnuaireStatus>,
    import: Option<ImportProgress>,
    only: Only,
    trade: Trade,
    near_me: bool,
    contacts: Vec<Contact>,
    groups: Vec<Group>,
    ldap: ldap::Ldap,
}

impl Annuaire {
    /// An empty panel, and the task that reads the date of the data.
    pub fn new(engine: &Engine) -> (Self, Task<Message>) {
        let annuaire = Self { import: engine.annuaire_import(), ..Self::default() };
        (annuaire, Self::read(engine))
    }

    /// A panel that starts with a search, for "look for this address".
    pub fn searching(engine: &Engine, query: String) -> (Self, Task<Message>) {
        let mut annuaire = Self::default();
        let task = match annuaire.typed(engine, query) {
            Action::Run(task) => task,
            _ => Task::none(),
        };
        annuaire.import = engine.annuaire_import();
        (annuaire, Task::batch([task, Self::read(engine)]))
    }

    fn read(engine: &Engine) -> Task<Message> {
        Task::batch([Self::read_status(engine), Self::read_known(engine), ldap::read(engine)])
    }

    fn read_known(engine: &Engine) -> Task<Message> {
        let engine = engine.clone();
        let reading = async move { Ok((engine.contacts().await?, engine.groups().await?)) };
        Task::perform(reading, |result| Message::KnownRead(Box::new(result)))
    }

    fn read_status(engine: &Engine) -> Task<Message> {
        let engine = engine.clone();
        Task::perform(async move { engine.annuaire_status().await }, Message::StatusRead)
    }

    /// Carries out one message.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Typed(query) => self.typed(engine, query),
            Message::List(event) => self.list(engine, event),
            Message::Accept => self.accept(engine),
            Message::Back => self.back(engine),
            Message::Write(index) => self.write(index),
            Message::WriteTyped(address) => Action::WriteTo(Box::new(unlisted(address, None)), 0),
            Message::Copy(address) => self.copy(address),
            Message::Found { generation, result } => self.found(generation, result),
            Message::StatusRead(result) => self.status_read(result),
            Message::Only(only) => self.narrow(engine, |annuaire| annuaire.only = only),
            Message::Trade(trade) => self.narrow(engine, |annuaire| annuaire.trade = trade),
            Message::NearMe(near) => self.narrow(engine, |annuaire| annuaire.near_me = near),
            Message::KnownRead(result) => self.known_read(*result),
            Message::Detail(message) => self.detail_message(engine, message),
            Message::Ldap(message) => {
                let asked = (self.generation, self.asked());
                self.ldap.update(engine, asked, message)
            }
            Message::Me => Action::run(own_entry(engine), Message::MeRead),
            Message::MeRead(result) => self.me_read(engine, result),
            Message::CancelImport => self.cancel_import(engine),
            Message::OpenSettings => Action::Go(Place::Settings),
        }
    }

    /// Reads again what an event says has changed.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            Event::AnnuaireChanged | Event::SessionChanged | Event::Lagged => self.start_over(engine),
            Event::AnnuaireProgress => self.import_went_on(engine),
            Event::ContactsChanged => self.contacts_changed(engine),
            _ => Action::None,
        }
    }

    /// Carries out a command of the keyboard.
    pub fn on_command(&mut self, engine: &Engine, command: Command) -> Action<Message> {
        match command {
            Command::Search => Action::Run(iced::widget::operation::focus(FIELD)),
            Command::Back => self.back(engine),
            _ => Action::None,
        }
    }

    fn start_over(&mut self, engine: &Engine) -> Action<Message> {
        self.import = engine.annuaire_import();
        Action::Many(vec![self.search(engine), Action::Run(Self::read(engine))])
    }

    fn import_went_on(&mut self, engine: &Engine) -> Action<Message> {
        self.import = engine.annuaire_import();
        Action::None
    }

    fn cancel_import(&mut self, engine: &Engine) -> Action<Message> {
        engine.cancel_annuaire_import();
        Action::None
    }

    /// The order of results may have changed too: the list stays as it is under the user's hand, the detail is read
    /// again.
    fn contacts_changed(&mut self, engine: &Engine) -> Action<Message> {
        let detail = self.detail.as_ref().map(|detail| detail.read(engine).map(Message::Detail));
        Action::Run(Task::batch([detail.unwrap_or_else(Task::none), Self::read_known(engine)]))
    }

    fn known_read(&mut self, result: Result<(Vec<Contact>, Vec<Group>)>) -> Action<Message> {
        // without a session nobody is known
        (self.contacts, self.groups) = result.unwrap_or_default();
        Action::None
    }

    fn narrow(&mut self, engine: &Engine, change: impl FnOnce(&mut Self)) -> Action<Message> {
        change(self);
        let focus = Action::Run(iced::widget::operation::focus(FIELD));
        let closing = self.close_detail(engine);
        Action::Many(vec![closing, self.search(engine), focus])
    }

    /// Forgets the detail; a note being written is kept.
    fn close_detail(&mut self, engine: &Engine) -> Action<Message> {
        self.me = None;
        self.cursor = None;
        match self.detail.take() {
            Some(detail) => Action::Run(detail.keep_note(engine).map(Message::Detail)),
            None => Action::None,
        }
    }

    fn detail_message(&mut self, engine: &Engine, message: DetailMessage) -> Action<Message> {
        match &mut self.detail {
            Some(detail) => detail.update(engine, &self.groups, message).map(Message::Detail),
            None => match message {
                DetailMessage::Kept(Err(error)) => Action::Tell(Notice::Failed(error)),
                _ => Action::None,
            },
        }
    }

    fn me_read(&mut self, engine: &Engine, result: Result<OwnEntry>) -> Action<Message> {
        match result {
            Ok(entry) => {
                let closing = self.close_detail(engine);
                self.me = Some(entry);
                closing
            }
            Err(error) => Action::Tell(Notice::Failed(error)),
        }
    }

    fn typed(&mut self, engine: &Engine, query: String) -> Action<Message> {
        self.query = query;
        let closing = self.close_detail(engine);
        match (closing, self.search(engine)) {
            (Action::None, search) => search,
            (closing, search) => Action::Many(vec![closing, search]),
        }
    }

    fn search(&mut self, engine: &Engine) -> Action<Message> {
        self.generation += 1;
        self.ldap.forget();
        let mut query = self.asked();
        if query.text.chars().count() < SHORTEST_QUERY {
            self.results = Results::Blank;
            return Action::None;
        }
        if !matches!(self.results, Results::Found(_)) {
            self.results = Results::Searching;
        }
        let generation = self.generation;
        let (engine, near_me) = (engine.clone(), self.near_me);
        let asking = async move {
            if near_me {
                query.place = engine.area().await?;
            }
            engine.people(query).await
        };
        Action::Run(Task::perform(asking, move |result| Message::Found { generation, result }))
    }

    /// What is asked for, but for the place.
    fn asked(&self) -> PeopleQuery {
        let text = self.query.trim().to_owned();
        let Trade { profession, specialty } = self.trade.clone();
        let kind = self.only.kind();
        PeopleQuery { text, kind, profession, specialty, limit: MOST_RESULTS, ..PeopleQuery::default() }
    }

    fn found(&mut self, generation: u64, result: Result<People>) -> Action<Message> {
        if generation == self.generation {
            self.results = match result {
                Ok(people) => Results::Found(people),
                Err(error) => Results::Failed(error),
            };
        }
        Action::None
    }

    fn status_read(&mut self, result: Result<AnnuaireStatus>) -> Action<Message> {
        self.status = result.ok();
        Action::None
    }

    /// Near spellings, groups or people of the LDAP directory are beside the people found.
    fn has_others(&self) -> bool {
        matches!(&self.results, Results::Found(found) if !found.near.is_empty() || !found.groups.is_empty())
            || self.ldap.people().next().is_some()
    }

    fn people(&self) -> &[Person] {
        match &self.results {
            Results::Found(found) => &found.people,
            _ => &[],
        }
    }

    /// The rows: what was found, near spellings under a heading of their own; before anything is typed, groups,
    /// favourites and those written to lately.
    fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries = Vec::new();
        match &self.results {
            Results::Found(found) => {
                entries.extend(found.groups.iter().map(Entry::Group));
                entries.extend(found.people.iter().map(Entry::Person));
                if !found.near.is_empty() {
                    entries.push(Entry::Heading("annuaire-near"));
                    entries.extend(found.near.iter().map(Entry::Person));
                }
                let mut beyond =
                    self.ldap.people().map(|(person, same)| Entry::Ldap(person, same)).peekable();
                if beyond.peek().is_some() {
                    entries.push(Entry::LdapHeading);
                    entries.extend(beyond);
                }
            }
            Results::Blank => {
                let favourites = self.contacts.iter().filter(|c| c.favourite);
                let recent = self.contacts.iter().filter(|c| c.last_used.is_some() && !c.favourite);
                let recent = recent.take(MOST_RECENT);
                let parts: [(_, Vec<Entry<'_>>); 3] = [
                    ("annuaire-groups", self.groups.iter().map(Entry::Group).collect()),
                    ("annuaire-favourites", favourites.map(|c| Entry::Person(&c.person)).collect()),
                    ("annuaire-recent", recent.map(|c| Entry::Person(&c.person)).collect()),
                ];
                for (heading, rows) in parts.into_iter().filter(|(_, rows)| !rows.is_empty()) {
                    entries.push(Entry::Heading(heading));
                    entries.extend(rows);
                }
            }
            Results::Searching | Results::Failed(_) => {}
        }
        entries
    }

    /// The typed text, when it is an address.
    fn typed_address(&self) -> Option<EmailAddress> {
        EmailAddress::parse(&self.query).ok()
    }

    fn list(&mut self, engine: &Engine, event: ListEvent) -> Action<Message> {
        match event {
            ListEvent::Select { row, .. } => self.point(engine, row as usize),
            ListEvent::Activate(row) => self.activate(engine, row as usize),
            ListEvent::Visible(_) | ListEvent::SelectAll => Action::None,
        }
    }

    /// Shows somebody in detail beside the results.
    fn point(&mut self, engine: &Engine, index: usize) -> Action<Message> {
        let pointed = self.entries().into_iter().nth(index);
        let (person, is_beyond) = match pointed {
            Some(Entry::Person(person)) => (Some(person.clone()), false),
            Some(Entry::Ldap(person, true)) => (Some(person.clone()), false),
            Some(Entry::Ldap(person, false)) => (Some(ldap::unconfirmed(person)), true),
            Some(Entry::Group(_)) => (None, false),
            Some(Entry::Heading(_) | Entry::LdapHeading) | None => return Action::None,
        };
        let closing = self.close_detail(engine);
        self.cursor = Some(index);
        self.copied = None;
        let Some(person) = person else { return closing };
        let (mut detail, reading) = Detail::new(engine, person);
        detail.only_by = is_beyond.then(|| self.ldap.server().to_owned());
        self.detail = Some(detail);
        match closing {
            Action::Run(closing) => Action::Run(Task::batch([closing, reading.map(Message::Detail)])),
            _ => Action::Run(reading.map(Message::Detail)),
        }
    }

    /// Writes to somebody with one mailbox, or to a group; with several mailboxes the user says which.
    fn activate(&mut self, engine: &Engine, index: usize) -> Action<Message> {
        if let Some(Entry::Group(group)) = self.entries().into_iter().nth(index) {
            let members = group.members.iter().map(|member| Recipient {
                name: Some(member.person.display_name()),
                address: member.address.clone(),
            });
            return Action::WriteAll(members.collect());
        }
        let is_shown = self.cursor == Some(index) && self.detail.is_some();
        let pointing = if is_shown { Action::None } else { self.point(engine, index) };
        match &self.detail {
            Some(detail) if detail.person().mailboxes.len() == 1 => self.write(0),
            _ => pointing,
        }
    }

    fn write(&self, index: usize) -> Action<Message> {
        let own = self.me.as_ref().and_then(|me| me.person.as_ref());
        match self.detail.as_ref().map(Detail::person).or(own) {
            Some(person) => Action::WriteTo(Box::new(person.clone()), index),
            None => Action::None,
        }
    }

    /// Takes the person pointed at; without one, a sole result is only shown, a typed address is written to, and the LDAP
    /// directory is asked for whom the annuaire has not: among several nothing is chosen for the user.
    fn accept(&mut self, engine: &Engine) -> Action<Message> {
        let address = self.typed_address();
        match (self.cursor, self.people().len(), address) {
            (Some(at), _, _) => self.activate(engine, at),
            (None, 1, _) if !self.has_others() => self.point(engine, 0),
            (None, 0, Some(address)) => Action::WriteTo(Box::new(unlisted(address, None)), 0),
            (None, 0, None) if self.ldap.is_offered() && matches!(self.results, Results::Found(_)) => {
                self.update(engine, Message::Ldap(LdapMessage::Ask))
            }
            _ => Action::None,
        }
    }

    fn back(&mut self, engine: &Engine) -> Action<Message> {
        if self.detail.is_none() && self.me.is_none() {
            self.cursor = None;
            return Action::Close;
        }
        self.close_detail(engine)
    }

    fn copy(&mut self, address: EmailAddress) -> Action<Message> {
        let task = iced::clipboard::write(address.to_string());
        self.copied = Some(address);
        Action::Run(task)
    }
}

fn own_entry(engine: &Engine) -> impl Future<Output = Result<OwnEntry>> + Send + 'static {
    let engine = engine.clone();
    async move { engine.own_entry().await }
}
