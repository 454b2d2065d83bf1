//! What stands between TLS and async-imap: it frames and bounds everything that comes in. async-imap reads only the
//! plain status lines handed to it.

mod deflate;
mod framer;
mod meter;

pub(super) use framer::{Bounds, Framer, Response};

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use zeroize::{Zeroize, Zeroizing};

use super::Error;
use deflate::{Deflate, Unreadable};
use meter::Meter;

/// A byte stream a session can live on.
pub(super) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

const INPUT: usize = 64 << 10;
const OUTPUT: usize = 64 << 10;

/// The adapter. Responses leave by [`Guard::next`]; reading from it as a stream gives only what was handed over.
pub(super) struct Guard<T> {
    io: T,
    framer: Framer,
    input: Vec<u8>,
    start: usize,
    end: usize,
    handed_over: Vec<u8>,
    // commands are written in pieces: gathered until the flush, so that each leaves as one TLS record; wiped, because
    // the answer to a login passes here too
    output: Zeroizing<Vec<u8>>,
    written: usize,
    muted: bool,
    received: Arc<AtomicU64>,
    meter: Meter,
    /// Bytes per second below which the line is slow.
    slow_line: u64,
}

impl<T: Transport> Guard<T> {
    /// `slow_line`: see [`super::Limits::slow_line`].
    pub(super) fn new(io: T, bounds: Bounds, slow_line: u64) -> Self {
        Self {
            io,
            framer: Framer::new(bounds),
            input: vec![0; INPUT],
            start: 0,
            end: 0,
            handed_over: Vec::new(),
            output: Zeroizing::default(),
            written: 0,
            muted: false,
            received: Arc::default(),
            meter: Meter::default(),
            slow_line,
        }
    }

    /// The next complete response. `silence` bounds the wait for each byte. Cancel-safe.
    pub(super) async fn next(&mut self, silence: Option<Duration>) -> Result<Response, Error> {
        loop {
            if let Some(response) = self.next_buffered()? {
                return Ok(response);
            }
            let start = Instant::now();
            let read = self.io.read(&mut self.input);
            let read = match silence {
                Some(limit) => timeout(limit, read).await.map_err(|_| Error::Timeout)?,
                None => read.await,
            };
            match read {
                Ok(0) => return Err(Error::Closed),
                Ok(n) => {
                    self.received.fetch_add(n as u64, Ordering::Relaxed);
                    (self.start, self.end) = (0, n);
                }
                Err(error) if Unreadable::caused(&error) => {
                    return Err(Error::Protocol { what: "unreadable compressed data" });
                }
                Err(error) => return Err(error.into()),
            }
            // without a bound nothing is due: the line is idle, not slow
            if silence.is_some() {
                self.meter.received(self.end, start.elapsed(), self.slow_line);
            }
        }
    }

    /// The next complete response among the bytes already here.
    pub(super) fn next_buffered(&mut self) -> Result<Option<Response>, Error> {
        let input = self.input.get(self.start..self.end).unwrap_or_default();
        if input.is_empty() {
            return Ok(None);
        }
        let (used, response) = self.framer.push(input)?;
        self.start += used;
        Ok(response)
    }

    /// Counts the bytes that came in.
    pub(super) fn received(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.received)
    }

    /// Much has come in, slowly.
    pub(super) fn is_slow(&self) -> bool {
        self.meter.is_slow()
    }

    /// Gives async-imap a line to read.
    pub(super) fn hand_over(&mut self, line: &[u8]) {
        self.handed_over.extend_from_slice(line);
    }

    /// While muted, what is written goes nowhere.
    pub(super) fn mute(&mut self, muted: bool) {
        self.muted = muted;
    }

    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.output.is_empty() {
            self.meter.asked();
        }
        while let Some(rest) = self.output.get(self.written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.io).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                n => self.written += n,
            }
        }
        self.output.zeroize();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl Guard<Box<dyn Transport>> {
    /// From the next byte on both sides deflate: to be called when the server has agreed and nothing was said since.
    pub(super) fn compress(&mut self) {
        let received = self.input.get(self.start..self.end).unwrap_or_default();
        let io = std::mem::replace(&mut self.io, Box::new(tokio::io::empty()));
        self.io = Box::new(Deflate::new(io, received));
        (self.start, self.end) = (0, 0);
    }
}

impl<T: Transport> AsyncRead for Guard<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let n = self.handed_over.len().min(buf.remaining());
        buf.put_slice(self.handed_over.get(..n).unwrap_or_default());
        self.handed_over.drain(..n);
        Poll::Ready(Ok(()))
    }
}

impl<T: Transport> AsyncWrite for Guard<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.muted {
            return Poll::Ready(Ok(buf.len()));
        }
        if self.output.len() >= OUTPUT {
            ready!(self.poll_drain(cx))?;
        }
        let piece = buf.get(..OUTPUT).unwrap_or(buf);
        self.output.extend_from_slice(piece);
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

// async-imap asks for Debug; what passes here is never printed
impl<T> fmt::Debug for Guard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}
