//! TCP, straight or by a proxy, and the TLS handshake, each under one time limit.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::host::bare;
use super::{Error, Proxy};
use crate::domain::account::Endpoint;

/// Bytes read from a connection at once: rustls asks for 4 KB at a time, each of which would be a call of its own.
const READ_AT_ONCE: usize = 64 << 10;

/// How a server is reached and believed.
#[derive(Clone)]
pub struct Way {
    pub(super) tls: Arc<ClientConfig>,
    pub(super) proxy: Option<Proxy>,
}

impl From<Arc<ClientConfig>> for Way {
    /// Straight to the server.
    fn from(tls: Arc<ClientConfig>) -> Self {
        Self { tls, proxy: None }
    }
}

impl Way {
    /// By `proxy`, where it is meant for the host.
    pub fn new(tls: Arc<ClientConfig>, proxy: Option<Proxy>) -> Self {
        Self { tls, proxy }
    }

    /// To servers that are none of MSSanté: believed when a public authority or one of these vouches for them.
    ///
    /// # Errors
    /// [`Error::Settings`] for a damaged anchor.
    pub fn public(anchors: &[CertificateDer<'static>], proxy: Option<Proxy>) -> Result<Self, Error> {
        Ok(Self { tls: super::tls::web_config(anchors)?, proxy })
    }

    /// Connects to a server, without delaying small writes. `limit` covers name resolution, all attempts, and the
    /// proxy, which resolves the name itself.
    ///
    /// # Errors
    /// [`Error::NameNotFound`], [`Error::Unreachable`], [`Error::Timeout`], and those of the proxy.
    pub async fn connect(&self, endpoint: &Endpoint, limit: Duration) -> Result<TcpStream, Error> {
        let Some(proxy) = self.proxy.as_ref().filter(|proxy| proxy.is_for(bare(&endpoint.host))) else {
            return direct(endpoint, limit).await;
        };
        let at = Endpoint { host: proxy.host.clone(), port: proxy.port, security: endpoint.security };
        let attempt = async {
            let mut stream = direct(&at, limit).await.map_err(|_| Error::ProxyUnreachable)?;
            proxy.open_tunnel(&mut stream, bare(&endpoint.host), endpoint.port).await?;
            Ok(stream)
        };
        timeout(limit, attempt).await.unwrap_or(Err(Error::Timeout))
    }

    /// Starts TLS on a connection, on a blocking thread: rustls signs in the middle of it, for which a card takes up to a
    /// second, and asks whether the server's certificate was revoked, for which the network may have to be asked.
    ///
    /// With TLS 1.3 a server's refusal of the client certificate comes after the handshake, on the first read: convert
    /// the read's error into [`Error`] too.
    ///
    /// # Errors
    /// What the certificate check, the server or the client key refused; [`Error::Timeout`].
    pub async fn handshake(
        &self,
        stream: TcpStream,
        host: &str,
        limit: Duration,
    ) -> Result<TlsStream<BufReader<TcpStream>>, Error> {
        let name = ServerName::try_from(bare(host).to_owned())
            .map_err(|error| Error::Settings(error.to_string()))?;
        let config = Arc::clone(&self.tls);
        let stream = BufReader::with_capacity(READ_AT_ONCE, stream);
        let attempt = async move {
            timeout(limit, TlsConnector::from(config).connect(name, stream))
                .await
                .map_err(|_| Error::Timeout)?
                .map_err(Error::from)
        };
        let runtime = Handle::current();
        let attempt = tokio::task::spawn_blocking(move || runtime.block_on(attempt));
        // a card that hangs holds the blocking thread until its own limit, not the caller
        match timeout(limit, attempt).await {
            Ok(Ok(result)) => result,
            Ok(Err(panicked)) => Err(Error::Protocol(panicked.to_string())),
            Err(_) => Err(Error::Timeout),
        }
    }
}

/// Connects to a host, its addresses tried in turn.
pub(super) async fn direct(endpoint: &Endpoint, limit: Duration) -> Result<TcpStream, Error> {
    let attempt = async {
        let name = (bare(&endpoint.host), endpoint.port);
        let addresses: Vec<_> =
            tokio::net::lookup_host(name).await.map_err(|_| Error::NameNotFound)?.collect();
        if addresses.is_empty() {
            return Err(Error::NameNotFound);
        }
        // a silent first address (IPv6 without a route is common) must leave time for the others
        let share = limit / u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        let mut failure = Error::Unreachable;
        for address in addresses {
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Ok(Err(_)) => failure = Error::Unreachable,
                Err(_) => failure = Error::Timeout,
            }
        }
        Err(failure)
    };
    timeout(limit, attempt).await.unwrap_or(Err(Error::Timeout))
}
