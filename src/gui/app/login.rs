//! The dialog that adds a mailbox or logs in to one again, and the strip that asks for it.

use iced::Task;

use super::{App, Message};
use crate::domain::account::AuthMethod;
use crate::engine::{AccountHealth, Connection, Error};
use crate::gui::screen::Action;
use crate::gui::screen::login::{self, Login, Purpose};

impl App {
    /// Opens the dialog.
    pub(super) fn log_in(&mut self, purpose: Purpose) -> Task<Message> {
        if self.session.is_none() {
            return Task::none();
        }
        let (login, task) = Login::new(&self.engine, purpose, self.wording.psc_page());
        self.login = Some(login);
        let number = self.session_number;
        task.map(move |message| Message::Login(number, message))
    }

    pub(super) fn login_message(&mut self, session: u32, message: login::Message) -> Task<Message> {
        // an answer to a session that is closed must not reach another one
        let Some(login) = self.login.as_mut().filter(|_| session == self.session_number) else {
            return Task::none();
        };
        match login.update(&self.engine, message) {
            Action::Close => {
                self.login = None;
                self.read_health()
            }
            action => self.act(self.main, action, move |message| Message::Login(session, message)),
        }
    }

    /// Escape: a step back, or away.
    pub(super) fn login_back(&mut self) -> Task<Message> {
        self.login_message(self.session_number, login::Message::Back)
    }
}

/// What an account waits for that a person can give, and the key of its text.
pub(super) fn wanted(account: &AccountHealth) -> Option<(&Error, Purpose, &'static str)> {
    let Connection::Waiting(error) = &account.connection else { return None };
    let (purpose, key) = match (account.auth, error.code()) {
        (AuthMethod::Psc, "psc-login-needed") => (Purpose::Psc, "login-strip-psc"),
        (AuthMethod::Psc, "psc-ended" | "psc-other-person" | "psc-refused") => {
            (Purpose::Psc, "login-strip-psc-again")
        }
        (AuthMethod::Password, "login-refused" | "no-password") => {
            (Purpose::Means(account.id), "login-strip-password")
        }
        (
            AuthMethod::Certificate,
            "no-certificate" | "certificate-password" | "certificate-over" | "organisation-refused",
        ) => (Purpose::Means(account.id), "login-strip-certificate"),
        _ => return None,
    };
    Some((error, purpose, key))
}
