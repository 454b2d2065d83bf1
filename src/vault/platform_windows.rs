//! Windows: the Credential Manager.

use std::error::Error;
use std::sync::Arc;

use keyring_core::CredentialStore;

/// The Credential Manager names entries by service and user.
pub(super) const LABELS: bool = false;

/// Opens the Credential Manager.
pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    let store: Arc<CredentialStore> = windows_native_keyring_store::Store::new()?;
    Ok(store)
}

/// "No access" means a logon session without credentials (ERROR_NO_SUCH_LOGON_SESSION), as services have.
pub(super) fn is_absence(_cause: &(dyn Error + Send + Sync + 'static)) -> bool {
    true
}
