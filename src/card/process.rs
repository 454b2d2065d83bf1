//! The host process as the program sees it: started when needed, asked one thing at a time, ended when it hangs.

use std::io;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::host::{ARGUMENT, is_own_program};
use super::pipe;
use super::protocol::{Answer, Request, read_answer, write_request};
use crate::domain::card::ModuleFault;
use crate::domain::secret::Secret;

/// Program that hosts the module for programs that cannot.
const STAND_IN: &str = "estafettectl";
/// How often a call asks whether its caller still waits.
const GLANCE: Duration = Duration::from_millis(50);
/// What an ending host is given to log out of the card.
const FAREWELL: Duration = Duration::from_secs(3);
/// A module at work that nobody waits for any more is given this long.
const GRACE: Duration = Duration::from_secs(3);

/// What OpenSC has to be told before it unblocks a PIN (its `opensc.conf(5)`): by default it refuses. The rest of its
/// configuration is its own defaults then.
const OPENSC_UNBLOCKS: &str =
    "app opensc-pkcs11 {\n pkcs11 {\n  user_pin_unblock_style = init_pin_in_so_session;\n }\n}\n";

/// The host, running or not.
#[derive(Default)]
pub(super) struct Process {
    running: Option<Running>,
    unblocks: bool,
}

struct Running {
    child: Child,
    requests: Box<dyn io::Write + Send>,
    answers: Receiver<io::Result<Answer>>,
    /// Removed with the host.
    _configuration: Option<tempfile::NamedTempFile>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The host cannot be started.
    NotStarted(io::Error),
    /// The module, or what it made of the host, failed; the host is gone.
    Failed(ModuleFault),
}

impl Process {
    /// A host whose module may unblock a PIN.
    pub(super) fn to_unblock() -> Self {
        Self { running: None, unblocks: true }
    }

    /// Starts the host ahead of its first request; a failure is told at that request.
    pub(super) fn warm_up(&mut self) {
        if let Err(error) = self.running() {
            tracing::warn!(%error, "the host of the card's module cannot be started");
        }
    }

    /// Asks and waits for at most `limit`; shorter when `is_awaited` says that nobody waits any more. A host that does
    /// not answer is ended.
    pub(super) fn ask(
        &mut self,
        request: &Request,
        codes: &[&Secret],
        limit: Duration,
        is_awaited: &dyn Fn() -> bool,
    ) -> Result<Answer, NoAnswer> {
        let running = self.running().map_err(NoAnswer::NotStarted)?;
        let written = write_request(&mut running.requests, request, codes);
        let answer = match written {
            Ok(()) => wait(&running.answers, limit, is_awaited),
            Err(_) => Err(ModuleFault::Crashed { signal: None }),
        };
        answer.map_err(|fault| {
            let ended = self.end_now();
            NoAnswer::Failed(match fault {
                ModuleFault::Crashed { .. } => ModuleFault::Crashed { signal: ended },
                other => other,
            })
        })
    }

    /// True while a host is there: one that is not has no card open.
    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    fn running(&mut self) -> io::Result<&mut Running> {
        if self.running.as_mut().is_some_and(|running| matches!(running.child.try_wait(), Ok(Some(_)))) {
            self.running = None;
        }
        match &mut self.running {
            Some(running) => Ok(running),
            none => Ok(none.insert(start(self.unblocks)?)),
        }
    }

    /// Ends the host at once; the signal that ended it before, if it was gone already.
    fn end_now(&mut self) -> Option<i32> {
        let Running { mut child, answers, .. } = self.running.take()?;
        // a crash is seen as the end of its answers a moment before the system knows of the end
        let crashed = matches!(answers.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected));
        let limit = Instant::now() + if crashed { GLANCE * 10 } else { Duration::ZERO };
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < limit {
            std::thread::sleep(GLANCE / 10);
        }
        let by_itself = child.try_wait().ok().flatten();
        if by_itself.is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
        by_itself.and_then(signal)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let Some(Running { mut child, requests, _configuration, .. }) = self.running.take() else { return };
        // the end of the requests is the order to log out and end
        drop(requests);
        let limit = Instant::now() + FAREWELL;
        while matches!(child.try_wait(), Ok(None)) {
            if Instant::now() > limit {
                let _ = child.kill();
                let _ = child.wait();
                return;
            }
            std::thread::sleep(GLANCE / 10);
        }
    }
}

fn wait(
    answers: &Receiver<io::Result<Answer>>,
    limit: Duration,
    is_awaited: &dyn Fn() -> bool,
) -> Result<Answer, ModuleFault> {
    let mut end = Instant::now() + limit;
    let mut is_left = false;
    loop {
        let now = Instant::now();
        if now >= end {
            return Err(ModuleFault::Hung);
        }
        if !is_left && !is_awaited() {
            (is_left, end) = (true, end.min(now + GRACE));
        }
        match answers.recv_timeout(GLANCE.min(end.saturating_duration_since(now))) {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the host of the card's module answers what cannot be read");
                return Err(ModuleFault::Garbled);
            }
            Err(RecvTimeoutError::Disconnected) => return Err(ModuleFault::Crashed { signal: None }),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn start(unblocks: bool) -> io::Result<Running> {
    let mut command = Command::new(program()?);
    let configuration = if unblocks {
        let mut file = tempfile::NamedTempFile::new()?;
        io::Write::write_all(&mut file, OPENSC_UNBLOCKS.as_bytes())?;
        command.env("OPENSC_CONF", file.path());
        Some(file)
    } else {
        None
    };
    let (child, (requests, mut from)) = pipe::spawn(command.arg(ARGUMENT))?;
    let (sender, answers) = channel();
    std::thread::Builder::new().name("card-answers".into()).spawn(move || {
        while let Some(answer) = read_answer(&mut from).transpose() {
            let is_last = answer.is_err();
            if sender.send(answer).is_err() || is_last {
                return;
            }
        }
    })?;
    Ok(Running { child, requests, answers, _configuration: configuration })
}

/// This program, or the one beside it that can be a host.
fn program() -> io::Result<PathBuf> {
    if is_own_program() {
        // the file may have been replaced by an update meanwhile: the link still leads to what is running
        let link = PathBuf::from("/proc/self/exe");
        return if cfg!(target_os = "linux") && link.exists() { Ok(link) } else { std::env::current_exe() };
    }
    let file = format!("{STAND_IN}{}", std::env::consts::EXE_SUFFIX);
    let here = std::env::current_exe()?;
    // tests and examples lie one folder below the programs
    let mut places = here.ancestors().skip(1).take(2).map(|folder| folder.join(&file));
    places.find(|path| path.is_file()).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, file))
}

#[cfg(unix)]
fn signal(status: std::process::ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

/// Windows ends a process that crashes with the number of the exception.
#[cfg(not(unix))]
fn signal(status: std::process::ExitStatus) -> Option<i32> {
    status.code()
}
