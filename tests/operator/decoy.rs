//! IMAP servers a client must turn away from: one without STARTTLS, and some with a certificate that must be refused.
//!
//! They greet, offer what they have, and never let anyone in. A line that carries a credential is counted.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Logins that were tried on any decoy of this program.
static LOGINS: AtomicUsize = AtomicUsize::new(0);

pub fn logins_seen() -> usize {
    LOGINS.load(Ordering::SeqCst)
}

/// A server that never offers STARTTLS; returns its free loopback port.
pub fn without_starttls() -> io::Result<u16> {
    start(None)
}

/// A server with STARTTLS and the certificate `NAME.chain.pem` of `igc`; returns its free loopback port.
pub fn with_certificate(igc: &Path, name: &str) -> Result<u16> {
    Ok(start(Some(server_config(igc, name)?))?)
}

/// TLS with the certificate `NAME.chain.pem` of `igc`.
pub fn server_config(igc: &Path, name: &str) -> Result<Arc<ServerConfig>> {
    let chain =
        CertificateDer::pem_file_iter(igc.join(format!("{name}.chain.pem")))?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(igc.join(format!("{name}.key")))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| name.to_owned())?;
    Ok(Arc::new(config))
}

fn start(tls: Option<Arc<ServerConfig>>) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tls = tls.clone();
            std::thread::spawn(move || serve(stream, tls));
        }
    });
    Ok(port)
}

fn serve(mut stream: TcpStream, tls: Option<Arc<ServerConfig>>) -> Result<()> {
    let before =
        if tls.is_some() { "IMAP4rev1 STARTTLS LOGINDISABLED" } else { "IMAP4rev1 AUTH=PLAIN AUTH=EXTERNAL" };
    write!(stream, "* OK [CAPABILITY {before}] decoy\r\n")?;
    if converse(&mut stream, before, tls.is_some())? {
        let connection = ServerConnection::new(tls.context("no TLS")?)?;
        let mut secured = StreamOwned::new(connection, stream);
        converse(&mut secured, "IMAP4rev1 AUTH=PLAIN AUTH=EXTERNAL", false)?;
    }
    Ok(())
}

/// Answers until the client leaves (false) or TLS has to begin (true).
fn converse<S: Read + Write>(stream: &mut S, capabilities: &str, starttls: bool) -> Result<bool> {
    let mut line = String::new();
    loop {
        line.clear();
        // One byte at a time: what follows STARTTLS belongs to TLS.
        if BufReader::with_capacity(1, &mut *stream).take(8192).read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let mut words = line.split_whitespace();
        let tag = words.next().unwrap_or("*").to_owned();
        match words.next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "CAPABILITY" => write!(stream, "* CAPABILITY {capabilities}\r\n{tag} OK done\r\n")?,
            "STARTTLS" if starttls => {
                write!(stream, "{tag} OK begin\r\n")?;
                return Ok(true);
            }
            "LOGOUT" => {
                write!(stream, "* BYE\r\n{tag} OK done\r\n")?;
                return Ok(false);
            }
            "NOOP" => write!(stream, "{tag} OK done\r\n")?,
            "LOGIN" | "AUTHENTICATE" => {
                LOGINS.fetch_add(1, Ordering::SeqCst);
                write!(stream, "{tag} NO [AUTHENTICATIONFAILED] nobody enters here\r\n")?;
            }
            _ => write!(stream, "{tag} BAD what?\r\n")?,
        }
        stream.flush()?;
    }
}
