//! The handle to the thread that owns the PKCS#11 module, and the queue between the two.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::time::{Duration, Instant};

use super::worker::Worker;
use super::{ClientKey, Error};
use crate::domain::card::{Holder, PinTries};
use crate::domain::secret::Secret;

/// Loading a module and reading a card takes some seconds on a slow reader.
const READ_LIMIT: Duration = Duration::from_secs(30);
const LOGIN_LIMIT: Duration = Duration::from_secs(30);
/// The holder types on the reader, which has a limit of its own.
const PIN_PAD_LIMIT: Duration = Duration::from_secs(120);
const CLOSE_LIMIT: Duration = Duration::from_secs(5);
const SIGN_LIMIT: Duration = Duration::from_secs(20);

/// What a card shows before any PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardInfo {
    /// Whose card.
    pub holder: Holder,
    /// The authentication certificate, DER.
    pub certificate: Vec<u8>,
    /// Tries left, as far as the card tells.
    pub tries: PinTries,
    /// The PIN is typed on the reader: log in with `None`.
    pub pin_pad: bool,
    /// The module that showed the card.
    pub module: PathBuf,
    /// The reader it is in.
    pub reader: String,
}

/// Handle to the one thread that owns the PKCS#11 module and the session. The thread ends with its last handle and
/// its last [`ClientKey`].
#[derive(Clone)]
pub struct Token {
    queue: Queue,
}

impl Token {
    /// Starts the thread; no module is loaded yet.
    pub fn start() -> Token {
        let (sender, jobs) = channel();
        let generation = Arc::new(AtomicU64::new(0));
        let worker = Worker::new(Arc::clone(&generation));
        let started =
            std::thread::Builder::new().name("card-token".into()).spawn(move || serve(worker, &jobs));
        if let Err(error) = started {
            // the queue is closed then: every call answers `Closed`
            tracing::error!(%error, "the card thread cannot start");
        }
        Token { queue: Queue { sender, generation } }
    }

    /// Reads the card in `reader` (PC/SC name; any when `None`) with the first of `modules` that shows it. What was
    /// read and unlocked before is closed first.
    ///
    /// # Errors
    /// The module's or the card's refusal; [`Error::Timeout`] after 30 s.
    pub async fn read(&self, modules: Vec<PathBuf>, reader: Option<String>) -> Result<CardInfo, Error> {
        self.queue.call(READ_LIMIT, move |worker| worker.read(&modules, reader.as_deref()), |_| {}).await
    }

    /// Verifies the PIN, once, and gives the authentication key. `None` asks for the PIN on the reader's pin-pad. The
    /// PIN is never presented after this call has given up waiting for a busy module.
    ///
    /// # Errors
    /// [`Error::PinWrong`], [`Error::PinBlocked`], [`Error::PinLength`] (the card was not asked),
    /// [`Error::PinNeeded`], [`Error::PinCancelled`], [`Error::Removed`], [`Error::Closed`] when no card was read,
    /// [`Error::Timeout`] after 30 s (120 s on a pin-pad).
    pub async fn login(&self, pin: Option<Secret>) -> Result<ClientKey, Error> {
        let limit = if pin.is_some() { LOGIN_LIMIT } else { PIN_PAD_LIMIT };
        let queue = self.queue.clone();
        let unlocked = self
            .queue
            // nobody waits for the key any more: a card must not stay unlocked unnoticed
            .call(limit, move |worker| worker.login(pin.as_ref()), Worker::close)
            .await?;
        Ok(ClientKey::new(queue, unlocked))
    }

    /// Logs out, drops the session and ends the module, which forgets the PIN it keeps. Keys given out earlier fail
    /// from the moment of the call, even when the module hangs. Read again to log in again.
    pub async fn close(&self) {
        self.queue.generation.fetch_add(1, Ordering::SeqCst);
        let (answer, answered) = tokio::sync::oneshot::channel();
        // no deadline: a module that comes back late must still forget the PIN
        let sent = self.queue.send(None, |worker| {
            worker.close();
            let _ = answer.send(());
        });
        if sent.is_ok() && tokio::time::timeout(CLOSE_LIMIT, answered).await.is_err() {
            tracing::warn!("the card session will be closed when the module answers again");
        }
    }
}

/// Work for the thread, void once `deadline`, if any, has passed.
struct Job {
    deadline: Option<Instant>,
    work: Box<dyn FnOnce(&mut Worker) + Send>,
}

fn serve(mut worker: Worker, jobs: &Receiver<Job>) {
    for job in jobs {
        if job.deadline.is_none_or(|deadline| Instant::now() < deadline) {
            (job.work)(&mut worker);
        }
    }
    worker.close();
}

/// The way to the thread. `generation` changes whenever keys given out before must fail.
#[derive(Clone)]
pub(super) struct Queue {
    sender: Sender<Job>,
    pub(super) generation: Arc<AtomicU64>,
}

impl Queue {
    /// Runs `work` on the thread; `undo` when it was done but nobody waits for its result any more.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&mut Worker) -> Result<T, Error> + Send + 'static,
        undo: impl FnOnce(&mut Worker) + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let work = move |worker: &mut Worker| {
            if answer.is_closed() {
                return;
            }
            let result = work(worker);
            if let Err(Ok(_)) = answer.send(result) {
                undo(worker);
            }
        };
        self.send(Some(limit), work)?;
        match tokio::time::timeout(limit, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(Error::Timeout),
        }
    }

    /// A signature, for callers outside async code such as the TLS handshake.
    pub(super) fn sign_blocking(&self, request: SignRequest) -> Result<Vec<u8>, Error> {
        self.check(&request)?;
        let (answer, answered) = sync_channel(1);
        self.send(Some(SIGN_LIMIT), move |worker| drop(answer.send(worker.sign(&request))))?;
        answered.recv_timeout(SIGN_LIMIT).unwrap_or(Err(Error::Timeout))
    }

    pub(super) async fn sign(&self, request: SignRequest) -> Result<Vec<u8>, Error> {
        self.check(&request)?;
        self.call(SIGN_LIMIT, move |worker| worker.sign(&request), |_| {}).await
    }

    /// Fails a closed key at once, without waiting behind a module that hangs.
    fn check(&self, request: &SignRequest) -> Result<(), Error> {
        let current = self.generation.load(Ordering::SeqCst) == request.generation;
        if current { Ok(()) } else { Err(Error::Closed) }
    }

    fn send(
        &self,
        limit: Option<Duration>,
        work: impl FnOnce(&mut Worker) + Send + 'static,
    ) -> Result<(), Error> {
        let deadline = limit.map(|limit| Instant::now() + limit);
        self.sender.send(Job { deadline, work: Box::new(work) }).map_err(|_| Error::Closed)
    }
}

/// What to sign and with which login's key.
pub(super) struct SignRequest {
    pub(super) generation: u64,
    pub(super) padding: Padding,
    /// The DigestInfo for PKCS#1, the hash for PSS.
    pub(super) data: Vec<u8>,
}

/// Who pads what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// `CKM_RSA_PKCS`: the one mechanism that works on every CPS.
    Pkcs1,
    /// `CKM_RSA_PKCS_PSS` with SHA-256 and a salt of its length.
    PssSha256,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[tokio::test]
    async fn a_module_that_hangs_is_a_timeout_and_work_given_up_is_not_done_later() {
        let token = Token::start();
        let (release, released) = channel::<()>();
        let short = Duration::from_millis(50);
        let hang = move |_: &mut Worker| released.recv().or(Ok(()));
        let undone = Arc::new(AtomicBool::new(false));
        let undo = Arc::clone(&undone);
        let hung = token.queue.call(short, hang, move |_| undo.store(true, Ordering::SeqCst)).await;
        assert_eq!(hung, Err(Error::Timeout));

        // waits behind the hanging call until its caller has given up: a PIN must not be presented then
        let presented = Arc::new(AtomicBool::new(false));
        let present = Arc::clone(&presented);
        let login = move |_: &mut Worker| {
            present.store(true, Ordering::SeqCst);
            Ok(())
        };
        assert_eq!(token.queue.call(short, login, |_| {}).await, Err(Error::Timeout));

        drop(release);
        let long = Duration::from_secs(60);
        assert_eq!(token.queue.call(long, |_| Ok(7), |_| {}).await, Ok(7), "the thread works again");
        assert!(undone.load(Ordering::SeqCst), "what was done for nobody is undone");
        assert!(!presented.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_close_given_up_is_done_all_the_same() {
        let token = Token::start();
        let (release, released) = channel::<()>();
        let short = Duration::from_millis(50);
        let hang = move |_: &mut Worker| released.recv().or(Ok(()));
        assert_eq!(token.queue.call(short, hang, |_| {}).await, Err(Error::Timeout));
        let generation = || token.queue.generation.load(Ordering::SeqCst);
        let before = generation();
        assert!(
            tokio::time::timeout(short, token.close()).await.is_err(),
            "it waits behind the hanging call"
        );
        assert_eq!(generation(), before + 1, "keys fail already");
        drop(release);
        assert_eq!(token.queue.call(Duration::from_secs(60), |_| Ok(()), |_| {}).await, Ok(()));
        assert_eq!(generation(), before + 2, "and the session is closed");
    }

    #[tokio::test]
    async fn without_a_card_nothing_logs_in() {
        let token = Token::start();
        assert_eq!(token.read(Vec::new(), None).await, Err(Error::NoModule));
        let missing = PathBuf::from("/nonexistent/module.so");
        let read = token.read(vec![missing.clone()], None).await;
        assert!(matches!(read, Err(Error::ModuleFailed { module, .. }) if module == missing));
        let pin = Some(Secret::new("1234".to_owned()));
        assert_eq!(token.login(pin).await.err(), Some(Error::Closed));
        token.close().await;
    }
}
