//! Programs of packages that conflict with an installed one, unpacked by `packaging/dev` into `target/aside`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// An unpacked package with the libraries that came along.
pub struct Aside {
    root: PathBuf,
}

impl Aside {
    /// Copies what was unpacked as `name` into `dir`, where the servers' users can read it.
    pub fn install(name: &str, dir: &Path) -> Result<Self> {
        let program = std::env::current_exe()?;
        // target/debug/examples/operator
        let unpacked = program.ancestors().nth(3).context("no target folder")?.join("aside").join(name);
        if !unpacked.join("complete").exists() {
            bail!("{} is missing: packaging/dev install", unpacked.display());
        }
        let root = dir.join("programs");
        std::fs::create_dir_all(dir)?;
        let copied = Command::new("cp").arg("-r").arg(&unpacked).arg(&root).status()?;
        if !copied.success() {
            bail!("cannot copy {}", unpacked.display());
        }
        Ok(Self { root })
    }

    /// Path of a file by its path in the packages.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// A program by its path in the packages, to be run with the libraries that came along.
    pub fn command(&self, inside: &str) -> Command {
        let mut command = Command::new(self.path(inside));
        command.env("LD_LIBRARY_PATH", self.libraries());
        command
    }

    /// What the dynamic linker has to be told, for programs that start others.
    pub fn libraries(&self) -> String {
        let machine = format!("{}-linux-gnu", std::env::consts::ARCH);
        let folders = ["usr/lib".to_owned(), format!("usr/lib/{machine}"), format!("lib/{machine}")];
        folders.map(|folder| self.path(&folder).display().to_string()).join(":")
    }
}
