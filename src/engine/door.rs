//! Memory holds mail, keys and for a moment a PIN: no other program of the same user may look into it.
//!
//! Linux: a process that is not dumpable (prctl(2)) is nobody's but the administrator's: no debugger attaches, nothing of
//! it in `/proc` is read. The desktop's portals, which show the dialogs of files and of printing, find out there who is
//! asking (`/proc/PID/root`; github.com/flatpak/xdg-desktop-portal issues 785 and 1490) and refuse otherwise: they are
//! let in while such a dialog is asked for. Other systems have no such door: on macOS a signed program with a hardened
//! runtime is closed, on Windows a program of the same user can always look.

use std::sync::{Mutex, PoisonError};

struct Door {
    is_closed: bool,
    visits: u32,
}

static DOOR: Mutex<Door> = Mutex::new(Door { is_closed: false, visits: 0 });

/// Closes this process to other programs of its user, from now on.
pub fn close_to_others() {
    change(|door| door.is_closed = true);
}

/// Opens it to them while the visit exists.
pub fn open_to_others() -> Visit {
    change(|door| door.visits = door.visits.saturating_add(1));
    Visit(())
}

/// Somebody may look in.
#[must_use = "the door closes when the visit ends"]
pub struct Visit(());

impl Drop for Visit {
    fn drop(&mut self) {
        change(|door| door.visits = door.visits.saturating_sub(1));
    }
}

fn change(change: impl FnOnce(&mut Door)) {
    let mut door = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
    let was_closed = door.is_closed && door.visits == 0;
    change(&mut door);
    let is_closed = door.is_closed && door.visits == 0;
    if is_closed != was_closed {
        set(is_closed);
    }
}

#[cfg(target_os = "linux")]
fn set(is_closed: bool) {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    let behaviour = if is_closed { DumpableBehavior::NotDumpable } else { DumpableBehavior::Dumpable };
    if let Err(error) = set_dumpable_behavior(behaviour) {
        tracing::warn!(%error, is_closed, "the process could not be closed to others, or opened");
    }
}

#[cfg(not(target_os = "linux"))]
fn set(_is_closed: bool) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, dumpable_behavior};

    use super::*;

    #[test]
    fn attack_54_the_door_opens_for_visits_only() {
        let is_closed = || dumpable_behavior().unwrap() == DumpableBehavior::NotDumpable;
        drop(open_to_others());
        assert!(!is_closed(), "nobody has closed it yet");
        close_to_others();
        assert!(is_closed());
        let (first, second) = (open_to_others(), open_to_others());
        assert!(!is_closed());
        drop(first);
        assert!(!is_closed(), "one is still there");
        drop(second);
        assert!(is_closed());
        change(|door| door.is_closed = false);
    }
}
