//! What differs between systems: dialogs of files, opening a file with its program, windows' identity, the profile's
//! place.

mod lock;
mod print;

pub use lock::{Delay, IS_TOLD, SystemLock, system_locks};
pub use print::{Printed, print};

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::engine::open_to_others;

/// Name windows and desktop entries share.
pub const APPLICATION: &str = "estafette";

/// Lets the user choose one file to read.
pub async fn pick_file(title: String) -> Option<PathBuf> {
    let _visit = open_to_others();
    let dialog = rfd::AsyncFileDialog::new().set_title(title);
    dialog.pick_file().await.map(|file| file.path().to_owned())
}

/// Lets the user choose files to read.
pub async fn pick_files(title: String) -> Vec<PathBuf> {
    let _visit = open_to_others();
    let dialog = rfd::AsyncFileDialog::new().set_title(title);
    let files = dialog.pick_files().await.unwrap_or_default();
    files.iter().map(|file| file.path().to_owned()).collect()
}

/// Lets the user choose a folder.
pub async fn pick_folder(title: String) -> Option<PathBuf> {
    let _visit = open_to_others();
    let dialog = rfd::AsyncFileDialog::new().set_title(title);
    dialog.pick_folder().await.map(|folder| folder.path().to_owned())
}

/// Lets the user choose where to write a file.
pub async fn save_file(title: String, name: String) -> Option<PathBuf> {
    let _visit = open_to_others();
    let dialog = rfd::AsyncFileDialog::new().set_title(title).set_file_name(name);
    dialog.save_file().await.map(|file| file.path().to_owned())
}

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
