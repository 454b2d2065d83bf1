//! Notices about sent messages: delivery reports (RFC 3464) and read receipts (RFC 8098).

mod answer;
mod field;

use mail_parser::PartType;

use super::envelope::Fields;
use super::part::media_type;
use super::source::{Source, View};
use crate::domain::receipt::{Notice, NoticeSource, NoticeStatus, ReceiptKind};
use field::{Group, groups, identifier, one_line};

pub use answer::{ReceiptWords, build_receipt};

/// Most parts of a report that are looked at; RFC 6522 has three.
const MAX_PARTS: usize = 20;
/// Most bytes of one part that are read.
const MAX_PART: usize = 256 << 10;
/// Most recipients read in one notice.
const MAX_RECIPIENTS: usize = 500;

/// What a message says of an earlier one; `None` for anything but a report that names its original. Never fails.
pub fn notice(raw: &[u8]) -> Option<Notice> {
    notice_of_source(&Source::of(raw))
}

/// As [`notice`] of what may be decoded in part.
pub fn notice_of_source(source: &Source<'_>) -> Option<Notice> {
    source.view(|view| view.ok().and_then(|view| of_view(&view)))
}

fn of_view(view: &View<'_, '_>) -> Option<Notice> {
    // what is sealed is a document, no notice
    if view.sealed.is_some() {
        return None;
    }
    let (raw, message) = (view.text, view.message);
    let fields = Fields(message);
    let root = message.parts.first().filter(|_| fields.is_report())?;
    let PartType::Multipart(children) = &root.body else { return None };
    let envelope = fields.envelope();
    let mut found: Option<Notice> = None;
    let mut original = None;
    for id in children.iter().take(MAX_PARTS) {
        let Some(part) = message.parts.get(*id as usize) else { continue };
        let content = view.content(part);
        let content = content.get(..MAX_PART).unwrap_or(&content);
        match media_type(part).as_str() {
            "message/delivery-status" | "message/global-delivery-status" => {
                found = found.or_else(|| delivery(content));
            }
            "message/disposition-notification" | "message/global-disposition-notification" => {
                found = found.or_else(|| disposition(content));
            }
            "message/rfc822" | "message/global" | "text/rfc822-headers" | "message/global-headers" => {
                original = original.or_else(|| groups(content, 1).first()?.get("message-id").map(identifier));
            }
            _ => {}
        }
    }
    let mut notice = found?;
    // a delivery report leaves from nobody (RFC 3464 §2): one with a return address was written by a person
    let returned = groups(raw.get(..MAX_PART).unwrap_or(raw), 1)
        .first()
        .and_then(|g| g.get("return-path").map(identifier));
    if notice.source == NoticeSource::MailSystem && returned.is_some_and(|path| !path.is_empty()) {
        return None;
    }
    notice.message_id = notice.message_id.or(original).filter(|id| !id.is_empty());
    notice.from = envelope.from.into_iter().next().map(|from| from.address).unwrap_or_default();
    notice.date = envelope.date;
    let names_original = notice.message_id.is_some() || notice.envelope_id.is_some();
    (names_original && !notice.statuses.is_empty()).then_some(notice)
}

/// `message/delivery-status`: one group about the message, then one for each recipient.
fn delivery(content: &[u8]) -> Option<Notice> {
    let groups = groups(content, MAX_RECIPIENTS + 1);
    let envelope_id = groups.first()?.get("original-envelope-id").map(identifier);
    // some systems leave the empty line after the first group out
    let statuses = groups.iter().filter_map(delivery_status).collect();
    Some(blank(NoticeSource::MailSystem, envelope_id.filter(|id| !id.is_empty()), None, statuses))
}

fn delivery_status(group: &Group) -> Option<NoticeStatus> {
    let action = group.get("action")?;
    let action = action.split([' ', '(', ';']).next().unwrap_or_default().to_ascii_lowercase();
    let kind = match action.as_str() {
        "delivered" | "relayed" | "expanded" => ReceiptKind::Delivered,
        "delayed" => ReceiptKind::Delayed,
        "failed" => ReceiptKind::Failed,
        _ => return None,
    };
    let is_trouble = kind != ReceiptKind::Delivered;
    let code = group.get("status").filter(|_| is_trouble).and_then(|s| s.split_whitespace().next());
    let reason = group.get("diagnostic-code").filter(|_| is_trouble).map(after_type);
    Some(NoticeStatus {
        addresses: addresses(group),
        kind,
        code: one_line(code.unwrap_or_default(), 20),
        reason: reason.map(|r| one_line(r, 500)).unwrap_or_default(),
    })
}

/// `message/disposition-notification`: one group.
fn disposition(content: &[u8]) -> Option<Notice> {
    let groups = groups(content, 2);
    let group = groups.first()?;
    let (mode, rest) = group.get("disposition")?.split_once(';')?;
    let mode = mode.to_ascii_lowercase();
    let is_automatic = mode.contains("automatic-action") || mode.contains("mdn-sent-automatically");
    let (what, modifier) = rest.split_once('/').map_or((rest, None), |(what, m)| (what, Some(m)));
    let (kind, code, reason) = match failure(group, modifier) {
        Some((code, reason)) => (ReceiptKind::Rejected, code, reason),
        None => (disposition_kind(what)?, String::new(), String::new()),
    };
    let status = NoticeStatus { addresses: addresses(group), kind, code, reason };
    let message_id = group.get("original-message-id").map(identifier);
    let source = if is_automatic { NoticeSource::Automaton } else { NoticeSource::Reader };
    Some(blank(source, None, message_id.filter(|id| !id.is_empty()), vec![status]))
}

/// Only `displayed` says that somebody saw it; the others say that it arrived. `denied` and `failed` of older standards
/// say nothing.
fn disposition_kind(what: &str) -> Option<ReceiptKind> {
    match what.trim().to_ascii_lowercase().as_str() {
        "displayed" => Some(ReceiptKind::Read),
        "deleted" | "dispatched" | "processed" => Some(ReceiptKind::Delivered),
        _ => None,
    }
}

/// Code and words of a failure: in the field `Error`, or in the modifier as older platforms write it
/// (`processed/Error: 902^Identifiant patient inconnu`).
fn failure(group: &Group, modifier: Option<&str>) -> Option<(String, String)> {
    let inline = modifier.map(str::trim).and_then(|m| {
        let is_error = m.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("error"));
        is_error.then(|| m.get(5..).unwrap_or_default().trim_start_matches([':', ' ']))
    });
    let field = group.get("error").or_else(|| group.get("failure"));
    let text = field.filter(|text| !text.is_empty()).or(inline)?;
    let (code, reason) = match text.split_once('^') {
        Some((code, reason)) => (code, reason),
        None => match text.split_once([' ', ':', '-']) {
            Some((code, reason)) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()) => {
                (code, reason.trim_start_matches([':', '-', ' ']))
            }
            _ => ("", text),
        },
    };
    Some((one_line(code, 20), one_line(reason, 500)))
}

/// The address it was sent to comes first: the final one may be an alias nobody here knows.
fn addresses(group: &Group) -> Vec<String> {
    let names = ["original-recipient", "final-recipient"];
    let found = names.into_iter().filter_map(|name| group.get(name));
    found.map(|value| identifier(after_type(value))).filter(|a| !a.is_empty()).collect()
}

/// The value behind `rfc822;` or `smtp;`.
fn after_type(value: &str) -> &str {
    value.split_once(';').map_or(value, |(_, rest)| rest).trim()
}

fn blank(
    source: NoticeSource,
    envelope_id: Option<String>,
    message_id: Option<String>,
    statuses: Vec<NoticeStatus>,
) -> Notice {
    Notice { source, from: String::new(), envelope_id, message_id, date: None, statuses }
}
