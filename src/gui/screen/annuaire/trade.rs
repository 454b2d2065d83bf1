//! Narrowing a search to a profession and a specialty: those of the people found are offered, none has to be typed.

use std::collections::HashMap;

use iced::widget::row;

use super::{Annuaire, Message, Results};
use crate::domain::person::Person;
use crate::gui::screen::Context;
use crate::gui::theme::{Tone, space};
use crate::gui::widget::Badge;
use crate::gui::{Element, ui};

/// Most choices of one kind offered.
const MOST: usize = 5;

/// What a search is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trade {
    /// Label of a profession.
    pub profession: Option<String>,
    /// Label of a specialty.
    pub specialty: Option<String>,
}

/// Labels of the people, the most frequent first, then by name; none when there is nothing to choose.
fn choices<'p>(people: &'p [Person], labels: impl Fn(&'p Person) -> Vec<&'p str>) -> Vec<&'p str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for label in people.iter().flat_map(labels).filter(|label| !label.is_empty()) {
        *counts.entry(label).or_default() += 1;
    }
    let mut found: Vec<(&str, usize)> = counts.into_iter().collect();
    if found.len() < 2 {
        return Vec::new();
    }
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    found.into_iter().map(|(label, _)| label).take(MOST).collect()
}

impl Annuaire {
    /// The choices made, to be taken back, and those the people found offer.
    pub(super) fn trades<'a>(&'a self, context: Context<'a>) -> Option<Element<'a, Message>> {
        let look = context.look;
        let Trade { profession, specialty } = &self.trade;
        let people = match &self.results {
            Results::Found(found) => found.people.as_slice(),
            _ => &[],
        };
        let mut chips = Vec::new();
        let mut offer = |chosen: &Option<String>,
                         offered: Vec<&str>,
                         with: &dyn Fn(Option<String>) -> Trade| {
            if let Some(label) = chosen {
                let badge = Badge::new(Tone::Accent, label.clone());
                let back = (context.with("annuaire-widen", &[("label", label)]), Message::Trade(with(None)));
                chips.push(ui::chip(look, &badge, None, Some(back)));
                return;
            }
            for label in offered {
                let narrowed = Message::Trade(with(Some(label.to_owned())));
                chips.push(ui::chip(look, &Badge::new(Tone::Neutral, label), Some(narrowed), None));
            }
        };
        let professions = choices(people, |person| vec![person.profession.as_str()]);
        let is_one_trade = professions.is_empty();
        // a specialty belongs to its profession: both go together
        offer(profession, professions, &|profession| Trade { profession, specialty: None });
        let specialties = match is_one_trade {
            true => choices(people, |person| person.specialties.iter().map(String::as_str).collect()),
            false => Vec::new(),
        };
        offer(specialty, specialties, &|specialty| Trade { profession: profession.clone(), specialty });
        let is_needed = !chips.is_empty();
        let chips = row(chips).spacing(space::XS).wrap().vertical_spacing(space::XS);
        is_needed.then(|| chips.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(profession: &str, specialties: &[&str]) -> Person {
        Person {
            profession: profession.to_owned(),
            specialties: specialties.iter().map(|s| (*s).to_owned()).collect(),
            ..Person::default()
        }
    }

    #[test]
    fn what_most_people_are_is_offered_first_and_a_sole_choice_is_none() {
        let people = [
            person("Pharmacien", &[]),
            person("Médecin", &["Cardiologie"]),
            person("Médecin", &["Néphrologie"]),
        ];
        let professions = |people| choices(people, |person: &Person| vec![person.profession.as_str()]);
        assert_eq!(professions(&people), ["Médecin", "Pharmacien"]);
        assert_eq!(professions(&people[1..]), Vec::<&str>::new());
        assert_eq!(professions(&[person("", &[]), person("Médecin", &[])]), Vec::<&str>::new());
    }
}
