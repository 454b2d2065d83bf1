//! Which servers belong to a mailbox domain: a table, else what the domain publishes.

mod autoconfig;
mod srv;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use serde::{Deserialize, Serialize};

use super::anchor::{file_error, read_bounded};
use super::http::{self, Url};
use super::{Error, Proxy, host};
use crate::domain::account::{AuthMethod, Endpoint, Trust};
use crate::domain::network::Testing;

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

/// Largest autoconfiguration file.
const LARGEST: usize = 64 << 10;
/// Time for it.
const PATIENCE: Duration = Duration::from_secs(6);

/// What a domain publishes about its servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where to read mail.
    pub imap: Endpoint,
    /// Where to send mail.
    pub smtp: Endpoint,
    /// How to log in, when it says so.
    pub auth: Option<AuthMethod>,
}

/// Asks domains for their servers.
pub struct Discovery {
    proxy: Option<Proxy>,
    testing: Option<Testing>,
    web: Arc<ClientConfig>,
}

impl Discovery {
    /// `anchors` are believed for the web servers of operators, beside the public authorities.
    ///
    /// # Errors
    /// [`Error::Settings`].
    pub fn new(
        proxy: Option<Proxy>,
        testing: Option<Testing>,
        anchors: &[CertificateDer<'static>],
    ) -> Result<Self, Error> {
        Ok(Self { proxy, testing, web: super::tls::web_config(anchors)? })
    }

    /// By DNS SRV, else by the autoconfiguration file of the domain.
    ///
    /// # Errors
    /// [`Error::HostRefused`] when a server is named that must not be one; [`Error::NameNotFound`] when the domain
    /// publishes nothing.
    pub async fn servers(&self, domain: &str) -> Result<Found, Error> {
        let domain = domain.to_lowercase();
        if !host::is_public_name(&domain) && self.testing.is_none() {
            return Err(Error::HostRefused(domain));
        }
        let dns = self.testing.as_ref().and_then(|testing| testing.dns);
        if let Some((imap, smtp)) = srv::servers(&domain, dns).await {
            for endpoint in [&imap, &smtp] {
                // DNS is nobody's word: only servers of the domain's own family are taken from it
                if !host::is_kin(&endpoint.host, &domain) && !self.is_for_test(endpoint) {
                    return Err(Error::HostRefused(endpoint.host.clone()));
                }
                self.admit(endpoint).await?;
            }
            return Ok(Found { imap, smtp, auth: None });
        }
        let found = self.published(&domain).await?;
        for endpoint in [&found.imap, &found.smtp] {
            self.admit(endpoint).await?;
        }
        Ok(Found { imap: found.imap, smtp: found.smtp, auth: found.auth })
    }

    async fn published(&self, domain: &str) -> Result<autoconfig::Configuration, Error> {
        let address = match self.testing.as_ref().and_then(|testing| testing.autoconfig.as_deref()) {
            Some(address) => address.replace("{domain}", domain),
            None => format!("https://autoconfig.{domain}/mail/config-v1.1.xml"),
        };
        let url = Url::parse(&address).filter(|url| url.tls).ok_or(Error::NameNotFound)?;
        let request = http::Request { url: &url, post: None, most: LARGEST, limit: PATIENCE };
        let file = http::fetch(request, self.proxy.as_ref(), Some(Arc::clone(&self.web))).await?;
        autoconfig::read(&file, domain)
    }

    fn is_for_test(&self, endpoint: &Endpoint) -> bool {
        self.testing.as_ref().is_some_and(|testing| testing.loopback) && host::is_loopback(&endpoint.host)
    }

    /// A server on this machine, inside the house or without a name would be somebody else's choice of target.
    async fn admit(&self, endpoint: &Endpoint) -> Result<(), Error> {
        if self.is_for_test(endpoint) {
            return Ok(());
        }
        let refused = || Error::HostRefused(endpoint.host.clone());
        if !host::is_public_name(&endpoint.host) {
            return Err(refused());
        }
        if self.proxy.as_ref().is_some_and(|proxy| proxy.is_for(&endpoint.host)) {
            // the proxy resolves names; often nobody else can
            return Ok(());
        }
        let name = (endpoint.host.as_str(), endpoint.port);
        let addresses = tokio::time::timeout(PATIENCE, tokio::net::lookup_host(name)).await;
        let addresses = addresses.map_err(|_| Error::Timeout)?.map_err(|_| Error::NameNotFound)?;
        for address in addresses {
            if !host::is_public_address(address.ip()) {
                return Err(refused());
            }
        }
        Ok(())
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
