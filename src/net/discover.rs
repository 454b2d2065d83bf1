//! Which servers belong to a mailbox domain.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Error;
use super::trust::{file_error, read_bounded};
use crate::domain::account::{AuthMethod, Endpoint, Trust};

/// About 5 000 domains exist; an entry takes some 300 bytes.
const MAX_FILE: u64 = 8 * 1024 * 1024;

/// The servers of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where to read mail.
    pub imap: Endpoint,
    /// Where to send mail.
    pub smtp: Endpoint,
    /// How its mailboxes log in.
    pub auth: AuthMethod,
    /// Whom to trust.
    pub trust: Trust,
}

/// A table from mailbox domain to servers: `{"domains": {"medecin.mssante.example": {"imap": …, "smtp": …, "auth": …,
/// "trust": …}}}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Operators {
    domains: BTreeMap<String, Entry>,
}

impl Operators {
    /// The table compiled into the program: only what public sources say.
    ///
    /// # Errors
    /// [`Error::Settings`] when the table is damaged (a test reads it, so: never).
    pub fn built_in() -> Result<Self, Error> {
        let text = include_bytes!("../../assets/operators.json");
        Self::parse(text).map_err(|error| Error::Settings(error.to_string()))
    }

    /// Reads a table from a file.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read, is over 8 MiB or is no such table.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let bytes = read_bounded(path, MAX_FILE)?;
        Self::parse(&bytes).map_err(|error| file_error(path, error))
    }

    fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let read: Self = serde_json::from_slice(bytes)?;
        let domains =
            read.domains.into_iter().map(|(domain, entry)| (domain.to_lowercase(), entry)).collect();
        Ok(Self { domains })
    }

    /// The servers of exactly this domain, in any case. A parent domain's entry is not taken: it may be another
    /// operator's.
    pub fn find(&self, domain: &str) -> Option<&Entry> {
        self.domains.get(&domain.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Security;

    #[test]
    fn the_built_in_table_knows_the_training_platform() {
        let table = Operators::built_in().unwrap();
        let entry = table.find("Medecin.formation.mssante.fr").unwrap();
        assert_eq!(entry.imap.host, "mail-psc.formation.mailiz.mssante.fr");
        assert_eq!((entry.imap.port, entry.smtp.port), (143, 587));
        assert_eq!(entry.imap.security, Security::StartTls);
        assert_eq!(entry.auth, AuthMethod::Psc);
        assert_eq!(entry.trust, Trust::IgcSante);
        assert_eq!(table.find("formation.mssante.fr"), None);
    }

    #[test]
    fn a_table_is_read_from_a_file_and_a_bad_one_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("operators.json");
        let endpoint = |port| serde_json::json!({"host": "127.0.0.1", "port": port, "security": "tls"});
        let table = serde_json::json!({"domains": {"Medecin.mssante.example": {
            "imap": endpoint(993), "smtp": endpoint(465), "auth": "card",
            "trust": {"authority": {"ca": "ca.pem", "crl": null}}}}});
        std::fs::write(&path, table.to_string()).unwrap();
        let entry = Operators::load(&path).unwrap().find("medecin.mssante.example").cloned().unwrap();
        assert_eq!(entry.auth, AuthMethod::Card);
        assert_eq!(entry.trust, Trust::Authority { ca: "ca.pem".into(), crl: None });
        for bad in ["", "[]", r#"{"domains": {"a.fr": {}}}"#] {
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(Operators::load(&path), Err(Error::File { .. })), "{bad}");
        }
        assert!(matches!(Operators::load(&dir.path().join("none")), Err(Error::File { .. })));
    }
}
