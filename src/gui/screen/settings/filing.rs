//! Folders of the practice software, and the rules that file on arrival.

mod destination;
mod rule;
pub(super) mod view;

use iced::Task;

use super::super::{Action, Notice};
use super::Message as Outer;
use crate::domain::filing::Destination;
use crate::domain::filing::rule::Rule;
use crate::domain::id::{DestinationId, RuleId};
use crate::engine::{Engine, Error};

pub use destination::{DestinationForm, Edit as DestinationEdit};
pub use rule::{Edit as RuleEdit, RuleForm};

/// What the section shows.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Destinations in the order they were made.
    pub destinations: Vec<(DestinationId, Destination)>,
    /// Rules in their order.
    pub rules: Vec<(RuleId, Rule)>,
    /// Where filed messages go in the mailbox.
    pub folder: Option<String>,
}

/// What the user did, and what came back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Destinations and rules came.
    Read(Result<Known, Error>),
    /// Move filed messages to a folder of the mailbox, or leave them.
    Move(bool),
    /// Make a destination, or change one.
    EditDestination(Option<DestinationId>),
    /// Something in the form of a destination.
    Destination(DestinationEdit),
    /// Forget a destination.
    RemoveDestination(DestinationId),
    /// Make a rule, or change one.
    EditRule(Option<RuleId>),
    /// Something in the form of a rule.
    Rule(Box<RuleEdit>),
    /// Put a rule in force, or out of it.
    Switch(RuleId, bool),
    /// Put a rule before the one above it.
    Raise(RuleId),
    /// Forget a rule.
    RemoveRule(RuleId),
    /// Close the form.
    Leave,
    /// Something was changed, or not.
    Changed(Result<(), Error>),
}

/// A form above the page.
#[derive(Debug)]
pub(super) enum Form {
    Destination(DestinationForm),
    Rule(RuleForm),
}

/// What the section knows.
#[derive(Default)]
pub(super) struct Section {
    pub(super) known: Known,
    pub(super) form: Option<Form>,
}

impl Section {
    pub(super) fn read(engine: &Engine) -> Task<Outer> {
        let engine = engine.clone();
        let read = async move {
            Ok(Known {
                destinations: engine.destinations().await?,
                rules: engine.rules().await?,
                folder: engine.filed_folder().await?,
            })
        };
        Task::perform(read, |read| Outer::Filing(Message::Read(read)))
    }

    /// `folder` is what the folder of filed messages is called in the user's language.
    pub(super) fn update(&mut self, engine: &Engine, folder: String, message: Message) -> Action<Outer> {
        match message {
            Message::Read(Ok(known)) => self.known = known,
            Message::Read(Err(error)) if error.code() == "no-session" => {}
            Message::Read(Err(error)) => return Action::Tell(Notice::Failed(error)),
            Message::Move(on) => {
                let (engine, folder) = (engine.clone(), on.then_some(folder));
                return changing(async move { engine.set_filed_folder(folder).await });
            }
            Message::EditDestination(id) => return self.edit_destination(engine, id),
            Message::Destination(edit) => return self.destination_edited(engine, edit),
            Message::RemoveDestination(id) => {
                let engine = engine.clone();
                return changing(async move { engine.remove_destination(id).await });
            }
            Message::EditRule(id) => self.edit_rule(id),
            Message::Rule(edit) => return self.rule_edited(engine, *edit),
            Message::Switch(id, on) => return self.switch(engine, id, on),
            Message::Raise(id) => {
                let engine = engine.clone();
                return changing(async move { engine.raise_rule(id).await });
            }
            Message::RemoveRule(id) => {
                let engine = engine.clone();
                return changing(async move { engine.remove_rule(id).await });
            }
            Message::Leave => self.form = None,
            Message::Changed(result) => {
                let read = Action::Run(Self::read(engine));
                return match result {
                    Ok(()) => read,
                    Err(error) => Action::Many(vec![Action::Tell(Notice::Failed(error)), read]),
                };
            }
        }
        Action::None
    }

    fn edit_destination(&mut self, engine: &Engine, id: Option<DestinationId>) -> Action<Outer> {
        let known = self.known.destinations.iter().find(|(known, _)| Some(*known) == id);
        let form = DestinationForm::of(known, self.known.destinations.is_empty());
        let preview = form.preview(engine);
        self.form = Some(Form::Destination(form));
        preview
    }

    fn destination_edited(&mut self, engine: &Engine, edit: DestinationEdit) -> Action<Outer> {
        let Some(Form::Destination(form)) = &mut self.form else { return Action::None };
        if let DestinationEdit::Saved(Ok(())) = edit {
            self.form = None;
            return Action::Run(Self::read(engine));
        }
        form.update(engine, edit)
    }

    fn edit_rule(&mut self, id: Option<RuleId>) {
        let known = self.known.rules.iter().find(|(known, _)| Some(*known) == id);
        let first = self.known.destinations.first().map(|(id, _)| *id);
        self.form = Some(Form::Rule(RuleForm::of(known, first)));
    }

    fn rule_edited(&mut self, engine: &Engine, edit: RuleEdit) -> Action<Outer> {
        let Some(Form::Rule(form)) = &mut self.form else { return Action::None };
        if let RuleEdit::Saved(Ok(())) = edit {
            self.form = None;
            return Action::Run(Self::read(engine));
        }
        form.update(engine, edit)
    }

    fn switch(&mut self, engine: &Engine, id: RuleId, on: bool) -> Action<Outer> {
        let Some((_, rule)) = self.known.rules.iter().find(|(known, _)| *known == id) else {
            return Action::None;
        };
        let (engine, rule) = (engine.clone(), Rule { active: on, ..rule.clone() });
        changing(async move { engine.save_rule(Some(id), rule, Vec::new()).await.map(drop) })
    }
}

fn changing(work: impl Future<Output = Result<(), Error>> + Send + 'static) -> Action<Outer> {
    Action::run(work, |result| Outer::Filing(Message::Changed(result)))
}
