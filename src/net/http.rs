//! The little HTTP/1.1 this house speaks itself: one request a connection, no redirection, everything bounded.
//!
//! It exists beside `ureq` because revocation lists and OCSP are served in clear, and most proxies refuse a tunnel to
//! port 80: they want the whole address in the request (RFC 9112 §3.2.2).

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::proxy::{Proxy, status};
use super::{Error, Way};
use crate::domain::account::{Endpoint, Security};

/// Longest head of an answer.
const LONGEST_HEAD: usize = 32 << 10;
/// Longest address.
const LONGEST_URL: usize = 2048;

/// An address of the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
    path: String,
}

impl Url {
    /// Reads `http://` and `https://` addresses without login and fragment.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // what cannot be in an address could begin another header
        if text.len() > LONGEST_URL || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let rest = rest.split('#').next()?;
        let cut = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(cut)?;
        if authority.contains('@') {
            return None;
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let default = if tls { 443 } else { 80 };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, default),
        };
        (!host.is_empty()).then(|| Self { tls, host: host.to_owned(), port, path })
    }

    fn authority(&self) -> String {
        match (self.tls, self.port) {
            (false, 80) | (true, 443) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }
}

/// What is asked.
pub(super) struct Request<'a> {
    pub(super) url: &'a Url,
    /// Media type and body of a POST; a GET without.
    pub(super) post: Option<(&'a str, &'a [u8])>,
    /// Most bytes of the body of the answer.
    pub(super) most: usize,
    /// Longest time for all of it.
    pub(super) limit: Duration,
}

/// The body of a 200 answer.
///
/// # Errors
/// Those of the connection and of the proxy; [`Error::Http`] for another status; [`Error::Protocol`] when the answer is
/// too large or no HTTP.
pub(super) async fn fetch(
    request: Request<'_>,
    proxy: Option<&Proxy>,
    tls: Option<Arc<ClientConfig>>,
) -> Result<Vec<u8>, Error> {
    let limit = request.limit;
    timeout(limit, exchange(request, proxy, tls)).await.unwrap_or(Err(Error::Timeout))
}

async fn exchange(
    request: Request<'_>,
    proxy: Option<&Proxy>,
    tls: Option<Arc<ClientConfig>>,
) -> Result<Vec<u8>, Error> {
    let url = request.url;
    let security = if url.tls { Security::Tls } else { Security::StartTls };
    let endpoint = Endpoint { host: url.host.clone(), port: url.port, security };
    let proxy = proxy.filter(|proxy| proxy.is_for(&url.host));
    if url.tls {
        let config = tls.ok_or_else(|| Error::Settings("no authorities for https".to_owned()))?;
        let way = Way { tls: config, proxy: proxy.cloned() };
        let stream = way.connect(&endpoint, request.limit).await?;
        let stream = way.handshake(stream, &url.host, request.limit).await?;
        return converse(stream, &request, None).await;
    }
    let at = match proxy {
        Some(proxy) => Endpoint { host: proxy.host.clone(), port: proxy.port, security },
        None => endpoint,
    };
    let stream = super::connect::direct(&at, request.limit).await;
    let stream = if proxy.is_some() { stream.map_err(|_| Error::ProxyUnreachable)? } else { stream? };
    converse(stream, &request, proxy).await
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &Request<'_>,
    proxy: Option<&Proxy>,
) -> Result<Vec<u8>, Error> {
    let url = request.url;
    let (method, length) = match request.post {
        None => ("GET", String::new()),
        Some((kind, body)) => ("POST", format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len())),
    };
    let authority = url.authority();
    let target = match proxy {
        Some(_) => format!("http://{authority}{}", url.path),
        None => url.path.clone(),
    };
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: Estafette\r\nAccept: */*\r\n\
         Connection: close\r\n{length}"
    );
    stream.write_all(head.as_bytes()).await?;
    if let Some(proxy) = proxy {
        stream.write_all(proxy.authorization().expose().as_bytes()).await?;
    }
    stream.write_all(b"\r\n").await?;
    if let Some((_, body)) = request.post {
        stream.write_all(body).await?;
    }
    stream.flush().await?;
    let (head, early) = read_head(&mut stream).await?;
    match status(&head) {
        Some(200) => read_body(&mut stream, &head, early, request.most).await,
        Some(407) => {
            Err(proxy.map_or(Error::Http(407), |p| p.judge(&head).err().unwrap_or(Error::Http(407))))
        }
        Some(status) => Err(Error::Http(status)),
        None => Err(Error::Protocol("no HTTP".to_owned())),
    }
}

/// The head, and what came of the body with it.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Result<(String, Vec<u8>), Error> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), body));
        }
        if bytes.len() > LONGEST_HEAD {
            return Err(Error::Protocol("endless head".to_owned()));
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(Error::Closed);
        }
    }
}

async fn read_body(
    stream: &mut (impl AsyncRead + Unpin),
    head: &str,
    early: Vec<u8>,
    most: usize,
) -> Result<Vec<u8>, Error> {
    let header = |name: &str| {
        head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let too_large = || Error::Protocol("too large an answer".to_owned());
    let chunked = header("transfer-encoding").is_some_and(|v| v.to_ascii_lowercase().contains("chunked"));
    let length = header("content-length").filter(|_| !chunked).and_then(|v| v.parse::<usize>().ok());
    if length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    // chunks carry some bytes of their own
    let cap = if chunked { most.saturating_mul(2).saturating_add(1024) } else { most };
    let mut body = early;
    loop {
        if body.len() > cap {
            return Err(too_large());
        }
        if length.is_some_and(|length| body.len() >= length) || (chunked && body.ends_with(b"0\r\n\r\n")) {
            break;
        }
        match stream.read_buf(&mut body).await {
            Ok(0) => break,
            Ok(_) => {}
            // a server that closes TLS without saying goodbye; what is missing is noticed below
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error.into()),
        }
    }
    match length {
        _ if chunked => unchunked(&body, most),
        Some(length) if body.len() < length => Err(Error::Closed),
        Some(length) => {
            body.truncate(length);
            Ok(body)
        }
        None => Ok(body),
    }
}

/// Chunks joined (RFC 9112 §7.1).
fn unchunked(mut bytes: &[u8], most: usize) -> Result<Vec<u8>, Error> {
    let damaged = || Error::Protocol("damaged chunks".to_owned());
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n").ok_or_else(damaged)?;
        let (line, rest) = bytes.split_at_checked(end).ok_or_else(damaged)?;
        let size = std::str::from_utf8(line).ok().and_then(|l| l.split(';').next()).ok_or_else(damaged)?;
        let size = usize::from_str_radix(size.trim(), 16).map_err(|_| damaged())?;
        if size == 0 {
            return Ok(body);
        }
        let rest = rest.get(2..).ok_or_else(damaged)?;
        let (chunk, rest) = rest.split_at_checked(size).ok_or_else(damaged)?;
        body.extend_from_slice(chunk);
        if body.len() > most {
            return Err(damaged());
        }
        bytes = rest.strip_prefix(b"\r\n").ok_or_else(damaged)?;
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn addresses_are_read_or_refused() {
        let url = Url::parse("http://igc-sante.esante.gouv.fr/AC%20TEST/a.p7b").unwrap();
        assert_eq!(
            (url.tls, url.host.as_str(), url.port, url.path.as_str()),
            (false, "igc-sante.esante.gouv.fr", 80, "/AC%20TEST/a.p7b")
        );
        assert_eq!(Url::parse("HTTPS://a.fr:8443?x").unwrap().path, "/?x");
        assert_eq!(Url::parse("http://ocsp.esante.gouv.fr").unwrap().path, "/");
        for bad in [
            "ldap://a/b",
            "file:///etc/passwd",
            "http://",
            "http://u@a/",
            "http://a/b c",
            "http://a/\r\nX: y",
            "a",
        ] {
            assert_eq!(Url::parse(bad), None, "{bad}");
        }
    }

    async fn answered(answer: Vec<u8>, most: usize) -> Result<Vec<u8>, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url =
            Url::parse(&format!("http://127.0.0.1:{}/x", listener.local_addr().unwrap().port())).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = [0; 4096];
            let _ = stream.read(&mut heard).await;
            let _ = stream.write_all(&answer).await;
        });
        let limit = Duration::from_secs(20);
        fetch(Request { url: &url, post: None, most, limit }, None, None).await
    }

    #[tokio::test]
    async fn bodies_are_read_in_all_three_forms_and_never_beyond_the_bound() {
        let said = |text: &str| text.as_bytes().to_vec();
        for whole in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef",
            "HTTP/1.0 200 OK\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\n\r\n",
        ] {
            assert_eq!(answered(said(whole), 10).await.unwrap(), b"abc", "{whole}");
        }
        assert!(matches!(answered(said("HTTP/1.1 404 x\r\n\r\n"), 10).await, Err(Error::Http(404))));
        assert!(matches!(
            answered(said("HTTP/1.1 302 x\r\nLocation: http://b/\r\n\r\n"), 10).await,
            Err(Error::Http(302))
        ));
        assert!(matches!(answered(said("220 smtp\r\n\r\n"), 10).await, Err(Error::Protocol(_))));
        assert!(matches!(
            answered(said("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), 10).await,
            Err(Error::Closed)
        ));
        let long = said("HTTP/1.1 200 OK\r\n\r\n").into_iter().chain(vec![b'x'; 1 << 20]).collect();
        assert!(matches!(answered(long, 1000).await, Err(Error::Protocol(_))));
        let announced = said("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
        assert!(matches!(answered(announced, 1000).await, Err(Error::Protocol(_))));
        assert!(matches!(answered(vec![b'x'; 1 << 20], 1000).await, Err(Error::Protocol(_))));
    }
}
