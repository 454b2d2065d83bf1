//! Connections: TCP with deadlines, TLS against chosen trust anchors, server discovery, back-off.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::domain::account::Endpoint;

/// What can go wrong while connecting.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// TCP failed.
    #[error("no connection")]
    Connect(#[source] std::io::Error),
    /// TLS failed.
    #[error("no TLS")]
    Handshake(#[source] std::io::Error),
    /// The name is no host name.
    #[error("no host name")]
    Name,
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
}

/// Connects.
///
/// # Errors
/// [`Error::Connect`], [`Error::Timeout`].
pub async fn connect(endpoint: &Endpoint, limit: Duration) -> Result<TcpStream, Error> {
    let stream = timeout(limit, TcpStream::connect((endpoint.host.as_str(), endpoint.port)))
        .await
        .map_err(|_| Error::Timeout)?
        .map_err(Error::Connect)?;
    stream.set_nodelay(true).map_err(Error::Connect)?;
    Ok(stream)
}

/// Starts TLS.
///
/// # Errors
/// [`Error::Handshake`], [`Error::Name`], [`Error::Timeout`].
pub async fn handshake(
    stream: TcpStream,
    host: &str,
    config: Arc<ClientConfig>,
    limit: Duration,
) -> Result<TlsStream<TcpStream>, Error> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Error::Name)?;
    timeout(limit, TlsConnector::from(config).connect(name, stream))
        .await
        .map_err(|_| Error::Timeout)?
        .map_err(Error::Handshake)
}
