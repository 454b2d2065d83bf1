//! The part of a connection that is in clear: greeting, EHLO, STARTTLS. Nothing else is ever said there.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::net;
use crate::smtp::Error;

const LONGEST: usize = 16 << 10;

/// Asks for TLS; on success the next byte on the stream belongs to the handshake.
///
/// # Errors
/// [`Error::StartTlsMissing`] when it is not offered or refused; [`Error::Protocol`] when the server says more after its
/// 220 than it may, which is how replies are smuggled into the encrypted session (CVE-2011-0411 and its kin).
pub(super) async fn negotiate(stream: &mut TcpStream, hello: &str) -> Result<(), Error> {
    let mut lines = Lines { stream, buffer: Vec::new() };
    let (code, reason) = lines.reply(|_| {}).await?;
    if code != 220 {
        return Err(Error::Refused { code, enhanced: None, reason, permanent: (500..600).contains(&code) });
    }
    lines.stream.write_all(format!("EHLO {hello}\r\n").as_bytes()).await.map_err(net::Error::from)?;
    let mut offered = false;
    lines.reply(|line| offered |= line.trim().eq_ignore_ascii_case("STARTTLS")).await?;
    if !offered {
        return Err(Error::StartTlsMissing);
    }
    lines.stream.write_all(b"STARTTLS\r\n").await.map_err(net::Error::from)?;
    match lines.reply(|_| {}).await? {
        (220, _) if lines.buffer.is_empty() => Ok(()),
        (220, _) => Err(Error::Protocol { what: "data before TLS" }),
        _ => Err(Error::StartTlsMissing),
    }
}

struct Lines<'a> {
    stream: &'a mut TcpStream,
    buffer: Vec<u8>,
}

impl Lines<'_> {
    /// Reads one reply; shows `see` the text of each line, answers code and last text.
    async fn reply(&mut self, mut see: impl FnMut(&str)) -> Result<(u16, String), Error> {
        const UNREADABLE: Error = Error::Protocol { what: "unreadable reply before TLS" };
        let mut total = 0;
        loop {
            let line = self.line().await?;
            total += line.len();
            if total > LONGEST {
                return Err(Error::Protocol { what: "endless reply before TLS" });
            }
            let (code, rest) = line.split_at_checked(3).ok_or(UNREADABLE)?;
            let code: u16 = code.parse().map_err(|_| UNREADABLE)?;
            let text = rest.get(1..).unwrap_or_default();
            see(text);
            match rest.as_bytes().first() {
                Some(b'-') => {}
                None | Some(b' ') => return Ok((code, text.to_owned())),
                _ => return Err(UNREADABLE),
            }
        }
    }

    async fn line(&mut self) -> Result<String, Error> {
        loop {
            if let Some(end) = self.buffer.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line)
                    .trim_end()
                    .chars()
                    .filter(|c| !c.is_control())
                    .collect());
            }
            if self.buffer.len() > LONGEST {
                return Err(Error::Protocol { what: "endless line before TLS" });
            }
            if self.stream.read_buf(&mut self.buffer).await.map_err(net::Error::from)? == 0 {
                return Err(Error::Closed);
            }
        }
    }
}
