//! The archive in words.

use super::{Sentence, Wording};
use crate::domain::UnixTime;
use crate::engine::{ArchiveStatus, Rhythm};

impl Wording {
    /// What an archive holds and what it does not, a line each.
    pub fn archive(&self, status: &ArchiveStatus, now: UnixTime) -> Vec<String> {
        let place = status.place.display().to_string();
        let rhythm = self.text(match status.rhythm {
            Rhythm::Never => "archive-rhythm-never",
            Rhythm::Daily => "archive-rhythm-daily",
            Rhythm::Weekly => "archive-rhythm-weekly",
        });
        let mut lines = vec![self.with("archive-place", &[("place", &place), ("rhythm", &rhythm)])];
        lines.push(match status.verified {
            Some(at) => {
                let (moment, size) = (self.moment(at, now), self.size(status.bytes));
                let count = self.count(status.messages);
                let values = [("moment", moment.as_str()), ("count", &count), ("size", &size)];
                self.with("archive-verified", &values)
            }
            None => self.text("archive-never-verified"),
        });
        for (key, count) in [("archive-waiting", status.waiting), ("archive-not-here", status.not_here)] {
            if count > 0 {
                lines.push(self.with(key, &[("count", &count.to_string())]));
            }
        }
        lines
    }

    /// What is wrong with an archive and what to do; `None` when nothing is.
    pub fn archive_warning(&self, status: &ArchiveStatus) -> Option<Sentence> {
        if let Some(code) = &status.trouble {
            return Some(self.code(code, &[("segment", "…")]));
        }
        let values = [("count", status.due.to_string())];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        (status.retention > 0 && status.due > 0).then(|| self.code("archive-due", &values))
    }
}
