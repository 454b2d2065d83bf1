//! Messages of files into a folder: EML, mbox, ZIP archives of them, or a folder of EML files. They are here at once, and
//! the server gets them by the changes that wait for it.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::digest;
use serde::Serialize;

use super::job::Job;
use super::session::OpenSession;
use super::sync::new_body;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Event, Result, clock, patient};
use crate::domain::UnixTime;
use crate::domain::id::{AccountId, FolderId, MessageId};
use crate::domain::message::{Flags, MessageKind};
use crate::export::{self, LARGEST_MESSAGE, bundle, mbox};
use crate::mime;
use crate::store::{NewImport, NewMessage};

/// Messages written in one transaction, and most bytes of them.
const GROUP: usize = 50;
const GROUP_BYTES: usize = 16 << 20;
/// Most files of a folder that is read.
const MOST_FILES: usize = 200_000;

/// What became of the messages of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Put into the folder.
    pub added: u64,
    /// Already in this mailbox: the same Message-ID and body, or the same content.
    pub duplicates: u64,
    /// No messages, or damaged.
    pub unreadable: u64,
    /// Larger than what is read.
    pub too_large: u64,
}

/// A message of a file.
pub(super) struct Coming {
    pub(super) raw: Vec<u8>,
    pub(super) flags: Flags,
    /// When it arrived, where the file tells.
    pub(super) date: Option<UnixTime>,
}

impl Engine {
    /// Puts the messages of files into a folder. What the mailbox has already is passed over, so that a cancelled import
    /// can be begun again.
    ///
    /// # Errors
    /// `import-format` for a file that holds no messages; `folder-read-only`; `disk-full`; `cancelled`: what was put in
    /// before stays.
    pub async fn import(&self, files: Vec<PathBuf>, folder: FolderId, job: Job) -> Result<Imported> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let mut importer = Importer::new(&session, folder, &job)?;
            job.begin(files.len());
            for file in &files {
                importer.any(file)?;
                job.step();
            }
            importer.finish()
        }))
        .await
    }
}

/// Takes messages in, in groups.
pub(super) struct Importer<'i> {
    session: &'i Arc<OpenSession>,
    job: &'i Job,
    account: AccountId,
    folder: FolderId,
    group: Vec<NewImport>,
    weight: usize,
    /// What this import has taken in, which the store may not have yet.
    seen: HashSet<[u8; 32]>,
    imported: Imported,
}

impl<'i> Importer<'i> {
    pub(super) fn new(session: &'i Arc<OpenSession>, folder: FolderId, job: &'i Job) -> Result<Self> {
        let state = session.store.folder(folder)?.folder;
        if !state.rights.insert || !state.selectable {
            return Err(Error::read_only_folder());
        }
        Ok(Self {
            session,
            job,
            account: state.account,
            folder,
            group: Vec::new(),
            weight: 0,
            seen: HashSet::new(),
            imported: Imported::default(),
        })
    }

    fn any(&mut self, path: &Path) -> Result<()> {
        self.job.check(Some(self.session))?;
        let known = path.metadata().map_err(export::Error::from)?;
        if known.is_dir() {
            return self.folder_of_files(path);
        }
        if !known.is_file() {
            return Err(export::Error::Format.into());
        }
        let mut start = [0; 5];
        let mut file = File::open(path).map_err(export::Error::from)?;
        let count = file.read(&mut start).map_err(export::Error::from)?;
        match start.get(..count).unwrap_or_default() {
            [b'P', b'K', 3, 4, ..] => {
                let left_out = bundle::read(path, |name, bytes| {
                    if name.to_lowercase().ends_with(".mbox") {
                        self.mbox(bytes.as_slice())
                    } else {
                        self.eml(bytes)
                    }
                })?;
                self.imported.unreadable += left_out;
                Ok(())
            }
            b"From " => self.mbox(BufReader::new(File::open(path).map_err(export::Error::from)?)),
            _ => self.file(path),
        }
    }

    fn folder_of_files(&mut self, path: &Path) -> Result<()> {
        let entries = std::fs::read_dir(path).map_err(export::Error::from)?;
        let mut files: Vec<PathBuf> =
            entries.take(MOST_FILES).filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|f| f.extension().is_some_and(|e| e.eq_ignore_ascii_case("eml")) && f.is_file());
        files.sort();
        if files.is_empty() {
            return Err(export::Error::Format.into());
        }
        files.iter().try_for_each(|file| self.file(file))
    }

    fn file(&mut self, path: &Path) -> Result<()> {
        let file = File::open(path).map_err(export::Error::from)?;
        let mut raw = Vec::new();
        file.take(LARGEST_MESSAGE + 1).read_to_end(&mut raw).map_err(export::Error::from)?;
        if raw.len() as u64 > LARGEST_MESSAGE {
            self.imported.too_large += 1;
            return Ok(());
        }
        self.eml(raw)
    }

    fn eml(&mut self, raw: Vec<u8>) -> Result<()> {
        // what comes from another program was most likely read there: a flood of old mail is not new mail
        let flags = Flags { seen: true, ..Flags::default() };
        self.take(Coming { raw: with_crlf(raw), flags, date: None })
    }

    fn mbox(&mut self, input: impl std::io::BufRead) -> Result<()> {
        let mut reader = mbox::Reader::new(input)?;
        while let Some(found) = reader.next_message()? {
            let flags = found.flags.unwrap_or(Flags { seen: true, ..Flags::default() });
            self.take(Coming { raw: found.raw, flags, date: found.date })?;
        }
        self.imported.too_large += reader.too_large();
        Ok(())
    }

    /// Takes a message in, unless the mailbox has it.
    pub(super) fn take(&mut self, coming: Coming) -> Result<()> {
        self.job.check(Some(self.session))?;
        let header = mime::parse_header(&coming.raw);
        let envelope = header.envelope;
        if envelope.from.is_empty() && envelope.date.is_none() && envelope.message_id.is_none() {
            self.imported.unreadable += 1;
            return Ok(());
        }
        let date = coming.date.or(envelope.date).unwrap_or_else(clock::now);
        let content = digest_of(envelope.message_id.as_deref(), &coming.raw);
        if !self.seen.insert(content)
            || self.is_here(envelope.message_id.as_deref(), date, &coming.raw, content)?
        {
            self.imported.duplicates += 1;
            return Ok(());
        }
        // notices were answered and critical results seen where the message was before
        let body = new_body(MessageId(0), &coming.raw, |_| {})?.without_alarm();
        self.weight += body.weight();
        let message = NewMessage {
            uid: None,
            envelope,
            flags: coming.flags,
            internal_date: date,
            size: coming.raw.len() as u64,
            kind: MessageKind::Letter,
            has_attachment: header.has_attachment,
        };
        self.group.push(NewImport { message, body });
        if self.group.len() >= GROUP || self.weight >= GROUP_BYTES { self.write() } else { Ok(()) }
    }

    fn is_here(
        &self,
        message_id: Option<&str>,
        date: UnixTime,
        raw: &[u8],
        content: [u8; 32],
    ) -> Result<bool> {
        let length = raw.len() as u64;
        for (id, size, is_downloaded) in self.session.store.twins(self.account, message_id, date, length)? {
            if !is_downloaded {
                // as far as can be known without its content
                if size.abs_diff(length) <= 2 {
                    return Ok(true);
                }
            } else if let Some(other) = self.session.store.raw(id)?
                && digest_of(message_id, &other) == content
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn write(&mut self) -> Result<()> {
        let group = std::mem::take(&mut self.group);
        self.weight = 0;
        self.imported.added += group.len() as u64;
        self.session.store.import(self.folder, group)?;
        patient::settle(self.session)?;
        self.session.tell(Event::MailboxChanged(self.folder));
        self.session.line(self.account).wake.notify_one();
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Imported> {
        if !self.group.is_empty() {
            self.write()?;
        }
        let trace = self.session.store.add_trace(clock::now(), "imported", Some(self.account), None);
        trace?;
        self.session.tell(Event::FoldersChanged(self.account));
        if self.imported == Imported::default() {
            return Err(Error::new(ErrorKind::Corrupt, "import-format"));
        }
        Ok(self.imported)
    }
}

/// What two copies of one message share: the Message-ID and the body, since mail programs add fields of their own to
/// headers; all of it where there is no Message-ID. Line ends do not count.
fn digest_of(message_id: Option<&str>, raw: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    let lines = || raw.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut body: Vec<&[u8]> = match message_id {
        Some(id) => {
            context.update(id.as_bytes());
            context.update(b"\n\n");
            lines().skip_while(|line| !line.is_empty()).collect()
        }
        None => lines().collect(),
    };
    while body.last().is_some_and(|line| line.is_empty()) {
        body.pop();
    }
    for line in body {
        context.update(line);
        context.update(b"\n");
    }
    <[u8; 32]>::try_from(context.finish().as_ref()).unwrap_or_default()
}

/// Servers want CRLF line ends, and nothing else.
fn with_crlf(raw: Vec<u8>) -> Vec<u8> {
    let is_bare = |(at, byte): (usize, &u8)| {
        *byte == b'\n' && at.checked_sub(1).and_then(|before| raw.get(before)) != Some(&b'\r')
    };
    if !raw.iter().enumerate().any(is_bare) {
        return raw;
    }
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 32);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_one_message_are_told_by_what_programs_do_not_change() {
        let raw = b"Message-ID: <a@b>\r\nSubject: x\r\n\r\nbody\r\n";
        let marked = b"X-Mozilla-Status: 0001\nMessage-ID: <a@b>\nSubject: x\n\nbody\n\n";
        let other = b"Message-ID: <a@b>\r\nSubject: x\r\n\r\nother\r\n";
        assert_eq!(digest_of(Some("a@b"), raw), digest_of(Some("a@b"), marked));
        assert_ne!(digest_of(Some("a@b"), raw), digest_of(Some("a@b"), other));
        assert_ne!(digest_of(Some("a@b"), raw), digest_of(Some("c@d"), raw));
        assert_ne!(digest_of(None, raw), digest_of(None, marked));
    }

    #[test]
    fn lines_end_as_servers_want_them() {
        assert_eq!(with_crlf(b"a\nb\r\nc".to_vec()), b"a\r\nb\r\nc");
        assert_eq!(with_crlf(b"a\r\nb\r\n".to_vec()), b"a\r\nb\r\n");
    }
}
