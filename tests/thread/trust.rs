//! Servers that must be turned away, before they hear a credential.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use estafette::domain::id::AccountId;
use estafette::domain::secret::Secret;

use crate::desk::{Desk, address, operator};

/// Logins that any decoy has heard.
fn logins_heard() -> u64 {
    let port = std::fs::read_to_string(Path::new(operator().text("dir")).join("control")).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port.trim().parse::<u16>().unwrap())).unwrap();
    writeln!(stream, "decoys").unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    serde_json::from_str::<serde_json::Value>(&answer).unwrap()["logins"].as_u64().unwrap()
}

async fn account(desk: &Desk, name: &str, decoy: &str, crl: Option<PathBuf>) -> AccountId {
    let endpoint = |port: u16| Endpoint { host: "localhost".to_owned(), port, security: Security::StartTls };
    let config = AccountConfig {
        address: address(&format!("{name}@bioval.mssante.example")),
        display_name: name.to_owned(),
        auth: AuthMethod::Password,
        imap: endpoint(operator().port(decoy)),
        smtp: endpoint(operator().port("smtp")),
        trust: Trust::Authority { ca: operator().text("ca").into(), crl },
        source: HostSource::Typed,
    };
    desk.engine.add_account(config, Some(Secret::new("secret".to_owned()))).await.unwrap()
}

#[tokio::test]
async fn servers_that_cannot_be_trusted_are_refused_and_hear_no_password() {
    let desk = Desk::open().await;
    desk.engine.open_offline().await.unwrap();
    let crl: PathBuf = operator().text("crl_file").into();
    let before = logins_heard();
    for (decoy, code) in [
        ("imap_foreign", "not-trusted"),
        ("imap_wrong_host", "wrong-host"),
        ("imap_expired", "certificate-expired"),
        ("imap_revoked", "certificate-revoked"),
        ("imap_plain", "starttls-missing"),
    ] {
        let id = account(&desk, decoy, decoy, Some(crl.clone())).await;
        let error = desk.engine.check_account(id).await.unwrap_err();
        assert_eq!(error.code(), code, "{decoy}");
        let told = error.facts().iter().any(|(name, value)| *name == "host" && value == "localhost");
        assert!(told, "{code} names the server");
    }
    assert_eq!(logins_heard(), before, "a credential reached a server that was not trusted");

    // the decoys do count: without the revocation list the revoked one is believed, and hears the password
    let id = account(&desk, "believed", "imap_revoked", None).await;
    assert_eq!(desk.engine.check_account(id).await.unwrap_err().code(), "login-refused");
    assert!(logins_heard() > before);
    desk.close().await;
}
