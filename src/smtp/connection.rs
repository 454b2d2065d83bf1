//! A logged-in connection.

mod starttls;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use tokio::time::timeout;

use super::reply::Reply;
use super::wire::{Dot, Wire};
use super::{Error, Limits, Offer};
use crate::auth::{Credential, TokenRefusal};
use crate::domain::account::{Endpoint, Security};
use crate::domain::secret::Secret;
use crate::net;

/// Said in EHLO: the machine's name is nobody's business.
const HELLO: &str = "[127.0.0.1]";

/// One connection, TLS up and credential accepted.
pub(super) struct Connection<'a> {
    smtp: AsyncSmtpConnection,
    pub(super) offer: Offer,
    pub(super) limits: &'a Limits,
    dot: Dot,
}

impl<'a> Connection<'a> {
    pub(super) async fn open(
        endpoint: &Endpoint,
        way: net::Way,
        credential: &Credential,
        limits: &'a Limits,
    ) -> Result<Self, Error> {
        let mut stream = way.connect(endpoint, limits.connect).await?;
        let peer = stream.peer_addr().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], endpoint.port)));
        let started = endpoint.security == Security::StartTls;
        if started {
            let negotiation = starttls::negotiate(&mut stream, HELLO, limits.command);
            within(limits.command, negotiation).await?;
        }
        let stream = way.handshake(stream, &endpoint.host, limits.handshake).await?;
        let dot = Dot::default();
        let wire = Wire::new(stream, peer, started.then_some("220 TLS\r\n"), dot.clone());
        let hello = ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST);
        let opening = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello);
        let smtp = match timeout(limits.command, opening).await.map_err(|_| Error::Timeout)? {
            Ok(smtp) => smtp,
            Err(error) => return Err(Reply::read(Err(error))?.refused()),
        };
        let mut connection = Self { smtp, offer: Offer::default(), limits, dot };
        // lettre keeps only what it knows of the first answer
        let reply = connection.ask_lines(&format!("EHLO {HELLO}\r\n")).await?;
        connection.offer = offer(reply.iter().map(String::as_str));
        connection.login(credential, endpoint).await?;
        Ok(connection)
    }

    async fn login(&mut self, credential: &Credential, server: &Endpoint) -> Result<(), Error> {
        if !credential.is_for(server) {
            return Err(Error::OtherServer);
        }
        let offers = |name: &str| self.offer.mechanisms.iter().any(|m| m == name);
        let mechanism = credential.choose(offers).ok_or(Error::MechanismMissing)?;
        let response = credential.initial_response(mechanism, server);
        let mut reply = match auth_line(mechanism.name(), &response) {
            Some(line) => self.ask(line.expose()).await?,
            None => {
                let asked = self.ask(&format!("AUTH {}\r\n", mechanism.name())).await?;
                if asked.code != 334 {
                    return Err(asked.login_refused());
                }
                self.ask(response_line(response.expose()).expose()).await?
            }
        };
        let mut refusal = None;
        // a token is refused with a reason, which wants an answer before the server says no
        for _ in 0..5 {
            if reply.code != 334 {
                break;
            }
            refusal = refusal.or_else(|| TokenRefusal::read(&reply.text));
            reply = self.ask(response_line(mechanism.dismissal()).expose()).await?;
        }
        if reply.is_ok() {
            return Ok(());
        }
        let cannot_check = refusal.is_some_and(|refusal| refusal.is_temporary());
        Err(match reply.login_refused() {
            Error::LoginRefused { code, enhanced, reason, permanent } => {
                Error::LoginRefused { code, enhanced, reason, permanent: permanent && !cannot_check }
            }
            other => other,
        })
    }

    /// Sends a command line and reads the reply, whatever it says.
    pub(super) async fn ask(&mut self, line: &str) -> Result<Reply, Error> {
        let answer = timeout(self.limits.command, self.smtp.command(line)).await;
        Reply::read(answer.map_err(|_| Error::Timeout)?)
    }

    async fn ask_lines(&mut self, line: &str) -> Result<Vec<String>, Error> {
        match timeout(self.limits.command, self.smtp.command(line)).await.map_err(|_| Error::Timeout)? {
            Ok(response) => Ok(response.message().map(str::to_owned).collect()),
            Err(error) => Err(Reply::read(Err(error))?.refused()),
        }
    }

    /// Hands the message over after DATA was answered with 354; lettre doubles the dots and ends it. `leaves` is waited
    /// for when everything but the final dot is handed over; the message stays here when it says no.
    pub(super) async fn message(
        &mut self,
        message: &[u8],
        leaves: impl Future<Output = bool>,
    ) -> Result<Reply, Error> {
        let dot = self.dot.clone();
        let mut work = std::pin::pin!(self.smtp.message(message));
        let handing_over = async {
            tokio::select! {
                biased;
                done = &mut work => Handed::Over(done),
                () = dot.reached() => Handed::AllButTheDot,
                () = dot.stalls(self.limits.silence) => Handed::Nothing,
            }
        };
        match timeout(self.limits.transfer, handing_over).await {
            Ok(Handed::AllButTheDot) => {}
            Ok(Handed::Over(done)) => return Reply::read(done),
            Ok(Handed::Nothing) | Err(_) => return Err(Error::Timeout),
        }
        if !leaves.await {
            return Err(Error::HeldBack);
        }
        dot.open();
        // from here on nobody knows
        let answer = timeout(self.limits.answer, work).await.map_err(|_| Error::AnswerUnknown)?;
        Reply::read(answer).map_err(|_| Error::AnswerUnknown)
    }

    /// Says goodbye; the answer changes nothing.
    pub(super) async fn quit(mut self) {
        let limit = self.limits.command.min(Duration::from_secs(5));
        let _ = timeout(limit, self.smtp.command("QUIT\r\n")).await;
    }
}

/// How far a message came.
enum Handed<T> {
    /// To its end, and was answered.
    Over(T),
    /// To the final dot.
    AllButTheDot,
    /// The server takes nothing any more.
    Nothing,
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(limit, work).await.map_err(|_| Error::Timeout)?
}

/// Longest command line every server takes (RFC 5321 §4.5.3.1.4). Tokens are longer, and Postfix cuts them.
const LONGEST_COMMAND: usize = 512;

/// `AUTH MECHANISM response` (RFC 4954), in memory that is wiped; an empty response is written `=`. `None` for one too
/// long for a command: it is sent after the server's 334.
fn auth_line(mechanism: &str, response: &Secret) -> Option<Secret> {
    let room = mechanism.len() + response.expose().len().div_ceil(3) * 4 + 16;
    if room > LONGEST_COMMAND {
        return None;
    }
    let mut line = String::with_capacity(room);
    line.push_str("AUTH ");
    line.push_str(mechanism);
    line.push(' ');
    if response.is_empty() {
        line.push('=');
    } else {
        STANDARD.encode_string(response.expose(), &mut line);
    }
    line.push_str("\r\n");
    Some(Secret::new(line))
}

/// A response on a line of its own.
fn response_line(response: &str) -> Secret {
    let mut line = String::with_capacity(response.len().div_ceil(3) * 4 + 4);
    STANDARD.encode_string(response, &mut line);
    line.push_str("\r\n");
    Secret::new(line)
}

/// Reads the lines of an EHLO answer.
fn offer<'l>(lines: impl Iterator<Item = &'l str>) -> Offer {
    let mut offer = Offer::default();
    for line in lines.skip(1) {
        // `AUTH=PLAIN` is an old way to write `AUTH PLAIN`
        let line = line.to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("SIZE") => {
                offer.size_limit = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
            }
            Some("DSN") => offer.dsn = true,
            Some("8BITMIME") => offer.eight_bit = true,
            Some("SMTPUTF8") => offer.utf8 = true,
            Some("AUTH") => offer.mechanisms.extend(words.map(str::to_owned)),
            _ => {}
        }
    }
    offer.mechanisms.sort();
    offer.mechanisms.dedup();
    offer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_read_in_any_case_and_old_form() {
        let read = |lines: &[&str]| offer(lines.iter().copied());
        let full = read(&[
            "host",
            "size 26214400",
            "DSN",
            "8bitmime",
            "AUTH PLAIN external",
            "AUTH=LOGIN PLAIN",
            "",
        ]);
        assert_eq!(full.size_limit, Some(26_214_400));
        assert!(full.dsn && full.eight_bit && !full.utf8);
        assert_eq!(full.mechanisms, ["EXTERNAL", "LOGIN", "PLAIN"]);
        assert_eq!(read(&["DSN"]), Offer::default());
        assert_eq!(read(&["h", "SIZE 0"]).size_limit, None);
        assert_eq!(read(&["h", "SIZE"]).size_limit, None);
    }

    #[test]
    fn an_empty_response_is_written_as_the_standard_says() {
        let line = |mechanism, response: &str| auth_line(mechanism, &Secret::new(response.into())).unwrap();
        assert_eq!(line("EXTERNAL", "").expose(), "AUTH EXTERNAL =\r\n");
        assert_eq!(line("PLAIN", "\0a\0b").expose(), "AUTH PLAIN AGEAYg==\r\n");
    }

    #[test]
    fn a_token_too_long_for_a_command_is_sent_on_its_own() {
        assert!(auth_line("XOAUTH2", &Secret::new("x".repeat(300))).is_some_and(|l| l.expose().len() <= 512));
        assert!(auth_line("XOAUTH2", &Secret::new("x".repeat(2000))).is_none());
        assert_eq!(response_line("\x01").expose(), "AQ==\r\n");
        assert_eq!(response_line("").expose(), "\r\n");
    }
}
