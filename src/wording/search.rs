//! Counts beside the results of a search, in words.

use super::Wording;
use crate::domain::UnixTime;
use crate::domain::search::{Count, Facets, Topic};

/// A patient by name alone where no other one of the list has it: there is little room.
fn short(one: &Count, all: &[Count]) -> Count {
    let name = |count: &Count| without_date(&count.label).to_owned();
    let is_alone = all.iter().filter(|other| name(other) == name(one)).count() == 1;
    let label = if is_alone { name(one) } else { one.label.clone() };
    Count { label, ..one.clone() }
}

fn without_date(label: &str) -> &str {
    match label.rsplit_once(' ') {
        Some((name, date)) if date.contains('/') && date.starts_with(|c: char| c.is_ascii_digit()) => name,
        _ => label,
    }
}

/// A group of counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetGroup {
    /// Its name.
    pub title: String,
    /// What can be asked for, with its count; at least one.
    pub counts: Vec<Count>,
}

impl Wording {
    /// What a message is about.
    pub fn topic(&self, topic: Topic) -> String {
        self.text(&format!("topic-{}", topic.word()))
    }

    /// The counts by group, empty ones left out.
    pub fn facets(&self, facets: &Facets) -> Vec<FacetGroup> {
        let one =
            |operator: &str, label: String, count: u32| Count { operator: operator.to_owned(), label, count };
        let state = vec![
            one("non-lu", self.text("facet-unread"), facets.unread),
            one("anormal", self.text("facet-abnormal"), facets.abnormal),
            one("avec:pj", self.text("facet-attachment"), facets.attachments),
        ];
        let topics = facets.topics.iter().map(|(topic, n)| one(topic.operator(), self.topic(*topic), *n));
        let ages = facets.ages.iter().map(|age| {
            let label = self.with("facet-days", &[("count", &age.days.to_string())]);
            one(&format!("après:{}", self.typed_day(age.since)), label, age.count)
        });
        let groups = [
            ("facet-state", state),
            ("facet-topic", topics.collect()),
            ("facet-patient", facets.patients.iter().map(|one| short(one, &facets.patients)).collect()),
            ("facet-sender", facets.senders.iter().map(spelled).collect()),
            ("facet-date", ages.collect()),
        ];
        let group = |(title, mut counts): (&str, Vec<Count>)| {
            counts.retain(|count| count.count > 0);
            (!counts.is_empty()).then(|| FacetGroup { title: self.text(title), counts })
        };
        groups.into_iter().filter_map(group).collect()
    }

    /// A day as the search reads it back.
    fn typed_day(&self, time: UnixTime) -> String {
        let at = jiff::Timestamp::from_second(time).unwrap_or_default().to_zoned(self.zone.clone());
        at.strftime("%d/%m/%Y").to_string()
    }
}

/// MSSanté writes names with underscores between their parts (ECO.2.1, `Dr_Marie_MARTIN_Cabinet`).
fn spelled(one: &Count) -> Count {
    Count { label: one.label.replace('_', " "), ..one.clone() }
}
