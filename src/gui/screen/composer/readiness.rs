//! What stands in the way of sending, in the order a user mends it.

use super::{Composer, attaching};
use crate::domain::address::EmailAddress;
use crate::domain::draft::Problem;
use crate::gui::screen::mailbox::Standing;

/// A reason why the message cannot leave yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// Nobody to send to.
    NoRecipient,
    /// Text in a recipient field that is no address.
    Unfinished(String),
    /// The annuaire has not answered about somebody.
    Checking,
    /// A recipient outside the trust space, neither removed nor kept on purpose.
    Outside(EmailAddress),
    /// A recipient whose domain the white list does not hold: nothing can be sent there.
    Barred(EmailAddress),
    /// No subject, not confirmed.
    NoSubject,
    /// Neither text nor file.
    Empty,
    /// More than operators take.
    TooLarge,
}

impl Composer {
    /// Reasons not to send yet; empty means ready.
    pub fn obstacles(&self) -> Vec<Obstacle> {
        let problems = self.to_draft_without_files().problems();
        let mut obstacles = Vec::new();
        let typed = [&self.to, &self.cc, &self.bcc].map(|line| line.typed.trim());
        obstacles.extend(
            typed.iter().filter(|text| !text.is_empty()).map(|text| Obstacle::Unfinished((*text).to_owned())),
        );
        if problems.contains(&Problem::NoRecipient) && obstacles.is_empty() {
            obstacles.push(Obstacle::NoRecipient);
        }
        if self.chips().any(|chip| chip.standing == Standing::Asked) || self.awaits_kinds() {
            obstacles.push(Obstacle::Checking);
        }
        let outside = self.chips().filter(|chip| chip.blocks());
        obstacles.extend(outside.map(|chip| {
            let address = chip.recipient.address.clone();
            if chip.is_barred() { Obstacle::Barred(address) } else { Obstacle::Outside(address) }
        }));
        if problems.contains(&Problem::NoSubject) && !self.no_subject_allowed {
            obstacles.push(Obstacle::NoSubject);
        }
        if problems.contains(&Problem::Empty) && self.attachments.is_empty() {
            obstacles.push(Obstacle::Empty);
        }
        if self.size() > attaching::LIMIT {
            obstacles.push(Obstacle::TooLarge);
        }
        obstacles
    }

    /// Bytes of the message as sent, headers left out.
    pub(super) fn size(&self) -> u64 {
        let files = self.attachments.iter().map(|file| attaching::encoded(file.content.len() as u64));
        files.sum::<u64>() + self.body.text().len() as u64
    }

    /// The draft for its checks, without copying files on every frame.
    fn to_draft_without_files(&self) -> crate::domain::draft::Draft {
        crate::domain::draft::Draft {
            to: self.to.recipients(),
            cc: self.cc.recipients(),
            bcc: self.bcc.recipients(),
            subject: self.subject.clone(),
            body: self.body.text(),
            ..crate::domain::draft::Draft::new(self.account)
        }
    }
}
