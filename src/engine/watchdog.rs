//! No loop stays silent for ever: one that panics, or that does nothing for longer than its state allows, is ended and
//! started again, never two at once.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::net::Backoff;

/// How often loops are looked at.
const TICK: Duration = Duration::from_secs(1);
/// Pauses before a loop starts again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// What a loop is doing and since when it shows no progress.
#[derive(Debug)]
pub(super) struct Pulse(Mutex<Beat>);

#[derive(Debug)]
struct Beat {
    state: &'static str,
    limit: Duration,
    at: Instant,
    /// Counts what comes in on the loop's connection, and what it showed last.
    received: Arc<AtomicU64>,
    seen: u64,
}

impl Default for Pulse {
    fn default() -> Self {
        let received = Arc::default();
        let limit = Duration::from_secs(60);
        Self(Mutex::new(Beat { state: "starting", limit, at: Instant::now(), received, seen: 0 }))
    }
}

impl Pulse {
    fn hold(&self) -> MutexGuard<'_, Beat> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The loop is in another state now, in which something must happen within `limit`.
    pub(super) fn enter(&self, state: &'static str, limit: Duration) {
        let mut beat = self.hold();
        (beat.state, beat.limit, beat.at) = (state, limit, Instant::now());
    }

    /// What comes in on the loop's connection counts as something that happens.
    pub(super) fn follow(&self, received: Arc<AtomicU64>) {
        self.hold().received = received;
    }

    /// Something happened.
    pub(super) fn beat(&self) {
        self.hold().at = Instant::now();
    }

    /// The state in which the loop has been silent for too long.
    fn overdue(&self) -> Option<&'static str> {
        let mut beat = self.hold();
        let received = beat.received.load(Ordering::Relaxed);
        if std::mem::replace(&mut beat.seen, received) != received {
            beat.at = Instant::now();
        }
        (beat.at.elapsed() > beat.limit).then_some(beat.state)
    }
}

/// Why a loop had to be started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fall {
    /// It panicked.
    Panicked,
    /// It was silent for too long in this state.
    Silent(&'static str),
}

/// Keeps a loop running until it ends by itself or `cancel` comes. `fallen` is told before it starts again.
pub(super) async fn supervise<F>(
    pulse: Arc<Pulse>,
    cancel: CancellationToken,
    make: impl FnMut() -> F,
    fallen: impl FnMut(Fall),
) where
    F: Future<Output = ()> + Send + 'static,
{
    supervise_with(pulse, cancel, make, fallen, TICK, Backoff::new(FIRST_PAUSE, LONGEST_PAUSE)).await;
}

async fn supervise_with<F>(
    pulse: Arc<Pulse>,
    cancel: CancellationToken,
    mut make: impl FnMut() -> F,
    mut fallen: impl FnMut(Fall),
    tick: Duration,
    mut backoff: Backoff,
) where
    F: Future<Output = ()> + Send + 'static,
{
    loop {
        pulse.enter("starting", Duration::from_secs(60));
        let started = Instant::now();
        // aborted when this future is dropped
        let mut task = Ended(tokio::spawn(make()));
        let Err(fall) = outcome(&mut task.0, &pulse, &cancel, tick).await else { return };
        fallen(fall);
        if started.elapsed() > LONGEST_PAUSE {
            backoff.reset();
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(backoff.next()) => {}
        }
    }
}

/// Runs work once; an error when it panics or is silent for too long.
pub(super) async fn guarded<T: Send + 'static>(
    pulse: Arc<Pulse>,
    cancel: CancellationToken,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Fall> {
    let mut task = Ended(tokio::spawn(work));
    outcome(&mut task.0, &pulse, &cancel, TICK).await
}

struct Ended<T>(JoinHandle<T>);

impl<T> Drop for Ended<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How a run ended. One that is ended from outside, at the end of the runtime, never comes back.
async fn outcome<T>(
    task: &mut JoinHandle<T>,
    pulse: &Pulse,
    cancel: &CancellationToken,
    tick: Duration,
) -> Result<T, Fall> {
    loop {
        tokio::select! {
            biased;
            ended = &mut *task => {
                match ended {
                    Ok(done) => return Ok(done),
                    Err(error) if error.is_panic() => return Err(Fall::Panicked),
                    Err(_) => return std::future::pending().await,
                }
            }
            () = tokio::time::sleep(tick) => {}
        }
        // at the end of the session the loop closes its connection itself
        let Some(state) = pulse.overdue().filter(|_| !cancel.is_cancelled()) else { continue };
        task.abort();
        // the next run must not begin before this one has ended
        let _ = task.await;
        return Err(Fall::Silent(state));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Counts the runs at work.
    struct AtWork(Arc<AtomicU32>);

    impl Drop for AtWork {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    async fn run_of(number: u32, pulse: Arc<Pulse>) {
        match number {
            0 => panic!("on purpose"),
            1 => {
                pulse.enter("stuck", Duration::from_millis(50));
                std::future::pending::<()>().await;
            }
            2 => {
                pulse.enter("busy", Duration::from_millis(200));
                for _ in 0..20 {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    pulse.beat();
                }
            }
            _ => unreachable!("it ended by itself"),
        }
    }

    #[tokio::test]
    async fn a_loop_that_panics_or_falls_silent_is_started_again_and_never_twice() {
        let (pulse, runs, at_work) =
            (Arc::new(Pulse::default()), AtomicU32::new(0), Arc::<AtomicU32>::default());
        let make = || {
            let number = runs.fetch_add(1, Ordering::SeqCst);
            let (pulse, at_work) = (Arc::clone(&pulse), Arc::clone(&at_work));
            async move {
                let before = at_work.fetch_add(1, Ordering::SeqCst);
                let _guard = AtWork(at_work);
                assert_eq!(before, 0, "two at once");
                run_of(number, pulse).await;
            }
        };
        let mut falls = Vec::new();
        let short = Duration::from_millis(10);
        let (cancel, backoff) = (CancellationToken::new(), Backoff::new(short, short));
        supervise_with(Arc::clone(&pulse), cancel, make, |fall| falls.push(fall), short, backoff).await;
        assert_eq!(falls, [Fall::Panicked, Fall::Silent("stuck")]);
        assert_eq!(runs.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn the_end_of_the_supervisor_ends_the_loop() {
        let (pulse, at_work) = (Arc::new(Pulse::default()), Arc::<AtomicU32>::default());
        let inner = Arc::clone(&at_work);
        let make = move || {
            let at_work = Arc::clone(&inner);
            async move {
                at_work.fetch_add(1, Ordering::SeqCst);
                let _guard = AtWork(at_work);
                std::future::pending::<()>().await;
            }
        };
        let supervisor = tokio::spawn(supervise(pulse, CancellationToken::new(), make, |_| {}));
        while at_work.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        supervisor.abort();
        let _ = supervisor.await;
        tokio::time::timeout(Duration::from_secs(5), async {
            while at_work.load(Ordering::SeqCst) > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
    }
}
