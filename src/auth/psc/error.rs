//! What can go wrong with Pro Santé Connect.

/// An error of a login. None holds a token, a code or an address.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The profile names no provider.
    #[error("Pro Santé Connect is not configured")]
    NotConfigured,
    /// The profile's file cannot be used.
    #[error("psc.json: {0}")]
    Settings(String),
    /// The provider, or the intermediate server, does not answer.
    #[error("the provider does not answer: {0}")]
    Unreachable(String),
    /// The provider refused a request.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// An answer is not what the protocol asks for: it may be somebody else's. Nothing was sent on.
    #[error("the answer cannot be trusted: {0}")]
    Untrusted(&'static str),
    /// The person gave up in the browser, or the provider refused them.
    #[error("the login was declined: {0}")]
    Declined(String),
    /// Nobody came back from the browser in time.
    #[error("nobody came back from the browser")]
    TimedOut,
    /// The provider's session is over: the person must log in again.
    #[error("the session is over")]
    Ended,
    /// No port can be opened on this machine, or no random bytes be had.
    #[error("this machine: {0}")]
    Machine(String),
}
