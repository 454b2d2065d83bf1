//! The handle to the thread that talks to the host of the PKCS#11 module, and the queue between the two.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::process::{NoAnswer, Process};
use super::protocol::{Answer, Request};
use super::{ClientKey, Error};
use crate::domain::card::{Holder, ModuleFault, PinTries};
use crate::domain::secret::Secret;

/// How long the module may take before its process is ended.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Loading a module and reading its cards: some seconds on a slow reader.
    pub read: Duration,
    /// Verifying a PIN that was typed here.
    pub login: Duration,
    /// The same when the holder types on the reader, which has a limit of its own.
    pub pin_pad: Duration,
    /// A signature: a second on a real card.
    pub sign: Duration,
    /// Logging out.
    pub close: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            read: seconds(20),
            login: seconds(20),
            pin_pad: seconds(120),
            sign: seconds(15),
            close: seconds(5),
        }
    }
}

/// What a card shows before any PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Handle to the one thread that talks to the host. Thread and host end with its last handle and its last
/// [`ClientKey`].
#[derive(Clone)]
pub struct Token {
    queue: Queue,
    limits: Limits,
}

impl Token {
    /// Starts the thread; the host comes with its first request or [`Token::warm_up`]. `on_lost` is called on the thread
    /// when a login is lost though nobody closed it: the card left, another program logged it out, the module failed. It
    /// must not block.
    pub fn start(limits: Limits, on_lost: impl Fn(Error) + Send + 'static) -> Token {
        let (sender, jobs) = channel();
        let generation = Arc::new(AtomicU64::new(0));
        let desk = Desk {
            process: Process::default(),
            module: None,
            is_unlocked: false,
            generation: Arc::clone(&generation),
            on_lost: Box::new(on_lost),
        };
        let started = std::thread::Builder::new().name("card-token".into()).spawn(move || serve(desk, &jobs));
        if let Err(error) = started {
            // the queue is closed then: every call answers `Closed`
            tracing::error!(%error, "the card thread cannot start");
        }
        Token { queue: Queue { sender, generation, sign_limit: limits.sign }, limits }
    }

    /// Starts the host ahead of the first card, which need not wait for it then; no module is loaded yet. Returns at
    /// once.
    pub fn warm_up(&self) {
        let _ = self.queue.send(None, |desk| desk.process.warm_up());
    }

    /// Reads the cards in these readers (PC/SC names; any one card when there is none), each with the first of
    /// `modules` that shows it. One result for each reader. What was read and unlocked before is closed first.
    ///
    /// # Errors
    /// In place of one result: the module's or the card's refusal. For all: [`Error::Timeout`], [`Error::Closed`].
    pub async fn read(
        &self,
        modules: Vec<PathBuf>,
        readers: Vec<String>,
    ) -> Result<Vec<Result<CardInfo, Error>>, Error> {
        let limit = self.limits.read;
        // each module has its own time
        let whole = limit * u32::try_from(modules.len().max(1)).unwrap_or(1) + self.limits.close;
        self.queue
            .call(whole, move |desk, is_awaited| Ok(desk.read(&modules, &readers, limit, is_awaited)), |_| {})
            .await
    }

    /// Verifies the PIN of the card in this reader, once, and gives the authentication key. `None` asks for the PIN on
    /// the reader's pin-pad. The PIN is never presented after this call has given up waiting for a busy module.
    ///
    /// # Errors
    /// [`Error::PinWrong`], [`Error::PinBlocked`], [`Error::PinLength`] (the card was not asked),
    /// [`Error::PinNeeded`], [`Error::PinCancelled`], [`Error::Removed`], [`Error::Closed`] when no card was read,
    /// [`Error::ModuleFaulty`]: whether the PIN was looked at is unknown then.
    pub async fn login(&self, reader: &str, pin: Option<Secret>) -> Result<ClientKey, Error> {
        let limit = if pin.is_some() { self.limits.login } else { self.limits.pin_pad };
        let (queue, reader) = (self.queue.clone(), reader.to_owned());
        let unlocked = self
            .queue
            .call(
                limit + self.limits.close,
                move |desk, is_awaited| desk.login(reader, pin.as_ref(), limit, is_awaited),
                // nobody waits for the key any more: a card must not stay unlocked unnoticed
                Desk::close,
            )
            .await?;
        Ok(ClientKey::new(queue, unlocked))
    }

    /// Sets a new PIN by the unblocking code (PUK), once, with the module that has read the card in this reader. In a host
    /// of its own, so that OpenSC can be told to unblock; the card has to be read again.
    ///
    /// # Errors
    /// [`Error::CodeWrong`], [`Error::CodeBlocked`], [`Error::CodeLength`], [`Error::PinLength`] for the new PIN,
    /// [`Error::NoUnblocking`], or as for a login.
    pub async fn unblock(
        &self,
        module: Option<PathBuf>,
        reader: &str,
        code: Secret,
        pin: Secret,
    ) -> Result<(), Error> {
        let (limits, reader) = (self.limits, reader.to_owned());
        let work = move |desk: &mut Desk, is_awaited: &dyn Fn() -> bool| {
            let module = module.ok_or(Error::NoModule)?;
            desk.unblock(module, &reader, [&code, &pin], limits, is_awaited)
        };
        self.queue.call(limits.close + limits.read + limits.login, work, |_| {}).await
    }

    /// Logs out, drops the session and ends the module, which forgets the PIN it keeps. Keys given out earlier fail
    /// from the moment of the call, even when the module hangs: its process is ended then. Read again to log in again.
    pub async fn close(&self) {
        self.queue.generation.fetch_add(1, Ordering::SeqCst);
        let (answer, answered) = tokio::sync::oneshot::channel();
        // no deadline: a module that comes back late must still forget the PIN
        let sent = self.queue.send(None, |desk| {
            desk.close();
            let _ = answer.send(());
        });
        if sent.is_ok() && tokio::time::timeout(self.limits.close, answered).await.is_err() {
            tracing::warn!(
                "the card session will be closed when the module has answered or its time is over"
            );
        }
    }
}

/// What a login gives.
pub(super) struct Unlocked {
    pub(super) certificate: Vec<u8>,
    pub(super) generation: u64,
    pub(super) pss: bool,
}

/// The thread's own: the host and what is known of it.
pub(super) struct Desk {
    process: Process,
    /// The module that read the cards, to name when it fails.
    module: Option<PathBuf>,
    is_unlocked: bool,
    generation: Arc<AtomicU64>,
    on_lost: Box<dyn Fn(Error) + Send>,
}

/// How long ending modules may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

impl Desk {
    fn read(
        &mut self,
        modules: &[PathBuf],
        readers: &[String],
        limit: Duration,
        is_awaited: &dyn Fn() -> bool,
    ) -> Vec<Result<CardInfo, Error>> {
        self.close();
        let mut results: Vec<Result<CardInfo, Error>> = vec![Err(Error::NoModule); readers.len().max(1)];
        for module in modules {
            let open: Vec<usize> =
                (0..results.len()).filter(|at| !matches!(results.get(*at), Some(Ok(_)))).collect();
            if open.is_empty() {
                break;
            }
            self.module = Some(module.clone());
            let wanted = open.iter().filter_map(|at| readers.get(*at).cloned()).collect();
            let request = Request::Read { module: module.clone(), readers: wanted };
            let answers = match self.ask(&request, &[], limit, is_awaited) {
                Ok(Answer::Read(answers)) if answers.len() == open.len() => answers,
                Ok(_) => vec![Err(self.faulty(ModuleFault::Garbled)); open.len()],
                Err(error) => vec![Err(error); open.len()],
            };
            for (at, answer) in open.into_iter().zip(answers) {
                if let Some(result) = results.get_mut(at) {
                    *result = better(result.clone(), answer);
                }
            }
        }
        // the host of a module that failed took the cards of the others with it
        if !self.process.is_running() {
            for result in results.iter_mut().filter(|result| result.is_ok()) {
                *result = Err(Error::Removed);
            }
        }
        self.module = results.iter().flatten().map(|info| info.module.clone()).next().or(self.module.take());
        results
    }

    fn login(
        &mut self,
        reader: String,
        pin: Option<&Secret>,
        limit: Duration,
        is_awaited: &dyn Fn() -> bool,
    ) -> Result<Unlocked, Error> {
        if !self.process.is_running() {
            return Err(Error::Closed);
        }
        // a wrong PIN must leave nothing unlocked
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.is_unlocked = false;
        let codes: Vec<&Secret> = pin.into_iter().collect();
        let request = Request::Login { reader, has_pin: pin.is_some() };
        match self.ask(&request, &codes, limit, is_awaited)? {
            Answer::Unlocked { certificate, pss } => {
                self.is_unlocked = true;
                Ok(Unlocked { certificate, generation: self.generation.load(Ordering::SeqCst), pss })
            }
            _ => Err(self.faulty(ModuleFault::Garbled)),
        }
    }

    fn unblock(
        &mut self,
        module: PathBuf,
        reader: &str,
        codes: [&Secret; 2],
        limits: Limits,
        is_awaited: &dyn Fn() -> bool,
    ) -> Result<(), Error> {
        // the module is ended first: its open sessions forbid the officer's login
        self.close();
        let usual = std::mem::replace(&mut self.process, Process::to_unblock());
        self.module = Some(module.clone());
        let request = Request::Read { module, readers: vec![reader.to_owned()] };
        let result = match self.ask(&request, &[], limits.read, is_awaited) {
            Ok(Answer::Read(read)) => read.into_iter().next().unwrap_or(Err(Error::NoToken)).map(drop),
            Ok(_) => Err(self.faulty(ModuleFault::Garbled)),
            Err(error) => Err(error),
        };
        let result = result.and_then(|()| {
            let request = Request::Unblock { reader: reader.to_owned() };
            self.ask(&request, &codes, limits.login, is_awaited).map(drop)
        });
        self.process = usual;
        result
    }

    fn sign(&mut self, request: SignRequest, limit: Duration) -> Result<Vec<u8>, Error> {
        if self.generation.load(Ordering::SeqCst) != request.generation {
            return Err(Error::Closed);
        }
        let SignRequest { padding, data, .. } = request;
        match self.ask(&Request::Sign { padding, data }, &[], limit, &|| true) {
            Ok(Answer::Signed(signature)) => Ok(signature),
            Ok(_) => Err(self.faulty(ModuleFault::Garbled)),
            Err(error) => {
                let is_lost = matches!(
                    error,
                    Error::Removed | Error::LoggedOut | Error::Closed | Error::ModuleFaulty { .. }
                );
                if is_lost && std::mem::take(&mut self.is_unlocked) {
                    self.generation.fetch_add(1, Ordering::SeqCst);
                    (self.on_lost)(error.clone());
                }
                Err(error)
            }
        }
    }

    pub(super) fn close(&mut self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.is_unlocked = false;
        if self.process.is_running()
            && let Err(error) = self.ask(&Request::Close, &[], CLOSE_LIMIT, &|| true)
        {
            tracing::warn!(%error, "the card's module did not end well");
        }
    }

    fn ask(
        &mut self,
        request: &Request,
        codes: &[&Secret],
        limit: Duration,
        is_awaited: &dyn Fn() -> bool,
    ) -> Result<Answer, Error> {
        match self.process.ask(request, codes, limit, is_awaited) {
            Ok(Answer::Failed(error)) => Err(error),
            Ok(answer) => Ok(answer),
            Err(NoAnswer::NotStarted(error)) => Err(Error::NoHost(error.to_string())),
            Err(NoAnswer::Failed(fault)) => {
                let error = self.faulty(fault);
                tracing::warn!(%error, "the card's module failed");
                Err(error)
            }
        }
    }

    fn faulty(&self, fault: ModuleFault) -> Error {
        Error::ModuleFaulty { module: self.module.clone().unwrap_or_default(), fault }
    }
}

/// What a module says of a card it sees tells more than a module that fails, and that more than seeing nothing.
fn better(before: Result<CardInfo, Error>, after: Result<CardInfo, Error>) -> Result<CardInfo, Error> {
    let weight = |result: &Result<CardInfo, Error>| match result {
        Ok(_) => 0,
        Err(Error::NoModule) => 5,
        Err(Error::NoToken) => 4,
        Err(Error::ModuleFailed { .. }) => 3,
        Err(Error::ModuleFaulty { .. } | Error::NoHost(_)) => 2,
        Err(_) => 1,
    };
    if weight(&after) < weight(&before) { after } else { before }
}

/// Work for the thread, void once `deadline`, if any, has passed.
struct Job {
    deadline: Option<Instant>,
    work: Box<dyn FnOnce(&mut Desk) + Send>,
}

fn serve(mut desk: Desk, jobs: &Receiver<Job>) {
    for job in jobs {
        if job.deadline.is_none_or(|deadline| Instant::now() < deadline) {
            (job.work)(&mut desk);
        }
    }
    desk.close();
}

/// The way to the thread. `generation` changes whenever keys given out before must fail.
#[derive(Clone)]
pub(super) struct Queue {
    sender: Sender<Job>,
    pub(super) generation: Arc<AtomicU64>,
    sign_limit: Duration,
}

impl Queue {
    /// Runs `work` on the thread, which can ask whether its caller still waits; `undo` when it was done but nobody
    /// waits for its result any more.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        limit: Duration,
        work: impl FnOnce(&mut Desk, &dyn Fn() -> bool) -> Result<T, Error> + Send + 'static,
        undo: impl FnOnce(&mut Desk) + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let work = move |desk: &mut Desk| {
            if answer.is_closed() {
                return;
            }
            let result = work(desk, &|| !answer.is_closed());
            if let Err(Ok(_)) = answer.send(result) {
                undo(desk);
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
        let limit = self.sign_limit;
        self.send(Some(limit), move |desk| drop(answer.send(desk.sign(request, limit))))?;
        // the thread's own limit first, so that it says what happened
        answered.recv_timeout(limit + CLOSE_LIMIT).unwrap_or(Err(Error::Timeout))
    }

    pub(super) async fn sign(&self, request: SignRequest) -> Result<Vec<u8>, Error> {
        self.check(&request)?;
        let limit = self.sign_limit;
        self.call(limit + CLOSE_LIMIT, move |desk, _| desk.sign(request, limit), |_| {}).await
    }

    /// Fails a closed key at once, without waiting behind a module that hangs.
    fn check(&self, request: &SignRequest) -> Result<(), Error> {
        let current = self.generation.load(Ordering::SeqCst) == request.generation;
        if current { Ok(()) } else { Err(Error::Closed) }
    }

    fn send(
        &self,
        limit: Option<Duration>,
        work: impl FnOnce(&mut Desk) + Send + 'static,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
        let token = Token::start(Limits::default(), |_| {});
        let (release, released) = channel::<()>();
        let short = Duration::from_millis(50);
        let hang = move |_: &mut Desk, _: &dyn Fn() -> bool| released.recv().or(Ok(()));
        let undone = Arc::new(AtomicBool::new(false));
        let undo = Arc::clone(&undone);
        let hung = token.queue.call(short, hang, move |_| undo.store(true, Ordering::SeqCst)).await;
        assert_eq!(hung, Err(Error::Timeout));

        // waits behind the hanging call until its caller has given up: a PIN must not be presented then
        let presented = Arc::new(AtomicBool::new(false));
        let present = Arc::clone(&presented);
        let login = move |_: &mut Desk, _: &dyn Fn() -> bool| {
            present.store(true, Ordering::SeqCst);
            Ok(())
        };
        assert_eq!(token.queue.call(short, login, |_| {}).await, Err(Error::Timeout));

        drop(release);
        let long = Duration::from_secs(60);
        assert_eq!(token.queue.call(long, |_, _| Ok(7), |_| {}).await, Ok(7), "the thread works again");
        assert!(undone.load(Ordering::SeqCst), "what was done for nobody is undone");
        assert!(!presented.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn the_host_is_not_started_before_somebody_wants_it() {
        let token = Token::start(Limits::default(), |_| {});
        let long = Duration::from_secs(60);
        let is_running = || token.queue.call(long, |desk, _| Ok(desk.process.is_running()), |_| {});
        assert_eq!(is_running().await, Ok(false));
        token.warm_up();
        assert_eq!(is_running().await, Ok(true), "estafettectl hosts the module: cargo build --bins");
    }

    #[tokio::test]
    async fn a_close_given_up_is_done_all_the_same() {
        let token = Token::start(Limits::default(), |_| {});
        let (release, released) = channel::<()>();
        let short = Duration::from_millis(50);
        let hang = move |_: &mut Desk, _: &dyn Fn() -> bool| released.recv().or(Ok(()));
        assert_eq!(token.queue.call(short, hang, |_| {}).await, Err(Error::Timeout));
        let generation = || token.queue.generation.load(Ordering::SeqCst);
        let before = generation();
        assert!(
            tokio::time::timeout(short, token.close()).await.is_err(),
            "it waits behind the hanging call"
        );
        assert_eq!(generation(), before + 1, "keys fail already");
        drop(release);
        assert_eq!(token.queue.call(Duration::from_secs(60), |_, _| Ok(()), |_| {}).await, Ok(()));
        assert_eq!(generation(), before + 2, "and the session is closed");
    }

    #[tokio::test]
    async fn without_a_card_nothing_logs_in() {
        let token = Token::start(Limits::default(), |_| {});
        assert_eq!(token.read(Vec::new(), Vec::new()).await, Ok(vec![Err(Error::NoModule)]));
        let pin = Some(Secret::new("1234".to_owned()));
        assert_eq!(token.login("reader", pin).await.err(), Some(Error::Closed));
        token.close().await;
    }
}
