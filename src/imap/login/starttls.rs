//! The part of a connection that is in clear: greeting, CAPABILITY, STARTTLS. Nothing else is ever said there.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::imap::read::{self, Line, Outcome, StatusLine};
use crate::imap::{Error, Result};
use crate::net::ClearLines;

/// Asks for TLS; on success the next byte on the stream belongs to the handshake.
///
/// # Errors
/// [`Error::StartTlsMissing`] when it is not offered or refused; [`Error::Protocol`] when the server says more after its
/// OK than it may.
pub(super) async fn negotiate(stream: &mut TcpStream, silence: Duration, limit: Duration) -> Result<()> {
    timeout(limit, async {
        let mut lines = ClearLines::new(stream, silence);
        let greeting = lines.next().await?;
        match read::status_line(&greeting).filter(|_| read::line(&greeting) == Line::Status) {
            Some(StatusLine { outcome: Outcome::Ok, .. }) => {}
            Some(StatusLine { outcome: Outcome::Bye, text, .. }) => return Err(Error::Bye { reason: text }),
            // logged in before TLS: STARTTLS is no longer possible
            Some(StatusLine { outcome: Outcome::PreAuth, .. }) => return Err(Error::StartTlsMissing),
            _ => return Err(Error::Protocol { what: "no greeting" }),
        }
        let mut offered = false;
        run(&mut lines, "C1", "CAPABILITY", |line| {
            offered |= String::from_utf8_lossy(line)
                .split_ascii_whitespace()
                .any(|w| w.eq_ignore_ascii_case("STARTTLS"));
        })
        .await?;
        if !offered {
            return Err(Error::StartTlsMissing);
        }
        run(&mut lines, "C2", "STARTTLS", |_| {}).await?;
        if lines.has_more() {
            return Err(Error::Protocol { what: "data before TLS" });
        }
        Ok(())
    })
    .await
    .map_err(|_| Error::Timeout)?
}

/// Sends a command and shows `see` the capability lines before its OK.
async fn run(lines: &mut ClearLines<'_>, tag: &str, command: &str, mut see: impl FnMut(&[u8])) -> Result<()> {
    lines.send(&format!("{tag} {command}")).await?;
    loop {
        let line = lines.next().await?;
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
}
