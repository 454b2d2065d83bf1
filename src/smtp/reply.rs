//! Replies and what they mean.

use std::error::Error as _;

use lettre::transport::smtp;
use lettre::transport::smtp::response::Response;

use super::{Error, Refusal};
use crate::domain::address::EmailAddress;

/// A reply, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) enhanced: Option<String>,
    pub(super) text: String,
}

impl Reply {
    fn new(code: u16, text: String) -> Self {
        let word = text.split_whitespace().next().unwrap_or_default();
        let enhanced = is_enhanced(word).then(|| word.to_owned());
        let text = text.strip_prefix(word).filter(|_| enhanced.is_some()).unwrap_or(&text).trim().to_owned();
        Self { code, enhanced, text }
    }

    /// From what lettre makes of it: a negative reply is an error there.
    pub(super) fn read(answer: Result<Response, smtp::Error>) -> Result<Self, Error> {
        match answer {
            Ok(response) => {
                Ok(Self::new(response.code().into(), response.message().collect::<Vec<_>>().join(" ")))
            }
            Err(error) => match error.status() {
                Some(code) => {
                    Ok(Self::new(code.into(), error.source().map(ToString::to_string).unwrap_or_default()))
                }
                None if error.is_response() => Err(Error::Protocol { what: "unreadable reply" }),
                None => Err(of_io(&error)),
            },
        }
    }

    pub(super) fn is_ok(&self) -> bool {
        (200..300).contains(&self.code)
    }

    pub(super) fn is_permanent(&self) -> bool {
        (500..600).contains(&self.code)
    }

    /// The command is refused.
    pub(super) fn refused(self) -> Error {
        if !(400..600).contains(&self.code) {
            return Error::Protocol { what: "reply of another command" };
        }
        let permanent = self.is_permanent();
        Error::Refused { code: self.code, enhanced: self.enhanced, reason: self.text, permanent }
    }

    /// The credential is refused.
    pub(super) fn login_refused(self) -> Error {
        let permanent = self.is_permanent();
        Error::LoginRefused { code: self.code, enhanced: self.enhanced, reason: self.text, permanent }
    }

    /// The recipient is refused.
    pub(super) fn refusal(self, address: &EmailAddress) -> Refusal {
        let permanent = self.is_permanent();
        Refusal {
            address: address.clone(),
            code: self.code,
            enhanced: self.enhanced,
            reason: self.text,
            permanent,
        }
    }
}

/// The socket's or TLS's error inside lettre's.
fn of_io(error: &smtp::Error) -> Error {
    let io = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    match io {
        Some(io) => match io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(tls) => crate::net::Error::from(tls.clone()).into(),
            None if io.kind() == std::io::ErrorKind::InvalidData => {
                Error::Protocol { what: "unreadable reply" }
            }
            None => crate::net::Error::from(std::io::Error::from(io.kind())).into(),
        },
        None => Error::Closed,
    }
}

/// `5.1.1` (RFC 3463).
fn is_enhanced(word: &str) -> bool {
    let mut parts = word.split('.');
    let class = parts.next().is_some_and(|c| matches!(c, "2" | "4" | "5"));
    let number = |p: Option<&str>| {
        p.is_some_and(|p| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
    };
    class && number(parts.next()) && number(parts.next()) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enhanced_codes_are_told_from_words() {
        for (text, enhanced, rest) in [
            ("5.1.1 unknown user", Some("5.1.1"), "unknown user"),
            ("4.2.2", Some("4.2.2"), ""),
            ("unknown user", None, "unknown user"),
            ("5.1 x", None, "5.1 x"),
            ("5.1.1111 x", None, "5.1.1111 x"),
            ("3.1.1 x", None, "3.1.1 x"),
            ("", None, ""),
        ] {
            let reply = Reply::new(550, text.to_owned());
            assert_eq!((reply.enhanced.as_deref(), reply.text.as_str()), (enhanced, rest), "{text}");
        }
    }

    #[test]
    fn replies_are_classed() {
        let reply = |code| Reply::new(code, "5.7.1 no".into());
        assert!(matches!(reply(554).refused(), Error::Refused { permanent: true, code: 554, .. }));
        assert!(matches!(reply(451).refused(), Error::Refused { permanent: false, .. }));
        assert!(matches!(reply(354).refused(), Error::Protocol { .. }));
        assert!(matches!(reply(535).login_refused(), Error::LoginRefused { permanent: true, .. }));
        assert!(matches!(reply(454).login_refused(), Error::LoginRefused { permanent: false, .. }));
    }
}
