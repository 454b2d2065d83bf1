//! Connections: TCP with deadlines, TLS against chosen trust anchors, server discovery, back-off, signs of a changed
//! network.

use std::sync::Arc;

mod backoff;
mod clear;
mod connect;
mod discover;
mod fault;
mod tls;
mod trust;
mod watch;

pub use backoff::Backoff;
pub use clear::ClearLines;
pub use connect::{connect, handshake};
pub use discover::{Entry, Operators};
pub use tls::{TlsSettings, client_config};
pub use trust::{load_anchors, load_crls};
pub use watch::{Moment, Route, Senses, Sign, SleepWatch, SystemSenses};

/// Why a connection is not up.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No address for the host name.
    #[error("host name not found")]
    NameNotFound,
    /// No address of the host accepts the connection.
    #[error("host unreachable")]
    Unreachable,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The server closed the connection, or it was cut.
    #[error("connection closed")]
    Closed,
    /// The server certificate does not come from the trusted authorities.
    #[error("server certificate not trusted")]
    NotTrusted,
    /// The server certificate is for another host.
    #[error("server certificate of another host")]
    WrongHost,
    /// The server certificate, or one above it, is over.
    #[error("server certificate expired")]
    CertificateExpired,
    /// The server certificate, or one above it, is not valid yet: often a wrong clock here.
    #[error("server certificate not yet valid")]
    NotYetValid,
    /// The server certificate, or one above it, was revoked.
    #[error("server certificate revoked")]
    Revoked,
    /// Revocation lists were given and none, or only one out of date, covers the server certificate.
    #[error("server certificate of unknown revocation state")]
    RevocationUnknown,
    /// The server wants a client certificate, or refuses the one it was shown.
    #[error("client certificate refused by the server")]
    ClientCertificateRefused,
    /// The card did not sign; the source is the card's error.
    #[error("the client key did not sign")]
    CardFailed(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The peer does not speak TLS, or what comes before it, as we do.
    #[error("TLS failure: {0}")]
    Protocol(String),
    /// Settings that cannot be used: no anchor, a damaged certificate, a host that is no name.
    #[error("TLS settings: {0}")]
    Settings(String),
    /// A file of anchors, revocation lists or operators cannot be read, is too large or holds none.
    #[error("{}: {reason}", .path.display())]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
