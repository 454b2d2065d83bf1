//! S/MIME (RFC 8551): what is signed is taken out of its envelope and said to be unverified; what is encrypted is said
//! to be so. No certificate, revocation list or key is ever fetched (RFC 5652 structures are read, nothing more).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::charset;

/// Deepest nesting of definite or indefinite values.
const MAX_DEPTH: usize = 16;
/// Longest header section looked at.
const MAX_HEADER: usize = 256 << 10;

// RFC 5652 §4–6 and RFC 5083
const SIGNED: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
const ENVELOPED: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03";
const AUTHENTICATED: &[u8] = b"\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17";

/// What a CMS object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Envelope {
    /// Signed data with its content inside.
    Signed(Vec<u8>),
    /// A signature of something else.
    Detached,
    /// Encrypted.
    Encrypted,
    /// None of these.
    Unknown,
}

/// Reads a CMS object in BER, DER or PEM.
pub fn open(bytes: &[u8]) -> Envelope {
    let pem;
    let bytes = match bytes.strip_prefix(b"-----BEGIN ") {
        Some(rest) => {
            let text = String::from_utf8_lossy(rest);
            let body = text
                .split_once("-----\n")
                .or_else(|| text.split_once("-----\r\n"))
                .map_or("", |(_, body)| body);
            let body: String = body.split("-----END").next().unwrap_or_default().split_whitespace().collect();
            pem = STANDARD.decode(body).unwrap_or_default();
            pem.as_slice()
        }
        None => bytes,
    };
    read(bytes).unwrap_or(Envelope::Unknown)
}

fn read(bytes: &[u8]) -> Option<Envelope> {
    let info = Value::first(bytes)?.0;
    let (kind, rest) = Value::first(info.content)?;
    if kind.tag != 0x06 {
        return None;
    }
    match kind.content {
        SIGNED => {
            let content = Value::first(rest)?.0;
            let data = Value::first(content.content)?.0;
            // version, digest algorithms, then what is signed
            let (_, rest) = Value::first(data.content)?;
            let (_, rest) = Value::first(rest)?;
            let encapsulated = Value::first(rest)?.0;
            let (_, rest) = Value::first(encapsulated.content)?;
            let Some((explicit, _)) = Value::first(rest).filter(|(v, _)| v.tag == 0xA0) else {
                return Some(Envelope::Detached);
            };
            let octets = Value::first(explicit.content)?.0;
            let mut out = Vec::new();
            octets.octets(&mut out, 0)?;
            Some(Envelope::Signed(out))
        }
        ENVELOPED | AUTHENTICATED => Some(Envelope::Encrypted),
        _ => Some(Envelope::Unknown),
    }
}

/// A BER value.
#[derive(Clone, Copy)]
struct Value<'b> {
    tag: u8,
    content: &'b [u8],
}

impl<'b> Value<'b> {
    /// The first value and what follows it.
    fn first(bytes: &'b [u8]) -> Option<(Self, &'b [u8])> {
        Self::at(bytes, 0)
    }

    fn at(bytes: &'b [u8], depth: usize) -> Option<(Self, &'b [u8])> {
        let (tag, rest) = bytes.split_first()?;
        // tags of many bytes do not occur here
        if depth > MAX_DEPTH || tag & 0x1F == 0x1F {
            return None;
        }
        let (first, rest) = rest.split_first()?;
        match first {
            0x80 => {
                // ends with two zeros after its last value
                let mut inner = rest;
                while !inner.starts_with(&[0, 0]) {
                    inner = Self::at(inner, depth + 1)?.1;
                }
                let length = rest.len() - inner.len();
                Some((Self { tag: *tag, content: rest.get(..length)? }, inner.get(2..)?))
            }
            short if *short < 0x80 => {
                let (content, rest) = rest.split_at_checked(usize::from(*short))?;
                Some((Self { tag: *tag, content }, rest))
            }
            long => {
                let (digits, rest) =
                    rest.split_at_checked(usize::from(long & 0x7F)).filter(|(d, _)| d.len() <= 4)?;
                let length = digits.iter().fold(0_usize, |n, d| n << 8 | usize::from(*d));
                let (content, rest) = rest.split_at_checked(length)?;
                Some((Self { tag: *tag, content }, rest))
            }
        }
    }

    /// The bytes of an octet string, in one piece or several.
    fn octets(self, out: &mut Vec<u8>, depth: usize) -> Option<()> {
        match self.tag {
            0x04 => out.extend_from_slice(self.content),
            0x24 if depth < MAX_DEPTH => {
                let mut rest = self.content;
                while !rest.is_empty() && !rest.starts_with(&[0, 0]) {
                    let (piece, after) = Self::first(rest)?;
                    piece.octets(out, depth + 1)?;
                    rest = after;
                }
            }
            _ => return None,
        }
        Some(())
    }
}

/// A message whose whole body is an S/MIME object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The signed content took the place of its envelope.
    Signed,
    /// Nothing of it can be read.
    Encrypted,
}

/// A message whose body is one opaque S/MIME object, with what is signed in place of the object; its own header fields
/// stay. Any other message comes back as it is.
pub(super) fn opened(raw: Cow<'_, [u8]>) -> (Cow<'_, [u8]>, Option<Found>) {
    let length = charset::header_length(&raw);
    if length > MAX_HEADER {
        return (raw, None);
    }
    let (header, body) = raw.split_at_checked(length).unwrap_or((&raw, &[]));
    let fields = fields(header);
    let value = |name: &str| value(&fields, name);
    if !is_object(&fields) {
        return (raw, None);
    }
    let bytes = if value("content-transfer-encoding").trim() == "base64" {
        let compact: Vec<u8> = body.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
        STANDARD.decode(compact).unwrap_or_default()
    } else {
        body.to_vec()
    };
    match open(&bytes) {
        Envelope::Signed(content) => {
            let mut out = Vec::with_capacity(header.len() + content.len());
            for field in &fields {
                if !field.name.to_ascii_lowercase().starts_with(b"content-") {
                    out.extend_from_slice(field.raw);
                }
            }
            out.extend_from_slice(&content);
            (Cow::Owned(out), Some(Found::Signed))
        }
        Envelope::Encrypted => (raw, Some(Found::Encrypted)),
        _ => (raw, None),
    }
}

/// Whether a message says that its whole body is one S/MIME object.
pub(super) fn is_sealed(raw: &[u8]) -> bool {
    let length = charset::header_length(raw);
    length <= MAX_HEADER && is_object(&fields(raw.get(..length).unwrap_or_default()))
}

fn is_object(fields: &[Field<'_>]) -> bool {
    let kind = value(fields, "content-type");
    let kind = kind.trim_start();
    kind.starts_with("application/pkcs7-mime") || kind.starts_with("application/x-pkcs7-mime")
}

struct Field<'h> {
    raw: &'h [u8],
    name: &'h [u8],
    value: &'h [u8],
}

impl Field<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// What the first field of this name says, in lower case.
fn value(fields: &[Field<'_>], name: &str) -> String {
    let field = fields.iter().find(|field| field.is(name));
    field.map(|field| String::from_utf8_lossy(field.value).to_ascii_lowercase()).unwrap_or_default()
}

/// Header fields with their folded lines.
fn fields(header: &[u8]) -> Vec<Field<'_>> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in header.split_inclusive(|b| *b == b'\n') {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") && !matches!(line, b"\n" | b"\r\n") {
            starts.push(at);
        }
        at += line.len();
    }
    let end =
        header.len() - if header.ends_with(b"\r\n\r\n") { 2 } else { usize::from(header.ends_with(b"\n\n")) };
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(from, to)| {
            let raw = header.get(*from..to)?;
            let colon = raw.iter().position(|b| *b == b':')?;
            let (name, value) = raw.split_at_checked(colon)?;
            Some(Field { raw, name: name.trim_ascii(), value: value.get(1..)? })
        })
        .collect()
}

/// Header fields every message has at most once, and Content fields a part has at most once, that stand twice: two
/// programs may then see two messages (RFC 5322 §3.6).
pub(super) fn is_ambiguous(raw: &[u8]) -> bool {
    let length = charset::header_length(raw).min(MAX_HEADER);
    let fields = fields(raw.get(..length).unwrap_or_default());
    let twice = |name: &str| fields.iter().filter(|f| f.is(name)).count() > 1;
    let kind = value(&fields, "content-type");
    ["from", "subject", "date", "content-type", "content-transfer-encoding", "mime-version", "to"]
        .into_iter()
        .any(twice)
        || kind.matches("boundary=").count() > 1
        || kind.contains("boundary=\"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, 0x82, (content.len() >> 8) as u8, content.len() as u8];
        out.extend_from_slice(content);
        out
    }

    #[test]
    fn signed_content_is_found_in_one_piece_or_several_and_nothing_else_is() {
        let signed = |octets: &[u8]| {
            let encapsulated = [tlv(6, b"\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"), tlv(0xA0, octets)].concat();
            let data = [tlv(2, &[1]), tlv(0x31, &[]), tlv(0x30, &encapsulated)].concat();
            tlv(0x30, &[tlv(6, SIGNED), tlv(0xA0, &tlv(0x30, &data))].concat())
        };
        let one = signed(&tlv(4, b"bonjour"));
        assert_eq!(open(&one), Envelope::Signed(b"bonjour".to_vec()));
        let several = [b"\x24\x80".to_vec(), tlv(4, b"bon"), tlv(4, b"jour"), vec![0, 0]].concat();
        assert_eq!(open(&signed(&several)), Envelope::Signed(b"bonjour".to_vec()));
        for cut in 0..one.len() {
            assert_eq!(open(&one[..cut]), Envelope::Unknown);
        }
        assert_eq!(open(&tlv(0x30, &tlv(6, ENVELOPED))), Envelope::Encrypted);
        assert_eq!(open(&b"\x30\x80".repeat(10_000)), Envelope::Unknown);
    }

    #[test]
    fn attack_43_headers_that_stand_twice_are_noticed() {
        assert!(is_ambiguous(b"From: a@b.fr\r\nSubject: x\r\nFrom: c@d.fr\r\n\r\n"));
        assert!(is_ambiguous(
            b"From: a@b.fr\r\nContent-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n"
        ));
        assert!(!is_ambiguous(b"Received: a\r\nReceived: b\r\nFrom: a@b.fr\r\n\r\nFrom: x\r\nFrom: y\r\n"));
    }
}
