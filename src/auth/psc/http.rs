//! Bounded requests to the provider: https by the public roots, http to this machine only where the profile's tests say
//! so. A redirection is never followed: it would carry a code or a token where nobody checked.

use std::time::Duration;

use ureq::Agent;
use ureq::http::Uri;
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use zeroize::Zeroizing;

use super::{Error, Result};
use crate::domain::secret::Secret;

/// Longest wait for a connection, and for a whole answer.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(30);
/// Largest answer taken: descriptions and keys are some kilobytes.
const LARGEST: u64 = 256 * 1024;

/// An address that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    url: String,
    local: bool,
    /// Way to it, unless it is on this machine.
    proxy: Option<ureq::Proxy>,
}

impl Address {
    /// Takes `https` addresses; `http` ones of this machine when `test_loopback`. None with a user name or a fragment.
    pub(super) fn parse(url: &str, test_loopback: bool, proxy: Option<&ureq::Proxy>) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let authority = uri.authority()?;
        if authority.as_str().contains('@') || url.contains('#') {
            return None;
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        match uri.scheme_str() {
            Some("https") if !host.is_empty() => {
                Some(Self { url: url.to_owned(), local: false, proxy: proxy.cloned() })
            }
            Some("http") if loopback && test_loopback => {
                Some(Self { url: url.to_owned(), local: true, proxy: None })
            }
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.url
    }

    fn agent(&self) -> Agent {
        Agent::config_builder()
            .https_only(!self.local)
            .proxy(self.proxy.clone())
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .build()
            .into()
    }

    /// Status and content of a GET; `bearer` is shown in the header.
    pub(super) fn get(&self, bearer: Option<&Secret>) -> Result<Answer> {
        let mut request = self.agent().get(&self.url).header(ACCEPT, "application/json");
        if let Some(token) = bearer {
            let header = Zeroizing::new(format!("Bearer {}", token.expose()));
            request = request.header(AUTHORIZATION, header.as_str());
        }
        read(request.call())
    }

    /// Status and content of a POST of a form.
    pub(super) fn post(&self, form: &str) -> Result<Answer> {
        let request = self
            .agent()
            .post(&self.url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        read(request.send(form))
    }
}

/// What came back, in memory that is wiped.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content: Zeroizing<Vec<u8>>,
}

impl Answer {
    pub(super) fn is_ok(&self) -> bool {
        self.status == 200
    }
}

fn read(sent: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Answer> {
    let failed = |error: ureq::Error| Error::Unreachable(error.to_string());
    let mut response = sent.map_err(failed)?;
    let status = response.status().as_u16();
    let content = response.body_mut().with_config().limit(LARGEST).read_to_vec().map_err(failed)?;
    Ok(Answer { status, content: Zeroizing::new(content) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_checked_connections_are_made_outside_tests() {
        for (url, always, in_tests) in [
            ("https://auth.example/token", true, true),
            ("http://auth.example/token", false, false),
            ("http://127.0.0.1:8080/token", false, true),
            ("http://[::1]:8080/token", false, true),
            ("http://localhost:8080/token", false, false),
            ("http://127.0.0.1.attacker.example/", false, false),
            ("https://user:secret@auth.example/", false, false),
            ("https://auth.example/#x", false, false),
            ("file:///etc/passwd", false, false),
            ("/token", false, false),
        ] {
            assert_eq!(Address::parse(url, false, None).is_some(), always, "{url}");
            assert_eq!(Address::parse(url, true, None).is_some(), in_tests, "{url} in tests");
        }
    }
}
