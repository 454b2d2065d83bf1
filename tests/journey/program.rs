//! The program under test: its process, what it says it shows, and how to wait for that.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::Operator;
use crate::display::Display;

/// Longest wait for a picture. Two cores may be busy with something else.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program of ours, which cargo builds beside the tests.
pub fn built(name: &str) -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let path = here.ancestors().nth(2).unwrap().join(name);
    assert!(path.exists(), "{} is missing: cargo build", path.display());
    path
}

/// A profile folder that knows the operator and its annuaire, and nothing else.
pub struct Profile(tempfile::TempDir);

impl Profile {
    pub fn new(operator: &Operator) -> Self {
        let profile = Self(tempfile::tempdir().unwrap());
        fs::copy(operator.text("profile_operators"), profile.path().join("operators.json")).unwrap();
        for (kind, name) in [("import", "annuaire"), ("white-list", "white_list")] {
            let said = Command::new(built("estafettectl"))
                .args(["annuaire", kind, operator.text(name)])
                .arg("--profile")
                .arg(profile.path())
                .arg("--vault-key-file")
                .arg(profile.keys())
                .output()
                .unwrap();
            assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        }
        profile
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn keys(&self) -> PathBuf {
        self.path().join("vault.key")
    }
}

/// The running window. It ends when dropped; when the test fails, a picture of the screen stays under `target`.
pub struct Program<'a> {
    process: Child,
    trace: PathBuf,
    display: &'a Display,
    name: &'static str,
}

impl<'a> Program<'a> {
    pub fn start(display: &'a Display, operator: &Operator, profile: &Profile, name: &'static str) -> Self {
        let trace = profile.path().join("trace");
        // without the powers of the administrator, as it runs for a doctor
        let process = display
            .command("setpriv")
            .args(["--bounding-set=-all", "--inh-caps=-all"])
            .arg(built("estafette"))
            .arg("--profile")
            .arg(profile.path())
            .arg("--vault-key-file")
            .arg(profile.keys())
            .args(["--module", operator.text("pkcs11_module"), "--lang", "fr", "--theme", "light"])
            .arg("--trace-file")
            .arg(&trace)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, trace, display, name }
    }

    /// Whether another program of the same user may open this file of the process: `mem`, `environ`.
    pub fn can_be_looked_into(&self, file: &str) -> bool {
        let status = Command::new("setpriv")
            .args(["--bounding-set=-all", "--inh-caps=-all", "sh", "-c", r#"head -c 0 < "$0""#])
            .arg(format!("/proc/{}/{file}", self.process.id()))
            .stderr(Stdio::null())
            .status();
        status.unwrap().success()
    }

    /// Every picture so far.
    pub fn pictures(&self) -> Vec<String> {
        fs::read_to_string(&self.trace).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Waits until the picture has all these words, and answers it.
    pub fn shows(&mut self, words: &[&str]) -> String {
        self.shows_when(words, |picture| words.iter().all(|word| picture.split(' ').any(|w| w == *word)))
    }

    /// Waits until the picture is one of those wanted.
    pub fn shows_when(&mut self, what: &[&str], wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let pictures = self.pictures();
            match pictures.last() {
                Some(last) if wanted(last) => return last.clone(),
                last => assert!(start.elapsed() < PATIENCE, "no {what:?}; shown: {last:?}"),
            }
            assert!(
                self.process.try_wait().unwrap().is_none(),
                "the program ended while waiting for {what:?}"
            );
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Asks the main window to close, as its cross does, and waits for the end of the program.
    pub fn close(mut self) -> bool {
        self.display.press(&["alt+F4"]);
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Program<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let target = built("estafette").ancestors().nth(2).unwrap().to_owned();
            let file = target.join(format!("journey-{}.png", self.name));
            self.display.picture(&file);
            eprintln!("picture of the screen: {}", file.display());
            eprintln!("last pictures: {:#?}", self.pictures().iter().rev().take(8).collect::<Vec<_>>());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits for a fact outside the program.
pub fn becomes_true(what: &str, mut fact: impl FnMut() -> bool) {
    let start = Instant::now();
    while !fact() {
        assert!(start.elapsed() < PATIENCE, "never true: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
