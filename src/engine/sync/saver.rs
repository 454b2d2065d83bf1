//! Bodies on their way to the store: read and packed on one thread, written on another, while the next come in.

use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::domain::document::Reading;
use crate::domain::id::{FolderId, MessageId};
use crate::domain::message::MessageKind;
use crate::engine::session::OpenSession;
use crate::engine::work::joined;
use crate::engine::{Event, Result, document, patient, receipt};
use crate::mime;
use crate::store::{NewBody, Packed};

/// Bytes of sources that wait to be read: beyond, the server waits.
const ROOM: usize = 8 << 20;
/// What is written in one transaction: packed bytes that have no file, and messages; and how long the first of them waits for others.
const GROUP_BYTES: usize = 8 << 20;
const GROUP: usize = 600;
const LINGER: Duration = Duration::from_secs(1);
/// Listeners hear of every message of a small group, and of the folder of a large one.
const TOLD_ONE_BY_ONE: usize = 20;

/// A message as it came.
struct Coming {
    folder: FolderId,
    id: MessageId,
    raw: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

/// Messages ready to be written.
#[derive(Default)]
struct Group {
    bodies: Vec<NewBody>,
    places: Vec<(FolderId, MessageId)>,
    weight: usize,
    begun: Option<Instant>,
}

/// The way to the store. Dropping it lets what is on its way finish, unwatched.
pub(super) struct Saver {
    incoming: mpsc::UnboundedSender<Coming>,
    room: Arc<Semaphore>,
    unsaved: Arc<Mutex<HashSet<MessageId>>>,
    reading: JoinHandle<Result<()>>,
    writing: JoinHandle<Result<()>>,
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Saver {
    pub(super) fn start(session: &Arc<OpenSession>) -> Self {
        let (incoming, coming) = mpsc::unbounded_channel();
        let (ready, groups) = sync_channel(1);
        let unsaved = Arc::default();
        let (reader, writer, saved) = (Arc::clone(session), Arc::clone(session), Arc::clone(&unsaved));
        Self {
            incoming,
            room: Arc::new(Semaphore::new(ROOM)),
            unsaved,
            reading: spawn_blocking(move || read(&reader, coming, &ready)),
            writing: spawn_blocking(move || write(&writer, &groups, &saved)),
        }
    }

    /// Takes a message, as soon as there is room for it.
    pub(super) async fn push(&self, folder: FolderId, id: MessageId, raw: Vec<u8>) {
        // one larger than all the room takes all of it
        let wanted = u32::try_from(raw.len().clamp(1, ROOM)).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.room).acquire_many_owned(wanted).await else { return };
        hold(&self.unsaved).insert(id);
        // when the threads have ended, their error is told by `finish`
        let _ = self.incoming.send(Coming { folder, id, raw, _room: room });
    }

    /// Nothing more can be saved: see what [`Saver::finish`] says.
    pub(super) fn has_failed(&self) -> bool {
        self.incoming.is_closed()
    }

    /// Messages that came and are not in the store, now.
    pub(super) fn unsaved(&self) -> HashSet<MessageId> {
        hold(&self.unsaved).clone()
    }

    /// Waits until everything is in the store; answers what is not when it ended with an error.
    pub(super) async fn finish(self) -> (HashSet<MessageId>, Result<()>) {
        drop(self.incoming);
        let read = joined(self.reading.await);
        let written = joined(self.writing.await);
        // a writer that ended first makes the reader end without an error of its own
        (std::mem::take(&mut *hold(&self.unsaved)), written.and(read))
    }
}

/// Reads and packs what comes until nothing more does, or the writer is gone.
fn read(
    session: &OpenSession,
    mut coming: mpsc::UnboundedReceiver<Coming>,
    ready: &SyncSender<Group>,
) -> Result<()> {
    let runtime = tokio::runtime::Handle::current();
    let mut group = Group::default();
    loop {
        let next = match (coming.try_recv(), group.begun) {
            (Ok(next), _) => Some(next),
            (Err(_), None) => coming.blocking_recv(),
            (Err(_), Some(begun)) => {
                let left = LINGER.saturating_sub(begun.elapsed());
                match runtime.block_on(async { tokio::time::timeout(left, coming.recv()).await }) {
                    Ok(next) => next,
                    Err(_) => {
                        if ready.send(std::mem::take(&mut group)).is_err() {
                            return Ok(());
                        }
                        continue;
                    }
                }
            }
        };
        let Some(next) = next else { break };
        group.add(session, &next)?;
        if group.is_full() && ready.send(std::mem::take(&mut group)).is_err() {
            return Ok(());
        }
    }
    if !group.bodies.is_empty() {
        let _ = ready.send(group);
    }
    Ok(())
}

impl Group {
    fn add(&mut self, session: &OpenSession, coming: &Coming) -> Result<()> {
        let mut body =
            new_body(coming.id, &coming.raw, |notice| receipt::take_in(session, coming.id, notice))?;
        session.store.place(&mut body)?;
        self.weight += body.weight();
        self.begun.get_or_insert_with(Instant::now);
        self.places.push((coming.folder, coming.id));
        self.bodies.push(body);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.weight >= GROUP_BYTES || self.bodies.len() >= GROUP
    }
}

fn write(session: &OpenSession, groups: &Receiver<Group>, unsaved: &Mutex<HashSet<MessageId>>) -> Result<()> {
    for group in groups {
        session.store.save_body(group.bodies)?;
        patient::settle_soon(session);
        {
            let mut unsaved = hold(unsaved);
            group.places.iter().for_each(|(_, id)| {
                unsaved.remove(id);
            });
        }
        tell(session, &group.places);
    }
    Ok(())
}

fn tell(session: &OpenSession, places: &[(FolderId, MessageId)]) {
    if places.len() <= TOLD_ONE_BY_ONE {
        places.iter().for_each(|(_, id)| session.tell(Event::MessageChanged(*id)));
        return;
    }
    let folders: HashSet<FolderId> = places.iter().map(|(folder, _)| *folder).collect();
    folders.into_iter().for_each(|folder| session.tell(Event::MailboxChanged(folder)));
}

/// Reads a message and makes it ready for the store; a notice in it is told before it counts as here: a crash in between
/// reads it again.
pub(in crate::engine) fn new_body(id: MessageId, raw: &[u8], notice: impl FnOnce(&[u8])) -> Result<NewBody> {
    body(id, raw, notice, true)
}

/// As [`new_body`] without a look into the documents it brings.
pub(in crate::engine) fn new_body_unopened(id: MessageId, raw: &[u8]) -> Result<NewBody> {
    body(id, raw, |_| {}, false)
}

fn body(id: MessageId, raw: &[u8], notice: impl FnOnce(&[u8]), opened: bool) -> Result<NewBody> {
    let packed = Packed::of(raw)?;
    let source = mime::Source::with_decoded(raw, packed.decoded());
    let mut parsed = mime::parse_source(&source);
    if parsed.kind == MessageKind::Receipt {
        notice(raw);
    }
    let (kind, has_attachment) = (parsed.kind, parsed.attachments.iter().any(|a| !a.inline));
    let mut search_text = std::mem::take(&mut parsed.search_text);
    let mut found = None;
    if opened && document::has_something(kind, has_attachment, &parsed.envelope) {
        let reading = document::of_parsed(&source, parsed);
        add_documents(&mut search_text, reading.as_ref());
        found = Some(patient::opened(raw, kind, reading.as_ref()));
    }
    drop(source);
    Ok(NewBody::packed(id, packed, &search_text, kind, has_attachment).opened(found))
}

/// Reads a stored message again for what its documents say: the text to search in, its kind, and the documents.
pub(in crate::engine) fn look_into(raw: &[u8]) -> (String, MessageKind, Option<Reading>) {
    let source = mime::Source::of(raw);
    let mut parsed = mime::parse_source(&source);
    let kind = parsed.kind;
    let mut search_text = std::mem::take(&mut parsed.search_text);
    let reading = document::of_parsed(&source, parsed);
    add_documents(&mut search_text, reading.as_ref());
    (search_text, kind, reading)
}

fn add_documents(search_text: &mut String, reading: Option<&Reading>) {
    if let Some(reading) = reading {
        search_text.push('\n');
        search_text.push_str(&document::search_text(reading, mime::MAX_SEARCH_TEXT));
    }
}
