//! Messages to send.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::message::header::{
    ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue,
};
use lettre::message::{Body, Mailbox, Message, MessageBuilder, MultiPart, SinglePart};

use super::name;
use crate::domain::UnixTime;
use crate::domain::address::EmailAddress;
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, DraftAttachment, Recipient};
use crate::domain::message::Envelope;
use crate::domain::patient::Patient;
use crate::domain::text::is_deceptive;
use crate::health::{Patience, xdm};

/// Most identifiers written to References: the first and the newest are what threads need.
const MAX_REFERENCES: usize = 30;
/// Longest subject in characters; more is a pasted body.
const MAX_SUBJECT: usize = 500;

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Sending address.
    pub address: EmailAddress,
    /// Name in From, as ECO.2.2.7 wants it: `Dr_Anne_LEROY_Cabinet` or the functional entity.
    pub display_name: String,
    /// Product reference for `X-MSS-NIL` (ECO.2.4.3); the header is left out when empty.
    pub software: String,
}

/// What makes the message unique; passed in so that building has no clock and no chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// Right side of the Message-ID.
    pub message_id_domain: String,
    /// Random bytes for its left side and the part boundaries.
    pub unique: [u8; 16],
    /// Time for Date.
    pub date: UnixTime,
    /// Offset of local time from UTC in minutes, east positive.
    pub utc_offset_minutes: i32,
}

/// A message ready for the outbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Built {
    /// Source with CRLF line ends, 7-bit bytes only.
    pub raw: Vec<u8>,
    /// Message-ID without angle brackets.
    pub message_id: String,
    /// Everybody the SMTP envelope names, Bcc included, each once.
    pub recipients: Vec<EmailAddress>,
}

impl std::fmt::Debug for Built {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Built({} bytes, {} recipients)", self.raw.len(), self.recipients.len())
    }
}

/// Why a message could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An address that cannot be written in a 7-bit header, or that the SMTP syntax refuses.
    #[error("address cannot be written in a message")]
    Address(EmailAddress),
    /// Nobody to send to.
    #[error("message has no recipient")]
    NoRecipient,
    /// The message could not be put together: a mistake of ours.
    #[error("message could not be put together")]
    Assembly,
}

/// Writes `draft` as a message. `references` is the message it answers, for In-Reply-To and References (ECO.2.2.2).
///
/// # Errors
/// [`Error::Address`] for an address that cannot be written, [`Error::NoRecipient`] without any recipient.
pub fn build(
    draft: &Draft,
    identity: &Identity,
    references: Option<&Envelope>,
    ids: &Ids,
) -> Result<Built, Error> {
    let recipients: Vec<EmailAddress> = draft.recipients().into_iter().map(|r| r.address.clone()).collect();
    if recipients.is_empty() {
        return Err(Error::NoRecipient);
    }
    let message_id = message_id(ids);
    let mut builder = headers(draft, identity, references, &message_id)?;
    for (name, value) in carried(&draft.attachments) {
        builder = builder.raw_header(raw(name, value));
    }
    let text = SinglePart::plain(draft.body.clone());
    let message = if draft.attachments.is_empty() {
        builder.singlepart(text)
    } else {
        let boundary = format!("=_{}", hex(&ids.unique));
        let mut parts = MultiPart::mixed().boundary(boundary).singlepart(text);
        for (index, file) in draft.attachments.iter().enumerate() {
            parts = parts.singlepart(attached(file, index));
        }
        builder.multipart(parts)
    };
    let mut message = message.map_err(|_| Error::Assembly)?;
    // lettre writes Date in UTC only, and its own clock's when it cannot read what it was given
    message.headers_mut().insert_raw(raw("Date", date(ids)));
    Ok(Built { raw: message.formatted(), message_id, recipients })
}

fn headers(
    draft: &Draft,
    identity: &Identity,
    references: Option<&Envelope>,
    message_id: &str,
) -> Result<MessageBuilder, Error> {
    let mut builder = fields(draft, identity, references, message_id)?;
    for recipient in &draft.bcc {
        of_recipient(recipient)?;
    }
    if draft.to.is_empty() && draft.cc.is_empty() {
        // RFC 5322 §3.6.3 allows no destination field, but some servers refuse a message without one
        builder = builder.raw_header(raw("To", "undisclosed-recipients:;".to_owned()));
    }
    Ok(builder)
}

/// `X-MSS-CODECDA` and `X-MSS-INS` for the CDAs of the archives attached (ECO.2.4.1, ECO.2.4.2); nothing without any.
fn carried(files: &[DraftAttachment]) -> Vec<(&'static str, String)> {
    /// Most codes named.
    const MOST: usize = 50;
    let (mut codes, mut all_qualified) = (Vec::<String>::new(), true);
    for file in files.iter().filter(|file| file.name.to_ascii_lowercase().ends_with(".zip")) {
        let Ok(Some(reading)) = xdm::read(&file.content, &file.name, Patience::endless()) else { continue };
        for document in reading.documents.iter().filter(|d| d.kind == DocumentKind::Cda) {
            all_qualified &= document.patient.as_ref().is_some_and(Patient::has_full_traits);
            let code = document.code.as_ref().map(|code| code.code.as_str()).unwrap_or_default();
            let is_code =
                !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
            if is_code && !codes.iter().any(|known| known == code) && codes.len() < MOST {
                codes.push(code.to_owned());
            }
        }
    }
    if codes.is_empty() {
        return Vec::new();
    }
    let ins = if all_qualified { "O" } else { "N" };
    vec![("X-MSS-CODECDA", codes.join(",")), ("X-MSS-INS", ins.to_owned())]
}

/// Header fields but Date and Bcc.
pub(super) fn fields(
    draft: &Draft,
    identity: &Identity,
    references: Option<&Envelope>,
    message_id: &str,
) -> Result<MessageBuilder, Error> {
    let mut builder = Message::builder()
        .message_id(Some(format!("<{message_id}>")))
        .from(mailbox(Some(&identity.display_name), &identity.address)?)
        .subject(one_line(&draft.subject, MAX_SUBJECT));
    for recipient in &draft.to {
        builder = builder.to(of_recipient(recipient)?);
    }
    for recipient in &draft.cc {
        builder = builder.cc(of_recipient(recipient)?);
    }
    let (in_reply_to, chain) = references.map(thread).unwrap_or_default();
    if let Some(id) = in_reply_to {
        builder = builder.in_reply_to(id);
    }
    if !chain.is_empty() {
        builder = builder.references(chain);
    }
    if draft.read_receipt {
        builder = builder.raw_header(raw("Disposition-Notification-To", format!("<{}>", identity.address)));
    }
    let software = one_line(&identity.software, 100);
    if !software.is_empty() {
        builder = builder.raw_header(raw("X-MSS-NIL", software));
    }
    // the caller's SMTP envelope counts; lettre's own, which is not used, would need an address of To or Cc
    let sender = address(&identity.address)?;
    let envelope =
        lettre::address::Envelope::new(Some(sender.clone()), vec![sender]).map_err(|_| Error::Assembly)?;
    Ok(builder.envelope(envelope))
}

pub(super) fn attached(file: &DraftAttachment, index: usize) -> SinglePart {
    let file_name = name::safe(Some(&file.name), &file.media_type, index);
    // RFC 2231 names are unknown to some readers: an ASCII `name` beside it
    let ascii: String =
        file_name.chars().map(|c| if c.is_ascii() && c != '"' && c != '\\' { c } else { '_' }).collect();
    let content_type = ContentType::parse(&format!("{}; name=\"{ascii}\"", file.media_type))
        .or_else(|_| ContentType::parse(&format!("application/octet-stream; name=\"{ascii}\"")))
        .unwrap_or(ContentType::TEXT_PLAIN);
    let body = Body::new_with_encoding(file.content.clone(), ContentTransferEncoding::Base64)
        .unwrap_or_else(|_| Body::new(file.content.clone()));
    SinglePart::builder().header(content_type).header(ContentDisposition::attachment(&file_name)).body(body)
}

pub(super) fn message_id(ids: &Ids) -> String {
    let domain: String =
        ids.message_id_domain.chars().filter(|c| c.is_ascii_alphanumeric() || ".-".contains(*c)).collect();
    format!("{}@{}", hex(&ids.unique), if domain.is_empty() { "localhost" } else { &domain })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// In-Reply-To and References of an answer (RFC 5322 §3.6.4).
pub(super) fn thread(original: &Envelope) -> (Option<String>, String) {
    let plain =
        |id: &&String| !id.is_empty() && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
    let own = original.message_id.as_ref().filter(plain);
    let mut chain: Vec<&String> = original.references.iter().filter(plain).collect();
    if chain.is_empty() {
        chain.extend(original.in_reply_to.iter().filter(plain));
    }
    chain.extend(own);
    if chain.len() > MAX_REFERENCES {
        chain.drain(1..=chain.len() - MAX_REFERENCES);
    }
    let chain = chain.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ");
    (own.map(|id| format!("<{id}>")), chain)
}

pub(super) fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

pub(super) fn date(ids: &Ids) -> String {
    let seconds = u64::try_from(ids.date.max(0)).unwrap_or_default();
    let offset = jiff::tz::Offset::from_seconds(ids.utc_offset_minutes.saturating_mul(60))
        .unwrap_or(jiff::tz::Offset::UTC);
    let time =
        jiff::Timestamp::try_from(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap_or_default();
    time.to_zoned(jiff::tz::TimeZone::fixed(offset)).strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

pub(super) fn of_recipient(recipient: &Recipient) -> Result<Mailbox, Error> {
    mailbox(recipient.name.as_deref(), &recipient.address)
}

pub(super) fn mailbox(name: Option<&str>, to: &EmailAddress) -> Result<Mailbox, Error> {
    let name = name.map(|n| one_line(n, 200)).filter(|n| !n.is_empty());
    Ok(Mailbox::new(name, address(to)?))
}

pub(super) fn address(email: &EmailAddress) -> Result<Address, Error> {
    let refused = || Error::Address(email.clone());
    if !email.as_str().is_ascii() {
        return Err(refused());
    }
    email.as_str().parse().map_err(|_| refused())
}

/// One line without control or deceptive characters, cut to `max` characters. A typed `=?` is taken apart: readers
/// would decode what follows it (RFC 2047).
pub(super) fn one_line(text: &str, max: usize) -> String {
    let kept: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_deceptive(*c))
        .take(max)
        .collect();
    kept.trim().replace("=?", "= ?")
}
