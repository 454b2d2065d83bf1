//! What screens ask for, and commands.

use iced::{Task, window};

use super::desk::{self, Desk};
use super::gate;
use super::letter::{self, Letter};
use super::{App, Message, OpenDraft, Stage};
use crate::domain::draft::{Draft, Recipient};
use crate::domain::id::{DraftId, MessageId};
use crate::domain::person::Person;
use crate::engine::{Engine, Error, ErrorKind};
use crate::gui::platform;
use crate::gui::screen::{Action, Answer, Notice, Place, Target, mailbox};
use crate::gui::shortcut::Command;
use crate::gui::theme::TextSize;
use crate::wording::{Language, Wording};

impl App {
    pub(super) fn gate_message(&mut self, message: gate::Message) -> Task<Message> {
        let Stage::Gate(gate) = &mut self.stage else { return Task::none() };
        let action = gate.update(&self.engine, message);
        self.act(self.main, action, Message::Gate)
    }

    pub(super) fn desk_message(&mut self, session: u32, message: desk::Message) -> Task<Message> {
        let number = self.session_number;
        // an answer to a session that is closed must not be drawn in another one
        let Stage::Open(desk) = &mut self.stage else { return Task::none() };
        if session != number {
            return Task::none();
        }
        if matches!(&message, desk::Message::Mailbox(mailbox::Message::Listed { .. })) {
            self.ready.listed();
        }
        let action = desk.update(&self.engine, message);
        self.act(self.main, action, move |message| Message::Desk(number, message))
    }

    pub(super) fn letter_message(&mut self, window: window::Id, message: letter::Message) -> Task<Message> {
        let Some(letter) = self.letters.get_mut(&window) else { return Task::none() };
        let action = letter.update(&self.engine, message);
        self.letter_action(window, action)
    }

    pub(super) fn letter_action(
        &mut self,
        window: window::Id,
        action: Action<letter::Message>,
    ) -> Task<Message> {
        self.act(window, action, move |message| Message::Letter(window, message))
    }

    /// Carries out what a screen of `window` asks for.
    pub(super) fn act<M: Send + 'static>(
        &mut self,
        window: window::Id,
        action: Action<M>,
        wrap: impl Fn(M) -> Message + Clone + Send + 'static,
    ) -> Task<Message> {
        match action {
            Action::None => Task::none(),
            Action::Run(task) => task.map(wrap),
            Action::Many(actions) => {
                let tasks = actions.into_iter().map(|action| self.act(window, action, wrap.clone()));
                Task::batch(tasks.collect::<Vec<_>>())
            }
            Action::Compose(draft, id) => self.compose(id, *draft),
            Action::Answer(id, answer) => self.answer(id, answer),
            Action::WriteTo(person, index) => self.write_to(window, &person, index),
            Action::WriteAll(recipients) => self.write_all(window, recipients),
            Action::Go(place) => self.go(place),
            Action::Show(target) => self.show(target),
            Action::Annuaire(query) => self.toggle_panel(window, query),
            Action::Close => self.close(window),
            Action::Tell(notice) => self.tell(notice),
            Action::Command(command) => self.command(window, command),
            Action::Opened(session) => self.opened(session),
            Action::Practice => self.practise(),
            Action::Prefer(preferences) => self.prefer(*preferences),
            Action::Group(on) => self.prefer(crate::gui::preferences::Preferences {
                conversations: on,
                ..self.preferences.clone()
            }),
            Action::Copy(text) => self.copy(text),
            Action::Print(id, document) => self.print(id, document),
            Action::Transfer(purpose) => self.transfer(*purpose),
            Action::SearchArchive(query) => self.search_archive(query),
            Action::OpenFile(path) => self.open_file(&path),
            Action::LogIn(purpose) => self.log_in(purpose),
        }
    }

    pub(super) fn command(&mut self, window: window::Id, command: Command) -> Task<Message> {
        match command {
            Command::Help => self.help(!self.shows_help),
            Command::Back if self.shows_help => self.help(false),
            Command::Back if self.choice_in(window).is_some() => {
                self.choice_message(crate::gui::screen::file_choice::Message::Leave)
            }
            _ if self.choice_in(window).is_some() && command != Command::Lock => Task::none(),
            Command::Back if self.transfer.is_some() && window == self.main => {
                self.transfer_message(self.session_number, crate::gui::screen::transfer::Message::Cancel)
            }
            Command::Back if self.archived.is_some() && window == self.main => self.archived_back(),
            Command::Back if self.login.is_some() && window == self.main => self.login_back(),
            // the dialog has the word; locking is always possible
            _ if (self.login.is_some() || self.transfer.is_some() || self.archived.is_some())
                && window == self.main
                && command != Command::Lock =>
            {
                Task::none()
            }
            Command::TextLarger => self.larger(window, 1),
            Command::TextSmaller => self.larger(window, -1),
            Command::FitWidth => self.zoom(window, None).unwrap_or_else(Task::none),
            _ if self.letters.contains_key(&window) => self.letter_command(window, command),
            _ => self.desk_command(command),
        }
    }

    fn letter_command(&mut self, window: window::Id, command: Command) -> Task<Message> {
        if command == Command::Annuaire {
            return self.toggle_panel(window, String::new());
        }
        let action = self.letters.get_mut(&window).map(|letter| letter.on_command(&self.engine, command));
        self.letter_action(window, action.unwrap_or(Action::None))
    }

    fn desk_command(&mut self, command: Command) -> Task<Message> {
        let number = self.session_number;
        let desk = match &mut self.stage {
            Stage::Open(desk) => desk,
            Stage::Gate(gate) => {
                if command == Command::Back {
                    gate.leave_trouble();
                }
                return if command == Command::GoTrouble { self.go(Place::Trouble) } else { Task::none() };
            }
        };
        match command {
            Command::New => self.compose_new(Vec::new()),
            Command::Annuaire => self.toggle_panel(self.main, String::new()),
            Command::Sync => self.sync(),
            Command::CancelSending => self.cancel_sending(),
            Command::Lock => self.lock(),
            Command::GoMailbox => self.go(Place::Mailbox),
            Command::GoPatients => self.go(Place::Patients),
            Command::GoAnnuaire => self.go(Place::Annuaire),
            Command::GoSendings => self.go(Place::Sendings),
            Command::GoTrouble => self.go(Place::Trouble),
            Command::GoSettings => self.go(Place::Settings),
            _ => {
                let action = desk.on_command(&self.engine, command);
                self.act(self.main, action, move |message| Message::Desk(number, message))
            }
        }
    }

    // --- windows ---

    pub(super) fn compose(&mut self, id: Option<DraftId>, draft: Draft) -> Task<Message> {
        // one window a draft: two would overwrite each other
        let open = self.letters.iter().find(|(_, letter)| id.is_some() && letter.to_draft().0 == id);
        if let Some((window, _)) = open {
            return window::gain_focus(*window);
        }
        let (width, height) = self.preferences.composer;
        let (window, opening) = window::open(platform::window(iced::Size::new(width, height)));
        let (letter, task) = Letter::new(&self.engine, id, draft);
        let focus = letter.focus();
        self.letters.insert(window, letter);
        // a window that is not there yet has no field to put the cursor in
        Task::batch([opening.discard().chain(focus), task])
            .map(move |message| Message::Letter(window, message))
    }

    fn compose_new(&mut self, to: Vec<Recipient>) -> Task<Message> {
        let Stage::Open(desk) = &self.stage else { return Task::none() };
        match desk.account() {
            Some(account) => {
                let mut draft = Draft::new(account);
                draft.to.extend(to);
                self.compose(None, draft)
            }
            None => self.tell(Notice::Failed(Error::new(ErrorKind::NeedsUser, "no-account"))),
        }
    }

    /// Fetches what is answered, and opens a window on it.
    fn answer(&self, id: MessageId, answer: Answer) -> Task<Message> {
        let (engine, language) = (self.engine.clone(), self.wording.language());
        self.of_session(Task::perform(draft_of(engine, language, id, answer), |result| {
            Message::Drafted(result.map(|draft| (None, Box::new(draft))))
        }))
    }

    pub(super) fn drafted(&mut self, result: Result<OpenDraft, Error>) -> Task<Message> {
        match result {
            Ok((id, draft)) => self.compose(id, *draft),
            Err(error) => self.tell(Notice::Failed(error)),
        }
    }

    fn write_to(&mut self, window: window::Id, person: &Person, index: usize) -> Task<Message> {
        let Some(mailbox) = person.mailboxes.get(index) else { return Task::none() };
        let name = Some(person.display_name()).filter(|name| !name.is_empty());
        self.write_all(window, vec![Recipient { name, address: mailbox.address.clone() }])
    }

    fn write_all(&mut self, window: window::Id, recipients: Vec<Recipient>) -> Task<Message> {
        match self.letters.get_mut(&window) {
            Some(letter) => {
                let action = letter.add(&self.engine, recipients);
                self.letter_action(window, action)
            }
            None => self.compose_new(recipients),
        }
    }

    /// Closes a composer as its cross does: what was written is kept first.
    pub(super) fn close_letter(&mut self, window: window::Id) -> Task<Message> {
        use crate::gui::screen::composer;
        if self.letters.contains_key(&window) {
            self.letter_message(window, letter::Message::Composer(composer::Message::Close))
        } else {
            window::close(window)
        }
    }

    pub(super) fn dropped(&mut self, window: window::Id, path: std::path::PathBuf) -> Task<Message> {
        use crate::gui::screen::composer;
        self.letter_message(window, letter::Message::Composer(composer::Message::Dropped(path)))
    }

    fn close(&mut self, window: window::Id) -> Task<Message> {
        if self.letters.remove(&window).is_some() {
            return window::close(window);
        }
        if let Stage::Gate(gate) = &mut self.stage {
            gate.leave_trouble();
        }
        Task::none()
    }

    pub(super) fn toggle_panel(&mut self, window: window::Id, query: String) -> Task<Message> {
        let number = self.session_number;
        if let Some(letter) = self.letters.get_mut(&window) {
            let task = letter.toggle_panel(&self.engine, query);
            return task.map(move |message| Message::Letter(window, message));
        }
        match &mut self.stage {
            Stage::Open(desk) => {
                let task = desk.toggle_panel(&self.engine, query);
                task.map(move |message| Message::Desk(number, message))
            }
            Stage::Gate(_) => Task::none(),
        }
    }

    pub(super) fn show(&mut self, target: Target) -> Task<Message> {
        let number = self.session_number;
        let Stage::Open(desk) = &mut self.stage else { return Task::none() };
        let action = desk.show(&self.engine, target);
        self.act(self.main, action, move |message| Message::Desk(number, message))
    }

    pub(super) fn go(&mut self, place: Place) -> Task<Message> {
        let number = self.session_number;
        match &mut self.stage {
            Stage::Open(desk) => {
                let action = Desk::go(desk, &self.engine, place);
                self.act(self.main, action, move |message| Message::Desk(number, message))
            }
            Stage::Gate(gate) if place == Place::Trouble => {
                gate.show_trouble(&self.engine).map(Message::Gate)
            }
            Stage::Gate(_) => Task::none(),
        }
    }

    // --- small commands ---

    fn help(&mut self, shows: bool) -> Task<Message> {
        self.shows_help = shows;
        Task::none()
    }

    /// The page on screen larger or smaller, else all text.
    fn larger(&mut self, window: window::Id, by: isize) -> Task<Message> {
        match self.zoom(window, Some(by > 0)) {
            Some(task) => task,
            None => self.resize_text(by),
        }
    }

    /// Draws the page on screen in another size; `None` where there is none.
    fn zoom(&mut self, window: window::Id, step: Option<bool>) -> Option<Task<Message>> {
        let number = self.session_number;
        let Stage::Open(desk) = &mut self.stage else { return None };
        let action = if window == self.main { desk.zoom(&self.engine, step) } else { None }?;
        Some(self.act(self.main, action, move |message| Message::Desk(number, message)))
    }

    fn resize_text(&mut self, by: isize) -> Task<Message> {
        let at = TextSize::ALL.iter().position(|size| *size == self.preferences.text_size).unwrap_or(0);
        let mut preferences = self.preferences.clone();
        if let Some(size) = at.checked_add_signed(by).and_then(|at| TextSize::ALL.get(at)) {
            preferences.text_size = *size;
        }
        self.prefer(preferences)
    }

    fn sync(&self) -> Task<Message> {
        let engine = self.engine.clone();
        let syncing = async move { engine.sync(None).await };
        self.of_session(Task::perform(syncing, |result| {
            Message::Ended(result.map(|_| ("notice-synced", None)))
        }))
    }

    /// Takes back the newest message, unless it has left.
    fn cancel_sending(&self) -> Task<Message> {
        self.of_session(Task::perform(take_back(self.engine.clone()), |result| {
            Message::Ended(result.map(|draft| ("notice-cancelled", draft)))
        }))
    }

    pub(super) fn ended(
        &mut self,
        result: Result<(&'static str, Option<OpenDraft>), Error>,
    ) -> Task<Message> {
        match result {
            Ok((key, draft)) => {
                let told = self.tell(Notice::Done(key));
                let opened = draft.map(|(id, draft)| self.compose(id, *draft));
                Task::batch([told, opened.unwrap_or_else(Task::none)])
            }
            Err(error) => self.tell(Notice::Failed(error)),
        }
    }

    fn copy(&mut self, text: String) -> Task<Message> {
        let told = self.tell(Notice::Done("notice-copied"));
        Task::batch([self.copy_text(text), told])
    }

    fn open_file(&mut self, path: &std::path::Path) -> Task<Message> {
        match platform::open_file(path) {
            Ok(()) => Task::none(),
            Err(error) => {
                let error = Error::new(ErrorKind::NeedsUser, "input-unreadable").caused_by(error);
                self.tell(Notice::Failed(error))
            }
        }
    }
}

/// A draft with the sentence above the quoted text in the user's language.
async fn draft_of(engine: Engine, language: Language, id: MessageId, answer: Answer) -> Result<Draft, Error> {
    let row = engine.message(id).await?.row;
    let wording = Wording::new(language);
    let (day, hour) = (wording.day(row.date), wording.hour(row.date));
    let values = [("name", row.from.label()), ("day", day.as_str()), ("hour", hour.as_str())];
    match answer {
        Answer::Reply | Answer::ReplyAll => {
            let sentence = wording.with("app-reply-attribution", &values);
            engine.reply_draft(id, answer == Answer::ReplyAll, sentence).await
        }
        Answer::Forward => engine.forward_draft(id, wording.with("app-forward-attribution", &values)).await,
    }
}

async fn take_back(engine: Engine) -> Result<Option<OpenDraft>, Error> {
    let outbox = engine.outbox().await?;
    // an older one that was refused is not what was just sent
    let newest = outbox.first().filter(|entry| entry.can_cancel());
    let Some(entry) = newest else { return Err(Error::new(ErrorKind::NeedsUser, "already-sent")) };
    let id = engine.cancel(entry.id).await?;
    Ok(engine.draft(id).await?.map(|draft| (Some(id), Box::new(draft))))
}
