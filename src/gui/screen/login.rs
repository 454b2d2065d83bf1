//! Adding a mailbox, and logging in to one again: address, way to log in, what it needs, check. A dialog above any place.

pub mod server;
mod view;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use iced::Task;
use iced::task::Handle;
use zeroize::Zeroizing;

use self::server::Servers;
use super::{Action, Context};
use crate::domain::account::{Account, AccountConfig, AuthMethod};
use crate::domain::address::EmailAddress;
use crate::domain::id::AccountId;
use crate::domain::secret::Secret;
use crate::engine::{Engine, Error, Means, PscIdentity, PscLogin, PscPage, PscState, open_browser};
use crate::gui::Element;
use crate::gui::platform;

/// Largest file read as a certificate, in bytes.
const LARGEST_FILE: u64 = 256 * 1024;

/// What the dialog is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A mailbox that is not here yet.
    New,
    /// Another password or certificate for this mailbox.
    Means(AccountId),
    /// The person, to Pro Santé Connect.
    Psc,
}

/// A secret being typed: wiped, and never printed.
#[derive(Clone, Default)]
pub struct Typed(Zeroizing<String>);

impl Typed {
    /// Takes what the field holds.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    fn secret(&self) -> Secret {
        Secret::new(self.0.as_str().to_owned())
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

/// A certificate's file, as chosen.
#[derive(Clone)]
pub struct Chosen {
    name: String,
    content: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chosen")
    }
}

/// A login that waits for the browser, on its way through a message.
#[derive(Clone)]
pub struct Waiting(Arc<Mutex<Option<PscLogin>>>);

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiting")
    }
}

/// What the user did, and what came back. Results carry the attempt they answer.
#[derive(Debug, Clone)]
pub enum Message {
    /// The address is being typed.
    Address(String),
    /// Another way to log in.
    Method(AuthMethod),
    /// The password is being typed.
    Password(Typed),
    /// Choose the certificate's file.
    ChooseFile,
    /// A file was chosen, or not.
    FileChosen(Option<PathBuf>),
    /// It was read, or not.
    FileRead(Result<Chosen, Error>),
    /// Show the servers to type, or take them away again.
    ByHand,
    /// A server is being typed.
    Server(server::Message),
    /// Go on.
    Go,
    /// One step back.
    Back,
    /// Give up, or close.
    Leave,
    /// A press beside the dialog while something would be lost by closing it.
    Nothing,
    /// The account a change is for.
    Known(u32, Result<Option<Account>, Error>),
    /// The servers of the address.
    Found(u32, Result<AccountConfig, Error>),
    /// The login page is known.
    Prepared(u32, Result<Waiting, Error>),
    /// Open the login page again.
    OpenAgain,
    /// Put its address on the clipboard.
    CopyAddress,
    /// The browser came back.
    Returned(u32, Result<PscIdentity, Error>),
    /// The mailbox was checked and kept, or not.
    Kept(u32, Result<(), Error>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Which address?
    Address,
    /// Which way to log in, and with what?
    Method,
    /// Servers are looked for.
    Finding,
    /// The browser has the word; its page, once known.
    Browser(Option<String>),
    /// The servers are asked.
    Checking,
    /// It is done; the person's name for Pro Santé Connect.
    Done(Option<String>),
}

/// The dialog.
pub struct Login {
    purpose: Purpose,
    step: Step,
    /// Whose mailboxes a new one joins; none without a card.
    holder: Option<String>,
    address: String,
    /// Servers typed by hand, while they are.
    servers: Option<Servers>,
    config: Option<AccountConfig>,
    method: Option<AuthMethod>,
    password: Typed,
    file: Option<Chosen>,
    failure: Option<Error>,
    page: PscPage,
    attempt: u32,
    /// The wait for the browser: ends with the dialog.
    browsing: Option<Handle>,
}

impl Login {
    /// The dialog; what it needs to know first is asked for. `page` is what the browser shows at the end.
    pub fn new(engine: &Engine, purpose: Purpose, page: PscPage) -> (Self, Task<Message>) {
        let holder = engine.session().and_then(|session| session.holder);
        let mut login =
            Self { holder: holder.map(|holder| holder.display_name()), ..Self::with(purpose, page) };
        let task = match purpose {
            Purpose::New => iced::widget::operation::focus("login-address"),
            Purpose::Psc => login.browse(engine),
            Purpose::Means(id) => {
                login.step = Step::Finding;
                let (engine, attempt) = (engine.clone(), login.attempt);
                let finding =
                    async move { engine.accounts().await.map(|all| all.into_iter().find(|a| a.id == id)) };
                Task::perform(finding, move |result| Message::Known(attempt, result))
            }
        };
        (login, task)
    }

    /// The dialog, asking nothing: for pictures and tests.
    pub fn with(purpose: Purpose, page: PscPage) -> Self {
        Self {
            purpose,
            step: Step::Address,
            holder: None,
            address: String::new(),
            servers: None,
            config: None,
            method: None,
            password: Typed::default(),
            file: None,
            failure: None,
            page,
            attempt: 0,
            browsing: None,
        }
    }

    /// The state changes by this table.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Address(text) => self.address_typed(text),
            Message::Method(method) => self.choose(method),
            Message::Password(typed) => self.password_typed(typed),
            Message::ChooseFile => Action::run(platform::pick_file(String::new()), Message::FileChosen),
            Message::FileChosen(path) => Self::read_file(path),
            Message::FileRead(result) => self.file_read(result),
            Message::ByHand => self.by_hand(),
            Message::Server(message) => self.server(message),
            Message::Go => self.go(engine),
            Message::Back => self.back(),
            Message::Leave => Action::Close,
            Message::Nothing => Action::None,
            Message::Known(attempt, result) => self.known(attempt, result),
            Message::Found(attempt, result) => self.found(attempt, result),
            Message::Prepared(attempt, result) => self.prepared(attempt, result),
            Message::OpenAgain => self.open_again(),
            Message::CopyAddress => self.copy_address(),
            Message::Returned(attempt, result) => self.returned(engine, attempt, result),
            Message::Kept(attempt, result) => self.kept(attempt, result),
        }
    }

    /// The picture.
    pub fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        view::dialog(self, context)
    }

    /// A press beside the dialog may close it only when nothing is lost by that.
    pub fn is_idle(&self) -> bool {
        match self.step {
            Step::Done(_) => true,
            Step::Address => self.address.is_empty() && self.servers.is_none(),
            Step::Method | Step::Finding | Step::Browser(_) | Step::Checking => false,
        }
    }

    // --- typing ---

    fn address_typed(&mut self, text: String) -> Action<Message> {
        self.address = text;
        self.failure = None;
        Action::None
    }

    fn by_hand(&mut self) -> Action<Message> {
        self.servers = if self.servers.is_some() { None } else { Some(Servers::new()) };
        self.failure = None;
        Action::None
    }

    fn server(&mut self, message: server::Message) -> Action<Message> {
        let Some(servers) = &mut self.servers else { return Action::None };
        match message {
            server::Message::Typed(field, text) => servers.type_in(field, text),
            server::Message::Security(security) => servers.secure(security),
            server::Message::AuthorityChosen(Some(file)) => servers.authority = Some(file),
            server::Message::AuthorityChosen(None) => {}
            server::Message::IgcSante => servers.authority = None,
            server::Message::ChooseAuthority => {
                return Action::run(platform::pick_file(String::new()), |file| {
                    Message::Server(server::Message::AuthorityChosen(file))
                });
            }
        }
        Action::None
    }

    fn choose(&mut self, method: AuthMethod) -> Action<Message> {
        self.method = Some(method);
        self.failure = None;
        Action::None
    }

    fn password_typed(&mut self, typed: Typed) -> Action<Message> {
        self.password = typed;
        Action::None
    }

    fn read_file(path: Option<PathBuf>) -> Action<Message> {
        let Some(path) = path else { return Action::None };
        Action::run(read(path), Message::FileRead)
    }

    fn file_read(&mut self, result: Result<Chosen, Error>) -> Action<Message> {
        match result {
            Ok(chosen) => {
                self.file = Some(chosen);
                self.failure = None;
            }
            Err(error) => self.failure = Some(error),
        }
        Action::None
    }

    fn parsed(&self) -> Option<EmailAddress> {
        // what is still being typed looks like an address before its domain is whole
        EmailAddress::parse(self.address.trim()).ok().filter(|address| address.domain().contains('.'))
    }

    /// What was given is enough to go on.
    fn is_complete(&self) -> bool {
        match (&self.step, self.method) {
            (Step::Address, _) => match (self.parsed(), &self.servers) {
                (Some(address), Some(servers)) => servers.config(address, AuthMethod::Password).is_some(),
                (address, _) => address.is_some(),
            },
            (Step::Method, Some(AuthMethod::Card | AuthMethod::Psc)) => true,
            (Step::Method, Some(AuthMethod::Password)) => !self.password.0.is_empty(),
            (Step::Method, Some(AuthMethod::Certificate)) => self.file.is_some(),
            _ => self.is_refused_psc(),
        }
    }

    /// The login of a person to Pro Santé Connect failed, and can be begun again.
    fn is_refused_psc(&self) -> bool {
        self.purpose == Purpose::Psc && self.step == Step::Browser(None) && self.failure.is_some()
    }

    fn means(&self) -> Means {
        match (self.method, &self.file) {
            (Some(AuthMethod::Password), _) => Means::Password(self.password.secret()),
            (Some(AuthMethod::Certificate), Some(file)) => {
                Means::Certificate { file: file.content.clone(), password: self.password.secret() }
            }
            _ => Means::Nothing,
        }
    }

    // --- going on ---

    fn go(&mut self, engine: &Engine) -> Action<Message> {
        if !self.is_complete() {
            return Action::None;
        }
        self.failure = None;
        match (&self.step, self.method) {
            (Step::Address, _) => self.find(engine),
            (Step::Browser(_), _) => Action::Run(self.browse(engine)),
            (_, Some(AuthMethod::Psc)) if !matches!(engine.psc_state(), PscState::Active(_)) => {
                Action::Run(self.browse(engine))
            }
            _ => self.check(engine),
        }
    }

    fn find(&mut self, engine: &Engine) -> Action<Message> {
        let Some(address) = self.parsed() else { return Action::None };
        if let Some(servers) = &self.servers {
            // whoever has a card is asked for it first
            let method = if engine.holder().is_ok() { AuthMethod::Card } else { AuthMethod::Password };
            let Some(config) = servers.config(address, method) else { return Action::None };
            let attempt = self.next_attempt();
            return self.found(attempt, Ok(config));
        }
        self.step = Step::Finding;
        let (engine, attempt) = (engine.clone(), self.next_attempt());
        Action::run(async move { engine.servers_for(&address).await }, move |result| {
            Message::Found(attempt, result)
        })
    }

    fn found(&mut self, attempt: u32, result: Result<AccountConfig, Error>) -> Action<Message> {
        if attempt != self.attempt {
            return Action::None;
        }
        match result {
            Ok(config) => {
                self.method = Some(config.auth);
                self.config = Some(config);
                self.step = Step::Method;
            }
            Err(error) => self.fail(Step::Address, error),
        }
        Action::None
    }

    fn known(&mut self, attempt: u32, result: Result<Option<Account>, Error>) -> Action<Message> {
        if attempt != self.attempt {
            return Action::None;
        }
        match result {
            Ok(Some(account)) => {
                self.address = account.config.address.to_string();
                self.method = Some(account.config.auth);
                self.config = Some(account.config);
                self.step = Step::Method;
                Action::Run(iced::widget::operation::focus("login-password"))
            }
            Ok(None) => Action::Close,
            Err(error) => {
                self.fail(Step::Method, error);
                Action::None
            }
        }
    }

    /// Begins a login in the browser.
    fn browse(&mut self, engine: &Engine) -> Task<Message> {
        self.step = Step::Browser(None);
        let (engine, attempt) = (engine.clone(), self.next_attempt());
        let preparing =
            async move { engine.psc_login().await.map(|login| Waiting(Arc::new(Mutex::new(Some(login))))) };
        Task::perform(preparing, move |result| Message::Prepared(attempt, result))
    }

    fn prepared(&mut self, attempt: u32, result: Result<Waiting, Error>) -> Action<Message> {
        if attempt != self.attempt {
            return Action::None;
        }
        let waiting = match result {
            Ok(waiting) => waiting.0.lock().unwrap_or_else(PoisonError::into_inner).take(),
            Err(error) => {
                self.fail(self.step_before(), error);
                return Action::None;
            }
        };
        let Some(login) = waiting else { return Action::None };
        self.step = Step::Browser(Some(login.url().to_owned()));
        let page = self.page.clone();
        let (task, handle) = Task::perform(async move { login.wait(page).await }, move |result| {
            Message::Returned(attempt, result)
        })
        .abortable();
        self.browsing = Some(handle.abort_on_drop());
        let opened = self.open_again();
        Action::Many(vec![opened, Action::Run(task)])
    }

    fn open_again(&self) -> Action<Message> {
        if let Step::Browser(Some(url)) = &self.step
            && let Err(error) = open_browser(url)
        {
            // the address can be copied
            tracing::warn!(%error, "no browser");
        }
        Action::None
    }

    fn copy_address(&self) -> Action<Message> {
        match &self.step {
            Step::Browser(Some(url)) => Action::Copy(url.clone()),
            _ => Action::None,
        }
    }

    fn returned(
        &mut self,
        engine: &Engine,
        attempt: u32,
        result: Result<PscIdentity, Error>,
    ) -> Action<Message> {
        if attempt != self.attempt {
            return Action::None;
        }
        self.browsing = None;
        match result {
            Ok(identity) if self.purpose == Purpose::Psc => {
                self.step = Step::Done(Some(identity.name));
                Action::None
            }
            Ok(_) => self.check(engine),
            Err(error) => {
                self.fail(self.step_before(), error);
                Action::None
            }
        }
    }

    /// Asks the servers, and keeps the mailbox when they let in.
    fn check(&mut self, engine: &Engine) -> Action<Message> {
        let (Some(config), Some(method)) = (self.config.clone(), self.method) else { return Action::None };
        let config = AccountConfig { auth: method, ..config };
        self.step = Step::Checking;
        let (engine, means, purpose) = (engine.clone(), self.means(), self.purpose);
        let attempt = self.next_attempt();
        let checking = async move {
            engine.try_account(config.clone(), means.clone()).await?;
            match purpose {
                Purpose::Means(id) => engine.set_means(id, means).await,
                Purpose::New | Purpose::Psc => engine.add_account_with(config, means).await.map(drop),
            }
        };
        Action::run(checking, move |result| Message::Kept(attempt, result))
    }

    fn kept(&mut self, attempt: u32, result: Result<(), Error>) -> Action<Message> {
        if attempt != self.attempt {
            return Action::None;
        }
        match result {
            Ok(()) => {
                self.step = Step::Done(None);
                (self.password, self.file) = (Typed::default(), None);
            }
            Err(error) => self.fail(Step::Method, error),
        }
        Action::None
    }

    // --- going back ---

    fn back(&mut self) -> Action<Message> {
        self.next_attempt();
        self.browsing = None;
        self.failure = None;
        match (self.purpose, &self.step) {
            (Purpose::New, Step::Method | Step::Finding) => self.step = Step::Address,
            (Purpose::New | Purpose::Means(_), Step::Browser(_) | Step::Checking) => self.step = Step::Method,
            _ => return Action::Close,
        }
        Action::None
    }

    /// Where a login that did not succeed leads back to.
    fn step_before(&self) -> Step {
        if self.purpose == Purpose::Psc { Step::Browser(None) } else { Step::Method }
    }

    fn fail(&mut self, step: Step, error: Error) {
        self.step = step;
        self.failure = Some(error);
    }

    fn next_attempt(&mut self) -> u32 {
        self.attempt += 1;
        self.attempt
    }
}

/// Reads a file of bounded size.
async fn read(path: PathBuf) -> Result<Chosen, Error> {
    use tokio::io::AsyncReadExt;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut content = Zeroizing::new(Vec::new());
    let file = tokio::fs::File::open(&path).await?;
    file.take(LARGEST_FILE + 1).read_to_end(&mut content).await?;
    Ok(Chosen { name, content })
}

#[cfg(feature = "gui-test")]
impl Login {
    /// The dialog while it asks how to log in, for pictures and tests.
    #[must_use]
    pub fn at_method(mut self, config: AccountConfig, method: AuthMethod) -> Self {
        self.address = config.address.to_string();
        (self.config, self.method, self.step) = (Some(config), Some(method), Step::Method);
        self
    }

    /// The dialog while the browser has the word, for pictures and tests.
    #[must_use]
    pub fn at_browser(mut self, url: &str) -> Self {
        self.step = Step::Browser(Some(url.to_owned()));
        self
    }

    /// The dialog after a failure, for pictures and tests.
    #[must_use]
    pub fn after_failure(mut self, error: Error) -> Self {
        let step = self.step_before();
        self.fail(step, error);
        self
    }
}
