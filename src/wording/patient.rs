//! Words about patients and about what is still to be done with messages.

use super::Wording;
use crate::domain::patient::{Likeness, Trait};
use crate::domain::triage::Triage;

impl Wording {
    /// In what a known patient is like the one named.
    pub fn likeness(&self, likeness: Likeness) -> String {
        self.text(match likeness {
            Likeness::Same => "patient-like-same",
            Likeness::SameIns => "patient-like-same-ins",
            Likeness::SameTraits => "patient-like-same-traits",
            Likeness::OtherIns => "patient-like-other-ins",
            Likeness::NamesSwapped => "patient-like-names-swapped",
            Likeness::NearDate => "patient-like-near-date",
            Likeness::NearName => "patient-like-near-name",
            Likeness::Subject => "patient-like-subject",
        })
    }

    /// Name of a trait.
    pub fn of_trait(&self, which: Trait) -> String {
        self.text(match which {
            Trait::BirthName => "patient-trait-birth-name",
            Trait::UsedName => "patient-trait-used-name",
            Trait::FirstName => "patient-trait-first-name",
            Trait::BirthDate => "patient-trait-birth-date",
            Trait::Sex => "patient-trait-sex",
            Trait::BirthPlace => "patient-trait-birth-place",
            Trait::Ins => "patient-trait-ins",
        })
    }

    /// What is still to be done with a message.
    pub fn triage(&self, triage: Triage) -> String {
        self.text(match triage {
            Triage::ToDo => "triage-to-do",
            Triage::ToFile => "triage-to-file",
            Triage::ToRead => "triage-to-read",
            Triage::Filed => "triage-filed",
        })
    }
}
