//! The main window while nothing is open: first start or lock screen, with the diagnosis over it.

use iced::Task;

use crate::engine::{Engine, Event};
use crate::gui::Element;
use crate::gui::screen::{Action, Context, trouble, welcome};

/// What happens there.
#[derive(Debug, Clone)]
pub(super) enum Message {
    Welcome(welcome::Message),
    Trouble(trouble::Message),
}

pub(super) struct Gate {
    pub(super) welcome: welcome::Welcome,
    trouble: Option<trouble::Trouble>,
}

impl Gate {
    pub(super) fn new(engine: &Engine, is_first: bool) -> (Self, Task<Message>) {
        let (welcome, task) = welcome::Welcome::new(engine, is_first);
        (Self { welcome, trouble: None }, task.map(Message::Welcome))
    }

    pub(super) fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match (message, &mut self.trouble) {
            (Message::Welcome(message), _) => self.welcome.update(engine, message).map(Message::Welcome),
            (Message::Trouble(message), Some(trouble)) => {
                trouble.update(engine, message).map(Message::Trouble)
            }
            (Message::Trouble(_), None) => Action::None,
        }
    }

    pub(super) fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        let mut actions = vec![self.welcome.on_event(engine, event).map(Message::Welcome)];
        if let Some(trouble) = &mut self.trouble {
            actions.push(trouble.on_event(engine, event).map(Message::Trouble));
        }
        Action::Many(actions)
    }

    pub(super) fn show_trouble(&mut self, engine: &Engine) -> Task<Message> {
        let (trouble, task) = trouble::Trouble::new(engine, true);
        self.trouble = Some(trouble);
        task.map(Message::Trouble)
    }

    pub(super) fn leave_trouble(&mut self) {
        self.trouble = None;
    }

    pub(super) fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        match &self.trouble {
            Some(trouble) => trouble.view(context).map(Message::Trouble),
            None => self.welcome.view(context).map(Message::Welcome),
        }
    }
}
