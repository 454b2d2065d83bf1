//! Postfix behind Dovecot's submission service: who may send as whom, to whom, and delivery.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::dovecot::{Layout, SIZE_LIMIT};
use crate::igc::Igc;
use crate::persona::{MAILBOXES, local_domains};
use crate::ports::Ports;
use crate::process::Child;

/// Where Debian keeps Postfix's programs.
const PROGRAMS: &str = "/usr/lib/postfix/sbin";

/// The folders of a queue, which Postfix's own start script would take two seconds to make.
const QUEUE: &[&str] = &[
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid",
    "private", "public", "saved", "trace",
];

/// A domain of the white list whose recipients are refused after acceptance, so that a failure notice comes back.
pub const BOUNCING_DOMAIN: &str = "absent.mssante.example";
/// A domain of the white list that cannot be reached for now.
pub const DEFERRED_DOMAIN: &str = "injoignable.mssante.example";

/// Writes the configuration and starts Postfix's master in the foreground. `white_list`: every domain of the trust space.
pub fn start(dir: &Path, igc: &Igc, ports: &Ports, white_list: &[String]) -> Result<Child> {
    let config = dir.join("postfix");
    fs::create_dir_all(config.join("data"))?;
    for folder in QUEUE {
        fs::create_dir_all(config.join("queue").join(folder))?;
    }
    fs::write(config.join("senders"), senders())?;
    fs::write(config.join("mailboxes"), mailboxes())?;
    fs::write(config.join("recipients"), recipients(white_list))?;
    fs::write(config.join("transport"), transports(white_list, &Layout::new(dir).lmtp_socket()))?;
    fs::write(config.join("main.cf"), main_cf(dir))?;
    fs::write(config.join("master.cf"), master_cf(igc, ports))?;
    let owned = QUEUE.iter().filter(|f| **f != "pid").map(|f| config.join("queue").join(f));
    run(Command::new("chown").arg("postfix").arg(config.join("data")).args(owned))?;
    let mut master = Command::new(format!("{PROGRAMS}/master"));
    master.arg("-c").arg(&config).arg("-d").env("MAIL_CONFIG", &config);
    Child::spawn("postfix", &mut master, &dir.join("log"))
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Each sender address with the login that owns it.
fn senders() -> String {
    MAILBOXES.iter().map(|m| format!("{0} {0}\n", m.address)).collect()
}

fn mailboxes() -> String {
    MAILBOXES.iter().map(|m| format!("{} x\n", m.address)).collect()
}

/// The domains recipients may be in; all else falls through to the refusal of `main.cf`.
fn recipients(white_list: &[String]) -> String {
    white_list.iter().fold(String::new(), |mut text, domain| {
        let _ = writeln!(text, "{domain} DUNNO");
        text
    })
}

/// What other operators would take is accepted and dropped here.
fn transports(white_list: &[String], lmtp: &Path) -> String {
    let local = local_domains();
    // Dovecot knows nobody in the first domain and says so; the second has no server at all.
    let mut text = format!(
        "{BOUNCING_DOMAIN} lmtp:unix:{lmtp}\n{DEFERRED_DOMAIN} lmtp:unix:{lmtp}.absent\n",
        lmtp = lmtp.display()
    );
    for domain in white_list {
        let special = domain == BOUNCING_DOMAIN || domain == DEFERRED_DOMAIN;
        if !special && !local.contains(&domain.as_str()) {
            let _ = writeln!(text, "{domain} discard:");
        }
    }
    text
}

fn main_cf(dir: &Path) -> String {
    let config = dir.join("postfix");
    let at = |name: &str| config.join(name).display().to_string();
    format!(
        r#"compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
daemon_directory = {PROGRAMS}
command_directory = /usr/sbin
maillog_file = {log}
maillog_file_prefixes = {dir}
myhostname = operateur.mssante.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtputf8_enable = no
alias_maps =
local_transport = error:5.1.1 Adresse de destinataire inconnue
default_transport = error:5.7.1 Destinataire hors de l'espace de confiance
message_size_limit = {SIZE_LIMIT}
mailbox_size_limit = 0
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = texthash:{mailboxes}
virtual_transport = lmtp:unix:{lmtp}
transport_maps = texthash:{transport}
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_sender_login_maps = texthash:{senders}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_recipient_restrictions =
  check_recipient_access texthash:{recipients},
  reject_unlisted_recipient,
  permit_sasl_authenticated, reject
smtpd_reject_unlisted_sender = no
smtpd_delay_reject = yes
smtpd_client_connection_rate_limit = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_error_sleep_time = 0
minimal_backoff_time = 60s
maximal_backoff_time = 60s
"#,
        queue = at("queue"),
        data = at("data"),
        log = dir.join("log/postfix.log").display(),
        dir = dir.display(),
        domains = local_domains().join(", "),
        mailboxes = at("mailboxes"),
        lmtp = Layout::new(dir).lmtp_socket().display(),
        transport = at("transport"),
        auth = dir.join("dovecot/run/auth-client").display(),
        senders = at("senders"),
        recipients = at("recipients"),
    )
}

fn master_cf(igc: &Igc, ports: &Ports) -> String {
    format!(
        "127.0.0.1:{relay} inet n - n - - smtpd\n\
         127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt \
         -o smtpd_tls_cert_file={chain} -o smtpd_tls_key_file={key} -o smtpd_tls_auth_only=yes\n\
         cleanup unix n - n - 0 cleanup\n\
         qmgr unix n - n 300 1 qmgr\n\
         rewrite unix - - n - - trivial-rewrite\n\
         bounce unix - - n - 0 bounce\n\
         defer unix - - n - 0 bounce\n\
         trace unix - - n - 0 bounce\n\
         verify unix - - n - 1 verify\n\
         flush unix n - n 1000? 0 flush\n\
         proxymap unix - - n - - proxymap\n\
         proxywrite unix - - n - 1 proxymap\n\
         error unix - - n - - error\n\
         retry unix - - n - - error\n\
         discard unix - - n - - discard\n\
         lmtp unix - - n - - lmtp\n\
         tlsmgr unix - - n 1000? 1 tlsmgr\n\
         anvil unix - - n - 1 anvil\n\
         showq unix n - n - - showq\n\
         postlog unix-dgram n - n - 1 postlogd\n",
        relay = ports.relay,
        submission = ports.submission,
        chain = igc.path("server.chain.pem").display(),
        key = igc.path("server.key").display(),
    )
}
