//! Accounts: one mailbox of the user with its servers and its way to log in.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::id::AccountId;

/// How the account proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMethod {
    /// TLS client certificate of the CPS card, then SASL EXTERNAL.
    Card,
    /// SASL PLAIN over checked TLS; the password is in the OS keyring.
    Password,
    /// Pro Santé Connect access token, SASL XOAUTH2.
    Psc,
    /// Software certificate (applicative mailboxes), then SASL EXTERNAL.
    Certificate,
}

/// When TLS starts on a connection. There is no third choice: mail never travels in clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Plain greeting, then STARTTLS, which the server must offer (MSSanté: IMAP 143, SMTP 587).
    StartTls,
    /// TLS from the first byte (993, 465).
    Tls,
}

/// A server to connect to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    /// Host name or IP literal; the server certificate must bear it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// When TLS starts.
    pub security: Security,
}

/// Which certification authorities a server certificate must come from. Nothing turns checking off.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// The IGC Santé hierarchy, gamme Élémentaire, domaine Organisations (ECO.1.1.10); anchors in the profile.
    IgcSante,
    /// A file of PEM certificates for a server outside MSSanté (or a test operator), with an optional PEM CRL file.
    Authority {
        /// PEM file of trust anchors.
        ca: PathBuf,
        /// PEM file of revocation lists; when given, a server certificate they do not cover is refused.
        crl: Option<PathBuf>,
    },
}

/// Who named the servers of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostSource {
    /// A person. Such a server is never shown a Pro Santé Connect token: it opens the mailbox of its holder wherever it
    /// is presented.
    #[default]
    Typed,
    /// The table of operators: built in, or the profile's.
    Table,
    /// What the mailbox's own domain publishes: DNS SRV or an autoconfiguration file.
    Discovered,
}

/// The servers of an account that a Pro Santé Connect token may be presented to. Made by
/// [`AccountConfig::token_servers`] only, so that a function that takes one cannot be given a host somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenServers<'a> {
    imap: &'a Endpoint,
    smtp: &'a Endpoint,
}

impl<'a> TokenServers<'a> {
    /// Where to read mail.
    pub fn imap(self) -> &'a Endpoint {
        self.imap
    }

    /// Where to send mail.
    pub fn smtp(self) -> &'a Endpoint {
        self.smtp
    }
}

/// Everything needed to connect an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountConfig {
    /// The mailbox address, also the login name for passwords.
    pub address: EmailAddress,
    /// Name shown to recipients (`From`).
    pub display_name: String,
    /// How to log in.
    pub auth: AuthMethod,
    /// Where to read mail.
    pub imap: Endpoint,
    /// Where to send mail.
    pub smtp: Endpoint,
    /// Whom to trust.
    pub trust: Trust,
    /// Who named the servers; absent in what was stored before this was asked.
    #[serde(default)]
    pub source: HostSource,
}

impl AccountConfig {
    /// The servers, when they are such as may be shown a token; `None` for servers somebody typed.
    pub fn token_servers(&self) -> Option<TokenServers<'_>> {
        match self.source {
            HostSource::Typed => None,
            HostSource::Table | HostSource::Discovered => {
                Some(TokenServers { imap: &self.imap, smtp: &self.smtp })
            }
        }
    }
}

/// A stored account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Identifier in the store.
    pub id: AccountId,
    /// Its configuration.
    pub config: AccountConfig,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_go_to_servers_of_the_table_or_the_domain_never_to_typed_ones() {
        let endpoint = Endpoint { host: "mail.test.example".into(), port: 143, security: Security::StartTls };
        let stored = serde_json::json!({
            "address": "anne@test.example", "display_name": "Anne", "auth": "psc", "imap": endpoint,
            "smtp": endpoint, "trust": "igc-sante",
        });
        let mut config: AccountConfig = serde_json::from_value(stored).unwrap();
        assert_eq!(config.source, HostSource::Typed, "what was stored before is not believed to be more");
        assert_eq!(config.token_servers(), None);
        for source in [HostSource::Table, HostSource::Discovered] {
            config.source = source;
            assert_eq!(config.token_servers().map(TokenServers::imap), Some(&config.imap));
        }
    }
}
