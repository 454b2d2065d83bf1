//! Where a message stands in the work of a practice, shared with its other stations by IMAP keywords.

use serde::{Deserialize, Serialize};

use super::message::{Flags, Keyword};

/// What is still to be done with a message; at most one of these at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Triage {
    /// Somebody must act on it.
    ToDo,
    /// It is to be filed in the patient's record.
    ToFile,
    /// Somebody must read it, whoever opened it first.
    ToRead,
    /// It is in the patient's record.
    Filed,
}

impl Triage {
    /// Every one, the most pressing first.
    pub const ALL: [Self; 4] = [Self::ToDo, Self::ToFile, Self::ToRead, Self::Filed];

    /// The keyword other stations see. No document of the field names any; these are plain atoms (RFC 3501 §9), because
    /// names with a `$` are for the IANA's registry (RFC 5788).
    pub fn word(self) -> &'static str {
        match self {
            Self::ToDo => "Etat-A-Traiter",
            Self::ToFile => "Etat-A-Classer",
            Self::ToRead => "Etat-A-Lire",
            Self::Filed => "Etat-Classe",
        }
    }

    /// As a keyword.
    pub fn keyword(self) -> Option<Keyword> {
        Keyword::parse(self.word())
    }

    /// What flags say. Two stations may have set two at the same time: the most pressing counts until somebody sets
    /// another.
    pub fn of(flags: &Flags) -> Option<Self> {
        Self::ALL.into_iter().find(|t| flags.keywords.iter().any(|k| k.eq_ignore_ascii_case(t.word())))
    }

    /// The one this keyword stands for.
    pub fn of_keyword(keyword: &Keyword) -> Option<Self> {
        Self::ALL.into_iter().find(|t| keyword.as_str().eq_ignore_ascii_case(t.word()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_keyword_servers_can_carry_and_the_most_pressing_counts() {
        for triage in Triage::ALL {
            assert_eq!(triage.keyword().as_ref().and_then(Triage::of_keyword), Some(triage));
        }
        let flags = |keywords: &[&str]| Flags {
            keywords: keywords.iter().map(|k| (*k).to_owned()).collect(),
            ..Flags::default()
        };
        assert_eq!(Triage::of(&flags(&["$Forwarded"])), None);
        // servers may change the case
        assert_eq!(Triage::of(&flags(&["etat-classe"])), Some(Triage::Filed));
        assert_eq!(Triage::of(&flags(&["Etat-Classe", "Etat-A-Traiter"])), Some(Triage::ToDo));
    }
}
