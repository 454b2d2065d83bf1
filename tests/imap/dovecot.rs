//! A private Dovecot on a free loopback port, stopped when dropped.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use estafette::domain::account::{Endpoint, Security};

use crate::authority::authority;

pub(crate) struct Dovecot {
    child: Child,
    pub(crate) endpoint: Endpoint,
    _dir: tempfile::TempDir,
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn id(what: &str) -> String {
    let output = Command::new("id").arg(what).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn config(dir: &Path, port: u16) -> String {
    let dir = dir.display();
    let root = id("-u") == "0";
    // root may not own mail; anybody else can only run as himself
    let (uid, gid) = if root { ("65534".into(), "65534".into()) } else { (id("-u"), id("-g")) };
    let own = id("-un");
    let internal = if root {
        String::new()
    } else {
        format!("default_internal_user = {own}\ndefault_login_user = {own}\n")
    };
    let authority = authority();
    format!(
        "base_dir = {dir}/run\nstate_dir = {dir}/state\nlog_path = {dir}/log\nprotocols = imap\nlisten = 127.0.0.1\n{internal}\
         first_valid_uid = 1\nmail_location = maildir:~/Maildir\n\
         ssl = required\nssl_cert = <{}\nssl_key = <{}\ndisable_plaintext_auth = yes\nauth_mechanisms = plain\n\
         passdb {{\n driver = static\n args = password=secret\n}}\n\
         userdb {{\n driver = static\n args = uid={uid} gid={gid} home={dir}/home/%u\n}}\n\
         service imap-login {{\n chroot =\n inet_listener imap {{\n  port = {port}\n }}\n inet_listener imaps {{\n  port = 0\n }}\n}}\n\
         service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n\
         mail_plugins = quota\nprotocol imap {{\n mail_plugins = quota imap_quota zlib imap_zlib\n imap_idle_notify_interval = 2 mins\n}}\n\
         plugin {{\n quota = maildir:User quota\n quota_rule = *:storage=10M\n}}\n\
         namespace inbox {{\n inbox = yes\n separator = /\n\
          mailbox Envoyés {{\n   special_use = \\Sent\n   auto = create\n  }}\n\
          mailbox Brouillons {{\n   special_use = \\Drafts\n   auto = create\n  }}\n}}\n",
        authority.certificate.display(),
        authority.key.display(),
    )
}

impl Dovecot {
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// With more lines of configuration.
    pub(crate) fn start_with(more: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("dovecot").tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        for sub in ["run", "state", "home"] {
            std::fs::create_dir(dir.path().join(sub)).unwrap();
        }
        std::fs::set_permissions(dir.path().join("home"), std::fs::Permissions::from_mode(0o777)).unwrap();
        let port = free_port();
        let file: PathBuf = dir.path().join("dovecot.conf");
        std::fs::write(&file, config(dir.path(), port) + more).unwrap();
        let program = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/usr/bin/dovecot"]
            .into_iter()
            .find(|p| Path::new(p).exists())
            .expect("these tests need Dovecot 2.3 (package dovecot-imapd)");
        let child = Command::new(program)
            .args(["-F", "-c"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut started = Self {
            child,
            endpoint: Endpoint { host: "127.0.0.1".into(), port, security: Security::StartTls },
            _dir: dir,
        };
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return started;
            }
            assert!(started.child.try_wait().unwrap().is_none(), "Dovecot ended: {}", started.log());
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("Dovecot does not listen: {}", started.log());
    }

    /// Puts a message into a folder, as a delivery would; the folder is made when missing.
    #[allow(dead_code, reason = "each test program uses its part")]
    pub(crate) fn deliver(&self, user: &str, folder: &str, raw: &str) {
        let doveadm = || {
            let mut command = Command::new("doveadm");
            command.arg("-c").arg(self._dir.path().join("dovecot.conf"));
            command
        };
        // fails where there is one, which is as well
        let _ = doveadm().args(["mailbox", "create", "-u", user, folder]).stderr(Stdio::null()).status();
        let mut command = doveadm();
        command.args(["save", "-u", user, "-m", folder]).stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(raw.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Connections of a user, by the server's word.
    #[allow(dead_code, reason = "each test program uses its part")]
    pub(crate) fn connections(&self, user: &str) -> usize {
        let mut command = Command::new("doveadm");
        command.arg("-c").arg(self._dir.path().join("dovecot.conf")).args(["-f", "tab", "who", user]);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines = text.lines().filter(|line| line.starts_with(user));
        lines.filter_map(|line| line.split('\t').nth(1)?.parse::<usize>().ok()).sum()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self._dir.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // TERM, so that the master ends its children
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}
