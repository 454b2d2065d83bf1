//! What can go wrong on an IMAP connection.

use crate::net;

/// An error of a session. After [`Error::Refused`] the session goes on; after any other it is of no more use.
/// `reason` holds the server's own words: for the user, never for a log, because they may name a mailbox.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection or the TLS handshake failed.
    #[error(transparent)]
    Net(net::Error),
    /// The server does not offer STARTTLS, or refused it: nothing was sent but commands without a secret.
    #[error("the server does not offer STARTTLS")]
    StartTlsMissing,
    /// The server refused the credential.
    #[error("the server refused the login")]
    LoginRefused {
        /// Response code such as `AUTHENTICATIONFAILED` or `EXPIRED` (RFC 5530), when given.
        code: Option<String>,
        /// The server's words.
        reason: String,
    },
    /// The server does not offer the mechanism the account logs in with.
    #[error("the server does not offer the login mechanism of the account")]
    MechanismMissing,
    /// The credential is a token for other servers: it was not shown to this one.
    #[error("the token is for another server")]
    OtherServer,
    /// The server answered NO or BAD to a command.
    #[error("the server refused {command}")]
    Refused {
        /// The command, without its arguments.
        command: &'static str,
        /// Response code such as `OVERQUOTA`, `NONEXISTENT` or `ALREADYEXISTS` (RFC 5530), when given.
        code: Option<String>,
        /// The server's words.
        reason: String,
    },
    /// The server sent what the protocol does not allow.
    #[error("the server broke the protocol: {what}")]
    Protocol {
        /// What was wrong, without anything the server said.
        what: &'static str,
    },
    /// The server sent more than the limits allow.
    #[error("the server sent too much: {what}")]
    TooLarge {
        /// Which limit.
        what: &'static str,
    },
    /// The server said goodbye.
    #[error("the server ended the session")]
    Bye {
        /// The server's words.
        reason: String,
    },
    /// The connection is gone.
    #[error("the connection was closed")]
    Closed,
    /// The server did not answer in time.
    #[error("the server did not answer in time")]
    Timeout,
}

impl Error {
    /// The session can be used after this error.
    pub fn leaves_session_usable(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl From<net::Error> for Error {
    fn from(error: net::Error) -> Self {
        match error {
            net::Error::Closed => Self::Closed,
            net::Error::Timeout => Self::Timeout,
            error => Self::Net(error),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        net::Error::from(error).into()
    }
}
