//! The part of a connection that is in clear: greeting, CAPABILITY, STARTTLS. Nothing else is ever said there.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::imap::read::{self, Line, Outcome, StatusLine};
use crate::imap::{Error, Result};

const LONGEST_LINE: usize = 8 << 10;
const MOST_LINES: usize = 100;

/// Asks for TLS; on success the next byte on the stream belongs to the handshake.
///
/// # Errors
/// [`Error::StartTlsMissing`] when it is not offered or refused; [`Error::Protocol`] when the server says more after its
/// OK than it may, which is how answers are smuggled into the encrypted session (CVE-2011-0411 and its kin).
pub(super) async fn negotiate(stream: &mut TcpStream, silence: Duration, limit: Duration) -> Result<()> {
    timeout(limit, async {
        let mut lines = Lines { stream, silence, buffer: Vec::new() };
        let greeting = lines.next().await?;
        match read::status_line(&greeting).filter(|_| read::line(&greeting) == Line::Status) {
            Some(StatusLine { outcome: Outcome::Ok, .. }) => {}
            Some(StatusLine { outcome: Outcome::Bye, text, .. }) => return Err(Error::Bye { reason: text }),
            // logged in before TLS: STARTTLS is no longer possible
            Some(StatusLine { outcome: Outcome::PreAuth, .. }) => return Err(Error::StartTlsMissing),
            _ => return Err(Error::Protocol { what: "no greeting" }),
        }
        let mut offered = false;
        lines
            .command("C1", "CAPABILITY", |line| {
                offered |= String::from_utf8_lossy(line)
                    .split_ascii_whitespace()
                    .any(|w| w.eq_ignore_ascii_case("STARTTLS"));
            })
            .await?;
        if !offered {
            return Err(Error::StartTlsMissing);
        }
        lines.command("C2", "STARTTLS", |_| {}).await?;
        if !lines.buffer.is_empty() {
            return Err(Error::Protocol { what: "data before TLS" });
        }
        Ok(())
    })
    .await
    .map_err(|_| Error::Timeout)?
}

struct Lines<'a> {
    stream: &'a mut TcpStream,
    silence: Duration,
    buffer: Vec<u8>,
}

impl Lines<'_> {
    /// Sends a command and shows `see` the capability lines before its OK.
    async fn command(&mut self, tag: &str, command: &str, mut see: impl FnMut(&[u8])) -> Result<()> {
        let line = format!("{tag} {command}\r\n");
        timeout(self.silence, self.stream.write_all(line.as_bytes())).await.map_err(|_| Error::Timeout)??;
        for _ in 0..MOST_LINES {
            let line = self.next().await?;
            match read::line(&line) {
                Line::Tagged(t) if t == tag => {
                    return match read::status_line(&line) {
                        Some(StatusLine { outcome: Outcome::Ok, .. }) => Ok(()),
                        _ => Err(Error::StartTlsMissing),
                    };
                }
                Line::Data(word) if word == "CAPABILITY" => see(&line),
                Line::Status => {
                    if let Some(StatusLine { outcome: Outcome::Bye, text, .. }) = read::status_line(&line) {
                        return Err(Error::Bye { reason: text });
                    }
                }
                _ => {}
            }
        }
        Err(Error::TooLarge { what: "lines before TLS" })
    }

    async fn next(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some(end) = self.buffer.iter().position(|b| *b == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
                line.truncate(line.trim_ascii_end().len());
                return Ok(line);
            }
            if self.buffer.len() > LONGEST_LINE {
                return Err(Error::TooLarge { what: "line before TLS" });
            }
            let read = self.stream.read_buf(&mut self.buffer);
            if timeout(self.silence, read).await.map_err(|_| Error::Timeout)?? == 0 {
                return Err(Error::Closed);
            }
        }
    }
}
