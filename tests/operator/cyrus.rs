//! Cyrus IMAP: a second server with every extension, written by other people than Dovecot.
//!
//! The mailboxes are those that a password opens, empty at first, each with its inbox only.

use std::fs;
use std::io::Write;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::aside::Aside;
use crate::igc::Igc;
use crate::persona::{Login, MAILBOXES};
use crate::process::{Child, Owner};

const PROGRAMS: &str = "usr/lib/cyrus/bin";

/// Writes the configuration and starts Cyrus in the foreground, on a loopback port, with STARTTLS.
pub fn start(dir: &Path, igc: &Igc, port: u16, owner: &Owner) -> Result<Child> {
    let home = dir.join("cyrus");
    let aside = Aside::install("cyrus", &home)?;
    for folder in ["conf", "spool", "socket", "proc", "tls"] {
        fs::create_dir_all(home.join(folder))?;
    }
    for name in ["server.chain.pem", "server.key"] {
        fs::copy(igc.path(name), home.join("tls").join(name))?;
    }
    fs::write(home.join("imapd.conf"), settings(&home))?;
    fs::write(home.join("cyrus.conf"), services(&home, &aside, port))?;
    passwords(&home, &aside)?;
    give(&home, owner)?;
    let mut master = aside.command(&format!("{PROGRAMS}/master"));
    let at = |name: &str| home.join(name);
    master.args(["-D", "-C"]).arg(at("imapd.conf")).arg("-M").arg(at("cyrus.conf"));
    master.arg("-p").arg(at("master.pid"));
    Child::spawn("cyrus", &mut master, &dir.join("log"))
}

/// The programs give up root for the mail's owner by themselves.
fn settings(home: &Path) -> String {
    let home = home.display();
    format!(
        "configdirectory: {home}/conf\nproc_path: {home}/proc\npartition-default: {home}/spool\n\
         defaultpartition: default\ncyrus_user: nobody\ncyrus_group: nogroup\n\
         virtdomains: userid\ndefaultdomain: mssante.example\nunixhierarchysep: yes\naltnamespace: yes\n\
         sasl_pwcheck_method: auxprop\nsasl_auxprop_plugin: sasldb\nsasl_sasldb_path: {home}/conf/passwords\n\
         sasl_mech_list: PLAIN\nallowplaintext: no\n\
         tls_server_cert: {home}/tls/server.chain.pem\ntls_server_key: {home}/tls/server.key\n\
         delete_mode: immediate\n\
         autocreate_quota: 2000000\nlmtpsocket: {home}/socket/lmtp\nidlesocket: {home}/socket/idle\n\
         notifysocket: {home}/socket/notify\nimapidlepoll: 1\n"
    )
}

fn services(home: &Path, aside: &Aside, port: u16) -> String {
    let program = |name: &str| {
        let path = aside.path(&format!("{PROGRAMS}/{name}"));
        format!("{} -C {}/imapd.conf", path.display(), home.display())
    };
    format!(
        "START {{\n}}\nSERVICES {{\n  imap cmd=\"{}\" listen=\"127.0.0.1:{port}\" prefork=1 maxchild=50\n}}\n\
         EVENTS {{\n}}\nDAEMON {{\n  idled cmd=\"{}\"\n}}\n",
        program("imapd"),
        program("idled")
    )
}

/// The password accounts, into the database of the SASL library.
fn passwords(home: &Path, aside: &Aside) -> Result<()> {
    for mailbox in MAILBOXES {
        let Login::Password(password) = mailbox.login else { continue };
        let (user, realm) = mailbox.address.split_once('@').context("no address")?;
        let mut command = aside.command("usr/sbin/saslpasswd2");
        command.args(["-c", "-p", "-f"]).arg(home.join("conf/passwords")).args(["-u", realm, user]);
        let mut process = command.stdin(Stdio::piped()).spawn().context("saslpasswd2")?;
        process.stdin.take().context("no input")?.write_all(password.as_bytes())?;
        if !process.wait()?.success() {
            bail!("saslpasswd2 failed for {}", mailbox.address);
        }
    }
    Ok(())
}

/// All but the programs belongs to who serves the mail.
fn give(home: &Path, owner: &Owner) -> Result<()> {
    let mut left: Vec<PathBuf> = vec![home.to_owned()];
    while let Some(path) = left.pop() {
        chown(&path, Some(owner.uid), Some(owner.gid))?;
        if path.is_dir() {
            let inside = fs::read_dir(&path)?.map(|entry| entry.map(|e| e.path()));
            left.extend(
                inside.collect::<Result<Vec<_>, _>>()?.into_iter().filter(|p| !p.ends_with("programs")),
            );
        }
    }
    Ok(())
}
