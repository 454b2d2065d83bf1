//! Filing: documents written out to folders the practice software watches, and the rules that do it on arrival.

pub mod name;
pub mod rule;

use serde::{Deserialize, Serialize};

use super::UnixTime;
use super::id::{DestinationId, MessageId, RuleId};
use name::NamePattern;

/// Longest name of a destination or rule, in characters.
const LONGEST_TITLE: usize = 60;

/// In which form something is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// The PDF a document is, holds or has as its twin.
    Pdf,
    /// The CDA (XML) as it came.
    Cda,
    /// The `IHE_XDM` archive as it came.
    Xdm,
    /// HPRIM as it came, in a file or in the text of the message.
    Hprim,
    /// The whole message (RFC 5322) as it came.
    Eml,
}

impl Format {
    /// Every one of them.
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Cda, Self::Xdm, Self::Hprim, Self::Eml];

    /// Stable word, also of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Cda => "cda",
            Self::Xdm => "xdm",
            Self::Hprim => "hprim",
            Self::Eml => "eml",
        }
    }

    /// The format of a word of [`Format::word`].
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// Ending of the file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Cda => "xml",
            Self::Xdm => "zip",
            // what practice software looks for (digest of the formats, §4)
            Self::Hprim => "hpr",
            Self::Eml => "eml",
        }
    }
}

/// A folder of the practice software.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// What the user calls it.
    pub name: String,
    /// The folder, an absolute path.
    pub folder: String,
    /// How files are named.
    pub pattern: NamePattern,
    /// What is written of each message, as far as it brings it.
    pub formats: Vec<Format>,
    /// The gesture "Classer" writes here; the others are for rules and choices made one by one.
    pub usual: bool,
}

/// What is wrong with a destination or rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// It has no name, or one that is too long.
    Name,
    /// Nothing would be written.
    NoFormat,
    /// A rule without any condition would take every message.
    NoCondition,
    /// A rule that does nothing.
    NoAction,
}

impl Destination {
    /// The first thing that is wrong with it; the folder is looked at by who can.
    pub fn mistake(&self) -> Option<Mistake> {
        if !is_title(&self.name) {
            return Some(Mistake::Name);
        }
        self.formats.is_empty().then_some(Mistake::NoFormat)
    }
}

/// A name for people: not empty, bounded, nothing that deceives.
fn is_title(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= LONGEST_TITLE
        && !name.chars().any(super::text::is_deceptive)
}

/// One file that was written out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// Files of one gesture have the same number.
    pub gesture: i64,
    /// The message it came from, while it is in the store.
    pub message: Option<MessageId>,
    /// When.
    pub at: UnixTime,
    /// The destination; it may be gone since.
    pub destination: DestinationId,
    /// What it was called then.
    pub destination_name: String,
    /// Form.
    pub format: Format,
    /// Where the file was written, whole path.
    pub path: String,
    /// The rule that did it, when it was one.
    pub rule: Option<RuleId>,
}

/// What became of the filing of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything the destinations take of it is written out, and it is marked as filed unless something is left.
    Filed {
        /// The message.
        message: MessageId,
        /// Files written now.
        files: Vec<Filed>,
        /// Files of earlier filings that were not written again.
        already: Vec<Filed>,
        /// Titles of documents in none of the formats the destinations take.
        left: Vec<String>,
    },
    /// All of it was filed before: nothing was written.
    Already {
        /// The message.
        message: MessageId,
        /// When and where.
        already: Vec<Filed>,
    },
    /// It is not filed, or not wholly: nothing is lost, and it can be tried again.
    NotFiled {
        /// The message.
        message: MessageId,
        /// Files that were written before it failed.
        files: Vec<Filed>,
        /// Stable word of the error.
        code: &'static str,
        /// What the error is about, such as `folder`.
        facts: Vec<(&'static str, String)>,
    },
}

impl Outcome {
    /// Files written.
    pub fn files(&self) -> &[Filed] {
        match self {
            Self::Filed { files, .. } | Self::NotFiled { files, .. } => files,
            Self::Already { .. } => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_has_a_name_and_writes_something() {
        let sound = Destination {
            name: "Logiciel".to_owned(),
            folder: "/srv/depot".to_owned(),
            pattern: NamePattern::default(),
            formats: vec![Format::Pdf],
            usual: true,
        };
        assert_eq!(sound.mistake(), None);
        for bad in ["", "  ", "a\u{202e}b", &"x".repeat(61)] {
            assert_eq!(Destination { name: bad.to_owned(), ..sound.clone() }.mistake(), Some(Mistake::Name));
        }
        assert_eq!(Destination { formats: Vec::new(), ..sound }.mistake(), Some(Mistake::NoFormat));
    }

    #[test]
    fn every_format_has_a_word_that_finds_it() {
        for format in Format::ALL {
            assert_eq!(Format::of_word(format.word()), Some(format));
            assert_eq!(serde_json::to_value(format).unwrap(), format.word());
        }
    }
}
