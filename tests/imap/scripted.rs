//! Servers that follow a script: wait for a line that contains something, then send bytes.

use std::time::Duration;

use estafette::auth::Credential;
use estafette::domain::account::{Endpoint, Security};
use estafette::domain::secret::Secret;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::authority::server;

#[derive(Clone)]
pub(crate) enum Step {
    /// Reads lines until one contains this; keeps its first word as the tag.
    Expect(&'static str),
    /// Sends this, `TAG` replaced by the tag.
    Send(Vec<u8>),
    /// Sends this again and again until the client leaves.
    Flood(&'static [u8]),
    /// Goes on in TLS.
    Tls,
    /// Sends this byte by byte, one every tenth of a second.
    Drip(&'static [u8]),
    /// Reads this many bytes, whatever they are.
    ExpectBytes(usize),
    /// Waits.
    Pause(Duration),
    /// Says nothing until the client leaves.
    Silence,
    /// Closes at once.
    Close,
}

pub(crate) fn send(text: impl AsRef<[u8]>) -> Step {
    Step::Send(text.as_ref().to_vec())
}

pub(crate) use Step::{Close, Drip, Expect, Flood, Pause, Silence, Tls};

pub(crate) fn plain() -> Credential {
    Credential::Plain { user: "anne".into(), password: Secret::new("secret".into()) }
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Starts a server for one client; the handle gives all lines it received.
pub(crate) async fn serve(security: Security, script: Vec<Step>) -> (Endpoint, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let handle = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut io: BufReader<Box<dyn Io>> = BufReader::new(Box::new(stream));
        let mut received = Vec::new();
        let mut tag = String::new();
        if security == Security::Tls {
            io = accept(io).await;
        }
        for step in script {
            match step {
                Expect(what) => loop {
                    let mut line = Vec::new();
                    if io.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
                        return received;
                    }
                    let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                    received.push(line.clone());
                    if line.contains(what) {
                        tag = line.split(' ').next().unwrap_or_default().to_owned();
                        break;
                    }
                },
                Step::Send(bytes) => {
                    let bytes = match String::from_utf8(bytes) {
                        Ok(text) => text.replace("TAG", &tag).into_bytes(),
                        Err(raw) => raw.into_bytes(),
                    };
                    if io.write_all(&bytes).await.is_err() || io.flush().await.is_err() {
                        return received;
                    }
                }
                Flood(bytes) => {
                    let many = bytes.repeat(1 + 65536 / bytes.len());
                    while io.write_all(&many).await.is_ok() {}
                    return received;
                }
                Drip(bytes) => {
                    for byte in bytes {
                        if io.write_all(&[*byte]).await.is_err() || io.flush().await.is_err() {
                            return received;
                        }
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
                Tls => io = accept(io).await,
                Step::ExpectBytes(count) => {
                    let mut bytes = vec![0; count];
                    if io.read_exact(&mut bytes).await.is_err() {
                        return received;
                    }
                }
                Pause(time) => tokio::time::sleep(time).await,
                Silence => {
                    let mut line = Vec::new();
                    while io.read_until(b'\n', &mut line).await.unwrap_or(0) > 0 {
                        received.push(String::from_utf8_lossy(&line).trim_end().to_owned());
                        line.clear();
                    }
                }
                Close => return received,
            }
        }
        received
    });
    (Endpoint { host: "127.0.0.1".into(), port, security }, handle)
}

async fn accept(io: BufReader<Box<dyn Io>>) -> BufReader<Box<dyn Io>> {
    let accepted = TlsAcceptor::from(server()).accept(io.into_inner()).await;
    match accepted {
        Ok(tls) => BufReader::new(Box::new(tls)),
        Err(_) => BufReader::new(Box::new(tokio::io::join(tokio::io::empty(), tokio::io::sink()))),
    }
}

/// Long enough for a busy machine, short where the test waits for it to pass.
pub(crate) const SHORT: Duration = Duration::from_millis(300);
