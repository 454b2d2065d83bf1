//! Lines of the part of a connection that is in clear, before STARTTLS: bounded in length, in all and in time.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Error;

/// Longest line; IMAP servers announce some hundred bytes, SMTP allows 512.
const LONGEST_LINE: usize = 8 << 10;
/// Most bytes a server may say before TLS.
const MOST: usize = 64 << 10;

/// Reads and writes lines on a connection that is not encrypted yet. No secret may pass here.
pub struct ClearLines<'a> {
    stream: &'a mut TcpStream,
    silence: Duration,
    buffer: Vec<u8>,
    received: usize,
}

impl<'a> ClearLines<'a> {
    /// `silence` bounds the wait for each piece.
    pub fn new(stream: &'a mut TcpStream, silence: Duration) -> Self {
        Self { stream, silence, buffer: Vec::new(), received: 0 }
    }

    /// Writes `line` and its end.
    ///
    /// # Errors
    /// [`Error::Timeout`], [`Error::Closed`].
    pub async fn send(&mut self, line: &str) -> Result<(), Error> {
        let bytes = format!("{line}\r\n");
        let written = timeout(self.silence, self.stream.write_all(bytes.as_bytes())).await;
        Ok(written.map_err(|_| Error::Timeout)??)
    }

    /// The next line without its end.
    ///
    /// # Errors
    /// [`Error::Timeout`], [`Error::Closed`], [`Error::Protocol`] when the server says too much.
    pub async fn next(&mut self) -> Result<Vec<u8>, Error> {
        loop {
            if let Some(end) = self.buffer.iter().position(|b| *b == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
                line.truncate(line.trim_ascii_end().len());
                return Ok(line);
            }
            if self.buffer.len() > LONGEST_LINE || self.received > MOST {
                return Err(Error::Protocol("endless talk before TLS".to_owned()));
            }
            let read = timeout(self.silence, self.stream.read_buf(&mut self.buffer)).await;
            match read.map_err(|_| Error::Timeout)?? {
                0 => return Err(Error::Closed),
                n => self.received += n,
            }
        }
    }

    /// The server said more than was read: what comes next would not be the handshake but something put in before it,
    /// which is how answers are smuggled into the encrypted session (CVE-2011-0411 and its kin).
    pub fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn lines(said: Vec<u8>, count: usize) -> Result<(Vec<Vec<u8>>, bool), Error> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let writer = tokio::spawn(async move { server.write_all(&said).await.map(|()| server) });
        let mut lines = ClearLines::new(&mut stream, Duration::from_secs(20));
        let mut found = Vec::new();
        for _ in 0..count {
            found.push(lines.next().await?);
        }
        let more = lines.has_more();
        drop(writer);
        Ok((found, more))
    }

    #[tokio::test]
    async fn lines_come_one_by_one_and_what_follows_is_noticed() {
        let (found, more) = lines(b"220 a \r\n250-\xe9\n".to_vec(), 2).await.unwrap();
        assert_eq!(found, [b"220 a".to_vec(), b"250-\xe9".to_vec()]);
        assert!(!more);
        assert!(lines(b"220 go\r\n250 smuggled\r\n".to_vec(), 1).await.unwrap().1);
    }

    #[tokio::test]
    async fn a_server_that_never_ends_is_left() {
        for said in [vec![b'x'; 1 << 20], b"250-x\r\n".repeat(100_000)] {
            assert!(matches!(lines(said, 200_000).await, Err(Error::Protocol(_))));
        }
    }
}
