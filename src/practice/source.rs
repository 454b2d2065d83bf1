//! Sources of fictitious messages, written the way many different senders write them.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A body part.
#[derive(Debug, Clone)]
pub(super) struct Part {
    headers: String,
    body: Vec<u8>,
}

/// The byte of a character in windows-1252, `?` where it has none.
pub(super) fn windows_1252(c: char) -> u8 {
    match c {
        '\u{00}'..='\u{7F}' | '\u{A0}'..='\u{FF}' => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        '€' => 0x80,
        '…' => 0x85,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' => 0x96,
        '—' => 0x97,
        'œ' => 0x9C,
        'Œ' => 0x8C,
        _ => b'?',
    }
}

fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// Text in quoted-printable UTF-8.
pub(super) fn text(kind: &str, body: &str) -> Part {
    Part {
        headers: format!(
            "Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        ),
        body: quoted_printable(&crlf(body)),
    }
}

/// Text in bare windows-1252 bytes; `charset` is what the header says, nothing when empty.
pub(super) fn text_8bit(body: &str, charset: &str) -> Part {
    let headers = match charset {
        "" => "Content-Transfer-Encoding: 8bit\r\n".to_owned(),
        charset => {
            format!("Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n")
        }
    };
    Part { headers, body: crlf(body).chars().map(windows_1252).collect() }
}

/// A file.
pub(super) fn file(name: &str, media_type: &str, content: &[u8]) -> Part {
    encoded_file(name, media_type, &base64(content))
}

/// A file whose content is in base64 already, so that it is encoded once for many messages.
pub(super) fn encoded_file(name: &str, media_type: &str, content: &[u8]) -> Part {
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut disposition = format!("attachment; filename=\"{plain}\"");
    if !name.is_ascii() {
        let _ = write!(disposition, ";\r\n filename*=UTF-8''{}", percent(name));
    }
    Part {
        headers: format!(
            "Content-Type: {media_type}; name=\"{plain}\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: {disposition}\r\n"
        ),
        body: content.to_vec(),
    }
}

/// An image shown inside HTML.
pub(super) fn inline_image(name: &str, id: &str, encoded: &[u8]) -> Part {
    Part {
        headers: format!(
            "Content-Type: image/jpeg; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <{id}>\r\nContent-Disposition: inline; filename=\"{name}\"\r\n"
        ),
        body: encoded.to_vec(),
    }
}

/// A part of any type in 7-bit text.
pub(super) fn plain(media_type: &str, body: &str) -> Part {
    Part { headers: format!("Content-Type: {media_type}\r\n"), body: crlf(body).into_bytes() }
}

/// A multipart of `kind` (`mixed`, `alternative`, `related`, or `report; report-type=…`).
pub(super) fn multipart(kind: &str, parts: &[Part]) -> Part {
    // nested boundaries differ by the number of bytes they enclose
    let size: usize = parts.iter().map(|p| p.body.len() + p.headers.len()).sum();
    let boundary = format!("=_{size:x}.{:x}", parts.len());
    let mut body = Vec::with_capacity(size + 100 * parts.len());
    for part in parts {
        body.extend_from_slice(format!("--{boundary}\r\n{}\r\n", part.headers).as_bytes());
        body.extend_from_slice(&part.body);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Part { headers: format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n"), body }
}

/// The whole message.
pub(super) fn message(headers: &[(&str, String)], part: &Part) -> Vec<u8> {
    let mut head = String::with_capacity(800);
    for (name, value) in headers {
        if !value.is_empty() {
            let _ = write!(head, "{name}: {value}\r\n");
        }
    }
    head.push_str("MIME-Version: 1.0\r\n");
    head.push_str(&part.headers);
    head.push_str("\r\n");
    let mut raw = head.into_bytes();
    raw.extend_from_slice(&part.body);
    if !raw.ends_with(b"\r\n") {
        raw.extend_from_slice(b"\r\n");
    }
    raw
}

/// Base64 in lines of 76.
pub(super) fn base64(content: &[u8]) -> Vec<u8> {
    let encoded = STANDARD.encode(content);
    let mut out = Vec::with_capacity(encoded.len() + encoded.len() / 38 + 2);
    for line in encoded.as_bytes().chunks(76) {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// A header value, as RFC 2047 words when it is not ASCII.
pub(super) fn words(value: &str) -> String {
    if value.is_ascii() {
        return value.to_owned();
    }
    let mut out = String::new();
    let mut chunk = String::new();
    let close = |out: &mut String, chunk: &mut String| {
        if !out.is_empty() {
            out.push_str("\r\n ");
        }
        let _ = write!(out, "=?UTF-8?B?{}?=", STANDARD.encode(chunk.as_bytes()));
        chunk.clear();
    };
    for c in value.chars() {
        if chunk.len() + c.len_utf8() > 42 {
            close(&mut out, &mut chunk);
        }
        chunk.push(c);
    }
    close(&mut out, &mut chunk);
    out
}

/// `"Name" <address>`.
pub(super) fn mailbox(name: &str, address: &str) -> String {
    match name {
        "" => format!("<{address}>"),
        name if name.is_ascii() => format!("\"{}\" <{address}>", name.replace(['"', '\\'], "")),
        name => format!("{} <{address}>", words(name)),
    }
}

/// Date header in winter time of Paris.
pub(super) fn date(at: i64) -> String {
    jiff::Timestamp::from_second(at + 3600)
        .unwrap_or_default()
        .strftime("%a, %d %b %Y %H:%M:%S +0100")
        .to_string()
}

fn percent(name: &str) -> String {
    name.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-._".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
        out
    })
}

fn quoted_printable(text: &str) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let hex = |n: u8| HEX.get(usize::from(n)).copied().unwrap_or(b'0');
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    for line in text.split_inclusive("\r\n") {
        let (content, end) = line.strip_suffix("\r\n").map_or((line, ""), |c| (c, "\r\n"));
        let mut width = 0;
        let last = content.len().saturating_sub(1);
        for (at, b) in content.bytes().enumerate() {
            let plain = (b.is_ascii_graphic() && b != b'=') || (matches!(b, b' ' | b'\t') && at != last);
            if width + 3 > 75 {
                out.extend_from_slice(b"=\r\n");
                width = 0;
            }
            if plain {
                out.push(b);
                width += 1;
            } else {
                out.extend_from_slice(&[b'=', hex(b >> 4), hex(b & 15)]);
                width += 3;
            }
        }
        out.extend_from_slice(end.as_bytes());
    }
    out
}
