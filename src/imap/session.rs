//! One authenticated connection.

mod append;
mod change;
mod compress;
mod fetch;
mod folder;
mod idle;
mod notify;

pub use fetch::{Bodies, Headers};
pub use folder::NOT_EMPTY;
pub use idle::Idled;
pub use notify::ChangedFolders;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use super::connection::Connection;
use super::{Capabilities, Limits, Result, Unsolicited, login};
use crate::auth::Credential;
use crate::domain::account::Endpoint;
use crate::net;

/// One authenticated connection; methods that name messages work in the folder selected last. A method whose future
/// is dropped before its end leaves a session that only answers [`super::Error::Closed`], except [`Session::idle`]'s wake.
pub struct Session {
    connection: Connection,
    /// Removals are told by UID.
    qresync: bool,
    /// The server keeps modification sequences.
    condstore: bool,
    /// Where whose folders are, once asked for.
    spaces: Option<folder::Spaces>,
    /// What the folder selected last keeps.
    opened: folder::Opened,
    compression_asked: bool,
}

impl Session {
    /// Connects, starts TLS, logs in, with the default [`Limits`].
    ///
    /// # Errors
    /// [`super::Error::StartTlsMissing`], [`super::Error::MechanismMissing`], [`super::Error::LoginRefused`] and those of
    /// the network.
    pub async fn connect(
        endpoint: &Endpoint,
        way: impl Into<net::Way>,
        credential: &Credential,
    ) -> Result<Self> {
        Self::connect_with(endpoint, way, credential, Limits::default()).await
    }

    /// As [`Session::connect`], with other limits.
    ///
    /// # Errors
    /// As [`Session::connect`].
    pub async fn connect_with(
        endpoint: &Endpoint,
        way: impl Into<net::Way>,
        credential: &Credential,
        limits: Limits,
    ) -> Result<Self> {
        let mut connection = Box::pin(login::open(endpoint, way.into(), credential, limits)).await?;
        let has = |word: &str| connection.capabilities.has(word);
        let (mut qresync, mut condstore) = (has("QRESYNC"), has("CONDSTORE") || has("QRESYNC"));
        if qresync {
            // a server that announces it but refuses it is used without
            match connection.run("ENABLE", "ENABLE QRESYNC").await {
                Ok(_) => {}
                Err(error) if error.leaves_session_usable() => {
                    (qresync, condstore) = (false, connection.capabilities.has("CONDSTORE"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Self {
            connection,
            qresync,
            condstore,
            spaces: None,
            opened: folder::Opened::default(),
            compression_asked: false,
        })
    }

    /// Over a connection made by a test.
    #[cfg(test)]
    pub(super) fn over(connection: Connection) -> Self {
        Self {
            connection,
            qresync: true,
            condstore: true,
            spaces: None,
            opened: folder::Opened::default(),
            compression_asked: false,
        }
    }

    /// What the server can do for this user.
    pub fn capabilities(&self) -> &Capabilities {
        &self.connection.capabilities
    }

    fn has(&self, word: &str) -> bool {
        self.connection.capabilities.has(word)
    }

    /// What the server said unasked since the last call, oldest first. Selecting a folder forgets what was said of
    /// the one before: its next selection compares anyway.
    pub fn take_unsolicited(&mut self) -> Vec<Unsolicited> {
        self.connection.pending.take()
    }

    /// Asks the server for news of the selected folder: see [`Session::take_unsolicited`].
    ///
    /// # Errors
    /// [`super::Error::Refused`] and those of the connection.
    pub async fn noop(&mut self) -> Result<()> {
        self.connection.run("NOOP", "NOOP").await.map(drop)
    }

    /// Asks whether the server still answers, within `limit` and not with the patience of other commands.
    ///
    /// # Errors
    /// [`super::Error::Timeout`] and the others of the connection.
    pub async fn probe(&mut self, limit: Duration) -> Result<()> {
        match self.connection.run_with("NOOP", "NOOP", limit, |_, _| Ok(false)).await {
            // a refusal is an answer
            Ok(_) | Err(super::Error::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Own address and the server's, of the TCP connection.
    pub fn ends(&self) -> Option<(SocketAddr, SocketAddr)> {
        self.connection.ends
    }

    /// Counts the bytes that come in, for those who watch over a connection from outside.
    pub fn received(&mut self) -> Arc<AtomicU64> {
        self.connection.received()
    }

    /// Says goodbye and closes.
    pub async fn logout(mut self) {
        let limit = self.connection.limits.silence.min(Duration::from_secs(5));
        // the connection ends here whatever the server answers
        let _ = self.connection.run_with("LOGOUT", "LOGOUT", limit, |_, _| Ok(true)).await;
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}
