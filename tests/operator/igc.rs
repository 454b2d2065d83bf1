//! A test IGC Santé made with the `openssl` program: two ranges (servers, cards), revocation lists, and a stranger.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::persona::{CARDS, Card, CardState, ORGANISATION};

/// Raised whenever what is generated changes, so that an older cache is not taken.
const VERSION: u32 = 6;
/// Revocation lists are valid for 30 days; the cache is renewed well before.
const CACHE_AGE: Duration = Duration::from_secs(7 * 86_400);

const BASE: &str = "/C=FR/O=ESTAFETTE-TEST/OU=0002 000000000/OU=IGC-SANTE TEST";

/// The folder with everything, one file name for each thing.
pub struct Igc {
    dir: PathBuf,
}

/// Certificates of the servers; all but the first must be refused by a client.
pub const SERVERS: &[(&str, Issuer)] = &[
    ("server", Issuer::Organisations),
    ("server-foreign", Issuer::Foreign),
    ("server-expired", Issuer::Organisations),
    ("server-wrong-host", Issuer::Organisations),
    ("server-revoked", Issuer::Organisations),
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Issuer {
    Organisations,
    Foreign,
}

impl Igc {
    /// Takes the cached IGC, made first where there is none, and copies it to `dir`.
    pub fn install(cache: &Path, dir: &Path) -> Result<Self> {
        fs::create_dir_all(cache)?;
        let lock = fs::File::create(cache.join(format!("igc-v{VERSION}.lock")))?;
        lock.lock()?;
        let cached = cache.join(format!("igc-v{VERSION}"));
        let age = fs::metadata(cached.join("complete")).and_then(|m| m.modified());
        let fresh = age.is_ok_and(|t| SystemTime::now().duration_since(t).unwrap_or_default() < CACHE_AGE);
        if !fresh {
            let _ = fs::remove_dir_all(&cached);
            fs::create_dir_all(&cached)?;
            generate(&cached)?;
            fs::write(cached.join("complete"), "")?;
        }
        fs::create_dir_all(dir)?;
        for entry in fs::read_dir(&cached)? {
            let path = entry?.path();
            if path.is_file() {
                fs::copy(&path, dir.join(path.file_name().context("no name")?))?;
            }
        }
        Ok(Self { dir: dir.to_owned() })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Issues the certificates of this instance's servers anew, with the addresses of its own responder and lists in
    /// them, and publishes what they lead to.
    pub fn publish(&self, public: &Path, http: u16) -> Result<()> {
        let dir = &self.dir;
        let list = |name: &str| format!("crlDistributionPoints=URI:http://127.0.0.1:{http}/{name}.crl\n");
        let asks = format!("authorityInfoAccess=OCSP;URI:http://127.0.0.1:{http}/ocsp\n");
        let online = config()
            .replace("[intermediate]\n", &format!("[intermediate]\n{}", list("root-el")))
            .replace("[server]\n", &format!("[server]\n{asks}{}", list("el-org")));
        fs::write(dir.join("openssl.cnf"), online)?;
        let name = format!("{BASE}/CN=TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS");
        issue(dir, "el-org", &name, "root-el", "intermediate", 3650)?;
        server(dir, "server", Issuer::Organisations)?;
        let serial = serial(dir, "server")?;
        let mut index = fs::OpenOptions::new().append(true).open(dir.join("el-org.index"))?;
        std::io::Write::write_all(
            &mut index,
            format!("V\t291231000000Z\t\t{serial}\tunknown\t/CN=localhost\n").as_bytes(),
        )?;
        for ca in ["root-el", "el-org"] {
            let to = public.join(format!("{ca}.crl"));
            openssl(dir, &format!("crl -in {ca}.crl -outform DER -out {}", to.display()), "")?;
        }
        self.publish_persons(public, http)?;
        let bundle = public.join("igc.p7b");
        let parts = "-certfile root-el.pem -certfile el-org.pem -certfile root-fo.pem -certfile fo-pp.pem";
        openssl(dir, &format!("crl2pkcs7 -nocrl {parts} -outform DER -out {}", bundle.display()), "")
    }

    /// Issues the revoked card's certificate anew, with the address of the list that revokes it.
    fn publish_persons(&self, public: &Path, http: u16) -> Result<()> {
        let dir = &self.dir;
        let list = format!("crlDistributionPoints=URI:http://127.0.0.1:{http}/fo-pp.crl\n");
        for card in CARDS.iter().filter(|c| c.state == CardState::Revoked) {
            let name = format!("card-{}-auth", card.name);
            let section = person_section(card, "auth", "80") + &list;
            fs::write(dir.join("openssl.cnf"), config() + &section)?;
            issue(dir, &name, &person_subject(card), "fo-pp", "auth", 1095)?;
            openssl(dir, &format!("x509 -in {name}.pem -outform DER -out {name}.cert.der"), "")?;
            revoke(dir, "fo-pp", &name)?;
        }
        crl(dir, "fo-pp")?;
        let to = public.join("fo-pp.crl");
        openssl(dir, &format!("crl -in fo-pp.crl -outform DER -out {}", to.display()), "")?;
        cards_anchors(dir)
    }

    /// SHA-256 of the root of servers, in hexadecimal.
    pub fn server_pin(&self) -> Result<String> {
        let line = said(&self.dir, "x509 -noout -fingerprint -sha256 -in root-el.pem")?;
        let (_, digest) = line.split_once('=').context("no fingerprint")?;
        Ok(digest.replace(':', "").to_lowercase())
    }

    /// Anchors a client trusts for servers.
    pub fn server_anchors(&self) -> PathBuf {
        self.path("ca.pem")
    }

    /// Revocation lists of the servers' range.
    /// The authorities of the cards, and their lists, in one file as Dovecot takes it.
    pub fn cards_anchors(&self) -> PathBuf {
        self.path("cards-ca.pem")
    }

    /// The list of revoked cards.
    pub fn cards_crl(&self) -> PathBuf {
        self.path("fo-pp.crl")
    }

    pub fn server_crl(&self) -> PathBuf {
        self.path("crl.pem")
    }

    /// A software certificate with its key, by the name of its kind: see [`ORGANISATIONS`].
    pub fn organisation(&self, kind: &str, extension: &str) -> PathBuf {
        self.path(&format!("org-{kind}.{extension}"))
    }

    /// Anchors, intermediates and revocation lists a server trusts for cards and for organisations.
    pub fn card_anchors(&self) -> PathBuf {
        self.path("cards-ca.pem")
    }
}

fn generate(dir: &Path) -> Result<()> {
    fs::write(dir.join("openssl.cnf"), config())?;
    let root = |id: &str, name: &str| authority(dir, id, &format!("{BASE}/CN={name}"), None);
    root("root-el", "TEST AC RACINE IGC-SANTE ELEMENTAIRE")?;
    root("root-fo", "TEST AC RACINE IGC-SANTE FORT")?;
    authority(dir, "foreign", "/C=FR/O=AUTRE AUTORITE/CN=AUTRE RACINE", None)?;
    let sub = |id: &str, root: &str, name: &str| authority(dir, id, &format!("{BASE}/CN={name}"), Some(root));
    sub("el-org", "root-el", "TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS")?;
    sub("fo-pp", "root-fo", "TEST AC IGC-SANTE FORT PERSONNES")?;
    for (name, issuer) in SERVERS {
        server(dir, name, *issuer)?;
    }
    for card in CARDS {
        person(dir, card)?;
    }
    for (kind, days, section) in ORGANISATIONS {
        organisation(dir, kind, *days, section)?;
    }
    revoke(dir, "el-org", "server-revoked")?;
    for card in CARDS.iter().filter(|c| c.state == CardState::Revoked) {
        revoke(dir, "fo-pp", &format!("card-{}-auth", card.name))?;
    }
    for ca in ["root-el", "root-fo", "el-org", "fo-pp"] {
        crl(dir, ca)?;
    }
    join(dir, &["root-el.pem"], "ca.pem")?;
    join(dir, &["root-el.crl", "el-org.crl"], "crl.pem")?;
    cards_anchors(dir)
}

fn cards_anchors(dir: &Path) -> Result<()> {
    let persons = ["root-fo.pem", "fo-pp.pem", "root-fo.crl", "fo-pp.crl"];
    let organisations = ["root-el.pem", "el-org.pem", "root-el.crl", "el-org.crl"];
    join(dir, &[persons, organisations].concat(), "cards-ca.pem")
}

/// Certificates of an organisation for clients (ORG AUTH_CLI): kind, days from now, and section of the configuration.
pub const ORGANISATIONS: &[(&str, i32, &str)] =
    &[("good", 1095, "client"), ("soon", 20, "client"), ("expired", -1, "client"), ("seal", 1095, "seal")];

/// What protects the key in the files.
pub const ORGANISATION_PASSWORD: &str = "mot de passe d'essai é";

/// A certificate in every form authorities hand them out: PKCS#12 new and old, PEM with the key open and encrypted.
fn organisation(dir: &Path, kind: &str, days: i32, section: &str) -> Result<()> {
    let name = format!("org-{kind}");
    key(dir, &name)?;
    let subject = format!("/C=FR/ST=Isère (38)/O=CENTRE HOSPITALIER DE VIENNE/CN={ORGANISATION}");
    issue(dir, &name, &subject, "el-org", section, days)?;
    join(dir, &[&format!("{name}.pem"), "el-org.pem"], &format!("{name}.chain.pem"))?;
    fs::write(dir.join("org.password"), ORGANISATION_PASSWORD)?;
    let pass = "-passout file:org.password";
    let export = |to: &str, options: &str| {
        let line =
            format!("pkcs12 -export -inkey {name}.key -in {name}.chain.pem -out {to} {pass} {options}");
        openssl(dir, &line, "")
    };
    export(&format!("{name}.p12"), "")?;
    export(
        &format!("{name}.old.p12"),
        "-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-3DES -macalg sha1",
    )?;
    openssl(dir, &format!("pkcs8 -topk8 -nocrypt -in {name}.key -out {name}.open.key"), "")?;
    openssl(dir, &format!("pkcs8 -topk8 -v2 aes256 -in {name}.key -out {name}.closed.key {pass}"), "")?;
    join(dir, &[&format!("{name}.chain.pem"), &format!("{name}.open.key")], &format!("{name}.open.pem"))?;
    join(dir, &[&format!("{name}.chain.pem"), &format!("{name}.closed.key")], &format!("{name}.closed.pem"))
}

fn authority(dir: &Path, id: &str, subject: &str, issuer: Option<&str>) -> Result<()> {
    fs::write(dir.join(format!("{id}.index")), "")?;
    fs::write(dir.join(format!("{id}.crlnumber")), "01\n")?;
    key(dir, id)?;
    match issuer {
        None => openssl(
            dir,
            &format!("req -new -x509 -extensions root -days 3650 -key {id}.key -out {id}.pem"),
            subject,
        ),
        Some(issuer) => issue(dir, id, subject, issuer, "intermediate", 3650),
    }
}

fn server(dir: &Path, name: &str, issuer: Issuer) -> Result<()> {
    let issuer = match issuer {
        Issuer::Organisations => "el-org",
        Issuer::Foreign => "foreign",
    };
    let (host, section) = match name {
        "server-wrong-host" => ("ailleurs.mssante.example", "wrong_host"),
        _ => ("localhost", "server"),
    };
    let days = if name == "server-expired" { -1 } else { 1095 };
    key(dir, name)?;
    issue(dir, name, &format!("/C=FR/ST=Isère (38)/O=OPERATEUR DE TEST/CN={host}"), issuer, section, days)?;
    join(dir, &[&format!("{name}.pem"), &format!("{issuer}.pem")], &format!("{name}.chain.pem"))
}

/// Three RDNs, the last one multi-valued.
fn person_subject(card: &Card) -> String {
    format!("/C=FR/title={}/SN={}+GN={}+CN={}", card.title, card.family, card.given, card.national_id())
}

/// The two certificates of a CPS.
fn person(dir: &Path, card: &Card) -> Result<()> {
    let subject = person_subject(card);
    let days = if card.state == CardState::Expired { -1 } else { 1095 };
    for (kind, purpose) in [("auth", "80"), ("sign", "40")] {
        let name = format!("card-{}-{kind}", card.name);
        key(dir, &name)?;
        let section = person_section(card, kind, purpose);
        fs::write(dir.join("openssl.cnf"), config() + &section)?;
        issue(dir, &name, &subject, "fo-pp", kind, days)?;
        openssl(dir, &format!("pkcs8 -topk8 -nocrypt -in {name}.key -outform DER -out {name}.key.der"), "")?;
        openssl(dir, &format!("x509 -in {name}.pem -outform DER -out {name}.cert.der"), "")?;
    }
    Ok(())
}

fn key(dir: &Path, id: &str) -> Result<()> {
    openssl(dir, &format!("genrsa -out {id}.key 2048"), "")
}

fn issue(dir: &Path, id: &str, subject: &str, issuer: &str, section: &str, days: i32) -> Result<()> {
    openssl(dir, &format!("req -new -key {id}.key -out {id}.csr"), subject)?;
    openssl(
        dir,
        &format!(
            "x509 -req -sha256 -in {id}.csr -CA {issuer}.pem -CAkey {issuer}.key -CAcreateserial -days {days} \
             -extfile openssl.cnf -extensions {section} -out {id}.pem"
        ),
        "",
    )
}

fn revoke(dir: &Path, ca: &str, name: &str) -> Result<()> {
    openssl(dir, &format!("ca -name {ca} -revoke {name}.pem"), "")
}

fn crl(dir: &Path, ca: &str) -> Result<()> {
    openssl(dir, &format!("ca -name {ca} -gencrl -out {ca}.crl"), "")
}

fn join(dir: &Path, parts: &[&str], to: &str) -> Result<()> {
    let mut all = String::new();
    for part in parts {
        all += &fs::read_to_string(dir.join(part))?;
    }
    Ok(fs::write(dir.join(to), all)?)
}

/// Runs one `openssl` command in `dir`; `subject` is added where it is not empty.
fn openssl(dir: &Path, line: &str, subject: &str) -> Result<()> {
    let verb = line.split(' ').next().unwrap_or_default();
    let mut command = Command::new("openssl");
    command.args(line.split_whitespace()).current_dir(dir).stdin(Stdio::null());
    if matches!(verb, "req" | "ca") {
        command.args(["-config", "openssl.cnf"]);
    }
    if !subject.is_empty() {
        command.args(["-utf8", "-subj", subject]);
    }
    let output = command.output().context("the openssl program is missing")?;
    if !output.status.success() {
        bail!("openssl {line}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn serial(dir: &Path, name: &str) -> Result<String> {
    let line = said(dir, &format!("x509 -noout -serial -in {name}.pem"))?;
    Ok(line.trim_start_matches("serial=").to_owned())
}

/// What one `openssl` command prints.
fn said(dir: &Path, line: &str) -> Result<String> {
    let output = Command::new("openssl").args(line.split_whitespace()).current_dir(dir).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The extensions of one card certificate; the private OIDs are those of the ANS test card in Keycloak's test data.
fn person_section(card: &Card, kind: &str, purpose: &str) -> String {
    let usage = match kind {
        "auth" => format!(
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth,msSmartcardLogin\n\
             subjectAltName=otherName:msUPN;UTF8:8.{}@carte-cps.example\n",
            card.rpps
        ),
        _ => "keyUsage=critical,nonRepudiation\n".to_owned(),
    };
    format!(
        "[{kind}]\nbasicConstraints=CA:FALSE\n{usage}subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n\
         1.2.250.1.71.1.2.2=ASN1:INTEGER:0\n\
         1.2.250.1.71.1.2.3=ASN1:PRINTABLESTRING:8025000001/{serial}\n\
         1.2.250.1.71.1.2.5=DER:04:01:{purpose}\n\
         1.2.250.1.71.1.2.7=ASN1:INTEGER:{profession}\n",
        serial = card.serial,
        profession = card.profession,
    )
}

fn config() -> String {
    let leaf = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n\
                extendedKeyUsage=serverAuth\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
    let client = "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n\
                  subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
    let authority = "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
    let mut text = format!(
        "[req]\ndistinguished_name=dn\n[dn]\n\
         [root]\nbasicConstraints=critical,CA:TRUE\n{authority}\
         [intermediate]\nbasicConstraints=critical,CA:TRUE,pathlen:0\n{authority}authorityKeyIdentifier=keyid\n\
         [server]\n{leaf}subjectAltName=DNS:localhost,IP:127.0.0.1\n\
         [wrong_host]\n{leaf}subjectAltName=DNS:ailleurs.mssante.example\n\
         [client]\n{client}extendedKeyUsage=clientAuth\n\
         [seal]\n{client}extendedKeyUsage=emailProtection\n\
         [list]\nauthorityKeyIdentifier=keyid\n"
    );
    for ca in ["root-el", "root-fo", "el-org", "fo-pp"] {
        text += &format!(
            "[{ca}]\ndatabase={ca}.index\ncrlnumber={ca}.crlnumber\ncertificate={ca}.pem\nprivate_key={ca}.key\n\
             default_md=sha256\ndefault_crl_days=30\ncrl_extensions=list\n"
        );
    }
    text
}

/// The answer of `openssl ocsp` for the authority of servers in `dir` to a request, signed by itself. Run once a request:
/// as a server of its own it listens on every address of the machine.
pub fn respond(dir: &Path, request: &[u8]) -> Result<Vec<u8>> {
    let scratch = tempfile::tempdir()?;
    let (question, reply) = (scratch.path().join("question"), scratch.path().join("reply"));
    fs::write(&question, request)?;
    let (from, to) = (question.display(), reply.display());
    openssl(
        dir,
        &format!(
            "ocsp -index el-org.index -CA el-org.pem -rsigner el-org.pem -rkey el-org.key -ndays 1 -reqin {from} \
             -respout {to}"
        ),
        "",
    )?;
    Ok(fs::read(reply)?)
}
