//! What servers say unasked, kept in bounded memory until someone reads it.

use super::Unsolicited;

/// The list. When it is full it becomes one [`Unsolicited::Overflow`], so that a reader knows something is missing.
pub(super) struct Pending {
    list: Vec<Unsolicited>,
    weight: usize,
    most: usize,
}

impl Pending {
    pub(super) fn new(most: usize) -> Self {
        Self { list: Vec::new(), weight: 0, most }
    }

    pub(super) fn push(&mut self, event: Unsolicited) {
        if self.list.first() == Some(&Unsolicited::Overflow) {
            return;
        }
        if let (Unsolicited::Exists(_), Some(Unsolicited::Exists(_))) = (&event, self.list.last()) {
            self.list.pop();
            self.weight -= 1;
        }
        self.weight += weight(&event);
        self.list.push(event);
        if self.weight > self.most {
            self.list = vec![Unsolicited::Overflow];
        }
    }

    pub(super) fn take(&mut self) -> Vec<Unsolicited> {
        self.weight = 0;
        std::mem::take(&mut self.list)
    }

    /// Something about the messages of the folder is waiting.
    pub(super) fn has_change(&self) -> bool {
        self.list.iter().any(|event| !matches!(event, Unsolicited::Alert(_)))
    }
}

/// How many small values an event holds.
fn weight(event: &Unsolicited) -> usize {
    match event {
        Unsolicited::Vanished(ranges) => 1 + ranges.len(),
        Unsolicited::Flags { flags, .. } => 1 + flags.keywords.len(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_bound_the_reader_learns_that_something_is_missing() {
        let mut pending = Pending::new(3);
        (1..=3).for_each(|n| pending.push(Unsolicited::Expunged(n)));
        assert_eq!(pending.take().len(), 3);
        (1..=100).for_each(|n| pending.push(Unsolicited::Expunged(n)));
        assert_eq!(pending.take(), [Unsolicited::Overflow]);
        assert_eq!(pending.take(), []);
    }

    #[test]
    fn only_the_last_count_of_a_run_matters() {
        let mut pending = Pending::new(3);
        (1..=100).for_each(|n| pending.push(Unsolicited::Exists(n)));
        assert_eq!(pending.take(), [Unsolicited::Exists(100)]);
    }
}
