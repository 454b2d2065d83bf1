//! Counts beside the results of a search, in words.

use super::Wording;
use crate::domain::UnixTime;
use crate::domain::search::{Count, Facets, Topic};

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
            ("facet-patient", facets.patients.clone()),
            ("facet-sender", facets.senders.clone()),
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
