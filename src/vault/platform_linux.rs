//! Linux: the freedesktop Secret Service over D-Bus (GNOME Keyring, KWallet, KeePassXC).

use std::error::Error;
use std::sync::Arc;

use keyring_core::CredentialStore;

/// Entries bear a label a person can read in the keyring's own window.
pub(super) const LABELS: bool = true;

/// Opens the keyring.
pub(super) fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    let store: Arc<CredentialStore> = zbus_secret_service_keyring_store::Store::new()?;
    Ok(store)
}

/// Whether "no access" means that there is nothing to have access to: the service answers with no collection when no
/// provider stands behind the bus.
pub(super) fn is_absence(cause: &(dyn Error + Send + Sync + 'static)) -> bool {
    format!("{cause:?}") == "NoResult"
}
