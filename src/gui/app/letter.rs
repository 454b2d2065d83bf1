//! A composer window, with the annuaire beside it when asked for.

use iced::Task;
use iced::widget::{container, row};

use crate::domain::draft::{Draft, Recipient};
use crate::domain::id::DraftId;
use crate::engine::{Engine, Event};
use crate::gui::screen::{Action, Context, annuaire, composer};
use crate::gui::shortcut::Command;
use crate::gui::widget::untaken;
use crate::gui::{Element, ui};

/// What happens there.
#[derive(Debug, Clone)]
pub(super) enum Message {
    Composer(composer::Message),
    Panel(annuaire::Message),
}

pub(super) struct Letter {
    composer: composer::Composer,
    panel: Option<annuaire::Annuaire>,
}

impl Letter {
    pub(super) fn new(engine: &Engine, id: Option<DraftId>, draft: Draft) -> (Self, Task<Message>) {
        let (composer, task) = composer::Composer::new(engine, id, draft);
        (Self { composer, panel: None }, task.map(Message::Composer))
    }

    pub(super) fn focus(&self) -> Task<Message> {
        self.composer.focus().map(Message::Composer)
    }

    pub(super) fn subject(&self) -> &str {
        self.composer.subject()
    }

    /// What is shown, for [`super::trace`].
    pub(super) fn trace(&self) -> String {
        self.composer.trace()
    }

    pub(super) fn to_draft(&self) -> (Option<DraftId>, Draft) {
        (self.composer.draft_id(), self.composer.to_draft())
    }

    pub(super) fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Composer(message) => self.composer.update(engine, message).map(Message::Composer),
            Message::Panel(message) => {
                let Some(panel) = &mut self.panel else { return Action::None };
                match panel.update(engine, message) {
                    // the panel closes itself, not the window it is in
                    Action::Close => {
                        self.panel = None;
                        Action::None
                    }
                    action => action.map(Message::Panel),
                }
            }
        }
    }

    pub(super) fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        let mut actions = vec![self.composer.on_event(engine, event).map(Message::Composer)];
        if let Some(panel) = &mut self.panel {
            actions.push(panel.on_event(engine, event).map(Message::Panel));
        }
        Action::Many(actions)
    }

    pub(super) fn on_command(&mut self, engine: &Engine, command: Command) -> Action<Message> {
        match command {
            Command::Back if self.panel.is_some() => {
                self.panel = None;
                Action::None
            }
            _ => self.composer.on_command(engine, command).map(Message::Composer),
        }
    }

    /// Shows the panel, or hides it when there is nothing new to look for.
    pub(super) fn toggle_panel(&mut self, engine: &Engine, query: String) -> Task<Message> {
        if self.panel.is_some() && query.is_empty() {
            self.panel = None;
            return Task::none();
        }
        let (panel, task) = open_panel(engine, query);
        self.panel = Some(panel);
        task.map(Message::Panel)
    }

    pub(super) fn add(&mut self, engine: &Engine, recipients: Vec<Recipient>) -> Action<Message> {
        self.composer.update(engine, composer::Message::Add(recipients)).map(Message::Composer)
    }

    pub(super) fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let composer = self.composer.view(context).map(Message::Composer);
        match &self.panel {
            None => composer,
            Some(panel) => row![composer, beside(context, panel.view(context).map(Message::Panel))].into(),
        }
    }
}

/// A panel of the annuaire with its field focused.
pub(super) fn open_panel(engine: &Engine, query: String) -> (annuaire::Annuaire, Task<annuaire::Message>) {
    let (mut panel, task) = if query.is_empty() {
        annuaire::Annuaire::new(engine)
    } else {
        annuaire::Annuaire::searching(engine, query)
    };
    let focus = match panel.on_command(engine, Command::Search) {
        Action::Run(focus) => focus,
        _ => Task::none(),
    };
    (panel, task.chain(focus))
}

/// A panel at the right of a window.
pub(super) fn beside<'a, Message: 'a>(
    context: Context<'a>,
    panel: Element<'a, Message>,
) -> Element<'a, Message> {
    let look = context.look;
    let width = look.px(400.0).min(context.window.width * 0.5);
    row![
        ui::vertical_divider(look),
        container(untaken(panel)).width(width).height(iced::Length::Fill).style(ui::panel(look))
    ]
    .into()
}
