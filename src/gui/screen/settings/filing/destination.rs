//! The form of a destination, with the name it would give to the last document.

use std::path::PathBuf;

use super::{Message, Outer};
use crate::domain::filing::name::{NamePattern, PatternError};
use crate::domain::filing::{Destination, Format};
use crate::domain::id::DestinationId;
use crate::engine::{Engine, Error, NameExample};
use crate::gui::platform;
use crate::gui::screen::Action;

/// What the user did in the form, and what came back.
#[derive(Debug, Clone)]
pub enum Edit {
    /// What it is called.
    Name(String),
    /// The folder was typed.
    Folder(String),
    /// Choose the folder.
    Browse,
    /// It was chosen, or not.
    Chosen(Option<PathBuf>),
    /// The pattern was typed.
    Pattern(String),
    /// A format was ticked or not.
    Format(Format, bool),
    /// The gesture writes here.
    Usual(bool),
    /// The name of the last document by the pattern of this text.
    Example(String, Result<NameExample, Error>),
    /// Keep it.
    Save,
    /// It was kept, or not.
    Saved(Result<(), Error>),
}

/// The form.
#[derive(Debug)]
pub struct DestinationForm {
    pub(super) id: Option<DestinationId>,
    pub(super) name: String,
    pub(super) folder: String,
    pub(super) pattern: String,
    pub(super) formats: Vec<Format>,
    pub(super) usual: bool,
    pub(super) example: Option<NameExample>,
    pub(super) saving: bool,
    pub(super) error: Option<Error>,
}

impl DestinationForm {
    pub(super) fn of(known: Option<&(DestinationId, Destination)>, is_first: bool) -> Self {
        let (id, destination) = match known {
            Some((id, destination)) => (Some(*id), destination.clone()),
            None => {
                let (name, folder) = (String::new(), String::new());
                let (pattern, formats) = (NamePattern::default(), vec![Format::Pdf]);
                (None, Destination { name, folder, pattern, formats, usual: is_first })
            }
        };
        Self {
            id,
            name: destination.name,
            folder: destination.folder,
            pattern: destination.pattern.as_str().to_owned(),
            formats: destination.formats,
            usual: destination.usual,
            example: None,
            saving: false,
            error: None,
        }
    }

    /// What is wrong with the pattern as typed.
    pub(super) fn mistake(&self) -> Option<PatternError> {
        NamePattern::parse(&self.pattern).err()
    }

    pub(super) fn can_save(&self) -> bool {
        let is_whole = !self.name.trim().is_empty() && !self.folder.trim().is_empty();
        is_whole && !self.formats.is_empty() && self.mistake().is_none() && !self.saving
    }

    /// Asks what the pattern makes of the last document.
    pub(super) fn preview(&self, engine: &Engine) -> Action<Outer> {
        let Ok(pattern) = NamePattern::parse(&self.pattern) else { return Action::None };
        let format = self.formats.first().copied().unwrap_or(Format::Pdf);
        let (engine, text) = (engine.clone(), self.pattern.clone());
        Action::run(async move { engine.name_example(pattern, format).await }, move |result| {
            Outer::Filing(Message::Destination(Edit::Example(text.clone(), result)))
        })
    }

    pub(super) fn update(&mut self, engine: &Engine, edit: Edit) -> Action<Outer> {
        match edit {
            Edit::Name(name) => self.name = name,
            Edit::Folder(folder) => self.folder = folder,
            Edit::Browse => {
                return Action::run(platform::pick_folder(String::new()), |path| {
                    Outer::Filing(Message::Destination(Edit::Chosen(path)))
                });
            }
            Edit::Chosen(path) => {
                if let Some(path) = path {
                    self.folder = path.to_string_lossy().into_owned();
                }
            }
            Edit::Pattern(pattern) => {
                self.pattern = pattern;
                return self.preview(engine);
            }
            Edit::Format(format, on) => {
                self.formats.retain(|known| *known != format);
                if on {
                    self.formats.push(format);
                    self.formats.sort_unstable();
                }
                return self.preview(engine);
            }
            Edit::Usual(usual) => self.usual = usual,
            Edit::Example(text, result) if text == self.pattern => self.example = result.ok(),
            Edit::Example(..) => {}
            Edit::Save => return self.save(engine),
            Edit::Saved(result) => {
                self.saving = false;
                self.error = result.err();
            }
        }
        Action::None
    }

    fn save(&mut self, engine: &Engine) -> Action<Outer> {
        let Ok(pattern) = NamePattern::parse(&self.pattern) else { return Action::None };
        (self.saving, self.error) = (true, None);
        let destination = Destination {
            name: self.name.trim().to_owned(),
            folder: self.folder.trim().to_owned(),
            pattern,
            formats: self.formats.clone(),
            usual: self.usual,
        };
        let (engine, id) = (engine.clone(), self.id);
        Action::run(async move { engine.save_destination(id, destination).await.map(drop) }, |result| {
            Outer::Filing(Message::Destination(Edit::Saved(result)))
        })
    }
}
