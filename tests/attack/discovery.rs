//! Attack 9: domains that send us where nobody should go, with a real name server and the program's own engine.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use estafette::domain::account::{AccountConfig, AuthMethod, HostSource, Security, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::network::{NetworkSettings, ProxyChoice, Testing};
use estafette::engine::{Engine, KeySource, Options, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::child::{Server, free_port};
use crate::pki::pki;

const DOMAIN: &str = "cabinet.mssante.example";

/// `dnsmasq` that knows these services of the domain and nothing else.
fn name_server(services: &[(&str, &str, u16)]) -> Server {
    let port = free_port();
    let mut command = Command::new("dnsmasq");
    command.args([
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--no-daemon",
    ]);
    command.args(["--listen-address=127.0.0.1", "--bind-interfaces", "--pid-file", "--user=root"]);
    command.args([format!("--port={port}"), "--local=/example/".to_owned()]);
    for (service, host, at) in services {
        command.arg(format!("--srv-host={service}._tcp.{DOMAIN},{host},{at}"));
    }
    Server::start(port, &mut command)
}

/// Serves one autoconfiguration file by HTTPS, as often as it is asked for.
async fn web(file: String) -> u16 {
    let pki = pki();
    let name = format!("web-{}", free_port());
    pki.server(&name, "org", "", "", &[]);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(pki.config(&name, "org"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut tls) = acceptor.accept(stream).await else { continue };
            let mut heard = [0; 2048];
            let _ = tls.read(&mut heard).await;
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{file}", file.len());
            let _ = tls.write_all(answer.as_bytes()).await;
            let _ = tls.shutdown().await;
        }
    });
    port
}

fn autoconfig(host: &str, socket: &str) -> String {
    let server = |tag: &str, kind: &str, port: u16| {
        format!(
            "<{tag} type=\"{kind}\"><hostname>{host}</hostname><port>{port}</port><socketType>{socket}</socketType>\
             <authentication>OAuth2</authentication></{tag}>"
        )
    };
    let (imap, smtp) = (server("incomingServer", "imap", 143), server("outgoingServer", "smtp", 587));
    format!(
        "<clientConfig version=\"1.1\"><emailProvider id=\"x\">{imap}{smtp}</emailProvider></clientConfig>"
    )
}

/// What the program finds for a mailbox of the domain, in a profile of its own.
async fn found(testing: Testing) -> Result<AccountConfig> {
    let dir = tempfile::tempdir().unwrap();
    let profile = dir.path().join("profile");
    std::fs::create_dir_all(profile.join("anchors")).unwrap();
    std::fs::copy(pki().dir.join("root.pem"), profile.join("anchors/root.pem")).unwrap();
    std::fs::write(profile.join("operators.json"), r#"{"domains": {}}"#).unwrap();
    let engine = engine(dir.path());
    let settings =
        NetworkSettings { proxy: ProxyChoice::None, testing: Some(testing), ..NetworkSettings::default() };
    engine.set_network_settings(settings, None).await.unwrap();
    let found = engine.servers_for(&EmailAddress::parse(&format!("anne@{DOMAIN}")).unwrap()).await;
    engine.shutdown().await;
    found
}

fn engine(dir: &Path) -> Engine {
    Engine::open(Options {
        profile: dir.join("profile"),
        keys: KeySource::File(dir.join("keys")),
        module: None,
        send_delay: 0,
        background: false,
    })
    .unwrap()
}

fn at(server: &Server) -> Option<SocketAddr> {
    Some(SocketAddr::from(([127, 0, 0, 1], server.port)))
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_09_dns_names_servers_of_the_own_family_only() {
    let dead = Some("https://127.0.0.1:9/{domain}".to_owned());
    for (host, loopback, expected) in [
        ("localhost", false, "host-refused"),
        ("mail.evil.invalid", false, "host-refused"),
        ("mail.evil.example.org", false, "host-refused"),
        // of the family, but nobody has such an address
        ("mail.cabinet.mssante.example", false, "no-servers"),
    ] {
        let dns = name_server(&[("_imap", host, 143), ("_submission", host, 587)]);
        let error =
            found(Testing { loopback, dns: at(&dns), autoconfig: dead.clone(), ..Testing::default() }).await;
        assert_eq!(error.map_err(|e| e.code()).unwrap_err(), expected, "{host}");
    }
    let dns = name_server(&[
        ("_imap", "localhost", 1143),
        ("_imaps", "localhost", 1993),
        ("_submission", "localhost", 1587),
    ]);
    let config = found(Testing { loopback: true, dns: at(&dns), autoconfig: dead, ..Testing::default() })
        .await
        .unwrap();
    assert_eq!(
        (config.imap.port, config.imap.security),
        (1993, Security::Tls),
        "TLS from the first byte is preferred"
    );
    assert_eq!((config.smtp.port, config.smtp.security), (1587, Security::StartTls));
    assert_eq!((config.source, config.trust.clone()), (HostSource::Discovered, Trust::IgcSante));
    assert!(config.token_servers().is_some());
    let typed = AccountConfig { source: HostSource::Typed, ..config };
    assert!(typed.token_servers().is_none(), "a typed host is shown no token");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_09_an_autoconfiguration_file_cannot_lead_into_the_house() {
    let dns = name_server(&[]);
    for (host, socket, expected) in [
        ("127.0.0.1", "SSL", "host-refused"),
        ("192.168.1.1", "STARTTLS", "host-refused"),
        ("169.254.169.254", "STARTTLS", "host-refused"),
        ("[::1]", "STARTTLS", "host-refused"),
        ("0x7f.1", "STARTTLS", "host-refused"),
        ("localhost", "SSL", "host-refused"),
        ("nas.local", "SSL", "host-refused"),
        ("intranet", "SSL", "host-refused"),
        ("mail.cabinet.mssante.example", "plain", "no-servers"),
    ] {
        let port = web(autoconfig(host, socket)).await;
        let autoconfig = Some(format!("https://localhost:{port}/{{domain}}"));
        let error = found(Testing { dns: at(&dns), autoconfig, ..Testing::default() }).await;
        assert_eq!(error.map_err(|e| e.code()).unwrap_err(), expected, "{host} {socket}");
    }
    let port = web(autoconfig("localhost", "STARTTLS")).await;
    let autoconfig = Some(format!("https://localhost:{port}/{{domain}}"));
    let config =
        found(Testing { loopback: true, dns: at(&dns), autoconfig, ..Testing::default() }).await.unwrap();
    assert_eq!((config.imap.port, config.smtp.port, config.auth), (143, 587, AuthMethod::Psc));
    assert_eq!(config.source, HostSource::Discovered);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_09_an_autoconfiguration_file_from_an_unknown_authority_is_not_read() {
    let dns = name_server(&[]);
    let pki = pki();
    pki.server("web-foreign", "foreign", "", "", &[]);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::clone(&pki.config("web-foreign", "foreign")));
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        acceptor.accept(stream).await.is_ok()
    });
    let autoconfig = Some(format!("https://localhost:{port}/{{domain}}"));
    let error = found(Testing { loopback: true, dns: at(&dns), autoconfig, ..Testing::default() }).await;
    assert_eq!(error.map_err(|e| e.code()).unwrap_err(), "no-servers");
    assert!(!heard.await.unwrap(), "the connection was accepted");
}
