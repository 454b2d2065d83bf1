//! What servers say unasked, kept in bounded memory until someone reads it.

use std::collections::BTreeSet;

use super::{ChangedFolders, RemoteName, Unsolicited};

/// The list. When it is full it becomes one [`Unsolicited::Overflow`], so that a reader knows something is missing.
pub(super) struct Pending {
    list: Vec<Unsolicited>,
    weight: usize,
    most: usize,
    folders: Folders,
}

/// Folders told to have changed, and how much their names take.
#[derive(Default)]
struct Folders {
    names: BTreeSet<Vec<u8>>,
    bytes: usize,
    overflow: bool,
}

/// Bytes of a name or keyword that count as one small value.
const NAME: usize = 64;

impl Pending {
    pub(super) fn new(most: usize) -> Self {
        Self { list: Vec::new(), weight: 0, most, folders: Folders::default() }
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

    /// A folder that is not the selected one changed.
    pub(super) fn push_folder(&mut self, name: Vec<u8>) {
        if self.folders.overflow || self.folders.names.contains(&name) {
            return;
        }
        self.folders.bytes += name.len();
        self.folders.names.insert(name);
        if self.folders.names.len() + self.folders.bytes / NAME > self.most {
            self.overflow_folders();
        }
    }

    /// More folders changed than are told.
    pub(super) fn overflow_folders(&mut self) {
        self.folders = Folders { overflow: true, ..Folders::default() };
    }

    pub(super) fn take_folders(&mut self) -> ChangedFolders {
        let folders = std::mem::take(&mut self.folders);
        if folders.overflow {
            return ChangedFolders::TooMany;
        }
        ChangedFolders::These(folders.names.into_iter().map(RemoteName).collect())
    }

    /// Something about the messages of the selected folder, or about another folder, is waiting.
    pub(super) fn has_change(&self) -> bool {
        self.folders.overflow
            || !self.folders.names.is_empty()
            || self.list.iter().any(|event| !matches!(event, Unsolicited::Alert(_)))
    }
}

/// How many small values an event holds.
fn weight(event: &Unsolicited) -> usize {
    match event {
        Unsolicited::Vanished(ranges) => 1 + ranges.len(),
        Unsolicited::Flags { flags, .. } => {
            1 + flags.keywords.iter().map(|keyword| 1 + keyword.len() / NAME).sum::<usize>()
        }
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
    fn folders_are_told_once_each_and_too_many_of_them_as_such() {
        let mut pending = Pending::new(10);
        assert!(!pending.has_change());
        (0..100).for_each(|_| pending.push_folder(b"Labo".to_vec()));
        assert!(pending.has_change());
        assert_eq!(pending.take_folders(), ChangedFolders::These(vec![RemoteName(b"Labo".to_vec())]));
        assert!(!pending.has_change());
        (0..100_u8).for_each(|n| pending.push_folder(vec![n]));
        assert_eq!(pending.take_folders(), ChangedFolders::TooMany);
        pending.push_folder(vec![b'x'; 10_000]);
        assert_eq!(pending.take_folders(), ChangedFolders::TooMany, "one name as long as many");
        assert_eq!(pending.take_folders(), ChangedFolders::These(vec![]));
    }

    #[test]
    fn only_the_last_count_of_a_run_matters() {
        let mut pending = Pending::new(3);
        (1..=100).for_each(|n| pending.push(Unsolicited::Exists(n)));
        assert_eq!(pending.take(), [Unsolicited::Exists(100)]);
    }
}
