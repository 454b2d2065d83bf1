//! SASL credentials and their initial responses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::secret::Secret;

/// How to log in.
pub enum Credential {
    /// By the TLS client certificate.
    External,
    /// By password.
    Plain {
        /// Login name.
        user: String,
        /// Password.
        password: Secret,
    },
    /// By access token.
    XOauth2 {
        /// Mailbox address.
        user: String,
        /// Token.
        token: Secret,
    },
}

impl Credential {
    /// Name of the SASL mechanism.
    pub fn mechanism(&self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::Plain { .. } => "PLAIN",
            Self::XOauth2 { .. } => "XOAUTH2",
        }
    }

    /// The initial response in Base64.
    pub fn initial_response(&self) -> Secret {
        Secret::new(match self {
            Self::External => "=".to_owned(),
            Self::Plain { user, password } => STANDARD.encode(format!("\0{user}\0{}", password.expose())),
            Self::XOauth2 { user, token } => {
                STANDARD.encode(format!("user={user}\x01auth=Bearer {}\x01\x01", token.expose()))
            }
        })
    }
}
