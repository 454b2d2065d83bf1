//! A real directory server, OpenLDAP's slapd, with a small directory of mailboxes, on free loopback ports.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::authority::authority;

/// Who may read the directory, where not everybody may.
pub(crate) const READER: &str = "cn=lecteur,dc=mssante,dc=fr";
pub(crate) const PASSWORD: &str = "secret du lecteur";

pub(crate) struct Slapd {
    process: Child,
    /// `ldaps://127.0.0.1:PORT`.
    pub(crate) tls: String,
    /// `ldap://127.0.0.1:PORT`.
    pub(crate) start_tls: String,
    dir: tempfile::TempDir,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Where `packaging/dev` unpacked it.
fn unpacked() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/aside/ldap");
    assert!(root.join("complete").exists(), "{} is missing: packaging/dev install", root.display());
    root
}

fn slapd() -> Command {
    let root = unpacked();
    let machine = format!("{}-linux-gnu", std::env::consts::ARCH);
    let libraries = [root.join("usr/lib"), root.join("usr/lib").join(machine)];
    let mut command = Command::new(root.join("usr/sbin/slapd"));
    command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap());
    command
}

impl Slapd {
    /// Starts one that everybody may ask, with these lines more in its settings, and `mend` on its entries.
    pub(crate) fn start(settings: &str, mend: impl Fn(String) -> String) -> Self {
        let (root, dir) = (unpacked(), tempfile::tempdir().unwrap());
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ldap");
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("db")).unwrap();
        let schema = |name: &str| root.join("etc/ldap/schema").join(name);
        let authority = authority();
        let text = format!(
            "include {}\ninclude {}\ninclude {}\nmodulepath {}\nmoduleload back_mdb\n\
             TLSCACertificateFile {}\nTLSCertificateFile {}\nTLSCertificateKeyFile {}\n{settings}\n\
             database mdb\nsuffix dc=mssante,dc=fr\ndirectory {}\nmaxsize 10485760\n\
             access to attrs=userPassword by anonymous auth\naccess to * by * read\n",
            schema("core.schema").display(),
            schema("cosine.schema").display(),
            data.join("mssante.schema").display(),
            root.join("usr/lib/ldap").display(),
            authority.ca.display(),
            authority.certificate.display(),
            authority.key.display(),
            at("db").display(),
        );
        std::fs::write(at("slapd.conf"), text).unwrap();
        let reader = format!(
            "\ndn: {READER}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: lecteur\n\
             userPassword: {PASSWORD}\n"
        );
        let entries = std::fs::read_to_string(data.join("entries.ldif")).unwrap() + &reader;
        std::fs::write(at("entries.ldif"), mend(entries)).unwrap();
        let added = slapd()
            .args(["-T", "add", "-f"])
            .arg(at("slapd.conf"))
            .arg("-l")
            .arg(at("entries.ldif"))
            .output();
        let added = added.unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let (plain, tls) = (free_port(), free_port());
        let (start_tls, tls) = (format!("ldap://127.0.0.1:{plain}"), format!("ldaps://127.0.0.1:{tls}"));
        let log = std::fs::File::create(at("log")).unwrap();
        // a level of debugging keeps it in the foreground; 256 logs every operation
        let process = slapd()
            .args(["-d", "256", "-f"])
            .arg(at("slapd.conf"))
            .arg("-h")
            .arg(format!("{start_tls}/ {tls}/"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let slapd = Self { process, tls, start_tls, dir };
        let is_up = || std::net::TcpStream::connect(("127.0.0.1", plain)).is_ok();
        assert!(
            (0..600).any(|_| is_up() || {
                std::thread::sleep(Duration::from_millis(50));
                false
            }),
            "{}",
            slapd.log()
        );
        slapd
    }

    /// Its log holds this, or does within seconds: it is written after the answer.
    pub(crate) fn logs(&self, what: &str) -> bool {
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while !self.log().contains(what) {
            if std::time::Instant::now() > until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// Makes it answer nothing more.
    pub(crate) fn stall(&self) {
        self.signal("-STOP");
    }

    fn signal(&self, signal: &str) {
        Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.signal("-KILL");
        let _ = self.process.wait();
    }
}
