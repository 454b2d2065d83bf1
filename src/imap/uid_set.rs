//! Sets of UIDs as commands and answers write them.

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
}
