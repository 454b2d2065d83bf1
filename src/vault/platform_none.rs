//! Systems whose keyring we do not know.

use std::error::Error;
use std::sync::Arc;

use keyring_core::CredentialStore;

/// Nothing to label.
pub(super) const LABELS: bool = false;

/// There is none.
pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(keyring_core::Error::NoDefaultStore)
}

/// There is none.
pub(super) fn is_absence(_cause: &(dyn Error + Send + Sync + 'static)) -> bool {
    true
}
