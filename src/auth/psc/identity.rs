//! The id_token: who came, said and signed by the provider (OpenID Connect Core 1.0 §3.1.3.7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::Deserialize;

use super::metadata::{Algorithm, Keys};
use super::{Error, Result};
use crate::domain::UnixTime;

/// Longest token read.
const LONGEST: usize = 32 * 1024;
/// Seconds by which clocks may differ.
const SKEW: i64 = 60;
/// Seconds since a token was made in which it is still the answer to a login just ended.
const OLDEST: i64 = 10 * 60;

/// What a token must say to be ours.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    /// That of the request; `None` for a refreshed token, which may come without.
    pub(super) nonce: Option<&'a str>,
    /// The access token that came along.
    pub(super) access_token: &'a str,
    pub(super) now: UnixTime,
}

/// Claims of a token whose signature and addressee were checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    /// The national identifier, equal to the common name of the person's card.
    #[serde(rename = "SubjectNameID")]
    pub(super) subject: Option<String>,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
}

#[derive(Deserialize)]
struct Addressed {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    at_hash: Option<String>,
    #[serde(flatten)]
    claims: Claims,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Base64url without padding, as everywhere in JOSE.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The content of a signed token, once a key of the provider is seen to have signed it.
pub(super) fn signed(token: &str, keys: &Keys) -> Result<Vec<u8>> {
    const UNREADABLE: Error = Error::Untrusted("unreadable token");
    #[derive(Deserialize)]
    struct Header {
        alg: String,
        kid: Option<String>,
        crit: Option<serde_json::Value>,
    }
    if token.len() > LONGEST {
        return Err(Error::Untrusted("token too long"));
    }
    let (text, signature) = token.rsplit_once('.').ok_or(UNREADABLE)?;
    let (header, content) = text.split_once('.').filter(|(_, c)| !c.contains('.')).ok_or(UNREADABLE)?;
    let header: Header =
        serde_json::from_slice(&decode(header).ok_or(UNREADABLE)?).map_err(|_| UNREADABLE)?;
    let algorithm =
        Algorithm::named(&header.alg).ok_or(Error::Untrusted("token without a signature we take"))?;
    if header.crit.is_some() {
        return Err(Error::Untrusted("token with demands we do not know"));
    }
    let signature = decode(signature).ok_or(UNREADABLE)?;
    keys.verify(header.kid.as_deref(), algorithm, text.as_bytes(), &signature)?;
    decode(content).ok_or(UNREADABLE)
}

/// The claims of an id_token that is for us, now, and for this login.
pub(super) fn verify(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Claims> {
    let content = signed(token, keys)?;
    let said: Addressed =
        serde_json::from_slice(&content).map_err(|_| Error::Untrusted("token without its claims"))?;
    if said.iss != expected.issuer {
        return Err(Error::Untrusted("token of another issuer"));
    }
    let (is_for_us, several) = match &said.aud {
        Audience::One(one) => (one == expected.client_id, false),
        Audience::Several(all) => (all.iter().any(|a| a == expected.client_id), all.len() > 1),
    };
    let azp_is_us = said.azp.as_deref().map(|azp| azp == expected.client_id);
    if !is_for_us || azp_is_us == Some(false) || (several && azp_is_us.is_none()) {
        return Err(Error::Untrusted("token for another program"));
    }
    if said.exp <= expected.now.saturating_sub(SKEW) {
        return Err(Error::Untrusted("expired token: is the clock right?"));
    }
    let age = expected.now.saturating_sub(said.iat);
    if !(-SKEW..=OLDEST).contains(&age) {
        return Err(Error::Untrusted("token of another time: is the clock right?"));
    }
    let nonce_fits = match (expected.nonce, said.nonce.as_deref()) {
        (Some(ours), theirs) => theirs == Some(ours),
        (None, _) => true,
    };
    if !nonce_fits {
        return Err(Error::Untrusted("token of another login"));
    }
    if said.at_hash.is_some_and(|hash| hash != half_hash(expected.access_token)) {
        return Err(Error::Untrusted("access token of somebody else"));
    }
    Ok(said.claims)
}

/// Left half of the SHA-256, for RS256 and ES256.
fn half_hash(access_token: &str) -> String {
    let whole = digest(&SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(whole.as_ref().get(..16).unwrap_or_default())
}
