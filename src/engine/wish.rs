//! Which messages are fetched unasked, and asking for the others.

use std::sync::Arc;

use super::session::OpenSession;
use super::work::blocking;
use super::{Engine, Result};
use crate::domain::id::{AccountId, FolderId, MessageId};
use crate::store::{Bounds, LEAST_LIMIT};

/// Messages up to this size, in bytes, are fetched unasked until the user decides otherwise.
const DEFAULT_LIMIT: u64 = 8_000_000;
/// The setting of the store that holds the user's choice, in bytes.
const LIMIT_SETTING: &str = "download-limit";
/// A message comes with words around it, and its size is the server's word.
const MARGIN: usize = 64 << 10;

/// Whose messages are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every account.
    Everything,
    /// One account.
    Account(AccountId),
    /// One folder.
    Folder(FolderId),
}

impl Engine {
    /// Size in bytes up to which messages are fetched unasked.
    ///
    /// # Errors
    /// No session; the store cannot be read.
    pub async fn download_limit(&self) -> Result<u64> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || Ok(session.bounds()?.unasked))).await
    }

    /// Another size, at least 1 MB; `u64::MAX` fetches everything unasked.
    ///
    /// # Errors
    /// No session; the store cannot be written.
    pub async fn set_download_limit(&self, bytes: u64) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            session.store.set_setting(LIMIT_SETTING, &bytes.max(LEAST_LIMIT).to_string())?;
            for account in session.store.accounts()? {
                session.ask_pass(account.id);
            }
            Ok(())
        }))
        .await
    }

    /// Asks for every message that waits because of its size; they come in the background, after all others. Answers how
    /// many wait now.
    ///
    /// # Errors
    /// No session; no such folder; the store cannot be written.
    pub async fn download_all(&self, scope: Scope) -> Result<u64> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            let bounds = session.bounds()?;
            if let Scope::Folder(folder) = scope {
                let account = session.store.folder(folder)?.folder.account;
                let waiting = session.store.wish_folder(folder, bounds)?;
                session.ask_pass(account);
                return Ok(waiting);
            }
            let mut waiting = 0;
            for account in session.store.accounts()? {
                if scope == Scope::Everything || scope == Scope::Account(account.id) {
                    waiting += session.store.wish_all(account.id, bounds)?;
                    session.ask_pass(account.id);
                }
            }
            Ok(waiting)
        }))
        .await
    }

    /// Asks for one message, whatever its size. It comes as soon as there is a connection.
    ///
    /// # Errors
    /// No session; the store cannot be written.
    pub async fn download(&self, id: MessageId) -> Result<()> {
        let session = self.opened()?;
        self.on_runtime(blocking(move || {
            session.store.wish(id)?;
            if let Some((_, _, account)) = session.store.location(id)? {
                session.ask_pass(account);
            }
            Ok(())
        }))
        .await
    }
}

impl OpenSession {
    /// What is fetched unasked, and what at all; blocking.
    pub(super) fn bounds(&self) -> Result<Bounds> {
        let chosen = self.store.setting(LIMIT_SETTING)?.and_then(|text| text.parse().ok());
        // a larger message would end the connection
        let most = self.limits.imap.literal.saturating_sub(MARGIN) as u64;
        let unasked: u64 = chosen.unwrap_or(DEFAULT_LIMIT);
        Ok(Bounds { unasked: unasked.clamp(LEAST_LIMIT, most.max(LEAST_LIMIT)), most })
    }

    /// Size up to which bodies are fetched unasked.
    pub(super) async fn unasked_limit(self: &Arc<Self>) -> Result<u64> {
        let owner = Arc::clone(self);
        blocking(move || Ok(owner.bounds()?.unasked)).await
    }

    /// Asks the loop of an account, where one runs, for a pass nobody waits for.
    fn ask_pass(&self, account: AccountId) {
        drop(self.line(account).want_pass());
    }
}
