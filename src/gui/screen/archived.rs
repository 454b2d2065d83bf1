//! The dialog that finds, reads and brings back messages of the archive that no mailbox holds any more.

mod view;

use std::path::PathBuf;
use std::time::Duration;

use super::Action;
use super::folder_choice::FolderChoice;
use crate::domain::archived::{ArchivedId, ArchivedRow};
use crate::domain::id::FolderId;
use crate::engine::{ArchivedFound, ArchivedMessage, Engine, Error, Imported, Job};
use crate::gui::platform;
use crate::gui::widget::ListEvent;
use crate::wording::{Language, Wording};

/// Rows asked for at first, and more each time.
const PAGE: u32 = 30;
/// In which the user may go on typing.
const TYPING: Duration = Duration::from_millis(250);
/// Name of the field.
pub const FIELD: &str = "archived-search";

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Text was typed.
    Typed(String),
    /// Nobody has typed for a moment since.
    Rest(u64),
    /// The answer to a search.
    Found(u64, Result<ArchivedFound, Error>),
    /// Something happened in the list.
    List(ListEvent),
    /// It was read, or not.
    Read(ArchivedId, Result<Box<ArchivedMessage>, Error>),
    /// Back to the list.
    Back,
    /// Puts the message into a mailbox: asks which folder.
    PutBack,
    /// What there is to choose from.
    Folders(Result<FolderChoice, Error>),
    /// This one.
    Into(FolderId),
    /// It is there, or not.
    Put(Result<Imported, Error>),
    /// Saves the message: asks where.
    Save,
    /// Where.
    Place(Option<PathBuf>),
    /// It is saved, or not.
    Saved(Result<PathBuf, Error>),
    /// Nothing: a press beside the dialog.
    Nothing,
    /// Closes the dialog.
    Close,
}

/// What is done with the open message.
#[derive(Debug)]
enum Step {
    Looking,
    Choosing(FolderChoice),
    Working,
    Put(Imported),
    Saved(PathBuf),
    Failed(Error),
}

/// The message that is open.
#[derive(Debug)]
enum Opened {
    Coming(ArchivedRow),
    Shown(Box<ArchivedMessage>, Step),
    Failed(ArchivedRow, Error),
}

/// The dialog.
pub struct Archived {
    query: String,
    round: u64,
    wanted: u32,
    cursor: Option<u32>,
    found: Option<Result<ArchivedFound, Error>>,
    opened: Option<Opened>,
}

impl Archived {
    /// The dialog with a search; everything for an empty one.
    pub fn new(engine: &Engine, query: String) -> (Self, Action<Message>) {
        let archived = Self { query, round: 0, wanted: PAGE, cursor: None, found: None, opened: None };
        let search = archived.search(engine);
        let focus = Action::Run(iced::widget::operation::focus(FIELD));
        (archived, Action::Many(vec![search, focus]))
    }

    /// The state changes by this table.
    pub fn update(&mut self, engine: &Engine, language: Language, message: Message) -> Action<Message> {
        match message {
            Message::Typed(query) => self.typed(query),
            Message::Rest(round) if round == self.round => self.search(engine),
            Message::Rest(_) | Message::Nothing => Action::None,
            Message::Found(round, found) => self.take(round, found),
            Message::List(event) => self.list_event(engine, event),
            Message::Read(id, result) => self.read(id, result),
            Message::Back => {
                self.opened = None;
                Action::None
            }
            Message::PutBack => {
                let engine = engine.clone();
                Action::run(FolderChoice::read(engine), Message::Folders)
            }
            Message::Folders(Ok(choice)) => self.step(Step::Choosing(choice)),
            Message::Into(folder) => self.put_back(engine, folder),
            Message::Put(Ok(imported)) => self.step(Step::Put(imported)),
            Message::Save => self.ask_place(language),
            Message::Place(path) => self.save(engine, path),
            Message::Saved(Ok(path)) => self.step(Step::Saved(path)),
            Message::Folders(Err(error)) | Message::Put(Err(error)) | Message::Saved(Err(error)) => {
                self.step(Step::Failed(error))
            }
            Message::Close => Action::Close,
        }
    }

    /// Escape: back to the list, then out.
    pub fn leave(&mut self) -> Action<Message> {
        match self.opened.take() {
            Some(_) => Action::None,
            None => Action::Close,
        }
    }

    fn typed(&mut self, query: String) -> Action<Message> {
        self.query = query;
        self.round += 1;
        (self.wanted, self.cursor) = (PAGE, None);
        let round = self.round;
        // made where it runs: a timer needs the runtime
        Action::run(async { tokio::time::sleep(TYPING).await }, move |()| Message::Rest(round))
    }

    fn search(&self, engine: &Engine) -> Action<Message> {
        let (engine, query, round, wanted) = (engine.clone(), self.query.clone(), self.round, self.wanted);
        let work = async move { engine.search_archive(&query, 0..wanted).await };
        Action::run(work, move |found| Message::Found(round, found))
    }

    fn take(&mut self, round: u64, found: Result<ArchivedFound, Error>) -> Action<Message> {
        if round == self.round {
            self.found = Some(found);
        }
        Action::None
    }

    fn row(&self, index: u32) -> Option<&ArchivedRow> {
        self.found.as_ref()?.as_ref().ok()?.rows.get(index as usize)
    }

    fn list_event(&mut self, engine: &Engine, event: ListEvent) -> Action<Message> {
        match event {
            // a second press opens; the first one and the arrows only move
            ListEvent::Select { row, .. } if self.cursor == Some(row) => self.open(engine, row),
            ListEvent::Select { row, .. } => {
                self.cursor = Some(row);
                Action::None
            }
            ListEvent::Activate(row) => self.open(engine, row),
            ListEvent::Visible(rows) if rows.end > self.wanted => {
                self.wanted = rows.end + PAGE;
                self.search(engine)
            }
            ListEvent::Visible(_) | ListEvent::SelectAll => Action::None,
        }
    }

    fn open(&mut self, engine: &Engine, index: u32) -> Action<Message> {
        let Some(row) = self.row(index).cloned() else { return Action::None };
        self.cursor = Some(index);
        let id = row.id;
        self.opened = Some(Opened::Coming(row));
        let engine = engine.clone();
        let work = async move { engine.archived_message(id).await.map(Box::new) };
        Action::run(work, move |result| Message::Read(id, result))
    }

    fn read(&mut self, id: ArchivedId, result: Result<Box<ArchivedMessage>, Error>) -> Action<Message> {
        match self.opened.take() {
            Some(Opened::Coming(row)) if row.id == id => {
                self.opened = Some(match result {
                    Ok(message) => Opened::Shown(message, Step::Looking),
                    Err(error) => Opened::Failed(row, error),
                });
            }
            other => self.opened = other,
        }
        Action::None
    }

    fn step(&mut self, next: Step) -> Action<Message> {
        if let Some(Opened::Shown(_, step)) = &mut self.opened {
            *step = next;
        }
        Action::None
    }

    fn put_back(&mut self, engine: &Engine, folder: FolderId) -> Action<Message> {
        let Some(Opened::Shown(message, step)) = &mut self.opened else { return Action::None };
        *step = Step::Working;
        let (engine, id) = (engine.clone(), message.row.id);
        let work = async move { engine.restore_archived(vec![id], folder, Job::new()).await };
        Action::run(work, Message::Put)
    }

    fn ask_place(&self, language: Language) -> Action<Message> {
        let Some(Opened::Shown(message, _)) = &self.opened else { return Action::None };
        let name: String =
            message.row.subject.chars().filter(|c| !r#"<>:"/\|?*"#.contains(*c)).take(60).collect();
        let name = match name.trim_matches(['.', ' ']) {
            "" => Wording::new(language).text("transfer-name"),
            name => name.to_owned(),
        };
        Action::run(platform::save_file(String::new(), format!("{name}.eml")), Message::Place)
    }

    fn save(&mut self, engine: &Engine, path: Option<PathBuf>) -> Action<Message> {
        let (Some(Opened::Shown(message, step)), Some(path)) = (&mut self.opened, path) else {
            return Action::None;
        };
        *step = Step::Working;
        let (engine, id) = (engine.clone(), message.row.id);
        Action::run(async move { engine.save_archived(id, path).await }, Message::Saved)
    }

    /// The picture.
    pub fn view<'a>(&'a self, context: super::Context<'a>) -> crate::gui::Element<'a, Message> {
        view::dialog(self, context)
    }
}
