//! Dovecot: IMAP, the submission service, and delivery by LMTP.
//!
//! Submission is Dovecot's too, in front of Postfix, because Postfix 3.7 does not hand the client certificate to
//! Dovecot's SASL server: EXTERNAL works only where one program holds both the TLS session and the SASL exchange.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::igc::Igc;
use crate::persona::{Login, MAILBOXES};
use crate::ports::Ports;
use crate::process::{Child, Owner};

/// Largest message taken by submission, in bytes.
pub const SIZE_LIMIT: u64 = 20 * 1024 * 1024;

/// Dovecot takes a peer with its own address for secured and would let a password pass in clear; on another loopback
/// address, behind a forwarder, it treats the clients on 127.0.0.1 like any other.
pub const LISTEN: &str = "127.0.0.2";

/// Where it can be reached with nothing in between, to measure: a peer with its own address.
pub const DIRECT: &str = "127.0.0.1";

/// Other addresses of the same IMAP service: their names in the JSON line, and what the server says it can do there.
pub const LESSER: &[(&str, &str, &str)] = &[
    (
        "imap_no_qresync",
        "127.0.0.3",
        "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE NAMESPACE UIDPLUS CONDSTORE MOVE CHILDREN LIST-EXTENDED LIST-STATUS \
         SPECIAL-USE UNSELECT ESEARCH",
    ),
    (
        "imap_no_condstore",
        "127.0.0.4",
        "IMAP4rev1 SASL-IR LITERAL+ IDLE NAMESPACE UIDPLUS MOVE CHILDREN LIST-EXTENDED LIST-STATUS SPECIAL-USE UNSELECT",
    ),
    ("imap_bare", "127.0.0.5", "IMAP4rev1 IDLE NAMESPACE"),
];

/// The folders of every mailbox with their special use.
const FOLDERS: &[(&str, &str)] = &[
    ("Envoyés", "\\Sent"),
    ("Brouillons", "\\Drafts"),
    ("Corbeille", "\\Trash"),
    ("Archives", "\\Archive"),
    ("Indésirables", "\\Junk"),
    ("À classer", ""),
    ("Biologie", ""),
];

/// What the mail server can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Variant {
    /// All that Dovecot can
    Whole,
    /// IMAP4rev1 and little else: no MOVE, no UIDPLUS, no CONDSTORE
    Plain,
    /// With folders of the organisation, each with its rights
    Shared,
}

impl Variant {
    /// As the command line writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Plain => "plain",
            Self::Shared => "shared",
        }
    }
}

/// Folders of the organisation with what everybody may do in them (RFC 4314), in Dovecot's words.
const SHARED: &[(&str, &str)] = &[("Urgences", "lr"), ("Garde", "lrwsite")];

/// Where the pieces of one instance lie.
pub struct Layout {
    dir: PathBuf,
}

impl Layout {
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Maildir of a mailbox; folder names on disk are plain UTF-8.
    pub fn maildir(&self, address: &str) -> PathBuf {
        self.dir.join("mail").join(address).join("Maildir")
    }

    pub fn lmtp_socket(&self) -> PathBuf {
        self.dir.join("dovecot/lmtp")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.join("dovecot").join(name)
    }
}

/// Writes the configuration and starts Dovecot in the foreground.
pub fn start(
    dir: &Path,
    igc: &Igc,
    ports: &Ports,
    mail: &Owner,
    variant: Variant,
    introspection: Option<&str>,
) -> Result<Child> {
    let layout = Layout::new(dir);
    fs::create_dir_all(dir.join("dovecot"))?;
    fs::write(layout.file("passwords"), passwords())?;
    fs::write(layout.file("certificates"), certificates())?;
    fs::write(layout.file("own-mailbox"), own_mailboxes())?;
    fs::write(layout.file("users"), users(&layout, mail))?;
    let config = layout.file("dovecot.conf");
    let mut text = configuration(dir, &layout, igc, ports, mail);
    match variant {
        Variant::Whole => {}
        Variant::Plain => text += "imap_capability = IMAP4rev1 LITERAL+ IDLE NAMESPACE\n",
        Variant::Shared => text += &shared(dir, mail)?,
    }
    if let Some(url) = introspection {
        let file = layout.file("oauth2");
        fs::write(&file, tokens(url))?;
        text += &format!(
            "auth_mechanisms = $auth_mechanisms xoauth2 oauthbearer\n\
             passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {}\n}}\n",
            file.display()
        );
    }
    fs::write(&config, text)?;
    let mut command = Command::new("dovecot");
    command.arg("-F").arg("-c").arg(&config);
    Child::spawn("dovecot", &mut command, &dir.join("log"))
}

/// The organisation's folders on disk, one message in each, and their configuration.
fn shared(dir: &Path, mail: &Owner) -> Result<String> {
    let root = dir.join("shared");
    for (name, rights) in SHARED {
        let folder = root.join(format!(".{name}"));
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(folder.join(part))?;
        }
        fs::write(folder.join("dovecot-acl"), format!("anyone {rights}\n"))?;
        let letter = format!(
            "From: accueil@ch.example\nSubject: Consigne {name}\nMessage-ID: <{name}@ch>\n\nBonjour\n"
        );
        fs::write(folder.join("new/1.partage"), letter)?;
    }
    own(&root, mail)?;
    let root = root.display();
    Ok(format!(
        "mail_plugins = quota acl\nprotocol imap {{\n  mail_plugins = quota acl imap_quota imap_acl\n}}\n\
         plugin {{\n  acl = vfile\n}}\n\
         namespace partages {{\n  type = public\n  separator = /\n  prefix = Partages/\n  \
         location = maildir:{root}:UTF-8\n  subscriptions = no\n  list = yes\n}}\n"
    ))
}

/// How a token is checked: the provider is asked at each login whether it still holds, and for whose mailbox.
fn tokens(introspection: &str) -> String {
    format!(
        "introspection_mode = post\nintrospection_url = {introspection}\nusername_attribute = mailbox\n\
         active_attribute = active\nactive_value = true\n"
    )
}

/// Gives a folder and all in it to the servers' user.
fn own(path: &Path, mail: &Owner) -> Result<()> {
    std::os::unix::fs::chown(path, Some(mail.uid), Some(mail.gid))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            own(&entry?.path(), mail)?;
        }
    }
    Ok(())
}

/// Password accounts, for the mechanisms that carry one.
fn passwords() -> String {
    MAILBOXES
        .iter()
        .filter_map(|m| match m.login {
            Login::Password(password) => Some(format!("{}:{{PLAIN}}{password}\n", m.address)),
            _ => None,
        })
        .collect()
}

/// The CN of a certificate is the user name that TLS gives; `user=` turns it into the mailbox.
fn certificates() -> String {
    let line = |m: &crate::persona::Mailbox| {
        m.common_name().map(|name| format!("{name}:::::::user={} nopassword\n", m.address))
    };
    MAILBOXES.iter().filter_map(line).collect()
}

/// Which CN may ask for which mailbox by name (the authorisation identity of EXTERNAL): its own only.
fn own_mailboxes() -> String {
    let line = |m: &crate::persona::Mailbox| {
        m.common_name().map(|name| format!("{name}/{}:::::::nopassword\n", m.address))
    };
    MAILBOXES.iter().filter_map(line).collect()
}

fn users(layout: &Layout, mail: &Owner) -> String {
    MAILBOXES.iter().fold(String::new(), |mut text, m| {
        let home = layout.maildir(m.address);
        let home = home.parent().unwrap_or(&home).display().to_string();
        let _ = writeln!(text, "{}::{}:{}::{home}::", m.address, mail.uid, mail.gid);
        text
    })
}

fn configuration(dir: &Path, layout: &Layout, igc: &Igc, ports: &Ports, mail: &Owner) -> String {
    let path = |name: &str| layout.file(name).display().to_string();
    let mut text = format!(
        r#"base_dir = {run}
state_dir = {run}
instance_name = estafette-operator
log_path = {log}
protocols = imap lmtp submission
listen = {listen}
first_valid_uid = {uid}
mail_location = maildir:~/Maildir:UTF-8
mail_plugins = quota
mailbox_list_index = yes
submission_max_mail_size = {SIZE_LIMIT}
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_trusted = yes
submission_backend_capabilities = 8BITMIME DSN ENHANCEDSTATUSCODES
hostname = localhost
postmaster_address = postmaster@medecin.mssante.example

ssl = required
ssl_min_protocol = TLSv1.2
ssl_cert = <{chain}
ssl_key = <{key}
ssl_ca = <{cards}
ssl_verify_client_cert = yes
ssl_cert_username_field = commonName
auth_ssl_username_from_cert = yes
auth_ssl_require_client_cert = no
disable_plaintext_auth = yes
auth_mechanisms = plain login external
auth_verbose = yes
auth_failure_delay = 0

passdb {{
  driver = passwd-file
  mechanisms = external
  master = yes
  args = username_format=%u/%{{login_user}} {own}
}}
passdb {{
  driver = passwd-file
  mechanisms = external
  args = {certificates}
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = {passwords}
}}
userdb {{
  driver = passwd-file
  args = {users}
}}

protocol imap {{
  mail_plugins = $mail_plugins imap_quota
  mail_max_userip_connections = 50
}}
plugin {{
  quota = count:Quota
  quota_vsizes = yes
  quota_rule = *:storage=2G
}}

service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service submission-login {{
  inet_listener submission {{
    port = {smtp}
  }}
}}
service lmtp {{
  unix_listener {lmtp} {{
    mode = 0666
  }}
}}
service anvil {{
  # no growing delay after failed logins
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}

namespace inbox {{
  inbox = yes
  separator = /
"#,
        listen = addresses().collect::<Vec<_>>().join(" "),
        run = dir.join("dovecot/run").display(),
        log = dir.join("log/dovecot.log").display(),
        uid = mail.uid,
        relay = ports.relay,
        chain = igc.path("server.chain.pem").display(),
        key = igc.path("server.key").display(),
        cards = igc.card_anchors().display(),
        own = path("own-mailbox"),
        certificates = path("certificates"),
        passwords = path("passwords"),
        users = path("users"),
        imap = ports.imap,
        imaps = ports.imaps,
        smtp = ports.smtp,
        lmtp = layout.lmtp_socket().display(),
    );
    for (name, role) in FOLDERS {
        let _ = writeln!(text, "  mailbox \"{name}\" {{\n    auto = subscribe");
        if !role.is_empty() {
            let _ = writeln!(text, "    special_use = {role}");
        }
        text += "  }\n";
    }
    text += "}\n";
    for (_, address, words) in LESSER {
        let _ =
            write!(text, "local {address} {{\n  protocol imap {{\n    imap_capability = {words}\n  }}\n}}\n");
    }
    text
}

/// Every address it listens on.
pub fn addresses() -> impl Iterator<Item = &'static str> {
    [DIRECT, LISTEN].into_iter().chain(LESSER.iter().map(|(_, address, _)| *address))
}
