//! Patients: found by name, birth date or INS; the page of one; and the messages that wait for somebody to say whose they
//! are.

mod attach;
mod page;
mod view;

use iced::Task;

use crate::domain::biology::Trend;
use crate::domain::id::{FolderId, MentionId, MessageId, PatientId};
use crate::domain::patient::{PatientFile, PatientRow, Patients as Found, Unattached, UnattachedMention};
use crate::engine::{Engine, Error, Event, Result, Selection};
use crate::gui::screen::transfer::Purpose;
use crate::gui::screen::{Action, Notice, Target};
use crate::gui::shortcut::Command;
use crate::gui::widget::ListEvent;

pub(in crate::gui::screen) use page::grouped;
pub use view::FIELD;

/// Patients read at a time: beyond, the search is narrowed.
const MOST_PATIENTS: u32 = 200;
/// Waiting mentions read at a time.
const MOST_WAITING: u32 = 100;

/// Which list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// Patients.
    #[default]
    All,
    /// What waits to be attached.
    Waiting,
}

/// What a patient's page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// Every message.
    #[default]
    All,
    /// Those with laboratory results.
    Biology,
    /// Reports and letters.
    Reports,
    /// Prescriptions.
    Prescriptions,
    /// Imaging.
    Imaging,
    /// The others.
    Others,
    /// Results of each analysis over time.
    Values,
}

/// What was chosen for a mention or patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The mention is this patient's.
    Attach(MentionId, PatientId),
    /// The mention is of somebody new.
    New(MentionId),
    /// The mention stays without a patient.
    Leave(MentionId),
    /// The mention is not of its patient.
    Detach(MentionId),
    /// Two patients are one.
    Merge(PatientId, PatientId),
    /// They are not.
    Part(PatientId),
}

/// What the user does, and what comes back.
#[derive(Debug, Clone)]
pub enum Message {
    /// Search text was typed.
    Typed(String),
    /// Shows the other list.
    Show(Tab),
    /// Something happened in the list.
    List(ListEvent),
    /// Shows a patient's page.
    Open(PatientId),
    /// Narrows the page.
    Filter(Filter),
    /// Opens a message in the mailbox.
    OpenMessage(FolderId, MessageId),
    /// The choice also holds for those that name identical traits.
    Alike(bool),
    /// Carries a choice out.
    Do(Deed),
    /// Writes the messages and documents of a patient of this name to files.
    Export(PatientId, String),
    /// Begins to look for the patient to join with the one shown, or stops.
    Joining(bool),
    /// Patients came.
    Listed {
        /// Which reading this answers.
        generation: u64,
        /// Patients.
        result: Result<Found>,
    },
    /// Waiting mentions came.
    WaitingRead {
        /// Which reading this answers.
        generation: u64,
        /// Mentions.
        result: Result<Box<Unattached>>,
    },
    /// The mention somebody came to attach.
    WantedRead(Result<Option<Box<UnattachedMention>>>),
    /// A page came.
    PageRead(PatientId, Result<Box<PatientFile>>),
    /// Analyses of the patient came.
    ValuesRead(PatientId, Result<Vec<Trend>>),
    /// A choice was written down, or not.
    Done(Deed, Result<()>),
}

#[derive(Debug)]
enum List {
    Loading,
    Loaded(Found),
    Failed(Error),
}

#[derive(Debug)]
enum Page {
    Nothing,
    Loading(PatientId),
    Shown(Box<PatientFile>),
    Failed(Error),
}

/// The screen.
#[derive(Debug)]
pub struct Patients {
    query: String,
    tab: Tab,
    /// Number that changes when something else is listed: the list then begins at its top.
    epoch: u64,
    generation: u64,
    waiting_generation: u64,
    /// Answers of the newest readings that have not come, and whether something has changed since they were asked for.
    awaits_list: bool,
    awaits_waiting: bool,
    outdated: bool,
    list: List,
    cursor: Option<u32>,
    page: Page,
    filter: Filter,
    values: Option<Vec<Trend>>,
    waiting: Option<Box<Unattached>>,
    mention: Option<MentionId>,
    alike: bool,
    /// The patient another one is looked for to be joined with, and the one found.
    joining: Option<PatientId>,
    partner: Option<PatientId>,
    /// A choice is being written down: buttons are off.
    busy: bool,
}

impl Patients {
    /// An empty screen, and the tasks that fill it.
    pub fn new(engine: &Engine) -> (Self, Task<Message>) {
        let mut patients = Self {
            query: String::new(),
            tab: Tab::All,
            epoch: 0,
            generation: 0,
            waiting_generation: 0,
            awaits_list: false,
            awaits_waiting: false,
            outdated: false,
            list: List::Loading,
            cursor: None,
            page: Page::Nothing,
            filter: Filter::All,
            values: None,
            waiting: None,
            mention: None,
            alike: true,
            joining: None,
            partner: None,
            busy: false,
        };
        let task = Task::batch([patients.load(engine), patients.load_waiting(engine)]);
        (patients, task)
    }

    /// Carries out one message.
    pub fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Typed(query) => self.typed(engine, query),
            Message::Show(tab) => self.show(tab),
            Message::List(event) => self.list(engine, event),
            Message::Open(id) => self.open(engine, id),
            Message::Filter(filter) => self.narrow(engine, filter),
            Message::OpenMessage(folder, id) => Action::Show(Target::Message(folder, id)),
            Message::Alike(alike) => self.set_alike(alike),
            Message::Do(deed) => self.carry_out(engine, deed),
            Message::Export(id, name) => {
                Action::Transfer(Box::new(Purpose::Export(Selection::Patient(id), name)))
            }
            Message::Joining(begins) => self.join(begins),
            Message::Listed { generation, result } => self.listed(engine, generation, result),
            Message::WaitingRead { generation, result } => self.waiting_read(engine, generation, result),
            Message::WantedRead(result) => self.wanted_read(result),
            Message::PageRead(id, result) => self.page_read(id, result),
            Message::ValuesRead(id, result) => self.values_read(id, result),
            Message::Done(deed, result) => self.done(engine, deed, result),
        }
    }

    /// Reads again what an event says has changed.
    pub fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        match event {
            Event::PatientsChanged | Event::SessionChanged | Event::Lagged => self.renew(engine),
            Event::MessageChanged(id) if self.names(*id) => self.renew_page(engine),
            _ => Action::None,
        }
    }

    /// Carries out a command of the keyboard.
    pub fn on_command(&mut self, _engine: &Engine, command: Command) -> Action<Message> {
        match command {
            Command::Search | Command::Find => Action::Run(iced::widget::operation::focus(FIELD)),
            Command::Back => self.join(false),
            _ => Action::None,
        }
    }

    /// Mentions that wait, for the mark on the rail.
    pub fn waiting(&self) -> u32 {
        match &self.list {
            List::Loaded(found) => found.unattached,
            _ => 0,
        }
    }

    /// Shows the page of a patient.
    pub fn open(&mut self, engine: &Engine, id: PatientId) -> Action<Message> {
        self.tab = Tab::All;
        if self.joining.is_some_and(|from| from != id) {
            self.partner = Some(id);
            return Action::None;
        }
        let is_shown = matches!(&self.page, Page::Shown(file) if file.patient.id == id);
        if !is_shown {
            self.page = Page::Loading(id);
            self.filter = Filter::All;
            self.values = None;
        }
        Action::Run(Self::read_page(engine, id))
    }

    /// Shows whom a mention may be about.
    pub fn attach(&mut self, engine: &Engine, id: MentionId) -> Action<Message> {
        self.tab = Tab::Waiting;
        self.mention = Some(id);
        let engine = engine.clone();
        let reading = async move { Ok(engine.waiting_mention(id).await?.map(Box::new)) };
        Action::run(reading, Message::WantedRead)
    }

    // --- reading ---

    fn load(&mut self, engine: &Engine) -> Task<Message> {
        self.generation += 1;
        self.awaits_list = true;
        let generation = self.generation;
        let (engine, query) = (engine.clone(), self.query.trim().to_owned());
        Task::perform(async move { engine.patients(&query, 0..MOST_PATIENTS).await }, move |result| {
            Message::Listed { generation, result }
        })
    }

    fn load_waiting(&mut self, engine: &Engine) -> Task<Message> {
        self.waiting_generation += 1;
        self.awaits_waiting = true;
        let (engine, generation) = (engine.clone(), self.waiting_generation);
        Task::perform(async move { engine.unattached(0..MOST_WAITING).await.map(Box::new) }, move |result| {
            Message::WaitingRead { generation, result }
        })
    }

    fn read_page(engine: &Engine, id: PatientId) -> Task<Message> {
        let engine = engine.clone();
        Task::perform(async move { engine.patient(id).await.map(Box::new) }, move |result| {
            Message::PageRead(id, result)
        })
    }

    fn read_values(engine: &Engine, id: PatientId) -> Task<Message> {
        let engine = engine.clone();
        Task::perform(async move { engine.biology(id).await }, move |result| Message::ValuesRead(id, result))
    }

    /// One reading at a time, however many events ask for one: they come thick while a mailbox is fetched.
    fn renew(&mut self, engine: &Engine) -> Action<Message> {
        if self.awaits_list || self.awaits_waiting {
            self.outdated = true;
            return Action::None;
        }
        self.outdated = false;
        let load = Action::Run(Task::batch([self.load(engine), self.load_waiting(engine)]));
        Action::Many(vec![load, self.renew_page(engine)])
    }

    /// Reads again what has changed while it was being read.
    fn catch_up(&mut self, engine: &Engine) -> Action<Message> {
        if self.outdated { self.renew(engine) } else { Action::None }
    }

    fn renew_page(&self, engine: &Engine) -> Action<Message> {
        let Some(id) = self.shown() else { return Action::None };
        let mut tasks = vec![Self::read_page(engine, id)];
        if self.values.is_some() {
            tasks.push(Self::read_values(engine, id));
        }
        Action::Run(Task::batch(tasks))
    }

    fn shown(&self) -> Option<PatientId> {
        match &self.page {
            Page::Loading(id) => Some(*id),
            Page::Shown(file) => Some(file.patient.id),
            Page::Nothing | Page::Failed(_) => None,
        }
    }

    /// The page shown names this message.
    fn names(&self, id: MessageId) -> bool {
        matches!(&self.page, Page::Shown(file) if file.entries.iter().any(|e| e.message.id == id))
    }

    fn listed(&mut self, engine: &Engine, generation: u64, result: Result<Found>) -> Action<Message> {
        if generation != self.generation {
            return Action::None;
        }
        // patients that appear meanwhile push the others down
        let at = |row: u32| self.rows().get(row as usize).map(|patient| patient.id);
        let under = self.cursor.filter(|_| self.tab == Tab::All).and_then(at);
        self.list = match result {
            Ok(found) => List::Loaded(found),
            Err(error) => List::Failed(error),
        };
        if let Some(id) = under {
            let row = self.rows().iter().position(|patient| patient.id == id);
            self.cursor = row.and_then(|row| u32::try_from(row).ok());
        }
        self.awaits_list = false;
        self.catch_up(engine)
    }

    fn waiting_read(
        &mut self,
        engine: &Engine,
        generation: u64,
        result: Result<Box<Unattached>>,
    ) -> Action<Message> {
        if generation != self.waiting_generation {
            return Action::None;
        }
        if let Ok(waiting) = result {
            let is_there = |id: MentionId| waiting.mentions.iter().any(|w| w.mention.id == id);
            if self.mention.is_none_or(|id| !is_there(id)) {
                self.mention = waiting.mentions.first().map(|w| w.mention.id);
            }
            if self.tab == Tab::Waiting && self.cursor.is_some() {
                let row = waiting.mentions.iter().position(|w| Some(w.mention.id) == self.mention);
                self.cursor = row.and_then(|row| u32::try_from(row).ok());
            }
            self.waiting = Some(waiting);
        }
        self.awaits_waiting = false;
        self.catch_up(engine)
    }

    fn wanted_read(&mut self, result: Result<Option<Box<UnattachedMention>>>) -> Action<Message> {
        match result {
            Ok(Some(wanted)) => {
                let waiting = self.waiting.get_or_insert_with(Box::default);
                let id = wanted.mention.id;
                if !waiting.mentions.iter().any(|w| w.mention.id == id) {
                    waiting.mentions.insert(0, *wanted);
                }
                self.mention = Some(id);
                Action::None
            }
            Ok(None) => Action::None,
            Err(error) => Action::Tell(Notice::Failed(error)),
        }
    }

    fn page_read(&mut self, id: PatientId, result: Result<Box<PatientFile>>) -> Action<Message> {
        if self.shown() == Some(id) {
            self.page = match result {
                Ok(file) => Page::Shown(file),
                Err(error) => Page::Failed(error),
            };
        }
        Action::None
    }

    fn values_read(&mut self, id: PatientId, result: Result<Vec<Trend>>) -> Action<Message> {
        if self.shown() == Some(id) {
            self.values = Some(result.unwrap_or_default());
        }
        Action::None
    }

    // --- what the user does ---

    fn typed(&mut self, engine: &Engine, query: String) -> Action<Message> {
        self.query = query;
        self.tab = Tab::All;
        self.epoch += 1;
        self.cursor = None;
        Action::Run(self.load(engine))
    }

    fn show(&mut self, tab: Tab) -> Action<Message> {
        self.tab = tab;
        self.epoch += 1;
        self.cursor = None;
        Action::None
    }

    fn list(&mut self, engine: &Engine, event: ListEvent) -> Action<Message> {
        let row = match event {
            ListEvent::Select { row, .. } | ListEvent::Activate(row) => row,
            ListEvent::SelectAll | ListEvent::Visible(_) => return Action::None,
        };
        self.cursor = Some(row);
        match self.tab {
            Tab::All => match self.rows().get(row as usize).map(|patient| patient.id) {
                Some(id) => self.open(engine, id),
                None => Action::None,
            },
            Tab::Waiting => {
                let waiting = self.waiting.as_ref().and_then(|w| w.mentions.get(row as usize));
                self.mention = waiting.map(|w| w.mention.id).or(self.mention);
                Action::None
            }
        }
    }

    fn rows(&self) -> &[PatientRow] {
        match &self.list {
            List::Loaded(found) => &found.patients,
            _ => &[],
        }
    }

    fn narrow(&mut self, engine: &Engine, filter: Filter) -> Action<Message> {
        self.filter = filter;
        match self.shown().filter(|_| filter == Filter::Values && self.values.is_none()) {
            Some(id) => Action::Run(Self::read_values(engine, id)),
            None => Action::None,
        }
    }

    fn set_alike(&mut self, alike: bool) -> Action<Message> {
        self.alike = alike;
        Action::None
    }

    fn join(&mut self, begins: bool) -> Action<Message> {
        self.joining = self.shown().filter(|_| begins);
        self.partner = None;
        Action::None
    }

    fn carry_out(&mut self, engine: &Engine, deed: Deed) -> Action<Message> {
        if std::mem::replace(&mut self.busy, true) {
            return Action::None;
        }
        let (engine, alike) = (engine.clone(), self.alike);
        let work = async move {
            match deed {
                Deed::Attach(mention, patient) => engine.attach(mention, patient, alike).await,
                Deed::New(mention) => engine.new_patient(mention, alike).await.map(drop),
                Deed::Leave(mention) => engine.leave_mention(mention).await,
                Deed::Detach(mention) => engine.detach(mention).await,
                Deed::Merge(from, into) => engine.merge_patients(from, into).await,
                Deed::Part(id) => engine.part_patients(id).await,
            }
        };
        Action::run(work, move |result| Message::Done(deed, result))
    }

    fn done(&mut self, engine: &Engine, deed: Deed, result: Result<()>) -> Action<Message> {
        self.busy = false;
        self.alike = true;
        if let Err(error) = result {
            return Action::Tell(Notice::Failed(error));
        }
        let said = match deed {
            Deed::Attach(..) => "patient-attached",
            Deed::New(_) => "patient-created",
            Deed::Leave(_) => "patient-left",
            Deed::Detach(_) => "patient-detached",
            Deed::Merge(_, into) => {
                self.joining = None;
                self.partner = None;
                self.page = Page::Loading(into);
                "patient-merge-done"
            }
            Deed::Part(_) => "patient-parted",
        };
        // the list is read again when the engine's event comes
        Action::Many(vec![self.renew_page(engine), Action::Tell(Notice::Done(said))])
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::domain::patient::Patient;

    fn of(ids: &[i64]) -> Result<Found> {
        let row = |id: &i64| PatientRow {
            id: PatientId(*id),
            traits: Patient::default(),
            messages: 1,
            last: None,
            alarm: false,
            conflict: false,
        };
        Ok(Found { patients: ids.iter().map(row).collect(), ..Found::default() })
    }

    #[test]
    fn the_cursor_stays_on_its_patient_when_others_appear_or_leave() {
        let engine = Engine::practice().unwrap();
        let (mut patients, _) = Patients::new(&engine);
        let generation = patients.generation;
        let _ = patients.listed(&engine, generation, of(&[2, 3]));
        let _ = patients.list(&engine, ListEvent::Activate(0));
        let _ = patients.listed(&engine, generation, of(&[1, 2, 3]));
        assert_eq!((patients.cursor, patients.shown()), (Some(1), Some(PatientId(2))));
        let _ = patients.listed(&engine, generation, of(&[1, 3]));
        assert_eq!(patients.cursor, None, "it stands on no other patient");
    }
}
