//! How this program reaches the network and whom it believes there: the choices of a profile.

use core::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Which way connections take.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyChoice {
    /// Straight to the servers.
    None,
    /// As the environment says: `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`.
    #[default]
    System,
    /// By this HTTP proxy.
    Manual {
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
        /// Login name, when it wants one; the password is a secret of the vault.
        user: Option<String>,
    },
}

/// Which IGC Santé servers are believed through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IgcChoice {
    /// The one of real mailboxes.
    #[default]
    Production,
    /// The one of training and test platforms, shown as such: what it vouches for is no real mailbox.
    Test,
}

/// The choices of a profile, kept in its `network.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkSettings {
    /// The way connections take.
    pub proxy: ProxyChoice,
    /// The hierarchy of MSSanté servers.
    pub igc: IgcChoice,
    /// For test operators only; absent in the profile of a practice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub testing: Option<Testing>,
}

/// What a test operator needs otherwise than the real ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Testing {
    /// Servers found by discovery may be on this machine.
    pub loopback: bool,
    /// Name server asked for SRV records, instead of the system's.
    pub dns: Option<SocketAddr>,
    /// Address of the autoconfiguration file, `{domain}` replaced by the mailbox's.
    pub autoconfig: Option<String>,
    /// Where the bundle of authorities is published.
    pub bundle: Option<String>,
    /// SHA-256 of the authorities that stand for the roots of the IGC Santé, in hexadecimal.
    pub pins: Vec<String>,
}
