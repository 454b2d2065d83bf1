//! A download that may stop at any moment: it runs on a thread of its own, so that silence is noticed and the one who
//! waits may leave.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// Bytes handed over together, and how many of these wait to be read.
const CHUNK: usize = 256 << 10;
const AHEAD: usize = 8;

/// How often somebody who waits is asked whether to go on.
const GLANCE: Duration = Duration::from_millis(100);

/// Whoever waits had enough: the error inside an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("no longer wanted")]
pub(super) struct Unwanted;

/// What `work` gives, on a thread of its own; `None` once `goes_on` says no, or when the thread broke off.
///
/// # Errors
/// When no thread can be made.
pub(super) fn awaited<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    goes_on: &mut dyn FnMut() -> bool,
) -> io::Result<Option<T>> {
    let (sender, answer) = sync_channel(1);
    std::thread::Builder::new().name("download".into()).spawn(move || {
        let _ = sender.send(work());
    })?;
    loop {
        match answer.recv_timeout(GLANCE) {
            Ok(answer) => return Ok(Some(answer)),
            Err(RecvTimeoutError::Timeout) if goes_on() => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(None),
        }
    }
}

/// What comes of a reader, as long as it is never silent for longer than a given time.
pub(super) struct Lively<'w> {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: io::Cursor<Vec<u8>>,
    patience: Duration,
    goes_on: &'w mut dyn FnMut() -> bool,
}

impl<'w> Lively<'w> {
    /// Reads ahead of the reader. One that is silent for longer than `patience` gives an error of the kind
    /// [`io::ErrorKind::TimedOut`], and [`Unwanted`] once `goes_on` says no; its thread ends when the reader does.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(super) fn of(
        mut reader: impl Read + Send + 'static,
        patience: Duration,
        goes_on: &'w mut dyn FnMut() -> bool,
    ) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(AHEAD);
        std::thread::Builder::new().name("download".into()).spawn(move || {
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = reader.read(&mut chunk).map(|length| {
                    chunk.truncate(length);
                    chunk
                });
                let is_last = read.as_ref().map_or(true, Vec::is_empty);
                if sender.send(read).is_err() || is_last {
                    return;
                }
            }
        })?;
        Ok(Self { chunks, chunk: io::Cursor::default(), patience, goes_on })
    }

    /// The next chunk; `None` at the end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let since = Instant::now();
        loop {
            match self.chunks.recv_timeout(GLANCE.min(self.patience)) {
                Ok(chunk) => return chunk.map(Some),
                // the end was told before
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) if since.elapsed() >= self.patience => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Err(RecvTimeoutError::Timeout) if (self.goes_on)() => {}
                Err(RecvTimeoutError::Timeout) => return Err(io::Error::other(Unwanted)),
            }
        }
    }
}

impl Read for Lively<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.chunk.read(buffer)?;
        if left > 0 || buffer.is_empty() {
            return Ok(left);
        }
        match self.next()? {
            Some(chunk) => self.chunk = io::Cursor::new(chunk),
            None => return Ok(0),
        }
        self.chunk.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes a few at a time, then an error, or nothing for ever.
    struct Slow(Vec<u8>, Option<io::ErrorKind>);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                match self.1 {
                    Some(io::ErrorKind::UnexpectedEof) => return Ok(0),
                    Some(kind) => return Err(kind.into()),
                    None => loop {
                        std::thread::park();
                    },
                }
            }
            let n = self.0.len().min(7).min(buffer.len());
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0.drain(..n);
            Ok(n)
        }
    }

    fn read(end: Option<io::ErrorKind>) -> (Vec<u8>, io::Result<usize>) {
        let mut goes_on = || true;
        let mut lively =
            Lively::of(Slow(vec![5; 100], end), Duration::from_millis(200), &mut goes_on).unwrap();
        let mut out = Vec::new();
        let result = lively.read_to_end(&mut out);
        (out, result)
    }

    #[test]
    fn what_comes_is_read_to_its_end_and_silence_is_an_error() {
        let (all, result) = read(Some(io::ErrorKind::UnexpectedEof));
        assert_eq!((all.len(), result.unwrap()), (100, 100));
        for (end, kind) in [
            (Some(io::ErrorKind::ConnectionReset), io::ErrorKind::ConnectionReset),
            (None, io::ErrorKind::TimedOut),
        ] {
            let (all, result) = read(end);
            assert_eq!((all.len(), result.unwrap_err().kind()), (100, kind));
        }
    }

    #[test]
    fn whoever_waits_may_leave_long_before_the_patience_ends() {
        let mut asked = 0;
        let mut goes_on = || {
            asked += 1;
            asked < 3
        };
        let patience = Duration::from_secs(3600);
        let mut lively = Lively::of(Slow(vec![5; 10], None), patience, &mut goes_on).unwrap();
        let error = lively.read_to_end(&mut Vec::new()).unwrap_err();
        assert!(error.get_ref().is_some_and(|inner| inner.is::<Unwanted>()), "{error:?}");
        let never = || loop {
            std::thread::park();
        };
        let mut refuses = || false;
        assert!(awaited::<()>(never, &mut refuses).unwrap().is_none());
        assert_eq!(awaited(|| 5, &mut refuses).unwrap(), Some(5));
    }
}
