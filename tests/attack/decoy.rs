//! A server that speaks just enough IMAP or SMTP over TLS to hear a credential, and then refuses it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use estafette::auth::Credential;
use estafette::domain::account::{Endpoint, Security};
use estafette::net::{Error, Way};
use estafette::{imap, smtp};
use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Imap,
    Smtp,
}

pub(crate) const BOTH: [Service; 2] = [Service::Imap, Service::Smtp];

pub(crate) struct Decoy {
    pub(crate) endpoint: Endpoint,
    heard: Arc<Mutex<Vec<String>>>,
}

pub(crate) async fn start(service: Service, config: Arc<ServerConfig>) -> Decoy {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let log = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (config, log) = (Arc::clone(&config), Arc::clone(&log));
            tokio::spawn(async move {
                let Ok(tls) = TlsAcceptor::from(config).accept(stream).await else { return };
                let mut io = BufReader::new(tls);
                let greeting = match service {
                    Service::Imap => "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=EXTERNAL] decoy\r\n",
                    Service::Smtp => "220 decoy\r\n",
                };
                let _ = io.write_all(greeting.as_bytes()).await;
                let _ = io.flush().await;
                let mut line = String::new();
                while io.read_line(&mut line).await.is_ok_and(|n| n > 0) {
                    log.lock().unwrap().push(line.trim_end().to_owned());
                    let tag = line.split(' ').next().unwrap_or("*").to_owned();
                    let answer = match (service, line.split(' ').nth(1).unwrap_or_default().trim_end()) {
                        (Service::Smtp, _) if line.starts_with("EHLO") => {
                            "250-decoy\r\n250 AUTH PLAIN EXTERNAL\r\n".to_owned()
                        }
                        (Service::Smtp, _) if line.starts_with("AUTH") => {
                            "535 5.7.8 nobody enters\r\n".to_owned()
                        }
                        (Service::Smtp, _) => "221 bye\r\n".to_owned(),
                        (_, "CAPABILITY") => {
                            format!("* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=EXTERNAL\r\n{tag} OK\r\n")
                        }
                        (_, "AUTHENTICATE") => format!("{tag} NO [AUTHENTICATIONFAILED] nobody enters\r\n"),
                        _ => format!("{tag} BAD\r\n"),
                    };
                    let _ = io.write_all(answer.as_bytes()).await;
                    let _ = io.flush().await;
                    line.clear();
                }
            });
        }
    });
    Decoy { endpoint: Endpoint { host: "localhost".into(), port, security: Security::Tls }, heard }
}

impl Decoy {
    /// A login was tried.
    pub(crate) fn heard_login(&self) -> bool {
        self.heard.lock().unwrap().iter().any(|line| line.contains("AUTH"))
    }
}

/// How a login ends: `login-refused` when the server was believed, else what was wrong with it.
pub(crate) async fn login(
    service: Service,
    endpoint: &Endpoint,
    way: impl Into<Way>,
    credential: &Credential,
) -> String {
    let error = match service {
        Service::Imap => {
            let limits = imap::Limits { handshake: Duration::from_secs(60), ..imap::Limits::default() };
            match imap::Session::connect_with(endpoint, way, credential, limits).await {
                Err(imap::Error::Net(error)) => error,
                Err(imap::Error::LoginRefused { .. }) => return "login-refused".into(),
                Err(error) => return format!("{error:?}"),
                Ok(_) => return "logged in".into(),
            }
        }
        Service::Smtp => match smtp::check_with(endpoint, way, credential, &smtp::Limits::default()).await {
            Err(smtp::Error::Net(error)) => error,
            Err(smtp::Error::LoginRefused { .. }) => return "login-refused".into(),
            Err(error) => return format!("{error:?}"),
            Ok(_) => return "logged in".into(),
        },
    };
    name(&error)
}

pub(crate) fn name(error: &Error) -> String {
    format!("{error:?}").split(['(', ' ']).next().unwrap().to_owned()
}
