//! Readers of responses: pure functions over bytes, linear, without recursion, lenient where servers differ.

mod cursor;
mod fetch;
mod line;
mod list;
mod quota;
mod search;
mod status;

pub(super) use cursor::Cursor;
pub(super) use fetch::{Fetched, fetch};
pub(super) use line::{Code, Line, Outcome, StatusLine, line, status_line};
pub(super) use list::{Listed, Space, list, my_rights, namespaces};
pub(super) use quota::quota;
pub(super) use search::search;
pub(super) use status::{Counted, object_id, status};

#[cfg(test)]
mod fuzz;
#[cfg(test)]
pub(super) use fuzz::{PIECES, Random};
