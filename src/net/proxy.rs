//! HTTP proxies: the tunnel of CONNECT (RFC 9110 §9.3.6) with Basic authentication (RFC 7617).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Error;
use crate::domain::network::ProxyChoice;
use crate::domain::secret::Secret;

/// Longest head of a proxy's answer.
const LONGEST: usize = 16 << 10;

/// A proxy to go by.
#[derive(Clone)]
pub struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// `Basic …`, ready for the header.
    credential: Option<Arc<Secret>>,
    /// Names reached without it, with all below them; `*` is everything.
    except: Vec<String>,
    /// This machine is reached without it: nobody means it otherwise in the environment.
    loopback_apart: bool,
}

impl Proxy {
    /// What a choice means now; `password` belongs to the user of a manual one.
    ///
    /// # Errors
    /// [`Error::Settings`] when the environment names a proxy that cannot be understood, or one that is itself spoken to
    /// in TLS or SOCKS.
    pub fn of(choice: &ProxyChoice, password: Option<&Secret>) -> Result<Option<Self>, Error> {
        match choice {
            ProxyChoice::None => Ok(None),
            ProxyChoice::Manual { host, port, user } => {
                let credential = user.as_deref().map(|user| basic(user, password.map_or("", Secret::expose)));
                Ok(Some(Self {
                    host: host.clone(),
                    port: *port,
                    credential,
                    except: Vec::new(),
                    loopback_apart: false,
                }))
            }
            ProxyChoice::System => Self::from_environment(|name| std::env::var(name).ok()),
        }
    }

    fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Error> {
        let named = |name: &str| variable(name).or_else(|| variable(&name.to_ascii_uppercase()));
        let Some(text) = ["https_proxy", "all_proxy", "http_proxy"]
            .iter()
            .find_map(|n| named(n).filter(|v| !v.is_empty()))
        else {
            return Ok(None);
        };
        let wrong = || Error::Settings("the proxy of the environment is not http://host:port".to_owned());
        let rest = match text.split_once("://") {
            None => text.as_str(),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Err(wrong()),
        };
        let rest = rest.split('/').next().unwrap_or_default();
        let (login, address) = rest.rsplit_once('@').map_or((None, rest), |(login, at)| (Some(login), at));
        let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        if host.is_empty() {
            return Err(wrong());
        }
        let credential = login.map(|login| {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            basic(&decoded(user), &decoded(password))
        });
        let except = named("no_proxy").unwrap_or_default();
        let except = except.split(',').map(|name| name.trim().trim_start_matches('.').to_lowercase());
        let except = except.filter(|name| !name.is_empty()).collect();
        Ok(Some(Self { host: host.to_owned(), port, credential, except, loopback_apart: true }))
    }

    /// The same for the downloads that `ureq` does.
    ///
    /// # Errors
    /// [`Error::Settings`] when the host cannot be part of an address.
    pub fn for_downloads(&self) -> Result<ureq::Proxy, Error> {
        let mut proxy = ureq::Proxy::builder(ureq::ProxyProtocol::Http).host(&self.host).port(self.port);
        if let Some((user, password)) = self.credential.as_deref().and_then(pair) {
            proxy = proxy.username(&user).password(password.expose());
        }
        for name in &self.except {
            // a name stands for itself and for all below it
            proxy = proxy.no_proxy(name).no_proxy(&format!(".{name}"));
        }
        proxy.build().map_err(|_| Error::Settings("the proxy's host cannot be part of an address".to_owned()))
    }

    /// The host is to be reached by this proxy.
    pub(super) fn is_for(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        if self.loopback_apart && super::host::is_loopback(&host) {
            return false;
        }
        !self.except.iter().any(|name| {
            name == "*" || host == *name || host.strip_suffix(name).is_some_and(|above| above.ends_with('.'))
        })
    }

    /// The header that names us to the proxy, with its end of line; empty when there is nothing to say.
    pub(super) fn authorization(&self) -> Secret {
        let header = self.credential.as_ref().map(|c| format!("Proxy-Authorization: {}\r\n", c.expose()));
        Secret::new(header.unwrap_or_default())
    }

    /// Asks for a tunnel to `host`; what follows on the stream is the server's.
    pub(super) async fn open_tunnel(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        host: &str,
        port: u16,
    ) -> Result<(), Error> {
        let name =
            if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
        let request = format!("CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n");
        let authorization = self.authorization();
        for part in [request.as_str(), authorization.expose(), "\r\n"] {
            stream.write_all(part.as_bytes()).await?;
        }
        stream.flush().await?;
        let head = read_head(stream).await?;
        self.judge(&head)
    }

    /// What the head of an answer means: a refusal of the proxy is told as such.
    pub(super) fn judge(&self, head: &str) -> Result<(), Error> {
        match status(head) {
            Some(200..=299) => Ok(()),
            // some proxies (tinyproxy) answer a wrong password like a web server
            Some(401 | 407) if self.credential.is_some() => Err(Error::ProxyPasswordRefused),
            Some(407) => Err(Error::ProxyPasswordNeeded),
            Some(status) => Err(Error::ProxyRefused(status)),
            None => Err(Error::Protocol("the proxy does not speak HTTP".to_owned())),
        }
    }
}

/// The head of an answer, byte by byte: what follows it must stay in the stream.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Result<String, Error> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LONGEST {
            return Err(Error::Protocol("endless answer of the proxy".to_owned()));
        }
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return Err(Error::Closed),
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The status of an HTTP/1 answer.
pub(super) fn status(head: &str) -> Option<u16> {
    let mut words = head.lines().next()?.split_ascii_whitespace();
    words.next()?.starts_with("HTTP/1.").then_some(())?;
    words.next()?.parse().ok()
}

fn basic(user: &str, password: &str) -> Arc<Secret> {
    let pair = Secret::new(format!("{user}:{password}"));
    let mut header = String::from("Basic ");
    STANDARD.encode_string(pair.expose(), &mut header);
    Arc::new(Secret::new(header))
}

/// User and password of a `Basic …` header.
fn pair(header: &Secret) -> Option<(String, Secret)> {
    let encoded = header.expose().strip_prefix("Basic ")?;
    let pair = zeroize::Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let (user, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    Some((user.to_owned(), Secret::new(password.to_owned())))
}

/// Percent-encoding undone (RFC 3986 §2.1).
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|h| std::str::from_utf8(h).ok());
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Option<Proxy>, Error> {
        Proxy::from_environment(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn the_environment_names_a_proxy_its_login_and_its_exceptions() {
        assert!(from(&[]).unwrap().is_none());
        let proxy = from(&[
            ("HTTPS_PROXY", "http://an%40e:s%3Ae@proxy.cabinet:3128/"),
            ("no_proxy", ".lan, test.example"),
        ])
        .unwrap()
        .unwrap();
        assert_eq!((proxy.host.as_str(), proxy.port), ("proxy.cabinet", 3128));
        let expected = format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode("an@e:s:e"));
        assert_eq!(proxy.authorization().expose(), expected);
        for (host, is_for) in [
            ("srv.lan", false),
            ("lan", false),
            ("vlan", true),
            ("a.Test.example", false),
            ("mssante.fr", true),
            ("localhost", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(proxy.is_for(host), is_for, "{host}");
        }
        for bad in ["socks5://h:1", "https://h:1", "h", "http://h:x", "http://:1"] {
            assert!(from(&[("https_proxy", bad)]).is_err(), "{bad}");
        }
    }

    #[test]
    fn downloads_go_by_the_same_proxy_with_the_same_login_and_exceptions() {
        let proxy =
            from(&[("https_proxy", "http://an%40e:s%3A%C3%A9@proxy.cabinet:3128"), ("no_proxy", "lan")]);
        let proxy = proxy.unwrap().unwrap().for_downloads().unwrap();
        assert_eq!((proxy.host(), proxy.port()), ("proxy.cabinet", 3128));
        assert_eq!((proxy.username(), proxy.password()), (Some("an@e"), Some("s:é")));
        for (url, is_straight) in
            [("https://lan/", true), ("https://a.lan/", true), ("https://mssante.example/", false)]
        {
            assert_eq!(proxy.is_no_proxy(&url.parse().unwrap()), is_straight, "{url}");
        }
        assert!(!format!("{proxy:?}").contains("an"), "neither user nor password is shown");
    }

    #[test]
    fn answers_of_a_proxy_are_told_apart() {
        let open =
            Proxy::of(&ProxyChoice::Manual { host: "p".into(), port: 1, user: None }, None).unwrap().unwrap();
        let known =
            Proxy::of(&ProxyChoice::Manual { host: "p".into(), port: 1, user: Some("u".into()) }, None);
        let known = known.unwrap().unwrap();
        assert!(open.judge("HTTP/1.0 200 Connection established\r\n\r\n").is_ok());
        assert!(matches!(open.judge("HTTP/1.1 407 x\r\n\r\n"), Err(Error::ProxyPasswordNeeded)));
        assert!(matches!(known.judge("HTTP/1.1 407 x\r\n\r\n"), Err(Error::ProxyPasswordRefused)));
        assert!(matches!(known.judge("HTTP/1.1 401 x\r\n\r\n"), Err(Error::ProxyPasswordRefused)));
        assert!(matches!(open.judge("HTTP/1.1 403 Filtered\r\n\r\n"), Err(Error::ProxyRefused(403))));
        assert!(matches!(open.judge("220 smtp\r\n\r\n"), Err(Error::Protocol(_))));
    }
}
