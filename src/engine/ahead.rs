//! Messages that may be opened next, read before anybody asks for them: those on screen and those beside the one being
//! read. A reader who goes from one to the next waits for no disk, no key and no parsing, and sees no empty frame.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Engine;
use super::mail;
use super::session::OpenSession;
use crate::domain::id::MessageId;
use crate::domain::message::{MessageRow, MessageView};

/// Messages kept, the one used longest ago goes first: two screens of a list.
const MOST: usize = 32;
/// A larger message is read when it is opened, in bytes.
const LARGEST: u64 = 2_000_000;

/// What one session has read ahead.
#[derive(Default)]
pub(super) struct Ahead(Mutex<State>);

#[derive(Default)]
struct State {
    /// The last used last.
    views: VecDeque<Arc<MessageView>>,
    /// Still to read, first first.
    wanted: VecDeque<MessageId>,
    is_reading: bool,
}

impl Ahead {
    fn hold(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces what is wanted; true when nobody reads yet.
    fn want(&self, ids: Vec<MessageId>) -> bool {
        let mut state = self.hold();
        let missing = |id: &MessageId| !state.views.iter().any(|view| view.row.id == *id);
        let wanted: VecDeque<MessageId> = ids.into_iter().filter(missing).take(MOST).collect();
        state.wanted = wanted;
        !state.wanted.is_empty() && !std::mem::replace(&mut state.is_reading, true)
    }

    fn next(&self) -> Option<MessageId> {
        let mut state = self.hold();
        let next = state.wanted.pop_front();
        state.is_reading = next.is_some();
        next
    }

    fn keep(&self, view: MessageView) {
        let mut state = self.hold();
        state.views.retain(|known| known.row.id != view.row.id);
        while state.views.len() >= MOST {
            state.views.pop_front();
        }
        state.views.push_back(Arc::new(view));
    }

    /// Forgets everything: the session ends.
    pub(super) fn clear(&self) {
        let mut state = self.hold();
        state.views.clear();
        state.wanted.clear();
    }

    fn take_up(&self, id: MessageId) -> Option<Arc<MessageView>> {
        let mut state = self.hold();
        let at = state.views.iter().position(|view| view.row.id == id)?;
        let view = state.views.remove(at)?;
        state.views.push_back(Arc::clone(&view));
        Some(view)
    }
}

impl Engine {
    /// Reads these messages in the background, in this order, in place of those asked for before. Only what is here and
    /// not large is read; nothing is fetched or marked.
    pub fn prepare(&self, ids: Vec<MessageId>) {
        let Ok(session) = self.opened() else { return };
        if session.ahead.want(ids) {
            self.inner.handle.spawn_blocking(move || read(&session));
        }
    }

    /// A message that was read ahead, as the list has it in `row`; `None` when it has to be asked for with
    /// [`Engine::message`]. Never waits.
    pub fn prepared(&self, row: &MessageRow) -> Option<MessageView> {
        let session = self.opened().ok()?;
        let view = session.ahead.take_up(row.id)?;
        Some(MessageView { row: row.clone(), ..MessageView::clone(&view) })
    }
}

fn read(session: &OpenSession) {
    while let Some(id) = session.ahead.next() {
        if session.cancel.is_cancelled() {
            continue;
        }
        // what cannot be read says so when it is opened
        let row = session.store.row(id).ok().flatten();
        if row.is_some_and(|row| row.downloaded && row.size <= LARGEST)
            && let Ok(view) = mail::view(session, id)
            && view.row.downloaded
        {
            session.ahead.keep(view);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::domain::folder::FolderRole;
    use crate::domain::secret::Secret;

    fn inbox(engine: &Engine) -> Vec<MessageRow> {
        let folders = block_on(engine.folders()).unwrap();
        let inbox = folders.iter().find(|folder| folder.role == FolderRole::Inbox).unwrap().id;
        block_on(engine.list(inbox, 0..10)).unwrap().rows
    }

    /// The reader has nothing left to read.
    fn rested(engine: &Engine) {
        let session = engine.opened().unwrap();
        while session.ahead.hold().is_reading {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    #[test]
    fn what_is_read_ahead_is_what_is_opened_with_the_row_of_the_list() {
        let engine = Engine::practice().unwrap();
        block_on(engine.unlock(Secret::new("1234".to_owned()))).unwrap();
        let rows = inbox(&engine);
        assert_eq!(engine.prepared(&rows[0]), None, "nobody asked for it");
        engine.prepare(rows.iter().map(|row| row.id).collect());
        rested(&engine);
        for row in rows.iter().filter(|row| row.size <= LARGEST) {
            assert_eq!(engine.prepared(row).unwrap(), block_on(engine.message(row.id)).unwrap());
        }
        let starred = MessageRow { alarm: !rows[0].alarm, ..rows[0].clone() };
        assert_eq!(engine.prepared(&starred).unwrap().row, starred);
        block_on(engine.lock());
        assert_eq!(engine.prepared(&rows[0]), None, "mail stays in memory after the lock");
    }

    #[test]
    fn the_last_used_are_kept_and_what_is_wanted_is_read_by_one() {
        let engine = Engine::practice().unwrap();
        block_on(engine.unlock(Secret::new("1234".to_owned()))).unwrap();
        let mut view = block_on(engine.message(inbox(&engine)[0].id)).unwrap();
        let ahead = Ahead::default();
        for id in 0..=MOST as i64 {
            view.row.id = MessageId(id);
            ahead.keep(view.clone());
            assert!(ahead.take_up(MessageId(0)).is_some(), "it is used all the time");
        }
        assert!(ahead.take_up(MessageId(1)).is_none(), "the one used longest ago is gone");
        assert!(ahead.want(vec![MessageId(2), MessageId(100), MessageId(101)]));
        assert!(!ahead.want(vec![MessageId(200), MessageId(2)]), "one reader at a time");
        assert_eq!(ahead.next(), Some(MessageId(200)));
        assert_eq!(ahead.next(), None);
        assert!(!ahead.want(vec![MessageId(2)]), "it is there");
        assert!(ahead.want(vec![MessageId(300)]));
    }
}
