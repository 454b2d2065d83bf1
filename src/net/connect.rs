//! TCP and the TLS handshake, each under one time limit.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Error;
use crate::domain::account::Endpoint;

/// Connects to a server, without delaying small writes. Its addresses are tried in turn; `limit` covers name
/// resolution and all attempts.
///
/// # Errors
/// [`Error::NameNotFound`], [`Error::Unreachable`], [`Error::Timeout`].
pub async fn connect(endpoint: &Endpoint, limit: Duration) -> Result<TcpStream, Error> {
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

/// Starts TLS on a connection. With a client key the handshake runs on a blocking thread, because rustls signs in the
/// middle of it and a card takes up to a second.
///
/// With TLS 1.3 a server's refusal of the client certificate comes after the handshake, on the first read: convert
/// the read's error into [`Error`] too.
///
/// # Errors
/// What the certificate check, the server or the client key refused; [`Error::Timeout`].
pub async fn handshake(
    stream: TcpStream,
    host: &str,
    config: Arc<ClientConfig>,
    limit: Duration,
) -> Result<TlsStream<TcpStream>, Error> {
    let name =
        ServerName::try_from(bare(host).to_owned()).map_err(|error| Error::Settings(error.to_string()))?;
    let signs = config.client_auth_cert_resolver.has_certs();
    let attempt = async move {
        timeout(limit, TlsConnector::from(config).connect(name, stream))
            .await
            .map_err(|_| Error::Timeout)?
            .map_err(Error::from)
    };
    if !signs {
        return attempt.await;
    }
    let runtime = Handle::current();
    let attempt = tokio::task::spawn_blocking(move || runtime.block_on(attempt));
    // a card that hangs holds the blocking thread until its own limit, not the caller
    match timeout(limit, attempt).await {
        Ok(Ok(result)) => result,
        Ok(Err(panicked)) => Err(Error::Protocol(panicked.to_string())),
        Err(_) => Err(Error::Timeout),
    }
}

/// The host without the brackets an IPv6 address is written in beside a port.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
}
