//! Store work and other blocking work, off the threads that serve connections.

use std::sync::Arc;

use super::session::OpenSession;
use super::{Error, ErrorKind, Result};
use crate::domain::id::AccountId;
use crate::store;

/// Runs store work on a blocking thread.
pub(super) async fn with_store<T: Send + 'static>(
    session: &Arc<OpenSession>,
    work: impl FnOnce(&store::Store, AccountId) -> std::result::Result<T, store::Error> + Send + 'static,
    account: AccountId,
) -> Result<T> {
    let owner = Arc::clone(session);
    let done = blocking(move || work(&owner.store, account).map_err(Error::from)).await;
    session.line(account).pulse.beat();
    done
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    joined(tokio::task::spawn_blocking(work).await)
}

pub(super) fn joined<T>(result: std::result::Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    result.unwrap_or_else(|error| Err(Error::new(ErrorKind::Bug, "bug").caused_by(error)))
}
