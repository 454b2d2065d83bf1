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
}

/// A stored account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Identifier in the store.
    pub id: AccountId,
    /// Its configuration.
    pub config: AccountConfig,
}
