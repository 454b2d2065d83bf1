//! The reference counterpart of `src/manual/psc.md`: it adds the editor's client secret to requests of the desktop
//! program and passes the provider's answer on. It keeps nothing.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Largest request taken, head and body each.
const LARGEST: u64 = 16 * 1024;

/// Serves on a free loopback port, which is returned, as long as the program lives.
pub fn start(issuer: &str, client: &str, secret: &str) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let (issuer, basic) =
        (issuer.to_owned(), format!("Basic {}", STANDARD.encode(format!("{client}:{secret}"))));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (issuer, basic) = (issuer.clone(), basic.clone());
            std::thread::spawn(move || answer(stream, &issuer, &basic));
        }
    });
    Ok(port)
}

fn answer(mut stream: TcpStream, issuer: &str, basic: &str) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let (path, body) = request(&stream)?;
    let (status, text) = match path.as_deref() {
        Some("/token") => forward(&format!("{issuer}/token"), basic, &body),
        Some("/revoke") => forward(&format!("{issuer}/token/revocation"), basic, &body),
        _ => (404, String::new()),
    };
    write!(
        stream,
        "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
}

/// Path and body of a POST; the path is `None` for anything else.
fn request(stream: &TcpStream) -> io::Result<(Option<String>, String)> {
    let mut reader = BufReader::new(stream.try_clone()?.take(2 * LARGEST));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.strip_prefix("POST ").and_then(|l| l.split(' ').next()).map(str::to_owned);
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = String::new();
    reader.take(length).read_to_string(&mut body)?;
    Ok((path, body))
}

/// Without the identifier the program sent: this server's own counts.
fn forward(url: &str, basic: &str, body: &str) -> (u16, String) {
    let form: Vec<&str> = body.split('&').filter(|pair| !pair.starts_with("client_id=")).collect();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let sent = agent
        .post(url)
        .header("Authorization", basic)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .send(form.join("&"));
    match sent {
        Ok(mut response) => {
            (response.status().as_u16(), response.body_mut().read_to_string().unwrap_or_default())
        }
        Err(_) => (502, String::new()),
    }
}
