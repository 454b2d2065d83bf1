//! A browser whose person knows what to click: follows redirections, keeps cookies, chooses a name on the provider's page.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

/// What one browser knows.
#[derive(Default)]
pub struct Browser {
    cookies: BTreeMap<String, String>,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    location: Option<String>,
    pub body: String,
}

impl Browser {
    /// Opens the address, logs in as `login` where the provider asks, and follows until a page of this machine answers.
    pub fn log_in(&mut self, url: &str, login: &str) -> Answer {
        let back = self.until_return(url, login);
        self.get(&back)
    }

    /// The same, but stops before the return: answers its address.
    pub fn until_return(&mut self, url: &str, login: &str) -> String {
        let redirect = parameter(url, "redirect_uri").unwrap();
        let mut next = url.to_owned();
        for _ in 0..20 {
            let answer = self.get(&next);
            let answer = match answer.location {
                Some(_) => answer,
                None => {
                    let action =
                        answer.body.split("action=\"").nth(1).unwrap_or_else(|| panic!("{}", answer.body));
                    let action = join(&next, action.split('"').next().unwrap());
                    self.ask("POST", &action, &format!("login={login}"))
                }
            };
            next =
                join(&next, &answer.location.unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body)));
            if next.starts_with(&redirect) {
                return next;
            }
        }
        panic!("no return from {next}");
    }

    /// Opens one address.
    pub fn get(&mut self, url: &str) -> Answer {
        self.ask("GET", url, "")
    }

    fn ask(&mut self, method: &str, url: &str, body: &str) -> Answer {
        let rest = url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n{body}",
            cookies.join("; "),
            body.len()
        )
        .unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        self.read(&String::from_utf8_lossy(&bytes))
    }

    fn read(&mut self, text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut location = None;
        for line in head.lines() {
            let Some((name, value)) = line.split_once(": ") else { continue };
            match name.to_ascii_lowercase().as_str() {
                "location" => location = Some(value.to_owned()),
                "set-cookie" => {
                    let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Answer { status, location, body: body.to_owned() }
    }
}

/// A value of an address' query, decoded.
pub fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn join(base: &str, path: &str) -> String {
    if path.starts_with("http") {
        return path.to_owned();
    }
    let host = base.strip_prefix("http://").unwrap().split('/').next().unwrap();
    format!("http://{host}{path}")
}
