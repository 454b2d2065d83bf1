//! The part of a connection that is in clear: greeting, EHLO, STARTTLS. Nothing else is ever said there.

use std::time::Duration;

use tokio::net::TcpStream;

use crate::domain::text::is_deceptive;
use crate::net::ClearLines;
use crate::smtp::Error;

/// Asks for TLS; on success the next byte on the stream belongs to the handshake.
///
/// # Errors
/// [`Error::StartTlsMissing`] when it is not offered or refused; [`Error::Protocol`] when the server says more after its
/// 220 than it may.
pub(super) async fn negotiate(stream: &mut TcpStream, hello: &str, silence: Duration) -> Result<(), Error> {
    let mut lines = ClearLines::new(stream, silence);
    let (code, reason) = reply(&mut lines, |_| {}).await?;
    if code != 220 {
        return Err(Error::Refused { code, enhanced: None, reason, permanent: (500..600).contains(&code) });
    }
    lines.send(&format!("EHLO {hello}")).await?;
    let mut offered = false;
    reply(&mut lines, |line| offered |= line.trim().eq_ignore_ascii_case("STARTTLS")).await?;
    if !offered {
        return Err(Error::StartTlsMissing);
    }
    lines.send("STARTTLS").await?;
    match reply(&mut lines, |_| {}).await? {
        (220, _) if lines.has_more() => Err(Error::Protocol { what: "data before TLS" }),
        (220, _) => Ok(()),
        _ => Err(Error::StartTlsMissing),
    }
}

/// Reads one reply; shows `see` the text of each line, answers code and last text.
async fn reply(lines: &mut ClearLines<'_>, mut see: impl FnMut(&str)) -> Result<(u16, String), Error> {
    const UNREADABLE: Error = Error::Protocol { what: "unreadable reply before TLS" };
    loop {
        let line = String::from_utf8_lossy(&lines.next().await?).replace(is_deceptive, "");
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
