//! Bodies and attachments of a message.

use std::borrow::Cow;
use std::collections::HashMap;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders, PartType};

use super::envelope::{Fields, header};
use super::source::{Source, View};
use super::{
    Content, MAX_ATTACHMENTS, MAX_SEARCH_TEXT, MAX_TEXT, Parsed, charset, html, kind, name, outside, smime,
};
use crate::domain::document::Warning;
use crate::domain::message::{Attachment, Block, split_subject};
use crate::domain::plain;
use crate::domain::text::without_deceptive;
use crate::health::charset::decode;
use crate::health::{hprim, sniff, text};

/// Reads a whole message as far as it can be. Never fails.
pub fn parse(raw: &[u8]) -> Parsed {
    parse_source(&Source::of(raw))
}

/// As [`parse`] of what may be decoded in part.
pub fn parse_source(source: &Source<'_>) -> Parsed {
    source.view(|view| match view {
        Ok(view) => Reading::of(&view),
        Err(raw) => unreadable(raw),
    })
}

/// The attachment `index` of [`Parsed::attachments`], decoded. `None` when there is no such attachment.
pub fn attachment(raw: &[u8], index: usize) -> Option<Content> {
    let mut found = None;
    each_attachment(&Source::of(raw), |listed, bytes| {
        if listed.index != index {
            return true;
        }
        let (name, media_type) = (listed.name.clone(), listed.media_type.clone());
        found = Some(Content { name, media_type, bytes: bytes.to_vec() });
        false
    });
    found
}

/// Hands over every attachment with its decoded bytes, in order, until `take` answers false. The message is read once.
pub fn each_attachment(source: &Source<'_>, mut take: impl FnMut(&Attachment, &[u8]) -> bool) {
    source.view(|view| {
        let Ok(view) = view else { return };
        let mut reading = Reading::new(&view);
        reading.list_attachments();
        for (listed, part) in reading.attachments.iter().zip(&reading.parts) {
            let Some(part) = view.message.parts.get(*part) else { continue };
            if !take(listed, &view.content(part)) {
                return;
            }
        }
    });
}

/// Takes nested messages apart one by one: dropping a deep chain of them recursively would exhaust the stack.
pub(super) struct Tree<'x>(pub(super) Message<'x>);

impl Drop for Tree<'_> {
    fn drop(&mut self) {
        let mut waiting = vec![std::mem::take(&mut self.0)];
        while let Some(message) = waiting.pop() {
            for part in message.parts {
                if let PartType::Message(nested) = part.body {
                    waiting.push(nested);
                }
            }
        }
    }
}

/// What is shown when the parts cannot be told: the header, where it can be read alone, and everything as it came.
fn unreadable(raw: &[u8]) -> Parsed {
    let (text, _) = charset::guess(raw.get(..MAX_TEXT).unwrap_or(raw));
    let text = without_deceptive(&text);
    let blocks = if text.trim().is_empty() { Vec::new() } else { vec![Block::Preformatted(text.clone())] };
    let header = header(raw);
    Parsed {
        envelope: header.envelope,
        kind: header.kind,
        search_text: charset::prefix(&text, MAX_SEARCH_TEXT).to_owned(),
        blocks,
        text,
        attachments: Vec::new(),
        defects: vec![Warning::Unreadable],
    }
}

/// Bytes of a part after transfer decoding, before any character set.
pub(super) fn bytes<'m>(part: &'m MessagePart<'_>, raw: &'m [u8]) -> Cow<'m, [u8]> {
    match &part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Cow::Borrowed(bytes),
        // of a nested message that was encoded, the parser keeps the decoded source
        PartType::Message(nested) if part.encoding != Encoding::None => Cow::Borrowed(&nested.raw_message),
        _ => {
            let source = raw.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
            let decoded = match part.encoding {
                Encoding::None => None,
                Encoding::Base64 => base64_decode(source),
                Encoding::QuotedPrintable => quoted_printable_decode(source),
            };
            decoded.map_or(Cow::Borrowed(source), Cow::Owned)
        }
    }
}

pub(super) fn media_type(part: &MessagePart<'_>) -> String {
    let unknown = match &part.body {
        PartType::Text(_) => "text/plain",
        PartType::Html(_) => "text/html",
        PartType::Message(_) => "message/rfc822",
        _ => "application/octet-stream",
    };
    part.content_type().map_or_else(
        || unknown.to_owned(),
        |c| {
            let sub = c.subtype().unwrap_or("octet-stream");
            let plain = |s: &str| {
                !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.+_".contains(&b))
            };
            if plain(c.ctype()) && plain(sub) {
                format!("{}/{sub}", c.ctype()).to_ascii_lowercase()
            } else {
                unknown.to_owned()
            }
        },
    )
}

/// The file name a part gives. Senders that write both `filename` and `filename*` put the true name in the second
/// (RFC 6266 says to prefer it); the parser keeps both under one name.
fn given_name(part: &MessagePart<'_>) -> Option<String> {
    let of = |attributes: Option<&[mail_parser::Attribute<'_>]>, name: &str| {
        let all = || attributes.unwrap_or_default().iter().filter(|a| a.name == name).map(|a| &*a.value);
        all().find(|v| !v.is_ascii()).or_else(|| all().next()).map(str::to_owned)
    };
    of(part.content_disposition().and_then(|d| d.attributes()), "filename")
        .or_else(|| of(part.content_type().and_then(|c| c.attributes()), "name"))
}

/// Text of a text part: what the parser decoded, or our guess where it met bytes that do not fit the declaration.
/// Laboratories declare Latin-1 and write MacRoman or CP850: results are looked at more closely.
fn body_text(part: &MessagePart<'_>, decoded: &str, raw: &[u8]) -> (String, bool) {
    let declared =
        part.content_type().and_then(|c| c.attribute("charset")).unwrap_or_default().to_ascii_lowercase();
    let broken = decoded.contains(char::REPLACEMENT_CHARACTER);
    let none =
        matches!(declared.as_str(), "" | "utf-8" | "utf8" | "us-ascii" | "ascii" | "unknown-8bit" | "8bit");
    let western =
        matches!(declared.as_str(), "iso-8859-1" | "iso-8859-15" | "windows-1252" | "latin1" | "cp1252");
    let doubtful = western && !decoded.is_ascii() && hprim::is_hprim(decoded);
    if (broken && none) || doubtful {
        let bytes = bytes(part, raw);
        let decoded = decode(&bytes, Some(&declared));
        return (decoded.text.into_owned(), decoded.guessed);
    }
    (decoded.strip_prefix('\u{FEFF}').unwrap_or(decoded).to_owned(), false)
}

struct Reading<'v, 'm, 'x> {
    view: &'v View<'m, 'x>,
    message: &'m Message<'x>,
    attachments: Vec<Attachment>,
    /// Part number of each attachment.
    parts: Vec<usize>,
    blocks: Vec<Block>,
    hprim: bool,
    defects: Vec<Warning>,
}

impl<'v, 'm, 'x> Reading<'v, 'm, 'x> {
    fn of(view: &'v View<'m, 'x>) -> Parsed {
        let mut reading = Self::new(view);
        reading.note_if(view.is_cut, Warning::Truncated);
        reading.note_if(view.is_guessed, Warning::GuessedCharset);
        reading.note_if(view.sealed == Some(smime::Found::Signed), Warning::SignatureNotVerified);
        reading.note_if(view.sealed == Some(smime::Found::Encrypted), Warning::Encrypted);
        reading.note_if(smime::is_ambiguous(view.text), Warning::Ambiguous);
        reading.note_signatures();
        reading.list_attachments();
        reading.read_bodies();
        reading.look_outside();
        reading.finish()
    }

    fn new(view: &'v View<'m, 'x>) -> Self {
        Self {
            view,
            message: view.message,
            attachments: Vec::new(),
            parts: Vec::new(),
            blocks: Vec::new(),
            hprim: false,
            defects: Vec::new(),
        }
    }

    fn note_if(&mut self, wrong: bool, defect: Warning) {
        if wrong && !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }

    /// What a signature covers: all of the body when the whole message is `multipart/signed`, else a part of it.
    fn note_signatures(&mut self) {
        let is_signed = |part: &MessagePart<'_>| part.is_content_type("multipart", "signed");
        let whole = self.message.parts.first().is_some_and(is_signed);
        let inside = self.message.parts.iter().skip(1).any(is_signed);
        self.note_if(whole, Warning::SignatureNotVerified);
        self.note_if(inside && !whole, Warning::SignedInPart);
        let is = |main: &str, sub: &str| self.message.parts.iter().any(|p| p.is_content_type(main, sub));
        let (partial, external) = (is("message", "partial"), is("message", "external-body"));
        self.note_if(partial, Warning::PartialMessage);
        self.note_if(external, Warning::RemoteContent);
    }

    fn list_attachments(&mut self) {
        self.note_if(self.message.attachments.len() > MAX_ATTACHMENTS, Warning::Truncated);
        for id in self.message.attachments.iter().take(MAX_ATTACHMENTS) {
            let Some(part) = self.message.parts.get(*id as usize) else { continue };
            let index = self.attachments.len();
            let media_type = media_type(part);
            // a subject is no path: its slashes are dates
            let nested_subject = part
                .message()
                .and_then(|m| Fields(m).subject())
                .map(|s| format!("{}.eml", split_subject(&s).0.replace(['/', '\\'], "-")));
            let given = given_name(part).or(nested_subject);
            let attached = part.content_disposition().is_some_and(|d| d.is_attachment());
            self.attachments.push(Attachment {
                index,
                name: name::safe(given.as_deref(), &media_type, index),
                size: self.view.content(part).len() as u64,
                inline: !attached
                    && media_type.starts_with("image/")
                    && (matches!(part.body, PartType::InlineBinary(_)) || part.content_id().is_some()),
                media_type,
            });
            self.parts.push(*id as usize);
        }
    }

    fn content_ids(&self) -> HashMap<String, usize> {
        let mut ids = HashMap::new();
        for (index, part) in self.parts.iter().enumerate() {
            let id = self.message.parts.get(*part).and_then(|p| p.content_id());
            if let Some(id) = id {
                ids.entry(id.trim_matches(['<', '>']).to_owned()).or_insert(index);
            }
        }
        ids
    }

    fn read_bodies(&mut self) {
        let content_ids = self.content_ids();
        let mut budget = MAX_TEXT;
        for id in &self.message.html_body {
            let Some(part) = self.message.parts.get(*id as usize) else { continue };
            match &part.body {
                PartType::Text(decoded) | PartType::Html(decoded) => {
                    let (body, guessed) = body_text(part, decoded, self.view.text);
                    self.note_if(guessed, Warning::GuessedCharset);
                    self.note_if(body.len() > budget || part.is_encoding_problem, Warning::Truncated);
                    let body = charset::prefix(&body, budget);
                    budget -= body.len();
                    if matches!(part.body, PartType::Html(_)) {
                        let safe = html::blocks(body, &content_ids);
                        self.note_if(safe.removed, Warning::ActiveContentRemoved);
                        self.note_if(safe.truncated, Warning::Truncated);
                        self.blocks.extend(safe.blocks);
                    } else {
                        self.hprim |= hprim::is_hprim(body);
                        self.note_if(sniff::is_apicrypt(body), Warning::Apicrypt);
                        let (blocks, cut) = text::blocks(body, html::MAX_BLOCKS);
                        self.note_if(cut, Warning::Truncated);
                        self.blocks.extend(blocks);
                    }
                }
                PartType::InlineBinary(_) => {
                    let image = self.parts.iter().position(|p| *p == *id as usize);
                    let is_image = |i: &usize| self.attachments.get(*i).is_some_and(|a| a.inline);
                    self.blocks.extend(image.filter(is_image).map(Block::Image));
                }
                _ => {}
            }
            self.note_if(self.blocks.len() > html::MAX_BLOCKS, Warning::Truncated);
            self.blocks.truncate(html::MAX_BLOCKS);
        }
    }

    /// Of a multipart message: what stands outside of its parts, where other readers look for more of them, is told; where
    /// there is no part at all its source is shown.
    fn look_outside(&mut self) {
        let Some(root) = self.message.parts.first() else { return };
        let Some(kind) = root.content_type().filter(|kind| kind.ctype().eq_ignore_ascii_case("multipart"))
        else {
            return;
        };
        let boundary = kind.attribute("boundary").unwrap_or_default().to_owned();
        let place = |part: &MessagePart<'_>| (part.offset_header as usize, part.offset_end as usize);
        let inner = self.message.parts.iter().skip(1).map(place);
        let (first, last) = inner.fold((usize::MAX, 0), |(a, b), (from, to)| (a.min(from), b.max(to)));
        let begin = root.offset_body as usize;
        if last == 0 {
            let source = self.view.text.get(begin..).unwrap_or_default();
            let (text, _) = charset::guess(source.get(..MAX_TEXT).unwrap_or(source));
            let text = without_deceptive(&text);
            if !text.trim().is_empty() && self.blocks.is_empty() {
                self.blocks.push(Block::Preformatted(text));
                self.note_if(true, Warning::Ambiguous);
            }
            return;
        }
        let before = self.view.text.get(begin..first).unwrap_or_default();
        let after = self.view.text.get(last..).unwrap_or_default();
        self.note_if(outside::holds_parts(before, after, &boundary), Warning::Ambiguous);
    }

    fn finish(mut self) -> Parsed {
        let fields = Fields(self.message);
        let envelope = fields.envelope();
        self.note_if(envelope.date.is_none(), Warning::BadDate);
        let nothing = self.blocks.is_empty() && self.attachments.is_empty();
        self.note_if(nothing && envelope.from.is_empty() && envelope.subject.is_empty(), Warning::Unreadable);
        let names: Vec<String> = self.attachments.iter().map(|a| a.name.clone()).collect();
        let text = plain::text(&self.blocks);
        let mut search_text = charset::prefix(&text, MAX_SEARCH_TEXT).to_owned();
        for name in &names {
            if search_text.len() + name.len() < MAX_SEARCH_TEXT {
                search_text.push('\n');
                search_text.push_str(name);
            }
        }
        Parsed {
            kind: kind::by_content(&envelope.subject, fields.is_report(), &names, self.hprim),
            envelope,
            blocks: self.blocks,
            text,
            search_text,
            attachments: self.attachments,
            defects: self.defects,
        }
    }
}
