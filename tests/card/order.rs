//! Orders for the module that fails on command. Included with `#[path]`.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A copy of the faulty module with its orders, and the file that arms it.
pub struct Faulty {
    _folder: tempfile::TempDir,
    pub path: PathBuf,
    armed: PathBuf,
}

impl Faulty {
    /// Before this real module.
    pub fn new(module: &Path, mut order: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = std::env::current_exe().unwrap();
        let built = here.ancestors().nth(2).unwrap().join("examples/libfaulty_module.so");
        assert!(built.exists(), "{} is missing: cargo build --examples", built.display());
        let path = folder.path().join("module.so");
        std::fs::copy(built, &path).unwrap();
        let armed = folder.path().join("armed");
        order["module"] = json!(module);
        std::fs::write(path.with_extension("json"), order.to_string()).unwrap();
        Self { _folder: folder, path, armed }
    }

    /// With this fault at this call, once armed.
    pub fn later(module: &Path, call: &str, fault: &str) -> Self {
        let made = Self::new(module, json!({}));
        let order = json!({"module": module, "call": call, "fault": fault, "armed": made.armed});
        std::fs::write(made.path.with_extension("json"), order.to_string()).unwrap();
        made
    }

    pub fn arm(&self) {
        std::fs::write(&self.armed, "").unwrap();
    }

    pub fn disarm(&self) {
        std::fs::remove_file(&self.armed).unwrap();
    }
}
