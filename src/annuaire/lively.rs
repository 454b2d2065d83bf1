//! A download that may stop in the middle: read on a thread of its own, so that silence is noticed.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Bytes handed over together, and how many of these wait to be read.
const CHUNK: usize = 256 << 10;
const AHEAD: usize = 8;

/// What comes of a reader, as long as it is never silent for longer than a given time.
pub(super) struct Lively {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: io::Cursor<Vec<u8>>,
    patience: Duration,
}

impl Lively {
    /// Reads ahead of the reader. One that is silent for longer than `patience` gives an error of the kind
    /// [`io::ErrorKind::TimedOut`]; its thread ends when the reader does.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(super) fn of(mut reader: impl Read + Send + 'static, patience: Duration) -> io::Result<Self> {
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
        Ok(Self { chunks, chunk: io::Cursor::default(), patience })
    }
}

impl Read for Lively {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.chunk.read(buffer)?;
        if left > 0 || buffer.is_empty() {
            return Ok(left);
        }
        match self.chunks.recv_timeout(self.patience) {
            Ok(chunk) => self.chunk = io::Cursor::new(chunk?),
            Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
            // the end was told before
            Err(RecvTimeoutError::Disconnected) => return Ok(0),
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
        let mut lively = Lively::of(Slow(vec![5; 100], end), Duration::from_millis(200)).unwrap();
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
}
