//! What the servers really hold, read from their files: no mail client in between.
#![allow(dead_code, reason = "each test program uses its part")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::client::Operator;

/// A mailbox on the server.
pub struct Maildir {
    root: PathBuf,
    address: String,
    config: PathBuf,
}

impl Maildir {
    pub fn of(operator: &Operator, address: &str) -> Self {
        let dir = Path::new(operator.text("dir"));
        Self {
            root: dir.join("mail").join(address).join("Maildir"),
            address: address.to_owned(),
            config: dir.join("dovecot/dovecot.conf"),
        }
    }

    /// Files of a folder by its path, `INBOX` for the inbox.
    pub fn files(&self, folder: &str) -> Vec<PathBuf> {
        let dir = if folder == "INBOX" {
            self.root.clone()
        } else {
            self.root.join(format!(".{}", folder.replace('/', ".")))
        };
        let entries = ["cur", "new"].into_iter().filter_map(|part| std::fs::read_dir(dir.join(part)).ok());
        entries.flatten().flatten().map(|entry| entry.path()).collect()
    }

    /// How many messages of a folder contain `text` in clear.
    pub fn holding(&self, folder: &str, text: &str) -> usize {
        let text = text.as_bytes();
        let has = |path: &PathBuf| {
            std::fs::read(path).is_ok_and(|raw| raw.windows(text.len()).any(|window| window == text))
        };
        self.files(folder).iter().filter(|path| has(path)).count()
    }

    /// Runs doveadm on this mailbox, as another mail program would change it.
    pub fn doveadm(&self, verb: &[&str], query: &[&str]) -> String {
        let mut command = Command::new("doveadm");
        command.arg("-c").arg(&self.config).args(verb).args(["-u", &self.address]).args(query);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{verb:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Puts a message into a folder, as another mail program would.
    pub fn save(&self, folder: &str, raw: &str) {
        self.save_bytes(folder, raw.as_bytes());
    }

    /// The same in any encoding.
    pub fn save_bytes(&self, folder: &str, raw: &[u8]) {
        let mut command = Command::new("doveadm");
        command.arg("-c").arg(&self.config).args(["save", "-u", &self.address, "-m", folder]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(raw).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// Flags of the message with this Message-ID, by the server's word.
    pub fn flags(&self, folder: &str, message_id: &str) -> String {
        let query = ["flags", "mailbox", folder, "HEADER", "Message-ID", message_id];
        self.doveadm(&["fetch"], &query)
    }

    /// Connections of this user that the server counts.
    pub fn connections(&self) -> usize {
        let mut command = Command::new("doveadm");
        command.arg("-c").arg(&self.config).args(["-f", "tab", "who", &self.address]);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines = text.lines().skip(1).filter(|line| line.starts_with(self.address.as_str()));
        lines.filter_map(|line| line.split('\t').nth(1)?.parse::<usize>().ok()).sum()
    }
}
