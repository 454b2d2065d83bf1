//! Sentences for people, from Fluent files, in French and English: used by the two programs only.
//!
//! A text is named by its key (`screen-part-meaning`, `err-<code>`, `rec-<code>`, `cmd-<command>`). French is the
//! reference; a key missing in a language shows as the key itself, which a test keeps from happening.

mod archive;
mod coverage;
mod date;
mod diagnosis;
mod language;
mod paper;
mod patient;
mod reason;
mod search;
mod security;
mod trust;

pub use diagnosis::anonymous;
pub use language::Language;
pub use search::FacetGroup;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::resolver::ResolverError;
use fluent_bundle::resolver::errors::ReferenceKind;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use jiff::tz::TimeZone;

use crate::domain::UnixTime;
use crate::domain::card::CardState;
use crate::domain::document::Warning;
use crate::domain::folder::{Folder, FolderRole};
use crate::domain::patient::Sex;
use crate::engine::{self, PscPage};

/// What happened and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What happened.
    pub what: String,
    /// What to do.
    pub advice: String,
}

/// Texts of one language.
pub struct Wording {
    language: Language,
    bundle: FluentBundle<FluentResource>,
    zone: TimeZone,
}

impl Wording {
    /// The texts of a language, with times in the system's zone.
    pub fn new(language: Language) -> Self {
        Self::in_zone(language, TimeZone::system())
    }

    /// The texts of a language, with times in a zone.
    pub fn in_zone(language: Language, zone: TimeZone) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
        // the isolates around values are invisible characters that would end up in copied text
        bundle.set_use_isolating(false);
        for source in language.sources() {
            // a test reads every file without error: what cannot be read here is a text less, not a failure
            let resource = match FluentResource::try_new((*source).to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle, zone }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// True when there is a text of this key.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text of a key with its values; a whole number chooses plural forms.
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.filled(key, values).0
    }

    /// The text of a key, "…" where a value it names is not known; and whether every one was.
    fn filled(&self, key: &str, values: &[(&str, &str)]) -> (String, bool) {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return (key.to_owned(), true);
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set((*name).to_owned(), value_of(value));
        }
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        let missing: Vec<String> = errors.into_iter().filter_map(missing_value).collect();
        if missing.is_empty() {
            return (text, true);
        }
        missing.into_iter().for_each(|name| args.set(name, "…"));
        (self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned(), false)
    }

    /// What happened and what to do, for an error of the engine.
    pub fn error(&self, error: &engine::Error) -> Sentence {
        let facts: Vec<(&str, String)> =
            error.facts().iter().map(|(name, value)| (*name, self.fact(name, value))).collect();
        let facts: Vec<(&str, &str)> = facts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.code(error.code(), &facts)
    }

    /// What a warning of a document or message means, and what to do.
    pub fn warning(&self, warning: Warning) -> Sentence {
        let key = format!("warning-{}", warning.word());
        Sentence { what: self.text(&key), advice: self.text(&format!("{key}-detail")) }
    }

    /// A fact as people read it: sizes come in bytes.
    fn fact(&self, name: &str, value: &str) -> String {
        match value.parse() {
            Ok(bytes) if matches!(name, "limit" | "size") => self.size(bytes),
            Ok(at) if name == "day" => self.day(UnixTime::try_from(at).unwrap_or(UnixTime::MAX)),
            _ => value.to_owned(),
        }
    }

    /// What the browser shows after a login to Pro Santé Connect.
    pub fn psc_page(&self) -> PscPage {
        PscPage {
            language: self.language().tag().to_owned(),
            done: self.text("psc-page-done"),
            failed: self.text("psc-page-failed"),
            advice: self.text("psc-page-advice"),
        }
    }

    /// What happened and what to do, for a code, such as the trouble of a message in the outbox.
    pub fn code(&self, code: &str, facts: &[(&str, &str)]) -> Sentence {
        let known = self.has(&format!("err-{code}"));
        let code = if known { code } else { "bug" };
        // what is kept of a failure may be its code alone
        let (what, is_whole) = self.filled(&format!("err-{code}"), facts);
        Sentence {
            what: if is_whole { what } else { self.in_general(code) },
            advice: self.with(&format!("rec-{code}"), facts),
        }
    }

    /// What happened, for a code that several messages share: what differs between them is left open.
    pub fn in_general(&self, code: &str) -> String {
        let general = format!("gen-{code}");
        if self.has(&general) { self.text(&general) } else { self.text(&format!("err-{code}")) }
    }

    /// What a state of the card without a session means, and what to do.
    pub fn card(&self, card: &CardState) -> Sentence {
        let module = match card {
            CardState::ModuleFaulty { module, .. } => module.display().to_string(),
            _ => String::new(),
        };
        self.code(card.word(), &[("module", &module)])
    }

    /// When a patient was born, on a day as it is shown.
    pub fn born(&self, day: &str, sex: Option<Sex>) -> String {
        let key = match sex {
            Some(Sex::F) => "mailbox-born-f",
            Some(Sex::M) => "mailbox-born-m",
            _ => "mailbox-born",
        };
        self.with(key, &[("date", day)])
    }

    /// The name of a folder: ours for the folders every mailbox has, its own otherwise.
    pub fn folder(&self, folder: &Folder) -> String {
        match folder.role {
            FolderRole::Inbox => self.text("folder-inbox"),
            FolderRole::Drafts => self.text("folder-drafts"),
            FolderRole::Sent => self.text("folder-sent"),
            FolderRole::Archive => self.text("folder-archive"),
            FolderRole::Junk => self.text("folder-junk"),
            FolderRole::Trash => self.text("folder-trash"),
            FolderRole::Other => folder.name().to_owned(),
        }
    }

    /// A time as a list shows it: `9:38` today, `hier`, `19/11` this year, `19/11/2024` before.
    pub fn when(&self, time: UnixTime, now: UnixTime) -> String {
        date::when(self, time, now)
    }

    /// A time in full: `aujourd’hui à 9:38`, `hier à 9:38`, `le 19/11/2026 à 9:38`.
    pub fn moment(&self, time: UnixTime, now: UnixTime) -> String {
        date::moment(self, time, now)
    }

    /// The hour: `9:38`.
    pub fn hour(&self, time: UnixTime) -> String {
        date::hour(self, time)
    }

    /// The day: `19/11/2026`.
    pub fn day(&self, time: UnixTime) -> String {
        date::day(self, time)
    }

    /// The human part of a read receipt for a message with this subject, sent at `date`.
    pub fn receipt(&self, subject: &str, date: UnixTime) -> engine::ReceiptWords {
        let values = [("subject", subject), ("day", &self.day(date)), ("hour", &self.hour(date))];
        engine::ReceiptWords {
            subject: self.with("receipt-subject", &values),
            text: self.with("receipt-text", &values),
        }
    }

    /// A number of bytes: `412 Ko`, `0,6 Mo`. Steps of 1000, as mail servers count.
    pub fn size(&self, bytes: u64) -> String {
        let (value, unit) = match bytes {
            0..1_000 => return self.with("size-bytes", &[("n", &bytes.to_string())]),
            1_000..1_000_000 => (format!("{}", bytes.div_ceil(1_000)), "size-kilo"),
            1_000_000..1_000_000_000 => (format!("{:.1}", bytes as f64 / 1e6), "size-mega"),
            _ => (format!("{:.1}", bytes as f64 / 1e9), "size-giga"),
        };
        self.with(unit, &[("n", &self.decimal(&value))])
    }

    /// A whole number with its thousands apart: `318 204`.
    pub fn count(&self, number: u64) -> String {
        let digits = number.to_string();
        let gap = match self.language {
            Language::French => '\u{202f}',
            Language::English => ',',
        };
        let mut out = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(gap);
            }
            out.push(digit);
        }
        out
    }

    fn decimal(&self, number: &str) -> String {
        match self.language {
            Language::French => number.replace('.', ","),
            Language::English => number.to_owned(),
        }
    }

    fn zone(&self) -> &TimeZone {
        &self.zone
    }
}

/// The name of a value that a text wants and was not given.
fn missing_value(error: FluentError) -> Option<String> {
    match error {
        FluentError::ResolverError(ResolverError::Reference(ReferenceKind::Variable { id })) => Some(id),
        _ => None,
    }
}

/// A number where the text is one exactly, so that `0123` stays as written.
fn value_of(value: &str) -> FluentValue<'_> {
    match value.parse::<i64>() {
        Ok(number) if number.to_string() == value => FluentValue::from(number),
        _ => FluentValue::from(value),
    }
}

#[cfg(test)]
mod tests;
