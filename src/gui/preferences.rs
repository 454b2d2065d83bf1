//! What the user chose about the program itself, in one small file of the profile.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::theme::TextSize;
use crate::domain::directory::MIRROR;
use crate::wording::Language;

/// Name of the file in the profile.
const FILE: &str = "settings.json";
/// Largest file read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// What the system says.
    #[default]
    System,
}

/// The choices. Fields missing in a file take their default; fields of a newer version are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Language; the system's when `None`.
    pub language: Option<Language>,
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Text size.
    pub text_size: TextSize,
    /// Folders are shown by conversations.
    pub conversations: bool,
    /// PKCS#11 module; found by itself when `None`.
    pub module: Option<PathBuf>,
    /// Seconds in which a sending can be taken back (0 to 30).
    pub send_delay: u32,
    /// Minutes without key or mouse after which the session is locked (5 to 120).
    pub idle_minutes: u32,
    /// The desktop is told of mail that comes while no window of the program has the keyboard.
    pub notify: bool,
    /// Where the annuaire was last loaded from, when from the internet.
    pub annuaire_url: String,
    /// Size of the main window in logical pixels.
    pub window: (f32, f32),
    /// Size of a composer window in logical pixels.
    pub composer: (f32, f32),
    /// A session was opened once on this profile: the first-start texts are over.
    pub has_started: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: None,
            theme: ThemeChoice::default(),
            text_size: TextSize::default(),
            conversations: false,
            module: None,
            send_delay: 5,
            idle_minutes: 15,
            notify: true,
            annuaire_url: MIRROR.to_owned(),
            window: (1280.0, 800.0),
            composer: (960.0, 720.0),
            has_started: false,
        }
    }
}

/// The file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk or the folder refused.
    #[error("settings not written")]
    Write(#[from] std::io::Error),
    /// The values could not be written as JSON.
    #[error("settings not encoded")]
    Encode(#[from] serde_json::Error),
}

impl Preferences {
    /// Reads the profile's file; an absent or unreadable one gives the defaults: nothing in it is worth refusing to
    /// start for.
    pub fn read(profile: &Path) -> Self {
        let path = profile.join(FILE);
        let is_small = fs::metadata(&path).is_ok_and(|meta| meta.len() <= LARGEST);
        let text = if is_small { fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        let mut preferences: Self = serde_json::from_str(&text).unwrap_or_default();
        preferences.send_delay = preferences.send_delay.min(30);
        let sane = |(w, h): (f32, f32), or| if (320.0..16_000.0).contains(&w.min(h)) { (w, h) } else { or };
        preferences.window = sane(preferences.window, Self::default().window);
        preferences.composer = sane(preferences.composer, Self::default().composer);
        preferences
    }

    /// Writes the profile's file whole or not at all.
    ///
    /// # Errors
    /// When the folder cannot be made or the file not be written.
    pub fn write(&self, profile: &Path) -> Result<(), Error> {
        fs::create_dir_all(profile)?;
        let mut file = tempfile::NamedTempFile::new_in(profile)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.as_file().sync_all()?;
        file.persist(profile.join(FILE)).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let chosen = Preferences {
            language: Some(Language::English),
            theme: ThemeChoice::Dark,
            text_size: TextSize::Larger,
            send_delay: 20,
            notify: false,
            ..Preferences::default()
        };
        chosen.write(dir.path()).unwrap();
        assert_eq!(Preferences::read(dir.path()), chosen);
        chosen.write(dir.path()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_damaged_file_gives_the_defaults() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "{\"send_delay\": 10, ").unwrap();
        assert_eq!(Preferences::read(dir.path()), Preferences::default());
        fs::write(dir.path().join(FILE), "{\"send_delay\": 900, \"window\": [1, 2], \"future\": true}")
            .unwrap();
        let read = Preferences::read(dir.path());
        assert_eq!(read.send_delay, 30);
        assert_eq!(read.window, (1280.0, 800.0));
    }
}
