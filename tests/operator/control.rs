//! The control channel: one line in, one JSON line out, on a loopback port written in a file of the instance.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// A request and where to answer it.
pub struct Request {
    pub line: String,
    pub answer: Sender<Result<Value, String>>,
}

/// A card, its reader and pcscd may take seconds; nothing may take longer.
const PATIENCE: Duration = Duration::from_secs(30);

fn port_file(dir: &Path) -> PathBuf {
    dir.join("control")
}

/// Listens and passes every line on to `requests`.
pub fn listen(dir: &Path, requests: Sender<Request>) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    std::fs::write(port_file(dir), listener.local_addr()?.port().to_string())?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = converse(&stream, &requests);
        }
    });
    Ok(())
}

fn converse(mut stream: &TcpStream, requests: &Sender<Request>) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(io::Read::take(stream, 4096)).read_line(&mut line)?;
    let (answer, answers) = channel();
    requests.send(Request { line: line.trim().to_owned(), answer })?;
    let value = match answers.recv_timeout(PATIENCE)? {
        Ok(value) => value,
        Err(message) => json!({ "error": message }),
    };
    writeln!(stream, "{value}")?;
    Ok(())
}

/// Asks the instance in `dir` and returns its answer; an `error` in it is an error here.
pub fn ask(dir: &Path, line: &str) -> Result<Value> {
    let port = std::fs::read_to_string(port_file(dir))
        .with_context(|| format!("no operator runs in {}", dir.display()))?;
    let mut stream = TcpStream::connect(("127.0.0.1", port.trim().parse::<u16>()?))
        .with_context(|| format!("no operator runs in {}", dir.display()))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    writeln!(stream, "{line}")?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    let value: Value = serde_json::from_str(&answer).context("the operator gave no answer")?;
    match value.get("error").and_then(Value::as_str) {
        Some(error) => bail!("{error}"),
        None => Ok(value),
    }
}
