//! What was checked of a server's certificates.

use super::Wording;
use crate::domain::UnixTime;
use crate::engine::{CertificateCheck, Chain, CheckSource};

impl Wording {
    /// The certificates of a server, its own first: `imap.operateur.fr ← AC … ← AC RACINE …`.
    pub fn chain(&self, chain: &Chain) -> String {
        if chain.names.is_empty() { self.text("trust-chain-none") } else { chain.names.join(" ← ") }
    }

    /// How one certificate was found not to be revoked, and how old that word is.
    pub fn certificate_check(&self, check: &CertificateCheck, now: UnixTime) -> String {
        let key = match check.source {
            CheckSource::Stapled => "trust-stapled",
            CheckSource::Ocsp => "trust-ocsp",
            CheckSource::List => "trust-list",
            CheckSource::File => "trust-file",
            CheckSource::Grace => "trust-grace",
            CheckSource::Unnamed => "trust-unnamed",
        };
        let at = check.at.map(|at| self.moment(at, now)).unwrap_or_default();
        self.with(key, &[("certificate", &check.certificate), ("moment", &at)])
    }
}
