//! Makes what is in the archive findable without its disk.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::archive::Stored;
use crate::engine::session::OpenSession;
use crate::engine::sync::look_into;
use crate::engine::{Result, patient};
use crate::mime;
use crate::store::NewArchived;

/// Messages, and bytes of their text, written in one transaction.
const GROUP: usize = 100;
const GROUP_BYTES: usize = 8 << 20;

/// Takes messages of the archive into the search, in groups. What goes wrong is no reason not to archive: the next run
/// goes on with what is missing.
pub(super) struct Indexer<'i> {
    session: &'i OpenSession,
    known: HashSet<[u8; 32]>,
    group: Vec<NewArchived>,
    weight: usize,
    has_failed: bool,
}

impl<'i> Indexer<'i> {
    pub(super) fn new(session: &'i OpenSession) -> Result<Self> {
        let known = session.store.archive_index()?;
        Ok(Self { session, known, group: Vec::new(), weight: 0, has_failed: false })
    }

    pub(super) fn take(&mut self, stored: &Stored) {
        if self.has_failed || !self.known.insert(stored.digest) {
            return;
        }
        let new = of_stored(stored);
        self.weight += new.text.len();
        self.group.push(new);
        if self.group.len() >= GROUP || self.weight >= GROUP_BYTES {
            self.write();
        }
    }

    /// Writes what is left, and forgets what is not in the archive.
    pub(super) fn finish(mut self, inside: &HashSet<[u8; 32]>) {
        self.write();
        let gone: Vec<[u8; 32]> = self.known.difference(inside).copied().collect();
        if !gone.is_empty()
            && let Err(error) = self.session.store.unindex_archived(&gone)
        {
            tracing::warn!(%error, "the search still knows messages that left the archive");
        }
    }

    fn write(&mut self) {
        let group = std::mem::take(&mut self.group);
        self.weight = 0;
        if let Err(error) = self.session.store.index_archived(&group) {
            tracing::warn!(%error, "archived messages cannot be searched yet");
            self.has_failed = true;
        }
    }
}

fn of_stored(stored: &Stored) -> NewArchived {
    let header = mime::parse_header(&stored.raw);
    // a message no reader can bear is found by its headers
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let (text, kind, reading) = look_into(&stored.raw);
        let has_attachment = reading.as_ref().map(|r| r.documents.iter().any(|d| d.attachment.is_some()));
        let opened = patient::opened(&stored.raw, kind, reading.as_ref());
        (text, kind, has_attachment, opened)
    }));
    let (text, kind, has_attachment, opened) =
        looked.unwrap_or_else(|_| (String::new(), header.kind, None, crate::store::Opened::default()));
    NewArchived {
        digest: stored.digest,
        segment: stored.segment,
        account: stored.entry.account.clone(),
        folder: stored.entry.folder.clone(),
        date: stored.entry.date,
        flags: stored.entry.flags.clone(),
        has_attachment: has_attachment.unwrap_or(header.has_attachment),
        envelope: header.envelope,
        kind,
        topic: opened.topic,
        abnormal: opened.abnormal,
        names: opened.names,
        text,
    }
}
