//! What can go wrong while submitting.

use crate::domain::address::EmailAddress;
use crate::net;

/// One recipient the server refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Whom.
    pub address: EmailAddress,
    /// SMTP reply code.
    pub code: u16,
    /// Enhanced status code such as `5.1.1` (RFC 3463), when given.
    pub enhanced: Option<String>,
    /// The server's words.
    pub reason: String,
    /// Trying again does not help (5xx).
    pub permanent: bool,
}

/// An error of a submission. Everything but [`Error::AnswerUnknown`] means the server did not take the message.
/// `reason` holds the server's own words: for the user, never for a log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection or the TLS handshake failed.
    #[error(transparent)]
    Net(net::Error),
    /// The server does not offer STARTTLS, or refused it: no secret was sent.
    #[error("the server does not offer STARTTLS")]
    StartTlsMissing,
    /// The server does not offer the mechanism the account logs in with.
    #[error("the server does not offer the login mechanism of the account")]
    MechanismMissing,
    /// The credential is a token for other servers: it was not shown to this one.
    #[error("the token is for another server")]
    OtherServer,
    /// The server refused the credential.
    #[error("the server refused the login ({code})")]
    LoginRefused {
        /// SMTP reply code.
        code: u16,
        /// Enhanced status code, when given.
        enhanced: Option<String>,
        /// The server's words.
        reason: String,
        /// False when the server only cannot check the login now (4xx).
        permanent: bool,
    },
    /// The message is larger than the server takes; nothing was sent.
    #[error("the message is too large: {size} bytes, the server takes {limit}")]
    TooLarge {
        /// Size of the message in bytes.
        size: u64,
        /// What the server takes, in bytes.
        limit: u64,
    },
    /// An address needs SMTPUTF8, which the server does not offer; nothing was sent.
    #[error("an address has letters the server cannot carry")]
    AddressNotCarried {
        /// Which.
        address: EmailAddress,
    },
    /// Every recipient was refused; nothing was sent.
    #[error("every recipient was refused")]
    AllRefused {
        /// Each with its reason.
        refusals: Vec<Refusal>,
    },
    /// Some recipients were refused; nothing was sent to anybody.
    #[error("{} recipient(s) refused", refusals.len())]
    RecipientsRefused {
        /// The refused ones.
        refusals: Vec<Refusal>,
        /// Those the server would have taken.
        accepted: Vec<EmailAddress>,
    },
    /// The server refused the sender or the message.
    #[error("the server refused the message ({code})")]
    Refused {
        /// SMTP reply code.
        code: u16,
        /// Enhanced status code, when given.
        enhanced: Option<String>,
        /// The server's words.
        reason: String,
        /// Trying again does not help (5xx).
        permanent: bool,
    },
    /// The message was handed over but the answer did not come: it may or may not have been sent.
    #[error("the server's answer to the message was lost")]
    AnswerUnknown,
    /// The caller held the message back before its final dot: the server has dropped it.
    #[error("the message was held back")]
    HeldBack,
    /// The server sent what the protocol does not allow.
    #[error("the server broke the protocol: {what}")]
    Protocol {
        /// What was wrong, without anything the server said.
        what: &'static str,
    },
    /// The connection is gone; the message was not handed over.
    #[error("the connection was closed")]
    Closed,
    /// The server did not answer in time; the message was not handed over.
    #[error("the server did not answer in time")]
    Timeout,
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
