//! Making, renaming, deleting and watching folders.

use super::*;
use crate::domain::folder::Namespace;
use crate::engine::Selection;
use crate::gui::screen::transfer::Purpose;

/// Name of the field for a folder's name.
pub(super) const NAME_FIELD: &str = "mailbox-folder-name";

/// What the user does with folders.
#[derive(Debug, Clone)]
pub enum FolderMessage {
    /// Opens the form for a new folder of an account.
    New(AccountId),
    /// Opens the form for a folder.
    Manage(FolderId),
    /// The name was typed.
    Name(String),
    /// Makes or renames the folder of the form.
    Accept,
    /// Asks whether to delete the folder of the form.
    Delete,
    /// Writes the messages of the folder of the form to files.
    Export,
    /// Puts messages of files into it.
    Import,
    /// Changes in the folder of the form are to be told at once, or no more.
    Watch(bool),
    /// The mark was kept, or not.
    Watched(FolderId, Result<()>),
    /// The engine answered: the form closes, or says what is wrong.
    Done(Result<()>),
}

/// The form for one folder.
#[derive(Debug, Clone)]
pub(super) struct FolderForm {
    pub(super) target: Target,
    pub(super) name: String,
    /// Why the engine did not take it.
    pub(super) error: Option<crate::engine::Error>,
}

/// Which folder a form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    New(AccountId),
    Known(FolderId),
}

impl PartialEq for FolderForm {
    fn eq(&self, other: &Self) -> bool {
        self.target == other.target && self.name == other.name
    }
}

impl Eq for FolderForm {}

impl Mailbox {
    pub(super) fn change_folder(&mut self, engine: &Engine, message: FolderMessage) -> Action<Message> {
        match message {
            FolderMessage::New(account) => self.open_form(Target::New(account), String::new()),
            FolderMessage::Manage(id) => {
                let name = self.folder(id).map(|folder| folder.path.clone());
                name.map_or(Action::None, |name| self.open_form(Target::Known(id), name))
            }
            FolderMessage::Name(name) => {
                if let Some(Question::Folder(form)) = &mut self.question {
                    form.name = name;
                    form.error = None;
                }
                Action::None
            }
            FolderMessage::Accept => match &self.question {
                Some(Question::Folder(form)) => {
                    Action::Run(request::name_folder(engine, form.target, form.name.clone()))
                }
                _ => Action::None,
            },
            FolderMessage::Delete => {
                if let Some(Question::Folder(FolderForm { target: Target::Known(id), .. })) = self.question {
                    self.question = Some(Question::DeleteFolder(id));
                }
                Action::None
            }
            FolderMessage::Export => {
                self.transfer(|folder, name| Purpose::Export(Selection::Folder(folder), name))
            }
            FolderMessage::Import => self.transfer(Purpose::Import),
            FolderMessage::Watch(on) => self.watch(engine, on),
            FolderMessage::Watched(id, result) => self.watched(engine, id, result),
            FolderMessage::Done(result) => self.folder_changed(result),
        }
    }

    fn open_form(&mut self, target: Target, name: String) -> Action<Message> {
        self.question = Some(Question::Folder(FolderForm { target, name, error: None }));
        Action::Run(iced::widget::operation::focus(NAME_FIELD))
    }

    /// The form makes way for the dialog of files.
    fn transfer(&mut self, purpose: impl FnOnce(FolderId, String) -> Purpose) -> Action<Message> {
        let Some(Question::Folder(FolderForm { target: Target::Known(id), .. })) = self.question else {
            return Action::None;
        };
        self.question = None;
        let name = self.folder(id).map(|folder| folder.name().to_owned()).unwrap_or_default();
        Action::Transfer(Box::new(purpose(id, name)))
    }

    fn folder_changed(&mut self, result: Result<()>) -> Action<Message> {
        match (result, &mut self.question) {
            (Ok(()), _) => {
                self.question = None;
                Action::None
            }
            (Err(error), Some(Question::Folder(form))) => {
                form.error = Some(error);
                Action::None
            }
            (Err(error), _) => failed(error),
        }
    }

    fn watch(&mut self, engine: &Engine, on: bool) -> Action<Message> {
        let Some(Question::Folder(FolderForm { target: Target::Known(id), .. })) = self.question else {
            return Action::None;
        };
        if let Some(folder) = self.folders.iter_mut().find(|folder| folder.id == id) {
            folder.watched = on;
        }
        Action::Run(request::watch_folder(engine, id, on))
    }

    /// What is kept counts: it is read again when the mark was not taken.
    fn watched(&mut self, engine: &Engine, id: FolderId, result: Result<()>) -> Action<Message> {
        match (result, &mut self.question) {
            (Ok(()), _) => Action::None,
            (Err(error), Some(Question::Folder(form))) if form.target == Target::Known(id) => {
                form.error = Some(error);
                Action::Run(request::folders(engine))
            }
            (Err(error), _) => failed(error),
        }
    }

    /// The engine is asked; the folder shown goes, so the inbox is shown instead.
    pub(super) fn delete_folder(&mut self, engine: &Engine, id: FolderId) -> Action<Message> {
        let deleting = Action::Run(request::delete_folder(engine, id));
        let inbox = self.folders.iter().find(|f| f.role == FolderRole::Inbox).map(|f| f.id);
        match inbox {
            Some(inbox) if self.folder == Some(id) => {
                Action::Many(vec![self.open_folder(engine, inbox), deleting])
            }
            _ => deleting,
        }
    }

    /// One folder, when it is known.
    pub(super) fn folder(&self, id: FolderId) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.id == id)
    }

    /// There is something to choose for it.
    pub(super) fn has_choices(folder: &Folder) -> bool {
        folder.selectable
    }

    /// The user may rename or delete it.
    pub(super) fn can_manage(folder: &Folder) -> bool {
        folder.role == FolderRole::Other && folder.namespace == Namespace::Personal && folder.rights.delete
    }
}
