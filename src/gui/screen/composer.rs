//! Writing a message, in a window of its own. What was typed is kept as a draft every few seconds and on closing;
//! the message leaves only when every recipient is known or kept on purpose.

mod attaching;
mod editor;
mod preference;
mod readiness;
mod recipients;
mod request;
mod view;
mod xdm;

use std::path::PathBuf;

use iced::Task;
use iced::widget::text_editor;

use crate::domain::UnixTime;
use crate::domain::account::Account;
use crate::domain::address::EmailAddress;
use crate::domain::contact::Contact;
use crate::domain::draft::{Draft, DraftAttachment, Origin, Recipient};
use crate::domain::filing::rule::Subject;
use crate::domain::id::{AccountId, DraftId, OutboxId};
use crate::domain::person::Person;
use crate::engine::{Engine, Error, Event, People, Result};
use crate::gui::screen::mailbox::Standing;
use crate::gui::screen::{Action, Notice};
use crate::gui::shortcut::Command;

pub use attaching::Error as AttachError;
use editor::Editor;
use preference::Kinds;
pub use readiness::Obstacle;
pub use recipients::Field;
use recipients::{Accepted, Chip, Line, Proposals, same_address};
pub use xdm::Message as XdmMessage;

/// Fewest characters that start a search of people.
const SHORTEST_QUERY: usize = 2;

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Types in a recipient field.
    Type(Field, String),
    /// Enter in a recipient field: takes the typed address or the proposal pointed at.
    Accept(Field),
    /// Points one proposal down or up.
    Point(isize),
    /// Takes the proposal at a position.
    Choose(usize),
    /// Closes the proposals.
    LeaveProposals,
    /// Removes a recipient.
    Remove(EmailAddress),
    /// Keeps a recipient outside the trust space, on purpose.
    Keep(EmailAddress),
    /// Looks for somebody in the directory instead of an address.
    LookUp(EmailAddress),
    /// Adds recipients chosen in the directory panel.
    Add(Vec<Recipient>),
    /// Shows the fields Cc and Bcc.
    ShowCopies,
    /// Chooses the sending mailbox.
    SendFrom(AccountId),
    /// Shows the mailboxes of the recipient at this address.
    OtherMailbox(EmailAddress),
    /// Writes to another mailbox of the recipient at the first address.
    UseMailbox(EmailAddress, EmailAddress),
    /// Prefers the mailbox of the recipient at this address, for what is written.
    Prefer(EmailAddress),
    /// Types the subject.
    Subject(String),
    /// Edits the body.
    Edit(text_editor::Action),
    /// Takes back the last edit of the body.
    Undo,
    /// Makes it again.
    Redo,
    /// Asks for files.
    PickFiles,
    /// A file was dropped on the window.
    Dropped(PathBuf),
    /// Removes an attachment.
    Detach(usize),
    /// The attached PDFs as an archive about a patient.
    Xdm(xdm::Message),
    /// Asks for a read receipt, or no longer.
    ToggleReceipt,
    /// Sends without a subject, on purpose.
    AllowNoSubject,
    /// Sends.
    Send,
    /// Closes the window; what was written is kept as a draft.
    Close,
    /// Closes the window although the draft could not be kept.
    CloseAnyway,
    /// Accounts came.
    AccountsRead(Result<Vec<Account>>),
    /// The annuaire answered a search.
    Proposed {
        /// Which search.
        generation: u64,
        /// People.
        result: Result<People>,
    },
    /// The annuaire answered about an address.
    PersonRead {
        /// Which.
        address: EmailAddress,
        /// Its holder.
        result: Result<Option<Person>>,
    },
    /// The white list was asked about an address.
    TrustRead {
        /// Which.
        address: EmailAddress,
        /// Whether its domain is in the list; `None` without a list.
        trusted: Option<bool>,
    },
    /// What the user keeps of the person at an address came.
    ContactRead {
        /// Which.
        address: EmailAddress,
        /// What.
        result: Box<Result<Contact>>,
    },
    /// What the files are is known.
    KindsRead {
        /// Which state of the files.
        asked: u64,
        /// Kinds of documents, the most telling first.
        result: Result<Vec<Subject>>,
    },
    /// A preference was kept, or not.
    Preferred(Result<()>),
    /// Files were read.
    Attached(Vec<std::result::Result<DraftAttachment, attaching::Error>>),
    /// It is time to keep the draft.
    SaveDue,
    /// The draft was kept, or not.
    Saved {
        /// Revision that was written.
        revision: u64,
        /// When.
        at: UnixTime,
        /// The draft.
        result: Result<DraftId>,
    },
    /// The message is in the outbox, or not.
    Queued(Result<OutboxId>),
}

/// What the window is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Writing.
    Writing,
    /// Being handed to the outbox.
    Sending,
    /// Closing as soon as the draft is kept.
    Closing,
}

/// The draft on disk.
#[derive(Debug, Clone)]
enum Kept {
    /// Not yet.
    Never,
    /// At a time.
    At(UnixTime),
    /// It failed.
    Failed(Error),
}

/// The window.
#[derive(Debug)]
pub struct Composer {
    accounts: Vec<Account>,
    account: AccountId,
    to: Line,
    cc: Line,
    bcc: Line,
    copies: bool,
    field: Field,
    proposals: Proposals,
    generation: u64,
    /// The search that the proposals on screen answer.
    answered: u64,
    subject: String,
    no_subject_allowed: bool,
    body: Editor,
    attachments: Vec<DraftAttachment>,
    kinds: Kinds,
    not_attached: Vec<attaching::Error>,
    /// Whom the files are about is being chosen.
    choice: Option<xdm::Choice>,
    /// Whom the attached archive is about.
    about: Option<String>,
    receipt: bool,
    origin: Origin,
    answers: Vec<String>,
    draft: Option<DraftId>,
    revision: u64,
    kept_revision: u64,
    save_due: bool,
    saving: bool,
    kept: Kept,
    phase: Phase,
    failed: Option<Error>,
}

impl Composer {
    /// A window on a draft, and the tasks that judge its recipients. `id` when the draft is already kept.
    pub fn new(engine: &Engine, id: Option<DraftId>, draft: Draft) -> (Self, Task<Message>) {
        let mut composer = Self {
            accounts: Vec::new(),
            account: draft.account,
            copies: !draft.cc.is_empty() || !draft.bcc.is_empty(),
            to: Line::new(draft.to),
            cc: Line::new(draft.cc),
            bcc: Line::new(draft.bcc),
            field: Field::To,
            proposals: Proposals::Closed,
            generation: 0,
            answered: 0,
            subject: draft.subject,
            no_subject_allowed: false,
            body: Editor::new(&draft.body),
            attachments: draft.attachments,
            kinds: Kinds::default(),
            not_attached: Vec::new(),
            choice: None,
            about: None,
            receipt: draft.read_receipt,
            origin: draft.origin,
            answers: draft.answers,
            draft: id,
            revision: 0,
            kept_revision: 0,
            save_due: false,
            saving: false,
            kept: Kept::Never,
            phase: Phase::Writing,
            failed: None,
        };
        let mut tasks: Vec<_> =
            composer.chips().map(|chip| request::standing(engine, &chip.recipient.address)).collect();
        tasks.push(request::accounts(engine));
        if !composer.attachments.is_empty() {
            tasks.push(composer.files_changed(engine));
        }
        (composer, Task::batch(tasks))
    }

    /// Carries out one message.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Type(field, text) => self.type_in(engine, field, text),
            Message::Accept(field) => self.accept(engine, field),
            Message::Point(by) => self.point(by),
            Message::Choose(at) => self.choose(engine, at),
            Message::LeaveProposals => self.leave_proposals(),
            Message::Remove(address) => self.remove(engine, &address),
            Message::Keep(address) => self.keep(&address),
            Message::LookUp(address) => look_up(&address),
            Message::Add(recipients) => self.add_all(engine, Field::To, recipients),
            Message::OtherMailbox(address) => self.other_mailbox(&address),
            Message::UseMailbox(of, to) => self.use_mailbox(engine, &of, to),
            Message::Prefer(address) => self.prefer(engine, &address),
            Message::ShowCopies => self.show_copies(),
            Message::SendFrom(account) => self.send_from(engine, account),
            Message::Subject(text) => self.set_subject(engine, text),
            Message::Edit(action) => self.edit(engine, action),
            Message::Undo => self.undo(engine),
            Message::Redo => self.redo(engine),
            Message::PickFiles => Action::Run(request::pick_files()),
            Message::Dropped(path) => Action::Run(request::take_dropped(engine, path)),
            Message::Detach(index) => self.detach(engine, index),
            Message::Xdm(message) => self.xdm(engine, message),
            Message::ToggleReceipt => self.toggle_receipt(engine),
            Message::AllowNoSubject => self.allow_no_subject(),
            Message::Send => self.send(engine),
            Message::Close => self.close(engine),
            Message::CloseAnyway => Action::Close,
            Message::AccountsRead(result) => self.accounts_read(result),
            Message::Proposed { generation, result } => self.proposed(generation, result),
            Message::PersonRead { address, result } => self.person_read(engine, &address, result),
            Message::TrustRead { address, trusted } => self.trust_read(&address, trusted),
            Message::ContactRead { address, result } => self.contact_read(engine, &address, *result),
            Message::KindsRead { asked, result } => self.kinds_read(engine, asked, result),
            Message::Preferred(result) => self.preferred(engine, result),
            Message::Attached(results) => self.attached(engine, results),
            Message::SaveDue => self.save_now(engine),
            Message::Saved { revision, at, result } => self.saved(engine, revision, at, result),
            Message::Queued(result) => self.queued(result),
        }
    }

    /// Reads again what an event says has changed.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            Event::AnnuaireChanged | Event::ContactsChanged | Event::Lagged => self.judge_again(engine),
            _ => Action::None,
        }
    }

    /// Carries out a command of the keyboard.
    pub fn on_command(&mut self, engine: &Engine, command: Command) -> Action<Message> {
        match command {
            Command::Send => self.send(engine),
            Command::Attach => Action::Run(request::pick_files()),
            Command::OtherMailbox => self.other_mailbox_of_last(),
            Command::Back if self.proposals.is_open() => self.leave_proposals(),
            _ => Action::None,
        }
    }

    /// The subject, for the window's title.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Puts the cursor where writing goes on: the first thing missing, else the text.
    pub fn focus(&self) -> Task<Message> {
        let field = match (self.to.chips.is_empty(), self.subject.is_empty()) {
            (true, _) => "composer-to",
            (false, true) => "composer-subject",
            (false, false) => "composer-body",
        };
        iced::widget::operation::focus(field)
    }

    /// The draft on disk, when there is one.
    pub fn draft_id(&self) -> Option<DraftId> {
        self.draft
    }

    /// What is written, as it would be sent.
    pub fn to_draft(&self) -> Draft {
        Draft {
            account: self.account,
            to: self.to.recipients(),
            cc: self.cc.recipients(),
            bcc: self.bcc.recipients(),
            subject: self.subject.clone(),
            body: self.body.text(),
            attachments: self.attachments.clone(),
            read_receipt: self.receipt,
            origin: self.origin,
            answers: self.answers.clone(),
        }
    }

    /// Counts without any content, for tests from outside.
    pub(in crate::gui) fn trace(&self) -> String {
        let (count, pointed) = if self.is_answered() { self.proposals.trace() } else { (0, 0) };
        format!(
            "letter(to={} typed={} proposals={count} pointed={pointed} subject={} text={})",
            self.to.chips.len(),
            self.to.typed.chars().count(),
            self.subject.chars().count(),
            self.body.text().trim_end().chars().count(),
        )
    }

    // --- recipients ---

    fn chips(&self) -> impl Iterator<Item = &Chip> {
        self.to.chips.iter().chain(&self.cc.chips).chain(&self.bcc.chips)
    }

    fn chips_mut(&mut self) -> impl Iterator<Item = &mut Chip> {
        self.to.chips.iter_mut().chain(&mut self.cc.chips).chain(&mut self.bcc.chips)
    }

    fn line(&self, field: Field) -> &Line {
        match field {
            Field::To => &self.to,
            Field::Cc => &self.cc,
            Field::Bcc => &self.bcc,
        }
    }

    fn line_mut(&mut self, field: Field) -> &mut Line {
        match field {
            Field::To => &mut self.to,
            Field::Cc => &mut self.cc,
            Field::Bcc => &mut self.bcc,
        }
    }

    fn type_in(&mut self, engine: &Engine, field: Field, text: String) -> Action<Message> {
        self.field = field;
        self.generation += 1;
        let ended = text.ends_with([',', ';']);
        let typed = text.trim_end_matches([',', ';']).to_owned();
        if ended && let Ok(address) = EmailAddress::parse(&typed) {
            return self.add_typed(engine, field, Chip::new(Recipient { name: None, address }));
        }
        self.line_mut(field).typed = text;
        if typed.trim().chars().count() < SHORTEST_QUERY {
            self.proposals = Proposals::Closed;
            return Action::None;
        }
        Action::Run(request::people(engine, typed.trim().to_owned(), self.generation))
    }

    fn proposed(&mut self, generation: u64, result: Result<People>) -> Action<Message> {
        if generation == self.generation {
            self.proposals = Proposals::of(result);
            self.answered = generation;
        }
        Action::None
    }

    /// The proposals on screen are for what is typed now: nobody may be chosen from those of a shorter text, which
    /// the next answer is about to replace.
    fn is_answered(&self) -> bool {
        self.answered == self.generation
    }

    /// A typed address goes before a proposal that nobody pointed at.
    fn accept(&mut self, engine: &Engine, field: Field) -> Action<Message> {
        let typed = EmailAddress::parse(&self.line(field).typed);
        let accepted =
            if self.is_answered() { self.proposals.accept(&self.kinds.of) } else { Accepted::Nobody };
        match (accepted, typed) {
            (Accepted::Somebody(chip), _) => self.add_typed(engine, field, *chip),
            (Accepted::Other(of, to), _) => self.use_mailbox(engine, &of, to),
            (Accepted::Group(members), _) => self.add_all(engine, field, members),
            (Accepted::Nobody, Ok(address)) => {
                self.add_typed(engine, field, Chip::new(Recipient { name: None, address }))
            }
            (Accepted::Nobody, Err(_)) | (Accepted::Which, _) => Action::None,
        }
    }

    fn choose(&mut self, engine: &Engine, at: usize) -> Action<Message> {
        if !self.is_answered() {
            return Action::None;
        }
        match self.proposals.choose(at, &self.kinds.of) {
            Accepted::Somebody(chip) => self.add_typed(engine, self.field, *chip),
            Accepted::Other(of, to) => self.use_mailbox(engine, &of, to),
            Accepted::Group(members) => self.add_all(engine, self.field, members),
            Accepted::Nobody | Accepted::Which => Action::None,
        }
    }

    /// Adds everybody of a group, each to be judged as if typed.
    fn add_all(&mut self, engine: &Engine, field: Field, members: Vec<Recipient>) -> Action<Message> {
        let added = members.into_iter().map(|member| self.add(engine, field, Chip::new(member))).collect();
        let focus = Action::Run(iced::widget::operation::focus(field.name()));
        Action::Many(vec![Action::Many(added), focus])
    }

    /// Adds a recipient; the cursor stays in its field, which the new chip has moved.
    fn add_typed(&mut self, engine: &Engine, field: Field, chip: Chip) -> Action<Message> {
        let focus = iced::widget::operation::focus(field.name());
        Action::Many(vec![self.add(engine, field, chip), Action::Run(focus)])
    }

    fn add(&mut self, engine: &Engine, field: Field, chip: Chip) -> Action<Message> {
        let address = chip.recipient.address.clone();
        self.generation += 1;
        self.proposals = Proposals::Closed;
        self.line_mut(field).add(chip);
        let change = self.changed(engine);
        Action::Run(Task::batch([request::standing(engine, &address), change]))
    }

    fn point(&mut self, by: isize) -> Action<Message> {
        if self.is_answered() {
            self.proposals.step(by);
        }
        Action::None
    }

    fn leave_proposals(&mut self) -> Action<Message> {
        self.generation += 1;
        self.proposals = Proposals::Closed;
        Action::None
    }

    fn remove(&mut self, engine: &Engine, address: &EmailAddress) -> Action<Message> {
        for line in [&mut self.to, &mut self.cc, &mut self.bcc] {
            line.chips.retain(|chip| !same_address(&chip.recipient.address, address));
        }
        Action::Run(self.changed(engine))
    }

    fn keep(&mut self, address: &EmailAddress) -> Action<Message> {
        for chip in self.chips_mut().filter(|chip| same_address(&chip.recipient.address, address)) {
            chip.kept = true;
        }
        Action::None
    }

    fn show_copies(&mut self) -> Action<Message> {
        self.copies = true;
        Action::None
    }

    fn person_read(
        &mut self,
        engine: &Engine,
        address: &EmailAddress,
        result: Result<Option<Person>>,
    ) -> Action<Message> {
        let own = self.accounts.iter().find(|account| account.id == self.account);
        let own_domain = own.map_or("", |account| account.config.address.domain()).to_owned();
        // an annuaire that cannot be asked knows nobody: the address is then judged by its domain
        let person = result.ok().flatten();
        for chip in self.chips_mut().filter(|chip| same_address(&chip.recipient.address, address)) {
            chip.judge(Standing::of(address.as_str(), person.clone(), &own_domain));
            if chip.recipient.name.is_none() {
                chip.recipient.name = person.as_ref().map(Person::display_name);
            }
        }
        // somebody the annuaire has lost is asked about by what was known of them
        let known = || self.chips().find(|chip| chip.is_at(address))?.contact.clone();
        match person.or_else(|| known().map(|contact| contact.person)) {
            Some(person) => Action::Run(request::contact(engine, address, person)),
            None => Action::None,
        }
    }

    fn trust_read(&mut self, address: &EmailAddress, trusted: Option<bool>) -> Action<Message> {
        for chip in self.chips_mut().filter(|chip| same_address(&chip.recipient.address, address)) {
            chip.trusted = trusted;
            chip.judge(chip.standing.clone());
        }
        Action::None
    }

    fn judge_again(&mut self, engine: &Engine) -> Action<Message> {
        let tasks: Vec<_> =
            self.chips().map(|chip| request::standing(engine, &chip.recipient.address)).collect();
        Action::Run(Task::batch(tasks))
    }

    fn accounts_read(&mut self, result: Result<Vec<Account>>) -> Action<Message> {
        match result {
            Ok(accounts) => self.accounts = accounts,
            Err(error) => self.failed = Some(error),
        }
        Action::None
    }

    // --- content ---

    fn send_from(&mut self, engine: &Engine, account: AccountId) -> Action<Message> {
        self.account = account;
        Action::Run(self.changed(engine))
    }

    fn set_subject(&mut self, engine: &Engine, text: String) -> Action<Message> {
        self.subject = text;
        Action::Run(self.changed(engine))
    }

    fn edit(&mut self, engine: &Engine, action: text_editor::Action) -> Action<Message> {
        self.proposals = Proposals::Closed;
        let changed = self.body.perform(action);
        self.changed_when(engine, changed)
    }

    fn undo(&mut self, engine: &Engine) -> Action<Message> {
        let changed = self.body.undo();
        self.changed_when(engine, changed)
    }

    fn redo(&mut self, engine: &Engine) -> Action<Message> {
        let changed = self.body.redo();
        self.changed_when(engine, changed)
    }

    fn changed_when(&mut self, engine: &Engine, changed: bool) -> Action<Message> {
        if changed { Action::Run(self.changed(engine)) } else { Action::None }
    }

    fn toggle_receipt(&mut self, engine: &Engine) -> Action<Message> {
        self.receipt = !self.receipt;
        Action::Run(self.changed(engine))
    }

    fn allow_no_subject(&mut self) -> Action<Message> {
        self.no_subject_allowed = true;
        Action::None
    }

    fn attached(
        &mut self,
        engine: &Engine,
        results: Vec<std::result::Result<DraftAttachment, attaching::Error>>,
    ) -> Action<Message> {
        self.not_attached.clear();
        let before = self.attachments.len();
        for result in results {
            match result {
                Ok(attachment) => self.attachments.push(attachment),
                Err(error) => self.not_attached.push(error),
            }
        }
        if self.attachments.len() == before {
            return Action::None;
        }
        let (kinds, change) = (self.files_changed(engine), self.changed(engine));
        Action::Run(Task::batch([kinds, change]))
    }

    fn detach(&mut self, engine: &Engine, index: usize) -> Action<Message> {
        if index < self.attachments.len() {
            self.attachments.remove(index);
            // the archive and its PDFs belong together; what is said of them would be wrong
            self.about = None;
        }
        let (kinds, change) = (self.files_changed(engine), self.changed(engine));
        Action::Run(Task::batch([kinds, change]))
    }

    // --- keeping the draft ---

    /// Notes a change; the draft is kept a few seconds after the first one, however long the typing goes on.
    fn changed(&mut self, _engine: &Engine) -> Task<Message> {
        self.revision += 1;
        if std::mem::replace(&mut self.save_due, true) { Task::none() } else { request::save_soon() }
    }

    fn save_now(&mut self, engine: &Engine) -> Action<Message> {
        self.save_due = false;
        if self.phase != Phase::Writing || self.revision == self.kept_revision {
            return Action::None;
        }
        Action::Run(self.save(engine))
    }

    /// One save at a time: two at once could make two drafts.
    fn save(&mut self, engine: &Engine) -> Task<Message> {
        if std::mem::replace(&mut self.saving, true) {
            return Task::none();
        }
        request::save(engine, self.draft, self.to_draft(), self.revision)
    }

    fn saved(
        &mut self,
        engine: &Engine,
        revision: u64,
        at: UnixTime,
        result: Result<DraftId>,
    ) -> Action<Message> {
        self.saving = false;
        match result {
            Ok(id) => {
                self.draft = Some(id);
                self.kept_revision = revision;
                self.kept = Kept::At(at);
            }
            Err(error) => self.kept = Kept::Failed(error),
        }
        match (self.phase, &self.kept) {
            (Phase::Sending, _) => Action::Run(request::queue(engine, self.draft, self.to_draft())),
            (Phase::Closing, Kept::Failed(_)) => self.stay_open(),
            (Phase::Closing, _) if self.revision == self.kept_revision => Action::Close,
            (Phase::Closing, _) => Action::Run(self.save(engine)),
            (Phase::Writing, _) if self.revision != self.kept_revision => Action::Run(self.changed(engine)),
            (Phase::Writing, _) => Action::None,
        }
    }

    fn stay_open(&mut self) -> Action<Message> {
        self.phase = Phase::Writing;
        Action::None
    }

    /// What was written stays as a draft; nothing written leaves nothing behind.
    fn close(&mut self, engine: &Engine) -> Action<Message> {
        if self.phase == Phase::Sending {
            return Action::None;
        }
        if self.revision == self.kept_revision && !self.saving {
            return Action::Close;
        }
        self.phase = Phase::Closing;
        match (self.to_draft().is_blank(), self.draft) {
            (true, None) if !self.saving => Action::Close,
            _ => Action::Run(self.save(engine)),
        }
    }

    // --- sending ---

    /// Sends when nothing stands in the way; an address typed to its end counts as a recipient first.
    fn send(&mut self, engine: &Engine) -> Action<Message> {
        let field = self.field;
        if let Ok(address) = EmailAddress::parse(&self.line(field).typed) {
            return self.add_typed(engine, field, Chip::new(Recipient { name: None, address }));
        }
        if self.phase != Phase::Writing || !self.obstacles().is_empty() {
            return Action::None;
        }
        self.phase = Phase::Sending;
        self.failed = None;
        if self.saving {
            return Action::None;
        }
        Action::Run(request::queue(engine, self.draft, self.to_draft()))
    }

    fn queued(&mut self, result: Result<OutboxId>) -> Action<Message> {
        match result {
            Ok(_) => Action::Many(vec![
                Action::Tell(Notice::Undo("composer-sent", Command::CancelSending)),
                Action::Close,
            ]),
            Err(error) => {
                self.phase = Phase::Writing;
                self.failed = Some(error);
                Action::None
            }
        }
    }
}

/// The words of an address before the `@`, to search a person with.
fn look_up(address: &EmailAddress) -> Action<Message> {
    let local = address.as_str().split('@').next().unwrap_or_default();
    Action::Annuaire(local.replace(['.', '_', '-'], " "))
}
