//! People the user knows, matched in memory by the rules of the index: they come first whatever their place in the order
//! of the directory, and also when they are no longer in it.

use super::extraction::{Field, Record};
use super::fold::{fold, glued, words};
use super::index::{Column, Terms, kind_word};
use super::query::{MAX_WORDS, query_words};
use super::{Query, synonyms};
use crate::domain::person::Person;

/// The words of one person.
pub struct Words(Terms);

const ALL: [Column; 5] = [Column::Names, Column::Profession, Column::Specialty, Column::Place, Column::Other];

impl Words {
    /// The words the index has of a person, or would have.
    pub fn of(person: &Person) -> Self {
        let mut records = Vec::new();
        for mailbox in &person.mailboxes {
            let mut record = Record::default();
            let family = if person.is_organisation() { "" } else { &person.family_name };
            let identifier = if person.key.contains('@') { "" } else { &person.key };
            for (field, text) in [
                (Field::Identifier, identifier),
                (Field::FamilyName, family),
                (Field::GivenName, &person.given_name),
                (Field::Profession, &person.profession),
                (Field::Specialty, &person.specialties.join(" ")),
                (Field::Address, mailbox.address.as_str()),
                (Field::Kind, mailbox.kind.code()),
                (Field::Service, &mailbox.service),
                (Field::Structure, &mailbox.structure),
                (Field::City, &mailbox.city),
                (Field::PostalCode, &mailbox.postal_code),
                (Field::StructureId, &mailbox.structure_id),
            ] {
                record.set(field, text.to_owned());
            }
            if person.specialties.iter().any(|label| fold(label).contains("medecine generale")) {
                record.set(Field::SpecialtyCode, synonyms::GENERAL_PRACTICE[0].to_owned());
            }
            if person.is_organisation() && mailbox.structure.is_empty() {
                record.set(Field::Structure, person.family_name.clone());
            }
            records.push(record);
        }
        Self(Terms::of(&records, &person.places))
    }

    /// Whether the person answers a query: every word of it begins one of theirs, alone or written together with the
    /// words after it.
    pub fn answer(&self, query: &Query) -> bool {
        let asked = query_words(&query.text);
        self.passes(query) && self.has_all(&asked)
    }

    fn has_all(&self, asked: &[String]) -> bool {
        let Some((first, rest)) = asked.split_first() else { return true };
        if self.0.has(&ALL, first, true) && self.has_all(rest) {
            return true;
        }
        (2..=asked.len().min(4)).any(|count| {
            let together = asked.get(..count).unwrap_or_default().concat();
            self.0.has(&[Column::Names], &together, true)
                && self.has_all(asked.get(count..).unwrap_or_default())
        })
    }

    fn passes(&self, query: &Query) -> bool {
        let part = |columns: &[Column], text: &Option<String>| {
            words(text.as_deref().unwrap_or_default())
                .iter()
                .filter(|w| *w != "cedex")
                .take(MAX_WORDS)
                .all(|word| self.0.has(columns, word, true))
        };
        part(&[Column::Profession], &query.profession)
            && part(&[Column::Specialty], &query.specialty)
            && part(&[Column::Place], &query.place)
            && query.kind.is_none_or(|kind| self.0.has(&[Column::Other], &kind_word(kind.code()), false))
    }
}

/// Whether every word of a query begins one of a name; an empty query answers to none.
pub fn name_answers(name: &str, query: &str) -> bool {
    let (name, asked) = (words(name), words(query));
    !asked.is_empty() && asked.iter().all(|word| name.iter().any(|n| n.starts_with(word.as_str())))
}

/// Whether a display name is that of a person: family name and first given name are both in it. Organisations name
/// themselves freely, and whoever has no given name in the annuaire cannot be told from a word.
pub fn bears_name(text: &str, person: &Person) -> bool {
    let (shown, family, given) = (words(text), words(&person.family_name), words(&person.given_name));
    let first = given.first();
    !person.is_organisation()
        && !family.is_empty()
        && first.is_some_and(|first| shown.contains(first))
        && family.iter().all(|word| shown.contains(word))
}

/// Whether two texts have the same words, however they are written.
pub fn same_words(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    one == other || glued(&one).contains(&other.concat()) || glued(&other).contains(&one.concat())
}
