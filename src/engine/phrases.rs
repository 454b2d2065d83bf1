//! The few sentences that become part of a message: the engine asks for them, the programs word them.

use crate::domain::message::Envelope;

/// Sentences of the user's language.
pub trait Phrases: Send + Sync {
    /// The line above the quoted text of an answer.
    fn reply(&self, original: &Envelope) -> String;
    /// The lines above a forwarded message.
    fn forward(&self, original: &Envelope) -> String;
}

/// Without words: before a program has set its own.
pub(super) struct Silent;

impl Phrases for Silent {
    fn reply(&self, _original: &Envelope) -> String {
        String::new()
    }

    fn forward(&self, _original: &Envelope) -> String {
        String::new()
    }
}
