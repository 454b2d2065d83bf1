//! Counts of this side beside those of the server, and what is missing here.

use serde::{Deserialize, Serialize};

use super::UnixTime;

/// Counts of a folder at the moment it was last compared with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Messages on the server.
    pub server_total: u32,
    /// Of these, without `\Seen`, when the server told.
    pub server_unread: Option<u32>,
    /// Messages here, as the server has to see them: without the local changes it had not got yet.
    pub here_total: u32,
    /// Of these, without `\Seen`.
    pub here_unread: u32,
    /// When.
    pub at: UnixTime,
}

impl Tally {
    /// Both sides counted the same.
    pub fn agrees(&self) -> bool {
        self.server_total == self.here_total && self.server_unread.is_none_or(|n| n == self.here_unread)
    }
}

/// How full a mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fullness {
    /// Room enough.
    Roomy,
    /// From 80 %: time to make room.
    Filling,
    /// From 90 %: messages will soon be refused.
    NearlyFull,
    /// Nothing can be received, and on many servers nothing sent.
    Full,
}

/// Storage of an account on its server (RFC 9208), in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// In use.
    pub used: u64,
    /// Allowed.
    pub allowed: u64,
    /// When the server told.
    pub at: UnixTime,
}

impl Quota {
    /// Per cent in use, rounded down; above 100 when the server lets it overflow.
    pub fn percent(&self) -> u64 {
        match self.allowed {
            0 => 100,
            allowed => u64::try_from(u128::from(self.used) * 100 / u128::from(allowed)).unwrap_or(u64::MAX),
        }
    }

    /// How full that is.
    pub fn fullness(&self) -> Fullness {
        match self.percent() {
            0..80 => Fullness::Roomy,
            80..90 => Fullness::Filling,
            90..100 => Fullness::NearlyFull,
            _ => Fullness::Full,
        }
    }
}

/// Messages of an account of which a search knows the headers only: their content is not here, or was not read yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// On their way: they come by themselves, or were asked for.
    pub coming: u64,
    /// Larger than what is fetched unasked: they wait until somebody asks for them.
    pub large: u64,
    /// Bytes of these.
    pub large_bytes: u64,
    /// Larger than anything this program takes.
    pub too_large: u64,
    /// They ended the connection again and again, and are left alone until the next session.
    pub failed: u64,
    /// Here, but not read for the search by this version of the program yet.
    #[serde(default)]
    pub unindexed: u64,
}

impl Missing {
    /// All whose content is not here.
    pub fn total(&self) -> u64 {
        self.coming + self.large + self.too_large + self.failed
    }

    /// Those that are not here although nobody chose it, and that neither waiting nor asking brings in this session.
    pub fn at_fault(&self) -> u64 {
        self.too_large + self.failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_or_waits_to_be_asked_for_is_missing_without_fault() {
        let missing = Missing { coming: 3, large: 2, large_bytes: 20_000_000, ..Missing::default() };
        assert_eq!((missing.total(), missing.at_fault()), (5, 0));
        for faulty in [Missing { failed: 1, ..missing }, Missing { too_large: 1, ..missing }] {
            assert_eq!((faulty.total(), faulty.at_fault()), (6, 1), "{faulty:?}");
        }
    }

    #[test]
    fn a_mailbox_fills_by_steps_a_person_is_warned_at() {
        let quota = |used, allowed| Quota { used, allowed, at: 0 };
        for (used, allowed, percent, fullness) in [
            (0, 1_000, 0, Fullness::Roomy),
            (799, 1_000, 79, Fullness::Roomy),
            (800, 1_000, 80, Fullness::Filling),
            (900, 1_000, 90, Fullness::NearlyFull),
            (999, 1_000, 99, Fullness::NearlyFull),
            (1_000, 1_000, 100, Fullness::Full),
            (2_000, 1_000, 200, Fullness::Full),
            (0, 0, 100, Fullness::Full),
            (u64::MAX, u64::MAX, 100, Fullness::Full),
        ] {
            let quota = quota(used, allowed);
            assert_eq!((quota.percent(), quota.fullness()), (percent, fullness), "{used} of {allowed}");
        }
    }

    #[test]
    fn counts_agree_only_where_the_server_said_the_same() {
        let tally = Tally { server_total: 3, server_unread: None, here_total: 3, here_unread: 1, at: 0 };
        assert!(tally.agrees());
        assert!(Tally { server_unread: Some(1), ..tally }.agrees());
        assert!(!Tally { server_unread: Some(2), ..tally }.agrees());
        assert!(!Tally { server_total: 4, ..tally }.agrees());
    }
}
