//! A plain line-by-line client for IMAP and SMTP with STARTTLS, so that these tests depend on no code under test.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::Operator;

/// Client settings that check the server as a mail client has to: anchors, host name, dates, revocation. `card`: the
/// card whose certificate and key file are shown.
fn config(operator: &Operator, card: Option<&str>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for anchor in CertificateDer::pem_file_iter(operator.text("ca")).unwrap() {
        roots.add(anchor.unwrap()).unwrap();
    }
    let lists = CertificateRevocationListDer::pem_file_iter(operator.text("crl_file")).unwrap();
    let provider = Arc::new(default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .with_crls(lists.map(Result::unwrap))
        .build()
        .unwrap();
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_webpki_verifier(verifier);
    let Some(card) = card else { return builder.with_no_client_auth() };
    let file = |kind: &str| format!("{}/igc/card-{card}-auth.{kind}", operator.text("dir"));
    let chain = vec![CertificateDer::from_pem_file(file("pem")).unwrap()];
    builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(file("key")).unwrap()).unwrap()
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

pub struct Session {
    stream: Box<dyn Stream>,
}

impl Session {
    /// In clear; the greeting is read.
    pub fn clear(operator: &Operator, port: &str) -> Self {
        let mut session = Self { stream: Box::new(connect(operator, port)) };
        session.line();
        session
    }

    /// IMAP up to a checked TLS, or what the check said.
    pub fn imap(operator: &Operator, port: &str, card: Option<&str>) -> Result<Self, String> {
        Self::secured(operator, port, card, "a STARTTLS", "a ")
    }

    /// Submission up to a checked TLS.
    pub fn smtp(operator: &Operator, card: Option<&str>) -> Self {
        let mut session = Self::secured(operator, "smtp", card, "STARTTLS", "220 ").unwrap();
        session.smtp_command("EHLO test");
        session
    }

    fn secured(
        operator: &Operator,
        port: &str,
        card: Option<&str>,
        order: &str,
        ready: &str,
    ) -> Result<Self, String> {
        let stream = connect(operator, port);
        let mut plain = Self { stream: Box::new(stream.try_clone().unwrap()) };
        plain.line();
        plain.send(order);
        while !plain.line().starts_with(ready) {}
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config(operator, card)), name).unwrap();
        let mut tls = StreamOwned::new(connection, stream);
        tls.conn.complete_io(&mut tls.sock).map_err(|e| e.to_string())?;
        Ok(Self { stream: Box::new(tls) })
    }

    fn send(&mut self, line: &str) {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.stream.flush().unwrap();
    }

    fn line(&mut self) -> String {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while !bytes.ends_with(b"\n") && self.stream.read(&mut byte).unwrap() == 1 {
            bytes.push(byte[0]);
        }
        assert!(!bytes.is_empty(), "the server hung up");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// One IMAP command; everything up to its tagged answer.
    pub fn imap_command(&mut self, command: &str) -> String {
        self.send(&format!("t {command}"));
        let mut all = String::new();
        loop {
            let line = self.line();
            all += &line;
            if line.starts_with("t ") {
                return all;
            }
        }
    }

    /// One SMTP command; its whole reply.
    pub fn smtp_command(&mut self, command: &str) -> String {
        self.send(command);
        let mut all = String::new();
        loop {
            let line = self.line();
            all += &line;
            if line.as_bytes().get(3) != Some(&b'-') {
                return all;
            }
        }
    }
}

fn connect(operator: &Operator, port: &str) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", operator.port(port))).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}
