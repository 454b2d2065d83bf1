//! What differs between systems: dialogs of files, opening a file with its program, words on the desktop, windows'
//! identity.

mod dialog;
mod lock;
mod notification;
mod print;

pub use dialog::{Question, Wanted, pick_file, pick_files, pick_folder, questions, save_file};
pub use lock::{Delay, IS_TOLD, SystemLock, system_locks};
pub use notification::{Desktop, Told, Words};
pub use print::{Printed, print};

use std::path::Path;
use std::process::{Command, Stdio};

/// Name windows and desktop entries share.
pub const APPLICATION: &str = "estafette";

/// Opens a file with the program the system has for it. The path is one argument, never a command line.
///
/// # Errors
/// When the system's opener cannot be started.
pub fn open_file(path: &Path) -> std::io::Result<()> {
    let (program, first): (&str, Option<&str>) = if cfg!(target_os = "windows") {
        ("rundll32", Some("url.dll,FileProtocolHandler"))
    } else if cfg!(target_os = "macos") {
        ("open", None)
    } else {
        ("xdg-open", None)
    };
    let mut command = Command::new(program);
    command.args(first).arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map(drop)
}

/// A window of ours.
pub fn window(size: iced::Size) -> iced::window::Settings {
    let settings = iced::window::Settings {
        size,
        min_size: Some(iced::Size::new(720.0, 480.0)),
        position: iced::window::Position::Centered,
        exit_on_close_request: false,
        ..iced::window::Settings::default()
    };
    #[cfg(target_os = "linux")]
    let settings = iced::window::Settings {
        platform_specific: iced::window::settings::PlatformSpecific {
            application_id: APPLICATION.to_owned(),
            ..Default::default()
        },
        ..settings
    };
    settings
}
