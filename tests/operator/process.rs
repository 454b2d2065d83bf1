//! Programs this operator starts, and how they end.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a program may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(10);

/// A program in the foreground, ended with the operator.
pub struct Child {
    name: &'static str,
    log: PathBuf,
    process: std::process::Child,
}

impl Child {
    /// Starts `command` with its output in `logs/NAME.out`, in a process group of its own: a key pressed in the
    /// terminal must not end it before the operator does.
    pub fn spawn(name: &'static str, command: &mut Command, logs: &Path) -> Result<Self> {
        fs::create_dir_all(logs)?;
        let log = logs.join(format!("{name}.out"));
        let output = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).process_group(0);
        let process = command.spawn().with_context(|| format!("cannot start {name}: is it installed?"))?;
        Ok(Self { name, log, process })
    }

    /// An error with the program's last words when it has ended.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.process.try_wait()? {
            let words = fs::read_to_string(&self.log).unwrap_or_default();
            bail!("{} ended at once ({status}): {}", self.name, words.trim());
        }
        Ok(())
    }

    fn ended_within(&mut self, patience: Duration) -> bool {
        let start = Instant::now();
        while start.elapsed() < patience {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            signal("TERM", self.process.id());
            if !self.ended_within(PATIENCE) {
                let _ = self.process.kill();
                let _ = self.process.wait();
            }
        }
    }
}

/// Sends a signal by the system's `kill` program: the standard library only knows the hardest one.
pub fn signal(name: &str, pid: u32) {
    let _ = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).stderr(Stdio::null()).status();
}

/// Whose processes read and write the mail.
pub struct Owner {
    pub uid: u32,
    pub gid: u32,
}

impl Owner {
    /// The unprivileged user `nobody`: Dovecot refuses to open mail as root.
    pub fn mail() -> Result<Self> {
        let users = fs::read_to_string("/etc/passwd")?;
        let fields =
            users.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.first() == Some(&"nobody"));
        let fields = fields.context("no user `nobody`")?;
        let number = |i: usize| fields.get(i).and_then(|n| n.parse().ok()).context("unreadable /etc/passwd");
        Ok(Self { uid: number(2)?, gid: number(3)? })
    }
}

/// Postfix changes users, so the operator needs root.
pub fn require_root() -> Result<()> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        bail!("the operator needs root because Postfix does: use sudo");
    }
    Ok(())
}
