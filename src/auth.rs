//! SASL credentials and their initial responses.

use crate::domain::secret::Secret;

/// How a connection says who it is, once TLS is up and checked. No `Debug`: it holds secrets.
#[derive(Clone)]
pub enum Credential {
    /// The TLS client certificate says it (RFC 4422, appendix A).
    External,
    /// RFC 4616.
    Plain {
        /// Login name, the mailbox address.
        user: String,
        /// Password.
        password: Secret,
    },
    /// Pro Santé Connect access token, fresh for each login: it lives two minutes.
    XOauth2 {
        /// Mailbox address.
        user: String,
        /// Access token.
        token: Secret,
    },
}

impl Credential {
    /// SASL mechanism name as servers list it.
    pub fn mechanism(&self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::Plain { .. } => "PLAIN",
            Self::XOauth2 { .. } => "XOAUTH2",
        }
    }

    /// The initial response before base64. Empty for EXTERNAL: IMAP (RFC 4959) and SMTP (RFC 4954) send `=` for it.
    /// Control characters, which separate the fields, are left out of user names and secrets: one that has them can only
    /// be refused by the server.
    pub fn initial_response(&self) -> Secret {
        match self {
            Self::External => Secret::new(String::new()),
            Self::Plain { user, password } => join(&["\0", user, "\0", password.expose()]),
            Self::XOauth2 { user, token } => {
                join(&["user=", user, "\x01", "auth=Bearer ", token.expose(), "\x01", "\x01"])
            }
        }
    }
}

/// Parts that are a lone control character separate; in all others control characters are dropped. The capacity is
/// known before, so that no copy of a secret is left behind by a growing buffer.
fn join(parts: &[&str]) -> Secret {
    let mut joined = String::with_capacity(parts.iter().map(|p| p.len()).sum());
    for part in parts {
        if part.len() == 1 {
            joined.push_str(part);
        } else {
            joined.extend(part.chars().filter(|c| !c.is_control()));
        }
    }
    Secret::new(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initial_responses_follow_their_mechanism() {
        let user = || "anne@medecin.mssante.example".to_owned();
        let secret = |s: &str| Secret::new(s.to_owned());
        for (credential, mechanism, response) in [
            (Credential::External, "EXTERNAL", String::new()),
            (
                Credential::Plain { user: user(), password: secret("é pass") },
                "PLAIN",
                format!("\0{}\0é pass", user()),
            ),
            (
                Credential::XOauth2 { user: user(), token: secret("eyJ.x") },
                "XOAUTH2",
                format!("user={}\x01auth=Bearer eyJ.x\x01\x01", user()),
            ),
        ] {
            assert_eq!(credential.mechanism(), mechanism);
            assert_eq!(credential.initial_response().expose(), response);
        }
    }

    #[test]
    fn a_name_cannot_bring_in_a_field_of_its_own() {
        let token = Secret::new("t".to_owned());
        let hostile = Credential::XOauth2 { user: "a\x01auth=Bearer z".into(), token };
        assert_eq!(hostile.initial_response().expose().matches('\x01').count(), 3);
    }
}
