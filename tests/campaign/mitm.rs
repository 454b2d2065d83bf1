//! A gate that ends TLS: it reads what both sides say in clear, step by step, and may change it.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Lines are read to their end; no honest one is longer.
const LONGEST: u64 = 64 << 20;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Imap,
    Smtp,
}

/// What becomes of a line or a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Pass,
    /// Both directions end.
    Cut,
    /// This direction falls silent; the connection stays.
    Stall,
    /// Something else arrives.
    Say(Vec<u8>),
    /// It arrives byte by byte.
    Split,
    /// It arrives late.
    Delay,
}

/// Decides on everything said. The step is `>` and the client's command, or `<`, the command it answers and which part
/// of the answer it is.
pub type Judge = Box<dyn FnMut(&str, &[u8]) -> Fate + Send>;

pub struct Mitm {
    pub port: u16,
    judge: Arc<Mutex<Judge>>,
}

struct Ends {
    protocol: Protocol,
    target: u16,
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    judge: Arc<Mutex<Judge>>,
}

impl Mitm {
    /// In front of a loopback port whose server, like this gate, has the server certificate of the folder `igc`.
    pub async fn before(target: u16, protocol: Protocol, igc: &Path) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let judge: Arc<Mutex<Judge>> = Arc::new(Mutex::new(Box::new(|_, _| Fate::Pass)));
        let (acceptor, connector) = tls(igc);
        let ends = Arc::new(Ends { protocol, target, acceptor, connector, judge: Arc::clone(&judge) });
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let ends = Arc::clone(&ends);
                tokio::spawn(async move { ends.join(client).await });
            }
        });
        Self { port, judge }
    }

    /// Another judge from now on.
    pub fn set(&self, judge: impl FnMut(&str, &[u8]) -> Fate + Send + 'static) {
        *lock(&self.judge) = Box::new(judge);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tls(igc: &Path) -> (TlsAcceptor, TlsConnector) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain =
        CertificateDer::pem_file_iter(igc.join("server.chain.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(igc.join("server.key")).unwrap();
    let server =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let server = server.unwrap().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(
        CertificateDer::pem_file_iter(igc.join("ca.pem")).unwrap().map(Result::unwrap),
    );
    let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let client = client.unwrap().with_root_certificates(roots).with_no_client_auth();
    (TlsAcceptor::from(Arc::new(server)), TlsConnector::from(Arc::new(client)))
}

impl Ends {
    async fn join(&self, client: TcpStream) -> io::Result<()> {
        let server = TcpStream::connect(("127.0.0.1", self.target)).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let talk =
            Mutex::new(Talk { protocol: self.protocol, verb: "greeting".to_owned(), ..Talk::default() });
        // until TLS begins one side speaks at a time
        let (mut client, mut server) =
            (BufReader::with_capacity(1, client), BufReader::with_capacity(1, server));
        let mut from_server = Direction { ends: self, talk: &talk, of_server: true, silent: false };
        let mut from_client = Direction { of_server: false, ..from_server };
        loop {
            while !from_server.carry(&mut server, client.get_mut()).await? {}
            if lock(&talk).verb == "STARTTLS" {
                break;
            }
            from_client.carry(&mut client, server.get_mut()).await?;
        }
        let client = self.acceptor.accept(client.into_inner()).await?;
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let server = self.connector.connect(name, server.into_inner()).await?;
        let (client, mut to_client) = tokio::io::split(client);
        let (server, mut to_server) = tokio::io::split(server);
        let (mut client, mut server) = (BufReader::new(client), BufReader::new(server));
        // the first side that ends, ends both
        tokio::select! {
            ended = async { loop { from_server.carry(&mut server, &mut to_client).await?; } } => ended,
            ended = async { loop { from_client.carry(&mut client, &mut to_server).await?; } } => ended,
        }
    }
}

/// Where a conversation is.
#[derive(Default)]
struct Talk {
    protocol: Protocol,
    tag: String,
    /// The client's last command.
    verb: String,
    /// The client is inside the message of SMTP's DATA.
    in_data: bool,
}

impl Talk {
    /// The step of a line, and whether an answer ends with it.
    fn step(&mut self, of_server: bool, line: &str) -> (String, bool) {
        let last = match self.protocol {
            Protocol::Imap if self.tag.is_empty() => true,
            Protocol::Imap => line.starts_with(&format!("{} ", self.tag)),
            Protocol::Smtp => line.as_bytes().get(3) != Some(&b'-'),
        };
        if of_server {
            if self.protocol == Protocol::Smtp && self.verb == "DATA" && line.starts_with("354") {
                self.in_data = true;
            }
            let part = if last { "end" } else { "data" };
            return (format!("< {} {part}", self.verb), last);
        }
        match self.protocol {
            Protocol::Imap => self.command(line),
            Protocol::Smtp if self.in_data && line != "." => return ("> body".to_owned(), false),
            Protocol::Smtp if self.in_data => {
                (self.in_data, self.verb) = (false, "dot".to_owned());
            }
            Protocol::Smtp => self.verb = line.split([' ', ':']).next().unwrap_or_default().to_owned(),
        }
        (format!("> {}", self.verb), false)
    }

    fn command(&mut self, line: &str) {
        let mut words = line.split(' ');
        let (tag, verb) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let known = verb.chars().all(|c| c.is_ascii_uppercase()) && !verb.is_empty();
        if !known {
            // the rest of a command
            return;
        }
        self.tag = tag.to_owned();
        self.verb = verb.to_owned();
        if verb == "UID" {
            let kinds = ["BODY.PEEK[]", "HEADER", "FLAGS"];
            let what = words.next().unwrap_or_default();
            let kind = kinds.iter().find(|kind| what == "FETCH" && line.contains(**kind)).unwrap_or(&"");
            self.verb = format!("UID {what} {kind}").trim_end().to_owned();
        }
    }
}

#[derive(Clone, Copy)]
struct Direction<'a> {
    ends: &'a Ends,
    talk: &'a Mutex<Talk>,
    of_server: bool,
    /// Stalled.
    silent: bool,
}

impl Direction<'_> {
    /// One line, with the literal that follows it; answers whether an answer of the server ends with it.
    async fn carry<R, W>(&mut self, from: &mut R, to: &mut W) -> io::Result<bool>
    where
        R: AsyncBufReadExt + AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let mut bytes = Vec::new();
        if from.take(LONGEST).read_until(b'\n', &mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        let (step, last) = lock(self.talk).step(self.of_server, &line);
        self.pass(&step, &bytes, to).await?;
        if self.ends.protocol == Protocol::Imap
            && let Some(size) = literal(&line)
        {
            let mut bytes = vec![0; size];
            from.read_exact(&mut bytes).await?;
            self.pass(&format!("{step} literal"), &bytes, to).await?;
        }
        Ok(last)
    }

    async fn pass<W: AsyncWrite + Unpin>(&mut self, step: &str, bytes: &[u8], to: &mut W) -> io::Result<()> {
        // a judge may do the work of another mail program
        let fate = tokio::task::block_in_place(|| (lock(&self.ends.judge))(step, bytes));
        if fate == Fate::Stall {
            self.silent = true;
        }
        if self.silent {
            return Ok(());
        }
        match fate {
            Fate::Pass | Fate::Stall => to.write_all(bytes).await?,
            Fate::Cut => return Err(io::ErrorKind::ConnectionReset.into()),
            Fate::Say(other) => to.write_all(&other).await?,
            Fate::Split => {
                for byte in bytes.chunks(1) {
                    to.write_all(byte).await?;
                    to.flush().await?;
                }
            }
            Fate::Delay => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                to.write_all(bytes).await?;
            }
        }
        to.flush().await
    }
}

/// Size of the literal a line announces.
fn literal(line: &str) -> Option<usize> {
    line.strip_suffix('}')?.rsplit_once('{')?.1.trim_end_matches('+').parse().ok()
}
