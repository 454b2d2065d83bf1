//! macOS: the login keychain.

use std::error::Error;
use std::sync::Arc;

use keyring_core::CredentialStore;

/// The keychain names entries by service and user.
pub(super) const LABELS: bool = false;

/// Opens the keychain.
pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    let store: Arc<CredentialStore> = apple_native_keyring_store::keychain::Store::new()?;
    Ok(store)
}

/// There is always a keychain: "no access" is a refusal.
pub(super) fn is_absence(_cause: &(dyn Error + Send + Sync + 'static)) -> bool {
    false
}
