//! What the program and the process that hosts the PKCS#11 module say to each other.
//!
//! A frame is its length (4 bytes, little-endian, at most [`MAX_FRAME`]) and that many bytes. A request is one frame of
//! JSON, followed by one frame for each code it names: codes never pass through the JSON encoder, whose buffers are
//! not wiped. An answer is one frame of JSON. One request at a time; the n-th answer is to the n-th request.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::token::{CardInfo, Padding};
use super::{Error, MAX_CODE};
use crate::domain::secret::Secret;

/// Certificates, names and signatures take a few kilobytes; the host is killed when it says more.
const MAX_FRAME: usize = 256 * 1024;

/// What the host is asked to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Read the cards in these readers (any card when none is named) with this module. Cards read before with another
    /// module stay open.
    Read { module: PathBuf, readers: Vec<String> },
    /// Verify the PIN of the card in this reader. With a PIN, one frame follows.
    Login { reader: String, has_pin: bool },
    /// Sign with the key of the card that is logged in.
    Sign { padding: Padding, data: Vec<u8> },
    /// Set a new PIN by the unblocking code: two frames follow, unblocking code then PIN.
    Unblock { reader: String },
    /// Log out, close every session, end every module.
    Close,
}

impl Request {
    /// How many frames with codes follow.
    pub(super) fn codes(&self) -> usize {
        match self {
            Self::Login { has_pin, .. } => usize::from(*has_pin),
            Self::Unblock { .. } => 2,
            Self::Read { .. } | Self::Sign { .. } | Self::Close => 0,
        }
    }
}

/// What the host answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// One for each reader that was named, in their order.
    Read(Vec<Result<CardInfo, Error>>),
    Unlocked {
        certificate: Vec<u8>,
        pss: bool,
    },
    Signed(Vec<u8>),
    Done,
    Failed(Error),
}

/// Writes a request and its codes.
pub(super) fn write_request(to: &mut impl Write, request: &Request, codes: &[&Secret]) -> io::Result<()> {
    write_frame(to, &serde_json::to_vec(request)?)?;
    codes.iter().try_for_each(|code| write_frame(to, code.expose().as_bytes()))
}

/// Reads a request and its codes; `None` when the other side has ended.
pub(super) fn read_request(from: &mut impl Read) -> io::Result<Option<(Request, Vec<Secret>)>> {
    let Some(frame) = read_frame(from, MAX_FRAME)? else { return Ok(None) };
    let request: Request = serde_json::from_slice(&frame)?;
    let codes = (0..request.codes()).map(|_| {
        let frame = read_frame(from, MAX_CODE)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        // exactly as long as the text, so that it is neither copied nor left behind by a reallocation
        let mut text = String::with_capacity(frame.len());
        text.push_str(std::str::from_utf8(&frame).map_err(io::Error::other)?);
        Ok(Secret::new(text))
    });
    let codes = codes.collect::<io::Result<_>>()?;
    Ok(Some((request, codes)))
}

pub(super) fn write_answer(to: &mut impl Write, answer: &Answer) -> io::Result<()> {
    write_frame(to, &serde_json::to_vec(answer)?)
}

/// Reads an answer; `None` when the host has ended.
pub(super) fn read_answer(from: &mut impl Read) -> io::Result<Option<Answer>> {
    let Some(frame) = read_frame(from, MAX_FRAME)? else { return Ok(None) };
    Ok(Some(serde_json::from_slice(&frame)?))
}

fn write_frame(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// `None` at the end between two frames.
fn read_frame(from: &mut impl Read, most: usize) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut length = [0; 4];
    let (first, rest) = length.split_at_mut(1);
    loop {
        match from.read(first) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    from.read_exact(rest)?;
    let length = usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?;
    if length > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too long"));
    }
    let mut frame = Zeroizing::new(vec![0; length]);
    from.read_exact(&mut frame)?;
    Ok(Some(frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_their_codes_arrive_as_they_were_sent() {
        let (puk, pin) = (Secret::new("12345678".to_owned()), Secret::new("4321".to_owned()));
        let mut wire = Vec::new();
        let login = Request::Login { reader: "r 00".to_owned(), has_pin: true };
        write_request(&mut wire, &login, &[&pin]).unwrap();
        write_request(&mut wire, &Request::Unblock { reader: "r".to_owned() }, &[&puk, &pin]).unwrap();
        write_request(&mut wire, &Request::Close, &[]).unwrap();
        let mut wire = wire.as_slice();
        let mut next = || read_request(&mut wire).unwrap();
        let (request, codes) = next().unwrap();
        assert!(matches!(request, Request::Login { reader, has_pin: true } if reader == "r 00"));
        assert_eq!(codes.iter().map(Secret::expose).collect::<Vec<_>>(), ["4321"]);
        let (_, codes) = next().unwrap();
        assert_eq!(codes.iter().map(Secret::expose).collect::<Vec<_>>(), ["12345678", "4321"]);
        assert!(matches!(next().unwrap().0, Request::Close));
        assert!(next().is_none());
    }

    #[test]
    fn a_frame_that_is_too_long_cut_or_no_json_is_an_error() {
        let long = [&u32::MAX.to_le_bytes()[..], b"x"].concat();
        let cut = [&9u32.to_le_bytes()[..], b"\"Done"].concat();
        let garbage = [&3u32.to_le_bytes()[..], b"\xFF{{"].concat();
        for wire in [&long, &cut, &garbage, &long[..2].to_vec()] {
            assert!(read_answer(&mut wire.as_slice()).is_err(), "{wire:?}");
            assert!(read_request(&mut wire.as_slice()).is_err(), "{wire:?}");
        }
    }
}
