//! The choice of a file in a window of ours, where the system has no dialog.

use iced::{Task, window};

use super::{App, Message};
use crate::gui::platform::Question;
use crate::gui::screen::file_choice::{self, FileChoice, Step};

impl App {
    /// Shows the question in the window the user is in; one at a time, the others count as given up.
    pub(super) fn ask_file(&mut self, question: Question) -> Task<Message> {
        if self.choice.is_some() {
            return Task::none();
        }
        let (choice, task) = FileChoice::new(question, FileChoice::usual_folders());
        let window = if self.letters.contains_key(&self.focused) { self.focused } else { self.main };
        self.choice = Some((window, choice));
        Task::batch([task.map(Message::Choice), window::gain_focus(window)])
    }

    pub(super) fn choice_message(&mut self, message: file_choice::Message) -> Task<Message> {
        match self.choice.as_mut().map(|(_, choice)| choice.update(message)) {
            Some(Step::Run(task)) => task.map(Message::Choice),
            Some(Step::Done) => {
                self.choice = None;
                Task::none()
            }
            None => Task::none(),
        }
    }

    /// The choice that is open in a window.
    pub(super) fn choice_in(&self, window: window::Id) -> Option<&FileChoice> {
        self.choice.as_ref().filter(|(place, _)| *place == window).map(|(_, choice)| choice)
    }
}
