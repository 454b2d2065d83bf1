//! Attacks 1 to 8 and 11: what somebody on the line can do around the start of TLS.

use std::sync::Arc;
use std::time::Duration;

use estafette::domain::account::{Endpoint, Security};
use estafette::net::{TlsSettings, client_config, load_anchors};
use estafette::{imap, smtp};
use rustls::HandshakeKind;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::authority::{authority, client, server};
use crate::decoy::{Service, login};
use crate::scripted::*;

fn imap_limits() -> imap::Limits {
    imap::Limits { silence: SHORT, command: Duration::from_secs(2), ..imap::Limits::default() }
}

fn smtp_limits() -> smtp::Limits {
    smtp::Limits { command: SHORT, transfer: SHORT, answer: SHORT, ..smtp::Limits::default() }
}

/// How a login ends where the server follows this script, and what the server heard.
async fn imap(security: Security, script: Vec<Step>) -> (imap::Error, Vec<String>) {
    let (endpoint, heard) = serve(security, script).await;
    let error = imap::Session::connect_with(&endpoint, client(), &plain(), imap_limits()).await.unwrap_err();
    (error, heard.await.unwrap())
}

async fn smtp(script: Vec<Step>) -> (smtp::Error, Vec<String>) {
    let (endpoint, heard) = serve(Security::StartTls, script).await;
    let error = smtp::check_with(&endpoint, client(), &plain(), &smtp_limits()).await.unwrap_err();
    (error, heard.await.unwrap())
}

/// Nothing that was heard holds the password, plain or in base64, nor begins a login.
fn no_secret(heard: &[String]) -> bool {
    !heard.iter().any(|l| l.contains("secret") || l.contains("AGFubmUAc2VjcmV0") || l.contains("AUTH"))
}

fn imap_clear(capability: &'static str, more: Vec<Step>) -> Vec<Step> {
    let mut script = vec![send("* OK ready\r\n"), Expect("CAPABILITY"), send(capability)];
    script.extend(more);
    script.push(Silence);
    script
}

fn smtp_clear(offer: &'static str, more: Vec<Step>) -> Vec<Step> {
    let mut script = vec![send("220 host\r\n"), Expect("EHLO"), send(offer)];
    script.extend(more);
    script.push(Silence);
    script
}

const OFFERED: &str = "* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n";
const SMTP_OFFERED: &str = "250-host\r\n250 STARTTLS\r\n";

#[tokio::test]
async fn attack_01_without_starttls_there_is_no_login() {
    let (error, heard) =
        imap(Security::StartTls, imap_clear("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK\r\n", vec![])).await;
    assert!(matches!(error, imap::Error::StartTlsMissing), "{error:?}");
    assert!(no_secret(&heard), "{heard:?}");
    let (error, heard) = smtp(smtp_clear("250-host\r\n250 AUTH PLAIN\r\n", vec![])).await;
    assert!(matches!(error, smtp::Error::StartTlsMissing), "{error:?}");
    assert_eq!(heard.len(), 1, "{heard:?}");
}

#[tokio::test]
async fn attack_02_a_starttls_that_is_refused_late_or_answered_twice_ends_the_connection() {
    for answer in [
        "TAG NO not today\r\n",
        "TAG BAD what\r\n",
        "TAG OK go\r\nTAG OK go\r\n",
        "+ go on\r\n",
        "A9 OK go\r\n",
    ] {
        let (error, heard) =
            imap(Security::StartTls, imap_clear(OFFERED, vec![Expect("STARTTLS"), send(answer)])).await;
        let expected = matches!(
            error,
            imap::Error::StartTlsMissing
                | imap::Error::Protocol { .. }
                | imap::Error::Timeout
                | imap::Error::Net(_)
        );
        assert!(expected, "{answer}: {error:?}");
        assert!(no_secret(&heard), "{answer}: {heard:?}");
    }
    for answer in ["454 not now\r\n", "502 what\r\n", "220 go\r\n220 go\r\n", "250 ok\r\n"] {
        let (error, heard) = smtp(smtp_clear(SMTP_OFFERED, vec![Expect("STARTTLS"), send(answer)])).await;
        let expected = matches!(
            error,
            smtp::Error::StartTlsMissing
                | smtp::Error::Protocol { .. }
                | smtp::Error::Timeout
                | smtp::Error::Net(_)
        );
        assert!(expected, "{answer}: {error:?}");
        assert_eq!(heard.len(), 2, "{answer}: {heard:?}");
    }
    // an answer that comes when nobody waits any more
    let late = imap_clear(OFFERED, vec![Expect("STARTTLS"), Pause(5 * SHORT), send("TAG OK go\r\n")]);
    let (error, heard) = imap(Security::StartTls, late).await;
    assert!(
        matches!(error, imap::Error::Timeout | imap::Error::Net(estafette::net::Error::Timeout)),
        "{error:?}"
    );
    assert!(no_secret(&heard));
}

#[tokio::test]
async fn attack_03_a_session_that_claims_to_be_logged_in_before_tls_is_left() {
    let (error, heard) = imap(Security::StartTls, vec![send("* PREAUTH hello\r\n"), Silence]).await;
    assert!(matches!(error, imap::Error::StartTlsMissing), "{error:?}");
    assert!(heard.is_empty(), "{heard:?}");
}

#[tokio::test]
async fn attack_04_what_is_put_in_before_tls_is_not_read_after_it() {
    let injected = "TAG OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nA0002 OK injected\r\n";
    let (error, heard) =
        imap(Security::StartTls, imap_clear(OFFERED, vec![Expect("STARTTLS"), send(injected)])).await;
    assert!(matches!(error, imap::Error::Protocol { what: "data before TLS" }), "{error:?}");
    assert!(no_secret(&heard));
    let (error, heard) = smtp(smtp_clear(
        SMTP_OFFERED,
        vec![Expect("STARTTLS"), send("220 go\r\n250-host\r\n250 AUTH PLAIN\r\n")],
    ))
    .await;
    assert!(matches!(error, smtp::Error::Protocol { what: "data before TLS" }), "{error:?}");
    assert_eq!(heard.len(), 2);
}

#[tokio::test]
async fn attack_05_what_was_said_in_clear_counts_for_nothing_in_tls() {
    let clear = "* 99 EXISTS\r\n* LIST () \"/\" Piege\r\n* 1 FETCH (UID 1 FLAGS (\\Deleted))\r\n\
                 * CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\nTAG OK done\r\n";
    let more = vec![
        Expect("STARTTLS"),
        send("TAG OK go\r\n"),
        Tls,
        Expect("CAPABILITY"),
        send("* CAPABILITY IMAP4rev1 AUTH=EXTERNAL\r\nTAG OK done\r\n"),
    ];
    let (error, heard) = imap(Security::StartTls, imap_clear(clear, more)).await;
    assert!(matches!(error, imap::Error::MechanismMissing), "{error:?}");
    assert!(no_secret(&heard), "{heard:?}");
    // and nothing of it is news of the session
    let more = vec![
        Expect("STARTTLS"),
        send("TAG OK go\r\n"),
        Tls,
        Expect("CAPABILITY"),
        send("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n"),
        Expect("AUTHENTICATE PLAIN"),
        send("+ \r\n"),
        Expect(""),
        send("A0002 OK [CAPABILITY IMAP4rev1] in\r\n"),
    ];
    let (endpoint, _server) = serve(Security::StartTls, imap_clear(clear, more)).await;
    if let Ok(mut session) = imap::Session::connect_with(&endpoint, client(), &plain(), imap_limits()).await {
        assert_eq!(session.take_unsolicited(), []);
    }
    let more = vec![Expect("STARTTLS"), send("220 go\r\n"), Tls, Expect("EHLO"), send("250 host\r\n")];
    let (error, heard) = smtp(smtp_clear("250-host\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n", more)).await;
    assert!(!matches!(error, smtp::Error::LoginRefused { .. }), "{error:?}");
    assert!(no_secret(&heard), "{heard:?}");
}

#[tokio::test]
async fn attack_06_an_alert_in_clear_is_shown_to_nobody() {
    let words = "Appelez le 0 800 000 000 et donnez votre code";
    for clear in [
        "* OK [ALERT] Appelez le 0 800 000 000 et donnez votre code\r\n",
        "* BAD [ALERT] Appelez le 0 800 000 000 et donnez votre code\r\n",
    ] {
        let script = vec![
            send("* OK [ALERT] Appelez le 0 800 000 000 et donnez votre code\r\n"),
            Expect("CAPABILITY"),
            send([clear, "* CAPABILITY IMAP4rev1\r\nTAG OK [ALERT] Appelez le 0 800 000 000 et donnez votre code\r\n"].concat()),
            Silence,
        ];
        let (error, _) = imap(Security::StartTls, script).await;
        let error = estafette::engine::Error::from(error);
        assert!(error.facts().iter().all(|(_, value)| !value.contains(words)), "{:?}", error.facts());
    }
    let (error, _) = smtp(vec![
        send("220 Appelez le 0 800 000 000 et donnez votre code\r\n"),
        Expect("EHLO"),
        send("250 host\r\n"),
        Silence,
    ])
    .await;
    let error = estafette::engine::Error::from(error);
    assert!(error.facts().iter().all(|(_, value)| !value.contains(words)), "{:?}", error.facts());
}

#[tokio::test]
async fn attack_07_nobody_is_followed_to_another_server() {
    let other = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = other.local_addr().unwrap().port();
    let script = vec![
        send("* OK ready\r\n"),
        Expect("CAPABILITY"),
        send("* CAPABILITY IMAP4rev1 AUTH=PLAIN LOGIN-REFERRALS MAILBOX-REFERRALS\r\nTAG OK\r\n"),
        Expect("AUTHENTICATE"),
        send(format!("TAG NO [REFERRAL imap://anne;AUTH=*@127.0.0.1:{port}/] go there\r\n")),
        Silence,
    ];
    let (error, _) = imap(Security::Tls, script).await;
    assert!(matches!(error, imap::Error::LoginRefused { .. }), "{error:?}");
    for refusal in ["421 4.3.2 go to", "451 4.7.1 use", "551 5.1.6 please try"] {
        let said = format!("{refusal} 127.0.0.1:{port}\r\n");
        let (error, _) = smtp(vec![send(said), Silence]).await;
        assert!(!matches!(error, smtp::Error::Net(estafette::net::Error::Unreachable)), "{error:?}");
    }
    let nobody = tokio::time::timeout(SHORT, other.accept()).await;
    assert!(nobody.is_err(), "somebody came");
}

#[tokio::test]
async fn attack_08_a_login_in_clear_cannot_be_asked_for() {
    // there is no third value: whoever adds one has to come by here
    for security in [Security::StartTls, Security::Tls] {
        match security {
            Security::StartTls | Security::Tls => {}
        }
        // a server in clear that offers every login there is
        let script = vec![
            send("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2] ready\r\n"),
            Expect("CAPABILITY"),
            send("* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2\r\nTAG OK\r\n"),
            Silence,
        ];
        let (endpoint, heard) = serve(Security::StartTls, script).await;
        let endpoint = Endpoint { security, ..endpoint };
        let end = imap::Session::connect_with(&endpoint, client(), &plain(), imap_limits()).await;
        assert!(end.is_err());
        drop(end);
        heard.abort();
    }
    let (error, heard) = smtp(smtp_clear("250-host\r\n250 AUTH PLAIN LOGIN XOAUTH2\r\n", vec![])).await;
    assert!(matches!(error, smtp::Error::StartTlsMissing), "{error:?}");
    assert!(no_secret(&heard), "{heard:?}");
}

/// A key in software in place of a card's.
#[derive(Debug)]
struct Key(Arc<CertifiedKey>);

impl ResolvesClientCert for Key {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn attack_11_a_session_of_one_key_is_never_taken_up_again() {
    let chain =
        CertificateDer::pem_file_iter(&authority().certificate).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&authority().key).unwrap();
    let signer = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let settings = TlsSettings {
        anchors: load_anchors(&authority().ca).unwrap(),
        client: Some(Arc::new(Key(Arc::new(CertifiedKey::new(chain, signer))))),
        tls13: true,
        ..TlsSettings::default()
    };
    let with_key = client_config(&settings).unwrap();
    for (config, name) in [(with_key, "with a key"), (client(), "without")] {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // one server that remembers sessions and gives tickets
        let acceptor = TlsAcceptor::from(server());
        let kinds = tokio::spawn(async move {
            let mut kinds = Vec::new();
            for _ in 0..3 {
                let (stream, _) = listener.accept().await.unwrap();
                let mut tls = acceptor.accept(stream).await.unwrap();
                kinds.push(tls.get_ref().1.handshake_kind().unwrap());
                tokio::io::AsyncWriteExt::write_all(&mut tls, b"* OK\r\n").await.unwrap();
                let _ = tokio::io::AsyncWriteExt::shutdown(&mut tls).await;
            }
            kinds
        });
        for _ in 0..3 {
            let endpoint = Endpoint { host: "127.0.0.1".into(), port, security: Security::Tls };
            let way = estafette::net::Way::from(Arc::clone(&config));
            let stream = way.connect(&endpoint, Duration::from_secs(20)).await.unwrap();
            let mut tls = way.handshake(stream, "127.0.0.1", Duration::from_secs(20)).await.unwrap();
            let mut said = Vec::new();
            let _ = tls.read_to_end(&mut said).await;
        }
        let kinds = kinds.await.unwrap();
        if name == "with a key" {
            assert_eq!(kinds, [HandshakeKind::Full; 3], "each connection must prove the key anew");
        } else {
            // the server does take sessions up again: the test above can fail
            assert_eq!(kinds[1], HandshakeKind::Resumed, "{kinds:?}");
        }
    }
}

#[tokio::test]
async fn attack_11_old_versions_and_suites_are_not_spoken() {
    for arguments in [
        &["-tls1", "-cipher", "ALL:@SECLEVEL=0"][..],
        &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "AES128-SHA"],
        &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"],
        &["-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305"],
    ] {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = std::process::Command::new("openssl")
            .args(["s_server", "-quiet", "-accept", &port.to_string(), "-cert"])
            .arg(&authority().certificate)
            .arg("-key")
            .arg(&authority().key)
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let endpoint = Endpoint { host: "127.0.0.1".into(), port, security: Security::Tls };
        let mut end = String::from("Unreachable");
        for _ in 0..100 {
            end = login(Service::Imap, &endpoint, client(), &plain()).await;
            if end != "Unreachable" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let _ = server.kill();
        let _ = server.wait();
        assert!(matches!(end.as_str(), "Protocol" | "Closed"), "{arguments:?}: {end}");
    }
}
