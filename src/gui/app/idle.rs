//! Nobody at the desk: after some minutes without key or mouse, and with the computer itself, the session is locked.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use iced::{Event, Subscription, Task, event, keyboard, mouse};

use super::{App, Message, Stage};
use crate::gui::platform::SystemLock;

/// When somebody last touched key or mouse, in any window. Shared and not a message: a mouse that moves must not make
/// every window be drawn anew.
static TOUCHED: LazyLock<Mutex<Touch>> = LazyLock::new(|| Mutex::new(Touch::now()));

/// One moment by two clocks: that of the process stands still while the computer sleeps, on a system that tells nobody of
/// its sleep too; the other can be set.
#[derive(Clone, Copy)]
struct Touch {
    at: Instant,
    on_the_wall: SystemTime,
}

impl Touch {
    fn now() -> Self {
        Self { at: Instant::now(), on_the_wall: SystemTime::now() }
    }

    /// The longer one: a lock too many harms nobody.
    fn elapsed(self, now: Self) -> Duration {
        let on_the_wall = now.on_the_wall.duration_since(self.on_the_wall).unwrap_or_default();
        now.at.saturating_duration_since(self.at).max(on_the_wall)
    }
}

/// A touch since the last look, which is taken every 20 seconds.
const RECENT: Duration = Duration::from_secs(30);

fn touch() {
    *TOUCHED.lock().unwrap_or_else(PoisonError::into_inner) = Touch::now();
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
        let idle = touched.elapsed(Touch::now());
        if idle < RECENT {
            self.engine.user_is_active();
        }
        self.lock_after(idle)
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
    fn time_asleep_counts_and_a_clock_that_is_set_back_does_not_keep_a_session_open() {
        let touched = Touch::now();
        let later = |by_process: u64, on_the_wall: i64| {
            let moved = Duration::from_secs(on_the_wall.unsigned_abs());
            let wall = touched.on_the_wall;
            let on_the_wall = if on_the_wall < 0 { wall - moved } else { wall + moved };
            Touch { at: touched.at + Duration::from_secs(by_process), on_the_wall }
        };
        assert_eq!(touched.elapsed(later(5, 3600)), Duration::from_secs(3600), "an hour asleep");
        assert_eq!(touched.elapsed(later(900, -3600)), Duration::from_secs(900), "the clock was set back");
        assert_eq!(touched.elapsed(touched), Duration::ZERO);
    }

    #[test]
    fn a_settings_file_cannot_switch_the_lock_off() {
        let mut app = opened();
        app.preferences.idle_minutes = u32::MAX;
        let _ = app.lock_after(Duration::from_secs(120 * 60));
        assert!(matches!(app.stage, Stage::Gate(_)));
    }
}
