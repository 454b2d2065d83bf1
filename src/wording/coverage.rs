//! What is not here, and how full the mailbox on the server is, in words.

use super::{Sentence, Wording};
use crate::domain::tally::{Fullness, Missing, Quota};
use crate::engine::Gap;

impl Wording {
    /// Why the content of some messages is not here, reasons separated by commas; empty when all of it is.
    pub fn missing(&self, missing: &Missing) -> String {
        let size = self.size(missing.large_bytes);
        [
            ("missing-coming", missing.coming),
            ("missing-large", missing.large),
            ("missing-failed", missing.failed),
            ("missing-too-large", missing.too_large),
            ("missing-unindexed", missing.unindexed),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| self.with(key, &[("count", &count.to_string()), ("size", &size)]))
        .collect::<Vec<_>>()
        .join(", ")
    }

    /// What a search did not see, a line each account; accounts are named when the user has `several`.
    pub fn gaps(&self, gaps: &[Gap], several: bool) -> Vec<String> {
        let line = |gap: &Gap| {
            let missing = self.missing(&gap.missing);
            let values = [("address", gap.address.as_str()), ("missing", &missing)];
            self.with(if several { "missing-searched-of" } else { "missing-searched" }, &values)
        };
        gaps.iter().map(line).collect()
    }

    /// How full a mailbox is: `1,9 Go sur 2,0 Go (95 %)`.
    pub fn quota(&self, quota: &Quota) -> String {
        let (used, allowed) = (self.size(quota.used), self.size(quota.allowed));
        self.with(
            "quota-used",
            &[("used", &used), ("allowed", &allowed), ("percent", &quota.percent().to_string())],
        )
    }

    /// The warning of a mailbox that fills, with what to do; `None` while there is room.
    pub fn quota_warning(&self, quota: &Quota) -> Option<Sentence> {
        let code = match quota.fullness() {
            Fullness::Roomy => return None,
            Fullness::Filling => "quota-80",
            Fullness::NearlyFull => "quota-90",
            Fullness::Full => "quota-full",
        };
        Some(self.code(code, &[("percent", &quota.percent().to_string())]))
    }
}
