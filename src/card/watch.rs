//! The thread blocked in the PC/SC status call.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pcsc::{Context, PNP_NOTIFICATION, ReaderState, Scope, State};

use crate::domain::card::CardKind;

/// Pause before asking again for a service that is not there: the status call then fails at once every time.
const SERVICE_PAUSE: Duration = Duration::from_secs(1);
/// Longest wait in one status call. macOS does not report new readers, so its list is read again every second.
const LONGEST_WAIT: Duration = Duration::from_secs(if cfg!(target_os = "macos") { 1 } else { 60 });
/// How long dropping the watcher waits for its thread; a service that hangs must not hang the program.
const JOIN_LIMIT: Duration = Duration::from_secs(2);
/// Least time between two looks: a service or driver that reports a change at once, every time, must not keep a
/// processor busy.
const LEAST_PAUSE: Duration = Duration::from_millis(20);
/// Waits for the thread to end, the first and the longest: as a rule it does at once.
const FIRST_JOIN_WAIT: Duration = Duration::from_micros(200);
const LONGEST_JOIN_WAIT: Duration = Duration::from_millis(10);
const MAX_READERS: usize = 32;

/// What PC/SC sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// The PC/SC service does not answer (Windows stops it while no reader is plugged in).
    NoService,
    /// The readers, in the service's order; empty when none is plugged in.
    Readers(Vec<Reader>),
}

/// A reader slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// PC/SC name, which PKCS#11 modules give as the slot's description.
    pub name: String,
    /// The card in it.
    pub card: Option<CardPresent>,
}

/// A card in a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardPresent {
    /// What its ATR says it is.
    pub kind: CardKind,
    /// It does not answer: put in upside down, or broken.
    pub mute: bool,
    /// Its answer to reset.
    pub atr: Vec<u8>,
}

/// Owns the watching thread; dropping it stops and joins the thread.
pub struct Watcher {
    stop: Option<Sender<()>>,
    context: Arc<Mutex<Option<Context>>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts watching. `on_change` is called on the watching thread, once at start and then at every change; it must
    /// not block. A card exchanged faster than the thread could look is still told as absent, then present.
    pub fn start(on_change: impl FnMut(Presence) + Send + 'static) -> Watcher {
        let (stop, stopped) = channel();
        let context = Arc::new(Mutex::new(None));
        let shared = Arc::clone(&context);
        let thread = std::thread::Builder::new()
            .name("card-watch".into())
            .spawn(move || watch(Reporter { on_change, last: None }, &shared, &stopped))
            .map_err(|error| tracing::error!(%error, "the card watcher cannot start"))
            .ok();
        Watcher { stop: Some(stop), context, thread }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.stop.take());
        let Some(thread) = self.thread.take() else { return };
        let limit = Instant::now() + JOIN_LIMIT;
        let mut wait = FIRST_JOIN_WAIT;
        // the cancellation is lost when the thread is just about to block, so it is repeated
        while !thread.is_finished() && Instant::now() < limit {
            if let Some(context) = self.context.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
                let _ = context.cancel();
            }
            std::thread::sleep(wait);
            wait = (wait * 2).min(LONGEST_JOIN_WAIT);
        }
        if thread.is_finished() {
            let _ = thread.join();
        }
    }
}

struct Reporter<F> {
    on_change: F,
    last: Option<Presence>,
}

impl<F: FnMut(Presence)> Reporter<F> {
    fn report(&mut self, presence: Presence) {
        if self.last.as_ref() != Some(&presence) {
            self.last = Some(presence.clone());
            (self.on_change)(presence);
        }
    }
}

fn watch<F: FnMut(Presence)>(
    mut reporter: Reporter<F>,
    shared: &Mutex<Option<Context>>,
    stopped: &Receiver<()>,
) {
    let set = |context| *shared.lock().unwrap_or_else(PoisonError::into_inner) = context;
    loop {
        let ended = match Context::establish(Scope::User) {
            Ok(context) => {
                set(Some(context.clone()));
                let ended = watch_context(&context, &mut reporter, stopped);
                set(None);
                ended
            }
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => return,
            Err(error) => tracing::debug!(%error, "PC/SC service lost"),
        }
        reporter.report(Presence::NoService);
        // a new context starts from UNAWARE, so nothing is missed but the pause itself
        if stopped.recv_timeout(SERVICE_PAUSE) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Watches until stopped (`Ok`) or until the service is lost.
fn watch_context<F: FnMut(Presence)>(
    context: &Context,
    reporter: &mut Reporter<F>,
    stopped: &Receiver<()>,
) -> Result<(), pcsc::Error> {
    let mut states = Vec::new();
    if !cfg!(target_os = "macos") {
        states.push(ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE));
    }
    let mut seen: Vec<Seen> = Vec::new();
    loop {
        if stopped.recv_timeout(LEAST_PAUSE) != Err(RecvTimeoutError::Timeout) {
            return Ok(());
        }
        if renew_readers(context, &mut states)? {
            // a new reader's state is known at once, without waiting for the next change
            match context.get_status_change(Duration::ZERO, &mut states) {
                Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::UnknownReader) => {}
                Err(error) => return Err(error),
            }
        }
        let now: Vec<Seen> = states.iter().filter(|s| s.name() != PNP_NOTIFICATION()).map(look).collect();
        if exchanged(&seen, &now) {
            reporter.report(Presence::Readers(now.iter().map(|s| without_exchanged(s, &seen)).collect()));
        }
        reporter.report(Presence::Readers(now.iter().map(|s| s.reader.clone()).collect()));
        seen = now;
        states.iter_mut().for_each(ReaderState::sync_current_state);
        if states.is_empty() {
            // no reader and no plug notification: nothing to block on
            if stopped.recv_timeout(LONGEST_WAIT) != Err(RecvTimeoutError::Timeout) {
                return Ok(());
            }
            continue;
        }
        match context.get_status_change(LONGEST_WAIT, &mut states) {
            Ok(()) | Err(pcsc::Error::Timeout | pcsc::Error::Cancelled) => {}
            // unplugged between listing and waiting; the pause keeps a confused service from being asked in a loop
            Err(pcsc::Error::UnknownReader | pcsc::Error::ReaderUnavailable) => {
                states.retain(|s| s.name() == PNP_NOTIFICATION());
                if stopped.recv_timeout(SERVICE_PAUSE) != Err(RecvTimeoutError::Timeout) {
                    return Ok(());
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Drops readers that went away and adds those that came; true when one was added.
fn renew_readers(context: &Context, states: &mut Vec<ReaderState>) -> Result<bool, pcsc::Error> {
    let names = match context.list_readers_owned() {
        Ok(names) => names,
        Err(pcsc::Error::NoReadersAvailable) => Vec::new(),
        Err(error) => return Err(error),
    };
    states.retain(|state| {
        let gone = state.event_state().intersects(State::UNKNOWN | State::IGNORE);
        state.name() == PNP_NOTIFICATION() || (!gone && names.iter().any(|n| n.as_c_str() == state.name()))
    });
    let before = states.len();
    for name in names.into_iter().take(MAX_READERS) {
        if !states.iter().any(|s| s.name() == name.as_c_str()) {
            states.push(ReaderState::new(name, State::UNAWARE));
        }
    }
    Ok(states.len() > before)
}

/// The names of the readers now; none when the service does not answer.
pub(super) fn reader_names() -> Vec<String> {
    let names = Context::establish(Scope::User).and_then(|context| context.list_readers_owned());
    names.unwrap_or_default().into_iter().map(|name| name.to_string_lossy().into_owned()).collect()
}

/// A reader with its count of insertions and removals.
struct Seen {
    reader: Reader,
    count: u32,
}

fn look(state: &ReaderState) -> Seen {
    let flags = state.event_state();
    let card = flags.contains(State::PRESENT).then(|| CardPresent {
        kind: CardKind::from_atr(state.atr()),
        mute: flags.contains(State::MUTE),
        atr: state.atr().to_vec(),
    });
    Seen {
        reader: Reader { name: state.name().to_string_lossy().into_owned(), card },
        count: state.event_count(),
    }
}

fn was_exchanged(now: &Seen, before: &[Seen]) -> bool {
    before.iter().any(|old| {
        old.reader.name == now.reader.name
            && old.reader.card.is_some()
            && now.reader.card.is_some()
            && old.count != now.count
    })
}

fn exchanged(before: &[Seen], now: &[Seen]) -> bool {
    now.iter().any(|reader| was_exchanged(reader, before))
}

fn without_exchanged(now: &Seen, before: &[Seen]) -> Reader {
    let mut reader = now.reader.clone();
    if was_exchanged(now, before) {
        reader.card = None;
    }
    reader
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(name: &str, atr: &[u8], count: u32) -> Seen {
        let card = (!atr.is_empty()).then(|| CardPresent {
            kind: CardKind::from_atr(atr),
            mute: false,
            atr: atr.to_vec(),
        });
        Seen { reader: Reader { name: name.into(), card }, count }
    }

    #[test]
    fn a_card_exchanged_between_two_looks_is_noticed() {
        let before = [seen("a", &[1], 1), seen("b", &[2], 7)];
        assert!(!exchanged(&before, &[seen("a", &[1], 1), seen("b", &[2], 7)]));
        assert!(!exchanged(&before, &[seen("a", &[], 2), seen("b", &[2], 7)]));
        let now = [seen("a", &[1], 3), seen("b", &[2], 7)];
        assert!(exchanged(&before, &now));
        let told: Vec<bool> = now.iter().map(|s| without_exchanged(s, &before).card.is_some()).collect();
        assert_eq!(told, [false, true]);
    }

    #[test]
    fn the_same_picture_is_told_once() {
        let (sender, receiver) = channel();
        let mut reporter = Reporter { on_change: move |p| sender.send(p).unwrap(), last: None };
        for presence in
            [Presence::NoService, Presence::NoService, Presence::Readers(vec![]), Presence::NoService]
        {
            reporter.report(presence);
        }
        drop(reporter);
        assert_eq!(receiver.iter().count(), 3);
    }

    #[test]
    fn dropping_the_watcher_ends_its_thread() {
        let (sender, receiver) = channel();
        let watcher = Watcher::start(move |p| drop(sender.send(p)));
        assert!(receiver.recv().is_ok(), "one report at start, whatever the machine has");
        drop(watcher);
        while receiver.recv().is_ok() {}
    }
}
