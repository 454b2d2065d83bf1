//! Printing, and the dialog that writes and reads files of messages.

use iced::Task;

use super::{App, Message};
use crate::domain::id::MessageId;
use crate::engine::{Engine, Error, Printable};
use crate::gui::platform::{self, Printed};
use crate::gui::screen::mailbox::saving;
use crate::gui::screen::transfer::{self, Purpose, Transfer};
use crate::gui::screen::{Action, Notice};
use crate::wording::{Language, Wording};

impl App {
    /// Opens the dialog; one that is at work stays.
    pub(super) fn transfer(&mut self, purpose: Purpose) -> Task<Message> {
        if self.session.is_some() && !self.transfer.as_ref().is_some_and(Transfer::is_running) {
            self.transfer = Some(Transfer::new(purpose));
        }
        Task::none()
    }

    pub(super) fn transfer_message(&mut self, session: u32, message: transfer::Message) -> Task<Message> {
        let language = self.wording.language();
        // an answer to a session that is closed must not reach another one
        let Some(transfer) = self.transfer.as_mut().filter(|_| session == self.session_number) else {
            return Task::none();
        };
        match transfer.update(&self.engine, language, message) {
            Action::Close => {
                self.transfer = None;
                Task::none()
            }
            action => self.act(self.main, action, move |message| Message::Transfer(session, message)),
        }
    }

    pub(super) fn print(&mut self, id: MessageId, document: Option<usize>) -> Task<Message> {
        let work = printed(self.engine.clone(), self.wording.language(), id, document);
        let told = self.tell(Notice::Done("notice-print-prepared"));
        Task::batch([told, self.of_session(Task::perform(work, Message::Printed))])
    }

    pub(super) fn was_printed(&mut self, result: Result<Option<&'static str>, Error>) -> Task<Message> {
        match result {
            Ok(None) => {
                self.notice = None;
                Task::none()
            }
            Ok(Some(key)) => self.tell(Notice::Done(key)),
            Err(error) => self.tell(Notice::Failed(error)),
        }
    }
}

/// By the system's dialog; where there is none, to a file of the user's choice. The key of what is to be said.
async fn printed(
    engine: Engine,
    language: Language,
    id: MessageId,
    document: Option<usize>,
) -> Result<Option<&'static str>, Error> {
    let wording = Wording::new(language);
    let (name, pdf) = match engine.printable(id, document).await? {
        Printable::Pdf { name, bytes } => (name, bytes),
        Printable::Paper(paper) => {
            let sheet = wording.sheet(&paper);
            (wording.print_name(&sheet, &paper), engine.print(sheet).await?)
        }
    };
    match platform::print(name.clone(), pdf.clone()).await {
        Printed::Sent => return Ok(Some("notice-printed")),
        Printed::Cancelled => return Ok(None),
        Printed::NoDialog => {}
    }
    let asked = platform::save_file(wording.text("print-save"), format!("{name}.pdf")).await;
    let Some(path) = asked else { return Ok(None) };
    let written = tokio::task::spawn_blocking(move || saving::write(&path, &pdf, true)).await;
    let failed = |error: std::io::Error| Error::from(error);
    written.map_err(std::io::Error::other).map_err(failed)?.map_err(|e| failed(std::io::Error::other(e)))?;
    Ok(Some("notice-print-saved"))
}
