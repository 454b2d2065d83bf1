//! Messages of files into a folder: EML, mbox, ZIP archives of them, or a folder of EML files. They are here at once, and
//! the server gets them by the changes that wait for it.

pub(super) mod source;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use ring::digest;
use serde::Serialize;

use self::source::{Coming, LeftOut};
use super::job::Job;
use super::session::OpenSession;
use super::sync::new_body;
use super::work::blocking;
use super::{Engine, Error, ErrorKind, Event, Result, clock, patient};
use crate::domain::UnixTime;
use crate::domain::id::{AccountId, FolderId, MessageId};
use crate::domain::message::MessageKind;
use crate::mime;
use crate::store::{NewImport, NewMessage};

/// Messages written in one transaction, and most bytes of them.
const GROUP: usize = 50;
const GROUP_BYTES: usize = 16 << 20;

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
                let left_out = source::each(file, |coming| importer.take(coming))?;
                importer.leave_out(left_out);
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

    /// Counts what a file holds beside messages.
    fn leave_out(&mut self, left_out: LeftOut) {
        self.imported.unreadable += left_out.unreadable;
        self.imported.too_large += left_out.too_large;
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
        let content = content_digest(envelope.message_id.as_deref(), &coming.raw);
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
                && content_digest(message_id, &other) == content
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
pub(super) fn content_digest(message_id: Option<&str>, raw: &[u8]) -> [u8; 32] {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_one_message_are_told_by_what_programs_do_not_change() {
        let raw = b"Message-ID: <a@b>\r\nSubject: x\r\n\r\nbody\r\n";
        let marked = b"X-Mozilla-Status: 0001\nMessage-ID: <a@b>\nSubject: x\n\nbody\n\n";
        let other = b"Message-ID: <a@b>\r\nSubject: x\r\n\r\nother\r\n";
        assert_eq!(content_digest(Some("a@b"), raw), content_digest(Some("a@b"), marked));
        assert_ne!(content_digest(Some("a@b"), raw), content_digest(Some("a@b"), other));
        assert_ne!(content_digest(Some("a@b"), raw), content_digest(Some("c@d"), raw));
        assert_ne!(content_digest(None, raw), content_digest(None, marked));
    }
}
