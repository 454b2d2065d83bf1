//! The card adapter on a SoftHSM2 token: it has every mechanism, so it stands for a CPS4 and proves our side of PSS.
//! (It has no PIN lock and no removal, and says yes to calls every CPS3 refuses: those are tried with the virtual card.)
//! Needs the programs `softhsm2-util` and `pkcs11-tool`.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod faulty;
mod order;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use estafette::card::{CardInfo, ClientKey, Error, Limits, Token};
use estafette::domain::card::PinTries;
use estafette::domain::secret::Secret;
use estafette::net::{self, TlsSettings, client_config, load_anchors};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ProtocolVersion, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, MutexGuard};
use tokio_rustls::TlsAcceptor;

const PIN: &str = "4321";
const LIMIT: Duration = Duration::from_secs(60);

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/net").join(name)
}

fn module() -> PathBuf {
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ]
    .map(PathBuf::from)
    .into_iter()
    .find(|path| path.is_file())
    .expect("SoftHSM2 is not installed")
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().expect(program);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
}

/// One token for the whole program; the tests take turns at it.
async fn softhsm() -> MutexGuard<'static, ()> {
    static TOKEN: OnceLock<tempfile::TempDir> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::const_new(());
    let turn = TURN.lock().await;
    TOKEN.get_or_init(make_token);
    turn
}

fn make_token() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let tokens = dir.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let conf = dir.path().join("softhsm2.conf");
    std::fs::write(&conf, format!("directories.tokendir = {}\n", tokens.display())).unwrap();
    // SAFETY: the only write to the environment, under the lock every test takes first.
    #[allow(unsafe_code)]
    unsafe {
        std::env::set_var("SOFTHSM2_CONF", &conf);
    }
    let der = dir.path().join("client.der");
    let client = CertificateDer::from_pem_file(data("client.pem")).unwrap();
    std::fs::write(&der, client).unwrap();
    let signature = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/card/signature.der");
    let module = module();
    let (module, key) = (module.to_str().unwrap(), data("leaf.key"));
    run("softhsm2-util", &["--init-token", "--free", "--label", "t", "--pin", PIN, "--so-pin", "87654321"]);
    // another pair first: the key must be found by its certificate, not by its place
    let tool = ["--module", module, "--login", "--pin", PIN];
    let certificate = |path: &Path, id: &str| {
        let path = path.to_str().unwrap().to_owned();
        run("pkcs11-tool", &[&tool[..], &["--write-object", &path, "--type", "cert", "--id", id]].concat());
    };
    run("pkcs11-tool", &[&tool[..], &["--keypairgen", "--key-type", "rsa:2048", "--id", "1010"]].concat());
    certificate(&signature, "1010");
    let key = key.to_str().unwrap();
    run("softhsm2-util", &["--import", key, "--token", "t", "--label", "a", "--id", "1020", "--pin", PIN]);
    certificate(&der, "1020");
    dir
}

fn pin(text: &str) -> Option<Secret> {
    Some(Secret::new(text.to_owned()))
}

/// A reader SoftHSM knows nothing of: its one token is taken for the card in it.
const READER: &str = "A reader";

fn start() -> Token {
    Token::start(Limits::default(), |_| {})
}

async fn read(token: &Token, module: PathBuf) -> Result<CardInfo, Error> {
    token.read(vec![module], vec![READER.to_owned()]).await.unwrap().remove(0)
}

async fn unlocked() -> (Token, ClientKey) {
    let token = start();
    read(&token, module()).await.unwrap();
    let key = token.login(READER, pin(PIN)).await.unwrap();
    (token, key)
}

/// What a server that requires a client certificate saw.
struct Served {
    version: ProtocolVersion,
    certificates: usize,
}

fn server_config(
    version: &'static SupportedProtocolVersion,
    provider: rustls::crypto::CryptoProvider,
) -> ServerConfig {
    let provider = Arc::new(provider);
    let mut roots = RootCertStore::empty();
    roots.add(load_anchors(&data("root.pem")).unwrap().remove(0)).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let chain = load_anchors(&data("good.pem")).unwrap();
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(data("leaf.key")).unwrap())
        .unwrap()
}

/// A whole exchange with mutual authentication, the client's side by the program's own code.
async fn exchange(
    key: &ClientKey,
    server: ServerConfig,
    tls13: bool,
) -> (Result<String, net::Error>, Option<Served>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = TlsAcceptor::from(Arc::new(server)).accept(stream).await.ok()?;
        stream.write_all(b"* OK").await.ok()?;
        stream.shutdown().await.ok()?;
        let connection = stream.get_ref().1;
        let certificates = connection.peer_certificates().map_or(0, <[_]>::len);
        Some(Served { version: connection.protocol_version()?, certificates })
    });
    let intermediates = load_anchors(&data("intermediate.pem")).unwrap();
    let settings = TlsSettings {
        anchors: load_anchors(&data("root.pem")).unwrap(),
        client: Some(key.resolver(intermediates)),
        tls13,
        ..TlsSettings::default()
    };
    let client = async {
        let stream = TcpStream::connect(address).await?;
        let config = client_config(&settings)?;
        let mut stream = net::Way::from(config).handshake(stream, "mail.test.example", LIMIT).await?;
        let mut greeting = String::new();
        stream.read_to_string(&mut greeting).await?;
        Ok(greeting)
    };
    (client.await, served.await.unwrap())
}

#[tokio::test]
async fn the_card_is_read_before_any_pin() {
    let _turn = softhsm().await;
    let token = start();
    let modules = vec![PathBuf::from("/nonexistent.so"), module()];
    let info = token.read(modules, vec![]).await.unwrap().remove(0).unwrap();
    assert_eq!(info.module, module());
    assert_eq!(info.holder.national_id, "client");
    assert_eq!(info.certificate, CertificateDer::from_pem_file(data("client.pem")).unwrap().as_ref());
    assert_eq!(info.tries, PinTries::Full);
    assert!(!info.pin_pad);
    // a module that does not name its slots after readers still serves the one card it has
    let info = read(&token, module()).await.unwrap();
    assert_eq!(info.reader, READER);
    token.close().await;
}

#[tokio::test]
async fn a_wrong_pin_is_told_and_the_right_one_still_opens() {
    let _turn = softhsm().await;
    let token = start();
    read(&token, module()).await.unwrap();
    assert_eq!(token.login(READER, pin("123")).await.err(), Some(Error::PinLength));
    assert_eq!(token.login(READER, pin("")).await.err(), Some(Error::PinLength));
    assert_eq!(token.login(READER, None).await.err(), Some(Error::PinNeeded));
    assert!(matches!(token.login(READER, pin("9999")).await.err(), Some(Error::PinWrong { .. })));
    let key = token.login(READER, pin(PIN)).await.unwrap();
    assert!(key.sign(b"text").await.is_ok());
    assert!(matches!(token.login(READER, pin("9999")).await.err(), Some(Error::PinWrong { .. })));
    assert_eq!(key.sign(b"text").await.err(), Some(Error::Closed), "a wrong PIN leaves nothing unlocked");
    token.close().await;
}

#[tokio::test]
async fn signatures_are_of_the_certificate_s_key_and_repeat() {
    let _turn = softhsm().await;
    let (token, key) = unlocked().await;
    let first = key.sign(b"a fixed text").await.unwrap();
    assert_eq!(first, key.sign(b"a fixed text").await.unwrap());
    let der = CertificateDer::from_pem_file(data("client.pem")).unwrap();
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
    let public = &certificate.public_key().subject_public_key.data;
    let public =
        ring::signature::UnparsedPublicKey::new(&ring::signature::RSA_PKCS1_2048_8192_SHA256, public);
    assert!(public.verify(b"a fixed text", &first).is_ok());
    token.close().await;
}

#[tokio::test]
async fn the_key_authenticates_in_tls_1_2_and_1_3() {
    let _turn = softhsm().await;
    let (token, key) = unlocked().await;
    assert!(key.tls13(), "this token signs PSS");
    for (version, tls13) in [(&rustls::version::TLS12, false), (&rustls::version::TLS13, true)] {
        let server = server_config(version, rustls::crypto::ring::default_provider());
        let (client, served) = exchange(&key, server, tls13).await;
        assert_eq!(client.unwrap(), "* OK");
        let served = served.unwrap();
        assert_eq!((served.version, served.certificates), (version.version, 2));
    }
    assert!(!key.refused_scheme());
    token.close().await;
}

#[tokio::test]
async fn a_server_without_a_usable_scheme_is_not_silence() {
    let _turn = softhsm().await;
    let (token, key) = unlocked().await;
    let mut provider = rustls::crypto::ring::default_provider();
    let all = provider.signature_verification_algorithms;
    let elliptic: Vec<_> = all
        .mapping
        .iter()
        .filter(|(scheme, _)| format!("{scheme:?}").starts_with("ECDSA"))
        .copied()
        .collect();
    provider.signature_verification_algorithms =
        rustls::crypto::WebPkiSupportedAlgorithms { all: all.all, mapping: elliptic.leak() };
    let (client, served) = exchange(&key, server_config(&rustls::version::TLS12, provider), false).await;
    assert!(client.is_err() && served.is_none());
    assert!(key.refused_scheme());
    token.close().await;
}

#[tokio::test]
async fn closing_makes_earlier_keys_fail() {
    let _turn = softhsm().await;
    let (token, key) = unlocked().await;
    token.close().await;
    assert_eq!(key.sign(b"text").await.err(), Some(Error::Closed));
    let server = server_config(&rustls::version::TLS12, rustls::crypto::ring::default_provider());
    let (client, _) = exchange(&key, server, false).await;
    let Err(net::Error::CardFailed(cause)) = client else { panic!("the handshake must name the card") };
    assert_eq!(cause.downcast_ref::<Error>(), Some(&Error::Closed));
    assert_eq!(token.login(READER, pin(PIN)).await.err(), Some(Error::Closed));

    // a new login does not bring the old key back
    read(&token, module()).await.unwrap();
    let newer = token.login(READER, pin(PIN)).await.unwrap();
    assert!(newer.sign(b"text").await.is_ok());
    assert_eq!(key.sign(b"text").await.err(), Some(Error::Closed));
    token.close().await;
}
