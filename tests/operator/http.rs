//! A tiny web server for what a client downloads: GET and HEAD of one folder, and OCSP.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Serves the files of `folder` on a free loopback port, which is returned, as long as the program lives.
pub fn start(folder: PathBuf, igc: PathBuf) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (folder, igc) = (folder.clone(), igc.clone());
            std::thread::spawn(move || answer(stream, &folder, &igc));
        }
    });
    Ok(port)
}

fn answer(mut stream: TcpStream, folder: &Path, igc: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?.take(64 * 1024));
    let (mut request, mut header, mut length) = (String::new(), String::from("-"), 0);
    reader.read_line(&mut request)?;
    while !header.trim().is_empty() {
        header.clear();
        reader.read_line(&mut header)?;
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let request = request.trim_end().to_owned();
    let found = if request.starts_with("POST /ocsp ") {
        let mut question = vec![0; length.min(64 * 1024)];
        reader.read_exact(&mut question)?;
        crate::igc::respond(igc, &question).ok().map(|answer| (answer, "answer.ors".to_owned()))
    } else {
        file(&request, folder)
    };
    let (status, body, name) = match found {
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
        Some("ors") => "application/ocsp-response",
        _ => "application/octet-stream",
    }
}
