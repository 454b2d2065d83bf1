//! What is unique to one login: state, nonce, and the proof that the code comes back to who asked (RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use super::metadata::{Metadata, join};
use super::{Error, Result, Settings, form};
use crate::domain::secret::Secret;

/// Values of one login. They are used once.
pub(super) struct Request {
    pub(super) state: Secret,
    pub(super) nonce: String,
    pub(super) verifier: Secret,
}

impl Request {
    pub(super) fn new() -> Result<Self> {
        Ok(Self { state: Secret::new(random()?), nonce: random()?, verifier: Secret::new(random()?) })
    }

    /// Where the browser is sent.
    pub(super) fn url(&self, metadata: &Metadata, settings: &Settings, redirect_uri: &str) -> String {
        let challenge = digest(&SHA256, self.verifier.expose().as_bytes());
        let query = form::encode(&[
            ("response_type", "code"),
            ("client_id", &settings.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", &settings.scope),
            ("acr_values", &settings.acr_values),
            ("state", self.state.expose()),
            ("nonce", &self.nonce),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(challenge)),
            ("code_challenge_method", "S256"),
        ]);
        join(metadata.authorization.as_str(), &query)
    }
}

/// 256 random bits in 43 letters.
pub(super) fn random() -> Result<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::Machine("no random bytes".to_owned()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
