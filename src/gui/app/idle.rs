//! Nobody at the desk: after some minutes without key or mouse, and with the computer itself, the session is locked.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use iced::{Event, Subscription, Task, event, keyboard, mouse};

use super::{App, Message, Stage};
use crate::gui::platform::SystemLock;

/// When somebody last touched key or mouse, in any window. Shared and not a message: a mouse that moves must not make
/// every window be drawn anew.
static TOUCHED: LazyLock<Mutex<Instant>> = LazyLock::new(|| Mutex::new(Instant::now()));

/// A touch since the last look, which is taken every 20 seconds.
const RECENT: Duration = Duration::from_secs(30);

fn touch() {
    *TOUCHED.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
}

/// Notes every touch; says nothing.
pub(super) fn touches() -> Subscription<Message> {
    event::listen_with(|event, _, _| {
        let by_hand = matches!(
            event,
            Event::Keyboard(keyboard::Event::KeyPressed { .. })
                | Event::Mouse(
                    mouse::Event::CursorMoved { .. }
                        | mouse::Event::ButtonPressed(_)
                        | mouse::Event::WheelScrolled { .. }
                )
                | Event::Touch(_)
        );
        if by_hand {
            touch();
        }
        None
    })
}

impl App {
    /// Locks a session that was left alone for as long as the user allows. Called every 20 seconds.
    pub(super) fn lock_when_idle(&mut self) -> Task<Message> {
        let touched = *TOUCHED.lock().unwrap_or_else(PoisonError::into_inner);
        if touched.elapsed() < RECENT {
            self.engine.user_is_active();
        }
        self.lock_after(touched.elapsed())
    }

    /// Locks with the computer: the screen first, then drafts, connections and the store. A sleep waits until the store
    /// is closed, or as long as the system lets it.
    pub(super) fn system_lock(&mut self, lock: SystemLock) -> Task<Message> {
        let locking = if matches!(self.stage, Stage::Open(_)) { self.lock() } else { Task::none() };
        match lock {
            SystemLock::Locked => locking,
            SystemLock::Sleeping(delay) => locking.chain(Task::future(async move { drop(delay) }).discard()),
        }
    }

    fn lock_after(&mut self, idle: Duration) -> Task<Message> {
        let allowed = Duration::from_secs(u64::from(self.preferences.idle_minutes.clamp(5, 120)) * 60);
        if matches!(self.stage, Stage::Open(_)) && idle >= allowed { self.lock() } else { Task::none() }
    }
}

#[cfg(all(test, feature = "gui-test"))]
mod tests {
    use super::super::tests::opened;
    use super::*;

    #[test]
    fn a_session_left_alone_is_locked_and_not_before_its_time() {
        let mut app = opened();
        app.preferences.idle_minutes = 15;
        let _ = app.lock_after(Duration::from_secs(15 * 60 - 1));
        assert!(matches!(app.stage, Stage::Open(_)));
        let _ = app.lock_after(Duration::from_secs(15 * 60));
        assert!(matches!(app.stage, Stage::Gate(_)));
    }

    #[test]
    fn a_locked_computer_and_a_sleep_blank_the_screen_at_once() {
        use crate::gui::platform::Delay;
        for lock in [SystemLock::Locked, SystemLock::Sleeping(Delay::default())] {
            let mut app = opened();
            let _ = app.system_lock(lock.clone());
            assert!(matches!(app.stage, Stage::Gate(_)), "before anything is waited for");
            assert!(app.session.is_none() && app.letters.is_empty());
            let number = app.session_number;
            let _ = app.system_lock(lock);
            assert_eq!(app.session_number, number, "locked already");
        }
    }

    #[test]
    fn a_settings_file_cannot_switch_the_lock_off() {
        let mut app = opened();
        app.preferences.idle_minutes = u32::MAX;
        let _ = app.lock_after(Duration::from_secs(120 * 60));
        assert!(matches!(app.stage, Stage::Gate(_)));
    }
}
