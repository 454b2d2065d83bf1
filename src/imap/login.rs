//! From an endpoint to a logged-in connection.

mod starttls;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::connection::{Answer, Connection, capabilities, finish};
use super::read::Code;
use super::{Error, Limits, Result};
use crate::auth::{Credential, TokenRefusal};
use crate::domain::account::{Endpoint, Security};
use crate::domain::secret::Secret;
use crate::net;

/// Connects, starts TLS, logs in.
pub(super) async fn open(
    endpoint: &Endpoint,
    way: net::Way,
    credential: &Credential,
    limits: Limits,
) -> Result<Connection> {
    let mut stream = way.connect(endpoint, limits.connect).await?;
    let ends = stream.local_addr().ok().zip(stream.peer_addr().ok());
    if endpoint.security == Security::StartTls {
        starttls::negotiate(&mut stream, limits.silence, limits.command).await?;
    }
    let stream = way.handshake(stream, &endpoint.host, limits.handshake).await?;
    let mut connection = Connection::new(Box::new(stream), limits).await?;
    connection.ends = ends;
    // after STARTTLS there is no second greeting
    let known = endpoint.security == Security::Tls && connection.greeting().await?;
    if !known {
        // what was announced in clear, by anybody, is not believed
        ask_capabilities(&mut connection).await?;
        login(&mut connection, credential, endpoint).await?;
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

async fn login(connection: &mut Connection, credential: &Credential, server: &Endpoint) -> Result<()> {
    if !credential.is_for(server) {
        return Err(Error::OtherServer);
    }
    let offers = |name: &str| connection.capabilities.has(&format!("AUTH={name}"));
    let mechanism = credential.choose(offers).ok_or(Error::MechanismMissing)?;
    // the server announces again what it can do once it knows the user
    connection.capabilities = super::Capabilities::default();
    let limit = connection.limits.command;
    // without initial response: commands pass a library that can log them, what is written beside it does not
    let order = format!("AUTHENTICATE {}", mechanism.name());
    let mut running = connection.start("AUTHENTICATE", &order, limit).await?;
    let (mut challenges, mut refusal) = (0, None);
    loop {
        match connection.answer(&mut running).await? {
            Answer::Data(response) => connection.keep(response)?,
            Answer::Continue(challenge) => {
                challenges += 1;
                let response = match challenges {
                    1 => credential.initial_response(mechanism, server),
                    // a token is refused with a reason, which wants an answer before the server says NO
                    2..=5 => {
                        refusal = refusal.or_else(|| TokenRefusal::read(&challenge));
                        Secret::new(mechanism.dismissal().to_owned())
                    }
                    _ => return connection.fail(Error::Protocol { what: "endless challenges" }),
                };
                connection.write(line(&response).expose().as_bytes()).await?;
            }
            Answer::Done(status) => {
                return match finish("AUTHENTICATE", status) {
                    Ok(done) => {
                        announce(connection, done.code);
                        Ok(())
                    }
                    Err(Error::Refused { code, reason, .. }) => Err(refused(code, reason, refusal)),
                    Err(error) => Err(error),
                };
            }
        }
    }
}

/// What a refused login means. A server that could not check a token says so in its challenge.
fn refused(code: Option<String>, reason: String, refusal: Option<TokenRefusal>) -> Error {
    let cannot_check = refusal.as_ref().is_some_and(TokenRefusal::is_temporary);
    let code = if cannot_check { Some("UNAVAILABLE".to_owned()) } else { code };
    Error::LoginRefused { code, reason }
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
