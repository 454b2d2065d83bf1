//! A tiny web server for the files a client downloads: GET and HEAD of one folder, no more.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Serves the files of `folder` on a free loopback port, which is returned, as long as the program lives.
pub fn start(folder: PathBuf) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            std::thread::spawn(move || answer(stream, &folder));
        }
    });
    Ok(port)
}

fn answer(mut stream: TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut lines = BufReader::new(stream.try_clone()?.take(16 * 1024)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|header| !header.is_empty()) {}
    let (status, body, name) = match file(&request, folder) {
        Some((body, name)) => ("200 OK", body, name),
        None => ("404 Not Found", b"introuvable\n".to_vec(), "introuvable.txt".to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nContent-Type: {}\r\n\
         Content-Disposition: attachment; filename={name}\r\nConnection: close\r\n\r\n",
        body.len(),
        content_type(&name)
    )?;
    if !request.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    Ok(())
}

/// The file a request line asks for: one plain name directly in the folder.
fn file(request: &str, folder: &Path) -> Option<(Vec<u8>, String)> {
    let mut words = request.split(' ');
    if !matches!(words.next()?, "GET" | "HEAD") {
        return None;
    }
    let name = words.next()?.strip_prefix('/')?.split('?').next()?;
    let plain =
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) && !name.starts_with('.');
    if !plain {
        return None;
    }
    Some((std::fs::read(folder.join(name)).ok()?, name.to_owned()))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("xml") => "application/xml",
        Some("txt") => "text/plain; charset=utf-8",
        Some("crl") => "application/pkix-crl",
        _ => "application/octet-stream",
    }
}
