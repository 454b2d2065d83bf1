//! Rules on arrival: which messages they take, and what they do with them.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Mistake, is_title};
use crate::domain::document::{DocumentKind, Reading};
use crate::domain::id::DestinationId;

/// Longest sender condition, in bytes.
const LONGEST_SENDER: usize = 120;

/// What a message brings, as a person sorts mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Laboratory results: CDA 11502-2, HPRIM, or any document with coded results.
    Biology,
    /// Imaging report (18748-4) or image pointer.
    Imaging,
    /// Hospital letters: discharge (11490-0), admission (18761-7), operative and episode summaries (34133-9).
    Hospital,
    /// Consultation report (11488-4).
    Consultation,
    /// Prescription (57833-6) or dispensation (60593-1).
    Prescription,
    /// Medical summary (60591-5, `SYNTH`).
    Summary,
    /// Any health document: CDA, XDM, HPRIM.
    HealthDocument,
    /// A PDF.
    Pdf,
    /// Only text.
    Letter,
}

impl Subject {
    /// Every one of them, in the order they are offered.
    pub const ALL: [Self; 9] = [
        Self::Biology,
        Self::Imaging,
        Self::Hospital,
        Self::Consultation,
        Self::Prescription,
        Self::Summary,
        Self::HealthDocument,
        Self::Pdf,
        Self::Letter,
    ];

    /// Stable word, also of the command line and the end of a text key.
    pub fn word(self) -> &'static str {
        match self {
            Self::Biology => "biology",
            Self::Imaging => "imaging",
            Self::Hospital => "hospital",
            Self::Consultation => "consultation",
            Self::Prescription => "prescription",
            Self::Summary => "summary",
            Self::HealthDocument => "health-document",
            Self::Pdf => "pdf",
            Self::Letter => "letter",
        }
    }

    /// The one of a word of [`Subject::word`].
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.word() == word)
    }
}

/// What rules look at in a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// Address of the sender.
    pub address: String,
    /// Name of the sender, and of the organisations of the sender and of the authors.
    pub names: Vec<String>,
    /// What it brings.
    pub subjects: Vec<Subject>,
    /// It names one patient.
    pub has_patient: bool,
}

impl Traits {
    /// The traits of a message from this sender; without a reading only the sender is known.
    pub fn of(address: &str, name: &str, reading: Option<&Reading>) -> Self {
        let mut traits = Self {
            address: address.to_lowercase(),
            names: vec![name.to_owned()],
            subjects: Vec::new(),
            has_patient: false,
        };
        let Some(reading) = reading else { return traits };
        traits.has_patient = reading.patient.is_some();
        let mut add = |subject| {
            if !traits.subjects.contains(&subject) {
                traits.subjects.push(subject);
            }
        };
        for document in &reading.documents {
            traits.names.extend(document.authors.iter().map(|a| a.organisation.clone()));
            let is_health = matches!(
                document.kind,
                DocumentKind::Cda | DocumentKind::Xdm | DocumentKind::Hprim | DocumentKind::HprimSante
            );
            if is_health {
                add(Subject::HealthDocument);
            }
            if !document.results.is_empty() || document.kind == DocumentKind::HprimSante {
                add(Subject::Biology);
            }
            if document.kind == DocumentKind::Pdf || document.twin.is_some() {
                add(Subject::Pdf);
            }
            if document.kind == DocumentKind::Dicom {
                add(Subject::Imaging);
            }
            match document.code.as_ref().map(|code| code.code.as_str()) {
                Some("11502-2") => add(Subject::Biology),
                Some("18748-4" | "IMG-KOS") => add(Subject::Imaging),
                Some("11490-0" | "18761-7" | "34133-9") => add(Subject::Hospital),
                Some("11488-4") => add(Subject::Consultation),
                Some("57833-6" | "60593-1") => add(Subject::Prescription),
                Some("60591-5" | "SYNTH") => add(Subject::Summary),
                _ => {}
            }
        }
        if reading.documents.is_empty() && reading.kind == DocumentKind::Letter {
            add(Subject::Letter);
        }
        traits.names.retain(|name| !name.is_empty());
        traits
    }
}

/// Which messages a rule takes: all conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// Sender: a whole address, `@domain` with all below it, or words of the name or organisation.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sender: String,
    /// Any of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// It names a patient, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_patient: Option<bool>,
}

impl Conditions {
    /// Whether the documents of a message have to be read to know.
    pub fn needs_reading(&self) -> bool {
        !self.subjects.is_empty() || self.has_patient.is_some() || self.names_organisation()
    }

    /// The sender alone contradicts: nothing more need be read.
    pub fn excludes_sender(&self, address: &str) -> bool {
        !self.sender.trim().is_empty() && !self.names_organisation() && !self.takes_address(address)
    }

    /// Whether a message is taken.
    pub fn take(&self, traits: &Traits) -> bool {
        let sender = self.sender.trim().is_empty()
            || if self.names_organisation() {
                let wanted = folded(&self.sender);
                !wanted.is_empty() && traits.names.iter().any(|name| has_words(&folded(name), &wanted))
            } else {
                self.takes_address(&traits.address)
            };
        let subject = self.subjects.is_empty() || self.subjects.iter().any(|s| traits.subjects.contains(s));
        sender && subject && self.has_patient.is_none_or(|wanted| wanted == traits.has_patient)
    }

    fn names_organisation(&self) -> bool {
        let sender = self.sender.trim();
        !sender.is_empty() && !sender.contains('@')
    }

    fn takes_address(&self, address: &str) -> bool {
        let (wanted, address) = (self.sender.trim().to_lowercase(), address.to_lowercase());
        match wanted.strip_prefix('@') {
            Some(domain) => address.rsplit_once('@').is_some_and(|(_, of)| {
                of == domain || of.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.'))
            }),
            None => address == wanted,
        }
    }
}

/// What a rule does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actions {
    /// Files it to this destination and marks it as filed, unless `keyword` is another state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<DestinationId>,
    /// Sets this keyword; that of a [`Triage`](crate::domain::triage::Triage) takes the place of its other states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// Moves it to the folder of this path in its mailbox, which is made when missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What the user calls it.
    pub name: String,
    /// In force.
    pub active: bool,
    /// Which messages.
    pub when: Conditions,
    /// What is done.
    pub then: Actions,
}

impl Rule {
    /// The first thing that is wrong with it.
    pub fn mistake(&self) -> Option<Mistake> {
        let when = &self.when;
        if !is_title(&self.name) {
            return Some(Mistake::Name);
        }
        if when.sender.trim().is_empty() && when.subjects.is_empty() && when.has_patient.is_none()
            || when.sender.len() > LONGEST_SENDER
            // a condition of signs only would take nothing
            || when.names_organisation() && folded(&when.sender).is_empty()
        {
            return Some(Mistake::NoCondition);
        }
        let then = &self.then;
        (then.file.is_none() && then.keyword.is_none() && then.folder.is_none()).then_some(Mistake::NoAction)
    }
}

/// Lower case without accents; everything but letters and digits separates words.
fn folded(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words stand in the text one after the other.
fn has_words(text: &str, words: &str) -> bool {
    format!(" {text} ").contains(&format!(" {words} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(address: &str, names: &[&str], subjects: &[Subject], has_patient: bool) -> Traits {
        Traits {
            address: address.to_owned(),
            names: names.iter().map(|n| (*n).to_owned()).collect(),
            subjects: subjects.to_vec(),
            has_patient,
        }
    }

    #[test]
    fn a_sender_is_an_address_a_domain_or_words_of_an_organisation() {
        let bio = traits("resultats@labo.mssante.fr", &["Laboratoire BIOVAL Étoile"], &[], false);
        for (sender, taken) in [
            ("", true),
            ("resultats@labo.mssante.fr", true),
            ("Resultats@LABO.mssante.fr", true),
            ("autre@labo.mssante.fr", false),
            ("@labo.mssante.fr", true),
            ("@mssante.fr", true),
            // a domain that only ends alike is another one
            ("@abo.mssante.fr", false),
            ("bioval", true),
            ("bioval etoile", true),
            ("biova", false),
            ("étoile bioval", false),
        ] {
            let when = Conditions { sender: sender.to_owned(), ..Conditions::default() };
            assert_eq!(when.take(&bio), taken, "{sender}");
        }
    }

    #[test]
    fn every_condition_that_is_set_must_hold() {
        let when = Conditions {
            sender: "@labo.mssante.fr".to_owned(),
            subjects: vec![Subject::Biology, Subject::Imaging],
            has_patient: Some(true),
        };
        let from = "a@labo.mssante.fr";
        assert!(when.take(&traits(from, &[], &[Subject::Biology, Subject::Pdf], true)));
        assert!(!when.take(&traits(from, &[], &[Subject::Biology], false)));
        assert!(!when.take(&traits(from, &[], &[Subject::Pdf], true)));
        assert!(!when.take(&traits("a@autre.fr", &[], &[Subject::Biology], true)));
        assert!(when.excludes_sender("a@autre.fr") && !when.excludes_sender(from));
    }

    #[test]
    fn a_rule_has_a_name_a_condition_and_an_action() {
        let sound = Rule {
            name: "Biologie".to_owned(),
            active: true,
            when: Conditions { subjects: vec![Subject::Biology], ..Conditions::default() },
            then: Actions { folder: Some("Biologie".to_owned()), ..Actions::default() },
        };
        assert_eq!(sound.mistake(), None);
        assert_eq!(Rule { name: String::new(), ..sound.clone() }.mistake(), Some(Mistake::Name));
        let all = Rule { when: Conditions::default(), ..sound.clone() };
        assert_eq!(all.mistake(), Some(Mistake::NoCondition));
        let nobody = Conditions { sender: "—".to_owned(), ..Conditions::default() };
        assert_eq!(Rule { when: nobody, ..sound.clone() }.mistake(), Some(Mistake::NoCondition));
        assert_eq!(Rule { then: Actions::default(), ..sound }.mistake(), Some(Mistake::NoAction));
    }
}
