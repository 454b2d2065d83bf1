//! The one place that reads the clock.

use crate::domain::UnixTime;

/// Now.
pub(super) fn now() -> UnixTime {
    jiff::Timestamp::now().as_second()
}

/// Minutes east of UTC here and now, for the Date header.
pub(super) fn utc_offset_minutes() -> i32 {
    jiff::Zoned::now().offset().seconds() / 60
}

/// The year here and now.
pub(super) fn year() -> i16 {
    jiff::Zoned::now().year()
}
