//! The autoconfiguration file of Mozilla's mail programs, as some operators publish it. Served by HTTPS from a host of
//! the mailbox's domain, so that what it says is the domain's word.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::domain::account::{AuthMethod, Endpoint, Security};
use crate::net::Error;

/// Deepest nesting; the format has four levels.
const DEEPEST: usize = 16;
/// Longest text taken from an element.
const LONGEST: usize = 256;

/// What a file says, for the first servers a mailbox can be reached by in TLS.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Configuration {
    pub(super) imap: Endpoint,
    pub(super) smtp: Endpoint,
    pub(super) auth: Option<AuthMethod>,
}

#[derive(Default)]
struct Server {
    wanted: bool,
    host: String,
    port: String,
    socket: String,
    /// The first one named that can be used.
    auth: Option<AuthMethod>,
}

impl Server {
    fn endpoint(&self, domain: &str) -> Option<Endpoint> {
        let security = match self.socket.as_str() {
            "SSL" => Security::Tls,
            "STARTTLS" => Security::StartTls,
            // mail never travels in clear
            _ => return None,
        };
        let host = self.host.replace("%EMAILDOMAIN%", domain);
        let port = self.port.parse().ok().filter(|port| *port != 0)?;
        (self.wanted && !host.is_empty()).then_some(Endpoint { host, port, security })
    }
}

/// Reads a file. No document type, and with it no entity, is accepted.
///
/// # Errors
/// [`Error::Protocol`] when it is no such file, or names no server that speaks TLS.
pub(super) fn read(xml: &[u8], domain: &str) -> Result<Configuration, Error> {
    let bad = |what: &str| Error::Protocol(format!("autoconfiguration: {what}"));
    let mut reader = Reader::from_reader(xml);
    let mut path: Vec<String> = Vec::new();
    let (mut imap, mut smtp, mut auth) = (None, None, None);
    let mut server = Server::default();
    loop {
        match reader.read_event().map_err(|_| bad("no XML"))? {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_ascii_lowercase();
                if path.len() >= DEEPEST {
                    return Err(bad("too deep"));
                }
                if name == "incomingserver" || name == "outgoingserver" {
                    let kind = tag.try_get_attribute("type").ok().flatten();
                    let kind = kind.map(|k| k.value.to_ascii_lowercase()).unwrap_or_default();
                    let wanted = kind == if name == "incomingserver" { "imap" } else { "smtp" };
                    server = Server { wanted, ..Server::default() };
                }
                path.push(name);
            }
            Event::Text(text) => {
                let text: String = text.trim().chars().take(LONGEST).collect();
                match path.last().map(String::as_str) {
                    Some("hostname") => server.host.push_str(&text),
                    Some("port") => server.port.push_str(&text),
                    Some("sockettype") => server.socket.push_str(&text),
                    Some("authentication") => server.auth = server.auth.or(method(&text)),
                    _ => {}
                }
            }
            Event::End(_) => match path.pop().as_deref() {
                Some("incomingserver") if imap.is_none() => {
                    imap = server.endpoint(domain);
                    auth = server.auth;
                }
                Some("outgoingserver") if smtp.is_none() => smtp = server.endpoint(domain),
                _ => {}
            },
            Event::DocType(_) => return Err(bad("document type")),
            Event::GeneralRef(_) => return Err(bad("entity")),
            Event::Eof => break,
            _ => {}
        }
    }
    match (imap, smtp) {
        (Some(imap), Some(smtp)) => Ok(Configuration { imap, smtp, auth }),
        _ => Err(bad("no server with TLS")),
    }
}

fn method(text: &str) -> Option<AuthMethod> {
    match text {
        "OAuth2" => Some(AuthMethod::Psc),
        "TLS-client-cert" => Some(AuthMethod::Card),
        "password-cleartext" | "plain" => Some(AuthMethod::Password),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(host: &str, socket: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="x"><domain>a.fr</domain>
            <incomingServer type="pop3"><hostname>pop.a.fr</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
            <incomingServer type="imap"><hostname>{host}</hostname><port>143</port><socketType>{socket}</socketType>
            <authentication>OAuth2</authentication><authentication>password-cleartext</authentication></incomingServer>
            <outgoingServer type="smtp"><hostname>{host}</hostname><port>587</port><socketType>{socket}</socketType></outgoingServer>
            </emailProvider></clientConfig>"#
        )
    }

    #[test]
    fn the_first_servers_with_tls_are_taken() {
        let found = read(file("mail.%EMAILDOMAIN%", "STARTTLS").as_bytes(), "a.fr").unwrap();
        let endpoint = |port| Endpoint { host: "mail.a.fr".into(), port, security: Security::StartTls };
        assert_eq!(
            found,
            Configuration { imap: endpoint(143), smtp: endpoint(587), auth: Some(AuthMethod::Psc) }
        );
    }

    #[test]
    fn files_that_lie_in_wait_are_refused() {
        let doctype = format!("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{}", file("&x;", "SSL"));
        let deep = "<a>".repeat(100_000);
        for bad in
            ["", "<a/>", "no", &file("m.a.fr", "plain"), &doctype, &file("&x;", "SSL"), &deep, "<a><b></a>"]
        {
            assert!(read(bad.as_bytes(), "a.fr").is_err(), "{}", bad.chars().take(60).collect::<String>());
        }
    }
}
