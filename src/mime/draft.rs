//! Drafts as messages of a Drafts folder, and back. A header of ours says which draft a message is a copy of, which
//! revision, and on which revision it is based.

use std::sync::LazyLock;

use lettre::message::{MultiPart, SinglePart};
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser};
use ring::digest;

use super::build::{self, Error, Identity, Ids, attached};
use super::envelope::guarded;
use super::part::Tree;
use super::{Content, MAX_MESSAGE, attachment, charset, parse};
use crate::domain::address::EmailAddress;
use crate::domain::draft::{Draft, DraftAttachment, Origin, Recipient};
use crate::domain::id::AccountId;
use crate::domain::message::Envelope;

const TAG: &str = "X-Estafette-Draft";
const FORWARDED: &str = "X-Forwarded-Message-Id";
/// Longest identity or revision taken from a header.
const LONGEST_NAME: usize = 64;
/// Longest text of a draft, in bytes.
const LONGEST_TEXT: usize = 2 << 20;

/// What our header says of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftTag {
    /// Names the draft on every machine: letters and digits.
    pub identity: String,
    /// Names its content: letters and digits.
    pub revision: String,
    /// The revision it was made from; `None` for the first.
    pub base: Option<String>,
    /// It was kept beside another version.
    pub conflict: bool,
}

/// A message of a Drafts folder, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftCopy {
    /// Our header; `None` for one of another program.
    pub tag: Option<DraftTag>,
    /// The content is as we wrote it; false when another program changed it and left our header.
    pub is_untouched: bool,
    /// Message-ID without brackets.
    pub message_id: Option<String>,
    /// Message-ID of the message it forwards, without brackets.
    pub forwards: Option<String>,
    /// Content. Its origin is new: the numbers of messages are known to the caller.
    pub draft: Draft,
}

/// Message-ID of every copy of a draft, without brackets.
pub fn draft_message_id(identity: &str, domain: &str) -> String {
    format!("brouillon.{identity}@{domain}")
}

/// Writes `draft` as a message for the Drafts folder. `original` is the message it answers or forwards. Recipients may
/// be missing; Bcc is written, because the copy never leaves the mailbox.
///
/// # Errors
/// [`Error::Address`] for an address that cannot be written.
pub fn build_draft(
    draft: &Draft,
    identity: &Identity,
    original: Option<&Envelope>,
    ids: &Ids,
    tag: &DraftTag,
) -> Result<Vec<u8>, Error> {
    let message_id = draft_message_id(&tag.identity, identity.address.domain());
    let is_forward = matches!(draft.origin, Origin::Forward(_));
    let mut builder = build::fields(draft, identity, original, &message_id)?;
    for recipient in &draft.bcc {
        builder = builder.bcc(build::of_recipient(recipient)?);
    }
    if let Some(id) = original.and_then(|o| o.message_id.as_ref()).filter(|_| is_forward) {
        builder = builder.raw_header(build::raw(FORWARDED, format!("<{}>", build::one_line(id, 900))));
    }
    let text = SinglePart::plain(draft.body.clone());
    let message = if draft.attachments.is_empty() {
        builder.keep_bcc().singlepart(text)
    } else {
        let boundary = format!("=_{}", build::hex(&ids.unique));
        let mut parts = MultiPart::mixed().boundary(boundary).singlepart(text);
        for (index, file) in draft.attachments.iter().enumerate() {
            parts = parts.singlepart(attached(file, index));
        }
        builder.keep_bcc().multipart(parts)
    };
    let mut message = message.map_err(|_| Error::Assembly)?;
    message.headers_mut().insert_raw(build::raw("Date", build::date(ids)));
    let seal = seal(&message.formatted());
    let base = tag.base.as_ref().map(|base| format!(" base={base};")).unwrap_or_default();
    let conflict = if tag.conflict { " conflict;" } else { "" };
    let value = format!("{};\r\n revision={};{base}{conflict}\r\n seal={seal}", tag.identity, tag.revision);
    let mut raw = format!("{TAG}: {value}\r\n").into_bytes();
    raw.extend_from_slice(&message.formatted());
    Ok(raw)
}

/// Digest of everything after the header section.
fn seal(raw: &[u8]) -> String {
    let body = raw.get(charset::header_length(raw)..).unwrap_or_default();
    let digest = digest::digest(&digest::SHA256, body);
    build::hex(digest.as_ref().get(..16).unwrap_or_default())
}

static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new()
        .with_mime_headers()
        .with_address_headers()
        .with_message_ids()
        .header_address(HeaderName::Bcc)
        .header_address(HeaderName::DispositionNotificationTo)
        .header_text(HeaderName::Subject)
        .header_text(HeaderName::Other(TAG.into()))
        .header_text(HeaderName::Other(FORWARDED.into()))
        .default_header_ignore()
});

/// Reads a message of a Drafts folder as far as it can be. Never fails.
pub fn read_draft(raw: &[u8], account: AccountId) -> DraftCopy {
    let parsed = parse(raw);
    let (repaired, _) = charset::repaired(raw.get(..MAX_MESSAGE).unwrap_or(raw));
    let tree = guarded(|| PARSER.parse(&*repaired)).map(Tree);
    let message = tree.as_ref().map(|tree| &tree.0);
    let tagged = message.and_then(|m| text(m, TAG)).and_then(|value| read_tag(&value));
    let (tag, sealed) = tagged.map_or((None, None), |(tag, seal)| (Some(tag), seal));
    let body = message.and_then(plain_text).unwrap_or_else(|| parsed.text.clone());
    let files = parsed.attachments.iter().filter_map(|a| attachment(raw, a.index));
    let mut answers = parsed.envelope.references.clone();
    if let Some(id) = parsed.envelope.in_reply_to.as_ref().filter(|id| answers.last() != Some(id)) {
        answers.push(id.clone());
    }
    let list = |name: HeaderName<'static>| message.map(|m| recipients(m, &name)).unwrap_or_default();
    let draft = Draft {
        to: list(HeaderName::To),
        cc: list(HeaderName::Cc),
        bcc: list(HeaderName::Bcc),
        subject: parsed.envelope.subject.clone(),
        body: charset::prefix(&body, LONGEST_TEXT).to_owned(),
        attachments: files
            .map(|Content { name, media_type, bytes }| DraftAttachment { name, media_type, content: bytes })
            .collect(),
        read_receipt: parsed.envelope.receipt_to.is_some(),
        answers,
        ..Draft::new(account)
    };
    DraftCopy {
        is_untouched: sealed.is_some_and(|sealed| sealed == seal(raw)),
        tag,
        message_id: parsed.envelope.message_id,
        forwards: message
            .and_then(|m| text(m, FORWARDED))
            .map(|id| id.trim().trim_matches(['<', '>']).to_owned())
            .filter(|id| !id.is_empty()),
        draft,
    }
}

/// The first header field of this name as text.
fn text(message: &Message<'_>, name: &str) -> Option<String> {
    let part = message.parts.first()?;
    let field = part.headers.iter().find(|h| h.name.as_str().eq_ignore_ascii_case(name))?;
    field.value.as_text().map(str::to_owned)
}

/// Tag and seal of our header.
fn read_tag(value: &str) -> Option<(DraftTag, Option<String>)> {
    let plain = |s: &str| {
        let sound = !s.is_empty() && s.len() <= LONGEST_NAME && s.bytes().all(|b| b.is_ascii_alphanumeric());
        sound.then(|| s.to_owned())
    };
    let mut words = value.split(';').map(str::trim);
    let identity = plain(words.next()?)?;
    let (mut revision, mut base, mut seal, mut conflict) = (None, None, None, false);
    for word in words {
        match word.split_once('=') {
            Some(("revision", name)) => revision = plain(name),
            Some(("base", name)) => base = plain(name),
            Some(("seal", name)) => seal = plain(name),
            None if word == "conflict" => conflict = true,
            _ => {}
        }
    }
    Some((DraftTag { identity, revision: revision?, base, conflict }, seal))
}

/// The text as typed; `None` when there is no plain text part.
fn plain_text(message: &Message<'_>) -> Option<String> {
    let part = message.parts.get(*message.text_body.first()? as usize)?;
    let mail_parser::PartType::Text(text) = &part.body else { return None };
    Some(text.replace("\r\n", "\n"))
}

fn recipients(message: &Message<'_>, name: &HeaderName<'_>) -> Vec<Recipient> {
    let Some(part) = message.parts.first() else { return Vec::new() };
    let fields = part.headers.iter().filter(|h| h.name == *name);
    let lists = fields.filter_map(|h| match &h.value {
        HeaderValue::Address(list) => Some(list),
        _ => None,
    });
    let one = |address: &mail_parser::Addr<'_>| {
        let parsed = EmailAddress::parse(address.address.as_deref()?).ok()?;
        let name = address.name.as_deref().map(|n| build::one_line(n, 200)).filter(|n| !n.is_empty());
        Some(Recipient { name, address: parsed })
    };
    lists.flat_map(|list| list.iter()).filter_map(one).take(2000).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::MessageId;

    fn recipient(text: &str, name: Option<&str>) -> Recipient {
        Recipient { name: name.map(str::to_owned), address: EmailAddress::parse(text).unwrap() }
    }

    fn written(draft: &Draft, tag: &DraftTag, original: Option<&Envelope>) -> Vec<u8> {
        let identity = Identity {
            address: EmailAddress::parse("anne@test.example").unwrap(),
            display_name: "Anne".into(),
            software: "Estafette".into(),
        };
        let ids = Ids {
            message_id_domain: "test.example".into(),
            unique: [7; 16],
            date: 1_700_000_000,
            utc_offset_minutes: 60,
        };
        build_draft(draft, &identity, original, &ids, tag).unwrap()
    }

    fn tag() -> DraftTag {
        DraftTag { identity: "ab12".into(), revision: "r2".into(), base: Some("r1".into()), conflict: false }
    }

    #[test]
    fn a_draft_comes_back_as_it_was_written() {
        let file = |name: &str, content: &[u8]| DraftAttachment {
            name: name.into(),
            media_type: "application/pdf".into(),
            content: content.to_vec(),
        };
        let draft = Draft {
            to: vec![recipient("paul@test.example", Some("Dr Paul DÉRAND"))],
            cc: vec![recipient("b@test.example", None)],
            bcc: vec![recipient("secret@test.example", Some("Témoin"))],
            subject: "Avis – été".into(),
            body: "Cher confrère,\n\n  marge gardée\n.\nFrom ici\n\n".into(),
            attachments: vec![file("radio.pdf", b"%PDF \x00\xff\r\n"), file("vide.pdf", b"")],
            read_receipt: true,
            ..Draft::new(AccountId(3))
        };
        for conflict in [false, true] {
            let tag = DraftTag { conflict, ..tag() };
            let raw = written(&draft, &tag, None);
            let copy = read_draft(&raw, AccountId(3));
            assert_eq!((copy.tag, copy.is_untouched), (Some(tag), true));
            assert_eq!(copy.message_id.as_deref(), Some("brouillon.ab12@test.example"));
            assert_eq!(copy.draft.body.trim_end(), draft.body.trim_end());
            assert_eq!(Draft { body: draft.body.clone(), ..copy.draft }, draft);
        }
    }

    #[test]
    fn a_draft_without_recipients_or_text_can_be_written_and_keeps_its_conversation() {
        let original = Envelope {
            message_id: Some("o@x".into()),
            references: vec!["a@x".into(), "b@x".into()],
            ..Envelope::default()
        };
        let reply = Draft { origin: Origin::Reply(MessageId(4)), ..Draft::new(AccountId(1)) };
        let copy = read_draft(&written(&reply, &tag(), Some(&original)), AccountId(1));
        assert_eq!(
            (copy.draft.answers, copy.forwards),
            (vec!["a@x".into(), "b@x".into(), "o@x".into()], None)
        );
        let forward = Draft { origin: Origin::Forward(MessageId(4)), ..Draft::new(AccountId(1)) };
        let copy = read_draft(&written(&forward, &tag(), Some(&original)), AccountId(1));
        assert_eq!(copy.forwards.as_deref(), Some("o@x"));
        assert!(copy.draft.recipients().is_empty());
    }

    #[test]
    fn what_another_program_changed_or_wrote_is_told_from_ours() {
        let raw = written(&Draft { body: "un".into(), ..Draft::new(AccountId(1)) }, &tag(), None);
        let changed = String::from_utf8(raw).unwrap().replace("\r\n\r\nun", "\r\n\r\ndeux");
        let copy = read_draft(changed.as_bytes(), AccountId(1));
        assert!(copy.tag.is_some() && !copy.is_untouched);
        assert_eq!(copy.draft.body.trim_end(), "deux");
        let other =
            b"From: a@b.fr\r\nBcc: c@b.fr\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n<p>Bonjour</p>";
        let copy = read_draft(other, AccountId(1));
        assert_eq!((copy.tag, copy.is_untouched, copy.draft.body.trim()), (None, false, "Bonjour"));
        assert_eq!(copy.draft.bcc, [recipient("c@b.fr", None)]);
    }

    #[test]
    fn a_header_that_is_not_ours_to_write_is_not_believed() {
        for value in ["", "x", "a b; revision=1", "../x; revision=1", "x; revision=", &"y".repeat(99)] {
            assert_eq!(read_tag(value), None, "{value}");
        }
    }
}
