//! The mailbox: folders, the list of messages and the one being read.
//!
//! Every answer of the engine names what it answers (generation of the list, message, address) and is dropped when
//! the user has moved on.

mod listing;
mod reader;
mod request;
mod saving;
mod sender;
mod view;

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

use iced::Task;

use crate::domain::account::Account;
use crate::domain::address::Mailbox as Correspondent;
use crate::domain::draft::Draft;
use crate::domain::folder::{Folder, FolderRole};
use crate::domain::id::{AccountId, DraftId, FolderId, MessageId};
use crate::domain::message::{Flag, MessageRow, MessageView};
use crate::domain::person::Person;
use crate::engine::{Engine, Event, Found, Page, Result};
use crate::gui::screen::{Action, Answer, Notice};
use crate::gui::shortcut::Command;
use crate::gui::widget::{ListEvent, SelectMode};

use listing::{Listing, Source};
pub use reader::{Message as ReaderMessage, Tab};
use reader::{Need, Reader, Shown};
pub use saving::Error as SaveError;
pub use sender::{Standing, name_differs, shown_name};
pub(in crate::gui::screen) use view::trade;

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
    /// To the bin, or for good from the bin.
    Delete,
    /// Mark as unread, or as read when all are unread.
    ToggleRead,
    /// Star, or unstar when all are starred.
    ToggleStar,
    /// Open or close the menu of folders to move to.
    ChooseFolder,
    /// Move to a folder.
    Move(FolderId),
}

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows a folder.
    OpenFolder(FolderId),
    /// Shows what is being written.
    OpenDrafts,
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
    /// Leaves the search, else the question, else the selection.
    Escape,
    /// Acts on the selection.
    Do(Deed),
    /// The reader.
    Reader(reader::Message),
    /// Saves an attachment.
    Save(usize),
    /// Saves every attachment.
    SaveAll,
    /// Yes to the question on screen.
    Confirm,
    /// Closes the notice.
    Dismiss,
    /// Accounts came.
    AccountsRead(Result<Vec<Account>>),
    /// Folders came.
    FoldersRead(Result<Vec<Folder>>),
    /// Drafts came.
    DraftsRead(Result<Vec<(DraftId, Draft)>>),
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
    /// The file is there.
    Replace { id: MessageId, index: usize, path: PathBuf },
}

/// What happened, shown until dismissed.
#[derive(Debug, Clone)]
enum Outcome {
    Saved(PathBuf),
    NotSaved(saving::Error),
}

/// The screen.
#[derive(Debug)]
pub struct Mailbox {
    accounts: Vec<Account>,
    folders: Vec<Folder>,
    drafts: Vec<(DraftId, Draft)>,
    draft: Option<DraftId>,
    folder: Option<FolderId>,
    listing: Listing,
    reader: Reader,
    people: HashMap<String, Option<Person>>,
    query: String,
    choosing_folder: bool,
    question: Option<Question>,
    outcome: Option<Outcome>,
}

impl Mailbox {
    /// An empty screen, and the tasks that fill it.
    pub fn new(engine: &Engine) -> (Self, Task<Message>) {
        let mailbox = Self {
            accounts: Vec::new(),
            folders: Vec::new(),
            drafts: Vec::new(),
            draft: None,
            folder: None,
            listing: Listing::default(),
            reader: Reader::Empty,
            people: HashMap::new(),
            query: String::new(),
            choosing_folder: false,
            question: None,
            outcome: None,
        };
        (mailbox, Self::read_all(engine))
    }

    fn read_all(engine: &Engine) -> Task<Message> {
        Task::batch([request::accounts(engine), request::folders(engine), request::drafts(engine)])
    }

    /// Carries out one message.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::OpenFolder(id) => self.open_folder(engine, id),
            Message::OpenDrafts => self.open_drafts(engine),
            Message::EditDraft(id) => self.edit_draft(id),
            Message::DropDraft(id) => self.drop_draft(engine, id),
            Message::DraftsChanged => Action::Run(request::drafts(engine)),
            Message::List(event) => self.list(engine, event),
            Message::Search(query) => self.search(engine, query),
            Message::Escape => self.escape(engine),
            Message::Do(deed) => self.carry_out(engine, deed),
            Message::Reader(message) => self.read(engine, message),
            Message::Save(index) => self.save(engine, index),
            Message::SaveAll => self.save_all(engine),
            Message::Confirm => self.confirm(engine),
            Message::Dismiss => self.dismiss(),
            Message::AccountsRead(result) => self.accounts_read(result),
            Message::FoldersRead(result) => self.folders_read(engine, result),
            Message::DraftsRead(result) => self.drafts_read(result),
            Message::Listed { generation, first, result } => self.listed(engine, generation, first, result),
            Message::Found { generation, first, result } => self.found(engine, generation, first, result),
            Message::PersonRead { address, result } => self.person_read(address, result),
            Message::Opened { id, result } => self.opened(engine, id, result),
            Message::ReadForAWhile(id) => self.read_for_a_while(engine, id),
            Message::Done(result) => self.done(result),
            Message::Saved { id, index, outcome } => self.saved(id, index, outcome),
        }
    }

    /// Reads again what an event says has changed.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            Event::FoldersChanged(_) | Event::NewMail(_) => Action::Run(request::folders(engine)),
            Event::MailboxChanged(folder) => self.mailbox_changed(engine, *folder),
            Event::MessageChanged(id) => self.message_changed(engine, *id),
            Event::OutboxChanged(_) => Action::Run(request::drafts(engine)),
            Event::AnnuaireChanged => self.annuaire_changed(engine),
            Event::SessionChanged | Event::Lagged => self.start_over(engine),
            Event::ConnectionChanged(_) | Event::CardChanged | Event::Trouble => Action::None,
        }
    }

    /// Carries out a command of the keyboard or a menu.
    pub fn on_command(&mut self, engine: &Engine, command: Command) -> Action<Message> {
        match command {
            Command::Reply => self.carry_out(engine, Deed::Reply),
            Command::ReplyAll => self.carry_out(engine, Deed::ReplyAll),
            Command::Forward => self.carry_out(engine, Deed::Forward),
            Command::Delete => self.carry_out(engine, Deed::Delete),
            Command::ToggleSeen => self.carry_out(engine, Deed::ToggleRead),
            Command::ToggleFlag => self.carry_out(engine, Deed::ToggleStar),
            Command::Source => self.read(engine, reader::Message::Show(Tab::Source)),
            Command::Search => Action::Run(iced::widget::operation::focus(SEARCH_FIELD)),
            Command::Back => self.escape(engine),
            _ => Action::None,
        }
    }

    /// The account of the folder shown, else the first: the one to write from.
    pub fn account(&self) -> Option<AccountId> {
        let folder = self.folders.iter().find(|folder| Some(folder.id) == self.folder);
        folder.map(|folder| folder.account).or_else(|| self.accounts.first().map(|account| account.id))
    }

    // --- folders and drafts ---

    fn open_folder(&mut self, engine: &Engine, id: FolderId) -> Action<Message> {
        self.folder = Some(id);
        self.query.clear();
        self.show(engine, Source::Folder(id))
    }

    fn open_drafts(&mut self, engine: &Engine) -> Action<Message> {
        self.query.clear();
        self.folder = None;
        self.listing.show(Source::Drafts);
        self.reader = Reader::Empty;
        Action::Run(request::drafts(engine))
    }

    fn show(&mut self, engine: &Engine, source: Source) -> Action<Message> {
        self.listing.show(source);
        self.reader = Reader::Empty;
        self.choosing_folder = false;
        Action::Run(self.ask_rows(engine))
    }

    fn ask_rows(&mut self, engine: &Engine) -> Task<Message> {
        let generation = self.listing.generation();
        let pages = self.listing.wanted();
        let tasks = pages.into_iter().map(|first| match self.listing.source() {
            Source::Folder(id) => request::list(engine, *id, generation, first),
            Source::Search(query) => request::search(engine, query.clone(), generation, first),
            Source::Nothing | Source::Drafts => Task::none(),
        });
        Task::batch(tasks.collect::<Vec<_>>())
    }

    fn look_at(&mut self, engine: &Engine, rows: Range<u32>) -> Action<Message> {
        self.listing.look_at(rows);
        Action::Run(self.ask_rows(engine))
    }

    fn edit_draft(&mut self, id: DraftId) -> Action<Message> {
        let draft = self.drafts.iter().find(|(candidate, _)| *candidate == id);
        draft.map_or(Action::None, |(id, draft)| Action::Compose(Box::new(draft.clone()), Some(*id)))
    }

    fn list_drafts(&mut self, event: ListEvent) -> Action<Message> {
        match event {
            ListEvent::Select { row, .. } => {
                self.draft = self.drafts.get(row as usize).map(|(id, _)| *id);
                Action::None
            }
            ListEvent::Activate(_) => self.draft.map_or(Action::None, |id| self.edit_draft(id)),
            ListEvent::Visible(_) | ListEvent::SelectAll => Action::None,
        }
    }

    fn drop_draft(&mut self, engine: &Engine, id: DraftId) -> Action<Message> {
        self.drafts.retain(|(candidate, _)| *candidate != id);
        Action::Run(request::delete_draft(engine, id))
    }

    fn accounts_read(&mut self, result: Result<Vec<Account>>) -> Action<Message> {
        match result {
            Ok(accounts) => self.accounts = accounts,
            Err(error) => return failed(error),
        }
        Action::None
    }

    fn folders_read(&mut self, engine: &Engine, result: Result<Vec<Folder>>) -> Action<Message> {
        match result {
            Ok(folders) => self.folders = folders,
            Err(error) => return failed(error),
        }
        let first =
            self.folders.iter().find(|folder| folder.role == FolderRole::Inbox).map(|folder| folder.id);
        match (self.listing.source(), first) {
            (Source::Nothing, Some(inbox)) => self.open_folder(engine, inbox),
            _ => Action::None,
        }
    }

    fn drafts_read(&mut self, result: Result<Vec<(DraftId, Draft)>>) -> Action<Message> {
        match result {
            Ok(drafts) => self.drafts = drafts,
            Err(error) => return failed(error),
        }
        Action::None
    }

    // --- the list ---

    fn listed(
        &mut self,
        engine: &Engine,
        generation: u64,
        first: u32,
        result: Result<Page>,
    ) -> Action<Message> {
        let current = match result {
            Ok(page) => self.listing.receive(generation, first, page.total, page.rows),
            Err(error) => self.listing.fail(generation, error),
        };
        if current { self.ask_people(engine) } else { Action::None }
    }

    fn found(
        &mut self,
        engine: &Engine,
        generation: u64,
        first: u32,
        result: Result<Found>,
    ) -> Action<Message> {
        let current = match result {
            Ok(found) => {
                let current = self.listing.receive(generation, first, found.total, found.messages);
                self.listing.complete = if current { found.complete } else { self.listing.complete };
                current
            }
            Err(error) => self.listing.fail(generation, error),
        };
        if current { self.ask_people(engine) } else { Action::None }
    }

    /// Asks the annuaire about every correspondent not asked about yet, and for pages the new total shows missing.
    fn ask_people(&mut self, engine: &Engine) -> Action<Message> {
        if self.people.len() > MOST_PEOPLE {
            self.people.clear();
        }
        let mut addresses: Vec<String> =
            self.listing.rows().map(|row| self.correspondent(row).address.to_lowercase()).collect();
        addresses.sort();
        addresses.dedup();
        addresses.retain(|address| !address.is_empty() && !self.people.contains_key(address));
        let mut tasks: Vec<_> =
            addresses.into_iter().map(|address| request::person(engine, address)).collect();
        tasks.push(self.ask_rows(engine));
        Action::Run(Task::batch(tasks))
    }

    fn person_read(&mut self, address: String, result: Result<Option<Person>>) -> Action<Message> {
        if let Ok(person) = result {
            let key = address.to_lowercase();
            self.people.insert(key.clone(), person);
            let sender = match self.reader.shown() {
                Some(shown) if sender_address(&shown.view).to_lowercase() == key => {
                    Some(self.standing(shown.view.row.account, &address))
                }
                _ => None,
            };
            if let (Some(sender), Some(shown)) = (sender, self.reader.shown_mut()) {
                shown.sender = sender;
            }
        }
        Action::None
    }

    /// The user wrote it, as its folder tells.
    fn is_own(&self, row: &MessageRow) -> bool {
        let role = self.folders.iter().find(|folder| folder.id == row.folder).map(|folder| folder.role);
        matches!(role, Some(FolderRole::Sent | FolderRole::Drafts))
    }

    /// Whom a row is about: the sender, or the first recipient where the user is the sender.
    fn correspondent<'a>(&self, row: &'a MessageRow) -> &'a Correspondent {
        if self.is_own(row) { &row.to } else { &row.from }
    }

    fn person(&self, address: &str) -> Option<&Person> {
        self.people.get(&address.to_lowercase()).and_then(Option::as_ref)
    }

    /// What is known of an address that writes to `account`.
    fn standing(&self, account: AccountId, address: &str) -> Standing {
        let own = self.accounts.iter().find(|candidate| candidate.id == account);
        let own_domain = own.map_or("", |account| account.config.address.domain());
        match self.people.get(&address.to_lowercase()) {
            Some(person) => Standing::of(address, person.clone(), own_domain),
            None => Standing::Asked,
        }
    }

    fn list(&mut self, engine: &Engine, event: ListEvent) -> Action<Message> {
        if *self.listing.source() == Source::Drafts {
            return self.list_drafts(event);
        }
        match event {
            ListEvent::Visible(rows) => self.look_at(engine, rows),
            ListEvent::Select { row, mode } => self.pick(engine, row, mode),
            ListEvent::SelectAll => self.select_all(engine),
            ListEvent::Activate(row) => self.pick(engine, row, SelectMode::Replace),
        }
    }

    fn pick(&mut self, engine: &Engine, index: u32, mode: SelectMode) -> Action<Message> {
        self.listing.pick(index, mode);
        self.follow_selection(engine)
    }

    fn select_all(&mut self, engine: &Engine) -> Action<Message> {
        self.listing.select_all();
        self.follow_selection(engine)
    }

    fn follow_selection(&mut self, engine: &Engine) -> Action<Message> {
        self.choosing_folder = false;
        match self.listing.selected().as_slice() {
            [only] => self.open(engine, *only),
            [] => self.close(),
            several => self.several(several.len()),
        }
    }

    fn open(&mut self, engine: &Engine, id: MessageId) -> Action<Message> {
        if self.reader.shown().is_some_and(|shown| shown.view.row.id == id) {
            return Action::None;
        }
        self.reader = Reader::Loading(id);
        Action::Run(Task::batch([request::message(engine, id), self.ask_rows(engine)]))
    }

    fn close(&mut self) -> Action<Message> {
        self.reader = Reader::Empty;
        Action::None
    }

    fn several(&mut self, count: usize) -> Action<Message> {
        self.reader = Reader::Several(count);
        Action::None
    }

    fn search(&mut self, engine: &Engine, query: String) -> Action<Message> {
        self.query = query;
        let wanted = self.query.trim().to_owned();
        match (wanted.is_empty(), self.folder) {
            (false, _) => self.show(engine, Source::Search(wanted)),
            (true, Some(folder)) => self.show(engine, Source::Folder(folder)),
            (true, None) => self.close(),
        }
    }

    fn escape(&mut self, engine: &Engine) -> Action<Message> {
        if self.question.take().is_some() || std::mem::take(&mut self.choosing_folder) {
            return Action::None;
        }
        if let Some(shown) = self.reader.shown_mut()
            && shown.link.take().is_some()
        {
            return Action::None;
        }
        if self.query.is_empty() { Action::None } else { self.search(engine, String::new()) }
    }

    // --- the reader ---

    fn opened(
        &mut self,
        engine: &Engine,
        id: MessageId,
        result: Result<Box<MessageView>>,
    ) -> Action<Message> {
        if self.reader.id() != Some(id) {
            return Action::None;
        }
        let view = match result {
            Ok(view) => *view,
            Err(error) => {
                self.reader = Reader::Failed(id, error);
                return Action::None;
            }
        };
        if let Some(shown) = self.reader.shown_mut() {
            shown.renew(view);
            return Action::None;
        }
        self.shown_first(engine, view)
    }

    fn shown_first(&mut self, engine: &Engine, view: MessageView) -> Action<Message> {
        let id = view.row.id;
        let address = sender_address(&view).to_owned();
        let sender = self.standing(view.row.account, &address);
        let shown = Shown::new(view, sender);
        let mut tasks: Vec<_> =
            shown.awaited_pictures().into_iter().map(|index| request::picture(engine, id, index)).collect();
        if shown.sender == Standing::Asked {
            tasks.push(request::person(engine, address));
        }
        if !shown.view.row.flags.seen {
            tasks.push(request::read_for_a_while(id));
        }
        self.reader = Reader::Shown(Box::new(shown));
        Action::Run(Task::batch(tasks))
    }

    fn read_for_a_while(&mut self, engine: &Engine, id: MessageId) -> Action<Message> {
        match self.reader.shown() {
            Some(shown) if shown.view.row.id == id && !shown.view.row.flags.seen => {
                self.set_flag(engine, vec![id], Flag::Seen, true)
            }
            _ => Action::None,
        }
    }

    fn read(&mut self, engine: &Engine, message: reader::Message) -> Action<Message> {
        let need = self.reader.shown_mut().map_or(Need::Nothing, |shown| shown.update(message));
        match need {
            Need::Nothing => Action::None,
            Need::Source(id) => Action::Run(request::source(engine, id)),
            Need::Copy(text) => Action::Run(iced::clipboard::write(text)),
        }
    }

    // --- deeds ---

    fn carry_out(&mut self, engine: &Engine, deed: Deed) -> Action<Message> {
        let ids = self.listing.selected();
        if ids.is_empty() {
            return Action::None;
        }
        match (deed, ids.as_slice()) {
            (Deed::Reply, [id]) => Action::Answer(*id, Answer::Reply),
            (Deed::ReplyAll, [id]) => Action::Answer(*id, Answer::ReplyAll),
            (Deed::Forward, [id]) => Action::Answer(*id, Answer::Forward),
            (Deed::Reply | Deed::ReplyAll | Deed::Forward, _) => Action::None,
            (Deed::Delete, _) => self.delete(engine, ids),
            (Deed::ToggleRead, _) => self.toggle(engine, ids, Flag::Seen),
            (Deed::ToggleStar, _) => self.toggle(engine, ids, Flag::Flagged),
            (Deed::ChooseFolder, _) => self.choose_folder(),
            (Deed::Move(folder), _) => self.move_to(engine, ids, folder),
        }
    }

    fn delete(&mut self, engine: &Engine, ids: Vec<MessageId>) -> Action<Message> {
        let bins: Vec<FolderId> = self
            .folders
            .iter()
            .filter(|folder| folder.role == FolderRole::Trash)
            .map(|folder| folder.id)
            .collect();
        let in_bin = |id: &MessageId| self.listing.find(*id).is_some_and(|row| bins.contains(&row.folder));
        if ids.iter().any(in_bin) {
            self.question = Some(Question::DeleteForGood(ids));
            return Action::None;
        }
        self.gone(&ids);
        Action::Run(request::delete(engine, ids))
    }

    fn move_to(&mut self, engine: &Engine, ids: Vec<MessageId>, folder: FolderId) -> Action<Message> {
        self.gone(&ids);
        Action::Run(request::move_to(engine, ids, folder))
    }

    /// The next message comes under the cursor but is not opened: opening would mark it as read unasked.
    fn gone(&mut self, ids: &[MessageId]) {
        self.choosing_folder = false;
        self.listing.release(ids);
        if self.reader.id().is_none_or(|id| ids.contains(&id)) {
            self.reader = Reader::Empty;
        }
    }

    fn toggle(&mut self, engine: &Engine, ids: Vec<MessageId>, flag: Flag) -> Action<Message> {
        let set = |row: &MessageRow| if flag == Flag::Seen { row.flags.seen } else { row.flags.flagged };
        let rows: Vec<&MessageRow> = ids.iter().filter_map(|id| self.listing.find(*id)).collect();
        let on = match flag {
            // anything read becomes unread first: the user wants to come back to it
            Flag::Seen => !rows.iter().any(|row| set(row)),
            _ => !rows.iter().all(|row| set(row)),
        };
        self.set_flag(engine, ids, flag, on)
    }

    fn set_flag(&mut self, engine: &Engine, ids: Vec<MessageId>, flag: Flag, on: bool) -> Action<Message> {
        let change = |row: &mut MessageRow| match flag {
            Flag::Seen => row.flags.seen = on,
            Flag::Flagged => row.flags.flagged = on,
            Flag::Answered => row.flags.answered = on,
            Flag::Forwarded => {}
        };
        self.listing.amend(&ids, change);
        if let Some(shown) = self.reader.shown_mut()
            && ids.contains(&shown.view.row.id)
        {
            change(&mut shown.view.row);
        }
        Action::Run(request::set_flag(engine, ids, flag, on))
    }

    fn choose_folder(&mut self) -> Action<Message> {
        self.choosing_folder = !self.choosing_folder;
        Action::None
    }

    /// Folders the selection can go to: those of its account, when it has only one, but where it is.
    fn targets(&self) -> Vec<&Folder> {
        let selected = self.listing.selected();
        let rows: Vec<&MessageRow> = selected.iter().filter_map(|id| self.listing.find(*id)).collect();
        let Some(first) = rows.first() else { return Vec::new() };
        if rows.iter().any(|row| row.account != first.account) {
            return Vec::new();
        }
        let here = |folder: &Folder| rows.iter().all(|row| row.folder == folder.id);
        self.folders
            .iter()
            .filter(|folder| folder.account == first.account && folder.selectable && !here(folder))
            .collect()
    }

    fn done(&mut self, result: Result<()>) -> Action<Message> {
        match result {
            Ok(()) => Action::None,
            Err(error) => failed(error),
        }
    }

    fn dismiss(&mut self) -> Action<Message> {
        self.outcome = None;
        self.question = None;
        Action::None
    }

    fn confirm(&mut self, engine: &Engine) -> Action<Message> {
        match self.question.take() {
            Some(Question::DeleteForGood(ids)) => {
                self.gone(&ids);
                Action::Run(request::delete(engine, ids))
            }
            Some(Question::Replace { id, index, path }) => {
                Action::Run(request::replace(engine, id, index, path))
            }
            None => Action::None,
        }
    }

    // --- attachments ---

    fn save(&mut self, engine: &Engine, index: usize) -> Action<Message> {
        let Some(shown) = self.reader.shown() else { return Action::None };
        let attachment = shown.view.attachments.iter().find(|attachment| attachment.index == index);
        let task = attachment
            .map(|attachment| request::save(engine, shown.view.row.id, index, attachment.name.clone()));
        task.map_or(Action::None, Action::Run)
    }

    fn save_all(&mut self, engine: &Engine) -> Action<Message> {
        let Some(shown) = self.reader.shown() else { return Action::None };
        let indexes = shown.view.attachments.iter().map(|attachment| attachment.index).collect();
        Action::Run(request::save_all(engine, shown.view.row.id, indexes))
    }

    fn saved(
        &mut self,
        id: MessageId,
        index: usize,
        outcome: Option<std::result::Result<PathBuf, saving::Error>>,
    ) -> Action<Message> {
        match outcome {
            Some(Ok(path)) => self.outcome = Some(Outcome::Saved(path)),
            Some(Err(saving::Error::Exists(path))) => {
                self.question = Some(Question::Replace { id, index, path });
            }
            Some(Err(error)) => self.outcome = Some(Outcome::NotSaved(error)),
            None => {}
        }
        Action::None
    }

    // --- events ---

    fn mailbox_changed(&mut self, engine: &Engine, folder: FolderId) -> Action<Message> {
        if *self.listing.source() != Source::Folder(folder) {
            return Action::None;
        }
        self.listing.refresh();
        Action::Run(self.ask_rows(engine))
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
        self.ask_people(engine)
    }

    fn start_over(&mut self, engine: &Engine) -> Action<Message> {
        self.listing.refresh();
        Action::Run(Task::batch([Self::read_all(engine), self.ask_rows(engine)]))
    }
}

fn failed(error: crate::engine::Error) -> Action<Message> {
    Action::Tell(Notice::Failed(error))
}

/// The address a message says it comes from.
fn sender_address(view: &MessageView) -> &str {
    view.envelope.from.first().map_or(view.row.from.address.as_str(), |from| from.address.as_str())
}
