//! One segment: messages in sealed pieces, in order, with a sealed end.
//!
//! ```text
//! segment = header, piece*, end
//! header  = "ESTAFARC", version: u32, number: u32, salt: 32 bytes, SHA-256 of the segment before: 32 bytes
//! piece   = length of what is sealed: u32, sealed zstd of records
//! end     = length: u32, sealed count of messages: u64, bytes of their sources: u64
//! record  = length: u32, Entry as JSON, length: u32, source
//! ```
//! Numbers are little-endian. The cipher is ChaCha20-Poly1305 (RFC 8439); the key of a segment is derived from the
//! archive's key and the salt by HKDF-SHA256 (RFC 5869); the nonce is the number of the piece and whether it is the end,
//! so that pieces cannot change places; the header is authenticated with each.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hkdf};
use tempfile::NamedTempFile;

use super::{Entry, Error, Result};
use crate::domain::secret::StoreKey;

const MAGIC: &[u8; 8] = b"ESTAFARC";
const VERSION: u32 = 1;
const HEADER: usize = 80;
/// What the key of a segment is derived for.
const PURPOSE: &[u8] = b"estafette archive segment 1";
/// A piece is sealed when its records take so much.
const PIECE: usize = 1 << 20;
/// Largest piece that is read, sealed or not: one message of the largest size with what it is described by.
const LARGEST: usize = 300 << 20;
const LEVEL: i32 = 3;
/// Bytes a seal adds.
const TAG: usize = 16;
/// Bytes of the end before it is sealed.
const END: usize = 16;

type Header = [u8; HEADER];

fn cipher(key: &StoreKey, salt: &[u8]) -> Result<LessSafeKey> {
    let material = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key.expose());
    let key = material.expand(&[PURPOSE], &CHACHA20_POLY1305).map_err(|_| Error::Random)?;
    Ok(LessSafeKey::new(UnboundKey::from(key)))
}

fn nonce(piece: u64, is_end: bool) -> Nonce {
    let mut bytes = [0; 12];
    for (to, from) in bytes.iter_mut().zip(piece.to_le_bytes().into_iter().chain([u8::from(is_end)])) {
        *to = from;
    }
    Nonce::assume_unique_for_key(bytes)
}

/// A segment being written, beside its place.
pub(super) struct Sealed {
    file: NamedTempFile,
    digest: digest::Context,
    header: Header,
    cipher: LessSafeKey,
    pieces: u64,
    records: Vec<u8>,
    messages: u64,
    bytes: u64,
    written: u64,
}

impl Sealed {
    pub(super) fn new(
        folder: &Path,
        prefix: &str,
        number: u32,
        previous: [u8; 32],
        key: &StoreKey,
    ) -> Result<Self> {
        let mut salt = [0; 32];
        SystemRandom::new().fill(&mut salt).map_err(|_| Error::Random)?;
        let parts: [&[u8]; 5] = [MAGIC, &VERSION.to_le_bytes(), &number.to_le_bytes(), &salt, &previous];
        let header = Header::try_from(parts.concat()).map_err(|_| Error::Altered { segment: number })?;
        let mut sealed = Self {
            file: NamedTempFile::with_prefix_in(prefix, folder)?,
            digest: digest::Context::new(&digest::SHA256),
            header,
            cipher: cipher(key, &salt)?,
            pieces: 0,
            records: Vec::new(),
            messages: 0,
            bytes: 0,
            written: 0,
        };
        sealed.put(&header)?;
        Ok(sealed)
    }

    /// Bytes in the file so far.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes)?;
        self.digest.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn add(&mut self, entry: &Entry, raw: &[u8]) -> Result<()> {
        let described = serde_json::to_vec(entry).map_err(|error| Error::Io(error.into()))?;
        for part in [described.as_slice(), raw] {
            let length = u32::try_from(part.len()).map_err(|_| Error::Full)?;
            self.records.extend_from_slice(&length.to_le_bytes());
            self.records.extend_from_slice(part);
        }
        self.messages += 1;
        self.bytes += raw.len() as u64;
        if self.records.len() >= PIECE { self.seal_records() } else { Ok(()) }
    }

    fn seal_records(&mut self) -> Result<()> {
        let packed = zstd::bulk::compress(&self.records, LEVEL)?;
        self.records.clear();
        self.seal(packed, false)
    }

    fn seal(&mut self, mut bytes: Vec<u8>, is_end: bool) -> Result<()> {
        let sealing = self.cipher.seal_in_place_append_tag(
            nonce(self.pieces, is_end),
            Aad::from(self.header),
            &mut bytes,
        );
        sealing.map_err(|_| Error::Random)?;
        self.pieces += 1;
        let length = u32::try_from(bytes.len()).map_err(|_| Error::Full)?;
        self.put(&length.to_le_bytes())?;
        self.put(&bytes)
    }

    /// Seals the end and puts the whole file in its place, on the disk. Answers its digest.
    pub(super) fn finish(mut self, path: &Path) -> Result<[u8; 32]> {
        if !self.records.is_empty() {
            self.seal_records()?;
        }
        let end = [self.messages.to_le_bytes(), self.bytes.to_le_bytes()].concat();
        self.seal(end, true)?;
        self.file.as_file().sync_all()?;
        self.file.persist_noclobber(path).map_err(|failed| Error::from(failed.error))?;
        #[cfg(unix)]
        if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
            // network drives may refuse, and do so themselves
            let _ = folder.sync_all();
        }
        Ok(<[u8; 32]>::try_from(self.digest.finish().as_ref()).unwrap_or_default())
    }
}

/// A segment being read.
pub(super) struct Unsealed {
    input: BufReader<File>,
    number: u32,
    digest: digest::Context,
    header: Header,
    cipher: LessSafeKey,
    pieces: u64,
    records: Vec<u8>,
    at: usize,
    messages: u64,
    bytes: u64,
    is_over: bool,
}

impl Unsealed {
    pub(super) fn open(path: &Path, number: u32, key: &StoreKey) -> Result<Self> {
        let mut input = BufReader::with_capacity(256 << 10, File::open(path)?);
        let mut header = [0; HEADER];
        fill(&mut input, &mut header, number)?;
        let altered = || Error::Altered { segment: number };
        let (magic, rest) = header.split_first_chunk::<8>().ok_or_else(altered)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(altered)?;
        let (said, rest) = rest.split_first_chunk::<4>().ok_or_else(altered)?;
        let (salt, _) = rest.split_first_chunk::<32>().ok_or_else(altered)?;
        if magic != MAGIC {
            return Err(altered());
        }
        if u32::from_le_bytes(*version) > VERSION {
            return Err(Error::Newer { segment: number });
        }
        if u32::from_le_bytes(*said) != number {
            return Err(altered());
        }
        let mut digest = digest::Context::new(&digest::SHA256);
        digest.update(&header);
        Ok(Self {
            input,
            number,
            digest,
            cipher: cipher(key, salt)?,
            header,
            pieces: 0,
            records: Vec::new(),
            at: 0,
            messages: 0,
            bytes: 0,
            is_over: false,
        })
    }

    /// Digest of the segment before, as this one says.
    pub(super) fn previous(&self) -> [u8; 32] {
        self.header.last_chunk().copied().unwrap_or_default()
    }

    /// The next message; `None` when the end was reached and everything agrees.
    pub(super) fn next_message(&mut self) -> Result<Option<(Entry, Vec<u8>)>> {
        while self.at >= self.records.len() {
            if self.is_over || !self.piece()? {
                return Ok(None);
            }
        }
        let described = self.part()?.to_vec();
        let raw = self.part()?.to_vec();
        let entry = serde_json::from_slice(&described).map_err(|_| self.altered())?;
        self.messages += 1;
        self.bytes += raw.len() as u64;
        Ok(Some((entry, raw)))
    }

    /// SHA-256 of the file, once it was read to its end.
    pub(super) fn digest(self) -> [u8; 32] {
        <[u8; 32]>::try_from(self.digest.finish().as_ref()).unwrap_or_default()
    }

    fn altered(&self) -> Error {
        Error::Altered { segment: self.number }
    }

    fn part(&mut self) -> Result<&[u8]> {
        let altered = Error::Altered { segment: self.number };
        let rest = self.records.get(self.at..).unwrap_or_default();
        let Some((length, rest)) = rest.split_first_chunk::<4>() else { return Err(altered) };
        let length = u32::from_le_bytes(*length) as usize;
        let part = rest.get(..length).ok_or(altered)?;
        self.at += 4 + length;
        Ok(part)
    }

    /// Opens the next piece; false at the end.
    fn piece(&mut self) -> Result<bool> {
        let mut length = [0; 4];
        fill(&mut self.input, &mut length, self.number)?;
        self.digest.update(&length);
        let length = u32::from_le_bytes(length) as usize;
        if !(TAG..=LARGEST).contains(&length) {
            return Err(self.altered());
        }
        // read as it comes: a length alone takes no memory
        let mut bytes = Vec::new();
        (&mut self.input).take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() < length {
            return Err(Error::Truncated { segment: self.number });
        }
        self.digest.update(&bytes);
        // no record is as short as the end
        let is_end = length == END + TAG;
        let (nonce, aad) = (nonce(self.pieces, is_end), Aad::from(self.header));
        let opened = self.cipher.open_in_place(nonce, aad, &mut bytes);
        let opened = opened.map_err(|_| Error::Altered { segment: self.number })?;
        self.pieces += 1;
        if is_end {
            let said = opened.to_vec();
            self.end(&said)?;
            return Ok(false);
        }
        self.records = unpacked(opened).ok_or(Error::Altered { segment: self.number })?;
        self.at = 0;
        Ok(true)
    }

    /// What the end says must be what was read, and nothing may follow.
    fn end(&mut self, said: &[u8]) -> Result<()> {
        let read = [self.messages.to_le_bytes(), self.bytes.to_le_bytes()].concat();
        let mut more = [0; 1];
        if said != read || self.input.read(&mut more)? != 0 {
            return Err(self.altered());
        }
        self.is_over = true;
        self.records.clear();
        self.at = 0;
        Ok(())
    }
}

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten()?;
    let size = usize::try_from(size).ok().filter(|size| *size <= LARGEST)?;
    zstd::bulk::decompress(packed, size).ok()
}

fn fill(input: &mut impl Read, bytes: &mut [u8], number: u32) -> Result<()> {
    input.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => Error::Truncated { segment: number },
        _ => error.into(),
    })
}
