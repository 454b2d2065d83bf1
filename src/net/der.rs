//! The little of DER that is read and written here (ITU-T X.690): values in a row, each looked into by hand.
//!
//! A reader borrows, never recurses by what it reads, and refuses lengths that do not fit, so that its cost is bounded by
//! the bytes given to it.

use super::Error;

/// Universal tags, with the bit of constructed ones.
pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OID: u8 = 0x06;
pub(super) const ENUMERATED: u8 = 0x0a;
pub(super) const TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// The tag `[n]`, constructed.
pub(super) const fn context(n: u8) -> u8 {
    0xa0 | n
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With tag and length.
    pub(super) whole: &'a [u8],
}

/// Values in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

fn damaged() -> Error {
    Error::Protocol("damaged DER".to_owned())
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag of the next value.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next value, of any kind. Lengths of the indefinite form are refused: DER has none.
    pub(super) fn any(&mut self) -> Result<Value<'a>, Error> {
        let (tag, rest) = self.0.split_first().ok_or_else(damaged)?;
        let (first, rest) = rest.split_first().ok_or_else(damaged)?;
        let (length, rest) = match *first {
            short @ 0..=0x7f => (usize::from(short), rest),
            long @ 0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f)).ok_or_else(damaged)?;
                (bytes.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
            _ => return Err(damaged()),
        };
        let (content, rest) = rest.split_at_checked(length).ok_or_else(damaged)?;
        let whole = self.0.get(..self.0.len() - rest.len()).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(Value { tag: *tag, content, whole })
    }

    /// The next value, which must be of this kind.
    pub(super) fn value(&mut self, tag: u8) -> Result<Value<'a>, Error> {
        let value = self.any()?;
        if value.tag == tag { Ok(value) } else { Err(damaged()) }
    }

    /// Into the next value.
    pub(super) fn enter(&mut self, tag: u8) -> Result<Reader<'a>, Error> {
        Ok(Self(self.value(tag)?.content))
    }

    /// The next value when it is of this kind; nothing is taken otherwise.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, Error> {
        if self.peek() == Some(tag) { self.value(tag).map(Some) } else { Ok(None) }
    }
}

/// A value of this tag made of parts.
pub(super) fn write(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let bytes = bytes.get(bytes.iter().take_while(|b| **b == 0).count()..).unwrap_or_default();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(0x7f));
            out.extend_from_slice(bytes);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_at_every_length() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let written = write(OCTETS, &[&content]);
            let mut reader = Reader::new(&written);
            let value = reader.value(OCTETS).unwrap();
            assert_eq!((value.content, value.whole), (&content[..], &written[..]));
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        for bad in [
            &[][..],
            &[0x30],
            &[0x30, 0x05, 0],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x84, 255, 255, 255, 255],
            &[0x30, 0x85, 0, 0, 0, 0, 1, 0],
        ] {
            assert!(Reader::new(bad).any().is_err(), "{bad:02x?}");
        }
    }
}
