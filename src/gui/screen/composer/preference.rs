//! The mailbox of a recipient by what is written: the user's preferences choose it, say so, and are asked again when files
//! come or go. An address that was typed or picked is never changed; another one is only proposed.

use iced::Task;

use super::recipients::{Chip, Proposals, Source, same_address};
use super::{Composer, Field, Message, Phase, request};
use crate::domain::address::EmailAddress;
use crate::domain::contact::{Choice, Contact};
use crate::domain::filing::rule::Subject;
use crate::engine::{Engine, Result};
use crate::gui::screen::{Action, Notice};

/// What the files of the message are.
#[derive(Debug)]
pub(super) struct Kinds {
    pub(super) of: Vec<Subject>,
    /// Which state of the files is being read, and which was.
    asked: u64,
    read: u64,
}

impl Default for Kinds {
    /// A message without files.
    fn default() -> Self {
        Self { of: vec![Subject::Letter], asked: 0, read: 0 }
    }
}

impl Kinds {
    pub(super) fn is_known(&self) -> bool {
        self.asked == self.read
    }
}

impl Chip {
    /// Goes where the preferences say for these kinds, if the preferences chose the address in the first place; never to
    /// an address the message goes to already.
    fn follow(&mut self, kinds: &[Subject], taken: &[EmailAddress]) -> Option<EmailAddress> {
        let Source::Followed { .. } = self.source else { return None };
        let Choice::Mailbox { address, .. } = self.contact.as_ref()?.mailbox_for(kinds) else { return None };
        if taken.iter().any(|other| same_address(other, &address)) {
            return None;
        }
        let before = Some(self.recipient.address.clone());
        self.move_to(address.clone(), Source::Followed { instead_of: before });
        Some(address)
    }
}

impl Composer {
    /// Files came or went: what they are is read, and meanwhile nothing leaves that depends on it.
    pub(super) fn files_changed(&mut self, engine: &Engine) -> Task<Message> {
        self.kinds.asked += 1;
        let asked = self.kinds.asked;
        let (engine, files) = (engine.clone(), self.attachments.clone());
        Task::perform(async move { engine.document_kinds(files).await }, move |result| Message::KindsRead {
            asked,
            result,
        })
    }

    pub(super) fn kinds_read(
        &mut self,
        engine: &Engine,
        asked: u64,
        result: Result<Vec<Subject>>,
    ) -> Action<Message> {
        if asked != self.kinds.asked {
            return Action::None;
        }
        self.kinds.read = asked;
        self.kinds.of = result.unwrap_or_default();
        self.follow(engine)
    }

    pub(super) fn contact_read(
        &mut self,
        engine: &Engine,
        address: &EmailAddress,
        result: Result<Contact>,
    ) -> Action<Message> {
        let Ok(contact) = result else { return Action::None };
        for chip in self.chips_mut().filter(|chip| chip.is_at(address)) {
            chip.contact = Some(Box::new(contact.clone()));
        }
        self.follow(engine)
    }

    /// The address of a recipient hangs on what the files are, which is not known yet.
    pub(super) fn awaits_kinds(&self) -> bool {
        !self.kinds.is_known() && self.chips().any(|chip| matches!(chip.source, Source::Followed { .. }))
    }

    fn follow(&mut self, engine: &Engine) -> Action<Message> {
        if self.phase != Phase::Writing || !self.kinds.is_known() {
            return Action::None;
        }
        let kinds = self.kinds.of.clone();
        let mut taken: Vec<EmailAddress> = self.chips().map(|chip| chip.recipient.address.clone()).collect();
        let mut tasks = Vec::new();
        for chip in self.chips_mut() {
            if let Some(address) = chip.follow(&kinds, &taken) {
                tasks.push(request::standing(engine, &address));
                taken.push(address);
            }
        }
        if tasks.is_empty() {
            return Action::None;
        }
        tasks.push(self.changed(engine));
        Action::Run(Task::batch(tasks))
    }

    /// Shows the mailboxes of a recipient, to take another.
    pub(super) fn other_mailbox(&mut self, address: &EmailAddress) -> Action<Message> {
        let fields = [Field::To, Field::Cc, Field::Bcc];
        let found = fields.into_iter().find_map(|field| {
            let chip = self.line(field).chips.iter().find(|chip| chip.is_at(address))?;
            Some((field, Proposals::others_of(chip)?))
        });
        let Some((field, proposals)) = found else { return Action::None };
        self.generation += 1;
        (self.field, self.proposals, self.answered) = (field, proposals, self.generation);
        // the arrows and Enter belong to the field
        Action::Run(iced::widget::operation::focus(field.name()))
    }

    /// As [`Composer::other_mailbox`], of the last recipient who has several.
    pub(super) fn other_mailbox_of_last(&mut self) -> Action<Message> {
        let line = &self.line(self.field).chips;
        let last = line.iter().rev().chain(self.chips()).find(|chip| chip.has_other_mailboxes());
        match last.map(|chip| chip.recipient.address.clone()) {
            Some(address) => self.other_mailbox(&address),
            None => Action::None,
        }
    }

    /// Writes to another mailbox of the same person, as the user says.
    pub(super) fn use_mailbox(
        &mut self,
        engine: &Engine,
        of: &EmailAddress,
        to: EmailAddress,
    ) -> Action<Message> {
        self.generation += 1;
        self.proposals = Proposals::Closed;
        let is_other = !same_address(of, &to);
        if is_other && self.chips().any(|chip| chip.is_at(&to)) {
            return self.remove(engine, of);
        }
        for chip in self.chips_mut().filter(|chip| chip.is_at(of)) {
            chip.move_to(to.clone(), Source::Chosen);
        }
        let focus = iced::widget::operation::focus(self.field.name());
        let change = self.changed(engine);
        Action::Run(Task::batch([request::standing(engine, &to), change, focus]))
    }

    /// Keeps the mailbox of a recipient as the preferred one for what is written.
    pub(super) fn prefer(&mut self, engine: &Engine, address: &EmailAddress) -> Action<Message> {
        let known = self.chips().find(|chip| chip.is_at(address)).and_then(|chip| chip.contact.as_ref());
        let Some(person) = known.map(|contact| contact.person.clone()) else { return Action::None };
        let (engine, kind, address) = (engine.clone(), self.kind(), address.clone());
        Action::run(
            async move { engine.set_preferred(person, kind, Some(address)).await },
            Message::Preferred,
        )
    }

    pub(super) fn preferred(&mut self, engine: &Engine, result: Result<()>) -> Action<Message> {
        match result {
            Ok(()) => self.judge_again(engine),
            Err(error) => Action::Tell(Notice::Failed(error)),
        }
    }

    /// The most telling kind of what is written.
    pub(super) fn kind(&self) -> Option<Subject> {
        self.kinds.of.first().copied()
    }
}
