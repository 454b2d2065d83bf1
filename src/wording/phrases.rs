//! The sentences that become part of messages.

use super::Wording;
use crate::domain::message::{Envelope, split_subject};
use crate::engine::Phrases;

impl Wording {
    fn day_of(&self, envelope: &Envelope) -> String {
        envelope.date.map(|date| self.day(date)).unwrap_or_default()
    }
}

impl Phrases for Wording {
    fn reply(&self, original: &Envelope) -> String {
        let who = original.from.first().map(|m| m.label()).unwrap_or_default();
        self.with("reply-attribution", &[("day", &self.day_of(original)), ("who", who)])
    }

    fn forward(&self, original: &Envelope) -> String {
        let who = original.from.first().map(|m| m.label()).unwrap_or_default();
        let (subject, _) = split_subject(&original.subject);
        [
            self.text("forward-introduction"),
            self.with("forward-from", &[("who", who)]),
            self.with("forward-date", &[("day", &self.day_of(original))]),
            self.with("forward-subject", &[("subject", &subject)]),
        ]
        .join("\n")
    }
}
