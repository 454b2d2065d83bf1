//! The mailbox: folders, the list of messages and the one being read.
//!
//! Every answer of the engine names what it answers (generation of the list, message, address) and is dropped when
//! the user has moved on.

mod browsing;
mod deeds;
mod documents;
mod drafts;
mod filing;
mod find;
mod folder;
mod listing;
mod opening;
mod reader;
mod request;
pub(in crate::gui) mod saving;
mod sender;
mod view;
mod viewer;

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use iced::Task;

use crate::domain::UnixTime;
use crate::domain::account::Account;
use crate::domain::address::Mailbox as Correspondent;
use crate::domain::draft::{Draft, DraftRow};
use crate::domain::folder::{Folder, FolderRole};
use crate::domain::id::{AccountId, DraftId, FolderId, MentionId, MessageId, PatientId};
use crate::domain::message::{Flag, MessageKind, MessageRow, MessageView};
use crate::domain::person::Person;
use crate::domain::search::Facets;
use crate::domain::triage::Triage;
use crate::engine::{Engine, ErrorKind, Event, Excerpt, Found, Page, ReceiptWords, Result, Thread, Undoable};
use crate::gui::screen::{Action, Answer, Notice, Target};
use crate::gui::shortcut::Command;
use crate::gui::widget::{ListEvent, SelectMode};

pub use documents::{Known, Message as DocumentMessage};
pub use filing::Message as FilingMessage;
pub use find::Message as FindMessage;
use folder::FolderForm;
pub use folder::FolderMessage;
use listing::{Listing, Source};
pub use reader::{Message as ReaderMessage, Tab};
use reader::{Need, Reader, Shown};
pub use saving::Error as SaveError;
pub use sender::{Standing, name_differs, shown_name};
pub(in crate::gui::screen) use view::trade;
pub use viewer::{Drawn, Message as ViewerMessage, Zoom};

/// Addresses whose holder is remembered; past this the memory starts anew.
const MOST_PEOPLE: usize = 5_000;

/// Name of the search field.
const SEARCH_FIELD: &str = "mailbox-search";

/// A deed on the selected messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Answer the sender.
    Reply,
    /// Answer everyone.
    ReplyAll,
    /// Send on, with attachments.
    Forward,
    /// Write out to the practice software, and mark as filed.
    File,
    /// To the bin, or for good from the bin.
    Delete,
    /// Mark as unread, or as read when all are unread.
    ToggleRead,
    /// Star, or unstar when all are starred.
    ToggleStar,
    /// Open or close the menu of folders to move or copy to.
    ChooseFolder,
    /// Move to a folder.
    Move(FolderId),
    /// Copy to a folder.
    Copy(FolderId),
    /// Open or close the menu of states.
    ChooseState,
    /// Say where they stand; the same again says that they stand nowhere.
    State(Option<Triage>),
    /// On paper.
    Print,
    /// To files.
    Export,
}

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows a folder.
    OpenFolder(FolderId),
    /// Shows the folders in a window too narrow for them, or the list again.
    ToggleFolders,
    /// Adds a mailbox.
    AddMailbox,
    /// Starts a new message.
    Write,
    /// Shows what is being written.
    OpenDrafts(Option<AccountId>),
    /// Opens a draft for writing.
    EditDraft(DraftId),
    /// Throws a draft away.
    DropDraft(DraftId),
    /// Drafts changed: read them again.
    DraftsChanged,
    /// Something happened in the list.
    List(ListEvent),
    /// Search text was typed; empty shows the folder again.
    Search(String),
    /// Adds an operator to the search, or takes it away.
    Narrow(String),
    /// Nobody has typed for a moment since this list was shown.
    Rest(u64),
    /// Counts of a search came.
    Counted {
        /// The list that asked.
        epoch: u64,
        /// Counts.
        result: Result<Facets>,
    },
    /// How many messages of the archive a search finds.
    Archived {
        /// The list that asked.
        epoch: u64,
        /// Their number.
        result: Result<u32>,
    },
    /// Shows them.
    ShowArchived,
    /// Lines of messages a search found came.
    Excerpted {
        /// The list that asked.
        epoch: u64,
        /// Those that have a line.
        result: Result<Vec<Excerpt>>,
    },
    /// Leaves the search, else the question, else the selection.
    Escape,
    /// Acts on the selection.
    Do(Deed),
    /// Opens or closes the choice of a state to show.
    ChooseShown,
    /// Shows folders by conversations, or by messages.
    Group(bool),
    /// Conversations of a folder came.
    Grouped {
        /// The question they answer.
        generation: u64,
        /// Position of the first.
        first: u32,
        /// How many there are, and those asked for.
        result: Result<(u32, Vec<Thread>)>,
    },
    /// Shows only messages of a state, or all.
    ShowState(Option<Triage>),
    /// Shows the page of a patient.
    ShowPatient(PatientId),
    /// Shows whom the message may be about.
    Attach(MentionId),
    /// Shows another message.
    ShowMessage(FolderId, MessageId),
    /// Where a message to be shown is in its folder.
    Located(MessageId, Option<u32>),
    /// Says to a replacement that it is one or not; without a word, takes that back.
    JudgeReplacement(String, String, Option<bool>),
    /// The menu of folders moves, or copies.
    Copies(bool),
    /// Makes, renames or deletes a folder.
    Folder(FolderMessage),
    /// Messages were moved or deleted, which can be taken back, or not.
    Changed(Result<Option<Undoable>>),
    /// The last change was taken back, or not.
    Undone(Result<Undoable>),
    /// Something of a filing came back.
    Filing(filing::Message),
    /// What servers refused came.
    Refused(Result<Vec<String>>),
    /// The reader.
    Reader(reader::Message),
    /// Sends the read receipt a sender asked for, in these words, or declines for good.
    AnswerReceipt(MessageId, Option<Box<ReceiptWords>>),
    /// The user saw the critical results of a message.
    AcknowledgeAlarm(MessageId),
    /// Saves an attachment.
    Save(usize),
    /// Saves every attachment.
    SaveAll,
    /// Opens a copy of an attachment in another program.
    OpenOutside(usize),
    /// The copy was written, or not.
    Lent(Result<PathBuf>),
    /// Yes to the question on screen.
    Confirm,
    /// Closes the notice.
    Dismiss,
    /// Fetches a message whose content is not here, now or when there is a connection.
    Download(MessageId),
    /// Fetches every large message in the background.
    DownloadAll,
    /// Accounts came.
    AccountsRead(Result<Vec<Account>>),
    /// Folders came.
    FoldersRead(Result<Vec<Folder>>),
    /// Drafts came.
    DraftsRead(Result<Vec<DraftRow>>),
    /// A draft came to be written on; `None` when it is gone.
    DraftOpened(Result<Option<(DraftId, Box<Draft>)>>),
    /// Rows of a folder came.
    Listed {
        /// Generation of the list that asked.
        generation: u64,
        /// First row asked for.
        first: u32,
        /// Rows.
        result: Result<Page>,
    },
    /// Rows of a search came.
    Found {
        /// Generation of the list that asked.
        generation: u64,
        /// First row asked for.
        first: u32,
        /// Rows.
        result: Result<Found>,
    },
    /// The annuaire answered.
    PersonRead {
        /// Address asked about.
        address: String,
        /// Its holder.
        result: Result<Option<Person>>,
    },
    /// Whether the sender bears the name of a correspondent was looked up.
    NamesakeRead {
        /// Of which message.
        id: MessageId,
        /// The correspondent.
        person: Option<Box<Person>>,
    },
    /// The white list was asked about a domain.
    TrustRead {
        /// Domain asked about, in lower case.
        domain: String,
        /// Whether the list holds it; `None` without a list.
        trusted: Option<bool>,
    },
    /// A message came.
    Opened {
        /// Which.
        id: MessageId,
        /// Its content.
        result: Result<Box<MessageView>>,
    },
    /// A message has been on screen long enough to count as read.
    ReadForAWhile(MessageId),
    /// A command was written down, or not.
    Done(Result<()>),
    /// An attachment was saved; `None` when the user gave up.
    Saved {
        /// Message.
        id: MessageId,
        /// Attachment.
        index: usize,
        /// Path written.
        outcome: Option<std::result::Result<PathBuf, saving::Error>>,
    },
}

/// A question the user must answer before something happens.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Question {
    /// Messages in the bin would be gone.
    DeleteForGood(Vec<MessageId>),
    /// What was filed before would be written again.
    FileAgain(filing::Again),
    /// A folder and its contents.
    DeleteFolder(FolderId),
    /// Name of a folder.
    Folder(FolderForm),
    /// The file is there.
    Replace { id: MessageId, index: usize, path: PathBuf },
}

/// What happened, shown until dismissed.
#[derive(Debug, Clone)]
enum Outcome {
    Saved(PathBuf),
    NotSaved(saving::Error),
}

/// Where the user was: numbers only, for the time in which nothing may be known of the mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bookmark {
    folder: Option<FolderId>,
    message: Option<MessageId>,
}

/// The screen.
#[derive(Debug)]
pub struct Mailbox {
    accounts: Vec<Account>,
    /// The accounts were read: none then means that there is none.
    knows_accounts: bool,
    folders: Vec<Folder>,
    drafts: Vec<DraftRow>,
    draft: Option<DraftId>,
    folder: Option<FolderId>,
    listing: Listing,
    reader: Reader,
    people: HashMap<String, Option<Person>>,
    trusted: HashMap<String, bool>,
    query: String,
    choosing_folder: bool,
    choosing_state: bool,
    /// The choice of a state to show is open.
    narrowing: bool,
    /// The state shown.
    state: Option<Triage>,
    /// Folders are shown by conversations.
    groups: bool,
    copies: bool,
    /// Refusals before were told.
    refusals_since: UnixTime,
    shows_folders: bool,
    question: Option<Question>,
    outcome: Option<Outcome>,
    /// Where to go once the folders are known, and the message to select once its row is.
    returning: Option<Bookmark>,
    /// What was filed last.
    last_filing: Option<filing::Last>,
}

impl Mailbox {
    /// An empty screen, and the tasks that fill it.
    pub fn new(engine: &Engine) -> (Self, Task<Message>) {
        let mailbox = Self {
            accounts: Vec::new(),
            knows_accounts: false,
            folders: Vec::new(),
            drafts: Vec::new(),
            draft: None,
            folder: None,
            listing: Listing::default(),
            reader: Reader::Empty,
            people: HashMap::new(),
            trusted: HashMap::new(),
            query: String::new(),
            choosing_folder: false,
            choosing_state: false,
            narrowing: false,
            state: None,
            groups: false,
            copies: false,
            refusals_since: jiff::Timestamp::now().as_second(),
            shows_folders: false,
            question: None,
            outcome: None,
            returning: None,
            last_filing: None,
        };
        (mailbox, Self::read_all(engine))
    }

    /// Folders are shown by conversations, or by messages, from the beginning.
    pub fn begin_grouped(&mut self, on: bool) {
        self.groups = on;
    }

    /// Where the user is.
    pub fn bookmark(&self) -> Bookmark {
        Bookmark { folder: self.folder, message: self.reader.id() }
    }

    /// The message on screen.
    pub fn shown_message(&self) -> Option<&MessageView> {
        self.reader.shown().map(|shown| &shown.view)
    }

    /// Shows that place as soon as its folder is known, in place of the inbox.
    pub fn go_back(&mut self, bookmark: Bookmark) {
        self.returning = Some(bookmark);
    }

    fn read_all(engine: &Engine) -> Task<Message> {
        Task::batch([request::accounts(engine), request::folders(engine), request::drafts(engine)])
    }

    /// Carries out one message.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::OpenFolder(id) => self.open_folder(engine, id),
            Message::ToggleFolders => self.toggle_folders(),
            Message::AddMailbox => Action::LogIn(super::login::Purpose::New),
            Message::Write => Action::Command(Command::New),
            Message::OpenDrafts(account) => self.open_drafts(engine, account),
            Message::EditDraft(id) => self.edit_draft(engine, id),
            Message::DropDraft(id) => self.drop_draft(engine, id),
            Message::DraftsChanged => Action::Run(request::drafts(engine)),
            Message::List(event) => self.list(engine, event),
            Message::Search(query) => self.search(engine, query),
            Message::Narrow(operator) => self.narrow(engine, &operator),
            Message::Rest(epoch) => self.rest(engine, epoch),
            Message::Counted { epoch, result } => self.counted(epoch, result),
            Message::Archived { epoch, result } => self.counted_archived(epoch, result),
            Message::ShowArchived => Action::SearchArchive(self.query.clone()),
            Message::Excerpted { epoch, result } => self.excerpted(engine, epoch, result),
            Message::Escape => self.escape(engine),
            Message::Do(deed) => self.carry_out(engine, deed),
            Message::ChooseShown => self.choose_shown(engine),
            Message::ShowState(state) => self.show_state(engine, state),
            Message::ShowPatient(id) => Action::Show(Target::Patient(id)),
            Message::Attach(id) => Action::Show(Target::Mention(id)),
            Message::ShowMessage(folder, id) => self.show_message(engine, folder, id),
            Message::Located(id, at) => self.located(engine, id, at),
            Message::JudgeReplacement(old, new, accepted) => {
                Action::Run(request::judge_replacement(engine, old, new, accepted))
            }
            Message::Copies(copies) => self.choose_copying(copies),
            Message::Folder(message) => self.change_folder(engine, message),
            Message::Changed(result) => self.changed(result),
            Message::Undone(result) => self.undone(result),
            Message::Filing(message) => self.filing(engine, message),
            Message::Refused(result) => self.refused(result),
            Message::Reader(message) => self.read(engine, message),
            Message::AnswerReceipt(id, words) => Action::Run(request::answer_receipt(engine, id, words)),
            Message::AcknowledgeAlarm(id) => Action::Run(request::acknowledge_alarm(engine, id)),
            Message::Save(index) => self.save(engine, index),
            Message::SaveAll => self.save_all(engine),
            Message::OpenOutside(index) => self.open_outside(engine, index),
            Message::Lent(result) => Self::lent(result),
            Message::Confirm => self.confirm(engine),
            Message::Dismiss => self.dismiss(),
            Message::Download(id) => self.download(engine, id),
            Message::DownloadAll => Action::Run(request::download_all(engine)),
            Message::AccountsRead(result) => self.accounts_read(result),
            Message::FoldersRead(result) => self.folders_read(engine, result),
            Message::DraftsRead(result) => self.drafts_read(result),
            Message::DraftOpened(result) => self.draft_opened(engine, result),
            Message::Group(on) => Action::Many(vec![self.group(engine, on), Action::Group(on)]),
            Message::Grouped { generation, first, result } => self.grouped(engine, generation, first, result),
            Message::Listed { generation, first, result } => self.listed(engine, generation, first, result),
            Message::Found { generation, first, result } => self.found(engine, generation, first, result),
            Message::PersonRead { address, result } => self.person_read(address, result),
            Message::NamesakeRead { id, person } => self.namesake_read(id, person),
            Message::TrustRead { domain, trusted } => self.trust_read(domain, trusted),
            Message::Opened { id, result } => self.opened(engine, id, result),
            Message::ReadForAWhile(id) => self.read_for_a_while(engine, id),
            Message::Done(result) => self.done(result),
            Message::Saved { id, index, outcome } => self.saved(id, index, outcome),
        }
    }

    /// Reads again what an event says has changed.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            // an account came or went, or only its folders
            Event::FoldersChanged(_) => {
                Action::Run(Task::batch([request::accounts(engine), request::folders(engine)]))
            }
            Event::NewMail(_) => Action::Run(request::folders(engine)),
            Event::MailboxChanged(folder) => self.mailbox_changed(engine, *folder),
            Event::MessageChanged(id) => self.message_changed(engine, *id),
            Event::OutboxChanged(_) | Event::DraftsChanged => Action::Run(request::drafts(engine)),
            Event::PatientsChanged => self.patients_changed(engine),
            Event::AnnuaireChanged => self.annuaire_changed(engine),
            Event::ChangeRefused(_) => Action::Run(request::refusals(engine, self.refusals_since)),
            Event::SessionChanged | Event::Lagged => self.start_over(engine),
            Event::ConnectionChanged(_)
            | Event::CardChanged
            | Event::AnnuaireProgress
            | Event::ContactsChanged
            | Event::Trouble => Action::None,
            Event::FilingChanged => self.read_filed(engine),
        }
    }

    /// Carries out a command of the keyboard or a menu.
    pub fn on_command(&mut self, engine: &Engine, command: Command) -> Action<Message> {
        match command {
            Command::Reply => self.carry_out(engine, Deed::Reply),
            Command::ReplyAll => self.carry_out(engine, Deed::ReplyAll),
            Command::Forward => self.carry_out(engine, Deed::Forward),
            Command::File => self.carry_out(engine, Deed::File),
            Command::Delete => self.carry_out(engine, Deed::Delete),
            Command::Print => self.print(),
            Command::Export => self.export(),
            Command::Undo => self.undo(engine),
            Command::ToggleSeen => self.carry_out(engine, Deed::ToggleRead),
            Command::ToggleFlag => self.carry_out(engine, Deed::ToggleStar),
            Command::MarkToDo => self.carry_out(engine, Deed::State(Some(Triage::ToDo))),
            Command::MarkToFile => self.carry_out(engine, Deed::State(Some(Triage::ToFile))),
            Command::MarkToRead => self.carry_out(engine, Deed::State(Some(Triage::ToRead))),
            Command::MarkFiled => self.carry_out(engine, Deed::State(Some(Triage::Filed))),
            Command::Source => self.read(engine, reader::Message::Show(Tab::Source)),
            Command::Search => Action::Run(iced::widget::operation::focus(SEARCH_FIELD)),
            Command::Find => self.find(),
            Command::FindNext => self.read(engine, reader::Message::Find(find::Message::Next)),
            Command::FindPrevious => self.read(engine, reader::Message::Find(find::Message::Previous)),
            Command::Back => self.escape(engine),
            _ => Action::None,
        }
    }

    /// The account of the folder shown, else the first: the one to write from.
    pub fn account(&self) -> Option<AccountId> {
        let folder = self.folders.iter().find(|folder| Some(folder.id) == self.folder);
        folder.map(|folder| folder.account).or_else(|| self.accounts.first().map(|account| account.id))
    }

    /// Counts without any content, for tests from outside.
    pub(in crate::gui) fn trace(&self) -> String {
        let rows = self.listing.total().map_or("?".to_owned(), |total| total.to_string());
        let reading = if self.reader.shown().is_some() { "yes" } else { "no" };
        let place = self.folders.iter().position(|folder| Some(folder.id) == self.folder);
        let place = place.map_or("?".to_owned(), |place| place.to_string());
        let chosen = self.listing.selected().len();
        format!("rows={rows} reading={reading} folders={} folder={place} chosen={chosen}", self.folders.len())
    }

    // --- folders and drafts ---

    fn toggle_folders(&mut self) -> Action<Message> {
        self.shows_folders = !self.shows_folders;
        Action::None
    }

    fn open_folder(&mut self, engine: &Engine, id: FolderId) -> Action<Message> {
        self.folder = Some(id);
        self.query.clear();
        self.show(engine, self.source_of(id))
    }

    /// A folder, by messages or conversations, or what of it is in the state shown.
    fn source_of(&self, folder: FolderId) -> Source {
        match self.state {
            Some(state) => Source::State(folder, state),
            None if self.groups => Source::Threads(folder),
            None => Source::Folder(folder),
        }
    }

    /// Shows folders by conversations, or by messages, from now on.
    pub fn group(&mut self, engine: &Engine, on: bool) -> Action<Message> {
        self.groups = on;
        match self.folder {
            Some(folder) if self.query.is_empty() => self.open_folder(engine, folder),
            _ => Action::None,
        }
    }

    /// Opens or closes the choice of states; closed, all are shown.
    fn choose_shown(&mut self, engine: &Engine) -> Action<Message> {
        self.narrowing = !self.narrowing;
        if self.narrowing || self.state.is_none() { Action::None } else { self.show_state(engine, None) }
    }

    fn show_state(&mut self, engine: &Engine, state: Option<Triage>) -> Action<Message> {
        self.state = state;
        match self.folder {
            Some(folder) => self.open_folder(engine, folder),
            None => Action::None,
        }
    }

    /// Shows a message in its folder, whatever was shown.
    pub fn show_message(&mut self, engine: &Engine, folder: FolderId, id: MessageId) -> Action<Message> {
        self.state = None;
        self.narrowing = false;
        self.folder = Some(folder);
        self.query.clear();
        // by messages: in a list of conversations it may stand behind a newer one
        let rows = self.show(engine, Source::Folder(folder));
        self.returning = Some(Bookmark { folder: Some(folder), message: Some(id) });
        let message = self.open(engine, id);
        Action::Many(vec![rows, message, Action::Run(request::position(engine, id))])
    }

    /// Reads the rows around a message that is to be selected, unless the user has moved on.
    fn located(&mut self, engine: &Engine, id: MessageId, at: Option<u32>) -> Action<Message> {
        match at {
            Some(at) if self.returning.and_then(|b| b.message) == Some(id) => {
                self.look_at(engine, at..at.saturating_add(1))
            }
            _ => Action::None,
        }
    }

    fn patients_changed(&mut self, engine: &Engine) -> Action<Message> {
        let shown = self.reader.shown().map(|shown| &shown.view.row).filter(|row| has_documents(row));
        shown.map_or(Action::None, |row| Action::Run(request::known(engine, row.id)))
    }

    fn show(&mut self, engine: &Engine, source: Source) -> Action<Message> {
        self.listing.show(source);
        self.reader = Reader::Empty;
        self.choosing_folder = false;
        self.choosing_state = false;
        self.shows_folders = false;
        Action::Run(self.ask_rows(engine))
    }

    fn ask_rows(&mut self, engine: &Engine) -> Task<Message> {
        let generation = self.listing.generation();
        let pages = self.listing.wanted();
        let tasks = pages.into_iter().map(|first| match self.listing.source() {
            Source::Folder(id) => request::list(engine, *id, generation, first),
            Source::Threads(id) => request::list_threads(engine, *id, generation, first),
            Source::State(id, state) => request::list_state(engine, *id, *state, generation, first),
            Source::Search(query) => request::search(engine, query.clone(), generation, first),
            Source::Nothing | Source::Drafts(_) => Task::none(),
        });
        Task::batch(tasks.collect::<Vec<_>>())
    }

    fn look_at(&mut self, engine: &Engine, rows: Range<u32>) -> Action<Message> {
        self.listing.look_at(rows);
        self.prepare(engine);
        let mut tasks = vec![self.ask_rows(engine)];
        if matches!(self.listing.source(), Source::Search(_)) {
            tasks.push(request::pause(Message::Rest(self.listing.epoch())));
        }
        Action::Run(Task::batch(tasks))
    }

    fn download(&mut self, engine: &Engine, id: MessageId) -> Action<Message> {
        if let Some(shown) = self.reader.shown_mut().filter(|shown| shown.view.row.id == id) {
            shown.is_asked = true;
        }
        Action::Run(request::download(engine, id))
    }

    fn accounts_read(&mut self, result: Result<Vec<Account>>) -> Action<Message> {
        match result {
            Ok(accounts) => {
                self.accounts = accounts;
                self.knows_accounts = true;
            }
            Err(error) => return failed(error),
        }
        Action::None
    }

    fn folders_read(&mut self, engine: &Engine, result: Result<Vec<Folder>>) -> Action<Message> {
        match result {
            Ok(folders) => self.folders = folders,
            Err(error) => return failed(error),
        }
        let known = |id: FolderId| self.folders.iter().any(|folder| folder.id == id);
        if *self.listing.source() == Source::Nothing
            && let Some(bookmark) = self.returning
            && let Some(folder) = bookmark.folder.filter(|folder| known(*folder))
        {
            let rows = self.open_folder(engine, folder);
            let message = bookmark.message.map_or(Action::None, |id| self.open(engine, id));
            return Action::Many(vec![rows, message]);
        }
        let first =
            self.folders.iter().find(|folder| folder.role == FolderRole::Inbox).map(|folder| folder.id);
        match (self.listing.source(), first) {
            (Source::Nothing, Some(inbox)) => self.open_folder(engine, inbox),
            _ => Action::None,
        }
    }

    // --- events ---

    fn mailbox_changed(&mut self, engine: &Engine, folder: FolderId) -> Action<Message> {
        let mut tasks = Vec::new();
        // bodies that come in large numbers are told by their folder only
        if let Some(row) = self.reader.shown().map(|shown| &shown.view.row)
            && row.folder == folder
            && !row.downloaded
        {
            tasks.push(request::message(engine, row.id));
        }
        if self.listing.source().folder() == Some(folder) {
            self.listing.refresh();
            tasks.push(self.ask_rows(engine));
        }
        match tasks.is_empty() {
            true => Action::None,
            false => Action::Run(Task::batch(tasks)),
        }
    }

    fn message_changed(&mut self, engine: &Engine, id: MessageId) -> Action<Message> {
        let mut tasks = Vec::new();
        if self.reader.id() == Some(id) {
            tasks.push(request::message(engine, id));
        }
        if self.listing.find(id).is_some() {
            self.listing.refresh();
            tasks.push(self.ask_rows(engine));
        }
        Action::Run(Task::batch(tasks))
    }

    fn annuaire_changed(&mut self, engine: &Engine) -> Action<Message> {
        self.people.clear();
        self.trusted.clear();
        self.ask_people(engine)
    }

    fn start_over(&mut self, engine: &Engine) -> Action<Message> {
        self.listing.refresh();
        let mut tasks = vec![Self::read_all(engine), self.ask_rows(engine)];
        tasks.extend(self.reader.id().map(|id| request::message(engine, id)));
        tasks.push(request::refusals(engine, self.refusals_since));
        Action::Run(Task::batch(tasks))
    }
}

/// It is here and may bring documents that name a patient.
fn has_documents(row: &MessageRow) -> bool {
    row.downloaded && (row.has_attachment || row.kind == MessageKind::Hprim || row.named_patient().is_some())
}

fn failed(error: crate::engine::Error) -> Action<Message> {
    Action::Tell(Notice::Failed(error))
}

/// The address a message says it comes from.
fn sender_address(view: &MessageView) -> &str {
    view.envelope.from.first().map_or(view.row.from.address.as_str(), |from| from.address.as_str())
}
