//! The two languages and their files.

use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// Français, the reference.
    #[default]
    #[serde(rename = "fr")]
    French,
    /// English.
    #[serde(rename = "en")]
    English,
}

macro_rules! sources {
    ($language:literal) => {
        &[
            include_str!(concat!("../../i18n/", $language, "/app.ftl")),
            include_str!(concat!("../../i18n/", $language, "/error.ftl")),
            include_str!(concat!("../../i18n/", $language, "/welcome.ftl")),
            include_str!(concat!("../../i18n/", $language, "/login.ftl")),
            include_str!(concat!("../../i18n/", $language, "/settings.ftl")),
            include_str!(concat!("../../i18n/", $language, "/security.ftl")),
            include_str!(concat!("../../i18n/", $language, "/trouble.ftl")),
            include_str!(concat!("../../i18n/", $language, "/diagnosis.ftl")),
            include_str!(concat!("../../i18n/", $language, "/mailbox.ftl")),
            include_str!(concat!("../../i18n/", $language, "/document.ftl")),
            include_str!(concat!("../../i18n/", $language, "/patient.ftl")),
            include_str!(concat!("../../i18n/", $language, "/search.ftl")),
            include_str!(concat!("../../i18n/", $language, "/filing.ftl")),
            include_str!(concat!("../../i18n/", $language, "/print.ftl")),
            include_str!(concat!("../../i18n/", $language, "/transfer.ftl")),
            include_str!(concat!("../../i18n/", $language, "/archive.ftl")),
            include_str!(concat!("../../i18n/", $language, "/composer.ftl")),
            include_str!(concat!("../../i18n/", $language, "/annuaire.ftl")),
            include_str!(concat!("../../i18n/", $language, "/sendings.ftl")),
            include_str!(concat!("../../i18n/", $language, "/cli.ftl")),
        ]
    };
}

impl Language {
    /// Both, the reference first.
    pub const ALL: [Self; 2] = [Self::French, Self::English];

    /// The system's language: English where it says so, French otherwise.
    pub fn detect() -> Self {
        sys_locale::get_locale().and_then(|tag| Self::from_tag(&tag)).unwrap_or_default()
    }

    /// Reads `fr`, `fr-FR`, `en_GB`, …
    pub fn from_tag(tag: &str) -> Option<Self> {
        let tag = tag.to_lowercase();
        match tag.split(['-', '_', '.']).next() {
            Some("fr") => Some(Self::French),
            Some("en") => Some(Self::English),
            _ => None,
        }
    }

    /// Tag of RFC 5646.
    pub fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// Its own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::French => "Français",
            Self::English => "English",
        }
    }

    pub(super) fn identifier(self) -> LanguageIdentifier {
        let tag = match self {
            Self::French => "fr-FR",
            Self::English => "en-GB",
        };
        tag.parse().unwrap_or_default()
    }

    pub(super) fn sources(self) -> &'static [&'static str] {
        match self {
            Self::French => sources!("fr"),
            Self::English => sources!("en"),
        }
    }
}
