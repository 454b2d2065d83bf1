//! Header fields, decoded.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use mail_parser::{Address, HeaderName, HeaderValue, Message, MessageParser, MimeHeaders};

use super::{Header, MAX_MESSAGE, charset, kind, source};
use crate::domain::address::Mailbox;
use crate::domain::message::{Envelope, MessageKind};
use crate::domain::text::{Marks, is_deceptive};

/// Most addresses kept of one field, and most identifiers of References: more is abuse, not mail.
const MAX_ADDRESSES: usize = 2_000;
const MAX_REFERENCES: usize = 200;
/// Longest decoded header value kept, in bytes.
const MAX_VALUE: usize = 8_000;

pub(super) static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new()
        .with_mime_headers()
        .with_date_headers()
        .with_address_headers()
        .with_message_ids()
        .header_text(HeaderName::Subject)
        .header_text(HeaderName::AutoSubmitted)
        .header_address(HeaderName::DispositionNotificationTo)
        .default_header_ignore()
});

/// Runs the parser; a panic inside it is an unreadable message, not the end of a synchronisation.
pub(super) fn guarded<'x>(parse: impl FnOnce() -> Option<Message<'x>>) -> Option<Message<'x>> {
    catch_unwind(AssertUnwindSafe(parse)).ok().flatten()
}

pub(super) fn header(raw: &[u8]) -> Header {
    let raw = source::readable(raw);
    let section = raw.get(..charset::header_length(&raw).min(MAX_MESSAGE)).unwrap_or(&raw);
    let (section, _) = charset::repaired(section);
    let Some(message) = guarded(|| PARSER.parse_headers(&section)) else {
        return Header {
            envelope: Envelope::default(),
            kind: MessageKind::Letter,
            has_attachment: false,
            auto_submitted: false,
        };
    };
    let fields = Fields(&message);
    let envelope = fields.envelope();
    let content_type = fields.get(HeaderName::ContentType).and_then(HeaderValue::as_content_type);
    let (main, sub) = content_type.map_or(("text".to_owned(), "plain".to_owned()), |c| {
        (c.ctype().to_ascii_lowercase(), c.subtype().unwrap_or_default().to_ascii_lowercase())
    });
    let has_attachment = match (main.as_str(), sub.as_str()) {
        ("multipart", sub) => matches!(sub, "mixed" | "signed"),
        ("text", sub) => !matches!(sub, "plain" | "html"),
        _ => true,
    };
    Header {
        kind: kind::by_header(&envelope.subject, &main, &sub),
        has_attachment,
        auto_submitted: fields
            .get(HeaderName::AutoSubmitted)
            .and_then(HeaderValue::as_text)
            .is_some_and(|v| !v.trim().eq_ignore_ascii_case("no")),
        envelope,
    }
}

/// The first header section of a parsed message; the parser's own accessors index into parts that may not exist.
pub(super) struct Fields<'m, 'x>(pub(super) &'m Message<'x>);

impl<'m, 'x> Fields<'m, 'x> {
    /// The first field of this name.
    fn get(&self, name: HeaderName<'static>) -> Option<&'m HeaderValue<'x>> {
        let part = self.0.parts.first()?;
        part.headers
            .iter()
            .find(|h| h.name == name && !matches!(h.value, HeaderValue::Empty))
            .map(|h| &h.value)
    }

    fn addresses(&self, name: HeaderName<'static>) -> Vec<Mailbox> {
        let Some(address) = self.get(name).and_then(HeaderValue::as_address) else { return Vec::new() };
        let list: Vec<&mail_parser::Addr<'_>> = match address {
            Address::List(list) => list.iter().take(MAX_ADDRESSES).collect(),
            Address::Group(groups) => groups.iter().flat_map(|g| &g.addresses).take(MAX_ADDRESSES).collect(),
        };
        list.into_iter()
            .map(|a| Mailbox {
                name: a.name.as_deref().map(clean).filter(|n| !n.is_empty()),
                address: a.address.as_deref().map(clean).unwrap_or_default(),
            })
            .filter(|m| m.name.is_some() || !m.address.is_empty())
            .collect()
    }

    fn ids(&self, name: HeaderName<'static>) -> Vec<String> {
        let one = |id: &str| clean(id).trim_matches(['<', '>']).to_owned();
        let ids = match self.get(name) {
            Some(HeaderValue::Text(id)) => vec![one(id)],
            Some(HeaderValue::TextList(ids)) => {
                let skip = ids.len().saturating_sub(MAX_REFERENCES);
                ids.iter().skip(skip).map(|id| one(id)).collect()
            }
            _ => Vec::new(),
        };
        ids.into_iter().filter(|id| !id.is_empty()).collect()
    }

    pub(super) fn subject(&self) -> Option<String> {
        self.get(HeaderName::Subject).and_then(HeaderValue::as_text).map(clean).filter(|s| !s.is_empty())
    }

    pub(super) fn envelope(&self) -> Envelope {
        let date = self.get(HeaderName::Date).and_then(HeaderValue::as_datetime);
        Envelope {
            message_id: self.ids(HeaderName::MessageId).into_iter().next(),
            in_reply_to: self.ids(HeaderName::InReplyTo).into_iter().next(),
            references: self.ids(HeaderName::References),
            date: date.filter(|d| d.is_valid()).map(mail_parser::DateTime::to_timestamp),
            from: self.addresses(HeaderName::From),
            reply_to: self.addresses(HeaderName::ReplyTo),
            to: self.addresses(HeaderName::To),
            cc: self.addresses(HeaderName::Cc),
            subject: self.subject().unwrap_or_default(),
            receipt_to: self.addresses(HeaderName::DispositionNotificationTo).into_iter().next(),
        }
    }

    /// True when the message is a report about another one (RFC 6522).
    pub(super) fn is_report(&self) -> bool {
        self.0.parts.first().is_some_and(|p| p.is_content_type("multipart", "report"))
    }
}

/// One line, no control character, no bidirectional override, no tower of marks, bounded.
fn clean(value: &str) -> String {
    let value = charset::prefix(value, MAX_VALUE);
    // nearly every value is this plain
    if value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return value.trim().to_owned();
    }
    let mut marks = Marks::default();
    let shown: String = value
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_deceptive(*c) && marks.admit(*c))
        .collect();
    shown.trim().to_owned()
}
