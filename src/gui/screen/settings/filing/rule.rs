//! The form of a rule, with what it would take of the mail that is here.

use super::{Message, Outer};
use crate::domain::filing::rule::{Actions, Conditions, Rule, Subject};
use crate::domain::id::{DestinationId, RuleId};
use crate::domain::message::Keyword;
use crate::domain::triage::Triage;
use crate::engine::{Engine, Error, RulePreview};
use crate::gui::screen::Action;

/// What the user did in the form, and what came back.
#[derive(Debug, Clone)]
pub enum Edit {
    /// What it is called.
    Name(String),
    /// The sender was typed.
    Sender(String),
    /// A kind of document was ticked or not.
    Subject(Subject, bool),
    /// It names a patient, none, or no matter.
    Patient(Option<bool>),
    /// Where to file.
    File(Option<DestinationId>),
    /// The state it is put in.
    Mark(Option<Triage>),
    /// The folder of the mailbox was typed.
    Folder(String),
    /// Try it out on the mail that is here.
    Preview,
    /// What it takes, by the rule as it was then.
    Previewed(Conditions, Result<RulePreview, Error>),
    /// Keep it; also for what the preview found.
    Save {
        /// Also for what the preview found.
        also: bool,
    },
    /// It was kept, or not.
    Saved(Result<(), Error>),
}

/// A try-out of the rule.
#[derive(Debug)]
pub(super) enum Trial {
    Not,
    Running,
    Done(RulePreview),
}

/// The form.
#[derive(Debug)]
pub struct RuleForm {
    pub(super) id: Option<RuleId>,
    pub(super) rule: Rule,
    pub(super) folder: String,
    pub(super) trial: Trial,
    pub(super) saving: bool,
    pub(super) error: Option<Error>,
}

impl RuleForm {
    pub(super) fn of(known: Option<&(RuleId, Rule)>, destination: Option<DestinationId>) -> Self {
        let (id, rule) = match known {
            Some((id, rule)) => (Some(*id), rule.clone()),
            None => {
                let then = Actions { file: destination, ..Actions::default() };
                (None, Rule { name: String::new(), active: true, when: Conditions::default(), then })
            }
        };
        let folder = rule.then.folder.clone().unwrap_or_default();
        Self { id, rule, folder, trial: Trial::Not, saving: false, error: None }
    }

    /// The rule as the form says it.
    fn written(&self) -> Rule {
        let mut rule = self.rule.clone();
        rule.name = rule.name.trim().to_owned();
        rule.when.sender = rule.when.sender.trim().to_owned();
        rule.then.folder = Some(self.folder.trim().to_owned()).filter(|folder| !folder.is_empty());
        rule
    }

    /// The state the rule puts messages in.
    pub(super) fn mark(&self) -> Option<Triage> {
        Keyword::parse(self.rule.then.keyword.as_deref()?).as_ref().and_then(Triage::of_keyword)
    }

    pub(super) fn can_save(&self) -> bool {
        !self.saving && self.written().mistake().is_none()
    }

    pub(super) fn can_try(&self) -> bool {
        let rule = Rule { name: "-".to_owned(), ..self.written() };
        let needs = rule.mistake().is_none_or(|mistake| mistake == crate::domain::filing::Mistake::NoAction);
        needs && !matches!(self.trial, Trial::Running)
    }

    pub(super) fn update(&mut self, engine: &Engine, edit: Edit) -> Action<Outer> {
        let before = self.rule.when.clone();
        match edit {
            Edit::Name(name) => self.rule.name = name,
            Edit::Sender(sender) => self.rule.when.sender = sender,
            Edit::Subject(subject, on) => {
                self.rule.when.subjects.retain(|known| *known != subject);
                if on {
                    self.rule.when.subjects.push(subject);
                }
            }
            Edit::Patient(has_patient) => self.rule.when.has_patient = has_patient,
            Edit::File(destination) => self.rule.then.file = destination,
            Edit::Mark(triage) => self.rule.then.keyword = triage.map(|triage| triage.word().to_owned()),
            Edit::Folder(folder) => self.folder = folder,
            Edit::Preview => return self.preview(engine),
            Edit::Previewed(when, result) => self.previewed(&when, result),
            Edit::Save { also } => return self.save(engine, also),
            Edit::Saved(result) => {
                self.saving = false;
                self.error = result.err();
            }
        }
        // what was tried out is no longer what stands there
        if before != self.rule.when {
            self.trial = Trial::Not;
        }
        Action::None
    }

    fn preview(&mut self, engine: &Engine) -> Action<Outer> {
        (self.trial, self.error) = (Trial::Running, None);
        let (engine, rule) = (engine.clone(), self.written());
        let when = self.rule.when.clone();
        Action::run(async move { engine.preview_rule(rule).await }, move |result| {
            Outer::Filing(Message::Rule(Box::new(Edit::Previewed(when.clone(), result))))
        })
    }

    fn previewed(&mut self, when: &Conditions, result: Result<RulePreview, Error>) {
        if *when != self.rule.when {
            return;
        }
        match result {
            Ok(preview) => self.trial = Trial::Done(preview),
            Err(error) => (self.trial, self.error) = (Trial::Not, Some(error)),
        }
    }

    fn save(&mut self, engine: &Engine, also: bool) -> Action<Outer> {
        (self.saving, self.error) = (true, None);
        let ids = match &self.trial {
            Trial::Done(preview) if also => preview.ids.clone(),
            _ => Vec::new(),
        };
        let (engine, id, rule) = (engine.clone(), self.id, self.written());
        Action::run(async move { engine.save_rule(id, rule, ids).await.map(drop) }, |result| {
            Outer::Filing(Message::Rule(Box::new(Edit::Saved(result))))
        })
    }
}
