//! SASL credentials, their initial responses, and what a server says when it refuses a token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::account::{Endpoint, TokenServers};
use crate::domain::secret::Secret;
use crate::domain::text::is_deceptive;

/// Longest challenge looked at, in base64.
const LONGEST_CHALLENGE: usize = 4096;
/// Most letters kept of a status.
const LONGEST_STATUS: usize = 40;

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
    Bearer(Bearer),
}

/// An access token with the mailbox it opens and the servers that may see it: those of the operators' table or of the
/// domain's own publication, never one that somebody typed.
#[derive(Clone)]
pub struct Bearer {
    user: String,
    token: Secret,
    imap: Endpoint,
    smtp: Endpoint,
}

impl Bearer {
    /// A token for the mailbox `user` on its servers.
    pub fn new(user: String, token: Secret, servers: TokenServers<'_>) -> Self {
        Self { user, token, imap: servers.imap().clone(), smtp: servers.smtp().clone() }
    }
}

/// A SASL mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 4422, appendix A.
    External,
    /// RFC 4616.
    Plain,
    /// RFC 7628.
    OauthBearer,
    /// Google's, which MSSanté operators speak.
    Xoauth2,
}

impl Mechanism {
    /// Name as servers list it.
    pub fn name(self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::Plain => "PLAIN",
            Self::OauthBearer => "OAUTHBEARER",
            Self::Xoauth2 => "XOAUTH2",
        }
    }

    /// The answer to a challenge after the initial response, before base64: the server has said why it refuses the token,
    /// and waits for a sign before it ends the exchange (RFC 7628 §3.2.3).
    pub fn dismissal(self) -> &'static str {
        match self {
            Self::OauthBearer => "\x01",
            Self::External | Self::Plain | Self::Xoauth2 => "",
        }
    }
}

impl Credential {
    /// The best mechanism for this credential that a server offers; `offers` is asked by name.
    pub fn choose(&self, offers: impl Fn(&str) -> bool) -> Option<Mechanism> {
        let usable: &[Mechanism] = match self {
            Self::External => &[Mechanism::External],
            Self::Plain { .. } => &[Mechanism::Plain],
            Self::Bearer(_) => &[Mechanism::OauthBearer, Mechanism::Xoauth2],
        };
        usable.iter().copied().find(|mechanism| offers(mechanism.name()))
    }

    /// Whether this server may see the credential. A token is shown to its own servers only.
    pub fn is_for(&self, server: &Endpoint) -> bool {
        match self {
            Self::External | Self::Plain { .. } => true,
            Self::Bearer(bearer) => *server == bearer.imap || *server == bearer.smtp,
        }
    }

    /// The initial response before base64. Empty for EXTERNAL: IMAP (RFC 4959) and SMTP (RFC 4954) send `=` for it.
    /// Control characters, which separate the fields, are left out of user names and secrets: one that has them can only
    /// be refused by the server.
    pub fn initial_response(&self, mechanism: Mechanism, server: &Endpoint) -> Secret {
        match self {
            Self::External => Secret::new(String::new()),
            Self::Plain { user, password } => join(&["\0", user, "\0", password.expose()]),
            Self::Bearer(Bearer { user, token, .. }) if mechanism == Mechanism::OauthBearer => {
                // `,` and `=` have a meaning in this header (RFC 5801 §4)
                let name = user.replace('=', "=3D").replace(',', "=2C");
                let port = server.port.to_string();
                let token = ["auth=Bearer ", token.expose()];
                let header =
                    ["n,a=", &name, ",", "\x01", "host=", &server.host, "\x01", "port=", &port, "\x01"];
                join(&[&header[..], &token, &["\x01", "\x01"]].concat())
            }
            Self::Bearer(Bearer { user, token, .. }) => {
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

/// Why a server refuses a token, in the words of its challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRefusal {
    /// `invalid_token`, `insufficient_scope` (RFC 7628), or a number of HTTP (XOAUTH2).
    pub status: String,
}

impl TokenRefusal {
    /// Reads a challenge: JSON in base64. `None` for anything else.
    pub fn read(challenge: &str) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Said {
            status: serde_json::Value,
        }
        let challenge = challenge.trim();
        if challenge.len() > LONGEST_CHALLENGE {
            return None;
        }
        let said: Said = serde_json::from_slice(&STANDARD.decode(challenge).ok()?).ok()?;
        let status = match said.status {
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let status = status.chars().filter(|c| !is_deceptive(*c)).take(LONGEST_STATUS).collect();
        Some(Self { status })
    }

    /// The server could not check the token now; it says nothing against it.
    pub fn is_temporary(&self) -> bool {
        self.status.starts_with('5') || self.status == "temporarily_unavailable"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{AccountConfig, AuthMethod, HostSource, Security, Trust};
    use crate::domain::address::EmailAddress;

    fn endpoint(host: &str) -> Endpoint {
        Endpoint { host: host.into(), port: 143, security: Security::StartTls }
    }

    fn bearer(user: &str, token: &str) -> Credential {
        let config = AccountConfig {
            address: EmailAddress::parse("anne@medecin.mssante.example").unwrap(),
            display_name: String::new(),
            auth: AuthMethod::Psc,
            imap: endpoint("mail.example"),
            smtp: endpoint("smtp.example"),
            trust: Trust::IgcSante,
            source: HostSource::Table,
        };
        let servers = config.token_servers().unwrap();
        Credential::Bearer(Bearer::new(user.into(), Secret::new(token.into()), servers))
    }

    #[test]
    fn initial_responses_follow_their_mechanism() {
        let user = "anne@medecin.mssante.example";
        let plain = Credential::Plain { user: user.into(), password: Secret::new("é pass".into()) };
        for (credential, mechanism, response) in [
            (Credential::External, Mechanism::External, String::new()),
            (plain, Mechanism::Plain, format!("\0{user}\0é pass")),
            (bearer(user, "eyJ.x"), Mechanism::Xoauth2, format!("user={user}\x01auth=Bearer eyJ.x\x01\x01")),
            (
                bearer("a=b,c@d.example", "eyJ.x"),
                Mechanism::OauthBearer,
                "n,a=a=3Db=2Cc@d.example,\x01host=mail.example\x01port=143\x01auth=Bearer eyJ.x\x01\x01"
                    .into(),
            ),
        ] {
            let said = credential.initial_response(mechanism, &endpoint("mail.example"));
            assert_eq!(said.expose(), response);
            assert_eq!(credential.choose(|name| name == mechanism.name()), Some(mechanism));
        }
    }

    #[test]
    fn the_standard_mechanism_is_preferred_and_none_is_invented() {
        let token = bearer("anne@x.example", "t");
        assert_eq!(token.choose(|_| true), Some(Mechanism::OauthBearer));
        assert_eq!(token.choose(|name| name == "XOAUTH2"), Some(Mechanism::Xoauth2));
        assert_eq!(token.choose(|name| name == "PLAIN"), None, "a token is never sent as a password");
        assert_eq!(Credential::External.choose(|name| name == "PLAIN"), None);
    }

    #[test]
    fn a_token_is_for_its_own_servers_only() {
        let token = bearer("anne@x.example", "t");
        assert!(token.is_for(&endpoint("mail.example")) && token.is_for(&endpoint("smtp.example")));
        assert!(!token.is_for(&endpoint("mail.example.attacker.example")));
        assert!(!token.is_for(&Endpoint { port: 144, ..endpoint("mail.example") }));
        assert!(Credential::External.is_for(&endpoint("anything.example")));
    }

    #[test]
    fn a_name_cannot_bring_in_a_field_of_its_own() {
        let hostile = bearer("a\x01auth=Bearer z", "t");
        for (mechanism, separators) in [(Mechanism::Xoauth2, 3), (Mechanism::OauthBearer, 5)] {
            let said = hostile.initial_response(mechanism, &endpoint("mail.example"));
            assert_eq!(said.expose().matches('\x01').count(), separators);
        }
    }

    #[test]
    fn a_refusal_is_read_and_told_from_a_server_in_trouble() {
        let read = |json: &str| TokenRefusal::read(&STANDARD.encode(json));
        let refused = read(r#"{"status":"invalid_token","scope":"mail"}"#).unwrap();
        assert_eq!((refused.status.as_str(), refused.is_temporary()), ("invalid_token", false));
        assert!(!read(r#"{"status":"401","schemes":"bearer"}"#).unwrap().is_temporary());
        assert!(read(r#"{"status":503}"#).unwrap().is_temporary());
        for other in ["", "{}", r#"{"status":[]}"#, "no json"] {
            assert_eq!(read(other), None);
        }
        assert_eq!(TokenRefusal::read("&&&"), None);
        assert_eq!(TokenRefusal::read(&"A".repeat(LONGEST_CHALLENGE + 1)), None);
    }
}
