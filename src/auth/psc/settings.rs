//! Which provider, as which client.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::http::Address;
use super::{Error, Result};

/// Far more than the file needs.
const LARGEST: u64 = 64 * 1024;

/// The profile's `psc.json`. Endpoints are not in it: they are read from the provider's description.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Issuer the provider must call itself, and its tokens must name.
    pub issuer: String,
    /// Address of its description. Pro Santé Connect does not give it the name the standard does.
    pub discovery: String,
    /// Identifier under which the program is registered there.
    pub client_id: String,
    /// Scopes asked for.
    #[serde(default = "scope")]
    pub scope: String,
    /// Level of authentication asked for.
    #[serde(default = "acr_values")]
    pub acr_values: String,
    /// Intermediate server that holds the client secret; without it the program is a public client.
    #[serde(default)]
    pub relay: Option<String>,
    /// Path of the return address where the provider has registered one; random otherwise.
    #[serde(default)]
    pub redirect_path: Option<String>,
    /// Takes `http` addresses of this machine: tests only.
    #[serde(default)]
    pub test_loopback: bool,
    /// Way to the provider; not in the file, since it is the way of the whole program.
    #[serde(skip)]
    pub proxy: Option<ureq::Proxy>,
}

fn scope() -> String {
    "openid scope_all".to_owned()
}

fn acr_values() -> String {
    "eidas1".to_owned()
}

impl Settings {
    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::NotConfigured`] when there is none; [`Error::Settings`] when it cannot be used.
    pub fn load(path: &Path) -> Result<Self> {
        let failed = |error: &dyn std::fmt::Display| Error::Settings(error.to_string());
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Error::NotConfigured),
            Err(error) => return Err(failed(&error)),
        };
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text).map_err(|error| failed(&error))?;
        let settings: Self = serde_json::from_str(&text).map_err(|error| failed(&error))?;
        if settings.client_id.trim().is_empty() {
            return Err(Error::NotConfigured);
        }
        Ok(settings)
    }

    /// An address that may be asked, as [`Address::parse`] says.
    pub(super) fn address(&self, url: &str) -> Option<Address> {
        Address::parse(url, self.test_loopback, self.proxy.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_file_asks_for_what_pro_sante_connect_wants_and_a_bad_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("psc.json");
        assert!(matches!(Settings::load(&path), Err(Error::NotConfigured)));
        let write = |value: serde_json::Value| std::fs::write(&path, value.to_string()).unwrap();
        write(serde_json::json!({"issuer": "https://i", "discovery": "https://i/d", "client_id": "c"}));
        let settings = Settings::load(&path).unwrap();
        assert_eq!((settings.scope.as_str(), settings.acr_values.as_str()), ("openid scope_all", "eidas1"));
        assert!(settings.relay.is_none() && !settings.test_loopback);
        write(serde_json::json!({"issuer": "https://i", "discovery": "https://i/d", "client_id": " "}));
        assert!(matches!(Settings::load(&path), Err(Error::NotConfigured)));
        write(
            serde_json::json!({"issuer": "https://i", "discovery": "x", "client_id": "c", "verify": false}),
        );
        assert!(matches!(Settings::load(&path), Err(Error::Settings(_))));
    }
}
