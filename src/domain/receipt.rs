//! What becomes of a message after the server took it: delivery reports (RFC 3464) and read receipts (RFC 8098).

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::address::EmailAddress;

/// What a notice says of one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptKind {
    /// In the mailbox, or handed to a system that sends no reports ("remis").
    Delivered,
    /// Displayed to somebody ("lu"): no proof that it was understood.
    Read,
    /// Not delivered yet; the mail system keeps trying.
    Delayed,
    /// Will not be delivered ("non remis").
    Failed,
    /// Arrived, but the recipient's software could not take its documents in ("KO Intégration" of hospital platforms).
    Rejected,
}

/// Who wrote a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeSource {
    /// A mail system, about delivery.
    MailSystem,
    /// The recipient, who agreed to it.
    Reader,
    /// The recipient's software, by itself.
    Automaton,
}

/// One recipient in a notice, as written by a stranger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeStatus {
    /// Addresses that name the recipient: the one it was sent to first, where given, then the one it came to.
    pub addresses: Vec<String>,
    /// What happened.
    pub kind: ReceiptKind,
    /// `5.1.1` (RFC 3463), or the platform's number such as `902`; empty when not given.
    pub code: String,
    /// Their words, one line; empty when not given.
    pub reason: String,
}

/// A notice about a message somebody sent, read as far as it can be; nothing in it is believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who claims to have written it.
    pub source: NoticeSource,
    /// Address in From.
    pub from: String,
    /// Envelope identifier of the original, which Estafette sets to its Message-ID.
    pub envelope_id: Option<String>,
    /// Message-ID of the original without angle brackets.
    pub message_id: Option<String>,
    /// When it says it was written.
    pub date: Option<UnixTime>,
    /// Recipients it speaks of.
    pub statuses: Vec<NoticeStatus>,
}

/// One believed fact about one recipient of a sent message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The recipient, as the message was addressed.
    pub address: EmailAddress,
    /// What happened.
    pub kind: ReceiptKind,
    /// When, as far as known.
    pub at: UnixTime,
    /// See [`NoticeStatus::code`].
    pub code: String,
    /// See [`NoticeStatus::reason`].
    pub reason: String,
}

/// Something that went wrong after the server took the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// [`ReceiptKind::Delayed`], [`ReceiptKind::Failed`] or [`ReceiptKind::Rejected`].
    pub kind: ReceiptKind,
    /// When.
    pub at: UnixTime,
    /// See [`NoticeStatus::code`].
    pub code: String,
    /// See [`NoticeStatus::reason`].
    pub reason: String,
}

/// What notices told of one recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// Delivered at.
    pub delivered: Option<UnixTime>,
    /// Displayed at.
    pub read: Option<UnixTime>,
    /// What went wrong: a failure rather than a delay, and no delay once it is settled.
    pub problem: Option<Problem>,
}

impl FollowUp {
    /// Takes one more fact in. The order does not matter, except that the later of two failures is shown.
    pub fn add(&mut self, kind: ReceiptKind, at: UnixTime, code: String, reason: String) {
        match kind {
            ReceiptKind::Delivered => self.delivered = Some(at),
            ReceiptKind::Read => self.read = Some(at),
            ReceiptKind::Delayed | ReceiptKind::Failed | ReceiptKind::Rejected => {
                let rank = |kind: ReceiptKind, at| (kind != ReceiptKind::Delayed, at);
                if self.problem.as_ref().is_none_or(|p| rank(p.kind, p.at) <= rank(kind, at)) {
                    self.problem = Some(Problem { kind, at, code, reason });
                }
            }
        }
        let arrived = self.delivered.is_some() || self.read.is_some();
        self.problem.take_if(|p| p.kind == ReceiptKind::Delayed && arrived);
    }

    /// It failed for good: the user should know.
    pub fn has_failed(&self) -> bool {
        self.problem.as_ref().is_some_and(|p| p.kind != ReceiptKind::Delayed)
    }
}

impl Notice {
    /// What to believe of it about a message sent to `recipients` at `sent`, once the caller found the message by
    /// [`Self::envelope_id`] or [`Self::message_id`]. A mail system speaks of any recipient of the message, but no
    /// recipient speaks as a mail system. A receipt counts for its own sender only, except that the automaton of a
    /// hospital platform may answer from another address of the same domain.
    pub fn receipts(&self, sent: UnixTime, now: UnixTime, recipients: &[EmailAddress]) -> Vec<Receipt> {
        let find = |text: &str| recipients.iter().find(|r| r.as_str().eq_ignore_ascii_case(text));
        let writer = find(&self.from);
        let at = self.date.filter(|date| (sent..=now).contains(date)).unwrap_or(now);
        let believed = |named: &EmailAddress| match (self.source, writer) {
            (NoticeSource::MailSystem, writer) => writer.is_none(),
            (_, Some(writer)) => writer == named,
            (NoticeSource::Automaton, None) => {
                self.from.rsplit_once('@').is_some_and(|(_, d)| d.eq_ignore_ascii_case(named.domain()))
            }
            (NoticeSource::Reader, None) => false,
        };
        let receipt = |status: &NoticeStatus| {
            let named = status.addresses.iter().find_map(|address| find(address));
            let named = named.filter(|named| believed(named))?;
            let (code, reason) = (status.code.clone(), status.reason.clone());
            Some(Receipt { address: named.clone(), kind: status.kind, at, code, reason })
        };
        self.statuses.iter().filter_map(receipt).collect()
    }
}
