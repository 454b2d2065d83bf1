//! Opening, locking, leaving; and the engine's events.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use futures::StreamExt as _;
use iced::{Subscription, Task, window};

use super::desk::Desk;
use super::gate::Gate;
use super::{App, Message, Reading, Stage};
use crate::domain::card::CardState;
use crate::domain::draft::Draft;
use crate::domain::id::DraftId;
use crate::engine::{Engine, Error, Event, Session};
use crate::gui::screen::mailbox::Bookmark;
use crate::gui::screen::{Notice, Place};

/// A draft whose window was closed by the lock, for its holder to find again. What the store did not take stays in
/// memory; of the others only the number does.
#[derive(Debug, Clone)]
pub(super) struct Unkept {
    holder: Option<String>,
    id: Option<DraftId>,
    draft: Option<Box<Draft>>,
}

/// Where the user was when the screen was locked: numbers only.
pub(super) struct Left {
    holder: Option<String>,
    place: Place,
    bookmark: Bookmark,
}

/// Until another picture is on the screen.
const PICTURE: Duration = Duration::from_millis(100);

/// The stream of an engine, told from another's by its number.
struct Feed {
    number: u64,
    engine: Engine,
}

impl Hash for Feed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

pub(super) fn events(number: u64, engine: &Engine) -> Subscription<Event> {
    Subscription::run_with(Feed { number, engine: engine.clone() }, |feed| {
        let later = futures::stream::unfold(feed.engine.events(), |mut events| async move {
            let event = events.next().await?;
            Some((event, events))
        });
        // the screens were made before this listens: what happened in between was told to nobody
        futures::stream::once(async { Event::Lagged }).chain(later)
    })
}

fn holder_of(session: Option<&Session>) -> Option<String> {
    session.and_then(|session| session.holder.as_ref()).map(|holder| holder.national_id.clone())
}

impl App {
    /// Mail is open: its screens are made anew, nothing of an earlier session stays.
    pub(super) fn opened(&mut self, session: Session) -> Task<Message> {
        self.session_number += 1;
        let number = self.session_number;
        let (desk, task) = Desk::new(&self.engine, &self.preferences);
        let holder = holder_of(Some(&session));
        self.stage = Stage::Open(Box::new(desk));
        self.session = Some(session);
        if !self.preferences.has_started {
            self.preferences.has_started = true;
            self.keep_preferences();
        }
        let task = task.map(move |message| Message::Desk(number, message));
        let going_back = self.go_back(holder.as_ref());
        let asked = self.follow_asked();
        Task::batch([task, self.read_health(), going_back, self.show_first_screen(), asked])
    }

    /// Answers that come when the session is over are not heard: neither the lock screen nor the next one shows them.
    pub(super) fn of_session(&self, task: Task<Message>) -> Task<Message> {
        let number = self.session_number;
        task.map(move |message| Message::OfSession(number, Box::new(message)))
    }

    pub(super) fn of_open_session(&mut self, session: u32, message: Message) -> Task<Message> {
        if session == self.session_number && self.session.is_some() {
            self.update(message)
        } else {
            Task::none()
        }
    }

    /// The same holder again is back where he was: place, folder, message, open composers. Nobody else learns of it.
    fn go_back(&mut self, holder: Option<&String>) -> Task<Message> {
        let (own, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.unkept).into_iter().partition(|unkept| unkept.holder.as_ref() == holder);
        self.unkept = others;
        let mut tasks = vec![self.of_session(open_again(self.engine.clone(), own))];
        let place = self.left.iter().position(|left| left.holder.as_ref() == holder);
        if let Some(left) = place.map(|place| self.left.swap_remove(place)) {
            if let Stage::Open(desk) = &mut self.stage {
                desk.go_back(left.bookmark);
            }
            if left.place != Place::Mailbox {
                tasks.push(self.go(left.place));
            }
        }
        Task::batch(tasks)
    }

    /// Closes everything that shows mail, keeps what was being written, and shows the lock screen. The picture changes
    /// before anything is waited for.
    pub(super) fn lock(&mut self) -> Task<Message> {
        let saving = self.close_letters();
        if let Stage::Open(desk) = &self.stage {
            let holder = holder_of(self.session.as_ref());
            self.left.retain(|left| left.holder != holder);
            self.left.push(Left { holder, place: desk.place(), bookmark: desk.bookmark() });
        }
        self.session_number += 1;
        self.session = None;
        // what waits for the browser ends with it
        self.login = None;
        self.question = None;
        self.transfer = None;
        self.archived = None;
        // the name of a file names a patient
        self.choice = None;
        self.health = None;
        self.health_reading = Reading::Idle;
        self.notice = None;
        self.shows_help = false;
        let (gate, task) = Gate::new(&self.engine, !self.preferences.has_started);
        self.stage = Stage::Gate(Box::new(gate));
        let engine = self.engine.clone();
        let locking = Task::future(async move { engine.lock().await }).discard();
        // after the picture has changed: whoever holds the clipboard may be slow to show it
        let shown = async { tokio::time::sleep(PICTURE).await };
        let emptying = Task::future(shown).discard().chain(self.empty_clipboard());
        let closing = saving.chain(locking);
        Task::batch([task.map(Message::Gate), self.forget_arrivals(), closing, emptying])
    }

    /// Closes composer windows; what was in them goes to the store.
    fn close_letters(&mut self) -> Task<Message> {
        let letters = std::mem::take(&mut self.letters);
        let closing: Vec<_> = letters.keys().map(|window| window::close(*window)).collect();
        let holder = holder_of(self.session.as_ref());
        let drafts = letters
            .values()
            .map(super::letter::Letter::to_draft)
            .filter(|(_, draft)| !draft.is_blank())
            .map(|(id, draft)| Unkept { holder: holder.clone(), id, draft: Some(Box::new(draft)) })
            .collect();
        Task::batch(closing).chain(keep(self.engine.clone(), drafts))
    }

    pub(super) fn not_kept(&mut self, drafts: Vec<Unkept>) -> Task<Message> {
        self.unkept.extend(drafts);
        Task::none()
    }

    /// Leaves the program: drafts kept, connections closed.
    pub(super) fn quit(&mut self) -> Task<Message> {
        let saving = self.close_letters().chain(self.empty_clipboard()).chain(self.forget_arrivals());
        self.keep_preferences();
        let engine = self.engine.clone();
        let stop = async move { engine.shutdown().await };
        saving.chain(window::close(self.main)).chain(Task::perform(stop, |()| Message::Quit))
    }

    /// Starts over on fictitious data.
    pub(super) fn practise(&mut self) -> Task<Message> {
        let old = self.engine.clone();
        match Engine::practice() {
            Ok(engine) => {
                self.engine = engine;
                self.engine_number += 1;
                let locked = self.lock();
                Task::batch([locked, Task::future(async move { old.shutdown().await }).discard()])
            }
            Err(error) => self.tell(Notice::Failed(error)),
        }
    }

    pub(super) fn event(&mut self, event: &Event) -> Task<Message> {
        let must_lock = matches!(event, Event::CardChanged | Event::SessionChanged | Event::Lagged)
            && matches!(self.stage, Stage::Open(_))
            && self.has_lost_its_card();
        if must_lock {
            return self.lock();
        }
        let mut tasks = vec![self.stage_event(event)];
        if let (Event::NewMail(ids), Some(_)) = (event, &self.session) {
            tasks.push(self.mail_came(ids));
        }
        let windows: Vec<_> = self.letters.keys().copied().collect();
        for window in windows {
            let action = self.letters.get_mut(&window).map(|letter| letter.on_event(&self.engine, event));
            if let Some(action) = action {
                tasks.push(self.letter_action(window, action));
            }
        }
        if self.session.is_some() {
            tasks.push(self.read_health());
        }
        Task::batch(tasks)
    }

    fn stage_event(&mut self, event: &Event) -> Task<Message> {
        let number = self.session_number;
        match &mut self.stage {
            Stage::Gate(gate) => {
                let action = gate.on_event(&self.engine, event);
                self.act(self.main, action, Message::Gate)
            }
            Stage::Open(desk) => {
                let action = desk.on_event(&self.engine, event);
                self.act(self.main, action, move |message| Message::Desk(number, message))
            }
        }
    }

    /// The session on screen needs a card that is no longer there, or the engine has closed it.
    fn has_lost_its_card(&self) -> bool {
        let Some(shown) = &self.session else { return false };
        let Some(now) = self.engine.session() else { return true };
        let is_there = |holder: &crate::domain::card::Holder| match self.engine.card() {
            CardState::Unlocked { holder: present } => present.national_id == holder.national_id,
            _ => false,
        };
        holder_of(Some(&now)) != holder_of(Some(shown))
            || (shown.online && shown.holder.as_ref().is_some_and(|holder| !is_there(holder)))
    }
}

/// Keeps drafts. All come back: those the store refused with their content, the others with their number.
fn keep(engine: Engine, drafts: Vec<Unkept>) -> Task<Message> {
    if drafts.is_empty() {
        return Task::none();
    }
    let keeping = async move {
        let mut left = Vec::new();
        for mut unkept in drafts {
            if let Some(draft) = unkept.draft.as_deref().cloned()
                && let Ok(id) = engine.save_draft(unkept.id, draft).await
            {
                (unkept.id, unkept.draft) = (Some(id), None);
            }
            left.push(unkept);
        }
        left
    };
    Task::perform(keeping, Message::Unkept)
}

/// Opens a window again for each draft, kept first where it was not.
fn open_again(engine: Engine, drafts: Vec<Unkept>) -> Task<Message> {
    let each = drafts.into_iter().map(|unkept| {
        let engine = engine.clone();
        let opening = async move {
            if let Some(draft) = unkept.draft {
                let id = engine.save_draft(unkept.id, (*draft).clone()).await?;
                return Ok(Some((Some(id), draft)));
            }
            let Some(id) = unkept.id else { return Ok(None) };
            // deleted meanwhile on another machine: nothing to open
            Ok(engine.draft(id).await?.map(|draft| (Some(id), Box::new(draft))))
        };
        Task::perform(opening, |result: Result<Option<_>, Error>| result.transpose())
            .then(|opened| opened.map_or_else(Task::none, |opened| Task::done(Message::Drafted(opened))))
    });
    Task::batch(each.collect::<Vec<_>>())
}
