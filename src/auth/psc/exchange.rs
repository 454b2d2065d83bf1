//! Requests to the token endpoint: the provider's, or the intermediate server's (`manual::psc` has its contract).

use serde::Deserialize;

use super::http::Address;
use super::metadata::Metadata;
use super::{Error, Result, Settings, form};
use crate::domain::secret::Secret;
use crate::domain::text::is_deceptive;

/// Most letters kept of what a provider says against a request.
const LONGEST_REASON: usize = 200;

/// What the endpoint gives.
pub(super) struct Tokens {
    pub(super) access: Secret,
    /// Seconds the access token lives.
    pub(super) expires_in: Option<u64>,
    pub(super) refresh: Option<Secret>,
    /// Seconds the refresh token lives, which Keycloak tells.
    pub(super) refresh_expires_in: Option<u64>,
    pub(super) id: Option<Secret>,
}

/// Where tokens are asked for and given back.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    token: Address,
    revocation: Option<Address>,
    client_id: String,
}

impl Exchange {
    pub(super) fn new(settings: &Settings, metadata: &Metadata) -> Result<Self> {
        let client_id = settings.client_id.clone();
        let Some(relay) = &settings.relay else {
            let (token, revocation) = (metadata.token.clone(), metadata.revocation.clone());
            return Ok(Self { token, revocation, client_id });
        };
        let at = |path: &str| {
            let url = format!("{}/{path}", relay.trim_end_matches('/'));
            settings
                .address(&url)
                .ok_or_else(|| Error::Settings("relay: an https address is needed".to_owned()))
        };
        Ok(Self { token: at("token")?, revocation: Some(at("revoke")?), client_id })
    }

    /// Exchanges a code; blocking.
    pub(super) fn redeem(&self, code: &Secret, verifier: &Secret, redirect_uri: &str) -> Result<Tokens> {
        self.ask(&[
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier.expose()),
            ("client_id", &self.client_id),
        ])
    }

    /// New tokens for an old refresh token; blocking.
    ///
    /// # Errors
    /// [`Error::Ended`] when the provider no longer takes it.
    pub(super) fn refresh(&self, token: &Secret) -> Result<Tokens> {
        self.ask(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", token.expose()),
            ("client_id", &self.client_id),
        ])
    }

    /// Gives a refresh token back (RFC 7009), where that is offered; blocking.
    pub(super) fn revoke(&self, token: &Secret) -> Result<()> {
        let Some(revocation) = &self.revocation else { return Ok(()) };
        let form = form::encode(&[
            ("token", token.expose()),
            ("token_type_hint", "refresh_token"),
            ("client_id", &self.client_id),
        ]);
        let answer = revocation.post(&form)?;
        if answer.is_ok() { Ok(()) } else { Err(Error::Refused(format!("HTTP {}", answer.status))) }
    }

    fn ask(&self, pairs: &[(&str, &str)]) -> Result<Tokens> {
        let answer = self.token.post(&form::encode(pairs))?;
        if answer.is_ok() { tokens(&answer.content) } else { Err(refusal(answer.status, &answer.content)) }
    }
}

fn tokens(content: &[u8]) -> Result<Tokens> {
    #[derive(Deserialize)]
    struct Given {
        access_token: String,
        token_type: String,
        expires_in: Option<u64>,
        refresh_token: Option<String>,
        refresh_expires_in: Option<u64>,
        id_token: Option<String>,
    }
    let given: Given = serde_json::from_slice(content).map_err(|_| Error::Untrusted("unreadable tokens"))?;
    let tokens = Tokens {
        access: Secret::new(given.access_token),
        expires_in: given.expires_in,
        refresh: given.refresh_token.map(Secret::new),
        refresh_expires_in: given.refresh_expires_in,
        id: given.id_token.map(Secret::new),
    };
    if !given.token_type.eq_ignore_ascii_case("bearer") {
        return Err(Error::Untrusted("tokens of an unknown type"));
    }
    Ok(tokens)
}

fn refusal(status: u16, content: &[u8]) -> Error {
    #[derive(Deserialize, Default)]
    struct Said {
        #[serde(default)]
        error: String,
        #[serde(default)]
        error_description: String,
    }
    if status >= 500 {
        return Error::Unreachable(format!("HTTP {status}"));
    }
    let said: Said = serde_json::from_slice(content).unwrap_or_default();
    if said.error == "invalid_grant" {
        return Error::Ended;
    }
    Error::Refused(plain(&format!("HTTP {status} {} {}", said.error, said.error_description)))
}

/// A stranger's words, short and without letters that deceive.
pub(super) fn plain(text: &str) -> String {
    text.trim().chars().filter(|c| !is_deceptive(*c)).take(LONGEST_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_session_is_told_from_a_refusal_and_from_a_provider_in_trouble() {
        assert!(matches!(refusal(400, br#"{"error":"invalid_grant"}"#), Error::Ended));
        assert!(matches!(refusal(503, b"<html>"), Error::Unreachable(_)));
        let Error::Refused(reason) =
            refusal(401, br#"{"error":"invalid_client","error_description":"x\u202ey"}"#)
        else {
            panic!("not a refusal")
        };
        assert_eq!(reason, "HTTP 401 invalid_client xy");
        assert!(matches!(refusal(404, b"no json"), Error::Refused(_)));
    }

    #[test]
    fn tokens_are_bearers_or_nothing() {
        let given =
            tokens(br#"{"access_token":"a","token_type":"Bearer","expires_in":120,"scope":"x"}"#).unwrap();
        assert_eq!((given.access.expose(), given.expires_in), ("a", Some(120)));
        assert!(given.refresh.is_none() && given.id.is_none());
        assert!(tokens(br#"{"access_token":"a","token_type":"DPoP"}"#).is_err());
        assert!(tokens(b"[]").is_err());
    }
}
