//! A certification authority made on the spot, with one server certificate for 127.0.0.1.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use estafette::net::{TlsSettings, client_config, load_anchors};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ServerConfig};

pub(crate) struct Authority {
    _dir: tempfile::TempDir,
    pub(crate) ca: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(dir)
        .output()
        .expect("these tests need the openssl program");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_path_buf();
        std::fs::write(path.join("ext"), "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n").unwrap();
        openssl(&path, "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=Test-CA -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign");
        openssl(&path, "req -newkey rsa:2048 -nodes -keyout key.pem -out server.csr -subj /CN=127.0.0.1");
        openssl(&path, "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile ext");
        Authority {
            ca: path.join("ca.pem"),
            certificate: path.join("server.pem"),
            key: path.join("key.pem"),
            _dir: dir,
        }
    })
}

pub(crate) fn client() -> Arc<ClientConfig> {
    let anchors = load_anchors(&authority().ca).unwrap();
    client_config(&TlsSettings { anchors, tls13: true, ..TlsSettings::default() }).unwrap()
}

pub(crate) fn server() -> Arc<ServerConfig> {
    let chain: Vec<_> =
        CertificateDer::pem_file_iter(&authority().certificate).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&authority().key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}
