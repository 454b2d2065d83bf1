//! One message, one connection.

use std::sync::Arc;

use rustls::ClientConfig;

use super::{Error, Limits, Refusal};
use crate::auth::Credential;
use crate::domain::account::Endpoint;
use crate::domain::address::EmailAddress;

/// A message to submit.
#[derive(Clone, Copy)]
pub struct Submission<'a> {
    /// Envelope sender.
    pub from: &'a EmailAddress,
    /// Envelope recipients, at least one.
    pub to: &'a [EmailAddress],
    /// The message as built.
    pub message: &'a [u8],
    /// Ask for delivery reports of every recipient (RFC 3461), where offered.
    pub dsn: bool,
    /// Comes back in delivery reports.
    pub envelope_id: &'a str,
}

/// The server took the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submitted {
    /// Whom it took it for.
    pub accepted: Vec<EmailAddress>,
    /// Empty today: a message with a refused recipient is not sent.
    pub refused: Vec<Refusal>,
    /// The server's words; often name its queue identifier.
    pub reply: String,
    /// Delivery reports were asked for.
    pub dsn: bool,
}

/// What a server offers after login.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// Largest message in bytes; `None` when not said.
    pub size_limit: Option<u64>,
    /// Delivery reports (RFC 3461).
    pub dsn: bool,
    /// 8-bit content (RFC 6152).
    pub eight_bit: bool,
    /// Addresses and headers in UTF-8 (RFC 6531).
    pub utf8: bool,
    /// Login mechanisms, in upper case.
    pub mechanisms: Vec<String>,
}

/// Submits a message with the default [`Limits`]. Recipients are all accepted, or nothing is sent.
///
/// # Errors
/// See [`Error`]: only [`Error::AnswerUnknown`] leaves open whether the message was sent.
pub async fn submit(
    endpoint: &Endpoint,
    tls: Arc<ClientConfig>,
    credential: &Credential,
    submission: Submission<'_>,
) -> Result<Submitted, Error> {
    submit_with(endpoint, tls, credential, submission, &Limits::default()).await
}

/// As [`submit`], with other limits.
///
/// # Errors
/// As [`submit`].
pub async fn submit_with(
    _endpoint: &Endpoint,
    _tls: Arc<ClientConfig>,
    _credential: &Credential,
    _submission: Submission<'_>,
    _limits: &Limits,
) -> Result<Submitted, Error> {
    Err(Error::Closed)
}

/// Logs in and out again.
///
/// # Errors
/// As [`submit`].
pub async fn check(
    endpoint: &Endpoint,
    tls: Arc<ClientConfig>,
    credential: &Credential,
) -> Result<Offer, Error> {
    check_with(endpoint, tls, credential, &Limits::default()).await
}

/// As [`check`], with other limits.
///
/// # Errors
/// As [`submit`].
pub async fn check_with(
    _endpoint: &Endpoint,
    _tls: Arc<ClientConfig>,
    _credential: &Credential,
    _limits: &Limits,
) -> Result<Offer, Error> {
    Err(Error::Closed)
}
