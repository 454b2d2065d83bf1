//! One running operator: everything it started, in the order in which it has to end.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::card::reader::{NAME, Reader, Wish};
use crate::dovecot::{self, Layout};
use crate::igc::{Igc, ORGANISATION_PASSWORD, ORGANISATIONS};
use crate::persona::{Login, MAILBOXES, PIN, local_domains};
use crate::ports::Ports;
use crate::process::{Child, Owner, require_root};
use crate::{annuaire, courier, cyrus, decoy, forward, http, openid, postfix, seed, white_list};

/// How long the servers may take to answer their first connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// Added each way by the slow IMAP service.
const DELAY: Duration = Duration::from_millis(20);

/// Ports that clients connect to.
struct Front {
    imap: u16,
    imaps: u16,
    smtp: u16,
    /// Postfix without Dovecot's service before it.
    submission: u16,
}

/// What the caller asked for.
pub struct Options {
    pub dir: PathBuf,
    /// Messages in each seeded mailbox.
    pub messages: usize,
    pub server: dovecot::Variant,
    pub reader: Wish,
    /// Two readers.
    pub second_reader: bool,
    /// With Cyrus and Courier beside Dovecot.
    pub others: bool,
    /// With a stand-in for Pro Santé Connect.
    pub openid: Option<openid::Lifetimes>,
}

/// The running programs; dropping it stops them.
pub struct Instance {
    /// The JSON line that describes this instance.
    pub info: Value,
    reader: Option<Reader>,
    _cyrus: Option<Child>,
    _postfix: Child,
    _dovecot: Child,
    _openid: Option<openid::Provider>,
}

impl Instance {
    /// Makes the folder anew and starts everything in it.
    pub fn start(options: &Options) -> Result<Self> {
        require_root()?;
        let dir = &options.dir;
        prepare(dir)?;
        let cache = cache();
        let igc = Igc::install(&cache, &dir.join("igc"))?;
        let ports = Ports::choose()?;
        let owner = Owner::mail()?;
        let now = jiff::Timestamp::now();

        let public = dir.join("public");
        fs::create_dir_all(&public)?;
        let mut domains = annuaire::domains();
        domains.extend([postfix::BOUNCING_DOMAIN, postfix::DEFERRED_DOMAIN].map(str::to_owned));
        domains.extend(white_list::CORRESPONDENTS.iter().map(|d| (*d).to_owned()));
        // Postfix takes a table with a line twice for a broken one
        domains.sort();
        domains.dedup();
        let annuaire_name = annuaire::file_name(&now);
        fs::write(public.join(&annuaire_name), annuaire::text())?;
        fs::write(public.join("listeblanchemssante.xml"), white_list::text(&domains, &now))?;
        fs::copy(igc.server_crl(), public.join("crl.pem"))?;
        fs::copy(igc.server_anchors(), public.join("ca.pem"))?;

        let http = http::start(public.clone(), dir.join("igc"))?;
        igc.publish(&public, http)?;

        seed::fill(&Layout::new(dir), options.messages, now.as_second(), &owner)?;
        let openid = options.openid.map(|lifetimes| openid::Provider::start(dir, lifetimes)).transpose()?;
        let introspection = openid.as_ref().map(openid::Provider::introspection);
        let mut dovecot =
            dovecot::start(dir, &igc, &ports, &owner, options.server, introspection.as_deref())?;
        let mut postfix = postfix::start(dir, &igc, &ports, &domains)?;
        let reader = match options.reader {
            Wish::None => None,
            wish => {
                let slots = [ports.reader, ports.second_reader];
                let slots = slots.get(..if options.second_reader { 2 } else { 1 }).unwrap_or_default();
                Some(Reader::start(dir, &cache, &igc, slots, wish)?)
            }
        };
        let dovecot_host: IpAddr = dovecot::LISTEN.parse()?;
        let inner = |port: u16| SocketAddr::new(dovecot_host, port);
        for port in [ports.imap, ports.imaps, ports.smtp] {
            wait_for(inner(port), &mut dovecot)?;
        }
        for port in [ports.relay, ports.submission] {
            wait_for(SocketAddr::from(([127, 0, 0, 1], port)), &mut postfix)?;
        }
        let front = Front {
            submission: ports.submission,
            imap: forward::start(inner(ports.imap), Duration::ZERO)?,
            imaps: forward::start(inner(ports.imaps), Duration::ZERO)?,
            smtp: forward::start(inner(ports.smtp), Duration::ZERO)?,
        };

        let mut cyrus =
            if options.others { Some(cyrus::start(dir, &igc, ports.cyrus, &owner)?) } else { None };
        if let Some(cyrus) = &mut cyrus {
            wait_for(SocketAddr::from(([127, 0, 0, 1], ports.cyrus)), cyrus)?;
        }
        let courier = if options.others { Some(courier::start(dir, &igc, &owner)?) } else { None };

        let url = |name: &str| format!("http://127.0.0.1:{http}/{name}");
        let operators = dir.join("operators.json");
        fs::write(&operators, serde_json::to_string_pretty(&operators_file(&front, &igc))?)?;
        let network = dir.join("network.json");
        let testing = json!({ "loopback": true, "bundle": url("igc.p7b"), "pins": [igc.server_pin()?] });
        fs::write(&network, serde_json::to_string_pretty(&json!({ "testing": testing }))?)?;
        let decoy = |name: &str| decoy::with_certificate(&dir.join("igc"), name);
        let mut info = json!({
            "dir": dir,
            "imap": front.imap,
            "imaps": front.imaps,
            "smtp": front.smtp,
            "smtp_postfix": front.submission,
            "http": http,
            "ca": igc.server_anchors(),
            "crl_file": igc.server_crl(),
            "cards_ca": igc.cards_anchors(),
            "cards_crl": igc.cards_crl(),
            "pkcs11_module": pkcs11_module(),
            "reader": reader.as_ref().map(|_| NAME),
            "imap_direct": ports.imap,
            "delay_imap": forward::start(inner(ports.imap), DELAY)?,
            "imap_plain": decoy::without_starttls()?,
            "imap_foreign": decoy("server-foreign")?,
            "imap_expired": decoy("server-expired")?,
            "imap_wrong_host": decoy("server-wrong-host")?,
            "imap_revoked": decoy("server-revoked")?,
            "accounts": accounts(&igc),
            "annuaire": url(&annuaire_name),
            "white_list": url("listeblanchemssante.xml"),
            "crl": url("crl.pem"),
            "profile_operators": operators,
            "profile_network": network,
            "ocsp": url("ocsp"),
            "bouncing_domain": postfix::BOUNCING_DOMAIN,
            "deferred_domain": postfix::DEFERRED_DOMAIN,
            "imap_cyrus": cyrus.as_ref().map(|_| ports.cyrus),
            "imap_courier": courier,
            "openid": openid.as_ref().map(openid::Provider::info),
            "profile_psc": openid.as_ref().map(|o| o.info()["profile"].clone()),
            "certificates": certificates(&igc),
        });
        for (name, host, _) in dovecot::LESSER {
            let target = SocketAddr::new(host.parse()?, ports.imap);
            info[*name] = json!(forward::start(target, Duration::ZERO)?);
        }
        Ok(Self { info, reader, _cyrus: cyrus, _postfix: postfix, _dovecot: dovecot, _openid: openid })
    }

    /// Answers one line of the control channel.
    pub fn obey(&mut self, line: &str) -> Result<Value> {
        let (verb, name) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "ping" => return Ok(json!({ "ok": true })),
            "info" => return Ok(self.info.clone()),
            "decoys" => return Ok(json!({ "logins": decoy::logins_seen() })),
            _ => {}
        }
        let reader = self.reader.as_mut().context("this operator was started without a card reader")?;
        // the second reader is called by its number
        let (verb, number) = verb.strip_suffix("-2").map_or((verb, 0), |verb| (verb, 1));
        match verb {
            "insert" => reader.insert(number, name)?,
            "remove" => reader.remove(number),
            "status" => {}
            "stop-service" => reader.stop_service(),
            "start-service" => reader.start_service()?,
            "start-bare-service" => reader.start_bare_service()?,
            _ => bail!("unknown request"),
        }
        let (card, tries) = reader.inserted(number).map_or((None, None), |(card, tries)| (Some(card), tries));
        Ok(json!({ "card": card, "pin_tries_left": tries }))
    }
}

/// A folder that every instance of this user shares: keys that take time to make, and the lock of the reader.
fn cache() -> PathBuf {
    std::env::temp_dir().join("estafette-operator-cache")
}

/// Empties `dir`, but only when it is an operator's or empty, and lets the servers' users pass through it.
fn prepare(dir: &Path) -> Result<()> {
    const MARK: &str = ".estafette-operator";
    let occupied = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !dir.join(MARK).exists() {
        bail!("{} holds something else than an operator: choose another folder", dir.display());
    }
    if occupied {
        fs::remove_dir_all(dir)?;
    }
    fs::create_dir_all(dir.join("log"))?;
    fs::create_dir_all(dir.join("mail"))?;
    fs::write(dir.join(MARK), "")?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    for above in dir.ancestors().skip(1) {
        if fs::metadata(above)?.permissions().mode() & 0o001 == 0 {
            bail!("the servers' users cannot pass through {}: choose another folder", above.display());
        }
    }
    Ok(())
}

fn wait_for(address: SocketAddr, child: &mut Child) -> Result<()> {
    let start = Instant::now();
    while std::net::TcpStream::connect(address).is_err() {
        child.check()?;
        if start.elapsed() > PATIENCE {
            bail!("no answer from {address}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn accounts(igc: &Igc) -> Vec<Value> {
    let entry = |m: &crate::persona::Mailbox| match m.login {
        Login::Password(password) => {
            json!({ "address": m.address, "name": m.name, "auth": "password", "password": password })
        }
        Login::Card(card) => json!({
            "address": m.address, "name": m.name, "auth": "card", "card": card, "pin": PIN,
            "certificate": igc.path(&format!("card-{card}-auth.pem")),
            "key": igc.path(&format!("card-{card}-auth.key")),
        }),
        Login::Psc(login) => {
            let subject = m.professional().map(|p| p.national_id());
            json!({ "address": m.address, "name": m.name, "auth": "psc", "login": login, "subject": subject })
        }
        Login::Certificate(_) => json!({
            "address": m.address, "name": m.name, "auth": "certificate",
            "certificate": igc.organisation("good", "p12"), "password": ORGANISATION_PASSWORD,
        }),
    };
    MAILBOXES.iter().map(entry).collect()
}

/// Organisation certificates in every state and form, by kind; one password for all.
fn certificates(igc: &Igc) -> Value {
    let forms = ["p12", "old.p12", "open.pem", "closed.pem", "chain.pem"];
    let files = |kind: &str| -> Value {
        forms.iter().map(|form| ((*form).to_owned(), json!(igc.organisation(kind, form)))).collect()
    };
    ORGANISATIONS.iter().map(|(kind, ..)| ((*kind).to_owned(), files(kind))).collect()
}

/// The file a client's profile takes to know the servers of each domain.
fn operators_file(front: &Front, igc: &Igc) -> Value {
    let endpoint = |port: u16| json!({ "host": "localhost", "port": port, "security": "starttls" });
    let mut domains = serde_json::Map::new();
    for domain in local_domains() {
        let auth = MAILBOXES.iter().find(|m| m.domain() == domain).map(|m| match m.login {
            Login::Card(_) => "card",
            Login::Password(_) => "password",
            Login::Psc(_) => "psc",
            Login::Certificate(_) => "certificate",
        });
        let entry = json!({
            "imap": endpoint(front.imap),
            "smtp": endpoint(if auth == Some("psc") { front.submission } else { front.smtp }),
            "auth": auth,
            "trust": { "authority": { "ca": igc.server_anchors(), "crl": igc.server_crl() } },
        });
        domains.insert(domain.to_owned(), entry);
    }
    json!({ "domains": domains })
}

/// Where this machine has OpenSC's module.
fn pkcs11_module() -> Option<PathBuf> {
    let places = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    places.iter().map(|p| Path::new(p).join("opensc-pkcs11.so")).find(|p| p.exists())
}
