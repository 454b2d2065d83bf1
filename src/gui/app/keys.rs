//! Keys and windows as messages.

use std::time::Duration;

use iced::event::{self, Event, Status};
use iced::keyboard::{self, Key, Modifiers, key::Named};
use iced::widget::operation;
use iced::{Subscription, Task, window};

use super::{App, Message};
use crate::engine::close_to_others;
use crate::gui::shortcut::command_of;

/// From the first picture to the end of what the interface asks the desktop at its start.
const SETTLED: Duration = Duration::from_secs(1);

/// A key that was pressed.
#[derive(Debug, Clone)]
pub(super) struct Pressed {
    pub(super) key: Key,
    pub(super) modifiers: Modifiers,
}

/// Keys no widget took. Those with Ctrl are commands even while typing: text fields mark every key as theirs.
pub(super) fn pressed() -> Subscription<Message> {
    event::listen_with(|event, status, window| match event {
        Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. }) => {
            let is_command =
                modifiers.command() || matches!(key, Key::Named(Named::F1 | Named::F3 | Named::F5));
            (status == Status::Ignored || is_command)
                .then_some(Message::Key(window, Pressed { key, modifiers }))
        }
        _ => None,
    })
}

/// What happens to windows.
pub(super) fn windows() -> Subscription<Message> {
    event::listen_with(|event, _, window| match event {
        Event::Window(
            event @ (window::Event::Opened { .. }
            | window::Event::Focused
            | window::Event::Resized(_)
            | window::Event::CloseRequested
            | window::Event::Closed
            | window::Event::Unfocused
            | window::Event::FileDropped(_)),
        ) => Some(Message::Window(window, event)),
        _ => None,
    })
}

impl App {
    pub(super) fn key(&mut self, window: window::Id, pressed: &Pressed) -> Task<Message> {
        if matches!(pressed.key, Key::Named(Named::Tab)) && !pressed.modifiers.command() {
            return if pressed.modifiers.shift() {
                operation::focus_previous()
            } else {
                operation::focus_next()
            };
        }
        match command_of(&pressed.key, pressed.modifiers) {
            Some(command) => self.command(window, command),
            None => self.note_copy(pressed),
        }
    }

    pub(super) fn window_event(&mut self, window: window::Id, event: &window::Event) -> Task<Message> {
        match event {
            window::Event::Opened { .. } if window == self.main => shut_the_door(),
            window::Event::Resized(size) => self.resized(window, *size),
            window::Event::CloseRequested => self.close_requested(window),
            window::Event::Closed => self.closed(window),
            window::Event::Focused => self.focused(window, true),
            window::Event::Unfocused => self.focused(window, false),
            window::Event::FileDropped(path) => self.dropped(window, path.clone()),
            _ => Task::none(),
        }
    }

    fn resized(&mut self, window: window::Id, size: iced::Size) -> Task<Message> {
        self.sizes.insert(window, size);
        if window == self.main {
            self.preferences.window = (size.width, size.height);
        } else if self.letters.contains_key(&window) {
            self.preferences.composer = (size.width, size.height);
        }
        Task::none()
    }

    fn close_requested(&mut self, window: window::Id) -> Task<Message> {
        if window == self.main { self.quit() } else { self.close_letter(window) }
    }

    fn closed(&mut self, window: window::Id) -> Task<Message> {
        self.sizes.remove(&window);
        self.letters.remove(&window);
        self.choice.take_if(|(place, _)| *place == window);
        self.focused(window, false)
    }
}

/// Closes the process to other programs once the desktop has said which theme it has: it asks who wants to know, and
/// nothing here is secret yet.
fn shut_the_door() -> Task<Message> {
    Task::future(async {
        tokio::time::sleep(SETTLED).await;
        close_to_others();
    })
    .discard()
}
