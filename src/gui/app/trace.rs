//! For tests that drive the whole program from outside: one line for each picture, in words that name screens, states
//! and counts, never what a message, an address or a person says.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use iced::Task;

use super::letter::Letter;
use super::{App, Message, Stage};

/// Where to say it, and what was said last.
pub(super) struct Trace {
    file: Option<File>,
    last: String,
}

impl Trace {
    pub(super) fn new(path: Option<&Path>) -> Self {
        let open = |path: &Path| OpenOptions::new().create(true).append(true).open(path);
        let file = path.and_then(|path| {
            open(path).inspect_err(|error| tracing::warn!(%error, "trace file not opened")).ok()
        });
        Self { file, last: String::new() }
    }

    fn say(&mut self, line: String) {
        let Some(file) = &mut self.file else { return };
        if line == self.last {
            return;
        }
        if let Err(error) = writeln!(file, "{line}") {
            tracing::warn!(%error, "trace file not written");
            self.file = None;
        }
        self.last = line;
    }
}

impl App {
    /// One update, told to who watches from outside.
    pub(super) fn step(&mut self, message: Message) -> Task<Message> {
        let task = self.update(message);
        if self.trace.file.is_some() {
            let line = self.picture();
            self.trace.say(line);
        }
        task
    }

    fn picture(&self) -> String {
        let mut words = match &self.stage {
            Stage::Gate(gate) => gate.welcome.trace(),
            Stage::Open(desk) => {
                let place = format!("{:?}", desk.place()).to_lowercase();
                format!("{place} session={} {}", self.session_number, desk.trace())
            }
        };
        for letter in self.letters.values() {
            words.push(' ');
            words.push_str(&Letter::trace(letter));
        }
        words
    }
}
