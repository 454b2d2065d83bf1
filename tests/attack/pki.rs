//! An IGC Santé of the test's own, made by the `openssl` program: its authorities, servers whose certificates say where
//! to ask, and a web server that answers with the real OCSP responder of `openssl`, honest or not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use estafette::net::{Authorities, Proxy, Publication, Revocation, Seen, TlsSettings};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use estafette::domain::network::{NetworkSettings, Testing};

const BASE: &str = "/C=FR/O=ESTAFETTE-TEST/OU=IGC-SANTE TEST";
/// Valid until 2029, as the index of `openssl ca` writes it.
const UNTIL: &str = "291125000000Z";

pub(crate) struct Pki {
    pub(crate) dir: PathBuf,
    pub(crate) web: u16,
    _kept: tempfile::TempDir,
}

fn run(dir: &Path, program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn openssl(dir: &Path, line: &str) {
    run(dir, "openssl", &line.split(' ').collect::<Vec<_>>());
}

/// One for the test program: keys take time.
pub(crate) fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(Pki::make)
}

impl Pki {
    fn make() -> Self {
        let kept = tempfile::tempdir().unwrap();
        let dir = kept.path().to_path_buf();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let web = listener.local_addr().unwrap().port();
        let pki = Self { dir, web, _kept: kept };
        pki.authorities();
        pki.responders();
        let dir = pki.dir.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let dir = dir.clone();
                std::thread::spawn(move || drop(answer(stream, &dir)));
            }
        });
        pki
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.join(name), text).unwrap();
    }

    fn key(&self, name: &str) {
        openssl(&self.dir, &format!("genrsa -out {name}.key 2048"));
    }

    fn issue(&self, name: &str, subject: &str, issuer: &str, extensions: &str, more: &[&str]) {
        // openssl keeps the next serial number in a file, which two at a time would spoil
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        self.write(&format!("{name}.ext"), extensions);
        let key = if self.dir.join(format!("{name}.key")).exists() { name } else { "leaf" };
        run(
            &self.dir,
            "openssl",
            &["req", "-new", "-key", &format!("{key}.key"), "-out", &format!("{name}.csr"), "-subj", subject],
        );
        let line = format!(
            "x509 -req -in {name}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -out {name}.pem -extfile {name}.ext"
        );
        let mut arguments: Vec<&str> = line.split(' ').collect();
        arguments.extend(if more.is_empty() { &["-days", "30"][..] } else { more });
        run(&self.dir, "openssl", &arguments);
    }

    fn authorities(&self) {
        let ca = "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n";
        for name in ["root", "org", "pp", "twin", "foreign", "leaf", "weak", "delegate"] {
            self.key(name);
        }
        for (name, subject) in [
            ("root", format!("{BASE}/CN=TEST AC RACINE IGC-SANTE ELEMENTAIRE")),
            ("foreign", "/C=FR/O=AUTRE/CN=AC IGC-SANTE ELEMENTAIRE ORGANISATIONS".to_owned()),
            // the name of the issuer with another key
            ("twin", format!("{BASE}/CN=TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS")),
        ] {
            let key = format!("{name}.key");
            let out = format!("{name}.pem");
            let line = [
                "req",
                "-x509",
                "-new",
                "-key",
                &key,
                "-out",
                &out,
                "-days",
                "30",
                "-subj",
                &subject,
                "-addext",
                "keyUsage=critical,keyCertSign,cRLSign",
            ];
            run(&self.dir, "openssl", &line);
        }
        let list = format!("crlDistributionPoints=URI:http://127.0.0.1:{}/file/root.crl\n", self.web);
        self.issue(
            "org",
            &format!("{BASE}/CN=TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS"),
            "root",
            &format!("{ca}{list}"),
            &[],
        );
        self.issue(
            "pp",
            &format!("{BASE}/CN=TEST AC IGC-SANTE ELEMENTAIRE PERSONNES"),
            "root",
            &format!("{ca}{list}"),
            &[],
        );
        openssl(
            &self.dir,
            "crl2pkcs7 -nocrl -certfile root.pem -certfile org.pem -certfile pp.pem -certfile foreign.pem -outform DER -out bundle.p7b",
        );
        openssl(&self.dir, "crl2pkcs7 -nocrl -certfile root.pem -certfile org.pem -out bundle.pem.p7b");
        openssl(
            &self.dir,
            "crl2pkcs7 -nocrl -certfile foreign.pem -certfile twin.pem -outform DER -out foreign.p7b",
        );
    }

    fn responders(&self) {
        self.issue("delegate", "/CN=Repondeur", "org", "extendedKeyUsage=critical,OCSPSigning\n", &[]);
        self.issue("weak", "/CN=Serveur quelconque", "org", "extendedKeyUsage=serverAuth\n", &[]);
        self.list("root", "root", "root.crl", "", "");
    }

    /// Writes a list of `name`'s, signed by the key and under the name of `signer`; `serial` is revoked in it.
    fn list(&self, name: &str, signer: &str, out: &str, serial: &str, more: &str) {
        let id = out.replace('.', "-");
        let index = if serial.is_empty() {
            String::new()
        } else {
            format!("R\t{UNTIL}\t261101000000Z\t{serial}\tunknown\t/CN=x\n")
        };
        self.write(&format!("{id}.index"), &index);
        self.write(&format!("{id}.number"), "01\n");
        self.write(
            &format!("{id}.cnf"),
            &format!("[ca]\ndatabase={id}.index\ncrlnumber={id}.number\ncertificate={signer}.pem\nprivate_key={signer}.key\ndefault_md=sha256\ndefault_crl_days=30\n"),
        );
        let line = format!("ca -config {id}.cnf -name ca -gencrl -out {id}.pem{more}");
        openssl(&self.dir, &line);
        openssl(&self.dir, &format!("crl -in {id}.pem -outform DER -out {out}"));
        let _ = name;
    }

    fn serial(&self, name: &str) -> String {
        let output = Command::new("openssl")
            .args(["x509", "-noout", "-serial", "-in", &format!("{name}.pem")])
            .current_dir(&self.dir)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().trim_start_matches("serial=").to_owned()
    }

    /// A server certificate for `localhost` that says where to ask: the paths of a responder and of a list, empty for
    /// none, `dead` for where nobody listens.
    pub(crate) fn server(&self, name: &str, issuer: &str, ocsp: &str, list: &str, more: &[&str]) {
        self.server_for(name, issuer, "localhost", ocsp, list, more);
    }

    pub(crate) fn server_for(
        &self,
        name: &str,
        issuer: &str,
        host: &str,
        ocsp: &str,
        list: &str,
        more: &[&str],
    ) {
        let mut extensions = format!(
            "subjectAltName=DNS:{host}\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n"
        );
        let address = |path: &str| match path {
            "dead" => "http://127.0.0.1:9/".to_owned(),
            path => format!("http://127.0.0.1:{}{path}", self.web),
        };
        if !ocsp.is_empty() {
            extensions += &format!("authorityInfoAccess=OCSP;URI:{}\n", address(ocsp));
        }
        if !list.is_empty() {
            extensions += &format!("crlDistributionPoints=URI:{}\n", address(list));
        }
        self.issue(name, &format!("/C=FR/O=OPERATEUR DE TEST/CN={name}"), issuer, &extensions, more);
        let serial = self.serial(name);
        // what the responder knows, and the lists
        self.write(&format!("{name}.good.index"), &format!("V\t{UNTIL}\t\t{serial}\tunknown\t/CN=x\n"));
        self.write(
            &format!("{name}.revoked.index"),
            &format!("R\t{UNTIL}\t261101000000Z\t{serial}\tunknown\t/CN=x\n"),
        );
        if issuer == "org" {
            self.list("org", "org", &format!("{name}.good.crl"), "", "");
            self.list("org", "org", &format!("{name}.revoked.crl"), &serial, "");
            self.list("org", "twin", &format!("{name}.twin.crl"), "", "");
            self.list(
                "org",
                "org",
                &format!("{name}.expired.crl"),
                "",
                " -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z",
            );
        }
    }

    /// The responder has answered about this server.
    pub(crate) fn has_answered(&self, name: &str) -> bool {
        self.dir.join(format!("{name}.answered")).exists()
    }

    /// TLS with that certificate and its issuer.
    pub(crate) fn config(&self, name: &str, issuer: &str) -> Arc<ServerConfig> {
        let certificate =
            |name: &str| CertificateDer::from_pem_file(self.dir.join(format!("{name}.pem"))).unwrap();
        let chain = vec![certificate(name), certificate(issuer)];
        let key = PrivateKeyDer::from_pem_file(self.dir.join("leaf.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
    }

    /// The settings of a profile that pins the root of this IGC.
    pub(crate) fn settings(&self, bundle: &str) -> NetworkSettings {
        let output = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256", "-in", "root.pem"])
            .current_dir(&self.dir)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let pin = text.trim().split_once('=').unwrap().1.to_owned();
        let bundle = Some(format!("http://127.0.0.1:{}/file/{bundle}", self.web));
        NetworkSettings {
            testing: Some(Testing { bundle, pins: vec![pin], ..Testing::default() }),
            ..NetworkSettings::default()
        }
    }

    /// The authorities as a client has them after its first download.
    pub(crate) async fn authorities_of(&self, folder: &Path) -> Authorities {
        let now = jiff::Timestamp::now().as_second();
        Publication::of(&self.settings("bundle.p7b")).fetch(folder, None, now).await.unwrap()
    }

    /// What a client of MSSanté checks by, its cache in `folder`.
    pub(crate) async fn tls(&self, folder: &Path, proxy: Option<Proxy>) -> (TlsSettings, Seen) {
        let seen = Seen::default();
        let settings = TlsSettings {
            igc: self.authorities_of(folder).await,
            revocation: Some(Revocation::new(
                folder.join("revocation"),
                proxy,
                tokio::runtime::Handle::current(),
            )),
            seen: seen.clone(),
            tls13: true,
            ..TlsSettings::default()
        };
        (settings, seen)
    }
}

/// `/file/NAME` is that file; `/ocsp/HOW/NAME` is the responder's answer about the server NAME; `/huge` never ends.
fn answer(mut stream: TcpStream, dir: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let target = request.split(' ').nth(1).unwrap_or_default();
    // through a proxy the whole address comes
    let path = target
        .strip_prefix("http://")
        .map_or(target, |rest| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"));
    let content = match path.split('/').collect::<Vec<_>>()[..] {
        ["", "file", name] => std::fs::read(dir.join(name)).ok(),
        ["", "ocsp", how, name] => Some(respond(dir, how, name, &body)),
        ["", "huge"] => {
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            let block = vec![0x30; 1 << 20];
            for _ in 0..100 {
                stream.write_all(&block)?;
            }
            return Ok(());
        }
        ["", "announced"] => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")?;
            return Ok(());
        }
        _ => None,
    };
    match content {
        Some(content) => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                content.len()
            )?;
            stream.write_all(&content)
        }
        None => write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    }
}

/// The answer of `openssl ocsp` to a request.
fn respond(dir: &Path, how: &str, name: &str, request: &[u8]) -> Vec<u8> {
    let scratch = tempfile::tempdir_in(dir).unwrap();
    let place = |file: &str| scratch.path().join(file).to_str().unwrap().to_owned();
    std::fs::write(place("request"), request).unwrap();
    let state = if how == "revoked" { "revoked" } else { "good" };
    let signer = match how {
        "own" | "unsigned" => "org",
        "stranger" => "foreign",
        "weak" => "weak",
        _ => "delegate",
    };
    let index = format!("{name}.{state}.index");
    let (certificate, key) = (format!("{signer}.pem"), format!("{signer}.key"));
    let (question, reply) = (place("request"), place("reply"));
    let ca = if how == "sibling" { "pp.pem" } else { "org.pem" };
    let mut question_of = vec!["ocsp", "-index", &index, "-rsigner", &certificate, "-rkey", &key, "-CA", ca];
    let serial;
    if how == "sibling" {
        // the same number of another authority, signed by somebody who may speak for ours
        let text = std::fs::read_to_string(dir.join(&index)).unwrap();
        serial = format!("0x{}", text.split('\t').nth(3).unwrap());
        let other = place("other");
        run(
            dir,
            "openssl",
            &["ocsp", "-issuer", "pp.pem", "-serial", &serial, "-no_nonce", "-reqout", &other],
        );
        std::fs::copy(&other, &question).unwrap();
    }
    question_of.extend(["-reqin", &question, "-respout", &reply, "-ndays", "2"]);
    if how == "expired" {
        let mut at = vec!["2020-01-01", "openssl"];
        at.extend(&question_of);
        run(dir, "faketime", &at);
    } else {
        run(dir, "openssl", &question_of);
    }
    let mut bytes = std::fs::read(reply).unwrap();
    std::fs::write(dir.join(format!("{name}.answered")), "").unwrap();
    if how == "unsigned" {
        // somewhere in the signature, which the certificate that follows it does not cover
        let at = bytes
            .windows(4)
            .rposition(|w| w == [0x03, 0x82, 0x01, 0x01])
            .map_or(bytes.len() - 300, |p| p + 40);
        // the first of the two such values is the answer's own signature
        let first = bytes.windows(4).position(|w| w == [0x03, 0x82, 0x01, 0x01]).map_or(at, |p| p + 40);
        bytes[first] ^= 0xff;
    }
    bytes
}
