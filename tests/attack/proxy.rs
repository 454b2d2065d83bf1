//! Proxies: real ones that let through, want a password or refuse, and one that opens the encrypted connection
//! (attack 12).

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use estafette::domain::network::{NetworkSettings, ProxyChoice};
use estafette::domain::person::Person;
use estafette::domain::secret::Secret;
use estafette::engine::{Engine, KeySource, Options};
use estafette::net::{Proxy, Way, client_config};
use serde_json::Value;

use crate::child::{Server, estafettectl, free_port};
use crate::decoy::{BOTH, Service, login, start};
use crate::pki::pki;
use crate::scripted::plain;

/// `tinyproxy`, with the login `anne`/`s:e c` when asked for, that opens tunnels to these ports only.
fn tinyproxy(dir: &Path, with_login: bool, ports: &[u16]) -> Server {
    let port = free_port();
    let log = dir.join("proxy.log");
    let mut text = format!(
        "Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nAllow 127.0.0.1\nLogFile \"{}\"\nLogLevel Connect\n",
        log.display()
    );
    if with_login {
        text += "BasicAuth anne secret-du-proxy\n";
    }
    for port in ports {
        text += &format!("ConnectPort {port}\n");
    }
    let file = dir.join("tinyproxy.conf");
    std::fs::write(&file, text).unwrap();
    Server::start(port, Command::new("tinyproxy").arg("-d").arg("-c").arg(&file))
}

fn by(port: u16, login: Option<&str>) -> Option<Proxy> {
    let user = login.map(|_| "anne".to_owned());
    let choice = ProxyChoice::Manual { host: "127.0.0.1".into(), port, user };
    let password = login.map(|password| Secret::new(password.into()));
    Proxy::of(&choice, password.as_ref()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_and_revocation_go_by_the_proxy() {
    let pki = pki();
    pki.server("by-proxy", "org", "/ocsp/good/by-proxy", "", &[]);
    for service in BOTH {
        let dir = tempfile::tempdir().unwrap();
        let decoy = start(service, pki.config("by-proxy", "org")).await;
        let server = tinyproxy(dir.path(), true, &[decoy.endpoint.port]);
        let proxy = by(server.port, Some("secret-du-proxy"));
        let (settings, seen) = pki.tls(dir.path(), proxy.clone()).await;
        let way = Way::new(client_config(&settings).unwrap(), proxy);
        assert_eq!(login(service, &decoy.endpoint, way, &plain()).await, "login-refused", "{service:?}");
        assert!(seen.take().is_some());
        let log = std::fs::read_to_string(dir.path().join("proxy.log")).unwrap();
        assert!(log.contains(&format!("CONNECT localhost:{}", decoy.endpoint.port)), "{log}");
        assert!(log.contains(&format!("POST http://127.0.0.1:{}/ocsp/good/by-proxy", pki.web)), "{log}");
        assert!(log.contains("/file/root.crl"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_does_not_want_is_told() {
    let pki = pki();
    pki.server("not-by-proxy", "org", "/ocsp/good/not-by-proxy", "", &[]);
    let dir = tempfile::tempdir().unwrap();
    let decoy = start(Service::Imap, pki.config("not-by-proxy", "org")).await;
    let locked = tinyproxy(dir.path(), true, &[decoy.endpoint.port]);
    let narrow_dir = tempfile::tempdir().unwrap();
    let narrow = tinyproxy(narrow_dir.path(), false, &[443]);
    let talker = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let talker_port = talker.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in talker.incoming().flatten() {
            // never ends its answer, or until we leave
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        }
    });
    for (port, password, expected) in [
        (locked.port, None, "ProxyPasswordNeeded"),
        (locked.port, Some("faux"), "ProxyPasswordRefused"),
        (narrow.port, None, "ProxyRefused"),
        (free_port(), None, "ProxyUnreachable"),
        (talker_port, None, "Protocol"),
    ] {
        let (settings, _) = pki.tls(dir.path(), None).await;
        let way = Way::new(client_config(&settings).unwrap(), by(port, password));
        assert_eq!(login(Service::Imap, &decoy.endpoint, way, &plain()).await, expected);
    }
    assert!(!decoy.heard_login());
}

/// A proxy that notes what it is asked and who asks, and lets nobody through.
fn notebook() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, notes) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
    let book = Arc::clone(&notes);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            book.lock().unwrap().push(head.join("\n"));
            let _ = stream.write_all(b"HTTP/1.1 503 Closed\r\nContent-Length: 0\r\n\r\n");
        }
    });
    (port, notes)
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_of_the_annuaire_and_pro_sante_connect_go_by_the_proxy_set_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let psc = serde_json::json!({
        "issuer": "https://psc.test.invalid", "discovery": "https://psc.test.invalid/d", "client_id": "c",
    });
    std::fs::write(dir.path().join("psc.json"), psc.to_string()).unwrap();
    let engine = Engine::open(Options {
        profile: dir.path().to_owned(),
        keys: KeySource::File(dir.path().join("keys")),
        module: None,
        send_delay: 0,
        background: false,
    })
    .unwrap();
    engine.open_offline().await.unwrap();
    let (port, notes) = notebook();
    let proxy = ProxyChoice::Manual { host: "127.0.0.1".into(), port, user: Some("anne".into()) };
    let settings = NetworkSettings { proxy, ..NetworkSettings::default() };
    engine.set_network_settings(settings, Some(Secret::new("s:é".into()))).await.unwrap();
    let base = Some("https://api.test.invalid/fhir".to_owned());
    engine.set_api_key(Secret::new("key".into()), base).await.unwrap();
    let person = Person { key: "899900000011".to_owned(), ..Person::default() };

    assert!(engine.import_annuaire("https://data.test.invalid/extraction.txt").await.is_err());
    assert!(engine.import_activities("https://activities.test.invalid/a.txt").await.is_err());
    assert!(engine.import_white_list("https://list.test.invalid/l.xml").await.is_err());
    assert!(engine.ask_api(&person).await.is_err());
    assert!(engine.psc_login().await.is_err());
    let asked = notes.lock().unwrap().clone();
    for host in ["data", "activities", "list", "api", "psc"] {
        let head = asked.iter().find(|head| head.starts_with(&format!("CONNECT {host}.test.invalid:443 ")));
        let head =
            head.unwrap_or_else(|| panic!("{host} was not asked by the proxy: {asked:?}")).to_lowercase();
        let login = base64::engine::general_purpose::STANDARD.encode("anne:s:é").to_lowercase();
        assert!(head.contains(&format!("proxy-authorization: basic {login}")), "{host}");
    }
    engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_12_who_opens_the_connection_on_the_way_is_named_and_not_obeyed() {
    let pki = pki();
    pki.server("opened", "foreign", "", "", &[]);
    pki.server("checked", "org", "/ocsp/good/checked", "", &[]);
    let dir = tempfile::tempdir().unwrap();
    let profile = dir.path().join("profile");
    std::fs::create_dir_all(&profile).unwrap();
    std::fs::write(profile.join("network.json"), serde_json::to_vec(&pki.settings("bundle.p7b")).unwrap())
        .unwrap();
    std::fs::write(dir.path().join("password"), "secret\n").unwrap();
    std::fs::write(dir.path().join("none.pem"), "").unwrap();
    let (foreign, none) = (pki.dir.join("foreign.pem"), dir.path().join("none.pem"));
    let password = dir.path().join("password").display().to_string();
    let mut decoys = Vec::new();
    for (name, issuer) in [("opened", "foreign"), ("checked", "org")] {
        let decoy = start(Service::Imap, pki.config(name, issuer)).await;
        let at = format!("localhost:{}", decoy.endpoint.port);
        let address = format!("{name}@bioval.mssante.example");
        let (code, answer) = estafettectl(
            dir.path(),
            &none,
            &[
                "account",
                "add",
                "--address",
                &address,
                "--auth",
                "password",
                "--imap",
                &at,
                "--smtp",
                &at,
                "--security",
                "tls",
                "--password-file",
                &password,
            ],
        );
        assert_eq!(code, 0, "{answer}");
        decoys.push((decoy, address));
    }
    // the authority of the box is one that this machine was made to trust
    for (roots, expected) in [(&foreign, "tls-intercepted"), (&none, "not-trusted")] {
        let (code, answer) = estafettectl(dir.path(), roots, &["account", "check", &decoys[0].1]);
        assert_eq!((code, &answer["error"]["code"]), (4, &Value::from(expected)), "{answer}");
        let words = answer["error"]["message"].as_str().unwrap();
        assert!(
            words.contains("AC IGC-SANTE ELEMENTAIRE ORGANISATIONS (AUTRE)"),
            "the issuer is named: {words}"
        );
    }
    assert!(!decoys[0].0.heard_login(), "a credential was heard on the way");
    // while the server of the pinned hierarchy is believed, whatever the system trusts
    let (code, answer) = estafettectl(dir.path(), &foreign, &["account", "check", &decoys[1].1]);
    assert_eq!((code, &answer["error"]["code"]), (3, &Value::from("login-refused")), "{answer}");
}
