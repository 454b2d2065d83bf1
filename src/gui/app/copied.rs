//! What was copied from the mail does not stay on the clipboard when the mail is closed.
//!
//! Only what was copied here is taken away: it is known by a digest, and anything else on the clipboard stays. What a
//! program that keeps a history of the clipboard has taken down is out of reach.

use std::hash::{BuildHasher, RandomState};

use iced::keyboard::Key;
use iced::{Task, clipboard};

use super::keys::Pressed;
use super::{App, Message, Stage};

/// The last text copied while mail was open.
#[derive(Default)]
pub(super) struct Copied {
    state: RandomState,
    digest: Option<u64>,
}

impl Copied {
    fn note(&mut self, text: &str) {
        self.digest = (!text.is_empty()).then(|| self.state.hash_one(text));
    }

    /// Whether this is what was copied, which is forgotten with that.
    fn take(&mut self, text: &str) -> bool {
        self.digest.take_if(|digest| *digest == self.state.hash_one(text)).is_some()
    }
}

impl App {
    pub(super) fn copy_text(&mut self, text: String) -> Task<Message> {
        if matches!(self.stage, Stage::Open(_)) {
            self.copied.note(&text);
        }
        clipboard::write(text)
    }

    /// Fields and pages copy by themselves at the keys for it: what is on the clipboard after them came from here.
    pub(super) fn note_copy(&self, pressed: &Pressed) -> Task<Message> {
        let Key::Character(letter) = &pressed.key else { return Task::none() };
        let copies =
            pressed.modifiers.command() && ["c", "x"].iter().any(|key| letter.eq_ignore_ascii_case(key));
        if !copies || !matches!(self.stage, Stage::Open(_)) {
            return Task::none();
        }
        clipboard::read().map(Message::Copied)
    }

    pub(super) fn was_copied(&mut self, text: Option<String>) -> Task<Message> {
        if matches!(self.stage, Stage::Open(_)) {
            self.copied.note(&text.unwrap_or_default());
            return Task::none();
        }
        // the mail was closed meanwhile
        clipboard::write(String::new())
    }

    /// Empties the clipboard if it still holds what was copied here.
    pub(super) fn empty_clipboard(&mut self) -> Task<Message> {
        let mut copied = std::mem::take(&mut self.copied);
        if copied.digest.is_none() {
            return Task::none();
        }
        clipboard::read().then(move |text| match text {
            Some(text) if copied.take(&text) => clipboard::write(String::new()),
            _ => Task::none(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_copied_here_is_taken_from_the_clipboard() {
        let mut copied = Copied::default();
        assert!(!copied.take(""), "nothing was copied");
        copied.note("Mme Petit, 12/03/1961");
        assert!(!copied.take("another program's text"));
        assert!(copied.take("Mme Petit, 12/03/1961"));
        assert!(!copied.take("Mme Petit, 12/03/1961"), "once");
        copied.note("");
        assert!(!copied.take(""));
    }
}
