//! Mail that comes while nobody looks: a word on the desktop, without a name or a subject, which goes when somebody looks
//! and when the mail is closed.

use iced::{Task, window};

use super::{App, Message};
use crate::domain::id::MessageId;
use crate::engine;
use crate::gui::platform::{Desktop, Told, Words};

/// What came since a window of ours last had the keyboard, and what the desktop says of it.
#[derive(Default)]
pub(super) struct Arrivals {
    desktop: Desktop,
    /// The window that has the keyboard.
    focused: Option<window::Id>,
    count: usize,
    notice: Notice,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
enum Notice {
    #[default]
    None,
    /// The desktop has not yet said under which number.
    Asked,
    Shown(u32),
}

impl App {
    /// Messages came into an inbox.
    pub(super) fn mail_came(&mut self, ids: &[MessageId]) -> Task<Message> {
        if !self.preferences.notify || self.arrivals.focused.is_some() {
            return Task::none();
        }
        let (engine, ids) = (self.engine.clone(), ids.to_vec());
        self.of_session(Task::perform(async move { engine.unread_among(&ids).await }, Message::Arrived))
    }

    /// So many of them nobody has read elsewhere.
    pub(super) fn arrived(&mut self, unread: engine::Result<usize>) -> Task<Message> {
        let unread = unread.unwrap_or(0);
        if unread == 0 || self.arrivals.focused.is_some() {
            return Task::none();
        }
        self.arrivals.count += unread;
        let replaces = match self.arrivals.notice {
            Notice::None => 0,
            Notice::Asked => return Task::none(),
            Notice::Shown(number) => number,
        };
        self.arrivals.notice = Notice::Asked;
        let count = self.arrivals.count.to_string();
        let words = Words {
            summary: self.wording.with("app-arrived", &[("count", &count)]),
            open: self.wording.text("app-arrived-show"),
        };
        Task::run(self.arrivals.desktop.show(words, replaces), Message::Notified)
    }

    /// What became of the word on the desktop.
    pub(super) fn notified(&mut self, told: Told) -> Task<Message> {
        let notice = self.arrivals.notice;
        match told {
            Told::Shown(number) if notice == Notice::Asked => self.arrivals.notice = Notice::Shown(number),
            // somebody looks, or the mail was closed, before the desktop had answered
            Told::Shown(number) if notice != Notice::Shown(number) => return self.take_back(number),
            Told::Pressed(number) if notice == Notice::Shown(number) => {
                return Task::batch([
                    window::minimize(self.main, false),
                    window::gain_focus(self.main),
                    self.forget_arrivals(),
                ]);
            }
            Told::Gone(number) if notice == Notice::Shown(number) => self.arrivals.notice = Notice::None,
            Told::Nowhere if notice == Notice::Asked => {
                self.arrivals.notice = Notice::None;
                let attention = Some(window::UserAttention::Informational);
                return window::request_user_attention(self.main, attention);
            }
            _ => {}
        }
        Task::none()
    }

    /// A window of ours got or lost the keyboard.
    pub(super) fn focused(&mut self, window: window::Id, is_focused: bool) -> Task<Message> {
        if is_focused {
            self.focused = window;
            self.arrivals.focused = Some(window);
            return self.forget_arrivals();
        }
        self.arrivals.focused.take_if(|focused| *focused == window);
        Task::none()
    }

    /// Somebody looks, or the mail is closed: nothing is left to say.
    pub(super) fn forget_arrivals(&mut self) -> Task<Message> {
        if std::mem::take(&mut self.arrivals.count) == 0 {
            return Task::none();
        }
        let calm = window::request_user_attention(self.main, None);
        match std::mem::take(&mut self.arrivals.notice) {
            Notice::Shown(number) => Task::batch([calm, self.take_back(number)]),
            Notice::None | Notice::Asked => calm,
        }
    }

    fn take_back(&self, number: u32) -> Task<Message> {
        Task::future(self.arrivals.desktop.clone().withdraw(number)).discard()
    }
}

#[cfg(all(test, feature = "gui-test"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::Stage;
    use super::super::tests::opened;
    use super::*;

    /// The program with two unread letters that came while nobody looked, and the word on the desktop.
    fn told() -> App {
        let mut app = opened();
        let _ = app.arrived(Ok(2));
        assert_eq!(app.arrivals.notice, Notice::Asked);
        let _ = app.notified(Told::Shown(5));
        assert_eq!(app.arrivals.notice, Notice::Shown(5));
        app
    }

    #[test]
    fn nothing_is_said_to_who_looks_or_does_not_want_it_or_has_read_it_elsewhere() {
        let mut app = opened();
        let _ = app.arrived(Ok(0));
        assert_eq!(app.arrivals.notice, Notice::None, "read elsewhere");
        let main = app.main;
        let _ = app.focused(main, true);
        let _ = app.arrived(Ok(1));
        assert_eq!(app.arrivals.notice, Notice::None, "somebody looks");
        let _ = app.focused(window::Id::unique(), false);
        let _ = app.arrived(Ok(1));
        assert_eq!(app.arrivals.notice, Notice::None, "another window lost the keyboard, not this one");
        let _ = app.focused(main, false);
        app.preferences.notify = false;
        assert_eq!(app.mail_came(&[MessageId(1)]).units(), 0, "not wanted");
        app.preferences.notify = true;
        assert_eq!(app.mail_came(&[MessageId(1)]).units(), 1);
    }

    #[test]
    fn the_word_goes_when_somebody_looks_and_when_the_mail_is_closed() {
        let mut app = told();
        let main = app.main;
        let _ = app.focused(main, true);
        assert_eq!((app.arrivals.notice, app.arrivals.count), (Notice::None, 0));
        let mut app = told();
        let _ = app.lock();
        assert_eq!((app.arrivals.notice, app.arrivals.count), (Notice::None, 0));
        // the desktop answers after that: what it shows is taken back, and stands for nothing
        let taken_back = app.notified(Told::Shown(9));
        assert_eq!(taken_back.units(), 1);
        assert_eq!(app.arrivals.notice, Notice::None);
        let pressed = app.notified(Told::Pressed(9));
        assert_eq!(pressed.units(), 0, "a press on it opens nothing");
        assert!(matches!(app.stage, Stage::Gate(_)));
    }

    #[test]
    fn more_mail_takes_the_place_of_the_word_that_is_there() {
        let mut app = told();
        let _ = app.arrived(Ok(1));
        assert_eq!((app.arrivals.notice, app.arrivals.count), (Notice::Asked, 3));
        let _ = app.arrived(Ok(1));
        let _ = app.notified(Told::Shown(5));
        assert_eq!((app.arrivals.notice, app.arrivals.count), (Notice::Shown(5), 4));
        let _ = app.notified(Told::Gone(4));
        assert_eq!(app.arrivals.notice, Notice::Shown(5));
        let _ = app.notified(Told::Gone(5));
        assert_eq!(app.arrivals.notice, Notice::None);
    }
}
