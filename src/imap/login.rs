//! From an endpoint to a logged-in connection.

mod starttls;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;

use super::connection::{Answer, Connection, capabilities, finish};
use super::read::Code;
use super::{Error, Limits, Result};
use crate::auth::Credential;
use crate::domain::account::{Endpoint, Security};
use crate::domain::secret::Secret;
use crate::net;

/// Connects, starts TLS, logs in.
pub(super) async fn open(
    endpoint: &Endpoint,
    tls: Arc<ClientConfig>,
    credential: &Credential,
    limits: Limits,
) -> Result<Connection> {
    let mut stream = net::connect(endpoint, limits.connect).await?;
    let ends = stream.local_addr().ok().zip(stream.peer_addr().ok());
    if endpoint.security == Security::StartTls {
        starttls::negotiate(&mut stream, limits.silence, limits.command).await?;
    }
    let stream = net::handshake(stream, &endpoint.host, tls, limits.handshake).await?;
    let mut connection = Connection::new(Box::new(stream), limits).await?;
    connection.ends = ends;
    // after STARTTLS there is no second greeting
    let known = endpoint.security == Security::Tls && connection.greeting().await?;
    if !known {
        // what was announced in clear, by anybody, is not believed
        ask_capabilities(&mut connection).await?;
        login(&mut connection, credential).await?;
    }
    if known || connection.capabilities.is_empty() {
        ask_capabilities(&mut connection).await?;
    }
    Ok(connection)
}

async fn ask_capabilities(connection: &mut Connection) -> Result<()> {
    connection.run("CAPABILITY", "CAPABILITY").await?;
    Ok(())
}

async fn login(connection: &mut Connection, credential: &Credential) -> Result<()> {
    let mechanism = credential.mechanism();
    if !connection.capabilities.has(&format!("AUTH={mechanism}")) {
        return Err(Error::MechanismMissing);
    }
    // the server announces again what it can do once it knows the user
    connection.capabilities = super::Capabilities::default();
    let limit = connection.limits.command;
    // without initial response: commands pass a library that can log them, what is written beside it does not
    let mut running = connection.start("AUTHENTICATE", &format!("AUTHENTICATE {mechanism}"), limit).await?;
    let mut challenges = 0;
    loop {
        match connection.answer(&mut running).await? {
            Answer::Data(response) => connection.keep(response)?,
            Answer::Continue => {
                challenges += 1;
                match challenges {
                    1 => connection.write(line(&credential.initial_response()).expose().as_bytes()).await?,
                    // XOAUTH2 tells why it refuses in a challenge that wants an empty answer
                    2..=5 => connection.write(b"\r\n").await?,
                    _ => return connection.fail(Error::Protocol { what: "endless challenges" }),
                }
            }
            Answer::Done(status) => {
                return match finish("AUTHENTICATE", status) {
                    Ok(done) => {
                        announce(connection, done.code);
                        Ok(())
                    }
                    Err(Error::Refused { code, reason, .. }) => Err(Error::LoginRefused { code, reason }),
                    Err(error) => Err(error),
                };
            }
        }
    }
}

fn announce(connection: &mut Connection, code: Option<Code>) {
    if let Some(code) = code.filter(|c| c.name == "CAPABILITY") {
        connection.capabilities = capabilities(&code.arguments);
    }
}

/// The response in base64 with its line end, in memory that is wiped.
fn line(response: &Secret) -> Secret {
    let mut text = String::with_capacity(response.expose().len() * 4 / 3 + 8);
    STANDARD.encode_string(response.expose(), &mut text);
    text.push_str("\r\n");
    Secret::new(text)
}
