//! The main window while mail is open: the screens of its places, and the annuaire beside them.

use iced::Length;
use iced::Task;
use iced::widget::{container, row};

use super::letter::{beside, open_panel};
use crate::domain::id::AccountId;
use crate::engine::{Engine, Event};
use crate::gui::preferences::Preferences;
use crate::gui::screen::{
    Action, Context, Place, Target, annuaire, mailbox, patients, sendings, settings, trouble,
};
use crate::gui::shortcut::Command;
use crate::gui::{Element, ui};

/// What happens there.
#[derive(Debug, Clone)]
pub(super) enum Message {
    Mailbox(mailbox::Message),
    Patients(patients::Message),
    Sendings(sendings::Message),
    Page(annuaire::Message),
    Panel(annuaire::Message),
    Settings(settings::Message),
    Trouble(trouble::Message),
}

pub(super) struct Desk {
    place: Place,
    mailbox: mailbox::Mailbox,
    patients: patients::Patients,
    sendings: sendings::Sendings,
    page: annuaire::Annuaire,
    panel: Option<annuaire::Annuaire>,
    settings: settings::Settings,
    trouble: trouble::Trouble,
}

impl Desk {
    pub(super) fn new(engine: &Engine, preferences: &Preferences) -> (Self, Task<Message>) {
        let (mut mailbox, mailbox_task) = mailbox::Mailbox::new(engine);
        mailbox.begin_grouped(preferences.conversations);
        let (patients, patients_task) = patients::Patients::new(engine);
        let (sendings, sendings_task) = sendings::Sendings::new(engine);
        let (page, page_task) = annuaire::Annuaire::new(engine);
        let (settings, settings_task) = settings::Settings::new(engine, preferences);
        let (trouble, trouble_task) = trouble::Trouble::new(engine, false);
        let task = Task::batch([
            mailbox_task.map(Message::Mailbox),
            patients_task.map(Message::Patients),
            sendings_task.map(Message::Sendings),
            page_task.map(Message::Page),
            settings_task.map(Message::Settings),
            trouble_task.map(Message::Trouble),
        ]);
        let place = Place::Mailbox;
        (Self { place, mailbox, patients, sendings, page, panel: None, settings, trouble }, task)
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn account(&self) -> Option<AccountId> {
        self.mailbox.account()
    }

    /// Where the user is in the mail.
    pub(super) fn bookmark(&self) -> mailbox::Bookmark {
        self.mailbox.bookmark()
    }

    /// Shows the mail where the user was.
    pub(super) fn go_back(&mut self, bookmark: mailbox::Bookmark) {
        self.mailbox.go_back(bookmark);
    }

    /// What is shown, for [`super::trace`].
    pub(super) fn trace(&self) -> String {
        self.mailbox.trace()
    }

    /// Sendings that need the user.
    pub(super) fn needing_attention(&self) -> u32 {
        u32::try_from(self.sendings.needing_attention()).unwrap_or(u32::MAX)
    }

    /// Mentions that wait for somebody to say whose they are.
    pub(super) fn unattached(&self) -> u32 {
        self.patients.waiting()
    }

    /// Shows something of another place than the one that leads there.
    pub(super) fn show(&mut self, engine: &Engine, target: Target) -> Action<Message> {
        match target {
            Target::Patient(id) => {
                self.place = Place::Patients;
                self.patients.open(engine, id).map(Message::Patients)
            }
            Target::Mention(id) => {
                self.place = Place::Patients;
                self.patients.attach(engine, id).map(Message::Patients)
            }
            Target::Message(folder, id) => {
                self.place = Place::Mailbox;
                self.mailbox.show_message(engine, folder, id).map(Message::Mailbox)
            }
        }
    }

    pub(super) fn preferences_changed(&mut self, preferences: &Preferences) {
        self.settings.preferences_changed(preferences);
    }

    pub(super) fn update(&mut self, engine: &Engine, message: Message) -> Action<Message> {
        match message {
            Message::Mailbox(message) => self.mailbox.update(engine, message).map(Message::Mailbox),
            Message::Patients(message) => self.patients.update(engine, message).map(Message::Patients),
            Message::Sendings(message) => self.sendings.update(engine, message).map(Message::Sendings),
            Message::Page(message) => self.page.update(engine, message).map(Message::Page),
            Message::Panel(message) => self.panel_message(engine, message),
            Message::Settings(message) => self.settings.update(engine, message).map(Message::Settings),
            Message::Trouble(message) => self.trouble.update(engine, message).map(Message::Trouble),
        }
    }

    fn panel_message(&mut self, engine: &Engine, message: annuaire::Message) -> Action<Message> {
        match self.panel.as_mut().map(|panel| panel.update(engine, message)) {
            Some(Action::Close) => {
                self.panel = None;
                Action::None
            }
            Some(action) => action.map(Message::Panel),
            None => Action::None,
        }
    }

    pub(super) fn on_event(&mut self, engine: &Engine, event: &Event) -> Action<Message> {
        let mut actions = vec![
            self.mailbox.on_event(engine, event).map(Message::Mailbox),
            self.patients.on_event(engine, event).map(Message::Patients),
            self.sendings.on_event(engine, event).map(Message::Sendings),
            self.page.on_event(engine, event).map(Message::Page),
            self.settings.on_event(engine, event).map(Message::Settings),
            self.trouble.on_event(engine, event).map(Message::Trouble),
        ];
        if let Some(panel) = &mut self.panel {
            actions.push(panel.on_event(engine, event).map(Message::Panel));
        }
        Action::Many(actions)
    }

    pub(super) fn on_command(&mut self, engine: &Engine, command: Command) -> Action<Message> {
        // elsewhere there is only one thing to look in
        let command = match command {
            Command::Find if self.place != Place::Mailbox => Command::Search,
            command => command,
        };
        match (command, self.place) {
            (Command::Back, _) if self.panel.is_some() => {
                self.panel = None;
                Action::None
            }
            (_, Place::Annuaire) => self.page.on_command(engine, command).map(Message::Page),
            (_, Place::Patients) => self.patients.on_command(engine, command).map(Message::Patients),
            (Command::Search, _) => {
                self.place = Place::Mailbox;
                self.mailbox.on_command(engine, command).map(Message::Mailbox)
            }
            (_, Place::Mailbox) => self.mailbox.on_command(engine, command).map(Message::Mailbox),
            (_, Place::Sendings) => self.sendings.on_command(engine, command).map(Message::Sendings),
            (_, Place::Settings | Place::Trouble) => Action::None,
        }
    }

    /// Draws the page or picture on screen larger, smaller or as wide as the reader; `None` where there is none.
    pub(super) fn zoom(&mut self, engine: &Engine, step: Option<bool>) -> Option<Action<Message>> {
        let reads = self.place == Place::Mailbox;
        reads.then(|| self.mailbox.zoom(engine, step)).flatten().map(|action| action.map(Message::Mailbox))
    }

    /// Shows a place; the diagnosis is read again each time.
    pub(super) fn go(&mut self, engine: &Engine, place: Place) -> Action<Message> {
        self.place = place;
        match place {
            Place::Trouble => self.trouble.update(engine, trouble::Message::Refresh).map(Message::Trouble),
            Place::Patients => self.patients.on_command(engine, Command::Search).map(Message::Patients),
            Place::Annuaire => {
                self.panel = None;
                self.page.on_command(engine, Command::Search).map(Message::Page)
            }
            _ => Action::None,
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

    /// What is looked at again and again while it is under way.
    pub(super) fn subscription(&self) -> iced::Subscription<Message> {
        self.settings.subscription().map(Message::Settings)
    }

    pub(super) fn view<'a>(&'a self, context: Context<'a>) -> Element<'a, Message> {
        let with_panel = context;
        let context = Context { follows_keys: self.panel.is_none(), ..context };
        let page = match self.place {
            Place::Mailbox => self.mailbox.view(context).map(Message::Mailbox),
            Place::Patients => self.patients.view(context).map(Message::Patients),
            Place::Annuaire => self.page.view(context).map(Message::Page),
            Place::Sendings => self.sendings.view(context).map(Message::Sendings),
            Place::Settings => self.settings.view(context).map(Message::Settings),
            Place::Trouble => self.trouble.view(context).map(Message::Trouble),
        };
        let page =
            container(page).width(Length::Fill).height(Length::Fill).style(ui::background(context.look));
        match &self.panel {
            None => page.into(),
            Some(panel) => row![page, beside(with_panel, panel.view(with_panel).map(Message::Panel))].into(),
        }
    }
}
