//! For measuring: says when the first usable list is on the screen.

use std::path::PathBuf;
use std::time::Instant;

use iced::{Subscription, window};

use super::Message;

/// Where to say it, and how far it is.
pub(super) struct Ready {
    file: Option<PathBuf>,
    started: Instant,
    // frames asked for since the list has rows: at the second one the first has been painted
    frames: Option<u32>,
}

impl Ready {
    pub(super) fn new(file: Option<PathBuf>, started: Instant) -> Self {
        Self { file, started, frames: None }
    }

    /// The list has its rows.
    pub(super) fn listed(&mut self) {
        if self.file.is_some() && self.frames.is_none() {
            self.frames = Some(0);
        }
    }

    pub(super) fn subscription(&self) -> Subscription<Message> {
        match self.frames {
            Some(_) => window::frames().map(|_| Message::Tick),
            None => Subscription::none(),
        }
    }

    /// A frame begins.
    pub(super) fn frame(&mut self) {
        let Some(frames) = &mut self.frames else { return };
        *frames += 1;
        if *frames < 2 {
            return;
        }
        self.frames = None;
        if let Some(file) = self.file.take() {
            let elapsed = self.started.elapsed().as_millis().to_string();
            if let Err(error) = std::fs::write(file, elapsed) {
                tracing::warn!(%error, "ready file not written");
            }
        }
    }
}
