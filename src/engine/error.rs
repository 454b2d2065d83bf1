//! What can go wrong, as typed facts. Sentences are made by `wording` from [`Error::code`] and [`Error::facts`].

use std::sync::Arc;

/// Decides what the program does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The network or a server does not answer: it will be tried again.
    Offline,
    /// A card, PIN or password is needed.
    NeedsCard,
    /// The user must decide or correct something.
    NeedsUser,
    /// A server or the card refused.
    Refused,
    /// Data is damaged, hostile or unreadable.
    Corrupt,
    /// Ours.
    Bug,
}

/// An error of the engine.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}")]
pub struct Error {
    kind: ErrorKind,
    code: &'static str,
    facts: Vec<(&'static str, String)>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with a stable kebab-case code; `err-<code>` and `rec-<code>` are its texts.
    pub fn new(kind: ErrorKind, code: &'static str) -> Self {
        Self { kind, code, facts: Vec::new(), source: None }
    }

    /// The user may only read this folder.
    pub fn read_only_folder() -> Self {
        Self::new(ErrorKind::NeedsUser, "folder-read-only")
    }

    /// Adds a fact the texts may show, such as `host` or `tries`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }

    /// Keeps the cause for the log and the diagnosis page.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What the program does about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Stable word that selects the texts.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Values for the texts.
    pub fn facts(&self) -> &[(&'static str, String)] {
        &self.facts
    }
}
