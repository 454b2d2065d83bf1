//! The dialog that writes messages to files, or puts them into a folder from files: what and where, how far it is, how it
//! ended.

mod view;

use std::path::PathBuf;

use super::Action;
use crate::domain::id::FolderId;
use crate::engine::{Engine, Error, ExportForm, Exported, Imported, Job, Selection};
use crate::gui::platform;
use crate::wording::{Language, Wording};

/// What the dialog is opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// These messages to files; what they are called: a subject or a folder's name.
    Export(Selection, String),
    /// Files into this folder, of this name.
    Import(FolderId, String),
}

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Export as this: asks where to.
    Form(ExportForm),
    /// Where to.
    Place(ExportForm, Option<PathBuf>),
    /// Import files: asks which.
    ChooseFiles,
    /// Import a folder of files: asks which.
    ChooseFolder,
    /// Which.
    Files(Vec<PathBuf>),
    /// The export ended.
    Exported(Result<Exported, Error>),
    /// The import ended.
    Imported(Result<Imported, Error>),
    /// Look how far it is.
    Tick,
    /// End it.
    Cancel,
    /// Close the dialog.
    Close,
}

enum State {
    Choosing,
    Running(Job),
    Exported(Exported),
    Imported(Imported),
    Failed(Error),
}

/// The dialog.
pub struct Transfer {
    purpose: Purpose,
    state: State,
}

impl Transfer {
    /// The dialog, asking what to do.
    pub fn new(purpose: Purpose) -> Self {
        Self { purpose, state: State::Choosing }
    }

    /// Work is under way.
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    /// The state changes by this table.
    pub fn update(&mut self, engine: &Engine, language: Language, message: Message) -> Action<Message> {
        match message {
            Message::Form(form) => self.ask_place(language, form),
            Message::Place(form, place) => self.export(engine, form, place),
            Message::ChooseFiles => Action::run(platform::pick_files(String::new()), Message::Files),
            Message::ChooseFolder => Action::run(platform::pick_folder(String::new()), |folder| {
                Message::Files(folder.into_iter().collect())
            }),
            Message::Files(files) => self.import(engine, files),
            Message::Exported(result) => self.ended(result.map(State::Exported)),
            Message::Imported(result) => self.ended(result.map(State::Imported)),
            Message::Tick => Action::None,
            Message::Cancel => self.cancel(),
            Message::Close => Action::Close,
        }
    }

    fn ask_place(&self, language: Language, form: ExportForm) -> Action<Message> {
        let Purpose::Export(_, name) = &self.purpose else { return Action::None };
        let wording = Wording::new(language);
        let name: String = name.chars().filter(|c| !r#"<>:"/\|?*"#.contains(*c)).take(60).collect();
        let name = match name.trim_matches(['.', ' ']) {
            "" => wording.text("transfer-name"),
            name => name.to_owned(),
        };
        let name = match form {
            ExportForm::Eml => format!("{name}.eml"),
            ExportForm::Folder => name,
            ExportForm::Mbox => format!("{name}.mbox"),
            ExportForm::Patients => format!("{name}.zip"),
        };
        Action::run(platform::save_file(String::new(), name), move |place| Message::Place(form, place))
    }

    fn export(&mut self, engine: &Engine, form: ExportForm, place: Option<PathBuf>) -> Action<Message> {
        let (Purpose::Export(selection, _), Some(place)) = (&self.purpose, place) else {
            return Action::None;
        };
        let (engine, job, selection) = (engine.clone(), Job::new(), selection.clone());
        self.state = State::Running(job.clone());
        Action::run(async move { engine.export(selection, form, place, job).await }, Message::Exported)
    }

    fn import(&mut self, engine: &Engine, files: Vec<PathBuf>) -> Action<Message> {
        let Purpose::Import(folder, _) = self.purpose else { return Action::None };
        if files.is_empty() {
            return Action::None;
        }
        let (engine, job) = (engine.clone(), Job::new());
        self.state = State::Running(job.clone());
        Action::run(async move { engine.import(files, folder, job).await }, Message::Imported)
    }

    fn ended(&mut self, result: Result<State, Error>) -> Action<Message> {
        match result {
            Err(error) if error.code() == "cancelled" => return Action::Close,
            Err(error) => self.state = State::Failed(error),
            Ok(state) => self.state = state,
        }
        Action::None
    }

    fn cancel(&self) -> Action<Message> {
        match &self.state {
            // it answers when it has cleaned up
            State::Running(job) => {
                job.cancel();
                Action::None
            }
            _ => Action::Close,
        }
    }

    /// The picture.
    pub fn view<'a>(&'a self, context: super::Context<'a>) -> crate::gui::Element<'a, Message> {
        view::dialog(self, context)
    }
}
