//! One authenticated connection.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::{
    Capabilities, Changes, Error, FetchedFlags, FetchedHeader, Limits, MailboxStatus, Quota, RemoteFolder,
    RemoteName, Result, Selected, UidRange, Unsolicited,
};
use crate::auth::Credential;
use crate::domain::UnixTime;
use crate::domain::account::Endpoint;
use crate::domain::id::{Uid, UidValidity};
use crate::domain::message::{Flag, Flags};

/// How a wait for changes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idled {
    /// Something changed: see [`Session::take_unsolicited`].
    Changed,
    /// The caller's wake came.
    Woken,
    /// The limit passed.
    TimedOut,
}

/// One authenticated connection; methods that name messages work in the folder selected last.
#[derive(Debug)]
pub struct Session {
    capabilities: Capabilities,
}

impl Session {
    /// Connects, starts TLS, logs in, with the default [`Limits`].
    ///
    /// # Errors
    /// [`Error::StartTlsMissing`], [`Error::MechanismMissing`], [`Error::LoginRefused`] and those of the network.
    pub async fn connect(
        endpoint: &Endpoint,
        tls: Arc<ClientConfig>,
        credential: &Credential,
    ) -> Result<Self> {
        Self::connect_with(endpoint, tls, credential, Limits::default()).await
    }

    /// As [`Session::connect`], with other limits.
    ///
    /// # Errors
    /// As [`Session::connect`].
    pub async fn connect_with(
        _endpoint: &Endpoint,
        _tls: Arc<ClientConfig>,
        _credential: &Credential,
        _limits: Limits,
    ) -> Result<Self> {
        Err(Error::Closed)
    }

    /// What the server can do for this user.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// All folders, with their counters where the server gives them along.
    ///
    /// # Errors
    /// [`Error::Refused`] and those of the connection, as for every method below.
    pub async fn folders(&mut self) -> Result<Vec<RemoteFolder>> {
        Err(Error::Closed)
    }

    /// Counters of a folder that is not selected.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn status(&mut self, _name: &RemoteName) -> Result<MailboxStatus> {
        Err(Error::Closed)
    }

    /// Selects a folder.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn select(&mut self, _name: &RemoteName) -> Result<Selected> {
        Err(Error::Closed)
    }

    /// Flags of a range; with `changed_since`, only of messages changed after that modification sequence (needs CONDSTORE).
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn flags(
        &mut self,
        _range: UidRange,
        _changed_since: Option<u64>,
    ) -> Result<Vec<FetchedFlags>> {
        Err(Error::Closed)
    }

    /// Flags changed and, where the server can say (QRESYNC), messages gone since a modification sequence.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn changes(&mut self, _range: UidRange, _since: u64) -> Result<Changes> {
        Err(Error::Closed)
    }

    /// Header, flags, date and size of messages, in one command. Messages gone meanwhile are left out.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn headers(&mut self, _uids: &[Uid]) -> Result<Vec<FetchedHeader>> {
        Err(Error::Closed)
    }

    /// Whole messages, in one command, handed over one by one as they come. Marks nothing as read. Messages gone
    /// meanwhile are left out.
    ///
    /// # Errors
    /// As [`Session::folders`]; what was handed over before the error is complete.
    pub async fn bodies(&mut self, _uids: &[Uid], _on_body: impl FnMut(Uid, Vec<u8>)) -> Result<()> {
        Err(Error::Closed)
    }

    /// UIDs of all messages, ascending.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn all_uids(&mut self) -> Result<Vec<Uid>> {
        Err(Error::Closed)
    }

    /// UIDs above `uid`, ascending.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn uids_after(&mut self, _uid: Uid) -> Result<Vec<Uid>> {
        Err(Error::Closed)
    }

    /// Sets or clears a flag.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn store(&mut self, _uids: &[Uid], _flag: Flag, _on: bool) -> Result<()> {
        Err(Error::Closed)
    }

    /// Moves messages. Answers the pairs of old and new UID when the server gives them (UIDPLUS), else nothing.
    /// Without MOVE it copies, marks and expunges exactly these; without UIDPLUS they stay, marked `\Deleted`.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn move_to(&mut self, _uids: &[Uid], _to: &RemoteName) -> Result<Vec<(Uid, Uid)>> {
        Err(Error::Closed)
    }

    /// Deletes messages for good; without UIDPLUS they are only marked `\Deleted`, so that nothing else goes with them.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn delete(&mut self, _uids: &[Uid]) -> Result<()> {
        Err(Error::Closed)
    }

    /// Files a message; answers where it went when the server says so (UIDPLUS).
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn append(
        &mut self,
        _to: &RemoteName,
        _flags: &Flags,
        _date: Option<UnixTime>,
        _message: &[u8],
    ) -> Result<Option<(UidValidity, Uid)>> {
        Err(Error::Closed)
    }

    /// Messages whose Message-ID header holds `id` (without angle brackets).
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn find_message_id(&mut self, _id: &str) -> Result<Vec<Uid>> {
        Err(Error::Closed)
    }

    /// Makes and subscribes a folder; `path` is separated by `/`.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn create(&mut self, _path: &str) -> Result<RemoteName> {
        Err(Error::Closed)
    }

    /// Storage quota of the inbox; `None` when the server has none.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn quota(&mut self) -> Result<Option<Quota>> {
        Err(Error::Closed)
    }

    /// Waits until the selected folder changes, `wake` is ready or `limit` passes (keep it under 29 minutes, RFC 2177).
    /// Without IDLE it asks with NOOP from time to time.
    ///
    /// # Errors
    /// As [`Session::folders`].
    pub async fn idle(&mut self, _limit: Duration, _wake: impl Future<Output = ()>) -> Result<Idled> {
        Err(Error::Closed)
    }

    /// What the server said unasked since the last call.
    pub fn take_unsolicited(&mut self) -> Vec<Unsolicited> {
        Vec::new()
    }

    /// Says goodbye and closes.
    pub async fn logout(self) {}
}
