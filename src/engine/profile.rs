//! What lies where in a profile folder.

use std::path::{Path, PathBuf};

/// A profile folder.
///
/// ```text
/// operators.json            servers by mailbox domain, beside the built-in table
/// psc.json                  the provider of Pro Santé Connect and the program's identifier there
/// network.json              proxy and hierarchy of authorities
/// anchors/                  trust anchors (PEM or DER) and revocation lists the user put there
/// trust/                    downloaded authorities and revocation answers
/// card                      a digest of the card chosen where two were in
/// annuaire.db               public data, not encrypted
/// opened/                   copies of attachments lent to other programs until the session ends
/// sessions/<name>/store.db  one encrypted store for each card identity, so that no identity can see another's mail
/// sessions/<name>/store.db.contents/  large contents, encrypted one by one under keys that the store has
/// sessions/<name>/keys.json the slots that hold its key
/// ```
#[derive(Debug, Clone)]
pub(super) struct Profile {
    root: PathBuf,
}

/// The files of one session.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The session's name, which the keyring's entries of older versions bear.
    pub(super) session: String,
    pub(super) store: PathBuf,
    pub(super) keys: PathBuf,
}

/// Name of the session for accounts without a card.
pub(super) const LOCAL: &str = "local";

impl Profile {
    /// Makes the folder, readable by its owner only where the system has such rights.
    pub(super) fn open(root: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(root.join("sessions"))?;
        restrict(root)?;
        Ok(Self { root: root.to_owned() })
    }

    pub(super) fn operators(&self) -> PathBuf {
        self.root.join("operators.json")
    }

    pub(super) fn psc(&self) -> PathBuf {
        self.root.join("psc.json")
    }

    pub(super) fn anchors(&self) -> PathBuf {
        self.root.join("anchors")
    }

    pub(super) fn chosen_card(&self) -> PathBuf {
        self.root.join("card")
    }

    pub(super) fn lent(&self) -> PathBuf {
        self.root.join("opened")
    }

    pub(super) fn annuaire(&self) -> PathBuf {
        self.root.join("annuaire.db")
    }

    pub(super) fn store(&self, session: &str) -> PathBuf {
        self.root.join("sessions").join(session).join("store.db")
    }

    /// Where a session's files lie.
    pub(super) fn place(&self, session: &str) -> Place {
        let store = self.store(session);
        Place { keys: store.with_file_name("keys.json"), store, session: session.to_owned() }
    }

    /// Names of the sessions that have a store.
    pub(super) fn sessions(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.root.join("sessions")) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .filter_map(|e| e.ok()?.file_name().into_string().ok())
            .filter(|name| self.store(name).is_file())
            .collect();
        names.sort();
        names
    }
}

/// The session's name for a card identity: a digest, so that a folder name tells nobody's identifier.
pub(super) fn session_name(national_id: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, national_id.as_bytes());
    digest.as_ref().iter().take(12).map(|b| format!("{b:02x}")).collect()
}

pub(super) use platform::restrict;

#[cfg(unix)]
mod platform {
    use std::os::unix::fs::PermissionsExt;

    pub(in crate::engine) fn restrict(dir: &std::path::Path) -> std::io::Result<()> {
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
    }
}

#[cfg(not(unix))]
mod platform {
    /// A folder under the user's profile is private by inheritance on Windows.
    pub(in crate::engine) fn restrict(_dir: &std::path::Path) -> std::io::Result<()> {
        Ok(())
    }
}
