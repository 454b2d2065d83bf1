//! One message, one connection.

use super::connection::Connection;
use super::{Error, Limits, Refusal, message};
use crate::auth::Credential;
use crate::domain::account::Endpoint;
use crate::domain::address::EmailAddress;
use crate::net;

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
    /// Largest message the server takes, in bytes, where it says so (RFC 1870).
    pub size_limit: Option<u64>,
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
    way: impl Into<net::Way>,
    credential: &Credential,
    submission: Submission<'_>,
) -> Result<Submitted, Error> {
    submit_with(endpoint, way, credential, submission, &Limits::default()).await
}

/// As [`submit`], with other limits.
///
/// # Errors
/// As [`submit`].
pub async fn submit_with(
    endpoint: &Endpoint,
    way: impl Into<net::Way>,
    credential: &Credential,
    submission: Submission<'_>,
    limits: &Limits,
) -> Result<Submitted, Error> {
    submit_when(endpoint, way, credential, submission, limits, async { true }).await
}

/// As [`submit_with`]; `leaves` is waited for when the server has everything but the final dot, without which it takes
/// nothing: there the caller writes down that the message may have left. When it says no, nothing is sent.
///
/// # Errors
/// As [`submit`]; [`Error::HeldBack`] when `leaves` says no.
pub async fn submit_when(
    endpoint: &Endpoint,
    way: impl Into<net::Way>,
    credential: &Credential,
    submission: Submission<'_>,
    limits: &Limits,
    leaves: impl Future<Output = bool>,
) -> Result<Submitted, Error> {
    let message = message::normalise(submission.message);
    let mut connection = Box::pin(Connection::open(endpoint, way.into(), credential, limits)).await?;
    let mail = mail_line(&submission, &message, &connection.offer)?;
    let reply = connection.ask(&mail).await?;
    if !reply.is_ok() {
        connection.quit().await;
        return Err(reply.refused());
    }
    if let Err(error) = recipients(&mut connection, &submission).await {
        if matches!(error, Error::AllRefused { .. } | Error::RecipientsRefused { .. }) {
            // the answer changes nothing: without DATA nothing is sent
            let _ = connection.ask("RSET\r\n").await;
            connection.quit().await;
        }
        return Err(error);
    }
    let reply = connection.ask("DATA\r\n").await?;
    if reply.code != 354 {
        connection.quit().await;
        return Err(reply.refused());
    }
    let reply = connection.message(&message, leaves).await?;
    let dsn = submission.dsn && connection.offer.dsn;
    let size_limit = connection.offer.size_limit;
    connection.quit().await;
    if !reply.is_ok() {
        return Err(reply.refused());
    }
    Ok(Submitted {
        accepted: submission.to.to_vec(),
        refused: Vec::new(),
        reply: reply.text,
        dsn,
        size_limit,
    })
}

/// `MAIL FROM` with what the server offers.
fn mail_line(submission: &Submission<'_>, message: &[u8], offer: &Offer) -> Result<String, Error> {
    // the last line end, which comes with the final dot, counts (RFC 1870 §3)
    let size = message.len() as u64 + 2;
    if let Some(limit) = offer.size_limit.filter(|limit| size > *limit) {
        return Err(Error::TooLarge { size, limit });
    }
    let foreign = std::iter::once(submission.from).chain(submission.to).find(|a| !a.as_str().is_ascii());
    if let Some(address) = foreign.filter(|_| !offer.utf8) {
        return Err(Error::AddressNotCarried { address: address.clone() });
    }
    let mut line = format!("MAIL FROM:<{}>", submission.from);
    if offer.size_limit.is_some() {
        line.push_str(&format!(" SIZE={size}"));
    }
    if offer.eight_bit && !message.is_ascii() {
        line.push_str(" BODY=8BITMIME");
    }
    if foreign.is_some() {
        line.push_str(" SMTPUTF8");
    }
    if submission.dsn && offer.dsn {
        line.push_str(&format!(" RET=HDRS ENVID={}", xtext(submission.envelope_id)));
    }
    line.push_str("\r\n");
    Ok(line)
}

/// Names every recipient; all must be accepted.
async fn recipients(connection: &mut Connection<'_>, submission: &Submission<'_>) -> Result<(), Error> {
    let (mut accepted, mut refusals) = (Vec::new(), Vec::new());
    let notify = if submission.dsn && connection.offer.dsn { " NOTIFY=SUCCESS,FAILURE,DELAY" } else { "" };
    for address in submission.to {
        let reply = connection.ask(&format!("RCPT TO:<{address}>{notify}\r\n")).await?;
        match reply.code {
            200..300 => accepted.push(address.clone()),
            // the server is closing: what follows would be answered by nobody
            421 => return Err(reply.refused()),
            400..600 => refusals.push(reply.refusal(address)),
            _ => return Err(reply.refused()),
        }
    }
    match (accepted.is_empty(), refusals.is_empty()) {
        (true, _) => Err(Error::AllRefused { refusals }),
        (false, false) => Err(Error::RecipientsRefused { refusals, accepted }),
        (false, true) => Ok(()),
    }
}

/// xtext of RFC 3461 §4, at most the 100 characters an ENVID may have.
fn xtext(text: &str) -> String {
    let mut found = String::new();
    for b in text.bytes() {
        let plain = b.is_ascii_graphic() && b != b'+' && b != b'=';
        let piece = if plain { char::from(b).to_string() } else { format!("+{b:02X}") };
        if found.len() + piece.len() > 100 {
            break;
        }
        found.push_str(&piece);
    }
    found
}

/// Logs in and out again.
///
/// # Errors
/// As [`submit`].
pub async fn check(
    endpoint: &Endpoint,
    way: impl Into<net::Way>,
    credential: &Credential,
) -> Result<Offer, Error> {
    check_with(endpoint, way, credential, &Limits::default()).await
}

/// As [`check`], with other limits.
///
/// # Errors
/// As [`submit`].
pub async fn check_with(
    endpoint: &Endpoint,
    way: impl Into<net::Way>,
    credential: &Credential,
    limits: &Limits,
) -> Result<Offer, Error> {
    let connection = Box::pin(Connection::open(endpoint, way.into(), credential, limits)).await?;
    let offer = connection.offer.clone();
    connection.quit().await;
    Ok(offer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(from: &str, message: &[u8], offer: &Offer, dsn: bool) -> Result<String, Error> {
        let from = EmailAddress::parse(from).unwrap();
        mail_line(&Submission { from: &from, to: &[], message, dsn, envelope_id: "a b=1" }, message, offer)
    }

    #[test]
    fn only_what_the_server_offers_is_asked_for() {
        let bare = Offer::default();
        let full = Offer { size_limit: Some(10), dsn: true, eight_bit: true, utf8: true, mechanisms: vec![] };
        assert_eq!(line("a@b.fr", "é".as_bytes(), &bare, true).unwrap(), "MAIL FROM:<a@b.fr>\r\n");
        assert_eq!(
            line("é@b.fr", "é".as_bytes(), &full, true).unwrap(),
            "MAIL FROM:<é@b.fr> SIZE=4 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+20b+3D1\r\n"
        );
        assert_eq!(line("a@b.fr", b"x", &full, false).unwrap(), "MAIL FROM:<a@b.fr> SIZE=3\r\n");
        assert!(matches!(
            line("a@b.fr", &[b'x'; 11], &full, false),
            Err(Error::TooLarge { size: 13, limit: 10 })
        ));
        assert!(matches!(line("é@b.fr", b"x", &bare, false), Err(Error::AddressNotCarried { .. })));
    }

    #[test]
    fn envelope_identifiers_are_encoded_and_bounded() {
        assert_eq!(xtext("<a+b=c é>"), "<a+2Bb+3Dc+20+C3+A9>");
        assert!(xtext(&"é".repeat(500)).len() <= 100);
    }
}
