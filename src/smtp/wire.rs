//! The stream under lettre: bounds and cleans what the server says line by line, because lettre reads a line whole
//! before it looks at its length, refuses any byte that is not UTF-8 and panics on a line of blanks after EHLO.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use crate::domain::text::is_deceptive;

/// Longest line taken; RFC 5321 §4.5.3.1.5 allows 512, lettre 1000.
const LONGEST_LINE: usize = 990;
/// Longest reply taken: lettre reads a reply again from its start for each line that comes.
const LONGEST_REPLY: usize = 8 << 10;

/// Holds the final dot back until the caller lets it go: before it the server cannot have taken the message.
#[derive(Clone, Default)]
pub(super) struct Dot(Arc<DotState>);

#[derive(Default)]
struct DotState {
    is_open: AtomicBool,
    /// Bytes handed over.
    written: AtomicU64,
    reached: Notify,
    writer: Mutex<Option<Waker>>,
}

impl Dot {
    /// Waits until everything but the final dot was handed over.
    pub(super) async fn reached(&self) {
        self.0.reached.notified().await;
    }

    /// Lets the dot go; from now on nobody knows whether the server took the message until it answers.
    pub(super) fn open(&self) {
        self.0.is_open.store(true, Ordering::SeqCst);
        let writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            writer.wake();
        }
    }

    /// Waits until nothing was handed over for `silence`.
    pub(super) async fn stalls(&self, silence: Duration) {
        let mut before = self.0.written.load(Ordering::Relaxed);
        loop {
            tokio::time::sleep(silence).await;
            let now = self.0.written.load(Ordering::Relaxed);
            if now == before {
                return;
            }
            before = now;
        }
    }

    /// Whether the dot may be written; else the writer is woken when it may.
    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        *self.0.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        if self.0.is_open.load(Ordering::SeqCst) {
            return Poll::Ready(());
        }
        self.0.reached.notify_one();
        Poll::Pending
    }
}

/// The adapter.
pub(super) struct Wire<T> {
    io: T,
    peer: SocketAddr,
    raw: Vec<u8>,
    clean: Vec<u8>,
    /// Bytes received since the last command.
    replied: usize,
    dot: Dot,
}

impl<T> Wire<T> {
    /// `greeting` is given to lettre first: after STARTTLS the server sends none.
    pub(super) fn new(io: T, peer: SocketAddr, greeting: Option<&str>, dot: Dot) -> Self {
        Self {
            io,
            peer,
            raw: Vec::new(),
            clean: greeting.unwrap_or_default().as_bytes().to_vec(),
            replied: 0,
            dot,
        }
    }

    /// Moves complete lines from raw to clean.
    fn clean(&mut self) -> io::Result<()> {
        while let Some(end) = self.raw.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = self.raw.drain(..=end).collect();
            if line.len() > LONGEST_LINE {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "line too long"));
            }
            let text = String::from_utf8_lossy(&line);
            let text: String =
                text.trim_end().chars().map(|c| if is_deceptive(c) { ' ' } else { c }).collect();
            let text = text.trim_end();
            self.clean.extend_from_slice(text.as_bytes());
            // lettre wants the blank before a text that is not there: Postfix asks for a long token so
            if text.len() == 3 {
                self.clean.push(b' ');
            }
            self.clean.extend_from_slice(b"\r\n");
        }
        if self.raw.len() > LONGEST_LINE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "line too long"));
        }
        Ok(())
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Wire<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.clean.is_empty() {
            let mut piece = [0; 1024];
            let mut piece = ReadBuf::new(&mut piece);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut piece))?;
            if piece.filled().is_empty() {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            self.raw.extend_from_slice(piece.filled());
            self.replied += piece.filled().len();
            if self.replied > LONGEST_REPLY {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "reply too long")));
            }
            self.clean()?;
        }
        let n = self.clean.len().min(buf.remaining());
        buf.put_slice(self.clean.get(..n).unwrap_or_default());
        self.clean.drain(..n);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Wire<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.replied = 0;
        // lettre writes the end of the message by itself
        if buf == b"\r\n.\r\n" {
            ready!(self.dot.poll(cx));
        }
        let written = ready!(Pin::new(&mut self.io).poll_write(cx, buf))?;
        self.dot.0.written.fetch_add(written as u64, Ordering::Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> AsyncTokioStream for Wire<T> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

// lettre asks for Debug; what passes here is never printed
impl<T> fmt::Debug for Wire<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn cleaned(input: &[u8]) -> io::Result<String> {
        let mut wire = Wire::new(input, SocketAddr::from(([127, 0, 0, 1], 1)), None, Dot::default());
        let mut text = Vec::new();
        match wire.read_to_end(&mut text).await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            other => drop(other?),
        }
        Ok(String::from_utf8(text).unwrap())
    }

    #[tokio::test]
    async fn lines_reach_the_parser_clean() {
        assert_eq!(
            cleaned(b"250-a\r\n250-   \r\n250 \xe9\x00t\xe9\n").await.unwrap(),
            "250-a\r\n250-\r\n250 \u{fffd} t\u{fffd}\r\n"
        );
        assert_eq!(cleaned(b"334 \r\n334\r\n").await.unwrap(), "334 \r\n334 \r\n");
        assert_eq!(cleaned(b"250 no end").await.unwrap(), "");
    }

    #[tokio::test]
    async fn the_final_dot_waits_until_it_is_let_go() {
        let (near, mut far) = tokio::io::duplex(100);
        let dot = Dot::default();
        let mut wire = Wire::new(near, SocketAddr::from(([127, 0, 0, 1], 1)), None, dot.clone());
        wire.write_all(b"text").await.unwrap();
        let mut writing = Box::pin(wire.write_all(b"\r\n.\r\n"));
        tokio::select! {
            biased;
            _ = &mut writing => panic!("written before it may"),
            () = dot.reached() => {}
        }
        let mut sent = [0; 9];
        assert_eq!(far.read(&mut sent).await.unwrap(), 4);
        dot.open();
        writing.await.unwrap();
        assert_eq!(far.read(&mut sent).await.unwrap(), 5);
    }

    #[tokio::test]
    async fn an_endless_line_is_refused() {
        assert!(cleaned(&[b'2'; 5000]).await.is_err());
    }
}
