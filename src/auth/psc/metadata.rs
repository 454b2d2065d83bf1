//! What the provider says of itself (OpenID Connect Discovery 1.0), and its keys.

use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

use super::form;
use super::http::Address;
use super::{Error, Result, Settings};

/// Most keys looked at.
const MOST_KEYS: usize = 64;

/// The provider's endpoints, checked.
#[derive(Debug, Clone)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization: Address,
    pub(super) token: Address,
    pub(super) userinfo: Option<Address>,
    pub(super) revocation: Option<Address>,
    pub(super) end_session: Option<Address>,
    jwks: Address,
    /// Its answers name their issuer (RFC 9207): one that does not is somebody else's.
    pub(super) names_issuer: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    code_challenge_methods_supported: Option<Vec<String>>,
}

impl Metadata {
    /// Reads the description; blocking.
    pub(super) fn fetch(settings: &Settings) -> Result<Self> {
        let wrong = || Error::Settings("discovery: an https address is needed".to_owned());
        let answer = settings.address(&settings.discovery).ok_or_else(wrong)?.get(None)?;
        if !answer.is_ok() {
            return Err(Error::Unreachable(format!("HTTP {}", answer.status)));
        }
        Self::parse(&answer.content, settings)
    }

    fn parse(content: &[u8], settings: &Settings) -> Result<Self> {
        let document: Document =
            serde_json::from_slice(content).map_err(|_| Error::Untrusted("unreadable description"))?;
        if document.issuer != settings.issuer {
            return Err(Error::Untrusted("description of another issuer"));
        }
        if document.code_challenge_methods_supported.is_some_and(|all| !all.iter().any(|m| m == "S256")) {
            return Err(Error::Untrusted("the provider does not protect codes (PKCE S256)"));
        }
        let address = |url: &str| settings.address(url).ok_or(Error::Untrusted("endpoint without https"));
        let optional = |url: Option<String>| url.as_deref().map(address).transpose();
        Ok(Self {
            authorization: address(&document.authorization_endpoint)?,
            token: address(&document.token_endpoint)?,
            jwks: address(&document.jwks_uri)?,
            userinfo: optional(document.userinfo_endpoint)?,
            revocation: optional(document.revocation_endpoint)?,
            end_session: optional(document.end_session_endpoint)?,
            names_issuer: document.authorization_response_iss_parameter_supported,
            issuer: document.issuer,
        })
    }

    /// Reads the keys that sign its tokens; blocking.
    pub(super) fn keys(&self) -> Result<Keys> {
        let answer = self.jwks.get(None)?;
        if !answer.is_ok() {
            return Err(Error::Unreachable(format!("keys: HTTP {}", answer.status)));
        }
        Keys::parse(&answer.content)
    }

    /// Where the browser ends the provider's session (OpenID Connect RP-Initiated Logout 1.0). The token is in the
    /// address because the protocol wants it there; it opens nothing.
    pub(super) fn logout_url(&self, id_token: &str, client_id: &str) -> Option<String> {
        let end = self.end_session.as_ref()?.as_str();
        let query = form::encode(&[("id_token_hint", id_token), ("client_id", client_id)]);
        Some(join(end, &query))
    }
}

/// An address with a query, which it may have one already.
pub(super) fn join(address: &str, query: &str) -> String {
    format!("{address}{}{query}", if address.contains('?') { '&' } else { '?' })
}

/// The two algorithms taken. `none` and those with a shared secret do not exist here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// The provider's public keys (RFC 7517).
pub(super) struct Keys(Vec<Key>);

#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    pub(super) fn parse(content: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<serde_json::Value>,
        }
        let set: Set = serde_json::from_slice(content).map_err(|_| Error::Untrusted("unreadable keys"))?;
        // a key of a kind we do not know is nobody's mistake
        let keys = set.keys.into_iter().take(MOST_KEYS);
        Ok(Self(keys.filter_map(|key| serde_json::from_value(key).ok()).collect()))
    }

    /// The key of this name and algorithm; without a name, the only one of the algorithm.
    fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.fits(algorithm) && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid)));
        let found = fitting.next()?;
        fitting.next().is_none().then_some(found)
    }

    /// Whether one of these keys made the signature: the named one, of the named algorithm.
    pub(super) fn verify(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<()> {
        let key = self.find(kid, algorithm).ok_or(Error::Untrusted("token of an unknown key"))?;
        let valid = key.verify(algorithm, signed, signature);
        valid.ok_or(Error::Untrusted("token with a false signature"))
    }
}

impl Key {
    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match algorithm {
            Algorithm::Rs256 => self.kty == "RSA",
            Algorithm::Es256 => self.kty == "EC" && self.crv.as_deref() == Some("P-256"),
        };
        kind && self.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && self.alg.as_deref().is_none_or(|alg| alg == algorithm.name())
    }

    fn verify(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> Option<()> {
        let number = |text: &Option<String>| super::identity::decode(text.as_deref()?);
        match algorithm {
            Algorithm::Rs256 => {
                // 2048 bits at least
                let key = RsaPublicKeyComponents { n: number(&self.n)?, e: number(&self.e)? };
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, signed, signature).ok()
            }
            Algorithm::Es256 => {
                let point = [&[4][..], &number(&self.x)?, &number(&self.y)?].concat();
                let key = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                key.verify(signed, signature).ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            issuer: "https://psc.example".into(),
            discovery: "https://psc.example/d".into(),
            client_id: "c".into(),
            scope: "openid".into(),
            acr_values: "eidas1".into(),
            relay: None,
            redirect_path: None,
            test_loopback: false,
            proxy: None,
        }
    }

    fn document() -> serde_json::Value {
        serde_json::json!({
            "issuer": "https://psc.example", "authorization_endpoint": "https://wallet.example/auth",
            "token_endpoint": "https://psc.example/token", "jwks_uri": "https://psc.example/certs",
            "authorization_response_iss_parameter_supported": true,
        })
    }

    #[test]
    fn a_description_is_taken_whole_or_not_at_all() {
        let read =
            |document: &serde_json::Value| Metadata::parse(document.to_string().as_bytes(), &settings());
        let known = read(&document()).unwrap();
        assert_eq!(known.authorization.as_str(), "https://wallet.example/auth");
        assert!(known.names_issuer && known.end_session.is_none());
        for (name, value) in [
            ("issuer", "https://other.example"),
            ("token_endpoint", "http://psc.example/token"),
            ("jwks_uri", "http://127.0.0.1/certs"),
            ("authorization_endpoint", "javascript:alert(1)"),
            ("end_session_endpoint", "http://psc.example/out"),
        ] {
            let mut changed = document();
            changed[name] = value.into();
            assert!(matches!(read(&changed), Err(Error::Untrusted(_))), "{name}");
        }
        let mut weak = document();
        weak["code_challenge_methods_supported"] = serde_json::json!(["plain"]);
        assert!(matches!(read(&weak), Err(Error::Untrusted(_))));
    }

    #[test]
    fn a_key_serves_its_own_algorithm_and_purpose_only() {
        let keys = Keys::parse(
            br#"{"keys":[{"kty":"RSA","kid":"a","use":"sig","n":"AQAB","e":"AQAB"},
                {"kty":"RSA","kid":"b","use":"enc","n":"AQAB","e":"AQAB"},{"kty":"oct","kid":"c","k":"x"},
                {"kty":"EC","kid":"d","crv":"P-256","alg":"ES256","x":"AQ","y":"AQ"},5]}"#,
        )
        .unwrap();
        let found = |kid: &str, algorithm| keys.find(Some(kid), algorithm).is_some();
        assert!(found("a", Algorithm::Rs256) && found("d", Algorithm::Es256));
        assert!(
            !found("a", Algorithm::Es256) && !found("b", Algorithm::Rs256) && !found("c", Algorithm::Rs256)
        );
        assert!(!found("e", Algorithm::Rs256));
        assert!(keys.find(None, Algorithm::Rs256).is_some(), "the only one of its kind needs no name");
        assert!(Algorithm::named("none").is_none() && Algorithm::named("HS256").is_none());
    }
}
