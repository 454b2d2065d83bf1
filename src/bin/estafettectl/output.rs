//! Answers and errors, for people or as JSON, and the exit codes.

#![allow(clippy::print_stderr, reason = "this is where a command line program speaks")]

use std::io::Write;
use std::process::ExitCode;

use estafette::domain::UnixTime;
use estafette::engine::{Error, ErrorKind};
use estafette::wording::{Language, Wording};
use serde::Serialize;
use serde_json::json;

/// A line on standard output. A reader that went away, as in `| head`, is no reason to panic.
macro_rules! say {
    ($($words:tt)*) => { $crate::output::line(format_args!($($words)*)) };
}
pub(crate) use say;

pub(crate) fn line(words: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{words}");
}

/// Why a command failed.
pub(crate) enum Failure {
    /// The engine says so.
    Engine(Error),
    /// The command line or a file named on it is wrong.
    Usage(String),
    /// A document is hostile or unreadable.
    Input(&'static str),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

/// How to speak.
pub(crate) struct Output {
    json: bool,
    pub(crate) wording: Wording,
}

impl Output {
    pub(crate) fn new(json: bool, lang: Option<&str>) -> Self {
        let language = lang.and_then(Language::from_tag).unwrap_or_else(Language::detect);
        Self { json, wording: Wording::new(language) }
    }

    /// The day of a message, or the hour today.
    pub(crate) fn when(&self, time: UnixTime) -> String {
        self.wording.when(time, jiff::Timestamp::now().as_second())
    }

    /// True for `--json`.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// The answer: as JSON, or by `human`.
    pub(crate) fn answer(&self, value: &impl Serialize, human: impl FnOnce()) {
        if self.json {
            match serde_json::to_string(value) {
                Ok(text) => say!("{text}"),
                Err(error) => eprintln!("{error}"),
            }
        } else {
            human();
        }
    }

    /// Where a person is to go with their browser, on standard error: the answer comes later.
    pub(crate) fn address(&self, url: &str) {
        if self.json {
            eprintln!("{}", json!({"login": {"url": url}}));
        } else {
            eprintln!("{}\n{url}", self.wording.text("cli-psc-open"));
        }
    }

    /// Tells the failure on standard error and chooses the exit code: 1 failed, 2 usage, 3 card, PIN or credential,
    /// 4 network, 5 input refused.
    pub(crate) fn fail(&self, failure: &Failure) -> ExitCode {
        let (code, what, advice, exit) = match failure {
            Failure::Engine(error) => {
                let mut cause = std::error::Error::source(error);
                while let Some(error) = cause {
                    tracing::info!(cause = %error, "failed");
                    cause = error.source();
                }
                let sentence = self.wording.error(error);
                (error.code(), sentence.what, sentence.advice, exit_code(error))
            }
            Failure::Usage(text) => ("usage", text.clone(), String::new(), 2),
            Failure::Input(code) => {
                let sentence = self.wording.error(&Error::new(ErrorKind::Corrupt, code));
                (*code, sentence.what, sentence.advice, 5)
            }
        };
        if self.json {
            eprintln!("{}", json!({"error": {"code": code, "message": what, "advice": advice}}));
        } else if advice.is_empty() {
            eprintln!("{what}");
        } else {
            eprintln!("{what} {advice}");
        }
        ExitCode::from(exit)
    }

    /// Bytes as they are, to standard output.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        std::io::stdout().lock().write_all(bytes).map_err(|e| Failure::Usage(e.to_string()))
    }
}

fn exit_code(error: &Error) -> u8 {
    match (error.kind(), error.code()) {
        (ErrorKind::NeedsCard, _)
        | (
            _,
            "login-refused"
            | "client-certificate-refused"
            | "keyring-missing"
            | "keyring-refused"
            | "key-missing"
            | "no-recovery-code"
            | "recovery-code-wrong"
            | "recovery-code-typo"
            | "recovery-code-length"
            | "archive-code-wrong",
        ) => 3,
        (ErrorKind::NeedsUser, code) if code.starts_with("psc-") => 3,
        (ErrorKind::Offline, _) => 4,
        (_, code) if code.starts_with("not-trusted") || code.starts_with("wrong-host") => 4,
        (_, "starttls-missing" | "certificate-expired" | "certificate-revoked" | "revocation-unknown") => 4,
        (_, "tls-intercepted" | "anchors-missing" | "anchors-refused" | "host-refused") => 4,
        (_, code) if code.starts_with("proxy-") => 4,
        (ErrorKind::Corrupt, "store-damaged" | "store-newer" | "keys-damaged") => 1,
        (ErrorKind::Corrupt, _) => 5,
        (ErrorKind::NeedsUser | ErrorKind::Refused | ErrorKind::Bug, _) => 1,
    }
}
