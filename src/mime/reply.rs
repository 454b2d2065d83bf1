//! Drafts that answer or forward a message. Sentences for people ("Le … a écrit :") are the caller's.

use std::collections::HashSet;

use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::draft::{Draft, DraftAttachment, Origin, Recipient};
use crate::domain::id::AccountId;
use crate::domain::message::{Envelope, MessageView, split_subject};

/// Prefixes of replies and forwards met in French and English mail, compared in lower case.
const REPLY_PREFIXES: &[&str] = &["re:", "re :", "ré:", "ré :", "rép:", "rép :"];
const FORWARD_PREFIXES: &[&str] = &["tr:", "tr :", "fwd:", "fw:", "fwd :", "fw :"];

/// A draft that answers `original`: to Reply-To, else From; with `all`, also to everyone in To and Cc; never to one of
/// `own`, unless nobody else is left (an answer to one's own sent message goes to its recipients). `attribution` gives
/// the line above the quoted text.
pub fn reply(
    original: &MessageView,
    all: bool,
    own: &[EmailAddress],
    account: AccountId,
    attribution: &dyn Fn(&Envelope) -> String,
) -> Draft {
    let envelope = &original.envelope;
    let is_own = |a: &EmailAddress| own.iter().any(|o| o.as_str().eq_ignore_ascii_case(a.as_str()));
    let asked = if envelope.reply_to.is_empty() { &envelope.from } else { &envelope.reply_to };
    let sent_by_me = envelope.from.iter().filter_map(address).any(|a| is_own(&a));
    let mut taken = HashSet::new();
    let mut pick = |list: &[Mailbox], keep_own: bool| -> Vec<Recipient> {
        list.iter()
            .filter_map(|m| address(m).map(|a| Recipient { name: m.name.clone(), address: a }))
            .filter(|r| keep_own || !is_own(&r.address))
            .filter(|r| taken.insert(r.address.as_str().to_lowercase()))
            .collect()
    };
    let mut to = if sent_by_me { pick(&envelope.to, false) } else { pick(asked, false) };
    let mut cc = Vec::new();
    if all {
        if !sent_by_me {
            to.extend(pick(&envelope.to, false));
        }
        cc = pick(&envelope.cc, false);
    }
    if to.is_empty() && cc.is_empty() {
        to = pick(asked, true);
    }
    Draft {
        to,
        cc,
        subject: prefixed("Re: ", REPLY_PREFIXES, &envelope.subject),
        body: format!("\n\n{}\n{}", attribution(envelope), quoted(&original.text)),
        origin: Origin::Reply(original.row.id),
        ..Draft::new(account)
    }
}

/// A draft that forwards `original` with its `attachments`; `introduction` gives the lines above the text.
pub fn forward(
    original: &MessageView,
    attachments: Vec<DraftAttachment>,
    account: AccountId,
    introduction: &dyn Fn(&Envelope) -> String,
) -> Draft {
    Draft {
        subject: prefixed("Tr: ", FORWARD_PREFIXES, &original.envelope.subject),
        body: format!("\n\n{}\n\n{}", introduction(&original.envelope), original.text),
        attachments,
        origin: Origin::Forward(original.row.id),
        ..Draft::new(account)
    }
}

fn address(mailbox: &Mailbox) -> Option<EmailAddress> {
    EmailAddress::parse(&mailbox.address).ok()
}

/// The subject with one prefix. The XDM form is left to XDM messages: an answer carries no archive, so its subject
/// keeps the label and the patient in clear order without the marker.
fn prefixed(prefix: &str, known: &[&str], subject: &str) -> String {
    let (label, patient) = split_subject(subject);
    let subject = match patient {
        None => label,
        Some(p) => {
            let date = p.birth_date.map(|d| format!(" {d}")).unwrap_or_default();
            format!("{label} {}{date}", p.name)
        }
    };
    let lower = subject.to_lowercase();
    if known.iter().any(|k| lower.starts_with(k)) { subject } else { format!("{prefix}{subject}") }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    for line in text.trim_end().lines() {
        // an already quoted line gets one more mark and no space between marks
        out.push_str(if line.starts_with('>') { ">" } else { "> " });
        out.push_str(line);
        out.push('\n');
    }
    out
}
