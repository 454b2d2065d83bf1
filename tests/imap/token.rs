//! Tokens of Pro Santé Connect: shown to their own server, in one piece, and refused with a reason.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use estafette::auth::{Bearer, Credential};
use estafette::domain::account::{AccountConfig, AuthMethod, Endpoint, HostSource, Security, Trust};
use estafette::domain::address::EmailAddress;
use estafette::domain::secret::Secret;
use estafette::imap::{self, Session};
use estafette::smtp;

use crate::authority::client;
use crate::scripted::*;

const USER: &str = "lea@test.example";

fn bearer(endpoint: &Endpoint, token: &str) -> Credential {
    let config = AccountConfig {
        address: EmailAddress::parse(USER).unwrap(),
        display_name: String::new(),
        auth: AuthMethod::Psc,
        imap: endpoint.clone(),
        smtp: endpoint.clone(),
        trust: Trust::IgcSante,
        source: HostSource::Table,
    };
    let servers = config.token_servers().unwrap();
    Credential::Bearer(Bearer::new(USER.into(), Secret::new(token.into()), servers))
}

fn challenge(json: &str) -> String {
    STANDARD.encode(json)
}

async fn imap_login(mechanisms: &str, said: &str, dismissal: &'static str) -> (imap::Error, Vec<String>) {
    let offer = format!("* CAPABILITY IMAP4rev1 {mechanisms}\r\nTAG OK done\r\n");
    let script = vec![
        send("* OK ready\r\n"),
        Expect("CAPABILITY"),
        send(offer),
        Expect("AUTHENTICATE"),
        send("+ \r\n"),
        Expect(""),
        send(format!("+ {}\r\n", challenge(said))),
        Expect(dismissal),
        send("A0003 NO [AUTHENTICATIONFAILED] Authentication failed.\r\n"),
        Silence,
    ];
    let (endpoint, received) = serve(Security::Tls, script).await;
    let limits = imap::Limits::default();
    let error =
        Session::connect_with(&endpoint, client(), &bearer(&endpoint, "jeton"), limits).await.unwrap_err();
    (error, received.await.unwrap())
}

#[tokio::test]
async fn a_refused_token_is_dismissed_as_its_mechanism_wants_and_told_from_a_server_in_trouble() {
    for (mechanisms, name, dismissal) in
        [("AUTH=XOAUTH2 AUTH=OAUTHBEARER", "OAUTHBEARER", "AQ=="), ("AUTH=XOAUTH2", "XOAUTH2", "")]
    {
        let (error, received) = imap_login(mechanisms, r#"{"status":"invalid_token"}"#, dismissal).await;
        assert!(
            matches!(&error, imap::Error::LoginRefused { code: Some(c), .. } if c == "AUTHENTICATIONFAILED")
        );
        assert!(received.iter().any(|line| line.ends_with(&format!("AUTHENTICATE {name}"))), "{received:?}");
        let (error, _) = imap_login(mechanisms, r#"{"status":"503"}"#, dismissal).await;
        assert!(matches!(&error, imap::Error::LoginRefused { code: Some(c), .. } if c == "UNAVAILABLE"));
    }
}

#[tokio::test]
async fn a_server_with_passwords_only_is_shown_no_token() {
    let script = vec![
        send("* OK ready\r\n"),
        Expect("CAPABILITY"),
        send("* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN\r\nTAG OK done\r\n"),
        Silence,
    ];
    let (endpoint, received) = serve(Security::Tls, script).await;
    let credential = bearer(&endpoint, "jeton");
    let error = Session::connect_with(&endpoint, client(), &credential, imap::Limits::default()).await;
    assert!(matches!(error, Err(imap::Error::MechanismMissing)));
    assert!(!received.await.unwrap().iter().any(|line| line.contains("AUTH")));
}

#[tokio::test]
async fn a_token_for_another_server_stays_here() {
    let script = vec![
        send("* OK ready\r\n"),
        Expect("CAPABILITY"),
        send("* CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER\r\nTAG OK done\r\n"),
        Silence,
    ];
    let (endpoint, received) = serve(Security::Tls, script).await;
    let other = Endpoint { port: endpoint.port.wrapping_add(1), ..endpoint.clone() };
    let credential = bearer(&other, "jeton");
    let error = Session::connect_with(&endpoint, client(), &credential, imap::Limits::default()).await;
    assert!(matches!(error, Err(imap::Error::OtherServer)));
    assert!(!received.await.unwrap().iter().any(|line| line.contains("AUTH")));
}

#[tokio::test]
async fn a_long_token_is_submitted_after_the_servers_call_and_a_short_one_at_once() {
    const OFFER: &str = "250-host\r\n250 AUTH PLAIN XOAUTH2 OAUTHBEARER\r\n";
    for (length, call) in [(40, false), (3000, true)] {
        let mut script = vec![
            send("220 host\r\n"),
            Expect("EHLO"),
            send(OFFER),
            Expect("EHLO"),
            send(OFFER),
            Expect("AUTH OAUTHBEARER"),
        ];
        if call {
            script.extend([send("334 \r\n"), Expect("")]);
        }
        script.extend([
            send(format!("334 {}\r\n", challenge(r#"{"status":"invalid_token"}"#))),
            Expect("AQ=="),
            send("535 5.7.8 no\r\n"),
            Silence,
        ]);
        let (endpoint, received) = serve(Security::Tls, script).await;
        let credential = bearer(&endpoint, &"x".repeat(length));
        let error = smtp::check_with(&endpoint, client(), &credential, &smtp::Limits::default()).await;
        assert!(
            matches!(error, Err(smtp::Error::LoginRefused { code: 535, permanent: true, .. })),
            "{error:?}"
        );
        let longest =
            received.await.unwrap().into_iter().filter(|l| l.contains("AUTH")).map(|l| l.len()).max();
        assert!(longest.unwrap() <= 510, "a command line any server takes");
    }
}
