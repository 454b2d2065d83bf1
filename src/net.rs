//! Connections: TCP with deadlines, straight or by a proxy, TLS against chosen trust anchors with revocation, server
//! discovery, questions to a directory server, back-off, signs of a changed network.

use std::sync::Arc;

mod anchor;
mod backoff;
mod bundle;
mod cache;
mod clear;
mod connect;
mod der;
mod discover;
mod fault;
mod host;
mod http;
mod ldap;
mod proxy;
mod revocation;
mod signature;
mod system;
mod tls;
mod verify;
mod watch;

pub use anchor::{load_anchors, load_crls};
pub use backoff::Backoff;
pub use bundle::{Authorities, Publication, REFRESH, issuer_among};
pub use clear::ClearLines;
pub use connect::Way;
pub use discover::{Discovery, Entry, Found, Operators};
pub use ldap::{Entries as LdapEntries, Filter as LdapFilter, Ldap, LdapEntry, Question as LdapQuestion};
pub use proxy::Proxy;
pub use revocation::{Check, Revocation, Source};
pub use tls::{TlsSettings, client_config};
pub use verify::{Chain, Seen};
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
    NotTrusted {
        /// Who issued it, by its own account.
        issuer: Option<String>,
    },
    /// The server certificate was issued by an authority that was added to this machine: a program or a box on the way
    /// opens encrypted connections.
    #[error("connection opened on the way by {issuer}")]
    Intercepted {
        /// Who issued the certificate.
        issuer: String,
    },
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
    /// The proxy does not answer.
    #[error("proxy unreachable")]
    ProxyUnreachable,
    /// The proxy wants a login and none is set.
    #[error("the proxy wants a login")]
    ProxyPasswordNeeded,
    /// The proxy does not accept the login that is set.
    #[error("the proxy refuses the login")]
    ProxyPasswordRefused,
    /// The proxy does not let us through to this server; its HTTP status.
    #[error("the proxy refuses the connection ({0})")]
    ProxyRefused(u16),
    /// A web server answered with this status.
    #[error("HTTP status {0}")]
    Http(u16),
    /// A directory server refused with this result code (RFC 4511 §4.1.9).
    #[error("LDAP result {0}")]
    Directory(u32),
    /// A directory server on the network does not offer StartTLS: nothing else was said to it.
    #[error("the directory server does not offer StartTLS")]
    StartTlsMissing,
    /// The published authorities are not those that are known.
    #[error("bundle of authorities: {0}")]
    Bundle(String),
    /// A domain sends its mailboxes to a server that is not public, or not its own.
    #[error("server name refused: {0}")]
    HostRefused(String),
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

impl Error {
    fn untrusted() -> Self {
        Self::NotTrusted { issuer: None }
    }
}
