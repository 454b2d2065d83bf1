//! What a screen is.
//!
//! A screen is a module with a struct named after it, and `Message`. Its methods have one shape:
//!
//! ```text
//! Mailbox::new(engine: &Engine) -> (Self, Task<Message>)
//! update(&mut self, engine: &Engine, message: Message) -> Action<Message>
//! on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message>
//! on_command(&mut self, engine: &Engine, command: Command) -> Action<Message>
//! view(&self, context: Context<'_>) -> Element<'_, Message>
//! ```
//!
//! Only the parent changes screens: a screen asks for it with an [`Action`]. A `Message` that brings a result carries
//! what it answers (folder, generation) and is dropped when the user has moved on.

pub mod annuaire;
pub mod archived;
pub mod composer;
pub mod file_choice;
pub mod folder_choice;
pub mod login;
pub mod mailbox;
pub mod patients;
pub mod sendings;
pub mod settings;
pub mod transfer;
pub mod trouble;
pub mod welcome;

use iced::Task;

use super::preferences::Preferences;
use super::theme::Look;
use crate::domain::UnixTime;
use crate::domain::draft::{Draft, Recipient};
use crate::domain::id::{DraftId, FolderId, MentionId, MessageId, PatientId};
use crate::domain::person::Person;
use crate::engine::{Error, Session};
use crate::wording::Wording;

/// What a view may know beside its own state.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Colours and sizes.
    pub look: Look,
    /// Texts.
    pub wording: &'a Wording,
    /// Now, so that views need no clock.
    pub now: UnixTime,
    /// Fictitious data.
    pub is_practice: bool,
    /// The card is unlocked: mail can be fetched and sent.
    pub is_online: bool,
    /// Size of the window in logical pixels.
    pub window: iced::Size,
    /// Keys that nothing focused takes are for the lists of this screen: false while a panel lies beside it.
    pub follows_keys: bool,
}

impl Context<'_> {
    /// Text of a key, in the user's language.
    pub fn text(&self, key: &str) -> String {
        self.wording.text(key)
    }
    /// Text of a key with values.
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.wording.with(key, values)
    }
}

/// A place of the main window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Mailbox.
    Mailbox,
    /// Patients.
    Patients,
    /// Directory as a page.
    Annuaire,
    /// Outbox and follow-up.
    Sendings,
    /// Settings.
    Settings,
    /// Diagnosis.
    Trouble,
}

/// Something that one place shows and another leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The page of a patient.
    Patient(PatientId),
    /// Whom a mention may be about.
    Mention(MentionId),
    /// A message in its folder.
    Message(FolderId, MessageId),
}

/// How a message is taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// To its sender.
    Reply,
    /// To everyone but oneself.
    ReplyAll,
    /// To somebody else, with its attachments.
    Forward,
}

/// An order to the parent.
pub enum Action<Message> {
    /// Nothing.
    None,
    /// Run this and bring the result back.
    Run(Task<Message>),
    /// Several orders.
    Many(Vec<Action<Message>>),
    /// Open a composer window on a draft; `Some` when the draft is stored already.
    Compose(Box<Draft>, Option<DraftId>),
    /// Open a composer window on an answer to a message, or on its forward.
    Answer(MessageId, Answer),
    /// Write to a person of the annuaire: adds them to the composer asked from, else opens one.
    WriteTo(Box<Person>, usize),
    /// Write to several people: adds them to the composer asked from, else opens one.
    WriteAll(Vec<Recipient>),
    /// Show another place.
    Go(Place),
    /// Show something of another place.
    Show(Target),
    /// Show or hide the annuaire panel of this window, with words to look for.
    Annuaire(String),
    /// Close this window or panel.
    Close,
    /// Say something at the foot of the window for some seconds.
    Tell(Notice),
    /// Run a command as if its key had been pressed.
    Command(super::shortcut::Command),
    /// The holder's mail is open.
    Opened(Session),
    /// Start over on fictitious data.
    Practice,
    /// Show folders by conversations from now on, or by messages.
    Group(bool),
    /// Use these preferences from now on, and keep them.
    Prefer(Box<Preferences>),
    /// Put a text on the clipboard.
    Copy(String),
    /// Print a message, or the document of it that has this number.
    Print(MessageId, Option<usize>),
    /// Open the dialog that writes messages to files or puts them in from files.
    Transfer(Box<transfer::Purpose>),
    /// Open the dialog that looks for messages of the archive, with these words.
    SearchArchive(String),
    /// Open a file with the system's program for it.
    OpenFile(std::path::PathBuf),
    /// Open the dialog that adds a mailbox or logs in to one again.
    LogIn(login::Purpose),
}

impl<Message> Action<Message> {
    /// The same order of a part, as its parent's.
    pub fn map<Parent>(self, wrap: impl Fn(Message) -> Parent + Clone + Send + 'static) -> Action<Parent>
    where
        Message: Send + 'static,
        Parent: Send + 'static,
    {
        match self {
            Self::None => Action::None,
            Self::Run(task) => Action::Run(task.map(wrap)),
            Self::Many(actions) => {
                Action::Many(actions.into_iter().map(|action| action.map(wrap.clone())).collect())
            }
            Self::Compose(draft, id) => Action::Compose(draft, id),
            Self::Answer(id, answer) => Action::Answer(id, answer),
            Self::WriteTo(person, index) => Action::WriteTo(person, index),
            Self::WriteAll(recipients) => Action::WriteAll(recipients),
            Self::Go(place) => Action::Go(place),
            Self::Show(target) => Action::Show(target),
            Self::Annuaire(query) => Action::Annuaire(query),
            Self::Close => Action::Close,
            Self::Tell(notice) => Action::Tell(notice),
            Self::Command(command) => Action::Command(command),
            Self::Opened(session) => Action::Opened(session),
            Self::Practice => Action::Practice,
            Self::Group(on) => Action::Group(on),
            Self::Prefer(preferences) => Action::Prefer(preferences),
            Self::Copy(text) => Action::Copy(text),
            Self::Print(id, document) => Action::Print(id, document),
            Self::Transfer(purpose) => Action::Transfer(purpose),
            Self::SearchArchive(query) => Action::SearchArchive(query),
            Self::OpenFile(path) => Action::OpenFile(path),
            Self::LogIn(purpose) => Action::LogIn(purpose),
        }
    }

    /// Runs a future and wraps what it answers.
    pub fn run<T: Send + 'static>(
        future: impl Future<Output = T> + Send + 'static,
        wrap: impl Fn(T) -> Message + Send + 'static,
    ) -> Self
    where
        Message: Send + 'static,
    {
        Self::Run(Task::perform(future, wrap))
    }
}

/// Something to say at the foot of a window.
#[derive(Debug, Clone)]
pub enum Notice {
    /// Something was done; the key of its text.
    Done(&'static str),
    /// Something can be undone for some seconds: the key of its text and what undoing does.
    Undo(&'static str, super::shortcut::Command),
    /// Messages were moved or deleted, which can be taken back.
    Undoable(crate::engine::Undoable),
    /// Messages were filed, which can be taken back.
    Filed(FilingNotice),
    /// A filing was taken back.
    Unfiled(crate::engine::Unfiled),
    /// Something went wrong.
    Failed(Error),
}

/// What a filing did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilingNotice {
    /// Messages that are filed now.
    pub messages: usize,
    /// Files written.
    pub files: usize,
    /// The destination of the first of them.
    pub folder: Option<String>,
    /// Documents in none of the formats the destinations take.
    pub left: Vec<String>,
}
