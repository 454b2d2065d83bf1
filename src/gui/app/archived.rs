//! The dialog of archived messages.

use iced::Task;

use super::{App, Message};
use crate::gui::screen::Action;
use crate::gui::screen::archived::{self, Archived};

impl App {
    /// Opens the dialog on a search.
    pub(super) fn search_archive(&mut self, query: String) -> Task<Message> {
        if self.session.is_none() {
            return Task::none();
        }
        let (dialog, action) = Archived::new(&self.engine, query);
        self.archived = Some(dialog);
        self.archived_act(action)
    }

    pub(super) fn archived_message(&mut self, session: u32, message: archived::Message) -> Task<Message> {
        let language = self.wording.language();
        // an answer to a session that is closed must not reach another one
        let Some(dialog) = self.archived.as_mut().filter(|_| session == self.session_number) else {
            return Task::none();
        };
        let action = dialog.update(&self.engine, language, message);
        self.archived_act(action)
    }

    /// Escape in the dialog.
    pub(super) fn archived_back(&mut self) -> Task<Message> {
        let action = self.archived.as_mut().map_or(Action::None, Archived::leave);
        self.archived_act(action)
    }

    fn archived_act(&mut self, action: Action<archived::Message>) -> Task<Message> {
        let session = self.session_number;
        match action {
            Action::Close => {
                self.archived = None;
                Task::none()
            }
            action => self.act(self.main, action, move |message| Message::Archived(session, message)),
        }
    }
}
