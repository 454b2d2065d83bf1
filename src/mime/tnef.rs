//! `winmail.dat`: what Outlook packs into one attachment. Source: MS-OXTNEF, MS-OXCDATA, MS-OXRTFCP.

mod rtf;

use std::collections::HashMap;

use super::{charset, name};
use crate::domain::text::{one_line, without_deceptive};

/// Most attachments, and most attributes and properties looked at.
const MAX_ATTACHMENTS: usize = 200;
const MAX_ATTRIBUTES: usize = 20_000;
/// Longest text, in bytes.
const MAX_TEXT: usize = 2 << 20;

const SIGNATURE: &[u8] = b"\x78\x9F\x3E\x22";

/// A file packed inside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// Name without path or deceptive characters, never empty.
    pub name: String,
    /// Media type, where told.
    pub media_type: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// What is packed inside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packed {
    /// Subject of the message.
    pub subject: String,
    /// Its text: the plain one, else that of the RTF.
    pub text: String,
    /// Its files.
    pub files: Vec<File>,
    /// There was more than the limits allow, or it ends too early.
    pub truncated: bool,
}

/// Reads the stream. `None` when it is none.
pub fn read(bytes: &[u8]) -> Option<Packed> {
    let mut cursor = Cursor { bytes: bytes.strip_prefix(SIGNATURE)? };
    cursor.u16()?;
    let mut packed = Packed::default();
    let mut plain = String::new();
    for _ in 0..MAX_ATTRIBUTES {
        if cursor.bytes.is_empty() {
            break;
        }
        let Some((id, data)) = attribute(&mut cursor) else {
            packed.truncated = true;
            break;
        };
        match id {
            0x8004 => packed.subject = ansi(data),
            0x800C => plain = ansi(data),
            0x9003 => message(data, &mut packed, &mut plain),
            // a new attachment begins with how it is drawn
            0x9002 => {
                if packed.files.len() >= MAX_ATTACHMENTS {
                    packed.truncated = true;
                    break;
                }
                packed.files.push(File::default());
            }
            0x8010 | 0x800F | 0x9005 => {
                let Some(file) = packed.files.last_mut() else { continue };
                match id {
                    0x8010 if file.name.is_empty() => file.name = ansi(data),
                    0x800F => file.bytes = data.to_vec(),
                    0x9005 => properties(data, |id, value| match id {
                        0x3707 => file.name = value.text(),
                        0x370E => file.media_type = value.text().to_ascii_lowercase(),
                        // an embedded message or object: its content begins with an interface identifier
                        0x3701 if file.bytes.is_empty() => {
                            file.bytes = value.bytes.get(16..).unwrap_or_default().to_vec();
                        }
                        _ => {}
                    }),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    if !plain.trim().is_empty() {
        packed.text = plain;
    }
    packed.text = without_deceptive(&packed.text);
    packed.subject = one_line(&packed.subject);
    for (index, file) in packed.files.iter_mut().enumerate() {
        file.media_type = one_line(&file.media_type);
        file.name = name::safe(Some(&file.name), &file.media_type, index);
    }
    Some(packed)
}

/// Level, identifier, length, data, checksum.
fn attribute<'b>(cursor: &mut Cursor<'b>) -> Option<(u32, &'b [u8])> {
    cursor.take(1)?;
    let id = cursor.u32()? & 0xFFFF;
    let length = cursor.u32()?;
    let data = cursor.take(usize::try_from(length).ok()?)?;
    // some producers leave out the last checksum
    let _ = cursor.u16();
    Some((id, data))
}

fn message(data: &[u8], packed: &mut Packed, plain: &mut String) {
    let (mut rich, mut page) = (String::new(), String::new());
    properties(data, |id, value| match id {
        0x0037 | 0x0E1D if packed.subject.is_empty() => packed.subject = value.text(),
        0x1000 => *plain = value.text(),
        0x1009 => {
            if let Some(raw) = rtf::decompress(value.bytes) {
                rich = crate::health::rtf::text(&raw);
            }
        }
        0x1013 => {
            let html = value.text();
            let safe = super::html::blocks(
                html.get(..html.floor_char_boundary(MAX_TEXT)).unwrap_or(&html),
                &HashMap::new(),
            );
            page = crate::domain::plain::text(&safe.blocks);
        }
        _ => {}
    });
    packed.text = if page.is_empty() { rich } else { page };
}

/// Text of the system's code page, up to its zero.
fn ansi(data: &[u8]) -> String {
    let end = data.iter().position(|b| *b == 0).unwrap_or(data.len()).min(MAX_TEXT);
    let (text, _) = charset::guess(data.get(..end).unwrap_or_default());
    text
}

/// The value of a property.
struct Value<'b> {
    wide: bool,
    bytes: &'b [u8],
}

impl Value<'_> {
    fn text(&self) -> String {
        if !self.wide {
            return ansi(self.bytes);
        }
        let units = self.bytes.chunks_exact(2).take(MAX_TEXT).map(|p| match p {
            [low, high] => u16::from_le_bytes([*low, *high]),
            _ => 0,
        });
        char::decode_utf16(units.take_while(|u| *u != 0))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    }
}

/// Every property of a list, as far as it can be read.
fn properties(data: &[u8], mut found: impl FnMut(u16, Value<'_>)) {
    let mut cursor = Cursor { bytes: data };
    let Some(count) = cursor.u32() else { return };
    for _ in 0..count.min(MAX_ATTRIBUTES as u32) {
        if property(&mut cursor, &mut found).is_none() {
            return;
        }
    }
}

fn property<'b>(cursor: &mut Cursor<'b>, found: &mut impl FnMut(u16, Value<'b>)) -> Option<()> {
    let kind = cursor.u16()?;
    let id = cursor.u16()?;
    if id >= 0x8000 {
        // a property with a name: a set, then a number or a text
        cursor.take(16)?;
        if cursor.u32()? == 0 {
            cursor.take(4)?;
        } else {
            let length = cursor.u32()? as usize;
            cursor.padded(length)?;
        }
    }
    let many = kind & 0x1000 != 0;
    let kind = kind & 0x0FFF;
    let fixed = match kind {
        0x0002 | 0x000B | 0x0003 | 0x0004 | 0x000A => Some(4),
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Some(8),
        0x0048 => Some(16),
        0x001E | 0x001F | 0x000D | 0x0102 => None,
        0x0001 => Some(0),
        _ => return None,
    };
    let count = if many || fixed.is_none() { cursor.u32()? } else { 1 };
    for _ in 0..count.min(MAX_ATTRIBUTES as u32) {
        match fixed {
            Some(length) => {
                cursor.take(length)?;
            }
            None => {
                let length = cursor.u32()? as usize;
                let bytes = cursor.padded(length)?;
                found(id, Value { wide: kind == 0x001F, bytes });
            }
        }
    }
    Some(())
}

struct Cursor<'b> {
    bytes: &'b [u8],
}

impl<'b> Cursor<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    /// With the padding to four bytes, which the end may lack.
    fn padded(&mut self, length: usize) -> Option<&'b [u8]> {
        let taken = self.take(length)?;
        let padding = (4 - length % 4) % 4;
        self.bytes = self.bytes.get(padding.min(self.bytes.len())..)?;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }
}
