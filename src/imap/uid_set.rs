//! Sets of UIDs as commands and answers write them.

use std::fmt::Write as _;

use super::Error;
use crate::domain::id::Uid;

/// A run of UIDs, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UidRange {
    /// First.
    pub first: Uid,
    /// Last; `None` means whatever the last message is (`*`).
    pub last: Option<Uid>,
}

impl UidRange {
    /// Every message.
    pub const ALL: Self = Self { first: Uid(1), last: None };

    /// The UID lies in the run.
    pub fn contains(&self, uid: Uid) -> bool {
        self.first <= uid && self.last.is_none_or(|last| uid <= last)
    }

    /// Reads `1:5,7,12:9`; `*` is refused, since answers never hold it.
    pub(super) fn parse_set(text: &[u8]) -> Option<Vec<Self>> {
        let number = |n: &str| n.parse().ok().filter(|n| *n > 0).map(Uid);
        std::str::from_utf8(text.trim_ascii())
            .ok()?
            .split(',')
            .map(|run| {
                let (a, b) = run.split_once(':').unwrap_or((run, run));
                let (a, b) = (number(a)?, number(b)?);
                Some(Self { first: a.min(b), last: Some(a.max(b)) })
            })
            .collect()
    }

    /// Appends every UID of the run to `found`, at most `most` in all.
    pub(super) fn expand(&self, most: usize, found: &mut Vec<Uid>) -> Result<(), Error> {
        let last = self.last.unwrap_or(self.first);
        let count = u64::from(last.0).saturating_sub(u64::from(self.first.0)) + 1;
        if count > most.saturating_sub(found.len()) as u64 {
            return Err(Error::TooLarge { what: "set of UIDs" });
        }
        found.extend((self.first.0..=last.0).map(Uid));
        Ok(())
    }

    /// As commands write it.
    pub(super) fn to_set(self) -> String {
        match self.last {
            Some(last) if last == self.first => self.first.to_string(),
            Some(last) => format!("{}:{last}", self.first),
            None => format!("{}:*", self.first),
        }
    }
}

/// Sets naming exactly `uids`, runs joined, cut so that a command stays under the 8192 bytes every server takes
/// (RFC 7162 §4).
pub(super) fn sets(uids: &[Uid]) -> Vec<String> {
    const LONGEST: usize = 7_000;
    let mut sorted = uids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut sets = Vec::new();
    let mut set = String::new();
    let follows = |a: &Uid, b: &Uid| a.0.checked_add(1) == Some(b.0);
    for run in sorted.chunk_by(follows) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if set.len() > LONGEST {
            sets.push(std::mem::take(&mut set));
        }
        let comma = if set.is_empty() { "" } else { "," };
        // writing to a String does not fail
        let _ = write!(set, "{comma}{}", UidRange { first: *first, last: Some(*last) }.to_set());
    }
    if !set.is_empty() {
        sets.push(set);
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_join_runs_and_stay_short() {
        let of = |uids: &[u32]| sets(&uids.iter().map(|u| Uid(*u)).collect::<Vec<_>>());
        assert_eq!(of(&[]), Vec::<String>::new());
        assert_eq!(of(&[5, 3, 4, 9, 4, u32::MAX]), ["3:5,9,4294967295"]);
        let sparse: Vec<u32> = (1..20_000).map(|n| n * 2).collect();
        let many = of(&sparse);
        assert!(many.iter().all(|s| s.len() < 8_000));
        let back: Vec<u32> =
            many.iter().flat_map(|s| UidRange::parse_set(s.as_bytes()).unwrap()).map(|r| r.first.0).collect();
        assert_eq!(back, sparse);
    }

    #[test]
    fn unreadable_sets_are_refused() {
        for bad in ["", "0", "1:", ":1", "1,,2", "*", "1:*", "a", "1 2", "4294967296"] {
            assert_eq!(UidRange::parse_set(bad.as_bytes()), None, "{bad}");
        }
    }
}
