//! LDAP (RFC 4511) for one question at a time: StartTLS, a simple bind, a search.
//!
//! Messages are read as a stranger's: each has a bound before it is read, they have one all together, and none is looked
//! into by recursion. That is why this is no crate: `ldap3` 0.12.1 takes a message of any size into memory, and ends
//! the whole program by an overflow of the stack at one of 120 kB that is nested deeply. Referrals are never followed.

mod message;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use zeroize::Zeroizing;

use message::{Answer, Response, bind, extended, search, unbind};
pub use message::{Filter, LdapEntry};

use super::{Error, Way, host};
use crate::domain::account::{Endpoint, Security};
use crate::domain::secret::Secret;

/// Largest message: an entry of a mailbox has some hundred bytes.
const LARGEST: usize = 64 << 10;
/// Most bytes of one answer.
const MOST: usize = 4 << 20;
/// The StartTLS operation (RFC 4511 §4.14.1).
const START_TLS: &str = "1.3.6.1.4.1.1466.20037";

/// Result codes (RFC 4511 §4.1.9) that say: there is more.
const CUT: [u32; 3] = [3, 4, 11];

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection to a directory server.
pub struct Ldap {
    stream: Box<dyn Stream>,
    last: u32,
    limit: Duration,
}

/// What is looked for.
pub struct Question<'a> {
    /// Distinguished name under which.
    pub base: &'a str,
    /// Which entries.
    pub filter: Filter,
    /// What of them.
    pub attributes: &'a [String],
    /// Most entries.
    pub most: u32,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Entries {
    /// Entries, in the order of the server.
    pub entries: Vec<LdapEntry>,
    /// There are more.
    pub more: bool,
}

impl Ldap {
    /// Connects: in TLS, or in clear until StartTLS. Only a server on this machine that knows no StartTLS is spoken to
    /// in clear after that. `limit` bounds each step.
    ///
    /// # Errors
    /// Those of [`Way::connect`] and [`Way::handshake`]; [`Error::StartTlsMissing`].
    pub async fn connect(way: &Way, endpoint: &Endpoint, limit: Duration) -> Result<Self, Error> {
        let stream = way.connect(endpoint, limit).await?;
        Self::over(stream, way, endpoint, limit).await
    }

    async fn over(stream: TcpStream, way: &Way, endpoint: &Endpoint, limit: Duration) -> Result<Self, Error> {
        if endpoint.security == Security::Tls {
            let stream = way.handshake(stream, &endpoint.host, limit).await?;
            return Ok(Self { stream: Box::new(stream), last: 0, limit });
        }
        let mut clear = Clear(stream);
        match clear.start_tls(limit).await? {
            0 => {
                let stream = way.handshake(clear.0, &endpoint.host, limit).await?;
                Ok(Self { stream: Box::new(stream), last: 1, limit })
            }
            _ if host::is_loopback(&endpoint.host) => Ok(Self { stream: Box::new(clear.0), last: 1, limit }),
            _ => Err(Error::StartTlsMissing),
        }
    }

    /// Logs in by name and password (RFC 4513 §5.1.3).
    ///
    /// # Errors
    /// [`Error::Directory`] with the code of the server's refusal.
    pub async fn bind(&mut self, user: &str, password: &Secret) -> Result<(), Error> {
        // an empty password would be taken for nobody, and succeed (RFC 4513 §5.1.2)
        if password.is_empty() {
            return Err(Error::Directory(INVALID_CREDENTIALS));
        }
        let id = self.next();
        let request = bind(id, user, password);
        let limit = self.limit;
        let answered = timeout(limit, self.ask(&request, id));
        match answered.await.map_err(|_| Error::Timeout)?? {
            Response::Bound(0) => Ok(()),
            Response::Bound(code) => Err(Error::Directory(code)),
            _ => Err(unexpected()),
        }
    }

    /// Searches the whole tree under a base. What the server says lies elsewhere is left there. After an answer that was
    /// cut nothing more can be asked.
    ///
    /// # Errors
    /// [`Error::Directory`] with the code of the server's refusal; [`Error::Timeout`]; [`Error::Protocol`] for an answer
    /// that is none or too large.
    pub async fn search(&mut self, question: &Question<'_>) -> Result<Entries, Error> {
        let limit = self.limit;
        timeout(limit, self.found(question)).await.map_err(|_| Error::Timeout)?
    }

    async fn found(&mut self, question: &Question<'_>) -> Result<Entries, Error> {
        let id = self.next();
        let seconds = u32::try_from(self.limit.as_secs()).unwrap_or(u32::MAX);
        let request = search(id, question, seconds);
        send(&mut self.stream, &request).await?;
        let (mut found, mut received) = (Entries::default(), 0);
        loop {
            let answer = receive(&mut self.stream, &mut received).await?;
            match Response::read(&answer, id)? {
                Response::Entry(entry) if found.entries.len() < question.most as usize => {
                    found.entries.push(entry);
                }
                // a server that knows no limit
                Response::Entry(_) => return Ok(Entries { more: true, ..found }),
                Response::Elsewhere => {}
                Response::Done(0) => return Ok(found),
                Response::Done(code) if CUT.contains(&code) => return Ok(Entries { more: true, ..found }),
                Response::Done(code) => return Err(Error::Directory(code)),
                _ => return Err(unexpected()),
            }
        }
    }

    /// Says goodbye; whether it arrives changes nothing.
    pub async fn close(mut self) {
        let id = self.next();
        let _ = timeout(self.limit, send(&mut self.stream, &unbind(id))).await;
    }

    async fn ask(&mut self, request: &[u8], id: u32) -> Result<Response, Error> {
        send(&mut self.stream, request).await?;
        Response::read(&receive(&mut self.stream, &mut 0).await?, id)
    }

    fn next(&mut self) -> u32 {
        self.last += 1;
        self.last
    }
}

/// The code a server refuses a wrong password with.
const INVALID_CREDENTIALS: u32 = 49;

/// The part of a connection before TLS. What a server says beyond its answer stays in the socket, where it is no
/// handshake.
struct Clear(TcpStream);

impl Clear {
    async fn start_tls(&mut self, limit: Duration) -> Result<u32, Error> {
        let asked = async {
            send(&mut self.0, &extended(1, START_TLS)).await?;
            match Response::read(&receive(&mut self.0, &mut 0).await?, 1)? {
                Response::Extended(code) => Ok(code),
                _ => Err(unexpected()),
            }
        };
        timeout(limit, asked).await.map_err(|_| Error::Timeout)?
    }
}

fn unexpected() -> Error {
    Error::Protocol("not the answer to what was asked".to_owned())
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> Result<(), Error> {
    stream.write_all(message).await?;
    Ok(stream.flush().await?)
}

/// One whole message, without its tag and length; `received` counts the bytes of all of an answer.
async fn receive(stream: &mut (impl AsyncRead + Unpin), received: &mut usize) -> Result<Answer, Error> {
    let damaged = || Error::Protocol("not LDAP".to_owned());
    let mut head = [0; 2];
    stream.read_exact(&mut head).await?;
    let [tag, first] = head;
    if tag != message::SEQUENCE {
        return Err(damaged());
    }
    let length = match first {
        short @ 0..=0x7f => usize::from(short),
        long @ 0x81..=0x84 => {
            let mut bytes = [0; 4];
            let bytes = bytes.get_mut(..usize::from(long & 0x7f)).unwrap_or_default();
            stream.read_exact(bytes).await?;
            bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
        }
        _ => return Err(damaged()),
    };
    *received = received.saturating_add(length);
    if length > LARGEST || *received > MOST {
        return Err(Error::Protocol("the answer is too large".to_owned()));
    }
    let mut content = Zeroizing::new(vec![0; length]);
    stream.read_exact(&mut content).await?;
    Ok(content)
}

#[cfg(test)]
#[path = "../../tests/net/ldap_hostile.rs"]
mod tests;
