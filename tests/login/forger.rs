//! A provider that lies: says what a test tells it to, signed with any key; and a relay that remembers what passes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rsa::KeyPair;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

/// Serves on a free loopback port as long as the program lives; `answer` is given path and body.
fn serve(answer: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || drop(talk(stream, &*answer)));
        }
    });
    port
}

fn talk(mut stream: TcpStream, answer: &dyn Fn(&str, &str) -> (u16, String)) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let (head, length) = loop {
        let n = stream.read(&mut part)?;
        bytes.extend_from_slice(&part[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
            break (head.to_owned(), length.unwrap_or(0));
        }
        if n == 0 {
            return Ok(());
        }
    };
    while bytes.len() < head.len() + 4 + length {
        let n = stream.read(&mut part)?;
        bytes.extend_from_slice(&part[..n]);
    }
    let body = String::from_utf8_lossy(&bytes[head.len() + 4..]).into_owned();
    let (status, text) = answer(head.split(' ').nth(1).unwrap_or(""), &body);
    write!(
        stream,
        "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    )
}

/// What the liar says.
#[derive(Default, Clone)]
pub struct Plan {
    pub id_token: String,
    pub access_token: String,
    /// The issuer its description names, when not its own.
    pub described_as: Option<String>,
}

pub struct Forger {
    pub port: u16,
    pub plan: Arc<Mutex<Plan>>,
    /// Bodies of the requests for tokens.
    pub asked: Arc<Mutex<Vec<String>>>,
}

/// How a token is signed.
pub enum Signature {
    /// By the key the provider publishes.
    Own,
    /// By a key that nobody published.
    Foreign,
    /// With the published key as a shared secret.
    Shared,
    /// Not at all.
    None,
}

fn own_key() -> KeyPair {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/net/leaf.key");
    let der = PrivatePkcs8KeyDer::from_pem_file(file).unwrap();
    KeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap()
}

fn foreign_key() -> KeyPair {
    let file = format!("{}/igc/org-good.open.key", crate::desk::operator().text("dir"));
    let der = PrivatePkcs8KeyDer::from_pem_file(file).unwrap();
    KeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap()
}

fn modulus() -> Vec<u8> {
    ring::rsa::PublicKeyComponents::<Vec<u8>>::from(own_key().public()).n
}

impl Forger {
    pub fn start() -> Self {
        let plan = Arc::<Mutex<Plan>>::default();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let own = Arc::new(Mutex::new(0));
        let (plan_of, asked_of, port_of) = (Arc::clone(&plan), Arc::clone(&asked), Arc::clone(&own));
        let port = serve(move |path, body| {
            let issuer = format!("http://127.0.0.1:{}", port_of.lock().unwrap());
            let plan = plan_of.lock().unwrap().clone();
            let text = match path {
                "/discovery" => json!({
                    "issuer": plan.described_as.unwrap_or_else(|| issuer.clone()),
                    "authorization_endpoint": format!("{issuer}/auth"), "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/keys"), "authorization_response_iss_parameter_supported": true,
                }),
                "/keys" => json!({"keys": [{
                    "kty": "RSA", "kid": "own", "use": "sig", "n": URL_SAFE_NO_PAD.encode(modulus()), "e": "AQAB",
                }]}),
                "/token" => {
                    asked_of.lock().unwrap().push(body.to_owned());
                    json!({
                        "access_token": plan.access_token, "token_type": "Bearer", "expires_in": 120,
                        "refresh_token": "refresh", "id_token": plan.id_token,
                    })
                }
                _ => return (404, String::new()),
            };
            (200, text.to_string())
        });
        *own.lock().unwrap() = port;
        Self { port, plan, asked }
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The profile's file that names this provider.
    pub fn profile(&self) -> String {
        json!({
            "issuer": self.issuer(), "discovery": format!("{}/discovery", self.issuer()), "client_id": "estafette",
            "test_loopback": true,
        })
        .to_string()
    }

    /// Claims of a good token for this nonce.
    pub fn claims(&self, nonce: &str) -> Value {
        let now = jiff::Timestamp::now().as_second();
        json!({
            "iss": self.issuer(), "aud": "estafette", "sub": "s", "SubjectNameID": crate::desk::SUBJECT,
            "iat": now, "exp": now + 120, "nonce": nonce,
        })
    }
}

/// A token with these claims.
pub fn token(header: &Value, claims: &Value, signature: &Signature) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let rsa = |key: &KeyPair| {
        let mut signed = vec![0; key.public().modulus_len()];
        let random = ring::rand::SystemRandom::new();
        key.sign(&ring::signature::RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signed).unwrap();
        signed
    };
    let signed = match signature {
        Signature::Own => rsa(&own_key()),
        Signature::Foreign => rsa(&foreign_key()),
        Signature::Shared => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &modulus());
            ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        }
        Signature::None => Vec::new(),
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signed))
}

/// A relay before the operator's that remembers every secret that passed.
pub struct Recorder {
    pub port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    pub fn before(relay: &str) -> Self {
        let (relay, seen) = (relay.to_owned(), Arc::<Mutex<Vec<String>>>::default());
        let kept = Arc::clone(&seen);
        let port = serve(move |path, body| {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let sent = agent
                .post(format!("{relay}{path}"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .send(body);
            let mut answer = sent.unwrap();
            let text = answer.body_mut().read_to_string().unwrap();
            let mut kept = kept.lock().unwrap();
            let given: Value = serde_json::from_str(&text).unwrap_or_default();
            for name in ["access_token", "refresh_token", "id_token"] {
                kept.extend(given[name].as_str().map(str::to_owned));
            }
            let sent = body.split('&').filter_map(|pair| pair.split_once('='));
            kept.extend(
                sent.filter(|(n, _)| ["code", "code_verifier"].contains(n)).map(|(_, v)| v.to_owned()),
            );
            (answer.status().as_u16(), text)
        });
        Self { port, seen }
    }

    /// Access, refresh and identity tokens, codes and their verifiers.
    pub fn secrets(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}
