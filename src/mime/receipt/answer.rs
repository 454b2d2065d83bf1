//! A read receipt for a received message (RFC 8098).

use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Message, MultiPart, SinglePart};

use super::super::build::{
    Built, Error, Identity, Ids, address, date, hex, mailbox, message_id, one_line, raw, thread,
};
use crate::domain::address::EmailAddress;
use crate::domain::message::Envelope;

/// Longest Message-ID named; RFC 5322 §2.1.1 allows 998 characters a line.
const MAX_ID: usize = 900;

/// What the human part says; the caller's, because sentences are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptWords {
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
}

/// Writes the receipt the user agreed to: "displayed", by hand (`manual-action/MDN-sent-manually`). The original is
/// named, not returned.
///
/// # Errors
/// [`Error::Address`] for an address that cannot be written.
pub fn build_receipt(
    original: &Envelope,
    to: &EmailAddress,
    words: &ReceiptWords,
    identity: &Identity,
    ids: &Ids,
) -> Result<Built, Error> {
    let own = address(&identity.address)?;
    let message_id = message_id(ids);
    let mut builder = Message::builder()
        .message_id(Some(format!("<{message_id}>")))
        .from(mailbox(Some(&identity.display_name), &identity.address)?)
        .to(mailbox(None, to)?)
        .subject(one_line(&words.subject, 500));
    let (in_reply_to, chain) = thread(original);
    if let Some(id) = &in_reply_to {
        builder = builder.in_reply_to(id.clone()).references(chain);
    }
    let software = one_line(&identity.software, 100);
    if !software.is_empty() {
        builder = builder.raw_header(raw("X-MSS-NIL", software.clone()));
    }
    // the caller's SMTP envelope counts
    let envelope =
        lettre::address::Envelope::new(Some(own.clone()), vec![own]).map_err(|_| Error::Assembly)?;
    let kind = format!(
        "multipart/report; report-type=disposition-notification; boundary=\"=_{}\"",
        hex(&ids.unique)
    );
    let kind = ContentType::parse(&kind).map_err(|_| Error::Assembly)?;
    let status = ContentType::parse("message/disposition-notification").map_err(|_| Error::Assembly)?;
    // RFC 8098 §3.1 wants 7-bit: every value is ASCII, no line longer than 998
    let fields = disposition(in_reply_to.as_deref(), &software, &identity.address);
    let fields = Body::dangerous_pre_encoded(fields.into_bytes(), ContentTransferEncoding::SevenBit);
    let parts = MultiPart::builder()
        .header(kind)
        .singlepart(SinglePart::plain(words.text.clone()))
        .singlepart(SinglePart::builder().header(status).body(fields));
    let mut message = builder.envelope(envelope).multipart(parts).map_err(|_| Error::Assembly)?;
    message.headers_mut().insert_raw(raw("Date", date(ids)));
    Ok(Built { raw: message.formatted(), message_id, recipients: vec![to.clone()] })
}

fn disposition(original: Option<&str>, software: &str, own: &EmailAddress) -> String {
    let mut lines = Vec::new();
    if software.is_ascii() && !software.is_empty() {
        lines.push(format!("Reporting-UA: {software}"));
    }
    lines.push(format!("Final-Recipient: rfc822;{own}"));
    if let Some(id) = original.filter(|id| id.len() <= MAX_ID) {
        lines.push(format!("Original-Message-ID: {id}"));
    }
    lines.push("Disposition: manual-action/MDN-sent-manually; displayed".to_owned());
    lines.join("\r\n") + "\r\n"
}
