//! macOS: the distributed notifications of the login window and the screen saver, and the workspace's of a sleep. All are
//! delivered by the main thread's loop, which is the windows'.

use std::ffi::c_void;
use std::ptr::{NonNull, null};
use std::sync::{Mutex, Once, PoisonError};

use block2::RcBlock;
use futures::Stream;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use objc2_app_kit::{NSWorkspace, NSWorkspaceWillSleepNotification};
use objc2_core_foundation::{CFDictionary, CFNotificationCenter, CFNotificationSuspensionBehavior, CFString};
use objc2_foundation::NSNotification;

use super::{Delay, SystemLock};

/// The session is locked; the screen saver covers it.
const LEFT: [&str; 2] = ["com.apple.screenIsLocked", "com.apple.screensaver.didstart"];

static TOLD: Mutex<Option<UnboundedSender<SystemLock>>> = Mutex::new(None);

pub(super) fn system_locks() -> impl Stream<Item = SystemLock> {
    static LISTENING: Once = Once::new();
    let (told, heard) = unbounded();
    *TOLD.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
    LISTENING.call_once(listen);
    heard
}

#[allow(unsafe_code)]
fn listen() {
    match CFNotificationCenter::distributed_center() {
        None => tracing::warn!("the system's lock is not heard"),
        Some(center) => {
            for name in LEFT {
                // at once: by default a program in the background is told when it comes to the front
                let at_once = CFNotificationSuspensionBehavior::DeliverImmediately;
                // SAFETY: a null observer and object are allowed and mean this callback and any sender; the callback is
                // a function, which is always there
                unsafe {
                    let name = CFString::from_str(name);
                    center.add_observer(null(), Some(locked), Some(&name), null(), at_once);
                }
            }
        }
    }
    // the sleep is not held up: the loop that closes the session is the one that waits here
    let sleeps = RcBlock::new(|_: NonNull<NSNotification>| tell(SystemLock::Sleeping(Delay::default())));
    let center = NSWorkspace::sharedWorkspace().notificationCenter();
    // SAFETY: the block captures nothing, so any thread may run it; the name is a constant of the system's; without a
    // queue it runs where the notification is posted
    let observer = unsafe {
        center.addObserverForName_object_queue_usingBlock(
            Some(NSWorkspaceWillSleepNotification),
            None,
            None,
            &sleeps,
        )
    };
    // observed until the program ends
    std::mem::forget(observer);
}

/// Called by the system; the arguments are not looked at.
#[allow(unsafe_code)]
unsafe extern "C-unwind" fn locked(
    _: *mut CFNotificationCenter,
    _: *mut c_void,
    _: *const CFString,
    _: *const c_void,
    _: *const CFDictionary,
) {
    tell(SystemLock::Locked);
}

fn tell(lock: SystemLock) {
    if let Some(told) = &*TOLD.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = told.unbounded_send(lock);
    }
}
