//! The process that hosts the PKCS#11 module: the same program, started again with [`ARGUMENT`] by [`super::process`].
//!
//! Vendors' modules crash, hang and leave threads behind; in a process of their own they cost the card, not the mail.
//! Two threads: the first owns the modules, the other reads requests. The process ends when the program that
//! started it does, at the latest [`LAST_WORDS`] later, whatever the module is doing.

use std::io;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::Error;
use super::pipe;
use super::protocol::{Answer, Request, read_request, write_answer};
use super::worker::Worker;
use crate::domain::secret::Secret;

/// The one argument with which a program becomes a host. Not in any help: it is no command for people.
pub(super) const ARGUMENT: &str = "--host-card-module";

/// How long logging out of the card may take once the program has ended.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// This program can become a host: its `main` has asked.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// To be called first in `main` of every program that opens an [`crate::engine::Engine`]: hosts the PKCS#11 module when
/// the program was started for that, and gives the status to exit with. A program that never calls it (a test, an
/// example) has its module hosted by `estafettectl` beside it.
pub fn host_card_module() -> Option<ExitCode> {
    ENTERED.store(true, Ordering::Relaxed);
    let mut arguments = std::env::args_os().skip(1);
    let is_host = arguments.next().is_some_and(|first| first == ARGUMENT) && arguments.next().is_none();
    is_host.then(|| match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the host of the card's module ends");
            ExitCode::FAILURE
        }
    })
}

/// True when the running program may be started as a host.
pub(super) fn is_own_program() -> bool {
    ENTERED.load(Ordering::Relaxed)
}

fn serve() -> io::Result<()> {
    guard::close_in();
    let (mut input, mut output) = pipe::own_ends()?;
    let (sender, requests) = channel();
    std::thread::Builder::new().name("card-requests".into()).spawn(move || {
        while let Ok(Some(request)) = read_request(&mut input) {
            if sender.send(request).is_err() {
                return;
            }
        }
        drop(sender);
        // the module may hang: this process must not stay behind, nor run what the module does at an orderly end
        std::thread::sleep(LAST_WORDS);
        std::process::abort();
    })?;
    answer_all(&requests, &mut output)
}

fn answer_all(requests: &Receiver<(Request, Vec<Secret>)>, output: &mut impl io::Write) -> io::Result<()> {
    let mut worker = Worker::default();
    for (request, codes) in requests {
        let answer = answer(&mut worker, request, &codes);
        drop(codes);
        match write_answer(output, &answer) {
            // a program that ended while the card was being read waits for no answer: nothing went wrong
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            written => written?,
        }
    }
    worker.close();
    Ok(())
}

fn answer(worker: &mut Worker, request: Request, codes: &[Secret]) -> Answer {
    let result = match (request, codes) {
        (Request::Read { module, readers }, _) => worker.read(&module, &readers).map(Answer::Read),
        (Request::Login { reader, .. }, codes) => worker
            .login(&reader, codes.first())
            .map(|(certificate, pss)| Answer::Unlocked { certificate, pss }),
        (Request::Sign { padding, data }, _) => worker.sign(padding, &data).map(Answer::Signed),
        (Request::Unblock { reader }, [puk, pin]) => worker.unblock(&reader, puk, pin).map(|()| Answer::Done),
        (Request::Unblock { .. }, _) => Err(Error::PinNeeded),
        (Request::Close, _) => {
            worker.close();
            Ok(Answer::Done)
        }
    };
    result.unwrap_or_else(Answer::Failed)
}

/// The module keeps the PIN in its memory: no dump of this process, and no other process may look into it. A module
/// gone mad takes no more memory than this.
#[cfg(unix)]
mod guard {
    use rustix::process::{Resource, Rlimit, setrlimit};

    /// A module with a card needs some ten megabytes.
    const MEMORY: u64 = 2 * 1024 * 1024 * 1024;

    pub(super) fn close_in() {
        for (resource, most) in [(Resource::Core, 0), (Resource::As, MEMORY)] {
            let limit = Rlimit { current: Some(most), maximum: Some(most) };
            if let Err(error) = setrlimit(resource, limit) {
                tracing::warn!(%error, ?resource, "a limit of the card's process could not be set");
            }
        }
        #[cfg(target_os = "linux")]
        {
            use rustix::process::{DumpableBehavior, set_dumpable_behavior};
            if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
                tracing::warn!(%error, "the card's process could not be made private");
            }
        }
    }
}

#[cfg(not(unix))]
mod guard {
    pub(super) fn close_in() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of a pipe that nobody reads, or a full disk.
    struct Broken(io::ErrorKind);

    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn answered_into(kind: io::ErrorKind) -> io::Result<()> {
        let (sender, requests) = channel();
        sender.send((Request::Close, Vec::new())).unwrap();
        drop(sender);
        answer_all(&requests, &mut Broken(kind))
    }

    #[test]
    fn a_program_that_ends_before_its_answer_is_no_error() {
        assert!(answered_into(io::ErrorKind::BrokenPipe).is_ok());
        assert!(answered_into(io::ErrorKind::StorageFull).is_err());
    }
}
