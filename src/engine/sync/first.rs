//! The first look at a folder: every header, newest first, written while the next come in.

use std::sync::Arc;

use tokio::task::{JoinHandle, spawn_blocking};

use super::folder::new_messages;
use crate::domain::id::FolderId;
use crate::engine::session::OpenSession;
use crate::engine::work::joined;
use crate::engine::{Error, Event, Result};
use crate::imap;

/// Lists a folder just selected, of `exists` messages; answers how many were new here.
pub(super) async fn list_all(
    session: &Arc<OpenSession>,
    imap: &mut imap::Session,
    folder: FolderId,
    exists: u32,
) -> Result<u32> {
    let mut listing = Listing { session, folder, writing: None, new: 0, failed: None };
    let streamed = imap.stream_headers(exists, &mut listing).await;
    listing.settle().await;
    listing.failed.map_or(Ok(()), Err)?;
    streamed?;
    Ok(listing.new)
}

struct Listing<'a> {
    session: &'a Arc<OpenSession>,
    folder: FolderId,
    writing: Option<JoinHandle<Result<u32>>>,
    new: u32,
    failed: Option<Error>,
}

impl Listing<'_> {
    /// Waits for the headers that are being written.
    async fn settle(&mut self) {
        let Some(writing) = self.writing.take() else { return };
        match joined(writing.await) {
            Ok(new) => self.new += new,
            Err(error) => drop(self.failed.get_or_insert(error)),
        }
    }
}

impl imap::Headers for Listing<'_> {
    async fn take(&mut self, headers: Vec<imap::FetchedHeader>) {
        self.settle().await;
        if self.failed.is_some() {
            return;
        }
        let (session, folder) = (Arc::clone(self.session), self.folder);
        self.writing = Some(spawn_blocking(move || {
            let new = session.store.insert_unindexed(folder, &new_messages(headers))?.len();
            session.tell(Event::MailboxChanged(folder));
            Ok(u32::try_from(new).unwrap_or(u32::MAX))
        }));
    }
}
