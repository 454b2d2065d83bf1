//! Windows: what it tells a window of the session (`WM_WTSSESSION_CHANGE`) and of the computer's sleep
//! (`WM_POWERBROADCAST`).

use std::cell::RefCell;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use futures::Stream;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use windows_sys::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows_sys::Win32::System::LibraryLoader::GetModuleHandleW;
use windows_sys::Win32::System::Power::RegisterSuspendResumeNotification;
use windows_sys::Win32::System::RemoteDesktop::{NOTIFY_FOR_THIS_SESSION, WTSRegisterSessionNotification};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DEVICE_NOTIFY_WINDOW_HANDLE, DefWindowProcW, DispatchMessageW, GetMessageW, MSG,
    PBT_APMSUSPEND, RegisterClassW, WM_POWERBROADCAST, WM_WTSSESSION_CHANGE, WNDCLASSW, WS_OVERLAPPED,
    WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOCK,
};
use windows_sys::w;

use super::{Delay, SystemLock};

/// The session is locked, or another user or machine has taken the screen.
const LEFT: [u32; 3] = [WTS_SESSION_LOCK, WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT];
/// Windows sleeps two seconds after `PBT_APMSUSPEND`, whatever a program does.
const LONGEST_DELAY: Duration = Duration::from_millis(1800);

thread_local! {
    static TOLD: RefCell<Option<UnboundedSender<SystemLock>>> = const { RefCell::new(None) };
}

pub(super) fn system_locks() -> impl Stream<Item = SystemLock> {
    let (told, heard) = unbounded();
    let started = std::thread::Builder::new().name("system-lock".into()).spawn(move || {
        TOLD.set(Some(told));
        if let Err(error) = listen() {
            tracing::warn!(%error, "the system's lock is not heard");
        }
    });
    if let Err(error) = started {
        tracing::warn!(%error, "the system's lock is not heard");
    }
    heard
}

/// Runs a window nobody sees until the program ends. Not a message-only one: those are not told of a sleep.
#[allow(unsafe_code)]
fn listen() -> std::io::Result<()> {
    let class = w!("EstafetteSystemLock");
    // SAFETY: texts and structures live longer than the calls they are passed to, the null pointers are allowed by the
    // functions' documentation, and window and loop belong to this thread
    unsafe {
        let instance = GetModuleHandleW(null());
        let description = WNDCLASSW {
            lpfnWndProc: Some(hear),
            hInstance: instance,
            lpszClassName: class,
            ..Default::default()
        };
        if RegisterClassW(&description) == 0 {
            return Err(std::io::Error::last_os_error());
        }
        let (nobody, no_menu) = (null_mut(), null_mut());
        let window =
            CreateWindowExW(0, class, class, WS_OVERLAPPED, 0, 0, 0, 0, nobody, no_menu, instance, null());
        if window.is_null() {
            return Err(std::io::Error::last_os_error());
        }
        // each is of use without the other
        if WTSRegisterSessionNotification(window, NOTIFY_FOR_THIS_SESSION) == 0 {
            let error = std::io::Error::last_os_error();
            tracing::warn!(%error, "the session's lock is not heard");
        }
        // Windows tells of a sleep without being asked too, but not where it sleeps connected
        if RegisterSuspendResumeNotification(window, DEVICE_NOTIFY_WINDOW_HANDLE) == 0 {
            let error = std::io::Error::last_os_error();
            tracing::info!(%error, "a connected sleep is not heard");
        }
        let mut message = MSG::default();
        while GetMessageW(&mut message, null_mut(), 0, 0) > 0 {
            DispatchMessageW(&message);
        }
    }
    Ok(())
}

/// Called by Windows with the messages of the window, on the window's thread.
#[allow(unsafe_code)]
unsafe extern "system" fn hear(window: HWND, message: u32, what: WPARAM, more: LPARAM) -> LRESULT {
    let code = u32::try_from(what).unwrap_or(u32::MAX);
    match message {
        WM_WTSSESSION_CHANGE if LEFT.contains(&code) => tell(SystemLock::Locked),
        WM_POWERBROADCAST if code == PBT_APMSUSPEND => {
            let (delay, over) = channel::<()>();
            tell(SystemLock::Sleeping(Delay(Some(Arc::new(delay)))));
            // nothing is ever sent: it ends when the delay is dropped
            let _ = over.recv_timeout(LONGEST_DELAY);
        }
        _ => {}
    }
    // SAFETY: the arguments are those Windows gave
    unsafe { DefWindowProcW(window, message, what, more) }
}

fn tell(lock: SystemLock) {
    TOLD.with_borrow(|told| {
        if let Some(told) = told {
            let _ = told.unbounded_send(lock);
        }
    });
}

#[cfg(test)]
#[allow(clippy::unwrap_used, unsafe_code, reason = "tests; Windows is asked and told with values of its own")]
mod tests {
    use std::time::Instant;

    use futures::StreamExt as _;
    use futures::executor::block_on;
    use windows_sys::Win32::UI::WindowsAndMessaging::{
        FindWindowW, IsWindowVisible, SendMessageW, WTS_SESSION_UNLOCK,
    };

    use super::*;

    fn window() -> usize {
        let start = Instant::now();
        loop {
            let window = unsafe { FindWindowW(w!("EstafetteSystemLock"), null()) };
            if !window.is_null() {
                assert_eq!(unsafe { IsWindowVisible(window) }, 0);
                return window as usize;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "no window");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn a_locked_session_and_a_sleep_are_heard_and_the_sleep_waits_for_us() {
        let mut heard = Box::pin(system_locks());
        let window = window();
        let send = move |message: u32, code: u32| {
            std::thread::spawn(move || unsafe { SendMessageW(window as HWND, message, code as WPARAM, 0) })
        };
        send(WM_WTSSESSION_CHANGE, WTS_SESSION_UNLOCK).join().unwrap();
        for code in LEFT {
            send(WM_WTSSESSION_CHANGE, code).join().unwrap();
            assert!(matches!(block_on(heard.next()), Some(SystemLock::Locked)), "{code}");
        }
        let answered = send(WM_POWERBROADCAST, PBT_APMSUSPEND);
        let told = block_on(heard.next()).unwrap();
        assert!(matches!(told, SystemLock::Sleeping(_)));
        assert!(!answered.is_finished(), "Windows waits while the delay is held");
        drop(told);
        answered.join().unwrap();
        // held for ever, it does not keep the computer awake
        let answered = send(WM_POWERBROADCAST, PBT_APMSUSPEND);
        let told = block_on(heard.next());
        answered.join().unwrap();
        assert!(matches!(told, Some(SystemLock::Sleeping(_))));
    }
}
