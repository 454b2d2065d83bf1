//! The browser's return: a listener on this machine for one request (RFC 8252 §7.3).

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::{Error, Result, form, request};
use crate::domain::secret::Secret;

/// How long a person may take in the browser.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long a program that connects may take to say what it wants.
const SILENCE: Duration = Duration::from_secs(10);
/// Largest head of a request read.
const LARGEST: usize = 16 * 1024;
/// Most connections at a time, and in all: browsers open some ahead.
const MOST_OPEN: usize = 16;
const MOST: usize = 256;

/// What the browser shows at the end, in the user's language.
#[derive(Debug, Clone)]
pub struct Page {
    /// Language tag.
    pub language: String,
    /// Heading after a return that was taken.
    pub done: String,
    /// Heading after a refusal.
    pub failed: String,
    /// What to do now.
    pub advice: String,
}

/// An open port of this machine with a path nobody can guess.
pub(super) struct Listener {
    socket: TcpListener,
    port: u16,
    path: String,
}

/// What the provider had the browser bring.
pub(super) struct Return {
    pub(super) code: Option<Secret>,
    pub(super) state: Option<Secret>,
    pub(super) issuer: Option<String>,
    pub(super) error: Option<String>,
}

impl Listener {
    /// Opens a free port. `path`: the one the provider knows, else a random one.
    pub(super) fn open(path: Option<&str>) -> Result<Self> {
        let failed = |error: std::io::Error| Error::Machine(error.to_string());
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        let port = socket.local_addr().map_err(failed)?.port();
        let path = match path {
            Some(path) => format!("/{}", path.trim_start_matches('/')),
            None => format!("/{}", request::random()?),
        };
        Ok(Self { socket, port, path })
    }

    /// The address the provider sends the browser back to.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.path)
    }

    /// Waits for the one request on the path, answers it with `page`, and closes. Anything else is answered with 404.
    /// Needs a runtime; dropping it closes the port.
    pub(super) async fn wait(self, page: &Page, is_ours: impl Fn(&Return) -> bool) -> Result<Return> {
        let failed = |error: std::io::Error| Error::Machine(error.to_string());
        let listener = tokio::net::TcpListener::from_std(self.socket).map_err(failed)?;
        let host = format!("127.0.0.1:{}", self.port);
        let waiting = async {
            let mut open = FuturesUnordered::new();
            let mut count = 0;
            loop {
                tokio::select! {
                    accepted = listener.accept(), if open.len() < MOST_OPEN && count < MOST => {
                        let (stream, _) = accepted.map_err(failed)?;
                        count += 1;
                        open.push(ask(stream, &self.path, &host));
                    }
                    Some(asked) = open.next() => {
                        if let Some((stream, found)) = asked {
                            return Ok((stream, found));
                        }
                    }
                    else => return Err(Error::TimedOut),
                }
            }
        };
        let (stream, found) = timeout(PATIENCE, waiting).await.map_err(|_| Error::TimedOut)??;
        drop(listener);
        let heading = if is_ours(&found) && found.code.is_some() { &page.done } else { &page.failed };
        // the login does not hang on whether the browser shows it
        let _ = timeout(SILENCE, answer(stream, "200 OK", &html(page, heading))).await;
        Ok(found)
    }
}

/// Reads one request; its return when it is the awaited one.
async fn ask(mut stream: TcpStream, path: &str, host: &str) -> Option<(TcpStream, Return)> {
    let head = timeout(SILENCE, head(&mut stream)).await.ok()??;
    let found = read(&head, path, host);
    if found.is_none() {
        let _ = timeout(SILENCE, answer(stream, "404 Not Found", "")).await;
        return None;
    }
    Some((stream, found?))
}

async fn head(stream: &mut TcpStream) -> Option<Zeroizing<String>> {
    // room for everything at once: growing would leave copies behind
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST));
    let mut part = Zeroizing::new([0; 2048]);
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        let n = stream.read(part.as_mut_slice()).await.ok()?;
        if n == 0 || bytes.len() + n > LARGEST {
            return None;
        }
        bytes.extend_from_slice(part.get(..n)?);
    }
    Some(Zeroizing::new(std::str::from_utf8(&bytes).ok()?.to_owned()))
}

/// A GET of the awaited path on the awaited host: a page of another host that resolves here is not it.
fn read(head: &str, path: &str, host: &str) -> Option<Return> {
    let mut lines = head.split("\r\n");
    let target = lines.next()?.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1")?;
    let (asked, query) = target.split_once('?').unwrap_or((target, ""));
    let named =
        lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("host"));
    if asked != path || named?.1.trim() != host {
        return None;
    }
    let mut pairs = form::decode(query)?;
    // a name that comes twice is a trick
    let mut take = |name: &str| {
        let mut found = pairs.iter_mut().filter(|(n, _)| n == name);
        let first = found.next().map(|(_, value)| Secret::new(std::mem::take(&mut **value)));
        if found.next().is_some() { None } else { first }
    };
    let (code, state) = (take("code"), take("state"));
    let mut text = |name: &str| take(name).map(|value| value.expose().to_owned());
    Some(Return { code, state, issuer: text("iss"), error: text("error") })
}

async fn answer(mut stream: TcpStream, status: &str, body: &str) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nReferrer-Policy: no-referrer\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

fn html(page: &Page, heading: &str) -> String {
    let safe = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let (language, heading, advice) = (safe(&page.language), safe(heading), safe(&page.advice));
    format!(
        "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><title>Estafette</title>\
         <body style=\"font-family:sans-serif;max-width:32em;margin:4em auto;line-height:1.5\">\
         <h1 style=\"font-size:1.3em\">{heading}</h1><p>{advice}</p></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "GET /p?code=c%20d&state=s&iss=https%3A%2F%2Fi HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n";

    #[test]
    fn only_the_awaited_request_is_read() {
        let found = read(HEAD, "/p", "127.0.0.1:9").unwrap();
        assert_eq!(found.code.unwrap().expose(), "c d");
        assert_eq!(found.state.unwrap().expose(), "s");
        assert_eq!(found.issuer.as_deref(), Some("https://i"));
        for (head, path, host) in [
            (HEAD, "/q", "127.0.0.1:9"),
            (HEAD, "/p", "127.0.0.1:8"),
            (&HEAD.replace("GET", "POST"), "/p", "127.0.0.1:9"),
            (&HEAD.replace("127.0.0.1:9", "attacker.example:9"), "/p", "127.0.0.1:9"),
            (&HEAD.replace("Host", "X-Host"), "/p", "127.0.0.1:9"),
            (&HEAD.replace("%20", "%"), "/p", "127.0.0.1:9"),
        ] {
            assert!(read(head, path, host).is_none(), "{head}");
        }
    }

    #[test]
    fn a_value_given_twice_is_no_value() {
        let twice = HEAD.replace("&iss", "&code=other&iss");
        let found = read(&twice, "/p", "127.0.0.1:9").unwrap();
        assert!(found.code.is_none() && found.state.is_some());
    }

    #[test]
    fn words_cannot_become_markup() {
        let page = Page {
            language: "fr".into(),
            done: "<script>".into(),
            failed: String::new(),
            advice: "a & \"b\"".into(),
        };
        let html = html(&page, &page.done);
        assert!(!html.contains("<script") && html.contains("a &amp; &quot;b&quot;"));
    }
}
