//! Settings: the program itself, the card's software, the mailboxes, the annuaire.

pub mod api;
mod archive;
mod code;
pub mod filing;
pub mod ldap;
pub mod network;
mod security;
mod view;

pub use archive::Message as ArchiveMessage;
pub use security::Message as SecurityMessage;

use std::path::PathBuf;

use iced::Task;

use super::login::Purpose;
use super::{Action, Context, Notice};
use crate::domain::account::Account;
use crate::domain::id::AccountId;
use crate::engine::{AccountCheck, AnnuaireStatus, Engine, Error, Event, ImportProgress, open_browser};
use crate::gui::Element;
use crate::gui::platform;
use crate::gui::preferences::{Preferences, ThemeChoice};
use crate::gui::theme::TextSize;
use crate::wording::{Language, Wording};

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Another language.
    Language(Language),
    /// Light, dark or as the system.
    Theme(ThemeChoice),
    /// Another text size.
    TextSize(TextSize),
    /// Seconds in which a sending can be taken back.
    SendDelay(u32),
    /// Minutes without key or mouse before the session is locked.
    IdleMinutes(u32),
    /// Tell the desktop of new mail, or not.
    Notify(bool),
    /// Bytes up to which messages are fetched unasked.
    DownloadLimit(u64),
    /// Connections an account may have at a time.
    Connections(u32),
    /// The network part.
    Network(network::Message),
    /// That was kept, or not.
    Kept(Result<(), Error>),
    /// The limit of downloads.
    LimitRead(Result<u64, Error>),
    /// The number of connections.
    ConnectionsRead(Result<u32, Error>),
    /// The key of the Annuaire Santé.
    Api(api::Message),
    /// The LDAP directory.
    Ldap(ldap::Message),
    /// The encrypted archive.
    Archive(ArchiveMessage),
    /// What opens the data on this computer.
    Security(SecurityMessage),
    /// Folders of the practice software, and rules.
    Filing(filing::Message),
    /// The path of the PKCS#11 module is being typed.
    Module(String),
    /// The address of the extraction is being typed.
    Url(String),
    /// Load the annuaire from a file.
    ChooseFile,
    /// Load the annuaire from the address.
    Download,
    /// Add a mailbox, or give one another password or certificate.
    LogIn(Purpose),
    /// End the session with Pro Santé Connect.
    LogOut,
    /// It is ended; where the browser ends its own.
    LoggedOut(Result<Option<String>, Error>),
    /// Log in to both servers of an account and out again.
    Check(AccountId),
    /// Take an account away: asks first.
    Remove(AccountId),
    /// Yes, take it away.
    RemoveNow(AccountId),
    /// No, keep it.
    KeepAll,
    /// The accounts.
    Accounts(Result<Vec<Account>, Error>),
    /// A check ended.
    Checked(AccountId, Result<AccountCheck, Error>),
    /// An account was taken away, or not.
    Removed(Result<(), Error>),
    /// State of the annuaire.
    Status(Result<AnnuaireStatus, Error>),
    /// A file was chosen, or not.
    Chosen(Option<PathBuf>),
    /// The annuaire was loaded, or not.
    Imported(Result<AnnuaireStatus, Error>),
    /// Load the file that was refused for holding far less, all the same.
    Anyway,
    /// Load places of practice from a file.
    ChoosePlaces,
    /// A file of places was chosen, or not.
    PlacesChosen(Option<PathBuf>),
    /// Ends the import under way.
    CancelImport,
}

#[derive(Debug, Clone)]
enum Import {
    None,
    Running,
    Failed(Error),
}

#[derive(Debug, Clone)]
enum Check {
    Running,
    Passed(AccountCheck),
    Failed(Error),
}

/// The screen.
pub struct Settings {
    preferences: Preferences,
    module: String,
    accounts: Vec<Account>,
    checks: Vec<(AccountId, Check)>,
    removing: Option<AccountId>,
    failure: Option<Error>,
    status: Option<AnnuaireStatus>,
    import: Import,
    /// Where the last import came from.
    source: String,
    progress: Option<ImportProgress>,
    /// Bytes up to which messages are fetched unasked, once known.
    download_limit: Option<u64>,
    /// Connections an account may have at a time, once known.
    connections: Option<u32>,
    network: network::Network,
    api: api::Api,
    ldap: ldap::Ldap,
    security: security::Section,
    filing: filing::Section,
    archive: archive::Section,
}

impl Settings {
    /// The screen, reading accounts and annuaire.
    pub fn new(engine: &Engine, preferences: &Preferences) -> (Self, Task<Message>) {
        let (accounts, status) = (engine.clone(), engine.clone());
        let (limit, connections) = (engine.clone(), engine.clone());
        let (network, igc) = (engine.clone(), engine.clone());
        let task = Task::batch([
            Task::perform(async move { accounts.accounts().await }, Message::Accounts),
            Task::perform(async move { status.annuaire_status().await }, Message::Status),
            Task::perform(async move { limit.download_limit().await }, Message::LimitRead),
            Task::perform(async move { connections.connections().await }, Message::ConnectionsRead),
            Task::perform(async move { network.network_settings().await }, |read| {
                Message::Network(network::Message::Read(read))
            }),
            Task::perform(async move { igc.igc_state().await }, |read| {
                Message::Network(network::Message::Igc(read))
            }),
            api::Api::read(engine),
            ldap::Ldap::read(engine),
            security::Section::read(engine),
            filing::Section::read(engine),
            archive::Section::read(engine),
        ]);
        (Self::with(preferences, Vec::new(), None), task)
    }

    /// The screen with values, asking nothing: for pictures and tests.
    pub fn with(preferences: &Preferences, accounts: Vec<Account>, status: Option<AnnuaireStatus>) -> Self {
        let module = preferences.module.as_ref().map(|path| path.to_string_lossy().into_owned());
        Self {
            preferences: preferences.clone(),
            module: module.unwrap_or_default(),
            accounts,
            checks: Vec::new(),
            removing: None,
            failure: None,
            status,
            import: Import::None,
            source: String::new(),
            progress: None,
            download_limit: None,
            connections: None,
            network: network::Network::default(),
            api: api::Api::default(),
            ldap: ldap::Ldap::default(),
            security: security::Section::default(),
            filing: filing::Section::default(),
            archive: archive::Section::default(),
        }
    }

    /// The state changes by this table.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Language(language) => self.prefer(|p| p.language = Some(language)),
            Message::Theme(theme) => self.prefer(|p| p.theme = theme),
            Message::TextSize(size) => self.prefer(|p| p.text_size = size),
            Message::SendDelay(seconds) => self.prefer(|p| p.send_delay = seconds.min(30)),
            Message::Notify(on) => self.prefer(|p| p.notify = on),
            Message::IdleMinutes(minutes) => self.prefer(|p| p.idle_minutes = minutes.clamp(5, 120)),
            Message::DownloadLimit(bytes) => self.limit_downloads(engine, bytes),
            Message::Connections(most) => self.limit_connections(engine, most),
            Message::Network(message) => self.network.update(engine, message).map(Message::Network),
            Message::Api(message) => self.api.update(engine, message),
            Message::Ldap(message) => self.ldap.update(engine, message),
            Message::Kept(result) => self.kept(result),
            Message::LimitRead(result) => self.limit_read(result),
            Message::ConnectionsRead(result) => self.connections_read(result),
            Message::Security(message) => self.security.update(engine, self.language(), message),
            Message::Filing(message) => {
                let folder = Wording::new(self.language()).text("filing-folder");
                self.filing.update(engine, folder, message)
            }
            Message::Archive(message) => self.archive.update(engine, self.language(), message),
            Message::Module(path) => self.module_typed(path),
            Message::Url(url) => self.prefer(|p| p.annuaire_url = url),
            Message::ChooseFile => Action::run(platform::pick_file(String::new()), Message::Chosen),
            Message::Download => self.import(engine, self.preferences.annuaire_url.trim().to_owned()),
            Message::LogIn(purpose) => Action::LogIn(purpose),
            Message::LogOut => Self::log_out(engine),
            Message::LoggedOut(result) => Self::logged_out(result),
            Message::Check(id) => self.check(engine, id),
            Message::Remove(id) => self.ask(Some(id)),
            Message::RemoveNow(id) => self.remove(engine, id),
            Message::KeepAll => self.ask(None),
            Message::Accounts(result) => self.accounts_read(result),
            Message::Checked(id, result) => self.checked(id, result),
            Message::Removed(result) => self.removed(engine, result),
            Message::Status(result) => self.status_read(result),
            Message::Chosen(path) => self.chosen(engine, path),
            Message::Imported(result) => self.imported(result),
            Message::Anyway => self.import_anyway(engine),
            Message::ChoosePlaces => Action::run(platform::pick_file(String::new()), Message::PlacesChosen),
            Message::PlacesChosen(path) => self.places_chosen(engine, path),
            Message::CancelImport => self.cancel_import(engine),
        }
    }

    /// An event of the engine.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            Event::AnnuaireProgress => {
                self.progress = engine.annuaire_import();
                Action::None
            }
            Event::AnnuaireChanged | Event::Lagged => {
                self.progress = engine.annuaire_import();
                let engine = engine.clone();
                Action::run(async move { engine.annuaire_status().await }, Message::Status)
            }
            Event::FilingChanged => Action::Run(filing::Section::read(engine)),
            Event::Trouble => Action::Run(archive::Section::read(engine)),
            Event::FoldersChanged(_) => {
                let engine = engine.clone();
                Action::run(async move { engine.accounts().await }, Message::Accounts)
            }
            _ => Action::None,
        }
    }

    /// What is to be looked at again and again while it is under way.
    pub fn subscription(&self) -> iced::Subscription<Message> {
        match &self.archive.running {
            Some(_) => iced::time::every(std::time::Duration::from_millis(250))
                .map(|_| Message::Archive(ArchiveMessage::Tick)),
            None => iced::Subscription::none(),
        }
    }

    /// The picture.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        view::page(self, context)
    }

    /// Preferences changed elsewhere (text size by key).
    pub fn preferences_changed(&mut self, preferences: &Preferences) {
        self.preferences = preferences.clone();
    }

    fn language(&self) -> Language {
        self.preferences.language.unwrap_or_else(Language::detect)
    }

    fn prefer(&mut self, change: impl FnOnce(&mut Preferences)) -> Action<Message> {
        change(&mut self.preferences);
        Action::Prefer(Box::new(self.preferences.clone()))
    }

    fn limit_downloads(&mut self, engine: &Engine, bytes: u64) -> Action<Message> {
        self.download_limit = Some(bytes);
        let engine = engine.clone();
        Action::run(async move { engine.set_download_limit(bytes).await }, Message::Kept)
    }

    fn limit_connections(&mut self, engine: &Engine, most: u32) -> Action<Message> {
        self.connections = Some(most);
        let engine = engine.clone();
        Action::run(async move { engine.set_connections(most).await }, Message::Kept)
    }

    fn kept(&mut self, result: Result<(), Error>) -> Action<Message> {
        result.map_or_else(|error| Action::Tell(Notice::Failed(error)), |()| Action::None)
    }

    fn limit_read(&mut self, result: Result<u64, Error>) -> Action<Message> {
        self.download_limit = result.ok();
        Action::None
    }

    fn connections_read(&mut self, result: Result<u32, Error>) -> Action<Message> {
        self.connections = result.ok();
        Action::None
    }

    fn module_typed(&mut self, path: String) -> Action<Message> {
        let module = Some(path.trim()).filter(|path| !path.is_empty()).map(PathBuf::from);
        self.module = path;
        self.prefer(|p| p.module = module)
    }

    fn import(&mut self, engine: &Engine, source: String) -> Action<Message> {
        if source.is_empty() || matches!(self.import, Import::Running) {
            return Action::None;
        }
        self.import = Import::Running;
        self.source.clone_from(&source);
        let engine = engine.clone();
        Action::run(async move { engine.import_annuaire(&source).await }, Message::Imported)
    }

    fn import_anyway(&mut self, engine: &Engine) -> Action<Message> {
        self.import = Import::Running;
        let (engine, source) = (engine.clone(), self.source.clone());
        Action::run(async move { engine.import_smaller_annuaire(&source).await }, Message::Imported)
    }

    fn places_chosen(&mut self, engine: &Engine, path: Option<PathBuf>) -> Action<Message> {
        let Some(path) = path else { return Action::None };
        self.import = Import::Running;
        let engine = engine.clone();
        let work = async move { engine.import_activities(&path.to_string_lossy()).await };
        Action::run(work, Message::Imported)
    }

    fn cancel_import(&mut self, engine: &Engine) -> Action<Message> {
        engine.cancel_annuaire_import();
        Action::None
    }

    fn chosen(&mut self, engine: &Engine, path: Option<PathBuf>) -> Action<Message> {
        match path {
            Some(path) => self.import(engine, path.to_string_lossy().into_owned()),
            None => Action::None,
        }
    }

    fn imported(&mut self, result: Result<AnnuaireStatus, Error>) -> Action<Message> {
        match result {
            Ok(status) => {
                self.import = Import::None;
                self.status = Some(status);
            }
            Err(error) if error.code() == "cancelled" => self.import = Import::None,
            Err(error) => self.import = Import::Failed(error),
        }
        Action::None
    }

    fn status_read(&mut self, result: Result<AnnuaireStatus, Error>) -> Action<Message> {
        self.status = result.ok();
        Action::None
    }

    fn accounts_read(&mut self, result: Result<Vec<Account>, Error>) -> Action<Message> {
        match result {
            Ok(accounts) => self.accounts = accounts,
            Err(error) => self.failure = Some(error),
        }
        Action::None
    }

    fn log_out(engine: &Engine) -> Action<Message> {
        let engine = engine.clone();
        Action::run(async move { engine.psc_logout().await }, Message::LoggedOut)
    }

    fn logged_out(result: Result<Option<String>, Error>) -> Action<Message> {
        match result {
            Ok(Some(url)) => {
                if let Err(error) = open_browser(&url) {
                    tracing::warn!(%error, "no browser");
                }
                Action::None
            }
            Ok(None) => Action::None,
            Err(error) => Action::Tell(Notice::Failed(error)),
        }
    }

    fn check(&mut self, engine: &Engine, id: AccountId) -> Action<Message> {
        self.set_check(id, Check::Running);
        let engine = engine.clone();
        Action::run(async move { engine.check_account(id).await }, move |result| Message::Checked(id, result))
    }

    fn checked(&mut self, id: AccountId, result: Result<AccountCheck, Error>) -> Action<Message> {
        self.set_check(id, result.map_or_else(Check::Failed, Check::Passed));
        Action::None
    }

    fn set_check(&mut self, id: AccountId, check: Check) {
        self.checks.retain(|(known, _)| *known != id);
        self.checks.push((id, check));
    }

    fn check_of(&self, id: AccountId) -> Option<&Check> {
        self.checks.iter().find(|(known, _)| *known == id).map(|(_, check)| check)
    }

    fn ask(&mut self, id: Option<AccountId>) -> Action<Message> {
        self.removing = id;
        Action::None
    }

    fn remove(&mut self, engine: &Engine, id: AccountId) -> Action<Message> {
        self.removing = None;
        let engine = engine.clone();
        Action::run(async move { engine.remove_account(id).await }, Message::Removed)
    }

    fn removed(&mut self, engine: &Engine, result: Result<(), Error>) -> Action<Message> {
        self.failure = result.err();
        let engine = engine.clone();
        Action::run(async move { engine.accounts().await }, Message::Accounts)
    }
}
