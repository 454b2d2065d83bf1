//! Messages whose documents were never looked into, or by an earlier version only: in the background, a few at a time,
//! newest first. What is done is marked in the store, so that it goes on where it ended.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::{opened, settle};
use crate::engine::session::OpenSession;
use crate::engine::sync::look_into;
use crate::engine::watchdog::Pulse;
use crate::engine::work::blocking;
use crate::engine::{Event, Result};

/// Messages looked into in one step, and the rest between two steps: everything else comes first.
const STEP: u32 = 10;
const REST: Duration = Duration::from_millis(200);
/// After nothing was found; what a synchronisation brings is looked into at once.
const PAUSE: Duration = Duration::from_secs(60);
/// The beginning of a session has other things to do.
const BEGINNING: Duration = Duration::from_secs(5);

/// Until the session ends.
pub(in crate::engine) async fn run(session: Arc<OpenSession>, pulse: Arc<Pulse>) {
    pulse.enter("documents", PAUSE * 2);
    let mut wait = BEGINNING;
    loop {
        tokio::select! {
            () = session.cancel.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        pulse.beat();
        let owner = Arc::clone(&session);
        wait = match blocking(move || step(&owner)).await {
            Ok(0) => PAUSE,
            Ok(_) => REST,
            Err(error) => {
                tracing::warn!(code = error.code(), "documents could not be looked into");
                PAUSE
            }
        };
    }
}

/// Looks into the documents of some messages; answers of how many.
pub(super) fn step(session: &OpenSession) -> Result<usize> {
    // what a session that ended in between left
    settle(session)?;
    let waiting = session.store.unopened(STEP)?;
    if waiting.is_empty() {
        return index_again(session);
    }
    let mut found = Vec::with_capacity(waiting.len());
    for id in &waiting {
        let Some(raw) = session.store.raw(*id)? else { continue };
        // a message no reader can bear must not hold up the others for ever
        let looked = catch_unwind(AssertUnwindSafe(|| look_into(&raw)));
        let (text, opened) = match looked {
            Ok((text, kind, reading)) => (text, Some(opened(&raw, kind, reading.as_ref()))),
            Err(_) => {
                tracing::error!("a message could not be looked into");
                (String::new(), None)
            }
        };
        found.push((*id, text, opened));
    }
    session.store.save_opened(&found)?;
    settle(session)?;
    // of the others nothing changes that a list shows
    for (id, ..) in found.iter().filter(|(.., opened)| opened.as_ref().is_some_and(|o| o.alarm)) {
        session.tell(Event::MessageChanged(*id));
    }
    Ok(waiting.len())
}

/// Messages without documents that an older version has indexed: their text is read again for the search.
fn index_again(session: &OpenSession) -> Result<usize> {
    let waiting = session.store.unindexed_bodies(STEP)?;
    let mut found = Vec::with_capacity(waiting.len());
    for id in waiting {
        // one that cannot be unpacked stays as it is
        let Ok(Some(raw)) = session.store.raw(id) else { continue };
        let text = catch_unwind(AssertUnwindSafe(|| look_into(&raw).0)).unwrap_or_default();
        found.push((id, text, None));
    }
    session.store.save_opened(&found)?;
    Ok(found.len())
}
