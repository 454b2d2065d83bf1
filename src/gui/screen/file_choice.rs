//! The program's own choice of a file, a folder or a place to write to, for desktops that have no dialog of files.
//!
//! It never overwrites: a name that is taken asks for another.

mod view;

use std::path::{Path, PathBuf};

use iced::Task;

use crate::gui::platform::{Question, Wanted};

/// Most entries of a folder that are listed.
const MOST_ENTRIES: usize = 300;
/// Name of the field.
pub const FIELD: &str = "file-choice";

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// A path was typed.
    Typed(String),
    /// Goes into a folder, or takes a file.
    Take(PathBuf, bool),
    /// What there is in a folder came.
    Listed(PathBuf, Vec<Entry>),
    /// Takes what is typed.
    Confirm,
    /// It can be taken, or not.
    Looked(Result<PathBuf, Problem>),
    /// Nothing: a press beside the dialog.
    Nothing,
    /// Gives up.
    Leave,
}

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub path: PathBuf,
    /// A folder, not a file.
    pub is_folder: bool,
}

/// Why a path cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// There is no such folder.
    NoFolder,
    /// There is no such file.
    NoFile,
    /// Something of this name is there.
    Taken,
    /// The name of the file is missing.
    NoName,
}

/// What the program does next.
#[derive(Debug)]
pub enum Step {
    /// Run this and bring the result back.
    Run(Task<Message>),
    /// The question is answered, or given up.
    Done,
}

/// The dialog.
#[derive(Debug)]
pub struct FileChoice {
    question: Question,
    typed: String,
    folder: PathBuf,
    entries: Vec<Entry>,
    /// Folders to begin from: documents, downloads, home.
    beginnings: Vec<PathBuf>,
    problem: Option<Problem>,
}

impl FileChoice {
    /// The dialog for a question, with the folders the user keeps files in, the one to begin from first.
    pub fn new(question: Question, beginnings: Vec<PathBuf>) -> (Self, Task<Message>) {
        let folder = beginnings.first().cloned().unwrap_or_else(|| PathBuf::from("/"));
        let choice =
            Self { question, typed: String::new(), folder, entries: Vec::new(), beginnings, problem: None };
        let listing = choice.list();
        (choice, Task::batch([listing, iced::widget::operation::focus(FIELD)]))
    }

    /// The folders of the user there are.
    pub fn usual_folders() -> Vec<PathBuf> {
        let Some(user) = directories::UserDirs::new() else { return Vec::new() };
        let all = [user.document_dir(), user.download_dir(), user.desktop_dir(), Some(user.home_dir())];
        let mut found: Vec<PathBuf> = Vec::new();
        for folder in all.into_iter().flatten().filter(|folder| folder.is_dir()) {
            if !found.iter().any(|known| known == folder) {
                found.push(folder.to_owned());
            }
        }
        found
    }

    /// The state changes by this table.
    pub fn update(&mut self, message: Message) -> Step {
        match message {
            Message::Typed(text) => self.typed(text),
            Message::Take(path, is_folder) => self.take(path, is_folder),
            Message::Listed(folder, entries) => self.listed(&folder, entries),
            Message::Confirm => self.look(),
            Message::Looked(Ok(path)) => {
                self.question.answer(path);
                Step::Done
            }
            Message::Looked(Err(problem)) => {
                self.problem = Some(problem);
                Step::Run(Task::none())
            }
            Message::Nothing => Step::Run(Task::none()),
            Message::Leave => Step::Done,
        }
    }

    fn typed(&mut self, text: String) -> Step {
        self.typed = text;
        self.problem = None;
        let typed = self.path();
        let folder = match self.question.wanted {
            Wanted::Folder => typed,
            _ if self.typed.ends_with('/') => typed,
            _ => typed.parent().map_or(typed.clone(), Path::to_owned),
        };
        if folder == self.folder {
            return Step::Run(Task::none());
        }
        self.folder = folder;
        Step::Run(self.list())
    }

    fn take(&mut self, path: PathBuf, is_folder: bool) -> Step {
        match (&self.question.wanted, is_folder) {
            (Wanted::Place(name), true) => {
                let name = match self.path().file_name() {
                    // the name the user gave it goes along
                    Some(typed) if !self.typed.ends_with('/') => typed.to_os_string(),
                    _ => name.into(),
                };
                self.typed(path.join(name).display().to_string())
            }
            (_, true) => self.typed(format!("{}/", path.display().to_string().trim_end_matches('/'))),
            // a file that is there is no place for a new one, but a folder to put it into is
            (_, false) => self.typed(path.display().to_string()),
        }
    }

    fn listed(&mut self, folder: &Path, entries: Vec<Entry>) -> Step {
        if folder == self.folder {
            self.entries = entries;
            if self.typed.is_empty() {
                self.typed = self.proposed();
            }
        }
        Step::Run(Task::none())
    }

    /// What the field begins with: for a new file a name that is free.
    fn proposed(&self) -> String {
        let folder = self.folder.display().to_string();
        let folder = folder.trim_end_matches('/');
        let Wanted::Place(name) = &self.question.wanted else { return format!("{folder}/") };
        let is_taken = |name: &str| self.entries.iter().any(|entry| entry.path.ends_with(name));
        let (stem, end) = match name.rfind('.').filter(|at| *at > 0) {
            Some(at) => name.split_at(at),
            None => (name.as_str(), ""),
        };
        let numbered = (2..1000).map(|number| format!("{stem} ({number}){end}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !is_taken(name));
        format!("{folder}/{}", free.unwrap_or_else(|| name.clone()))
    }

    /// The path that is typed: from the home folder where it begins nowhere.
    fn path(&self) -> PathBuf {
        let typed = self.typed.trim();
        let home = self.beginnings.last().cloned().unwrap_or_else(|| PathBuf::from("/"));
        match typed.strip_prefix("~/").or_else(|| (typed == "~").then_some("")) {
            Some(rest) => home.join(rest),
            None => home.join(typed),
        }
    }

    fn list(&self) -> Task<Message> {
        let (folder, wants_folder) = (self.folder.clone(), self.question.wanted == Wanted::Folder);
        let read = {
            let folder = folder.clone();
            move || entries(&folder, wants_folder)
        };
        Task::future(async move { tokio::task::spawn_blocking(read).await })
            .map(move |entries| Message::Listed(folder.clone(), entries.unwrap_or_default()))
    }

    fn look(&self) -> Step {
        let (path, wanted) = (self.path(), self.question.wanted.clone());
        let has_no_name = self.typed.trim().is_empty() || self.typed.trim().ends_with('/');
        if has_no_name && matches!(wanted, Wanted::Place(_)) {
            return Step::Run(Task::done(Message::Looked(Err(Problem::NoName))));
        }
        let look = async move { tokio::task::spawn_blocking(move || looked_at(path, &wanted)).await };
        Step::Run(Task::perform(look, |looked| Message::Looked(looked.unwrap_or(Err(Problem::NoFolder)))))
    }

    /// The picture.
    pub fn view<'a>(&'a self, context: super::Context<'a>) -> crate::gui::Element<'a, Message> {
        view::dialog(self, context)
    }
}

/// The path can be taken for what is wanted: blocking.
fn looked_at(path: PathBuf, wanted: &Wanted) -> Result<PathBuf, Problem> {
    match wanted {
        Wanted::File if path.is_file() => Ok(path),
        Wanted::File => Err(Problem::NoFile),
        Wanted::Folder if path.is_dir() => Ok(path),
        Wanted::Folder => Err(Problem::NoFolder),
        Wanted::Place(_) => match path.parent() {
            Some(parent) if parent.is_dir() && path.symlink_metadata().is_ok() => Err(Problem::Taken),
            Some(parent) if parent.is_dir() => Ok(path),
            _ => Err(Problem::NoFolder),
        },
    }
}

/// What there is in a folder, folders first, without what is hidden: blocking.
fn entries(folder: &Path, only_folders: bool) -> Vec<Entry> {
    let Ok(read) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_shown = |entry: &Entry| {
        let is_hidden = entry.path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        !is_hidden && (entry.is_folder || !only_folders)
    };
    let entry = |path: PathBuf| Entry { is_folder: path.is_dir(), path };
    let mut found: Vec<Entry> =
        read.flatten().map(|e| entry(e.path())).filter(is_shown).take(10 * MOST_ENTRIES).collect();
    found.sort_by_key(|entry| {
        let name = entry.path.file_name().map(|name| name.to_string_lossy().to_lowercase());
        (!entry.is_folder, name)
    });
    found.truncate(MOST_ENTRIES);
    found
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn choice(folder: &Path, wanted: Wanted) -> (FileChoice, futures::channel::oneshot::Receiver<PathBuf>) {
        let (question, answer) = Question::new(String::new(), wanted.clone());
        let (mut choice, _) = FileChoice::new(question, vec![folder.to_owned()]);
        let listed = entries(folder, wanted == Wanted::Folder);
        choice.update(Message::Listed(folder.to_owned(), listed));
        (choice, answer)
    }

    /// What is typed is taken, or why not.
    fn confirmed(choice: &mut FileChoice) -> Option<Problem> {
        let looked = looked_at(choice.path(), &choice.question.wanted);
        match choice.update(Message::Looked(looked)) {
            Step::Done => None,
            Step::Run(_) => choice.problem,
        }
    }

    #[test]
    fn a_new_file_gets_a_free_name_and_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cr.pdf"), b"mine").unwrap();
        let (mut choice, answer) = choice(folder.path(), Wanted::Place("cr.pdf".to_owned()));
        let free = folder.path().join("cr (2).pdf");
        assert_eq!(choice.typed, free.display().to_string());
        choice.update(Message::Typed(folder.path().join("cr.pdf").display().to_string()));
        assert_eq!(confirmed(&mut choice), Some(Problem::Taken));
        choice.update(Message::Typed(folder.path().join("gone/cr.pdf").display().to_string()));
        assert_eq!(confirmed(&mut choice), Some(Problem::NoFolder));
        choice.update(Message::Typed(free.display().to_string()));
        assert_eq!(choice.problem, None, "a change takes the problem away");
        assert_eq!(confirmed(&mut choice), None);
        assert_eq!(block_on(answer), Ok(free));
    }

    #[test]
    fn folders_and_files_are_taken_from_what_is_listed() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("Patients");
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(folder.path().join("a.eml"), b"x").unwrap();
        std::fs::write(folder.path().join(".hidden"), b"x").unwrap();
        let (mut picking, answer) = choice(folder.path(), Wanted::File);
        let listed: Vec<bool> = picking.entries.iter().map(|entry| entry.is_folder).collect();
        assert_eq!(listed, [true, false], "folders first, nothing hidden");
        picking.update(Message::Take(inner.clone(), true));
        assert_eq!(picking.folder, inner);
        assert_eq!(confirmed(&mut picking), Some(Problem::NoFile));
        picking.update(Message::Take(folder.path().join("a.eml"), false));
        assert_eq!(confirmed(&mut picking), None);
        assert_eq!(block_on(answer), Ok(folder.path().join("a.eml")));
        // a new file goes along into the folder that is chosen
        let (mut saving, _answer) = choice(folder.path(), Wanted::Place("cr.pdf".to_owned()));
        saving.update(Message::Typed(folder.path().join("mien.pdf").display().to_string()));
        saving.update(Message::Take(inner.clone(), true));
        assert_eq!(saving.path(), inner.join("mien.pdf"));
        let (mut choosing, answer) = choice(folder.path(), Wanted::Folder);
        assert_eq!(choosing.entries.len(), 1);
        assert_eq!(confirmed(&mut choosing), None);
        assert!(block_on(answer).unwrap().is_dir());
    }

    #[test]
    fn leaving_answers_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (mut choice, answer) = choice(folder.path(), Wanted::Folder);
        assert!(matches!(choice.update(Message::Leave), Step::Done));
        drop(choice);
        assert!(block_on(answer).is_err());
    }
}
